/** TABLE 2: the server side of every feature. The compiler demands a line here for each line of TABLE 1. */
import type { contracts } from "./contract.ts";
import { apiKeysFeature } from "./features/api-keys/api-keys.server.ts";
import { apiKeysContent } from "./features/api-keys/api-keys.service.ts";
import { appsFeature } from "./features/apps/apps.server.ts";
import { auditFeature } from "./features/audit/audit.server.ts";
import { cronFeature } from "./features/cron/cron.server.ts";
import { cronContent } from "./features/cron/cron.service.ts";
import { deadLettersFeature } from "./features/dead-letters/dead-letters.server.ts";
import { deadLettersContent } from "./features/dead-letters/dead-letters.service.ts";
import { deploymentsFeature } from "./features/deployments/deployments.server.ts";
import { docsFeature } from "./features/docs/docs.server.ts";
import { docsContent } from "./features/docs/docs.service.ts";
import { deploymentsContent } from "./features/deployments/deployments.service.ts";
import { domainsFeature } from "./features/domains/domains.server.ts";
import { domainsContent } from "./features/domains/domains.service.ts";
import { executionsFeature } from "./features/executions/executions.server.ts";
import { executionsContent } from "./features/executions/executions.service.ts";
import type { ExecutionRecorder } from "./features/executions/executions.service.ts";
import { filesFeature } from "./features/files/files.server.ts";
import { filesContent } from "./features/files/files.service.ts";
import { kvFeature } from "./features/kv/kv.server.ts";
import { kvContent } from "./features/kv/kv.service.ts";
import { membersFeature } from "./features/members/members.server.ts";
import { membersContent } from "./features/members/members.service.ts";
import { outboxFeature } from "./features/outbox/outbox.server.ts";
import type { DeliverySlots } from "./features/outbox/outbox.service.ts";
import { pubsubFeature } from "./features/pubsub/pubsub.server.ts";
import { queueFeature } from "./features/queue/queue.server.ts";
import { queueContent } from "./features/queue/queue.service.ts";
import { routesFeature } from "./features/routes/routes.server.ts";
import { routesContent } from "./features/routes/routes.service.ts";
import { scriptsFeature } from "./features/scripts/scripts.server.ts";
import { scriptsContent } from "./features/scripts/scripts.service.ts";
import { sessionsFeature } from "./features/sessions/sessions.server.ts";
import { triggersFeature } from "./features/triggers/triggers.server.ts";
import { triggersContent } from "./features/triggers/triggers.service.ts";
import { usersFeature } from "./features/users/users.server.ts";
import { outboxContent } from "./platform/database/app-content.ts";
import type { AppContent } from "./platform/database/app-content.ts";
import type { Feature } from "./platform/feature.ts";
import type { Platform } from "./platform/platform.ts";

/** What an app holds, in the order in which it is deleted: deliveries first, because that ends what nodes hold of them;
 *  scripts, hosts and members last, so that callers are told that the app is gone and members can watch it go. A test finds
 *  tables with an `app_id` that are missing here. */
export const appContents: readonly AppContent[] = [
  ...outboxContent,
  ...deadLettersContent,
  ...kvContent,
  ...queueContent,
  ...docsContent,
  ...filesContent,
  ...executionsContent,
  ...routesContent,
  ...cronContent,
  ...triggersContent,
  ...deploymentsContent,
  ...apiKeysContent,
  ...scriptsContent,
  ...domainsContent,
  ...membersContent,
];

export type Features = { readonly [K in keyof typeof contracts]: Feature<(typeof contracts)[K]> };

export function createFeatures(
  platform: Platform,
  recorder: ExecutionRecorder,
  slots: DeliverySlots,
): Features {
  return {
    users: usersFeature(platform),
    sessions: sessionsFeature(platform),
    api_keys: apiKeysFeature(platform),
    apps: appsFeature(platform, appContents),
    members: membersFeature(platform),
    domains: domainsFeature(platform),
    audit: auditFeature(platform),
    scripts: scriptsFeature(platform),
    routes: routesFeature(platform),
    deployments: deploymentsFeature(platform),
    triggers: triggersFeature(platform),
    cron: cronFeature(platform),
    executions: executionsFeature({ platform, recorder }),
    kv: kvFeature(platform),
    docs: docsFeature(platform),
    files: filesFeature(platform),
    outbox: outboxFeature({ platform, slots }),
    pubsub: pubsubFeature(platform),
    queue: queueFeature(platform),
    dead_letters: deadLettersFeature(platform),
  };
}
