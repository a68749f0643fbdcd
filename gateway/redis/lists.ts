import { CommandError, type Commands, OK, reads, type StoreReply, syntaxError, writes } from "./command.ts";
import type { Keyspace } from "./keyspace.ts";
import { count, index, slice } from "./numbers.ts";
import { LIST } from "./values.ts";

type End = "LEFT" | "RIGHT";

/** The most arguments in one call of a function: each takes a place on the stack. */
const CHUNK = 10_000;

/** Lists. */
export const listCommands: Commands = {
  LPUSH: writes([2, "more"], (store, [key, ...items]) => push(store, key, "LEFT", items)),
  RPUSH: writes([2, "more"], (store, [key, ...items]) => push(store, key, "RIGHT", items)),
  LPUSHX: writes([2, "more"], (store, [key, ...items]) => pushExisting(store, key, "LEFT", items)),
  RPUSHX: writes([2, "more"], (store, [key, ...items]) => pushExisting(store, key, "RIGHT", items)),
  LPOP: writes([1, 2], (store, [key, howMany]) => popped(store, key, "LEFT", howMany)),
  RPOP: writes([1, 2], (store, [key, howMany]) => popped(store, key, "RIGHT", howMany)),
  LLEN: reads(1, (store, [key]) => listAt(store, key).length),
  LRANGE: reads(3, (store, [key, start, stop]) => {
    const within = slice(start, stop);
    const list = listAt(store, key);
    return list.slice(...within(list.length));
  }),
  LINDEX: reads(2, (store, [key, place]) => store.get(key, LIST)?.at(index(place)) ?? null),
  LSET: writes(3, (store, [key, place, item]) => {
    const list = store.get(key, LIST);
    if (list === undefined) throw new CommandError("ERR no such key");
    const given = index(place);
    const at = given < 0 ? given + list.length : given;
    if (at < 0 || at >= list.length) throw new CommandError("ERR index out of range");
    list[at] = item;
    return OK;
  }),
  LINSERT: writes(4, (store, [key, where, pivot, item]) => insert(store, key, where, pivot, item)),
  LREM: writes(3, (store, [key, howMany, item]) => {
    const limit = index(howMany);
    return store.edit(key, LIST, (list) => remove(list, limit, item));
  }),
  LTRIM: writes(3, (store, [key, start, stop]) => {
    const within = slice(start, stop);
    return store.edit(key, LIST, (list) => {
      const [from, to] = within(list.length);
      list.splice(to);
      list.splice(0, from);
      return OK;
    });
  }),
  LMOVE: writes(4, (store, [from, to, fromEnd, toEnd]) =>
    move(store, from, to, endOf(fromEnd), endOf(toEnd)),
  ),
  RPOPLPUSH: writes(2, (store, [from, to]) => move(store, from, to, "RIGHT", "LEFT")),
};

function listAt(store: Keyspace, key: string): readonly string[] {
  return store.get(key, LIST) ?? [];
}

function push(store: Keyspace, key: string, end: End, items: readonly string[]): number {
  return store.edit(key, LIST, (list) => {
    if (end === "RIGHT") for (const item of items) list.push(item);
    else
      for (let at = 0; at < items.length; at += CHUNK) list.unshift(...items.slice(at, at + CHUNK).reverse());
    return list.length;
  });
}

function pushExisting(store: Keyspace, key: string, end: End, items: readonly string[]): number {
  return store.get(key, LIST) === undefined ? 0 : push(store, key, end, items);
}

function popped(store: Keyspace, key: string, end: End, howMany: string | undefined): StoreReply {
  const limit = howMany === undefined ? 1 : count(howMany);
  if (store.get(key, LIST) === undefined) return null;
  const items = pop(store, key, end, limit);
  return howMany === undefined ? (items[0] ?? null) : items;
}

function pop(store: Keyspace, key: string, end: End, limit: number): string[] {
  return store.edit(key, LIST, (list) =>
    end === "LEFT" ? list.splice(0, limit) : list.splice(Math.max(0, list.length - limit)).reverse(),
  );
}

function insert(store: Keyspace, key: string, where: string, pivot: string, item: string): StoreReply {
  const side = where.toUpperCase();
  if (side !== "BEFORE" && side !== "AFTER") throw syntaxError();
  const list = store.get(key, LIST);
  if (list === undefined) return 0;
  const at = list.indexOf(pivot);
  if (at < 0) return -1;
  list.splice(side === "BEFORE" ? at : at + 1, 0, item);
  return list.length;
}

/** Removes up to `limit` equal items: from the end when it is negative, all when it is 0. */
function remove(list: string[], limit: number, item: string): number {
  const places = matches(list, item);
  const chosen = limit < 0 ? places.slice(limit) : places.slice(0, limit === 0 ? places.length : limit);
  const gone = new Set(chosen);
  const kept = list.filter((_, place) => !gone.has(place));
  list.length = 0;
  for (const each of kept) list.push(each);
  return chosen.length;
}

function move(store: Keyspace, from: string, to: string, fromEnd: End, toEnd: End): StoreReply {
  if (store.get(from, LIST) === undefined) return null;
  store.get(to, LIST);
  const [item = ""] = pop(store, from, fromEnd, 1);
  push(store, to, toEnd, [item]);
  return item;
}

function endOf(text: string): End {
  const end = text.toUpperCase();
  if (end !== "LEFT" && end !== "RIGHT") throw syntaxError();
  return end;
}

function matches(list: readonly string[], item: string): number[] {
  return [...list.keys()].filter((place) => list[place] === item);
}
