import { vi } from "vitest";
import type { BucketMember, ReadMarker, Submission, SubmissionOutcome } from "../../lib/rpc/logic.ts";
import type { Outcome } from "../../lib/rpc/outcome.ts";

/** The groups that people are in, as logic answers them. */
export const groupsOf = new Map<string, string[]>();

/** Logic as the bucket sees it: accepts everything, knows `groupsOf`, and can be led otherwise by a test. */
export const logic = {
  submit: vi.fn(async (batch: Submission[]): Promise<SubmissionOutcome[]> => batch.map(() => ({ ok: true }))),
  read: vi.fn(
    async (markers: ReadMarker[]): Promise<Outcome<null>[]> => markers.map(() => ({ ok: true, value: null })),
  ),
  arrive: vi.fn(async (_address: string, userIds: string[]) =>
    userIds.map((userId) => groupsOf.get(userId) ?? []),
  ),
  depart: vi.fn(async (_address: string, _members: BucketMember[], _emptyGroupIds: string[]) => {}),
  renew: vi.fn(async (_address: string, _sockets: number) => true),
  register: vi.fn(async (_address: string, _members: BucketMember[], _sockets: number) => {}),
  release: vi.fn(async (_address: string) => {}),
};

/** Logic as it is when nothing has been led otherwise, and nothing called. */
export function resetLogic(): void {
  groupsOf.clear();
  for (const call of Object.values(logic)) call.mockReset();
}

/** Holds a call back until the test lets it go. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}
