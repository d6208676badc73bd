import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import type * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RestoreJob from "../../RestoreJob.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as BackupPolicy from "../BackupPolicy.ts"
import * as Cadence from "../Cadence.ts"
import * as Copies from "../Copies.ts"
import * as Doubts from "./doubts.ts"
import * as Text from "./text.ts"

// ============================================================================
// What is known
// ============================================================================

/** A run or a backup whose time is known. */
export interface TimedRun {
  readonly run: BackupRun.BackupRun
  readonly at: DateTime.Utc
}

export interface Schedule {
  readonly schedule: BackupSchedule.BackupSchedule
  /** Its name or, if it has none, its id. */
  readonly name: string
  /** Its name, if no other schedule and no index has that. */
  readonly uniqueName: string | null
  readonly isEnabled: boolean
  /** What its frequency means or, of one that nobody knows, what its history shows. */
  readonly cadence: Cadence.Cadence | undefined
  /** Its history, if that could be read. */
  readonly history: History | undefined
}

export interface History {
  readonly rows: ReadonlyArray<BackupRun.BackupRun>
  readonly ids: ReadonlySet<string>
  readonly hasBegun: boolean
  /** The runs that have begun, as far as their times are known, oldest first. */
  readonly runs: ReadonlyArray<TimedRun>
  /** The newest that made a backup, and is not in the future. */
  readonly newestReady: TimedRun | undefined
  /** Those that have begun, whose times are not known. */
  readonly undated: ReadonlyArray<BackupRun.BackupRun>
  /** What its runs tell of when it runs, if that is known. */
  readonly rhythm: Cadence.Rhythm | undefined
  readonly missed: ReadonlyArray<DateTime.Utc>
}

/** A backup in any state. */
export interface Copy extends Copies.Copy {
  /** The schedule that made it, if that is known. */
  readonly schedule: Schedule | undefined
  /** When it will be deleted: `null` if never, `undefined` if that is not known. */
  readonly expiresAt: DateTime.Utc | null | undefined
}

/** A copy that is good, so that its time is known. */
export interface GoodCopy extends Copy {
  readonly at: DateTime.Utc
}

/** Something that could not be read, and why; or what is not known, as a whole sentence. */
export interface Unreadable {
  readonly what: string
  readonly error?: PineconeError.ListError
}

/** An index that is there, and what is known of it. What could not be read is `undefined`. */
export interface Subject {
  readonly now: DateTime.Utc
  /** How far back failures are looked for. */
  readonly since: number
  readonly requirements: BackupPolicy.Requirements
  readonly index: PineconeIndex.PineconeIndex
  readonly schedules: ReadonlyArray<Schedule> | undefined
  readonly enabled: Schedule | undefined
  /** Its backups in any state, oldest first. */
  readonly backups: ReadonlyArray<Copy> | undefined
  /** Those that are good, oldest first. */
  readonly copies: ReadonlyArray<GoodCopy> | undefined
  /** The ids of the backups of the project. */
  readonly ids: ReadonlySet<string> | undefined
  readonly restoreJobs: ReadonlyArray<RestoreJob.RestoreJob> | undefined
  /** What could not be read of its schedules. */
  readonly unreadable: ReadonlyArray<Unreadable>
}

export const byTime: Order.Order<TimedRun> = (self, that) => Order.Number(millis(self.at), millis(that.at))

/** Those whose time is known, oldest first. */
const timed = (all: ReadonlyArray<BackupRun.BackupRun>): ReadonlyArray<TimedRun> => {
  const known: Array<TimedRun> = []
  for (const run of all) {
    const at = BackupRun.takenAt(run)
    if (at !== undefined) known.push({ run, at })
  }
  return known.sort(byTime)
}

/** By when a schedule should have run first; `undefined` if nobody knows when it was created. */
export const firstRunBy = ({ cadence, schedule }: Schedule): number | undefined => {
  const first = Cadence.firstSlot(schedule)
  return cadence && first && millis(Cadence.lateAt(cadence, first))
}

