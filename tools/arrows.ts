/** Checks the dependency arrows of ARCHITECTURE.md on every import of every source file in `packages/`. */
import { dirname, join, normalize } from "node:path";
import { parseSync } from "oxc-parser";
import { findCycle } from "./find-cycle.ts";
import { isTest, listFiles, readFiles } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";

/** One import. */
export interface Edge {
  readonly from: string;
  /** Path from the root of the repository for a file of ours, else the specifier as written. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

interface Arrow {
  readonly name: string;
  readonly from: RegExp;
  /** What is forbidden. */
  readonly to: RegExp;
  /** Targets (or, with `typeOnly`, targets of type imports) that are allowed all the same. */
  readonly except?: RegExp;
  readonly exceptTypes?: RegExp;
  /** Files that the arrow does not bind. */
  readonly exceptFrom?: RegExp;
}

const SERVER = "^packages/server/src/";
const arrow = (text: string): RegExp => new RegExp(text);

/** In the order of `layout.md`: packages (§2), the inside of the server (§2), suffixes (§2), sandbox (§3). */
const arrows: readonly Arrow[] = [
  {
    name: "contract-package-is-pure: it imports zod and @orpc/contract only",
    from: /^packages\/contract\/src\//,
    to: /./,
    except: /^packages\/contract\/src\/|^zod$|^@orpc\/contract$/,
  },
  {
    name: "rhai-is-pure: it imports nothing, and knows nothing of its command",
    from: /^packages\/rhai\/src\/(?!cli\/)/,
    to: /./,
    except: /^packages\/rhai\/src\/(?!cli\/)/,
  },
  {
    name: "rhai-command-imports-node-only",
    from: /^packages\/rhai\/src\/cli\//,
    to: /./,
    except: /^packages\/rhai\/src\/|^node:/,
  },
  {
    name: "rhai-runtime-stands-alone: it is bundled for isolates",
    from: /^packages\/rhai\/src\/runtime\//,
    to: /./,
    except: /^packages\/rhai\/src\/runtime\//,
  },
  {
    name: "sandbox-knows-nothing-of-ours",
    from: /^packages\/sandbox\//,
    to: /^@picloud\/|^packages\/(?!sandbox\/)/,
  },
  {
    name: "client-runs-anywhere: contracts and the oRPC client only",
    from: /^packages\/client\//,
    to: /./,
    except:
      /^packages\/client\/|^@picloud\/contract\/values$|^@picloud\/server\/contract$|^@orpc\/(client|contract|openapi-client)(\/|$)/,
  },
  {
    name: "clients-see-contracts-only: of the server @picloud/server/contract",
    from: /^packages\/(cli|dashboard)\//,
    to: /^@picloud\/|^packages\/(?!cli\/|dashboard\/)/,
    except: /^@picloud\/(client|contract|contract\/values|rhai)$|^@picloud\/server\/contract$/,
  },
  {
    name: "packages-by-name: no relative path into another package",
    from: /^packages\/([^/]+)\//,
    to: /^packages\/(?!<own>\/)|^(tools|tests|bench|examples)\//,
  },
  {
    name: "server-imports: contract, rhai and sandbox only of ours",
    from: arrow(SERVER),
    to: /^@picloud\//,
    except: /^@picloud\/(contract|rhai|sandbox)$/,
  },
  {
    name: "main-process-never-evaluates-user-code: isolated-vm and node:vm only under sandbox/src/executor/",
    from: /^packages\//,
    to: /^isolated-vm(\/|$)|^(node:)?vm$/,
    exceptFrom: /^packages\/sandbox\/src\/executor\//,
  },
  {
    name: "composition-root: only main.ts imports server.ts, nothing imports main.ts",
    from: arrow(SERVER),
    to: /^packages\/server\/src\/(server|main)\.ts$/,
    exceptTypes: /^packages\/server\/src\/server\.ts$/,
    exceptFrom: /^packages\/server\/src\/main\.ts$/,
  },
  {
    name: "platform-knows-no-feature: nothing above it, of the settings their type",
    from: arrow(`${SERVER}platform/`),
    to: arrow(SERVER),
    except: /^packages\/server\/src\/platform\//,
    exceptTypes: /^packages\/server\/src\/config\.ts$/,
  },
  {
    name: "config-is-a-leaf",
    from: arrow(`${SERVER}config\\.ts$`),
    to: arrow(SERVER),
    except: /^packages\/server\/src\/platform\//,
  },
  {
    name: "control-plane-knows-no-data-plane",
    from: arrow(`${SERVER}control-plane/`),
    to: arrow(`${SERVER}data-plane/`),
  },
  {
    name: "data-plane-knows-no-control-plane",
    from: arrow(`${SERVER}data-plane/`),
    to: arrow(`${SERVER}control-plane/`),
  },
  {
    name: "planes-see-faces-only: of a feature its service and contract",
    from: arrow(`${SERVER}(control-plane|data-plane)/`),
    to: arrow(`${SERVER}features/`),
    except: /\.(service|contract)\.ts$/,
  },
  {
    name: "features-stand-on-platform: not on planes or tables",
    from: arrow(`${SERVER}features/`),
    to: arrow(SERVER),
    except: /^packages\/server\/src\/(features|platform)\//,
    exceptTypes: /^packages\/server\/src\/config\.ts$/,
  },
  {
    name: "feature-privacy: of another feature its service and contract",
    from: arrow(`${SERVER}features/([^/]+)/`),
    to: arrow(`${SERVER}features/(?!<own>/)`),
    except: /\.(service|contract)\.ts$/,
  },
  {
    name: "table-2-imports-wiring: features.ts sees *.server.ts and *.service.ts of features",
    from: arrow(`${SERVER}features\\.ts$`),
    to: arrow(`${SERVER}features/`),
    except: /\.(server|service)\.ts$/,
  },
  {
    name: "contracts-are-pure: zod, the contract package and other contracts",
    from: arrow(`${SERVER}(contract\\.ts$|.*\\.contract\\.ts$)`),
    to: /./,
    except: /^packages\/server\/src\/.*\.contract\.ts$|^@picloud\/contract$|^@orpc\/contract$|^zod$/,
  },
  {
    name: "repositories-hold-sql-only: platform/database/, own contract, repositories and types",
    from: /\.repository\.ts$/,
    to: /./,
    except:
      /^packages\/server\/src\/platform\/database\/|^packages\/server\/src\/features\/<own>\/[^/]+\.(contract|repository)\.ts$|^@picloud\/contract$/,
    exceptTypes:
      /^packages\/server\/src\/(platform|features\/<own>)\/|^packages\/server\/src\/features\/.*\.service\.ts$|^postgres$/,
  },
  {
    name: "wiring-has-no-sql: *.server.ts never imports a repository",
    from: /\.server\.ts$/,
    to: /\.repository\.ts$/,
  },
  {
    name: "sandbox-host-never-executor: the main process loads nothing of executor/",
    from: /^packages\/sandbox\/src\//,
    to: /^packages\/sandbox\/src\/executor\//,
    exceptFrom: /^packages\/sandbox\/src\/executor\//,
  },
  {
    name: "sandbox-executor-never-host",
    from: /^packages\/sandbox\/src\/executor\//,
    to: /^packages\/sandbox\/src\/(host\/|sandbox\.ts$)/,
  },
  {
    name: "guest-imports-nothing",
    from: /^packages\/sandbox\/src\/guest\/|\.guest\.js$/,
    to: /./,
  },
];

