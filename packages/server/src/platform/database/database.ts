/** Connections of a node, by purpose, so that no kind of work waits behind another. */
import type { Sql as PostgresSql, TransactionSql } from "postgres";

/** A pool. Queries are tagged templates; values are bound parameters. */
export type Sql = PostgresSql;
export type Transaction = TransactionSql;
/** First argument of repository functions: a pool or an open transaction. */
export type Queryable = Sql | Transaction;

export interface Database {
  /** 16 connections: writes, each one statement or a short transaction. */
  readonly write: Sql;
  /** 4 connections: pipelined reads. */
  readonly read: Sql;
  /** 1 connection: notifications, maintenance; synchronous_commit off. */
  readonly side: Sql;
  close(): Promise<void>;
}
