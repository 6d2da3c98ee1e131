/** Two servers on one PostgreSQL, each with its own way to it, and an owner. */
import { connect, type Sql } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { startExternalPostgres, type ExternalPostgres, type Way } from "./external-postgres.ts";
import { firstOwner, type RawApi } from "./raw-api.ts";
import { removeFolder, startServer, type RunningServer } from "./start-server.ts";

export interface TwoNodes {
  readonly postgres: ExternalPostgres;
  readonly wayOfTwo: Way;
  /** A test that starts one again puts it here. */
  one: RunningServer;
  two: RunningServer;
  /** Of the owner, at node one. */
  readonly api: RawApi;
  /** The test's own connections, by neither way. */
  readonly sql: Sql;
  close(): Promise<void>;
}

export interface TwoNodesOptions {
  /** More environment of both, and of the second one only. */
  readonly env?: Readonly<Record<string, string>>;
  readonly envOfTwo?: Readonly<Record<string, string>>;
}

/** For `beforeAll` and `afterAll`: two starts and a database cluster, on a machine that runs all tests at once. */
export const TWO_NODES_START_MS = 180_000;

export async function startTwoNodes(options: TwoNodesOptions = {}): Promise<TwoNodes> {
  const postgres = await startExternalPostgres();
  const wayOfTwo = await postgres.secondWay();
  const wayOfTest = await postgres.secondWay();
  const one = await startServer({ env: { ...options.env, DATABASE_URL: postgres.url } });
  // Before the second start, which would void the first one's set-up link.
  const api = await firstOwner(one);
  const two = await startServer({
    env: { ...options.env, ...options.envOfTwo, DATABASE_URL: wayOfTwo.url },
  });
  const sql = connect({ url: wayOfTest.url }, { max: 4, session: {}, log: silentLogger });
  const nodes: TwoNodes = {
    postgres,
    wayOfTwo,
    one,
    two,
    api,
    sql,
    close: async () => {
      await sql.end({ timeout: 5 });
      for (const server of [nodes.one, nodes.two]) {
        // One that stands still would not see the other signal.
        signalIfAlive(server.pid, "SIGCONT");
        await server.stop();
        await removeFolder(server.dataDir);
      }
      await postgres.close();
    },
  };
  return nodes;
}

/** The process may have been killed by the test. */
function signalIfAlive(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
