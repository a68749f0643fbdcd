import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../scripts/system/project.ts";

/** What an image of this repository runs. */
export interface Image {
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The last stage of a Dockerfile. */
export async function readDockerfile(path: string): Promise<Image> {
  const text = (await readFile(join(ROOT, path), "utf8")).replaceAll("\\\n", " ");
  const last = text.slice(text.lastIndexOf("\nFROM "));
  const entrypoint = /^ENTRYPOINT (.*)$/m.exec(last)?.[1];
  if (entrypoint === undefined) throw new Error(`${path} has no ENTRYPOINT`);
  const pairs = [...last.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = ""]) => line.split(/\s+/));
  return {
    entrypoint: JSON.parse(entrypoint),
    environment: Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/, 2))),
  };
}
