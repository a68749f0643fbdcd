import { Kafka } from "@upstash/kafka";
import { describe, expect, it } from "vitest";
import { conversationTopic } from "../../lib/topic.ts";
import { AuditEntry, DeadLetter, DeadLetterOutcomes } from "../../schema/wire/operator.ts";
import { page } from "../../schema/wire/page.ts";
import { expectProblem } from "../api/problem.ts";
import { twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";
import { asOperator, OPERATORS } from "./operator.ts";
import { runOps } from "./run-ops.ts";

const system = useSystem({ env: { ...OPERATORS, PASSWORD_COST: "1024", CRON_SECONDS: "3600" } });

const deadLetters = async () =>
  page(DeadLetter).parse((await asOperator(system().url, "GET", "/dead-letters")).body).items;
const audit = async () =>
  page(AuditEntry).parse((await asOperator(system().url, "GET", "/audit")).body).items;

async function act(deed: "replay" | "drop", ids: string[]) {
  const { body } = await asOperator(system().url, "POST", `/dead-letters/${deed}`, { ids });
  return DeadLetterOutcomes.parse(body).results.map(({ outcome }) => outcome);
}

/** Has Postgres refuse messages with this text, as it would refuse any data that it cannot hold; returns how to end that. */
async function refusing(text: string): Promise<() => Promise<unknown>> {
  const { $client } = await system().database();
  const name = `refuse_${text}`;
  await $client.query(
    `ALTER TABLE messages ADD CONSTRAINT ${name} CHECK (content->>'text' IS DISTINCT FROM '${text}')`,
  );
  return () => $client.query(`ALTER TABLE messages DROP CONSTRAINT ${name}`);
}

describe("a record that Postgres refuses", () => {
  it("is set aside, shown, and replayed once its cause has gone, in the order of its topic", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const socket = await ben.connect();
    const end = await refusing("wolf");
    const clientId = await ada.post(conversation, "wolf");
    await ada.post(conversation, "sheep");
    await socket.messages(conversation, 1);
    await expect.poll(deadLetters).toHaveLength(1);
    const [letter] = await deadLetters();
    if (letter === undefined) throw new Error("no dead letter");
    expect(letter).toMatchObject({
      id: expect.stringMatching(new RegExp(`^${conversationTopic(conversation)}@\\d+$`)),
      reason: expect.stringMatching(/^23/),
      record: { kind: "operation", op: "send", senderId: ada.user.id, conversation, clientId },
      replayAt: null,
    });
    const shown = await runOps(system().url, ["dead-letters", "--json"]);
    expect(shown.output).toContain(letter.id);

    // As long as it is refused it is set aside again, at its new place.
    expect(await act("replay", [letter.id])).toEqual(["replayed"]);
    await expect.poll(async () => (await deadLetters()).map(({ id }) => id)).not.toEqual([letter.id]);
    await expect.poll(deadLetters).toHaveLength(1);

    await end();
    const [again] = await deadLetters();
    const { output } = await runOps(system().url, ["dead-letters", "replay", again?.id ?? ""]);
    expect(output).toMatch(/ replayed$/m);
    await socket.messages(conversation, 2);
    expect((await ada.history(conversation)).map(({ content }) => content)).toMatchObject([
      { text: "sheep" },
      { text: "wolf" },
    ]);
    expect(await deadLetters()).toEqual([]);
    expect(await act("replay", [letter.id, again?.id ?? ""])).toEqual(["not_found", "not_found"]);
    expect(await audit()).toMatchObject([
      { operator: "ada", action: "dead-letter.replay", target: again?.id, detail: { reason: letter.reason } },
      { operator: "ada", action: "dead-letter.replay", target: letter.id },
    ]);
    await socket.close();
  });

  it("is applied once, however often it is replayed", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const end = await refusing("fox");
    await ada.post(conversation, "fox");
    await expect.poll(deadLetters).toHaveLength(1);
    const { $client } = await system().database();
    const [row] = await $client.query("SELECT * FROM dead_letters");
    await end();
    const [letter] = await deadLetters();
    await Promise.all(Array.from({ length: 5 }, () => act("replay", [letter?.id ?? ""])));
    await expect.poll(() => ada.history(conversation)).toHaveLength(1);
    // As if the deletion after the first replay had failed.
    await $client.query(
      `INSERT INTO dead_letters (topic, "offset", record, reason, replay_at) VALUES ($1, $2, $3, '', now() - interval '1 minute')`,
      [row?.topic, row?.offset, row?.record],
    );
    await system().cron();
    await expect.poll(deadLetters).toEqual([]);
    await ada.post(conversation, "hen");
    await expect.poll(() => ada.history(conversation)).toHaveLength(2);
    expect((await audit()).filter(({ target }) => target === letter?.id)).toHaveLength(1);
  });
});

describe("a record that cannot be read", () => {
  it("can only be dropped", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const { KAFKA_REST_USERNAME: username, KAFKA_REST_PASSWORD: password } = await system().secrets();
    const kafka = new Kafka({ url: `${system().gateway}/kafka`, username, password });
    await kafka.producer().produce(conversationTopic(conversation), "a wooden horse");
    await ada.post(conversation, "hello");
    await expect.poll(deadLetters).toHaveLength(1);
    const [letter] = await deadLetters();
    expect(letter).toMatchObject({ reason: "unreadable", record: null });
    expect(await act("replay", [letter?.id ?? ""])).toEqual(["unreadable"]);
    expect((await runOps(system().url, ["dead-letters", "replay", "all"])).output).toMatch(/ unreadable$/m);
    expect((await runOps(system().url, ["dead-letters", "drop", "all"])).output).toMatch(/ dropped$/m);
    expect(await deadLetters()).toEqual([]);
    expect((await audit())[0]).toMatchObject({ action: "dead-letter.drop", target: letter?.id });
    expect((await runOps(system().url, ["audit"])).output).toContain("dead-letter.drop");
  });
});

it("a request for no dead letter is refused", async () => {
  for (const ids of [[], ["nothing"], ["group.1@-1"], Array.from({ length: 101 }, () => "group.1@1")]) {
    expectProblem(await asOperator(system().url, "POST", "/dead-letters/replay", { ids }), "invalid_request");
  }
  expect((await runOps(system().url, ["dead-letters", "burn", "all"])).exitCode).toBe(2);
});
