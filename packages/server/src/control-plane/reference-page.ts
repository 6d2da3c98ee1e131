/** The reference of the admin API as one page, rendered from the OpenAPI document. Complete by itself: it asks for nothing
 *  anywhere, and works without its script, which only filters. */
import { createHash } from "node:crypto";
import { isRecord } from "./openapi-examples.ts";
import { fieldRows, typeText } from "./schema-text.ts";
import type { FieldRow } from "./schema-text.ts";

const style = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --soft: color-mix(in srgb, currentColor 6%, transparent); }
  * { box-sizing: border-box; }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; border-right: 1px solid var(--line); font-size: .875rem; }
  main { padding: 1rem 2rem 6rem; max-width: 62rem; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 3rem; } h3 { font-size: 1.05rem; margin: 0; } h4 { font-size: .875rem; margin: 1rem 0 .25rem; }
  nav ul { list-style: none; padding: 0; margin: 0 0 1rem; } nav a { color: inherit; text-decoration: none; display: block; padding: .1rem .25rem; border-radius: 4px; overflow-wrap: anywhere; }
  nav a:hover, nav a:focus-visible { background: var(--soft); } nav input { width: 100%; font: inherit; padding: .35rem .5rem; margin-bottom: 1rem; }
  section { border-top: 1px solid var(--line); padding: 1.25rem 0; scroll-margin-top: 1rem; }
  section:target { outline: 2px solid Highlight; outline-offset: .5rem; border-radius: 4px; }
  .table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .875rem; } th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); } td { overflow-wrap: anywhere; }
  code, pre { font: .8125rem/1.5 ui-monospace, monospace; } pre { margin: 0; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); overflow-x: auto; }
  .method { font: 600 .75rem/1 ui-monospace, monospace; display: inline-block; min-width: 3.6rem; } .needs { margin: .25rem 0; }
  .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; background: Canvas; padding: .5rem; }
  @media (max-width: 52rem) { body { display: block; } nav { position: static; height: auto; max-height: 45vh; border: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem; } }
`;

const script = `
  const filter = document.getElementById("filter");
  const none = document.getElementById("none");
  const parts = [...document.querySelectorAll("[data-text]")];
  const groups = [...document.querySelectorAll("[data-group]")];
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\\s+/);
    for (const part of parts) part.hidden = !words.every((word) => part.dataset.text.includes(word));
    for (const group of groups) group.hidden = !group.querySelector("[data-text]:not([hidden])");
    none.hidden = groups.some((group) => !group.hidden);
  });
`;

/** Nothing but the page's own style and script. */
export const referenceHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${hashOf(style)}'; script-src 'sha256-${hashOf(script)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
};

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  /** As the document has it. */
  readonly source: Readonly<Record<string, unknown>>;
}

/** The page for a document of `makeOpenApi`. */
export function referencePage(document: object, basePath: string): string {
  const all: Readonly<Record<string, unknown>> = { ...document };
  const operations = operationsOf(all["paths"]);
  const tags = recordsOf(all["tags"]).map((tag) => ({
    name: textOf(tag["name"]),
    description: textOf(tag["description"]),
    operations: operations.filter((operation) => operation.tag === tag["name"]),
  }));
  const info = isRecord(all["info"]) ? all["info"] : {};
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PiCloud admin API</title>
<style>${style}</style>
<a class="skip" href="#content">Skip to the reference</a>
<nav aria-label="Endpoints">
<input id="filter" type="search" placeholder="Filter, e.g. kv delete" aria-label="Filter endpoints" autocomplete="off" hidden>
${tags.map(({ name, operations: of }) => `<div data-group><strong>${escaped(name)}</strong><ul>${of.map(navItem).join("")}</ul></div>`).join("\n")}
</nav>
<main id="content">
<h1>PiCloud admin API</h1>
<p>Version ${escaped(textOf(info["version"]))}. ${inline(textOf(info["description"]))}</p>
<p>All paths begin with <code>${escaped(basePath)}/api/v1/admin</code>. The examples take the server from <code>$PICLOUD_URL</code>, a token from
<code>$PICLOUD_TOKEN</code> (<code>pic api-keys mint</code> makes one) and ids from variables such as <code>$APP</code>.
The same as a document: <a href="${escaped(basePath)}/api/v1/openapi.json">openapi.json</a>.</p>
<p id="none" role="status" hidden>Nothing fits the filter.</p>
${tags.map((tag) => `<div data-group><h2>${escaped(tag.name)}</h2><p>${inline(tag.description)}</p>${tag.operations.map(operationPart).join("\n")}</div>`).join("\n")}
</main>
<script>${script}</script>
</html>
`;
}

