import {
  type API,
  Connection,
  type ConnectionOptions,
  metadataV12,
  NetworkError,
  ResponseError,
} from "@platformatic/kafka";

/** Where a broker listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * A broker handles the requests of a connection one after the other. So each kind of work has connections of its own: a
 * slow creation of topics delays no produce.
 */
export type Lane = "produce" | "fetch" | "offsets" | "topics";

const CONNECT_WITHIN_MS = 3_000;
/** A produce waits for replicas, and a batch of new topics for the controller's and the brokers' disks. */
const REQUEST_WITHIN_MS: Readonly<Record<Lane, number>> = {
  ...{ produce: 10_000, fetch: 9_000, offsets: 9_000, topics: 30_000 },
};

/** The brokers of a cluster, by their numbers, with the connections to them. Connections are opened when needed. */
export class Brokers {
  readonly #bootstrap: readonly Address[];
  readonly #clientId: string;
  readonly #options: ConnectionOptions;
  readonly #connections = new Map<string, Promise<Connection>>();
  #addresses: ReadonlyMap<number, Address> = new Map();
  #refreshing: Promise<void> | undefined;
  #turn = 0;
  #closed = false;

  /** `security` holds the options of TLS and SASL. */
  constructor(
    bootstrap: readonly Address[],
    clientId: string,
    security: Pick<ConnectionOptions, "tls" | "sasl">,
  ) {
    this.#bootstrap = bootstrap;
    this.#clientId = clientId;
    this.#options = { ...security, connectTimeout: CONNECT_WITHIN_MS };
  }

  /** The numbers of the brokers known so far. */
  get ids(): readonly number[] {
    return [...this.#addresses.keys()];
  }

  /** Where the brokers known so far say that they listen. */
  get addresses(): readonly string[] {
    return [...this.#addresses.values()].map(({ host, port }) => `${host}:${port}`);
  }

  /** Opens a connection to a broker. */
  async connect(id: number): Promise<void> {
    await this.#connection(await this.#address(id), "offsets");
  }

  /**
   * Sends one request to a broker, or to any. Resolves with the response also when it has errors: they are in its parts.
   * Throws when there is no connection, or when it fails before the response; the request may have taken effect then.
   */
  async call<Arguments extends unknown[], Response>(
    to: number | "any",
    lane: Lane,
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    const connection = await (to === "any"
      ? this.#anyConnection(lane)
      : this.#connection(await this.#address(to), lane));
    try {
      return await api.async(connection, ...args);
    } catch (error) {
      if (error instanceof ResponseError && error.response !== undefined) return error.response;
      throw error;
    }
  }

  /** Takes the brokers that a response of the cluster names. */
  learn(brokers: metadataV12.MetadataResponse["brokers"]): void {
    this.#addresses = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
  }

  /** Asks the cluster for its brokers. Calls at the same time share one request. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.call("any", "offsets", metadataV12.api, [], false)
      .then(({ brokers }) => this.learn(brokers))
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  /** Closes all connections. Requests under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = await Promise.allSettled(this.#connections.values());
    await Promise.all(opened.map((each) => (each.status === "fulfilled" ? each.value.close() : undefined)));
  }

  async #address(id: number): Promise<Address> {
    if (!this.#addresses.has(id)) await this.refresh();
    const address = this.#addresses.get(id);
    if (address === undefined) throw new NetworkError(`Broker ${id} is not in the cluster`);
    return address;
  }

  /** A connection to any broker that can be reached; open ones first. */
  async #anyConnection(lane: Lane): Promise<Connection> {
    const candidates = [...this.#addresses.values(), ...this.#bootstrap];
    const open = candidates.filter((address) => this.#connections.has(key(address, lane)));
    this.#turn += 1;
    const start = this.#turn % candidates.length;
    let failure: unknown;
    for (const address of [...open, ...candidates.slice(start), ...candidates.slice(0, start)]) {
      try {
        return await this.#connection(address, lane);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #connection(address: Address, lane: Lane): Promise<Connection> {
    if (this.#closed) return Promise.reject(new NetworkError("The log is closed"));
    const name = key(address, lane);
    const known = this.#connections.get(name);
    if (known !== undefined) return known;
    const opening = this.#open(address, REQUEST_WITHIN_MS[lane], () => {
      if (this.#connections.get(name) === opening) this.#connections.delete(name);
    });
    this.#connections.set(name, opening);
    return opening;
  }

  async #open({ host, port }: Address, requestTimeout: number, gone: () => void): Promise<Connection> {
    const connection = new Connection(this.#clientId, { ...this.#options, requestTimeout });
    // An error event without a listener would end the process; each pending request fails with the error, too.
    connection.on("error", gone);
    connection.on("close", gone);
    try {
      await connection.connect(host, port);
      return connection;
    } catch (error) {
      gone();
      connection.socket.destroy();
      throw error;
    }
  }
}

function key({ host, port }: Address, lane: Lane): string {
  return `${host}:${port} ${lane}`;
}
