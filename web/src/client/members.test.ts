import { expect, it, vi } from "vitest";
import type { Member } from "../../../schema/wire/group.ts";
import type { GroupId } from "../../../schema/wire/ids.ts";
import type { Page } from "../../../schema/wire/page.ts";
import { Members } from "./members.ts";
import { clubGroup, person } from "./testing.ts";

const PAGE = 3;

function member(number: number): Member {
  const user = person(String(number), `P${number}`);
  return { user, role: "member", online: false, joinedAt: "2026-01-02T03:04:05.000Z" };
}

/** The members of a group of eight, who can change; pages of three. */
function makeMembers() {
  const group = Array.from({ length: 8 }, (_, index) => member(index + 1));
  const api = {
    members: vi.fn(
      async (_id: GroupId, cursor: string | null, _signal: AbortSignal): Promise<Page<Member>> => {
        const start = Number(cursor ?? 0);
        const end = start + PAGE;
        return { items: group.slice(start, end), nextCursor: end < group.length ? String(end) : null };
      },
    ),
  };
  const members = new Members(api, clubGroup().id, (error) => String(error));
  const shown = () => members.state().items.map(({ user }) => user.displayName);
  return { group, api, members, shown };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("fetches one page, then the next on demand", async () => {
  const { api, members, shown } = makeMembers();
  members.refresh();
  await settled();
  expect(shown()).toEqual(["P1", "P2", "P3"]);
  members.more();
  members.more();
  await settled();
  expect(api.members).toHaveBeenCalledTimes(2);
  expect(shown()).toHaveLength(6);
  expect(members.state().hasMore).toBe(true);
  members.more();
  await settled();
  expect(members.state()).toMatchObject({ hasMore: false });
  expect(shown()).toHaveLength(8);
});

it("fetches the loaded pages again after a change", async () => {
  const { group, members, shown, api } = makeMembers();
  members.refresh();
  await settled();
  members.more();
  await settled();
  group.splice(1, 1);
  members.refresh();
  await settled();
  expect(shown()).toEqual(["P1", "P3", "P4", "P5", "P6", "P7"]);
  expect(api.members).toHaveBeenCalledTimes(4);
});

it("makes one more fetch of any number of changes during one", async () => {
  const { group, members, shown, api } = makeMembers();
  members.refresh();
  for (let change = 0; change < 5; change += 1) members.refresh();
  group.reverse();
  await settled();
  expect(api.members).toHaveBeenCalledTimes(2);
  expect(shown()).toEqual(["P8", "P7", "P6"]);
});

it("shows why a fetch failed, and recovers", async () => {
  const { members, api, shown } = makeMembers();
  api.members.mockRejectedValueOnce("no network");
  members.refresh();
  await settled();
  expect(members.state().problem).toBe("no network");
  members.refresh();
  await settled();
  expect(members.state().problem).toBeNull();
  expect(shown()).toHaveLength(3);
});

it("fetches after a change that came while a fetch failed", async () => {
  const { members, api, shown } = makeMembers();
  api.members.mockRejectedValueOnce("no network");
  members.refresh();
  members.refresh();
  await settled();
  expect(members.state().problem).toBeNull();
  expect(shown()).toHaveLength(3);
});

it("drops a response that comes after it was closed, and can be shown again", async () => {
  const { members, shown } = makeMembers();
  members.refresh();
  members.close();
  await settled();
  expect(shown()).toEqual([]);
  members.refresh();
  await settled();
  expect(shown()).toHaveLength(3);
});
