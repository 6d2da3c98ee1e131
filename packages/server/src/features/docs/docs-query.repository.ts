/** SQL of finding documents: a checked filter and order → one statement. */
import type { Queryable } from "../../platform/database/database.ts";
import { run, sql, type Part } from "../../platform/database/statement.ts";
import type { Condition, DocsFilter, Leaf } from "./docs-filter.ts";
import { isSame, type ChosenIndex } from "./docs-index-choice.ts";
import { indexConditions, literalSource } from "./docs-indexes.repository.ts";
import { boundSource, columnPart, joined, numberKey, raw, textKey } from "./docs-keys.repository.ts";
import { documentPath, isIndexable, isOfData } from "./docs-path.ts";
import { scopeOf, type DocsAddress, type DocumentRow } from "./docs.repository.ts";
import type { SortField } from "./docs-sort.ts";

export interface DocsQuery {
  readonly at: DocsAddress;
  readonly filter: DocsFilter;
  /** A declared index that fits; undefined: the GIN index or the collection in the order of ids. */
  readonly index: ChosenIndex | undefined;
  /** Keys of the last row of the page before. */
  readonly after: readonly string[] | undefined;
  readonly limit: number;
  /** The answer ends before the row with which its documents would have more bytes, but has one row at least. */
  readonly bytesMax: number;
}

export interface FoundRow extends DocumentRow {
  /** As the next page's `after` takes them. */
  readonly keys: readonly string[];
}

/** One column of the order. */
interface Term {
  readonly key: Part;
  readonly isDescending: boolean;
  readonly type: "numeric" | "text" | "timestamptz" | "uuid";
}

export async function findDocuments(db: Queryable, query: DocsQuery): Promise<readonly FoundRow[]> {
  const terms = termsOf(query);
  const keys = terms.map(({ key }, i) => sql`, ${key} as ${raw(`k${i}`)}`);
  const order = terms.map(({ isDescending }, i) => raw(`k${i}${isDescending ? " desc" : ""}`));
  const found = sql`select id, doc, created_at, updated_at, written_by ${joined(keys, "")}
      from docs where ${conditionOf(query)} ${afterCursor(query.after, terms)}
      order by ${joined(order, ", ")} limit ${query.limit}`;
  // Only what is given is written as text, and only as much of it as fits into an answer.
  const keyTexts = terms.map((_, i) => raw(`k${i}::text`));
  const statement = sql`select id, data, created_at, updated_at, written_by, keys from (
      select *, sum(octet_length(data)) over (order by at) - octet_length(data) as before from (
        select id, (doc -> ${scopeOf(query.at)})::text as data, created_at, updated_at, written_by,
          array[${joined(keyTexts, ", ")}] as keys, row_number() over (order by ${joined(order, ", ")}) as at
        from (${found}) f) t) s
    where at = 1 or before + octet_length(data) <= ${query.bytesMax} order by at`;
  return await run<FoundRow>(db, statement);
}

export async function countDocuments(
  db: Queryable,
  query: Pick<DocsQuery, "at" | "filter" | "index">,
): Promise<number> {
  const [row] = await run<{ count: number }>(
    db,
    sql`select count(*)::float8 as count from docs where ${conditionOf(query)}`,
  );
  return row?.count ?? 0;
}

/** Ids of what a filter finds, in its order; a CTE `hit` of a statement. */
export function hitCte(query: Pick<DocsQuery, "at" | "filter" | "limit">): Part {
  const of = { ...query, index: undefined };
  const order = termsOf(of).map(({ key, isDescending }) => sql`${key} ${raw(isDescending ? "desc" : "")}`);
  return sql`hit as materialized (select id from docs where ${conditionOf(of)}
      order by ${joined(order, ", ")} limit ${query.limit})`;
}

