/** Steps for the schedules of one index. */
import * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Types from "effect/Types"
import type * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import * as BackupSchedule from "../../BackupSchedule.ts"
import type * as BackupPolicy from "../../health/BackupPolicy.ts"
import * as Copies from "../../health/Copies.ts"
import * as Wire from "../../internal/codec/wire.ts"
import { isId, knownId } from "../../internal/same.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import * as Name from "../../Name.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import type * as ScheduleStep from "../ScheduleStep.ts"
import type { IndexFacts } from "./facts.ts"

/** A part of the plan for an index. */
export interface Part {
  readonly steps: ReadonlyArray<ScheduleStep.Step>
  readonly blocked: ReadonlyArray<ScheduleStep.Blocked>
  readonly unknown: ReadonlyArray<ScheduleStep.Unknown>
  readonly extra: ReadonlyArray<ScheduleStep.Extra>
}

export const nothing: Part = { steps: [], blocked: [], unknown: [], extra: [] }

/** An index whose facts do not contradict each other. */
export interface Subject {
  readonly facts: IndexFacts
  readonly indexId: PineconeIndex.IndexId | null
  readonly schedules: ReadonlyArray<BackupSchedule.BackupSchedule>
  readonly wish: BackupPolicy.Wish
  readonly at: DateTime.Utc
  readonly validUntil: DateTime.Utc
  readonly deleteExtra: boolean
}

const nameOf = (schedule: BackupSchedule.BackupSchedule) => ({
  scheduleId: schedule.scheduleId,
  scheduleName: schedule.name ?? null
})

const isEnabled = (schedule: BackupSchedule.BackupSchedule): boolean => schedule.enabled === true

const of = ({ facts, indexId }: Subject) => ({
  indexName: facts.index.name,
  indexId,
  indexHost: knownId(facts.index.host) ?? null
})

const unknown = (
  { facts }: Pick<Subject, "facts">,
  what: ScheduleStep.Unknown["what"],
  reason: string
): ScheduleStep.Unknown => ({ indexName: facts.index.name, what, reason })

// ============================================================================
// Doubts
// ============================================================================

/** Reasons why the schedules of an index cannot be compared with a wish. */
const doubtsOf = (
  subject: Subject,
  wish: BackupPolicy.ScheduleWish | "none"
): ReadonlyArray<ScheduleStep.Unknown> => {
  const { schedules } = subject
  const doubts: Array<ScheduleStep.Unknown> = []
  const add = (reason: string) => doubts.push(unknown(subject, "schedules", reason))
  for (const { enabled, name, scheduleId, scheduleType } of schedules) {
    const which = `schedule ${name ?? scheduleId}`
    if (enabled == null) add(`the service did not return whether ${which} is enabled`)
    if (scheduleType != null && scheduleType !== "time-based") add(`${which} has an unknown type`)
    if (name == null && wish !== "none" && wish.name !== undefined) {
      add(`the service did not return the name of ${which}`)
    }
  }
  if (schedules.filter(isEnabled).length > 1) add("the service returned several enabled schedules")
  return doubts
}

// ============================================================================
// Losses
// ============================================================================

/** Losses of a shorter retention, or the reason why they are unknown. */
type Losses = Result.Result<{
  readonly expires: (ScheduleStep.Consequence & { readonly _tag: "Expires" }) | undefined
  /** Whether no good backup of the index would be left. */
  readonly isLast: boolean
}, ScheduleStep.Unknown>

/**
 * The earliest time from which the retention of a backup can count; `undefined` if that is unknown. The time of its planned
 * run and `createdAt` can differ by the time between two runs, and the service does not say which of them counts. A time in
 * the future proves nothing.
 */
const takenOf = (backup: Backup.Backup, now: DateTime.Utc): number | undefined => {
  const at = Copies.takenAt(backup, true, now)
  if (at === undefined || Copies.isFuture(at, now)) return undefined
  const { createdAt } = backup
  return createdAt ? Math.min(millis(at), millis(createdAt)) : millis(at)
}

