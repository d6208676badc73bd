import * as Duration from "effect/Duration"
import * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import { dayMillis, millisOf } from "../../internal/time.ts"
import * as Polling from "../../Polling.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import type * as BackupPolicy from "../BackupPolicy.ts"
import * as Cadence from "../Cadence.ts"
import * as Facts from "./facts.ts"
import * as Findings from "./findings.ts"
import * as Judging from "./judging.ts"
import { expiringDays, lagMillis, testedDays } from "./limits.ts"
import * as ProtectionChecks from "./protection-checks.ts"
import * as RunChecks from "./run-checks.ts"
import * as ScheduleChecks from "./schedule-checks.ts"
import * as Text from "./text.ts"

/** Maximum duration of a backup or restore. Defaults to the timeout of a wait. */
const maxMillisOf = ({ maxDuration }: BackupPolicy.Requirements): number =>
  Duration.toMillis(maxDuration ?? Polling.defaultTimeout)

/** Ready backups with an unknown time or record count. Some of them may be good. */
const doubtful = (backups: ReadonlyArray<Facts.Copy>) =>
  backups.filter(({ state }) => state === "undated" || state === "uncounted")

// ============================================================================
// Checks of an index
// ============================================================================

/** States of an index that cannot be backed up for now: it has no records yet, or is about to be gone. */
const unusableStates: ReadonlyArray<string> = ["Initializing", "Terminating"]

const unprotected: Findings.Check = ({ copies, index, restoresInto, schedules }) => {
  if (schedules === undefined || schedules.length > 0 || copies === undefined) return []
  const { ready, state } = index.status ?? {}
  if (copies.length === 0 && ready === false && unusableStates.includes(state ?? "")) {
    const job = restoresInto?.find((job) => !RestoreJob.isFinal(job))
    return [{
      check: "unprotected",
      severity: "warning",
      sentence: `no backup schedule and no usable backup yet; the index is ${
        job === undefined ? `not ready (${Text.plain(state ?? "")})` : "being restored"
      }`,
      // A schedule can be created once the index is ready.
      remedy: job === undefined ? undefined : { _tag: "InspectRestoreJob", restoreJobId: job.restoreJobId },
      restoreJobs: job === undefined ? [] : [job]
    }]
  }
  return [{
    check: "unprotected",
    severity: copies.length === 0 ? "critical" : "warning",
    sentence: copies.length === 0
      ? "no backup schedule and no usable backup"
      : `no backup schedule; ${Text.count(copies.length, "usable backup")}, manual or from a deleted schedule`,
    remedy: { _tag: "CreateSchedule", indexName: index.name, frequency: "daily", retentionDays: 30 },
    backups: copies.map(({ backup }) => backup)
  }]
}

const stale: Findings.Check = (subject) => {
  const { backups, copies, enabled, index, now, requirements } = subject
  if (copies === undefined || backups === undefined) return []
  const newest = copies.at(-1) ?? newestIfAllEmpty(subject)
  // A backup with an unknown time or record count may be newer, and good.
  const isInDoubt = doubtful(backups).some(({ at }) => at === undefined || newest === undefined || at > newest.at)
  const candidate = (sentence: string, limit: number, firstBy = -Infinity): Findings.Candidate => ({
    check: "stale",
    severity: isInDoubt ? "unknown" : "critical",
    sentence: isInDoubt
      ? `${sentence}; a backup with an unknown time or record count may be ${newest === undefined ? "usable" : "newer"}`
      : sentence,
    remedy: { _tag: "CreateBackup", indexName: index.name },
    schedule: enabled,
    backups: newest === undefined ? [] : [newest.backup],
    times: [["newest", newest?.at], ["late", newest && Math.max(newest.at - lagMillis + limit, firstBy)]],
    values: {
      limit: limit / 1000,
      ...(newest !== undefined && { age: (now - newest.at + lagMillis) / 1000 })
    }
  })
  const age = newest === undefined ? Infinity : now - newest.at + lagMillis
  const state = newest === undefined ? "no usable backup" : `newest usable backup is ${Text.length(age)} old`

  if (requirements.rpo !== undefined) {
    const limit = Duration.toMillis(requirements.rpo)
    return age > limit
      ? [
        candidate(`${state}; the policy allows ${newest === undefined ? "an age of " : ""}${Text.length(limit)}`, limit)
      ]
      : []
  }
  const cadence = enabled?.cadence
  if (enabled === undefined || cadence === undefined) return []
  // `never-ran` and `retention-gap` report these.
  if (newest === undefined && enabled.history?.hasBegun === false) return []
  if (newest?.schedule !== enabled && Facts.isKeptTooShort(enabled)) return []
  const lateAt = newest === undefined
    ? -Infinity
    : Facts.lateAfter(newest.at, cadence, newest.schedule === enabled ? enabled.history : undefined) - lagMillis
  // The first run of a new schedule is not due yet, and a running backup may still become ready.
  const isRunning = backups.some((backup) => {
    const { at } = backup
    return backup.state === "running" && at !== undefined && !Judging.isFutureMillis(at, now) &&
      at > (newest?.at ?? -Infinity) &&
      now - at <= maxMillisOf(requirements)
  })
  const firstBy = enabled.history?.hasBegun === true ? -Infinity : Facts.firstRunBy(enabled) ?? -Infinity
  if (isRunning || now <= Math.max(lateAt, firstBy)) return []
  const limit = newest === undefined ? 0 : lateAt - newest.at + lagMillis
  return [candidate(
    newest === undefined ? state : `${state}; ${
      Facts.byFrequency(enabled, {
        known: (frequency) => `a ${frequency} schedule allows ${Text.length(limit)}`,
        observed: () => `its schedule, judging by past runs, allows ${Text.length(limit)}`
      })
    }`,
    limit,
    firstBy
  )]
}

