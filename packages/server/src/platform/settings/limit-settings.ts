/** The settings of script limits: two variables for each, the default and the ceiling. */
import type { Environment, SettingProblem } from "../../config.ts";
import { wholeNumber } from "./setting-forms.ts";

interface LimitSetting {
  readonly default: number;
  readonly ceiling: number;
  readonly form: string;
}

function limit(defaultValue: number, ceiling: number, unit: string): LimitSetting {
  return { default: defaultValue, ceiling, form: wholeNumber(1, LIMIT_MAX, unit).form };
}

/** No limit is higher; far above what a machine holds, and exact. */
const LIMIT_MAX = 1_000_000_000_000;

/** Names as in a script's `limits`. */
export const LIMITS = {
  timeout_seconds: limit(30, 900, "seconds"),
  cpu_ms: limit(5_000, 60_000, "milliseconds"),
  memory_mb: limit(64, 512, "MiB"),
  operations: limit(10_000_000, 1_000_000_000, "operations"),
  call_depth: limit(64, 256, "calls"),
  string_bytes: limit(1_048_576, 16_777_216, "bytes"),
  array_items: limit(100_000, 1_000_000, "items"),
  map_entries: limit(100_000, 1_000_000, "entries"),
  host_calls: limit(1_000, 100_000, "calls"),
  response_bytes: limit(6_291_456, 67_108_864, "bytes"),
  log_bytes: limit(262_144, 4_194_304, "bytes"),
} as const satisfies Record<string, LimitSetting>;

export type LimitName = keyof typeof LIMITS;

export type Limits = { readonly [K in LimitName]: { readonly default: number; readonly ceiling: number } };

/** `cpu_ms` → `PICLOUD_LIMIT_CPU_MS`. */
export function limitVariable(name: string): string {
  return `PICLOUD_LIMIT_${name.toUpperCase()}`;
}

/** Reads both variables of each limit; a default that is not given is lowered to a lower ceiling. */
export function parseLimits(environment: Environment, problems: SettingProblem[]): Limits {
  const limits: Record<string, { default: number; ceiling: number }> = {};
  for (const [name, standard] of Object.entries(LIMITS)) {
    const variable = limitVariable(name);
    const ceiling = parseOne(environment, `${variable}_MAX`, standard.form, problems) ?? standard.ceiling;
    const given = parseOne(environment, variable, standard.form, problems);
    if (given !== undefined && given > ceiling) {
      problems.push({
        name: variable,
        problem: `(${given}) is more than ${variable}_MAX (${ceiling})`,
        form: `${standard.form} that is not more than ${variable}_MAX`,
      });
    }
    limits[name] = { default: given ?? Math.min(standard.default, ceiling), ceiling };
  }
  // The loop went over the keys of LIMITS.
  return limits as Limits;
}

function parseOne(
  environment: Environment,
  name: string,
  form: string,
  problems: SettingProblem[],
): number | undefined {
  const given = environment[name];
  if (given === undefined || given === "") return undefined;
  const parsed = wholeNumber(1, LIMIT_MAX, "").schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problem = `(${JSON.stringify(given.slice(0, 60))}) ${parsed.error.issues[0]?.message ?? "is not valid"}`;
  problems.push({ name, problem, form });
  return undefined;
}
