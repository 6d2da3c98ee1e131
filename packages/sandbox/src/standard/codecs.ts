/** Forms of text and bytes. */
import type { StandardNamespace } from "./table.ts";

const text = { name: "text", type: "words" } as const;
const data = { name: "data", type: "bytes" } as const;
const key = { name: "key", type: "bytes" } as const;

export const json: StandardNamespace = {
  name: "json",
  typescript: undefined,
  summary:
    "JSON text of Rhai values. Integers keep their 64 bits and a float stays a float: `4.0` is written and read as `4.0`.",
  functions: [
    {
      name: "parse",
      summary:
        "The value of a JSON text. A number without fraction and exponent is an int, `null` is `()`, an object is a map.",
      args: [text],
      result: "value",
      example: { rhai: `json::parse("{\\"a\\": [1, 2.5, null]}").a[1]`, gives: "2.5" },
    },
    {
      name: "stringify",
      summary:
        "The JSON text of a value; members of maps are in the order of their names. With `indent`, from 1 to 10, on many lines. A value that has no JSON form is an error.",
      args: [
        { name: "value", type: "value" },
        { name: "indent", type: "whole", optional: true },
      ],
      result: "text",
      example: {
        rhai: `json::stringify(#{ b: 1.0, a: [true, ()] })`,
        gives: String.raw`"{\"a\":[true,null],\"b\":1.0}"`,
      },
    },
  ],
};

export const base64: StandardNamespace = {
  name: "base64",
  typescript: "base64",
  summary: "Base64 of RFC 4648, of bytes or of the UTF-8 of a string.",
  functions: [
    {
      name: "encode",
      summary: "Base64 with padding.",
      args: [data],
      result: "text",
      example: { typescript: `base64.encode("hello")`, rhai: `base64::encode("hello")`, gives: `"aGVsbG8="` },
    },
    {
      name: "decode",
      summary: "The bytes of a base64 text. White space and a missing padding are allowed.",
      args: [text],
      result: "bytes",
      example: {
        typescript: `base64.decode("aGVsbG8=").length`,
        rhai: `base64::decode("aGVsbG8=").len()`,
        gives: "5",
      },
    },
    {
      name: "encode_url",
      summary: "Base64 in the alphabet of URLs, without padding.",
      args: [data],
      result: "text",
      example: {
        typescript: `base64.encodeUrl("<<>>")`,
        rhai: `base64::encode_url("<<>>")`,
        gives: `"PDw-Pg"`,
      },
    },
    {
      name: "decode_url",
      summary: "The bytes of a base64 text in the alphabet of URLs.",
      args: [text],
      result: "bytes",
      example: {
        typescript: `base64.decodeUrl("PDw-Pg").length`,
        rhai: `base64::decode_url("PDw-Pg").len()`,
        gives: "4",
      },
    },
  ],
};

export const hex: StandardNamespace = {
  name: "hex",
  typescript: "hex",
  summary: "Two hexadecimal digits a byte.",
  functions: [
    {
      name: "encode",
      summary: "In lower case.",
      args: [data],
      result: "text",
      example: { typescript: `hex.encode("AZ")`, rhai: `hex::encode("AZ")`, gives: `"415a"` },
    },
    {
      name: "decode",
      summary: "The bytes of a hexadecimal text of any case.",
      args: [text],
      result: "bytes",
      example: { typescript: `hex.decode("415A").length`, rhai: `hex::decode("415A").len()`, gives: "2" },
    },
  ],
};

