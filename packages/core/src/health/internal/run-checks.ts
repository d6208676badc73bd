/** Checks of the runs of schedules: that they happen, and that they succeed. */
import * as BackupRun from "../../BackupRun.ts"
import { millis, millisOf } from "../../internal/time.ts"
import type * as Remedy from "../Remedy.ts"
import * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
import * as ScheduleChecks from "./schedule-checks.ts"
import * as Text from "./text.ts"

export const statusOf = ({ run }: Facts.TimedRun): string =>
  `(${Text.plain(run.status)}, backup ${Text.shortId(run.backupId)})`

/**
 * The remedy for a run without a usable backup: a new backup or, if a usable backup is newer than the run, a look at the
 * schedule. Another backup would not change the finding.
 */
const remedyOf = (
  { copies, index }: Pick<Facts.Subject, "copies" | "index">,
  schedule: Facts.Schedule,
  at: number
): Remedy.Remedy => {
  const newest = copies?.at(-1)
  return newest !== undefined && newest.at > at
    ? { _tag: "InspectSchedule", ...ScheduleChecks.nameOf(schedule) }
    : { _tag: "CreateBackup", indexName: index.name }
}

export const neverRan: Findings.Check = ({ copies, enabled, index, now }) => {
  if (enabled?.history === undefined || enabled.history.hasBegun || Facts.isKeptTooShort(enabled)) return []
  const { createdAt } = enabled.schedule
  const by = Facts.firstRunBy(enabled)
  return by === undefined || !createdAt || now <= by ? [] : [{
    check: "never-ran",
    severity: "critical",
    sentence: `${Text.plain(enabled.name)} has not run since it was created ${
      Text.length(now - millis(createdAt))
    } ago`,
    remedy: remedyOf({ copies, index }, enabled, millis(createdAt)),
    schedule: enabled,
    times: [["created", millis(createdAt)], ["next", millisOf(enabled.schedule.nextScheduledRun)], ["late", by]]
  }]
}

export const failed: Findings.Check = ({ backups, copies, index, schedules, since }) => {
  const candidates: Array<Findings.Candidate> = []
  for (const schedule of schedules ?? []) {
    const { newestReady, runs = [] } = schedule.history ?? {}
    const isNewer = ({ at }: Facts.TimedRun) => newestReady === undefined || at > newestReady.at
    const bad = runs.filter((run) =>
      BackupRun.isFailed(run.run) && (run.at >= since || (schedule.isEnabled && isNewer(run)))
    )
    const latest = bad.at(-1)
    if (latest === undefined) continue
    const isOpen = isNewer(latest)
    candidates.push({
      check: "failed",
      severity: isOpen ? "critical" : "warning",
      sentence: `${
        bad.length === 1
          ? `the run of ${Text.when(latest.at)} failed`
          : `${Text.count(bad.length, "run")} failed, most recently the run of ${Text.when(latest.at)}`
      } ${statusOf(latest)}${isOpen ? "" : "; a later run succeeded"}`,
      remedy: isOpen ? remedyOf({ copies, index }, schedule, latest.at) : undefined,
      schedule,
      backups: bad.map(({ run }) => run),
      times: bad.map(({ at }) => ["failed", at])
    })
  }
  const newest = copies?.at(-1)
  const manual: Array<Facts.TimedRun> = []
  for (const { at, backup, origin, state } of backups ?? []) {
    if (
      state === "failed" && origin !== "scheduled" && at !== undefined && at >= since &&
      (newest === undefined || at > newest.at)
    ) manual.push({ run: backup, at })
  }
  const latest = manual.at(-1)
  if (latest !== undefined) {
    candidates.push({
      check: "failed",
      severity: "warning",
      sentence: `the manual backup of ${Text.when(latest.at)} failed ${statusOf(latest)}`,
      remedy: { _tag: "CreateBackup", indexName: index.name },
      backups: manual.map(({ run }) => run),
      times: manual.map(({ at }) => ["failed", at])
    })
  }
  return candidates
}

export const missed: Findings.Check = ({ copies, index, schedules }) =>
  (schedules ?? []).flatMap((schedule): ReadonlyArray<Findings.Candidate> => {
    const { missed = [], newestReady, undated = [] } = schedule.history ?? {}
    const latest = missed.at(-1)
    if (latest === undefined) return []
    const isOpen = newestReady === undefined || latest > newestReady.at
    // A run with an unknown time may be the missing run.
    const isInDoubt = undated.length > 0
    return [{
      check: "missed",
      severity: isInDoubt ? "unknown" : isOpen ? "critical" : "warning",
      sentence: `${
        missed.length === 1
          ? `the run due at ${Text.when(latest)} did not happen`
          : `${missed.length} runs did not happen, most recently the run due at ${Text.when(latest)}`
      }${
        isInDoubt
          ? `; ${Text.count(undated.length, "run")} with an unknown time may account for ${
            missed.length === 1 ? "it" : "them"
          }`
          : ""
      }`,
      remedy: isOpen ? remedyOf({ copies, index }, schedule, latest) : undefined,
      schedule,
      times: missed.map((at) => ["missed", at])
    }]
  })
