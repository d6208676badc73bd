import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import type * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import { dayMillis, hourMillis, millis } from "../../internal/time.ts"
import * as Name from "../../Name.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RestoreJob from "../../RestoreJob.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as BackupPolicy from "../BackupPolicy.ts"
import * as Cadence from "../Cadence.ts"
import * as Copies from "../Copies.ts"
import type * as LiveId from "../LiveId.ts"
import * as Doubts from "./doubts.ts"
import * as Groups from "./groups.ts"
import type * as Identity from "./identity.ts"
import * as Judging from "./judging.ts"
import * as Rhythms from "./rhythms.ts"
import * as Text from "./text.ts"

// ============================================================================
// Models
// ============================================================================

// Times are in milliseconds here because a project can have 100,000 runs. Findings have instants.

/** A run or backup with a known time. */
export interface TimedRun {
  readonly run: BackupRun.BackupRun
  readonly at: number
}

export interface Schedule {
  readonly schedule: BackupSchedule.BackupSchedule
  /** The name, or the ID of a schedule without a name. */
  readonly name: string
  /** The name, if no other schedule and no index has the same name. */
  readonly uniqueName: string | null
  readonly isEnabled: boolean
  /** Cadence of the frequency. For an unknown frequency, the cadence that the history shows. */
  readonly cadence: Cadence.Cadence | undefined
  /** `undefined` if the history could not be read. */
  readonly history: History | undefined
}

export interface History {
  readonly rows: ReadonlyArray<BackupRun.BackupRun>
  readonly ids: ReadonlySet<string>
  /** Whether the schedule has run. Runs dated in the future do not count. */
  readonly hasBegun: boolean
  /** Started runs with a known time, oldest first. */
  readonly runs: ReadonlyArray<TimedRun>
  /** Newest successful run that is not in the future. */
  readonly newestReady: TimedRun | undefined
  /** Started runs without a time, or with a time in the future. */
  readonly undated: ReadonlyArray<BackupRun.BackupRun>
  /** Rhythm of the runs, if known. */
  readonly rhythm: Cadence.Rhythm | undefined
  readonly missed: ReadonlyArray<number>
}

/** A backup in any state. */
export type Copy = Judging.Judged<Schedule>

/** A copy with a known time, as every good copy has. */
export interface DatedCopy extends Copy {
  readonly at: number
}

/**
 * Unreadable data. With `error`, `what` is the subject of a sentence. Without `error`, it is a complete sentence about
 * unknown data.
 */
export interface Unreadable {
  readonly what: string
  readonly error?: PineconeError.ListError
}

/** An existing index and its facts. Unreadable facts are `undefined`. */
export interface Subject {
  readonly now: number
  /** Earliest time at which failures count. */
  readonly since: number
  readonly requirements: BackupPolicy.Requirements
  readonly index: PineconeIndex.PineconeIndex
  readonly live: LiveId.LiveId
  readonly schedules: ReadonlyArray<Schedule> | undefined
  readonly enabled: Schedule | undefined
  /** Backups in any state, oldest first. */
  readonly backups: ReadonlyArray<Copy> | undefined
  /** Good backups, oldest first. */
  readonly copies: ReadonlyArray<DatedCopy> | undefined
  /** Returns `true` if a backup of the project exists; `undefined` if the backups could not be read. */
  readonly isThere: ((backupId: string) => boolean) | undefined
  /** Jobs that restore into the index. */
  readonly restoresInto: ReadonlyArray<RestoreJob.RestoreJob> | undefined
  /** Jobs that restore a backup of the index, whether or not the backup still exists. */
  readonly restoresOf: ReadonlyArray<RestoreJob.RestoreJob> | undefined
  /** Unreadable or doubtful data of the index. */
  readonly unreadable: ReadonlyArray<Unreadable>
}

const byTime: Order.Order<TimedRun> = (self, that) => Order.Number(self.at, that.at)

/** Runs and backups that match a predicate, oldest first. A backup that is in both lists counts once. */
export const timedWhere = (
  { backups, schedules }: Pick<Subject, "backups" | "schedules">,
  isWanted: (run: BackupRun.BackupRun, at: number) => boolean
): ReadonlyArray<TimedRun> => {
  const found = new Map<string, TimedRun>()
  const add = (run: BackupRun.BackupRun, at: number | undefined) => {
    if (at !== undefined && isWanted(run, at)) found.set(run.backupId, { run, at })
  }
  for (const { history } of schedules ?? []) for (const { at, run } of history?.runs ?? []) add(run, at)
  for (const { at, backup } of backups ?? []) add(backup, at)
  return [...found.values()].sort(byTime)
}

/** Runs with a known time, oldest first. */
const timed = (all: ReadonlyArray<BackupRun.BackupRun>, now: number): ReadonlyArray<TimedRun> => {
  const known: Array<TimedRun> = []
  for (const run of all) {
    const at = Judging.takenAtMillis(run, true, now)
    if (at !== undefined) known.push({ run, at })
  }
  return known.sort(byTime)
}