/** Everything that a row must be: of the collection, and what the filter says. */
export function conditionOf({ at, filter, index }: Pick<DocsQuery, "at" | "filter" | "index">): Part {
  const all = filter.where.op === "and" ? filter.where.of : [filter.where];
  const ofData: Condition = { op: "and", of: all.filter(isOfData) };
  const others = all.filter((condition) => !isOfData(condition)).map((of) => sql` and (${mixed(at, of)})`);
  const rest = joined(others, "");
  const own = sql`app_id = ${at.appId} and collection = ${at.collection}`;
  if (ofData.of.length === 0)
    return sql`${own} ${index === undefined ? sql`` : indexConditions(at, index)} ${rest}`;
  const path = documentPath(scopeOf(at), ofData);
  if (index !== undefined)
    return sql`${own} ${indexConditions(at, index)} and jsonb_path_exists_opr(doc, ${path}::text::jsonpath) ${rest}`;
  // The GIN index has the scope in every entry. Also searching the primary key, for all of the collection, would take
  // longer than what it saves; "is true" keeps the planner from it.
  if (isIndexable(ofData) && !isOfOneId(all))
    return sql`(${own}) is true and doc @? ${path}::text::jsonpath ${rest}`;
  // Without an entry to look for, the operator would read the whole index: the function behind it does not.
  return sql`${own} and jsonb_path_exists_opr(doc, ${path}::text::jsonpath) ${rest}`;
}

function isOfOneId(all: readonly Condition[]): boolean {
  return all.some(
    (condition) =>
      (condition.op === "eq" || condition.op === "in") &&
      condition.field.kind === "column" &&
      condition.field.name === "id",
  );
}

/** Conditions on the envelope, alone or together with some on the document. */
function mixed(at: DocsAddress, condition: Condition): Part {
  if (isOfData(condition))
    return sql`jsonb_path_exists_opr(doc, ${documentPath(scopeOf(at), condition)}::text::jsonpath)`;
  if (condition.op === "not") return sql`not (${mixed(at, condition.of)})`;
  if (condition.op === "and" || condition.op === "or") {
    const parts = condition.of.map((of) => sql`(${mixed(at, of)})`);
    return joined(parts, condition.op === "and" ? " and " : " or ");
  }
  return columnCondition(condition);
}

const comparisons = { eq: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

function columnCondition({ op, field, value }: Leaf): Part {
  if (field.kind !== "column") throw new Error("not a column");
  const column = columnPart(field.name);
  const type = raw(field.name === "id" ? "uuid" : "timestamptz");
  if (op === "in") return sql`${column} = any(${value as string[]}::text[]::${type}[])`;
  if (op === "exists" || op === "contains" || op === "starts_with") throw new Error(`no ${op} of a column`);
  return sql`${column} ${raw(comparisons[op])} ${value}::text::${type}`;
}

/** Keys of the order; the id comes last, in the direction of what is before it. */
function termsOf({ at, filter, index }: Pick<DocsQuery, "at" | "filter" | "index">): readonly Term[] {
  const { sort } = filter;
  const isDescending = sort.at(-1)?.isDescending ?? true;
  const id: Term = { key: sql`id`, isDescending, type: "uuid" };
  const hasId = sort.some(({ field }) => field.kind === "column" && field.name === "id");
  return [...sort.flatMap((field) => termsOfField(at, field, index)), ...(hasId ? [] : [id])];
}

function termsOfField(
  at: DocsAddress,
  { field, isDescending }: SortField,
  index: ChosenIndex | undefined,
): readonly Term[] {
  if (field.kind === "column") {
    const type = field.name === "id" ? "uuid" : "timestamptz";
    return [{ key: columnPart(field.name), isDescending, type }];
  }
  const isDeclared = index?.fields.some(({ path }) => isSame(path, field.path)) === true;
  const source = isDeclared ? literalSource(at, field.path) : boundSource([scopeOf(at), ...field.path]);
  return [
    { key: numberKey(source), isDescending, type: "numeric" },
    { key: textKey(source), isDescending, type: "text" },
  ];
}

/** What comes after the keys. With one direction a comparison of rows, which an index serves. */
function afterCursor(after: readonly string[] | undefined, terms: readonly Term[]): Part {
  if (after === undefined) return sql``;
  const values = terms.map(({ type }, i) => sql`${after[i]}::text::${raw(type)}`);
  const isDescending = terms[0]?.isDescending ?? false;
  if (terms.every((term) => term.isDescending === isDescending)) {
    const keys = joined(
      terms.map(({ key }) => key),
      ", ",
    );
    return sql`and (${keys}) ${raw(isDescending ? "<" : ">")} (${joined(values, ", ")})`;
  }
  const steps = terms.map(({ key, isDescending: isDown }, i) => {
    const equal = terms.slice(0, i).map((term, j) => sql`${term.key} = ${values[j]} and `);
    return sql`(${joined(equal, "")} ${key} ${raw(isDown ? "<" : ">")} ${values[i]})`;
  });
  return sql`and (${joined(steps, " or ")})`;
}
