/** The one interface that all features satisfy: the server side of a contract. */
import type { FeatureContract, JsonText } from "@picloud/contract";
import type { ContractProcedure, ErrorMap, InferSchemaInput, InferSchemaOutput, Meta } from "@orpc/contract";
import type { Context } from "./context.ts";

/** What the API passes with an input that is not part of it. */
export interface EndpointCall {
  readonly signal: AbortSignal | undefined;
  /** `Last-Event-ID` of a stream that is taken up again. */
  readonly lastEventId: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Adds a header to the answer. */
  setHeader(name: string, value: string): void;
  /** For endpoints of bytes. */
  readonly bytes?: BytesExchange;
}

export interface BytesExchange {
  /** The body, part by part; throws `malformed_request` where the client ended early. Empty where none is taken. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The request is HEAD: nobody reads a body. */
  readonly isHead: boolean;
  /** What an endpoint that gives bytes answers with; its handler gives nothing else. */
  readonly answer: (answer: BytesAnswer) => void;
}

/** An answer of bytes. The body is read as fast as the client takes it; a failure in it cuts the connection. */
export class BytesAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> | undefined;
  constructor(
    status: number,
    headers: Readonly<Record<string, string>>,
    body: AsyncIterable<Uint8Array> | undefined,
  ) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** What a method that returns bytes gives: an object as JSON, and the bytes of its member `data`. */
export class BytesReply {
  readonly json: JsonText;
  readonly bytes: Uint8Array;
  constructor(json: JsonText, bytes: Uint8Array) {
    this.json = json;
    this.bytes = bytes;
  }
}

/** Input as parsed by the contract's schema, output as that schema takes it. */
type EndpointHandler<P> =
  P extends ContractProcedure<infer I, infer O, ErrorMap, Meta>
    ? (ctx: Context, input: InferSchemaOutput<I>, call: EndpointCall) => Promise<InferSchemaInput<O>>
    : never;

/** A script's call. `args` as the contract's schemas parsed them (`JsonText` for raw ones), the collection name first.
 *  Bytes of a method that takes them come after all arguments. Gives any JSON value, `JsonText` (sent as it is),
 *  `BytesReply` or `undefined` for absent. */
export type MethodHandler = (ctx: Context, args: readonly unknown[]) => Promise<unknown>;

/** Path parameters of an endpoint, decoded, with the query. */
export type LinesInput = Readonly<Record<string, string>>;

/** The JSON lines of an endpoint whose contract says `lines`. */
export type LinesHandler =
  | {
      /** Text of whole lines, piece by piece; the next piece is asked for when the caller has taken the one before. */
      readonly export: (ctx: Context, input: LinesInput, call: LinesCall) => AsyncIterable<string>;
    }
  | {
      /** Takes lines without their ends, empty ones too; gives what the answer says. */
      readonly import: (ctx: Context, input: LinesInput, call: LinesCall & ImportedLines) => Promise<unknown>;
    };

export interface LinesCall {
  /** Aborts when the caller leaves, its token ends or the server stops. */
  readonly signal: AbortSignal;
}
interface ImportedLines {
  readonly lines: AsyncIterable<string>;
}

export interface Feature<C extends FeatureContract = FeatureContract> {
  readonly contract: C;
  readonly endpoints: { readonly [K in keyof C["endpoints"]]: EndpointHandler<C["endpoints"][K]> };
  readonly methods: { readonly [K in keyof C["methods"]]: MethodHandler };
  /** By the name of the endpoint. */
  readonly lines?: Readonly<Record<string, LinesHandler>>;
}

export function defineFeature<const C extends FeatureContract>(
  contract: C,
  side: Omit<Feature<C>, "contract">,
): Feature<C> {
  return { contract, ...side };
}
