import { useEffect, useState } from "react";
import { wordsFor } from "./use-action.ts";

/** The pause in typing, in ms, after which a search is requested. */
const PAUSE_MS = 250;

/** The result of a search; `items` is null before the first. */
export type Found<Item> = { items: readonly Item[] | null; problem: string | null };

const NOTHING = { items: null, problem: null };

/**
 * Searches while a person types: requests once typing pauses, and drops responses to older words.
 * `find` must stay the same function between renders.
 */
export function useSearch<Item>(
  query: string,
  find: (query: string, signal: AbortSignal) => Promise<{ items: Item[] }>,
): Found<Item> {
  const [found, setFound] = useState<Found<Item>>(NOTHING);
  const words = query.trim();
  useEffect(() => {
    if (words === "") {
      setFound(NOTHING);
      return;
    }
    const over = new AbortController();
    const ask = async () => {
      try {
        const { items } = await find(words, over.signal);
        setFound({ items, problem: null });
      } catch (error) {
        if (!over.signal.aborted) setFound({ items: null, problem: wordsFor(error) });
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [words, find]);
  return found;
}
