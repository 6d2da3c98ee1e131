import { JsonText, PicloudError } from "@picloud/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { prefixEnd } from "./kv.repository.ts";
import { kvFeature } from "./kv.server.ts";
import { compareAndSet, getValue, incrementValue, setValue, sweepExpired } from "./kv.service.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
let methods: ReturnType<typeof kvFeature>["methods"];
let endpoints: ReturnType<typeof kvFeature>["endpoints"];
const request = { signal: undefined, lastEventId: undefined, headers: {}, setHeader: () => undefined };
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
  app = await insertTestApp(platform);
  ({ methods, endpoints } = kvFeature(platform));
});
afterAll(async () => {
  await test.drop();
});

const json = (value: unknown): JsonText => new JsonText(JSON.stringify(value));
const at = (collection: string, key: string) => ({ appId: app.id, collection, key });
const textOf = (value: unknown): string => (value instanceof JsonText ? value.text : String(value));

async function codeOf(work: Promise<unknown>): Promise<{ code: string; path: string | undefined }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PicloudError)) throw new Error(`expected a PicloudError, got ${String(error)}`);
  return { code: error.code, path: error.fields?.[0]?.path };
}

describe("values", () => {
  it("come back as the text that was written", async () => {
    const ctx = runContext(platform, app);
    for (const text of [`{"b":1,"a":4.0}`, `9007199254740993`, `"ü\\u0041"`, `null`, `[[]]`]) {
      await methods.set(ctx, ["texts", "k", new JsonText(text)]);
      expect(textOf(await methods.get(ctx, ["texts", "k"]))).toBe(text);
    }
  });

  it("are refused when they can't be stored, naming the field", async () => {
    const ctx = runContext(platform, app);
    const set = async (collection: string, key: string, value: JsonText, options?: object) =>
      await codeOf(methods.set(ctx, [collection, key, value, options]));
    expect(await set("", "k", json(1))).toEqual({ code: "invalid", path: "collection" });
    expect(await set("a*", "k", json(1))).toEqual({ code: "invalid", path: "collection" });
    expect(await set("c".repeat(129), "k", json(1))).toEqual({ code: "too_large", path: "collection" });
    expect(await set("c", "", json(1))).toEqual({ code: "invalid", path: "key" });
    expect(await set("c", "a\u0000", json(1))).toEqual({ code: "invalid", path: "key" });
    expect(await set("c", "a\ud800", json(1))).toEqual({ code: "invalid", path: "key" });
    expect(await set("c", "ü".repeat(257), json(1))).toEqual({ code: "too_large", path: "key" });
    expect(await set("c", "k", json("x".repeat(1_048_575)))).toEqual({ code: "too_large", path: "value" });
    expect(await set("c", "k", json(1), { ttl: 0 })).toEqual({ code: "invalid", path: "ttl" });
    expect(await set("c", "k", json(1), { ttl: "soon" })).toEqual({ code: "invalid", path: "ttl" });
    expect(await methods.has(ctx, ["c", "k"])).toBe(false);
  });

  it("by the API are checked like those of scripts", async () => {
    const put = async (value: object | string) =>
      await codeOf(
        endpoints.set(apiContext(app), { app: app.id, collection: "c", key: "k", value }, request),
      );
    expect(await put({ a: ["\u0000"] })).toEqual({ code: "invalid", path: "value.a[0]" });
    expect(await put({ ["a\ud800"]: 1 })).toEqual({ code: "invalid", path: "value" });
    expect(await put("x".repeat(1_048_575))).toEqual({ code: "too_large", path: "value" });
    const { set, get, delete: remove } = endpoints;
    const address = { app: app.slug, collection: "api", key: "a/b" };
    expect(await set(apiContext(app), { ...address, value: [1] }, request)).toMatchObject({ version: 1 });
    expect(await set(apiContext(app), { ...address, value: [2] }, request)).toMatchObject({ version: 2 });
    expect(await get(apiContext(app), address, request)).toMatchObject({
      key: "a/b",
      value: new JsonText("[2]"),
      written_by: null,
    });
    await remove(apiContext(app), address, request);
    expect(await codeOf(remove(apiContext(app), address, request))).toMatchObject({ code: "not_found" });
  });

  it("at the limits are stored", async () => {
    const ctx = runContext(platform, app);
    const value = json("x".repeat(1_048_574));
    await methods.set(ctx, ["c".repeat(128), "ü".repeat(256), value]);
    const read = await methods.get(ctx, ["c".repeat(128), "ü".repeat(256)]);
    expect(textOf(read) === value.text).toBe(true);
  });

  it("name the execution that wrote them, whose row exists", async () => {
    const ctx = runContext(platform, app);
    await methods.set(ctx, ["by", "k", json(1)]);
    const rows = await test.db.read`
      select e.status, e.script_name from kv join executions e on e.app_id = kv.app_id and e.id = kv.written_by
      where kv.app_id = ${app.id} and kv.collection = 'by'`;
    expect(rows).toEqual([{ status: "running", script_name: "main" }]);
    expect(ctx.execution.recorded).toBe(true);
    await methods.set(ctx, ["by", "k2", json(1)]);
    expect(
      await test.db.read`select from kv where app_id = ${app.id} and written_by = ${ctx.execution.id}`,
    ).toHaveLength(2);
  });

  it("of another app are out of reach", async () => {
    const other = await insertTestApp(platform);
    await methods.set(runContext(platform, other), ["private", "k", json("secret")]);
    expect(await methods.get(runContext(platform, app), ["private", "k"])).toBeUndefined();
    const call = getValue({ ...apiContext(app), principal: { ...app.user, role: "member" } }, platform, {
      ...at("private", "k"),
      appId: other.id,
    });
    expect(await codeOf(call)).toMatchObject({ code: "forbidden" });
  });
});

