import * as Array from "effect/Array"
import type * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as Wire from "../../internal/codec/wire.ts"
import { dayMillis, hourMillis, millis, millisOf } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import * as Cadence from "../Cadence.ts"
import * as Copies from "../Copies.ts"
import type * as LiveId from "../LiveId.ts"
import * as Judging from "./judging.ts"
import * as Text from "./text.ts"

/** Missing or invalid data that the checks depend on, as a sentence. Each makes the status `unknown`. */
export interface Doubt {
  readonly what: string
}

const statuses: ReadonlyArray<string> = ["Scheduled", "Initializing", "Ready", "InitializationFailed", "Failed"]

const idOf = ([first]: Array.NonEmptyReadonlyArray<BackupRun.BackupRun>): string => `(${Text.shortId(first.backupId)})`

const countOf = (backups: Array.NonEmptyReadonlyArray<BackupRun.BackupRun>): string =>
  Text.count(backups.length, "backup")

/** Backups and runs without a time, with an unknown status, or without a record count. A run may be in both lists. */
export const ofBackups = (
  copies: ReadonlyArray<Judging.Judged>,
  undatedRuns: ReadonlyArray<BackupRun.BackupRun>,
  runs: ReadonlyArray<BackupRun.BackupRun>
): ReadonlyArray<Doubt> => {
  const distinct = (all: ReadonlyArray<BackupRun.BackupRun>) => [
    ...new Map(all.map((run) => [run.backupId, run])).values()
  ]
  const undated = distinct([
    ...copies.filter(({ at }) => at === undefined).map(({ backup }) => backup),
    ...undatedRuns
  ])
  const isStrange = ({ status }: BackupRun.BackupRun) => !statuses.includes(status)
  const strange = distinct([
    ...copies.filter(({ backup }) => isStrange(backup)).map(({ backup }) => backup),
    ...runs.filter(isStrange)
  ])
  const newestGood = copies.findLast(Copies.isGood)?.at ?? -Infinity
  // A backup dated in the future may be the newest, and may be empty.
  const isUncounted = ({ backup, state }: Judging.Judged) =>
    state === "uncounted" || (state === "future" && backup.recordCount == null)
  const uncounted = copies.filter((copy) => isUncounted(copy) && (copy.at === undefined || copy.at >= newestGood))
    .map(({ backup }) => backup)
  return [
    ...Array.isReadonlyArrayNonEmpty(undated)
      ? [{ what: `the time of ${countOf(undated)} is unknown ${idOf(undated)}` }]
      : [],
    ...Array.isReadonlyArrayNonEmpty(strange)
      ? [{
        what: `${countOf(strange)} ${strange.length === 1 ? "has" : "have"} the unknown status ${
          Text.plain(strange[0].status)
        } ${idOf(strange)}`
      }]
      : [],
    ...Array.isReadonlyArrayNonEmpty(uncounted)
      ? [{ what: `the record count of ${countOf(uncounted)} is unknown ${idOf(uncounted)}` }]
      : []
  ]
}

/** Returns `true` if the response for a run and the one for its backup cannot both be true. */
const isContradicted = (run: BackupRun.BackupRun, backup: BackupRun.BackupRun): boolean =>
  BackupRun.isFinal(run) && BackupRun.isFinal(backup) && (
    BackupRun.isReady(run) !== BackupRun.isReady(backup) ||
    (run.recordCount != null && backup.recordCount != null && (run.recordCount > 0) !== (backup.recordCount > 0))
  )

/**
 * Backups about which a history and the list of backups contradict each other: whether they failed, or whether they have
 * records. Only those count that were taken since a time, or are newer than every good backup without a contradiction.
 */
export const ofContradictions = (
  copies: ReadonlyArray<Judging.Judged>,
  backupOf: (id: string) => BackupRun.BackupRun | undefined,
  runs: ReadonlyArray<BackupRun.BackupRun>,
  since: number
): ReadonlyArray<Doubt> => {
  const contradicted = new Set<string>()
  for (const run of runs) {
    const backup = backupOf(run.backupId)
    if (backup !== undefined && isContradicted(run, backup)) contradicted.add(run.backupId)
  }
  if (contradicted.size === 0) return []
  const isIn = ({ backup }: Judging.Judged) => contradicted.has(backup.backupId)
  const newestGood = copies.findLast((copy) => Copies.isGood(copy) && !isIn(copy))?.at ?? -Infinity
  const doubtful = copies.filter((copy) => isIn(copy) && (copy.at ?? Infinity) >= Math.min(since, newestGood))
    .map(({ backup }) => backup)
  return Array.isReadonlyArrayNonEmpty(doubtful)
    ? [{
      what: `the history and the list of backups contradict each other about ${countOf(doubtful)} ${idOf(doubtful)}`
    }]
    : []
}

/** Backups dated in the future, for an index without a good backup. With a good backup, `future-dated` is enough. */
export const ofFuture = (copies: ReadonlyArray<Judging.Judged>): ReadonlyArray<Doubt> => {
  const future = copies.filter(({ state }) => state === "future").map(({ backup }) => backup)
  return Array.isReadonlyArrayNonEmpty(future) && !copies.some(Copies.isGood)
    ? [{
      what: `${countOf(future)} ${future.length === 1 ? "is" : "are"} dated in the future ${
        idOf(future)
      }; no other backup is usable`
    }]
    : []
}

