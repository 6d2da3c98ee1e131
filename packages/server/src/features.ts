/** TABLE 2: the server side of every feature. The compiler demands a line here for each line of TABLE 1. */
import type { contracts } from "./contract.ts";
import { apiKeysFeature } from "./features/api-keys/api-keys.server.ts";
import { appsFeature } from "./features/apps/apps.server.ts";
import { auditFeature } from "./features/audit/audit.server.ts";
import { deadLettersFeature } from "./features/dead-letters/dead-letters.server.ts";
import { deploymentsFeature } from "./features/deployments/deployments.server.ts";
import { docsFeature } from "./features/docs/docs.server.ts";
import { executionsFeature } from "./features/executions/executions.server.ts";
import type { ExecutionRecorder } from "./features/executions/executions.service.ts";
import { filesFeature } from "./features/files/files.server.ts";
import { kvFeature } from "./features/kv/kv.server.ts";
import { membersFeature } from "./features/members/members.server.ts";
import { routesFeature } from "./features/routes/routes.server.ts";
import { scriptsFeature } from "./features/scripts/scripts.server.ts";
import { sessionsFeature } from "./features/sessions/sessions.server.ts";
import { triggersFeature } from "./features/triggers/triggers.server.ts";
import { usersFeature } from "./features/users/users.server.ts";
import type { Feature } from "./platform/feature.ts";
import type { Platform } from "./platform/platform.ts";

export type Features = { readonly [K in keyof typeof contracts]: Feature<(typeof contracts)[K]> };

export function createFeatures(platform: Platform, recorder: ExecutionRecorder): Features {
  return {
    users: usersFeature(platform),
    sessions: sessionsFeature(platform),
    api_keys: apiKeysFeature(platform),
    apps: appsFeature(platform),
    members: membersFeature(platform),
    audit: auditFeature(platform),
    scripts: scriptsFeature(platform),
    routes: routesFeature(platform),
    deployments: deploymentsFeature(platform),
    triggers: triggersFeature(platform),
    executions: executionsFeature({ platform, recorder }),
    kv: kvFeature(platform),
    docs: docsFeature(platform),
    files: filesFeature(platform),
    dead_letters: deadLettersFeature(platform),
  };
}
