import { bucketOf } from "../../lib/connect-servers.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { DELIVERY_MS, FRAMES_PER_REQUEST } from "./message-cost.ts";
import { DEVICES, type Mix, PEAK } from "./mixes.ts";
import { randomNumbers } from "./random.ts";

/** What a bucket should have to do at most in the busiest minute: a part of what it can, so that it can be busier still. */
const PLANNED = {
  /** half of MAX_SOCKETS_PER_BUCKET */
  sockets: 5_000,
  /** a quarter of what one of four buckets has delivered on two cores that did everything else, too */
  eventsPerSecond: 5_000,
};
/** The fewest buckets of a system. */
const LEAST_BUCKETS = 4;

/** How long a hand-over to logic takes, with the stores in the same region (milliseconds). */
const SUBMIT_MS = 15;
/** Redis commands of a hand-over with its drain, and for each conversation in it; an idle message takes one of each: 12. */
const COMMANDS_PER_BATCH = 8;
const COMMANDS_PER_CONVERSATION = 4;
/** Redis commands of a socket that opens (ticket and routes), and of each arrival and departure; see `changeOf`. */
const COMMANDS_PER_OPEN = 8;
const COMMANDS_PER_CHANGE = 4;
const COMMANDS_PER_GROUP = 5;
/** How often a second the list of status changes is drained at most, and a group's online count pushed. */
const STATUS_DRAINS = 20;
const COUNTS = 1;
/** How often an awake or hibernating bucket with sockets has its alarm, and clients ping, a minute. */
const ALARMS_PER_MINUTE = 2;
const PINGS_PER_MINUTE = 1;

const DAY_S = 86_400;
const MONTH_S = 30 * DAY_S;
const MONTH_MINUTES = MONTH_S / 60;

/** What comes a second. */
type Rates = { messages: number; opens: number };

/** The load of a system in the busiest minute, a second, and in a month. */
export type Simulated = {
  people: number;
  buckets: number;
  atPeak: {
    sockets: number;
    messages: number;
    /** of a bucket: sockets on average and in the fullest one, frames' events to sockets, and calls and frames */
    socketsPerBucket: number;
    socketsOfFullest: number;
    eventsPerBucket: number;
    /** the part of these events that are online counts of groups */
    countsShare: number;
    requestsPerBucket: number;
    redisCommands: number;
  };
  aMonth: {
    messages: number;
    /** how many messages are handed over together, on average */
    batch: number;
    httpRequests: number;
    objectRequests: number;
    objectSeconds: number;
    objectRowsWritten: number;
    redisCommands: number;
  };
  /** how many topics the log has when each object has one */
  topics: number;
};