/** Successful runs within their retention, except empty ones. Their backups may have been deleted early. */
const keptWithRecords = ({ now, schedules }: Pick<Facts.Subject, "now" | "schedules">): ReadonlyArray<Facts.TimedRun> =>
  (schedules ?? []).flatMap(({ history, schedule: { retentionExpireAfterDays: kept } }) =>
    (history?.runs ?? []).filter(({ at, run }) =>
      BackupRun.isReady(run) && run.recordCount !== 0 && at + (kept ?? Infinity) * dayMillis > now
    )
  )

/** Newest backup of an index that had no records for as long as backups are kept. No better backup can exist. */
const newestIfAllEmpty = (subject: Pick<Facts.Subject, "backups" | "now" | "schedules">) => {
  const { backups = [], now } = subject
  const isAllEmpty = backups.every(({ state }) => ["empty", "failed", "running"].includes(state))
  const newest = backups.findLast(({ at, state }) =>
    at !== undefined && state === "empty" && !Judging.isFutureMillis(at, now)
  )
  return isAllEmpty && newest?.at !== undefined && keptWithRecords(subject).length === 0
    ? { ...newest, at: newest.at }
    : undefined
}

const stuck: Findings.Check = (subject) => {
  const { now, requirements, restoresInto } = subject
  const isTooLong = (at: number) => now - at > maxMillisOf(requirements)
  const running = Facts.timedWhere(
    subject,
    (run, at) => !BackupRun.isFinal(run) && isTooLong(at)
  )
  const [oldest] = running
  const jobs = (restoresInto ?? []).flatMap((job) => {
    const at = millisOf(job.createdAt)
    return !RestoreJob.isFinal(job) && at !== undefined && isTooLong(at) ? [{ job, at }] : []
  })
  const [job] = jobs
  return [
    ...(oldest === undefined ? [] : [{
      check: "stuck",
      severity: "warning",
      sentence: `${
        running.length === 1 ? "a backup has been running" : `${running.length} backups are running, the oldest`
      } for ${Text.length(now - oldest.at)} ${RunChecks.statusOf(oldest)}`,
      remedy: { _tag: "InspectBackup", backupId: oldest.run.backupId },
      backups: running.map(({ run }) => run),
      times: running.map(({ at }) => ["started", at] as const)
    }] satisfies ReadonlyArray<Findings.Candidate>),
    ...(job === undefined ? [] : [{
      check: "stuck",
      severity: "warning",
      sentence: `a restore into this index has been running for ${Text.length(now - job.at)} (${
        Text.plain(job.job.status)
      }, restore job ${Text.shortId(job.job.restoreJobId)})`,
      remedy: { _tag: "InspectRestoreJob", restoreJobId: job.job.restoreJobId },
      restoreJobs: jobs.map(({ job }) => job),
      times: jobs.map(({ at }) => ["started", at] as const)
    }] satisfies ReadonlyArray<Findings.Candidate>)
  ]
}

