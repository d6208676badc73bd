import * as Array from "effect/Array"
import * as Duration from "effect/Duration"
import * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import * as BackupSchedule from "../../BackupSchedule.ts"
import * as Timestamp from "../../internal/codec/timestamp.ts"
import { dayMillis, hourMillis, millisOf } from "../../internal/time.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import * as Cadence from "../Cadence.ts"
import * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
import * as Judging from "./judging.ts"
import { goneEarlyLimits, lagMillis } from "./limits.ts"
import * as Text from "./text.ts"

/** The schedule fields of a remedy. */
export const nameOf = ({ schedule, uniqueName }: Facts.Schedule) => ({
  scheduleId: schedule.scheduleId,
  scheduleName: uniqueName
})

export const retentionGap: Findings.Check = ({ copies, enabled, now }) => {
  const kept = enabled?.schedule.retentionExpireAfterDays
  const cadence = enabled?.cadence
  if (enabled === undefined || cadence === undefined || kept == null || !Facts.isKeptTooShort(enabled)) return []
  const isGap = copies?.length === 0 && now > (Facts.firstRunBy(enabled) ?? -Infinity)
  return [{
    check: "retention-gap",
    severity: isGap ? "critical" : "warning",
    sentence: Facts.byFrequency(enabled, {
      known: (frequency) =>
        `${frequency} backups are kept for ${Text.count(kept, "day")}; no usable backup on ${
          Text.count(cadence.longestDays - kept, "day")
        } of every ${cadence.longestDays}${isGap ? ", including today" : ""}`,
      observed: (every) =>
        `backups are kept for ${Text.count(kept, "day")}; the schedule, judging by past runs, runs every ${every}${
          isGap ? "; no usable backup now" : ""
        }`
    }),
    remedy: { _tag: "UpdateSchedule", ...nameOf(enabled), retentionDays: Math.ceil(2 * cadence.longestDays) },
    schedule: enabled,
    values: { kept, longest: cadence.longestDays }
  }]
}

export const tooSeldom: Findings.Check = ({ enabled, requirements: { minFrequency } }) =>
  minFrequency === undefined || enabled?.cadence === undefined ||
    enabled.cadence.longestDays <= Cadence.cadences[minFrequency].longestDays
    ? []
    : [{
      check: "frequency",
      severity: "warning",
      sentence: `${Text.plain(enabled.name)}${
        Facts.byFrequency(enabled, {
          known: (frequency) => ` runs ${frequency}`,
          observed: (every) => `, judging by past runs, runs every ${every}`
        })
      }; the policy requires ${minFrequency}`,
      remedy: { _tag: "UpdateSchedule", ...nameOf(enabled), frequency: minFrequency },
      schedule: enabled
    }]

export const keptTooShort: Findings.Check = ({ enabled, requirements: { minRetentionDays } }) => {
  const kept = enabled?.schedule.retentionExpireAfterDays
  return minRetentionDays === undefined || enabled === undefined || kept == null || kept >= minRetentionDays ? [] : [{
    check: "retention",
    severity: "warning",
    sentence: `${Text.plain(enabled.name)} keeps backups for ${
      Text.count(kept, "day")
    }; the policy requires ${minRetentionDays}`,
    remedy: { _tag: "UpdateSchedule", ...nameOf(enabled), retentionDays: minRetentionDays },
    schedule: enabled,
    values: { kept, least: minRetentionDays }
  }]
}

/**
 * Reports an RPO that the schedule cannot meet even if every run succeeds. Just before the next backup, the data in the
 * newest is as old as the interval between runs plus 15 minutes.
 */
export const rpoUnreachable: Findings.Check = ({ enabled, requirements: { rpo } }) => {
  const longest = ({ longestDays }: Cadence.Cadence) => longestDays * dayMillis + lagMillis
  if (rpo === undefined || enabled?.cadence === undefined || Duration.toMillis(rpo) >= longest(enabled.cadence)) {
    return []
  }
  const wanted = Duration.toMillis(rpo)
  const frequency = (["monthly", "weekly", "daily"] as const).find((one) => longest(Cadence.cadences[one]) <= wanted)
  return [{
    check: "rpo-unreachable",
    severity: "warning",
    sentence: `${Text.plain(enabled.name)} runs every ${
      Text.length(enabled.cadence.longestDays * dayMillis)
    }, so it cannot meet the policy's RPO of ${Text.length(wanted)}${
      frequency === undefined ? "; the shortest RPO that a schedule can meet is 24h15m" : ""
    }`,
    remedy: frequency && { _tag: "UpdateSchedule", ...nameOf(enabled), frequency },
    schedule: enabled,
    values: { limit: wanted / 1000, least: longest(enabled.cadence) / 1000 }
  }]
}

