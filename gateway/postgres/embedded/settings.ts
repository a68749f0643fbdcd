/**
 * The settings of the embedded Postgres: full durability, small memory and disk use. Given at every start, so that they
 * hold for an older data folder too.
 */
export const SETTINGS: Readonly<Record<string, string>> = {
  // Acknowledged commits are on disk, and a page torn by a power cut is repaired. The defaults; set so that they stay.
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",

  // The pool's sessions, and a few for psql. Each slot costs memory even when it is unused.
  max_connections: "20",
  // The operating system's cache holds the rest; the tables of a development machine mostly fit in either.
  shared_buffers: "64MB",

  // There are no replicas: the WAL needs to hold only what crash recovery needs.
  wal_level: "minimal",
  max_wal_senders: "0",
  // The size of the WAL: idle, and at most. With less, there would be a checkpoint every few seconds under load.
  min_wal_size: "32MB",
  max_wal_size: "256MB",

  // No extra processes on a small machine: parallel workers, the launcher of subscriptions, I/O workers.
  max_parallel_workers_per_gather: "0",
  max_logical_replication_workers: "0",
  io_method: "sync",
  // Compilation pays off only for queries that take seconds.
  jit: "off",

  // Timestamps read the same on every machine.
  timezone: "UTC",

  // The log gets messages about the server only. Errors of statements go to the client: they can contain people's texts.
  log_min_messages: "log",
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
  log_checkpoints: "off",
  log_line_prefix: "",
};
