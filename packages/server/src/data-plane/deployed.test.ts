import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi, textOf } from "../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../tests/support/test-api.ts";
import { waitFor } from "../../../../tests/support/wait-for.ts";
import type { Database } from "../platform/database/database.ts";
import { createDeployed } from "./deployed.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

test("all requests after a change see it, also those that come while it is being read", async () => {
  const deployed = createDeployed(api.platform);
  const body = { name: "many", source: "export default () => 1" };
  const script = textOf((await api.call("POST /apps/default/scripts", { body })).body["id"]);
  const app = textOf((await api.call("GET /apps/default")).body["id"]);
  await deployed.current();
  for (let i = 0; i < 5; i += 1) {
    const path = `/many/${i}`;
    const created = await api.call(`POST /scripts/${script}/routes`, { body: { method: "GET", path } });
    expect(created.status).toBe(201);
    const kinds = await Promise.all(
      Array.from({ length: 8 }, async () => (await deployed.current()).routes.find(app, "GET", path).kind),
    );
    expect(kinds).toEqual(kinds.map(() => "match"));
  }
  deployed.close();
});

/** The database's reads, which can hang or fail from a moment on. */
function frailReads(db: Database): { readonly db: Database; fate: "answers" | "hangs" | "is gone" } {
  const frail = {
    fate: "answers" as "answers" | "hangs" | "is gone",
    db: {
      ...db,
      read: new Proxy(db.read, {
        apply(target, self, args) {
          if (frail.fate === "answers") return Reflect.apply(target, self, args) as unknown;
          if (frail.fate === "hangs") return new Promise(() => undefined);
          return Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
        },
      }),
    },
  };
  return frail;
}

test.each(["hangs", "is gone"] as const)(
  "a script that was read once goes on while the database %s, also after a change elsewhere",
  async (fate) => {
    const frail = frailReads(api.platform.db);
    const platform = { ...api.platform, db: frail.db };
    const deployed = createDeployed(platform);
    const name = fate === "hangs" ? "hung" : "gone";
    const body = { name, source: "export default () => 1" };
    const id = textOf((await api.call("POST /apps/default/scripts", { body })).body["id"]);
    const before = await deployed.script(await deployed.current(), id);
    expect(before?.script.version).toBe(1);
    // Any change, such as a new app, makes a new state, which has read no script yet.
    await api.call("POST /apps", { body: { slug: name } });
    const state = await deployed.current();
    expect(state.scripts.has(id)).toBe(false);
    frail.fate = fate;
    expect(await deployed.script(state, id)).toBe(before);
    const started = performance.now();
    expect(await deployed.script(state, id)).toBe(before);
    expect(performance.now() - started).toBeLessThan(500);
    frail.fate = "answers";
    // The state has not taken the old one for the present one. A database that was late is waited for again a second later.
    await api.call(`PATCH /scripts/${id}`, { body: { source: "export default () => 2" } });
    const live = async () => await deployed.script(await deployed.current(), id);
    await waitFor("the new version", async () => (await live())?.script.version === 2, 3_000);
    await api.call(`DELETE /scripts/${id}`);
    await waitFor("its end", async () => (await live()) === undefined, 3_000);
    deployed.close();
  },
  30_000,
);
