import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import { SourceMap } from "node:module"
import * as Os from "node:os"
import { dirname, join, resolve } from "node:path"
import { rolldown } from "rolldown"
import * as Bundle from "../../../scripts/bundle.ts"
import type { Backup } from "../src/Backup.ts"
import type { BackupRun } from "../src/BackupRun.ts"
import type { BackupSchedule } from "../src/BackupSchedule.ts"
import type { PineconeIndex } from "../src/PineconeIndex.ts"

const packageDirectory = join(import.meta.dirname, "..")

/** A project that has core and testing as published. */
const project = Fs.realpathSync(Fs.mkdtempSync(join(Os.tmpdir(), "pinecone-backups-bundle-")))
const scope = join(project, "node_modules/@pinecone-backups")

beforeAll(() => {
  Fs.mkdirSync(scope, { recursive: true })
  Fs.symlinkSync(Fs.realpathSync(join(packageDirectory, "node_modules/effect")), join(scope, "../effect"))
  return Promise.all(["core", "testing"].map((name) => {
    const text = Fs.readFileSync(join(Bundle.sourcesOf(name), "../package.json"), "utf8")
    const { publishConfig, ...manifest } = JSON.parse(text)
    Fs.mkdirSync(join(scope, name))
    Fs.writeFileSync(join(scope, name, "package.json"), JSON.stringify({ ...manifest, exports: publishConfig.exports }))
    return Bundle.bundle(name, join(scope, name, "dist"))
  }))
})

afterAll(() => Fs.rmSync(project, { recursive: true, force: true }))

/** The two documented operations of the first version of this library. */
const program = `
import { BackupSchedules, Pinecone, RestoreJobs } from "@pinecone-backups/core"
import { Effect, Stream } from "effect"

const main = Effect.gen(function*() {
  const schedules = yield* BackupSchedules.BackupSchedules
  const jobs = yield* RestoreJobs.RestoreJobs
  return [yield* Stream.runCollect(schedules.history("schedule")), yield* jobs.describe("job")]
})

Effect.runPromise(Effect.provide(main, Pinecone.layerFetch)).then((rows) => globalThis.rows = rows)
`

/** A program bundled with rolldown, as a single minified file. */
const bundleOf = Effect.fnUntraced(function*(code: string) {
  const file = join(project, "program.ts")
  const build = yield* Effect.promise(() =>
    rolldown({
      input: file,
      cwd: project,
      plugins: [{
        name: "program",
        resolveId: (id) => id === file ? id : null,
        load: (id) => {
          if (id === file) return code
          // Bundlers do not read the maps of packages.
          if (!id.startsWith(scope)) return null
          const map = `${id}.map`
          return { code: Fs.readFileSync(id, "utf8"), ...(Fs.existsSync(map) && { map: Fs.readFileSync(map, "utf8") }) }
        }
      }]
    })
  )
  const { output: [chunk] } = yield* Effect.promise(() =>
    build.generate({ format: "esm", minify: true, sourcemap: true, dir: project })
  )
  yield* Effect.promise(() => build.close())
  return chunk
})

/** The modules of this package with code in the bundle of a program. */
const modulesOf = (code: string) =>
  Effect.map(bundleOf(code), ({ code, map }) => {
    if (map === null) throw new Error("The bundle has no map")
    // Its list of sources has unused modules, too.
    const positions = new SourceMap({ ...map, file: map.file ?? "", sourceRoot: "" })
    const sources = new Set<string>()
    for (const [line, text] of code.split("\n").entries()) {
      for (let column = 0; column < text.length; column++) {
        const entry = positions.findEntry(line, column)
        if ("originalSource" in entry) sources.add(resolve(project, entry.originalSource))
      }
    }
    const directory = Bundle.sourcesOf("core")
    return [...sources].filter((file) => file.startsWith(directory)).map((file) => file.slice(directory.length))
  })

/** Programs as a single minified file. */
const bundlers: Readonly<Record<string, (code: string) => Effect.Effect<string>>> = {
  rolldown: (code) => Effect.map(bundleOf(code), ({ code }) => code),
  esbuild: (code) =>
    Effect.map(
      Effect.promise(() =>
        Esbuild.build({
          stdin: { contents: code, resolveDir: project, loader: "ts" },
          bundle: true,
          minify: true,
          format: "esm",
          write: false
        })
      ),
      ({ outputFiles }) => outputFiles[0]!.text
    )
}

