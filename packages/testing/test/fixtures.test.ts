import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { globSync, readFileSync } from "node:fs"
import { start } from "./support.ts"

// Compares rows of the example files in `core/test/fixtures` with rows of the emulator in the same version and status.

const Row = Schema.Record(Schema.String, Schema.Json)

const Example = Schema.fromJsonString(Schema.Struct({
  apiVersion: Schema.String,
  operation: Schema.String,
  variant: Schema.String,
  basis: Schema.String,
  response: Schema.Struct({ body: Schema.optionalKey(Schema.Json) })
}))

const Page = Schema.Struct({ data: Schema.Array(Row) })

const kinds: Record<string, "backup" | "run" | "job" | "schedule"> = {
  create_backup: "backup",
  describe_backup: "backup",
  list_index_backups: "backup",
  list_project_backups: "backup",
  list_backup_schedule_history: "run",
  describe_restore_job: "job",
  list_restore_jobs: "job",
  create_backup_schedule: "schedule",
  describe_backup_schedule: "schedule",
  update_backup_schedule: "schedule",
  list_backup_schedules: "schedule"
}

const root = new URL("../../core/test/fixtures/", import.meta.url)

const examples = globSync("*__20[01]__*.json", { cwd: root }).sort().flatMap((file) => {
  const example = Schema.decodeUnknownSync(Example)(readFileSync(new URL(file, root), "utf8"))
  const { apiVersion: version, basis, operation, response: { body }, variant } = example
  const kind = kinds[operation]
  if (kind === undefined || body === undefined) return []
  const rows = Schema.is(Page)(body) ? body.data : Schema.is(Row)(body) && !("data" in body) ? [body] : []
  return rows.map((row) => ({ file, kind, version, variant, basis, row }))
})

/** Fields of examples that the emulator never sends in a version, with the reason. */
const isLeftOut = (field: string, version: string, status: unknown): boolean =>
  // Documented but never observed.
  field === "metric" ||
  // Not in any real row up to 2026-04.
  (field === "schema" && (version === "2025-10" || version === "2026-04")) ||
  // Rows in the older format, which a switch enables.
  (field === "dimension" && version === "2026-07") ||
  // Only for completed jobs.
  (field === "percent_complete" && version === "2026-07" && status !== "Completed")

const nightly = "/backup-schedules/nightly"

/** A row of the emulator that corresponds to an example. */
const imitate = Effect.fnUntraced(function*(kind: string, version: string, row: typeof Row.Type) {
  const plane = yield* ControlPlane.ControlPlane
  const client = yield* HttpClient.HttpClient
  const get = (path: string) =>
    Effect.flatMap(
      client.get(`http://localhost${path}`, {
        headers: { "api-key": "any", "x-pinecone-api-version": version }
      }),
      ({ json }) => json
    )
  const status = String(row["status"])
  switch (kind) {
    case "backup": {
      yield* plane.seedIndex({ tags: { a: "b" }, schema: { fields: { a: { type: "float" } } } })
      const { backupId } = yield* plane.seedBackup({
        status: version !== "2026-07" && status === "Failed" ? "InitializationFailed" : status
      })
      if ("source_index_deleted_at" in row) {
        const { state } = yield* Effect.map(plane.dump, (dump) => JSON.parse(JSON.stringify(dump)))
        state.indexes[0].deletedAt = start
        yield* plane.load({ version: 1, now: start, state })
      }
      return yield* get(`/backups/${backupId}`)
    }
    case "run": {
      yield* plane.seedSchedule({ id: "nightly", enabled: false, runs: [{ status }] })
      return Schema.decodeUnknownSync(Page)(yield* get(`${nightly}/history`)).data[0]
    }
    case "job": {
      const { restoreJobId } = yield* plane.seedRestoreJob({ status })
      return yield* get(`/restore-jobs/${restoreJobId}`)
    }
    default: {
      yield* plane.seedSchedule({ id: "nightly", enabled: row["enabled"] === true })
      return yield* get(nightly)
    }
  }
})

const EmulatorTest = Emulator.layerMemory.pipe(
  Layer.provideMerge(ControlPlane.layer({ now: DateTime.makeUnsafe(start) }))
)

describe("the example files", () => {
  it("exist for every kind", () => {
    assert.isAbove(examples.length, 100)
    assert.strictEqual(new Set(examples.map(({ kind }) => kind)).size, 4)
  })

  it.effect.each(examples.map((example) => [example.file, example] as const))(
    "have the same fields as the responses of the emulator: %s",
    ([, { kind, row, version }]) =>
      Effect.gen(function*() {
        const shown = Schema.decodeUnknownSync(Row)(yield* imitate(kind, version, row))
        const missing = Object.keys(row).filter((field) =>
          !(field in shown) && !isLeftOut(field, version, row["status"])
        )
        assert.deepStrictEqual(missing, [])

        const known = new Set(
          examples.filter((example) => example.kind === kind && example.version === version)
            .flatMap((example) => Object.keys(example.row))
        )
        assert.deepStrictEqual(Object.keys(shown).filter((field) => !known.has(field)), [])
        assert.strictEqual(shown["status"], row["status"])
      }).pipe(Effect.provide(EmulatorTest))
  )
})
