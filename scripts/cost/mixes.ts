/** How the people of a system write. */
export type Mix = {
  name: string;
  /** messages that a person writes a day, and the part of them that goes into groups */
  messagesPerDay: number;
  inGroups: number;
  friends: number;
  /** the groups of a person, and the least and most members of one; sizes are spread evenly by magnitude */
  groupsPerPerson: number;
  groupSize: readonly [least: number, most: number];
  /** marks of what was read, and sockets opened, by a person a day */
  readsPerDay: number;
  opensPerDay: number;
  /** the part of all people that is online in the busiest minute, and on average */
  onlineAtPeak: number;
  onlineOnAverage: number;
};

/** Sockets of somebody who is online. */
export const DEVICES = 1.3;
/** How many times more is written in the busiest minute than on average. */
export const PEAK = 4;

/** Three kinds of systems, as they are guessed to be. */
export const MIXES: readonly Mix[] = [
  {
    name: "lone messages",
    messagesPerDay: 10,
    inGroups: 0,
    friends: 20,
    groupsPerPerson: 0,
    groupSize: [2, 2],
    readsPerDay: 8,
    opensPerDay: 10,
    onlineAtPeak: 0.15,
    onlineOnAverage: 0.05,
  },
  {
    name: "teams",
    messagesPerDay: 40,
    inGroups: 0.7,
    friends: 30,
    groupsPerPerson: 8,
    groupSize: [5, 50],
    readsPerDay: 80,
    opensPerDay: 10,
    onlineAtPeak: 0.5,
    onlineOnAverage: 0.2,
  },
  {
    name: "big groups",
    messagesPerDay: 5,
    inGroups: 0.9,
    friends: 20,
    groupsPerPerson: 3,
    groupSize: [1_000, 10_000],
    readsPerDay: 20,
    opensPerDay: 10,
    onlineAtPeak: 0.25,
    onlineOnAverage: 0.1,
  },
];
