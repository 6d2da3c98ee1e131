/** Passwords: argon2id, kept in the PHC form `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { PicloudError } from "@picloud/contract";

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane; about 50 ms here. */
const parameters = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const saltBytes = 16;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const { memory, passes, parallelism } = parameters;
  const hash = await derive(password, salt, parameters);
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(salt)}$${encode(hash)}`;
}

/** With `stored` undefined it takes the same time and is false: an unknown account looks like a wrong password. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parsed = parseStored(stored);
  const salt = parsed?.salt ?? Buffer.alloc(saltBytes);
  const hash = await derive(password, salt, parsed?.parameters ?? parameters);
  return parsed !== undefined && parsed.hash.length === hash.length && timingSafeEqual(parsed.hash, hash);
}

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly tagLength: number;
}

function parseStored(
  stored: string | undefined,
): { readonly parameters: Parameters; readonly salt: Buffer; readonly hash: Buffer } | undefined {
  const form = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
  const [, memory, passes, parallelism, salt, hash] = form.exec(stored ?? "") ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const bytes = Buffer.from(hash, "base64");
  return {
    parameters: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: bytes.length,
    },
    salt: Buffer.from(salt, "base64"),
    hash: bytes,
  };
}

async function derive(password: string, nonce: Buffer, options: Parameters): Promise<Buffer> {
  // NFC, so that a password typed on another keyboard or system is the same bytes.
  const message = Buffer.from(password.normalize("NFC"), "utf8");
  return await inTurn(
    async () =>
      await new Promise((resolve, reject) => {
        argon2("argon2id", { ...options, message, nonce }, (error, hash) => {
          if (error === null) resolve(hash);
          else reject(error);
        });
      }),
  );
}

/** Half of the threads that Node has for files, names and hashes: log-ins must not hold up what scripts need. */
const hashesAtOnce = 2;
/** Each waits some 50 ms for the ones before it; more than these would wait too long to be of use. */
const waitingMax = 100;

// The threads are the process's, so what counts them is too: the one state that is not made in server.ts.
const turns = { running: 0, waiting: [] as (() => void)[] };

/** Throws `overloaded` where too many wait. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (turns.running < hashesAtOnce) {
    turns.running++;
  } else {
    if (turns.waiting.length >= waitingMax) {
      throw new PicloudError("overloaded", "Too many log-ins at the same time; try again.", {
        retryAfterMs: 1_000,
      });
    }
    // Whoever ends hands its place over.
    await new Promise<void>((resolve) => turns.waiting.push(resolve));
  }
  try {
    return await work();
  } finally {
    const next = turns.waiting.shift();
    if (next === undefined) turns.running--;
    else next();
  }
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
