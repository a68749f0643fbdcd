import { describe, expect, it } from "vitest";
import { message } from "./testing.ts";
import {
  addHidden,
  addNewest,
  addNothing,
  addOlder,
  addPushed,
  addSynced,
  emptyTimeline,
  shown,
  type Timeline,
} from "./timeline.ts";

/** A timeline that a first sync filled with the messages of some seqs, the newest of which is the last. */
function syncedWith(...seqs: number[]): Timeline {
  const last = seqs.at(-1) ?? 0;
  return addSynced(
    emptyTimeline,
    { lastSeq: last, rev: last, messages: seqs.map((seq) => message(seq)), more: false },
    null,
  );
}

const seqs = (timeline: Timeline) => shown(timeline).map(({ seq }) => seq);

describe("the cursor", () => {
  it("follows pushed messages one by one", () => {
    const timeline = addPushed(addPushed(syncedWith(1, 2), message(3)), message(4));
    expect(timeline.cursor).toBe(4);
    expect(timeline.ahead.size).toBe(0);
  });

  it("stays before a gap until a sync fills it, then takes what came after", () => {
    const gap = addPushed(syncedWith(1, 2), message(5));
    expect(gap.cursor).toBe(2);
    expect(gap.ahead.size).toBe(1);
    const filled = addSynced(gap, { lastSeq: 4, rev: 4, messages: [message(3), message(4)], more: false }, 2);
    expect(filled.cursor).toBe(5);
    expect(filled.ahead.size).toBe(0);
    expect(seqs(filled)).toEqual([1, 2, 3, 4, 5]);
  });

  it("goes no further than the messages of a response that has more", () => {
    const slice = { lastSeq: 9, rev: 4, messages: [message(3), message(4)], more: true };
    expect(addSynced(syncedWith(1, 2), slice, 2).cursor).toBe(4);
  });

  it("does not move for a repeat, nor back for a late response", () => {
    const timeline = syncedWith(1, 2, 3);
    expect(addPushed(timeline, message(2)).cursor).toBe(3);
    expect(addSynced(timeline, { lastSeq: 2, rev: 2, messages: [message(2)], more: false }, 1).cursor).toBe(
      3,
    );
  });

  it("is unknown before the first sync, whatever is pushed", () => {
    const timeline = addPushed(emptyTimeline, message(1));
    expect(timeline.cursor).toBeNull();
    expect(addNothing(timeline).cursor).toBe(1);
  });
});

describe("a hidden message", () => {
  it("is not shown, also when a change of it arrives later", () => {
    const timeline = addHidden(syncedWith(1, 2, 3), [message(2).id]);
    expect(seqs(timeline)).toEqual([1, 3]);
    const edited = addPushed(timeline, message(2, { rev: 4 }));
    expect(seqs(edited)).toEqual([1, 3]);
    expect(edited.cursor).toBe(4);
  });
});

describe("the newest page", () => {
  const page = [message(8, { rev: 12 }), message(9), message(10)];

  it("loads what is not loaded, with what was pushed meanwhile", () => {
    const pushed = addPushed(addPushed(emptyTimeline, message(2)), message(11, { rev: 13 }));
    const timeline = addNewest(pushed, page, 12, false);
    expect(timeline.cursor).toBe(13);
    expect(seqs(timeline)).toEqual([8, 9, 10, 11]);
    expect(timeline.complete).toBe(false);
  });

  it("replaces older messages, whose changes may have been missed", () => {
    const timeline = addNewest(syncedWith(1, 2, 3), page, 12, false);
    expect(timeline.cursor).toBe(12);
    expect(timeline.from).toBe(8);
    expect(timeline.messages.map(({ seq }) => seq)).toEqual([8, 9, 10]);
  });

  it("is the whole of a short conversation", () => {
    expect(addNewest(emptyTimeline, [], 0, true)).toMatchObject({ cursor: 0, from: 1, complete: true });
  });
});

describe("the messages", () => {
  it("since a rev do not load what is not loaded", () => {
    const slice = { lastSeq: 5, rev: 5, messages: [message(5)], more: false };
    expect(addSynced(emptyTimeline, slice, 4)).toMatchObject({ cursor: null, from: null });
  });

  it("keep the highest rev of each, in whichever order the versions come", () => {
    const edited = message(1, { rev: 3, text: "edited" });
    const after = addPushed(syncedWith(1, 2), edited);
    expect(shown(after)[0]).toEqual(edited);
    expect(shown(addPushed(after, message(1)))[0]).toEqual(edited);
  });

  it("hide a change of a message whose surroundings are not loaded, until they are", () => {
    const edited = message(3, { rev: 31, text: "edited" });
    const timeline = addPushed(syncedWith(28, 29, 30), edited);
    expect(timeline.cursor).toBe(31);
    expect(seqs(timeline)).toEqual([28, 29, 30]);
    const older = Array.from({ length: 27 }, (_, index) => message(index + 1));
    const whole = addOlder(timeline, older, true);
    expect(shown(whole)).toHaveLength(30);
    expect(shown(whole)[2]).toEqual(edited);
  });

  it("begin anew when the newest do not join what is held", () => {
    const slice = { lastSeq: 41, rev: 41, messages: [message(40), message(41)], more: false };
    const timeline = addSynced(syncedWith(1, 2), slice, null);
    expect(seqs(timeline)).toEqual([40, 41]);
    expect(timeline.complete).toBe(false);
  });

  it("are complete once the first is there", () => {
    expect(syncedWith(1, 2).complete).toBe(true);
    expect(syncedWith(5, 6).complete).toBe(false);
    expect(addOlder(syncedWith(5, 6), [message(3), message(4)], false).complete).toBe(false);
    expect(addOlder(syncedWith(5, 6), [], true).complete).toBe(true);
    expect(syncedWith().complete).toBe(true);
  });
});
