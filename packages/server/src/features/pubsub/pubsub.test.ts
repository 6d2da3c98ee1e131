import { JsonText, PicloudError } from "@picloud/contract";
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
import { silentLogger } from "../../platform/logger.ts";
import type { Platform } from "../../platform/platform.ts";
import { pubsubFeature } from "./pubsub.server.ts";
import type { FollowedMessage } from "./pubsub-tail.service.ts";
import { tailTopics } from "./pubsub-tail.service.ts";
import { checkTopicPattern, isInRange, topicRange } from "./topic.ts";

let test: TestDatabase;
let platform: Platform;
let app: TestApp;
let feature: ReturnType<typeof pubsubFeature>;
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
  app = await insertTestApp(platform);
  feature = pubsubFeature(platform);
});
afterAll(async () => {
  await test.drop();
});

const json = (value: unknown): JsonText => new JsonText(JSON.stringify(value));

async function publish(topic: string, message: JsonText, ctx = runContext(platform, app)): Promise<unknown> {
  return await feature.methods.publish_durable(ctx, [topic, message]);
}

async function problemOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PicloudError)) throw new Error(`expected a PicloudError, got ${String(error)}`);
  return `${error.code} ${error.fields?.[0]?.path ?? ""}`;
}

interface Delivered {
  readonly trigger_id: string;
  readonly payload: string;
  readonly event_id: string;
}

async function delivered(of: TestApp): Promise<readonly Delivered[]> {
  return await test.db.write<Delivered[]>`
    select o.trigger_id, o.event_id, e.payload::text from outbox o
    join events e on e.app_id = o.app_id and e.id = o.event_id
    where o.app_id = ${of.id} and e.source = 'pubsub' order by o.id`;
}

describe("durable messages", () => {
  it("are one event, with a delivery for each enabled trigger whose pattern matches", async () => {
    const own = await insertTestApp(platform);
    const other = await insertTestApp(platform);
    const match = await Promise.all(
      ["orders.created", "orders.*", "*", "orders.*"].map(
        async (pattern) => await insertTestTrigger(platform, own, { kind: "pubsub", pattern }),
      ),
    );
    for (const pattern of ["orders", "orders.created.*", "order.*", "orders.createdX"])
      await insertTestTrigger(platform, own, { kind: "pubsub", pattern });
    await insertTestTrigger(platform, own, { kind: "kv", pattern: "*" });
    await insertTestTrigger(platform, other, { kind: "pubsub", pattern: "*" });
    const off = await insertTestTrigger(platform, own, { kind: "pubsub", pattern: "orders.created" });
    await test.db.write`update triggers set enabled = false where app_id = ${own.id} and id = ${off}`;
    const ctx = runContext(platform, own);
    const woken: (string | undefined)[] = [];
    const end = platform.signals.on("outbox", (appId) => woken.push(appId));
    expect(await publish("orders.created", new JsonText(`{"total":4.0,"n":9007199254740993}`), ctx)).toBe(4);
    end();
    expect(woken).toEqual([own.id]);
    const rows = await delivered(own);
    expect(rows.map((row) => row.trigger_id).toSorted()).toEqual(match.toSorted());
    expect(new Set(rows.map((row) => row.event_id)).size).toBe(1);
    expect(rows[0]?.payload).toMatch(
      /^\{"topic":"orders.created","message":\{"total":4\.0,"n":9007199254740993\},"published_at":"[\d-]+T[\d:.]+Z"\}$/,
    );
    const [run] = await test.db.write`select id from executions where app_id = ${own.id}`;
    expect(run?.["id"]).toBe(ctx.execution.id);
    expect(await delivered(other)).toEqual([]);
  });

  it("succeed without a subscriber", async () => {
    expect(await publish("nobody.here", json(1))).toBe(0);
  });

  it("are written with their chain's end and delivered no further", async () => {
    const own = await insertTestApp(platform);
    await insertTestTrigger(platform, own, { kind: "pubsub", pattern: "*" });
    const warned: string[] = [];
    const ctx = {
      ...runContext(platform, own, { depth: platform.config.maxTriggerDepth }),
      warnAuthor: (message: string) => warned.push(message),
    };
    expect(await publish("a", json(1), ctx)).toBe(0);
    expect(await delivered(own)).toEqual([]);
    expect(warned).toHaveLength(1);
    expect(await test.db.write`select from events where app_id = ${own.id}`).toHaveLength(1);
  });

  it("are refused when the topic or the message is not one, naming it", async () => {
    for (const topic of ["", "a.*", "*", "a*b", ".a", "a.", "a..b", "a\u0000"])
      expect([topic, await problemOf(publish(topic, json(1)))]).toEqual([topic, "invalid topic"]);
    expect(await problemOf(publish("é".repeat(65), json(1)))).toBe("too_large topic");
    expect(await publish("é".repeat(64), json("x".repeat(262_142)))).toBe(0);
    expect(await problemOf(publish("a", json("x".repeat(262_143))))).toBe("too_large message");
    expect(await problemOf(publish("a", json("é".repeat(131_072))))).toBe("too_large message");
  });

  it("are refused for an app that is being deleted, and nothing is written", async () => {
    const own = await insertTestApp(platform);
    await test.db.write`update apps set state = 'deleting' where id = ${own.id}`;
    expect(await problemOf(publish("a", json(1), runContext(platform, own)))).toBe("app_gone ");
    expect(await test.db.write`select from events where app_id = ${own.id}`).toHaveLength(0);
    expect(await test.db.write`select from executions where app_id = ${own.id}`).toHaveLength(0);
  });

  it("published over the API are in the audit log by their topic", async () => {
    const call = { signal: undefined, lastEventId: undefined, headers: {}, setHeader: () => undefined };
    const input = { app: app.slug, topic: "audited.here", message: json({ secret: "x" }) };
    const answer = await feature.endpoints.publish(apiContext(app), input, call);
    expect(answer).toEqual({ topic: "audited.here", deliveries: 0 });
    const [entry] = await test.db.write`
      select action, resource_name, after from audit where app_id = ${app.id} order by id desc limit 1`;
    expect(entry).toEqual({
      action: "pubsub.publish",
      resource_name: "audited.here",
      after: { deliveries: 0 },
    });
  });
});

