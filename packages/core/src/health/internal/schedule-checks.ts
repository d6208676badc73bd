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

/** How a remedy names a schedule. */
const nameOf = ({ schedule, uniqueName }: Facts.Schedule) => ({
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
        `${frequency} backups kept ${Text.count(kept, "day")}: nothing to restore from on ${
          Text.count(cadence.longestDays - kept, "day")
        } of every ${cadence.longestDays}${isGap ? ", and today is one" : ""}`,
      observed: (every) =>
        `backups are kept ${
          Text.count(kept, "day")
        }, and the schedule, judged by its past runs, makes one every ${every}${
          isGap ? "; there is nothing to restore from now" : ""
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
          observed: (every) => `, judged by its past runs, runs every ${every}`
        })
      }; the policy asks for ${minFrequency}`,
      remedy: { _tag: "UpdateSchedule", ...nameOf(enabled), frequency: minFrequency },
      schedule: enabled
    }]

export const keptTooShort: Findings.Check = ({ enabled, requirements: { minRetentionDays } }) => {
  const kept = enabled?.schedule.retentionExpireAfterDays
  return minRetentionDays === undefined || enabled === undefined || kept == null || kept >= minRetentionDays ? [] : [{
    check: "retention",
    severity: "warning",
    sentence: `${Text.plain(enabled.name)} keeps its backups for ${
      Text.count(kept, "day")
    }; the policy asks for ${minRetentionDays}`,
    remedy: { _tag: "UpdateSchedule", ...nameOf(enabled), retentionDays: minRetentionDays },
    schedule: enabled,
    values: { kept, least: minRetentionDays }
  }]
}

/**
 * An age that the schedule cannot keep, however well it runs: just before the next backup, the data in the newest is as old
 * as the step, and a quarter of an hour.
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
    sentence: `the policy allows data to be ${Text.length(wanted)} old, which ${
      Text.plain(enabled.name)
    } cannot keep: its schedule runs every ${Text.length(enabled.cadence.longestDays * dayMillis)}${
      frequency === undefined ? "; no schedule can, ask for 24h15m or more" : ""
    }`,
    remedy: frequency && { _tag: "UpdateSchedule", ...nameOf(enabled), frequency },
    schedule: enabled,
    values: { limit: wanted / 1000, least: longest(enabled.cadence) / 1000 }
  }]
}

/**
 * Good backups of the history whose retention is not over, and that are not there any more. One or two may have been
 * deleted by hand: a notice. More are a warning, and most of them critical; but where all of those that are gone are older
 * than three or more that are left, the retention may have been raised since, which nothing tells: a warning.
 */
export const goneEarly: Findings.Check = ({ index, isThere, now, schedules }) =>
  (schedules ?? []).flatMap((schedule): ReadonlyArray<Findings.Candidate> => {
    const { history, schedule: { retentionExpireAfterDays: kept } } = schedule
    if (isThere === undefined || history === undefined || kept == null) return []
    const gone: globalThis.Array<Facts.TimedRun> = []
    const left: globalThis.Array<Facts.TimedRun> = []
    // What is dated in the future proves nothing of what is left.
    let isLeftInDoubt = false
    for (const timed of history.runs) {
      const { at, run } = timed
      // A run of another index is reported as such.
      if (run.sourceIndexId !== schedule.schedule.indexId) continue
      if (BackupRun.isReady(run) && run.recordCount !== 0 && at + kept * dayMillis - hourMillis > now) {
        if (!isThere(run.backupId)) gone.push(timed)
        else if (Judging.isFutureMillis(at, now)) isLeftInDoubt = true
        else left.push(timed)
      }
    }
    const latest = gone.at(-1)
    if (latest === undefined) return []
    const mayBeRaised = !isLeftInDoubt && left.length >= goneEarlyLimits.left &&
      left.every(({ at }) => at > latest.at)
    return [{
      check: "gone-early",
      severity: !mayBeRaised && gone.length > left.length && gone.length > goneEarlyLimits.byHand
        ? "critical"
        : gone.length > goneEarlyLimits.byHand
        ? "warning"
        : "notice",
      sentence: `${gone.length} of ${Text.count(gone.length + left.length, "good backup")} of ${
        Text.plain(schedule.name)
      } ${gone.length === 1 ? "is" : "are"} gone before ${gone.length === 1 ? "its" : "their"} retention of ${
        Text.count(kept, "day")
      } is over, the latest of ${Text.when(latest.at)}${
        mayBeRaised ? "; the retention may have been raised since" : ""
      }`,
      remedy: { _tag: "InspectIndexBackups", indexName: index.name, isDeleted: false },
      schedule,
      backups: gone.map(({ run }) => run),
      times: gone.map(({ at }) => ["gone", at]),
      values: { gone: gone.length, left: left.length, kept }
    }]
  })

