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

/** Options of `followHistory`. */
export interface Options extends Polling.Options {
  /**
   * Times of the readings of the history.
   *
   * @default Schedule.spaced("1 minute")
   */
  readonly schedule?: Schedule.Schedule<unknown, unknown, Polling.ScheduleError> | undefined
  /**
   * Start of the stream:
   *
   * - `"beginning"`: with every existing run, page by page
   * - `"now"`: with changes from now on, emitted once the history has been read to its end
   * - a checkpoint: after an earlier change, from the `checkpoint` of that change, or from `BackupRun.checkpoint` of
   *   runs that were read. Only runs that are not in the checkpoint, or have changed since then, are emitted.
   *
   * @default "beginning"
   */
  readonly from?: "beginning" | "now" | BackupRun.Checkpoint | undefined
  /**
   * Period that each reading covers, back from the newest run that has started. Later pages are skipped if all of their
   * runs are older, known and final. `Duration.infinity` reads the whole history each time.
   *
   * @default "30 days"
   */
  readonly lookback?: Duration.Input | undefined
  /**
   * Ends the stream when the schedule is deleted, instead of failing with `NotFound`. A schedule that was never seen
   * still fails with `NotFound`.
   *
   * @default false
   */
  readonly endWhenDeleted?: boolean | undefined
}

/**
 * Number of consecutive readings after which a missing run is forgotten. Paging by offset can occasionally hide a run.
 */
const maxMissed = 3

/** Interval between readings of the whole history, by the monotonic clock. Older runs may change or disappear too. */
const wholeEvery = dayMillis

interface Known {
  status: string
  /** Number of consecutive readings without this run. */
  missed: number
}

/**
 * A version of the known runs. Each version refers to the next, so that versions which no change refers to are
 * released.
 */
interface Version {
  readonly number: number
  next?: {
    readonly version: Version
    /** Previous statuses of the runs that changed with that version; `undefined` for a new run. */
    readonly before: ReadonlyMap<string, string | undefined>
  }
}

/** The known runs of a history, at every version that is still referenced. */
const makeKnowledge = (checkpoint: BackupRun.Checkpoint) => {
  const runs = new Map<string, Known>()
  let unfinished = 0
  let latest: Version = { number: 0 }
  let before = new Map<string, string | undefined>()
  /** The last checkpoint that was computed. The changes of a page share a checkpoint. */
  let last: { readonly number: number; readonly checkpoint: BackupRun.Checkpoint } | undefined

  const count = (status: string | undefined) => status === undefined || BackupRun.isFinal({ status }) ? 0 : 1

  const note = (id: string, status: string | undefined) => {
    const previous = runs.get(id)?.status
    unfinished += count(status) - count(previous)
    if (!before.has(id)) before.set(id, previous)
  }

  const set = (id: string, status: string): void => {
    const run = runs.get(id)
    if (run?.status !== status) note(id, status)
    if (run === undefined) {
      runs.set(id, { status, missed: 0 })
    } else {
      run.status = status
      run.missed = 0
    }
  }

  /** Counts another reading without these runs, and forgets a run that was missing too often. */
  const miss = (seen: ReadonlySet<string>): void => {
    for (const [id, run] of runs) {
      if (seen.has(id) || ++run.missed < maxMissed) continue
      note(id, undefined)
      runs.delete(id)
    }
  }

  /** Creates the version that follows the changes since the last version. */
  const commit = (): Version => {
    if (before.size > 0) {
      const version = { number: latest.number + 1 }
      latest.next = { version, before }
      latest = version
      before = new Map()
    }
    return latest
  }

  const checkpointAt = (version: Version): BackupRun.Checkpoint => {
    if (last?.number === version.number) return last.checkpoint
    /** Statuses of the runs at `version`, before all later changes. The earliest of several changes has the status. */
    const then = new Map<string, string | undefined>()
    const undo = (changes: ReadonlyMap<string, string | undefined>) => {
      for (const [id, status] of changes) if (!then.has(id)) then.set(id, status)
    }
    for (let { next } = version; next !== undefined; next = next.version.next) undo(next.before)
    undo(before)
    const statuses = new Map<string, string | undefined>()
    for (const [id, { status }] of runs) statuses.set(id, status)
    for (const [id, status] of then) statuses.set(id, status)
    const checkpoint = Object.fromEntries(
      [...statuses].filter((entry): entry is [string, string] => entry[1] !== undefined)
    )
    // Without a reference to the version, which would keep all later versions.
    last = { number: version.number, checkpoint }
    return checkpoint
  }

  for (const [id, status] of Object.entries(checkpoint)) set(id, status)
  commit()

  return {
    statusOf: (id: string) => runs.get(id)?.status,
    /** Number of runs that are not final. */
    unfinished: () => unfinished,
    set,
    miss,
    commit,
    checkpointAt
  }
}

const tagOf = (run: BackupRun.BackupRun, isKnown: boolean): BackupRun.Change["_tag"] =>
  BackupRun.isReady(run) ? "Finished" : BackupRun.isFailed(run) ? "Failed" : isKnown ? "Changed" : "Appeared"

const timeOf = (run: BackupRun.BackupRun): number => RunTimes.ranAt(run) ?? Infinity

type Start = "beginning" | "now" | BackupRun.Checkpoint

const isCheckpoint = Schema.is(BackupRun.Checkpoint)

/** Returns `true` for a valid start. A checkpoint may come from any source, so lists and maps are rejected. */
const isStart = (from: unknown): from is Start =>
  from === "beginning" || from === "now" || (isCheckpoint(from) && !Predicate.isIterable(from))

