import { describe, expect, it } from "vitest";
import { MIXES, type Mix } from "./mixes.ts";
import { monthCost } from "./month-cost.ts";
import { simulate } from "./simulation.ts";

/** One group that everybody is in, and everybody is online. */
const ONE_GROUP: Mix = {
  name: "one group",
  messagesPerDay: 8.64,
  inGroups: 1,
  friends: 0,
  groupsPerPerson: 1,
  groupSize: [1_000, 1_000],
  readsPerDay: 0,
  opensPerDay: 0,
  onlineAtPeak: 1,
  onlineOnAverage: 0,
};

describe("a simulation", () => {
  it("is the same for the same seed, and another one for another", () => {
    const [, teams] = MIXES;
    if (teams === undefined) throw new Error("there is a second mix");
    expect(simulate(teams, 10_000, 7)).toEqual(simulate(teams, 10_000, 7));
    expect(simulate(teams, 10_000, 8)).not.toEqual(simulate(teams, 10_000, 7));
  });

  it("counts what can be counted by hand", () => {
    const { buckets, topics, atPeak, aMonth } = simulate(ONE_GROUP, 1_000);
    expect(buckets).toBe(4);
    expect(topics).toBe(1_001);
    // 0.1 messages a second, at the peak four times as many; each goes to 1,000 people with 1.3 sockets, in all 4 buckets.
    expect(atPeak.messages).toBeCloseTo(0.4);
    expect(atPeak.eventsPerBucket).toBeCloseTo((0.4 * 1_300) / 4);
    expect(atPeak.requestsPerBucket).toBeCloseTo((0.4 * (4 + 1)) / 4);
    expect(aMonth.messages).toBeCloseTo(259_200);
    // A twentieth for the frame, four calls; two alarms a minute in each bucket.
    expect(aMonth.objectRequests).toBeCloseTo(259_200 * 4.05 + 4 * 2 * 43_200);
  });

  it("spreads people over buckets evenly, but not equally", () => {
    const { atPeak } = simulate(ONE_GROUP, 100_000);
    expect(atPeak.socketsOfFullest).toBeGreaterThan(atPeak.socketsPerBucket);
    expect(atPeak.socketsOfFullest).toBeLessThan(atPeak.socketsPerBucket * 1.2);
  });

  it.each(MIXES)("of $name has more of everything with more people", (mix) => {
    const [few, many] = [simulate(mix, 10_000), simulate(mix, 1_000_000)];
    expect(many.buckets).toBeGreaterThan(few.buckets);
    expect(many.aMonth.objectRequests).toBeGreaterThan(few.aMonth.objectRequests);
    expect(many.atPeak.redisCommands).toBeGreaterThan(few.atPeak.redisCommands);
    expect(many.topics).toBeGreaterThan(few.topics);
    expect(monthCost(many).together).toBeGreaterThan(monthCost(few).together);
  });

  it("costs what its parts cost, with the cheaper Redis", () => {
    for (const mix of MIXES) {
      const cost = monthCost(simulate(mix, 100_000));
      const { workers, objects, redisByCommand, ownRedis, postgres, log } = cost;
      expect(cost.together).toBeCloseTo(
        workers + objects + Math.min(redisByCommand, ownRedis) + postgres + log,
      );
    }
  });
});
