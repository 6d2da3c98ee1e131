import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { expect, test } from "vitest";
import { contracts } from "../contract.ts";
import { listEndpoints } from "./endpoint-table.ts";
import { makeOpenApi } from "./openapi.ts";
import { referencePage } from "./reference-page.ts";
import { typeText } from "./schema-text.ts";

const document = await makeOpenApi(contracts, { version: "1.2.3", basePath: "/base" });
const page = referencePage(document, "/base");
const endpoints = listEndpoints(contracts);

interface Operation {
  readonly tags: readonly string[];
  readonly description: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: object }>> };
  readonly "x-codeSamples": readonly { readonly label: string; readonly source: string }[];
}
const { paths } = document as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operationOf = (path: string, method: string): Operation | undefined =>
  paths[path]?.[method.toLowerCase()];

test("the document is OpenAPI 3.1", async () => {
  const validator = new Validator();
  const result = await validator.validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
  expect(result).toMatchObject({ valid: true });
  expect(validator.version).toBe("3.1");
});

test.each(endpoints)(
  "$method $path is told whole: who may, with an example that its schema takes",
  (endpoint) => {
    const operation = operationOf(endpoint.path, endpoint.method);
    expect(operation).toMatchObject({ tags: [endpoint.feature] });
    const words = { none: "Open to all", session: "log-in", own_session: "session of your own" };
    const { capability } = endpoint;
    expect(operation?.description).toContain(words[capability as keyof typeof words] ?? capability);
    const curl = operation?.["x-codeSamples"].find(({ label }) => label === "curl")?.source ?? "";
    expect(curl.includes("$PICLOUD_TOKEN")).toBe(endpoint.capability !== "none");
    const schema = endpoint.procedure["~orpc"].inputSchema;
    if (!(schema instanceof z.ZodType)) throw new Error("the input has no schema");
    const query = new URL(/"\$PICLOUD_URL([^"]*)"/.exec(curl)?.[1] ?? "", "http://h").searchParams;
    const id = "0190a0a0-0000-7000-8000-00000000abcd";
    const names = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const input = {
      ...Object.fromEntries(
        names.map((name) => [name, name === "kind" ? "kv" : name === "version" ? 1 : id]),
      ),
      ...Object.fromEntries(
        [...query].map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]),
      ),
      ...operation?.requestBody?.content["application/json"]?.example,
    };
    expect(schema.safeParse(input)).toMatchObject({ success: true });
  },
);

test.each(endpoints)("$method $path is on the page, with a place of its own", ({ feature, name, path }) => {
  expect(page.split(`<section id="${feature}.${name}"`)).toHaveLength(2);
  expect(page).toContain(`href="#${feature}.${name}"`);
  expect(page).toContain(`<code>${path}</code>`);
});

test("texts can't leave their place in the page", () => {
  const hostile = `<img src=x onerror="1">&`;
  const operation = {
    operationId: hostile,
    summary: hostile,
    tags: [hostile],
    parameters: [{ name: hostile }],
  };
  const made = referencePage(
    { info: { description: hostile }, tags: [{ name: hostile }], paths: { [hostile]: { get: operation } } },
    hostile,
  );
  expect(made).toContain("&lt;img src=x onerror=&quot;1&quot;&gt;&amp;");
  expect(made).not.toContain("<img");
});

test.each([
  [{ type: "string", minLength: 1, maxLength: 64 }, "text, 1–64 characters"],
  [{ type: ["string", "null"] }, "text or null"],
  [{ type: "array", items: { enum: ["a", "b"] }, maxItems: 3 }, "list of a | b, at most 3 items"],
  [
    { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: 1 },
    "whole number, at least 1 or null",
  ],
  [{}, "any JSON"],
])("%j in words", (schema, text) => {
  expect(typeText(schema)).toBe(text);
});
