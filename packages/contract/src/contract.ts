/** The vocabulary for describing features: pure data, runs anywhere. */
export { defineContract, endpoint, rawJson } from "./define.ts";
export type {
  CliVerb,
  EndpointMeta,
  EventContract,
  FeatureContract,
  LimitContract,
  MethodArgument,
  MethodContract,
} from "./define.ts";
export { errorCatalogue, isErrorCode, PicloudError } from "./errors.ts";
export type { ErrorCode, ErrorEnvelope, FieldError, PicloudErrorOptions } from "./errors.ts";
export { parseDuration } from "./duration.ts";
export { checkedJson, exactJson, jsonText, JsonText } from "./json-text.ts";
export {
  appRefSchema,
  idSchema,
  isStorableText,
  scriptNameSchema,
  slugSchema,
  utf8Bytes,
  uuidPattern,
} from "./names.ts";
export { pageOf, pageQuery } from "./pagination.ts";
export type { Page, PageQuery } from "./pagination.ts";
export { rhaiQualifiedWords } from "./rhai-words.ts";
export { appRoles, capabilities, instanceRoles, scopes } from "./roles.ts";
export type { AppCapability, AppRole, Capability, InstanceRole, Scope } from "./roles.ts";
