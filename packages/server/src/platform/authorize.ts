/** The one check in front of every service function. */
import { PicloudError } from "@picloud/contract";
import type { Capability } from "@picloud/contract";
import type { Context, UserPrincipal } from "./context.ts";
import { policy, roleHolds } from "./policy.ts";

/** Throws `unauthenticated` without a principal and `forbidden` without the capability. In a run, nobody and end users
 *  are trusted to the script (INS-8), except for dead-letter management. `appId`: the app of the resource. */
export function authorize(ctx: Context, capability: Capability, appId?: string): void {
  const refusal = refusalOf(ctx, capability, appId);
  if (refusal !== undefined) throw refusal;
}

/** Whether {@link authorize} lets the call through: for a step that is done besides, not for the call itself. */
export function isAuthorized(ctx: Context, capability: Capability, appId?: string): boolean {
  return refusalOf(ctx, capability, appId) === undefined;
}

function refusalOf(ctx: Context, capability: Capability, appId?: string): PicloudError | undefined {
  if (ctx.kind === "system") return undefined;
  const { principal } = ctx;
  const isScriptTrusted = ctx.kind === "run" && capability !== "AppDeadLetterManage";
  if (principal === undefined || principal.kind === "end_user") {
    if (isScriptTrusted) return undefined;
    return new PicloudError("unauthenticated", "Log in first: this needs a session or an API key.");
  }
  const user = principal.kind === "user" ? principal : principal.owner;
  if (principal.kind === "api_key") {
    const isBoundElsewhere = principal.appId !== undefined && principal.appId !== appId;
    if (isBoundElsewhere || !principal.scopes.includes(policy[capability].scope))
      return forbidden(capability);
  }
  const appRole = appId === undefined ? undefined : user.appRoles.get(appId);
  return roleHolds(capability, user.role, appRole) ? undefined : forbidden(capability);
}

/** The user behind the call; throws `unauthenticated` where there is none. */
export function requireUser(ctx: Context): UserPrincipal {
  const { principal } = ctx;
  if (principal?.kind === "user") return principal;
  if (principal?.kind === "api_key") return principal.owner;
  throw new PicloudError("unauthenticated", "Log in first: this needs a session or an API key.");
}

function forbidden(capability: Capability): PicloudError {
  return new PicloudError("forbidden", `You may not do this: it needs ${capability}.`, {
    details: { capability },
  });
}
