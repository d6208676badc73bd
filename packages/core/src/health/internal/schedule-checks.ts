import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as BackupSchedule from "../../BackupSchedule.ts"
import * as Timestamp from "../../internal/codec/timestamp.ts"
import { dayMillis, hourMillis, millis } from "../../internal/time.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import * as Cadence from "../Cadence.ts"
import * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
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
  const isGap = copies?.length === 0 && millis(now) > (Facts.firstRunBy(enabled) ?? -Infinity)
  return [{
    check: "retention-gap",
    severity: isGap ? "critical" : "warning",
    sentence: `${enabled.schedule.frequency} backups kept ${Text.count(kept, "day")}: nothing to restore from on ${
      Text.count(cadence.longestDays - kept, "day")
    } of every ${cadence.longestDays}${isGap ? ", and today is one" : ""}`,
    remedy: { _tag: "UpdateSchedule", ...nameOf(enabled), retentionDays: 2 * cadence.longestDays },
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
      sentence: `${Text.plain(enabled.name)} runs ${enabled.schedule.frequency}; the policy asks for ${minFrequency}`,
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

export const paused: Findings.Check = ({ copies, enabled, now, schedules }) => {
  if (schedules === undefined || enabled !== undefined) return []
  // Nothing tells since when it is paused: only that it has not run when it should have.
  const [latest] = schedules.map((schedule) => ({
    schedule,
    at: schedule.history?.runs.at(-1)?.at ?? schedule.schedule.createdAt ?? undefined
  })).sort((self, that) => (that.at ? millis(that.at) : -Infinity) - (self.at ? millis(self.at) : -Infinity))
  if (latest === undefined) return []
  const { at, schedule } = latest
  if (at !== undefined && schedule.cadence !== undefined) {
    if (millis(now) <= Facts.lateAfter(at, schedule.cadence, schedule.history)) return []
  }
  const last = Facts.lastExpiryOf(copies ?? [])
  const hasRun = schedule.history?.hasBegun === true
  return [{
    check: "paused",
    severity: copies?.length === 0 ? "critical" : "warning",
    sentence: `${Text.plain(schedule.name)} is paused${
      at === undefined
        ? ""
        : `, and ${hasRun ? "its latest run was" : "was created"} ${Text.length(millis(now) - millis(at))} ago`
    }${
      copies?.length === 0
        ? "; there is no usable backup"
        : last === undefined || millis(last) < millis(now)
        ? ""
        : `; its last backup expires in ${Text.length(millis(last) - millis(now))}`
    }`,
    remedy: { _tag: "ResumeSchedule", ...nameOf(schedule) },
    schedule,
    times: [[hasRun ? "latest" : "created", at], ["expires", last]]
  }]
}

export const lagging: Findings.Check = ({ enabled, now }) => {
  const next = enabled?.schedule.nextScheduledRun
  return enabled === undefined || !next || millis(now) - millis(next) <= hourMillis ? [] : [{
    check: "lagging",
    severity: "warning",
    sentence: `the service says that ${Text.plain(enabled.name)} runs next at ${Text.when(next)}, which was ${
      Text.length(millis(now) - millis(next))
    } ago`,
    remedy: { _tag: "InspectSchedule", ...nameOf(enabled) },
    schedule: enabled,
    times: [["next", next]]
  }]
}

export const overdue: Findings.Check = ({ copies, now }) => {
  const expired = (copies ?? []).flatMap(({ backup, expiresAt, schedule }) =>
    schedule !== undefined && expiresAt && millis(now) - millis(expiresAt) > dayMillis
      ? [{ backup, expiresAt, schedule }]
      : []
  )
  const groups = Object.values(Array.groupBy(expired, ({ schedule }) => schedule.schedule.scheduleId))
  return groups.map((copies): Findings.Candidate => {
    const [{ expiresAt: first, schedule }] = copies
    const oldest = copies.reduce((oldest, { expiresAt }) => DateTime.min(oldest, expiresAt), first)
    return {
      check: "overdue",
      severity: "warning",
      sentence: `${Text.count(copies.length, "backup")} of ${Text.plain(schedule.name)} ${
        copies.length === 1 ? "is" : "are"
      } still there, ${Text.length(millis(now) - millis(oldest))} after ${
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
