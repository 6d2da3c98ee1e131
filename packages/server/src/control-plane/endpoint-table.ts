/** All endpoints of TABLE 1 by path, to tell an unknown path from a wrong method before anything else is done. */
import type { AnyContractProcedure } from "@orpc/contract";
import type { EndpointMeta, FeatureContract } from "@picloud/contract";

export interface Endpoint {
  readonly feature: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly capability: NonNullable<EndpointMeta["capability"]>;
  readonly exactMember: string | undefined;
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
      const { capability, exactMember }: EndpointMeta = meta;
      if (capability === undefined)
        throw new Error(`${feature}.${name} does not say which capability it needs`);
      return {
        feature,
        name,
        method: route.method ?? "POST",
        path: route.path ?? "/",
        capability,
        exactMember,
        procedure,
      };
    }),
  );
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
    const found = best.find(({ endpoint }) => endpoint.method === method);
    if (found !== undefined) return { kind: "endpoint", endpoint: found.endpoint };
    if (best.length === 0) return { kind: "unknown" };
    return {
      kind: "wrong_method",
      allow: [...new Set(best.map(({ endpoint }) => endpoint.method))].toSorted(),
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
