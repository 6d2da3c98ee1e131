/** Path patterns of routes: `/users/:id`, `/files/*rest`. Segments are compared percent-decoded. */
import { PicloudError } from "@picloud/contract";

export type RouteSegment =
  | { readonly kind: "literal"; readonly text: string }
  /** One segment, not empty. */
  | { readonly kind: "parameter"; readonly name: string }
  /** The rest of the path, at least one segment; only at the end. */
  | { readonly kind: "wildcard"; readonly name: string };

export interface RoutePath {
  readonly segments: readonly RouteSegment[];
  /** The pattern without parameter names: two routes of one shape match the same requests. */
  readonly shape: string;
}

const segmentsMax = 32;
const namePattern = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;
/** First segments that PiCloud itself answers (`api.md` §9). */
const reservedSegments: ReadonlySet<string> = new Set(
  "api dashboard a realtime healthz readyz metrics".split(" "),
);

/** Throws `invalid` that names `field`, the place of the pattern in the request. */
export function parseRoutePath(path: string, field: string): RoutePath {
  const problem = (message: string): PicloudError =>
    new PicloudError("invalid", `The path ${JSON.stringify(path)} ${message}.`, {
      fields: [{ path: field, message }],
    });
  if (!path.startsWith("/")) throw problem("must start with /");
  if (path === "/") return { segments: [], shape: "/" };
  const parts = path.slice(1).split("/");
  if (parts.length > segmentsMax) throw problem(`must have at most ${segmentsMax} segments`);
  if (isReserved(parts)) throw problem("is reserved for PiCloud itself");
  const names = new Set<string>();
  const segments = parts.map((part, index) => {
    const segment = parseSegment(part, problem);
    if (segment.kind === "literal") return segment;
    if (segment.kind === "wildcard" && index < parts.length - 1)
      throw problem("must have its *wildcard last");
    if (names.has(segment.name)) throw problem(`names the parameter ${segment.name} twice`);
    names.add(segment.name);
    return segment;
  });
  return { segments, shape: `/${segments.map(shapeOf).join("/")}` };
}

function parseSegment(part: string, problem: (message: string) => PicloudError): RouteSegment {
  const name = part.slice(1);
  if (part.startsWith(":") || part.startsWith("*")) {
    if (!namePattern.test(name))
      throw problem("must name parameters with a letter or _ and at most 63 letters, digits and _");
    return { kind: part.startsWith(":") ? "parameter" : "wildcard", name };
  }
  if (part === "") throw problem("must not have an empty segment or end with /");
  if (part === "." || part === "..") throw problem("must not have a segment . or ..");
  // Literals are written decoded, as the request's segments are compared; these would be ambiguous or can't occur.
  if (/[?#%\\*\s\p{Cc}]/u.test(part) || !part.isWellFormed())
    throw problem("must not have ?, #, %, \\, *, spaces or control characters in a segment");
  return { kind: "literal", text: part };
}

function shapeOf(segment: RouteSegment): string {
  if (segment.kind === "literal") return segment.text;
  return segment.kind === "parameter" ? ":" : "*";
}

function isReserved(parts: readonly string[]): boolean {
  const [first = "", second = ""] = parts;
  return reservedSegments.has(first) || (first === ".well-known" && second.startsWith("picloud"));
}
