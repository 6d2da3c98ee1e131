/** SQL of the indexes that apps declare: partial indexes on the table of all documents, restricted to the scope of one
 *  collection. Their names of fields stand in the text of statements, so only plain names can be declared. */
import type { Queryable, Sql } from "../../platform/database/database.ts";
import { sql, type Part } from "../../platform/database/statement.ts";
import type { ChosenIndex, IndexBound, IndexField } from "./docs-index-choice.ts";
import { joined, numberKey, raw, textKey, type KeySource } from "./docs-keys.repository.ts";
import type { DocsAddress, DocsPlace } from "./docs-place.ts";

export interface IndexRow {
  readonly app_id: string;
  readonly collection: string;
  readonly name: string;
  readonly id: string;
  readonly fields: readonly string[];
  readonly problem: string | null;
  readonly created_at: Date;
  /** Whether PostgreSQL uses it. */
  readonly is_ready: boolean;
}

export async function listIndexes(db: Queryable, at: DocsAddress): Promise<readonly IndexRow[]> {
  return await db<IndexRow[]>`
    select d.*, coalesce(i.indisvalid, false) as is_ready from docs_indexes d
    left join pg_class c on c.relname = 'docs_x_' || replace(d.id::text, '-', '') and c.relkind = 'i'
    left join pg_index i on i.indexrelid = c.oid and i.indrelid = 'docs'::regclass
    where d.app_id = ${at.appId} and d.collection = ${at.collection} order by d.name`;
}

/** Counts under a lock, so that two declarations at a time do not go over a limit together. */
export async function countIndexes(
  tx: Queryable,
  at: DocsAddress,
): Promise<{ readonly collection: number; readonly app: number; readonly instance: number }> {
  await tx`select pg_advisory_xact_lock(hashtextextended('picloud docs_indexes', 0))`;
  const [row] = await tx<{ collection: number; app: number }[]>`
    select (select count(*)::int from docs_indexes
        where app_id = ${at.appId} and collection = ${at.collection}) as collection,
      (select count(*)::int from docs_indexes where app_id = ${at.appId}) as app`;
  return { collection: row?.collection ?? 0, app: row?.app ?? 0, instance: await countAllIndexes(tx) };
}

async function countAllIndexes(tx: Queryable): Promise<number> {
  const [row] = await tx<{ count: number }[]>`select count(*)::int as count from docs_indexes`;
  return row?.count ?? 0;
}

/** False: the name is taken. */
export async function insertIndex(
  db: Queryable,
  row: DocsAddress & { readonly name: string; readonly id: string; readonly fields: readonly string[] },
): Promise<boolean> {
  const rows = await db`
    insert into docs_indexes (app_id, collection, name, id, fields)
    values (${row.appId}, ${row.collection}, ${row.name}, ${row.id}, ${[...row.fields]}::text[])
    on conflict on constraint docs_indexes_pkey do nothing returning name`;
  return rows.length === 1;
}

export async function deleteIndex(
  db: Queryable,
  at: DocsAddress & { readonly name: string },
): Promise<IndexRow | undefined> {
  const [row] = await db<IndexRow[]>`
    delete from docs_indexes where app_id = ${at.appId} and collection = ${at.collection} and name = ${at.name}
    returning *`;
  return row;
}

export interface IndexDifference {
  /** Name of the index itself. */
  readonly relname: string;
  /** What is declared; null: nothing any more. */
  readonly row: IndexRow | null;
  /** Whether it is there, whole or half-made. */
  readonly exists: boolean;
}

/** What is declared and not there, and what is there and no longer declared or half-made; of all apps. */
export async function listDifferences(db: Queryable): Promise<readonly IndexDifference[]> {
  return await db<IndexDifference[]>`
    select coalesce(i.relname, 'docs_x_' || replace(d.id::text, '-', '')) as relname,
      case when d.id is not null then to_jsonb(d) end as row, i.relname is not null as exists
    from docs_indexes d
    full join (
      select c.relname::text, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = 'docs'::regclass and starts_with(c.relname, 'docs_x_')
    ) i on i.relname = 'docs_x_' || replace(d.id::text, '-', '')
    where i.relname is null or d.id is null or not i.indisvalid`;
}

