/** What a request is for, in the one form that the rest of the server knows: a path, and one Host that is a host. */
import type { IncomingMessage } from "node:http";

/** Lower or upper case, with or without port. */
const hostForm = /^(?:[a-z0-9._~-]{1,253}|\[[0-9a-f:.]+\])?(?::\d{1,5})?$/i;

export function isHost(host: string): boolean {
  return hostForm.test(host);
}

/** Puts the target into its usual form, in place; gives what is wrong with it, for people, or `undefined`.
 *  RFC 9112 §3.2: a server takes the absolute form too, whose host then counts, and refuses a request without a Host,
 *  with several, or with one that is none. */
export function normalizeTarget(request: IncomingMessage): string | undefined {
  const at = hostPlaces(request.rawHeaders);
  if (at.length > 1) return "The request has more than one Host header.";
  if (at.length === 0 && request.httpVersionMajor === 1 && request.httpVersionMinor >= 1)
    return "The request has no Host header.";
  const url = request.url ?? "/";
  if (!url.startsWith("/") && url !== "*") {
    const [, host, rest] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
    if (host === undefined || rest === undefined) return "The target of the request is no path.";
    request.url = rest.startsWith("/") ? rest : `/${rest}`;
    setHost(request, at[0], host);
  }
  return isHost(request.headers.host ?? "") ? undefined : "The Host header is not a host.";
}

/** Where the values of Host are in a flat list of headers. */
function hostPlaces(rawHeaders: readonly string[]): number[] {
  const places: number[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host") places.push(i + 1);
  }
  return places;
}

function setHost(request: IncomingMessage, place: number | undefined, host: string): void {
  request.headers.host = host;
  if (place === undefined) request.rawHeaders.push("Host", host);
  else request.rawHeaders[place] = host;
}
