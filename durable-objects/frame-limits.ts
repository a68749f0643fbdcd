import { TokenBucket } from "./token-bucket.ts";

/** How many bad frames within how long (milliseconds) close a socket. */
const BAD_FRAMES = 10;
const BAD_FRAMES_MS = 60_000;

/** What one socket has used of what it may send. */
export class FrameLimits {
  readonly #frames: TokenBucket;
  #badFrames: number[] = [];

  constructor(rate: number, burst: number, now: number) {
    this.#frames = new TokenBucket(rate, burst, now);
  }

  /** Counts a frame; false when it is one too many. */
  allows(now: number): boolean {
    return this.#frames.take(now) === 0;
  }

  /** Counts a bad frame; false when the socket has sent too many of them. */
  forgives(now: number): boolean {
    this.#badFrames = this.#badFrames.filter((at) => now - at < BAD_FRAMES_MS);
    this.#badFrames.push(now);
    return this.#badFrames.length < BAD_FRAMES;
  }
}
