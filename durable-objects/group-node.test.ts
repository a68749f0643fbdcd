import { describe, expect, it } from "vitest";
import { GroupId } from "../schema/wire/ids.ts";
import { GroupNode } from "./group-node.ts";

function listOf(node: GroupNode<string>): string[] {
  const members: string[] = [];
  node.forEach((member) => {
    members.push(member);
  });
  return members.sort();
}

describe("a group's list", () => {
  it("holds what was linked", () => {
    const node = new GroupNode<string>(GroupId.parse("1"));
    expect(node.isEmpty).toBe(true);
    for (const member of ["a", "b", "c"]) node.link(member);
    expect(listOf(node)).toEqual(["a", "b", "c"]);
    expect(node.isEmpty).toBe(false);
  });

  it.each([0, 1, 2])("loses the member at place %i and keeps the others", (place) => {
    const node = new GroupNode<string>(GroupId.parse("1"));
    const memberships = ["a", "b", "c"].map((member) => node.link(member));
    const [gone] = memberships.splice(place, 1);
    if (gone !== undefined) node.unlink(gone);
    expect(listOf(node)).toEqual(memberships.map(({ member }) => member));
    for (const membership of memberships) node.unlink(membership);
    expect(node.isEmpty).toBe(true);
  });

  it("gives one channel in many lists neighbours of its own in each", () => {
    const nodes = ["1", "2", "3"].map((id) => new GroupNode<string>(GroupId.parse(id)));
    const memberships = nodes.map((node) => {
      node.link("before");
      const membership = node.link("a");
      node.link("after");
      return membership;
    });
    const [, second] = memberships;
    if (second !== undefined) second.group.unlink(second);
    expect(nodes.map(listOf)).toEqual([
      ["a", "after", "before"],
      ["after", "before"],
      ["a", "after", "before"],
    ]);
  });

  it("may lose members while it is visited", () => {
    const node = new GroupNode<string>(GroupId.parse("1"));
    const memberships = new Map(["a", "b", "c"].map((member) => [member, node.link(member)]));
    const visited: string[] = [];
    node.forEach((member) => {
      visited.push(member);
      const membership = memberships.get(member);
      if (membership !== undefined) node.unlink(membership);
    });
    expect(visited.sort()).toEqual(["a", "b", "c"]);
    expect(node.isEmpty).toBe(true);
  });
});
