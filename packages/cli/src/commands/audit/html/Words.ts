/** The words of the page: sentences, times and amounts, without markup. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Format from "../../../terminal/Format.ts"
import * as View from "./View.ts"

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

const plural = (count: number, one: string, many: string): string =>
  `${Format.count(count)}${nbsp}${count === 1 ? one : many}`

/** A number of indexes. */
const indexes = (count: number): string => plural(count, "index", "indexes")

/** A number of records. */
export const records = (count: number): string => plural(count, "record", "records")

/** A number of backups. */
export const backups = (count: number): string => plural(count, "backup", "backups")

/** A size with its unit. */
export const bytes = (size: number): string => Format.bytes(size).replace(" ", nbsp)

/** The size of stored backups: `at least` if a size is unknown. */
export const stored = ({ bytes: size, isComplete }: View.Stored): string =>
  `${isComplete ? "" : "at least "}${bytes(size)}`

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
  return hours < 48 ? plural(hours, "hour", "hours") : plural(Math.floor(hours / 24), "day", "days")
}

/** An instant relative to another, in one unit: `38 hours ago`, `in 2 days`. */
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

// ============================================================================
// Verdict
// ============================================================================

/** The verdict of a page. */
export interface Verdict {
  readonly look: Look
  readonly title: string
  readonly detail: string | null
}

const verb = (count: number, one: string, many: string): string => count === 1 ? one : many

const of = (count: number, all: number, what: "indexes" | "projects" = "indexes"): string =>
  all === 1
    ? `The only ${what === "indexes" ? "index" : "project"}`
    : `${Format.count(count)} of ${Format.count(all)}${nbsp}${what}`

/** Numbers of indexes by status. */
const countsOf = (view: Pick<View.View, "health" | "indexes">) => {
  const existing = View.existing(view)
  const number = (status: BackupHealth.Status) => existing.filter(({ health }) => health.status === status).length
  return {
    all: existing.length,
    critical: number("critical"),
    warning: number("warning"),
    unknown: number("unknown"),
    ok: number("ok")
  }
}

const rest = (counts: ReadonlyArray<readonly [count: number, one: string, many: string]>): string | null => {
  const parts = counts.filter(([count]) => count > 0)
    .map(([count, one, many]) => `${Format.count(count)} ${verb(count, one, many)}`)
  if (parts.length === 0) return null
  const last = parts.pop() ?? ""
  return `Of the others, ${parts.length === 0 ? "" : `${parts.join(", ")} and `}${last}.`
}

/** The verdict on data that is recent. */
const current = (view: Pick<View.View, "health" | "indexes">): Verdict => {
  const { all, critical, ok, unknown, warning } = countsOf(view)
  const { status } = view.health
  const good = [ok, "is good", "are good"] as const
  const unsure = [unknown, "is not known", "are not known"] as const
  const warned = [warning, "needs attention", "need attention"] as const
  switch (status) {
    case "critical":
      return critical > 0
        ? {
          look: status,
          title: `${of(critical, all)} ${verb(critical, "is", "are")} in danger`,
          detail: rest([unsure, warned, good])
        }
        : { look: status, title: "There is a critical problem", detail: "It is not about one of the existing indexes." }
    case "unknown":
      // For people, an index in danger matters more than one that could not be read.
      return critical > 0
        ? {
          look: "critical",
          title: `${of(critical, all)} ${verb(critical, "is", "are")} in danger, and not everything could be checked`,
          detail: rest([unsure, warned, good])
        }
        : unknown > 0
        ? {
          look: status,
          title: `${of(unknown, all)} could not be checked`,
          detail: rest([warned, good])
        }
        : { look: status, title: "It is not known whether the backups are good", detail: null }
    case "warning":
      return warning > 0
        ? {
          look: status,
          title: `${of(warning, all)} ${verb(warning, "needs", "need")} attention`,
          detail: rest([good])
        }
        : {
          look: status,
          title: "Something needs attention",
          detail: all === 0
            ? null
            : `The backups of the ${plural(all, "existing index is", "existing indexes are")} good.`
        }
    case "ok":
      return all === 0
        ? { look: "none", title: "There is nothing to back up", detail: "The project has no indexes." }
        : {
          look: status,
          title: all === 1 ? "The backups of the only index are good" : `The backups of all ${indexes(all)} are good`,
          detail: null
        }
  }
}

