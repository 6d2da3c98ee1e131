/** The OpenAPI document, from the same schemas that parse requests (OPS-6). */
import { OpenAPIGenerator } from "@orpc/openapi";
import type { ConditionalSchemaConverter } from "@orpc/openapi";
import { errorCatalogue } from "@picloud/contract";
import type { FeatureContract } from "@picloud/contract";
import { z } from "zod";
import { listEndpoints } from "./endpoint-table.ts";
import type { Endpoint } from "./endpoint-table.ts";

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
    info: { title: "PiCloud", version: about.version },
    servers: [{ url: `${about.basePath}/api/v1/admin` }],
    security: [{ bearer: [] }],
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { Error: errorSchema },
      responses: {
        Error: {
          description: "Any failure, with a code of the catalogue",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      },
    },
  });
  completeOperations(document.paths ?? {}, listEndpoints(contracts));
  return document;
}

/** What holds for every operation: its failures, and whether it is open. */
function completeOperations(paths: Paths, endpoints: readonly Endpoint[]): void {
  for (const endpoint of endpoints) {
    const operation = paths[endpoint.path]?.[methodKey(endpoint.method)];
    if (operation === undefined) continue;
    if (endpoint.bytes === "in") takeBytes(operation);
    if (endpoint.bytes === "out") giveBytes(operation);
    operation.responses = { ...operation.responses, default: { $ref: "#/components/responses/Error" } };
    if (endpoint.capability === "none") operation.security = [];
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
