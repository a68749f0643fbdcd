import { describe, expect, it } from "vitest";
import { gif, png } from "../../lib/media.fixture.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { User } from "../../schema/wire/user.ts";
import { Client } from "../harness/client.ts";
import { openClub } from "../harness/people.ts";
import { upload } from "../harness/upload.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";

const system = useSharedSystem();

const put = <Body>(client: Client, path: string, bytes: Uint8Array) =>
  upload<Body>(client, path, bytes, { method: "PUT" });
const statusOf = async (url: string | null) => {
  const response = await fetch(system().url + url);
  await response.arrayBuffer();
  return response.status;
};

describe("a person's avatar", () => {
  it("is seen by everybody, and replaces the one before", async () => {
    const [ada, ben] = await Client.registerMany(system().url, 2);
    if (ada === undefined || ben === undefined) throw new Error("two people");
    const { status, body: user } = await put<User>(ada, "/users/me/avatar", png());
    expect([status, user]).toEqual([
      200,
      { ...ada.user, avatarUrl: expect.stringMatching(/^\/api\/v1\/media\//) },
    ]);
    expect(await ben.do("GET", `/users/${ada.user.id}`)).toEqual(user);
    expect(await statusOf(user.avatarUrl)).toBe(200);

    const { body: next } = await put<User>(ada, "/users/me/avatar", gif());
    expect(next.avatarUrl).not.toBe(user.avatarUrl);
    expect(await statusOf(user.avatarUrl)).toBe(404);
    expect(await statusOf(next.avatarUrl)).toBe(200);

    expect((await ada.ask("DELETE", "/users/me/avatar")).status).toBe(204);
    expect(await ada.do("GET", "/users/me")).toMatchObject(ada.user);
    expect(await statusOf(next.avatarUrl)).toBe(404);
  });

  it("is an image", async () => {
    const ada = await Client.register(system().url);
    expectProblem(await put(ada, "/users/me/avatar", Buffer.from("<svg/>")), "unsupported_media_type");
    expectProblem(await put(ada, "/users/me/avatar", png().subarray(0, 40)), "bad_image");
    expect(await ada.do("GET", "/users/me")).toMatchObject(ada.user);
  });
});

describe("a group's avatar", () => {
  it("is changed by its owner, and its members are told", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const socket = await members[0]?.connect();
    if (socket === undefined) throw new Error("a member");
    const { status, body } = await put<Group>(owner, `/groups/${group.id}/avatar`, png());
    expect([status, body]).toMatchObject([200, { id: group.id, role: "owner", memberCount: 2 }]);
    expect(await statusOf(body.avatarUrl)).toBe(200);
    const told = () => socket.all("group.updated").at(-1)?.group;
    await expect.poll(told).toMatchObject({ id: group.id, avatarUrl: body.avatarUrl, role: "member" });

    expect((await owner.ask("DELETE", `/groups/${group.id}/avatar`)).status).toBe(204);
    await expect.poll(told).toMatchObject({ id: group.id, avatarUrl: null });
    expect(await statusOf(body.avatarUrl)).toBe(404);
  });

  it("is changed by nobody else", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const stranger = await Client.register(system().url);
    const hidden = await owner.do<Group>("POST", "/groups", { name: "hidden", joinPolicy: "invite" });
    for (const [client, id, code] of [
      [members[0] ?? owner, group.id, "not_allowed"],
      [stranger, group.id, "not_allowed"],
      [stranger, hidden.id, "group_not_found"],
      [stranger, "1", "group_not_found"],
    ] as const) {
      expectProblem(await put(client, `/groups/${id}/avatar`, png()), code);
      expectProblem(await client.ask("DELETE", `/groups/${id}/avatar`), code);
    }
  });
});
