/** Files: bytes with a name and a type under (collection, id), checked on every read, with events and signed URLs. */
import { appRefSchema, defineContract, endpoint, idSchema, pageOf, pageQuery } from "@picloud/contract";
import { z } from "zod";

/** Sizes in bytes of UTF-8 (`api.md` §7). The most of a file is the server's setting. */
export const filesLimits = {
  collectionBytes: 128,
  nameBytes: 255,
  contentTypeBytes: 255,
  /** What a script gives or gets in one call: it is in its memory as a whole. */
  scriptBytes: 12 * 1_048_576,
} as const;

const expiresSchema = z
  .union([z.string(), z.number()])
  .describe("Time until the URL expires, at most 7 days: 30s, 5m, 12h, 3d, or milliseconds.");

const fileSchema = z.object({
  collection: z.string(),
  id: z.string(),
  name: z.string(),
  content_type: z.string(),
  size_bytes: z.number().int(),
  sha256: z.string(),
  version: z.number().int(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  written_by: z.string().nullable(),
});

const inCollection = { app: appRefSchema, collection: z.string() };
const address = { ...inCollection, id: idSchema };
const path = "/apps/{app}/files";
const columns = ["id", "name", "content_type", "size_bytes", "sha256", "updated_at", "written_by"];

const handle = { on: "collection" } as const;
const read = { ...handle, effect: "read", capability: "AppFilesRead" } as const;
const write = { ...handle, effect: "write", capability: "AppFilesWrite" } as const;
const idArgument = { name: "id", schema: z.string(), type: "string" } as const;
const data = "FileData";

const filesTypes = `/** Bytes to store; a string becomes UTF-8. */
export type FileData = string | Uint8Array | ArrayBuffer;

/** What a file is. */
export interface FileHead {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Of the bytes, hex. */
  readonly sha256: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A file with its bytes. */
export interface StoredFile extends FileHead {
  readonly data: Uint8Array;
}`;

export const filesContract = defineContract({
  summary: "Bytes of any size with a name and a content type, checked on every read, with signed URLs.",
  noun: "files",
  types: filesTypes,
  endpoints: {
    collections: endpoint
      .route({ method: "GET", path, summary: "List the collections of an app" })
      .meta({
        capability: "AppFilesRead",
        cli: {
          verb: "collections",
          columns: ["collection", "count", "size_bytes"],
          summary: "List collections with their files and bytes",
        },
      })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(
        pageOf(z.object({ collection: z.string(), count: z.number().int(), size_bytes: z.number().int() })),
      ),
    list: endpoint
      .route({ method: "GET", path: `${path}/{collection}`, summary: "List the files of a collection" })
      .meta({
        capability: "AppFilesRead",
        cli: {
          verb: "ls",
          positionals: ["collection"],
          columns,
          summary: "List the files of a collection, newest first",
        },
      })
      .input(z.strictObject({ ...inCollection, ...pageQuery }))
      .output(pageOf(fileSchema)),
    create: endpoint
      .route({
        method: "POST",
        path: `${path}/{collection}`,
        successStatus: 201,
        summary: "Store a file: its bytes are the body, its content type the header's",
      })
      .meta({ capability: "AppFilesWrite", bytes: "in" })
      .input(z.strictObject({ ...inCollection, name: z.string() }))
      .output(fileSchema),
    get: endpoint
      .route({ method: "GET", path: `${path}/{collection}/{id}`, summary: "Read what a file is" })
      .meta({
        capability: "AppFilesRead",
        hasHead: true,
        cli: { verb: "show", positionals: ["collection", "id"], columns, summary: "Show what a file is" },
      })
      .input(z.strictObject(address))
      .output(fileSchema),
    update: endpoint
      .route({
        method: "PUT",
        path: `${path}/{collection}/{id}`,
        summary: "Change name or content type; If-Match as for the content",
      })
      .meta({
        capability: "AppFilesWrite",
        cli: {
          verb: "set",
          positionals: ["collection", "id"],
          columns,
          summary: "Change the name or content type of a file",
        },
      })
      .input(z.strictObject({ ...address, name: z.string().optional(), content_type: z.string().optional() }))
      .output(fileSchema),
    delete: endpoint
      .route({
        method: "DELETE",
        path: `${path}/{collection}/{id}`,
        successStatus: 204,
        summary: "Delete a file; If-Match as for the content",
      })
      .meta({
        capability: "AppFilesWrite",
        cli: { verb: "rm", positionals: ["collection", "id"], summary: "Delete a file" },
      })
      .input(z.strictObject(address))
      .output(z.void()),
    content: endpoint
      .route({
        method: "GET",
        path: `${path}/{collection}/{id}/content`,
        summary: "Read the bytes of a file; takes Range, If-Range, If-Match and If-None-Match",
      })
      .meta({ capability: "AppFilesRead", bytes: "out", hasHead: true })
      .input(z.strictObject(address))
      .output(z.void()),
    replace: endpoint
      .route({
        method: "PUT",
        path: `${path}/{collection}/{id}/content`,
        summary: "Replace the bytes of a file; If-Match with its ETag keeps others' changes",
      })
      .meta({ capability: "AppFilesWrite", bytes: "in" })
      .input(z.strictObject({ ...address, name: z.string().optional() }))
      .output(fileSchema),
    url: endpoint
      .route({
        method: "POST",
        path: `${path}/{collection}/{id}/url`,
        summary: "Make a URL that anyone may read the file with until it expires",
      })
      .meta({
        capability: "AppFilesRead",
        cli: {
          verb: "url",
          positionals: ["collection", "id"],
          columns: ["url", "expires_at"],
          summary: "Make a URL that anyone may read the file with: --expires 1h",
        },
      })
      .input(z.strictObject({ ...address, expires: expiresSchema }))
      .output(z.object({ url: z.string(), expires_at: z.iso.datetime() })),
  },
  methods: {
    create: {
      ...write,
      summary: `Stores a file of at most ${filesLimits.scriptBytes / 1_048_576} MiB and gives its id. Without a content type it is application/octet-stream.`,
      args: [
        {
          name: "file",
          schema: z.strictObject({ name: z.string(), content_type: z.string().nullish() }),
          type: `{ name: string; contentType?: string; data: ${data} }`,
        },
      ],
      takesBytes: { argument: 0, isRequired: true },
      returns: "string",
      example: {
        typescript: `await files.collection("reports").create({ name: "a.txt", contentType: "text/plain", data: "hello" })`,
        rhai: `files::collection("reports").create(#{ name: "a.txt", content_type: "text/plain", data: "hello" })`,
      },
    },
    head: {
      ...read,
      reply: "record",
      summary: "What a file is, or undefined if it is absent.",
      args: [idArgument],
      returns: "FileHead | undefined",
      example: {
        typescript: `await files.collection("reports").head("0190a0a0-0000-7000-8000-000000000000")`,
        rhai: `files::collection("reports").head("0190a0a0-0000-7000-8000-000000000000")`,
      },
    },
    get: {
      ...read,
      reply: "record",
      summary: `A file with its bytes, or undefined if it is absent. Throws too_large over ${filesLimits.scriptBytes / 1_048_576} MiB, corrupted for bytes that changed on disk.`,
      args: [idArgument],
      returnsBytes: true,
      returns: "StoredFile | undefined",
      example: {
        typescript: `await files.collection("reports").get("0190a0a0-0000-7000-8000-000000000000")`,
        rhai: `files::collection("reports").get("0190a0a0-0000-7000-8000-000000000000")`,
      },
    },
    update: {
      ...write,
      summary: "Replaces the bytes, the name or the content type, whichever are given. Throws not_found.",
      args: [
        idArgument,
        {
          name: "change",
          schema: z.strictObject({ name: z.string().nullish(), content_type: z.string().nullish() }),
          type: `{ name?: string; contentType?: string; data?: ${data} }`,
        },
      ],
      takesBytes: { argument: 1, isRequired: false },
      returns: "void",
      example: {
        typescript: `const reports = files.collection("reports"); const id = await reports.create({ name: "a.txt", data: "a" }); await reports.update(id, { data: "b" })`,
        rhai: `let reports = files::collection("reports"); let id = reports.create(#{ name: "a.txt", data: "a" }); reports.update(id, #{ data: "b" })`,
      },
    },
    delete: {
      ...write,
      summary: "Removes a file; says whether it was present.",
      args: [idArgument],
      returns: "boolean",
      example: {
        typescript: `await files.collection("reports").delete("0190a0a0-0000-7000-8000-000000000000")`,
        rhai: `files::collection("reports").delete("0190a0a0-0000-7000-8000-000000000000")`,
      },
    },
    list: {
      ...read,
      summary: "A page of files without their bytes, newest first; pass next_cursor on as cursor.",
      args: [
        {
          name: "options",
          schema: z
            .strictObject({
              cursor: z.string().nullish(),
              limit: z.number().int().min(1).max(1000).nullish(),
            })
            .nullish(),
          type: "{ cursor?: string; limit?: number }",
          optional: true,
        },
      ],
      returns: "Page<FileHead>",
      example: {
        typescript: `await files.collection("reports").list({ limit: 10 })`,
        rhai: `files::collection("reports").list(#{ limit: 10 })`,
      },
    },
    url: {
      ...read,
      summary: "A URL that anyone may read the file with, for at most 7 days. Throws not_found.",
      args: [
        idArgument,
        {
          name: "options",
          schema: z.strictObject({ expires: expiresSchema }),
          type: "{ expires: string | number }",
        },
      ],
      returns: "string",
      example: {
        typescript: `const reports = files.collection("reports"); const id = await reports.create({ name: "a.txt", data: "a" }); await reports.url(id, { expires: "1h" })`,
        rhai: `let reports = files::collection("reports"); let id = reports.create(#{ name: "a.txt", data: "a" }); reports.url(id, #{ expires: "1h" })`,
      },
    },
  },
  events: [
    {
      source: "files",
      ops: ["create", "update", "delete"],
      fields: {
        collection: "string",
        id: "string",
        name: "string",
        content_type: "string",
        size_bytes: "number",
        sha256: "string",
      },
    },
  ],
  limits: [
    { name: "collection", most: filesLimits.collectionBytes, unit: "bytes", code: "too_large" },
    { name: "name", most: filesLimits.nameBytes, unit: "bytes", code: "too_large" },
    { name: "content_type", most: filesLimits.contentTypeBytes, unit: "bytes", code: "too_large" },
    { name: "data of a script's call", most: filesLimits.scriptBytes, unit: "bytes", code: "too_large" },
  ],
});
