/** Every endpoint that changes something leaves exactly one entry in the audit log, or is listed here with the reason why
 *  it does not (INS-9). A new endpoint without a change to try, or a reason, fails. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { newId } from "../../packages/server/src/platform/ids.ts";
import { totpCode } from "../../packages/server/src/features/users/totp.ts";
import { startDnsServer } from "../support/dns-server.ts";
import type { DnsServer } from "../support/dns-server.ts";
import { freshName, resourcesOf } from "../support/resources.ts";
import type { Resources } from "../support/resources.ts";
import { ownerLogin, startTestApi, textOf } from "../support/test-api.ts";
import type { Answer, TestApi } from "../support/test-api.ts";

/** Other methods than GET that change nothing, or whose change is told elsewhere. */
const unlisted: Readonly<Record<string, string>> = {
  "users.login": "opens a session, which the list of sessions shows; nothing of the instance changes",
  "users.begin_totp": "nothing is in force before it is confirmed",
  "deployments.plan": "changes nothing",
  "docs.find": "changes nothing",
  "docs.count": "changes nothing",
};

let api: TestApi;
let dns: DnsServer;
let here: Resources;
beforeAll(async () => {
  dns = await startDnsServer();
  const environment = {
    PICLOUD_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
    PICLOUD_DNS_SERVERS: dns.address,
  };
  api = await startTestApi({ environment });
  await api.call("POST /apps", { body: { slug: "here" } });
  here = resourcesOf(api, "here");
});
afterAll(async () => {
  await api.close();
  await dns.close();
});

const idOf = (answer: Answer): string => textOf(answer.body["id"]);
const secret = "not-for-the-log";
const password = `${secret} and long`;

/** A user with the owner's password. */
async function user(): Promise<string> {
  return (await account()).id;
}
async function account(): Promise<{ readonly id: string; readonly username: string }> {
  const id = newId();
  const username = freshName();
  await api.platform.db.write`insert into users (id, username, role, password_hash)
    select ${id}, ${username}, 'member', password_hash from users where username = ${ownerLogin.username}`;
  return { id, username };
}
async function session(username: string = ownerLogin.username): Promise<string> {
  const body = { ...ownerLogin, username };
  return textOf((await api.call("POST /auth/login", { token: null, body })).body["token"]);
}
async function link(kind: "invite" | "reset"): Promise<string> {
  const request =
    kind === "invite"
      ? await api.call("POST /users/invites", { body: { username: freshName() } })
      : await api.call(`POST /users/${await user()}/reset`, { body: {} });
  return textOf(request.body["token"]);
}
/** A user with a second factor, begun or on, and the code of a step from now. */
async function totp(
  isOn: boolean,
): Promise<{ readonly token: string; readonly code: (step: number) => string }> {
  const token = await session((await account()).username);
  const begun = await api.call("POST /auth/totp", { token, body: { password: ownerLogin.password } });
  const key = decodeBase32(textOf(begun.body["secret"]));
  const code = (step: number): string => totpCode(key, Math.floor(Date.now() / 30_000) + step);
  if (isOn) await api.call("POST /auth/totp/confirm", { token, body: { totp: code(-1) } });
  return { token, code };
}
function decodeBase32(text: string): Buffer {
  const digits = text.split("").map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c));
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
/** It may claim, and not approve. */
async function keyOfDomains(): Promise<string> {
  const body = { name: freshName(), scopes: ["domain:manage"] };
  return textOf((await api.call("POST /api_keys", { body })).body["raw_token"]);
}
async function document(): Promise<string> {
  return idOf(await api.call("POST /apps/here/docs/c", { body: { data: { secret } } }));
}
async function pendingClaim(): Promise<string> {
  const host = `${freshName()}.example.org`;
  await api.call("POST /apps/here/domains", { token: await keyOfDomains(), body: { host } });
  return host;
}
async function file(): Promise<Answer> {
  const headers = { "content-type": "text/plain" };
  return await api.call(`POST /apps/here/files/c?name=${freshName()}`, { body: secret, headers });
}
async function deployment(): Promise<Answer> {
  const source = `export default () => "${secret}"`;
  const source_hash = createHash("sha256").update(source).digest("hex");
  const manifest = { scripts: [{ name: freshName(), source, source_hash }] };
  const { body } = await api.call("POST /apps/here/deployments/plan", { body: manifest });
  return await api.call("POST /apps/here/deployments", { body: { ...manifest, base: body["base"] } });
}

