/** The dashboard's files. Until there is a dashboard: one page that says what works and with which commands. */
import { createHash } from "node:crypto";

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; margin-bottom: 0; }
  h2 { font-size: 1.1rem; margin-top: 2rem; }
  pre { padding: .8rem 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; overflow-x: auto; }
  code { font: .875rem/1.6 ui-monospace, monospace; }
`;
const styleHash = createHash("sha256").update(style).digest("base64");

/** Nothing but the page's own style: no script, no frame, no request anywhere. */
export const dashboardHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** Both texts are the server's own; no text of a user is on this page. */
export function dashboardPage(version: string, basePath: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PiCloud</title>
<style>${style}</style>
<h1>PiCloud is running</h1>
<p>Version ${version}. There is no dashboard yet: everything is done with <code>pic</code>, the command line.</p>

<h2>Log in</h2>
<p>The server printed a one-time set-up token when it started. It makes the first account:</p>
<pre><code>npx pic login --setup TOKEN --url http://HOST:PORT</code></pre>
<p>Afterwards, with username and password:</p>
<pre><code>npx pic login
npx pic whoami</code></pre>

<h2>Deploy a script</h2>
<pre><code>npx pic apps create shop
npx pic deploy hello.ts --app shop --route "GET /hello"
curl http://HOST:PORT${basePath}/a/shop/hello</code></pre>

<h2>Look inside</h2>
<pre><code>npx pic scripts ls --app shop
npx pic logs --app shop --follow
npx pic kv ls COLLECTION --app shop
npx pic triggers ls --app shop</code></pre>

<h2>The API</h2>
<p>All of it, with examples: <a href="${basePath}/api/v1/docs">${basePath}/api/v1/docs</a>.</p>
</html>
`;
}
