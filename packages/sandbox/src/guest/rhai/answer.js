// What a Rhai script gives back (docs: results of HTTP runs), as status, header block and body.
(function (core) {
  "use strict";
  const rt = core.rhaiRuntime;
  const { Arr, Blob, Char, Dict, Float, FnPtr, toText } = rt;
  const JSON_HEAD = "content-type: application/json\r\n",
    TEXT_HEAD = "content-type: text/plain; charset=utf-8\r\n",
    BYTES_HEAD = "content-type: application/octet-stream\r\n";
  const bad = (message) => new core.PicloudError("bad_response", message, false);
  const isInt = (value) => typeof value === "number" || typeof value === "bigint";

  /** Exact JSON text: `4` and `4.0` differ, integers have all their 64 bits. */
  const jsonOf = (value, most) => {
    try {
      return rt.toJson(value, "result", most);
    } catch (error) {
      if (error instanceof rt.JsonTooLong)
        throw new core.PicloudError("size_limit", `the response is longer than ${most} bytes`, false);
      if (error instanceof rt.JsonError) throw bad(error.message);
      throw error;
    }
  };
  const response = (status, headerBlock, body, bodyIsBytes) => ({
    __proto__: null,
    status,
    headerBlock,
    body,
    bodyIsBytes,
  });
  const isResponseMap = ({ entries }) => {
    if (entries.size === 0 || entries.size > 3) return false;
    let isOne = false;
    for (const [key, value] of entries) {
      if (key === "headers" || key === "body") isOne = true;
      else if (key === "status") isOne ||= isInt(value);
      else return false;
    }
    return isOne;
  };
  const headerLine = (name, value) => {
    const isText =
      typeof value === "string" ||
      typeof value === "boolean" ||
      isInt(value) ||
      value instanceof Float ||
      value instanceof Char;
    if (!isText) throw bad(`the header ${core.json(name)} is no text`);
    const made = toText(value);
    // A line break would make two headers of one; the server refuses all else that is no header.
    if (/[\r\n]/.test(made) || /[:\r\n]/.test(name))
      throw bad(`the header ${core.json(name)} has a character that no header may have`);
    return `${name.toLowerCase()}: ${made}\r\n`;
  };
  const blockOf = (headers) => {
    if (headers === undefined) return "";
    if (!(headers instanceof Dict)) throw bad("headers of a response must be a map");
    let block = "";
    for (const [name, value] of headers.entries) {
      if (value === undefined) continue;
      if (value instanceof Arr) for (const item of value.items) block += headerLine(name, item);
      else block += headerLine(name, value);
    }
    return block;
  };
  const fromMap = ({ entries }, most) => {
    const status = entries.get("status") ?? 200,
      body = entries.get("body"),
      block = blockOf(entries.get("headers"));
    if (typeof status !== "number" || status < 200 || status > 599)
      throw bad("the status of a response must be an integer from 200 to 599");
    const hasType = `\r\n${block}`.includes("\r\ncontent-type:");
    const head = (usual) => (hasType ? block : usual + block);
    if (body === undefined) return response(status, block, "", false);
    if (typeof body === "string") return response(status, head(TEXT_HEAD), body, false);
    if (body instanceof Blob) return response(status, head(BYTES_HEAD), core.bytesText(body.bytes), true);
    return response(status, head(JSON_HEAD), jsonOf(body, most), false);
  };
  /** Throws what can't be an answer; the caller makes bad_response of it. */
  core.rhaiAnswer = (value, most) => {
    if (value instanceof Dict && isResponseMap(value)) return fromMap(value, most);
    if (value instanceof Blob) throw bad("a blob can't be an answer by itself: return #{ body: blob }");
    if (value instanceof FnPtr) throw bad("a function can't be an answer");
    return response(200, JSON_HEAD, jsonOf(value, most), false);
  };
});