/** Prepares what it needs, then gives the one call that is to leave the entry. */
const changes: Readonly<Record<string, () => Promise<() => Promise<Answer>>>> = {
  "users.setup": async () => await setUp(),
  "users.logout": async () => await call("POST /auth/logout", {}, await session()),
  "users.accept_invite": async () =>
    await call("POST /auth/invites/accept", { token: await link("invite"), password }, null),
  "users.reset_password": async () =>
    await call("POST /auth/password_reset", { token: await link("reset"), password }, null),
  "users.change_password": async () => {
    const token = await session((await account()).username);
    return await call(
      "POST /auth/password",
      { old_password: ownerLogin.password, new_password: password },
      token,
    );
  },
  "users.confirm_totp": async () => {
    const { token, code } = await totp(false);
    return await call("POST /auth/totp/confirm", { totp: code(0) }, token);
  },
  "users.remove_totp": async () => {
    const { token, code } = await totp(true);
    return await call("DELETE /auth/totp", { password: ownerLogin.password, totp: code(0) }, token);
  },
  "users.create": async () => await call("POST /users", { username: freshName(), password }),
  "users.invite": async () => await call("POST /users/invites", { username: freshName() }),
  "users.update": async () => await call(`PATCH /users/${await user()}`, { role: "admin" }),
  "users.reset": async () => await call(`POST /users/${await user()}/reset`, {}),
  "users.delete": async () => await call(`DELETE /users/${await user()}`),
  "sessions.delete": async () => {
    const token = await session((await account()).username);
    const { body } = await api.call("GET /sessions", { token });
    return await call(`DELETE /sessions/${textOf(body["items"]?.[0]?.["id"])}`, undefined, token);
  },
  "sessions.delete_all": async () => {
    const { username } = await account();
    await session(username);
    return await call("DELETE /sessions", undefined, await session(username));
  },
  "api_keys.create": async () => await call("POST /api_keys", { name: freshName(), scopes: ["log:read"] }),
  "api_keys.delete": async () => {
    const minted = await api.call("POST /api_keys", { body: { name: freshName(), scopes: ["log:read"] } });
    return await call(`DELETE /api_keys/${idOf(minted)}`);
  },
  "apps.create": async () => await call("POST /apps", { slug: freshName() }),
  "apps.update": async () => await call("PATCH /apps/here", { name: freshName() }),
  "apps.delete": async () => {
    const id = idOf(await api.call("POST /apps", { body: { slug: freshName() } }));
    return await call(`DELETE /apps/${id}`);
  },
  "apps.free": async () => {
    const slug = freshName();
    await api.call("POST /apps", { body: { slug } });
    await api.call(`DELETE /apps/${slug}`);
    return await call(`DELETE /reserved_slugs/${slug}`);
  },
  "domains.create": async () =>
    await call("POST /apps/here/domains", { host: `${freshName()}.example.org` }, await keyOfDomains()),
  "domains.verify": async () => {
    const host = await pendingClaim();
    const { body } = await api.call("GET /apps/here/domains");
    const claims = body["items"] as unknown as { host: string; txt_name: string; txt_value: string }[];
    const record = claims.find((one) => one.host === host);
    dns.set(record?.txt_name ?? "", record?.txt_value ?? "");
    return await call(`POST /apps/here/domains/${host}/verify`, {});
  },
  "domains.approve": async () => await call(`POST /apps/here/domains/${await pendingClaim()}/approve`, {}),
  "domains.delete": async () => await call(`DELETE /apps/here/domains/${await pendingClaim()}`),
  "domains.free": async () => {
    const host = `${freshName()}.example.org`;
    await api.call("POST /apps/here/domains", { body: { host } });
    await api.call(`DELETE /apps/here/domains/${host}`);
    return await call(`DELETE /reserved_hosts/${host}`);
  },
  "members.create": async () => await call("POST /apps/here/members", { user: await user(), role: "viewer" }),
  "members.update": async () =>
    await call(`PATCH /apps/here/members/${await here.member()}`, { role: "editor" }),
  "members.delete": async () => await call(`DELETE /apps/here/members/${await here.member()}`),
  "scripts.create": async () =>
    await call("POST /apps/here/scripts", { name: freshName(), source: `export default () => "${secret}"` }),
  "scripts.update": async () =>
    await call(`PATCH /scripts/${await here.script()}`, { source: `export default () => "${secret}"` }),
  "scripts.rollback": async () => {
    const id = await here.script();
    await api.call(`PATCH /scripts/${id}`, { body: { source: "export default () => 2" } });
    return await call(`POST /scripts/${id}/rollback`, { version: 1 });
  },
  "scripts.delete": async () => await call(`DELETE /scripts/${await here.script()}`),
  "routes.create": async () =>
    await call(`POST /scripts/${await here.script()}/routes`, { method: "GET", path: `/${freshName()}` }),
  "routes.update": async () =>
    await call(`PATCH /apps/here/routes/${await here.route()}`, { enabled: false }),
  "routes.delete": async () => await call(`DELETE /apps/here/routes/${await here.route()}`),
  "deployments.apply": async () => await Promise.resolve(deployment),
  "triggers.create": async () =>
    await call("POST /apps/here/triggers/kv", { script_id: await here.script(), collection_glob: "x" }),
  "triggers.update": async () =>
    await call(`PATCH /apps/here/triggers/${await here.trigger()}`, { max_attempts: 2 }),
  "triggers.fire": async () =>
    await call(`POST /apps/here/triggers/${await here.trigger()}/fire`, {
      payload: { key: secret, value: secret },
    }),
  "triggers.enable": async () => await call(`POST /apps/here/triggers/${await here.trigger()}/enable`, {}),
  "triggers.disable": async () => await call(`POST /apps/here/triggers/${await here.trigger()}/disable`, {}),
  "triggers.delete": async () => await call(`DELETE /apps/here/triggers/${await here.trigger()}`),
  "kv.set": async () => await call(`PUT /apps/here/kv/c/${freshName()}`, { value: secret }),
  "kv.import": async () =>
    await call("POST /apps/here/kv/c", { entries: [{ key: freshName(), value: secret }] }),
  "kv.delete": async () => {
    const key = freshName();
    await api.call(`PUT /apps/here/kv/c/${key}`, { body: { value: secret } });
    return await call(`DELETE /apps/here/kv/c/${key}`);
  },
  "queue.send": async () => await call("POST /apps/here/queues/q/messages", { data: { secret } }),
  "queue.purge": async () => await call("POST /apps/here/queues/q/purge"),
  "queue.pause": async () => await call(`POST /apps/here/queues/${freshName()}/pause`),
  "queue.resume": async () => {
    const queue = freshName();
    await api.call(`POST /apps/here/queues/${queue}/pause`);
    return await call(`POST /apps/here/queues/${queue}/resume`);
  },
  "pubsub.publish": async () =>
    await call("POST /apps/here/pubsub/publish", { topic: "a.b", message: { secret } }),
  "docs.create": async () => await call("POST /apps/here/docs/c", { data: { secret } }),
  "docs.update": async () => await call(`PUT /apps/here/docs/c/${await document()}`, { data: { secret } }),
  "docs.patch": async () => await call(`PATCH /apps/here/docs/c/${await document()}`, { data: { secret } }),
  "docs.delete": async () => await call(`DELETE /apps/here/docs/c/${await document()}`),
  "docs.create_index": async () => await call("POST /apps/here/docs/c/indexes", { fields: [freshName()] }),
  "docs.delete_index": async () => {
    const name = freshName();
    await api.call("POST /apps/here/docs/d/indexes", { body: { fields: ["a"], name } });
    return await call(`DELETE /apps/here/docs/d/indexes/${name}`);
  },
  "files.create": async () => await Promise.resolve(async () => await file()),
  "files.update": async () =>
    await call(`PUT /apps/here/files/c/${idOf(await file())}`, { name: freshName() }),
  "files.replace": async () => await call(`PUT /apps/here/files/c/${idOf(await file())}/content`, secret),
  "files.delete": async () => await call(`DELETE /apps/here/files/c/${idOf(await file())}`),
  "files.url": async () => await call(`POST /apps/here/files/c/${idOf(await file())}/url`, { expires: "1h" }),
  "dead_letters.replay": async () =>
    await call(`POST /apps/here/dead_letters/${await here.deadLetter()}/replay`, {}),
  "dead_letters.replay_many": async () => {
    await here.deadLetter();
    return await call("POST /apps/here/dead_letters/replay", { filter: { source: "kv" } });
  },
  "dead_letters.resolve": async () =>
    await call(`POST /apps/here/dead_letters/${await here.deadLetter()}/resolve`, { reason: "ignored" }),
};