/** The backups that expire until the end of the validity if a schedule keeps backups for fewer days. */
export const lossesOf = (
  { at, facts, validUntil }: Pick<Subject, "at" | "facts" | "validUntil">,
  schedule: BackupSchedule.BackupSchedule,
  days: number
): Losses => {
  const which = schedule.name ?? schedule.scheduleId
  const failed = (what: "history" | "backups", reason: string) => Result.fail(unknown({ facts }, what, reason))
  const runs = facts.histories.get(schedule.scheduleId)
  if (runs === undefined) return failed("history", `the history of ${which} was not read`)
  if (Result.isFailure(runs)) return failed("history", `the history of ${which} is unreadable: ${runs.failure.message}`)
  if (facts.backups === undefined) return failed("backups", "the backups were not read")
  if (Result.isFailure(facts.backups)) {
    return failed("backups", `the backups are unreadable: ${facts.backups.failure.message}`)
  }
  const all = facts.backups.success
  // A backup without an index ID may be of a deleted index, so it may not count as a copy that is left.
  if (!all.every(({ sourceIndexId }) => isId(sourceIndexId))) {
    return failed("backups", "the service returned backups without an index ID")
  }
  const ids = new Set<string>(runs.success.map(({ backupId }) => backupId))
  // A failed backup holds no data.
  const own = all.filter((backup) => ids.has(backup.backupId) && !BackupRun.isFailed(backup))
  const until = millis(validUntil)
  const lost = own.flatMap((backup) => {
    const taken = takenOf(backup, at)
    return taken === undefined || taken + days * dayMillis <= until ? [{ backup, taken }] : []
  })
  if (lost.length === 0) return Result.succeed({ expires: undefined, isLast: false })
  const lostIds = new Set<string>(lost.map(({ backup }) => backup.backupId))
  const copies = Copies.of(all, { now: at, histories: [runs.success], isComplete: false })
  const isLost = ({ backup }: Copies.Copy) => lostIds.has(backup.backupId)
  const times = lost.flatMap(({ taken }) => taken === undefined ? [] : [taken])
  const sizes = lost.map(({ backup }) => backup.sizeBytes)
  return Result.succeed({
    expires: {
      _tag: "Expires",
      backupIds: lost.map(({ backup }) => backup.backupId).sort(),
      of: own.length,
      oldest: times.length === 0 ? null : DateTime.makeUnsafe(Math.min(...times)),
      bytes: sizes.reduce<number | null>((sum, size) => sum === null || size == null ? null : sum + size, 0),
      until: validUntil
    },
    // Only an empty copy is certainly not the last good one.
    isLast: copies.some((copy) => isLost(copy) && copy.state !== "empty") && copies.filter(Copies.isGood).every(isLost)
  })
}

// ============================================================================
// Steps
// ============================================================================

/** All fields of a schedule that a request can change. */
const imageOf = (schedule: BackupSchedule.BackupSchedule): ScheduleStep.ScheduleImage => ({
  frequency: schedule.frequency,
  retentionDays: schedule.retentionExpireAfterDays ?? null,
  enabled: isEnabled(schedule)
})

const extraOf = (subject: Subject, schedule: BackupSchedule.BackupSchedule): ScheduleStep.Extra => ({
  indexName: subject.facts.index.name,
  ...nameOf(schedule),
  frequency: schedule.frequency,
  retentionDays: schedule.retentionExpireAfterDays ?? null,
  enabled: isEnabled(schedule)
})

const deletion = (subject: Subject, schedule: BackupSchedule.BackupSchedule): ScheduleStep.Step => ({
  _tag: "DeleteSchedule",
  ...of(subject),
  ...nameOf(schedule),
  before: imageOf(schedule),
  after: null,
  consequences: [...(isEnabled(schedule) ? [{ _tag: "StopsBackups" as const }] : []), { _tag: "LosesHistory" }],
  consent: "yes"
})

/** Schedules that the policy does not have. */
const unwanted = (subject: Subject, schedules: ReadonlyArray<BackupSchedule.BackupSchedule>): Part =>
  subject.deleteExtra
    ? { ...nothing, steps: schedules.map((schedule) => deletion(subject, schedule)) }
    : { ...nothing, extra: schedules.map((schedule) => extraOf(subject, schedule)) }

export const join = (...parts: ReadonlyArray<Part>): Part => ({
  steps: parts.flatMap(({ steps }) => steps),
  blocked: parts.flatMap(({ blocked }) => blocked),
  unknown: parts.flatMap(({ unknown }) => unknown),
  extra: parts.flatMap(({ extra }) => extra)
})

/** Pauses or deletes the enabled schedule, followed by a step that enables another schedule. */
const switching = (
  subject: Subject,
  inTheWay: BackupSchedule.BackupSchedule | undefined,
  step: ScheduleStep.Step
): Part => {
  if (inTheWay === undefined) return { ...nothing, steps: [step] }
  const makeWay: ScheduleStep.Step = {
    _tag: "MakeWay",
    ...of(subject),
    ...nameOf(inTheWay),
    before: subject.deleteExtra ? imageOf(inTheWay) : { enabled: true },
    after: subject.deleteExtra ? null : { enabled: false },
    consequences: [{ _tag: "Uncovered" }, ...(subject.deleteExtra ? [{ _tag: "LosesHistory" as const }] : [])],
    consent: "yes"
  }
  return {
    ...nothing,
    steps: [makeWay, step],
    extra: subject.deleteExtra ? [] : [extraOf(subject, inTheWay)]
  }
}

