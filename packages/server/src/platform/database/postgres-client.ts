/**
 * The client of the database, with two faults of its connections mended while it is loaded. Both end in a server that is
 * down or hangs, after a PostgreSQL that crashed under load:
 * - A query on a connection that has closed (the rollback of a transaction, most of all) is written to no socket; the error
 *   is thrown in a timer, where nobody can catch it, and ends the process.
 * - What waits to be written when a connection closes stays waiting, and keeps its next life from sending anything: one
 *   connection of the pool after the other is lost for good.
 * Its version is exact in package.json; another text than the one that is mended stops the start.
 */
import { registerHooks } from "node:module";

/** Where a repair goes, and what goes before or after it. */
const REPAIRS: readonly { readonly at: string; readonly before?: string; readonly after?: string }[] = [
  {
    at: "    if (terminated)\n",
    before:
      "    if (socket === null) return (queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true);\n",
  },
  {
    at: "  function nextWrite(fn) {\n",
    after: "    if (socket === null) { chunk = nextWriteTimer = null; return true; }\n",
  },
  { at: "    clearImmediate(nextWriteTimer)\n", after: "    chunk = nextWriteTimer = null;\n" },
];

const hooks = registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith("/postgres/src/connection.js")) return loaded;
    return { ...loaded, source: mended(textOf(loaded.source)) };
  },
});
const { default: client } = await import("postgres");
hooks.deregister();

/** As `postgres` of the package of this name. */
export const postgres = client;

function textOf(source: unknown): string {
  return source instanceof Uint8Array ? Buffer.from(source).toString("utf8") : String(source);
}

/** The program text with all repairs. Throws where one of them finds nothing to mend. */
export function mended(text: string): string {
  return REPAIRS.reduce((mending, { at, before = "", after = "" }) => {
    if (!mending.includes(at))
      throw new Error(`the database client has another text than the one that is mended: ${at.trim()}`);
    return mending.replaceAll(at, before + at + after);
  }, text);
}
