import type * as Array from "effect/Array"
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
import * as Doubts from "./doubts.ts"
import * as Judging from "./judging.ts"
import * as Rhythms from "./rhythms.ts"
import * as Text from "./text.ts"

// ============================================================================
// What is known
// ============================================================================

// Times are milliseconds: a project has a hundred thousand runs, and each is read once. Findings have instants.

/** A run or a backup whose time is known. */
export interface TimedRun {
  readonly run: BackupRun.BackupRun
  readonly at: number
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
  /** Whether the schedule has run. One that is dated in the future proves nothing. */
  readonly hasBegun: boolean
  /** The runs that have begun, as far as their times are known, oldest first. */
  readonly runs: ReadonlyArray<TimedRun>
  /** The newest that made a backup, and is not in the future. */
  readonly newestReady: TimedRun | undefined
  /** Those that have begun at a time that is not known: they say none, or one in the future. */
  readonly undated: ReadonlyArray<BackupRun.BackupRun>
  /** What its runs tell of when it runs, if that is known. */
  readonly rhythm: Cadence.Rhythm | undefined
  readonly missed: ReadonlyArray<number>
}

/** A backup in any state. */
export interface Copy extends Judging.Judged<Schedule> {
  /** When it will be deleted; `undefined` if never, or if that is not known. */
  readonly expiresAt: number | undefined
}

/** A copy whose time is known, as that of one that is good. */
export interface DatedCopy extends Copy {
  readonly at: number
}

/** Something that could not be read, and why; or what is not known, as a whole sentence. */
export interface Unreadable {
  readonly what: string
  readonly error?: PineconeError.ListError
}

/** An index that is there, and what is known of it. What could not be read is `undefined`. */
export interface Subject {
  readonly now: number
  /** How far back failures are looked for. */
  readonly since: number
  readonly requirements: BackupPolicy.Requirements
  readonly index: PineconeIndex.PineconeIndex
  readonly schedules: ReadonlyArray<Schedule> | undefined
  readonly enabled: Schedule | undefined
  /** Its backups in any state, oldest first. */
  readonly backups: ReadonlyArray<Copy> | undefined
  /** Those that are good, oldest first. */
  readonly copies: ReadonlyArray<DatedCopy> | undefined
  /** Whether a backup of the project is there; `undefined` if they could not be read. */
  readonly isThere: ((backupId: string) => boolean) | undefined
  /** The jobs that restore into it. */
  readonly restoresInto: ReadonlyArray<RestoreJob.RestoreJob> | undefined
  /** The jobs that restore one of its backups, there or gone. */
  readonly restoresOf: ReadonlyArray<RestoreJob.RestoreJob> | undefined
  /** What could not be read of its schedules. */
  readonly unreadable: ReadonlyArray<Unreadable>
}

const byTime: Order.Order<TimedRun> = (self, that) => Order.Number(self.at, that.at)

/** The runs and the backups that something is true of, oldest first. One that stands in both lists counts once. */
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

