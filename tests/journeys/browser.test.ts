/** A real browser: an owner who is logged in opens pages that scripts serve, some of them hostile (APP-4, INS-5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromiumPath, startBrowser } from "../support/browser.ts";
import { removeFolder, startServer } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";

/** Tries whatever a page can, and puts what it got into `window.loot`. */
const attack = String.raw`
const loot = {};
const attempt = async (name, work) => {
  try { loot[name] = await work(); } catch (error) { loot[name] = "refused: " + error.name; }
};
const read = async (path, init) => {
  const answer = await fetch(path, { credentials: "include", ...init });
  return answer.status + " " + (await answer.text()).slice(0, 300);
};
const json = (body) => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const frameText = (url) => new Promise((resolve, reject) => {
  const frame = document.createElement("iframe");
  frame.src = url;
  frame.onload = () => { try { resolve(frame.contentDocument.body.innerText); } catch (error) { reject(error); } };
  setTimeout(() => reject(new DOMException("", "TimeoutError")), 3000);
  document.body.append(frame);
});
await attempt("me", () => read("/api/v1/admin/auth/me"));
await attempt("create", () => read("/api/v1/admin/apps", json({ slug: "stolen" })));
await attempt("plain", () => read("/api/v1/admin/apps", { method: "POST", mode: "no-cors", body: JSON.stringify({ slug: "stolen" }) }));
await attempt("own", () => read(location.pathname + "?data"));
await attempt("cookie", () => document.cookie);
await attempt("storage", () => { localStorage.setItem("a", "b"); return "stored"; });
await attempt("worker", async () => (await navigator.serviceWorker.register(location.pathname + "?worker")).scope);
await attempt("dashboard", () => frameText("/dashboard"));
await attempt("docs", () => frameText("/api/v1/docs"));
await attempt("frame", () => frameText("/api/v1/admin/auth/me"));
await attempt("stream", () => new Promise((resolve, reject) => {
  const events = new EventSource("/api/v1/admin/apps/default/logs/tail", { withCredentials: true });
  events.onopen = () => resolve("open");
  events.onerror = () => reject(new DOMException("", "NetworkError"));
}));
await attempt("form", () => new Promise((resolve) => {
  const form = document.createElement("form");
  form.method = "POST"; form.action = "/api/v1/admin/auth/logout"; form.target = "sink"; form.enctype = "text/plain";
  const sink = document.createElement("iframe"); sink.name = "sink";
  document.body.append(sink, form);
  sink.onload = () => resolve("sent");
  form.submit();
  setTimeout(() => resolve("not answered"), 2000);
}));
window.loot = loot;
document.title = "done";
`;

const script = `const page = ${JSON.stringify(
  `<!doctype html><title>at work</title><body><script type="module">${attack}</script>`,
)};
export default (request, ctx) => {
  const { search } = new URL(request.url);
  const cors = { "access-control-allow-origin": "null", "access-control-allow-credentials": "true" };
  if (search === "?data") return new Response("data for " + (ctx.principal?.name ?? "nobody"), { headers: cors });
  if (search === "?worker") return new Response("", { headers: { "content-type": "text/javascript", "service-worker-allowed": "/" } });
  return new Response(page, { headers: { "content-type": "text/html" } });
};`;

type Loot = Readonly<Record<string, string>>;

