import type { BucketSettings } from "./bucket-settings.ts";
import { TokenBucket } from "./token-bucket.ts";

/** How many frames and bytes a socket, or an account, may send. */
export class InboundLimits {
  readonly #frames: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(frames: TokenBucket, bytes: TokenBucket) {
    this.#frames = frames;
    this.#bytes = bytes;
  }

  static ofSocket(settings: BucketSettings, now: number): InboundLimits {
    return new InboundLimits(
      new TokenBucket(settings.SOCKET_FRAME_RATE, settings.SOCKET_FRAME_BURST, now),
      new TokenBucket(settings.SOCKET_BYTE_RATE, settings.SOCKET_BYTE_BURST, now),
    );
  }

  /** Counts a frame; false when it is over the limit. */
  allows(bytes: number, now: number): boolean {
    return this.#frames.take(now) === 0 && this.#bytes.take(now, bytes) === 0;
  }
}

/** What all sockets of an account may send together. */
export class AccountLimits extends InboundLimits {
  readonly #operations: TokenBucket;

  constructor(settings: BucketSettings, now: number) {
    super(
      new TokenBucket(settings.ACCOUNT_FRAME_RATE, settings.ACCOUNT_FRAME_BURST, now),
      new TokenBucket(settings.ACCOUNT_BYTE_RATE, settings.ACCOUNT_BYTE_BURST, now),
    );
    this.#operations = new TokenBucket(
      settings.ACCOUNT_OPERATION_RATE,
      settings.ACCOUNT_OPERATION_BURST,
      now,
    );
  }

  /** Counts an operation and returns 0; or does not, and returns in how many milliseconds there is room for it. */
  delayOfOperation(now: number): number {
    return this.#operations.take(now);
  }
}

/** How many bad frames within how long (milliseconds) close a socket. */
const BAD_FRAMES = 10;
const BAD_FRAMES_MS = 60_000;

/** The bad frames that one socket has sent lately. */
export class BadFrames {
  #sentAt: number[] = [];

  /** Counts a bad frame; false when the socket has sent too many of them. */
  forgives(now: number): boolean {
    this.#sentAt = this.#sentAt.filter((at) => now - at < BAD_FRAMES_MS);
    this.#sentAt.push(now);
    return this.#sentAt.length < BAD_FRAMES;
  }
}
