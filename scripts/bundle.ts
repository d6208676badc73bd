/**
 * Builds the JavaScript of core and testing: `node scripts/bundle.ts`, after `tsc -b` has written the declarations.
 *
 * Node takes almost 1 ms for every file and 0.2 ms for every import of another package, so the modules are bundled into few
 * files. The public modules stay separate files, which only export from them.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, isAbsolute, join, sep } from "node:path"
import { rolldown } from "rolldown"
import { parseAst } from "rolldown/parseAst"
import { pure } from "./pure.ts"

const root = join(import.meta.dirname, "..")

const fail = (problem: string): never => {
  throw new Error(problem)
}

/** Folder with the sources of a package of this workspace, with a separator at the end. */
export const sourcesOf = (name: string) => join(root, "packages", name, "src") + sep

/** Files and names of other packages that a module imports, apart from types. */
const importsOf = (file: string): ReadonlyArray<string> =>
  parseAst(readFileSync(file, "utf8"), { lang: "ts" }).body.flatMap((node) => {
    const isImport = node.type === "ImportDeclaration" && node.importKind !== "type" ||
      (node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration") && node.exportKind !== "type"
    if (!isImport || node.source === null) return []
    const { value } = node.source
    const [, own, module] = /^@pinecone-backups\/(\w+)\/(.+)$/.exec(value) ?? []
    return [
      value.startsWith(".") ? join(dirname(file), value) : own === undefined ? value : `${sourcesOf(own)}${module}.ts`
    ]
  })

/** The public modules of a package, and the index files that export them, relative to its sources. */
export const modulesOf = (name: string): ReadonlyArray<string> =>
  globSync("{,drill/,health/,plan/}*.ts", { cwd: sourcesOf(name) }).map((file) => file.replaceAll(sep, "/"))

const needs = new Map<string, ReadonlySet<string> | undefined>()

/** What a module needs, directly or indirectly: Effect, its folders, other packages, and folders of its own package. */
const needsOf = (file: string): ReadonlySet<string> => {
  if (needs.has(file)) return needs.get(file) ?? fail(`${file} imports itself, perhaps indirectly`)
  needs.set(file, undefined)
  const [, folder = "internal"] = /\/src\/(\w+)\//.exec(file.replaceAll(sep, "/")) ?? []
  const all = new Set(folder === "internal" ? [] : [folder])
  for (const name of importsOf(file)) {
    if (isAbsolute(name)) { for (const need of needsOf(name)) all.add(need) }
    else {
      const [, part, other] = /^(?:effect\/(?!schema\/)([\w-]+)\/|@effect\/([\w-]+))/.exec(name) ?? []
      all.add("effect").add(part ?? other ?? "effect")
    }
  }
  needs.set(file, all)
  return all
}

/**
 * Modules with the same needs are in the same file. So a program loads nothing that the modules it imports do not need, and
 * files never import each other in a circle, because a module needs everything that its imports need.
 */
const chunkOf = (file: string): string => [...needsOf(file)].sort().join("-") || "base"

/** Marks the ID of a module that exports everything from a public module. */
const entry = "entry:"

/** Bundles a package into a folder, whose other JavaScript is deleted. Its imports of other packages stay. */
export const bundle = async (name: string, dist: string): Promise<void> => {
  const sources = sourcesOf(name)
  const modules = modulesOf(name)
  const isIndex = (file: string) => file.endsWith("index.ts")
  const build = await rolldown({
    cwd: root,
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
  const { output } = await build.generate({
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
        name: (id) => id.startsWith(sources) ? chunkOf(id) : null
      }]
    }
  })
  await build.close()

  for (const file of globSync("**/*.js{,.map}", { cwd: dist })) rmSync(join(dist, file))
  const write = (file: string, text: string | Uint8Array) => {
    mkdirSync(dirname(join(dist, file)), { recursive: true })
    writeFileSync(join(dist, file), text)
  }
  for (const file of output) write(file.fileName, file.type === "chunk" ? file.code : file.source)
  // These only export modules. In a bundle, the modules would be objects, and nothing in them could be dropped.
  for (const file of modules.filter(isIndex)) {
    write(file.replace(/ts$/, "js"), readFileSync(sources + file, "utf8").replaceAll(/\.ts"$/gm, ".js\""))
  }
}

if (process.argv[1] === import.meta.filename) {
  await Promise.all(["core", "testing"].map((name) => bundle(name, join(root, "packages", name, "dist"))))
}