interface Schedule {
  readonly schedule: BackupSchedule.BackupSchedule
  readonly name: string
  readonly isEnabled: boolean
  readonly cadence: Cadence.Cadence | undefined
  readonly history: {
    readonly rows: ReadonlyArray<BackupRun.BackupRun>
    readonly runs: ReadonlyArray<{ readonly at: number }>
  } | undefined
}

/** Returns `true` if the next run fits the rhythm of the history. */
const isConfirmed = (
  { longestDays, slackHours }: Cadence.Cadence,
  { history, schedule: { nextScheduledRun: next } }: Schedule,
  now: number
): boolean => {
  const latest = history?.runs.at(-1)?.at
  // If runs were missed, the next run is one step from now.
  return latest !== undefined && next != null &&
    millis(next) - Math.max(latest, now) <= longestDays * dayMillis + slackHours * hourMillis
}

/** Maximum number of days until the next run: the longest step, plus one day until the time of day of the runs. */
const longestAheadDays = Cadence.cadences.monthly.longestDays + 1

/** Fields of a schedule that are missing although the service always sends them, or that contradict other data. */
export const ofSchedule = (facts: Schedule, indexId: string | null | undefined, now: number): ReadonlyArray<Doubt> => {
  const { cadence, history, isEnabled, schedule } = facts
  const name = Text.plain(facts.name)
  const next = millisOf(schedule.nextScheduledRun)
  const created = millisOf(schedule.createdAt)
  const strangers = (history?.rows ?? []).filter(({ sourceIndexId }) => sourceIndexId !== schedule.indexId)
  const isRhythmic = Cadence.of(schedule.frequency) !== undefined ||
    (cadence !== undefined && isConfirmed(cadence, facts, now))
  return [
    ...schedule.enabled == null ? [`it is unknown whether ${name} is enabled`] : [],
    ...created === undefined
      ? [`the creation time of ${name} is unknown`]
      : Judging.isFutureMillis(created, now)
      ? [`the creation time of ${name} is in the future: ${Text.when(created)}`]
      : [],
    ...schedule.retentionExpireAfterDays == null ? [`the retention of ${name} is unknown`] : [],
    ...isEnabled && next === undefined ? [`the next run of ${name} is unknown`] : [],
    ...isEnabled && next !== undefined && next - now > longestAheadDays * dayMillis
      ? [`the next run of ${name} is too far ahead: ${Text.when(next)}`]
      : [],
    ...indexId != null && schedule.indexId !== indexId ? [`${name} belongs to another index`] : [],
    ...Array.isReadonlyArrayNonEmpty(strangers)
      ? [
        `${countOf(strangers)} in the history of ${name} ${
          strangers.length === 1 ? "belongs" : "belong"
        } to another index ${idOf(strangers)}`
      ]
      : [],
    // An unreadable history is reported separately.
    ...isEnabled && !isRhythmic && history !== undefined
      ? [
        `the interval between runs of ${name} is unknown (${
          schedule.frequency === Wire.unsent ? "no frequency" : `frequency ${Text.plain(schedule.frequency)}`
        })`
      ]
      : []
  ].map((what) => ({ what }))
}

/**
 * Doubts about which backups belong to an index. An index keeps its name, so its backups must have the same name. If the ID
 * of the index is unknown, backups with its name may belong to an earlier index of that name.
 */
export const ofIndex = (
  { id, name, status }: PineconeIndex.PineconeIndex,
  live: LiveId.LiveId,
  schedules: ReadonlyArray<{ readonly schedule: BackupSchedule.BackupSchedule }>,
  backups: ReadonlyArray<Backup.Backup>
): ReadonlyArray<Doubt> => {
  const strangers = backups.filter(({ sourceIndexName }) => sourceIndexName !== name)
  const deleted = backups.filter(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt != null)
  // What could not be read is reported separately.
  const isUnread = live._tag === "Unread" && live.error === undefined
  return [
    ...Array.isReadonlyArrayNonEmpty(strangers)
      ? [{
        what: `${countOf(strangers)} of this index ${strangers.length === 1 ? "names" : "name"} another source index: ${
          Text.plain(strangers[0].sourceIndexName)
        } ${idOf(strangers)}`
      }]
      : [],
    // Backups of an earlier index with the name have another ID, and do not belong to this index.
    ...live._tag === "Known" && status?.state !== "Terminating" && Array.isReadonlyArrayNonEmpty(deleted)
      ? [{
        what: `the source index of ${
          countOf(deleted)
        } of this index is reported as deleted, although the index exists ${idOf(deleted)}`
      }]
      : [],
    // A schedule that contradicts the ID of the index is reported separately.
    ...live._tag === "Contradictory" && (id == null || schedules.every(({ schedule }) => schedule.indexId === id))
      ? [{ what: `the schedules and backups of ${Text.plain(name)} contradict each other about the ID of the index` }]
      : [],
    ...isUnread && backups.length > 0
      ? [{ what: `the index has no ID, so backups named ${Text.plain(name)} may belong to an earlier index` }]
      : []
  ]
}

/** Running restores without a valid start time. A restore that started in the future would never count as stuck. */
export const ofRestores = (
  restoresInto: ReadonlyArray<RestoreJob.RestoreJob>,
  now: number
): ReadonlyArray<Doubt> =>
  restoresInto.filter((job) => !RestoreJob.isFinal(job)).some(({ createdAt }) =>
      !createdAt || Judging.isFutureMillis(millis(createdAt), now)
    )
    ? [{ what: "the start time of a restore into this index is unknown" }]
    : []