/** One reading of a history, from its first page. */
interface Reading {
  readonly startedAt: number
  /** `true` if the reading always continues to the end of the history. */
  readonly isWhole: boolean
  readonly seen: Set<string>
  /** Number of known runs that are not final and were not read yet. */
  awaited: number
  /** `true` if every run was older than the run before it. */
  isNewestFirst: boolean
  newest: number
  oldest: number
  /** `true` if later pages can be skipped. */
  isEnough: boolean
  /** Changes since an earlier reading, to be emitted at the end of this one. */
  readonly held: Array<BackupRun.BackupRun>
}

/** The time before the first complete reading. */
interface Silence {
  /** The latest attempt to complete it. */
  readonly attempt?: Reading
  /** `true` if all runs of earlier attempts came newest first. */
  readonly isNewestFirst: boolean
  /** Time of the oldest run of earlier attempts. */
  readonly oldest: number
}

/** Emits the changes between readings of a history, page by page, oldest run of a page first. */
const makeFollower = (from: Start, lookbackMillis: number) => {
  const known = makeKnowledge(typeof from === "object" ? from : {})
  /** The latest complete reading. */
  let whole: Reading | undefined
  /** With `from: "now"`, nothing is emitted before a complete reading, which is where the follower starts. */
  let silence: Silence | undefined = from === "now" ? { isNewestFirst: true, oldest: Infinity } : undefined

  const begin = (now: number): Reading => {
    const reading: Reading = {
      startedAt: now,
      // The service lists the newest run first, but does not promise it.
      isWhole: whole === undefined || !whole.isNewestFirst || now - whole.startedAt >= wholeEvery,
      seen: new Set(),
      awaited: known.unfinished(),
      isNewestFirst: true,
      newest: -Infinity,
      oldest: Infinity,
      isEnough: false,
      held: []
    }
    if (silence !== undefined) {
      const { attempt, isNewestFirst, oldest } = silence
      silence = {
        attempt: reading,
        isNewestFirst: isNewestFirst && attempt?.isNewestFirst !== false,
        oldest: Math.min(oldest, attempt?.oldest ?? Infinity)
      }
    }
    return reading
  }

  /** Returns the status of a run. A final run stays final, even if an outdated response says otherwise. */
  const statusOf = (run: BackupRun.BackupRun): string => {
    const status = known.statusOf(run.backupId)
    return status !== undefined && BackupRun.isFinal({ status }) && !BackupRun.isFinal(run) ? status : run.status
  }

  const isChange = (run: BackupRun.BackupRun): boolean => known.statusOf(run.backupId) !== statusOf(run)

  /** Adds a run to a reading. */
  const see = (reading: Reading, run: BackupRun.BackupRun): void => {
    const status = known.statusOf(run.backupId)
    if (status !== undefined && !BackupRun.isFinal({ status }) && !reading.seen.has(run.backupId)) reading.awaited--
    reading.seen.add(run.backupId)
    const at = RunTimes.ranAt(run)
    if (at === undefined) return
    reading.isNewestFirst &&= at <= reading.oldest
    // A planned run can be up to a month ahead.
    if (BackupRun.hasBegun(run)) reading.newest = Math.max(reading.newest, at)
    reading.oldest = Math.min(reading.oldest, at)
  }

  /** Emits the changes of some runs. At the end of a reading, counts the runs that it did not contain as missing. */
  const tell = (
    reading: Reading,
    runs: ReadonlyArray<BackupRun.BackupRun>,
    isAtEnd: boolean
  ): ReadonlyArray<BackupRun.Change> => {
    const earlier = known.commit()
    const changed = runs.filter(isChange).sort((a, b) => timeOf(a) - timeOf(b))
    const previous = changed.map(({ backupId }) => known.statusOf(backupId))
    for (const run of runs) known.set(run.backupId, statusOf(run))
    if (isAtEnd) known.miss(reading.seen)
    const later = known.commit()
    return changed.map((run, index) => {
      const previousStatus = previous[index]
      const version = index === changed.length - 1 ? later : earlier
      return {
        _tag: tagOf(run, previousStatus !== undefined),
        run,
        previousStatus,
        // A checkpoint is as long as the history, and few callers need one for every change.
        get checkpoint() {
          return known.checkpointAt(version)
        }
      }
    })
  }

  /**
   * Returns `true` if an earlier attempt passed the place of a run without finding it. If order or time is unknown, the
   * run may have existed.
   */
  const hasCome = (run: BackupRun.BackupRun, { isNewestFirst, oldest }: Silence): boolean => {
    const at = RunTimes.ranAt(run)
    return isNewestFirst && at !== undefined && at > oldest
  }

  const read = (
    reading: Reading,
    { data: runs, next }: Page.Page<BackupRun.BackupRun>
  ): ReadonlyArray<BackupRun.Change> => {
    const isAtEnd = next === undefined
    const isKnown = runs.every(({ backupId }) => known.statusOf(backupId) !== undefined)
    for (const run of runs) see(reading, run)
    if (isAtEnd) whole = reading
    reading.isEnough = !reading.isWhole && reading.isNewestFirst && isKnown &&
      reading.oldest < reading.newest - lookbackMillis && reading.awaited === 0
    if (silence === undefined) return tell(reading, runs, isAtEnd)

    // Changes also wait for the end, because before it their checkpoints would lack older runs.
    for (const run of runs) {
      if (known.statusOf(run.backupId) === undefined && !hasCome(run, silence)) known.set(run.backupId, run.status)
      else if (isChange(run)) reading.held.push(run)
    }
    if (!isAtEnd) return []
    silence = undefined
    return tell(reading, reading.held, true)
  }

  return { begin, read }
}

/** Emits the changes of a history. `makePages` reads its current pages. */
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
