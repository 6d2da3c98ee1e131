/** The policy: which scope a capability needs and which lowest role holds it (INS-4, `api.md` §8). The only table of
 *  its kind; a test proves that it is total and that capabilities map to exactly one scope. */
import type { AppRole, Capability, InstanceRole, Scope } from "@picloud/contract";

interface PolicyEntry {
  readonly scope: Scope;
  /** Lowest app role that holds it, or the instance role for capabilities of the instance. */
  readonly role: AppRole | Exclude<InstanceRole, "member">;
}

const viewer = (scope: Scope): PolicyEntry => ({ scope, role: "viewer" });
const editor = (scope: Scope): PolicyEntry => ({ scope, role: "editor" });
const appAdmin = (scope: Scope): PolicyEntry => ({ scope, role: "app_admin" });

export const policy: Readonly<Record<Capability, PolicyEntry>> = {
  AppRead: viewer("script:read"),
  AppReadScript: viewer("script:read"),
  AppKvRead: viewer("script:read"),
  AppDocsRead: viewer("script:read"),
  AppFilesRead: viewer("script:read"),
  AppQueueRead: viewer("script:read"),
  AppSecretsRead: viewer("script:read"),
  AppReadLogs: viewer("log:read"),
  AppWriteScript: editor("script:write"),
  AppKvWrite: editor("script:write"),
  AppDocsWrite: editor("script:write"),
  AppFilesWrite: editor("script:write"),
  AppQueueWrite: editor("script:write"),
  AppSecretsWrite: editor("script:write"),
  AppHttpRequest: editor("script:write"),
  AppPubsubPublish: editor("script:write"),
  AppEmailSend: editor("script:write"),
  AppManageRoutes: editor("route:write"),
  AppManageDomains: appAdmin("domain:manage"),
  AppManage: appAdmin("app:admin"),
  AppDeleteScript: appAdmin("app:admin"),
  AppManageTriggers: appAdmin("app:admin"),
  AppManageMembers: appAdmin("app:admin"),
  AppManageEndUsers: appAdmin("app:admin"),
  AppDeadLetterManage: appAdmin("app:admin"),
  AppReadAudit: appAdmin("app:admin"),
  InstanceManageApps: { scope: "instance:admin", role: "admin" },
  InstanceManageUsers: { scope: "instance:admin", role: "admin" },
  InstanceReadAudit: { scope: "instance:admin", role: "admin" },
  InstanceManageSettings: { scope: "instance:admin", role: "owner" },
};

const appRank: Readonly<Record<AppRole, number>> = { viewer: 1, editor: 2, app_admin: 3 };
const instanceRank: Readonly<Record<InstanceRole, number>> = { member: 1, admin: 2, owner: 3 };

/** Does a user with this instance role, and this role in the app if any, hold the capability? */
export function roleHolds(capability: Capability, role: InstanceRole, appRole: AppRole | undefined): boolean {
  const needed = policy[capability].role;
  if (needed === "owner" || needed === "admin") return instanceRank[role] >= instanceRank[needed];
  // Owners and admins are implicitly app_admin in every app (INS-2).
  const effective = instanceRank[role] >= instanceRank.admin ? "app_admin" : appRole;
  return effective !== undefined && appRank[effective] >= appRank[needed];
}