describe.skipIf(chromiumPath === undefined)("where Chromium is installed", () => {
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let token: string;

  const admin = async (method: string, path: string, body?: unknown): Promise<Response> =>
    await fetch(`${server.url}/api/v1/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const loot = async (url: string): Promise<Loot> => {
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction("document.title === 'done'", undefined, { timeout: 60_000 });
    const found = await page.evaluate<Loot>("window.loot");
    await page.close();
    return found;
  };
  /** What the dashboard's own page can do, to see that the cookie is good. */
  const ownerSees = async (page: Page): Promise<string> =>
    await page.evaluate<string>(
      `fetch("/api/v1/admin/auth/me").then(async (answer) => answer.status + " " + (await answer.text()))`,
    );

  beforeAll(async () => {
    server = await startServer();
    browser = await startBrowser();
    const answer = await fetch(`${server.url}/api/v1/admin/auth/setup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: server.setupToken, username: "owner", password: "a long password" }),
    });
    ({ token } = (await answer.json()) as { token: string });
    const cookie = /^([^=]+)=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "");
    context = await browser.newContext();
    await context.addCookies([
      { name: cookie?.[1] ?? "", value: cookie?.[2] ?? "", url: server.url, httpOnly: true, sameSite: "Lax" },
    ]);
    await admin("POST", "/apps", { slug: "shop" });
    const made = await admin("POST", "/apps/shop/scripts", { name: "evil", source: script });
    const { id } = (await made.json()) as { id: string };
    for (const method of ["GET", "POST"]) {
      const route = await admin("POST", `/scripts/${id}/routes`, { method, path: "/evil" });
      if (route.status !== 201) throw new Error(await route.text());
    }
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await server.stop();
    await removeFolder(server.dataDir);
  }, 60_000);

  test("the owner's cookie is good: the API answers a page of its own origin", async () => {
    const page = await context.newPage();
    await page.goto(`${server.url}/api/v1/version`);
    expect(await ownerSees(page)).toMatch(/^200 .*"owner"/);
    await page.close();
  });

  test("a script's page on the dashboard's host reads nothing and changes nothing", async () => {
    const found = await loot(`${server.url}/a/shop/evil`);
    // It is of no origin: it sees its own app as far as that allows `null`, and then as nobody.
    expect(found).toMatchObject({
      me: "refused: TypeError",
      create: "refused: TypeError",
      own: "200 data for nobody",
      cookie: "refused: SecurityError",
      storage: "refused: SecurityError",
      worker: expect.stringContaining("refused: ") as string,
      stream: "refused: NetworkError",
    });
    for (const name of ["dashboard", "docs", "frame"]) expect(found[name]).toMatch(/^refused: /);
    expect(JSON.stringify(found)).not.toContain("owner");
    const apps = (await (await admin("GET", "/apps")).json()) as { items: { slug: string }[] };
    expect(apps.items.map(({ slug }) => slug)).toEqual(["default", "shop"]);
    const page = await context.newPage();
    await page.goto(`${server.url}/api/v1/version`);
    expect(await ownerSees(page)).toMatch(/^200 .*"owner"/);
    await page.close();
  });

  test("nor does it through the window that opened it, or one that it opens", async () => {
    const opener = await context.newPage();
    await opener.goto(`${server.url}/api/v1/version`);
    const [opened] = await Promise.all([
      context.waitForEvent("page"),
      opener.evaluate(`void window.open("/a/shop/evil")`),
    ]);
    await opened.waitForFunction("document.title === 'done'", undefined, { timeout: 60_000 });
    const tried = await opened.evaluate<string>(
      `(() => { try { return String(window.opener.document.body.innerText); } catch (error) { return error.name; } })()`,
    );
    expect(tried).toBe("SecurityError");
    await opener.close();
    await opened.close();
  });

  test("on its own origin a page is free, and still not the dashboard", async () => {
    const found = await loot(`http://shop.localhost:${server.port}/evil`);
    expect(found).toMatchObject({ own: "200 data for nobody", storage: "stored", cookie: "" });
    expect(found["worker"]).toContain(`http://shop.localhost:${server.port}/`);
    for (const name of ["me", "create", "plain"]) expect(found[name]).toMatch(/^404 /);
    expect(found["stream"]).toBe("refused: NetworkError");
    expect(JSON.stringify(found)).not.toContain('"owner"');
    const apps = (await (await admin("GET", "/apps")).json()) as { items: { slug: string }[] };
    expect(apps.items.map(({ slug }) => slug)).toEqual(["default", "shop"]);
  });

  test("the reference shows, filters and links without a word in the console or a request elsewhere", async () => {
    const page = await context.newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => said.push(request.url()));
    const url = `${server.url}/api/v1/docs`;
    await page.goto(url);
    const all = await page.locator("section:visible").count();
    expect(all).toBeGreaterThan(60);
    await page.getByRole("searchbox", { name: "Filter endpoints" }).fill("kv delete");
    expect(await page.locator("section:visible h3").allInnerTexts()).toEqual([
      expect.stringMatching(/^DELETE\s+\/apps\/\{app\}\/kv\/\{collection\}\/\{key\}$/),
    ]);
    await page.getByRole("searchbox").fill("no such thing");
    expect(await page.getByRole("status").innerText()).toBe("Nothing fits the filter.");
    await page.getByRole("searchbox").fill("");
    await page
      .getByRole("navigation")
      .getByRole("link", { name: "/apps/{app}/members/{user_id}" })
      .first()
      .click();
    expect(page.url()).toBe(`${url}#members.update`);
    expect(said).toEqual([url]);
    await page.close();
  });
});
