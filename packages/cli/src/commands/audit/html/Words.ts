/** The words of the page: sentences, times and amounts, without markup. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Format from "../../../terminal/Format.ts"
import type * as View from "./View.ts"

/** A space at which a line does not break. */
export const nbsp = "\u00a0"

/** The look of the page, an index or a finding. `none` is neither good nor bad. */
export type Look = BackupHealth.Status | "notice" | "none"

/** Labels of looks. */
export const labels: Readonly<Record<Look, string>> = {
  critical: "In danger",
  warning: "Needs attention",
  unknown: "Not known",
  ok: "Good",
  notice: "Hint",
  none: "Nothing to back up"
}

/** Labels of marks. */
export const marks: Readonly<Record<View.Mark, string>> = {
  kept: "ready, can be restored",
  deleted: "ready, backup deleted since",
  unsure: "ready, not known whether the backup still exists",
  empty: "ready, but without records",
  failed: "failed",
  missed: "missed: due, but did not happen",
  late: "started late",
  running: "running",
  planned: "planned"
}

/** A number with its noun. */
export const plural = (count: number, one: string, many: string): string =>
  `${Format.count(count)}${nbsp}${count === 1 ? one : many}`

/** A number of indexes. */
export const indexes = (count: number): string => plural(count, "index", "indexes")

/** A number of projects. */
export const projects = (count: number): string => plural(count, "project", "projects")

/** A number of records. */
export const records = (count: number): string => plural(count, "record", "records")

/** A number of backups. */
export const backups = (count: number): string => plural(count, "backup", "backups")

/** A size with its unit. */
export const bytes = (size: number): string => Format.bytes(size).replace(" ", nbsp)

/** The size of stored backups: `at least` if a size is unknown. */
export const stored = ({ bytes: size, isComplete }: View.Stored): string =>
  `${isComplete ? "" : "at least "}${bytes(size)}`

/** The size of the stored backups of an index, with their number if some of them are not usable. */
export const storedOf = (self: View.Stored, usable: number | null): string =>
  usable === null || usable === self.backups
    ? `${stored(self)} stored`
    : `${stored(self)} stored in ${backups(self.backups)}${
      usable < self.backups ? `, ${Format.count(self.backups - usable)} of them not usable` : ""
    }`

/** A day, with the year if it is not that of `now`. */
export const day = (at: DateTime.Utc, now: DateTime.Utc): string => {
  const year = DateTime.getPartUtc(at, "year")
  const text = Format.day(at)
  return (year === DateTime.getPartUtc(now, "year") ? text : `${text} ${year}`).replaceAll(" ", nbsp)
}

/** An instant: `20 Nov, 05:45 UTC`, with the year if it is not that of `now`. */
export const instant = (at: DateTime.Utc, now: DateTime.Utc): string =>
  `${day(at, now)}, ${DateTime.formatIso(at).slice(11, 16)}${nbsp}UTC`

/** An instant with its year: `20 Nov 2026, 05:45 UTC`. */
export const fullInstant = (at: DateTime.Utc): string =>
  `${`${Format.day(at)} ${DateTime.getPartUtc(at, "year")}`.replaceAll(" ", nbsp)}, ${
    DateTime.formatIso(at).slice(11, 16)
  }${nbsp}UTC`

