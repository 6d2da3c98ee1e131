/** Keeps PiCloud's own credentials from scripts, logs and recordings (INS-7), in both directions. */

/** Any token of ours: API key, session, end user, realtime. */
const tokenForm = /^\s*(?:bearer\s+)?pic(?:_|s_|eu_|rt_)/i;
/** The same behind another scheme, in quotes or in a list: a client's mistake must not hand its token to a script. */
const tokenInside = /(?:^|[^a-z0-9])pic(?:s|eu|rt)?_[a-z0-9_-]{16}/i;
/** Browsers store `=name=value` as a cookie without a name and send it as `name=value`. */
const cookieForm = /^[\s=]*(?:picloud_|__Host-picloud)/;
/** These speak for the whole origin: on the dashboard's a script may not log its user out, nor have its requests reported
 *  or served elsewhere. */
const originHeaders = new Set([
  "service-worker-allowed",
  "clear-site-data",
  "strict-transport-security",
  "alt-svc",
  "nel",
  "report-to",
]);

/** Flat header list without PiCloud's tokens and cookies, valid or not. The list itself if it has none. */
export function withoutCredentials(headers: readonly string[]): readonly string[] {
  if (!hasCredentialHeader(headers)) return headers;
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    const lower = name.toLowerCase();
    if (lower.endsWith("authorization") && hasToken(value)) continue;
    if (lower !== "cookie") {
      kept.push(name, value);
      continue;
    }
    const cookies = value.split(";").filter((cookie) => !cookieForm.test(cookie));
    if (cookies.length > 0) kept.push(name, cookies.join(";").trim());
  }
  return kept;
}

function hasToken(value: string): boolean {
  if (tokenForm.test(value) || tokenInside.test(value)) return true;
  const [, basic] = /^\s*basic\s+([\w+/=-]+)/i.exec(value) ?? [];
  return basic !== undefined && tokenInside.test(Buffer.from(basic, "base64").toString("latin1"));
}

function hasCredentialHeader(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    if (name.length >= 6 && /^(?:cookie|(?:proxy-)?authorization)$/i.test(name)) return true;
  }
  return false;
}

/** Of a script's answer: it may not set our cookies, nor speak for the origin that it shares with the dashboard. */
export function withoutReservedHeaders(headers: readonly string[], isShared: boolean): readonly string[] {
  let kept: string[] | undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    const isReserved =
      (name === "set-cookie" && cookieForm.test(value)) ||
      (isShared && originHeaders.has(name)) ||
      name === "x-picloud-execution";
    if (isReserved) kept ??= headers.slice(0, i);
    else kept?.push(name, value);
  }
  return kept ?? headers;
}
