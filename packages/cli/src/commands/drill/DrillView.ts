/** Output of drills: tables, details, JSON and summaries. */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Json from "../../output/Json.ts"
import type * as Output from "../../output/Output.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Drills from "./Drills.ts"

const encodeEntry = Schema.encodeSync(DrillLog.DrillEntry)

/** The JSON of a report. */
export const reportJson = Schema.encodeSync(DrillReport.DrillReport)

/** The JSON of a drill. */
const toJson = (drill: Drills.Drill) => {
  const state = Drills.stateOf(drill)
  const json: typeof Json.Drill.Encoded = drill.entry === undefined
    ? {
      execution_id: drill.executionId,
      drill_id: drill.drillId,
      index_name: drill.indexName,
      started_at: null,
      deadline_at: null,
      report: null,
      problem: null,
      state
    }
    : { ...encodeEntry(drill.entry), state }
  return json
}

const reportOf = ({ entry }: Drills.Drill): DrillReport.DrillReport | undefined => entry?.report ?? undefined

const phases: Readonly<Record<DrillReport.Outcome, Symbols.Phase>> = {
  SUCCESSFUL: "done",
  UNVERIFIED: "late",
  FAILED: "failed",
  TIMED_OUT: "failed",
  CANCELLED: "missed"
}

/** Phases of drills without a report. */
const phasesOfStates: Readonly<Record<Drills.State, Symbols.Phase>> = {
  queued: "planned",
  canceled: "missed",
  running: "underWay",
  unreadable: "late",
  ended: "done"
}

/** The phase of a drill. */
const phaseOf = (drill: Drills.Drill): Symbols.Phase => {
  const report = reportOf(drill)
  return report === undefined ? phasesOfStates[Drills.stateOf(drill)] : phases[report.outcome]
}

/** The outcome of a drill, or its state if it has not ended. */
export const statusOf = (drill: Drills.Drill): string => reportOf(drill)?.outcome ?? Drills.stateOf(drill)

/** The duration of a restore, which is the recovery time. `undefined` if unknown. */
const restoreTimeOf = (report: DrillReport.DrillReport | undefined): Duration.Duration | undefined =>
  report === undefined || report.restoreSeconds === null ? undefined : Duration.seconds(report.restoreSeconds)

/** Formats of durations in columns. */
const elapsed = { show: Format.elapsed, raw: (duration: Duration.Duration) => String(Duration.toSeconds(duration)) }

/** The duration of a drill that has ended. */
const tookOf = ({ times }: DrillReport.DrillReport): Duration.Duration =>
  DateTime.distance(times.startedAt, times.endedAt)

/** View of a list of drills. */
export const list = Effect.gen(function*() {
  const { column, id, instant, number, text } = yield* Columns.make
  const screen = yield* Screen.Screen
  return {
    toJson,
    id: ({ executionId }) => executionId,
    columns: [
      text("INDEX", ({ indexName }) => indexName, { shrinkTo: 12 }),
      {
        header: "OUTCOME",
        show: (drill) => Symbols.status(screen, phaseOf(drill), statusOf(drill)),
        raw: statusOf
      },
      instant("STARTED", ({ entry }) => entry?.startedAt, { dropAt: 1 }),
      column("RESTORED IN", (drill) => restoreTimeOf(reportOf(drill)), elapsed, { dropAt: 3 }),
      number("RECORDS", (drill) => reportOf(drill)?.counted?.records, { dropAt: 4 }),
      text("REASON", (drill) => reportOf(drill)?.reason?.code, { dropAt: 5 }),
      id("DRILL", ({ executionId }) => executionId, { dropAt: 2 })
    ]
  } satisfies Output.View<Drills.Drill>
})

const results: Readonly<Record<DrillReport.Check["result"], string>> = {
  passed: "passed",
  failed: "failed",
  unknown: "no result",
  skipped: "skipped"
}

const checkText = ({ check, detail, result }: DrillReport.Check): string =>
  `${check} ${results[result]}${detail === null ? "" : ` (${detail})`}`

/** View of one drill with all details. */
export const detail = Effect.gen(function*() {
  const { column, exactInstant, text } = yield* Columns.make
  const view = yield* list
  const columns: typeof view.columns = [
    text("DRILL", ({ executionId }) => executionId),
    ...view.columns.slice(0, 2),
    text("REASON", (drill) => drill.entry?.problem ?? reportOf(drill)?.reason?.message),
    text("BACKUP", (drill) => {
      const backup = reportOf(drill)?.backup
      return backup && (backup.name ?? backup.backupId)
    }),
    exactInstant("TAKEN", (drill) => reportOf(drill)?.backup?.takenAt),
    text("SKIPPED", (drill) => {
      const skipped = reportOf(drill)?.skipped ?? []
      return skipped.length === 0
        ? undefined
        : skipped.map(({ backupId, state }) => `${Format.shortId(backupId)} ${state}`).join(", ")
    }),
    column("RECORDS", (drill) => reportOf(drill)?.counted?.records, { show: Format.count, raw: String }),
    column("EXPECTED", (drill) => reportOf(drill)?.backup?.recordCount, { show: Format.count, raw: String }),
    text("CHECKS", (drill) => reportOf(drill)?.checks.map(checkText).join(", ")),
    exactInstant("STARTED", ({ entry }) => entry?.startedAt),
    column("RESTORED IN", (drill) => restoreTimeOf(reportOf(drill)), elapsed),
    column("TOOK", (drill) => {
      const report = reportOf(drill)
      return report && tookOf(report)
    }, elapsed),
    text("JOB", (drill) => reportOf(drill)?.restoreJobId),
    text("LEFTOVER", (drill) => reportOf(drill)?.leftover)
  ]
  return { ...view, columns }
})

/** One-sentence summary of an ended drill. Claims only what was verified. */
export const summaryOf = (report: DrillReport.DrillReport): string => {
  const { checks, counted, outcome, reason, sampled } = report
  const name = Format.plain(report.indexName)
  const restored = restoreTimeOf(report)
  const within = restored === undefined ? "" : ` in ${Format.elapsed(restored)}`
  if (outcome !== "SUCCESSFUL") {
    const what = {
      UNVERIFIED: `was restored${within}, but not verified`,
      FAILED: "failed the drill",
      TIMED_OUT: "was not restored and verified in time",
      CANCELLED: "did not complete the drill"
    }[outcome]
    return `${name} ${what}${reason === null ? "" : `: ${Format.plain(reason.message)}`}`
  }
  const records = counted?.records == null ? "" : `, ${Format.countOf(counted.records, "record")} counted`
  const read = DrillReport.isSampled(report) && sampled !== null ? `, ${Format.count(sampled.sound)} read` : ""
  const probed = checks.some(({ check, result }) => check === "probe" && result === "passed") ? ", probe passed" : ""
  return `${name} was restored${within}${records}${read}${probed}`
}
