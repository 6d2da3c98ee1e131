/** Secrets do not travel in addresses: logs, histories and `Referer` keep those (INS-5, INS-6). */
import { PicloudError } from "@picloud/contract";

/** Session, end-user and realtime tokens, API keys, and the tokens of links. */
const tokenPattern =
  /^(?:(?:pics|piceu|picrt|setup|invite|reset)_[A-Za-z0-9_-]{43}|pic_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43})$/;

/** Throws `malformed_request` for a token anywhere in the query, and for any query of a call that takes passwords or
 *  tokens in its body. `path`: that of the endpoint, as the contract has it. */
export function refuseQuerySecrets(
  url: string,
  endpoint: { readonly method: string; readonly path: string },
): void {
  const start = url.indexOf("?");
  if (start === -1) return;
  const query = new URLSearchParams(url.slice(start + 1));
  if (endpoint.method !== "GET" && endpoint.path.startsWith("/auth/") && query.size > 0) {
    throw new PicloudError(
      "malformed_request",
      "This path takes no query: passwords and tokens go in the body, where no log keeps them.",
    );
  }
  for (const [name, value] of query) {
    // Also where it is a name, or has `Bearer ` in front.
    if (tokenPattern.test(value.replace(/^Bearer /i, "").trim()) || tokenPattern.test(name)) {
      throw new PicloudError(
        "malformed_request",
        "There is a token in the query, where logs keep it: send it in the Authorization header, and revoke this one.",
      );
    }
  }
}
