import { initProducerIdV5 } from "@platformatic/kafka";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault } from "./faults.ts";
import { retried } from "./retry.ts";

/** Under which Kafka numbers the batches of a producer, to write none twice. */
export interface Identity {
  readonly producerId: bigint;
  readonly epoch: number;
}

const LAST_EPOCH = 32_767;
const WITHIN_MS = 10_000;
/** Without a meaning here, as there are no transactions. */
const TRANSACTION_MS = 60_000;

/** The identity of this producer. A new epoch begins all numbers anew, and refuses batches of older epochs. */
export class ProducerIdentity {
  readonly #brokers: Brokers;
  #current: Identity | undefined;
  #asking: Promise<Identity> | undefined;

  constructor(brokers: Brokers) {
    this.#brokers = brokers;
  }

  /** The current identity, from the cluster when there is none. */
  async get(): Promise<Identity> {
    if (this.#current !== undefined) return this.#current;
    this.#asking ??= retried(WITHIN_MS, () => this.#ask()).finally(() => {
      this.#asking = undefined;
    });
    this.#current = await this.#asking;
    return this.#current;
  }

  /** Begins a new epoch, unless that has happened since `used` was current. */
  renew(used: Identity): void {
    if (this.#current !== used) return;
    const { producerId, epoch } = used;
    this.#current = epoch < LAST_EPOCH ? { producerId, epoch: epoch + 1 } : undefined;
  }

  async #ask(): Promise<Identity> {
    const request = [null, TRANSACTION_MS] as const;
    const response = await this.#brokers.call("any", "produce", initProducerIdV5.api, ...request);
    const { errorCode, producerId, producerEpoch } = response;
    if (errorCode !== CODE.none) throw new KafkaFault(errorCode, "Kafka gives no producer id");
    return { producerId, epoch: producerEpoch };
  }
}
