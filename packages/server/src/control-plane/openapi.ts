/** The OpenAPI document, from the same schemas that parse requests (OPS-6). */
import { OpenAPIGenerator } from "@orpc/openapi";
import type { ConditionalSchemaConverter } from "@orpc/openapi";
import { errorCatalogue } from "@picloud/contract";
import type { FeatureContract } from "@picloud/contract";
import { z } from "zod";

const zodConverter: ConditionalSchemaConverter = {
  condition: (schema) => schema instanceof z.ZodType,
  convert: (schema, { strategy }) => {
    if (!(schema instanceof z.ZodType)) return [false, {}];
    // What JSON Schema can't say (a refinement, a transformation) is left out, not refused.
    const json = z.toJSONSchema(schema, { io: strategy, unrepresentable: "any", target: "draft-2020-12" });
    const isRequired = strategy === "output" || !schema.safeParse(undefined).success;
    return [isRequired, json as object];
  },
};

/** The document of OpenAPI 3.1 for the admin API below `basePath`. */
export async function makeOpenApi(
  contracts: Readonly<Record<string, FeatureContract>>,
  about: { readonly version: string; readonly basePath: string },
): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [zodConverter] });
  const router = Object.fromEntries(
    Object.entries(contracts).map(([name, contract]) => [name, contract.endpoints]),
  );
  return await generator.generate(router, {
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