export const url: StandardNamespace = {
  name: "url",
  typescript: "url",
  summary: "Percent-encoding of RFC 3986, queries, and the parts of a URL.",
  functions: [
    {
      name: "encode",
      summary: "Everything but letters and digits of ASCII and `-._~` as `%XX`.",
      args: [text],
      result: "text",
      example: { typescript: `url.encode("a b/ü")`, rhai: `url::encode("a b/ü")`, gives: `"a%20b%2F%C3%BC"` },
    },
    {
      name: "decode",
      summary:
        "The text of a percent-encoded one. A `%` without two digits and bytes that are no UTF-8 are errors.",
      args: [text],
      result: "text",
      example: { typescript: `url.decode("a%20b+c")`, rhai: `url::decode("a%20b+c")`, gives: `"a b+c"` },
    },
    {
      name: "encode_query",
      summary:
        "A query of names and values. A list gives its name several times; an absent value is left out.",
      args: [{ name: "fields", type: "fields" }],
      result: "text",
      example: {
        typescript: `url.encodeQuery({ page: 2, tag: ["a", "b c"] })`,
        rhai: `url::encode_query(#{ page: 2, tag: ["a", "b c"] })`,
        gives: `"page=2&tag=a&tag=b%20c"`,
      },
    },
    {
      name: "parse_query",
      summary:
        "The names of a query with the last value of each. `+` is a space, a `?` at the start is dropped.",
      args: [text],
      result: "named",
      example: {
        typescript: `url.parseQuery("?a=1&b=x+y")`,
        rhai: `url::parse_query("?a=1&b=x+y")`,
        gives: `{"a":"1","b":"x y"}`,
      },
    },
    {
      name: "parse_query_all",
      summary: "The names of a query with all values of each.",
      args: [text],
      result: "listed",
      example: {
        typescript: `url.parseQueryAll("a=1&a=2")`,
        rhai: `url::parse_query_all("a=1&a=2")`,
        gives: `{"a":["1","2"]}`,
      },
    },
    {
      name: "parse",
      summary:
        "The parts of an absolute URL, normalised as browsers do. `port`, `query` and `fragment` are absent if they are not there, or the port is that of the scheme.",
      args: [text],
      result: "record",
      record: {
        href: "string",
        scheme: "string",
        username: "string",
        password: "string",
        host: "string",
        port: "number?",
        path: "string",
        query: "string?",
        fragment: "string?",
      },
      example: {
        typescript: `url.parse("https://example.com:8443/a?b=1#c").port`,
        rhai: `url::parse("https://example.com:8443/a?b=1#c").port`,
        gives: "8443",
      },
    },
  ],
};

export const crypto: StandardNamespace = {
  name: "crypto",
  typescript: "hash",
  summary: "Digests as lower-case hex, of bytes or of the UTF-8 of a string.",
  functions: [
    {
      name: "sha256",
      summary: "SHA-256.",
      args: [data],
      result: "text",
      example: {
        typescript: `hash.sha256("abc").slice(0, 8)`,
        rhai: `crypto::sha256("abc").sub_string(0, 8)`,
        gives: `"ba7816bf"`,
      },
    },
    {
      name: "sha512",
      summary: "SHA-512.",
      args: [data],
      result: "text",
      example: {
        typescript: `hash.sha512("abc").slice(0, 8)`,
        rhai: `crypto::sha512("abc").sub_string(0, 8)`,
        gives: `"ddaf35a1"`,
      },
    },
    {
      name: "hmac_sha256",
      summary: "HMAC with SHA-256.",
      args: [key, data],
      result: "text",
      example: {
        typescript: `hash.hmacSha256("key", "abc").length`,
        rhai: `crypto::hmac_sha256("key", "abc").len()`,
        gives: "64",
      },
    },
    {
      name: "hmac_sha512",
      summary: "HMAC with SHA-512.",
      args: [key, data],
      result: "text",
      example: {
        typescript: `hash.hmacSha512("key", "abc").length`,
        rhai: `crypto::hmac_sha512("key", "abc").len()`,
        gives: "128",
      },
    },
    {
      name: "equal",
      summary: "Whether two have the same bytes, in a time that does not tell where they differ.",
      args: [
        { name: "a", type: "bytes" },
        { name: "b", type: "bytes" },
      ],
      result: "bool",
      example: { typescript: `hash.equal("a", "a")`, rhai: `crypto::equal("a", "a")`, gives: "true" },
    },
  ],
};
