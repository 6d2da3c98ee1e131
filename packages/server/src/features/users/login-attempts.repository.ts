/** SQL of attempts to log in. */
import type { Queryable } from "../../platform/database/database.ts";

/** After `free` attempts (two or more) the next one must wait 1 s, then 2, 4, …, at most `waitSecondsMax`. */
export interface AttemptKey {
  readonly key: Buffer;
  readonly free: number;
  readonly waitSecondsMax: number;
}

export interface CountedAttempt {
  /** Milliseconds until the next attempt may be made, for one that came too early; it is not counted. */
  readonly refusedMs: number | undefined;
  /** Attempts by key, in the order of the keys, this one included. */
  readonly attempts: readonly number[];
}

/** A row is void when nothing happened for so long after the last wait. */
const MEMORY_MINUTES = 15;

/** Counts an attempt under each key, in one statement: of attempts at the same time no more pass than one after another.
 *  Keys are locked in the order given, which must be the same everywhere. Without a wait a key is open for all times: one
 *  that waited for the lock has an older `now()` than the attempt it waited for. */
export async function countAttempt(db: Queryable, keys: readonly AttemptKey[]): Promise<CountedAttempt> {
  const rows = await db<{ refused_ms: number | null; attempts: number | null }[]>`
    with wanted as materialized (
      select decode(w.key, 'hex') as key, w.free, w.wait_max, w.place
      from unnest(${keys.map(({ key }) => key.toString("hex"))}::text[], ${keys.map(({ free }) => free)}::int[],
        ${keys.map(({ waitSecondsMax }) => waitSecondsMax)}::float8[]) with ordinality as w (key, free, wait_max, place)
    ), refused as (
      select max(a.refused_until) as until from login_attempts a join wanted w on w.key = a.key
      where a.refused_until > now()
    ), counted as (
      insert into login_attempts as a (key, attempts, refused_until, expires_at)
      select w.key, 1, '-infinity', now() + make_interval(mins => ${MEMORY_MINUTES})
      from wanted w where (select until from refused) is null order by w.place
      on conflict (key) do update set (attempts, refused_until, expires_at) = (
        select n, case when wait > interval '0' then now() + wait else '-infinity' end, now() + wait + make_interval(mins => ${MEMORY_MINUTES})
        from wanted w
        cross join lateral (select case when a.expires_at <= now() then 1 else a.attempts + 1 end as n) counter
        cross join lateral (select make_interval(secs => case when n < w.free then 0
          else least(w.wait_max, power(2, least(n - w.free, 20))) end) as wait) pause
        where w.key = a.key)
      where a.refused_until <= now()
      returning a.key, a.attempts
    )
    select extract(epoch from (select until from refused) - now())::float8 * 1000 as refused_ms, c.attempts
    from wanted w left join counted c on c.key = w.key order by w.place`;
  const refusedMs = rows.find(({ refused_ms: ms }) => ms !== null)?.refused_ms ?? undefined;
  // A key that another attempt shut between the look and the count gave no row.
  const isShut = rows.some(({ attempts }) => attempts === null);
  return {
    refusedMs: refusedMs ?? (isShut ? 1_000 : undefined),
    attempts: rows.map(({ attempts }) => attempts ?? 0),
  };
}

/** Takes a counted attempt back, because it succeeded. One row a statement: whoever locks several has an order. */
export async function forgiveAttempt(db: Queryable, key: Buffer): Promise<void> {
  await db`
    update login_attempts set attempts = greatest(attempts - 1, 0), refused_until = '-infinity' where key = ${key}`;
}

export async function deleteAttempts(db: Queryable, key: Buffer): Promise<void> {
  await db`delete from login_attempts where key = ${key}`;
}

/** Removes void rows, `most` at a time. */
export async function deleteVoidAttempts(db: Queryable, most: number): Promise<void> {
  await db`
    delete from login_attempts where key in (
      select key from login_attempts where expires_at <= now() order by expires_at limit ${most}
      for update skip locked)`;
}

/** Removes the rows that would be void first, but for `keep`. */
export async function trimAttempts(db: Queryable, keep: number): Promise<void> {
  await db`
    delete from login_attempts where key in (
      select key from login_attempts order by expires_at
      limit greatest((select count(*) from login_attempts) - ${keep}, 0) for update skip locked)`;
}
