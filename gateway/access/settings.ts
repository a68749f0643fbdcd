import { readFileSync } from "node:fs";
import { z } from "zod";
import {
  type Client,
  ClientList,
  ClientName,
  clientsOf,
  PerSecond,
  type Rate,
  rateOf,
  Secret,
} from "./client.ts";

/** The settings of who may use the gateway, by the names of their environment variables. */
export const accessVariables = {
  KAFKA_REST_USERNAME: ClientName.describe("The user name of the client that may read and write Kafka."),
  KAFKA_REST_PASSWORD: Secret.describe("Its password."),
  REDIS_REST_TOKEN: Secret.describe("The token of the client that may read and write Redis."),
  DATABASE_PASSWORD: Secret.describe("The password of the client that may read and write Postgres."),
  GATEWAY_CLIENTS_FILE: z
    .string()
    .transform(readClientList)
    .default([])
    .describe("A JSON file of further clients, each with a token, rights and a rate."),
  REQUEST_RATE: z.coerce
    .number("must be a number")
    .pipe(PerSecond)
    .optional()
    .describe("Requests a second of each client that has no rate of its own. Unless set, no limit."),
  REQUEST_BURST: z.coerce
    .number({ error: "must be a whole number" })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .optional()
    .describe("Requests of such a client that may come at once. Unless set, those of a second."),
};

type AccessVariables = z.output<z.ZodObject<typeof accessVariables>>;

/** All clients that the variables name: one for each protocol, and those of the file. */
export function clientsIn(variables: AccessVariables): readonly Client[] {
  const { REQUEST_RATE, REQUEST_BURST, GATEWAY_CLIENTS_FILE } = variables;
  const rate = REQUEST_RATE === undefined ? undefined : rateOf(REQUEST_RATE, REQUEST_BURST);
  return [...ownClients(variables, rate), ...clientsOf(GATEWAY_CLIENTS_FILE, rate)];
}

/** What is wrong with the settings together, by the name of the setting; undefined when nothing is. */
export function clientsContradiction(
  variables: AccessVariables,
): { readonly name: keyof typeof accessVariables; readonly message: string } | undefined {
  const own = ownClients(variables, undefined);
  const twin = variables.GATEWAY_CLIENTS_FILE.find(({ name, token }) =>
    own.some((client) => client.token === token || client.name === name),
  );
  if (twin !== undefined) {
    const message = `the client ${twin.name} has the name or the token of one that other settings name`;
    return { name: "GATEWAY_CLIENTS_FILE", message };
  }
  if (variables.REQUEST_BURST === undefined || variables.REQUEST_RATE !== undefined) return undefined;
  return { name: "REQUEST_BURST", message: "has a meaning only with REQUEST_RATE" };
}

function ownClients(
  { KAFKA_REST_USERNAME, KAFKA_REST_PASSWORD, REDIS_REST_TOKEN, DATABASE_PASSWORD }: AccessVariables,
  rate: Rate | undefined,
): readonly Client[] {
  return [
    { name: KAFKA_REST_USERNAME, token: KAFKA_REST_PASSWORD, rights: { kafka: "write" }, rate },
    { name: "redis", token: REDIS_REST_TOKEN, rights: { redis: "write" }, rate },
    { name: "sql", token: DATABASE_PASSWORD, rights: { sql: "write" }, rate },
  ];
}

function readClientList(path: string, context: z.RefinementCtx): z.output<typeof ClientList> {
  const wrong = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // A syntax error's message would quote the file, and with it a token.
    return wrong(error instanceof SyntaxError ? `${path} is not JSON` : `${path} cannot be read`);
  }
  const list = ClientList.safeParse(json);
  if (list.success) return list.data;
  const faults = list.error.issues.map((issue) => `${issue.path.join(".") || "it"} ${issue.message}`);
  return wrong(`in ${path}, ${faults.join("; ")}`);
}
