import { vi } from "vitest";
import type { BucketMember, HeldPerson, Submission, VerifiedPerson } from "../../lib/rpc/logic.ts";
import { accept, type Outcome } from "../../lib/rpc/outcome.ts";
import { GroupId, type UserId } from "../../schema/wire/ids.ts";

/** The groups that people are in, as logic knows them. */
export const groupsOf = new Map<string, string[]>();

function groups(userId: string): GroupId[] {
  return (groupsOf.get(userId) ?? []).map((groupId) => GroupId.parse(groupId));
}

/** Logic as the bucket sees it: accepts everything and knows `groupsOf`, unless a test replaces a call. */
export const logic = {
  submit: vi.fn(async (batch: Submission[]): Promise<Outcome<null>[]> => batch.map(() => accept(null))),
  arrive: vi.fn(async (_address: string, userIds: UserId[]): Promise<GroupId[][]> => userIds.map(groups)),
  depart: vi.fn(async (_address: string, _members: BucketMember[], _emptyGroupIds: GroupId[]) => {}),
  renew: vi.fn(async (_address: string, _sockets: number) => true),
  register: vi.fn(async (_address: string, _members: BucketMember[], _sockets: number) => {}),
  release: vi.fn(async (_address: string) => {}),
  verify: vi.fn(
    async (people: HeldPerson[]): Promise<VerifiedPerson[]> =>
      people.map(({ userId }) => ({ groupIds: groups(userId), endedSessionIds: [] })),
  ),
};

/** Logic without a replaced call, and with no call made yet. */
export function resetLogic(): void {
  groupsOf.clear();
  for (const call of Object.values(logic)) call.mockReset();
}

/** Holds a call back until the test lets it go. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}
