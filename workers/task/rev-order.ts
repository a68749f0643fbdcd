import type { Effect } from "../../operations/kind.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Applied } from "./apply.ts";

/**
 * Has the events of each conversation come in the order of their revs, each rev once, also when a batch repeats what an
 * earlier drain has stored: the row of a repeated operation is its message as it is now, maybe with the change of a later
 * record. Such an event waits for that record. Nothing is moved: what is left stays in its place between controls.
 */
export function inRevOrder(applied: Applied[]): Applied[] {
  const conversations = Map.groupBy(
    applied.flatMap(({ effects }) => effects).filter(isMessage),
    ({ event }) => event.message.conversation,
  );
  const left = new Set([...conversations.values()].flatMap(surplus));
  if (left.size === 0) return applied;
  return applied.map(({ logged, effects }) => ({
    logged,
    effects: effects.filter((effect) => !left.has(effect)),
  }));
}

type MessageEffect = Effect & { event: { ev: "message"; message: Message } };

function isMessage(effect: Effect): effect is MessageEffect {
  return effect.event?.ev === "message";
}

/** Of the events of one conversation those to leave out. */
function surplus(effects: MessageEffect[]): Effect[] {
  if (effects.every((effect, index) => index === 0 || revOf(effect) > revOf(effects[index - 1] ?? effect)))
    return [];
  const lastPlace = new Map(effects.map((effect, index) => [revOf(effect), index]));
  const revs = [...lastPlace.keys()].sort((a, b) => a - b);
  const pushed = new Set<number>();
  const left: Effect[] = [];
  let newest = 0;
  let next = 0;
  for (const [index, effect] of effects.entries()) {
    const rev = revOf(effect);
    while ((revs[next] ?? rev) <= newest && next < revs.length) next++;
    const waits = (revs[next] ?? rev) < rev && (lastPlace.get(rev) ?? index) > index;
    if (pushed.has(rev) || waits) left.push(effect);
    else pushed.add(rev);
    if (!waits) newest = Math.max(newest, rev);
  }
  return left;
}

function revOf({ event }: MessageEffect): number {
  return event.message.rev;
}
