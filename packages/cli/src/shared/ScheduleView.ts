/** How schedules and their runs are printed. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Output from "../output/Output.ts"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/Symbols.ts"
import type * as Table from "../terminal/Table.ts"
import * as RunTimeline from "./RunTimeline.ts"
import type * as Select from "./Select.ts"

/** A schedule, its index, and as many of its latest runs as are known. */
export interface Row extends Select.Scheduled {
  readonly runs: ReadonlyArray<BackupRun.BackupRun>
}

/** What a schedule is called. */
export const nameOf = ({ name, scheduleId }: BackupSchedule.BackupSchedule): string => Format.plain(name ?? scheduleId)

/** What a schedule does, in a few words. */
export const rhythm = Effect.fnUntraced(function*(schedule: BackupSchedule.BackupSchedule) {
  const now = yield* Time.now
  const { enabled, frequency, nextScheduledRun, retentionExpireAfterDays: kept } = schedule
  return [
    Format.plain(frequency),
    ...(kept == null ? [] : [`kept ${kept === 1 ? "1 day" : `${kept} days`}`]),
    ...(enabled === false
      ? ["paused"]
      : nextScheduledRun
      ? [`next run ${Format.minute(nextScheduledRun)} (${Format.relative(nextScheduledRun, now)})`]
      : [])
  ]
})

/** How many runs the strip of a list shows. */
const stripLength = 14

const raw = Format.orElse("")

/** What may have a schedule, and as many of its latest runs as are known. */
export interface MayRun {
  readonly schedule: BackupSchedule.BackupSchedule | undefined
  readonly runs: ReadonlyArray<BackupRun.BackupRun>
}

/** What tells of a schedule in a list, whatever that is a list of. */
export const columns = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const now = yield* Time.now
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)
  const state = ({ schedule }: MayRun) =>
    schedule === undefined ? undefined : schedule.enabled === false ? "paused" : "active"
  const nextRun = ({ schedule }: MayRun) =>
    // Of a schedule that is paused, this time means nothing.
    schedule?.enabled === false ? undefined : schedule?.nextScheduledRun
  /** Whether it is long over, so that nothing comes of it. */
  const isOver = (at: DateTime.Utc) => DateTime.isLessThan(DateTime.add(at, { hours: 1 }), now)
  const strip = (screen: Screen.Service) => ({ runs, schedule }: MayRun) =>
    schedule === undefined ? "" : RunTimeline.latest(schedule, runs, now, stripLength)
      .map(({ phase }) => Symbols.phase(screen, phase))
      .join("")
  const plain: Screen.Service = { ...screen, isUnicode: false, style: (_, text) => text }

  return {
    every: {
      header: "EVERY",
      show: ({ schedule }) => known(schedule?.frequency, Format.plain),
      raw: ({ schedule }) => schedule?.frequency ?? ""
    },
    keep: {
      header: "KEEP",
      align: "right",
      show: ({ schedule }) => known(schedule?.retentionExpireAfterDays, (days) => `${days}d`),
      raw: ({ schedule }) => raw(schedule?.retentionExpireAfterDays, String)
    },
    state: {
      header: "STATE",
      show: (row) => known(state(row), (state) => state === "paused" ? screen.style("yellow", state) : state),
      raw: (row) => state(row) ?? ""
    },
    nextRun: {
      header: "NEXT RUN",
      show: (row) => known(nextRun(row), (at) => isOver(at) ? screen.style("yellow", when(at)) : when(at)),
      wide: (row) => known(nextRun(row), exactly),
      raw: (row) => raw(nextRun(row), Format.iso)
    },
    runs: { header: `LAST ${stripLength} RUNS`, show: strip(screen), raw: strip(plain) }
  } satisfies Readonly<Record<string, Table.Column<MayRun>>>
})

/** How schedules are printed. */
export const schedules = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)
  const { every, keep, nextRun, runs, state } = yield* columns

  const view: Output.View<Row> = {
    toJson: ({ schedule }) => BackupSchedule.toJson(schedule),
    id: ({ schedule }) => schedule.scheduleId,
    columns: [
      {
        header: "INDEX",
        shrinkTo: 12,
        show: ({ indexName }) => Format.plain(indexName),
        raw: ({ indexName }) => indexName
      },
      {
        header: "SCHEDULE",
        dropAt: 7,
        shrinkTo: 12,
        show: ({ schedule }) => known(schedule.name, Format.plain),
        raw: ({ schedule }) => raw(schedule.name, String)
      },
      { ...every, dropAt: 4, isPressing: true },
      { ...keep, dropAt: 5, isPressing: true },
      { ...state, dropAt: 1, isPressing: true },
      {
        header: "LAST BACKUP",
        dropAt: 2,
        isPressing: true,
        show: ({ runs }) => known(RunTimeline.lastReady(runs), when),
        wide: ({ runs }) => known(RunTimeline.lastReady(runs), exactly),
        raw: ({ runs }) => raw(RunTimeline.lastReady(runs), Format.iso)
      },
      { ...nextRun, dropAt: 3, isPressing: true },
      { ...runs, dropAt: 6 },
      {
        header: "ID",
        dropAt: 8,
        show: ({ schedule }) => screen.style("dim", Format.plain(Format.shortId(schedule.scheduleId))),
        wide: ({ schedule }) => Format.plain(schedule.scheduleId),
        raw: ({ schedule }) => schedule.scheduleId
      }
    ]
  }
  return view
})

/** Prints schedules that were made or changed: as a list, if several were asked for. */
export const print = Effect.fnUntraced(function*(changed: ReadonlyArray<Select.Scheduled>, isMany: boolean) {
  yield* Output.made(yield* schedules, changed.map((scheduled): Row => ({ ...scheduled, runs: [] })), isMany)
})

/** How runs are printed. */
export const runs = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)

  const view: Output.View<BackupRun.BackupRun> = {
    toJson: BackupRun.toJson,
    id: (run) => run.backupId,
    columns: [
      {
        header: "STATUS",
        show: (run) => Symbols.status(screen, RunTimeline.phaseOf(run), run.status),
        raw: (run) => run.status
      },
      {
        header: "PLANNED FOR",
        show: (run) => known(BackupRun.plannedFor(run), exactly),
        raw: (run) => raw(BackupRun.plannedFor(run), Format.iso)
      },
      {
        header: "RECORDS",
        align: "right",
        dropAt: 2,
        show: (run) => known(run.recordCount, Format.count),
        raw: (run) => raw(run.recordCount, String)
      },
      {
        header: "NAMESPACES",
        align: "right",
        dropAt: 5,
        show: (run) => known(run.namespaceCount, Format.count),
        raw: (run) => raw(run.namespaceCount, String)
      },
      {
        header: "SIZE",
        align: "right",
        dropAt: 3,
        show: (run) => known(run.sizeBytes, Format.bytes),
        raw: (run) => raw(run.sizeBytes, String)
      },
      {
        header: "INDEX",
        dropAt: 6,
        show: (run) => Format.plain(run.sourceIndexName),
        raw: (run) => run.sourceIndexName
      },
      { header: "NAME", dropAt: 4, show: (run) => known(run.name, Format.plain), raw: (run) => raw(run.name, String) },
      {
        header: "BACKUP",
        dropAt: 1,
        show: (run) => screen.style("dim", Format.plain(Format.shortId(run.backupId))),
        wide: (run) => Format.plain(run.backupId),
        raw: (run) => run.backupId
      }
    ]
  }
  return view
})
