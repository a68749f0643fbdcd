/** What `npm pack` packs: the program as plain JavaScript, and the exact versions that it was tested with. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle, PACKAGE } from "./bundle.ts";
import { Lockfile, shrinkwrap } from "./shrinkwrap.ts";

await bundle();
const lockfile = Lockfile.parse(JSON.parse(await readFile(join(PACKAGE, "../package-lock.json"), "utf8")));
const text = JSON.stringify(shrinkwrap(lockfile), null, 2);
await writeFile(join(PACKAGE, "npm-shrinkwrap.json"), `${text}\n`);