/** Latest time for the first run of a schedule; `undefined` if the creation time is unknown. */
export const firstRunBy = ({ cadence, schedule }: Schedule): number | undefined => {
  const first = Cadence.firstSlot(schedule)
  return cadence && first && millis(Cadence.lateAt(cadence, first))
}

/** Time when a backup becomes too old, because the next run is late. */
export const lateAfter = (at: number, cadence: Cadence.Cadence, history: History | undefined): number => {
  const from = DateTime.makeUnsafe(at)
  return millis(
    (history?.rhythm && Cadence.lateAfter(history.rhythm, from)) ??
      Cadence.lateAt(cadence, Cadence.slot(cadence, from, 1))
  )
}

/** Describes how often a schedule runs: by its frequency or, if that is unknown, by its past runs. */
export const byFrequency = (
  { cadence, schedule: { frequency } }: Schedule,
  say: {
    readonly known: (frequency: string) => string
    readonly observed: (every: string) => string
  }
): string =>
  cadence === undefined || Cadence.of(frequency) !== undefined
    ? say.known(Text.plain(frequency))
    : say.observed(Text.length(Math.round(cadence.longestDays * dayMillis)))

/** Returns `true` if the backups of a schedule expire before its next run. */
export const isKeptTooShort = ({ cadence, schedule }: Schedule): boolean =>
  cadence !== undefined && schedule.retentionExpireAfterDays != null &&
  schedule.retentionExpireAfterDays < cadence.longestDays

/** The largest time that a `Date` can represent, in milliseconds. */
const endOfTime = 8.64e15

/** Expiry of a backup; `undefined` if it never expires or the expiry is unknown. */
export const expiryOf = ({ at, schedule }: Copy): number | undefined => {
  const kept = schedule?.schedule.retentionExpireAfterDays
  if (at === undefined || kept == null) return undefined
  const expiresAt = at + kept * dayMillis
  return Math.abs(expiresAt) > endOfTime ? undefined : expiresAt
}

/** Expiry of the last backup to expire; `undefined` if there are no backups, or one may never expire. */
export const lastExpiryOf = (copies: ReadonlyArray<Copy>): number | undefined => {
  let last: number | undefined
  for (const copy of copies) {
    const expiresAt = expiryOf(copy)
    if (expiresAt === undefined) return undefined
    if (last === undefined || expiresAt > last) last = expiresAt
  }
  return last
}

// ============================================================================
// From facts to subjects
// ============================================================================

/** The error of unreadable facts, if any. */
export const unreadable = (what: string, facts: BackupHealth.Read<unknown>): ReadonlyArray<Unreadable> =>
  Result.isFailure(facts) ? [{ what, error: facts.failure }] : []

/** Maximum number of days to look back for missed runs. Longer than any retention. */
const longestBackDays = 3_650

/**
 * Earliest time at which missed runs count: no later than the last run that was due and the latest successful run, and
 * not before the start of the retention period, because the history before it is incomplete.
 */
const missedSince = (
  { cadence }: Cadence.Rhythm,
  { retentionExpireAfterDays: kept }: BackupSchedule.BackupSchedule,
  newestReady: TimedRun | undefined,
  now: number,
  since: number
): DateTime.Utc => {
  const latest = millis(Cadence.slot(cadence, DateTime.makeUnsafe(now), -1)) - cadence.slackHours * hourMillis
  const wanted = Math.min(since, latest, newestReady === undefined ? latest : newestReady.at)
  return DateTime.makeUnsafe(
    Math.max(wanted, now - Math.max(0, Math.min(kept ?? longestBackDays, longestBackDays)) * dayMillis)
  )
}

const idsOf = (rows: ReadonlyArray<BackupRun.BackupRun>): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const { backupId } of rows) ids.add(backupId)
  return ids
}

const historyOf = (
  schedule: BackupSchedule.BackupSchedule,
  rows: ReadonlyArray<BackupRun.BackupRun>,
  now: number,
  since: number
): History => {
  const begun = rows.filter(BackupRun.hasBegun)
  const runs = timed(begun, now)
  const newestReady = runs.findLast(({ at, run }) => BackupRun.isReady(run) && !Judging.isFutureMillis(at, now))
  const rhythm = Rhythms.rhythmOf(schedule, begun, runs.map(({ at }) => at), now)
  return {
    rows,
    ids: idsOf(rows),
    hasBegun: runs.length < begun.length || runs.some(({ at }) => !Judging.isFutureMillis(at, now)),
    runs,
    newestReady,
    undated: [
      ...(runs.length === begun.length
        ? []
        : begun.filter((run) => Judging.takenAtMillis(run, true, now) === undefined)),
      ...runs.filter(({ at }) => Judging.isFutureMillis(at, now)).map(({ run }) => run)
    ],
    rhythm,
    missed: rhythm === undefined
      ? []
      : Cadence.missed(rhythm, missedSince(rhythm, schedule, newestReady, now, since)).map(millis)
  }
}

