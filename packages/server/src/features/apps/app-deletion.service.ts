/** The beginning of an app's deletion, and how far it is. Switched off in one control change: from its commit on no node
 *  begins anything for the app, and no statement writes a row for it. `app-remover.service.ts` does the rest. */
import { countedWords, PicloudError, slugSchema } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable } from "../../platform/database/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { findDeletion, insertDeletion } from "./app-deletion.repository.ts";
import type { DeletionPhase } from "./app-deletion.repository.ts";
import { getApp, getAppOfAnyState, resourceOf, summaryOf } from "./apps.service.ts";
import type { App } from "./apps.service.ts";
import { reserveNames } from "./reserved-names.service.ts";

export interface AppStore {
  readonly platform: Platform;
  /** In the order in which they are deleted. */
  readonly contents: readonly AppContent[];
}

export type AppDetail = App & {
  readonly deletion?: {
    readonly phase: DeletionPhase;
    readonly started_at: string;
    readonly rows_deleted: number;
    readonly left: Record<string, number>;
  };
};

/** An app; one that is being deleted with what is left of it. */
export async function describeApp(ctx: Context, store: AppStore, ref: string): Promise<AppDetail> {
  const { read } = store.platform.db;
  const app = await getAppOfAnyState(ctx, read, ref, "AppRead");
  const row = app.state === "deleting" ? await findDeletion(read, app.id) : undefined;
  if (row === undefined) return app;
  const left = await countContents(read, store.contents, app.id);
  return { ...app, deletion: { ...row, started_at: row.started_at.toISOString(), left } };
}

/** Begins the deletion of an app, with `force` also of one that holds something; else `not_empty`, with what is inside
 *  in `details`. Answers when the app is off; its rows go in the background. */
export async function deleteApp(
  ctx: Context,
  store: AppStore,
  request: { readonly app: string; readonly force?: boolean | undefined },
): Promise<App> {
  const { platform } = store;
  const found = await getApp(ctx, platform.db.read, request.app, "AppManage");
  const stops = store.contents.filter(({ stopsDeletion }) => stopsDeletion);
  // Counting may take a while: not with the lock of control changes held, unless there is next to nothing.
  const inside = await countContents(platform.db.read, stops, found.id);
  if (request.force !== true) refuseContent(found, inside);
  const change = {
    by: ctx,
    action: "apps.delete",
    signal: ["deployed", "access"],
    appId: found.id,
  } as const;
  return await controlChange(platform, change, async (tx, record) => {
    const app = await getApp(ctx, tx, found.id, "AppManage");
    if (request.force !== true) refuseContent(app, await countContents(tx, stops, app.id));
    await insertDeletion(tx, app.id);
    // A word that no app can be given needs no reservation.
    const names = slugSchema.safeParse(app.slug).success ? [app.slug] : [];
    await reserveNames(tx, { kind: "slug", names, appId: app.id });
    for (const content of store.contents) await content.begin?.(tx, app.id);
    record.tell({
      resource: resourceOf(app),
      before: { ...summaryOf(app), state: "active", ...inside },
      after: { state: "deleting" },
    });
    return await getAppOfAnyState(ctx, tx, app.id, "AppManage");
  });
}

/** Kinds of which there are some; what was made first comes first. */
async function countContents(
  db: Queryable,
  contents: readonly AppContent[],
  appId: string,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const content of contents.toReversed()) {
    const count = await content.count(db, appId);
    if (count > 0) counts[content.kind] = count;
  }
  return counts;
}

function refuseContent(app: App, content: Readonly<Record<string, number>>): void {
  const inside = Object.entries(content);
  if (inside.length === 0) return;
  const words = inside.map(([kind, count]) => countedWords(kind, count)).join(", ");
  throw new PicloudError(
    "not_empty",
    `The app ${app.slug} still holds ${words}. Delete them first, or all of it with ?force=true.`,
    { details: content },
  );
}
