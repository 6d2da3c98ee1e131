/** Whoever makes a change must still be allowed to when it happens: a request may have waited for its body, for a hash or
 *  for the changes before it. */
import { capabilities, PicloudError } from "@picloud/contract";
import type { AppRole, InstanceRole } from "@picloud/contract";
import type { Principal, UserPrincipal } from "../context.ts";
import { roleHolds } from "../policy.ts";
import type { Transaction } from "./database.ts";

interface RightsRow {
  readonly role: InstanceRole;
  readonly app_ids: readonly string[];
  readonly app_roles: readonly AppRole[];
}

/** For the transaction of a change, whose lock keeps the answer true until the commit. Throws `unauthenticated` where the
 *  session or key has ended, `forbidden` where its user has lost a right. New rights count from the next request on. */
export async function requireCurrentActor(tx: Transaction, principal: Principal | undefined): Promise<void> {
  const actor = actorOf(principal);
  if (actor === undefined) return;
  const now = await findRights(tx, actor);
  if (now === undefined)
    throw new PicloudError("unauthenticated", "The session or key ended while this waited: log in again.");
  if (hasLostRight(actor.user, now))
    throw new PicloudError("forbidden", "Your rights were changed while this waited: send it again.");
}

interface Actor {
  readonly table: "sessions" | "api_keys";
  readonly id: string;
  readonly user: UserPrincipal;
}

/** A trigger's run acts for a user without a session; its right is checked when it begins. */
function actorOf(principal: Principal | undefined): Actor | undefined {
  if (principal?.kind === "api_key") return { table: "api_keys", id: principal.id, user: principal.owner };
  if (principal?.kind !== "user" || principal.sessionId === undefined) return undefined;
  return { table: "sessions", id: principal.sessionId, user: principal };
}

async function findRights(tx: Transaction, actor: Actor): Promise<RightsRow | undefined> {
  const [row] = await tx<RightsRow[]>`
    select u.role, coalesce(m.app_ids, '{}') as app_ids, coalesce(m.app_roles, '{}') as app_roles
    from ${tx(actor.table)} c join users u on u.id = c.user_id
    left join lateral (
      select array_agg(app_id) as app_ids, array_agg(role) as app_roles from members where user_id = u.id
    ) m on true
    where c.id = ${actor.id} and (c.expires_at is null or c.expires_at > now()) and u.disabled_at is null`;
  return row;
}

function hasLostRight(before: UserPrincipal, now: RightsRow): boolean {
  const roles = new Map(now.app_ids.map((id, i) => [id, now.app_roles[i]]));
  const isSameRole = before.role === now.role;
  // Somebody may be in thousands of apps, and the changes of all others wait for this look.
  const places = isSameRole
    ? [...before.appRoles.keys()].filter((app) => before.appRoles.get(app) !== roles.get(app))
    : [undefined, ...before.appRoles.keys()];
  return capabilities.some((capability) =>
    places.some((app) => {
      const [was, is] = app === undefined ? [] : [before.appRoles.get(app), roles.get(app)];
      return roleHolds(capability, before.role, was) && !roleHolds(capability, now.role, is);
    }),
  );
}
