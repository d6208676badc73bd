import { assert, describe, it } from "@effect/vitest"
import { BackupId } from "@pinecone-backups/core/Backup"
import { ScheduleId } from "@pinecone-backups/core/BackupSchedule"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import { RestoreJobId } from "@pinecone-backups/core/RestoreJob"
import * as Effect from "effect/Effect"
import * as ExitCode from "../src/output/ExitCode.ts"
import * as RemedyCommand from "../src/output/RemedyCommand.ts"
import * as SameConnection from "../src/output/SameConnection.ts"
import { argumentsOf, run } from "./harness.ts"
import * as Health from "./health.ts"

type Tag = Remedy.Remedy["_tag"]

const schedule = (id: string, scheduleName: string | null = null) => ({ scheduleId: ScheduleId.make(id), scheduleName })

/** Every remedy, for resources with a name. */
const examples: { readonly [T in Tag]: (name: string) => ReadonlyArray<Extract<Remedy.Remedy, { _tag: T }>> } = {
  CreateSchedule: (name) => [
    { _tag: "CreateSchedule", indexName: IndexName.make(name), frequency: "daily", retentionDays: 30 }
  ],
  UpdateSchedule: (name) => [
    { _tag: "UpdateSchedule", ...schedule(name), frequency: "weekly" },
    { _tag: "UpdateSchedule", ...schedule(name), retentionDays: 14 },
    { _tag: "UpdateSchedule", ...schedule(name), frequency: "monthly", retentionDays: 62 }
  ],
  ResumeSchedule: (name) => [{ _tag: "ResumeSchedule", ...schedule(name) }],
  CreateBackup: (name) => [{ _tag: "CreateBackup", indexName: IndexName.make(name) }],
  RecoverIndex: (name) => [
    { _tag: "RecoverIndex", indexName: IndexName.make(name) },
    {
      _tag: "RecoverIndex",
      indexName: IndexName.make(name),
      backupId: BackupId.make("b-1"),
      // The name of a new index needs no quotes.
      targetIndexName: IndexName.make("docs-copy")
    }
  ],
  ProtectIndex: (name) => [{ _tag: "ProtectIndex", indexName: IndexName.make(name) }],
  RunDrill: (name) => [{ _tag: "RunDrill", indexName: IndexName.make(name) }],
  CleanUpDrills: () => [{ _tag: "CleanUpDrills", indexName: IndexName.make("drill-1") }],
  InspectSchedule: (name) => [{ _tag: "InspectSchedule", ...schedule(name) }],
  InspectBackup: (name) => [{ _tag: "InspectBackup", backupId: BackupId.make(name) }],
  InspectRestoreJob: (name) => [{ _tag: "InspectRestoreJob", restoreJobId: RestoreJobId.make(name) }],
  InspectRecovery: (name) => [{ _tag: "InspectRecovery", indexName: IndexName.make(name) }],
  InspectIndexBackups: (name) =>
    [true, false].map((isDeleted) => ({ _tag: "InspectIndexBackups", indexName: IndexName.make(name), isDeleted })),
  InspectScheduleBackups: (name) => [{ _tag: "InspectScheduleBackups", ...schedule(name) }],
  InspectManualBackups: () => [{ _tag: "InspectManualBackups" }]
}

const examplesOf = (name: string): ReadonlyArray<Remedy.Remedy> =>
  Object.values(examples).flatMap((of): ReadonlyArray<Remedy.Remedy> => of(name))

/** Returns `true` if the command of a remedy has no name in it. */
const isNameless = ({ _tag }: Remedy.Remedy): boolean => _tag === "InspectManualBackups" || _tag === "CleanUpDrills"

/** Fails unless the program accepts a command line, with only the key missing. */
const assertParses = Effect.fnUntraced(function*(line: string) {
  const args = argumentsOf(line)
  const { exitCode, stderr } = yield* run(args)
  assert.strictEqual(exitCode, ExitCode.auth, `${line}\n${stderr}`)
  return args
})

/** The command line of a remedy, for a project that settings select. */
const render = (remedy: Remedy.Remedy) => SameConnection.line(RemedyCommand.render(remedy), Health.connection)

describe("RemedyCommand.render", () => {
  it.effect.each(["docs", "every night", "it's; rm -rf", "$(reboot)", "`reboot` | a > b", "größe", "*", "~", "a@b"])(
    "renders command lines that this program parses: %j",
    (name) =>
      Effect.gen(function*() {
        for (const remedy of examplesOf(name)) {
          const line = render(remedy)
          assert(line !== undefined)
          const args = yield* assertParses(line)
          if (isNameless(remedy)) continue
          const argument = remedy._tag === "ProtectIndex" ? `/indexes/${encodeURIComponent(name)}` : name
          assert.include(args, argument, line)
        }
      }),
    30_000
  )

  it.each(["", "-rf", "--yes", "a\nb", "a\u001b[2Jb", "a\u202eb"])("returns undefined for %j", (name) => {
    for (const remedy of examplesOf(name)) {
      if (!isNameless(remedy)) assert.isUndefined(render(remedy), remedy._tag)
    }
  })

  it.each([
    ["nightly", "nightly"],
    ["$(reboot) it's", "schedule-1"],
    ["every night", "schedule-1"],
    ["--yes", "schedule-1"],
    [null, "schedule-1"]
  ])("selects a schedule named %j by %s", (name, selector) => {
    assert.strictEqual(
      render({ _tag: "UpdateSchedule", ...schedule("schedule-1", name), retentionDays: 14 }),
      `pcb schedule update ${selector} --keep 14`
    )
  })

  it("encodes the name of an index in a path", () => {
    for (const [name, path] of [["docs", "/indexes/docs"], ["a/../b?c", "'/indexes/a%2F..%2Fb%3Fc'"]] as const) {
      assert.strictEqual(
        render({ _tag: "ProtectIndex", indexName: IndexName.make(name) }),
        `pcb api PATCH ${path} --field deletion_protection=enabled`
      )
    }
  })

  it("lists, describes or previews exactly if the remedy is read-only", () => {
    for (const remedy of examplesOf("docs")) {
      const isReading = /^pcb \w+ (list|describe)\b| --dry-run$/.test(render(remedy) ?? "")
      assert.strictEqual(Remedy.isReadOnly(remedy), isReading, remedy._tag)
    }
  })

  it("quotes an ID with special characters", () => {
    assert.strictEqual(
      render({ _tag: "UpdateSchedule", ...schedule("it's; rm"), retentionDays: 14 }),
      `pcb schedule update 'it'\\''s; rm' --keep 14`
    )
  })
})

describe("fixes", () => {
  it.effect("of the demo project are command lines that this program parses", () =>
    Effect.gen(function*() {
      const { stdout } = yield* run("--demo audit -o ndjson")
      const findings: ReadonlyArray<
        { readonly fix: string | null; readonly remedy: { readonly type: string } | null }
      > = stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
      const lines = new Set(findings.flatMap(({ fix }) => fix ?? []))
      assert.isAbove(lines.size, 10)
      assert.strictEqual(findings.every(({ fix, remedy }) => (fix === null) === (remedy === null)), true)
      // Without the flag, so that only the key is missing.
      for (const line of lines) yield* assertParses(line.replace(/ --demo$/, ""))
    }), 30_000)

  it.effect("of a report are command lines that this program parses", () =>
    Effect.gen(function*() {
      const found = [...BackupHealth.findings(Health.project), ...Health.project.ignored.map(({ finding }) => finding)]
      for (
        const line of found.flatMap((finding) => RemedyCommand.fixOf(finding, Health.connection) ?? [])
      ) yield* assertParses(line)
    }))
})
