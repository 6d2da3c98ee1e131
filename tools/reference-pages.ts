/** The pages of `docs/reference`, each made from the table that the server itself uses. */
import { appRoles, capabilities, errorCatalogue, instanceRoles } from "@picloud/contract";
import type { EndpointMeta, FeatureContract, MethodContract } from "@picloud/contract";
import type { describeSettings } from "../packages/server/src/config.ts";
import type { LIMITS } from "../packages/server/src/platform/settings/limit-settings.ts";
import { listEndpoints } from "../packages/server/src/control-plane/endpoint-table.ts";
import { policy, roleHolds } from "../packages/server/src/platform/policy.ts";
import { standardLibrary } from "../packages/sandbox/src/standard-library.ts";
import { camelCase } from "./camel-case.ts";
import { standardParts } from "./standard-library-text.ts";

type Endpoint = FeatureContract["endpoints"][string];

export type Contracts = Readonly<Record<string, FeatureContract>>;

/** Prefix of every endpoint of a contract. */
const ADMIN_API = "/api/v1/admin";

const NOTE = "<!-- Made by `npm run generate`. Do not edit. -->";

function page(title: string, about: string, ...parts: readonly string[]): string {
  return [`# ${title}`, NOTE, about, ...parts, ""].join("\n\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function errorsPage(): string {
  const rows = Object.entries(errorCatalogue)
    .toSorted(([, a], [, b]) => a.status - b.status)
    .map(([code, { status, blame, retryable, meaning }]) => [
      `\`${code}\``,
      String(status),
      blame,
      retryable ? "yes" : "no",
      meaning,
    ]);
  return page(
    "Errors",
    'Every error answer is `{"error": {"code", "message", "request_id", …}}`. Codes never change their meaning.',
    table(["code", "status", "whose fault", "worth a retry", "meaning"], rows),
  );
}

function mark(isHeld: boolean): string {
  return isHeld ? "✔" : "";
}

/** From the lowest role to the highest. */
const columnRoles = [...appRoles, ...instanceRoles.filter((role) => role !== "member").toReversed()] as const;

export function permissionsPage(contracts: Contracts): string {
  const rows = capabilities.map((capability) => [
    capability,
    `\`${policy[capability].scope}\``,
    ...columnRoles.map((role) =>
      mark(
        role === "admin" || role === "owner"
          ? roleHolds(capability, role, undefined)
          : roleHolds(capability, "member", role),
      ),
    ),
  ]);
  return page(
    "Permissions",
    "Which role holds which capability, and the scope that an API key needs for it. `viewer`, `editor` and `app_admin` are roles of an app's members; `admin` and `owner` are roles of the instance and act in every app. An API key may do what its scopes say and its owner may do at that moment, in one app only where it is bound to one.",
    table(["capability", "scope", ...columnRoles], rows),
    "## What needs which",
    `Endpoints are below \`${ADMIN_API}\`; methods are what scripts call. A method asks for its capability only where a user or an API key called the script: nobody and end users are trusted to the script. Nobody but an owner changes, resets or looks at an owner, whatever the capability.`,
    usesOf(contracts),
  );
}

/** What an endpoint asks for, in words where it is no capability. */
function needName(need: NonNullable<EndpointMeta["capability"]>): string {
  const words: Readonly<Partial<Record<string, string>>> = {
    none: "nothing",
    session: "a session or key",
    own_session: "a session",
  };
  return words[need] ?? need;
}

/** A line for each capability that something asks for; then what asks for none. */
function usesOf(contracts: Contracts): string {
  const endpoints = listEndpoints(contracts);
  const methods = Object.entries(contracts).flatMap(([service, contract]) =>
    Object.entries(contract.methods).map(([name, { capability }]) => ({
      name: `${service}.${name}`,
      capability,
    })),
  );
  const lines = [...capabilities, ...(["session", "own_session", "none"] as const)].flatMap((needed) => {
    const uses = [
      ...endpoints
        .filter(({ capability }) => capability === needed)
        .map(({ method, path }) => `${method} ${path}`),
      ...methods.filter(({ capability }) => capability === needed).map(({ name }) => name),
    ];
    return uses.length === 0
      ? []
      : [`- **${needName(needed)}**: ${uses.map((use) => `\`${use}\``).join(", ")}`];
  });
  return lines.join("\n");
}

export function settingsPage(settings: ReturnType<typeof describeSettings>): string {
  return page(
    "Settings",
    "Environment variables of the server, read at its start. An unknown `PICLOUD_…` variable or an invalid value stops the start with exit code 2.",
    table(
      ["variable", "default", "accepted form", "meaning"],
      settings.map(({ name, default: value, form, doc }) => [
        `\`${name}\``,
        value === "" ? "none" : value,
        form,
        doc,
      ]),
    ),
  );
}

