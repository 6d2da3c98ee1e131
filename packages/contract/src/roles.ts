/** Names of roles, scopes and capabilities (INS-2 to INS-4). Which role holds what is the server's `policy.ts`. */

export const instanceRoles = ["owner", "admin", "member"] as const;
export type InstanceRole = (typeof instanceRoles)[number];

export const appRoles = ["viewer", "editor", "app_admin"] as const;
export type AppRole = (typeof appRoles)[number];

/** A vocabulary that never grows. */
export const scopes = [
  "script:read",
  "script:write",
  "route:write",
  "log:read",
  "domain:manage",
  "app:admin",
  "instance:admin",
] as const;
export type Scope = (typeof scopes)[number];

/** Closed list: what can be allowed or refused. */
export const capabilities = [
  "AppRead",
  "AppReadScript",
  "AppKvRead",
  "AppDocsRead",
  "AppFilesRead",
  "AppQueueRead",
  "AppSecretsRead",
  "AppReadLogs",
  "AppWriteScript",
  "AppKvWrite",
  "AppDocsWrite",
  "AppFilesWrite",
  "AppQueueWrite",
  "AppSecretsWrite",
  "AppHttpRequest",
  "AppPubsubPublish",
  "AppEmailSend",
  "AppManageRoutes",
  "AppManageDomains",
  "AppManage",
  "AppDeleteScript",
  "AppManageTriggers",
  "AppManageMembers",
  "AppManageEndUsers",
  "AppDeadLetterManage",
  "AppReadAudit",
  "InstanceManageApps",
  "InstanceManageUsers",
  "InstanceReadAudit",
  "InstanceManageSettings",
] as const;
export type Capability = (typeof capabilities)[number];
export type AppCapability = Extract<Capability, `App${string}`>;
