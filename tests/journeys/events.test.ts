/** A script that runs on the changes of another one: what it gets, what happens when it fails, and when it is off. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstOwner, rawApi, type RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const WRITE = `import { kv } from "picloud";
export default async (request, ctx) => {
  const { collection, key } = ctx.params;
  await kv.collection(collection).set(key, { text: key, snake_case: 1 });
  return ctx.executionId;
};
`;
/** Keeps what it got under the name of the key, and writes into a collection that its own trigger matches. */
const KEEP = `import { kv } from "picloud";
export default async (event, ctx) => {
  const { executionId, rootExecutionId, parentExecutionId, triggerDepth } = ctx;
  await kv.collection("kept").set(event.kv.key, { event, executionId, rootExecutionId, parentExecutionId, triggerDepth });
};
`;
const FAIL = `import { log } from "picloud";
export default (event, ctx) => {
  log.info("attempt", { attempt: event.attempt });
  throw new Error("attempt " + event.attempt + " failed");
};
`;
const LOOP = `export default () => {
  for (;;);
};
`;
const CHAIN = `import { kv } from "picloud";
export default async (event, ctx) => {
  await kv.collection("chain").increment("depth-" + ctx.triggerDepth);
};
`;

let server: RunningServer;
let api: RawApi;
let app: string;
beforeAll(async () => {
  server = await startServer();
  api = await firstOwner(server);
  app = "/apps/default";
  await api.deploy("write", WRITE, "GET /write/:collection/:key");
});
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
});

async function json<T>(path: string): Promise<T> {
  const answer = await api.get(`${app}${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function write(collection: string, key: string): Promise<string> {
  const answer = await fetch(`${server.url}/write/${collection}/${key}`);
  if (!answer.ok) throw new Error(`write: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as string;
}

async function trigger(
  script: string,
  collection_glob: string,
  more: object = {},
): Promise<{ id: string; warnings?: string[] }> {
  const body = { script, collection_glob, ...more };
  return (await rawApi(server, api.token).post(`${app}/triggers/kv`, body)) as {
    id: string;
    warnings?: string[];
  };
}

interface DeadLetter {
  readonly id: string;
  readonly attempts: number;
  readonly last_error: { readonly code: string; readonly message: string };
  readonly event: { readonly kv: { readonly key: string } };
}

async function deadLetterOf(key: string): Promise<DeadLetter> {
  return await waitFor(`a dead letter of ${key}`, async () => {
    const { items } = await json<{ items: { id: string }[] }>("/dead_letters?unresolved=true");
    const letters = await Promise.all(
      items.map(async ({ id }) => await json<DeadLetter>(`/dead_letters/${id}`)),
    );
    return letters.find((letter) => letter.event.kv.key === key);
  });
}

test("a triggered script gets the event and knows what caused it", async () => {
  await api.deploy("keep", KEEP, "GET /keep");
  await trigger("keep", "orders:*");
  const writer = await write("orders:eu", "first");
  interface Kept {
    readonly event: Record<string, unknown>;
    readonly executionId: string;
  }
  const { value } = await waitFor("the event is kept", async () => {
    const answer = await api.get(`${app}/kv/kept/first`);
    return answer.ok && ((await answer.json()) as { value: Kept; written_by: string });
  });
  expect(value).toMatchObject({
    event: {
      source: "kv",
      op: "insert",
      attempt: 1,
      kv: { collection: "orders:eu", key: "first", value: { text: "first", snake_case: 1 } },
    },
    rootExecutionId: writer,
    parentExecutionId: writer,
    triggerDepth: 1,
  });
  const execution = await waitFor("its execution is recorded", async () => {
    const answer = await api.get(`${app}/executions/${value.executionId}`);
    const body = answer.ok ? ((await answer.json()) as { status: string }) : undefined;
    return body?.status === "ok" && body;
  });
  expect(execution).toMatchObject({
    kind: "trigger",
    root_execution_id: writer,
    event_id: value.event["id"],
  });
});

test("a script that always fails ends in a dead letter, each attempt in the log", async () => {
  await api.deploy("fail", FAIL, "GET /fail");
  await trigger("fail", "failing", { max_attempts: 3, base_ms: 20, backoff: "constant" });
  await write("failing", "poison");
  const letter = await deadLetterOf("poison");
  expect(letter).toMatchObject({ attempts: 3, last_error: { code: "script_error" } });
  expect(letter.last_error.message).toContain("attempt 3 failed");
  const { items } = await json<{ items: { script_name: string; attempt: number; status: string }[] }>(
    "/logs?limit=50",
  );
  const attempts = items.filter((item) => item.script_name === "fail");
  expect(attempts.map(({ attempt, status }) => `${attempt} ${status}`)).toEqual([
    "3 failed",
    "2 failed",
    "1 failed",
  ]);
});

test("a run that hits a limit has used an attempt", { timeout: 60_000 }, async () => {
  await api.deploy("loop", LOOP, "GET /loop");
  const { items } = await json<{ items: { id: string }[] }>("/scripts?name=loop");
  const answer = await fetch(`${server.url}/api/v1/admin/scripts/${items[0]?.id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
    body: JSON.stringify({ limits: { cpu_ms: 200 } }),
  });
  expect(answer.status).toBe(200);
  await trigger("loop", "looping", { max_attempts: 2, base_ms: 20 });
  await write("looping", "endless");
  expect(await deadLetterOf("endless")).toMatchObject({ attempts: 2, last_error: { code: "cpu_timeout" } });
});

test("a script that is off holds its deliveries until it is on", async () => {
  await api.deploy("later", KEEP, "GET /later");
  const { items } = await json<{ items: { id: string }[] }>("/scripts?name=later");
  const enable = async (enabled: boolean): Promise<void> => {
    const answer = await fetch(`${server.url}/api/v1/admin/scripts/${items[0]?.id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
      body: JSON.stringify({ enabled }),
    });
    if (!answer.ok) throw new Error(`PATCH: ${answer.status} ${await answer.text()}`);
  };
  await trigger("later", "waiting");
  await enable(false);
  await write("waiting", "patient");
  // Long enough for a delivery to have run, had it been free to.
  await write("orders:eu", "meanwhile");
  await waitFor("another delivery has run", async () => (await api.get(`${app}/kv/kept/meanwhile`)).ok);
  expect((await api.get(`${app}/kv/kept/patient`)).status).toBe(404);
  await enable(true);
  await waitFor("the held delivery has run", async () => (await api.get(`${app}/kv/kept/patient`)).ok);
});

test("a script that triggers itself ends at the depth limit", async () => {
  await api.deploy("chain", CHAIN, "GET /chain");
  const made = await trigger("chain", "chain");
  expect(made.warnings?.[0]).toMatch(/^chain may write to the collection "chain"/);
  await write("chain", "start");
  await waitFor("the deepest run", async () => (await api.get(`${app}/kv/chain/depth-8`)).ok);
  await waitFor("the log of the deepest run says so", async () => {
    const logs = await json<{
      items: { script_name: string; depth: number; lines: { message: string }[] }[];
    }>("/logs?limit=50");
    const deepest = logs.items.find((item) => item.script_name === "chain" && item.depth === 8);
    const line = deepest?.lines.find(({ message }) => message.startsWith("The chain of triggers ends here"));
    return line?.message.endsWith(`: write${" → chain.insert → chain".repeat(8)} → …`);
  });
  const { items } = await json<{ items: { key: string }[] }>("/kv/chain?prefix=depth-");
  expect(items).toHaveLength(8);
});
