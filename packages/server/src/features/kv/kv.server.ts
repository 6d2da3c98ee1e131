/** Wiring of kv. */
import { checkedJson, exactJson, jsonText, JsonText } from "@picloud/contract";
import { assert } from "../../platform/assert.ts";
import type { Context } from "../../platform/context.ts";
import { defineFeature } from "../../platform/feature.ts";
import type { Feature, LinesHandler } from "../../platform/feature.ts";
import { numberedLines } from "../../platform/line-import.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { arrayLines, exportEntries, importLines, lineOf } from "./kv-lines.service.ts";
import { kvContract, kvLimits } from "./kv.contract.ts";
import * as service from "./kv.service.ts";

export function kvFeature(platform: Platform): Feature<typeof kvContract> {
  const read = platform.db.read;
  return defineFeature(kvContract, {
    endpoints: {
      collections: async (ctx, input) => {
        const { id } = await getApp(ctx, read, input.app, "AppKvRead");
        return await service.listCollections(ctx, platform, id, input);
      },
      list: async (ctx, input) => {
        const { id } = await getApp(ctx, read, input.app, "AppKvRead");
        const at = { appId: id, collection: input.collection };
        const page = await service.listEntries(ctx, platform, at, input);
        return { ...page, items: page.items.map((row) => entryOf(input.collection, row)) };
      },
      import: async (ctx, input) => {
        const { id } = await getApp(ctx, read, input.app, "AppKvWrite");
        const at = { appId: id, collection: input.collection };
        return await importLines(ctx, platform, at, arrayLines(exactEntries(input.entries)));
      },
      get: async (ctx, input) => {
        const { id } = await getApp(ctx, read, input.app, "AppKvRead");
        const row = await service.getEntry(ctx, platform, { ...input, appId: id });
        return entryOf(input.collection, row);
      },
      set: async (ctx, input) => {
        const { id } = await getApp(ctx, read, input.app, "AppKvWrite");
        const { collection, key } = input;
        const value = checkedJson(jsonText(input.value).text, "value", kvLimits.valueBytes);
        const write = { value, ttl: input.ttl };
        const version = await service.setValue(ctx, platform, { appId: id, collection, key }, write);
        return { collection, key, version };
      },
      delete: async (ctx, input) => {
        const { id } = await getApp(ctx, read, input.app, "AppKvWrite");
        const at = { appId: id, collection: input.collection, key: input.key };
        if (!(await service.deleteKey(ctx, platform, at))) throw service.notFound(at);
      },
    },
    methods: {
      get: async (ctx, args) => await service.getValue(ctx, platform, address(ctx, args)),
      set: async (ctx, args) => {
        const [, , value, options] = args as [string, string, JsonText, Ttl];
        await service.setValue(ctx, platform, address(ctx, args), { value, ttl: options?.ttl });
      },
      has: async (ctx, args) => await service.hasKey(ctx, platform, address(ctx, args)),
      delete: async (ctx, args) => await service.deleteKey(ctx, platform, address(ctx, args)),
      list: async (ctx, args) => await listForScript(ctx, platform, args),
      increment: async (ctx, args) => {
        const [, , by] = args as [string, string, JsonText | undefined];
        return await service.incrementValue(ctx, platform, address(ctx, args), by);
      },
      compare_and_set: async (ctx, args) => {
        const [, , old, value, options] = args as [string, string, JsonText | undefined, JsonText, Ttl];
        const write = { old, value, ttl: options?.ttl };
        return await service.compareAndSet(ctx, platform, address(ctx, args), write);
      },
    },
    lines: linesOf(platform),
  });
}

function linesOf(platform: Platform): Readonly<Record<string, LinesHandler>> {
  const { read } = platform.db;
  return {
    list: {
      export: async function* (ctx, { app = "", collection = "" }) {
        const { id } = await getApp(ctx, read, app, "AppKvRead");
        yield* exportEntries(ctx, platform, { appId: id, collection });
      },
    },
    import: {
      import: async (ctx, input, { lines }) => {
        const { app = "", collection = "" } = input;
        const { id } = await getApp(ctx, read, app, "AppKvWrite");
        return await importLines(ctx, platform, { appId: id, collection }, numberedLines(input, lines));
      },
    },
  };
}

/** The member comes as text, for its numbers to stay what they are. */
function exactEntries(value: unknown): unknown {
  return exactJson(jsonText(value).text);
}

// The contract's schemas have given the arguments these types.
type Ttl = { readonly ttl?: string | number | null } | null | undefined;
interface ListOptions {
  readonly prefix?: string | null;
  readonly cursor?: string | null;
  readonly limit?: number | null;
}

/** No argument can name another app: it is the run's own. */
function address(ctx: Context, args: readonly unknown[]): service.KvAddress {
  assert(ctx.execution !== undefined, "methods are called by runs");
  const [collection, key] = args as [string, string];
  return { appId: ctx.execution.app.id, collection, key };
}

async function listForScript(ctx: Context, platform: Platform, args: readonly unknown[]): Promise<JsonText> {
  assert(ctx.execution !== undefined, "methods are called by runs");
  const [collection, options] = args as [string, ListOptions | null | undefined];
  const at = { appId: ctx.execution.app.id, collection };
  const page = await service.listEntries(ctx, platform, at, {
    prefix: options?.prefix ?? undefined,
    cursor: options?.cursor ?? undefined,
    limit: options?.limit ?? 100,
  });
  const items = page.items.map(lineOf);
  return new JsonText(`{"items":[${items.join(",")}],"next_cursor":${JSON.stringify(page.next_cursor)}}`);
}

/** The API's view; the value goes out with its numbers as they were written. */
function entryOf(collection: string, row: service.KvRow) {
  return {
    collection,
    key: row.key,
    value: new JsonText(row.value),
    version: row.version,
    expires_at: row.expires_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    written_by: row.written_by,
  };
}
