/** Every change of the control plane (apps, scripts, routes, triggers, users, sessions) goes through here. */
import type { Platform } from "../platform.ts";
import { writeAudit } from "./audit.ts";
import type { AuditActor, AuditEntry } from "./audit.ts";
import { requireCurrentActor } from "./current-actor.ts";
import type { Queryable, Transaction } from "./database.ts";

export type ControlSignal = "deployed" | "access";

export interface ControlChange {
  /** Who makes the change. */
  readonly by: AuditActor;
  /** Feature and endpoint, for the audit log: `apps.update`. */
  readonly action: string;
  /** What nodes are told after the commit: `deployed` for what runs, `access` for who may. */
  readonly signal: ControlSignal | readonly ControlSignal[];
  readonly appId?: string;
}

/** What `work` tells of the change, for the audit log. */
export interface ChangeRecord {
  /** The thing that changed, and how it looked before and after; absent members keep what an earlier call gave. `by`:
   *  who it was, where the call itself makes the principal (set-up). */
  tell(details: Partial<Omit<AuditEntry, "action">> & { readonly by?: AuditActor }): void;
  /** Nothing has changed after all: no entry. */
  nothing(): void;
}

/** Runs `work` in one transaction that also counts the change and notifies all nodes inside it, so that a crash can't
 *  lose the notice. The counter's row is locked from the first statement on: control-plane changes run one after
 *  another, and what `work` checks stays true until its commit, as does that the caller's session or key and rights
 *  have not ended. So `work` must be short: no compiling, no network. */
export async function controlChange<T>(
  platform: Pick<Platform, "db" | "signals">,
  change: ControlChange,
  work: (tx: Transaction, record: ChangeRecord) => Promise<T>,
): Promise<T> {
  const signals = typeof change.signal === "string" ? [change.signal] : change.signal;
  const run = async (): Promise<{ readonly value: T }> =>
    await platform.db.write.begin(async (tx) => {
      await tx`update control_changes set counter = counter + 1`;
      if (change.by !== "server") await requireCurrentActor(tx, change.by.principal);
      const { record, write } = recordOf(change);
      const value = await work(tx, record);
      await write(tx);
      for (const signal of signals)
        await tx`select pg_notify('picloud_control', ${`${signal} ${change.appId ?? ""}`})`;
      return { value };
    });
  const result = await inTurn(platform.db, run);
  for (const signal of signals) platform.signals.send(signal, change.appId);
  return result.value;
}

function recordOf(change: ControlChange): {
  readonly record: ChangeRecord;
  readonly write: (tx: Transaction) => Promise<void>;
} {
  let { by } = change;
  let entry: AuditEntry = {
    action: change.action,
    resource: { kind: change.action.split(".", 1)[0] ?? "" },
    appId: change.appId,
  };
  let isChange = true;
  return {
    record: {
      tell: ({ by: actor, ...details }) => {
        by = actor ?? by;
        entry = { ...entry, ...details };
      },
      nothing: () => {
        isChange = false;
      },
    },
    write: async (tx) => {
      if (isChange) await writeAudit(tx, by, entry);
    },
  };
}

/** The last change of each database that this process has open. */
const turns = new WeakMap<object, Promise<unknown>>();

/** One after another within the process too: changes that wait for the row would each hold a connection that the writes
 *  of scripts need. */
async function inTurn<T>(db: object, run: () => Promise<T>): Promise<T> {
  const before = turns.get(db) ?? Promise.resolve();
  const mine = before.then(run);
  // Whether this one fails is its caller's matter, not the next one's.
  turns.set(
    db,
    mine.then(
      () => undefined,
      () => undefined,
    ),
  );
  return await mine;
}

/** How many changes there have been; a node that knows this number is current. */
export async function readControlCounter(db: Queryable): Promise<number> {
  const [row] = await db<{ counter: number }[]>`select counter::float8 as counter from control_changes`;
  return row?.counter ?? 0;
}

/** A stop waits so long for the database to take the listener off. */
const unlistenMsMax = 2_000;

/** Wakes this node for the changes of others, and after each time the connection was away. Gives the function that ends
 *  it. */
export async function listenForControlChanges(
  platform: Pick<Platform, "db" | "signals">,
): Promise<() => Promise<void>> {
  const { signals } = platform;
  const listening = await platform.db.side.listen(
    "picloud_control",
    (notice) => {
      const [signal, appId] = notice.split(" ");
      if (signal === "deployed" || signal === "access")
        signals.send(signal, appId === "" ? undefined : appId);
    },
    () => {
      signals.send("deployed");
      signals.send("access");
    },
  );
  return async () => {
    // On a connection that is half open nothing ever answers; it is cut when the database is closed.
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), unlistenMsMax);
    await Promise.race([listening.unlisten(), late.promise]).finally(() => clearTimeout(timer));
  };
}
