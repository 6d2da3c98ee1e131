/** Every endpoint on an existing app refuses exactly those roles that the policy table says, whatever the service behind
 *  it does (INS-3, INS-4). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Capability } from "@picloud/contract";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { newId } from "../../packages/server/src/platform/ids.ts";
import { roleHolds } from "../../packages/server/src/platform/policy.ts";
import { callEndpoint, sampleOf } from "../support/endpoint-samples.ts";
import { ownerLogin, startTestApi, textOf } from "../support/test-api.ts";
import type { TestApi } from "../support/test-api.ts";

/** `stranger`: no role anywhere; `neighbour`: app_admin of another app. */
const people = ["stranger", "neighbour", "viewer", "editor", "app_admin"] as const;
type Person = (typeof people)[number];

let api: TestApi;
let script: string;
const tokens = new Map<Person, string>();

beforeAll(async () => {
  api = await startTestApi();
  const { db } = api.platform;
  const [here, elsewhere] = await Promise.all(
    ["here", "elsewhere"].map(async (slug) =>
      textOf((await api.call("POST /apps", { body: { slug } })).body["id"]),
    ),
  );
  const body = { name: "main", source: "export default () => 1;" };
  script = textOf((await api.call("POST /apps/here/scripts", { body })).body["id"]);
  for (const person of people) {
    const id = newId();
    await db.write`insert into users (id, username, role, password_hash)
      select ${id}, ${person}, 'member', password_hash from users where username = ${ownerLogin.username}`;
    const role = person === "neighbour" ? "app_admin" : person;
    const app = person === "neighbour" ? elsewhere : here;
    if (person !== "stranger" && app !== undefined)
      await db.write`insert into members (app_id, user_id, role) values (${app}, ${id}, ${role})`;
    const login = await api.call("POST /auth/login", {
      token: null,
      body: { ...ownerLogin, username: person },
    });
    tokens.set(person, textOf(login.body["token"]));
  }
});
afterAll(async () => await api.close());

const scoped = listEndpoints(contracts)
  .filter(({ path }) => path.startsWith("/apps/{app}") || path.startsWith("/scripts/{id}"))
  // A stream that is allowed goes on; its refusals are the same check as in the list beside it.
  .filter(({ path }) => !path.endsWith("/tail"))
  .flatMap((endpoint) => people.map((person) => ({ ...endpoint, person })))
  .map((row) => ({ ...row, isAllowed: isAllowed(row.capability, row.person) }))
  // What is allowed and deletes would take away what the others are tried on.
  .filter(({ isAllowed: may, method }) => !may || method !== "DELETE");

function isAllowed(capability: string | undefined, person: Person): boolean {
  const role = person === "stranger" || person === "neighbour" ? undefined : person;
  return roleHolds(capability as Capability, "member", role);
}

test("the table covers refusals and permissions of each role", () => {
  for (const person of people) {
    const rows = scoped.filter((row) => row.person === person);
    expect(rows.length).toBeGreaterThan(15);
    expect(rows.some((row) => row.isAllowed)).toBe(person !== "stranger" && person !== "neighbour");
  }
});

describe.each(people)("%s", (person) => {
  test.each(scoped.filter((row) => row.person === person))(
    "$method $path: allowed $isAllowed",
    async ({ isAllowed: may, ...endpoint }) => {
      const parameters = { app: "here", ...(endpoint.path.startsWith("/scripts") ? { id: script } : {}) };
      const answer = await callEndpoint(api, endpoint, {
        input: sampleOf(endpoint),
        parameters,
        token: tokens.get(person) ?? null,
      });
      expect({
        isRefused: answer.status === 403,
        text: answer.status === 403 ? "" : answer.text,
      }).toMatchObject({
        isRefused: !may,
      });
      expect(answer.status).not.toBe(401);
      expect(answer.status).toBeLessThan(500);
    },
  );
});