const empty: Findings.Check = (subject) => {
  const { backups, index } = subject
  const ready = (backups ?? []).filter(({ backup }) => Backup.isReady(backup))
  const last = ready.findLast(({ at, state }) => at !== undefined && state !== "empty" && state !== "future")
  // A backup with an unknown or future time may be the newest.
  const newest = ready.findLast(({ at, state }) =>
    state === "empty" && (at === undefined || last?.at === undefined || at >= last.at)
  )
  if (newest === undefined) return []
  const other = ready.findLast(({ state }) => state !== "empty")
  const records = ready.findLast(({ state }) => state === "good")?.backup.recordCount
  return [{
    check: "empty",
    severity: other === undefined && keptWithRecords(subject).length === 0 ? "warning" : "critical",
    sentence: `newest backup (${Text.shortId(newest.backup.backupId)}) has no records${
      records == null ? "" : `; an earlier backup had ${Text.grouped(records)}`
    }`,
    remedy: { _tag: "InspectIndexBackups", indexName: index.name, isDeleted: false },
    backups: other === undefined ? [newest.backup] : [newest.backup, other.backup],
    values: { records: 0, ...(records != null && { before: records }) }
  }]
}

const shrink: Findings.Check = ({ backups = [], index, now, requirements: { maxShrink } }) => {
  // `empty` reports a newer backup without records.
  const position = backups.findLastIndex(({ state }) => state === "good" || state === "uncounted")
  const newest = backups[position]
  const shrink = Judging.shrinkAt(backups, position, { now, maxShrink })
  if (newest === undefined || shrink === undefined) return []
  const { earlier, isCertain, limit, median, value, what } = shrink
  const id = Text.shortId(newest.backup.backupId)
  return [{
    check: "shrink",
    severity: isCertain ? "warning" : "unknown",
    sentence: isCertain && value !== undefined
      ? `newest backup (${id}) has ${Text.grouped(value)} ${what}; the median of the previous ${earlier.length} is ${
        median === undefined ? "larger, regardless of missing values" : Text.grouped(Math.round(median))
      }`
      : `it is unknown whether the newest backup (${id}) has fewer ${what} than the backups before it`,
    remedy: { _tag: "InspectIndexBackups", indexName: index.name, isDeleted: false },
    backups: [newest.backup, ...earlier],
    values: {
      ...(value !== undefined && { [what]: value }),
      ...(median !== undefined && { median }),
      ...(limit !== undefined && { limit })
    }
  }]
}

/** Reports backups and runs dated in the future. Their time is unreliable, so no other check counts them. */
export const futureDated = (
  subject: Pick<Facts.Subject, "backups" | "now" | "schedules">
): ReadonlyArray<Findings.Candidate> => {
  const [first, ...others] = Facts.timedWhere(subject, (_, at) => Judging.isFutureMillis(at, subject.now))
  return first === undefined ? [] : [{
    check: "future-dated",
    severity: "warning",
    sentence: `${
      others.length === 0
        ? "a backup is dated in the future:"
        : `${others.length + 1} backups are dated in the future, the earliest at`
    } ${Text.when(first.at)} (${Text.shortId(first.run.backupId)})`,
    remedy: { _tag: "InspectBackup", backupId: first.run.backupId },
    backups: [first, ...others].map(({ run }) => run),
    times: [first, ...others].map(({ at }) => ["dated", at])
  }]
}

/** Reports an index with a schedule that has no good backup yet, although no run is late. */
const noCopyYet: Findings.Check = (subject) => {
  const { backups, copies, enabled, index, now, schedules } = subject
  if (copies === undefined || copies.length > 0 || schedules === undefined || schedules.length === 0) return []
  if (backups === undefined || newestIfAllEmpty(subject) !== undefined || doubtful(backups).length > 0) return []
  // `future-dated` reports these backups, and one of them may be good.
  if (backups.some(({ state }) => state === "future")) return []
  const others = [
    stale,
    RunChecks.neverRan,
    RunChecks.failed,
    RunChecks.missed,
    ScheduleChecks.retentionGap,
    ScheduleChecks.paused
  ]
  if (others.some((check) => check(subject).some(({ severity }) => severity !== "warning"))) return []
  const isRunning = backups.some(({ state }) => state === "running")
  const next = millisOf(enabled?.schedule.nextScheduledRun)
  const due = next !== undefined && next > now ? next : enabled && millisOf(Cadence.firstSlot(enabled.schedule))
  return [{
    check: "no-copy-yet",
    severity: "warning",
    sentence: `no usable backup yet; ${
      isRunning
        ? "the first backup is running"
        : enabled === undefined
        ? "no schedule is enabled"
        : due === undefined
        ? "the time of the first run is unknown"
        : `the first run is due at ${Text.when(due)}`
    }`,
    remedy: { _tag: "CreateBackup", indexName: index.name },
    schedule: enabled,
    times: [["due", due]]
  }]
}

