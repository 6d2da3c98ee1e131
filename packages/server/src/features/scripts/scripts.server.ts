/** Wiring of scripts. */
import { PicloudError } from "@picloud/contract";
import { defineFeature } from "../../platform/feature.ts";
import type { EndpointCall, Feature } from "../../platform/feature.ts";
import type { Platform } from "../../platform/platform.ts";
import { createScript, rollBackScript, updateScript } from "./save-script.service.ts";
import { scriptsContract } from "./scripts.contract.ts";
import {
  deleteScript,
  diffVersions,
  getScript,
  getVersion,
  listLinked,
  listScripts,
  listVersions,
} from "./scripts.service.ts";
import type { Script } from "./scripts.service.ts";

export function scriptsFeature(platform: Platform): Feature<typeof scriptsContract> {
  return defineFeature(scriptsContract, {
    endpoints: {
      list: async (ctx, input) => await listScripts(ctx, platform, input),
      listAll: async (ctx, input) => await listScripts(ctx, platform, input),
      create: async (ctx, input, call) => tagged(call, await createScript(ctx, platform, input.app, input)),
      get: async (ctx, input, call) => tagged(call, await getScript(ctx, platform.db.read, input.id)),
      update: async (ctx, input, call) =>
        tagged(call, await updateScript(ctx, platform, input.id, { ...input, ifMatch: ifMatch(call) })),
      delete: async (ctx, input) => await deleteScript(ctx, platform, input.id),
      versions: async (ctx, input) => await listVersions(ctx, platform, input),
      version: async (ctx, input) => await getVersion(ctx, platform, input.id, input.version),
      diff: async (ctx, input) => await diffVersions(ctx, platform, input),
      imports: async (ctx, input) => await listLinked(ctx, platform, { ...input, direction: "imports" }),
      importers: async (ctx, input) => await listLinked(ctx, platform, { ...input, direction: "importers" }),
      rollback: async (ctx, input, call) =>
        tagged(call, await rollBackScript(ctx, platform, input.id, input.version)),
    },
    methods: {},
  });
}

/** The version is the entity tag that `If-Match` takes. */
function tagged<T extends Script>(call: EndpointCall, script: T): T {
  call.setHeader("etag", `"${script.version}"`);
  return script;
}

/** `If-Match: "<version>"`; `*` matches every script that exists. */
function ifMatch(call: EndpointCall): number | undefined {
  const header = call.headers["if-match"];
  if (header === undefined || header === "*") return undefined;
  const [, version] = (typeof header === "string" ? /^"([1-9]\d{0,9})"$/.exec(header) : null) ?? [];
  if (version !== undefined) return Number(version);
  throw new PicloudError("malformed_request", 'If-Match must be "<version>" in quotes, or *.', {
    fields: [{ path: "if-match", message: 'must be "<version>" in quotes, or *' }],
  });
}
