// url: percent-encoding, queries, and the parts of a URL.
(function (rt) {
  "use strict";
  const { SIZE_MAX, ITEMS_MAX, invalid, tooLarge } = rt.get("$checks");
  const encodeComponent = encodeURIComponent,
    decodeComponent = decodeURIComponent;
  /** RFC 3986 reserves them; encodeURIComponent leaves them. */
  const RESERVED = [
    ["!", "%21"],
    ["'", "%27"],
    ["(", "%28"],
    [")", "%29"],
    ["*", "%2A"],
  ];
  /** No character becomes more than nine. What is longer is made in pieces, so that no more than one is too much. */
  const PIECE = 65536;
  const encodePiece = (text) => {
    let out = encodeComponent(text);
    for (const [from, to] of RESERVED) if (out.includes(from)) out = out.replaceAll(from, to);
    return out;
  };
  const encode = (text, name = "text") => {
    if (text.length <= PIECE) return encodePiece(text);
    let out = "";
    for (let at = 0; at < text.length;) {
      let end = at + PIECE;
      // Not through a pair.
      if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
      out += encodePiece(text.slice(at, end));
      if (out.length > SIZE_MAX) throw tooLarge(name, SIZE_MAX, "characters when encoded");
      at = end;
    }
    return out;
  };
  const decode = (text) => {
    try {
      return decodeComponent(text);
    } catch (error) {
      if (error instanceof URIError)
        throw invalid("text: has a % without two digits, or its bytes are no UTF-8");
      throw error;
    }
  };
  /** Calls `take` with the name and the value of each pair. */
  const eachPair = (text, take) => {
    let count = 0;
    for (let at = text.startsWith("?") ? 1 : 0; at <= text.length;) {
      let end = text.indexOf("&", at);
      if (end === -1) end = text.length;
      if (end > at) {
        if (++count > ITEMS_MAX) throw tooLarge("text", ITEMS_MAX, "names");
        const pair = decodable(text.slice(at, end)),
          sign = pair.indexOf("=");
        if (sign === -1) take(decode(pair), "");
        else take(decode(pair.slice(0, sign)), decode(pair.slice(sign + 1)));
      }
      at = end + 1;
    }
  };
  const decodable = (pair) => (pair.includes("+") ? pair.replaceAll("+", " ") : pair);

  const $url = {
    __proto__: null,
    encode: (text) => encode(text),
    decode,
    encode_query(fields) {
      let query = "";
      for (const [name, values] of fields)
        for (const value of values) {
          query += (query === "" ? "" : "&") + encode(name, "fields") + "=" + encode(value, "fields");
          if (query.length > SIZE_MAX) throw tooLarge("fields", SIZE_MAX, "characters when encoded");
        }
      return query;
    },
    parse_query(text) {
      const named = new Map();
      eachPair(text, (name, value) => named.set(name, value));
      return named;
    },
    parse_query_all(text) {
      const listed = new Map();
      eachPair(text, (name, value) => {
        const list = listed.get(name);
        if (list === undefined) listed.set(name, [value]);
        else list[list.length] = value;
      });
      return listed;
    },
    parse(text) {
      const url = rt.get("URL").parse(text);
      if (url === null) throw invalid("text: is not an absolute URL");
      const { href, protocol, username, password, hostname, port, pathname, search, hash } = url;
      return {
        __proto__: null,
        href,
        scheme: protocol.slice(0, -1),
        username,
        password,
        host: hostname,
        port: port === "" ? undefined : Number(port),
        path: pathname,
        query: search === "" ? undefined : search.slice(1),
        fragment: hash === "" ? undefined : hash.slice(1),
      };
    },
  };
  return { __proto__: null, url: rt.get("$bind")("url", $url), $url };
});
