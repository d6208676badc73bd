import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as BackupRun from "../../BackupRun.ts"
import type * as Page from "../../Page.ts"
import * as PineconeError from "../../PineconeError.ts"
import type * as Polling from "../../Polling.ts"
import * as DurationOption from "../duration.ts"
import * as RunTimes from "../run-times.ts"
import { dayMillis, monotonicMillis } from "../time.ts"
import type * as Step from "./step.ts"
import * as Wait from "./wait.ts"

/** Options of following a history. */
export interface Options extends Polling.Options {
  /**
   * When to read the history again.
   *
   * @default Schedule.spaced("1 minute")
   */
  readonly schedule?: Schedule.Schedule<unknown, unknown, Polling.ScheduleError> | undefined
  /**
   * Where to begin: with every run there is, page by page as they are read; with what changes from now on; or after a
   * change that was seen earlier, which is the `checkpoint` of that change, or `BackupRun.checkpoint` of what was read of
   * a history. What is in a checkpoint is not told again, what is not in it is.
   *
   * @default "beginning"
   */
  readonly from?: "beginning" | "now" | BackupRun.Checkpoint | undefined
  /**
   * How far a reading goes back, from the newest run that has begun: later pages are left out if they have none but runs that are
   * older, known and over. `Duration.infinity` reads the whole history each time.
   *
   * @default "30 days"
   */
  readonly lookback?: Duration.Input | undefined
  /**
   * Whether the stream ends when the schedule is deleted, instead of failing with `NotFound`. A schedule that was
   * never seen is `NotFound` all the same.
   *
   * @default false
   */
  readonly endWhenDeleted?: boolean | undefined
}

/** A run that does not show up this many times in a row is forgotten. Paging by offset can hide one now and then. */
const maxMissed = 3

/** How often the whole history is read, by the monotonic clock: what lies further back may change, and go away. */
const wholeEvery = dayMillis

interface Known {
  readonly status: string
  readonly missed: number
}

const tagOf = (run: BackupRun.BackupRun, isKnown: boolean): BackupRun.Change["_tag"] =>
  BackupRun.isReady(run) ? "Finished" : BackupRun.isFailed(run) ? "Failed" : isKnown ? "Changed" : "Appeared"

const timeOf = (run: BackupRun.BackupRun): number => RunTimes.ranAt(run) ?? Infinity

const toCheckpoint = (known: ReadonlyMap<string, Known>): BackupRun.Checkpoint =>
  Object.fromEntries([...known].map(([id, { status }]) => [id, status]))

type Start = "beginning" | "now" | BackupRun.Checkpoint

const isCheckpoint = Schema.is(BackupRun.Checkpoint)

/** Whether a history can be followed from there. A checkpoint may come from anywhere, and a list or a map is none. */
const isStart = (from: unknown): from is Start =>
  from === "beginning" || from === "now" || (isCheckpoint(from) && !Predicate.isIterable(from))

/** One reading of a history, from its first page on. */
interface Reading {
  readonly startedAt: number
  /** Whether it goes to the end whatever it finds. */
  readonly isWhole: boolean
  readonly seen: Set<string>
  /** Whether no run came before a newer one. */
  isNewestFirst: boolean
  newest: number
  oldest: number
  /** Whether nothing is expected on later pages. */
  isEnough: boolean
}

