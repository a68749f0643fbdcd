import { expect, test } from "vitest";
import type { MemberChange, Role } from "../../schema/wire/group.ts";
import { type Pair, refuseChange, refuseRemoval } from "./member-rules.ts";

const pair = (role: Pair["role"], otherRole: Role, isSelf = false): Pair => ({ role, otherRole, isSelf });
const may = (who: Pair, change: MemberChange) => refuseChange(who, change) === null;

test("only the owner gives roles, and keeps the own one until another has it", () => {
  for (const role of ["owner", "admin", "member"] as const) {
    expect(may(pair("owner", "member"), { role })).toBe(true);
    expect(may(pair("owner", "admin"), { role })).toBe(true);
    expect(may(pair("admin", "member"), { role })).toBe(false);
    expect(may(pair("owner", "owner", true), { role })).toBe(role === "owner");
  }
});

test("the owner mutes everybody else, and admins mute members", () => {
  for (const mutedUntil of ["2026-01-01T00:00:00Z", null]) {
    expect(may(pair("owner", "admin"), { mutedUntil })).toBe(true);
    expect(may(pair("owner", "member"), { mutedUntil })).toBe(true);
    expect(may(pair("admin", "member"), { mutedUntil })).toBe(true);
    expect(may(pair("admin", "admin"), { mutedUntil })).toBe(false);
    expect(may(pair("admin", "owner"), { mutedUntil })).toBe(false);
    expect(may(pair("admin", "admin", true), { mutedUntil })).toBe(false);
    expect(may(pair("owner", "owner", true), { mutedUntil })).toBe(false);
  }
  expect(may(pair("admin", "member"), { role: "admin", mutedUntil: null })).toBe(false);
});

test("the owner removes everybody else, and admins remove members", () => {
  expect(refuseRemoval(pair("owner", "admin"))).toBeNull();
  expect(refuseRemoval(pair("admin", "member"))).toBeNull();
  expect(refuseRemoval(pair("admin", "admin"))).not.toBeNull();
  expect(refuseRemoval(pair("admin", "owner"))).not.toBeNull();
});
