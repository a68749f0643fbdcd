import fc from "fast-check";
import { compareDevice } from "./compare.ts";
import { choice, pick, step } from "./step.ts";

const one = { who: choice, device: fc.nat(1) };

const disconnect = step("disconnect", one, ({ who, device }, model) => {
  const userId = pick(model.people, who);
  return userId === undefined ? null : (world) => world.devices(userId)[device === 0 ? 0 : 1].disconnect();
});

/** Comes back, or opens its socket anew, and shows what the model has. */
const connect = step("connect", one, ({ who, device }, model) => {
  const userId = pick(model.people, who);
  if (userId === undefined) return null;
  return async (world) => {
    const chosen = world.devices(userId)[device === 0 ? 0 : 1];
    await chosen.disconnect();
    await chosen.connect();
    compareDevice(model, userId, chosen);
  };
});

export const deviceCommands = [
  { weight: 5, arbitrary: disconnect },
  { weight: 5, arbitrary: connect },
];
