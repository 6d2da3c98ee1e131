/** TABLE 2: the server side of every feature. The compiler demands a line here for each line of TABLE 1. */
import type { contracts } from "./contract.ts";
import type { Feature } from "./platform/feature.ts";
import type { Platform } from "./platform/platform.ts";

export type Features = { readonly [K in keyof typeof contracts]: Feature<(typeof contracts)[K]> };

export function createFeatures(_platform: Platform): Features {
  throw new Error("The services of the features are not wired yet.");
}
