/** Requests that are answered when they are durable and run when a slot is free (EXE-4), and who they then run for. */
import { PicloudError } from "@picloud/contract";
import type { HttpInput } from "@picloud/sandbox";
import type { ApiKeyPrincipal, Principal, UserPrincipal } from "../platform/context.ts";
import { newId } from "../platform/ids.ts";
import type { Platform } from "../platform/platform.ts";
import { findKeyRights, findUserRights, insertRequest, type UserRights } from "./async-request.repository.ts";
import {
  REQUEST_OP,
  REQUEST_SOURCE,
  requestPayload,
  type AsyncRequest,
  type StoredCaller,
} from "./async-request.ts";
import type { PreparedScript } from "./prepared-script.ts";

/** What the caller is told (`api.md` §4). */
export interface Accepted {
  readonly accepted_at: string;
  readonly execution_id: string;
}

/** Answers when the request's delivery is committed. `executionId`: of its first attempt. Throws `malformed_request` and
 *  `app_gone`. */
export async function acceptRequest(
  platform: Platform,
  script: PreparedScript,
  executionId: string,
  request: AsyncRequest,
): Promise<Accepted> {
  checkJson(script, request.input);
  const { id: appId } = script.app;
  const acceptedAt = await certain(
    insertRequest(platform.db.write, {
      appId,
      eventId: newId(),
      deliveryId: newId(),
      scriptId: script.script.id,
      executionId,
      source: REQUEST_SOURCE,
      op: REQUEST_OP,
      payload: requestPayload(request),
    }),
  );
  if (acceptedAt === undefined) throw new PicloudError("app_gone", "The app is being deleted.");
  platform.signals.send("outbox", appId);
  return { accepted_at: acceptedAt.toISOString(), execution_id: executionId };
}

/** A statement ends within 10 s; a database that is not there at all may never answer. */
const INSERT_MS_MAX = 15_000;

async function certain<T>(insert: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message =
      "The database gave no answer: it is not certain that the request was stored. Send it again.";
    late.reject(new PicloudError("unavailable", message, { retryAfterMs: 1_000 }));
  }, INSERT_MS_MAX);
  try {
    return await Promise.race([insert, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A Rhai script gets JSON parsed, so what is malformed is refused here, where its sender learns of it (`api.md` §2). */
function checkJson({ live }: PreparedScript, { headers, body }: HttpInput): void {
  if (live.language !== "rhai" || body.length === 0) return;
  const at = headers.findLastIndex((name, i) => i % 2 === 0 && name.toLowerCase() === "content-type");
  const type = (headers[at + 1] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (at === -1 || !(type === "application/json" || /^[^/]+\/.+\+json$/.test(type))) return;
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new PicloudError("malformed_request", "The body is not JSON.", { cause });
  }
}

/** The caller with the rights of now. Who may no longer log in keeps the name and has no rights: what the script calls for
 *  them is refused. */
export async function callerNow(
  platform: Pick<Platform, "db">,
  appId: string,
  caller: StoredCaller,
): Promise<Principal> {
  const { kind, id, name } = caller;
  if (kind === "end_user") return { kind, id, name };
  if (kind === "user") return userOf(appId, caller, await findUserRights(platform.db.read, appId, id));
  const key = await findKeyRights(platform.db.read, appId, id);
  const owner = userOf(appId, { id: key?.userId ?? id, name: key?.name ?? name }, key);
  return {
    kind: "api_key",
    id,
    name,
    owner,
    scopes: key?.scopes ?? [],
    ...(key?.boundTo === null || key === undefined ? {} : { appId: key.boundTo }),
  } satisfies ApiKeyPrincipal;
}

function userOf(
  appId: string,
  { id, name }: Pick<StoredCaller, "id" | "name">,
  rights: UserRights | undefined,
): UserPrincipal {
  const appRole = rights?.appRole ?? null;
  return {
    kind: "user",
    id,
    name,
    role: rights?.role ?? "member",
    appRoles: new Map(appRole === null ? [] : [[appId, appRole]]),
  };
}
