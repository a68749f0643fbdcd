import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { Entry } from "./entries.ts";

/** Positions this near to an edge count as the edge, in pixels. */
const NEAR_BOTTOM = 48;
const NEAR_TOP = 160;

/** The props of the scrolling element; `check` reports once more whether the end is visible. */
export type LogScroll = { ref: RefObject<HTMLDivElement | null>; onScroll: () => void; check: () => void };

/**
 * Keeps a log's scroll position: at the end it follows new entries; further up it does not move, also when older
 * entries are added above. An own new entry always scrolls to the end.
 */
export function useLogScroll(props: {
  entries: readonly Entry[];
  me: UserId;
  onTop: () => void;
  onBottom: () => void;
}): LogScroll {
  const { entries, me, onBottom } = props;
  const ref = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const before = useRef({ first: "", last: "", height: 0 });

  const check = useCallback(() => {
    if (follows.current) onBottom();
  }, [onBottom]);

  useLayoutEffect(() => {
    const log = ref.current;
    if (log === null) return;
    const first = entries[0]?.key ?? "";
    const last = entries.at(-1);
    const cameAbove = before.current.first !== "" && before.current.first !== first;
    if (last !== undefined && last.key !== before.current.last && last.senderId === me)
      follows.current = true;
    if (follows.current) log.scrollTop = log.scrollHeight;
    else if (cameAbove) log.scrollTop += log.scrollHeight - before.current.height;
    before.current = { first, last: last?.key ?? "", height: log.scrollHeight };
    check();
  }, [entries, me, check]);

  // A keyboard that opens or a composer that grows makes the log smaller: its end stays visible.
  useEffect(() => {
    const log = ref.current;
    if (log === null) return;
    const observer = new ResizeObserver(() => {
      if (follows.current) log.scrollTop = log.scrollHeight;
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const log = ref.current;
    if (log === null) return;
    follows.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM;
    check();
    if (log.scrollTop < NEAR_TOP && !follows.current) props.onTop();
  };

  return { ref, onScroll, check };
}
