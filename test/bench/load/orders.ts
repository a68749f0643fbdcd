/** The orders of the benchmark to its load generator, and their results. */

/** One order for the load generator. */
export type Order =
  /** `underWay` frames on each of some sockets, each sent again as soon as it has come back. */
  | { kind: "echo"; url: string; sockets: number; underWay: number; seconds: number }
  /** `underWay` frames in a room, each sent again as soon as all sockets have it. */
  | { kind: "broadcast"; url: string; sockets: number; underWay: number; seconds: number }
  /** Makes the people with their friends and group, and opens their sockets. */
  | { kind: "gather"; url: string; deflate: boolean; sockets: Readonly<Record<string, string>> }
  /** `pairs` with `perPair` messages under way in each, and the group with `inGroup`; each sent again when received. */
  | { kind: "talk"; pairs: number; perPair: number; inGroup: number; seconds: number; pauseMs: number }
  /** `messages` at once over `pairs`, then nothing until all are received; `rounds` times. */
  | { kind: "batch"; messages: number; pairs: number; rounds: number; pauseMs: number }
  /** One pair, one message at a time, with the times of each. */
  | { kind: "follow"; messages: number }
  /** Compares what was received with history. */
  | { kind: "verify" };

/** The counts and times of a load. */
export type Tally = {
  /** Messages received by all who were to receive them; rounds, for batches. */
  done: number;
  /** Messages received, by any device. */
  deliveries: number;
  seconds: number;
  /** From sending to receipt by the last device of others. */
  receivedMs: Spread;
  /** From sending to `accepted`. */
  acceptedMs: Spread;
  frames: number;
  events: number;
  /** Repeats with the same id and rev: allowed, but reported. */
  repeats: number;
};

/** The median and the 99th percentile of some times. */
export type Spread = { p50: number; p99: number };

/** The times of a message, in milliseconds since the epoch. */
export type Followed = { sentAt: number; acceptedAt: number; receivedAt: number };

/** The result of an order. */
export type OrderResult = {
  /** Null when there is nothing to count, or when the load was given up: then there are violations. */
  tally: Tally | null;
  /** The messages of a `follow`. */
  followed: Followed[];
  /** Descriptions of promises that the system did not keep. */
  violations: string[];
};

/** A result, or the fault instead of one. */
export type Reply = { ok: true; result: OrderResult } | { ok: false; fault: string };
