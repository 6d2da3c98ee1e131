// Request and Response (Fetch standard §5.4, §5.5). What a script does not touch is neither parsed nor made.
(function (rt) {
  "use strict";
  const lists = rt.get("$headerLists"),
    { NONE, TEXT, BYTES, BINARY, extract, binaryText, bytesFrom, textFrom, unavailable } = rt.get("$bodies");
  const MAKE = { __proto__: null };
  const str = (value) => {
    if (typeof value === "symbol") throw new TypeError("a symbol is no text");
    return `${value}`;
  };
  const TEXT_BLOCK = "content-type: text/plain;charset=UTF-8\r\n",
    JSON_BLOCK = "content-type: application/json\r\n";
  const hidden = (value) => ({
    __proto__: null,
    value,
    writable: false,
    enumerable: false,
    configurable: true,
  });

  const dictionary = (init, what) => {
    if (init === undefined || init === null) return undefined;
    if (typeof init !== "object" && typeof init !== "function")
      throw new TypeError(what + ": the second argument is not an object");
    return init;
  };

  let requestFrom, responseParts, isRequest;

  class Response {
    #status = 200;
    #statusText = "";
    #type = "default";
    #used = false;
    #kind = NONE;
    #data = null;
    #isFixed = false;
    // Until the headers are touched they are `#block`; then they are `#list`, and `#headers` once an object was asked for.
    #block = "";
    #list = null;
    #headers = null;
    constructor(body = null, init = undefined) {
      if (body === MAKE) return;
      const options = dictionary(init, "Response");
      if (options !== undefined) this.#setUp(options);
      if (body === null || body === undefined) return;
      if (this.#status === 204 || this.#status === 205 || this.#status === 304)
        throw new TypeError("Response: a response with status " + this.#status + " has no body");
      if (typeof body === "string" && body.isWellFormed()) {
        this.#kind = TEXT;
        this.#data = body;
        this.#typed(TEXT_BLOCK, "text/plain;charset=UTF-8");
        return;
      }
      const { kind, data, type } = extract(body);
      this.#kind = kind;
      this.#data = data;
      if (type !== null) this.#typed("content-type: " + type + "\r\n", type);
    }
    #setUp(options) {
      const { headers, status, statusText } = options;
      if (status !== undefined) {
        const number = typeof status === "number" && status === (status & 65535) ? status : integer(status);
        if (number < 200 || number > 599)
          throw new RangeError("Response: the status " + number + " is not from 200 to 599");
        this.#status = number;
      }
      if (statusText !== undefined) this.#statusText = reason(statusText);
      if (headers !== undefined) this.#list = lists.from(headers);
    }
    #typed(block, type) {
      if (this.#list === null) this.#block = block;
      else if (!lists.has(this.#list, "content-type")) this.#list.push("content-type", type);
    }
    #touch() {
      return (this.#list ??= this.#block === "" ? [] : ["content-type", this.#block.slice(14, -2)]);
    }
    #take() {
      if (this.#used) throw new TypeError("Response: the body was read already");
      if (this.#kind !== NONE) this.#used = true;
    }
    get type() {
      return this.#type;
    }
    get url() {
      this.#used;
      return "";
    }
    get redirected() {
      this.#used;
      return false;
    }
    get status() {
      return this.#status;
    }
    get ok() {
      return this.#status >= 200 && this.#status <= 299;
    }
    get statusText() {
      return this.#statusText;
    }
    get headers() {
      return (this.#headers ??= lists.over(this.#touch(), this.#isFixed));
    }
    get body() {
      if (this.#kind === NONE) return null;
      throw unavailable("Response.body");
    }
    get bodyUsed() {
      return this.#used;
    }
    async arrayBuffer() {
      this.#take();
      return bytesFrom(this.#kind, this.#data).buffer;
    }
    async bytes() {
      this.#take();
      return bytesFrom(this.#kind, this.#data);
    }
    async text() {
      this.#take();
      return textFrom(this.#kind, this.#data);
    }
    async json() {
      this.#take();
      return JSON.parse(textFrom(this.#kind, this.#data));
    }
    async blob() {
      this.#used;
      throw unavailable("Response.blob");
    }
    async formData() {
      this.#used;
      throw unavailable("Response.formData");
    }
    clone() {
      if (this.#used) throw new TypeError("Response.clone: the body was read already");
      const copy = new Response(MAKE);
      copy.#status = this.#status;
      copy.#statusText = this.#statusText;
      copy.#type = this.#type;
      copy.#kind = this.#kind;
      copy.#data = this.#data;
      copy.#block = this.#block;
      if (this.#list !== null) copy.#list = this.#list.slice();
      return copy;
    }
    static json(data, init = undefined) {
      const text = JSON.stringify(data);
      if (text === undefined) throw new TypeError("Response.json: the value can not be written as JSON");
      const made = new Response(MAKE),
        options = dictionary(init, "Response.json");
      if (options !== undefined) made.#setUp(options);
      if (made.#status === 204 || made.#status === 205 || made.#status === 304)
        throw new TypeError("Response.json: a response with status " + made.#status + " has no body");
      made.#kind = TEXT;
      made.#data = text;
      made.#typed(JSON_BLOCK, "application/json");
      return made;
    }
    static error() {
      const made = new Response(MAKE);
      made.#status = 0;
      made.#type = "error";
      made.#isFixed = true;
      return made;
    }
    static redirect(url, status = 302) {
      const URLs = rt.get("URL"),
        target = new URLs(url).href,
        number = integer(status);
      if (number !== 301 && number !== 302 && number !== 303 && number !== 307 && number !== 308)
        throw new RangeError("Response.redirect: " + number + " is no redirect status");
      const made = new Response(MAKE);
      made.#status = number;
      made.#list = ["location", target];
      made.#isFixed = true;
      return made;
    }
    static {
      responseParts = (value) => {
        if (typeof value !== "object" || value === null || !(#kind in value)) return undefined;
        if (value.#used) throw new TypeError("the body of the Response was read already");
        const kind = value.#kind,
          isBytes = kind === BYTES || kind === BINARY;
        return {
          __proto__: null,
          status: value.#status,
          headerBlock: value.#list === null ? value.#block : lists.block(value.#list),
          body: kind === NONE ? "" : kind === BYTES ? binaryText(value.#data) : value.#data,
          bodyIsBytes: isBytes,
        };
      };
    }
  }

  const integer = (value) => {
    const number = Math.trunc(+value);
    return number === number && number !== Infinity && number !== -Infinity
      ? ((number % 65536) + 65536) % 65536
      : 0;
  };
  const reason = (value) => {
    const text = str(value);
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c !== 9 && (c < 32 || c === 127 || c > 255)) throw new TypeError("Response: invalid statusText");
    }
    return text;
  };

  const upper = {
    __proto__: null,
    delete: "DELETE",
    get: "GET",
    head: "HEAD",
    options: "OPTIONS",
    post: "POST",
    put: "PUT",
  };
  const methodOf = (value) => {
    const text = str(value),
      lower = text.toLowerCase();
    for (let i = 0; i < text.length; i++)
      if (!isTokenCode(text.charCodeAt(i)))
        throw new TypeError("Request: invalid method " + JSON.stringify(text));
    if (text === "" || lower === "connect" || lower === "trace" || lower === "track")
      throw new TypeError("Request: invalid method " + JSON.stringify(text));
    return upper[lower] ?? text;
  };
  const isTokenCode = (c) => c > 32 && c < 127 && !'"(),/:;<=>?@[\\]{}'.includes(String.fromCharCode(c));

  class Request {
    #method = "GET";
    #url = "";
    #used = false;
    #kind = NONE;
    #data = null;
    #raw = null;
    #list = null;
    #headers = null;
    // The incoming request's signal is the run's: asked for when touched.
    #incoming = false;
    #getSignal = null;
    #signal = undefined;
    #options = null;
    constructor(input, init = undefined) {
      if (input === MAKE) return;
      if (arguments.length === 0) throw new TypeError("Request: 1 argument required, but only 0 given");
      const options = dictionary(init, "Request"),
        from = isRequest(input) ? input : undefined;
      if (from === undefined) {
        const url = new (rt.get("URL"))(input);
        if (url.username !== "" || url.password !== "")
          throw new TypeError("Request: the URL has credentials");
        this.#url = url.href;
      } else this.#copy(from);
      if (options !== undefined) this.#setUp(options, from);
      else if (from !== undefined) this.#takeBody(from);
    }
    #copy(from) {
      this.#method = from.#method;
      this.#url = from.#url;
      this.#raw = from.#raw;
      this.#options = from.#options;
      if (from.#list !== null) this.#list = from.#list.slice();
      this.#getSignal = from.#getSignal;
      this.#signal = from.#signal;
    }
    #takeBody(from) {
      if (from.#used) throw new TypeError("Request: the body of the given request was read already");
      this.#kind = from.#kind;
      this.#data = from.#data;
      if (from.#kind !== NONE) from.#used = true;
    }
    #setUp(options, from) {
      const { body, headers, method, signal } = options;
      if (method !== undefined) this.#method = methodOf(method);
      if (headers !== undefined) {
        this.#list = lists.from(headers);
        this.#headers = null;
      }
      if (signal !== undefined) {
        if (signal !== null && !rt.get("$isAbortSignal")(signal))
          throw new TypeError("Request: signal is not an AbortSignal");
        this.#signal = signal ?? undefined;
        this.#getSignal = null;
      }
      this.#options = readOptions(options, this.#options);
      const has = body !== undefined && body !== null;
      if (has && (this.#method === "GET" || this.#method === "HEAD"))
        throw new TypeError("Request: a " + this.#method + " request has no body");
      if (has) {
        const { kind, data, type } = extract(body);
        this.#kind = kind;
        this.#data = data;
        if (type !== null && !lists.has(this.#touch(), "content-type")) this.#list.push("content-type", type);
      } else if (from !== undefined && body !== null) {
        if (from.#kind !== NONE && (this.#method === "GET" || this.#method === "HEAD"))
          throw new TypeError("Request: a " + this.#method + " request has no body");
        this.#takeBody(from);
      }
    }
    #touch() {
      return (this.#list ??= this.#raw === null ? [] : lists.fromRaw(this.#raw));
    }
    #take() {
      if (this.#used) throw new TypeError("Request: the body was read already");
      if (this.#kind !== NONE) this.#used = true;
    }
    get method() {
      return this.#method;
    }
    get url() {
      return this.#url;
    }
    get headers() {
      return (this.#headers ??= lists.over(this.#touch(), false));
    }
    get body() {
      if (this.#kind === NONE) return null;
      throw unavailable("Request.body");
    }
    get bodyUsed() {
      return this.#used;
    }
    get signal() {
      return (this.#signal ??=
        this.#getSignal === null ? rt.get("$abortSignal")().signal : this.#getSignal());
    }
    get destination() {
      this.#used;
      return "";
    }
    get referrer() {
      return this.#options?.referrer ?? "about:client";
    }
    get referrerPolicy() {
      return this.#options?.referrerPolicy ?? "";
    }
    get mode() {
      return this.#options?.mode ?? "cors";
    }
    get credentials() {
      return this.#options?.credentials ?? "same-origin";
    }
    get cache() {
      return this.#options?.cache ?? "default";
    }
    get redirect() {
      return this.#options?.redirect ?? "follow";
    }
    get integrity() {
      return this.#options?.integrity ?? "";
    }
    get keepalive() {
      return this.#options?.keepalive ?? false;
    }
    get duplex() {
      this.#used;
      return "half";
    }
    async arrayBuffer() {
      this.#take();
      return bytesFrom(this.#kind, this.#data).buffer;
    }
    async bytes() {
      this.#take();
      return bytesFrom(this.#kind, this.#data);
    }
    async text() {
      this.#take();
      return textFrom(this.#kind, this.#data);
    }
    async json() {
      this.#take();
      // A body that is no JSON is the caller's fault: answered 400 if the script does not catch it.
      try {
        return JSON.parse(textFrom(this.#kind, this.#data));
      } catch (error) {
        throw this.#incoming ? rt.malformed(error) : error;
      }
    }
    async blob() {
      this.#used;
      throw unavailable("Request.blob");
    }
    async formData() {
      this.#used;
      throw unavailable("Request.formData");
    }
    clone() {
      if (this.#used) throw new TypeError("Request.clone: the body was read already");
      const copy = new Request(MAKE);
      copy.#copy(this);
      copy.#kind = this.#kind;
      copy.#data = this.#data;
      copy.#incoming = this.#incoming;
      return copy;
    }
    static {
      isRequest = (value) => typeof value === "object" && value !== null && #raw in value;
      requestFrom = (method, url, headers, body, bodyIsBytes, getSignal) => {
        const made = new Request(MAKE);
        made.#method = method;
        made.#url = url;
        made.#raw = headers;
        made.#getSignal = getSignal ?? null;
        made.#incoming = true;
        if (body !== "") {
          made.#kind = bodyIsBytes ? BINARY : TEXT;
          made.#data = body;
        }
        return made;
      };
    }
  }

  const CHOICES = {
    __proto__: null,
    referrerPolicy: [
      "",
      "no-referrer",
      "no-referrer-when-downgrade",
      "same-origin",
      "origin",
      "strict-origin",
      "origin-when-cross-origin",
      "strict-origin-when-cross-origin",
      "unsafe-url",
    ],
    mode: ["same-origin", "no-cors", "cors"],
    credentials: ["omit", "same-origin", "include"],
    cache: ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"],
    redirect: ["follow", "error", "manual"],
  };
  const readOptions = (options, old) => {
    let made = old;
    const put = (name, value) => {
      made = { ...made, __proto__: null, [name]: value };
    };
    for (const name in CHOICES) {
      const value = options[name];
      if (value === undefined) continue;
      const text = str(value);
      if (!CHOICES[name].includes(text))
        throw new TypeError("Request: " + JSON.stringify(text) + " is no " + name);
      put(name, text);
    }
    if (options.integrity !== undefined) put("integrity", str(options.integrity));
    if (options.keepalive !== undefined) put("keepalive", !!options.keepalive);
    if (options.referrer !== undefined) {
      const text = str(options.referrer);
      put("referrer", text === "" ? "" : text === "about:client" ? text : new (rt.get("URL"))(text).href);
    }
    return made;
  };
  Object.defineProperty(Response.prototype, Symbol.toStringTag, hidden("Response"));
  Object.defineProperty(Request.prototype, Symbol.toStringTag, hidden("Request"));

  return { __proto__: null, Request, Response, $requestFrom: requestFrom, $responseParts: responseParts };
});
