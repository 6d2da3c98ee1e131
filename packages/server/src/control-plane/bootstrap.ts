/** What a start makes when it is not there yet: the first owner or a set-up link, and the app `default` (INS-1). */
import { createDefaultApp } from "../features/apps/apps.service.ts";
import { putRoute } from "../features/routes/routes.service.ts";
import { compileSource, insertCompiled } from "../features/scripts/save-script.service.ts";
import { bootstrapOwner } from "../features/users/set-up.service.ts";
import type { Context } from "../platform/context.ts";
import { newId } from "../platform/ids.ts";
import type { Platform } from "../platform/platform.ts";

/** What `GET /hello` of a new instance answers with. */
const exampleSource = `// A script answers requests: it takes a Request and gives a Response or any value.
// Change it: save this file, edit it, then  npx pic deploy hello.ts --app default --route "GET /hello"
export default function hello(request: Request) {
  const name = new URL(request.url).searchParams.get("name") ?? "world";
  console.log("greeting", name);
  return { message: \`Hello, \${name}!\` };
}
`;

/** Call it after the migrations, under their lock. `setupToken`: the token of the one-time link to show, while there is
 *  no admin; a new one at each call, the ones before are void. */
export async function bootstrap(platform: Platform): Promise<{ setupToken?: string }> {
  const { bootstrapAdminUsername: username, bootstrapAdminPassword: password } = platform.config;
  const owner = username === undefined || password === undefined ? undefined : { username, password };
  const result = await bootstrapOwner(platform, owner);
  await makeDefaultApp(platform);
  return result;
}

/** Once in the life of a database: neither the app nor its example comes back after a deletion. */
async function makeDefaultApp(platform: Platform): Promise<void> {
  const ctx: Context = { kind: "system", requestId: newId(), log: platform.log };
  const example = {
    name: "hello",
    language: "typescript",
    kind: "endpoint",
    source: exampleSource,
    path: "source",
  } as const;
  const compiled = await compileSource(platform, example);
  await createDefaultApp(platform, async (tx, app) => {
    const script = await insertCompiled(ctx, tx, app.id, {
      name: "hello",
      language: "typescript",
      kind: "endpoint",
      enabled: true,
      invoke: "public",
      limits: {},
      message: "Example of a new instance",
      compiled,
    });
    await putRoute(tx, platform, {
      id: newId(),
      app_id: app.id,
      script_id: script.id,
      method: "GET",
      path: "/hello",
      dispatch_mode: "sync",
      auth: "public",
      body_bytes_max: null,
      enabled: true,
    });
  });
}
