/** TABLE 1: the features by the names that scripts and the API use. Pure: runs anywhere. */
import type { FeatureContract } from "@picloud/contract";
import { apiKeysContract } from "./features/api-keys/api-keys.contract.ts";
import { appsContract } from "./features/apps/apps.contract.ts";
import { auditContract } from "./features/audit/audit.contract.ts";
import { cronContract } from "./features/cron/cron.contract.ts";
import { deadLettersContract } from "./features/dead-letters/dead-letters.contract.ts";
import { deploymentsContract } from "./features/deployments/deployments.contract.ts";
import { docsContract } from "./features/docs/docs.contract.ts";
import { domainsContract } from "./features/domains/domains.contract.ts";
import { executionsContract } from "./features/executions/executions.contract.ts";
import { filesContract } from "./features/files/files.contract.ts";
import { kvContract } from "./features/kv/kv.contract.ts";
import { membersContract } from "./features/members/members.contract.ts";
import { outboxContract } from "./features/outbox/outbox.contract.ts";
import { pubsubContract } from "./features/pubsub/pubsub.contract.ts";
import { queueContract } from "./features/queue/queue.contract.ts";
import { routesContract } from "./features/routes/routes.contract.ts";
import { scriptsContract } from "./features/scripts/scripts.contract.ts";
import { sessionsContract } from "./features/sessions/sessions.contract.ts";
import { triggersContract } from "./features/triggers/triggers.contract.ts";
import { usersContract } from "./features/users/users.contract.ts";

export const contracts = {
  users: usersContract,
  sessions: sessionsContract,
  api_keys: apiKeysContract,
  apps: appsContract,
  members: membersContract,
  domains: domainsContract,
  audit: auditContract,
  scripts: scriptsContract,
  routes: routesContract,
  deployments: deploymentsContract,
  triggers: triggersContract,
  cron: cronContract,
  executions: executionsContract,
  kv: kvContract,
  docs: docsContract,
  files: filesContract,
  outbox: outboxContract,
  pubsub: pubsubContract,
  queue: queueContract,
  dead_letters: deadLettersContract,
} as const satisfies Record<string, FeatureContract>;