/** The name of a schedule that is created without a name in the policy: the index and the frequency. */
export const defaultName = (index: PineconeIndex.IndexName, every: BackupSchedule.Frequency): string =>
  `${index.slice(0, BackupSchedule.maxNameLength - every.length - 1).replace(/-+$/, "")}-${every}`

/** Returns `true` if an index is certainly pod-based. Version 2026-07 and earlier versions show it in different fields. */
const isPod = (index: PineconeIndex.PineconeIndex): boolean => {
  const { deployment, spec } = PineconeIndex.toJson(index)
  return (Predicate.isObject(spec) && Predicate.isObject(Reflect.get(spec, "pod"))) ||
    (Predicate.isObject(deployment) && Reflect.get(deployment, "deployment_type") === "pod")
}

const creating = (
  subject: Subject,
  { every, keep, name }: BackupPolicy.ScheduleWish,
  others: ReadonlyArray<BackupSchedule.BackupSchedule>
): Part => {
  const { index } = subject.facts
  const blocked = (blocked: ScheduleStep.Blocked): Part =>
    join({ ...nothing, blocked: [blocked] }, unwanted({ ...subject, deleteExtra: false }, others))
  if (isPod(index)) return blocked({ _tag: "PodIndex", indexName: index.name })
  if (every === undefined || keep === undefined) {
    const fields = [
      ...(every === undefined ? ["every" as const] : []),
      ...(keep === undefined ? ["keep" as const] : [])
    ]
    return blocked({ _tag: "NeedsFields", indexName: index.name, fields })
  }
  if (index.status?.ready === false) {
    return blocked({ _tag: "NotReady", indexName: index.name, state: index.status.state ?? null })
  }
  const inTheWay = others.find(isEnabled)
  const left = subject.deleteExtra ? others.filter((other) => other !== inTheWay) : others
  return join(
    switching(subject, inTheWay, {
      _tag: "CreateSchedule",
      ...of(subject),
      before: { scheduleIds: left.map(({ scheduleId }) => scheduleId).sort() },
      after: { name: name ?? defaultName(index.name, every), frequency: every, retentionDays: keep },
      consequences: [],
      consent: "free"
    }),
    unwanted(subject, others.filter((other) => other !== inTheWay))
  )
}

const consentOf = (consequences: ReadonlyArray<ScheduleStep.Consequence>, isLast: boolean): ScheduleStep.Consent =>
  isLast
    ? "typed"
    : consequences.some(({ _tag }) => _tag === "Expires" || _tag === "StopsBackups")
    ? "yes"
    : "free"

const updating = (
  subject: Subject,
  schedule: BackupSchedule.BackupSchedule,
  { every, keep, paused }: BackupPolicy.ScheduleWish,
  others: ReadonlyArray<BackupSchedule.BackupSchedule>
): Part => {
  const { frequency, retentionExpireAfterDays: kept } = schedule
  const which = schedule.name ?? schedule.scheduleId
  const failed = (what: string): Part => ({
    ...nothing,
    unknown: [unknown(subject, "schedules", `the service did not return the ${what} of ${which}`)]
  })
  if (every !== undefined && frequency === Wire.unsent) return failed("frequency")
  if (keep !== undefined && kept == null) return failed("retention")
  const after: Types.Mutable<ScheduleStep.ScheduleChange> = {}
  const before: Types.Mutable<ScheduleStep.ScheduleImage> = {}
  const consequences: Array<ScheduleStep.Consequence> = []
  const blocked: Array<ScheduleStep.Blocked> = []
  let isLast = false
  if (keep !== undefined && kept != null && keep !== kept) {
    const losses = keep < kept ? lossesOf(subject, schedule, keep) : undefined
    if (losses !== undefined && Result.isFailure(losses)) return { ...nothing, unknown: [losses.failure] }
    const expires = losses?.success.expires
    if (expires !== undefined && !subject.wish.allowLoss) {
      blocked.push({
        _tag: "WouldLose",
        indexName: subject.facts.index.name,
        ...nameOf(schedule),
        retentionDays: keep,
        backupIds: expires.backupIds
      })
    } else {
      before.retentionDays = kept
      after.retentionDays = keep
      if (expires !== undefined) consequences.push(expires)
      if (keep > kept) consequences.push({ _tag: "KeepsLonger", fromDays: kept, toDays: keep })
      isLast = losses?.success.isLast ?? false
    }
  }
  if (every !== undefined && every !== frequency) {
    before.frequency = frequency
    after.frequency = every
  }
  if (paused !== undefined && isEnabled(schedule) === paused) {
    before.enabled = paused
    after.enabled = !paused
    consequences.push(...(paused ? [{ _tag: "StopsBackups" as const }] : [{ _tag: "RunsNow" as const }]))
  }
  if (after.enabled === true || (after.frequency !== undefined && after.enabled === undefined && isEnabled(schedule))) {
    consequences.push({ _tag: "RhythmMoves" })
  }
  const inTheWay = after.enabled === true ? others.find(isEnabled) : undefined
  const rest = unwanted(subject, others.filter((other) => other !== inTheWay))
  if (Object.keys(after).length === 0) return join({ ...nothing, blocked }, rest)
  const step: ScheduleStep.Step = {
    _tag: "UpdateSchedule",
    ...of(subject),
    ...nameOf(schedule),
    before,
    after,
    consequences,
    consent: consentOf(consequences, isLast)
  }
  return join({ ...nothing, blocked }, switching(subject, inTheWay, step), rest)
}

