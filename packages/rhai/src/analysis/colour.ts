/** Colour: which functions may wait for the host and become generators, and where they wait. Whole program, optimistic:
 *  everything is plain until a way to the host is found. */
import { type Scopes, type Unit } from "./binding.ts";
import { type Site, type SiteNode } from "./colour-sites.ts";
import { ColourWalk } from "./colour-walk.ts";
import { canSuspend, type ColourOptions } from "./host-names.ts";

/** Why a unit is coloured. */
export interface Reason {
  readonly text: string;
  /** Offset of the call that makes it so, in the unit's own source. */
  readonly at: number;
}

/** A call that may wait. */
export interface SiteColour {
  /** A host function that suspends is called by name. */
  readonly isHost: boolean;
  /** The receiver may be a handle whose method suspends: `x instanceof Handle` decides. */
  readonly isHandle: boolean;
  /** A function of the script that is called by name is coloured. */
  readonly isDirect: boolean;
  /** A function value that may be called here is coloured, or nobody knows what is called. */
  readonly isDynamic: boolean;
}

export interface Colours {
  /** Units that are generators. */
  readonly coloured: ReadonlyMap<Unit, Reason>;
  /** Calls that may wait; all others are plain. */
  readonly sites: ReadonlyMap<SiteNode, SiteColour>;
}

const nothing: Colours = { coloured: new Map(), sites: new Map() };

/** Colours of a program and its modules, which share values and so are looked at together. */
export function analyseColours(programs: readonly Scopes[], options: ColourOptions): Colours {
  if (!canSuspend(options.host)) return nothing;
  const walk = new ColourWalk(programs, options);
  walk.run();
  return settleColours(walk.sites);
}

/** From calls of the host backwards to everything that calls them. */
function settleColours(sites: readonly Site[]): Colours {
  const callers = new Map<Unit, Site[]>();
  for (const site of sites) {
    for (const callees of [site.direct, site.dynamic]) {
      for (const unit of callees) {
        const list = callers.get(unit);
        if (list === undefined) callers.set(unit, [site]);
        else list.push(site);
      }
    }
  }
  const coloured = new Map<Unit, Reason>();
  const waiting: Unit[] = [];
  const colour = (unit: Unit, text: string, at: number): void => {
    if (coloured.has(unit)) return;
    coloured.set(unit, { text, at });
    waiting.push(unit);
  };
  for (const site of sites) {
    if (site.isHost || site.isHandle || site.isUnknown) colour(site.unit, reasonOf(site), site.node.at);
  }
  for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop()) {
    for (const site of callers.get(unit) ?? []) {
      const how = site.direct.has(unit) ? "calls" : `${nameOf(site.node)} may call`;
      colour(site.unit, `${how} ${unitName(unit)}`, site.node.at);
    }
  }
  return { coloured, sites: siteColours(sites, coloured) };
}

function siteColours(sites: readonly Site[], coloured: ReadonlyMap<Unit, Reason>): Map<SiteNode, SiteColour> {
  const found = new Map<SiteNode, SiteColour>();
  for (const { node, isHost, isHandle, isUnknown, direct, dynamic } of sites) {
    const isDirect = hasColour(direct, coloured);
    const isDynamic = isUnknown || hasColour(dynamic, coloured);
    if (isHost || isHandle || isDirect || isDynamic) {
      found.set(node, { isHost, isHandle, isDirect, isDynamic });
    }
  }
  return found;
}

function hasColour(units: ReadonlySet<Unit>, coloured: ReadonlyMap<Unit, Reason>): boolean {
  for (const unit of units) if (coloured.has(unit)) return true;
  return false;
}

function reasonOf({ node, isHost, isHandle }: Site): string {
  if (isHost) return `calls ${nameOf(node)} of the host`;
  if (isHandle) return `calls .${nameOf(node)} of a handle`;
  return `${nameOf(node)} may call anything`;
}

function nameOf(node: SiteNode): string {
  if (node.kind === "import") return "import";
  if (node.kind === "binary") return node.operator;
  if (node.kind === "method") return node.name;
  return [...node.namespace.map((part) => part.text), node.name].join("::");
}

function unitName(unit: Unit): string {
  return unit.kind === "function" ? `${unit.name}/${unit.params.length}` : `a ${unit.kind}`;
}
