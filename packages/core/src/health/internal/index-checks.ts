import * as Array from "effect/Array"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Order from "effect/Order"
import * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import * as Polling from "../../Polling.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import type * as BackupPolicy from "../BackupPolicy.ts"
import type * as Remedy from "../Remedy.ts"
import * as Facts from "./facts.ts"
import * as Findings from "./findings.ts"
import { compared, expiringDays, lagMillis, maxShrink, testedDays } from "./limits.ts"
import * as ProtectionChecks from "./protection-checks.ts"
import * as ScheduleChecks from "./schedule-checks.ts"
import * as Text from "./text.ts"

/** What a backup or a restore may take: as long as a wait goes on by default. */
const maxMillisOf = ({ maxDuration }: BackupPolicy.Requirements): number =>
  Duration.toMillis(maxDuration ?? Polling.defaultTimeout)

const newestOf = (copies: ReadonlyArray<Facts.Copy>) => {
  const copy = copies.findLast(({ at }) => at !== undefined)
  return copy?.at === undefined ? undefined : { ...copy, at: copy.at }
}

const describeRun = ({ at, run }: Facts.TimedRun): string => `${Text.when(at)} ended ${Text.plain(run.status)}`

// ============================================================================
// Checks of an index
// ============================================================================

const unprotected: Findings.Check = ({ copies, index, schedules }) => {
  // One that is still being made cannot have a schedule yet.
  if (schedules === undefined || schedules.length > 0 || copies === undefined || index.status?.ready === false) {
    return []
  }
  return [{
    check: "unprotected",
    severity: copies.length === 0 ? "critical" : "warning",
    sentence: copies.length === 0
      ? "no schedule backs it up, and there is no backup of it"
      : `no schedule backs it up; there ${copies.length === 1 ? "is" : "are"} ${
        Text.count(copies.length, "backup")
      } made by hand or by a schedule that is gone`,
    remedy: { _tag: "CreateSchedule", indexName: index.name, frequency: "daily", retentionDays: 30 },
    backups: copies.map(({ backup }) => backup)
  }]
}

const stale: Findings.Check = ({ backups, copies, enabled, index, now, requirements }) => {
  if (copies === undefined || backups === undefined) return []
  const newest = newestOf(copies)
  if (newest === undefined && copies.length > 0) return []
  const candidate = (sentence: string, limit: number): Findings.Candidate => ({
    check: "stale",
    severity: "critical",
    sentence,
    remedy: { _tag: "CreateBackup", indexName: index.name },
    schedule: enabled,
    backups: newest === undefined ? [] : [newest.backup],
    times: [["newest", newest?.at]],
    values: {
      limit: limit / 1000,
      ...(newest !== undefined && { age: (millis(now) - millis(newest.at) + lagMillis) / 1000 })
    }
  })
  const age = newest === undefined ? Infinity : millis(now) - millis(newest.at) + lagMillis
  const isOld = newest === undefined
    ? "there is no usable backup"
    : `the newest usable backup is ${Text.length(age)} old`

  if (requirements.rpo !== undefined) {
    const limit = Duration.toMillis(requirements.rpo)
    return age > limit ? [candidate(`${isOld}; the policy allows ${Text.length(limit)}`, limit)] : []
  }
  const cadence = enabled?.cadence
  if (enabled === undefined || cadence === undefined) return []
  // These say it themselves.
  if (newest === undefined && enabled.history?.hasBegun === false) return []
  if (newest?.schedule !== enabled && Facts.isKeptTooShort(enabled)) return []
  const lateAt = newest === undefined
    ? -Infinity
    : Facts.lateAfter(newest.at, cadence, newest.schedule === enabled ? enabled.history : undefined) - lagMillis
  // A new schedule has not had its turn, and a backup that takes its time is on its way.
  const isUnderWay = backups.some((backup) => {
    const at = Backup.isFinal(backup) ? undefined : BackupRun.takenAt(backup)
    return at !== undefined && millis(at) > (newest === undefined ? -Infinity : millis(newest.at)) &&
      millis(now) - millis(at) <= maxMillisOf(requirements)
  })
  const firstBy = enabled.history?.hasBegun === true ? -Infinity : Facts.firstRunBy(enabled) ?? -Infinity
  if (isUnderWay || millis(now) <= Math.max(lateAt, firstBy)) return []
  const limit = newest === undefined ? 0 : lateAt - millis(newest.at) + lagMillis
  return [candidate(
    newest === undefined ? isOld : `${isOld}; a ${enabled.schedule.frequency} schedule allows ${Text.length(limit)}`,
    limit
  )]
}

