/** Packs the packages as they are published, after `pnpm build`. */
import { execFileSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

export const root = join(import.meta.dirname, "..")

/** A package as it is published. */
export interface Tarball {
  readonly name: string
  /** The tarball itself. */
  readonly file: string
  /** Where it is unpacked: as `node_modules/<name>` of the folder. */
  readonly directory: string
  /** Its files, relative to that. */
  readonly files: ReadonlyArray<string>
}

/** Packs all packages into a folder, and unpacks them into its `node_modules`. */
export const pack = (folder: string): ReadonlyArray<Tarball> =>
  globSync("packages/*/package.json", { cwd: root }).sort().map((manifest) => {
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

/** The manifest of a package as it is published. */
export const manifestOf = ({ directory }: Tarball): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
