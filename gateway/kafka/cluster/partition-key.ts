/** The name of a partition, as the library too names it for its sequence numbers. */
export function keyOf({ topic, partition = 0 }: { topic: string; partition?: number | undefined }): string {
  return `${topic}:${partition}`;
}
