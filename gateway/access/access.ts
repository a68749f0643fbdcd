import { secretTable } from "../credentials.ts";
import { Refusal } from "../refusal.ts";
import type { Client, Protocol, Right } from "./client.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Lets the requests of one protocol in: returns what the caller may do, or throws a {@link Refusal}. */
export interface Gate {
  /** For a request with this `Authorization` header: `Bearer <token>`, or `Basic` with the name and the token. */
  byHeader(authorization: string | undefined): Right;
  /** For a request with this token. */
  byToken(token: string | undefined): Right;
}

/** A known client, with the state of its rate limit. */
interface Known {
  readonly client: Client;
  readonly bucket: TokenBucket | undefined;
}

/** Who may use the gateway. A client's rate limit counts its requests of all protocols together. */
export class Access {
  readonly #known: readonly Known[];
  readonly #now: () => number;

  /** `now` returns milliseconds of a clock that never steps back. */
  constructor(clients: readonly Client[], now: () => number = () => performance.now()) {
    this.#now = now;
    this.#known = clients.map((client) => ({
      client,
      bucket: client.rate && new TokenBucket(client.rate, now()),
    }));
  }

  /** The gate of a protocol. */
  gate(protocol: Protocol): Gate {
    // Two clients may have the same secret: then the one with a right to this protocol is meant.
    const known = this.#known.toSorted((a, b) => rank(b, protocol) - rank(a, protocol));
    const byToken = secretTable(known.map((one) => [one.client.token, one]));
    const byHeader = secretTable(
      known.flatMap((one) => headersOf(one.client).map((header) => [header, one] as const)),
    );
    return {
      byHeader: (authorization) => this.#admit(byHeader(authorization), protocol),
      byToken: (token) => this.#admit(byToken(token), protocol),
    };
  }

  #admit(known: Known | undefined, protocol: Protocol): Right {
    if (known === undefined) throw new Refusal("unauthorized", "Unauthorized");
    const { client, bucket } = known;
    const waitMs = bucket?.take(this.#now()) ?? 0;
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new Refusal("too many requests", `Too many requests: try again in ${seconds} s`, seconds);
    }
    const right = client.rights[protocol];
    if (right === undefined) throw new Refusal("forbidden", `This token may not use ${protocol}`);
    return right;
  }
}

/** Throws a {@link Refusal} unless the caller may write. */
export function requireWrite(right: Right, what: string): void {
  if (right !== "write") throw new Refusal("forbidden", `This token may only read: it may not ${what}`);
}

function rank({ client }: Known, protocol: Protocol): number {
  return client.rights[protocol] === undefined ? 0 : 1;
}

function headersOf({ name, token }: Client): readonly string[] {
  return [`Bearer ${token}`, `Basic ${Buffer.from(`${name}:${token}`).toString("base64")}`];
}
