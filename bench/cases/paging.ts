/** Pages of long lists: a page far inside costs what the first one does. */
import { connect } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, ResultRow } from "../bench-case.ts";
import { embeddedTarget } from "../embedded-target.ts";
import { ratios, series, sideBySide } from "../side-by-side.ts";
import type { Rounds } from "../side-by-side.ts";
import { median, withSpread } from "../statistics.ts";

const APPS = 10_000;
const ENTRIES = 100_000;
/** Entries of one app among them. */
const ENTRIES_OF_APP = 50_000;
const PAGE = 100;
const REQUESTS = 60;
const NUMBER = "ms a page";
/** "Constant": no page takes longer than the first by more than the spread of a sample. */
const GOAL = 1.25;

const LISTS = [
  { name: "apps", path: "/apps", rows: APPS },
  { name: "audit of the instance", path: "/audit", rows: ENTRIES },
  { name: "audit of an app", path: "/apps/app-0/audit", rows: ENTRIES_OF_APP },
] as const;
const PLACES = ["first", "middle", "last"] as const;

interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}
type Read = (path: string, cursor: string | null) => Promise<Page>;

/** Fills the tables as the server would, without its 110,000 requests. */
async function fill(dataDir: string): Promise<void> {
  const sql = connect(await embeddedTarget(dataDir), { max: 1, session: {}, log: silentLogger });
  try {
    await sql`insert into apps (id, slug, name)
      select gen_random_uuid(), 'app-' || n, 'App ' || n from generate_series(0, ${APPS - 1}) n`;
    await sql`insert into audit (id, at, app_id, principal_kind, action, resource_kind)
      select (lpad(to_hex(n), 12, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(),
        case when n % ${ENTRIES / ENTRIES_OF_APP} = 0 then (select id from apps where slug = 'app-0') end,
        'server', 'apps.create', 'app'
      from generate_series(0, ${ENTRIES - 1}) n`;
    await sql`analyze`;
  } finally {
    await sql.end();
  }
}

/** Cursors of the first, the middle and the last page, found by walking there. */
async function cursorsOf(
  read: Read,
  path: string,
  rows: number,
): Promise<ReadonlyMap<string, string | null>> {
  const cursors: (string | null)[] = [null];
  for (;;) {
    const { items, next_cursor: next } = await read(path, cursors.at(-1) ?? null);
    if (items.length === 0) throw new Error(`${path} has an empty page`);
    if (next === null) break;
    cursors.push(next);
  }
  if (cursors.length < rows / PAGE) throw new Error(`${path} has ${cursors.length} pages only`);
  return new Map([
    ["first", null],
    ["middle", cursors[Math.floor(cursors.length / 2)] ?? null],
    // The very last may hold few rows.
    ["last", cursors.at(-2) ?? null],
  ]);
}

function rowsOf(rounds: Rounds): ResultRow[] {
  return LISTS.flatMap(({ name, rows }) =>
    PLACES.map((place) => {
      const variant = `${name}, ${place}`;
      const value = `${withSpread(series(rounds, variant, NUMBER))} ms`;
      const row = { what: `${place} page of ${rows} rows: ${name}`, value };
      if (place === "first") return row;
      const all = ratios(rounds, variant, `${name}, first`, NUMBER);
      const goal = { goal: `at most ${GOAL} of the first`, isGoalMet: median(all) <= GOAL };
      return { ...row, ratio: withSpread(all), ...goal };
    }),
  );
}

export const paging: BenchCase = {
  name: "paging",
  about: "pages of 10,000 apps and 100,000 audit entries: the first against one in the middle and the last",
  run: async ({ rounds, tell }) => {
    const server = await startServer();
    try {
      const { sessionToken } = await firstOwner(server);
      await fill(server.dataDir);
      const read: Read = async (path, cursor) => {
        const query = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const answer = await fetch(`${server.url}/api/v1/admin${path}?limit=${PAGE}${query}`, {
          headers: { authorization: `Bearer ${sessionToken}` },
        });
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return (await answer.json()) as Page;
      };
      const variants: { name: string; measure: () => Promise<Record<string, number>> }[] = [];
      for (const { name, path, rows } of LISTS) {
        for (const [place, cursor] of await cursorsOf(read, path, rows)) {
          const measure = async (): Promise<Record<string, number>> => {
            const times: number[] = [];
            for (let i = 0; i < REQUESTS; i++) {
              const started = performance.now();
              const { items } = await read(path, cursor);
              times.push(performance.now() - started);
              if (items.length !== PAGE) throw new Error(`${name}: a page of ${items.length}`);
            }
            return { [NUMBER]: median(times) };
          };
          variants.push({ name: `${name}, ${place}`, measure });
        }
      }
      const all = await sideBySide(variants, rounds, tellRound(tell));
      return { rows: rowsOf(all), raw: all };
    } finally {
      await server.stop();
      await removeFolder(server.dataDir);
    }
  },
};
