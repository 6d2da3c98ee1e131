/** How a feature describes itself. Everything outside (API, client, CLI, typings, docs) is derived from this. */
import { getEventIteratorSchemaDetails, oc } from "@orpc/contract";
import type { AnyContractProcedure } from "@orpc/contract";
import type { z } from "zod";
import type { Capability } from "./roles.ts";

/** How `pic` shows and takes an endpoint; without it the endpoint has no derived verb. */
export interface CliVerb {
  /** `ls`, `show`, `create`, `delete`, `get`, `set` …; the noun is the feature's. */
  readonly verb: string;
  /** Input fields taken as positional arguments, in order; the rest are flags. `app` is always `--app`. */
  readonly positionals?: readonly string[];
  /** Columns of TSV output, in order; names of the output's (items') fields. */
  readonly columns?: readonly string[];
  readonly summary: string;
}

export interface EndpointMeta {
  /** What the caller must hold; `none` for open endpoints, `session` for any principal, `own_session` for a user who is logged
   *  in, which a key is not. Required: `listEndpoints` throws without it. */
  readonly capability?: Capability | "none" | "session" | "own_session";
  readonly cli?: CliVerb;
  /** Member of the body that the handler gets as `JsonText`: its numbers stay as they were written. */
  readonly exactMember?: string;
  /** The endpoint also speaks JSON lines (`application/x-ndjson`): gives them if the caller accepts them, or takes them as
   *  the type of the body. The handler is the feature's of the same name in `lines`. */
  readonly lines?: "export" | "import";
  /** `in`: the body of the request is bytes, its other input in path and query. `out`: the answer is bytes. Both pass
   *  through in parts, whatever their size. */
  readonly bytes?: "in" | "out";
  /** Answers HEAD as well as GET. */
  readonly hasHead?: boolean;
}

/** Builder of an endpoint: `endpoint.route({method, path}).meta({…}).input(schema).output(schema)`. Path parameters,
 *  query and body members are one flat input object. */
export const endpoint = oc.$meta<EndpointMeta>({});

/** Does the endpoint answer with a stream of events? */
export function isStream(procedure: AnyContractProcedure): boolean {
  return getEventIteratorSchemaDetails(procedure["~orpc"].outputSchema) !== undefined;
}

/** An argument whose JSON text passes through the server unparsed (see `JsonText`). */
export const rawJson = "raw-json";

export interface MethodArgument {
  readonly name: string;
  /** A schema parses the argument; `rawJson` hands over its text. */
  readonly schema: z.ZodType | typeof rawJson;
  /** TypeScript type for the typings. */
  readonly type: string;
  readonly optional?: boolean;
}

/** One call that scripts can make. */
export interface MethodContract {
  readonly summary: string;
  /** `collection`: a method of the handle; the collection name is then the first argument on the wire. */
  readonly on?: "collection";
  readonly effect: "read" | "write" | "none";
  /** Where in the answer the names are PiCloud's own and turn into camelCase in TypeScript: in the object, in each object
   *  of the array, or in a page and each of its items. Default: a page for `list`, else nowhere. */
  readonly reply?: "record" | "records" | "page";
  readonly capability: Capability;
  readonly args: readonly MethodArgument[];
  /** The object that is this argument (0 is the first of `args`) also has a member `data`, bytes or a string: it crosses
   *  beside the JSON, and the handler gets it as `Uint8Array` after all arguments. */
  readonly takesBytes?: { readonly argument: number; readonly isRequired: boolean };
  /** Bytes at any depth of an argument are base64 text in its JSON; without this they are refused. */
  readonly bytesAsText?: true;
  /** The object that comes back also has a member `data` with bytes. */
  readonly returnsBytes?: true;
  /** TypeScript type of what the promise gives. */
  readonly returns: string;
  readonly example: { readonly typescript: string; readonly rhai: string };
}

export interface LimitContract {
  readonly name: string;
  readonly most: number;
  readonly unit: string;
  readonly code: "too_large" | "invalid";
}

export interface EventContract {
  /** Trigger kind and `ctx.event.source`. */
  readonly source: string;
  readonly ops: readonly string[];
  /** What the typings say of it; absent: that a trigger of this kind hands it to its script. */
  readonly comment?: string;
  /** Fields of `ctx.event.<source>` with their TypeScript types. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface FeatureContract {
  /** One line for the docs. */
  readonly summary: string;
  /** Noun of `pic`, with `-`; absent: no derived verbs. */
  readonly noun?: string;
  readonly endpoints: Readonly<Record<string, AnyContractProcedure>>;
  readonly methods: Readonly<Record<string, MethodContract>>;
  /** TypeScript declarations that the types of its methods use, for the typings. */
  readonly types?: string;
  readonly events: readonly EventContract[];
  readonly limits: readonly LimitContract[];
}

/** Keeps the literal types of a feature's contract. */
export function defineContract<const T extends FeatureContract>(contract: T): T {
  return contract;
}