describe("patterns", () => {
  it("are a topic, a prefix or all", () => {
    for (const pattern of ["a", "a.b", "a.*", "a.b.*", "*"])
      expect(() => checkTopicPattern(pattern, "p")).not.toThrow();
    for (const pattern of ["", "a.*.b", "**", "a*", "*.a", ".*", "a..*", "*.*"])
      expect(() => checkTopicPattern(pattern, "p")).toThrow(/^p /);
  });

  it("match whole parts only", () => {
    const matches = (pattern: string, topic: string): boolean => isInRange(topicRange(pattern), topic);
    expect(matches("a.*", "a.b.c")).toBe(true);
    expect(matches("a.*", "a")).toBe(false);
    expect(matches("a.*", "ab.c")).toBe(false);
    expect(matches("a", "a")).toBe(true);
    expect(matches("a", "a.b")).toBe(false);
    expect(matches("*", "x")).toBe(true);
  });
});

describe("a tail", () => {
  async function openTail(
    of: TestApp,
    topic?: string,
    lastEventId?: string,
  ): Promise<{ next: () => Promise<FollowedMessage>; end: () => Promise<void> }> {
    const leave = new AbortController();
    const query = { app: of.id, topic, lastEventId, signal: leave.signal };
    const stream = await tailTopics(apiContext(of), platform, query);
    return {
      async next() {
        const step = await stream.next();
        if (step.done === true) throw new Error("the stream ended");
        return step.value;
      },
      async end() {
        leave.abort();
        await stream.return();
      },
    };
  }
  const shown = ({ topic, message, durable }: FollowedMessage): string =>
    `${topic} ${JSON.stringify(message)} ${durable}`;

  it("gives durable messages once, in order, and ephemeral ones as they come", async () => {
    const own = await insertTestApp(platform);
    await publish("before", json(0), runContext(platform, own));
    const tail = await openTail(own, "a.*");
    const ctx = runContext(platform, own);
    await publish("b", json("not this"), ctx);
    await publish("a.one", new JsonText("4.0"), ctx);
    expect(shown(await tail.next())).toBe("a.one 4.0 true");
    await feature.methods.publish_ephemeral(ctx, ["b.x", json("nor this")]);
    await feature.methods.publish_ephemeral(ctx, ["a.two", json({ x: 1 })]);
    expect(shown(await tail.next())).toBe(`a.two {"x":1} false`);
    await publish("a.three", json(3), ctx);
    expect(shown(await tail.next())).toBe("a.three 3 true");
    await tail.end();
    expect(await test.db.write`select from events where app_id = ${own.id}`).toHaveLength(4);
  });

  it("waits for a message whose transaction has not ended, and skips none", async () => {
    const own = await insertTestApp(platform);
    const tail = await openTail(own);
    const opened = Promise.withResolvers<undefined>();
    const commit = Promise.withResolvers<undefined>();
    const late = test.db.write.begin(async (tx) => {
      await tx`insert into events (app_id, id, source, op, payload, depth)
        values (${own.id}, gen_random_uuid(), 'pubsub', 'publish',
          '{"topic":"late","message":1,"published_at":"2026-01-01T00:00:00.000Z"}', 0)`;
      opened.resolve(undefined);
      await commit.promise;
    });
    await opened.promise;
    await publish("early", json(2), runContext(platform, own));
    const first = tail.next();
    commit.resolve(undefined);
    await late;
    expect([shown(await first), shown(await tail.next())]).toEqual(["late 1 true", "early 2 true"]);
    await tail.end();
  });

  it("ends with an error when it is read too slowly", async () => {
    const own = await insertTestApp(platform);
    const tail = await openTail(own);
    const ctx = runContext(platform, own);
    for (let i = 0; i < 1_001; i++) await feature.methods.publish_ephemeral(ctx, ["a", json(i)]);
    expect(await problemOf(tail.next())).toBe("overloaded ");
    await tail.end();
  });

  it("is for who may read logs, and ends with the right", async () => {
    const stranger = { ...apiContext(app), principal: { ...app.user, role: "member" as const } };
    expect(
      await problemOf(
        tailTopics(stranger, platform, { app: app.id, signal: undefined, lastEventId: undefined }),
      ),
    ).toBe("forbidden ");
    const nobody = { kind: "api" as const, requestId: "r", log: silentLogger };
    expect(
      await problemOf(
        tailTopics(nobody, platform, { app: app.id, signal: undefined, lastEventId: undefined }),
      ),
    ).toBe("unauthenticated ");
    const query = { app: app.id, topic: "a.*.b", signal: undefined, lastEventId: undefined };
    expect(await problemOf(tailTopics(apiContext(app), platform, query))).toBe("invalid topic");
  });
});