function operationsOf(paths: unknown): readonly Operation[] {
  return Object.entries(isRecord(paths) ? paths : {}).flatMap(([path, methods]) =>
    Object.entries(isRecord(methods) ? methods : {}).flatMap(([method, source]) => {
      if (!isRecord(source)) return [];
      const [tag] = Array.isArray(source["tags"]) ? source["tags"] : [];
      const id = textOf(source["operationId"]);
      return [{ id, method: method.toUpperCase(), path, tag: textOf(tag), source }];
    }),
  );
}

function navItem({ id, method, path, source }: Operation): string {
  return `<li data-text="${searchText(id, method, path, source)}"><a href="#${escaped(id)}"><span class="method">${method}</span>${escaped(path)}</a></li>`;
}

function searchText(
  id: string,
  method: string,
  path: string,
  source: Readonly<Record<string, unknown>>,
): string {
  return escaped(`${id} ${method} ${path} ${textOf(source["summary"])}`.toLowerCase());
}

function operationPart({ id, method, path, source }: Operation): string {
  const parameters = recordsOf(source["parameters"]).map((parameter) => ({
    path: textOf(parameter["name"]),
    isRequired: parameter["required"] === true,
    type: `${textOf(parameter["in"])}: ${typeText(parameter["schema"])}`,
    description: descriptionOf(parameter) || descriptionOf(parameter["schema"]),
  }));
  const samples = recordsOf(source["x-codeSamples"]);
  return `<section id="${escaped(id)}" data-text="${searchText(id, method, path, source)}">
<h3><a href="#${escaped(id)}"><span class="method">${method}</span> <code>${escaped(path)}</code></a></h3>
<p class="needs">${inline(textOf(source["summary"]))}. ${inline(descriptionOf(source))}</p>
${fieldTable("Parameters", parameters)}${fieldTable("Body", fieldRows(schemaOf(source["requestBody"])))}${answersOf(source["responses"])}
${samples.map((sample) => `<h4>${escaped(textOf(sample["label"]))}</h4><pre><code>${escaped(textOf(sample["source"]))}</code></pre>`).join("\n")}
</section>`;
}

function answersOf(responses: unknown): string {
  return Object.entries(isRecord(responses) ? responses : {})
    .filter(([status]) => status !== "default")
    .map(([status, response]) => {
      const isStream =
        isRecord(response) && isRecord(response["content"]) && "text/event-stream" in response["content"];
      const rows = fieldRows(schemaOf(response));
      if (isStream) return `<h4>Answer ${escaped(status)}</h4><p>A stream of server-sent events.</p>`;
      return rows.length === 0
        ? `<h4>Answer ${escaped(status)}</h4><p>No members.</p>`
        : fieldTable(`Answer ${status}`, rows);
    })
    .join("");
}

function fieldTable(title: string, rows: readonly FieldRow[]): string {
  if (rows.length === 0) return "";
  const isExplained = rows.some((row) => row.description !== "");
  const meaning = (text: string, tag: "th" | "td"): string => (isExplained ? `<${tag}>${text}</${tag}>` : "");
  const cells = rows.map(
    (row) =>
      `<tr><td><code>${escaped(row.path)}</code></td><td>${row.isRequired ? "always" : ""}</td><td>${escaped(row.type)}</td>${meaning(inline(row.description), "td")}</tr>`,
  );
  return `<h4>${escaped(title)}</h4><div class="table" tabindex="0" role="region" aria-label="${escaped(title)}"><table><thead><tr><th>Name</th><th>Given</th><th>Form</th>${meaning("Meaning", "th")}</tr></thead><tbody>${cells.join("")}</tbody></table></div>`;
}

/** The JSON schema of a request body or an answer. */
function schemaOf(holder: unknown): unknown {
  const content = isRecord(holder) ? holder["content"] : undefined;
  const media = isRecord(content) ? content["application/json"] : undefined;
  return isRecord(media) ? media["schema"] : undefined;
}

function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function descriptionOf(value: unknown): string {
  return isRecord(value) ? textOf(value["description"]) : "";
}

/** Text with `code` in backticks. */
function inline(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
