/** Removes bytes that no file has: uploads that never ended, replaced and deleted contents after a day, and what no table
 *  knows after a week. On many nodes at once it removes the same things, which is no harm. */
import type { Platform } from "../../platform/platform.ts";
import { deleteEndedPending, deleteLoose, dropLoose, findUnknown, listOldLoose } from "./files.repository.ts";
import { contentName } from "./files.service.ts";

/** Whoever has begun to read replaced bytes may end; whoever has begun to write may end, too. */
const LOOSE_HOURS = 24;
/** Long enough for a database that is restored from an older backup, beside files that are newer. */
const UNKNOWN_MS = 7 * 86_400_000;
const UNFINISHED_MS = 86_400_000;
const NAMES_OF_QUERY = 1_000;

/** Up to `limit` contents of `loose_contents`; gives their number. */
export async function sweepLooseContents(platform: Platform, limit: number): Promise<number> {
  const { db, files } = platform;
  await deleteEndedPending(db.side, LOOSE_HOURS);
  const rows = await listOldLoose(db.side, LOOSE_HOURS, limit);
  for (const row of rows) {
    // First out of reach of a writer that is still at it, then the bytes, then the trace of them.
    await dropLoose(db.side, row.app_id, row.content_id);
    await files.remove(contentName(row.app_id, row.content_id));
    await deleteLoose(db.side, row.app_id, row.content_id);
  }
  return rows.length;
}

/** Goes over the whole store; gives the number of contents that were removed. */
export async function sweepStore(platform: Platform): Promise<number> {
  const { files } = platform;
  let removed = await files.sweepUnfinished(new Date(platform.now() - UNFINISHED_MS));
  const oldest = platform.now() - UNKNOWN_MS;
  let names: string[] = [];
  const flush = async (): Promise<void> => {
    for (const name of await findUnknown(platform.db.side, names)) {
      platform.log.info("file_content_removed", { content: name, place: files.place });
      await files.remove(name);
      removed++;
    }
    names = [];
  };
  for await (const { name, modifiedAt } of files.list()) {
    if (modifiedAt.getTime() < oldest) names.push(name);
    if (names.length === NAMES_OF_QUERY) await flush();
  }
  if (names.length > 0) await flush();
  return removed;
}