/** The verdict of a page. Data that is old, or that a later audit could not confirm, is never good. */
export const verdict = (view: View.View): Verdict => {
  if (!view.isKnown) {
    return {
      look: "unknown",
      title: "It is not known whether the backups are good",
      detail: view.error === null ? "The first audit has not finished yet." : "No audit has finished yet."
    }
  }
  const { detail, look, title } = current(view)
  if (view.error === null && !view.isOld) return { look, title, detail }
  return {
    look: look === "ok" || look === "none" ? "unknown" : look,
    title: `Last seen ${instant(view.at, view.at)}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    detail
  }
}

/** The verdict of a page with several projects. */
export const verdictOfSeveral = (views: ReadonlyArray<View.View>): Verdict => {
  const looks = views.map((view) => verdict(view).look)
  const number = (...some: ReadonlyArray<Look>) => looks.filter((look) => some.includes(look)).length
  const [critical, unknown, warning] = [number("critical"), number("unknown"), number("warning")]
  const all = views.length
  const good = [number("ok"), "is good", "are good"] as const
  const empty = [number("none"), "has no indexes", "have no indexes"] as const
  const warned = [warning, "needs attention", "need attention"] as const
  if (critical > 0) {
    return {
      look: "critical",
      title: `${of(critical, all, "projects")} ${verb(critical, "is", "are")} in danger`,
      detail: rest([[unknown, "is not known", "are not known"], warned, good, empty])
    }
  }
  if (unknown > 0) {
    return {
      look: "unknown",
      title: `${of(unknown, all, "projects")} could not be checked`,
      detail: rest([warned, good, empty])
    }
  }
  if (warning > 0) {
    return {
      look: "warning",
      title: `${of(warning, all, "projects")} ${verb(warning, "needs", "need")} attention`,
      detail: rest([good, empty])
    }
  }
  return looks.every((look) => look === "ok")
    ? { look: "ok", title: `The backups of all ${Format.count(all)} projects are good`, detail: null }
    : { look: "none", title: "Some projects have no indexes", detail: rest([good]) }
}

// ============================================================================
// Tiles
// ============================================================================

/** A figure at the top of the page. */
export interface Tile {
  readonly figure: string
  readonly label: string
  /** A share from 0 to 1, drawn as a bar. */
  readonly share?: number | undefined
  readonly isBad?: boolean | undefined
}

/** Days within which a drill or a restore counts as recent. */
const recentDays = 90

/** Returns `true` if a restore succeeded recently. */
const isProven = ({ restore }: View.IndexView, now: DateTime.Utc): boolean =>
  restore?.lastSuccessAt != null &&
  DateTime.toEpochMillis(now) - DateTime.toEpochMillis(restore.lastSuccessAt) <= recentDays * Format.dayMillis

const restorable = (existing: ReadonlyArray<View.IndexView>): Tile => {
  const unknown = existing.filter(({ health }) => health.copies === null).length
  const number = existing.filter(({ health }) => (health.copies ?? 0) > 0).length
  return unknown === existing.length
    ? { figure: "not known", label: "how many indexes can be restored" }
    : {
      figure: `${Format.count(number)} of ${Format.count(existing.length)}`,
      label: `can be restored${unknown === 0 ? "" : `; ${Format.count(unknown)} not known`}`
    }
}

const tested = (existing: ReadonlyArray<View.IndexView>, { at, hasDrills }: View.View): Tile => {
  const label = hasDrills ? `passed a restore drill in ${recentDays} days` : `were restored in ${recentDays} days`
  const unknown = existing.filter(({ restore }) => restore === undefined).length
  const number = existing.filter((index) => isProven(index, at)).length
  return unknown === existing.length
    ? { figure: "not known", label: `how many ${label}` }
    : {
      figure: `${Format.count(number)} of ${Format.count(existing.length)}`,
      label: `${label}${unknown === 0 ? "" : `; ${Format.count(unknown)} not known`}`
    }
}

const quota = ({ health: { project, quota: { limit, used } } }: View.View): Tile => {
  const problem = project.find(({ check }) => check === "quota")
  const full = problem?.evidence.times.find(({ what }) => what === "full")
  return used === null
    ? { figure: "not known", label: "how many backups the project has" }
    : limit === null
    ? { figure: Format.count(used), label: "backups in the project; its quota is not known" }
    : {
      figure: `${Format.count(used)} of ${Format.count(limit)}`,
      label: `backups of the quota used${
        full === undefined ? "" : `, full on ${DateTime.formatIsoDateUtc(full.at)} at this rate`
      }`,
      share: limit > 0 ? Math.min(1, used / limit) : 1,
      isBad: problem !== undefined
    }
}

/** The bytes of all backups; `null` if those of an index are unknown. */
export const storedInAll = ({ indexes }: View.View): View.Stored | null =>
  indexes.reduce<View.Stored | null>((sum, { stored }) =>
    sum === null || stored === null ? null : {
      bytes: sum.bytes + stored.bytes,
      backups: sum.backups + stored.backups,
      isComplete: sum.isComplete && stored.isComplete
    }, { bytes: 0, backups: 0, isComplete: true })

const size = (view: View.View): Tile => {
  const all = storedInAll(view)
  return all === null
    ? { figure: "not known", label: "size of all backups" }
    : { figure: stored(all), label: `stored in ${backups(all.backups)}` }
}

/** The figures at the top of the page. */
export const tiles = (view: View.View): ReadonlyArray<Tile> => {
  if (!view.isKnown) return []
  const existing = View.existing(view)
  const ofIndexes = existing.length === 0 ? [] : [restorable(existing), tested(existing, view)]
  return [...ofIndexes, quota(view), size(view)]
}

// ============================================================================
// Indexes
// ============================================================================

const starts = new Set(["failed", "missed", "newest", "created", "started", "expired", "next", "paused"])

/** The earliest evidence for the worst findings. */
export const since = (findings: ReadonlyArray<BackupHealth.Finding>): DateTime.Utc | undefined =>
  findings.filter(({ severity }) => severity === findings[0]?.severity)
    .flatMap(({ evidence }) => evidence.times.flatMap(({ at, what }) => starts.has(what) ? [at] : []))
    .sort(DateTime.Order).at(0)

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

/** Without a log of drills, only the restore jobs that are still listed are known. */
const untested = (hasDrills: boolean): string => hasDrills ? "never tested" : "no restore known"

/** How long a restore takes, for the table of problems. */
export const restoreTakes = (
  { restore }: View.IndexView,
  hasDrills: boolean,
  now: DateTime.Utc
): { readonly text: string; readonly detail: string | null; readonly isBad: boolean } => {
  if (restore === undefined) return { text: "not known", detail: null, isBad: false }
  if (restore === null) return { text: untested(hasDrills), detail: null, isBad: false }
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
  { restore }: View.IndexView,
  hasDrills: boolean,
  now: DateTime.Utc
): { readonly text: string; readonly details: ReadonlyArray<string> } => {
  if (restore === undefined) return { text: "not known", details: [] }
  if (restore === null) return { text: untested(hasDrills), details: [] }
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
    ["critical", "critical", "critical"],
    ["unknown", "not known", "not known"],
    ["warning", "warning", "warnings"],
    ["notice", "hint", "hints"]
  ]
  const parts = nouns.flatMap(([severity, one, many]) =>
    totals[severity] > 0 ? [plural(totals[severity], one, many)] : []
  )
  return parts.length === 0 ? "The checks found nothing." : `The checks found ${parts.join(", ")}.`
}
