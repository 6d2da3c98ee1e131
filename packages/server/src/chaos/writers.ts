/** Writers: each sends one write after another, through scripts and through the API, and notes what it was told. */
import { setTimeout as sleep } from "node:timers/promises";
import { ask, memberOf, type ApiAnswer } from "./api-client.ts";
import { writeKinds, type Journal, type Write, type WriteKind } from "./journal.ts";
import { createRandom } from "./random.ts";
import { APP, COLLECTIONS, QUEUE, TOPIC } from "./workload.ts";

export interface Writers {
  /** How many deliveries wait: with too many the writers wait too, so that a slow machine comes to an end. */
  setBacklog(deliveries: number): void;
  /** Answers that no fault explains, as text. */
  readonly unexplained: readonly string[];
  /** Sends no more; resolves when every write has its answer or none. */
  stop(): Promise<void>;
}

export interface WritersOptions {
  readonly journal: Journal;
  readonly seed: number;
  /** Of each node. */
  readonly urls: readonly [string, ...string[]];
  readonly token: string;
}

export const WRITERS = 4;
/** Between two writes of a writer. */
const PAUSE_MS = { least: 10, more: 60 } as const;
const BACKLOG_MAX = 400;
const AFTER_REFUSAL_MS = 40;

/** What may happen to a request while servers are killed. */
const EXPLAINED = new Set([
  "unavailable",
  "executor_lost",
  "overloaded",
  "commit_unknown",
  "timeout",
  "conflict_retries",
]);

export function startWriters(options: WritersOptions): Writers {
  const { journal } = options;
  const unexplained: string[] = [];
  let isStopped = false;
  let backlog = 0;

  const write = async (writer: number): Promise<void> => {
    const random = createRandom(options.seed * WRITERS + writer + 1);
    while (!isStopped) {
      await sleep(PAUSE_MS.least + random.below(PAUSE_MS.more));
      if (backlog > BACKLOG_MAX) continue;
      const kind = random.pick(writeKinds);
      const way = random.pick(waysOf(kind));
      const asked = journal.begin({ kind, way, writer });
      const answer = await send(asked, random.pick(options.urls), options.token);
      if (isAcknowledged(asked, answer)) {
        journal.end(asked, "acknowledged");
        continue;
      }
      journal.end(asked, answer.isUnsent ? "unsent" : "unknown");
      if (answer.status !== 0 && !isExplained(answer))
        unexplained.push(`${way} ${kind}: ${answer.status} ${JSON.stringify(answer.body)}`);
      await sleep(AFTER_REFUSAL_MS);
    }
  };

  const running = Promise.all(Array.from({ length: WRITERS }, async (_, writer) => await write(writer)));
  return {
    setBacklog: (deliveries) => (backlog = deliveries),
    unexplained,
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

function waysOf(kind: WriteKind): readonly [string, ...string[]] {
  return kind === "counter" ? ["typescript", "rhai"] : ["typescript", "rhai", "api"];
}

async function send({ key, kind, way }: Write, url: string, token: string): Promise<ApiAnswer> {
  if (way !== "api") return await ask({ url: `${url}/chaos-${way}/${kind}/${key}`, method: "POST" });
  const app = `${url}/api/v1/admin/apps/${APP}`;
  switch (kind) {
    case "kv":
      return await ask({
        url: `${app}/kv/${COLLECTIONS.kv}/${key}`,
        method: "PUT",
        body: { value: { key } },
        token,
      });
    case "docs":
      return await ask({
        url: `${app}/docs/${COLLECTIONS.docs}`,
        method: "POST",
        body: { data: { key } },
        token,
      });
    case "pubsub":
      return await ask({
        url: `${app}/pubsub/publish`,
        method: "POST",
        body: { topic: TOPIC, message: { key } },
        token,
      });
    case "queue":
      return await ask({
        url: `${app}/queues/${QUEUE}/messages`,
        method: "POST",
        body: { data: { key } },
        token,
      });
    case "counter":
      throw new Error("the API has no increment");
    default:
      return kind satisfies never;
  }
}

/** What an answer of the API has. */
const ACKNOWLEDGED = {
  kv: "key",
  docs: "id",
  pubsub: "topic",
  queue: "id",
  counter: "",
} as const satisfies Record<WriteKind, string>;

/** The whole answer has come, and it is the one to this write. */
function isAcknowledged({ key, kind, way }: Write, { status, body }: ApiAnswer): boolean {
  if (status < 200 || status > 299) return false;
  if (way !== "api") return memberOf(body, "written") === key;
  return typeof memberOf(body, ACKNOWLEDGED[kind]) === "string";
}

function isExplained({ body }: ApiAnswer): boolean {
  const error = memberOf(body, "error");
  const code = memberOf(error, "code");
  // What a service threw and a script did not catch.
  const cause = memberOf(memberOf(error, "details"), "cause_code");
  return EXPLAINED.has(String(code)) || EXPLAINED.has(String(cause));
}
