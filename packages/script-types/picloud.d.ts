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

  /** A document with its envelope. */
  export interface Document<T = Json> {
    readonly id: string;
    readonly data: T;
    readonly createdAt: string;
    readonly updatedAt: string;
  }

  /** Names of fields, with dots for fields of fields, up to four levels. */
  export type DocsField<T, Depth extends readonly unknown[] = []> = Json extends T
    ? string
    : Depth["length"] extends 4
      ? never
      : T extends readonly unknown[]
        ? never
        : T extends object
          ? { [K in keyof T & string]: K | `${K}.${DocsField<NonNullable<T[K]>, [...Depth, 0]>}` }[keyof T &
              string]
          : never;

  /** The type of a field by its name. */
  export type DocsValue<T, Name extends string> = Json extends T
    ? Json
    : Name extends keyof T
      ? T[Name]
      : Name extends `${infer First}.${infer Rest}`
        ? First extends keyof T
          ? DocsValue<NonNullable<T[First]>, Rest>
          : never
        : never;

  /** What a field must be: a value that it equals, or operators that must all hold. */
  export type DocsCondition<V> =
    | V
    | null
    | {
        readonly $eq?: V | null;
        readonly $ne?: V | null;
        readonly $gt?: V;
        readonly $gte?: V;
        readonly $lt?: V;
        readonly $lte?: V;
        readonly $in?: readonly (V | null)[];
        readonly $nin?: readonly (V | null)[];
        readonly $exists?: boolean;
        readonly $contains?: Json extends V
          ? Json
          : NonNullable<V> extends readonly (infer Item)[]
            ? Item
            : never;
        readonly $starts_with?: string;
        readonly $not?: DocsCondition<V>;
      };

  type DocsConditions<T> = { readonly [Name in DocsField<T>]?: DocsCondition<DocsValue<T, Name>> };

  interface DocsLogic<T> {
    readonly $and?: readonly DocsWhere<T>[];
    readonly $or?: readonly DocsWhere<T>[];
    readonly $not?: DocsWhere<T>;
    readonly $id?: DocsCondition<string>;
    readonly $created_at?: DocsCondition<string | Date>;
    readonly $updated_at?: DocsCondition<string | Date>;
  }

  type DocsWhere<T> = Json extends T
    ? { readonly [name: string]: unknown }
    : DocsConditions<T> & DocsLogic<T>;

  type DocsSortName<T> = DocsField<T> | "$id" | "$created_at" | "$updated_at";
  type DocsSort<T> =
    | DocsSortName<T>
    | `-${DocsSortName<T>}`
    | { readonly [Name in DocsSortName<T>]?: "asc" | "desc" | 1 | -1 };

  /** Which documents, in which order, how many. */
  export type DocsFilter<T = Json> = DocsWhere<T> & {
    readonly $sort?: DocsSort<T> | readonly DocsSort<T>[];
    readonly $limit?: number;
  };

  /** What is merged into a document: null removes a member. */
  export type DocsPatch<T = Json> = Json extends T
    ? { readonly [name: string]: unknown }
    : T extends readonly unknown[]
      ? T
      : T extends object
        ? { readonly [K in keyof T]?: DocsPatch<T[K]> | null }
        : T;

  /** Bytes to store; a string becomes UTF-8. */
  export type FileData = string | Uint8Array | ArrayBuffer;

  /** What a file is. */
  export interface FileHead {
    readonly id: string;
    readonly name: string;
    readonly contentType: string;
    readonly sizeBytes: number;
    /** Of the bytes, hex. */
    readonly sha256: string;
    readonly createdAt: string;
    readonly updatedAt: string;
  }

  /** A file with its bytes. */
  export interface StoredFile extends FileHead {
    readonly data: Uint8Array;
  }

  /** An event whose delivery used up all its attempts. */
  export interface DeadLetter {
    readonly id: string;
    readonly source: string;
    readonly op: string;
    readonly eventId: string;
    readonly triggerId?: string;
    readonly scriptId: string;
    readonly attempts: number;
    readonly lastError: { readonly code: string; readonly message: string };
    readonly resolution?: DeadLetterResolution;
    readonly resolvedAt?: string;
    readonly note?: string;
    readonly depth: number;
    /** How often scripts have replayed the event in a row. */
    readonly replays: number;
    /** Handlers that have not ended yet. */
    readonly pendingHandlers: number;
    readonly rootExecutionId: string;
    readonly lastExecutionId?: string;
    readonly firstAttemptAt?: string;
    readonly lastAttemptAt: string;
    readonly createdAt: string;
  }
  export type DeadLetterResolution = "replayed" | "ignored" | "handled_by_script" | "handler_failed";

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

  /** What `docs.collection(name)` gives. */
  export interface DocsCollection<T = Json> {
    /** Adds a document and gives its id.
     * @example await docs.collection("orders").create({ sku: "tea", qty: 2 }) */
    create(data: T): Promise<string>;
    /** A document by its id, or undefined if there is none.
     * @example await docs.collection("orders").get("0190a0a0-0000-7000-8000-000000000001") */
    get(id: string): Promise<Document<T> | undefined>;
    /** Replaces a document. Throws not_found if there is none.
     * @example await docs.collection("orders").update(await docs.collection("orders").create({ qty: 1 }), { qty: 2 }) */
    update(id: string, data: T): Promise<Document<T>>;
    /** Merges into a document (RFC 7396): members replace those of the document, null removes one, objects are merged. Throws not_found if there is none.
     * @example await docs.collection("orders").patch(await docs.collection("orders").create({ qty: 1 }), { qty: 3 }) */
    patch(id: string, patch: DocsPatch<T>): Promise<Document<T>>;
    /** Removes a document; says whether it was there.
     * @example await docs.collection("orders").delete("0190a0a0-0000-7000-8000-000000000001") */
    delete(id: string): Promise<boolean>;
    /** The documents that the filter finds: 100, or $limit, at most 1,000. Without $sort newest first.
     * @example await docs.collection("orders").find({ status: "open", $sort: "-at", $limit: 50 }) */
    find(filter: DocsFilter<T>): Promise<Document<T>[]>;
    /** The first document that the filter finds, or undefined.
     * @example await docs.collection("orders").findOne({ sku: "tea" }) */
    findOne(filter: DocsFilter<T>): Promise<Document<T> | undefined>;
    /** A page of what the filter finds; pass next_cursor on as cursor, with the same filter. Documents that stay and whose sorted fields do not change come exactly once.
     * @example await docs.collection("orders").page({ qty: { $gte: 2 }, $sort: "sku" }, { limit: 10 }) */
    page(filter: DocsFilter<T>, options?: { cursor?: string; limit?: number }): Promise<Page<Document<T>>>;
    /** A page of all documents, newest first.
     * @example await docs.collection("orders").list({ limit: 10 }) */
    list(options?: { cursor?: string; limit?: number }): Promise<Page<Document<T>>>;
    /** How many documents the filter finds.
     * @example await docs.collection("orders").count({ status: { $ne: "done" } }) */
    count(filter: DocsFilter<T>): Promise<number>;
    /** Merges the patch into every document that the filter finds and gives their number, all or nothing. More than 1,000 are refused; with $limit so many are changed.
     * @example await docs.collection("orders").updateMany({ status: "new" }, { status: "open" }) */
    updateMany(filter: DocsFilter<T>, patch: DocsPatch<T>): Promise<number>;
    /** Removes every document that the filter finds and gives their number, all or nothing. More than 1,000 are refused; with $limit so many are removed.
     * @example await docs.collection("orders").deleteMany({ status: "done" }) */
    deleteMany(filter: DocsFilter<T>): Promise<number>;
  }
  /** JSON documents in collections, found by filters, sorted and paged. */
  export const docs: {
    collection<T = Json>(name: string): DocsCollection<T>;
  };

  /** What `files.collection(name)` gives. */
  export interface FilesCollection<T = Json> {
    /** Stores a file of at most 12 MiB and gives its id. Without a content type it is application/octet-stream.
     * @example await files.collection("reports").create({ name: "a.txt", contentType: "text/plain", data: "hello" }) */
    create(file: { name: string; contentType?: string; data: FileData }): Promise<string>;
    /** What a file is, or undefined if it is absent.
     * @example await files.collection("reports").head("0190a0a0-0000-7000-8000-000000000000") */
    head(id: string): Promise<FileHead | undefined>;
    /** A file with its bytes, or undefined if it is absent. Throws too_large over 12 MiB, corrupted for bytes that changed on disk.
     * @example await files.collection("reports").get("0190a0a0-0000-7000-8000-000000000000") */
    get(id: string): Promise<StoredFile | undefined>;
    /** Replaces the bytes, the name or the content type, whichever are given. Throws not_found.
     * @example const reports = files.collection("reports"); const id = await reports.create({ name: "a.txt", data: "a" }); await reports.update(id, { data: "b" }) */
    update(id: string, change: { name?: string; contentType?: string; data?: FileData }): Promise<void>;
    /** Removes a file; says whether it was present.
     * @example await files.collection("reports").delete("0190a0a0-0000-7000-8000-000000000000") */
    delete(id: string): Promise<boolean>;
    /** A page of files without their bytes, newest first; pass next_cursor on as cursor.
     * @example await files.collection("reports").list({ limit: 10 }) */
    list(options?: { cursor?: string; limit?: number }): Promise<Page<FileHead>>;
    /** A URL that anyone may read the file with, for at most 7 days. Throws not_found.
     * @example const reports = files.collection("reports"); const id = await reports.create({ name: "a.txt", data: "a" }); await reports.url(id, { expires: "1h" }) */
    url(id: string, options: { expires: string | number }): Promise<string>;
  }
  /** Bytes of any size with a name and a content type, checked on every read, with signed URLs. */
  export const files: {
    collection<T = Json>(name: string): FilesCollection<T>;
  };

  /** Messages by topic, to scripts by triggers and to whoever listens now. */
  export const pubsub: {
    /** Publishes a message to all matching triggers in one step and gives their number; none is fine. Who follows the topic gets it too. Bytes at any depth become base64 text.
     * @example await pubsub.publishDurable("orders.created", { id: "17", total: 12.5 }) */
    publishDurable(topic: string, message: Json | object): Promise<number>;
    /** Sends a message to those who follow the topic now, and to nobody else: nothing is stored. Bytes become base64 text.
     * @example await pubsub.publishEphemeral("cursors.page-1", { user: "ada", x: 3 }) */
    publishEphemeral(topic: string, message: Json | object): Promise<void>;
  };

  /** Messages that wait for a consumer, with delay, dedupe keys and groups in order. */
  export const queue: {
    /** Sends a message; gives its id. With a dedupe key that was used in the last 24 hours nothing is sent, and the id is the first one's. Messages of a group are delivered one by one, in the order in which they were committed.
     * @example await queue.send("mails", { to: "ada" }, { delay: "5m", dedupeKey: "welcome-ada" }) */
    send(
      name: string,
      data: Json,
      options?: { delay?: string | number; dedupeKey?: string; group?: string },
    ): Promise<string>;
    /** Sends up to 1,000 messages in one transaction; gives their ids in the same order.
     * @example await queue.sendBatch("mails", [{ data: { to: "ada" } }, { data: { to: "bob" }, delay: "1h" }]) */
    sendBatch(
      name: string,
      messages: readonly { data: Json; delay?: string | number; dedupeKey?: string; group?: string }[],
    ): Promise<string[]>;
  };

  /** Events whose deliveries used up all their attempts. */
  export const deadLetters: {
    /** A page of the app's dead letters, newest first; with unresolved only those that are open.
     * @example await deadLetters.list({ unresolved: true, limit: 10 }) */
    list(options?: { unresolved?: boolean; cursor?: string; limit?: number }): Promise<Page<DeadLetter>>;
    /** Delivers the event once more, with all attempts. False: it has been replayed already. Throws not_found if there is none or its script is gone.
     * @example for (const { id } of (await deadLetters.list({ unresolved: true })).items) await deadLetters.replay(id) */
    replay(id: string): Promise<boolean>;
    /** Closes a dead letter with a reason; handler_failed leaves it open. Throws not_found.
     * @example for (const { id } of (await deadLetters.list({ unresolved: true })).items) await deadLetters.resolve(id, "ignored") */
    resolve(id: string, reason: DeadLetterResolution): Promise<void>;
  };

  /** A request to an async route, as its dead letter has it: no trigger is of this kind. */
  export interface HttpEvent extends TriggerEvent {
    readonly source: "http";
    readonly op: "request";
    readonly http: {
      readonly method: string;
      readonly url: string;
      readonly route?: string;
      readonly routeId?: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body?: string;
      readonly bodyBase64?: string;
      readonly remoteAddr: string;
      readonly principal?: {
        readonly kind: "user" | "api_key" | "end_user";
        readonly id: string;
        readonly name: string;
      };
    };
  }

  /** First argument of a handler that a `cron` trigger runs. */
  export interface CronEvent extends TriggerEvent {
    readonly source: "cron";
    readonly op: "fire";
    readonly cron: {
      readonly schedule: string;
      readonly timezone: string;
      readonly scheduledAt: string;
      readonly firedAt: string;
      readonly missed: number;
    };
  }

  /** First argument of a handler that a `kv` trigger runs. */
  export interface KvEvent<T = Json> extends TriggerEvent {
    readonly source: "kv";
    readonly op: "insert" | "update" | "delete";
    readonly kv: { readonly collection: string; readonly key: string; readonly value?: T };
  }

  /** First argument of a handler that a `docs` trigger runs. */
  export interface DocEvent<T = Json> extends TriggerEvent {
    readonly source: "docs";
    readonly op: "create" | "update" | "delete";
    readonly docs: {
      readonly collection: string;
      readonly id: string;
      readonly data?: T;
      readonly prevData?: T;
    };
  }

  /** First argument of a handler that a `files` trigger runs. */
  export interface FileEvent extends TriggerEvent {
    readonly source: "files";
    readonly op: "create" | "update" | "delete";
    readonly files: {
      readonly collection: string;
      readonly id: string;
      readonly name: string;
      readonly contentType: string;
      readonly sizeBytes: number;
      readonly sha256: string;
    };
  }

  /** First argument of a handler that a `pubsub` trigger runs. */
  export interface PubsubEvent<T = Json> extends TriggerEvent {
    readonly source: "pubsub";
    readonly op: "publish";
    readonly pubsub: { readonly topic: string; readonly message: T; readonly publishedAt: string };
  }

  /** First argument of a handler that a `queue` trigger runs. */
  export interface QueueEvent<T = Json> extends TriggerEvent {
    readonly source: "queue";
    readonly op: "message";
    readonly queue: {
      readonly queue: string;
      readonly messageId: string;
      readonly data: T;
      readonly enqueuedAt: string;
      readonly maxAttempts: number;
      readonly group?: string;
      readonly messages?: readonly {
        readonly queue: string;
        readonly messageId: string;
        readonly data: T;
        readonly enqueuedAt: string;
        readonly maxAttempts: number;
        readonly group?: string;
      }[];
    };
  }

  /** First argument of a handler that a `dead_letter` trigger runs. */
  export interface DeadLetterEvent extends TriggerEvent {
    readonly source: "dead_letter";
    readonly op: "dead_letter";
    readonly deadLetter: {
      readonly deadLetterId: string;
      readonly original: Exclude<AnyEvent, DeadLetterEvent>;
      readonly attempts: number;
      readonly lastError: { readonly code: string; readonly message: string };
      readonly triggerId?: string;
      readonly scriptId: string;
      readonly firstAttemptAt?: string;
      readonly lastAttemptAt: string;
    };
  }

  /** First argument of a handler that triggers of several kinds run: `source` tells which it is. */
  export type AnyEvent =
    | HttpEvent
    | CronEvent
    | KvEvent
    | DocEvent
    | FileEvent
    | PubsubEvent
    | QueueEvent
    | DeadLetterEvent;

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

  /** What services and the standard library throw. */
  export class PicloudError extends Error {
    constructor(code: string, message: string, retryable?: boolean, details?: unknown);
    readonly code: string;
    readonly retryable: boolean;
    readonly details: unknown;
  }

  type Bytes = string | Uint8Array | ArrayBuffer;

  type QueryValue = string | number | bigint | boolean | null | undefined;
  /** Names and values of a query. */
  type QueryFields = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;

  /** Regular expressions in the syntax of RE2, whose time grows with the length of the text and not with the choices in the pattern. Flags stand in the pattern: `(?i)`, `(?m)`, `(?s)`. There are no back-references and no look-around. */
  export const regex: {
    /** Whether the pattern matches anywhere in the text.
     * @example regex.isMatch("order 66", "[0-9]+") */
    isMatch(text: string, pattern: string): boolean;
    /** The first match; absent if there is none.
     * @example regex.find("order 66", "[0-9]+") */
    find(text: string, pattern: string): string | undefined;
    /** All matches, or the first `limit` of them. More than 100,000 are an error.
     * @example regex.findAll("a1b22", "[0-9]+") */
    findAll(text: string, pattern: string, limit?: number): string[];
    /** The first match and its groups, in the order of their parentheses; a group that took no part is absent. Absent if there is no match.
     * @example regex.captures("2026-11-25", "([0-9]+)-([0-9]+)") */
    captures(text: string, pattern: string): (string | undefined)[] | undefined;
    /** The groups of the first match that have a name, `(?P<name>…)` or `(?<name>…)`, and took part. Absent if there is no match.
     * @example regex.namedCaptures("to ada", "to (?<who>[a-z]+)") */
    namedCaptures(text: string, pattern: string): Record<string, string> | undefined;
    /** The text with the first match replaced. In the replacement `$1`, `$<name>`, `$&` are groups and the whole match, `$$` is a dollar.
     * @example regex.replace("a-b", "([a-z])-([a-z])", "$2-$1") */
    replace(text: string, pattern: string, replacement: string): string;
    /** The text with every match replaced, as `replace` does.
     * @example regex.replaceAll("a  b c", " +", "_") */
    replaceAll(text: string, pattern: string, replacement: string): string;
    /** The pieces between the matches: at most `limit`, the last of which has all the rest.
     * @example regex.split("a, b,c", ", *") */
    split(text: string, pattern: string, limit?: number): string[];
    /** A pattern that matches exactly the text.
     * @example regex.escape("1+1") */
    escape(text: string): string;
  };

  /** Chance from a generator that the system seeds anew for each run. Good enough for tokens. At most 65,536 bytes or characters at a time. */
  export const random: {
    /** A whole number from min to max, both included, each as likely as the others.
     * @example random.int(1, 6) */
    int(min: number, max: number): number;
    int(min: bigint, max: bigint): bigint;
    /** A number from 0 up to, but not including, 1.
     * @example random.float() */
    float(): number;
    /** True or false.
     * @example random.bool() */
    bool(): boolean;
    /** n bytes.
     * @example random.bytes(16).length */
    bytes(n: number): Uint8Array;
    /** n letters and digits of ASCII: 5.95 bits of chance each.
     * @example random.string(24).length */
    string(n: number): string;
    /** A UUID of version 4.
     * @example random.uuid().length */
    uuid(): string;
  };

  /** Points in time as milliseconds since 1970 in UTC, and as text of RFC 3339. */
  export const time: {
    /** The present time. It stands still while a script computes, and moves on when it waits.
     * @example time.now() */
    now(): number;
    /** RFC 3339 in UTC with milliseconds.
     * @example time.format(1_795_000_000_000) */
    format(ms: number): string;
    /** Milliseconds of a text of RFC 3339, with any offset; digits past the third of a fraction are dropped. Anything else is an error.
     * @example time.parse("2026-11-18T13:06:40+02:00") */
    parse(text: string): number;
    /** The parts of a time in UTC. `weekday` is 1 for Monday to 7 for Sunday.
     * @example time.parts(0).weekday */
    parts(ms: number): {
      readonly year: number;
      readonly month: number;
      readonly day: number;
      readonly hour: number;
      readonly minute: number;
      readonly second: number;
      readonly millisecond: number;
      readonly weekday: number;
      readonly dayOfYear: number;
    };
  };

  /** Base64 of RFC 4648, of bytes or of the UTF-8 of a string. */
  export const base64: {
    /** Base64 with padding.
     * @example base64.encode("hello") */
    encode(data: Bytes): string;
    /** The bytes of a base64 text. White space and a missing padding are allowed.
     * @example base64.decode("aGVsbG8=").length */
    decode(text: string): Uint8Array;
    /** Base64 in the alphabet of URLs, without padding.
     * @example base64.encodeUrl("<<>>") */
    encodeUrl(data: Bytes): string;
    /** The bytes of a base64 text in the alphabet of URLs.
     * @example base64.decodeUrl("PDw-Pg").length */
    decodeUrl(text: string): Uint8Array;
  };

  /** Two hexadecimal digits a byte. */
  export const hex: {
    /** In lower case.
     * @example hex.encode("AZ") */
    encode(data: Bytes): string;
    /** The bytes of a hexadecimal text of any case.
     * @example hex.decode("415A").length */
    decode(text: string): Uint8Array;
  };

  /** Percent-encoding of RFC 3986, queries, and the parts of a URL. */
  export const url: {
    /** Everything but letters and digits of ASCII and `-._~` as `%XX`.
     * @example url.encode("a b/ü") */
    encode(text: string): string;
    /** The text of a percent-encoded one. A `%` without two digits and bytes that are no UTF-8 are errors.
     * @example url.decode("a%20b+c") */
    decode(text: string): string;
    /** A query of names and values. A list gives its name several times; an absent value is left out.
     * @example url.encodeQuery({ page: 2, tag: ["a", "b c"] }) */
    encodeQuery(fields: QueryFields): string;
    /** The names of a query with the last value of each. `+` is a space, a `?` at the start is dropped.
     * @example url.parseQuery("?a=1&b=x+y") */
    parseQuery(text: string): Record<string, string>;
    /** The names of a query with all values of each.
     * @example url.parseQueryAll("a=1&a=2") */
    parseQueryAll(text: string): Record<string, string[]>;
    /** The parts of an absolute URL, normalised as browsers do. `port`, `query` and `fragment` are absent if they are not there, or the port is that of the scheme.
     * @example url.parse("https://example.com:8443/a?b=1#c").port */
    parse(text: string): {
      readonly href: string;
      readonly scheme: string;
      readonly username: string;
      readonly password: string;
      readonly host: string;
      readonly port?: number;
      readonly path: string;
      readonly query?: string;
      readonly fragment?: string;
    };
  };

  /** Digests as lower-case hex, of bytes or of the UTF-8 of a string. */
  export const hash: {
    /** SHA-256.
     * @example hash.sha256("abc").slice(0, 8) */
    sha256(data: Bytes): string;
    /** SHA-512.
     * @example hash.sha512("abc").slice(0, 8) */
    sha512(data: Bytes): string;
    /** HMAC with SHA-256.
     * @example hash.hmacSha256("key", "abc").length */
    hmacSha256(key: Bytes, data: Bytes): string;
    /** HMAC with SHA-512.
     * @example hash.hmacSha512("key", "abc").length */
    hmacSha512(key: Bytes, data: Bytes): string;
    /** Whether two have the same bytes, in a time that does not tell where they differ.
     * @example hash.equal("a", "a") */
    equal(a: Bytes, b: Bytes): boolean;
  };
}