export async function setProblem(db: Queryable, row: IndexRow, problem: string | null): Promise<void> {
  await db`
    update docs_indexes set problem = ${problem}
    where app_id = ${row.app_id} and collection = ${row.collection} and name = ${row.name} and id = ${row.id}`;
}

/** One node at a time changes indexes: two of these statements would wait for each other. */
export async function tryIndexLock(session: Sql): Promise<boolean> {
  const [row] = await session<{ locked: boolean }[]>`
    select pg_try_advisory_lock(hashtextextended('picloud docs index changes', 0)) as locked`;
  return row?.locked === true;
}

/** Settings of a session that makes indexes: no end by time, and a name that is not one of ours, because the making holds
 *  a transaction open for as long as it takes and trigger changes wait for those. */
export async function beginIndexSession(session: Sql): Promise<void> {
  await session`set statement_timeout = 0`;
  await session`set application_name = 'picloud-indexes'`;
}

export async function endIndexSession(session: Sql): Promise<void> {
  await session`select pg_advisory_unlock_all()`;
  await session`reset statement_timeout`;
  await session`reset application_name`;
}

/** Makes the index without blocking writes; must not be in a transaction. */
export async function buildIndex(
  session: Sql,
  at: DocsPlace,
  index: { readonly id: string; readonly fields: readonly IndexField[] },
): Promise<void> {
  const { fields } = index;
  const columns = fields.flatMap(({ path, isDescending }) => {
    const source = literalSource(at, path);
    const direction = raw(isDescending ? " desc" : "");
    return [sql`${numberKey(source)}${direction}`, sql`${textKey(source)}${direction}`];
  });
  const direction = raw(fields.at(-1)?.isDescending === true ? " desc" : "");
  const text = textOf(sql`create index concurrently ${raw(`docs_x_${index.id.replaceAll("-", "")}`)} on docs
    (${joined(columns, ", ")}, id${direction}) where scope = ${raw(at.scope)}`);
  await session.unsafe(text);
  // Statistics of its expressions, which the planner has only after this.
  await session`analyze docs`;
}

/** `relname`: of the catalogue, and of the form that `listDifferences` asks for. */
export async function dropIndex(session: Sql, relname: string): Promise<void> {
  if (!/^docs_x_[0-9a-f]{32}$/.test(relname)) throw new Error(`not a declared index: ${relname}`);
  await session.unsafe(`drop index concurrently if exists ${relname}`);
}

/** Names that can stand in a text. */
const plainName = /^[A-Za-z0-9_-]{1,63}$/;

/** By a path in the text of the statement, as in that of the index. */
export function literalSource(at: DocsPlace, path: readonly string[]): KeySource {
  for (const name of path) if (!plainName.test(name)) throw new Error(`no plain name: ${name}`);
  const literal = `'{${[at.scope, ...path].map((name) => `"${name}"`).join(",")}}'::text[]`;
  return { json: raw(`(doc #> ${literal})`), text: raw(`(doc #>> ${literal})`) };
}

/** What lets the planner see that the partial index has all that is looked for, and where. */
export function indexConditions(at: DocsPlace, index: ChosenIndex): Part {
  return joined(
    [raw(`and scope = ${at.scope}`), ...index.bounds.map((bound) => boundPart(at, bound))],
    " and ",
  );
}

function boundPart(at: DocsPlace, bound: IndexBound): Part {
  const source = literalSource(at, bound.path);
  switch (bound.op) {
    case "=":
      return sql`${numberKey(source)} = ${bound.number}::text::numeric and ${textKey(source)} = ${bound.text}::text`;
    case "text<=":
      return sql`${textKey(source)} <= ${bound.text}::text`;
    case "text>=":
      return sql`${textKey(source)} >= ${bound.text}::text`;
    case "<":
    case "<=":
    case ">":
    case ">=":
      return sql`${numberKey(source)} ${raw(bound.op)} ${bound.number}::text::numeric`;
    default:
      return bound satisfies never;
  }
}

/** A statement without values. */
function textOf(part: Part): string {
  return part.strings
    .map((text, i) => {
      const value = part.values[i];
      if (i < part.values.length && !(value instanceof Object && "strings" in value))
        throw new Error("DDL takes no parameters");
      return text + (i < part.values.length ? textOf(value as Part) : "");
    })
    .join("");
}
