/** SQL of finding documents: a plan → one statement. */
import type { Queryable } from "../../platform/database/database.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";
import { indexConditions, literalSource } from "./docs-indexes.repository.ts";
import { boundSource, columnPart, joined, numberKey, raw, textKey } from "./docs-keys.repository.ts";
import type { DocsPlace } from "./docs-place.ts";
import type { DocsPlan, EnvelopeCondition, SortTerm } from "./docs-plan.ts";
import type { DocumentRow } from "./docs.repository.ts";

export interface DocsQuery {
  readonly plan: DocsPlan;
  /** Keys of the last row of the page before. */
  readonly after: readonly string[] | undefined;
  readonly limit: number;
  /** The answer ends before the row with which its documents would have more bytes, but has one row at least. */
  readonly bytesMax: number;
  /** Whether the rows are to tell their place in the order, for a next page. */
  readonly withKeys: boolean;
}

/** A document with the keys of its place in the order, as text. */
export interface FoundRow extends DocumentRow {
  readonly [key: `k${number}`]: string;
}

/** What the next page's `after` takes. */
export function keysOfRow(row: FoundRow): readonly string[] {
  const keys: string[] = [];
  for (let key = row["k0"]; key !== undefined; key = row[`k${keys.length}`]) keys.push(key);
  return keys;
}

/** One column of the order. */
interface Key {
  readonly part: Part;
  readonly isDescending: boolean;
  readonly type: "numeric" | "text" | "timestamptz" | "uuid";
}

export async function findDocuments(db: Queryable, query: DocsQuery): Promise<readonly FoundRow[]> {
  return await run<FoundRow>(db, findStatement(query));
}

/** For tests of its plan. */
export function findStatement({ plan, after, limit, bytesMax, withKeys }: DocsQuery): Part {
  const keys = keysOf(plan);
  const columns = keys.map(({ part }, i) => sql`, ${part} as ${raw(`k${i}`)}`);
  const order = joined(
    keys.map(({ isDescending }, i) => raw(`k${i}${isDescending ? " desc" : ""}`)),
    ", ",
  );
  const texts = (withKeys ? keys : []).map((_, i) => raw(`, k${i}::text as k${i}`));
  const names = keys.map((_, i) => raw(`, k${i}`));
  const found = sql`select id, doc, created_at, updated_at, written_by ${joined(columns, "")}
      from docs where ${conditionOf(plan)} ${afterKeys(after, keys)}
      order by ${order} limit ${limit}`;
  // Only what is given is written as text, and only as much of it as fits into an answer. The sum of bytes grows with
  // each row, so it is their order too.
  return sql`select id, data, created_at, updated_at, written_by ${joined(texts, "")} from (
      select *, sum(octet_length(data)) over (order by ${order} rows unbounded preceding) as bytes from (
        select id, (doc -> ${plan.at.scope})::text as data, created_at, updated_at, written_by ${joined(names, "")}
        from (${found}) f) t) s
    where bytes <= ${bytesMax} or bytes = octet_length(data) order by bytes`;
}

export async function countDocuments(db: Queryable, plan: DocsPlan): Promise<number> {
  const statement = sql`select count(*)::float8 as count from docs where ${conditionOf(plan)}`;
  const [row] = await run<{ count: number }>(db, statement);
  return row?.count ?? 0;
}

/** Ids of what a filter finds, in its order; a CTE `hit` of a statement. */
export function hitCte(plan: DocsPlan, limit: number): Part {
  const order = keysOf(plan).map(({ part, isDescending }) => sql`${part} ${raw(isDescending ? "desc" : "")}`);
  return sql`hit as materialized (select id from docs where ${conditionOf(plan)}
      order by ${joined(order, ", ")} limit ${limit})`;
}

/** Everything that a row must be: of the collection, and what the filter says. */
export function conditionOf({ at, path, by, others, index }: DocsPlan): Part {
  const rest = joined(
    others.map((condition) => sql` and (${envelope(condition)})`),
    "",
  );
  const own = sql`app_id = ${at.appId} and collection = ${at.collection}`;
  // Entries of the GIN index and of declared ones are of one scope. Searching the primary key too, for all of the
  // collection, would take longer than what it saves: inside of a coalesce the planner does not see that it could.
  const checked = sql`coalesce(${own}, false)`;
  if (by === "gin" && path !== undefined) return sql`${checked} and doc @? ${path}::jsonpath ${rest}`;
  // Without an entry to look for the operator would read the whole index; the function behind it does not.
  const fits = path === undefined ? sql`` : sql` and jsonb_path_exists_opr(doc, ${path}::jsonpath)`;
  if (index !== undefined) return sql`${checked} ${indexConditions(at, index)} ${fits} ${rest}`;
  return sql`${own} ${fits} ${rest}`;
}

const comparisons = { eq: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

function envelope(condition: EnvelopeCondition): Part {
  switch (condition.op) {
    case "path":
      return sql`jsonb_path_exists_opr(doc, ${condition.path}::jsonpath)`;
    case "none":
      return sql`not (${envelope(condition.of)})`;
    case "all":
    case "any": {
      const parts = condition.of.map((of) => sql`(${envelope(of)})`);
      return joined(parts, condition.op === "all" ? " and " : " or ");
    }
    case "in": {
      const type = raw(`${columnType[condition.column]}[]`);
      return sql`${columnPart(condition.column)} = any(${[...condition.values]}::text[]::${type})`;
    }
    case "eq":
    case "gt":
    case "gte":
    case "lt":
    case "lte": {
      const type = raw(columnType[condition.column]);
      const column = columnPart(condition.column);
      return sql`${column} ${raw(comparisons[condition.op])} ${condition.value}::text::${type}`;
    }
    default:
      return condition satisfies never;
  }
}

const columnType = { id: "uuid", created_at: "timestamptz", updated_at: "timestamptz" } as const;

function keysOf({ at, order }: DocsPlan): readonly Key[] {
  return order.flatMap((term) => keysOfTerm(at, term));
}

function keysOfTerm(at: DocsPlace, term: SortTerm): readonly Key[] {
  const { isDescending } = term;
  if (term.kind === "column")
    return [{ part: columnPart(term.name), isDescending, type: columnType[term.name] }];
  const source = term.isDeclared ? literalSource(at, term.path) : boundSource([at.scope, ...term.path]);
  return [
    { part: numberKey(source), isDescending, type: "numeric" },
    { part: textKey(source), isDescending, type: "text" },
  ];
}

/** What comes after the keys. With one direction a comparison of rows, which an index serves. */
function afterKeys(after: readonly string[] | undefined, keys: readonly Key[]): Part {
  if (after === undefined) return sql``;
  const values = keys.map(({ type }, i) => sql`${after[i]}::text::${raw(type)}`);
  const isDescending = keys[0]?.isDescending ?? false;
  if (keys.every((key) => key.isDescending === isDescending)) {
    const parts = joined(
      keys.map(({ part }) => part),
      ", ",
    );
    return sql`and (${parts}) ${raw(isDescending ? "<" : ">")} (${joined(values, ", ")})`;
  }
  const steps = keys.map(({ part, isDescending: isDown }, i) => {
    const equal = keys.slice(0, i).map((key, j) => sql`${key.part} = ${values[j]} and `);
    return sql`(${joined(equal, "")} ${part} ${raw(isDown ? "<" : ">")} ${values[i]})`;
  });
  return sql`and (${joined(steps, " or ")})`;
}
