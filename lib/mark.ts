import { Topic } from "../schema/internal/topic.ts";
import { pairsOf } from "./redis-pairs.ts";

/** The mark of one hand-over, as Redis holds it. */
export type Mark = {
  member: string;
  topic: Topic;
  /** when the topic was marked, in milliseconds since the epoch */
  at: number;
};

/** The marks in a flat list of members and scores; what is no mark is left out. */
export function marksOf(flat: readonly (string | number)[]): Mark[] {
  return pairsOf(flat).flatMap(([name, at]): Mark[] => {
    const member = String(name);
    const topic = Topic.safeParse(member.slice(0, member.indexOf(" "))).data;
    return topic === undefined ? [] : [{ member, topic, at: Number(at) }];
  });
}
