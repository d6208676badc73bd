import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Built from "./built.ts"
import { home } from "./harness.ts"

/** Records the files that a process loads, and the Node.js modules at its end. */
const spy = `
import { registerHooks } from "node:module"
import { writeFileSync } from "node:fs"
const files = []
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith("file:")) files.push(url)
    return next(url, context)
  }
})
process.on("exit", () => writeFileSync(process.env.SPY, JSON.stringify({ files, node: process.moduleLoadList })))
`

/** The published program, with the modules in each of its files. */
const build = Effect.gen(function*() {
  const directory = yield* home({ "spy.mjs": spy })
  const chunks = yield* Built.build(directory)
  return {
    directory,
    modules: new Map(chunks.map((chunk) => [chunk.fileName, chunk.moduleIds])),
    imports: chunks.flatMap(({ dynamicImports, imports }) => [...imports, ...dynamicImports])
  }
})

/** Runs the program and returns the loaded files. */
const load = (directory: string, args: ReadonlyArray<string>) => {
  const notes = join(directory, "notes.json")
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", pathToFileURL(join(directory, "spy.mjs")).href, join(directory, "dist", "bin.js"), ...args],
    { encoding: "utf8", env: { HOME: directory, SPY: notes } }
  )
  const { files, node }: { readonly files: ReadonlyArray<string>; readonly node: ReadonlyArray<string> } = JSON.parse(
    readFileSync(notes, "utf8")
  )
  return { status, stderr, files: files.map((url) => basename(url)), node }
}

/**
 * Help needs only the check IDs of core, and the format names and severities of an audit. Flag validation needs the
 * small rules for hosts and new indexes.
 */
const isHeavy = (module: string) =>
  /packages\/(core\/src\/(?!health\/HealthCheck\.ts|Host\.ts|IndexRules\.ts|internal\/name-length\.ts)|testing\/src\/(?!HostGuard\.ts))|cli\/src\/commands\/\w+\/(?!command\.ts|FormatNames\.ts|FailOn\.ts)|effect\/dist\/http\/HttpClient\.js|\/yaml\//
    .test(module)

const heavyNode = ["crypto", "child_process", "readline", "worker_threads", "http", "https"]

describe("the published program", () => {
  it.effect("loads handlers only when their command runs", () =>
    Effect.gen(function*() {
      const { directory, modules } = yield* build
      const run = (...args: ReadonlyArray<string>) => {
        const { files, node, status, stderr } = load(directory, args)
        const names = files.filter((name) => modules.has(name))
        return {
          status,
          stderr,
          names,
          bytes: names.reduce((sum, name) => sum + readFileSync(join(directory, "dist", name)).length, 0),
          heavy: names.flatMap((name) => modules.get(name) ?? []).filter(isHeavy),
          node: heavyNode.filter((name) => node.includes(`NativeModule ${name}`))
        }
      }

      assert.deepStrictEqual(run("--version").names, ["bin.js"])

      const cheap: ReadonlyArray<[status: number, ...args: ReadonlyArray<string>]> = [
        [0],
        [0, "--help"],
        [0, "schedule", "history", "--help", "-o", "json"],
        [0, "help", "backup"],
        [0, "completion", "zsh"],
        [2, "schedule", "histroy"],
        [2, "backup", "create", "docs", "--timeout", "5m"]
      ]
      for (const [expected, ...args] of cheap) {
        const { bytes, heavy, node, status, stderr } = run(...args)
        assert.deepStrictEqual([args, status, heavy, node], [args, expected, [], []], stderr)
        // Effect and its CLI modules are about 90% of this. Drills use more functions of modules that help also loads.
        assert.isBelow(bytes, 470_000, args.join(" "))
      }

      // Only drill commands load the engines and node:sqlite.
      const isOfDrills = (module: string) =>
        /cli\/src\/(engine|commands\/drill\/(?!command\.ts))|effect\/dist\/(cluster|workflow|sql)\/|\/sql-pg\//.test(
          module
        )
      const loadedBy = (...args: ReadonlyArray<string>) => {
        const { node, names, status, stderr } = { ...run(...args), ...load(directory, args) }
        assert.strictEqual(status, 0, stderr)
        return {
          modules: names.flatMap((name) => modules.get(name) ?? []).filter(isOfDrills),
          hasDatabase: node.includes("NativeModule sqlite")
        }
      }
      for (const command of [["schedule", "list"], ["backup", "list"], ["restore", "list"], ["status"], ["config"]]) {
        assert.deepStrictEqual(
          [command, loadedBy("--demo", ...command)],
          [command, { modules: [], hasDatabase: false }]
        )
      }
      assert.isTrue(loadedBy("--demo", "drill", "run", "docs", "--dry-run").modules.length > 0)

      // Proves that the marker is detected.
      const demo = run("--demo", "schedule", "list")
      assert.strictEqual(demo.status, 0, demo.stderr)
      for (
        const module of ["core/src/PineconeClient.ts", "testing/src/internal/simulation.ts", "schedule/read-handler.ts"]
      ) {
        assert.isTrue(demo.heavy.some((id) => id.endsWith(module)), module)
      }
    }), 60_000)

  it.effect("prints the required Node.js version on an older version", () =>
    Effect.gen(function*() {
      const { directory } = yield* build
      const { engines } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
      const oldest = engines.node.replace(">=", "")
      const on = (version: string, ...args: ReadonlyArray<string>) => {
        const versions =
          `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`
        const { status, stderr, stdout } = spawnSync(
          process.execPath,
          ["--import", `data:text/javascript,${versions}`, join(directory, "dist", "bin.js"), ...args],
          { encoding: "utf8", env: { HOME: directory } }
        )
        return { status, stdout, stderr }
      }

      for (const version of ["18.20.8", "20.18.9", "20.9.0", "9.99.0"]) {
        const stderr = `error: pcb requires Node.js ${oldest} or later; this is Node.js ${version}\n`
        assert.deepStrictEqual(on(version, "--help"), { status: 1, stdout: "", stderr })
        // Monitoring systems read 1 as a warning.
        assert.deepStrictEqual(on(version, "audit", "-o", "nagios"), { status: 3, stdout: "", stderr })
      }
      for (const version of [`${oldest}.0`, "20.20.2", "22.0.0", "100.1.0"]) {
        assert.strictEqual(on(version, "--help").status, 0, version)
      }
    }), 60_000)

  it.effect("needs only Node.js", () =>
    Effect.gen(function*() {
      const { directory, imports, modules } = yield* build
      assert.deepStrictEqual(imports.filter((name) => !modules.has(name) && !name.startsWith("node:")), [])
      assert.strictEqual(
        execFileSync(process.execPath, [join(directory, "dist", "bin.js"), "-V"], { encoding: "utf8" }),
        `${JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version}\n`
      )
    }), 60_000)
})
