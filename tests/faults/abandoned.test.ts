/** A client that leaves before the answer: the run goes on to its end, and its outcome is kept (EXE-7). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstOwner, type RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const SLOW = `import { kv } from "picloud";
export default async () => {
  await new Promise((resolve) => setTimeout(resolve, 500));
  await kv.collection("slow").increment("ended");
  return "late";
};
`;

let server: RunningServer;
let api: RawApi;
beforeAll(async () => {
  server = await startServer();
  api = await firstOwner(server);
  await api.deploy("slow", SLOW, "GET /slow");
});
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
});

async function abandoned(): Promise<{ execution_id: string; reason: string; status: string }[]> {
  const answer = await api.get("/apps/default/abandoned_executions");
  return ((await answer.json()) as { items: { execution_id: string; reason: string; status: string }[] })
    .items;
}

test("an answer that was sent is not abandoned", async () => {
  expect(await (await fetch(`${server.url}/slow`)).json()).toBe("late");
  expect(await abandoned()).toEqual([]);
});

test("the run of a client that left goes on, and its outcome is listed", async () => {
  await expect(fetch(`${server.url}/slow`, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
  await waitFor("the outcome is listed", async () => (await abandoned()).length === 1);
  expect(await abandoned()).toMatchObject([{ reason: "client_left", status: "ok" }]);
  const ended = await api.get("/apps/default/kv/slow/ended");
  expect(await ended.json()).toMatchObject({ value: 2 });
});
