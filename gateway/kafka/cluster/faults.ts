import { NetworkError, protocolErrors, protocolErrorsCodesById, TimeoutError } from "@platformatic/kafka";

/** The codes of Kafka's protocol that are treated one by one. */
export const CODE = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicasAfterAppend: 20,
  topicNotAllowed: 29,
  groupNotAllowed: 30,
  clusterNotAllowed: 31,
  invalidTimestamp: 32,
  topicExists: 36,
  invalidReplication: 38,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  unknownProducer: 59,
  invalidRecord: 87,
} as const;

/** Kafka has refused a request, or a part of one. */
export class KafkaFault extends Error {
  override readonly name = "KafkaFault";
  readonly code: number;

  constructor(code: number, what: string, detail?: string | null) {
    super(`${what}: ${protocolErrorsCodesById[code] ?? code}${detail ? ` (${detail})` : ""}`);
    this.code = code;
  }

  /** Whether the same request may succeed a little later. */
  get passing(): boolean {
    const name = protocolErrorsCodesById[this.code];
    return name !== undefined && protocolErrors[name]?.canRetry === true;
  }
}

/** Whether a failed request may succeed a little later, on this connection or on a new one. */
export function mayPass(error: unknown): boolean {
  if (error instanceof KafkaFault) return error.passing;
  return isDisconnection(error);
}

/** Whether the connection has failed, so that nobody knows whether the broker has got the request. */
export function isDisconnection(error: unknown): boolean {
  return error instanceof NetworkError || error instanceof TimeoutError;
}
