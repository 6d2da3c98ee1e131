/** The OpenAPI document, from the same schemas that parse requests (OPS-6). */
import { OpenAPIGenerator } from "@orpc/openapi";
import type { ConditionalSchemaConverter } from "@orpc/openapi";
import { errorCatalogue } from "@picloud/contract";
import type { FeatureContract } from "@picloud/contract";
import { z } from "zod";
import { policy } from "../platform/policy.ts";
import { listEndpoints } from "./endpoint-table.ts";
import type { Endpoint } from "./endpoint-table.ts";
import { curlExample, exampleOf, isRecord, picExample } from "./openapi-examples.ts";

const zodConverter: ConditionalSchemaConverter = {
  condition: (schema) => schema instanceof z.ZodType,
  convert: (schema, { strategy }) => {
    if (!(schema instanceof z.ZodType)) return [false, {}];
    const { $schema: _, ...json } = z.toJSONSchema(schema, {
      io: strategy,
      target: "draft-2020-12",
      // What JSON Schema can't say (a refinement, a transformation) is left out, not refused.
      unrepresentable: "any",
      override: ({ jsonSchema }) => tidy(jsonSchema, strategy),
    });
    const isRequired = strategy === "output" || !schema.safeParse(undefined).success;
    return [isRequired, json as object];
  },
};

/** Takes away what a reader has no use for. */
function tidy(json: z.core.JSONSchema.BaseSchema, strategy: "input" | "output"): void {
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  // The format says it.
  if (json.format === "date-time") delete json.pattern;
  // Answers may get more members; only requests are refused for them.
  if (strategy === "output" && json.additionalProperties === false) delete json.additionalProperties;
}

/** The document of OpenAPI 3.1 for the admin API below `basePath`. */
export async function makeOpenApi(
  contracts: Readonly<Record<string, FeatureContract>>,
  about: { readonly version: string; readonly basePath: string },
): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [zodConverter] });
  const router = Object.fromEntries(
    Object.entries(contracts).map(([name, contract]) => [name, contract.endpoints]),
  );
  const document = await generator.generate(router, {
    info: { title: "PiCloud", version: about.version, description: aboutApi },
    tags: Object.entries(contracts)
      .filter(([, contract]) => Object.keys(contract.endpoints).length > 0)
      .map(([name, contract]) => ({ name, description: contract.summary })),
    servers: [{ url: `${about.basePath}/api/v1/admin` }],
    security: [{ bearer: [] }],
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: aboutTokens } },
      schemas: { Error: errorSchema },
      responses: {
        Error: {
          description: "Any failure, with a code of the catalogue",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      },
    },
  });
  completeOperations(document.paths ?? {}, contracts);
  return document;
}

const aboutApi =
  "The admin API. Input that breaks the schema is 422 `invalid` with `fields`; every failure has the form of `Error`. Lists come in pages: `next_cursor` of one is `cursor` of the next.";
const aboutTokens =
  "The token of a session (`pics_…`, from a log-in) or an API key (`pic_…`). Browsers may send the session's cookie instead, with a same-origin proof where something changes.";

/** What holds for every operation: its tag, who may, examples, failures. */
function completeOperations(paths: Paths, contracts: Readonly<Record<string, FeatureContract>>): void {
  for (const endpoint of listEndpoints(contracts)) {
    const operation = paths[endpoint.path]?.[methodKey(endpoint.method)];
    const contract = contracts[endpoint.feature];
    if (operation === undefined || contract === undefined) continue;
    operation.tags = [endpoint.feature];
    operation.description = needsOf(endpoint);
    if (endpoint.bytes === "in") takeBytes(operation);
    if (endpoint.bytes === "out") giveBytes(operation);
    operation.responses = { ...operation.responses, default: { $ref: "#/components/responses/Error" } };
    if (endpoint.capability === "none") operation.security = [];
    const pic = picExample(contract, endpoint);
    // The extension that renderers of OpenAPI know.
    Object.assign(operation, {
      "x-codeSamples": [
        { lang: "Shell", label: "curl", source: curlOf(endpoint, operation) },
        ...(pic === undefined ? [] : [{ lang: "Shell", label: "pic", source: pic }]),
      ],
    });
  }
}

