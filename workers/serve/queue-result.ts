/** What a consumer's `queue` handler has decided, as the runtime returns it. */
export type QueueResult = {
  outcome: string;
  ackAll: boolean;
  retryBatch: { retry: boolean; delaySeconds?: number };
  explicitAcks: readonly string[];
  retryMessages: readonly { msgId: string; delaySeconds?: number }[];
};

/**
 * The messages of a batch that are to be delivered again, and after how many seconds. `result` is null when the handler
 * could not be reached; what it has acknowledged or wants again by name counts more than what it says of the batch.
 */
export function retries(
  result: QueueResult | null,
  ids: readonly string[],
  retryDelay: number,
): Map<string, number> {
  if (result === null) return new Map(ids.map((id) => [id, retryDelay]));
  const { outcome, ackAll, retryBatch, explicitAcks, retryMessages } = result;
  const named = new Map(retryMessages.map(({ msgId, delaySeconds }) => [msgId, delaySeconds ?? retryDelay]));
  const whole = retryBatch.retry || (outcome !== "ok" && !ackAll);
  const rest = ids.filter((id) => whole && !named.has(id) && !explicitAcks.includes(id));
  return new Map([...named, ...rest.map((id) => [id, retryBatch.delaySeconds ?? retryDelay] as const)]);
}
