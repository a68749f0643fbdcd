import { z } from "zod";
import { ProblemDocument } from "../../schema/wire/problem.ts";
import { BAD_SETTING, Complaint, FAILED } from "../system/complaint.ts";

const DEFAULT_URL = "http://localhost:8787";

const Settings = z.object({
  OPS_URL: z.url({ protocol: /^https?$/, error: "must be the address of the system" }).default(DEFAULT_URL),
  OPS_TOKEN: z.string({ error: "is required: the token of an operator that OPS_TOKENS names" }).min(1),
});

/** The operators' API, as one operator. What it refuses is a complaint. */
export class OperatorClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = `${url.replace(/\/$/, "")}/api/v1/ops`;
    this.#token = token;
  }

  /** The client for `OPS_URL`, with `OPS_TOKEN`. Throws a complaint when they are not valid. */
  static fromEnvironment(variables: Readonly<Record<string, string | undefined>>): OperatorClient {
    const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
    const settings = Settings.safeParse(given);
    if (settings.success) return new OperatorClient(settings.data.OPS_URL, settings.data.OPS_TOKEN);
    const faults = settings.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new Complaint(faults.join("\n"), BAD_SETTING);
  }

  /** Asks for something, and parses it. */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return schema.parse(await this.#call(path));
  }

  async #call(path: string): Promise<unknown> {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const response = await fetch(`${this.#url}${path}`, { headers }).catch((error: unknown) => {
      throw new Complaint(`${this.#url} cannot be reached: ${String(error)}`, FAILED);
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    throw new Complaint(whyRefused(response.status, text), FAILED);
  }
}

function whyRefused(status: number, text: string): string {
  const problem = ProblemDocument.safeParse(parsed(text)).data;
  if (problem === undefined) return `The system failed with status ${status}.`;
  if (problem.code === "not_found") return "The system has no operators: OPS_TOKENS is not set there.";
  const errors = (problem.errors ?? []).map(({ path, message }) => `\n  ${path} ${message}`);
  return `${problem.detail} (${problem.code})${errors.join("")}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not from the system, but from something in front of it.
    return undefined;
  }
}
