import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import { waitFor } from "../../../../../tests/support/wait-for.ts";
import { newId } from "../ids.ts";
import { silentLogger } from "../logger.ts";
import { createTopicParts, partsOfText } from "./topic-parts.ts";
import { createTopics, type TopicMessage, type Topics } from "./topics.ts";

let database: TestDatabase;
let here: Topics;
let there: Topics;
beforeAll(async () => {
  database = await testDatabase();
  const node = (): Topics =>
    createTopics({ side: database.db.side, nodeId: newId(), log: silentLogger, isShared: true });
  [here, there] = [node(), node()];
});
afterAll(async () => {
  await here.close();
  await there.close();
  await database.drop();
});

const message = (appId: string, text: string): TopicMessage => ({
  appId,
  topic: "a.b",
  message: text,
  publishedAt: "2026-01-01T00:00:00.000Z",
});

test("a message reaches the listeners of its app on every node once, in order, whatever its size", async () => {
  const [app, other] = [newId(), newId()];
  const [atHome, away, ofOther]: [TopicMessage[], TopicMessage[], TopicMessage[]] = [[], [], []];
  const ends = await Promise.all([
    here.listen(app, (heard) => atHome.push(heard)),
    there.listen(app, (heard) => away.push(heard)),
    there.listen(other, (heard) => ofOther.push(heard)),
  ]);
  const sent = ["1", `"${"é😀x".repeat(40_000)}"`, ...Array.from({ length: 50 }, (_, i) => String(i))].map(
    (text) => message(app, text),
  );
  for (const each of sent) here.publish(each);
  expect(atHome).toEqual(sent);
  await waitFor("all messages on the other node", () => away.length === sent.length);
  expect(away).toEqual(sent);
  expect(ofOther).toEqual([]);
  for (const end of ends) end();
  here.publish(message(app, "2"));
  here.publish(message(other, "3"));
  const last = await there.listen(other, (heard) => ofOther.push(heard));
  here.publish(message(other, "4"));
  await waitFor("the last message", () => ofOther.some(({ message: text }) => text === "4"));
  last();
  expect(away).toHaveLength(sent.length);
  expect(atHome).toHaveLength(sent.length);
});

test("parts fit into a notification, and give the text again", () => {
  const nodeId = newId();
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 30_000, size: "max" }), fc.nat(), (text, number) => {
      const parts = partsOfText(nodeId, number, `x${text}`);
      const together = createTopicParts();
      expect(parts.every((part) => Buffer.byteLength(part) < 8_000)).toBe(true);
      const made = parts.map((part) => together.add(part));
      expect(made.at(-1)).toBe(`x${text}`);
      expect(made.slice(0, -1).every((each) => each === undefined)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("what does not follow the part before is dropped; texts of several nodes do not mix", () => {
  const [a, b] = [newId(), newId()];
  const text = "y".repeat(20_000);
  const [a0 = "", a1 = "", a2 = ""] = partsOfText(a, 1, text);
  const [b0 = "", b1 = "", b2 = ""] = partsOfText(b, 1, text);
  const together = createTopicParts();
  expect([a0, b0, a1, b1, a2].map((part) => together.add(part))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    text,
  ]);
  expect(together.add(b2)).toBe(text);
  const broken = createTopicParts();
  expect([a1, a2, a0, a2, a1, a2, "", "x", `${a} 1 0`].map((part) => broken.add(part))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    text,
    undefined,
    undefined,
    undefined,
  ]);
});
