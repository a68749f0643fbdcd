import type { GroupId } from "../schema/wire/ids.ts";

/** A channel's place in one group's list. It belongs to the pair of the two, so each list has neighbours of its own. */
export class Membership<Member> {
  readonly member: Member;
  readonly group: GroupNode<Member>;
  previous: Membership<Member> | undefined;
  next: Membership<Member> | undefined;

  constructor(member: Member, group: GroupNode<Member>) {
    this.member = member;
    this.group = group;
  }
}

/** One group's doubly linked list of the channels in this bucket. */
export class GroupNode<Member> {
  readonly groupId: GroupId;
  #first: Membership<Member> | undefined;

  constructor(groupId: GroupId) {
    this.groupId = groupId;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Puts a member into the list. The caller keeps the membership: it is the only way out again. */
  link(member: Member): Membership<Member> {
    const membership = new Membership(member, this);
    membership.next = this.#first;
    if (this.#first !== undefined) this.#first.previous = membership;
    this.#first = membership;
    return membership;
  }

  /** Takes a membership out in constant time, once. */
  unlink(membership: Membership<Member>): void {
    const { previous, next } = membership;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
  }

  /** Visits every member; a visit may unlink the member that it is given. */
  forEach(visit: (member: Member) => void): void {
    let membership = this.#first;
    while (membership !== undefined) {
      const { next } = membership;
      visit(membership.member);
      membership = next;
    }
  }
}
