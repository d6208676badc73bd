/** Views of schedules and their runs. */
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Output from "../output/Output.ts"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import type * as Table from "../terminal/Table.ts"
import * as Columns from "./Columns.ts"
import type * as Listing from "./Listing.ts"
import * as RunTimeline from "./RunTimeline.ts"

/** A schedule, its index, and the latest runs that were read. */
export interface Row extends Listing.Scheduled {
  readonly runs: ReadonlyArray<BackupRun.BackupRun> | undefined
}

/** The JSON fields of a schedule that are derived from its runs. */
export const runFields: ReadonlyArray<string> = ["last_backup_at", "recent_runs"]

/** The display name of a schedule. */
export const nameOf = ({ name, scheduleId }: BackupSchedule.BackupSchedule): string => Format.plain(name ?? scheduleId)

/** The frequency of a schedule, if the service reports it. Core reads a missing frequency as `Unknown`. */
export const frequencyOf = ({ frequency }: BackupSchedule.BackupSchedule): string | undefined =>
  frequency === "Unknown" ? undefined : frequency

/** A short summary of a schedule. */
export const summary = Effect.fnUntraced(function*(schedule: BackupSchedule.BackupSchedule) {
  const now = yield* Time.now
  const frequency = frequencyOf(schedule)
  const { enabled, nextScheduledRun, retentionExpireAfterDays: kept } = schedule
  return [
    Format.plain(frequency ?? "unknown frequency"),
    ...(kept == null ? [] : [`kept ${kept === 1 ? "1 day" : `${kept} days`}`]),
    ...(enabled === false
      ? ["paused"]
      : nextScheduledRun
      ? [`next run ${Format.minute(nextScheduledRun)} (${Format.relative(nextScheduledRun, now)})`]
      : [])
  ]
})

/** A row that may have a schedule, and the latest runs that were read. */
export interface MayRun {
  readonly schedule: BackupSchedule.BackupSchedule | undefined
  readonly runs: ReadonlyArray<BackupRun.BackupRun> | undefined
}

/** The schedule columns, shared by several lists. */
export const columns = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const now = yield* Time.now
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const { column, number, text } = yield* Columns.make
  const yellow = (text: string) => screen.style("yellow", text)
  const state = ({ schedule }: MayRun) => schedule?.enabled == null ? undefined : schedule.enabled ? "active" : "paused"
  const nextRun = ({ schedule }: MayRun) =>
    // Ignore the next run time of a paused schedule.
    schedule?.enabled === false ? undefined : schedule?.nextScheduledRun
  /** Returns `true` if the time is so long ago that the run was missed. */
  const isOver = (at: DateTime.Utc) => DateTime.isLessThan(DateTime.add(at, { hours: 1 }), now)
  const strip = (screen: Screen.Service) => ({ runs, schedule }: MayRun) =>
    schedule === undefined ? "" : RunTimeline.latest(schedule, runs ?? [], now, RunTimeline.recentRuns)
      .map(({ phase }) => Symbols.phase(screen, phase))
      .join("")
  const plain: Screen.Service = { ...screen, isUnicode: false, style: (_, text) => text }

  return {
    every: text("EVERY", ({ schedule }) => schedule && frequencyOf(schedule)),
    keep: number("KEEP", ({ schedule }) => schedule?.retentionExpireAfterDays, { show: (days) => `${days}d` }),
    state: column("STATE", state, { show: (state) => state === "paused" ? yellow(state) : state, raw: String }),
    nextRun: column("NEXT RUN", nextRun, {
      show: (at) => isOver(at) ? yellow(when(at)) : when(at),
      wide: exactly,
      raw: Format.iso
    }),
    runs: { header: `LAST ${RunTimeline.recentRuns} RUNS`, show: strip(screen), raw: strip(plain) }
  } satisfies Readonly<Record<string, Table.Column<MayRun>>>
})

/** The view of schedules. */
export const list = Effect.gen(function*() {
  const now = yield* Time.now
  const { id, instant, text } = yield* Columns.make
  const { every, keep, nextRun, runs, state } = yield* columns

  return {
    toJson: ({ indexName, runs, schedule }) => ({
      ...BackupSchedule.toJson(schedule),
      index_name: indexName,
      ...(runs !== undefined && {
        last_backup_at: Format.isoOrNull(RunTimeline.lastReady(runs)),
        recent_runs: RunTimeline.recentToJson(schedule, runs, now)
      })
    }),
    id: ({ schedule }) => schedule.scheduleId,
    columns: [
      text("INDEX", ({ indexName }) => indexName, { shrinkTo: 12 }),
      text("SCHEDULE", ({ schedule }) => schedule.name, { dropAt: 7, shrinkTo: 12 }),
      { ...every, dropAt: 4, isPressing: true },
      { ...keep, dropAt: 5, isPressing: true },
      { ...state, dropAt: 1, isPressing: true },
      instant("LAST BACKUP", ({ runs }) => RunTimeline.lastReady(runs ?? []), { dropAt: 2, isPressing: true }),
      { ...nextRun, dropAt: 3, isPressing: true },
      { ...runs, dropAt: 6 },
      id("ID", ({ schedule }) => schedule.scheduleId, { dropAt: 8 })
    ]
  } satisfies Output.View<Row>
})

/** Prints created or changed schedules: as a list if several were requested. */
export const print = Effect.fnUntraced(function*(changed: ReadonlyArray<Listing.Scheduled>, isMany: boolean) {
  yield* Output.made(yield* list, changed.map((scheduled): Row => ({ ...scheduled, runs: undefined })), isMany)
})
