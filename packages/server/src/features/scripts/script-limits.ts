/** Limits of scripts: what a script asks for, under the ceilings of the instance, with its defaults. */
import { PicloudError } from "@picloud/contract";
import type { Config } from "../../config.ts";
import { limitNames } from "./scripts.contract.ts";
import type { LimitName } from "./scripts.contract.ts";

/** What a script sets itself; the rest follows the instance. */
export type OwnLimits = { readonly [K in LimitName]?: number | undefined };
/** What applies to a run. Units as in `api.md` §7. */
export type EffectiveLimits = { readonly [K in LimitName]: number };

/** Throws `invalid` with one field for each limit above its ceiling. `path` is where they stand in the request. */
export function checkLimits(config: Config, own: OwnLimits, path: string): void {
  const fields = limitNames.flatMap((name) => {
    const { ceiling } = config.limits[name];
    return (own[name] ?? 0) > ceiling
      ? [{ path: `${path}.${name}`, message: `must be at most ${ceiling}, the ceiling of this server` }]
      : [];
  });
  if (fields.length > 0)
    throw new PicloudError("invalid", `A limit is above its ceiling: ${fields[0]?.path}.`, { fields });
}

/** A ceiling that was lowered after the save holds too. */
export function effectiveLimits(config: Config, own: OwnLimits): EffectiveLimits {
  const entries = limitNames.map((name) => {
    const { default: fallback, ceiling } = config.limits[name];
    return [name, Math.min(own[name] ?? fallback, ceiling)];
  });
  // One entry for each name of the closed list.
  return Object.fromEntries(entries) as EffectiveLimits;
}
