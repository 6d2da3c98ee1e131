/** The standard library of scripts as data: one table for both languages, from which their bindings, the typings and the
 *  reference page are made. What the functions do is in `guest/std/`. */

/** What an argument has to be: `text` any string, `words` one without unpaired surrogates, `bytes` such a string or bytes,
 *  `whole` a whole number within ±(2^53-1), `int` one of 64 bits, `fields` the names and values of a query. */
export type StandardArgument = "text" | "words" | "bytes" | "whole" | "int" | "fields" | "value";

/** What a function gives: `…?` may be absent, `groups` has absent members, `named` is a map of names of the user, `listed`
 *  one of lists, a record has names of PiCloud. */
export type StandardResult =
  | "text"
  | "text?"
  | "texts"
  | "groups?"
  | "named"
  | "named?"
  | "listed"
  | "record"
  | "bytes"
  | "bool"
  | "float"
  | "int"
  | "value";

export interface StandardFunction {
  /** As in Rhai. */
  readonly name: string;
  readonly summary: string;
  readonly args: readonly {
    readonly name: string;
    readonly type: StandardArgument;
    readonly optional?: true;
  }[];
  readonly result: StandardResult;
  /** Members of a record: name → TypeScript type. */
  readonly record?: Readonly<Record<string, string>>;
  /** Each is an expression whose value as JSON is `gives`; without `gives` it differs from run to run. */
  readonly example: { readonly typescript?: string; readonly rhai: string; readonly gives?: string };
}

export interface StandardNamespace {
  /** As in Rhai. */
  readonly name: string;
  /** Name in `import … from "picloud"`; undefined: the language has its own. */
  readonly typescript: string | undefined;
  readonly summary: string;
  readonly functions: readonly StandardFunction[];
}

const text = { name: "text", type: "words" } as const;
const data = { name: "data", type: "bytes" } as const;
const key = { name: "key", type: "bytes" } as const;
const searched = { name: "text", type: "text" } as const;
const pattern = { name: "pattern", type: "words" } as const;
const limit = { name: "limit", type: "whole", optional: true } as const;
const n = { name: "n", type: "whole" } as const;

const regex: StandardNamespace = {
  name: "regex",
  typescript: "regex",
  summary:
    "Regular expressions in the syntax of RE2, whose time grows with the length of the text and not with the choices in the pattern. Flags stand in the pattern: `(?i)`, `(?m)`, `(?s)`. There are no back-references and no look-around.",
  functions: [
    {
      name: "is_match",
      summary: "Whether the pattern matches anywhere in the text.",
      args: [searched, pattern],
      result: "bool",
      example: {
        typescript: String.raw`regex.isMatch("order 66", "[0-9]+")`,
        rhai: `regex::is_match("order 66", "[0-9]+")`,
        gives: "true",
      },
    },
    {
      name: "find",
      summary: "The first match; absent if there is none.",
      args: [searched, pattern],
      result: "text?",
      example: {
        typescript: `regex.find("order 66", "[0-9]+")`,
        rhai: `regex::find("order 66", "[0-9]+")`,
        gives: `"66"`,
      },
    },
    {
      name: "find_all",
      summary: "All matches, or the first `limit` of them. More than 100,000 are an error.",
      args: [searched, pattern, limit],
      result: "texts",
      example: {
        typescript: `regex.findAll("a1b22", "[0-9]+")`,
        rhai: `regex::find_all("a1b22", "[0-9]+")`,
        gives: `["1","22"]`,
      },
    },
    {
      name: "captures",
      summary:
        "The first match and its groups, in the order of their parentheses; a group that took no part is absent. Absent if there is no match.",
      args: [searched, pattern],
      result: "groups?",
      example: {
        typescript: `regex.captures("2026-11-25", "([0-9]+)-([0-9]+)")`,
        rhai: `regex::captures("2026-11-25", "([0-9]+)-([0-9]+)")`,
        gives: `["2026-11","2026","11"]`,
      },
    },
    {
      name: "named_captures",
      summary:
        "The groups of the first match that have a name, `(?P<name>…)` or `(?<name>…)`, and took part. Absent if there is no match.",
      args: [searched, pattern],
      result: "named?",
      example: {
        typescript: `regex.namedCaptures("to ada", "to (?<who>[a-z]+)")`,
        rhai: `regex::named_captures("to ada", "to (?<who>[a-z]+)")`,
        gives: `{"who":"ada"}`,
      },
    },
    {
      name: "replace",
      summary:
        "The text with the first match replaced. In the replacement `$1`, `$<name>`, `$&` are groups and the whole match, `$$` is a dollar.",
      args: [searched, pattern, { name: "replacement", type: "text" }],
      result: "text",
      example: {
        typescript: `regex.replace("a-b", "([a-z])-([a-z])", "$2-$1")`,
        rhai: `regex::replace("a-b", "([a-z])-([a-z])", "$2-$1")`,
        gives: `"b-a"`,
      },
    },
    {
      name: "replace_all",
      summary: "The text with every match replaced, as `replace` does.",
      args: [searched, pattern, { name: "replacement", type: "text" }],
      result: "text",
      example: {
        typescript: `regex.replaceAll("a  b c", " +", "_")`,
        rhai: `regex::replace_all("a  b c", " +", "_")`,
        gives: `"a_b_c"`,
      },
    },
    {
      name: "split",
      summary: "The pieces between the matches: at most `limit`, the last of which has all the rest.",
      args: [searched, pattern, limit],
      result: "texts",
      example: {
        typescript: `regex.split("a, b,c", ", *")`,
        rhai: `regex::split("a, b,c", ", *")`,
        gives: `["a","b","c"]`,
      },
    },
    {
      name: "escape",
      summary: "A pattern that matches exactly the text.",
      args: [text],
      result: "text",
      example: { typescript: `regex.escape("1+1")`, rhai: `regex::escape("1+1")`, gives: String.raw`"1\\+1"` },
    },
  ],
};

