// Made by `npm run generate` from the contracts. Do not edit.

declare module "picloud" {
  /** What services store and give back: JSON; whole numbers beyond 2^53 are bigint. */
  export type Json =
    | null
    | boolean
    | number
    | bigint
    | string
    | readonly Json[]
    | { readonly [key: string]: Json };

  /** `nextCursor` is undefined at the end; else it goes into the next call as `cursor`. */
  export interface Page<T> {
    readonly items: readonly T[];
    readonly nextCursor?: string;
  }

  /** What `kv.collection(name)` gives. */
  export interface KvCollection<T = Json> {
    /** The value of a key, or undefined if it is absent.
     * @example await kv.collection("inbox").get("last") */
    get(key: string): Promise<T | undefined>;
    /** Writes a value. Without a ttl the entry does not expire, whatever it had before.
     * @example await kv.collection("sessions").set("a", { user: 1 }, { ttl: "30m" }) */
    set(key: string, value: T, options?: { ttl?: string | number }): Promise<void>;
    /** Whether a key is present.
     * @example await kv.collection("sessions").has("a") */
    has(key: string): Promise<boolean>;
    /** Removes a key; says whether it was present.
     * @example await kv.collection("sessions").delete("a") */
    delete(key: string): Promise<boolean>;
    /** A page of entries in byte order of their keys; pass next_cursor on as cursor.
     * @example await kv.collection("counts").list({ prefix: "push/" }) */
    list(options?: {
      prefix?: string;
      cursor?: string;
      limit?: number;
    }): Promise<Page<{ key: string; value: T; expiresAt?: string }>>;
    /** Adds a whole number and gives the sum; an absent key counts as 0. Keeps the ttl. Throws if the value is not a whole number or the sum leaves 64 bits.
     * @example await kv.collection("counts").increment("visits") */
    increment(key: string, by?: number | bigint): Promise<number | bigint>;
    /** Writes the new value if the present one equals the old one as JSON; undefined or null as the old one means absent. Says whether it did.
     * @example await kv.collection("locks").compareAndSet("job", undefined, "me", { ttl: "1m" }) */
    compareAndSet(
      key: string,
      old: T | undefined,
      newValue: T,
      options?: { ttl?: string | number },
    ): Promise<boolean>;
    /** Every entry, page by page, in byte order of the keys. */
    entries(options?: {
      prefix?: string;
    }): AsyncIterableIterator<{ key: string; value: T; expiresAt?: string }>;
  }
  /** Small JSON values by collection and key, with expiry, counters and compare-and-set. */
  export const kv: {
    collection<T = Json>(name: string): KvCollection<T>;
  };

  /** First argument of a handler that a `kv` trigger runs. */
  export interface KvEvent<T = Json> extends TriggerEvent {
    readonly source: "kv";
    readonly op: "insert" | "update" | "delete";
    readonly kv: { readonly collection: string; readonly key: string; readonly value?: T };
  }

  export interface TriggerEvent {
    /** The same over retries and replays. */
    readonly id: string;
    readonly source: string;
    readonly op: string;
    readonly triggerId: string;
    /** 1 for the first try. */
    readonly attempt: number;
    readonly occurredAt: string;
  }

  /** Second argument of every handler. */
  export interface Context {
    readonly executionId: string;
    readonly requestId: string;
    readonly rootExecutionId: string;
    readonly parentExecutionId?: string;
    readonly triggerDepth: number;
    readonly isDeadLetterHandler: boolean;
    readonly app: { readonly id: string; readonly slug: string };
    readonly script: { readonly id: string; readonly name: string; readonly version: number };
    /** Who calls; undefined for nobody. */
    readonly principal?: {
      readonly kind: "user" | "api_key" | "end_user";
      readonly id: string;
      readonly name: string;
    };
    readonly deadline: Date;
    /** Aborted when the run's time is over. */
    readonly signal: AbortSignal;
    /** Keeps the run alive after its answer, until the promise has settled. */
    waitUntil(promise: Promise<unknown>): void;
    /** HTTP runs: what the parameters of the route's pattern matched. */
    readonly params: Readonly<Record<string, string>>;
    /** HTTP runs: the pattern of the route; undefined for /api/v1/execute. */
    readonly route?: string;
    readonly remoteAddr?: string;
  }

  type LogFields = Readonly<Record<string, unknown>>;

  /** Lines of the execution's log. */
  export const log: {
    trace(message: string, fields?: LogFields): void;
    debug(message: string, fields?: LogFields): void;
    info(message: string, fields?: LogFields): void;
    warn(message: string, fields?: LogFields): void;
    error(message: string, fields?: LogFields): void;
  };

  type Bytes = string | Uint8Array | ArrayBuffer;

  /** Digests as lower-case hex. */
  export const hash: {
    sha256(data: Bytes): string;
    sha512(data: Bytes): string;
    hmacSha256(key: Bytes, data: Bytes): string;
    hmacSha512(key: Bytes, data: Bytes): string;
    /** Compares in a time that does not depend on where the two differ. */
    equal(a: Bytes, b: Bytes): boolean;
  };

  export const base64: {
    encode(data: Bytes): string;
    decode(text: string): Uint8Array;
    /** The alphabet of URLs, without padding. */
    encodeUrl(data: Bytes): string;
    decodeUrl(text: string): Uint8Array;
  };

  export const hex: {
    encode(data: Bytes): string;
    decode(text: string): Uint8Array;
  };

  /** What a service call throws. */
  export class PicloudError extends Error {
    constructor(code: string, message: string, retryable?: boolean, details?: unknown);
    readonly code: string;
    readonly retryable: boolean;
    readonly details: unknown;
  }
}
