/** The parts of a node on its open database, and how they hang together. */
import type { IncomingMessage, RequestListener } from "node:http";
import type { BlockList } from "node:net";
import { PicloudError } from "@picloud/contract";
import { createSandbox } from "@picloud/sandbox";
import { contracts } from "./contract.ts";
import { createApi } from "./control-plane/api.ts";
import { createAuthenticator } from "./control-plane/authenticate.ts";
import type { About } from "./control-plane/pages.ts";
import { createAppWatch } from "./data-plane/app-watch.ts";
import { createCalls, serviceMethods } from "./data-plane/calls.ts";
import { createDeployed, type Deployed } from "./data-plane/deployed.ts";
import { createDispatcher, type Dispatcher } from "./data-plane/dispatcher.ts";
import { createExecutor } from "./data-plane/execute.ts";
import { createGate } from "./data-plane/gate.ts";
import { isAdminName } from "./data-plane/hosts.ts";
import { createIngress } from "./data-plane/ingress.ts";
import { createScheduler } from "./data-plane/scheduler.ts";
import { createSignedFiles } from "./data-plane/signed-files.ts";
import { createSweeper } from "./data-plane/sweeper.ts";
import { appContents, createFeatures } from "./features.ts";
import { createAppRemover } from "./features/apps/app-remover.service.ts";
import { createExecutionUpkeep, createRecorder } from "./features/executions/executions.service.ts";
import type { DeliverySlots } from "./features/outbox/outbox.service.ts";
import { listenForControlChanges } from "./platform/database/control-change.ts";
import { instanceHosts } from "./platform/instance-hosts.ts";
import { peerOf, proxyList } from "./platform/peer.ts";
import type { Platform } from "./platform/platform.ts";
import { readRhaiTexts } from "./platform/rhai-texts.ts";
import { createRequestRouter } from "./request-router.ts";

export interface Node {
  readonly listener: RequestListener;
  /** Why the node takes no work yet; `undefined` if it does. */
  notReady(): string | undefined;
}

export interface NodeOptions {
  readonly platform: Platform;
  readonly about: About;
  /** Aborts when the server begins to stop. */
  readonly stopping: AbortSignal;
  readonly parts: AsyncDisposableStack;
}

/** Starts every part; each puts its end on `parts`, so that the last to start is the first to stop. */
export async function startNode(options: NodeOptions): Promise<Node> {
  const { platform, about, stopping, parts } = options;
  const { config, log } = platform;
  const upkeep = createExecutionUpkeep(platform);
  parts.defer(() => upkeep.close());
  await upkeep.run();
  parts.defer(await listenForControlChanges(platform));

  const recorder = createRecorder(platform);
  parts.defer(async () => await recorder.close());
  const later: { dispatcher?: Dispatcher } = {};
  const features = createFeatures(platform, recorder, slotsOf(later));
  const sandbox = createSandbox({
    services: serviceMethods(contracts),
    rhai: readRhaiTexts(),
    executors: config.executors,
    isolation: config.isolation,
    now: platform.now,
    log: (level, event, fields) => log[level](event, fields),
  });
  parts.defer(async () => await sandbox.close());

  const deployed = createDeployed(platform);
  parts.defer(() => deployed.close());
  const gate = createGate(config.maxConcurrentExecutions);
  const executor = createExecutor({
    platform,
    sandbox,
    gate,
    calls: createCalls(features),
    deployed,
    recorder,
  });
  const appWatch = createAppWatch(platform, executor);
  parts.defer(() => appWatch.close());
  const authenticator = createAuthenticator(platform);
  parts.defer(() => authenticator.close());
  const dispatcher = createDispatcher({
    platform,
    runDelivery: async (run) => await executor.delivery(run),
    freeSlots: () => gate.free(),
    isOnlyNode: config.databaseUrl === undefined,
  });
  later.dispatcher = dispatcher;
  dispatcher.start();
  const scheduler = createScheduler(platform);
  scheduler.start();
  const sweeper = createSweeper(platform);
  parts.defer(() => sweeper.close());
  const remover = createAppRemover({ platform, contents: appContents });
  parts.defer(async () => await remover.close());
  // New work is refused first, then what runs ends, while all it needs is still there.
  parts.defer(async () => {
    const left = Promise.all([scheduler.close(), dispatcher.close()]);
    await executor.drain(config.drainMs);
    await left;
  });

  const trustedProxies = proxyList(config.trustedProxies);
  const ingress = createIngress({ platform, deployed, executor, authenticator, trustedProxies });
  parts.defer(() => ingress.close());
  return {
    listener: createRequestRouter({
      basePath: config.basePath,
      isAdminHost: createAdminHostCheck({ platform, deployed, trustedProxies }),
      admin: createApi({ platform, contracts, features, authenticator, about, stopping }),
      execute: (request, response) => ingress.execute(request, response),
      files: createSignedFiles(platform),
      route: (request, response) => ingress.route(request, response),
    }),
    notReady: () => (sandbox.ready() ? undefined : "No executor is up yet."),
  };
}

interface AdminHostOptions {
  readonly platform: Platform;
  readonly deployed: Deployed;
  readonly trustedProxies: BlockList | undefined;
}

/** Whether dashboard and admin API answer on the host of a request. */
function createAdminHostCheck(options: AdminHostOptions): (request: IncomingMessage) => Promise<boolean> {
  const { platform, deployed, trustedProxies } = options;
  const instance = instanceHosts(platform.config);
  return async (request) => {
    const { host } = peerOf(request, trustedProxies);
    // Only a host that an app could have claimed is looked up: the others answer without a database.
    const known = isAdminName(instance, host);
    if (known !== undefined) return known;
    try {
      return (await deployed.current()).hosts.place(host, "/").isShared;
    } catch (cause) {
      // Better no answer than a dashboard in an app's origin.
      platform.log.warn("claimed_hosts_unknown", { error: cause });
      const message = "The database can't be reached; try again.";
      throw new PicloudError("unavailable", message, { cause, retryAfterMs: 1_000 });
    }
  };
}

/** What looks at the outbox is made before what empties it, and is asked only when both are there. */
function slotsOf(later: { readonly dispatcher?: Dispatcher }): DeliverySlots {
  return {
    open: (appId) => later.dispatcher?.slots.open(appId) ?? "none_free",
    held: () => later.dispatcher?.slots.held() ?? 0,
    most: () => later.dispatcher?.slots.most() ?? 0,
  };
}
