/** Which of the deliveries that a node holds runs now. What is held beyond the slots waits here for its turn, so that the
 *  next one starts when a run ends and not when another claim has come back. */

export interface TurnOptions {
  /** Runs at once, and of one app. */
  readonly most: number;
  readonly appMost: number;
  /** Slots that are free now. */
  readonly freeSlots: () => number;
  /** Longest wait; after it another node may have room. */
  readonly waitMaxMs: number;
}

export interface DeliveryTurns {
  /** Whether it may run. `false`: it has waited too long. Who got `true` calls `ended`. */
  take(appId: string): boolean | Promise<boolean>;
  ended(appId: string): void;
  /** No more turns: who waits, or would have to, is told so. */
  stop(): void;
  /** Gives turns if slots have become free, and up those that have waited too long. */
  look(): void;
  running(): number;
  waiting(): number;
  /** Runs and waits of an app. */
  ofApp(appId: string): number;
  /** Apps with so many or more. */
  appsWith(count: number): string[];
}

interface App {
  running: number;
  readonly waiting: { readonly sinceMs: number; readonly go: (may: boolean) => void }[];
}

interface State {
  /** In the order in which they get turns: who got one goes to the end. */
  readonly apps: Map<string, App>;
  running: number;
  waiting: number;
  isStopped: boolean;
}

export function createDeliveryTurns(options: TurnOptions): DeliveryTurns {
  const state: State = { apps: new Map(), running: 0, waiting: 0, isStopped: false };
  const { apps } = state;
  const look = (): void => {
    giveUp(state, state.isStopped ? Infinity : performance.now() - options.waitMaxMs);
    giveTurns(options, state);
  };
  return {
    take(appId) {
      const app = apps.get(appId) ?? { running: 0, waiting: [] };
      apps.set(appId, app);
      if (state.waiting === 0 && isOpen(options, state, app) && options.freeSlots() > 0) {
        app.running++;
        state.running++;
        return true;
      }
      if (state.isStopped) {
        forget(state, appId, app);
        return false;
      }
      state.waiting++;
      return new Promise<boolean>((go) => app.waiting.push({ sinceMs: performance.now(), go }));
    },
    ended(appId) {
      const app = apps.get(appId);
      if (app !== undefined) {
        app.running--;
        state.running--;
        forget(state, appId, app);
      }
      giveTurns(options, state);
    },
    stop() {
      state.isStopped = true;
      look();
    },
    look,
    running: () => state.running,
    waiting: () => state.waiting,
    ofApp: (appId) => sizeOf(apps.get(appId)),
    appsWith: (count) => [...apps].filter(([, app]) => sizeOf(app) >= count).map(([appId]) => appId),
  };
}

function sizeOf(app: App | undefined): number {
  return app === undefined ? 0 : app.running + app.waiting.length;
}

function isOpen({ most, appMost }: TurnOptions, { running }: State, app: App): boolean {
  return running < most && app.running < appMost;
}

function forget({ apps }: State, appId: string, app: App): void {
  if (sizeOf(app) === 0) apps.delete(appId);
}

function giveTurns(options: TurnOptions, state: State): void {
  // What is given a turn takes its slot a moment later.
  while (state.waiting > 0 && state.running < options.most && options.freeSlots() > 0) {
    const next = state.apps
      .entries()
      .find(([, app]) => app.waiting.length > 0 && isOpen(options, state, app));
    if (next === undefined) return;
    const [appId, app] = next;
    app.running++;
    state.running++;
    state.waiting--;
    state.apps.delete(appId);
    state.apps.set(appId, app);
    app.waiting.shift()?.go(true);
  }
}

/** Tells those who began to wait before the time. */
function giveUp(state: State, beforeMs: number): void {
  for (const [appId, app] of state.apps) {
    for (let [first] = app.waiting; first !== undefined && first.sinceMs < beforeMs; [first] = app.waiting) {
      state.waiting--;
      app.waiting.shift();
      first.go(false);
    }
    forget(state, appId, app);
  }
}
