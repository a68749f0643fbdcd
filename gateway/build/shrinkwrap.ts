import { z } from "zod";
import manifest from "../package.json" with { type: "json" };

const names = z.record(z.string(), z.string()).optional();

const Entry = z.looseObject({
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).optional(),
});
type Entry = z.output<typeof Entry>;

/** An npm lockfile: every installed package by its path, such as `node_modules/a/node_modules/b`. */
export const Lockfile = z.object({ packages: z.record(z.string(), Entry) });
export type Lockfile = z.output<typeof Lockfile>;

/**
 * The part of the repository's lockfile that the gateway needs, as the shrinkwrap of its package: whoever installs it gets
 * the versions with which it was tested. Throws when the lockfile lacks one of its dependencies.
 */
export function shrinkwrap({ packages }: Lockfile): object {
  const { name, version, license, engines, bin, dependencies, optionalDependencies } = manifest;
  const root = { name, version, license, engines, bin, dependencies, optionalDependencies };
  const needed = new Map<string, object>();
  const visit = (entry: Entry, from: string) => {
    for (const dependency of dependenciesOf(entry)) {
      const path = find(packages, dependency.name, from);
      const found = path === undefined ? undefined : packages[path];
      if (path === undefined || found === undefined) {
        if (dependency.isOptional) continue;
        throw new Error(`The lockfile lacks ${dependency.name}, which ${from || name} needs`);
      }
      if (needed.has(path)) continue;
      needed.set(path, found);
      visit(found, path);
    }
  };
  visit(Entry.parse(root), "");
  const sorted = [...needed].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...{ name, version, lockfileVersion: 3, requires: true },
    packages: { "": root, ...Object.fromEntries(sorted) },
  };
}

interface Dependency {
  readonly name: string;
  readonly isOptional: boolean;
}

function dependenciesOf(entry: Entry): readonly Dependency[] {
  const optionalPeers = entry.peerDependenciesMeta ?? {};
  const named = (given: Readonly<Record<string, string>> = {}, isOptional: (name: string) => boolean) =>
    Object.keys(given).map((name) => ({ name, isOptional: isOptional(name) }));
  return [
    ...named(entry.dependencies, () => false),
    ...named(entry.optionalDependencies, () => true),
    ...named(entry.peerDependencies, (name) => optionalPeers[name]?.optional === true),
  ];
}

/** As Node finds a package: in the `node_modules` of the importing package, or of the nearest folder above it. */
function find(packages: Lockfile["packages"], name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, "")) {
    const path = `${folder}${folder === "" ? "" : "/"}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === "") return undefined;
  }
}
