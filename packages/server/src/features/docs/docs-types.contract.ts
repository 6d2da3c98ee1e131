/** TypeScript declarations that the typings of docs use: an unknown field in a filter is a type error. */
export const docsTypes = `
/** A document with its envelope. */
export interface Document<T = Json> {
  readonly id: string;
  readonly data: T;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Names of fields, with dots for fields of fields, up to four levels. */
export type DocsField<T, Depth extends readonly unknown[] = []> = Json extends T
  ? string
  : Depth["length"] extends 4
    ? never
    : T extends readonly unknown[]
      ? never
      : T extends object
        ? { [K in keyof T & string]: K | \`\${K}.\${DocsField<NonNullable<T[K]>, [...Depth, 0]>}\` }[keyof T & string]
        : never;

/** The type of a field by its name. */
export type DocsValue<T, Name extends string> = Json extends T
  ? Json
  : Name extends keyof T
    ? T[Name]
    : Name extends \`\${infer First}.\${infer Rest}\`
      ? First extends keyof T
        ? DocsValue<NonNullable<T[First]>, Rest>
        : never
      : never;

/** What a field must be: a value that it equals, or operators that must all hold. */
export type DocsCondition<V> =
  | V
  | null
  | {
      readonly $eq?: V | null;
      readonly $ne?: V | null;
      readonly $gt?: V;
      readonly $gte?: V;
      readonly $lt?: V;
      readonly $lte?: V;
      readonly $in?: readonly (V | null)[];
      readonly $nin?: readonly (V | null)[];
      readonly $exists?: boolean;
      readonly $contains?: Json extends V ? Json : NonNullable<V> extends readonly (infer Item)[] ? Item : never;
      readonly $starts_with?: string;
      readonly $not?: DocsCondition<V>;
    };

type DocsConditions<T> = { readonly [Name in DocsField<T>]?: DocsCondition<DocsValue<T, Name>> };

interface DocsLogic<T> {
  readonly $and?: readonly DocsWhere<T>[];
  readonly $or?: readonly DocsWhere<T>[];
  readonly $not?: DocsWhere<T>;
  readonly $id?: DocsCondition<string>;
  readonly $created_at?: DocsCondition<string | Date>;
  readonly $updated_at?: DocsCondition<string | Date>;
}

type DocsWhere<T> = Json extends T ? { readonly [name: string]: unknown } : DocsConditions<T> & DocsLogic<T>;

type DocsSortName<T> = DocsField<T> | "$id" | "$created_at" | "$updated_at";
type DocsSort<T> = DocsSortName<T> | \`-\${DocsSortName<T>}\` | { readonly [Name in DocsSortName<T>]?: "asc" | "desc" | 1 | -1 };

/** Which documents, in which order, how many. */
export type DocsFilter<T = Json> = DocsWhere<T> & {
  readonly $sort?: DocsSort<T> | readonly DocsSort<T>[];
  readonly $limit?: number;
};

/** What is merged into a document: null removes a member. */
export type DocsPatch<T = Json> = Json extends T
  ? { readonly [name: string]: unknown }
  : T extends readonly unknown[]
    ? T
    : T extends object
      ? { readonly [K in keyof T]?: DocsPatch<T[K]> | null }
      : T;
`;
