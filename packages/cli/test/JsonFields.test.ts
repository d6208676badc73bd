import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ExitCode from "../src/output/ExitCode.ts"
import { kinds } from "../src/output/Json.ts"
import * as JsonFields from "../src/output/JsonFields.ts"
import { run } from "./harness.ts"
import { project, seeds } from "./project.ts"

/** Every command that prints rows, as a table and as JSON. */
const views = [
  "schedule list",
  "schedule describe docs-daily",
  "schedule history docs --list",
  "backup list",
  "backup describe docs@latest",
  "restore list",
  "restore describe docs-restored",
  "status",
  "config",
  "doctor"
]

const rowsOf = (json: unknown): ReadonlyArray<Record<string, unknown>> => {
  if (typeof json !== "object" || json === null) return []
  const rows: unknown = Reflect.get(json, "data") ?? Reflect.get(json, "checks") ?? [json]
  return Array.isArray(rows) ? rows : []
}

/** All values of JSON, as the strings of cells. */
const textsOf = (json: unknown): ReadonlyArray<string> => {
  if (Array.isArray(json)) return json.flatMap(textsOf)
  if (typeof json === "object" && json !== null) return Object.values(json).flatMap(textsOf)
  const text = String(json)
  const millis = typeof json === "string" && /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(millis) ? [text] : [text, String(millis)]
}

/** Cells derived from several fields, or from parts of one. */
const composed = (row: Record<string, unknown>): ReadonlyArray<string> => {
  const { cloud, enabled, region, schedules, tags } = row
  const [schedule = {}] = Array.isArray(schedules) ? schedules : []
  return [
    `${String(cloud)} ${String(region)}`,
    ...[enabled, schedule.enabled].map((enabled) => enabled === false ? "paused" : "active"),
    ...(typeof tags === "object" && tags !== null
      ? [Object.entries(tags).map(([key, value]) => `${key}=${value}`).join(" ")]
      : []),
    ...(Array.isArray(row["findings"]) ? [row["findings"].map(({ check }) => check).join(" ")] : [])
  ]
}

const isStrip = (cell: string) => /^[+x.!o*~-]+$/.test(cell)

describe("JSON", { timeout: 60_000 }, () => {
  it.effect.each(views)("contains the values of the table: %s", (line) =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const table = yield* run(`${line} -o tsv`, { on })
      const { stdout } = yield* run(`${line} -o json`, { on })
      // The output format is a setting itself.
      const own = ["json", "tsv"]
      const rows = rowsOf(JSON.parse(stdout))
      const lines = table.stdout.trimEnd().split("\n").map((line) => line.split("\t"))
      assert.strictEqual(rows.length >= lines.length, true, stdout)
      for (const [position, cells] of lines.entries()) {
        const row = rows[position]!
        const texts = new Set([...textsOf(row), ...composed(row)])
        for (const cell of cells.filter((cell) => cell !== "")) {
          const millis = /^\d{4}-\d\d-\d\dT/.test(cell) ? String(Date.parse(cell)) : cell
          if (texts.has(cell) || texts.has(millis) || own.includes(cell)) continue
          const runs = row["recent_runs"]
          assert.isTrue(isStrip(cell) && Array.isArray(runs), `${cell} is not in ${JSON.stringify(row)}`)
          assert.lengthOf(runs as ReadonlyArray<unknown>, cell.length)
        }
      }
    }))
})

describe("--json with fields", { timeout: 60_000 }, () => {
  const commands = [
    ...views,
    "schedule create wiki --every daily --keep 7",
    "schedule update docs-daily --keep 60",
    "schedule pause docs-daily",
    "schedule resume docs-daily",
    "schedule delete docs-daily --yes",
    "backup create wiki",
    "backup delete docs@latest --yes",
    "restore start docs@latest --name copy"
  ]

  it.effect.each(commands)(
    "rejects an unknown field before doing anything: %s",
    (line) =>
      Effect.gen(function*() {
        const on = yield* project(seeds)
        const { exitCode, stderr, stdout } = yield* run(`${line} --json=nope`, { on })
        assert.strictEqual(exitCode, ExitCode.usage)
        assert.strictEqual(stdout, "")
        const { error } = JSON.parse(stderr)
        assert.strictEqual(error.code, "USAGE")
        for (const field of JsonFields.of(line.split(" ").slice(0, 2).join(" "))) assert.include(error.message, field)
        assert.isEmpty((yield* on.requests).filter(({ method }) => method !== "GET"))
      })
  )

  it.effect("rejects an unknown field of an audit with exit code 3", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* run("audit --json=status,nope", { on: yield* project(seeds) })
      assert.deepStrictEqual([exitCode, JSON.parse(stdout).status], [ExitCode.auditFailed, "unknown"])
    }))

  it.effect("prints missing optional fields as null", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* run("backup list --json=metric --limit 1", { on: yield* project(seeds) })
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(JSON.parse(stdout).data, [{ metric: null }])
    }))

  it("accepts every key of a schema", () => {
    for (const name of ["schedule", "run", "change", "backup", "restore-job", "started-restore", "setting", "check"]) {
      assert.isNotEmpty(JsonFields.ofSchema(kinds[name]!.schema), name)
    }
    assert.includeMembers([...JsonFields.of("schedule list")], ["index_name", "name", "last_backup_at", "recent_runs"])
    assert.notInclude(JsonFields.of("schedule history"), "frequency")
    assert.isEmpty(JsonFields.of("api"))
  })
})
