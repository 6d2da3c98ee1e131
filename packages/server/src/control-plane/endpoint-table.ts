/** All endpoints of TABLE 1 by path, to tell an unknown path from a wrong method before anything else is done. */
import type { AnyContractProcedure } from "@orpc/contract";
import { PicloudError } from "@picloud/contract";
import type { EndpointMeta, FeatureContract } from "@picloud/contract";

export interface Endpoint {
  readonly feature: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly capability: NonNullable<EndpointMeta["capability"]>;
  readonly exactMember: string | undefined;
  readonly lines: EndpointMeta["lines"];
  readonly bytes: EndpointMeta["bytes"];
  readonly hasHead: boolean;
  readonly procedure: AnyContractProcedure;
}

export type PathMatch =
  | { readonly kind: "endpoint"; readonly endpoint: Endpoint }
  | { readonly kind: "wrong_method"; readonly allow: readonly string[] }
  | { readonly kind: "unknown" };

/** Throws for an endpoint that does not say what it needs, so that nothing starts, generates or passes with one. */
export function listEndpoints(contracts: Readonly<Record<string, FeatureContract>>): readonly Endpoint[] {
  return Object.entries(contracts).flatMap(([feature, contract]) =>
    Object.entries(contract.endpoints).map(([name, procedure]) => {
      const { route, meta } = procedure["~orpc"];
      const { capability, exactMember, lines, bytes, hasHead = false }: EndpointMeta = meta;
      if (capability === undefined)
        throw new Error(`${feature}.${name} does not say which capability it needs`);
      return {
        feature,
        name,
        method: route.method ?? "POST",
        path: route.path ?? "/",
        capability,
        exactMember,
        lines,
        bytes,
        hasHead,
        procedure,
      };
    }),
  );
}

/** Path parameters as the endpoint names them, percent-decoded. Throws `malformed_request`. */
export function pathParameters(endpoint: Endpoint, path: string): Record<string, string> {
  const parts = path.slice(1).split("/");
  const found: Record<string, string> = {};
  for (const [i, segment] of endpoint.path.slice(1).split("/").entries()) {
    if (segment.startsWith("{")) found[segment.slice(1, -1)] = decoded(parts[i] ?? "");
  }
  return found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new PicloudError("malformed_request", "The path has an invalid percent-encoding.", { cause });
  }
}

/** Gives the function that matches a method and the path below the API's prefix. */
export function createEndpointTable(
  endpoints: readonly Endpoint[],
): (method: string, path: string) => PathMatch {
  const patterns = endpoints.map((endpoint) => ({ endpoint, segments: endpoint.path.slice(1).split("/") }));
  return (method, path) => {
    const parts = path.slice(1).split("/");
    const fitting = patterns.filter(({ segments }) => fits(segments, parts));
    // As everywhere: a literal segment goes before a parameter.
    const best = fitting.toSorted((a, b) => literals(b.segments) - literals(a.segments));
    const found = best.find(
      ({ endpoint: one }) => one.method === method || (method === "HEAD" && one.hasHead),
    );
    if (found !== undefined) return { kind: "endpoint", endpoint: found.endpoint };
    if (best.length === 0) return { kind: "unknown" };
    return {
      kind: "wrong_method",
      allow: [
        ...new Set(best.flatMap(({ endpoint: one }) => (one.hasHead ? [one.method, "HEAD"] : [one.method]))),
      ].toSorted(),
    };
  };
}

function fits(segments: readonly string[], parts: readonly string[]): boolean {
  return (
    segments.length === parts.length &&
    segments.every((segment, i) => (segment.startsWith("{") ? parts[i] !== "" : segment === parts[i]))
  );
}

function literals(segments: readonly string[]): number {
  return segments.filter((segment) => !segment.startsWith("{")).length;
}