const random: StandardNamespace = {
  name: "random",
  typescript: "random",
  summary:
    "Chance from a generator that the system seeds anew for each run. Good enough for tokens. At most 65,536 bytes or characters at a time.",
  functions: [
    {
      name: "int",
      summary: "A whole number from min to max, both included, each as likely as the others.",
      args: [
        { name: "min", type: "int" },
        { name: "max", type: "int" },
      ],
      result: "int",
      example: { typescript: "random.int(1, 6)", rhai: "random::int(1, 6)" },
    },
    {
      name: "float",
      summary: "A number from 0 up to, but not including, 1.",
      args: [],
      result: "float",
      example: { typescript: "random.float()", rhai: "random::float()" },
    },
    {
      name: "bool",
      summary: "True or false.",
      args: [],
      result: "bool",
      example: { typescript: "random.bool()", rhai: "random::bool()" },
    },
    {
      name: "bytes",
      summary: "n bytes.",
      args: [n],
      result: "bytes",
      example: { typescript: "random.bytes(16).length", rhai: "random::bytes(16).len()", gives: "16" },
    },
    {
      name: "string",
      summary: "n letters and digits of ASCII: 5.95 bits of chance each.",
      args: [n],
      result: "text",
      example: { typescript: "random.string(24).length", rhai: "random::string(24).len()", gives: "24" },
    },
    {
      name: "uuid",
      summary: "A UUID of version 4.",
      args: [],
      result: "text",
      example: { typescript: "random.uuid().length", rhai: "random::uuid().len()", gives: "36" },
    },
  ],
};

const time: StandardNamespace = {
  name: "time",
  typescript: "time",
  summary: "Points in time as milliseconds since 1970 in UTC, and as text of RFC 3339.",
  functions: [
    {
      name: "now",
      summary: "The present time. It stands still while a script computes, and moves on when it waits.",
      args: [],
      result: "int",
      example: { typescript: "time.now()", rhai: "time::now()" },
    },
    {
      name: "format",
      summary: "RFC 3339 in UTC with milliseconds.",
      args: [{ name: "ms", type: "whole" }],
      result: "text",
      example: {
        typescript: "time.format(1_795_000_000_000)",
        rhai: "time::format(1_795_000_000_000)",
        gives: `"2026-11-18T11:06:40.000Z"`,
      },
    },
    {
      name: "parse",
      summary:
        "Milliseconds of a text of RFC 3339, with any offset; digits past the third of a fraction are dropped. Anything else is an error.",
      args: [text],
      result: "int",
      example: {
        typescript: `time.parse("2026-11-18T13:06:40+02:00")`,
        rhai: `time::parse("2026-11-18T13:06:40+02:00")`,
        gives: "1795000000000",
      },
    },
    {
      name: "parts",
      summary: "The parts of a time in UTC. `weekday` is 1 for Monday to 7 for Sunday.",
      args: [{ name: "ms", type: "whole" }],
      result: "record",
      record: {
        year: "number",
        month: "number",
        day: "number",
        hour: "number",
        minute: "number",
        second: "number",
        millisecond: "number",
        weekday: "number",
        day_of_year: "number",
      },
      example: { typescript: "time.parts(0).weekday", rhai: "time::parts(0).weekday", gives: "4" },
    },
  ],
};

const json: StandardNamespace = {
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

const base64: StandardNamespace = {
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
      example: { typescript: `base64.encodeUrl("<<>>")`, rhai: `base64::encode_url("<<>>")`, gives: `"PDw-Pg"` },
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

const hex: StandardNamespace = {
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

const url: StandardNamespace = {
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
      summary: "The text of a percent-encoded one. A `%` without two digits and bytes that are no UTF-8 are errors.",
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
      summary: "The names of a query with the last value of each. `+` is a space, a `?` at the start is dropped.",
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

const crypto: StandardNamespace = {
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

/** In the order of the reference page. */
export const standardLibrary: readonly StandardNamespace[] = [
  regex,
  random,
  time,
  json,
  base64,
  hex,
  url,
  crypto,
];

/** `namespace::name/arity` of every form of every function, as a compiler needs it. None of them suspends. */
export function standardFunctionNames(): string[] {
  return standardLibrary.flatMap(({ name: space, functions }) =>
    functions.flatMap(({ name, args }) => {
      const least = args.filter((arg) => arg.optional !== true).length;
      return Array.from({ length: args.length - least + 1 }, (_, i) => `${space}::${name}/${least + i}`);
    }),
  );
}