const neverRan: Findings.Check = ({ enabled, index, now }) => {
  if (enabled?.history === undefined || enabled.history.hasBegun || Facts.isKeptTooShort(enabled)) return []
  const { createdAt } = enabled.schedule
  const by = Facts.firstRunBy(enabled)
  return by === undefined || !createdAt || millis(now) <= by ? [] : [{
    check: "never-ran",
    severity: "critical",
    sentence: `${Text.plain(enabled.name)} has not run since it was created ${
      Text.length(millis(now) - millis(createdAt))
    } ago`,
    remedy: { _tag: "CreateBackup", indexName: index.name },
    schedule: enabled,
    times: [["created", createdAt], ["next", enabled.schedule.nextScheduledRun ?? undefined]]
  }]
}

const failed: Findings.Check = ({ backups, copies, index, schedules, since }) => {
  const candidates: Array<Findings.Candidate> = []
  for (const schedule of schedules ?? []) {
    const { newestReady, runs = [] } = schedule.history ?? {}
    const isNewer = ({ at }: Facts.TimedRun) => newestReady === undefined || millis(at) > millis(newestReady.at)
    const bad = runs.filter((run) =>
      BackupRun.isFailed(run.run) && (millis(run.at) >= since || (schedule.isEnabled && isNewer(run)))
    )
    const latest = bad.at(-1)
    if (latest === undefined) continue
    const isOpen = isNewer(latest)
    candidates.push({
      check: "failed",
      severity: isOpen ? "critical" : "warning",
      sentence: `${bad.length === 1 ? "the run of " : `${Text.count(bad.length, "run")} ended badly, the latest: `}${
        describeRun(latest)
      } (${Text.shortId(latest.run.backupId)})${isOpen ? "" : ", and a later one was good"}`,
      remedy: isOpen ? { _tag: "CreateBackup", indexName: index.name } : undefined,
      schedule,
      backups: bad.map(({ run }) => run),
      times: bad.map(({ at }) => ["failed", at])
    })
  }
  const newest = newestOf(copies ?? [])
  const byHand = Facts.timed(
    (backups ?? []).filter((backup) => Backup.isFailed(backup) && BackupRun.plannedFor(backup) === undefined)
  ).filter(({ at }) => millis(at) >= since && (newest === undefined || millis(at) > millis(newest.at)))
  const latest = byHand.at(-1)
  if (latest !== undefined) {
    candidates.push({
      check: "failed",
      severity: "warning",
      sentence: `the backup made by hand at ${describeRun(latest)} (${Text.shortId(latest.run.backupId)})`,
      remedy: { _tag: "CreateBackup", indexName: index.name },
      backups: byHand.map(({ run }) => run),
      times: byHand.map(({ at }) => ["failed", at])
    })
  }
  return candidates
}

const missed: Findings.Check = ({ index, schedules }) =>
  (schedules ?? []).flatMap((schedule): ReadonlyArray<Findings.Candidate> => {
    const { missed = [], newestReady } = schedule.history ?? {}
    const latest = missed.at(-1)
    if (latest === undefined) return []
    const isOpen = newestReady === undefined || millis(latest) > millis(newestReady.at)
    return [{
      check: "missed",
      severity: isOpen ? "critical" : "warning",
      sentence: `${
        missed.length === 1 ? "there is no run of " : `${missed.length} runs did not happen, the latest of `
      }${Text.when(latest)}`,
      remedy: isOpen ? { _tag: "CreateBackup", indexName: index.name } : undefined,
      schedule,
      times: missed.map((at) => ["missed", at])
    }]
  })

