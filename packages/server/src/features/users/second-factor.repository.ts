/** SQL of second factors. */
import type { Queryable, Transaction } from "../../platform/database/database.ts";

export interface TotpRow {
  readonly sealed_secret: Buffer;
  readonly last_step: number;
  readonly is_confirmed: boolean;
  /** The database's clock, in seconds since the epoch. */
  readonly seconds: number;
}

/** Holds the row, so that of two uses of a code at the same time the second sees the first. */
export async function holdTotp(tx: Transaction, userId: string): Promise<TotpRow | undefined> {
  const [row] = await tx<TotpRow[]>`
    select sealed_secret, last_step, confirmed_at is not null as is_confirmed,
      extract(epoch from clock_timestamp())::float8 as seconds
    from user_totp where user_id = ${userId} for update`;
  return row;
}

export async function isTotpOn(db: Queryable, userId: string): Promise<boolean> {
  const rows = await db`select 1 from user_totp where user_id = ${userId} and confirmed_at is not null`;
  return rows.length === 1;
}

/** A secret that is not confirmed yet; it replaces one that was not either. False where one is confirmed, or the user is
 *  gone. */
export async function insertTotp(db: Queryable, userId: string, sealedSecret: Buffer): Promise<boolean> {
  const rows = await db`
    insert into user_totp as t (user_id, sealed_secret)
    select id, ${sealedSecret}::bytea from users where id = ${userId} for key share
    on conflict (user_id) do update set sealed_secret = excluded.sealed_secret, last_step = 0, created_at = now()
    where t.confirmed_at is null returning user_id`;
  return rows.length === 1;
}

export async function updateTotpStep(db: Queryable, userId: string, step: number): Promise<void> {
  await db`
    update user_totp set last_step = ${step}, confirmed_at = coalesce(confirmed_at, now()) where user_id = ${userId}`;
}

/** With its recovery codes. */
export async function deleteTotp(db: Queryable, userId: string): Promise<boolean> {
  const rows = await db`delete from user_totp where user_id = ${userId} returning confirmed_at`;
  return rows.some(({ confirmed_at: at }) => at !== null);
}

export async function insertRecoveryCodes(
  db: Queryable,
  userId: string,
  hashes: readonly Buffer[],
): Promise<void> {
  await db`
    insert into user_recovery_codes (user_id, code_hash) select ${userId}, decode(unnest(${hashes.map((hash) => hash.toString("hex"))}::text[]), 'hex')`;
}

/** True for the one caller that uses it. */
export async function claimRecoveryCode(db: Queryable, userId: string, hash: Buffer): Promise<boolean> {
  const rows = await db`
    delete from user_recovery_codes where user_id = ${userId} and code_hash = ${hash} returning user_id`;
  return rows.length === 1;
}
