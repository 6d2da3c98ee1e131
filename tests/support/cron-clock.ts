/** The clock of cron in a test database: the one function that cron asks for the time, replaced. */
import type { Queryable } from "../../packages/server/src/platform/database/database.ts";

/** From now on it is this time, and stays so. */
export async function freezeCron(db: Queryable, time: string): Promise<void> {
  await replace(db, `select timestamptz '${new Date(time).toISOString()}'`);
}

/** From now on cron's clock runs ahead of the database's by so many seconds; less than 0: behind it. */
export async function shiftCron(db: Queryable, seconds: number): Promise<void> {
  await replace(db, `select now() + interval '${seconds} seconds'`);
}

async function replace(db: Queryable, body: string): Promise<void> {
  await db.unsafe(
    `create or replace function picloud_cron_now() returns timestamptz language sql stable parallel safe as $$ ${body} $$`,
  );
}
