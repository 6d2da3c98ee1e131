/** Each function that a feature's wiring calls for a request asks who may do it, before anything else that waits; and nothing
 *  but services asks (conventions: "A service function begins with `authorize`"). Read from the sources: the matrix of
 *  `permissions.test.ts` tells whether they ask for the right thing. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../packages/server/src");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const files = globSync("**/*.ts", { cwd: root }).filter((path) => !path.endsWith(".test.ts"));

/** What refuses by itself. */
const gates = ["authorize", "requireUser", "requireCaller", "visibleApps"];

/** Service functions that a caller without any principal is meant to reach. */
const open: Readonly<Record<string, string>> = {
  login: "what makes principals",
  setUp: "the token of the link is what allows it",
  acceptInvite: "the token of the link is what allows it",
  resetPassword: "the token of the link is what allows it",
};

interface Declared {
  readonly name: string;
  readonly body: string;
}

/** Functions at the top level, with their text. */
function functionsOf(source: string): readonly Declared[] {
  return [...source.matchAll(/^(?:export )?(?:async )?function (\w+)[\s\S]*?^}/gm)].map(
    ([body, name = ""]) => ({
      name,
      body,
    }),
  );
}

const services = files
  .filter((path) => /(?:\.service|\.server|own-session)\.ts$/.test(path))
  .flatMap((path) => functionsOf(read(path)));

/** Grows until nothing is added: what calls a gate before it waits for anything else is one. */
function findGates(): ReadonlySet<string> {
  const found = new Set(gates);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { name, body } of services) if (asksFirst(body, found)) found.add(name);
  }
  return found;
}

/** Is the first thing that the function waits for, or does before that, a gate? */
function asksFirst(body: string, known: ReadonlySet<string>): boolean {
  const text = body.slice(body.indexOf("{\n"));
  for (const call of text.matchAll(/(await\s+)?(?:\w+\.)*(\w+)\(/g)) {
    const [, waits, name = ""] = call;
    if (known.has(name)) return true;
    // A change is a transaction: what it begins with counts, for it is rolled back.
    if (waits === undefined || name === "controlChange") continue;
    // Its arguments are waited for before it.
    const [line = ""] = text.slice(call.index + call[0].length).split("\n", 1);
    const [, argument = ""] = /await (?:\w+\.)*(\w+)\(/.exec(line) ?? [];
    return known.has(argument);
  }
  return false;
}

const known = findGates();
const wired = files
  .filter((path) => path.endsWith(".server.ts"))
  .flatMap((path) =>
    [...read(path).matchAll(/await (?:service\.)?(\w+)\(\s*ctx\b/g)].map(([, name = ""]) => ({ path, name })),
  );

test("the sources are read as they are written", () => {
  expect(services.length).toBeGreaterThan(100);
  expect(new Set(wired.map(({ name }) => name)).size).toBeGreaterThan(60);
  expect(Object.keys(open).filter((name) => !wired.some((each) => each.name === name))).toEqual([]);
});

describe("asks before it does anything:", () => {
  test.each([...new Set(wired.map(({ name }) => name))].filter((name) => !(name in open)))("%s", (name) => {
    expect(known.has(name)).toBe(true);
  });
});

test("only services ask, and the data plane for what it runs", () => {
  const asking = files.filter(
    (path) => /\b(?:authorize|isAuthorized)\(/.test(read(path)) && !path.endsWith(".service.ts"),
  );
  expect(asking.toSorted()).toEqual(["data-plane/ingress.ts", "platform/authorize.ts"]);
});
