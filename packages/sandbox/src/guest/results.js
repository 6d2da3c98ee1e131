// What a handler may give back (docs: results of HTTP runs), as status, header block and body.
(function (core) {
  "use strict";
  const JSON_HEAD = "content-type: application/json\r\n",
    TEXT_HEAD = "content-type: text/plain; charset=utf-8\r\n",
    BYTES_HEAD = "content-type: application/octet-stream\r\n";
  const { text, json } = core,
    stringify = JSON.stringify,
    isArray = Array.isArray,
    keysOf = Object.keys,
    isInteger = Number.isInteger,
    NativeTypeError = TypeError;
  const isView = ArrayBuffer.isView,
    lower = core.uncurry(String.prototype.toLowerCase),
    chr = String.fromCharCode,
    Bytes = Uint8Array,
    Buffers = ArrayBuffer;
  const apply = core.apply,
    subarray = core.uncurry(Bytes.prototype.subarray);
  const typedProto = Object.getPrototypeOf(Bytes.prototype),
    getter = (name) => core.uncurry(Object.getOwnPropertyDescriptor(typedProto, name).get);
  const bufferOf = getter("buffer"),
    offsetOf = getter("byteOffset"),
    lengthOf = getter("byteLength");
  const viewGetter = (name) => core.uncurry(Object.getOwnPropertyDescriptor(DataView.prototype, name).get);
  const viewBuffer = viewGetter("buffer"),
    viewOffset = viewGetter("byteOffset"),
    viewLength = viewGetter("byteLength");
  const bufferLength = core.uncurry(Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get);

  const response = (status, headerBlock, body, bodyIsBytes) => ({
    __proto__: null,
    status,
    headerBlock,
    body,
    bodyIsBytes,
  });
  const jsonOf = (value) => {
    let json;
    try {
      json = stringify(value);
    } catch (error) {
      // A bigint is written as an integer; that needs the slower way.
      json = core.encodeValue(value, "result");
      if (json === undefined) throw error;
    }
    if (json === undefined) throw new NativeTypeError(`a ${typeof value} can't be an answer`);
    return json;
  };
  /** Bytes of a view or buffer as text with one char per byte; undefined for anything else. */
  const bytesText = (value) => {
    let bytes;
    if (isView(value)) {
      try {
        bytes = new Bytes(bufferOf(value), offsetOf(value), lengthOf(value));
      } catch {
        bytes = new Bytes(viewBuffer(value), viewOffset(value), viewLength(value));
      }
    } else {
      try {
        bufferLength(value);
        bytes = new Bytes(value);
      } catch {
        return undefined;
      }
    }
    let made = "";
    for (let i = 0, n = lengthOf(bytes); i < n; i += 8192)
      made += apply(chr, undefined, subarray(bytes, i, i + 8192));
    return made;
  };
  core.bytesText = bytesText;
  const find = core.uncurry(String.prototype.indexOf);
  const headerText = (name, value) => {
    const key = lower(text(name)),
      made = text(value);
    // A line break would make two headers of one; the server refuses all else that is no header.
    if (find(made, "\r") >= 0 || find(made, "\n") >= 0 || find(key, ":") >= 0 || find(key, "\n") >= 0)
      throw new NativeTypeError(`the header ${json(key)} has a character that no header may have`);
    return `${key}: ${made}\r\n`;
  };
  const blockOf = (headers) => {
    if (headers === undefined || headers === null) return "";
    if (typeof headers !== "object") throw new NativeTypeError("headers of a response must be an object");
    const hook = core.get("$headerBlock");
    if (hook !== undefined && (isArray(headers) || typeof headers.entries === "function"))
      return hook(headers);
    let block = "";
    const names = keysOf(headers);
    for (let i = 0; i < names.length; i++) {
      const value = headers[names[i]];
      if (value === undefined || value === null) continue;
      if (isArray(value)) for (let j = 0; j < value.length; j++) block += headerText(names[i], value[j]);
      else if (typeof value === "object" || typeof value === "function" || typeof value === "symbol")
        throw new NativeTypeError(`header ${names[i]} is no text`);
      else block += headerText(names[i], value);
    }
    return block;
  };
  const hasType = (headers) => {
    const names = typeof headers === "object" && headers !== null ? keysOf(headers) : [];
    for (let i = 0; i < names.length; i++) if (lower(names[i]) === "content-type") return true;
    return false;
  };
  const isResponseMap = (value) => {
    const keys = keysOf(value),
      n = keys.length;
    if (n === 0 || n > 3) return false;
    let isOne = false;
    for (let i = 0; i < n; i++) {
      const key = keys[i];
      if (key === "headers" || key === "body") isOne = true;
      else if (key === "status") isOne ||= isInteger(value.status);
      else return false;
    }
    return isOne;
  };
  const fromMap = (value) => {
    const status = value.status ?? 200,
      headers = value.headers,
      body = value.body,
      block = blockOf(headers);
    if (!isInteger(status) || status < 200 || status > 599)
      throw new NativeTypeError("the status of a response must be an integer from 200 to 599");
    const typed =
      hasType(headers) ||
      (block !== "" &&
        core.get("$headerBlock") !== undefined &&
        !(keysOf(headers).length > 0) &&
        core.blockHasType(block));
    const head = (usual) => (typed ? block : usual + block);
    if (body === undefined || body === null) return response(status, block, "", false);
    if (typeof body === "string") return response(status, head(TEXT_HEAD), body, false);
    const bytes = typeof body === "object" ? bytesText(body) : undefined;
    return bytes === undefined
      ? response(status, head(JSON_HEAD), jsonOf(body), false)
      : response(status, head(BYTES_HEAD), bytes, true);
  };
  core.blockHasType = (block) => find(`\r\n${block}`, "\r\ncontent-type:") >= 0;
  /** Throws what can't be an answer; the caller makes bad_response of it. */
  core.toResponse = (value) => {
    if (value === undefined || value === null) return response(200, JSON_HEAD, "null", false);
    if (typeof value === "object") {
      const parts = core.get("$responseParts"),
        made = parts === undefined ? undefined : parts(value);
      if (made !== undefined) return made;
      if (!isArray(value)) {
        if (isView(value))
          throw new NativeTypeError(
            "bytes can't be an answer by themselves: return new Response(bytes) or { body: bytes }",
          );
        if (isResponseMap(value)) return fromMap(value);
      }
    }
    return response(200, JSON_HEAD, jsonOf(value), false);
  };
});
