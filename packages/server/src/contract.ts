/** TABLE 1: the features by the names that scripts and the API use. Pure: runs anywhere. */
import type { FeatureContract } from "@picloud/contract";
import { appsContract } from "./features/apps/apps.contract.ts";
import { deploymentsContract } from "./features/deployments/deployments.contract.ts";
import { routesContract } from "./features/routes/routes.contract.ts";
import { scriptsContract } from "./features/scripts/scripts.contract.ts";
import { usersContract } from "./features/users/users.contract.ts";

export const contracts = {
  users: usersContract,
  apps: appsContract,
  scripts: scriptsContract,
  routes: routesContract,
  deployments: deploymentsContract,
} as const satisfies Record<string, FeatureContract>;
