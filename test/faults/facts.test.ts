import { describe, expect, it } from "vitest";
import { until } from "../../scripts/system/until.ts";
import { openClub, textOf, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";

const system = useSystem({ faults: true, env: { PASSWORD_COST: "1024", CRON_SECONDS: "5" } });

/** How long cron takes to find a fact that was not relayed. */
const CRON_MS = 60_000;

/** Runs something that commits a fact; logic dies before the fact is in the log. */
async function whileLogicDies(commit: () => Promise<void>): Promise<void> {
  await system().dieAt("logic:marked");
  await commit();
  await until(async () => !(await system().waitsAt("logic:marked")), AbortSignal.timeout(30_000));
}

describe("when logic dies between a commit and the log", () => {
  it("a person who has left a group gets `group.left`, and then nothing more of the group", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const [leaver] = members;
    if (leaver === undefined) throw new Error("nobody has joined");
    const [owners, leavers] = await Promise.all([owner.connect(), leaver.connect()]);
    await whileLogicDies(() => leaver.do("DELETE", `/groups/${group.id}/members/me`));

    await leavers.next("group.left", ({ groupId }) => groupId === group.id, CRON_MS);
    await owners.sendAccepted(group.conversation, "among ourselves");
    await owners.next("message", ({ message }) => textOf(message) === "among ourselves");
    const left = leavers.events.findIndex(({ ev }) => ev === "group.left");
    expect(leavers.events.slice(left).filter(({ ev }) => ev === "message")).toEqual([]);
  });

  it("the sockets of an ended session close", async () => {
    const { ada } = await twoFriends(system().url);
    const stolen = await ada.loginAgain();
    const socket = await stolen.connect();
    await whileLogicDies(() => stolen.do("POST", "/auth/logout"));
    expect(await socket.closed).toMatchObject({ code: 4001 });
  });

  it("new friends get `friend.added`, and may write at once", async () => {
    const { ada } = await twoFriends(system().url);
    const { ada: cat } = await twoFriends(system().url);
    const cats = await cat.connect();
    const request = await ada.do<{ id: string }>("POST", "/friends/requests", { userId: cat.user.id });
    const friend = await cats.next("friend.requested", (event) => event.request.id === request.id);
    const sockets = await ada.connect();
    await whileLogicDies(() => cat.do("POST", `/friends/requests/${friend.request.id}/accept`));
    const { friend: added } = await sockets.next(
      "friend.added",
      (event) => event.friend.user.id === cat.user.id,
      CRON_MS,
    );
    await ada.post(added.conversation, "hello");
    await cats.next("message", ({ message }) => textOf(message) === "hello");
  });
});