/** When a backup is too old for a schedule that should have made the next. */
export const lateAfter = (at: DateTime.Utc, cadence: Cadence.Cadence, history: History | undefined): number =>
  millis(
    (history?.rhythm && Cadence.lateAfter(history.rhythm, at)) ??
      Cadence.lateAt(cadence, Cadence.slot(cadence, at, 1))
  )

/** Whether the backups of a schedule are deleted before it runs again. */
export const isKeptTooShort = ({ cadence, schedule }: Schedule): boolean =>
  cadence !== undefined && schedule.retentionExpireAfterDays != null &&
  schedule.retentionExpireAfterDays < cadence.longestDays

/** When the last of some backups is deleted; `undefined` if there is none, or one that stays, or may. */
export const lastExpiryOf = (copies: ReadonlyArray<Copy>): DateTime.Utc | undefined => {
  const known = copies.flatMap(({ expiresAt }) => expiresAt ?? [])
  return Array.isReadonlyArrayNonEmpty(known) && known.length === copies.length
    ? Array.max(known, DateTime.Order)
    : undefined
}

// ============================================================================
// From facts to subjects
// ============================================================================

/** Why something could not be read, if it could not. */
export const unreadable = (what: string, facts: BackupHealth.Read<unknown>): ReadonlyArray<Unreadable> =>
  Result.isFailure(facts) ? [{ what, error: facts.failure }] : []

/** How many days back runs are looked for at most: longer than any backup is kept. */
const longestBackDays = 3_650

/**
 * Since when runs are looked for that did not happen: at least since the one there should have been last, and the latest
 * that was good, but not since before what is kept.
 */
const missedSince = (
  { cadence }: Cadence.Rhythm,
  { retentionExpireAfterDays: kept }: BackupSchedule.BackupSchedule,
  newestReady: TimedRun | undefined,
  now: DateTime.Utc,
  since: number
): DateTime.Utc => {
  const latest = millis(DateTime.subtract(Cadence.slot(cadence, now, -1), { hours: cadence.slackHours }))
  const wanted = Math.min(since, latest, newestReady === undefined ? latest : millis(newestReady.at))
  return DateTime.makeUnsafe(
    Math.max(wanted, millis(now) - Math.max(0, Math.min(kept ?? longestBackDays, longestBackDays)) * dayMillis)
  )
}

const historyOf = (
  schedule: BackupSchedule.BackupSchedule,
  rows: ReadonlyArray<BackupRun.BackupRun>,
  now: DateTime.Utc,
  since: number
): History => {
  const begun = rows.filter(BackupRun.hasBegun)
  const runs = timed(begun)
  const newestReady = runs.findLast(({ at, run }) => BackupRun.isReady(run) && !Copies.isFuture(at, now))
  const rhythm = Cadence.rhythm(schedule, begun, now)
  return {
    rows,
    ids: new Set(rows.map(({ backupId }) => backupId)),
    hasBegun: begun.length > 0,
    runs,
    newestReady,
    undated: runs.length === begun.length ? [] : begun.filter((run) => BackupRun.takenAt(run) === undefined),
    rhythm,
    missed: rhythm === undefined ? [] : Cadence.missed(rhythm, missedSince(rhythm, schedule, newestReady, now, since))
  }
}

/** The names of schedules that no other schedule and no index has. */
const uniqueNamesOf = (facts: BackupHealth.Facts) => {
  const counts = new Map<string, number>(facts.all.map(({ name }) => [name, 1]))
  for (const { schedules } of facts.indexes) {
    for (const { schedule } of Result.getOrUndefined(schedules) ?? []) {
      if (schedule.name != null) counts.set(schedule.name, (counts.get(schedule.name) ?? 0) + 1)
    }
  }
  return ({ name }: BackupSchedule.BackupSchedule): string | null =>
    name != null && counts.get(name) === 1 ? name : null
}

/** What is further off is no time any more. */
const endOfTime = 8.64e15

/** When a backup goes: `null` if never, `undefined` if that is not known. */
const expiryOf = (
  { at, origin }: Copies.Copy,
  schedule: Schedule | undefined
): DateTime.Utc | null | undefined => {
  if (schedule === undefined) return origin === "on-demand" ? null : undefined
  const kept = schedule.schedule.retentionExpireAfterDays
  if (at === undefined || kept == null) return undefined
  const expiresAt = millis(at) + kept * dayMillis
  return Math.abs(expiresAt) > endOfTime ? null : DateTime.makeUnsafe(expiresAt)
}