/** Returns the name of a schedule, if no other schedule and no index has the same name. */
const uniqueNamesOf = (facts: BackupHealth.Facts) => {
  const counts = new Map<string, number>(facts.all.map(({ name }) => [name, 1]))
  for (const { schedules } of facts.indexes) {
    for (const { schedule } of Result.getOrUndefined(schedules) ?? []) {
      if (schedule.name == null) continue
      const name = Name.normalize(schedule.name)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return ({ name }: BackupSchedule.BackupSchedule): string | null =>
    name != null && counts.get(Name.normalize(name)) === 1 ? name : null
}

/** The backups of an index with their states, oldest first. */
export const copiesOf = (
  backups: ReadonlyArray<Backup.Backup>,
  schedules: ReadonlyArray<Schedule>,
  now: number
): ReadonlyArray<Copy> => {
  const scheduleOf = (id: string) => schedules.find(({ history }) => history !== undefined && history.ids.has(id))
  // No check needs to tell `on-demand` from `unknown`.
  return Judging.judge(backups, { now, scheduleOf, isComplete: false })
}

/** The good copies. */
export const goodOf = (copies: ReadonlyArray<Copy>): ReadonlyArray<DatedCopy> =>
  copies.filter((copy): copy is DatedCopy => Copies.isGood(copy) && copy.at !== undefined)

/** Groups restore jobs by target index and by backup. */
const restoresBy = (facts: BackupHealth.Facts) => {
  const jobs = Result.getOrUndefined(facts.restoreJobs)
  const byTarget = Groups.by(jobs ?? [], ({ targetIndexName }) => targetIndexName)
  const byBackup = Groups.by(jobs ?? [], ({ backupId }) => backupId)
  return {
    into: ({ name }: PineconeIndex.PineconeIndex) => jobs && (byTarget.get(name) ?? []),
    of: (...all: ReadonlyArray<ReadonlyArray<BackupRun.BackupRun>>) => {
      const found = new Set<RestoreJob.RestoreJob>()
      if (byBackup.size > 0) {
        for (const backups of all) {
          for (const { backupId } of backups) for (const job of byBackup.get(backupId) ?? []) found.add(job)
        }
      }
      return jobs && [...found]
    }
  }
}

/**
 * The facts of one index of a project. Indexes are processed one at a time, so that the objects of one index can be
 * garbage-collected before the next index is processed.
 */
export const subjectOf = (
  facts: BackupHealth.Facts,
  backups: ReturnType<typeof Identity.backupsBy>,
  policy: BackupPolicy.BackupPolicy,
  now: number,
  since: number
): (one: BackupHealth.IndexFacts) => Subject => {
  const restores = restoresBy(facts)
  const uniqueNameOf = uniqueNamesOf(facts)
  const all = Result.getOrUndefined(facts.backups)
  let allIds: ReadonlySet<string> | undefined
  const isAnywhere = (id: string) => (allIds ??= idsOf(all ?? [])).has(id)
  return ({ backups: readBackups, index, schedules: readSchedules }) => {
    const scheduleFacts = Result.getOrUndefined(readSchedules)
    const schedules = scheduleFacts?.map(({ runs, schedule }): Schedule => {
      const rows = Result.getOrUndefined(runs)
      const history = rows && historyOf(schedule, rows, now, since)
      return {
        schedule,
        name: schedule.name ?? schedule.scheduleId,
        uniqueName: uniqueNameOf(schedule),
        isEnabled: schedule.enabled !== false,
        cadence: Cadence.of(schedule.frequency) ?? history?.rhythm?.cadence,
        history
      }
    })
    const live = backups.liveIdOf(index)
    const own = backups.of(index)
    const ownById = own && new Map<string, Backup.Backup>(own.map((backup) => [backup.backupId, backup]))
    const restoresInto = restores.into(index)
    const requirements = BackupPolicy.requirementsOf(policy, index.name)
    const copies = own && copiesOf(own, schedules ?? [], now)
    const rows = (schedules ?? []).flatMap(({ history }) => history?.rows ?? [])
    return {
      now,
      since,
      requirements,
      index,
      live,
      schedules,
      enabled: schedules?.find(({ isEnabled }) => isEnabled),
      backups: copies,
      copies: copies && goodOf(copies),
      isThere: ownById && ((id) => ownById.has(id) || isAnywhere(id)),
      restoresInto,
      restoresOf: restores.of(own ?? [], ...(schedules ?? []).map(({ history }) => history?.rows ?? [])),
      unreadable: [
        ...unreadable("the schedules of this index", readSchedules),
        ...(scheduleFacts ?? []).flatMap(({ runs, schedule }) =>
          unreadable(`the history of ${Text.plain(schedule.name ?? schedule.scheduleId)}`, runs)
        ),
        ...(schedules ?? []).flatMap((schedule) => Doubts.ofSchedule(schedule, index.id, now)),
        ...(readBackups === undefined ? [] : unreadable("the backups of this index", readBackups)),
        ...Doubts.ofIndex(index, live, schedules ?? [], own ?? []),
        ...Doubts.ofBackups(copies ?? [], (schedules ?? []).flatMap(({ history }) => history?.undated ?? []), rows),
        ...Doubts.ofContradictions(copies ?? [], (id) => ownById?.get(id), rows, since),
        ...Doubts.ofFuture(copies ?? []),
        ...Doubts.ofRestores(restoresInto ?? [], now)
      ]
    }
  }
}
