import { createTopicsV7, fetchV12, initProducerIdV5, offsetCommitV8, produceV11 } from "@platformatic/kafka";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault } from "./faults.ts";

/** What a gateway must be allowed to do; the words end a sentence. */
export interface MissingRights {
  readonly rights: readonly string[];
  /** Why a topic cannot be made, when it is not a right that is missing. */
  readonly topicRefusal: KafkaFault | undefined;
}

/** Stand for all topics of an instant-messaging system, in requests that change nothing. */
const TOPICS = ["user.0", "group.0"];
const GROUP = "task";
/** No topic has it: Kafka checks the rights before it looks for a partition. */
const NO_PARTITION = 2_147_483_647;
const WITHIN_MS = 5_000;

/** Tries each kind of request on what does not exist. */
export async function missingRights(
  brokers: Brokers,
  leader: number,
  replication: number,
): Promise<MissingRights> {
  const [creation, writing, numbering, reading, committing] = await Promise.all([
    tryCreation(brokers, replication),
    tryWriting(brokers, leader),
    tryNumbering(brokers),
    tryReading(brokers, leader),
    tryCommit(brokers, leader),
  ]);
  const names = TOPICS.map((name) => name.replace("0", "*")).join(" and ");
  const missing: [boolean, string][] = [
    [isRefusal(creation?.code), `create topics ${names}`],
    [isRefusal(writing) || isRefusal(numbering), "write to them"],
    [isRefusal(reading), "read them"],
    [isRefusal(committing), `commit offsets of group ${GROUP}`],
  ];
  return {
    rights: missing.flatMap(([is, right]) => (is ? [right] : [])),
    topicRefusal: isRefusal(creation?.code) ? undefined : creation,
  };
}

function isRefusal(code: number | undefined): boolean {
  return code === CODE.topicNotAllowed || code === CODE.clusterNotAllowed || code === CODE.groupNotAllowed;
}

async function tryCreation(brokers: Brokers, replicationFactor: number): Promise<KafkaFault | undefined> {
  const topics = TOPICS.map((name) => ({
    ...{ name, numPartitions: 1, replicationFactor, assignments: [], configs: [] },
  }));
  const response = await brokers.call("any", "topics", createTopicsV7.api, topics, WITHIN_MS, true);
  const faults = response.topics.filter(
    ({ errorCode }) => errorCode !== CODE.none && errorCode !== CODE.topicExists,
  );
  return faults.map(({ name, errorCode, errorMessage }) => new KafkaFault(errorCode, name, errorMessage))[0];
}

async function tryWriting(brokers: Brokers, leader: number): Promise<number | undefined> {
  const records = TOPICS.map((topic) => ({
    ...{ topic, partition: NO_PARTITION, value: Buffer.alloc(0), timestamp: BigInt(Date.now()) },
  }));
  const response = await brokers.call(leader, "produce", produceV11.api, -1, WITHIN_MS, records);
  const parts = typeof response === "boolean" ? [] : response.responses;
  return firstRefusal(parts.flatMap(({ partitionResponses }) => partitionResponses));
}

async function tryNumbering(brokers: Brokers): Promise<number> {
  return (await brokers.call("any", "produce", initProducerIdV5.api, null, WITHIN_MS)).errorCode;
}

async function tryReading(brokers: Brokers, leader: number): Promise<number | undefined> {
  const partitions = [
    {
      partition: NO_PARTITION,
      fetchOffset: 0n,
      partitionMaxBytes: 1,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
    },
  ];
  const topics = TOPICS.map((topicId) => ({ topicId, partitions }));
  const response = await brokers.call(leader, "fetch", fetchV12.api, 0, 0, 1, 0, 0, -1, topics, [], "");
  return firstRefusal(response.responses.flatMap((topic) => topic.partitions));
}

/** Any broker checks the rights; only the group's coordinator would commit. */
async function tryCommit(brokers: Brokers, leader: number): Promise<number | undefined> {
  const partitions = [{ partitionIndex: NO_PARTITION, committedOffset: 0n, committedLeaderEpoch: -1 }];
  const topics = TOPICS.map((name) => ({ name, partitions }));
  const response = await brokers.call(leader, "offsets", offsetCommitV8.api, GROUP, -1, "", null, topics);
  return firstRefusal(response.topics.flatMap((topic) => topic.partitions));
}

function firstRefusal(parts: readonly { readonly errorCode: number }[]): number | undefined {
  return parts.find(({ errorCode }) => isRefusal(errorCode))?.errorCode;
}