describe("increment", () => {
  it("adds up under concurrency and keeps the expiry", async () => {
    const ctx = runContext(platform, app);
    await methods.set(ctx, ["n", "c", json(5), { ttl: "1h" }]);
    const sums = await Promise.all(
      Array.from({ length: 40 }, async () => await methods.increment(ctx, ["n", "c"])),
    );
    expect(new Set(sums.map(textOf)).size).toBe(40);
    expect(textOf(await methods.get(ctx, ["n", "c"]))).toBe("45");
    const [row] = await test.db.read`select expires_at from kv where app_id = ${app.id} and collection = 'n'`;
    expect(row?.["expires_at"]).toBeInstanceOf(Date);
  });

  it("refuses what is not a whole number, and sums beyond 64 bits", async () => {
    const ctx = runContext(platform, app);
    const increment = async (key: string, by: string) =>
      textOf(await incrementValue(ctx, platform, at("i", key), new JsonText(by)));
    expect(await increment("big", "9223372036854775806")).toBe("9223372036854775806");
    expect(await increment("big", "1")).toBe("9223372036854775807");
    expect(await codeOf(increment("big", "1"))).toEqual({ code: "invalid", path: "by" });
    expect(await codeOf(increment("big", "9223372036854775808"))).toEqual({ code: "invalid", path: "by" });
    expect(await codeOf(increment("big", "1.5"))).toEqual({ code: "invalid", path: "by" });
    expect(await codeOf(increment("big", `"1"`))).toEqual({ code: "invalid", path: "by" });
    for (const value of ["x", 1.5, null, [1], { a: 1 }]) {
      await setValue(ctx, platform, at("i", "odd"), { value: json(value) });
      expect(await codeOf(increment("odd", "1"))).toEqual({ code: "invalid", path: "key" });
    }
    expect(await increment("down", "-3")).toBe("-3");
    expect(await increment("down", "-0")).toBe("-3");
  });
});

