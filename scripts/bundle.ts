/**
 * Builds the JavaScript of core and testing: `node scripts/bundle.ts`, after `tsc -b` has written the declarations.
 *
 * Node takes about 1 ms for every file and for every import of another package, so the modules are bundled into few
 * files. The public modules stay separate files, which only export from them.
 */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { type GetModuleInfo, rolldown } from "rolldown"
import { pure } from "./pure.ts"

const root = join(import.meta.dirname, "..")

/**
 * The file of a module depends on what it needs, directly or indirectly: folders of Effect, other packages, and folders of
 * its own package. Two modules with the same needs are in the same file. So a program loads no part of Effect that the
 * modules it imports do not need, and files never import each other in a circle, because a module needs everything that
 * its imports need.
 */
const chunkNames = (sources: string) => {
  const known = new Map<string, ReadonlySet<string>>()
  const needsOf = (id: string, infoOf: GetModuleInfo): ReadonlySet<string> => {
    const before = known.get(id)
    if (before !== undefined) return before
    const needs = new Set<string>()
    // Imports can be circular within a file.
    known.set(id, needs)
    const [, own] = /^(\w+)\/\w/.exec(relative(sources, id).replaceAll(sep, "/")) ?? []
    if (own !== undefined && own !== "internal") needs.add(own)
    for (const name of infoOf(id)?.importedIds ?? []) {
      const external = /^(?:effect\/(?!schema\/)([\w-]+)\/|@effect\/([\w-]+))/.exec(name)
      if (external !== null) needs.add(external[1] ?? external[2] ?? "")
      else if (name.startsWith(sources)) { for (const need of needsOf(name, infoOf)) needs.add(need) }
    }
    return needs
  }
  return (id: string, infoOf: GetModuleInfo) => ["base", ...[...needsOf(id, infoOf)].sort()].join("-")
}

/** Marks the ID of a module that exports everything from a public module. */
const entry = "entry:"

/** Bundles a package into a folder. Its imports of other packages stay. */
export const bundle = async (directory: string, dist: string): Promise<void> => {
  const sources = join(directory, "src") + sep
  const modules = globSync("{,drill/,health/,plan/}*.ts", { cwd: sources })
  const isIndex = (file: string) => file.endsWith("index.ts")
  const nameOf = chunkNames(sources)
  const build = await rolldown({
    cwd: directory,
    input: Object.fromEntries(
      modules.filter((file) => !isIndex(file)).map((file) => [file.slice(0, -".ts".length), entry + file])
    ),
    external: /^(effect|@[\w-]+)\//,
    // Required by `includeDependenciesRecursively`. No other file imports an entry, so none gets more exports.
    preserveEntrySignatures: "allow-extension",
    plugins: [
      {
        name: "entries",
        resolveId: (id) => id.startsWith(entry) ? id : null,
        load: (id) => id.startsWith(entry) ? `export * from ${JSON.stringify(sources + id.slice(entry.length))}` : null
      },
      pure(sources)
    ]
  })
  await build.write({
    dir: dist,
    format: "esm",
    sourcemap: true,
    // The package has its sources.
    sourcemapExcludeSources: true,
    comments: { annotation: true, jsdoc: false, legal: true },
    chunkFileNames: "internal/chunks/[name].js",
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{
        debugName: "needs",
        name: (id, context) => id.startsWith(sources) ? nameOf(id, (name) => context.getModuleInfo(name)) : null
      }]
    }
  })
  await build.close()
  // These only export modules. In a bundle, the modules would be objects, and nothing in them could be dropped.
  for (const file of modules.filter(isIndex)) {
    writeFileSync(
      join(dist, file.replace(/ts$/, "js")),
      readFileSync(join(sources, file), "utf8").replaceAll(/\.ts"$/gm, ".js\"")
    )
  }
}

if (process.argv[1] === import.meta.filename) {
  await Promise.all(["core", "testing"].map((name) => {
    const directory = join(root, "packages", name)
    const dist = join(directory, "dist")
    for (const file of globSync("**/*.js{,.map}", { cwd: dist })) rmSync(join(dist, file))
    return bundle(directory, dist)
  }))
}
