/**
 * How schedules and their runs are named on a command line, and how they are printed.
 *
 * @since 0.1.0
 */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Format from "../../Format.ts"
import * as Output from "../../Output.ts"
import * as Runs from "../../Runs.ts"
import * as Screen from "../../Screen.ts"
import type * as Select from "../../Select.ts"
import * as Time from "../../Time.ts"

const schedule = Argument.String("schedule").pipe(
  Argument.withDescription("Name of the schedule or of its index, its id, or the beginning of one")
)

/** What `pc` users type. */
const id = Flag.String("id").pipe(Flag.withMetavar("<id>"), Flag.withDescription("Id of the schedule"), Flag.withHidden)

/**
 * One schedule.
 *
 * @category arguments
 * @since 0.1.0
 */
export const one = { schedule: Argument.optional(schedule), id: Flag.optional(id) }

/**
 * One schedule or more.
 *
 * @category arguments
 * @since 0.1.0
 */
export const several = { schedules: Argument.variadic(schedule), ids: Flag.atLeast(id, 0) }

/** Something that was typed in one of two ways has to be typed in one of them. */
const required = (name: string, given: ReadonlyArray<string>, most: number) =>
  given.length === 0
    ? Effect.fail(new CliError.ValidationError({ message: `Missing required argument: ${name}` }))
    : given.length > most
    ? Effect.fail(new CliError.ValidationError({ message: `Expected one ${name}, got ${given.join(" and ")}` }))
    : Effect.void

/**
 * What was typed for {@link one}.
 *
 * @category arguments
 * @since 0.1.0
 */
export const selector = (input: { readonly schedule: Option.Option<string>; readonly id: Option.Option<string> }) =>
  [input.schedule, input.id].flatMap(Option.toArray)[0] ?? ""

/**
 * What was typed for {@link several}.
 *
 * @category arguments
 * @since 0.1.0
 */
export const selectors = (
  input: { readonly schedules: ReadonlyArray<string>; readonly ids: ReadonlyArray<string> }
) => [...input.schedules, ...input.ids]

/**
 * Checks what was typed for {@link one}.
 *
 * @category arguments
 * @since 0.1.0
 */
export const checkOne = (input: { readonly schedule: Option.Option<string>; readonly id: Option.Option<string> }) =>
  required("schedule", [input.schedule, input.id].flatMap(Option.toArray), 1)

/**
 * Checks what was typed for {@link several}.
 *
 * @category arguments
 * @since 0.1.0
 */
export const checkSeveral = (
  input: { readonly schedules: ReadonlyArray<string>; readonly ids: ReadonlyArray<string> }
) => required("schedule", selectors(input), Infinity)

const indexFlag = Flag.String("index").pipe(
  Flag.withAlias("index-name"),
  Flag.withMetavar("<name>"),
  Flag.withDescription("Name of the index: another way to say it")
)

const indexArgument = Argument.String("index").pipe(Argument.withDescription("Name of the index"))

/**
 * One index.
 *
 * @category arguments
 * @since 0.1.0
 */
export const oneIndex = { index: Argument.optional(indexArgument), indexName: Flag.optional(indexFlag) }

/**
 * Any number of indexes.
 *
 * @category arguments
 * @since 0.1.0
 */
export const anyIndexes = { indexes: Argument.variadic(indexArgument), indexNames: Flag.atLeast(indexFlag, 0) }

/**
 * Checks what was typed for {@link oneIndex}.
 *
 * @category arguments
 * @since 0.1.0
 */
export const checkIndex = (
  input: { readonly index: Option.Option<string>; readonly indexName: Option.Option<string> }
) => required("index", [input.index, input.indexName].flatMap(Option.toArray), 1)

/**
 * A schedule, its index, and as many of its latest runs as are known.
 *
 * @category models
 * @since 0.1.0
 */
export interface Row extends Select.Scheduled {
  readonly runs: ReadonlyArray<BackupRun.BackupRun>
}

/**
 * What a schedule is called.
 *
 * @category getters
 * @since 0.1.0
 */
export const nameOf = ({ name, scheduleId }: BackupSchedule.BackupSchedule): string => Format.plain(name ?? scheduleId)

/** How many runs the strip of a list shows. */
const stripLength = 14

const raw = Format.orElse("")

/**
 * How schedules are printed.
 *
 * @category views
 * @since 0.1.0
 */
export const schedules = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const now = yield* Time.now
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const known = Screen.orDash(screen)
  const state = ({ enabled }: BackupSchedule.BackupSchedule) => enabled === false ? "paused" : "active"
  const nextRun = ({ enabled, nextScheduledRun }: BackupSchedule.BackupSchedule) =>
    // Of a schedule that is paused, this time means nothing.
    enabled === false ? undefined : nextScheduledRun
  const strip = (screen: Screen.Service) => ({ runs, schedule }: Row) =>
    Runs.slots(schedule, runs, now)
      .filter(({ phase }) => phase !== "planned")
      .slice(-stripLength)
      .map(({ phase }) => Screen.symbol(screen, phase))
      .join("")
  const plain: Screen.Service = { ...screen, isUnicode: false, style: (_, text) => text }

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
      {
        header: "EVERY",
        dropAt: 4,
        isPressing: true,
        show: ({ schedule }) => Format.plain(schedule.frequency),
        raw: ({ schedule }) => schedule.frequency
      },
      {
        header: "KEEP",
        align: "right",
        dropAt: 5,
        isPressing: true,
        show: ({ schedule }) => known(schedule.retentionExpireAfterDays, (days) => `${days}d`),
        raw: ({ schedule }) => raw(schedule.retentionExpireAfterDays, String)
      },
      {
        header: "STATE",
        dropAt: 1,
        isPressing: true,
        show: ({ schedule }) => schedule.enabled === false ? screen.style("yellow", state(schedule)) : state(schedule),
        raw: ({ schedule }) => state(schedule)
      },
      {
        header: "LAST BACKUP",
        dropAt: 2,
        isPressing: true,
        show: ({ runs }) => known(Runs.lastReady(runs), when),
        wide: ({ runs }) => known(Runs.lastReady(runs), exactly),
        raw: ({ runs }) => raw(Runs.lastReady(runs), Format.iso)
      },
      {
        header: "NEXT RUN",
        dropAt: 3,
        isPressing: true,
        show: ({ schedule }) => known(nextRun(schedule), when),
        wide: ({ schedule }) => known(nextRun(schedule), exactly),
        raw: ({ schedule }) => raw(nextRun(schedule), Format.iso)
      },
      { header: `LAST ${stripLength} RUNS`, dropAt: 6, show: strip(screen), raw: strip(plain) },
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

/**
 * Prints schedules that were made or changed: as a list, if several were asked for.
 *
 * @category printing
 * @since 0.1.0
 */
export const print = Effect.fnUntraced(function*(changed: ReadonlyArray<Select.Scheduled>, isMany: boolean) {
  yield* Output.made(yield* schedules, changed.map((scheduled): Row => ({ ...scheduled, runs: [] })), isMany)
})

/**
 * How runs are printed.
 *
 * @category views
 * @since 0.1.0
 */
export const runs = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const exactly = yield* Time.exactly
  const known = Screen.orDash(screen)

  const view: Output.View<BackupRun.BackupRun> = {
    toJson: BackupRun.toJson,
    id: (run) => run.backupId,
    columns: [
      {
        header: "STATUS",
        show: (run) => Screen.status(screen, Runs.phaseOf(run), run.status),
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
