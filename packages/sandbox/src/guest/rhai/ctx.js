// `ctx` as a Rhai map: snake_case, the request with its parsed body and its exact bytes, or the event.
(function (core) {
  "use strict";
  const rt = core.rhaiRuntime;
  const { Arr, Blob, Dict, Timestamp } = rt;
  /** Members of the context that stand in `ctx.request`. */
  const OF_REQUEST = ["params", "route", "remote_addr"];

  const utf8 = () => core.get("$utf8");
  const bytesOf = (text, isBytes) => {
    if (!isBytes) return utf8().encode(text);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  };
  /** Percent-decoded like a form field; what is no UTF-8 becomes U+FFFD. */
  const decoded = (field) => {
    const text = field.replaceAll("+", " ");
    if (!text.includes("%")) return text;
    try {
      return decodeURIComponent(text);
    } catch {
      const bytes = utf8().encode(text);
      let n = 0;
      for (let i = 0; i < bytes.length; i++) {
        const pair = String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0);
        const isEscape = bytes[i] === 37 && /^[0-9A-Fa-f]{2}$/.test(pair);
        bytes[n++] = isEscape ? Number.parseInt(pair, 16) : bytes[i];
        if (isEscape) i += 2;
      }
      return utf8().decode(bytes.subarray(0, n));
    }
  };
  const queryOf = (text) => {
    const last = new Map(),
      all = new Map();
    for (const pair of text.split("&")) {
      if (pair === "") continue;
      const at = pair.indexOf("="),
        name = decoded(at < 0 ? pair : pair.slice(0, at)),
        value = at < 0 ? "" : decoded(pair.slice(at + 1));
      last.set(name, value);
      const values = all.get(name);
      if (values === undefined) all.set(name, new Arr([value]));
      else values.items.push(value);
    }
    return [new Dict(last), new Dict(all)];
  };
  /** Names in lower case, repeats joined. `text`: "name\0value\0" repeated, as received. */
  const headersOf = (text) => {
    const headers = new Map(),
      list = text.split("\0");
    for (let i = 0; i + 1 < list.length; i += 2) {
      const name = list[i].toLowerCase(),
        value = list[i + 1].trim(),
        old = headers.get(name);
      headers.set(name, old === undefined ? value : `${old}, ${value}`);
    }
    return headers;
  };
  const bodyOf = (body, isBytes, contentType, raw) => {
    if (body === "") return undefined;
    const type = contentType.split(";", 1)[0].trim().toLowerCase();
    if (type === "application/json" || /^[^/]+\/.+\+json$/.test(type)) {
      if (isBytes) throw new rt.JsonError("it is not UTF-8");
      return rt.fromJson(body);
    }
    const isText =
      type.startsWith("text/") ||
      type === "application/x-www-form-urlencoded" ||
      type === "multipart/form-data";
    if (isText) return isBytes ? utf8().decode(raw) : body;
    return new Blob(raw, true);
  };

  const requestOf = ([, , method, url, headerText, body], isBytes, given) => {
    const request = new Map();
    const from = url.indexOf("/", url.indexOf("//") + 2),
      mark = url.indexOf("?");
    const path = from < 0 ? "/" : url.slice(from, mark < 0 ? undefined : mark);
    const [query, queryAll] = queryOf(mark < 0 ? "" : url.slice(mark + 1));
    const headers = headersOf(headerText);
    const raw = bytesOf(body, isBytes);
    request.set("method", method);
    request.set("path", path);
    request.set("query", query);
    request.set("query_all", queryAll);
    request.set("headers", new Dict(headers));
    request.set("body_raw", new Blob(raw, true));
    for (const name of OF_REQUEST) {
      const value = given.get(name);
      if (value === undefined) continue;
      request.set(name, value);
    }
    if (!request.has("params")) request.set("params", new Dict(new Map()));
    try {
      request.set("body", bodyOf(body, isBytes, headers.get("content-type") ?? "", raw));
    } catch (error) {
      if (!(error instanceof rt.JsonError)) throw error;
      throw new core.PicloudError("malformed_request", `The body is not JSON: ${error.message}.`, false);
    }
    return new Dict(request);
  };
  /** The value of the variable `ctx`. `parts`: seed, ctx JSON, method, url, headers, body or event. Throws what makes the
   *  request a malformed one. */
  core.rhaiCtx = (run, parts, isBytes) => {
    const { entries } = rt.fromJson(run.ctxText);
    // On the clock of `timestamp()`, which stands still inside an entry as every clock does.
    entries.set("deadline", new Timestamp(entries.get("deadline") - core.now() + performance.now()));
    if (run.isEvent) entries.set("event", rt.fromJson(parts[3]));
    else entries.set("request", requestOf(["", "", ...parts], isBytes, entries));
    for (const name of OF_REQUEST) entries.delete(name);
    return new Dict(entries);
  };
});
