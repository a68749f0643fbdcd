import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MAX_FRAME_BYTES } from "../../schema/wire/socket.ts";
import { textOf, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";

const system = useSystem({
  env: { PASSWORD_COST: "1024", SOCKET_FRAME_RATE: "50", SOCKET_FRAME_BURST: "100" },
});

const content = { type: "text", text: "fine" };

describe("a bad frame", () => {
  it.each([
    ["not JSON", "{", "invalid_json"],
    ["an empty frame", "", "invalid_json"],
    ["a number", "1", "invalid_request"],
    ["null", "null", "invalid_request"],
    ["a list of frames", "[]", "invalid_request"],
    ["an unknown operation", '{"op":"dance"}', "invalid_request"],
    ["a send without a client id", '{"op":"send","conversation":"group:1"}', "invalid_request"],
    ["a read without a seq", '{"op":"read","conversation":"group:1"}', "invalid_request"],
  ])("gets an error, and the socket stays open: %s", async (_, frame, code) => {
    const { ada, conversation } = await twoFriends(system().url);
    const socket = await ada.connect();
    socket.sendText(frame);
    const { problem } = await socket.next("error");
    expect(problem).toMatchObject({ code, status: 400, type: expect.any(String), title: expect.any(String) });
    await socket.sendAccepted(conversation, "after");
  });

  it.each([
    ["an invalid conversation id", { conversation: "nonsense", content }, "conversation"],
    ["user ids in the wrong order", { conversation: "dm:2:1", content }, "conversation"],
    ["no content", {}, "content"],
    ["an unknown content type", { content: { type: "sound" } }, "content.type"],
    ["a text that is not a string", { content: { type: "text", text: 1 } }, "content.text"],
  ])("that is a send with a client id is rejected under that id: %s", async (_, wrong, path) => {
    const { ada, conversation } = await twoFriends(system().url);
    const socket = await ada.connect();
    const sent = randomUUID();
    socket.sendFrame({ op: "send", conversation, clientId: sent, ...wrong });
    const { problem } = await socket.next("rejected", ({ clientId }) => clientId === sent);
    expect(problem).toMatchObject({ code: "invalid_request", errors: [{ path }] });
    await socket.sendAccepted(conversation, "after");
    await socket.messages(conversation, 1);
    expect((await ada.history(conversation)).map(textOf)).toEqual(["after"]);
  });

  it("closes the socket with 4000 when it is repeated", async () => {
    const { ada } = await twoFriends(system().url);
    const socket = await ada.connect();
    for (let frame = 0; frame < 20; frame++) socket.sendText("bad");
    expect(await socket.closed).toMatchObject({ code: 4000 });
  });
});

describe("a frame", () => {
  it("over 64 KiB of UTF-8 closes the socket with 1009", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const [long, wide] = await Promise.all([ada.connect(), ada.connect()]);
    long.sendText("x".repeat(MAX_FRAME_BYTES + 1));
    expect(await long.closed).toMatchObject({ code: 1009 });
    wide.send(conversation, "😀".repeat(20_000));
    expect(await wide.closed).toMatchObject({ code: 1009 });
    expect(await ada.history(conversation)).toEqual([]);
  });

  it("of 64 KiB is accepted", async () => {
    const { ada } = await twoFriends(system().url);
    const socket = await ada.connect();
    socket.sendText(JSON.stringify("x".repeat(MAX_FRAME_BYTES - 2)));
    expect((await socket.next("error")).problem.code).toBe("invalid_request");
  });

  it("over the rate limit closes the socket with 4008, and accepted messages are stored", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const socket = await ada.connect();
    await socket.sendAccepted(conversation, "kept");
    await socket.messages(conversation, 1);
    for (let frame = 0; frame < 400; frame++) socket.sendFrame({ op: "read", conversation, seq: 0 });
    expect(await socket.closed).toMatchObject({ code: 4008 });
    const [first] = await ada.history(conversation);
    expect(first && textOf(first)).toBe("kept");
  });
});

describe("ping", () => {
  it("gets pong, and counts neither as a bad frame nor towards the rate limit", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const socket = await ada.connect();
    await Promise.all(Array.from({ length: 300 }, () => socket.ping()));
    await socket.sendAccepted(conversation, "after");
    expect(socket.all("error")).toEqual([]);
  });
});
