/** Cancels runs of apps that are being deleted (APP-1): at once on the node that was told, and within a second on one whose
 *  notice was lost. A node without runs asks nothing. */
import { activeAppsAmong } from "../features/apps/apps.service.ts";
import type { Platform } from "../platform/platform.ts";
import { createCoalesced } from "./dispatcher-timers.ts";
import type { Executor } from "./execute.ts";

export interface AppWatch {
  close(): void;
}

/** Twice this and two reads are less than the second that a change may take. */
const LOOK_MS = 300;

export function createAppWatch(platform: Platform, executor: Pick<Executor, "apps" | "cancelApp">): AppWatch {
  const look = async (): Promise<void> => {
    const ids = executor.apps();
    if (ids.length === 0) return;
    const active = await activeAppsAmong(platform.db.read, ids);
    for (const id of ids) {
      if (active.has(id)) continue;
      const runs = executor.cancelApp(id);
      if (runs > 0) platform.log.info("runs_cancelled", { appId: id, runs, reason: "app_gone" });
    }
  };
  const looking = createCoalesced(look, (error) => platform.log.warn("app_watch_failed", { error }));
  const unsubscribe = platform.signals.on("deployed", () => looking.wake());
  const timer = setInterval(() => looking.wake(), LOOK_MS);
  return {
    close() {
      unsubscribe();
      clearInterval(timer);
    },
  };
}
