/** Every statement on an app's data has the app first, so that no argument can reach another app's rows and the schema
 *  can be distributed by app. Read from the sources: what is not a tagged template does not reach the database. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, it } from "vitest";

const source = join(import.meta.dirname, "..", "..", "packages", "server", "src");

/** Tables that hold what an app's scripts write and what happened to it. Scripts, routes and deployments are found by
 *  their own ids too; the service then checks the app (a conformance test of its own). */
const appTables = [
  "kv",
  "docs",
  "docs_indexes",
  "files",
  "loose_contents",
  "events",
  "outbox",
  "queue_pauses",
  "queue_dedupe",
  "queue_groups",
  "triggers",
  "cron_states",
  "cron_ledger",
  "dead_letters",
  "executions",
  "logs",
  "abandoned_executions",
  "idempotency_keys",
] as const;

/** Go over all apps on purpose; each says why it may. */
const exempt: Readonly<Record<string, string>> = {
  claimDeliveries: "claim",
  walkCte: "claim",
  deliveryJoins: "claim: joins rows of the claim by their app",
  completeDeliveries: "completion: by (app_id, id) of a batch",
  unfinishedCtes: "completion: by (app_id, id) of a batch",
  lockDeliveries: "completion: by (app_id, id) of a batch",
  deadLetterCtes: "completion: joins rows of the batch by their app",
  handledCte: "completion: joins rows of the batch by their app",
  renewLeases: "leases: by (app_id, id) of a batch",
  takeOver: "takeover",
  readOutlook: "claim: when the next one is due",
  executionUpsert: "completion: by (app_id, id) of a batch",
  freeBatch: "sweep of held deliveries; narrowed to an app where one is known",
  markLost: "upkeep: runs of nodes that are gone",
  listExecutions: "its filter `matches` begins with the app",
  listExecutionsAfter: "its filter `matches` begins with the app",
  selection: "a fragment; the condition is its users'",
  listDifferences: "upkeep of declared indexes: what is declared against what there is",
  findStatement: "its condition `conditionOf` begins with the app; a test of docs reads the whole text",
  countDocuments: "its condition `conditionOf` begins with the app",
  hitCte: "its condition `conditionOf` begins with the app",
  lockedHits: "its condition `conditionOf` begins with the app",
  countAllIndexes: "the limit of the server",
  readCronOutlook: "cron: when the next occurrence is due",
  listDue: "cron: what is due",
  fireOccurrences: "cron: by (app_id, trigger_id) of a batch",
  listChanged: "cron: triggers that changed, of an app where one is known",
  deleteOldLedger: "retention sweep",
  listTriggersOfUser: "what keeps a user from being deleted, in any app",
  listAppsWithTriggersOf: "who manages users hands on the triggers of one, in all apps",
  reassignRows: "who manages users hands on the triggers of one, in all apps",
  deleteExpired: "expiry sweep",
  listOldLoose: "retention sweep",
  deleteEndedPending: "retention sweep",
  findUnknown: "retention sweep: by (app_id, content_id) of a batch",
  deleteOldEvents: "retention sweep",
  deleteOldAnswers: "retention sweep",
  deleteRunRequests: "retention sweep",
  deleteOldAbandoned: "retention sweep",
  deleteOldKeys: "retention sweep",
  deleteOldGroups: "retention sweep",
  listQueues: "net under changes of queues: each queue that has messages",
  freeLeaderlessGroups: "net under groups of queues",
  deleteOldDeadLetters: "retention sweep",
};

interface Statement {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

/** Templates with the name of the function around them; `$` stands for each value or fragment. */
function statementsOf(file: string): Statement[] {
  const text = readFileSync(join(source, file), "utf8");
  const names: string[] = [];
  const found: Statement[] = [];
  new Visitor({
    FunctionDeclaration: (node) => void names.push(node.id?.name ?? ""),
    "FunctionDeclaration:exit": () => void names.pop(),
    TaggedTemplateExpression(node) {
      const sql = node.quasi.quasis.map((quasi) => quasi.value.cooked ?? quasi.value.raw).join("$");
      found.push({ file, name: names.at(-1) ?? "", text: sql.replaceAll(/\s+/g, " ").trim().toLowerCase() });
    },
  }).visit(parseSync(file, text).program);
  return found;
}

const tableNames = appTables.join("|");
const touches = new RegExp(String.raw`\b(?:from|join|into|update|using) (?:${tableNames})\b`);
const inserts = new RegExp(String.raw`insert into (?:${tableNames})(?: as \w+)? \((\w+)`, "g");
const reads = new RegExp(String.raw`\b(from|join|update|using) (?:${tableNames})\b`, "g");
const startsWithApp = /^ (?:\w+\.)?app_id = (?:\$|\w+\.app_id)/;

/** What is wrong with a statement, or nothing: each table is followed by a condition that begins with the app. */
function offence(text: string): string | undefined {
  for (const [, first] of text.matchAll(inserts)) if (first !== "app_id") return `inserts ${first} first`;
  for (const { 1: word, index } of text.matchAll(reads)) {
    const rest = text.slice(index);
    const at = rest.search(word === "join" ? /\bon\b/ : /\bwhere\b/);
    if (at === -1) return `no condition: ${rest.slice(0, 40)}`;
    const condition = rest.slice(at).replace(/^\w+/, "");
    if (!startsWithApp.test(condition)) return `where${condition.slice(0, 60)}`;
  }
  return undefined;
}

const files = [
  ...globSync("**/*.repository.ts", { cwd: source }),
  ...globSync("platform/database/*.ts", { cwd: source, exclude: ["**/*.test.ts"] }),
];
const statements = files.flatMap(statementsOf);

describe("statements on an app's data", () => {
  it("have the app first", () => {
    const onData = statements.filter(({ text }) => touches.test(text));
    expect(onData.length).toBeGreaterThan(30);
    const offences = onData
      .filter(({ name }) => !Object.hasOwn(exempt, name))
      .map(({ file, name, text }) => ({ at: `${file} ${name}`, what: offence(text) }))
      .filter(({ what }) => what !== undefined);
    expect(offences).toEqual([]);
  });

  it("are exempt only where there is one", () => {
    const names = new Set(statements.filter(({ text }) => touches.test(text)).map(({ name }) => name));
    expect(Object.keys(exempt).filter((name) => !names.has(name))).toEqual([]);
  });

  it("that are wrong are found", () => {
    expect(offence("select key from kv where key = $ and app_id = $")).toBe("where key = $ and app_id = $");
    expect(offence("delete from outbox")).toBe("no condition: from outbox");
    expect(offence("insert into events (id, app_id) values ($, $)")).toBe("inserts id first");
    expect(
      offence("select key from kv where app_id = $ and exists (select from outbox where id = $)"),
    ).toBeDefined();
    expect(offence("select key from kv where app_id = $ and key = $")).toBeUndefined();
    expect(offence("select 1 from scripts where id = $")).toBeUndefined();
  });
});

describe("tables of an app's data", () => {
  it("have a primary key that begins with the app", () => {
    const sql = globSync("**/*.sql", { cwd: source })
      .map((file) => readFileSync(join(source, file), "utf8"))
      .join("\n");
    const others = appTables.filter((table) => {
      const body = new RegExp(String.raw`create table ${table} \(([\s\S]*?)\n\)`).exec(sql)?.[1] ?? "";
      return !body.includes("primary key (app_id, ");
    });
    expect(others).toEqual([]);
  });
});