/** Tells what has changed from one reading of a history to the next, page by page, oldest run of a page first. */
const makeFollower = (from: Start, lookbackMillis: number) => {
  let known: ReadonlyMap<string, Known> = new Map(
    Object.entries(typeof from === "object" ? from : {}).map(([id, status]) => [id, { status, missed: 0 }])
  )
  let isSilent = from === "now"
  /** The latest reading that reached the end. */
  let whole: Reading | undefined

  const begin = (now: number): Reading => ({
    startedAt: now,
    // Newest first is what the service does, and nothing that it promises.
    isWhole: whole === undefined || !whole.isNewestFirst || now - whole.startedAt >= wholeEvery,
    seen: new Set(),
    isNewestFirst: true,
    newest: -Infinity,
    oldest: Infinity,
    isEnough: false
  })

  /** Whether a run that is not over is still to come. */
  const isAwaited = ({ seen }: Reading) =>
    [...known].some(([id, { status }]) => !BackupRun.isFinal({ status }) && !seen.has(id))

  const read = (
    reading: Reading,
    { data: runs, next }: Page.Page<BackupRun.BackupRun>
  ): ReadonlyArray<BackupRun.Change> => {
    const before = known
    /** The status of a run. One that is over stays so, whatever a stray answer says. */
    const statusOf = (run: BackupRun.BackupRun): string => {
      const status = before.get(run.backupId)?.status
      return status !== undefined && BackupRun.isFinal({ status }) && !BackupRun.isFinal(run) ? status : run.status
    }
    const after = new Map(before)
    for (const run of runs) {
      after.set(run.backupId, { status: statusOf(run), missed: 0 })
      reading.seen.add(run.backupId)
      const at = RunTimes.ranAt(run)
      if (at === undefined) continue
      reading.isNewestFirst &&= at <= reading.oldest
      // One that is planned lies up to a month ahead.
      if (BackupRun.hasBegun(run)) reading.newest = Math.max(reading.newest, at)
      reading.oldest = Math.min(reading.oldest, at)
    }
    const isAtEnd = next === undefined
    if (isAtEnd) {
      for (const [id, { missed, status }] of before) {
        if (reading.seen.has(id)) continue
        if (missed + 1 < maxMissed) after.set(id, { status, missed: missed + 1 })
        else after.delete(id)
      }
      whole = reading
    }
    known = after
    reading.isEnough = !reading.isWhole && reading.isNewestFirst &&
      runs.every(({ backupId }) => before.has(backupId)) &&
      reading.oldest < reading.newest - lookbackMillis && !isAwaited(reading)
    const changed = isSilent ? [] : runs.filter((run) => before.get(run.backupId)?.status !== statusOf(run))
    if (isAtEnd) isSilent = false
    if (changed.length === 0) return []
    const earlier = toCheckpoint(before)
    const later = toCheckpoint(after)
    return changed.sort((a, b) => timeOf(a) - timeOf(b)).map((run, index) => {
      const previousStatus = before.get(run.backupId)?.status
      return {
        _tag: tagOf(run, previousStatus !== undefined),
        run,
        previousStatus,
        checkpoint: index === changed.length - 1 ? later : earlier
      }
    })
  }

  return { begin, read }
}

/** What changes in a history, of which `makePages` are the pages as they are now. */
export const follow = (
  operation: string,
  makePages: () => Step.Step<Page.Page<BackupRun.BackupRun>, PineconeError.ListError>,
  options: Options
): Stream.Stream<BackupRun.Change, PineconeError.ListError> =>
  Stream.unwrap(Effect.gen(function*() {
    const { endWhenDeleted = false, from = "beginning", schedule = Schedule.spaced("1 minute") } = options
    if (!isStart(from)) {
      return yield* PineconeError.invalidInput(operation, "from", `must be "beginning", "now" or a checkpoint`)
    }
    const lookback = yield* DurationOption.fromOption(operation, "lookback", options.lookback ?? "30 days")
    const { begin, read } = makeFollower(from, Duration.toMillis(lookback))
    let isSeen = typeof from === "object" && Object.keys(from).length > 0
    const changes = (
      pages: Step.Step<Page.Page<BackupRun.BackupRun>, PineconeError.ListError>,
      reading: Reading
    ): Step.Step<BackupRun.Change, PineconeError.ListError> => ({
      run: Effect.map(pages.run, ([data, rest]) => {
        isSeen = true
        const found = data.flatMap((page) => read(reading, page))
        return [found, reading.isEnough ? Option.none() : Option.map(rest, (pages) => changes(pages, reading))] as const
      })
    })
    return Wait.poll<BackupRun.Change, PineconeError.ListError>({
      operation,
      ask: { run: Effect.flatMap(monotonicMillis, (now) => changes(makePages(), begin(now)).run) },
      mayBeAbsent: false,
      isEnd: (error) => error._tag === "PineconeNotFound" && endWhenDeleted && isSeen
    }, { ...options, schedule })
  }))