/**
 * Reports good backups of the history that were deleted before their retention expired. One or two may have been
 * deleted manually: a notice. Three or more are a warning, and critical if fewer are left. If all deleted backups are
 * older than those that are left, the retention may have been raised since then. No field shows that, so the finding is
 * a warning if three or more are left.
 */
export const goneEarly: Findings.Check = ({ index, isThere, now, schedules }) =>
  (schedules ?? []).flatMap((schedule): ReadonlyArray<Findings.Candidate> => {
    const { history, schedule: { retentionExpireAfterDays: kept } } = schedule
    if (isThere === undefined || history === undefined || kept == null) return []
    const gone: globalThis.Array<Facts.TimedRun> = []
    const left: globalThis.Array<Facts.TimedRun> = []
    // A backup dated in the future does not count as remaining.
    let isLeftInDoubt = false
    for (const timed of history.runs) {
      const { at, run } = timed
      // `unreadable` reports runs of other indexes.
      if (run.sourceIndexId !== schedule.schedule.indexId) continue
      if (BackupRun.isReady(run) && run.recordCount !== 0 && at + kept * dayMillis - hourMillis > now) {
        if (!isThere(run.backupId)) gone.push(timed)
        else if (Judging.isFutureMillis(at, now)) isLeftInDoubt = true
        else left.push(timed)
      }
    }
    const latest = gone.at(-1)
    if (latest === undefined) return []
    const mayBeRaised = !isLeftInDoubt && left.length > 0 && left.every(({ at }) => at > latest.at)
    const isExplained = mayBeRaised && left.length >= goneEarlyLimits.left
    return [{
      check: "gone-early",
      severity: !isExplained && gone.length > left.length && gone.length > goneEarlyLimits.byHand
        ? "critical"
        : gone.length > goneEarlyLimits.byHand
        ? "warning"
        : "notice",
      sentence: `${gone.length} of ${Text.count(gone.length + left.length, "usable backup")} of ${
        Text.plain(schedule.name)
      } ${gone.length === 1 ? "was" : "were"} deleted before ${gone.length === 1 ? "its" : "their"} ${
        Text.grouped(kept)
      }-day retention expired, the newest from ${Text.when(latest.at)}${
        mayBeRaised ? "; the retention may have been raised since then" : ""
      }`,
      remedy: { _tag: "InspectIndexBackups", indexName: index.name, isDeleted: false },
      schedule,
      backups: gone.map(({ run }) => run),
      times: gone.map(({ at }) => ["gone", at]),
      values: { gone: gone.length, left: left.length, kept }
    }]
  })

/**
 * Reports an index whose schedules are all paused. Not before a run was missed, if the schedule that ran last still protects
 * the index: the index has a usable backup, and no policy requires a schedule.
 */
