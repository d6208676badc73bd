import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Esbuild from "esbuild"
import { join } from "node:path"
import { rolldown } from "rolldown"

const packageDirectory = join(import.meta.dirname, "..")

/** The two documented operations that this library began with. */
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

/** The chunks of rolldown's bundle of a program. */
const bundleOf = Effect.fnUntraced(function*(code: string) {
  const file = join(packageDirectory, "program.ts")
  const bundle = yield* Effect.promise(() =>
    rolldown({
      input: file,
      cwd: packageDirectory,
      plugins: [{
        name: "program",
        resolveId: (id) => id === file ? id : null,
        load: (id) => id === file ? code : null
      }]
    })
  )
  const { output } = yield* Effect.promise(() => bundle.generate({ format: "esm", minify: true }))
  yield* Effect.promise(() => bundle.close())
  return output.filter((file) => file.type === "chunk")
})

/** The modules of this package in the bundle of a program. */
const modulesOf = (code: string) =>
  Effect.map(bundleOf(code), (chunks) =>
    chunks.flatMap(({ moduleIds }) => moduleIds)
      .filter((id) => id.startsWith(join(packageDirectory, "src")))
      .map((id) => id.slice(packageDirectory.length + "/src/".length)))

/** Programs as one file, minified. */
const bundlers: Readonly<Record<string, (code: string) => Effect.Effect<string>>> = {
  rolldown: (code) => Effect.map(bundleOf(code), (chunks) => chunks.map(({ code }) => code).join("")),
  esbuild: (code) =>
    Effect.map(
      Effect.promise(() =>
        Esbuild.build({
          stdin: { contents: code, resolveDir: packageDirectory, loader: "ts" },
          bundle: true,
          minify: true,
          format: "esm",
          write: false
        })
      ),
      ({ outputFiles }) => outputFiles[0]!.text
    )
}

describe("a bundle", () => {
  it.effect("of a history and a restore job has nothing of the health checks, nor of drills", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(program)
      assert.includeMembers(modules, ["BackupSchedules.ts", "RestoreJobs.ts", "PineconeClient.ts"])
      assert.deepStrictEqual(modules.filter((id) => /^(drill|health)\//.test(id)), [])
    }))

  it.effect("of the records of an index has them, and no routes", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(`
        import { IndexData } from "@pinecone-backups/core/drill"
        globalThis.layer = IndexData.layer
      `)
      assert.include(modules, "drill/IndexData.ts")
      assert.notInclude(modules, "drill/IndexDataApi.ts")
    }))

  it.effect("of the health checks has them", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(`
        import { HealthChecks } from "@pinecone-backups/core/health"
        globalThis.layer = HealthChecks.layer
      `)
      assert.include(modules, "health/HealthChecks.ts")
    }))

  /** `Schema` asks for keys before it reads them, and a reader does not. */
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

  describe.each(Object.keys(bundlers))("by %s", (bundler) => {
    const load = (code: string): Effect.Effect<Decoding> =>
      Effect.flatMap(
        bundlers[bundler]!(code),
        (text) => Effect.promise(() => import(`data:text/javascript,${encodeURIComponent(text)}`))
      )

    it.effect("decodes as Schema does where there is no client", () =>
      Effect.gen(function*() {
        const { decode } = yield* load(decoding)
        const { hasReader, run } = decode()
        assert.isFalse(hasReader)
        assert.deepInclude(run, { backupId: "a", status: "Ready" })
      }))

    it.effect("decodes with the readers once a client has read an answer, and not from its import on", () =>
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

  it.effect("of a schema has nothing of the client", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(decoding)
      assert.include(modules, "BackupRun.ts")
      assert.deepStrictEqual(modules.filter((id) => /transport|Client/.test(id)), [])
    }))
})