/** The code that a bundler keeps from a file if a program imports it only for its side effects. */
const sideEffectsOf: Readonly<Record<string, (file: string) => Effect.Effect<string>>> = {
  rolldown: (file) =>
    Effect.gen(function*() {
      const build = yield* Effect.promise(() =>
        rolldown({
          input: file,
          // Reading from an external module would count. With esbuild, reading other properties counts.
          treeshake: { moduleSideEffects: (id) => id === file, propertyReadSideEffects: false },
          plugins: [{
            name: "program",
            resolveId: (id) => id === file ? null : { id, external: true },
            // Exports would be kept, too.
            load: (id) => id === file ? Fs.readFileSync(id, "utf8").replace(/^export \{.*?\}( from .*)?;$/gm, "") : null
          }]
        })
      )
      const { output: [{ code }] } = yield* Effect.promise(() => build.generate({ format: "esm", minify: true }))
      yield* Effect.promise(() => build.close())
      return code.replace(/^export\{\};?\n?$/, "")
    }),
  esbuild: (file) =>
    Effect.map(
      Effect.promise(() =>
        Esbuild.build({
          stdin: { contents: `import ${JSON.stringify(file)}`, resolveDir: project },
          bundle: true,
          minify: true,
          format: "esm",
          write: false,
          plugins: [{
            name: "program",
            setup: ({ onResolve }) => {
              onResolve(
                { filter: /./ },
                ({ path }) => path === file ? { path, sideEffects: true } : { path, external: true, sideEffects: false }
              )
            }
          }]
        })
      ),
      ({ outputFiles }) => outputFiles[0]!.text
    )
}

/** Files of the packages that a published module loads, and parts of Effect. */
const loadedBy = (...names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const loaded = new Set<string>()
  const load = (from: string) => {
    for (const [, name = ""] of Fs.readFileSync(from, "utf8").matchAll(/^(?:im|ex)port .*?"([^"]+)";$/gm)) {
      const to = name.startsWith(".")
        ? join(dirname(from), name)
        : name.replace(/^@pinecone-backups\/(\w+)\/(.+)$/, `${scope}/$1/dist/$2.js`)
      if (loaded.has(to)) continue
      loaded.add(to)
      if (to.startsWith(scope)) load(to)
    }
  }
  for (const name of names) load(join(scope, name.replace("/", "/dist/")))
  return [...loaded].map((name) => name.replace(`${scope}/`, "").replace("/dist/", "/"))
}

describe.each([["core", 45], ["testing", 8]])("the published modules of %s", (name, count) => {
  const modules = Bundle.modulesOf(name)

  it.effect("export what the sources export", () =>
    Effect.gen(function*() {
      assert.isAtLeast(modules.length, count)
      const namesIn = (file: string) => Effect.map(Effect.promise(() => import(file)), Object.keys)
      yield* Effect.forEach(
        modules,
        Effect.fnUntraced(function*(file) {
          const names = yield* namesIn(join(Bundle.sourcesOf(name), file))
          assert.sameMembers(yield* namesIn(join(scope, name, "dist", file.replace(/ts$/, "js"))), names, file)
        })
      )
    }))

  it.effect.each(Object.keys(sideEffectsOf))("have no side effects for %s", (bundler) =>
    Effect.gen(function*() {
      const keptOf = sideEffectsOf[bundler]!
      const files = Fs.globSync("dist/**/*.js", { cwd: join(scope, name) }).filter((file) => !file.endsWith("index.js"))
      assert.isAtLeast(files.length, count)
      yield* Effect.forEach(files, (file) =>
        Effect.map(keptOf(join(scope, name, file)), (kept) => assert.strictEqual(kept, "", file)))

      const keptFrom = (value: string) => {
        const file = join(project, "one.js")
        Fs.writeFileSync(file, `const one = ${value};\nexport { one };\n`)
        return keptOf(file)
      }
      assert.strictEqual(yield* keptFrom("1"), "")
      assert.notStrictEqual(yield* keptFrom("unknown()"), "")
    }))
})

describe("a published module", () => {
  it("loads few files", () => {
    const own = loadedBy("core/Pinecone.js", "core/BackupSchedules.js", "core/RestoreJobs.js")
      .filter((name) => name.startsWith("core/"))
    assert.isAtMost(own.length, 4)
  })

  it("loads no part of Effect that it does not need", () => {
    const partsOf = (...names: ReadonlyArray<string>) =>
      new Set(
        loadedBy(...names).flatMap((name) => {
          const [, folder = name.startsWith("effect/") ? "" : undefined] = /^effect\/([\w-]+)\//.exec(name) ?? []
          return folder === undefined ? [] : [folder]
        })
      )
    assert.sameMembers([...partsOf("core/Pinecone.js", "core/BackupSchedules.js")], ["", "http", "schema"])
    assert.sameMembers([...partsOf("core/BackupRun.js")], ["", "schema"])
    assert.sameMembers([...partsOf("core/Host.js", "core/Name.js")], [])
    assert.sameMembers([...partsOf("testing/HostGuard.js")], [""])
  })
})

