/**
 * A project that uses the packages as published.
 *
 * Inside the workspace, the `exports` of core and testing lead to TypeScript sources. This project is a folder outside
 * of it, with copies of the built packages whose `exports` are those of `publishConfig`, links to their dependencies
 * and the SDK, and the contenders as JavaScript, which any version of Node can run.
 */
import { build, type Plugin } from "esbuild"
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

export const root = join(import.meta.dirname, "../../..")

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"))

/**
 * Leaves files separate that are loaded on demand. With `splitting`, contenders would share files whose order of loading
 * is arbitrary, which changes a cold call by several milliseconds.
 */
const dynamicImports: Plugin = {
  name: "dynamic-imports",
  setup: (build) =>
    build.onResolve(
      { filter: /^\.\// },
      ({ kind, path }) => kind === "dynamic-import" ? { path: path.replace(/\.ts$/, ".js"), external: true } : undefined
    )
}

/** Creates the project and returns its folder. */
export const make = async (): Promise<string> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pinecone-backups-benchmark-")))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  for (const name of ["core", "testing"]) {
    const from = join(root, "packages", name)
    const to = join(folder, "node_modules/@pinecone-backups", name)
    cpSync(join(from, "dist"), join(to, "dist"), { recursive: true })
    const { publishConfig, ...manifest } = json(join(from, "package.json"))
    writeFileSync(join(to, "package.json"), JSON.stringify({ ...manifest, exports: publishConfig.exports }))
  }
  for (
    const [from, name] of [
      [".", "effect"],
      [".", "@pinecone-database/pinecone"],
      ["packages/core", "@effect/platform-node"]
    ] as const
  ) {
    const to = join(folder, "node_modules", name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(realpathSync(join(root, from, "node_modules", name)), to)
  }
  const sources = globSync([
    "packages/core/benchmark/{run,load,entries,history.*}.ts",
    "packages/core/benchmark/{library,node,traced,sdk,client,client-*,bare}.ts",
    "packages/testing/benchmark/*.ts"
  ], { cwd: root })
  await build({
    entryPoints: sources.map((file) => join(root, file)),
    outdir: folder,
    entryNames: "[name]",
    bundle: true,
    plugins: [dynamicImports],
    packages: "external",
    format: "esm",
    target: "node20"
  })
  for (const file of globSync("history.*.ts", { cwd: import.meta.dirname })) {
    cpSync(join(import.meta.dirname, file), join(folder, file))
  }
  return folder
}

/** Returns the version of a package that is measured. */
export const versionOf = (name: string): string => json(join(root, "node_modules", name, "package.json")).version