/** Pauses the enabled schedule. */
const pausing = (subject: Subject, schedule: BackupSchedule.BackupSchedule): Part => ({
  ...nothing,
  steps: [{
    _tag: "UpdateSchedule",
    ...of(subject),
    ...nameOf(schedule),
    before: { enabled: true },
    after: { enabled: false },
    consequences: [{ _tag: "StopsBackups" }],
    consent: "yes"
  }],
  extra: [extraOf(subject, schedule)]
})

/** The schedules that a wish can be about. */
const candidatesOf = (
  schedules: ReadonlyArray<BackupSchedule.BackupSchedule>,
  { name }: BackupPolicy.ScheduleWish
) => name === undefined ? schedules : schedules.filter((schedule) => Name.isSame(schedule.name, name))

/**
 * The schedule that a wish is about; `undefined` if several schedules match. If one of them is enabled, it is the one,
 * unless the wish pauses it: once it is paused, nothing would distinguish it from the others.
 */
const meantOf = (
  candidates: ReadonlyArray<BackupSchedule.BackupSchedule>,
  { paused }: BackupPolicy.ScheduleWish
): BackupSchedule.BackupSchedule | undefined =>
  candidates.length <= 1 ? candidates[0] : paused === true ? undefined : candidates.find(isEnabled)

/** Plans the schedules of an index. */
export const plan = (subject: Subject): Part => {
  const { facts: { index }, schedules, wish: { schedule: wish } } = subject
  if (wish === undefined || wish === "ignore") return nothing
  const doubts = doubtsOf(subject, wish)
  if (doubts.length > 0) return { ...nothing, unknown: doubts }
  if (wish === "none") {
    const enabled = schedules.find(isEnabled)
    return enabled === undefined || subject.deleteExtra
      ? unwanted(subject, schedules)
      : join(pausing(subject, enabled), unwanted(subject, schedules.filter((schedule) => schedule !== enabled)))
  }
  const candidates = candidatesOf(schedules, wish)
  if (candidates.length === 0) {
    return wish.paused === true ? unwanted(subject, schedules) : creating(subject, wish, schedules)
  }
  const meant = meantOf(candidates, wish)
  return meant === undefined
    ? {
      ...nothing,
      blocked: [{
        _tag: "Ambiguous",
        indexName: index.name,
        scheduleName: wish.name ?? null,
        scheduleIds: candidates.map(({ scheduleId }) => scheduleId).sort()
      }]
    }
    : updating(subject, meant, wish, schedules.filter((schedule) => schedule !== meant))
}

/** The schedules whose losses must be known, because the wish shortens their retention. */
export const shortened = (
  schedules: ReadonlyArray<BackupSchedule.BackupSchedule>,
  wish: BackupPolicy.Wish["schedule"]
): ReadonlyArray<BackupSchedule.ScheduleId> => {
  if (typeof wish !== "object" || wish.keep === undefined) return []
  const { keep } = wish
  const meant = meantOf(candidatesOf(schedules, wish), wish)
  const kept = meant?.retentionExpireAfterDays
  return meant !== undefined && kept != null && keep < kept ? [meant.scheduleId] : []
}
