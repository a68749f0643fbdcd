/** What the benchmark asks of its load generator, and what it hears back. */

/** One thing for the load generator to do. */
export type Order =
  /** `underWay` frames on each of some sockets, each sent again as soon as it has come back. */
  | { kind: "echo"; url: string; sockets: number; underWay: number; seconds: number }
  /** `underWay` frames in a room, each sent again as soon as everybody has it. */
  | { kind: "broadcast"; url: string; sockets: number; underWay: number; seconds: number }
  /** Makes the people with their friends and group, and opens their sockets. */
  | { kind: "gather"; url: string; deflate: boolean }
  /** Some pairs, and the group or not, with so many messages under way in each; sent again when received. */
  | { kind: "talk"; pairs: number; perPair: number; inGroup: number; seconds: number; pauseMs: number }
  /** So many messages at once, over so many pairs, and nothing until all are received; again and again. */
  | { kind: "batch"; messages: number; pairs: number; rounds: number; pauseMs: number }
  /** One pair, one message at a time, each looked at by itself. */
  | { kind: "follow"; messages: number }
  /** Compares what was received with what history holds. */
  | { kind: "verify" };

/** What a load has seen. */
export type Tally = {
  /** Messages received by all who were to receive them; rounds, for batches. */
  done: number;
  /** Messages received, by any device. */
  deliveries: number;
  seconds: number;
  /** From sending to receipt by the last of the others. */
  receivedMs: Spread;
  /** From sending to the answer that the message is in the log. */
  acceptedMs: Spread;
  frames: number;
  events: number;
  /** Messages that a device received again, with the id and rev that it knew: allowed, and yet to be known. */
  repeats: number;
};

/** The middle and the end of some times. */
export type Spread = { p50: number; p99: number };

/** The moments of a message, in milliseconds since the epoch. */
export type Followed = { sentAt: number; acceptedAt: number; receivedAt: number };

/** The answer to an order. */
export type Answer = {
  /** Null when there is nothing to count, or when the load was given up: then there are violations. */
  tally: Tally | null;
  /** The messages of a `follow`. */
  followed: Followed[];
  /** Promises that the system did not keep, in words. */
  violations: string[];
};

/** An answer, or why there is none. */
export type Reply = { ok: true; answer: Answer } | { ok: false; fault: string };