const stuck: Findings.Check = ({ backups, index, now, restoreJobs, schedules, requirements }) => {
  const isTooLong = (at: DateTime.Utc) => millis(now) - millis(at) > maxMillisOf(requirements)
  // A run stands in both lists.
  const underWay = new Map<string, Facts.TimedRun>()
  const all = [...(schedules ?? []).flatMap(({ history }) => history?.runs ?? []), ...Facts.timed(backups ?? [])]
  for (const one of all) {
    if (!BackupRun.isFinal(one.run) && BackupRun.hasBegun(one.run) && isTooLong(one.at)) {
      underWay.set(one.run.backupId, one)
    }
  }
  const [oldest] = [...underWay.values()].sort(Facts.byTime)
  const jobs = (restoreJobs ?? []).flatMap((job) =>
    !RestoreJob.isFinal(job) && job.targetIndexName === index.name && job.createdAt && isTooLong(job.createdAt)
      ? [{ job, at: job.createdAt }]
      : []
  )
  const [job] = jobs
  return [
    ...(oldest === undefined ? [] : [{
      check: "stuck",
      severity: "warning",
      sentence: `${underWay.size === 1 ? "a backup has" : `${underWay.size} backups have`} been under way for ${
        Text.length(millis(now) - millis(oldest.at))
      } (${Text.plain(oldest.run.status)}, ${Text.shortId(oldest.run.backupId)})`,
      remedy: { _tag: "InspectBackup", backupId: oldest.run.backupId },
      backups: [...underWay.values()].map(({ run }) => run),
      times: [...underWay.values()].map(({ at }) => ["started", at] as const)
    }] satisfies ReadonlyArray<Findings.Candidate>),
    ...(job === undefined ? [] : [{
      check: "stuck",
      severity: "warning",
      sentence: `its restore has been ${Text.plain(job.job.status)} for ${Text.length(millis(now) - millis(job.at))} (${
        Text.shortId(job.job.restoreJobId)
      })`,
      remedy: { _tag: "InspectRestoreJob", restoreJobId: job.job.restoreJobId },
      restoreJobs: jobs.map(({ job }) => job),
      times: jobs.map(({ at }) => ["started", at] as const)
    }] satisfies ReadonlyArray<Findings.Candidate>)
  ]
}

/** The number in the middle, or between the two in the middle. */
const median = (numbers: Array.NonEmptyReadonlyArray<number>): number => {
  const sorted = Array.sort(numbers, Order.Number)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? sorted[0]
  return sorted.length % 2 === 1 ? upper : upper / 2 + (sorted[middle - 1] ?? upper) / 2
}

const size: Findings.Check = ({ copies, index, requirements }) => {
  const known = (copies ?? []).filter(({ at }) => at !== undefined).map(({ backup }) => backup)
  const newest = known.at(-1)
  const others = known.slice(0, -1)
  if (newest === undefined) return []
  const id = Text.shortId(newest.backupId)
  const remedy: Remedy.Remedy = { _tag: "InspectIndexBackups", indexName: index.name, isDeleted: false }
  if (newest.recordCount === 0) {
    const full = others.findLast(({ recordCount }) => recordCount != null && recordCount > 0)
    return [{
      check: "empty",
      severity: full === undefined ? "warning" : "critical",
      sentence: `the newest backup has no records (${id})${
        full === undefined ? "" : `; one before it had ${Text.grouped(full.recordCount ?? 0)}`
      }`,
      remedy,
      backups: full === undefined ? [newest] : [newest, full],
      values: { records: 0, ...(full?.recordCount != null && { before: full.recordCount }) }
    }]
  }
  const share = 1 - (requirements.maxShrink ?? maxShrink)
  for (const [field, noun] of [["recordCount", "records"], ["sizeBytes", "bytes"]] as const) {
    const value = newest[field]
    const earlier = others.filter((backup) => backup[field] != null).slice(-compared.most)
    const values = earlier.map((backup) => backup[field] ?? 0)
    if (value == null || values.length < compared.least || !Array.isReadonlyArrayNonEmpty(values)) continue
    const usual = median(values)
    if (value >= share * usual) continue
    return [{
      check: "shrink",
      severity: "warning",
      sentence: `the newest backup has ${
        Text.grouped(value)
      } ${noun} (${id}); the median of the ${values.length} before it is ${Text.grouped(Math.round(usual))}`,
      remedy,
      backups: [newest, ...earlier],
      values: { [noun]: value, median: usual, limit: share * usual }
    }]
  }
  return []
}

