/** Fresh things of an app and of the instance, for tests that change or delete them. */
import { newId } from "../../packages/server/src/platform/ids.ts";
import { textOf } from "./test-api.ts";
import type { Answer, TestApi } from "./test-api.ts";

let count = 0;
/** A name that nothing has yet. */
export const freshName = (): string => `n${++count}`;

export interface Resources {
  /** The slug of the app that they are in. */
  readonly app: string;
  /** Ids, unless something else is said. */
  script(): Promise<string>;
  route(): Promise<string>;
  trigger(): Promise<string>;
  /** One of the kind cron, which runs once a year. */
  cronTrigger(): Promise<string>;
  deadLetter(): Promise<string>;
  execution(): Promise<string>;
  /** The id of a user who is a viewer of the app. */
  member(): Promise<string>;
  /** A host that counts for the app. */
  host(): Promise<string>;
  /** A key in the collection `c` of kv. */
  key(): Promise<string>;
  /** A document in the collection `c`. */
  document(): Promise<string>;
  /** The name of a declared index of the collection `c` of documents. */
  index(): Promise<string>;
  /** A file in the collection `c`. */
  file(): Promise<string>;
}

/** Made by the owner, over the API where there is a way. */
export function resourcesOf(api: TestApi, app: string): Resources {
  const { write } = api.platform.db;
  const script = async (): Promise<string> => {
    const body = { name: freshName(), source: "export default () => 1" };
    return await idOf(api.call(`POST /apps/${app}/scripts`, { body }));
  };
  let shared: Promise<string> | undefined;
  /** Routes and triggers come and go with nobody compiling a script. */
  const anyScript = async (): Promise<string> => await (shared ??= script());
  const triggerOf = async (kind: string, fields: Readonly<Record<string, string>>): Promise<string> => {
    const body = { script_id: await anyScript(), ...fields };
    return await idOf(api.call(`POST /apps/${app}/triggers/${kind}`, { body }));
  };
  return {
    app,
    script,
    route: async () => {
      const body = { method: "GET", path: `/${freshName()}` };
      return await idOf(api.call(`POST /scripts/${await anyScript()}/routes`, { body }));
    },
    trigger: async () => await triggerOf("kv", { collection_glob: "x" }),
    cronTrigger: async () => await triggerOf("cron", { schedule: "@yearly" }),
    deadLetter: async () => {
      const id = newId();
      await write`
        insert into dead_letters (app_id, id, outbox_id, event_id, script_id, source, op, event, attempts, last_error,
          root_execution_id, depth, last_attempt_at)
        select app_id, ${id}, ${newId()}, ${newId()}, id, 'kv', 'insert', '{}'::json, 3,
          '{"code":"script_error","message":"no"}', ${newId()}, 1, now() from scripts where id = ${await anyScript()}`;
      return id;
    },
    execution: async () => {
      const id = newId();
      await write`
        insert into executions (app_id, id, request_id, root_execution_id, script_id, script_name, script_version, kind,
          status, started_at, ended_at, node_id)
        select app_id, ${id}, ${newId()}, ${id}, id, name, version, 'execute', 'ok', now(), now(), ${newId()}
        from scripts where id = ${await anyScript()}`;
      return id;
    },
    member: async () => {
      const id = newId();
      await write`insert into users (id, username, role) values (${id}, ${`u-${id}`}, 'member')`;
      await write`insert into members (app_id, user_id, role) select id, ${id}, 'viewer' from apps where slug = ${app}`;
      return id;
    },
    host: async () => {
      const host = `${freshName()}.example.org`;
      await api.call(`POST /apps/${app}/domains`, { body: { host } });
      return host;
    },
    key: async () => {
      const key = freshName();
      await api.call(`PUT /apps/${app}/kv/c/${key}`, { body: { value: 1 } });
      return key;
    },
    document: async () => await idOf(api.call(`POST /apps/${app}/docs/c`, { body: { data: { a: 1 } } })),
    index: async () => {
      const name = freshName();
      await api.call(`POST /apps/${app}/docs/c/indexes`, { body: { fields: [name], name } });
      return name;
    },
    file: async () => {
      const headers = { "content-type": "text/plain" };
      return await idOf(
        api.call(`POST /apps/${app}/files/c?name=${freshName()}`, { body: "hello", headers }),
      );
    },
  };
}

async function idOf(answer: Promise<Answer>): Promise<string> {
  const { status, body, text } = await answer;
  if (status !== 201) throw new Error(text);
  return textOf(body["id"]);
}
