import * as Array from "effect/Array"
import type * as Backup from "../../Backup.ts"
import type * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as Wire from "../../internal/codec/wire.ts"
import { dayMillis, hourMillis, millis, millisOf } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import * as Cadence from "../Cadence.ts"
import * as Copies from "../Copies.ts"
import * as Judging from "./judging.ts"
import * as Text from "./text.ts"

/**
 * What is missing or makes no sense in what was read, and what the checks rest on. Each is a sentence, and keeps the
 * answer from being good: nobody can tell what the checks would find if they knew.
 */
export interface Doubt {
  readonly what: string
}

const statuses: ReadonlyArray<string> = ["Scheduled", "Initializing", "Ready", "InitializationFailed", "Failed"]

const some = (backups: Array.NonEmptyReadonlyArray<BackupRun.BackupRun>): string =>
  `${Text.count(backups.length, "backup")} (${Text.shortId(backups[0].backupId)})`

/** Of backups and runs: those without a time, and those of a status that nobody knows. A run stands in both lists. */
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
  const strange = distinct(
    [...copies.map(({ backup }) => backup), ...runs].filter(({ status }) => !statuses.includes(status))
  )
  const newestGood = copies.findLast(Copies.isGood)?.at ?? -Infinity
  // One that is dated in the future may be the newest, and may be empty.
  const isUncounted = ({ backup, state }: Judging.Judged) =>
    state === "uncounted" || (state === "future" && backup.recordCount == null)
  const uncounted = copies.filter((copy) => isUncounted(copy) && (copy.at === undefined || copy.at >= newestGood))
    .map(({ backup }) => backup)
  return [
    ...Array.isReadonlyArrayNonEmpty(undated) ? [{ what: `it is not known when ${some(undated)} ran` }] : [],
    ...Array.isReadonlyArrayNonEmpty(strange)
      ? [{ what: `the status ${Text.plain(strange[0].status)} of ${some(strange)} is not known` }]
      : [],
    ...Array.isReadonlyArrayNonEmpty(uncounted)
      ? [{ what: `it is not known how many records are in ${some(uncounted)}` }]
      : []
  ]
}

/** Of an index none of whose backups is good: those dated in the future. Beside a good one they are only reported. */
export const ofFuture = (copies: ReadonlyArray<Judging.Judged>): ReadonlyArray<Doubt> => {
  const future = copies.filter(({ state }) => state === "future").map(({ backup }) => backup)
  return Array.isReadonlyArrayNonEmpty(future) && !copies.some(Copies.isGood)
    ? [{ what: `${some(future)} ${future.length === 1 ? "is" : "are"} dated in the future, and no other is good` }]
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

/** Whether the rhythm that a history shows is also that of the next run. */
const isConfirmed = (
  { longestDays, slackHours }: Cadence.Cadence,
  { history, schedule: { nextScheduledRun: next } }: Schedule,
  now: number
): boolean => {
  const latest = history?.runs.at(-1)?.at
  // Where runs are missing, the next is a step from now.
  return latest !== undefined && next != null &&
    millis(next) - Math.max(latest, now) <= longestDays * dayMillis + slackHours * hourMillis
}

/** How many days ahead a schedule may run next: the longest step there is, and a day until the time it runs at. */
const longestAheadDays = Cadence.cadences.monthly.longestDays + 1

/** Fields of a schedule that are always sent but missing here, or that contradict something else. */
export const ofSchedule = (facts: Schedule, indexId: string | null | undefined, now: number): ReadonlyArray<Doubt> => {
  const { cadence, history, isEnabled, schedule } = facts
  const name = Text.plain(facts.name)
  const next = millisOf(schedule.nextScheduledRun)
  const created = millisOf(schedule.createdAt)
  const strangers = (history?.rows ?? []).filter(({ sourceIndexId }) => sourceIndexId !== schedule.indexId)
  const isRhythmic = Cadence.of(schedule.frequency) !== undefined ||
    (cadence !== undefined && isConfirmed(cadence, facts, now))
  return [
    ...schedule.enabled == null ? [`it is not known whether ${name} is enabled`] : [],
    ...created === undefined
      ? [`it is not known when ${name} was created`]
      : Judging.isFutureMillis(created, now)
      ? [`${name} was created in the future: ${Text.when(created)}`]
      : [],
    ...schedule.retentionExpireAfterDays == null ? [`it is not known how long ${name} keeps its backups`] : [],
    ...isEnabled && next === undefined ? [`it is not known when ${name} runs next`] : [],
    ...isEnabled && next !== undefined && next - now > longestAheadDays * dayMillis
      ? [`${name} does not run before ${Text.when(next)}`]
      : [],
    ...indexId != null && schedule.indexId !== indexId ? [`${name} is a schedule of another index`] : [],
    ...Array.isReadonlyArrayNonEmpty(strangers)
      ? [`${some(strangers)} in the history of ${name} ${strangers.length === 1 ? "is" : "are"} of another index`]
      : [],
    // Of one whose history could not be read, that is said.
    ...isEnabled && !isRhythmic && history !== undefined
      ? [
        `it is not known how often ${name} runs (${
          schedule.frequency === Wire.unsent ? "it has no frequency" : Text.plain(schedule.frequency)
        })`
      ]
      : []
  ].map((what) => ({ what }))
}

/**
 * Of an index and its backups: whether they have its name, since no index changes that; and, if it has no id, whether
 * those of its name are of this index, or of one before it.
 */
export const ofIndex = (
  { id, name }: PineconeIndex.PineconeIndex,
  schedules: ReadonlyArray<{ readonly schedule: BackupSchedule.BackupSchedule }>,
  backups: ReadonlyArray<Backup.Backup>
): ReadonlyArray<Doubt> => {
  const strangers = backups.filter(({ sourceIndexName }) => sourceIndexName !== name)
  const ids = new Set<string>(schedules.map(({ schedule }) => schedule.indexId))
  const isCertain = id != null || backups.every(({ sourceIndexId }) => ids.has(sourceIndexId))
  return [
    ...Array.isReadonlyArrayNonEmpty(strangers)
      ? [{
        what: `${some(strangers)} of it ${strangers.length === 1 ? "has" : "have"} the name of another index: ${
          Text.plain(strangers[0].sourceIndexName)
        }`
      }]
      : [],
    ...isCertain
      ? []
      : [{ what: `it is not known whether the backups of ${Text.plain(name)} are of this index: it has no id` }]
  ]
}

/** Of the restores of an index that are not over. One that begins in the future would never take too long. */
export const ofRestores = (
  restoresInto: ReadonlyArray<RestoreJob.RestoreJob>,
  now: number
): ReadonlyArray<Doubt> =>
  restoresInto.filter((job) => !RestoreJob.isFinal(job)).some(({ createdAt }) =>
      !createdAt || Judging.isFutureMillis(millis(createdAt), now)
    )
    ? [{ what: "it is not known when its restore began" }]
    : []
