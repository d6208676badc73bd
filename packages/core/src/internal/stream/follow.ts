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
   * Where to begin: with every run there is, page by page as they are read; with what changes from now on, which is told
   * once the history has been read to its end; or after a
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
  status: string
  /** How many readings in a row it has not shown up in. */
  missed: number
}

/** A state of what is known. It leads to later ones, so that those that nobody can ask about any more are not kept. */
interface Version {
  readonly number: number
  next?: {
    readonly version: Version
    /** The statuses that the step to that version has changed, as they were before; `undefined` of what was not there. */
    readonly before: ReadonlyMap<string, string | undefined>
  }
}

/** What is known of the runs of a history, at any version that somebody still holds. */
const makeKnowledge = (checkpoint: BackupRun.Checkpoint) => {
  const runs = new Map<string, Known>()
  let unfinished = 0
  let latest: Version = { number: 0 }
  let before = new Map<string, string | undefined>()
  /** The checkpoint that was asked for last: the changes of a page share one. */
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

  /** Counts one more reading that these runs are not in. One that was hidden too often is forgotten. */
  const miss = (seen: ReadonlySet<string>): void => {
    for (const [id, run] of runs) {
      if (seen.has(id) || ++run.missed < maxMissed) continue
      note(id, undefined)
      runs.delete(id)
    }
  }

  /** The version after what was set and missed since the one before. */
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
    /** How runs were that have changed since: as the first change says. */
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
    // Not with the version, which would keep all that come after it.
    last = { number: version.number, checkpoint }
    return checkpoint
  }

  for (const [id, status] of Object.entries(checkpoint)) set(id, status)
  commit()

  return {
    statusOf: (id: string) => runs.get(id)?.status,
    /** How many runs are not over. */
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

/** Whether a history can be followed from there. A checkpoint may come from anywhere, and a list or a map is none. */
const isStart = (from: unknown): from is Start =>
  from === "beginning" || from === "now" || (isCheckpoint(from) && !Predicate.isIterable(from))

/** One reading of a history, from its first page on. */
interface Reading {
  readonly startedAt: number
  /** Whether it goes to the end whatever it finds. */
  readonly isWhole: boolean
  readonly seen: Set<string>
  /** How many runs that are not over are still to come. */
  awaited: number
  /** Whether no run came before a newer one. */
  isNewestFirst: boolean
  newest: number
  oldest: number
  /** Whether nothing is expected on later pages. */
  isEnough: boolean
  /** What has changed since an earlier reading, and is told when this one ends. */
  readonly held: Array<BackupRun.BackupRun>
}

/** The time before the first reading that reaches the end. */
interface Silence {
  /** The latest attempt at it. */
  readonly attempt?: Reading
  /** Whether no run came before a newer one in those before. */
  readonly isNewestFirst: boolean
  /** How far back those before have come. */
  readonly oldest: number
}

/** Tells what has changed from one reading of a history to the next, page by page, oldest run of a page first. */
const makeFollower = (from: Start, lookbackMillis: number) => {
  const known = makeKnowledge(typeof from === "object" ? from : {})
  /** The latest reading that reached the end. */
  let whole: Reading | undefined
  /** Nothing is told before a reading has reached the end, if what it finds is where the follower begins. */
  let silence: Silence | undefined = from === "now" ? { isNewestFirst: true, oldest: Infinity } : undefined

  const begin = (now: number): Reading => {
    const reading: Reading = {
      startedAt: now,
      // Newest first is what the service does, and nothing that it promises.
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

  /** The status of a run. One that is over stays so, whatever a stray answer says. */
  const statusOf = (run: BackupRun.BackupRun): string => {
    const status = known.statusOf(run.backupId)
    return status !== undefined && BackupRun.isFinal({ status }) && !BackupRun.isFinal(run) ? status : run.status
  }

  const isChange = (run: BackupRun.BackupRun): boolean => known.statusOf(run.backupId) !== statusOf(run)

  /** Notes what a reading has come upon. */
  const see = (reading: Reading, run: BackupRun.BackupRun): void => {
    const status = known.statusOf(run.backupId)
    if (status !== undefined && !BackupRun.isFinal({ status }) && !reading.seen.has(run.backupId)) reading.awaited--
    reading.seen.add(run.backupId)
    const at = RunTimes.ranAt(run)
    if (at === undefined) return
    reading.isNewestFirst &&= at <= reading.oldest
    // One that is planned lies up to a month ahead.
    if (BackupRun.hasBegun(run)) reading.newest = Math.max(reading.newest, at)
    reading.oldest = Math.min(reading.oldest, at)
  }

  /** Tells what of some runs is new. At the end of a reading, runs that it has not seen are a little more forgotten. */
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
        // It is as long as the history, and few ask for that of every change.
        get checkpoint() {
          return known.checkpointAt(version)
        }
      }
    })
  }

  /** Whether a run was not there when an earlier attempt came past its place. Where order or time is unknown, it may have been. */
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

    // Changes wait for the end too: before it, their checkpoints would lack the runs that lie further back.
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
