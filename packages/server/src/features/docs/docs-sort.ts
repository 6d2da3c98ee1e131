/** `$sort`: which fields, in which direction. */
import { docsLimits } from "./docs.contract.ts";
import { fieldPath, findColumn, invalid, isObject, type Field } from "./docs-field.ts";

export interface SortField {
  readonly field: Field;
  readonly isDescending: boolean;
}

const descending: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [1, false],
  ["asc", false],
  [-1, true],
  ["desc", true],
]);

/** `"at"`, `"-at"`, `{at: "desc"}` or a list of such. Throws `invalid`. */
export function parseSort(value: unknown, path: string): readonly SortField[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0 || items.length > docsLimits.sortFields)
    throw invalid(path, `must name 1 to ${docsLimits.sortFields} fields`);
  const sort = items.map((item, i) => sortField(item, Array.isArray(value) ? `${path}[${i}]` : path));
  const names = new Set(sort.map(({ field }) => JSON.stringify(field)));
  if (names.size < sort.length) throw invalid(path, "names a field twice");
  return sort;
}

function sortField(item: unknown, path: string): SortField {
  if (typeof item === "string") {
    const isDescending = item.startsWith("-");
    return { field: sortedField(isDescending ? item.slice(1) : item, path), isDescending };
  }
  const members = isObject(item) ? Object.entries(item) : [];
  const [member] = members;
  if (member === undefined) throw invalid(path, 'must be a field: "at", "-at" or {"at": "desc"}');
  if (members.length > 1)
    throw invalid(path, 'names several fields in no order: write a list, as in ["-at", "name"]');
  const isDescending = descending.get(member[1]);
  if (isDescending === undefined) throw invalid(`${path}.${member[0]}`, 'must be "asc", "desc", 1 or -1');
  return { field: sortedField(member[0], path), isDescending };
}

function sortedField(name: string, path: string): Field {
  const column = findColumn(name);
  if (column !== undefined) return { kind: "column", name: column };
  if (name.startsWith("$"))
    throw invalid(path, `can't sort by ${name}: there are $id, $created_at, $updated_at and fields`);
  return { kind: "data", path: fieldPath(name, path) };
}
