/** How schedules and their runs are printed. */
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

/** A schedule, its index, and as many of its latest runs as are known. */
export interface Row extends Listing.Scheduled {
  readonly runs: ReadonlyArray<BackupRun.BackupRun> | undefined
}

/** The fields of a schedule's JSON that follow from its runs. */
export const runFields: ReadonlyArray<string> = ["last_backup_at", "recent_runs"]

/** What a schedule is called. */
export const nameOf = ({ name, scheduleId }: BackupSchedule.BackupSchedule): string => Format.plain(name ?? scheduleId)

/** How often a schedule runs, if the service says so. Core reads a frequency that is missing as `Unknown`. */
export const frequencyOf = ({ frequency }: BackupSchedule.BackupSchedule): string | undefined =>
  frequency === "Unknown" ? undefined : frequency

/** What a schedule does, in a few words. */
export const summary = Effect.fnUntraced(function*(schedule: BackupSchedule.BackupSchedule) {
  const now = yield* Time.now
  const frequency = frequencyOf(schedule)
  const { enabled, nextScheduledRun, retentionExpireAfterDays: kept } = schedule
  return [
    Format.plain(frequency ?? "of unknown frequency"),
    ...(kept == null ? [] : [`kept ${kept === 1 ? "1 day" : `${kept} days`}`]),
    ...(enabled === false
      ? ["paused"]
      : nextScheduledRun
      ? [`next run ${Format.minute(nextScheduledRun)} (${Format.relative(nextScheduledRun, now)})`]
      : [])
  ]
})

/** What may have a schedule, and as many of its latest runs as are known. */
export interface MayRun {
  readonly schedule: BackupSchedule.BackupSchedule | undefined
  readonly runs: ReadonlyArray<BackupRun.BackupRun> | undefined
}

/** What tells of a schedule in a list, whatever that is a list of. */
export const columns = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const now = yield* Time.now
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const { column, number, text } = yield* Columns.make
  const yellow = (text: string) => screen.style("yellow", text)
  const state = ({ schedule }: MayRun) => schedule?.enabled == null ? undefined : schedule.enabled ? "active" : "paused"
  const nextRun = ({ schedule }: MayRun) =>
    // Of a schedule that is paused, this time means nothing.
    schedule?.enabled === false ? undefined : schedule?.nextScheduledRun
  /** Whether it is long over, so that nothing comes of it. */
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

/** How schedules are printed. */
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

/** Prints schedules that were made or changed: as a list, if several were asked for. */
export const print = Effect.fnUntraced(function*(changed: ReadonlyArray<Listing.Scheduled>, isMany: boolean) {
  yield* Output.made(yield* list, changed.map((scheduled): Row => ({ ...scheduled, runs: undefined })), isMany)
})