const lastCopyExpiring: Findings.Check = (subject) => {
  const { copies, enabled, index, now, schedules } = subject
  if (copies === undefined || schedules === undefined) return []
  const last = Facts.lastExpiryOf(copies)
  if (last === undefined) return []
  const isReplaced = enabled !== undefined &&
    [stale, failed, missed].every((check) => check(subject).every(({ severity }) => severity !== "critical"))
  const left = millis(last) - millis(now)
  if (isReplaced || left < 0 || left > expiringDays.warning * dayMillis) return []
  return [{
    check: "last-copy-expiring",
    severity: left <= expiringDays.critical * dayMillis ? "critical" : "warning",
    sentence: `the last usable backup will be deleted in ${Text.length(left)}, at ${Text.when(last)}`,
    remedy: { _tag: "CreateBackup", indexName: index.name },
    schedule: enabled,
    backups: copies.map(({ backup }) => backup),
    times: [["expires", last]]
  }]
}

const tooFewCopies: Findings.Check = ({ copies, index, requirements: { minCopies } }) =>
  copies === undefined || minCopies === undefined || copies.length >= minCopies ? [] : [{
    check: "copies",
    severity: copies.length === 0 ? "critical" : "warning",
    sentence: `${copies.length === 1 ? "there is" : "there are"} ${
      Text.count(copies.length, "usable backup")
    }; the policy asks for ${minCopies}`,
    remedy: { _tag: "CreateBackup", indexName: index.name },
    backups: copies.map(({ backup }) => backup),
    values: { copies: copies.length, least: minCopies }
  }]

const untested: Findings.Check = (
  { backups, copies, index, now, restoreJobs, schedules, requirements: { restoreTestedWithin } }
) => {
  if (copies === undefined || copies.length === 0 || backups === undefined || restoreJobs === undefined) return []
  const ids = new Set<string>(backups.map(({ backupId }) => backupId))
  const isOwn = (id: string) =>
    ids.has(id) || (schedules ?? []).some(({ history }) => history !== undefined && history.ids.has(id))
  const tested = restoreJobs.filter((job) => RestoreJob.isCompleted(job) && isOwn(job.backupId)).flatMap((job) => {
    const at = job.completedAt ?? job.createdAt
    return at ? [{ job, at }] : []
  }).sort((self, that) => millis(that.at) - millis(self.at))
  const [latest] = tested
  const limit = restoreTestedWithin === undefined ? testedDays * dayMillis : Duration.toMillis(restoreTestedWithin)
  if (limit === Infinity || (latest !== undefined && millis(now) - millis(latest.at) <= limit)) return []
  return [{
    check: "untested",
    // A job goes when its index does, so that there may have been one.
    severity: restoreTestedWithin === undefined ? "notice" : "warning",
    sentence: `no restore of it was completed in ${Text.length(limit)}${
      latest === undefined ?
        ", as far as jobs are still listed" :
        `; the latest was ${Text.length(millis(now) - millis(latest.at))} ago`
    }`,
    remedy: { _tag: "RestoreLatest", indexName: index.name, targetIndexName: restoreNameOf(index.name) },
    restoreJobs: latest === undefined ? [] : [latest.job],
    times: [["latest", latest?.at]],
    values: { limit: limit / 1000 }
  }]
}

/** A name for an index that is made to see whether it can be made. */
const restoreNameOf = (name: string): PineconeIndex.IndexName => {
  const suffix = "-restore"
  return PineconeIndex.IndexName.make(`${name.slice(0, PineconeIndex.maxNameLength - suffix.length)}${suffix}`)
}

/** The checks of an index. */
export const indexChecks: ReadonlyArray<Findings.Check> = [
  ({ unreadable }) => Findings.unreadable(unreadable),
  unprotected,
  stale,
  neverRan,
  failed,
  missed,
  stuck,
  size,
  ScheduleChecks.retentionGap,
  lastCopyExpiring,
  tooFewCopies,
  ScheduleChecks.tooSeldom,
  ScheduleChecks.keptTooShort,
  ScheduleChecks.paused,
  ScheduleChecks.lagging,
  ScheduleChecks.overdue,
  ScheduleChecks.nameTooLong,
  ProtectionChecks.noDeletionProtection,
  untested
]