export function limitsPage(limits: typeof LIMITS, contracts: Contracts): string {
  const scripts = Object.entries(limits).map(([name, limit]) => [
    `\`${name}\``,
    number(limit.default),
    number(limit.ceiling),
    `\`PICLOUD_LIMIT_${name.toUpperCase()}\`, \`…_MAX\``,
  ]);
  const sizes = Object.entries(contracts).flatMap(([feature, contract]) =>
    contract.limits.map(({ name, most, unit, code }) => [feature, name, number(most), unit, `\`${code}\``]),
  );
  return page(
    "Limits",
    "What a script may use, and how large things may be.",
    "## Of a script",
    table(["limit", "default", "ceiling", "settings of the instance"], scripts),
    "## Of each service",
    table(["service", "what", "most", "unit", "error"], sizes),
  );
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

export function apiPage(contracts: Contracts): string {
  const parts = Object.entries(contracts).flatMap(([name, contract]) => {
    const rows = Object.values(contract.endpoints).map((procedure) => endpointRow(contract, procedure));
    return rows.length === 0
      ? []
      : [`## ${name}`, contract.summary, table(["method", "path", "needs", "what it does", "command"], rows)];
  });
  return page(
    "Admin API",
    `All paths begin with \`${ADMIN_API}\`. A server shows the same at \`/api/v1/docs\`, with every field and a \`curl\` line for each endpoint, and as OpenAPI 3.1 at \`/api/v1/openapi.json\`.`,
    `A body is one JSON object. A name that comes twice, in one object of the body, in the query or in both, is refused with 400; one that the path has already, or that is unknown, with 422. Each answer names the place in \`fields\`.`,
    ...parts,
  );
}

function endpointRow({ noun }: FeatureContract, procedure: Endpoint): string[] {
  const { route } = procedure["~orpc"];
  // Every endpoint is made by `endpoint` of the contract package, which carries this meta.
  const { capability, cli } = procedure["~orpc"].meta as EndpointMeta;
  const args = (cli?.positionals ?? []).map((name) => `<${name}>`);
  return [
    route.method ?? "GET",
    `\`${route.path ?? ""}\``,
    needName(capability ?? "none"),
    route.summary ?? "",
    noun === undefined || cli === undefined ? "" : `\`${["pic", noun, cli.verb, ...args].join(" ")}\``,
  ];
}

export function standardLibraryPage(): string {
  return page(
    "Standard library",
    'Functions that both languages have, from `"picloud"` in TypeScript and under their namespaces in Rhai. They answer at once: no promises. A wrong argument throws `invalid`, too much of it or too long a result `too_large`; the message begins with the name of the argument. Texts and bytes have at most 16,777,216 characters or bytes, lists 100,000 items. In Rhai the limits of the script hold too, and operations are counted. What is absent is `undefined` and `()`; bytes are a `Uint8Array` and a blob.',
    ...standardParts(standardLibrary),
  );
}

/** Pages of the services that scripts can call, by file name. */
export function servicePages(contracts: Contracts): Map<string, string> {
  const pages = new Map<string, string>();
  for (const [name, contract] of Object.entries(contracts)) {
    const methods = Object.entries(contract.methods);
    if (methods.length === 0) continue;
    pages.set(
      `services/${name.replaceAll("_", "-")}.md`,
      page(
        camelCase(name),
        contract.summary,
        ...methods.map(([method, entry]) => methodPart(name, method, entry)),
        ...contract.events.map(({ source, ops, fields }) =>
          [
            `## Event \`${source}\``,
            `Operations: ${ops.map((op) => `\`${op}\``).join(", ")}.`,
            table(
              [`field of \`event.${camelCase(source)}\``, "type"],
              Object.entries(fields).map(([field, type]) => [`\`${camelCase(field)}\``, `\`${type}\``]),
            ),
          ].join("\n\n"),
        ),
      ),
    );
  }
  return pages;
}

function methodPart(service: string, name: string, method: MethodContract): string {
  const args = method.args.map(
    (arg) => `${camelCase(arg.name)}${arg.optional === true ? "?" : ""}: ${arg.type}`,
  );
  const handle =
    method.on === "collection" ? `${camelCase(service)}.collection(name).` : `${camelCase(service)}.`;
  const rhaiArgs = method.args.map((arg) => `${arg.name}${arg.optional === true ? "?" : ""}`);
  const rhaiHandle = method.on === "collection" ? `${service}::collection(name).` : `${service}::`;
  return [
    `## ${camelCase(name)}`,
    `In Rhai \`${rhaiHandle}${name}(${rhaiArgs.join(", ")})\`, in TypeScript`,
    `\`\`\`ts\n${handle}${camelCase(name)}(${args.join(", ")}): Promise<${method.returns}>\n\`\`\``,
    method.summary,
    `Needs \`${method.capability}\` where a member calls. Example:`,
    `\`\`\`ts\n${method.example.typescript};\n\`\`\``,
    `\`\`\`rust\n${method.example.rhai};\n\`\`\``,
  ].join("\n\n");
}