/** A duration in its two largest units: `9 min 41 s`. */
export const duration = (seconds: number): string => {
  const parts = Duration.parts(Duration.seconds(Math.max(0, Math.round(seconds))))
  const units = [[parts.days, "d"], [parts.hours, "h"], [parts.minutes, "min"], [parts.seconds, "s"]] as const
  const first = units.findIndex(([value]) => value > 0)
  return first === -1
    ? `0${nbsp}s`
    : units.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value}${nbsp}${unit}`)
      .join(nbsp)
}

const amount = (millis: number): string => {
  const minutes = Math.floor(millis / 60_000)
  const hours = Math.floor(minutes / 60)
  if (minutes < 1) return "less than a minute"
  if (hours < 1) return plural(minutes, "minute", "minutes")
  if (hours < 48) return plural(hours, "hour", "hours")
  const [days, rest] = [Math.floor(hours / 24), hours % 24]
  // Like the durations in findings, so that the two agree.
  return `${plural(days, "day", "days")}${days < 14 && rest > 0 ? ` ${plural(rest, "hour", "hours")}` : ""}`
}

/** An instant relative to another: `38 hours ago`, `2 days 14 hours ago`, `in 20 days`. */
export const ago = (at: DateTime.Utc, now: DateTime.Utc): string => {
  const millis = DateTime.toEpochMillis(now) - DateTime.toEpochMillis(at)
  return millis < 0 ? `in ${amount(-millis)}` : `${amount(millis)} ago`
}

/** A sentence with an uppercase letter at the start. Names of things keep their letters. */
export const sentence = (text: string, names: ReadonlyArray<string> = []): string => {
  const clean = Format.plain(text)
  return names.some((name) => name !== "" && clean.startsWith(name))
    ? clean
    : clean.charAt(0).toUpperCase() + clean.slice(1)
}

/** The sentence of a finding, which may start with the name of its index or schedule. */
export const finding = ({ indexName, scheduleName, sentence: text }: BackupHealth.Finding): string =>
  sentence(text, [indexName ?? "", scheduleName ?? ""].map(Format.plain))

/** The label of the command of a remedy. */
export const remedy = (self: Remedy.Remedy): string => Remedy.isReadOnly(self) ? "Look into it" : "Remedy"

// ============================================================================
// Indexes
// ============================================================================

/** The times of findings that tell since when a problem exists, and how to say so. */
const starts: { readonly [Check in HealthCheck.HealthCheck]?: readonly [what: string, text: string] } = {
  stale: ["late", "too old since"],
  "never-ran": ["late", "late since"],
  lagging: ["next", "since"],
  overdue: ["expired", "since"]
}

/**
 * Since when the problem of a finding exists: `too old since 20 Nov, 07:45 UTC`; `null` if unknown, or if the sentence of
 * the finding has that time.
 */
export const since = (
  { check, evidence: { times } }: BackupHealth.Finding,
  now: DateTime.Utc
): string | null => {
  const [what, text] = starts[check] ?? []
  const start = times.find((time) => time.what === what)
  return start === undefined ? null : `${text} ${instant(start.at, now)}`
}

/** The time up to which an index can be restored. */
export const restorableTo = (
  { copies, dataUntil }: BackupHealth.IndexHealth,
  now: DateTime.Utc
): { readonly text: string; readonly age: string | null; readonly isBad: boolean } =>
  copies === null
    ? { text: "not known", age: null, isBad: false }
    : dataUntil === null
    ? { text: "nothing to restore", age: null, isBad: true }
    : { text: instant(dataUntil, now), age: ago(dataUntil, now), isBad: false }

const outcomes: Readonly<Record<View.Restore["outcome"], string>> = {
  SUCCESSFUL: "passed",
  UNVERIFIED: "could not be verified",
  FAILED: "failed",
  TIMED_OUT: "timed out",
  CANCELLED: "canceled"
}

/** Restore jobs of deleted indexes are not listed, so "never" would claim too much. */
const untested = ({ health }: View.IndexView): string =>
  health.copies !== null && health.dataUntil === null ? "nothing to test" : "no restore known"

/** The reason for which the policy accepts that no restore is known. */
const accepted = ({ untestedBecause }: View.IndexView): ReadonlyArray<string> =>
  untestedBecause === null ? [] : [`Accepted by the policy: ${Format.plain(untestedBecause)}`]

/** How long a restore takes, for the table of problems. */
export const restoreTakes = (
  index: View.IndexView,
  now: DateTime.Utc
): { readonly text: string; readonly detail: string | null; readonly isBad: boolean } => {
  const { restore } = index
  if (restore === undefined) return { text: "not known", detail: null, isBad: false }
  if (restore === null) {
    return {
      text: untested(index),
      detail: index.untestedBecause === null ? null : "accepted by the policy",
      isBad: false
    }
  }
  const what = restore.kind === "drill" ? "drill" : "restore"
  if (restore.outcome !== "SUCCESSFUL") {
    return { text: `${what} ${outcomes[restore.outcome]}`, detail: day(restore.at, now), isBad: true }
  }
  return {
    text: restore.seconds === null ? `${what} passed` : duration(restore.seconds),
    detail: `${restore.kind === "drill" ? "tested" : "restored"} ${day(restore.at, now)}`,
    isBad: false
  }
}

/** The last restore, for the card of an index: its result, and details. */
export const lastRestore = (
  index: View.IndexView,
  now: DateTime.Utc
): { readonly text: string; readonly details: ReadonlyArray<string> } => {
  const { restore } = index
  if (restore === undefined) return { text: "not known", details: [] }
  if (restore === null) return { text: untested(index), details: accepted(index) }
  const { kind, lastSuccessAt, outcome, reason, records: number, seconds } = restore
  const isGood = outcome === "SUCCESSFUL"
  return {
    text: isGood
      ? seconds === null ? "passed" : `${kind === "drill" ? "passed" : "completed"} in ${duration(seconds)}`
      : outcomes[outcome],
    details: [
      instant(restore.at, now),
      ...(isGood && number !== null ? [`${records(number)} restored`] : []),
      ...(reason === null ? [] : [sentence(reason)]),
      ...(isGood
        ? []
        : [lastSuccessAt === null ? "No drill has passed" : `Last passed ${instant(lastSuccessAt, now)}`]),
      ...(!isGood && seconds !== null ? [`The last restore took ${duration(seconds)}`] : [])
    ]
  }
}

/** The progress of a restore that has not ended. */
export const progress = ({ at, percent }: View.RunningRestore, now: DateTime.Utc): string =>
  [
    at === null ? "start not known" : `since ${instant(at, now)}`,
    // Current versions of the service do not report the progress.
    ...(percent === null ? [] : [`${Math.floor(percent)}${nbsp}%`])
  ].join(", ")

const periods: ReadonlyArray<readonly [key: "rpo" | "drillWithin" | "restoreTestedWithin", text: string]> = [
  ["rpo", "newest backup at most"],
  ["drillWithin", "a passed drill every"],
  ["restoreTestedWithin", "a restore every"]
]

/** The requirements of the policy, as short phrases. */
export const requirements = (required: BackupPolicy.Requirements): ReadonlyArray<string> => [
  ...periods.flatMap(([key, text]) => {
    const period = required[key]
    return period === undefined ? [] : [`${text} ${Format.elapsed(period)}${key === "rpo" ? " old" : ""}`]
  }),
  ...(required.minCopies === undefined ? [] : [`at least ${backups(required.minCopies)}`]),
  ...(required.minFrequency === undefined ? [] : [`backups at least ${required.minFrequency}`]),
  ...(required.minRetentionDays === undefined
    ? []
    : [`kept at least ${plural(required.minRetentionDays, "day", "days")}`]),
  ...(required.requireDeletionProtection === true ? ["deletion protection"] : [])
]

/** A schedule: frequency, retention and next run. */
export const schedule = (
  { health, keepDays }: View.ScheduleView,
  now: DateTime.Utc
): { readonly text: string; readonly next: string } => ({
  text: `${Format.plain(health.frequency)}, ${
    keepDays === null ? "retention not known" : `kept ${plural(keepDays, "day", "days")}`
  }`,
  next: !health.enabled
    ? "paused, so no run is planned"
    : health.nextRunAt === null
    ? "next run not known"
    : DateTime.isLessThan(health.nextRunAt, now)
    ? `should have run ${instant(health.nextRunAt, now)}`
    : `next run ${instant(health.nextRunAt, now)}`
})

const order: ReadonlyArray<View.Mark> = [
  "kept",
  "deleted",
  "unsure",
  "empty",
  "late",
  "failed",
  "missed",
  "running",
  "planned"
]

const shortMarks: Readonly<Record<View.Mark, string>> = {
  kept: "ready",
  deleted: "ready and deleted since",
  unsure: "ready",
  empty: "empty",
  failed: "failed",
  missed: "missed",
  late: "late",
  running: "running",
  planned: "planned"
}

/** The numbers of runs by outcome: `90 runs: 7 ready, 82 ready and deleted since, 1 failed`. */
export const runs = (slots: ReadonlyArray<View.Slot>): string => {
  const due = slots.filter(({ mark }) => mark !== "planned")
  const parts = order.flatMap((mark) => {
    const number = due.filter((slot) => slot.mark === mark).length
    return number === 0 ? [] : [`${Format.count(number)} ${shortMarks[mark]}`]
  })
  return due.length === 0 ? "no run yet" : `${plural(due.length, "run", "runs")}: ${parts.join(", ")}`
}

/** The change from one number to another in percent: `+4 %`. Empty if there is no base. */
export const change = (from: number, to: number): string => {
  if (from <= 0) return ""
  const percent = Math.round((to - from) / from * 100)
  return ` (${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Format.count(Math.abs(percent))}${nbsp}%)`
}

/** The number of findings by severity, as the page calls them. */
export const found = (totals: BackupHealth.BackupHealth["totals"]): string => {
  const nouns: ReadonlyArray<readonly [HealthCheck.Severity, string, string]> = [
    ["critical", "critical problem", "critical problems"],
    ["unknown", "unknown result", "unknown results"],
    ["warning", "warning", "warnings"],
    ["notice", "hint", "hints"]
  ]
  const parts = nouns.flatMap(([severity, one, many]) =>
    totals[severity] > 0 ? [plural(totals[severity], one, many)] : []
  )
  return parts.length === 0 ? "The checks found nothing." : `The checks found ${parts.join(", ")}.`
}