/** The backups of an index, each with what it is worth, oldest first. */
export const copiesOf = (
  backups: ReadonlyArray<Backup.Backup>,
  schedules: ReadonlyArray<Schedule>,
  options: Omit<Copies.Options, "histories">
): ReadonlyArray<Copy> => {
  const histories = schedules.flatMap(({ history }) => history === undefined ? [] : [history.rows])
  return Copies.of(backups, { ...options, histories }).map((copy): Copy => {
    const schedule = schedules.find(({ history }) => history !== undefined && history.ids.has(copy.backup.backupId))
    return { ...copy, schedule, expiresAt: expiryOf(copy, schedule) }
  })
}

/** Those that are good. */
export const goodOf = (copies: ReadonlyArray<Copy>): ReadonlyArray<GoodCopy> =>
  copies.flatMap((copy) => Copies.isGood(copy) && copy.at !== undefined ? [{ ...copy, at: copy.at }] : [])

/** Backups by the index they are of, and by its name where the service does not tell the id. */
export const backupsBy = (facts: BackupHealth.Facts) => {
  const backups = Result.getOrUndefined(facts.backups)
  const names = new Set<string>(facts.all.flatMap(({ id, name }) => id == null ? [name] : []))
  const keyOf = (id: string | null | undefined, name: string) =>
    id == null || names.has(name) ? `name ${name}` : `id ${id}`
  const groups = Array.groupBy(backups ?? [], (backup) => keyOf(backup.sourceIndexId, backup.sourceIndexName))
  return {
    of: ({ id, name }: PineconeIndex.PineconeIndex) => backups && (groups[keyOf(id, name)] ?? []),
    orphans: () => {
      const there = new Set(facts.all.map(({ id, name }) => keyOf(id, name)))
      return Object.entries(groups).flatMap(([key, group]) => there.has(key) ? [] : [group])
    }
  }
}

/** The indexes of a project, each with what is known of it. */
export const subjectsOf = (
  facts: BackupHealth.Facts,
  backups: ReturnType<typeof backupsBy>,
  policy: BackupPolicy.BackupPolicy,
  now: DateTime.Utc,
  since: number
): ReadonlyArray<Subject> => {
  const restoreJobs = Result.getOrUndefined(facts.restoreJobs)
  const uniqueNameOf = uniqueNamesOf(facts)
  const all = Result.getOrUndefined(facts.backups)
  const ids = all && new Set<string>(all.map(({ backupId }) => backupId))
  return facts.indexes.map(({ index, schedules: readSchedules }): Subject => {
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
    const own = backups.of(index)
    const requirements = BackupPolicy.requirementsOf(policy, index.name)
    const copies = own && copiesOf(own, schedules ?? [], {
      now,
      maxShrink: requirements.maxShrink,
      isComplete: schedules?.every(({ history }) => history !== undefined) === true
    })
    return {
      now,
      since,
      requirements,
      index,
      schedules,
      enabled: schedules?.find(({ isEnabled }) => isEnabled),
      backups: copies,
      copies: copies && goodOf(copies),
      ids,
      restoreJobs,
      unreadable: [
        ...unreadable("its schedules", readSchedules),
        ...(scheduleFacts ?? []).flatMap(({ runs, schedule }) =>
          unreadable(`the history of ${Text.plain(schedule.name ?? schedule.scheduleId)}`, runs)
        ),
        ...(schedules ?? []).flatMap((schedule) => Doubts.ofSchedule(schedule, now)),
        ...Doubts.ofIndex(index, schedules ?? [], own ?? []),
        ...Doubts.ofBackups(
          copies ?? [],
          (schedules ?? []).flatMap(({ history }) => history?.undated ?? []),
          (schedules ?? []).flatMap(({ history }) => history?.rows ?? [])
        ),
        ...Doubts.ofRestores(restoreJobs ?? [], index)
      ]
    }
  })
}
