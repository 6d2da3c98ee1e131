/** The part of the vocabulary that needs no schemas: a program that only speaks to a server starts faster without them. */
export { parseDuration } from "./duration.ts";
export { errorCatalogue, isErrorCode, PicloudError } from "./errors.ts";
export type { ErrorCode, ErrorEnvelope, FieldError, PicloudErrorOptions } from "./errors.ts";
export { checkedJson, exactJson, jsonText, JsonText } from "./json-text.ts";
export { rhaiQualifiedWords } from "./rhai-words.ts";
export { appRoles, capabilities, instanceRoles, scopes } from "./roles.ts";
export type { AppCapability, AppRole, Capability, InstanceRole, Scope } from "./roles.ts";
export { countedMax, countedWords, isStorableText, utf8Bytes, uuidPattern } from "./text.ts";
