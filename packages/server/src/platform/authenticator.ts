/** What both planes know about who sent a request; made by `control-plane/authenticate.ts`, handed on by `server.ts`. */
import type { IncomingMessage } from "node:http";
import type { Principal } from "./context.ts";

export type Authentication =
  /** No credentials of PiCloud. */
  | { readonly kind: "none" }
  /** `isSameOrigin` tells a cookie's request with the proof of INS-5; always true for a bearer token. */
  | {
      readonly kind: "principal";
      readonly principal: Principal;
      readonly via: "bearer" | "cookie";
      readonly isSameOrigin: boolean;
    }
  /** A token that is malformed, unknown, expired or revoked. */
  | { readonly kind: "invalid" }
  /** The database could not be asked. */
  | { readonly kind: "unavailable"; readonly cause: unknown };

export interface Authenticator {
  /** Reads the bearer token or else the session cookie. Never rejects. `isFresh`: asks the database, whatever it said a
   *  moment ago. */
  authenticate(request: IncomingMessage, isFresh?: boolean): Promise<Authentication>;
  /** Name of the session cookie on this request's connection (APP-4). */
  cookieName(request: IncomingMessage): string;
  /** `Set-Cookie` value that stores the token until `expires`; without a token it removes the cookie. */
  sessionCookie(
    request: IncomingMessage,
    session?: { readonly token: string; readonly expires: Date },
  ): string;
  close(): void;
}
