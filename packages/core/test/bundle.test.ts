import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { markPure } from "../../../scripts/pure.ts"
import type { Backup } from "../src/Backup.ts"
import type { BackupRun } from "../src/BackupRun.ts"
import type { BackupSchedule } from "../src/BackupSchedule.ts"
import type { PineconeIndex } from "../src/PineconeIndex.ts"

const packageDirectory = join(import.meta.dirname, "..")
const sources = join(packageDirectory, "src/")

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

/** The chunks of a program bundled with rolldown. Calls of this package have the same marks as in its build. */
const bundleOf = Effect.fnUntraced(function*(code: string) {
  const file = join(packageDirectory, "program.ts")
  const bundle = yield* Effect.promise(() =>
    rolldown({
      input: file,
      cwd: packageDirectory,
      plugins: [{
        name: "program",
        resolveId: (id) => id === file ? id : null,
        load: (id) => id === file ? code : null,
        transform: (code, id) => id.startsWith(sources) ? markPure(code, "ts") : null
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
      .filter((id) => id.startsWith(sources))
      .map((id) => id.slice(sources.length)))

/** Programs as a single minified file. */
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