/** Simulates a mix with so many people; `seed` draws who is online and how big groups are. */
export function simulate(mix: Mix, people: number, seed = 1): Simulated {
  const random = randomNumbers(seed);
  const sizes = groupSizes(mix, people, random);
  const groups = (people * mix.groupsPerPerson) / mean(sizes);
  const online = Math.round(people * mix.onlineAtPeak);
  const sockets = Math.round(online * DEVICES);
  const average = {
    messages: (people * mix.messagesPerDay) / DAY_S,
    opens: (people * mix.opensPerDay) / DAY_S,
  };
  const peak = { messages: average.messages * PEAK, opens: average.opens * PEAK };
  const countEvents = countsOf(groups, peak.opens, mix) * mean(sizes) * mix.onlineAtPeak * DEVICES;
  const events =
    peak.messages * eventsOfMessage(mix, sizes) +
    2 * peak.opens * mix.friends * mix.onlineAtPeak * DEVICES +
    countEvents;
  const buckets = Math.max(
    LEAST_BUCKETS,
    Math.ceil(sockets / PLANNED.sockets),
    Math.ceil(events / PLANNED.eventsPerSecond),
  );
  const calls = callsOfMessage(mix, sizes, buckets);
  const statusCalls = ({ opens }: Rates) =>
    Math.min(
      2 * opens * mix.friends * mix.onlineAtPeak + countsOf(groups, opens, mix) * buckets,
      STATUS_DRAINS * buckets,
    );
  const commands = ({ messages, opens }: Rates) =>
    messages * (COMMANDS_PER_BATCH / batchOf(messages / buckets) + COMMANDS_PER_CONVERSATION) +
    opens * COMMANDS_PER_OPEN +
    2 * opens * (COMMANDS_PER_CHANGE + mix.friends + mix.groupsPerPerson * COMMANDS_PER_GROUP);
  const [messages, opens] = [average.messages * MONTH_S, average.opens * MONTH_S];
  const framesIn =
    messages +
    (people * mix.readsPerDay * MONTH_S) / DAY_S +
    people * mix.onlineOnAverage * DEVICES * MONTH_MINUTES * PINGS_PER_MINUTE;
  const alarms = buckets * MONTH_MINUTES * ALARMS_PER_MINUTE;
  const callsAMonth = messages * calls + statusCalls(average) * MONTH_S;
  const batch = batchOf(average.messages / buckets);
  return {
    people,
    buckets,
    atPeak: {
      sockets,
      messages: peak.messages,
      socketsPerBucket: sockets / buckets,
      socketsOfFullest: Math.round(mostInABucket(online, buckets, random) * DEVICES),
      eventsPerBucket: events / buckets,
      countsShare: countEvents / events,
      requestsPerBucket: (peak.messages * (calls + 1) + statusCalls(peak)) / buckets,
      redisCommands: commands(peak),
    },
    aMonth: {
      messages,
      batch,
      // A socket takes a ticket and a sync; the client asks for what it shows some ten times.
      httpRequests: opens * 12,
      objectRequests: framesIn / FRAMES_PER_REQUEST + callsAMonth + opens + alarms,
      objectSeconds: Math.min(
        buckets * MONTH_S,
        ((messages / batch) * SUBMIT_MS + callsAMonth * DELIVERY_MS) / 1_000,
      ),
      // An alarm sets the next one, and who comes and goes is a row.
      objectRowsWritten: alarms + 2 * opens,
      redisCommands: commands(average) * MONTH_S,
    },
    topics: people + Math.round(groups),
  };
}

/** How many online counts of groups are pushed a second: whenever somebody comes or goes, but one a group and second. */
function countsOf(groups: number, opens: number, { groupsPerPerson }: Mix): number {
  return Math.min(2 * opens * groupsPerPerson, groups * COUNTS);
}

/** The sizes of some groups; none is larger than the system. */
function groupSizes({ groupSize: [least, most] }: Mix, people: number, random: () => number): number[] {
  return Array.from({ length: 1_000 }, () =>
    Math.min(people, Math.round(least * (most / least) ** random())),
  );
}

/** To how many sockets a message goes: those of its sender, who is online, and of the others who are. */
function eventsOfMessage({ inGroups, onlineAtPeak }: Mix, sizes: readonly number[]): number {
  const toGroup = mean(sizes.map((size) => 1 + (size - 1) * onlineAtPeak));
  return DEVICES * (inGroups * toGroup + (1 - inGroups) * (1 + onlineAtPeak));
}

/** How many buckets a message is taken to: those in which somebody of its conversation is online. */
function callsOfMessage({ inGroups, onlineAtPeak }: Mix, sizes: readonly number[], buckets: number): number {
  const hit = (people: number) => buckets * (1 - (1 - 1 / buckets) ** people);
  const toGroup = mean(sizes.map((size) => hit(1 + (size - 1) * onlineAtPeak)));
  return inGroups * toGroup + (1 - inGroups) * hit(1 + onlineAtPeak);
}

/** How many messages a bucket hands over together: what comes while the one before is under way. */
function batchOf(perSecond: number): number {
  return 1 + (perSecond * SUBMIT_MS) / 1_000;
}

/** How many of the people who are online are in the fullest bucket, by the hash that the system uses. */
function mostInABucket(online: number, buckets: number, random: () => number): number {
  const counts = new Uint32Array(buckets);
  for (let index = 0; index < online; index++) {
    // Ids as a year of registrations has them: random milliseconds, from few workers.
    const id = (BigInt(Math.floor(random() * 31_536_000_000)) << 22n) | BigInt(Math.floor(random() * 4_096));
    const bucket = bucketOf(UserId.parse(id.toString()), buckets);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts.reduce((most, count) => Math.max(most, count), 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
