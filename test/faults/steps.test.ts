import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { FaultPoint } from "../../lib/faults.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { until } from "../../scripts/system/until.ts";
import { expectSound } from "../harness/history.ts";
import { type Friends, heard, textOf, twoFriends } from "../harness/people.ts";
import type { Socket } from "../harness/socket.ts";
import { useSystem } from "../harness/use-system.ts";

/** The time until a dead drain's lock lapses, and the queue and cron have drained on a busy machine (milliseconds). */
const LAPSE_MS = 75_000;

/** Points where task dies before delivery: no other drain gets these topics until the locks lapse. */
const BEFORE_DELIVERY = [
  "task:locked",
  "task:fetched",
  "task:stored",
  "task:routed",
] as const satisfies FaultPoint[];
/** Points after connect has released the locks: the queue soon drains these topics again, so they are tested last. */
const AFTER_DELIVERY = ["task:committed", "task:delivered"] as const satisfies FaultPoint[];

const system = useSystem({ faults: true, env: { PASSWORD_COST: "1024", CRON_SECONDS: "5" } });

type Scene = Friends & { adas: Socket; bens: Socket };

/** Two friends, each with a socket. */
async function twoConnected(): Promise<Scene> {
  const friends = await twoFriends(system().url);
  const [adas, bens] = await Promise.all([friends.ada.connect(), friends.ben.connect()]);
  return { ...friends, adas, bens };
}

/** Waits until every topic is drained and settled, so that the next drain is that of the next message. */
async function quiet(): Promise<void> {
  const redis = await system().redis();
  await until(async () => (await redis.zcard(redisKeys.behind)) === 0, AbortSignal.timeout(30_000));
}

/** Waits until a layer has died at the point. */
async function died(point: FaultPoint): Promise<void> {
  await until(async () => !(await system().waitsAt(point)), AbortSignal.timeout(30_000));
}

/** Expects the interrupted message to arrive once, and a further message after it. */
async function expectHealed({ ada, ben, adas, bens, conversation }: Scene): Promise<void> {
  await bens.messages(conversation, 1, LAPSE_MS);
  await adas.messages(conversation, 1, LAPSE_MS);
  await ada.post(conversation, "afterwards");
  await bens.next("message", ({ message }) => textOf(message) === "afterwards", LAPSE_MS);

  const history = await ben.history(conversation);
  expect(history.map(textOf)).toEqual(["cut off", "afterwards"]);
  expectSound(history);
  const known = new Map(heard(bens, conversation).map((message) => [message.id, message]));
  expect([...known.values()]).toEqual(history);
}

describe("when task dies, a message reaches the sockets without a further message as wake-up", () => {
  const scenes = new Map<FaultPoint, Scene>();

  // All die at once, so that all locks lapse at the same time.
  beforeAll(async () => {
    for (const point of [...BEFORE_DELIVERY, ...AFTER_DELIVERY]) scenes.set(point, await twoConnected());
    await quiet();
    for (const [point, { adas, conversation }] of scenes) {
      await system().dieAt(point);
      await adas.sendAccepted(conversation, "cut off");
      await died(point);
    }
    const early = BEFORE_DELIVERY.flatMap((point) => scenes.get(point)?.bens.all("message") ?? []);
    expect(early, "delivered although task had died").toEqual([]);
  });

  it.each([...BEFORE_DELIVERY, ...AFTER_DELIVERY])(
    "at %s",
    async (point) => {
      const scene = scenes.get(point);
      if (scene === undefined) throw new Error("there is no scene for this point");
      await expectHealed(scene);
    },
    2 * LAPSE_MS,
  );
});

describe("when logic dies", () => {
  it(
    "after the mark, a message over a socket is not accepted, and is stored once after a retry",
    async () => {
      const scene = await twoConnected();
      await system().dieAt("logic:marked");
      const clientId = scene.adas.send(scene.conversation, "cut off");
      expect(await scene.adas.closed).toMatchObject({ code: 1013 });
      expect(scene.adas.all("accepted")).toEqual([]);

      const adas = await scene.ada.connect();
      expect(await scene.ada.history(scene.conversation)).toEqual([]);
      adas.send(scene.conversation, "cut off", clientId);
      await adas.next("accepted", (event) => event.clientId === clientId);
      await expectHealed({ ...scene, adas });
    },
    2 * LAPSE_MS,
  );

  it(
    "after the produce, a message over a socket reaches the recipient's socket without a retry",
    async () => {
      const scene = await twoConnected();
      await system().dieAt("logic:produced");
      const clientId = scene.adas.send(scene.conversation, "cut off");
      expect(await scene.adas.closed).toMatchObject({ code: 1013 });
      await scene.bens.messages(scene.conversation, 1, LAPSE_MS);

      const adas = await scene.ada.connect();
      adas.send(scene.conversation, "cut off", clientId);
      await adas.next("accepted", (event) => event.clientId === clientId);
      await expectHealed({ ...scene, adas });
    },
    2 * LAPSE_MS,
  );

  it.each(["logic:marked", "logic:produced"] as const)(
    "at %s, a message over HTTP is stored once after a retry",
    async (point) => {
      const scene = await twoConnected();
      const { ada, conversation } = scene;
      await system().dieAt(point);
      const message = { conversation, clientId: randomUUID(), content: { type: "text", text: "cut off" } };
      const refused = await ada.ask("POST", "/messages", message);
      expect(refused.status).toBeGreaterThanOrEqual(500);
      expect(await ada.ask("POST", "/messages", message)).toMatchObject({ status: 202 });
      await expectHealed(scene);
    },
    2 * LAPSE_MS,
  );
});
