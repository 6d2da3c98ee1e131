/** Tokens of set-up, invitation and reset links: 256 random bits, of which only a hash is stored. */
import { createHash, randomBytes } from "node:crypto";

export function newLinkToken(kind: "setup" | "invite" | "reset"): {
  readonly token: string;
  readonly hash: Buffer;
} {
  const token = `${kind}_${randomBytes(32).toString("base64url")}`;
  return { token, hash: hashLinkToken(token) };
}

/** One fast hash is enough to keep so many random bits unreadable in the database. */
export function hashLinkToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
