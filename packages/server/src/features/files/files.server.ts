/** Wiring of files. */
import { JsonText } from "@picloud/contract";
import { assert } from "../../platform/assert.ts";
import type { Context } from "../../platform/context.ts";
import { BytesReply, defineFeature } from "../../platform/feature.ts";
import type { BytesExchange, EndpointCall, Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import { tooManyBytes } from "./content-check.ts";
import { answerFile, etagOf, versionsOf } from "./file-answer.service.ts";
import { signFileUrl } from "./file-urls.service.ts";
import { filesContract } from "./files.contract.ts";
import { readForScript } from "./script-bytes.ts";
import * as service from "./files.service.ts";

export function filesFeature(platform: Platform): Feature<typeof filesContract> {
  return defineFeature(filesContract, {
    endpoints: { ...readEndpoints(platform), ...writeEndpoints(platform) },
    methods: {
      create: async (ctx, args) => {
        const [collection, file, bytes] = args as [string, NewFile, Uint8Array];
        const contentType = file.content_type ?? undefined;
        const input = { name: file.name, contentType, bytes: chunksOf(bytes) };
        return (await service.createFile(ctx, platform, { appId: appOf(ctx), collection }, input)).id;
      },
      head: async (ctx, args) => {
        const row = await service.headFile(ctx, platform, addressOf(ctx, args));
        return row === undefined ? undefined : headOf(row);
      },
      get: async (ctx, args) => {
        const file = await service.openFile(ctx, platform, addressOf(ctx, args));
        if (file === undefined) return undefined;
        return new BytesReply(new JsonText(JSON.stringify(headOf(file))), await readForScript(file));
      },
      update: async (ctx, args) => {
        const [, , change, bytes] = args as [string, string, Partial<NewFile>, Uint8Array | undefined];
        await service.updateFile(ctx, platform, addressOf(ctx, args), {
          name: change.name ?? undefined,
          contentType: change.content_type ?? undefined,
          bytes: bytes === undefined ? undefined : chunksOf(bytes),
        });
      },
      delete: async (ctx, args) => await service.deleteFile(ctx, platform, addressOf(ctx, args)),
      list: async (ctx, args) => {
        const [collection, options] = args as [string, ListOptions | null | undefined];
        const at = { appId: appOf(ctx), collection };
        const page = { limit: options?.limit ?? 100, cursor: options?.cursor ?? undefined };
        const { items, next_cursor } = await service.listFiles(ctx, platform, at, page);
        return { items: items.map(headOf), next_cursor };
      },
      url: async (ctx, args) => {
        const [, , options] = args as [string, string, { readonly expires: string | number }];
        return (await signFileUrl(ctx, platform, addressOf(ctx, args), options.expires)).url;
      },
    },
  });
}

type Endpoints = Feature<typeof filesContract>["endpoints"];

function readEndpoints(
  platform: Platform,
): Pick<Endpoints, "collections" | "list" | "get" | "content" | "url"> {
  const read = platform.db.read;
  return {
    collections: async (ctx, input) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesRead");
      return await service.listCollections(ctx, platform, id, input);
    },
    list: async (ctx, input) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesRead");
      const at = { appId: id, collection: input.collection };
      const page = await service.listFiles(ctx, platform, at, input);
      return { ...page, items: page.items.map((row) => viewOf(input.collection, row)) };
    },
    get: async (ctx, input, call) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesRead");
      const row = await service.getFile(ctx, platform, { ...input, appId: id });
      return tagged(call, input.collection, row);
    },
    content: async (ctx, input, call) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesRead");
      const at = { ...input, appId: id };
      const file = await service.openFile(ctx, platform, at);
      if (file === undefined) throw service.notFound(at);
      const { isHead, answer } = bytesOf(call);
      answer(await answerFile(file, { headers: call.headers, isHead, cache: "private, no-cache" }));
    },
    url: async (ctx, input) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesRead");
      const { url, expiresAt } = await signFileUrl(ctx, platform, { ...input, appId: id }, input.expires);
      return { url, expires_at: expiresAt.toISOString() };
    },
  };
}

function writeEndpoints(platform: Platform): Pick<Endpoints, "create" | "update" | "replace" | "delete"> {
  const read = platform.db.read;
  return {
    create: async (ctx, input, call) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesWrite");
      const at = { appId: id, collection: input.collection };
      const contentType = call.headers["content-type"];
      const file = {
        name: input.name,
        contentType: typeof contentType === "string" ? contentType : undefined,
        bytes: bodyOf(platform, call),
      };
      return tagged(call, input.collection, await service.createFile(ctx, platform, at, file));
    },
    update: async (ctx, input, call) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesWrite");
      const update = {
        name: input.name,
        contentType: input.content_type,
        versions: versionsOf(call.headers),
      };
      const row = await service.updateFile(ctx, platform, { ...input, appId: id }, update);
      return tagged(call, input.collection, row);
    },
    replace: async (ctx, input, call) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesWrite");
      const contentType = call.headers["content-type"];
      const row = await service.updateFile(
        ctx,
        platform,
        { ...input, appId: id },
        {
          name: input.name,
          // Without one the file keeps its own.
          contentType: typeof contentType === "string" ? contentType : undefined,
          bytes: bodyOf(platform, call),
          versions: versionsOf(call.headers),
        },
      );
      return tagged(call, input.collection, row);
    },
    delete: async (ctx, input, call) => {
      const { id } = await getApp(ctx, read, input.app, "AppFilesWrite");
      const at = { ...input, appId: id };
      if (!(await service.deleteFile(ctx, platform, at, versionsOf(call.headers))))
        throw service.notFound(at);
    },
  };
}

// The contract's schemas have given the arguments these types.
interface NewFile {
  readonly name: string;
  readonly content_type?: string | null;
}
interface ListOptions {
  readonly cursor?: string | null;
  readonly limit?: number | null;
}

/** No argument can name another app: it is the run's own. */
function appOf(ctx: Context): string {
  assert(ctx.execution !== undefined, "methods are called by runs");
  return ctx.execution.app.id;
}

function addressOf(ctx: Context, args: readonly unknown[]): service.FileAddress {
  const [collection, id] = args as [string, string];
  return { appId: appOf(ctx), collection, id };
}

/** The body as it comes. What says that it is too large is refused before its first byte. */
function bodyOf({ config }: Platform, call: EndpointCall): AsyncIterable<Uint8Array> {
  if (Number(call.headers["content-length"] ?? 0) > config.fileMaxBytes)
    throw tooManyBytes(config.fileMaxBytes);
  return bytesOf(call).body;
}

function bytesOf({ bytes }: EndpointCall): BytesExchange {
  assert(bytes !== undefined, "the contract says that this is an endpoint of bytes");
  return bytes;
}

async function* chunksOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function headOf({ id, name, content_type, size_bytes, sha256, created_at, updated_at }: service.FileRow) {
  return { id, name, content_type, size_bytes, sha256, created_at, updated_at };
}

function tagged(call: EndpointCall, collection: string, row: service.FileRow) {
  call.setHeader("etag", etagOf(row));
  return viewOf(collection, row);
}

function viewOf(collection: string, row: service.FileRow) {
  return {
    collection,
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
