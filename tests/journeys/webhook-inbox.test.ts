/** A user deploys `examples/webhook-inbox` with `pic` to a fresh server, and every webhook that GitHub documents comes in. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startExternalPostgres } from "../support/external-postgres.ts";
import type { ExternalPostgres } from "../support/external-postgres.ts";
import { githubDeliveries, githubSignature } from "../support/github-payloads.ts";
import type { Delivery } from "../support/github-payloads.ts";
import { inParallel } from "../support/in-parallel.ts";
import { loggedInPic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, repositoryRoot, startServer } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const SECRET = 'it\'s a "secret" with ünïcode';
/** Requests under way at a time. */
const WIDTH = 16;
/** Deliveries that are sent twice, and requests with a wrong signature. */
const [AGAIN, WRONG] = [20, 6];

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly written_by: string | null;
}

describe.each([
  ["typescript", "embedded"],
  ["typescript", "external"],
  ["rhai", "embedded"],
] as const)("webhook inbox in %s on the %s database", (language, database) => {
  const extension = language === "rhai" ? "rhai" : "ts";
  const deliveries = githubDeliveries();
  let external: ExternalPostgres | undefined;
  let server: RunningServer;
  let pic: Pic;

  const post = async (delivery: Delivery, signature: string): Promise<Response> =>
    await fetch(`${server.url}/a/inbox/github`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": delivery.kind,
        "x-github-delivery": delivery.id,
        "x-hub-signature-256": signature,
      },
      body: delivery.body,
    });

  const counts = async (): Promise<Map<string, unknown>> => {
    const entries = (await pic.json(["kv", "ls", "counts", "--app", "inbox", "--limit", "1000"])) as Entry[];
    return new Map(entries.map(({ key, value }) => [key, value]));
  };

  beforeAll(async () => {
    if (database === "external") external = await startExternalPostgres();
    server = await startServer(external === undefined ? {} : { env: { DATABASE_URL: external.url } });
    pic = await loggedInPic(server, join(repositoryRoot, "examples", "webhook-inbox"));
    await pic.ok(["apps", "create", "inbox"]);
    await pic.ok(["deploy", `inbox.${extension}`, "--app", "inbox", "--route", "POST /github"]);
    await pic.ok(["deploy", `summary.${extension}`, "--app", "inbox"]);
    const trigger = "triggers add kv --app inbox --script summary --collection-glob counts";
    await pic.ok(trigger.split(" "));
  }, 180_000);

  afterAll(async () => {
    await server.stop();
    await external?.close();
    await removeFolder(server.dataDir);
  }, 120_000);

  test("without a secret nothing is taken", async () => {
    const [delivery] = deliveries;
    if (delivery === undefined) throw new Error("no payloads");
    const answer = await post(delivery, githubSignature(SECRET, delivery.body));
    expect(answer.status).toBe(503);
    await pic.ok(["kv", "set", "config", "webhook_secret", JSON.stringify(SECRET), "--app", "inbox"]);
  });

  test("a wrong signature is 401, whatever is wrong with it", async () => {
    const [delivery] = deliveries;
    if (delivery === undefined) throw new Error("no payloads");
    const right = githubSignature(SECRET, delivery.body);
    const wrong = [
      githubSignature("another secret", delivery.body),
      githubSignature(SECRET, `${delivery.body} `),
      right.slice(0, -1),
      right.toUpperCase(),
      right.replace("sha256=", ""),
      "",
    ];
    const answers = await inParallel(wrong, 3, async (signature) => await post(delivery, signature));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: WRONG }, () => 401));
    expect(await counts()).toEqual(new Map());
  });

  test("every payload is taken, and counted by kind and by repository", { timeout: 240_000 }, async () => {
    expect(deliveries.length).toBeGreaterThan(300);
    const answers = await inParallel(deliveries, WIDTH, async (delivery) => {
      const answer = await post(delivery, githubSignature(SECRET, delivery.body));
      return {
        status: answer.status,
        execution: answer.headers.get("x-picloud-execution"),
        body: await answer.json(),
      };
    });
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(new Set(answers.map(({ execution }) => execution)).size).toBe(deliveries.length);

    const expected = new Map<string, number>();
    for (const { kind, repository } of deliveries) {
      for (const key of [`kind/${kind}`, `repository/${repository}`])
        expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    expect(await counts()).toEqual(expected);
  });

  test("a delivery that comes again is counted once", async () => {
    const before = await counts();
    const again = deliveries.slice(0, AGAIN);
    const answers = await inParallel(
      again,
      WIDTH,
      async (delivery) => await (await post(delivery, githubSignature(SECRET, delivery.body))).json(),
    );
    expect(answers).toEqual(again.map(({ kind }) => ({ kind, counted: false })));
    expect(await counts()).toEqual(before);
  });

  test("the summary follows the counts", { timeout: 120_000 }, async () => {
    const all = [...(await counts())].map(([key, value]) => ({ key, value: Number(value) }));
    const kinds = all.filter(({ key }) => key.startsWith("kind/"));
    const repositories = all.filter(({ key }) => key.startsWith("repository/"));
    const [busiest] = repositories
      .filter(({ key }) => key !== "repository/none")
      .toSorted((a, b) => b.value - a.value || (a.key < b.key ? -1 : 1));
    const expected = {
      events: deliveries.length,
      kinds: kinds.length,
      repositories: repositories.length,
      busiest: { repository: busiest?.key.slice("repository/".length), events: busiest?.value },
    };
    const isComplete = async (): Promise<Entry | false> => {
      const { code, stdout } = await pic.run([
        "kv",
        "get",
        "summary",
        "now",
        "--app",
        "inbox",
        "--output",
        "json",
      ]);
      const entry = code === 0 ? (JSON.parse(stdout) as Entry) : undefined;
      return entry !== undefined && isDeepStrictEqual(entry.value, expected) && entry;
    };
    const entry = await waitFor("the summary has every event", isComplete, 100_000);
    expect(entry.written_by).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("the log tells what was counted, what was refused, and that nothing failed", async () => {
    const logs = async (script: string, ...more: string[]): Promise<{ status: string; lines?: unknown }[]> =>
      (await pic.json(["logs", script, "--app", "inbox", ...more])) as { status: string }[];
    const ofInbox = await logs("inbox", "--limit", "1000");
    expect(ofInbox.length).toBe(1 + WRONG + deliveries.length + AGAIN);
    expect(JSON.stringify(ofInbox)).toContain("counted");
    expect(ofInbox.filter(({ status }) => status !== "ok")).toEqual([]);
    const ofSummary = await logs("summary", "--limit", "100");
    expect(ofSummary.filter(({ status }) => status !== "ok")).toEqual([]);
    const deadLetters = await pic.json(["dead-letters", "count", "--app", "inbox"]);
    expect(deadLetters).toEqual({ count: 0 });
  });
});
