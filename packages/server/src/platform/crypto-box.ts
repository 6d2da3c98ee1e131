/** Secrets at rest: AES-256-GCM under `PICLOUD_SECRET_KEY` (SDK-8). Each ciphertext names its key and is bound to its place,
 *  so that one that is moved to another row does not open. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { PicloudError } from "@picloud/contract";
import type { Config } from "../config.ts";

/** Where a secret is stored; the associated data of its ciphertext. */
export interface SecretPlace {
  readonly table: string;
  /** Id of the app; absent for secrets of the instance. */
  readonly app?: string;
  readonly name: string;
}

export interface CryptoBox {
  /** Throws `unavailable` without a key. */
  seal(secret: Uint8Array, place: SecretPlace): Buffer;
  /** Throws `unavailable` where the key that sealed it is not here, `corrupted` for other bytes or another place. */
  open(sealed: Uint8Array, place: SecretPlace): Buffer;
  /** HMAC-SHA256 under a key that is derived for signing. Throws `unavailable` without a key. */
  sign(text: string): Buffer;
  /** Whether one of the keys signed the text; takes as long for any other signature of this length. */
  isSigned(text: string, signature: Uint8Array): boolean;
}

type BoxConfig = Pick<Config, "secretKey" | "secretKeysOld" | "devMode" | "dataDir">;

/** Layout: version, id of the key, nonce, ciphertext, tag. */
const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/** The key is looked for at the first use. With `PICLOUD_DEV_MODE` and none in the settings, `<data>/secret.key` is made
 *  once and used again. */
export function createCryptoBox(config: BoxConfig): CryptoBox {
  let devKey: Buffer | undefined;
  const writer = (): Buffer => {
    if (config.secretKey !== undefined) return config.secretKey;
    if (!config.devMode) throw noKey();
    return (devKey ??= readOrMakeKey(path.join(config.dataDir, "secret.key")));
  };
  const readers = (): readonly Buffer[] => {
    const first = config.secretKey !== undefined || config.devMode ? [writer()] : [];
    return [...first, ...config.secretKeysOld];
  };
  return {
    seal(secret, place) {
      const key = writer();
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(placeBytes(place));
      return Buffer.concat([
        Buffer.from([VERSION]),
        keyId(key),
        nonce,
        cipher.update(secret),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw corrupted();
      const id = bytes.subarray(1, 1 + KEY_ID_BYTES);
      const key = readers().find((candidate) => keyId(candidate).equals(id));
      if (key === undefined) throw noKey();
      const nonce = bytes.subarray(1 + KEY_ID_BYTES, HEAD_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(placeBytes(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw corrupted(cause);
      }
    },
    sign: (text) => signatureOf(writer(), text),
    isSigned(text, signature) {
      if (signature.length !== SIGNATURE_BYTES) return false;
      // All keys are tried, whichever fits.
      return readers().filter((key) => timingSafeEqual(signatureOf(key, text), signature)).length > 0;
    },
  };
}

const SIGNATURE_BYTES = 32;

function signatureOf(key: Buffer, text: string): Buffer {
  const derived = createHmac("sha256", key).update("picloud signatures").digest();
  return createHmac("sha256", derived).update(text).digest();
}

function placeBytes({ table, app, name }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([table, app ?? "", name]), "utf8");
}

/** Tells keys apart and says nothing about them. */
function keyId(key: Buffer): Buffer {
  return createHash("sha256").update("picloud secret key").update(key).digest().subarray(0, KEY_ID_BYTES);
}

function readOrMakeKey(file: string): Buffer {
  try {
    fs.writeFileSync(file, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    // There from an earlier start, which is what it is kept for.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const key = Buffer.from(fs.readFileSync(file, "utf8").trim(), "base64");
  if (key.length !== KEY_BYTES) throw new Error(`${file} is no key of ${KEY_BYTES} bytes in base64`);
  return key;
}

function noKey(): PicloudError {
  return new PicloudError(
    "unavailable",
    "This server has no key for secrets: set PICLOUD_SECRET_KEY, made by: openssl rand -base64 32",
    { retryable: false },
  );
}

function corrupted(cause?: unknown): PicloudError {
  return new PicloudError("corrupted", "A stored secret does not open: its bytes were changed.", { cause });
}
