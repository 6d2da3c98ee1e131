/** Time-based one-time passwords (RFC 6238) as authenticators make them: SHA-1, six digits, steps of 30 s. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const stepSeconds = 30;
const digits = 6;
/** RFC 4226 §4 recommends 160 bits. */
const secretBytes = 20;
/** Clocks differ: the step before and the one after count too (RFC 6238 §5.2). */
const driftSteps = 1;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function newTotpSecret(): Buffer {
  return randomBytes(secretBytes);
}

/** The code of a step, `floor(seconds since the epoch / 30)`. */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  // Dynamic truncation, RFC 4226 §5.3.
  const offset = (mac[mac.length - 1] ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** The step whose code it is, near the time and after `lastStep`; `undefined` for a wrong or used code. */
export function findTotpStep(
  secret: Buffer,
  code: string,
  time: { readonly seconds: number; readonly lastStep: number },
): number | undefined {
  const now = Math.floor(time.seconds / stepSeconds);
  let found: number | undefined;
  // All are compared, so that the time does not tell which fits.
  for (let step = now - driftSteps; step <= now + driftSteps; step++) {
    const isSame = isEqual(totpCode(secret, step), code);
    if (isSame && step > time.lastStep && found === undefined) found = step;
  }
  return found;
}

/** What an authenticator app reads from a QR code (the form is Google Authenticator's "Key URI format"). */
export function totpUri(secret: Buffer, account: string): string {
  const query = new URLSearchParams({
    secret: base32(secret),
    issuer: "PiCloud",
    algorithm: "SHA1",
    digits: String(digits),
    period: String(stepSeconds),
  });
  return `otpauth://totp/PiCloud:${encodeURIComponent(account)}?${query.toString()}`;
}

/** RFC 4648 §6, without padding. */
export function base32(bytes: Buffer): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(buffer >> bits) & 31] ?? "";
    }
  }
  return bits === 0 ? text : text + (alphabet[(buffer << (5 - bits)) & 31] ?? "");
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
