import { createHash } from "node:crypto";
import type { Command, Outcome } from "./engine.ts";

/** A script whose first line has flags; the scripts of `@upstash/ratelimit` have one that only Upstash's Redis knows. */
const FLAGGED = /^#!lua flags=([^\r\n]*)/;
const OF_UPSTASH = "allow-key-locking";
/** More scripts than a system has in its code. */
const CAPACITY = 1_000;

/**
 * Lets Redis run scripts with the flag `allow-key-locking`, by taking it away: Upstash may then run other scripts at the
 * same time, which does not change what a script does. Clients know such a script by the digest of its own text.
 */
export class UpstashScripts {
  /** By the digest that clients know: the digest that Redis knows. */
  readonly #digests = new Map<string, string>();

  /** The command as Redis understands it. */
  forRedis(command: Command): Command {
    const [name, first, second, ...rest] = command;
    switch (name.toUpperCase()) {
      case "EVAL":
      case "EVAL_RO":
        return first === undefined ? command : [name, this.#script(first), ...command.slice(2)];
      case "EVALSHA":
      case "EVALSHA_RO":
        return first === undefined ? command : [name, this.#digest(first), ...command.slice(2)];
      case "SCRIPT":
        if (first === undefined || second === undefined) return command;
        if (first.toUpperCase() === "LOAD") return [name, first, this.#script(second), ...rest];
        return [name, first, ...[second, ...rest].map((digest) => this.#digest(digest))];
      default:
        return command;
    }
  }

  /** The outcome of a command as its client expects it. */
  forClient([name, first = "", script = ""]: Command, outcome: Outcome): Outcome {
    const loaded = name.toUpperCase() === "SCRIPT" && first.toUpperCase() === "LOAD" && "result" in outcome;
    return loaded && FLAGGED.test(script) ? { result: digestOf(script) } : outcome;
  }

  #script(text: string): string {
    const flags = FLAGGED.exec(text)?.[1]
      ?.split(",")
      .map((flag) => flag.trim());
    if (flags === undefined || !flags.includes(OF_UPSTASH)) return text;
    const others = flags.filter((flag) => flag !== OF_UPSTASH);
    const line = others.length === 0 ? "#!lua" : `#!lua flags=${others.join(",")}`;
    const known = text.replace(FLAGGED, line);
    if (this.#digests.size < CAPACITY) this.#digests.set(digestOf(text), digestOf(known));
    return known;
  }

  #digest(digest: string): string {
    return this.#digests.get(digest.toLowerCase()) ?? digest;
  }
}

/** The digest by which Redis knows a script, in bytes as in `bytes.ts`. */
function digestOf(script: string): string {
  return createHash("sha1").update(script, "latin1").digest("hex");
}
