/** The server's own role and database in the embedded PostgreSQL. */

import { StartError } from "../start-error.ts";
import type { SocketLogin } from "./embedded-postgres.ts";
import { postgres } from "./postgres-client.ts";

export interface RoleOptions {
  readonly login: SocketLogin;
  readonly superuser: SocketLogin;
  /** A cluster that was just made has no role yet; else the login is tried first. */
  readonly isNew: boolean;
}

/** The password has 256 random bits: stretching it adds nothing and would cost each connection milliseconds on a small machine. */
const SCRAM_ITERATIONS = 16;

/**
 * Makes sure that the role can log in and owns its database, also after a start that was cut short or a password
 * file that was lost.
 */
export async function ensureRole(options: RoleOptions): Promise<void> {
  if (!options.isNew && (await canLogIn(options.login))) return;
  const { user, password, database } = options.login;
  const sql = postgres({ ...options.superuser, max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    await sql.unsafe(`set scram_iterations = ${SCRAM_ITERATIONS}`);
    const [role] = await sql`select 1 from pg_roles where rolname = ${user}`;
    await sql.unsafe(
      `${role === undefined ? "create" : "alter"} role ${user} login nosuperuser nocreatedb nocreaterole password '${password}'`,
    );
    const [existing] = await sql`select 1 from pg_database where datname = ${database}`;
    if (existing === undefined) await sql.unsafe(`create database ${database} owner ${user}`);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`the embedded PostgreSQL refused the set-up of its role: ${problem}`, { cause });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function canLogIn(login: SocketLogin): Promise<boolean> {
  const sql = postgres({ ...login, max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    await sql`select 1`;
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    // Wrong password, no such role, no such database: what the superuser can mend.
    if (["28P01", "28000", "3D000"].includes(code)) return false;
    throw error;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
