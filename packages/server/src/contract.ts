/** TABLE 1: the features by the names that scripts and the API use. Pure: runs anywhere. */
import type { FeatureContract } from "@picloud/contract";

export const contracts = {} as const satisfies Record<string, FeatureContract>;
