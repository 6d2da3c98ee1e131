/** Changing many documents at once: update_many, delete_many. */
import { PicloudError } from "@picloud/contract";
import type { JsonText } from "@picloud/contract";
import { authorize } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { finishWrite, writeCause, type WriteCause } from "../../platform/database/outbox.ts";
import { isDataError, isQueryCanceled, isSerializationFailure } from "../../platform/database/pg-errors.ts";
import { writerOf } from "../../platform/database/run-transaction.ts";
import type { Platform } from "../../platform/platform.ts";
import { checkCollection, storableDocument } from "./docs-checks.ts";
import { docsLimits } from "./docs.contract.ts";
import { parseFilter } from "./docs-filter.ts";
import { mergeMany, removeMany, type ManyQuery, type ManyWritten } from "./docs-many.repository.ts";
import type { DocsPlace } from "./docs-place.ts";
import { planOf } from "./docs-plan.ts";

/** Merges the patch into what the filter finds; gives the number. Throws `too_large` over 1,000 documents. */
export async function updateMany(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
  change: { readonly filter: JsonText; readonly patch: JsonText },
): Promise<number> {
  const cause = enter(ctx, platform, at);
  const query = manyQuery(at, change.filter);
  const { text } = storableDocument(change.patch, "patch");
  return await write(
    ctx,
    platform,
    { cause, query },
    async () =>
      await mergeMany(writerOf(platform, ctx), cause, query, { text, bytesMax: docsLimits.documentBytes }),
  );
}

/** Removes what the filter finds; gives the number. Throws `too_large` over 1,000 documents. */
export async function deleteMany(
  ctx: Context,
  platform: Platform,
  at: DocsPlace,
  filter: JsonText,
): Promise<number> {
  const cause = enter(ctx, platform, at);
  const query = manyQuery(at, filter);
  return await write(
    ctx,
    platform,
    { cause, query },
    async () => await removeMany(writerOf(platform, ctx), cause, query),
  );
}

function enter(ctx: Context, platform: Platform, at: DocsPlace): WriteCause {
  authorize(ctx, "AppDocsWrite", at.appId);
  checkCollection(at.collection);
  return writeCause(platform, ctx, at.appId);
}

function manyQuery(at: DocsPlace, filterText: JsonText): ManyQuery {
  const filter = parseFilter(filterText);
  const { manyItems } = docsLimits;
  return {
    plan: planOf(at, filter, undefined),
    most: filter.limit ?? manyItems,
    isCut: filter.limit !== undefined,
  };
}

/** The rows of two such writes are locked in one order, but a write of one document may have a place in it. */
const TRIES = 3;

async function write(
  ctx: Context,
  platform: Platform,
  { cause, query }: { readonly cause: WriteCause; readonly query: ManyQuery },
  work: () => Promise<ManyWritten>,
): Promise<number> {
  const written = await tried(ctx, work);
  finishWrite(platform, ctx, cause, written.matched);
  if (!query.isCut && written.found > query.most) {
    throw new PicloudError(
      "too_large",
      `The filter finds more than ${query.most} documents: nothing was changed.`,
      {
        fields: [{ path: "filter.$limit", message: `set it, to change up to ${query.most} at a time` }],
      },
    );
  }
  if (written.too_large !== null) {
    const { documentBytes } = docsLimits;
    const message = `The document ${written.too_large} would have more than ${documentBytes} bytes: nothing was changed.`;
    throw new PicloudError("too_large", message, {
      fields: [{ path: "patch", message: `makes a document of more than ${documentBytes} bytes` }],
    });
  }
  return written.written;
}

/** In a run's transaction a conflict is for the run, which begins again. */
async function tried(ctx: Context, work: () => Promise<ManyWritten>): Promise<ManyWritten> {
  const most = ctx.transaction === undefined ? TRIES : 1;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (isSerializationFailure(error) && tries < most) continue;
      if (isDataError(error)) throw new PicloudError("invalid", "patch can't be stored", { cause: error });
      if (!isQueryCanceled(error)) throw error;
      throw new PicloudError("timeout", "The change took longer than 10 s: nothing was changed.", {
        fields: [{ path: "filter", message: "finds or reads too many documents: narrow it, or set $limit" }],
        cause: error,
      });
    }
  }
}