/** `token` absent: the owner's; null: none. */
async function call(request: string, body?: unknown, token?: string | null): Promise<() => Promise<Answer>> {
  const options = { ...(body === undefined ? {} : { body }), ...(token === undefined ? {} : { token }) };
  return await Promise.resolve(async () => await api.call(request, options));
}

/** Only a server without an owner has a set-up link; this one's is put aside for the call. */
async function setUp(): Promise<() => Promise<Answer>> {
  const { db } = api.platform;
  const token = `setup_${"x".repeat(43)}`;
  return async () => {
    const hash = createHash("sha256").update(token).digest();
    await db.write`update users set role = 'member', is_bootstrap = false`;
    await db.write`insert into setup_tokens (token_hash, expires_at) values (${hash}, now() + interval '1 hour')`;
    try {
      const body = { token, username: freshName(), password };
      return await api.call("POST /auth/setup", { token: null, body });
    } finally {
      await db.write`update users set role = 'owner' where username = ${ownerLogin.username}`;
      api.platform.signals.send("access");
    }
  };
}

const endpoints = listEndpoints(contracts)
  .filter(({ method }) => method !== "GET")
  .map(({ feature, name }) => `${feature}.${name}`);

test("each endpoint that changes something is tried, or listed with a reason", () => {
  expect(endpoints.filter((name) => !(name in changes) && !(name in unlisted))).toEqual([]);
  expect(
    [...Object.keys(changes), ...Object.keys(unlisted)].filter((name) => !endpoints.includes(name)),
  ).toEqual([]);
});

describe("one change, one entry:", () => {
  test.each(endpoints.filter((name) => name in changes))("%s", async (name) => {
    const act = await changes[name]?.();
    const { db } = api.platform;
    const [last] = await db.read<{ id: string }[]>`select id from audit order by id desc limit 1`;
    const answer = await act?.();
    expect([200, 201, 202].includes(answer?.status ?? 0) ? "" : answer?.text).toBe("");
    const entries = await db.read<
      { action: string; resource_kind: string; principal_name: string; text: string }[]
    >`
      select action, resource_kind, principal_name, row_to_json(a)::text as text from audit a
      where id > ${last?.id ?? null}::uuid order by id`;
    expect(entries.map(({ action }) => action)).toEqual([name]);
    expect(entries[0]?.principal_name).not.toBeNull();
    expect(entries[0]?.text).not.toContain(secret);
    expect(entries[0]?.text).not.toMatch(/pics?_[A-Za-z0-9]/);
  });
});
