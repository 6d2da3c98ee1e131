/** The vocabulary for describing features: pure data, runs anywhere. */
export { defineContract, endpoint, isStream, rawJson } from "./define.ts";
export type {
  CliVerb,
  EndpointMeta,
  EventContract,
  FeatureContract,
  LimitContract,
  MethodArgument,
  MethodContract,
} from "./define.ts";
export { appRefSchema, idSchema, scriptNameSchema, shownNameSchema, slugSchema } from "./names.ts";
export { pageOf, pageQuery, queryInteger } from "./pagination.ts";
export type { Page, PageQuery } from "./pagination.ts";
export * from "./values.ts";
