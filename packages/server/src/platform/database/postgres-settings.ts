/** Settings of the embedded PostgreSQL for a small machine: light, and safe. `fsync` and `synchronous_commit` stay on. */

/** Given on the command line, so that they hold for every data folder whatever its files say. */
export const POSTGRES_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  timezone: "UTC",
  shared_buffers: "32MB",
  // Per node: 16 writes, 4 reads, 8 transaction scripts, 1 listener, 1 side; room for a restart beside them.
  max_connections: "64",
  max_wal_size: "256MB",
  min_wal_size: "48MB",
  wal_compression: "on",
  checkpoint_timeout: "15min",
  max_worker_processes: "2",
  max_parallel_workers: "0",
  max_parallel_workers_per_gather: "0",
  autovacuum_max_workers: "1",
  autovacuum_worker_slots: "4",
  autovacuum_vacuum_cost_delay: "2ms",
  io_method: "sync",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_replication_slots: "0",
  max_logical_replication_workers: "0",
  huge_pages: "off",
  jit: "off",
  random_page_cost: "1.1",
  // Above the time limit of transaction scripts.
  idle_in_transaction_session_timeout: "60s",
  logging_collector: "off",
  log_checkpoints: "off",
  // Errors of statements reach their caller; in the log their text would carry values of scripts.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_line_prefix: "",
};
