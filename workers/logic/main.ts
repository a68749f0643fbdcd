import { WorkerEntrypoint } from "cloudflare:workers";
import { Isolate } from "../../lib/isolate.ts";
import type { BucketMember, LogicRpc, ReadMarker, Submission } from "../../lib/rpc/logic.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { NewGroup } from "../../schema/wire/group.ts";
import type { FriendRequestId, GroupId, SessionId, UserId } from "../../schema/wire/ids.ts";
import { type LogicEnv, openLogic } from "./context.ts";
import { acceptFriend, declineFriend, removeFriend, requestFriend } from "./friends.ts";
import { createGroup, joinGroup, leaveGroup } from "./groups.ts";
import { read } from "./read.ts";
import { arrive, depart, register, release, renew } from "./registration.ts";
import { endSessions } from "./sessions.ts";
import { submit } from "./submit.ts";

const isolate = new Isolate();

/** The logic layer: only wires its operations up. */
export default class LogicService extends WorkerEntrypoint<LogicEnv> implements LogicRpc {
  readonly #logic = openLogic(this.env, this.ctx);

  submit(batch: Submission[]) {
    isolate.count("submits");
    isolate.count("submissions", batch.length);
    return submit(this.#logic, batch);
  }

  read(markers: ReadMarker[]) {
    return read(this.#logic, markers);
  }

  arrive(address: BucketAddress, userIds: UserId[]) {
    return arrive(this.#logic, address, userIds);
  }

  depart(address: BucketAddress, members: BucketMember[], emptyGroupIds: GroupId[]) {
    return depart(this.#logic, address, members, emptyGroupIds);
  }

  renew(address: BucketAddress, sockets: number) {
    return renew(this.#logic, address, sockets);
  }

  register(address: BucketAddress, members: BucketMember[], sockets: number) {
    return register(this.#logic, address, members, sockets);
  }

  release(address: BucketAddress) {
    return release(this.#logic, address);
  }

  requestFriend(from: UserId, to: UserId, note: string | null) {
    return requestFriend(this.#logic, from, to, note);
  }

  acceptFriend(userId: UserId, requestId: FriendRequestId) {
    return acceptFriend(this.#logic, userId, requestId);
  }

  declineFriend(userId: UserId, requestId: FriendRequestId) {
    return declineFriend(this.#logic, userId, requestId);
  }

  removeFriend(userId: UserId, friendId: UserId) {
    return removeFriend(this.#logic, userId, friendId);
  }

  createGroup(ownerId: UserId, group: NewGroup) {
    return createGroup(this.#logic, ownerId, group);
  }

  joinGroup(userId: UserId, groupId: GroupId) {
    return joinGroup(this.#logic, userId, groupId);
  }

  leaveGroup(userId: UserId, groupId: GroupId) {
    return leaveGroup(this.#logic, userId, groupId);
  }

  endSessions(userId: UserId, sessionIds: SessionId[]) {
    return endSessions(this.#logic, userId, sessionIds);
  }

  async health() {
    return { ok: true, instances: [isolate.report()] };
  }
}
