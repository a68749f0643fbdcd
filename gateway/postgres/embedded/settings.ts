/**
 * How the embedded Postgres runs: as safe as any, as small as a development machine wants it. Given at every start, so
 * that an older data folder gets them too.
 */
export const SETTINGS: Readonly<Record<string, string>> = {
  // What is acknowledged is on disk, and a page torn by a power cut is mended: the defaults, which nothing may change.
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",

  // The pool's sessions, with room for a psql or two; each slot costs memory whether it is used or not.
  max_connections: "20",
  // The operating system's cache holds the rest; the tables of a development machine mostly fit in either.
  shared_buffers: "64MB",

  // No replica reads the WAL, so it holds only what recovery needs.
  wal_level: "minimal",
  max_wal_senders: "0",
  // The WAL's share of the data folder: at rest, and at most. Less would mean a checkpoint every few seconds under load.
  min_wal_size: "32MB",
  max_wal_size: "256MB",

  // Processes that a small machine can do without: parallel workers, the launcher of subscriptions, readers of disk.
  max_parallel_workers_per_gather: "0",
  max_logical_replication_workers: "0",
  io_method: "sync",
  // Compiling pays only for queries of seconds.
  jit: "off",

  // Timestamps read the same on every machine.
  timezone: "UTC",

  // The log has what concerns the server. Errors of statements go to who sent them: they hold what people write.
  log_min_messages: "log",
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
  log_checkpoints: "off",
  log_line_prefix: "",
};