const lastCopyExpiring: Findings.Check = (subject) => {
  const { copies, enabled, index, now, schedules } = subject
  if (copies === undefined || schedules === undefined) return []
  const last = Facts.lastExpiryOf(copies)
  if (last === undefined) return []
  const left = last - now
  if (left > expiringDays.warning * dayMillis) return []
  const isReplaced = enabled !== undefined &&
    [stale, RunChecks.failed, RunChecks.missed].every((check) =>
      check(subject).every(({ severity }) => severity === "warning")
    )
  if (isReplaced) return []
  return [{
    check: "last-copy-expiring",
    severity: left <= expiringDays.critical * dayMillis ? "critical" : "warning",
    sentence: left < 0
      ? `last usable backup expired at ${Text.when(last)} and may be deleted at any time`
      : `last usable backup expires in ${Text.length(left)}, at ${Text.when(last)}`,
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
    sentence: `${Text.count(copies.length, "usable backup")}; the policy requires ${minCopies}`,
    remedy: { _tag: "CreateBackup", indexName: index.name },
    backups: copies.map(({ backup }) => backup),
    values: { copies: copies.length, least: minCopies }
  }]

/**
 * Reports an untested index. A report combines all untested indexes into one finding. Restore jobs of drills disappear
 * with their indexes, so a successful drill in the log counts as well.
 */
export const untested = (
  { copies, now, restoresOf, requirements: { restoreTestedWithin } }: Facts.Subject,
  drilledAt?: number | undefined
): ReadonlyArray<Findings.Candidate> => {
  if (copies === undefined || copies.length === 0 || restoresOf === undefined) return []
  const tested = restoresOf.filter(RestoreJob.isCompleted).flatMap((job) => {
    const at = millisOf(job.completedAt ?? job.createdAt)
    return at === undefined || Judging.isFutureMillis(at, now) ? [] : [{ job, at }]
  }).sort((self, that) => that.at - self.at)
  const [latest] = tested
  const latestAt = Math.max(latest?.at ?? -Infinity, drilledAt ?? -Infinity)
  const limit = restoreTestedWithin === undefined ? testedDays * dayMillis : Duration.toMillis(restoreTestedWithin)
  if (limit === Infinity || now - latestAt <= limit) return []
  return [{
    check: "untested",
    // Jobs of deleted indexes are no longer listed, so a restore may have been tested without a trace.
    severity: restoreTestedWithin === undefined ? "notice" : "warning",
    sentence: `no completed restore in the last ${Text.length(limit)}${
      latestAt === -Infinity
        ? ", among the restore jobs still listed"
        : `; the latest was ${Text.length(now - latestAt)} ago`
    }`,
    restoreJobs: latest === undefined ? [] : [latest.job],
    times: [["latest", latestAt === -Infinity ? undefined : latestAt]],
    values: { limit: limit / 1000 }
  }]
}

/** The checks of an index. */
export const indexChecks: ReadonlyArray<Findings.Check> = [
  ({ unreadable }) => Findings.unreadable(unreadable),
  unprotected,
  stale,
  RunChecks.neverRan,
  RunChecks.failed,
  RunChecks.missed,
  stuck,
  futureDated,
  empty,
  shrink,
  ScheduleChecks.goneEarly,
  ScheduleChecks.retentionGap,
  lastCopyExpiring,
  tooFewCopies,
  noCopyYet,
  ScheduleChecks.rpoUnreachable,
  ScheduleChecks.tooSeldom,
  ScheduleChecks.keptTooShort,
  ScheduleChecks.paused,
  ScheduleChecks.lagging,
  ScheduleChecks.overdue,
  ScheduleChecks.nameTooLong,
  ProtectionChecks.noDeletionProtection
]