describe("compare and set", () => {
  it("lets one of many writers win", async () => {
    const ctx = runContext(platform, app);
    const tries = Array.from(
      { length: 20 },
      async (_, i) => await methods.compare_and_set(ctx, ["cas", "lock", undefined, json(i)]),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
  });

  it("compares as JSON", async () => {
    const ctx = runContext(platform, app);
    await methods.set(ctx, ["cas", "v", new JsonText(`{"a":1.0,"b":[2]}`)]);
    expect(await methods.compare_and_set(ctx, ["cas", "v", new JsonText(`{"b":[2],"a":2}`), json(0)])).toBe(
      false,
    );
    expect(
      await methods.compare_and_set(ctx, ["cas", "v", new JsonText(`{"b":[2],"a":1}`), json(null)]),
    ).toBe(true);
    expect(await methods.compare_and_set(ctx, ["cas", "v", json(null), json("again")])).toBe(true);
    expect(await methods.compare_and_set(ctx, ["cas", "v", undefined, json(1)])).toBe(false);
    const odd = compareAndSet(ctx, platform, at("cas", "v"), {
      old: new JsonText("1e999999"),
      value: json(1),
    });
    expect(await codeOf(odd)).toEqual({ code: "invalid", path: "old" });
  });
});

describe("lists", () => {
  it("go through all keys of a prefix once, in byte order", async () => {
    const ctx = runContext(platform, app);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.string({ unit: fc.constantFrom("a", "b", "é", "\uffff", "😀"), minLength: 1, maxLength: 4 }),
          {
            maxLength: 12,
          },
        ),
        fc.string({ unit: fc.constantFrom("a", "é", "\uffff", "😀"), maxLength: 2 }),
        fc.integer({ min: 1, max: 5 }),
        async (keys, prefix, limit) => {
          const collection = newId();
          for (const key of keys) await methods.set(ctx, [collection, key, json(key)]);
          const seen: string[] = [];
          let cursor: string | null = null;
          do {
            const page = JSON.parse(
              textOf(await methods.list(ctx, [collection, { prefix, limit, cursor }])),
            ) as {
              items: { key: string; value: string }[];
              next_cursor: string | null;
            };
            expect(page.items.length).toBeLessThanOrEqual(limit);
            seen.push(...page.items.map((item) => item.key));
            cursor = page.next_cursor;
          } while (cursor !== null);
          const expected = keys
            .filter((key) => key.startsWith(prefix))
            .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          expect(seen).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("bind a cursor to its filter", async () => {
    const ctx = runContext(platform, app);
    for (const key of ["a1", "a2", "b1"]) await methods.set(ctx, ["cur", key, json(1)]);
    const page = JSON.parse(textOf(await methods.list(ctx, ["cur", { prefix: "a", limit: 1 }]))) as {
      next_cursor: string;
    };
    const other = methods.list(ctx, ["cur", { prefix: "b", cursor: page.next_cursor }]);
    expect(await codeOf(other)).toMatchObject({ code: "invalid_cursor" });
    expect(await codeOf(methods.list(ctx, ["cur", { cursor: "x" }]))).toMatchObject({
      code: "invalid_cursor",
    });
  });

  it("end a page early when its values are large", async () => {
    const ctx = runContext(platform, app);
    const value = json("x".repeat(900_000));
    for (let i = 0; i < 6; i++) await methods.set(ctx, ["large", `k${i}`, value]);
    const page = JSON.parse(textOf(await methods.list(ctx, ["large"]))) as {
      items: unknown[];
      next_cursor: string;
    };
    expect(page.items).toHaveLength(4);
    const rest = JSON.parse(textOf(await methods.list(ctx, ["large", { cursor: page.next_cursor }]))) as {
      items: unknown[];
    };
    expect(rest.items).toHaveLength(2);
  });

  it("end a prefix where its successor begins", () => {
    expect(prefixEnd("a")).toBe("b");
    expect(prefixEnd("a\u{10ffff}")).toBe("b");
    expect(prefixEnd("\ud7ff")).toBe("\ue000");
    expect(prefixEnd("")).toBeUndefined();
    expect(prefixEnd("\u{10ffff}")).toBeUndefined();
  });
});

interface ModelEntry {
  readonly value: unknown;
  readonly hasTtl: boolean;
}

const keyArbitrary = fc.constantFrom("a", "b");
const valueArbitrary = fc.constantFrom<unknown>(0, 7, -2, 1.5, "s", { a: 1 }, [1]);
const stepArbitrary = fc.oneof(
  fc.record({ op: fc.constant("set" as const), key: keyArbitrary, value: valueArbitrary, ttl: fc.boolean() }),
  fc.record({ op: fc.constant("delete" as const), key: keyArbitrary }),
  fc.record({
    op: fc.constant("increment" as const),
    key: keyArbitrary,
    by: fc.integer({ min: -3, max: 3 }),
  }),
  fc.record({
    op: fc.constant("cas" as const),
    key: keyArbitrary,
    old: fc.option(valueArbitrary, { nil: undefined }),
    value: valueArbitrary,
    ttl: fc.boolean(),
  }),
  // Time passes: whatever has a ttl expires, but nobody has swept it yet.
  fc.record({ op: fc.constant("expire" as const), key: keyArbitrary }),
  fc.record({ op: fc.constant("sweep" as const), key: keyArbitrary }),
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** What a step gives, and the op of the event that it causes. */
function modelStep(model: Map<string, ModelEntry>, step: Step): { result: unknown; event?: string } {
  const present = model.get(step.key);
  const op = present === undefined ? "insert" : "update";
  switch (step.op) {
    case "set":
      model.set(step.key, { value: step.value, hasTtl: step.ttl });
      return { result: undefined, event: op };
    case "delete":
      return model.delete(step.key) ? { result: true, event: "delete" } : { result: false };
    case "increment": {
      const { value, hasTtl } = present ?? { value: 0, hasTtl: false };
      if (!Number.isSafeInteger(value)) return { result: "invalid" };
      model.set(step.key, { value: Number(value) + step.by, hasTtl });
      return { result: Number(value) + step.by, event: op };
    }
    case "cas":
      if (JSON.stringify(present?.value) !== JSON.stringify(step.old)) return { result: false };
      model.set(step.key, { value: step.value, hasTtl: step.ttl });
      return { result: true, event: op };
    case "expire":
      if (present?.hasTtl === true) model.delete(step.key);
      return { result: undefined };
    case "sweep":
      return { result: undefined };
    default:
      return step satisfies never;
  }
}

async function realStep(collection: string, step: Step): Promise<unknown> {
  const ctx = runContext(platform, app);
  const ttl = "ttl" in step && step.ttl ? { ttl: "1h" } : undefined;
  switch (step.op) {
    case "set":
      return await methods.set(ctx, [collection, step.key, json(step.value), ttl]);
    case "delete":
      return await methods.delete(ctx, [collection, step.key]);
    case "increment":
      return await methods.increment(ctx, [collection, step.key, json(step.by)]).then(
        (sum) => Number(textOf(sum)),
        (error: unknown) => (error instanceof PicloudError ? error.code : error),
      );
    case "cas": {
      const old = step.old === undefined ? undefined : json(step.old);
      return await methods.compare_and_set(ctx, [collection, step.key, old, json(step.value), ttl]);
    }
    case "expire":
      await test.db.write`
        update kv set expires_at = now() where app_id = ${app.id} and collection = ${collection} and key = ${step.key}
          and expires_at is not null`;
      return undefined;
    case "sweep":
      await sweepExpired(platform, 5000);
      return undefined;
    default:
      return step satisfies never;
  }
}

it("does what a map with expiry does, and its events say what happened", async () => {
  await insertTestTrigger(platform, app, { pattern: "model:*" });
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 15 }), async (steps) => {
      const collection = `model:${newId()}`;
      const model = new Map<string, ModelEntry>();
      const expected: string[] = [];
      for (const step of steps) {
        const { result, event } = modelStep(model, step);
        expect(await realStep(collection, step)).toEqual(result);
        if (event !== undefined) expected.push(`${event} ${step.key}`);
        for (const key of ["a", "b"]) {
          const value = await methods.get(runContext(platform, app), [collection, key]);
          expect(value === undefined ? undefined : JSON.parse(textOf(value))).toEqual(model.get(key)?.value);
          expect(await methods.has(runContext(platform, app), [collection, key])).toBe(model.has(key));
        }
      }
      const events = await test.db.read<{ what: string }[]>`
        select op || ' ' || (payload->>'key') as what from events e
        where app_id = ${app.id} and payload->>'collection' = ${collection}
          and exists (select from outbox o where o.app_id = e.app_id and o.event_id = e.id) order by id`;
      expect(events.map((row) => row.what)).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});
