import { styleText } from "node:util";
import { z } from "zod";

export type Level = "debug" | "info" | "warn" | "error";
type Colour = "cyan" | "magenta" | "green" | "blue" | "yellow";

const RANK: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const COLOURS: Record<string, Colour> = { gateway: "magenta", web: "green", task: "yellow", connect: "blue" };

/** The readable log of the whole system on standard output: time, source, event and fields. */
export class ConsoleLog {
  readonly #least: number;

  /** `least` is the least important level that is shown. */
  constructor(least: Level | "none") {
    this.#least = least === "none" ? Number.POSITIVE_INFINITY : RANK[least];
  }

  /** Logs one line of a child's output: as an event when it is a JSON log line, else unchanged. */
  line(source: string, text: string, level: Level = "info"): void {
    const event = parseEvent(text);
    if (event === null) {
      this.say(source, text, level);
      return;
    }
    const { at: _at, time: _time, level: own, layer = source, event: name, stack, ...fields } = event;
    const facts = Object.entries(fields).map(
      ([key, value]) => `${styleText("dim", `${key}=`)}${showValue(value)}`,
    );
    this.say(layer, [name, ...facts].join(" "), own);
    if (stack !== undefined) this.say(layer, styleText("dim", stack), own);
  }

  /** Logs a sentence. */
  say(source: string, text: string, level: Level = "info"): void {
    if (RANK[level] < this.#least) return;
    const time = styleText("dim", new Date().toTimeString().slice(0, 8));
    const name = styleText(COLOURS[source] ?? "cyan", source.padEnd(8));
    for (const line of text.split("\n")) console.log(`${time} ${name} ${mark(level)}${line}`);
  }
}

const Event = z.looseObject({
  level: z.enum(["debug", "info", "warn", "error"]),
  event: z.string(),
  layer: z.string().optional(),
  stack: z.string().optional(),
});

function parseEvent(text: string): z.infer<typeof Event> | null {
  if (!text.startsWith("{")) return null;
  try {
    return Event.parse(JSON.parse(text));
  } catch {
    // Some other text that starts with a brace: it is shown as it is.
    return null;
  }
}

function showValue(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function mark(level: Level): string {
  if (level === "error") return `${styleText("red", "error")} `;
  return level === "warn" ? `${styleText("yellow", "warning")} ` : "";
}