describe("a bundle", () => {
  it.effect("excludes health checks, drills and plans from a program with a history and a restore job", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(program)
      assert.includeMembers(modules, ["BackupSchedules.ts", "RestoreJobs.ts", "PineconeClient.ts"])
      assert.deepStrictEqual(modules.filter((id) => /^(drill|health|plan)\//.test(id)), [])
    }))

  it.effect("excludes the models of other services from a browser program that reads a history", () =>
    Effect.gen(function*() {
      const history = Fs.readFileSync(join(packageDirectory, "benchmark/history.library.ts"), "utf8")
      const modules = yield* modulesOf(history)
      assert.sameMembers(modules.filter((id) => id.startsWith("internal/contract/")), [
        "internal/contract/backup-schedules.ts",
        "internal/contract/endpoint.ts",
        "internal/contract/paths.ts",
        "internal/contract/versions.ts"
      ])
      assert.includeMembers(modules, ["BackupRun.ts", "BackupSchedule.ts"])
      const others = ["Backups.ts", "Endpoints.ts", "Indexes.ts", "PineconeApi.ts", "RestoreJob.ts", "RestoreJobs.ts"]
      assert.deepStrictEqual(modules.filter((id) => others.includes(id)), [])

      // Runs share the IDs and guards of backups and indexes, but not their models.
      const code = yield* bundlers["rolldown"]!(history)
      const fieldsIn = <Field extends string>(...fields: ReadonlyArray<Field>) =>
        fields.filter((field) => new RegExp(`\\b${field}:`).test(code))
      assert.lengthOf(fieldsIn<keyof BackupRun | keyof BackupSchedule>("scheduledExecutionAt", "nextScheduledRun"), 2)
      assert.deepStrictEqual(fieldsIn<keyof Backup | keyof PineconeIndex>("sourceIndexDeletedAt", "sourceBackupId"), [])
    }))

  it.effect("includes records, but no routes, for a program that reads records", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(`
        import { IndexData } from "@pinecone-backups/core/drill"
        globalThis.layer = IndexData.layer
      `)
      assert.include(modules, "drill/IndexData.ts")
      assert.notInclude(modules, "drill/IndexDataApi.ts")
    }))

  it.effect("includes health checks for a program that uses them", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(`
        import { HealthChecks } from "@pinecone-backups/core/health"
        globalThis.layer = HealthChecks.layer
      `)
      assert.include(modules, "health/HealthChecks.ts")
    }))

  /** `Schema` accesses keys before it reads them, and a reader does not. */
  const decoding = `
    import { BackupRun } from "@pinecone-backups/core"
    import { Schema } from "effect"

    const row = { backup_id: "a", source_index_name: "b", source_index_id: "c", status: "Ready" }

    export const decode = () => {
      const asked = []
      const has = (row, key) => (asked.push(key), key in row)
      const run = Schema.decodeUnknownSync(BackupRun.FromWire)(new Proxy(row, { has }))
      return { run, hasReader: !asked.includes("backup_id") }
    }
  `

  interface Decoding {
    readonly decode: () => { readonly run: object; readonly hasReader: boolean }
    readonly read: () => Promise<ReadonlyArray<object>>
  }

  describe.each(Object.keys(bundlers))("decoding in a bundle by %s", (bundler) => {
    const load = (code: string): Effect.Effect<Decoding> =>
      Effect.flatMap(
        bundlers[bundler]!(code),
        (text) => Effect.promise(() => import(`data:text/javascript,${encodeURIComponent(text)}`))
      )

    it.effect("uses Schema if there is no client", () =>
      Effect.gen(function*() {
        const { decode } = yield* load(decoding)
        const { hasReader, run } = decode()
        assert.isFalse(hasReader)
        assert.deepInclude(run, { backupId: "a", status: "Ready" })
      }))

    it.effect("uses the readers only after a client has decoded a response, not at import", () =>
      Effect.gen(function*() {
        const { decode, read } = yield* load(`
        import { BackupSchedules, Pinecone } from "@pinecone-backups/core"
        import { Effect, Layer, Redacted, Stream } from "effect"
        import { FetchHttpClient } from "effect/http"
        ${decoding}

        const layer = Pinecone.layer({ apiKey: Redacted.make("key") }).pipe(
          Layer.provide(FetchHttpClient.layer),
          Layer.provide(Layer.succeed(FetchHttpClient.Fetch, async () => Response.json({ data: [row] })))
        )

        export const read = () =>
          Effect.gen(function*() {
            const schedules = yield* BackupSchedules.BackupSchedules
            return yield* Stream.runCollect(schedules.history("schedule"))
          }).pipe(Effect.provide(layer), Effect.runPromise)
      `)
        const before = decode()
        assert.isFalse(before.hasReader)
        const rows = yield* Effect.promise(read)
        const after = decode()
        assert.isTrue(after.hasReader)
        assert.deepStrictEqual(after.run, before.run)
        assert.deepStrictEqual(rows.map((row) => ({ ...row })), [{ ...after.run }])
      }))
  })

  it.effect("excludes the client from a program with only a schema", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(decoding)
      assert.include(modules, "BackupRun.ts")
      assert.deepStrictEqual(modules.filter((id) => /transport|Client/.test(id)), [])
    }))
})
