/** The scripts of the guide to transactions do what it says, in both languages. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstOwner, type RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer, type RunningServer } from "../support/start-server.ts";

const guide = readFileSync(new URL("../../docs/guide/transactions.md", import.meta.url), "utf8");
const sources = new Map(
  [...guide.matchAll(/```\w+ orders\.(ts|rhai)\n(.*?)```/gs)].map(([, end = "", source = ""]) => [
    end,
    source,
  ]),
);

let server: RunningServer;
let api: RawApi;
beforeAll(async () => {
  server = await startServer();
  api = await firstOwner(server);
  for (const [end, source] of sources) {
    const language = end === "ts" ? "typescript" : "rhai";
    const { id } = (await api.post("/apps/default/scripts", { name: `orders-${end}`, language, source })) as {
      id: string;
    };
    await api.post(`/scripts/${id}/routes`, { method: "POST", path: `/${end}` });
  }
});
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
});

async function order(
  end: string,
  product: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${server.url}/${end}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ product, count: 1 }),
  });
  return { status: answer.status, body: await answer.json() };
}

/** What is left of a product, and its orders. */
async function stored(product: string): Promise<{ left: unknown; orders: number }> {
  const entry = (await (await api.get(`/apps/default/kv/stock/${product}`)).json()) as { value: unknown };
  const found = (await (await api.get("/apps/default/docs/orders?limit=200")).json()) as {
    items: { data: { product: string } }[];
  };
  return { left: entry.value, orders: found.items.filter(({ data }) => data.product === product).length };
}

/** Messages of the orders of all products. */
async function waiting(): Promise<number> {
  const { items } = (await (await api.get("/apps/default/queues/shipping/peek?limit=200")).json()) as {
    items: unknown[];
  };
  return items.length;
}

test("the guide has both languages", () => {
  expect([...sources.keys()]).toEqual(["ts", "rhai"]);
});

test.each(["ts", "rhai"])("16 buyers of 10 pieces: each piece is sold once, %s", async (end) => {
  const before = await waiting();
  const buy = async (): Promise<number> => {
    for (;;) {
      const { status, body } = await order(end, end);
      if (status !== 503) return status;
      expect(body).toMatchObject({ error: { retry_after_ms: 1000 } });
    }
  };
  const statuses = await Promise.all(Array.from({ length: 16 }, buy));
  expect(statuses.toSorted((a, b) => a - b)).toEqual([
    ...Array<number>(10).fill(201),
    ...Array<number>(6).fill(422),
  ]);
  expect(await stored(end)).toEqual({ left: 0, orders: 10 });
  expect((await waiting()) - before).toBe(10);
});

test.each(["ts", "rhai"])("an order that is sent again is one order, %s", async (end) => {
  const product = `again-${end}`;
  const key = { "idempotency-key": `${product}-0123456789abcdef0123456789abcdef` };
  const first = await order(end, product, key);
  expect(first).toEqual({ status: 201, body: { left: 9 } });
  expect(await order(end, product, key)).toEqual(first);
  expect(await stored(product)).toEqual({ left: 9, orders: 1 });
});
