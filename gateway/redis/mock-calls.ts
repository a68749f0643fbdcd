import { Command } from "ioredis";
import type RedisMock from "ioredis-mock";
import { COMMAND_RULES } from "./mock-commands.ts";

/** A call's reply, or why it failed, which ioredis-mock tells only later. */
export type MockCall = { readonly reply: unknown } | { readonly failure: Promise<Error> };

/**
 * The reply of the command that runs at the moment. ioredis-mock carries a command out at once but hands its reply over
 * in a promise; a reply transformer sees it in time. Without this, a script could not run its commands without
 * giving way after each, which is ten times slower.
 */
let latest: { readonly reply: unknown } | undefined;

for (const name of Object.keys(COMMAND_RULES)) {
  Command.setReplyTransformer(name, (reply: unknown) => {
    latest = { reply };
    return reply;
  });
}

/** Carries out a command, whose name is one of {@link COMMAND_RULES}, and gives its reply at once. */
export function callMock(
  redis: InstanceType<typeof RedisMock>,
  name: string,
  args: readonly string[],
): MockCall {
  const run: unknown = Reflect.get(redis, name);
  if (typeof run !== "function") throw new TypeError(`ioredis-mock has no command ${name}`);
  latest = undefined;
  const promise: Promise<unknown> = run.apply(redis, args);
  const call = latest;
  return call ?? { failure: failureOf(promise) };
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
    return new Error("ioredis-mock gave no reply");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
