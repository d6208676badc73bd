/** Handler of `pcb schedule history`. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as Listing from "../../shared/Listing.ts"
import * as RunTimeline from "../../shared/RunTimeline.ts"
import * as ScheduleView from "../../shared/ScheduleView.ts"
import * as Selector from "../../shared/Selector.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Calendar from "./Calendar.ts"
import * as RunView from "./RunView.ts"

const statuses = {
  scheduled: "planned",
  running: "underWay",
  ready: "done",
  failed: "failed",
  missed: "missed"
} as const

/** Filters for the runs to show. */
interface Options {
  readonly since?: Flags.SeenFrom | undefined
  readonly status?: keyof typeof statuses | undefined
  readonly limit?: number | undefined
}

/**
 * Returns `true` if a run is not before a time, relative to the service's clock. Includes runs with an unknown time.
 */
const isSince = (since: Flags.SeenFrom) => ({ at }: { readonly at: DateTime.Utc | undefined }) =>
  Effect.map(Time.now, (now) => at === undefined || DateTime.isGreaterThanOrEqualTo(at, since(now)))

/** The default period of a calendar or strip. */
const usual = (frequency: string): Flags.SeenFrom => DateTime.subtract({ days: frequency === "daily" ? 90 : 366 })

/** Prints the runs of a schedule, one per line, including missed runs. */
export const showRows = Effect.fnUntraced(function*(selector: string, { limit, since, status }: Options) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const schedule = yield* Selector.scheduleAlone(selector)
  const isOfIds = (yield* Output.chosenFormat) === "id"
  const isFiltered = since !== undefined || status !== undefined
  // Missed runs are derived from a few neighboring runs.
  const pageSize = isFiltered ? 100 : Math.min(Math.max(limit ?? 100, RunView.context), 100)
  const rows = RunView.rows(schedule, schedules.history(schedule.scheduleId, { pageSize })).pipe(
    since === undefined ? identity : Stream.filterEffect(isSince(since)),
    Stream.filter(({ phase, run }) =>
      (status === undefined || phase === statuses[status]) && (run !== undefined || !isOfIds)
    )
  )
  yield* Output.list(yield* RunView.list, rows, {
    limit: Option.fromUndefinedOr(limit),
    empty: isFiltered ? "The schedule has no matching runs" : "The schedule has no runs yet"
  })
})

/** Default width of a calendar or strip. */
const pictureColumns = 80

/** Maximum width of a readable curve. */
const curveColumns = 60

/** Prints the runs of a schedule as a calendar if it is daily, else as a strip. */
export const showPicture = Effect.fnUntraced(function*(selector: string, { since }: Options) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const { schedule } = yield* Selector.schedule(selector)
  const runs = yield* Stream.runCollect(
    Stream.filterEffect(
      schedules.history(schedule.scheduleId),
      (run) => isSince(since ?? usual(schedule.frequency))({ at: Copies.takenAt(run, true) })
    )
  )
  const now = yield* Time.now
  const service = yield* Screen.Screen
  const screen = { ...service, columns: service.columns === Infinity ? pictureColumns : service.columns }
  const slots = RunTimeline.slots(schedule, runs, now)
  if (slots.length === 0) return yield* Note.info("The schedule has no runs yet")

  const head = [ScheduleView.nameOf(schedule), ...(yield* ScheduleView.summary(schedule))]
  const counts = runs.filter(BackupRun.isReady)
    .sort((self, that) => Listing.takenAtMillis(self, true) - Listing.takenAtMillis(that, true))
    .flatMap(({ recordCount }) => recordCount == null ? [] : [recordCount])
  const latest = Format.count(counts.at(-1) ?? 0)
  const curve = Math.min(curveColumns, screen.columns - "records    ".length - latest.length)
  yield* Output.lines([
    ...Calendar.wrap(head, Symbols.separator(screen), screen.columns),
    "",
    ...(schedule.frequency === "daily" ? Calendar.calendar(slots, screen) : Calendar.strip(slots, screen, now)),
    "",
    ...Calendar.wrap(Calendar.summary(slots, screen), " ", screen.columns),
    ...(counts.length === 0
      ? []
      : [`records  ${Calendar.curve(counts, curve, screen.isUnicode)}  ${latest}`])
  ])
})

/** Prints changes in a history until it is interrupted. */
const follow = Effect.fnUntraced(function*(selector: string, { interval, limit }: Input) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const { schedule } = yield* Selector.schedule(selector)
  yield* Note.info(`Following ${ScheduleView.nameOf(schedule)}, one line per change. Press Ctrl-C to stop.`)
  const changes = schedules.followHistory(schedule.scheduleId, { from: "now", schedule: Schedule.spaced(interval) })
  yield* Output.list(yield* RunView.changes, changes, { limit, empty: "Nothing changed", isEndless: true })
})

interface Input {
  readonly target: Target.One
  readonly since: Option.Option<Flags.SeenFrom>
  readonly status: Option.Option<keyof typeof statuses>
  readonly limit: Option.Option<number>
  readonly calendar: boolean
  readonly list: boolean
  readonly follow: boolean
  readonly interval: Duration.Duration
}

/** `pcb schedule history` */
export const history = Effect.fnUntraced(function*(input: Input) {
  const selector = Target.of(input.target)
  if (input.follow) return yield* follow(selector, input)
  const options: Options = {
    since: Option.getOrUndefined(input.since),
    status: Option.getOrUndefined(input.status),
    limit: Option.getOrUndefined(input.limit)
  }
  const screen = yield* Screen.Screen
  const isPlain = input.list || options.status !== undefined || options.limit !== undefined
  // In a pipe, a calendar needs --calendar. JSON output never has one.
  const format = yield* Effect.provideService(Output.chosenFormat, Screen.Screen, { ...screen, isTerminal: true })
  yield* format === "table" && (input.calendar || (screen.isTerminal && !isPlain))
    ? showPicture(selector, options)
    : showRows(selector, options)
})