/** Those whose time is known, oldest first. */
const timed = (all: ReadonlyArray<BackupRun.BackupRun>, now: number): ReadonlyArray<TimedRun> => {
  const known: Array<TimedRun> = []
  for (const run of all) {
    const at = Judging.takenAtMillis(run, true, now)
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
export const lateAfter = (at: number, cadence: Cadence.Cadence, history: History | undefined): number => {
  const from = DateTime.makeUnsafe(at)
  return millis(
    (history?.rhythm && Cadence.lateAfter(history.rhythm, from)) ??
      Cadence.lateAt(cadence, Cadence.slot(cadence, from, 1))
  )
}

/**
 * How a sentence says that a schedule runs at some frequency or, if nobody knows what its frequency means, at the rhythm
 * that its past runs show.
 */
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

/** Whether the backups of a schedule are deleted before it runs again. */
export const isKeptTooShort = ({ cadence, schedule }: Schedule): boolean =>
  cadence !== undefined && schedule.retentionExpireAfterDays != null &&
  schedule.retentionExpireAfterDays < cadence.longestDays

/** When the last of some backups is deleted; `undefined` if there is none, or one that stays, or may. */
export const lastExpiryOf = (copies: ReadonlyArray<Copy>): number | undefined => {
  let last: number | undefined
  for (const { expiresAt } of copies) {
    if (expiresAt === undefined) return undefined
    if (last === undefined || expiresAt > last) last = expiresAt
  }
  return last
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

/** The names of schedules that no other schedule and no index has. */
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

/** What is further off is no time any more. */
const endOfTime = 8.64e15

/** When a backup goes, if the schedule that made it is known. */
const expiryOf = ({ at, schedule }: Judging.Judged<Schedule>): number | undefined => {
  const kept = schedule?.schedule.retentionExpireAfterDays
  if (at === undefined || kept == null) return undefined
  const expiresAt = at + kept * dayMillis
  return Math.abs(expiresAt) > endOfTime ? undefined : expiresAt
}

/** The backups of an index, each with what it is worth, oldest first. */
export const copiesOf = (
  backups: ReadonlyArray<Backup.Backup>,
  schedules: ReadonlyArray<Schedule>,
  options: { readonly now: number; readonly maxShrink?: number | undefined }
): ReadonlyArray<Copy> => {
  const scheduleOf = (id: string) => schedules.find(({ history }) => history !== undefined && history.ids.has(id))
  // No check tells what was made by hand from what may have been.
  return Judging.judge(backups, { ...options, scheduleOf, isComplete: false })
    .map((copy): Copy => ({ ...copy, expiresAt: expiryOf(copy) }))
}

/** Those that are good. */
export const goodOf = (copies: ReadonlyArray<Copy>): ReadonlyArray<DatedCopy> =>
  copies.filter((copy): copy is DatedCopy => Copies.isGood(copy) && copy.at !== undefined)

/** Adds a row to those of its key. */
const addTo = <Row>(groups: Map<string, Array.NonEmptyArray<Row>>, key: string, row: Row): void => {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [row])
  else group.push(row)
}

/** Rows by a key, in order. */
const groupBy = <Row>(
  rows: ReadonlyArray<Row>,
  keyOf: (row: Row) => string
): ReadonlyMap<string, Array.NonEmptyArray<Row>> => {
  const groups = new Map<string, Array.NonEmptyArray<Row>>()
  for (const row of rows) addTo(groups, keyOf(row), row)
  return groups
}

/** Whether the id of an index is not known: the service does not tell it, or the index has a schedule of another id. */
const hasNoId = ({ index: { id }, schedules }: BackupHealth.IndexFacts): boolean =>
  id == null || Result.match(schedules, {
    onFailure: () => false,
    onSuccess: (all) => all.some(({ schedule }) => schedule.indexId !== id)
  })

/** The ids that an index without a certain one may have: its own, and those of its schedules and their runs. */
const likelyIdsOf = ({ index: { id }, schedules }: BackupHealth.IndexFacts): ReadonlyArray<string> => [
  ...(id == null ? [] : [id]),
  ...Result.match(schedules, {
    onFailure: () => [],
    onSuccess: (all) =>
      all.flatMap(({ runs, schedule }) => [
        schedule.indexId,
        ...(Result.getOrUndefined(runs) ?? []).map(({ sourceIndexId }) => sourceIndexId)
      ])
  })
]

/** Backups by the index they are of, and by its name where its id is not known. */
export const backupsBy = (facts: BackupHealth.Facts) => {
  const backups = Result.getOrUndefined(facts.backups)
  const unidentified = facts.indexes.filter(hasNoId)
  const nameless = new Set<string>([
    ...facts.all.flatMap(({ id, name }) => id == null ? [name] : []),
    ...unidentified.map(({ index: { name } }) => name)
  ])
  const certain = new Set<string>(facts.all.flatMap(({ id, name }) => id == null || nameless.has(name) ? [] : [id]))
  // A backup that contradicts the name of its index is of that index by its id.
  const nameOf = new Map<string, string>(
    unidentified.flatMap((one) => likelyIdsOf(one).map((id) => [id, one.index.name] as const))
      .filter(([id]) => !certain.has(id))
  )
  const isByName = (id: string | null | undefined, name: string) => id == null || nameless.has(name)
  const nameFor = ({ sourceIndexId, sourceIndexName }: Backup.Backup): string | undefined =>
    nameOf.get(sourceIndexId) ?? (isByName(sourceIndexId, sourceIndexName) ? sourceIndexName : undefined)
  const byId = new Map<string, Array.NonEmptyArray<Backup.Backup>>()
  const byName = new Map<string, Array.NonEmptyArray<Backup.Backup>>()
  for (const backup of backups ?? []) {
    const name = nameFor(backup)
    if (name === undefined) addTo(byId, backup.sourceIndexId, backup)
    else addTo(byName, name, backup)
  }
  const groupOf = ({ id, name }: PineconeIndex.PineconeIndex) =>
    id == null || isByName(id, name) ? byName.get(name) : byId.get(id)
  return {
    of: (index: PineconeIndex.PineconeIndex) => backups && (groupOf(index) ?? []),
    orphans: () => {
      const there = new Set(facts.all.map(groupOf))
      return [...byId.values(), ...byName.values()].filter((group) => !there.has(group))
    }
  }
}

/** Restore jobs by what they restore: the index they make, and the backup they are made of. */
const restoresBy = (facts: BackupHealth.Facts) => {
  const jobs = Result.getOrUndefined(facts.restoreJobs)
  const byTarget = groupBy(jobs ?? [], ({ targetIndexName }) => targetIndexName)
  const byBackup = groupBy(jobs ?? [], ({ backupId }) => backupId)
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
 * What is known of an index of a project. Asked of one after the other, so that what was made of the one before, some
 * objects for each of its runs, need not be kept.
 */
export const subjectOf = (
  facts: BackupHealth.Facts,
  backups: ReturnType<typeof backupsBy>,
  policy: BackupPolicy.BackupPolicy,
  now: number,
  since: number
): (one: BackupHealth.IndexFacts) => Subject => {
  const restores = restoresBy(facts)
  const uniqueNameOf = uniqueNamesOf(facts)
  const all = Result.getOrUndefined(facts.backups)
  let allIds: ReadonlySet<string> | undefined
  const isAnywhere = (id: string) => (allIds ??= idsOf(all ?? [])).has(id)
  return ({ index, schedules: readSchedules }) => {
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
    const ownIds = own && idsOf(own)
    const restoresInto = restores.into(index)
    const requirements = BackupPolicy.requirementsOf(policy, index.name)
    const copies = own && copiesOf(own, schedules ?? [], { now, maxShrink: requirements.maxShrink })
    return {
      now,
      since,
      requirements,
      index,
      schedules,
      enabled: schedules?.find(({ isEnabled }) => isEnabled),
      backups: copies,
      copies: copies && goodOf(copies),
      isThere: ownIds && ((id) => ownIds.has(id) || isAnywhere(id)),
      restoresInto,
      restoresOf: restores.of(own ?? [], ...(schedules ?? []).map(({ history }) => history?.rows ?? [])),
      unreadable: [
        ...unreadable("its schedules", readSchedules),
        ...(scheduleFacts ?? []).flatMap(({ runs, schedule }) =>
          unreadable(`the history of ${Text.plain(schedule.name ?? schedule.scheduleId)}`, runs)
        ),
        ...(schedules ?? []).flatMap((schedule) => Doubts.ofSchedule(schedule, index.id, now)),
        ...Doubts.ofIndex(index, schedules ?? [], own ?? []),
        ...Doubts.ofBackups(
          copies ?? [],
          (schedules ?? []).flatMap(({ history }) => history?.undated ?? []),
          (schedules ?? []).flatMap(({ history }) => history?.rows ?? [])
        ),
        ...Doubts.ofFuture(copies ?? []),
        ...Doubts.ofRestores(restoresInto ?? [], now)
      ]
    }
  }
}
