/** Who may do what, as `api.md` §8 and the requirements INS-2 to INS-8 say it: written down once more, beside the server's own
 *  policy, so that a test can find that policy wrong. Nothing of it may be imported from the server. */

/** `api.md` §8, as it stands there. */
const table = `
script:read | AppRead AppReadScript AppKvRead AppDocsRead AppFilesRead AppQueueRead AppSecretsRead | viewer
log:read | AppReadLogs | viewer
script:write | AppWriteScript AppKvWrite AppDocsWrite AppFilesWrite AppQueueWrite AppSecretsWrite AppHttpRequest AppPubsubPublish AppEmailSend | editor
route:write | AppManageRoutes | editor
domain:manage | AppManageDomains | app_admin
app:admin | AppManage AppDeleteScript AppManageTriggers AppManageMembers AppManageEndUsers AppDeadLetterManage AppReadAudit | app_admin
instance:admin | InstanceManageApps InstanceManageUsers InstanceReadAudit | admin
instance:admin | InstanceManageSettings | owner`;

interface Rule {
  readonly scope: string;
  readonly role: string;
}

/** Capability → scope and lowest role. */
export const specRules: ReadonlyMap<string, Rule> = new Map(
  table
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [scope = "", names = "", role = ""] = line.split(" | ");
      return names.split(" ").map((name) => [name, { scope, role }] as const);
    }),
);

export const specScopes: readonly string[] = [...new Set([...specRules.values()].map(({ scope }) => scope))];

/** What the specification looks at in a caller. */
export interface Facts {
  readonly kind: "nobody" | "bad_token" | "user" | "key" | "end_user";
  /** Of the user, or of the user who owns the key. */
  readonly role?: "member" | "admin" | "owner";
  /** The same user's role in an app, by the app's slug. */
  readonly in?: Readonly<Record<string, "viewer" | "editor" | "app_admin">>;
  /** Of a key. */
  readonly scopes?: readonly string[];
  /** Of a key: the slug of the only app that it works in. */
  readonly boundTo?: string;
}

/** The status of a refusal, or that there is none. */
export type Verdict = "may" | 401 | 403 | 404;

const ladder = ["viewer", "editor", "app_admin"];

/** May the caller do this over the admin API? `app`: the slug of the app, absent for what is the instance's. */
export function specVerdict(caller: Facts, capability: string, app?: string): Verdict {
  if (caller.kind !== "user" && caller.kind !== "key") return 401;
  const rule = specRules.get(capability);
  if (rule === undefined) throw new Error(`the specification has no capability ${capability}`);
  if (caller.kind === "key") {
    if (caller.scopes?.includes(rule.scope) !== true) return 403;
    if (caller.boundTo !== undefined && caller.boundTo !== app) return 403;
  }
  return isHeld(caller, rule.role, app) ? "may" : 403;
}

/** Owners and admins are app_admin everywhere (INS-2). */
function isHeld(caller: Facts, lowest: string, app: string | undefined): boolean {
  if (caller.role === "owner") return true;
  if (lowest === "owner") return false;
  if (caller.role === "admin") return true;
  const role = app === undefined ? undefined : caller.in?.[app];
  return role !== undefined && ladder.includes(lowest) && ladder.indexOf(role) >= ladder.indexOf(lowest);
}

/** May a run do this, called by whom? INS-8: nobody and end users are trusted to the script, but not with dead letters. */
export function specVerdictInRun(caller: Facts, capability: string, app: string): Verdict {
  // A bad token attaches nobody (INS-7).
  if (caller.kind === "user" || caller.kind === "key") return specVerdict(caller, capability, app);
  return capability === "AppDeadLetterManage" ? 401 : "may";
}

/** A session of the caller's own, which a key is not. */
export function ownSession(caller: Facts): Verdict {
  if (caller.kind === "user") return "may";
  return caller.kind === "key" ? 403 : 401;
}

/** INS-2: only an owner touches an owner, a key of an owner too where its scope allows. */
export function ownersOnly(caller: Facts): Verdict {
  const verdict = specVerdict(caller, "InstanceManageUsers");
  return verdict === "may" && caller.role !== "owner" ? 403 : verdict;
}