export const paused: Findings.Check = ({ copies, enabled, now, schedules }) => {
  if (schedules === undefined || enabled !== undefined) return []
  // Nothing tells since when it is paused: only that it has not run when it should have.
  const [latest] = schedules.map((schedule) => ({
    schedule,
    at: schedule.history?.runs.at(-1)?.at ?? millisOf(schedule.schedule.createdAt)
  })).sort((self, that) => (that.at ?? -Number.MAX_VALUE) - (self.at ?? -Number.MAX_VALUE))
  if (latest === undefined) return []
  const { at, schedule } = latest
  if (at !== undefined && schedule.cadence !== undefined) {
    if (now <= Facts.lateAfter(at, schedule.cadence, schedule.history)) return []
  }
  const last = Facts.lastExpiryOf(copies ?? [])
  const hasRun = schedule.history?.hasBegun === true
  return [{
    check: "paused",
    severity: copies?.length === 0 ? "critical" : "warning",
    sentence: `${Text.plain(schedule.name)} is paused${
      at === undefined
        ? ""
        : `, and ${hasRun ? "its latest run was" : "was created"} ${Text.length(now - at)} ago`
    }${
      copies?.length === 0
        ? "; there is no usable backup"
        : last === undefined || last < now
        ? ""
        : `; its last backup expires in ${Text.length(last - now)}`
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
    sentence: `the service says that ${Text.plain(enabled.name)} runs next at ${Text.when(next)}, which was ${
      Text.length(now - next)
    } ago`,
    remedy: { _tag: "InspectSchedule", ...nameOf(enabled) },
    schedule: enabled,
    times: [["next", next]]
  }]
}

/** Of backups that are ready, be they good or not. */
export const overdue: Findings.Check = ({ backups, now }) => {
  const expired = (backups ?? []).flatMap(({ backup, expiresAt, schedule }) =>
    schedule !== undefined && Backup.isReady(backup) && expiresAt !== undefined && now - expiresAt > dayMillis
      ? [{ backup, expiresAt, schedule }]
      : []
  )
  const groups = Object.values(Array.groupBy(expired, ({ schedule }) => schedule.schedule.scheduleId))
  return groups.map((copies): Findings.Candidate => {
    const [{ expiresAt: first, schedule }] = copies
    const oldest = copies.reduce((oldest, { expiresAt }) => Math.min(oldest, expiresAt), first)
    return {
      check: "overdue",
      severity: "warning",
      sentence: `${Text.count(copies.length, "backup")} of ${Text.plain(schedule.name)} ${
        copies.length === 1 ? "is" : "are"
      } still there, ${Text.length(now - oldest)} after ${
        copies.length === 1 ? "its" : "the first one's"
      } retention of ${Text.count(schedule.schedule.retentionExpireAfterDays ?? 0, "day")}`,
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
      sentence: `the name of ${Text.plain(schedule.name)} has ${length} characters, so those of its backups have ${
        length + Timestamp.stampLength
      }; the API allows ${PineconeIndex.maxNameLength} where people choose one`,
      schedule,
      values: { length, most }
    }]
  })
