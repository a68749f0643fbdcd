import {
  apiVersionsV1,
  createTopicsV7,
  describeTopicPartitionsV0,
  fetchV12,
  findCoordinatorV4,
  initProducerIdV5,
  listOffsetsV7,
  metadataV12,
  offsetCommitV8,
  offsetFetchV8,
  produceV11,
  protocolAPIsById,
} from "@platformatic/kafka";
import type { Brokers } from "./brokers.ts";

/** The requests that the engine makes, each in the one version that it uses. */
const USED = [
  createTopicsV7,
  describeTopicPartitionsV0,
  fetchV12,
  findCoordinatorV4,
  initProducerIdV5,
  listOffsetsV7,
  metadataV12,
  offsetCommitV8,
  offsetFetchV8,
  produceV11,
];

/** The first of the used requests that the brokers do not know in its version; undefined when they know all. */
export async function unknownRequest(brokers: Brokers): Promise<string | undefined> {
  const { apiKeys } = await brokers.call("any", "offsets", apiVersionsV1.api, "", "");
  const known = new Map(apiKeys.map((each) => [each.apiKey, each]));
  const missing = USED.find(({ api }) => {
    const offered = known.get(api.key);
    return offered === undefined || api.version < offered.minVersion || api.version > offered.maxVersion;
  });
  return missing && `${protocolAPIsById[missing.api.key]} ${missing.api.version}`;
}