/** Any type and size; in OpenAPI 3.1 bytes are a content without a schema. */
const bytes = { "*/*": {} };

/** What the generator takes for members of a JSON body is in the query: the body is bytes. */
function takeBytes(operation: Operation): void {
  const { requestBody: body } = operation;
  const schema =
    body !== undefined && "content" in body ? body.content["application/json"]?.schema : undefined;
  const { properties = {}, required = [] } = schema !== undefined && "properties" in schema ? schema : {};
  const query = Object.entries(properties).map(([name, form]) => ({
    name,
    in: "query" as const,
    schema: form,
    ...(required.includes(name) ? { required: true } : {}),
  }));
  operation.parameters = [...(operation.parameters ?? []), ...query];
  operation.requestBody = { required: true, content: bytes };
}

function giveBytes(operation: Operation): void {
  operation.responses = {
    "200": { description: "All of it", content: bytes },
    "206": { description: "The range that was asked for", content: bytes },
    "304": { description: "The same as the client has" },
  };
}

type Operation = NonNullable<NonNullable<Paths[string]>["get"]>;

/** Puts an example into the operation's body, and gives the call. */
function curlOf(endpoint: Endpoint, operation: Operation): string {
  const query: Record<string, unknown> = {};
  for (const parameter of operation.parameters ?? []) {
    if (!("in" in parameter) || parameter.in !== "query" || parameter.required !== true) continue;
    const { name, schema } = parameter;
    Object.assign(query, exampleOf({ required: [name], properties: { [name]: schema } }, endpoint));
  }
  const { requestBody } = operation;
  const media =
    requestBody !== undefined && "content" in requestBody
      ? requestBody.content["application/json"]
      : undefined;
  const schema: unknown = media?.schema;
  const example = isRecord(schema) ? exampleOf(schema, endpoint) : undefined;
  if (media !== undefined && example !== undefined) media.example = example;
  const isEmpty = example === undefined || Object.keys(example).length === 0;
  return curlExample(endpoint, { query, body: isEmpty ? undefined : example });
}

/** Who may call it, in words. */
function needsOf({ capability }: Endpoint): string {
  if (capability === undefined || capability === "none") return "Open to all.";
  if (capability === "session") return "Needs a log-in: a session or an API key.";
  if (capability === "own_session") return "Needs a session of your own; no API key.";
  const { scope, role } = policy[capability];
  const who = role === "owner" || role === "admin" ? `${role} of the instance` : `${role} of the app`;
  return `Needs ${capability}: at least ${who}; an API key the scope ${scope}.`;
}

type Paths = NonNullable<Awaited<ReturnType<OpenAPIGenerator["generate"]>>["paths"]>;

function methodKey(method: string): "get" | "post" | "put" | "patch" | "delete" {
  switch (method) {
    case "GET":
      return "get";
    case "PUT":
      return "put";
    case "PATCH":
      return "patch";
    case "DELETE":
      return "delete";
    default:
      return "post";
  }
}

const errorSchema = {
  type: "object",
  required: ["error"] as string[],
  properties: {
    error: {
      type: "object",
      required: ["code", "message", "request_id"] as string[],
      properties: {
        code: { type: "string", enum: Object.keys(errorCatalogue) },
        message: { type: "string" },
        request_id: { type: "string", format: "uuid" },
        execution_id: { type: "string", format: "uuid" },
        fields: {
          type: "array",
          items: {
            type: "object",
            required: ["path", "message"] as string[],
            properties: { path: { type: "string" }, message: { type: "string" } },
          },
        },
        retry_after_ms: { type: "integer" },
        details: {},
      },
    },
  },
} as const;
