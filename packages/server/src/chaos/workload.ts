/** What the check deploys: scripts that write, and scripts that are triggered by it and leave a trace of each delivery. */
import { deploy, textOf, type AdminClient, type ChaosScript } from "./api-client.ts";

export const APP = "default";

/** Where writes go, and where deliveries leave their traces. */
export const COLLECTIONS = {
  kv: "chaos_kv",
  docs: "chaos_docs",
  counters: "chaos_counters",
  seen: "chaos_seen",
} as const;
export const TOPIC = "chaos.written";
export const QUEUE = "chaos";

/** One statement for each way to write, in both languages; `key` is in scope. */
const WRITES = {
  kv: {
    typescript: `await kv.collection("${COLLECTIONS.kv}").set(key, { key });`,
    rhai: `kv::collection("${COLLECTIONS.kv}").set(key, #{ key: key });`,
  },
  docs: {
    typescript: `await docs.collection("${COLLECTIONS.docs}").create({ key });`,
    rhai: `docs::collection("${COLLECTIONS.docs}").create(#{ key: key });`,
  },
  pubsub: {
    typescript: `await pubsub.publishDurable("${TOPIC}", { key });`,
    rhai: `pubsub::publish_durable("${TOPIC}", #{ key: key });`,
  },
  queue: {
    typescript: `await queue.send("${QUEUE}", { key });`,
    rhai: `queue::send("${QUEUE}", #{ key: key });`,
  },
  counter: {
    typescript: `await kv.collection("${COLLECTIONS.counters}").increment(key.split("-")[0]);`,
    rhai: `kv::collection("${COLLECTIONS.counters}").increment(key.split("-")[0]);`,
  },
} as const;

const WRITE_TYPESCRIPT = `import { docs, kv, pubsub, queue } from "picloud";
export default async (_request, { params: { kind, key } }) => {
${Object.entries(WRITES)
  .map(([kind, { typescript }]) => `  if (kind === "${kind}") ${typescript}`)
  .join("\n")}
  return { written: key };
};
`;

const WRITE_RHAI = `let kind = ctx.request.params.kind;
let key = ctx.request.params.key;
${Object.entries(WRITES)
  .map(([kind, { rhai }]) => `if kind == "${kind}" { ${rhai} }`)
  .join("\n")}
#{ written: key }
`;

/** Sources of events: how a trigger is made for one, where the key of a write is in its event, and who gets it. */
export const sources = {
  kv: { trigger: { collection_glob: COLLECTIONS.kv }, key: "event.kv.key", handlers: ["chaos-seen"] },
  docs: {
    trigger: { collection_glob: COLLECTIONS.docs },
    key: "event.docs.data.key",
    handlers: ["chaos-seen"],
  },
  pubsub: {
    trigger: { topic_pattern: "chaos.*" },
    key: "event.pubsub.message.key",
    handlers: ["chaos-seen"],
  },
  queue: { trigger: { queue: QUEUE }, key: "event.queue.data.key", handlers: ["chaos-seen"] },
} as const;

/** Scripts that get the events of a source. */
export function handlersOf(source: string): readonly string[] {
  return Object.entries(sources).find(([name]) => name === source)?.[1].handlers ?? [];
}

const KEY_OF = `const keyOf = (event) => ({ ${Object.entries(sources)
  .map(([source, { key }]) => `${source}: () => ${key}`)
  .join(", ")} })[event.source]();`;

/** A trace names the event as the delivery told it, so that one that was mixed up shows. It takes a while, so that a fault
 *  finds deliveries in every state. */
const SEEN = `import { kv } from "picloud";
${KEY_OF}
export default async (event) => {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
  await kv.collection("${COLLECTIONS.seen}").increment([event.source, keyOf(event), event.id].join("/"));
};
`;

const scripts: readonly ChaosScript[] = [
  {
    name: "chaos-write",
    language: "typescript",
    source: WRITE_TYPESCRIPT,
    routes: [{ method: "POST", path: "/chaos-typescript/:kind/:key" }],
  },
  {
    name: "chaos-write-rhai",
    language: "rhai",
    source: WRITE_RHAI,
    routes: [{ method: "POST", path: "/chaos-rhai/:kind/:key" }],
  },
  { name: "chaos-seen", language: "typescript", source: SEEN, routes: [] },
];

/** Often and soon: a delivery fails only because of a fault, and must not run out of attempts. */
const retry = { max_attempts: 100, backoff: "constant", base_ms: 50, max_ms: 1_000, jitter_pct: 50 };

/** Deploys it all; gives the id of the app. */
export async function deployWorkload(admin: AdminClient): Promise<string> {
  await deploy(admin, APP, scripts);
  for (const [kind, { trigger, handlers }] of Object.entries(sources))
    for (const script of handlers)
      await admin.call("POST", `/apps/${APP}/triggers/${kind}`, { script, ...trigger, ...retry });
  return textOf(await admin.call("GET", `/apps/${APP}`), "id");
}