/** What a dynamic import with a computed specifier is called: no check can follow it. */
const COMPUTED = "<computed>";

/** Every static import, re-export and dynamic import of a file. Throws if the file does not parse. */
export function edgesOf({ path, text }: SourceFile): Edge[] {
  const { module, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`);
  const edge = (specifier: string, isTypeOnly: boolean): Edge => ({
    from: path,
    to: specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier,
    isTypeOnly,
  });
  const imports = module.staticImports.map(({ moduleRequest, entries }) =>
    edge(moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType)),
  );
  const reexports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest === null ? [] : [edge(moduleRequest.value, isType)],
    ),
  );
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => {
    const literal = /^(["'`])([^"'`$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
    return edge(literal?.[2] ?? COMPUTED, false);
  });
  return [...imports, ...reexports, ...dynamic];
}

/** One line for each forbidden import among `edges`, and one for a cycle between features. */
export function checkEdges(edges: readonly Edge[]): string[] {
  const bound = edges.filter(({ from }) => !isTest(from));
  const found = bound.flatMap((edge) => {
    if (edge.to === COMPUTED)
      return [`${edge.from} imports a computed specifier: write it out, so that the arrows can be checked`];
    return arrows
      .filter((candidate) => isForbidden(candidate, edge))
      .map(({ name }) => `${edge.from} → ${edge.to}: ${name}`);
  });
  const cycle = findCycle(featureEdges(bound));
  return cycle === undefined ? found : [...found, `features depend on each other: ${cycle.join(" → ")}`];
}

function isForbidden({ from, to, except, exceptTypes, exceptFrom }: Arrow, edge: Edge): boolean {
  const match = from.exec(edge.from);
  if (match === null || exceptFrom?.test(edge.from) === true) return false;
  const own = match[1] ?? featureOf(edge.from) ?? "";
  if (!withOwn(to, own).test(edge.to)) return false;
  if (except !== undefined && withOwn(except, own).test(edge.to)) return false;
  return !(edge.isTypeOnly && exceptTypes !== undefined && withOwn(exceptTypes, own).test(edge.to));
}

/** `<own>` in a pattern stands for the package or feature of the importing file. */
function withOwn(pattern: RegExp, own: string): RegExp {
  return pattern.source.includes("<own>") ? new RegExp(pattern.source.replaceAll("<own>", own)) : pattern;
}

function featureOf(path: string): string | undefined {
  return /^packages\/server\/src\/features\/([^/]+)\//.exec(path)?.[1];
}

/** Pairs of features of which the first imports the second. Contracts are left out: they are data, and may quote each
 *  other's schemas. */
function featureEdges(edges: readonly Edge[]): [string, string][] {
  return edges.flatMap(({ from, to }): [string, string][] => {
    const [a, b] = [featureOf(from), featureOf(to)];
    if (a === undefined || b === undefined || a === b || to.endsWith(".contract.ts")) return [];
    return [[a, b]];
  });
}

/** The whole check. `edges` is 0 when it was blind, which counts as a failure. */
export function checkArrows(root: string): { readonly edges: number; readonly offences: readonly string[] } {
  const paths = listFiles(root).filter((path) => /^packages\/[^/]+\/src\/.*\.(tsx?|m?js)$/.test(path));
  const edges = readFiles(root, paths).flatMap(edgesOf);
  return { edges: edges.length, offences: checkEdges(edges) };
}

if (import.meta.main) {
  const { edges, offences } = checkArrows(join(import.meta.dirname, ".."));
  for (const offence of offences) console.error(offence);
  console.log(`arrows: ${edges} edges, ${offences.length} forbidden`);
  process.exitCode = offences.length > 0 || edges === 0 ? 1 : 0;
}