export const paused: Findings.Check = ({ backups, copies, enabled, now, requirements, schedules }) => {
  if (schedules === undefined || enabled !== undefined) return []
  // The service does not report when a schedule was paused, so use the run that did not happen. A schedule that never ran says
  // nothing about one that did.
  const [latest] = schedules.map((schedule) => ({
    schedule,
    hasRun: schedule.history?.hasBegun !== false,
    at: schedule.history?.runs.findLast(({ at }) => !Judging.isFutureMillis(at, now))?.at ??
      millisOf(schedule.schedule.createdAt)
  })).sort((self, that) =>
    Number(that.hasRun) - Number(self.hasRun) || (that.at ?? -Number.MAX_VALUE) - (self.at ?? -Number.MAX_VALUE)
  )
  if (latest === undefined) return []
  const { at, schedule } = latest
  const newest = copies?.at(-1)
  const isRequired = requirements.minFrequency !== undefined || requirements.minRetentionDays !== undefined
  // Other backups may be usable, or become usable, or the index may have no records.
  const hasNone = backups?.every(({ state }) => state === "failed") === true
  if (
    (latest.hasRun || copies?.length === 0) && !hasNone && !isRequired && at !== undefined &&
    schedule.cadence !== undefined
  ) {
    // Runs that left no usable backup do not count.
    if (now <= Facts.lateAfter(Math.min(at, newest?.at ?? at), schedule.cadence, schedule.history)) return []
  }
  const isInDoubt = backups?.some(({ state }) => ["undated", "uncounted", "future"].includes(state)) === true
  const last = Facts.lastExpiryOf(copies ?? [])
  const hasRun = schedule.history?.hasBegun === true
  return [{
    check: "paused",
    severity: copies?.length !== 0 ? "warning" : isInDoubt ? "unknown" : "critical",
    sentence: `${Text.plain(schedule.name)} is paused${
      at === undefined
        ? ""
        : `; ${hasRun ? "its latest run was" : "it was created"} ${Text.length(now - at)} ago`
    }${
      at === undefined || newest === undefined || newest.at >= at
        ? ""
        : `; newest usable backup is ${Text.length(now - newest.at)} old`
    }${
      copies?.length === 0
        ? isInDoubt ? "; it is unknown whether a backup is usable" : "; no usable backup"
        : last === undefined || last < now
        ? ""
        : `; the last usable backup expires in ${Text.length(last - now)}`
    }`,
    remedy: { _tag: "ResumeSchedule", ...nameOf(schedule) },
    schedule,
    times: [[hasRun ? "latest" : "created", at], ["expires", last]]
  }]
}

export const lagging: Findings.Check = ({ enabled, now }) => {
  const next = millisOf(enabled?.schedule.nextScheduledRun)
  return enabled === undefined || next === undefined || now - next <= hourMillis ? [] : [{
    check: "lagging",
    severity: "warning",
    sentence: `the service still reports ${Text.when(next)} (${Text.length(now - next)} ago) as the next run of ${
      Text.plain(enabled.name)
    }`,
    remedy: { _tag: "InspectSchedule", ...nameOf(enabled) },
    schedule: enabled,
    times: [["next", next]]
  }]
}

/** Reports ready backups, good or not, that still exist more than a day after their retention. */
export const overdue: Findings.Check = ({ backups, now }) => {
  const expired: globalThis.Array<{
    readonly backup: Backup.Backup
    readonly expiresAt: number
    readonly schedule: Facts.Schedule
  }> = []
  for (const copy of backups ?? []) {
    const { backup, schedule } = copy
    const expiresAt = Facts.expiryOf(copy)
    if (schedule !== undefined && Backup.isReady(backup) && expiresAt !== undefined && now - expiresAt > dayMillis) {
      expired.push({ backup, expiresAt, schedule })
    }
  }
  const groups = Object.values(Array.groupBy(expired, ({ schedule }) => schedule.schedule.scheduleId))
  return groups.map((copies): Findings.Candidate => {
    const [{ expiresAt: first, schedule }] = copies
    const oldest = copies.reduce((oldest, { expiresAt }) => Math.min(oldest, expiresAt), first)
    return {
      check: "overdue",
      severity: "warning",
      sentence: `${Text.count(copies.length, "backup")} of ${Text.plain(schedule.name)} ${
        copies.length === 1 ? "is past its" : "are past their"
      } ${Text.grouped(schedule.schedule.retentionExpireAfterDays ?? 0)}-day retention${
        copies.length === 1 ? "" : ", the first"
      } by ${Text.length(now - oldest)}`,
      remedy: { _tag: "InspectScheduleBackups", ...nameOf(schedule) },
      schedule,
      backups: copies.map(({ backup }) => backup),
      times: [["expired", oldest]]
    }
  })
}

export const nameTooLong: Findings.Check = ({ schedules }) =>
  (schedules ?? []).flatMap((schedule): ReadonlyArray<Findings.Candidate> => {
    const length = new TextEncoder().encode(schedule.schedule.name ?? "").length
    const most = BackupSchedule.maxNameLength
    return length <= most ? [] : [{
      check: "name-too-long",
      severity: "warning",
      sentence: `the name of ${Text.plain(schedule.name)} is ${length} bytes long, so its backup names have ${
        length + Timestamp.stampLength
      }; the API limit for names you choose is ${PineconeIndex.maxNameLength}`,
      schedule,
      values: { length, most }
    }]
  })
