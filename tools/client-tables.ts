/** What `pic` and the client need to know of the contracts, without the schemas, which take longer to load than all else
 *  a command does. */
import { isStream } from "@picloud/contract";
import type { EndpointMeta } from "@picloud/contract";
import type { DerivedNoun, DerivedVerb } from "../packages/cli/src/derived-noun.ts";
import type { Endpoint } from "../packages/client/src/endpoint.ts";
import { contracts } from "../packages/server/src/contract.ts";
import { inputFields } from "./input-fields.ts";

/** What is read of an oRPC contract procedure. */
interface ProcedureView {
  readonly "~orpc": {
    readonly meta: EndpointMeta;
    readonly route: { readonly path?: string };
    readonly inputSchema?: unknown;
  };
}

/** Every noun of TABLE 1 with its verbs; features may share one, the first gives its summary. */
function derivedNouns(): readonly DerivedNoun[] {
  const nouns = new Map<string, DerivedNoun>();
  for (const [feature, contract] of Object.entries(contracts)) {
    if (!("noun" in contract)) continue;
    const { noun, summary } = contract;
    const endpoints: readonly (readonly [string, ProcedureView])[] = Object.entries(contract.endpoints);
    const verbs = endpoints.flatMap(([endpoint, procedure]) =>
      derivedVerb(feature, noun, endpoint, procedure),
    );
    const first = nouns.get(noun);
    nouns.set(noun, { noun, summary: first?.summary ?? summary, verbs: [...(first?.verbs ?? []), ...verbs] });
  }
  return [...nouns.values()];
}

function derivedVerb(
  feature: string,
  noun: string,
  endpoint: string,
  procedure: ProcedureView,
): readonly DerivedVerb[] {
  const { meta, route, inputSchema } = procedure["~orpc"];
  if (meta.cli === undefined) return [];
  const { verb, summary, positionals = [], columns = [] } = meta.cli;
  const fields = inputFields(inputSchema);
  return [
    {
      feature,
      endpoint,
      noun,
      verb,
      summary,
      path: route.path ?? "",
      positionals: positionals.map((name) => {
        const field = fields.find((one) => one.name === name);
        if (field === undefined) throw new Error(`${noun} ${verb}: no input field ${name}`);
        return field;
      }),
      flags: fields.filter((field) => field.name !== "app" && !positionals.includes(field.name)),
      columns,
      isList: fields.some((field) => field.name === "cursor"),
    },
  ];
}

/** `packages/cli/src/nouns.generated.ts`. */
export function nounsFile(): string {
  return `/** Nouns and verbs of \`pic\`, made from the contracts by \`npm run generate\`. */
import type { DerivedNoun } from "./derived-noun.ts";

export const nouns: readonly DerivedNoun[] = ${JSON.stringify(derivedNouns())};
`;
}

/** `packages/client/src/endpoints.generated.ts`. */
export function endpointsFile(): string {
  const features = Object.entries(contracts).map(([feature, contract]) => {
    const all = Object.entries(contract.endpoints).map(([name, procedure]) => {
      const { method = "POST", path = "" } = procedure["~orpc"].route;
      return [name, { method, path, isStream: isStream(procedure) } satisfies Endpoint];
    });
    return [feature, Object.fromEntries(all)];
  });
  return `/** Endpoints of the admin API, made from the contracts by \`npm run generate\`. */
import type { Endpoint } from "./endpoint.ts";

export const endpoints: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = ${JSON.stringify(Object.fromEntries(features))};
`;
}
