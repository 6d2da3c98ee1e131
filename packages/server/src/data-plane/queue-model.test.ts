/** A queue against a plain model: whatever is sent, paused, purged, consumed and completed in whatever order, each message
 *  is where the model says and waits for the reason that it gives. */
import { strict as assert } from "node:assert";
import { jsonText } from "@picloud/contract";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/support/template-database.ts";
import {
  apiContext,
  insertTestApp,
  insertTestTrigger,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../tests/support/test-app.ts";
import { newMessage } from "../features/queue/queue-message.ts";
import {
  pauseQueue,
  peekMessages,
  purgeQueue,
  resumeQueue,
  sendMessages,
} from "../features/queue/queue.service.ts";
import { settleClaimed, settleQueue } from "../platform/database/queue-messages.ts";
import type { Platform } from "../platform/platform.ts";
import {
  claimDeliveries,
  completeDeliveries,
  FIRST_APP,
  type ClaimedDelivery,
  type Outcome,
} from "./outbox.repository.ts";

let test: TestDatabase;
let platform: Platform;
beforeAll(async () => {
  test = await testDatabase();
  platform = testPlatform(test);
});
afterAll(async () => await test.drop());

type Step =
  | { readonly do: "send"; readonly groups: readonly (string | null)[]; readonly dedupe: string | null }
  | { readonly do: "pause" | "resume" | "purge" | "claim" | "consume" | "leave" }
  | { readonly do: "complete"; readonly kinds: readonly ("done" | "retry" | "dead")[] };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      groups: fc.array(fc.constantFrom(null, "a", "b"), { minLength: 1, maxLength: 4 }),
      dedupe: fc.constantFrom(null, null, "k", "l"),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: "claim" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("complete" as const),
      kinds: fc.array(fc.constantFrom("done" as const, "retry" as const, "dead" as const), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ do: "pause" as const }, { do: "resume" as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: "consume" as const }, { do: "leave" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "purge" as const }) },
);

interface Modelled {
  readonly data: number;
  readonly group: string | null;
  isRunning: boolean;
}

/** The model and the queue beside each other. */
class Pair {
  readonly app: TestApp;
  messages: Modelled[] = [];
  readonly keys = new Map<string, string>();
  isPaused = false;
  consumer: string | undefined;
  running: ClaimedDelivery[] = [];
  sent = 0;
  constructor(app: TestApp) {
    this.app = app;
  }

  get key() {
    return { appId: this.app.id, queue: "q" };
  }

  expected(): string[] {
    return this.messages.map((message) => `${message.data} ${this.stateOf(message)}`);
  }

  stateOf(message: Modelled): string {
    if (message.isRunning) return "running";
    const first = this.messages.find(({ group }) => group !== null && group === message.group);
    if (first !== undefined && first !== message) return "held group";
    if (this.consumer === undefined) return "held no_consumer";
    return this.isPaused ? "held queue_paused" : "waiting";
  }

  async run(step: Step): Promise<void> {
    const ctx = apiContext(this.app);
    switch (step.do) {
      case "send":
        await this.send(step);
        break;
      case "pause":
        await pauseQueue(ctx, platform, this.key);
        this.isPaused = true;
        break;
      case "resume":
        await resumeQueue(ctx, platform, this.key);
        this.isPaused = false;
        break;
      case "purge": {
        const waiting = this.messages.filter(({ isRunning }) => !isRunning);
        assert.equal(await purgeQueue(ctx, platform, this.key), waiting.length);
        this.messages = this.messages.filter(({ isRunning }) => isRunning);
        break;
      }
      case "consume":
        this.consumer ??= await insertTestTrigger(platform, this.app, { kind: "queue", pattern: "q" });
        await settleQueue(test.db.write, this.key);
        break;
      case "leave":
        if (this.consumer !== undefined)
          await test.db.write`delete from triggers where app_id = ${this.app.id} and id = ${this.consumer}`;
        this.consumer = undefined;
        await settleQueue(test.db.write, this.key);
        break;
      case "claim":
        await this.claim();
        break;
      case "complete":
        await this.complete(step.kinds);
        break;
      default:
        step satisfies never;
    }
  }

  async send({ groups, dedupe }: Step & { do: "send" }): Promise<void> {
    const made = groups.map((group, i) => {
      const data = this.sent++;
      const dedupeKey = i === 0 ? dedupe : null;
      return { data, group, message: newMessage("q", jsonText(data), { group, dedupeKey }) };
    });
    const ids = await sendMessages(runContext(platform, this.app), platform, this.key, () =>
      made.map(({ message }) => message),
    );
    for (const [i, { data, group, message }] of made.entries()) {
      const known = message.dedupeKey === null ? undefined : this.keys.get(message.dedupeKey);
      assert.equal(ids[i], known ?? message.id);
      if (known !== undefined) continue;
      if (message.dedupeKey !== null) this.keys.set(message.dedupeKey, message.id);
      this.messages.push({ data, group, isRunning: false });
    }
  }

  async claim(): Promise<void> {
    const query = { afterApp: FIRST_APP, limit: 1000, appLimit: 1000, fullApps: [], leaseMs: 60_000 };
    const { deliveries } = await claimDeliveries(test.db.write, { ...query, nodeId: test.nodeId });
    const waiting = this.messages.filter((message) => this.stateOf(message) === "waiting");
    for (const delivery of deliveries) {
      // As the dispatcher does with what was freed while the queue was paused or lost its consumer.
      if (delivery.is_queue_paused || delivery.trigger === null)
        await settleClaimed(test.db.write, test.nodeId, { ...delivery, ...this.key });
      else this.running.push(delivery);
    }
    for (const message of waiting) message.isRunning = true;
  }

  async complete(kinds: readonly ("done" | "retry" | "dead")[]): Promise<void> {
    const outcomes = kinds.flatMap((kind, i): Outcome[] => {
      const claim = this.running[i];
      const error = { error: `{"code":"script_error","message":"no"}` };
      return claim === undefined ? [] : [{ claim, kind, delayMs: 0, ...(kind === "done" ? {} : error) }];
    });
    if (outcomes.length === 0) return;
    await completeDeliveries(test.db.write, test.nodeId, outcomes);
    const ends = this.running.splice(0, outcomes.length);
    for (const [i, end] of ends.entries()) {
      const data = (JSON.parse(end.payload ?? "") as { data: number }).data;
      if (outcomes[i]?.kind === "retry") {
        const message = this.messages.find((each) => each.data === data);
        if (message !== undefined) message.isRunning = false;
      } else this.messages = this.messages.filter((each) => each.data !== data);
    }
    await settleQueue(test.db.write, this.key);
  }
}

it("does what the model does", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 30 }), async (steps) => {
      await test.db.write`truncate outbox, events, dead_letters, queue_groups, queue_dedupe, queue_pauses`;
      const pair = new Pair(await insertTestApp(platform));
      for (const each of steps) {
        await pair.run(each);
        const { items } = await peekMessages(apiContext(pair.app), platform, pair.key, {
          limit: 1000,
          cursor: undefined,
        });
        const real = items.map(({ data, state, held_reason: reason }) =>
          [data, state, ...(reason === null ? [] : [reason])].join(" "),
        );
        expect(real).toEqual(pair.expected());
      }
    }),
    { numRuns: 100, interruptAfterTimeLimit: 40_000 },
  );
});
