/** Why a request is refused, and the HTTP status for it. */
const STATUS = {
  unauthorized: 401,
  forbidden: 403,
  "too large": 413,
  "too many requests": 429,
} as const;

/** The reasons for which the gateway refuses a request before an engine sees it. */
export type RefusalReason = keyof typeof STATUS;

/** A request is refused. Each protocol reports it in its own format; the message is for the caller. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: RefusalReason;
  /** The headers of the response: when to try again. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(reason: RefusalReason, message: string, retryAfterSeconds?: number) {
    super(message);
    this.reason = reason;
    this.headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  }

  get status(): number {
    return STATUS[this.reason];
  }
}
