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

/** What is replaced, and by what. */
const REPAIRS: readonly (readonly [string, string])[] = [
  [
    "    if (terminated)\n      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))",
    "    if (socket === null)\n      return (queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true)\n    if (terminated)\n      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))",
  ],
  [
    "  function nextWrite(fn) {\n",
    "  function nextWrite(fn) {\n    if (socket === null) {\n      chunk = nextWriteTimer = null\n      return true\n    }\n",
  ],
  [
    "    clearImmediate(nextWriteTimer)\n",
    "    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n",
  ],
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
  return REPAIRS.reduce((mending, [broken, repaired]) => {
    if (!mending.includes(broken))
      throw new Error(`the database client has another text than the one that is mended: ${broken.trim()}`);
    return mending.replaceAll(broken, repaired);
  }, text);
}
