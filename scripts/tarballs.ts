/** Packs the packages as published, after `pnpm build`. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { constants, tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"

export const root = join(import.meta.dirname, "..")

/**
 * Creates a folder that is deleted when this process exits, even if a signal ends it, so that no files accumulate on
 * disk.
 */
export const temporaryFolder = (prefix: string): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), prefix)))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
  return folder
}

/** A package as it is published. */
export interface Tarball {
  readonly name: string
  /** The tarball itself. */
  readonly file: string
  /** Folder of the unpacked package: `node_modules/<name>`. */
  readonly directory: string
  /** Files of the package, relative to `directory`. */
  readonly files: ReadonlyArray<string>
}

/** Packs all packages into a folder, and unpacks them into its `node_modules`. Fails without pnpm or a build. */
export const pack = (folder: string): ReadonlyArray<Tarball> => {
  const script = basename(process.argv[1] ?? "") === "runtimes.ts" ? "runtimes" : "check:packages"
  const how = `run pnpm ${script}, or npx -y pnpm@12.18.0 ${script}`
  if (spawnSync("pnpm", ["--version"]).status !== 0) throw new Error(`pnpm is not on the PATH: ${how}`)
  return globSync("packages/*/package.json", { cwd: root }).sort().map((manifest) => {
    if (!existsSync(join(root, dirname(manifest), "dist"))) throw new Error(`${dirname(manifest)} is not built: ${how}`)
    // pnpm fills in the versions of the workspace and the fields of `publishConfig`, which npm does not.
    const output = execFileSync("pnpm", ["pack", "--json", "--pack-destination", folder], {
      cwd: join(root, dirname(manifest)),
      encoding: "utf8"
    })
    const { filename, files, name }: {
      readonly name: string
      readonly filename: string
      readonly files: ReadonlyArray<{ readonly path: string }>
    } = JSON.parse(output.slice(output.indexOf("{")))
    const file = resolve(folder, filename)
    const directory = join(folder, "node_modules", name)
    mkdirSync(directory, { recursive: true })
    execFileSync("tar", ["-xzf", file, "-C", directory, "--strip-components", "1"])
    return { name, file, directory, files: files.map(({ path }) => path) }
  })
}

/** The manifest of a package as it is published. */
export const manifestOf = ({ directory }: Tarball): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
