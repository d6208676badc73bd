/** Settings of a recovered index: from the options, else from the service, else inferred from the backups. */
import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as BackupSchedule from "../../BackupSchedule.ts"
import type * as Copies from "../../health/Copies.ts"
import * as IndexRules from "../../IndexRules.ts"
import { parseStamp, stampLength } from "../../internal/codec/timestamp.ts"
import * as IndexSettings from "../../internal/contract/index-settings.ts"
import { dayMillis, hourMillis, millis } from "../../internal/time.ts"
import type * as PineconeApi from "../../PineconeApi.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RecoveryPlan from "../RecoveryPlan.ts"
import * as Tags from "./recovery-tags.ts"

// ============================================================================
// Schedules
// ============================================================================

/** Retentions that an inferred retention is rounded up to, in days. */
const retentions = [7, 14, 30, 60, 90, 180, 365]

/** Longest median distance between two runs, by frequency. */
const daily = 36 * hourMillis
const weekly = 10 * dayMillis

const frequencyOf = (times: ReadonlyArray<number>): BackupSchedule.Frequency | undefined => {
  const sorted = [...new Set(times)].toSorted((one, other) => one - other)
  const distances = sorted.slice(1).map((time, position) => time - (sorted[position] ?? time))
  const median = distances.toSorted((one, other) => one - other)[Math.floor((distances.length - 1) / 2)]
  if (median === undefined) return undefined
  return median <= daily ? "daily" : median <= weekly ? "weekly" : "monthly"
}

/** Returns the name of the schedule that made a backup; `undefined` for other backups. */
export const scheduleNameOf = ({ backup, origin }: Copies.Copy): string | undefined =>
  origin === "scheduled" && backup.name && parseStamp(backup.name) !== undefined
    ? backup.name.slice(0, -stampLength) || undefined
    : undefined

/** Infers a schedule from the backups that it made, oldest first. The latest schedule wins. */
const infer = (copies: ReadonlyArray<Copies.Copy>, now: DateTime.Utc): Tags.StoredSchedule | undefined => {
  const name = copies.map(scheduleNameOf).findLast((name) => name !== undefined)
  const own = copies.filter((copy) => name !== undefined && scheduleNameOf(copy) === name)
  const oldest = own.flatMap(({ at }) => at ?? [])[0]
  if (oldest === undefined) return undefined
  // The oldest backup has not expired, so the retention was at least its age.
  const age = Math.ceil((millis(now) - millis(oldest)) / dayMillis)
  return {
    name,
    frequency: frequencyOf(own.flatMap(({ backup }) => parseStamp(backup.name ?? "") ?? [])),
    retentionDays: retentions.find((days) => days >= age) ?? age,
    isPaused: false
  }
}

const isFrequency = Schema.is(BackupSchedule.Frequency)

/** The settings of an existing schedule, as far as they are known. */
const store = (schedule: BackupSchedule.BackupSchedule): Tags.StoredSchedule => ({
  name: schedule.name || undefined,
  frequency: isFrequency(schedule.frequency) ? schedule.frequency : undefined,
  retentionDays: (schedule.retentionExpireAfterDays ?? 0) >= 1
    ? schedule.retentionExpireAfterDays ?? undefined
    : undefined,
  isPaused: schedule.enabled === false
})

const approvedOf = (schedule: RecoveryPlan.PlannedSchedule): Tags.StoredSchedule => ({
  name: schedule.name.value,
  frequency: schedule.frequency.value,
  retentionDays: schedule.retentionDays.value,
  isPaused: schedule.isPaused
})

/** The schedule that counts: the enabled schedule, or the first if none is enabled. */
export const mainOf = (
  schedules: ReadonlyArray<BackupSchedule.BackupSchedule>
): BackupSchedule.BackupSchedule | undefined => schedules.find(({ enabled }) => enabled !== false) ?? schedules[0]

/** Sources of a schedule, in order of precedence. `null` means that the source shows that there is no schedule. */
type Sources = ReadonlyArray<readonly [source: RecoveryPlan.Source, schedule: Tags.Stored["schedule"]]>

/** Frequency and retention if nothing is known. */
const careful = { frequency: "daily", retentionDays: 30 } as const

const planSchedule = (
  index: PineconeIndex.IndexName,
  wish: RecoveryPlan.Options["schedule"],
  sources: Sources
): RecoveryPlan.PlannedSchedule | null => {
  if (wish === "none") return null
  const known = sources.filter(([, schedule]) => schedule !== undefined)
  const [first] = known
  // A source that shows that there was no schedule outweighs conclusions from backups.
  if (wish === undefined && (first === undefined || first[1] === null)) return null
  const last = known.findIndex(([, schedule]) => schedule === null)
  const usable = last === -1 ? known : known.slice(0, last)
  const pick = <A>(
    wished: A | undefined,
    valueOf: (schedule: Tags.StoredSchedule) => A | undefined,
    otherwise: A
  ): RecoveryPlan.Sourced<A> => {
    if (wished !== undefined) return { value: wished, source: "options" }
    for (const [source, schedule] of usable) {
      const value = schedule ? valueOf(schedule) : undefined
      if (value !== undefined) return { value, source }
    }
    return { value: otherwise, source: "default" }
  }
  const frequency = pick<BackupSchedule.Frequency>(wish?.frequency, ({ frequency }) => frequency, careful.frequency)
  const room = BackupSchedule.maxNameLength - frequency.value.length - 1
  return {
    name: pick(wish?.name, ({ name }) => name, `${index.slice(0, room)}-${frequency.value}`),
    frequency,
    retentionDays: pick<number>(wish?.retentionDays, ({ retentionDays }) => retentionDays, careful.retentionDays),
    isPaused: wish === undefined && first?.[1]?.isPaused === true
  }
}

// ============================================================================
// All settings
// ============================================================================

/** What is known about the settings of an index. */
export interface Known {
  readonly index: PineconeIndex.IndexName
  readonly options: RecoveryPlan.Options
  readonly now: DateTime.Utc
  /** The existing index, if its settings count: it is replaced. */
  readonly live: PineconeIndex.PineconeIndex | undefined
  readonly schedules: ReadonlyArray<BackupSchedule.BackupSchedule>
  /** The tags of the side copy, if it stores settings. */
  readonly sideTags: Readonly<Record<string, string>> | undefined
  /** The backups of the index whose backup is restored, oldest first. */
  readonly copies: ReadonlyArray<Copies.Copy>
  /** The tags of the backup. */
  readonly tags: Readonly<Record<string, string>> | null
  /** The schedule of the approved plan, which outweighs new conclusions from backups: they may have expired. */
  readonly approved: RecoveryPlan.PlannedSchedule | null | undefined
  /** Whether the tags of the side copy are those of the index: it was deleted for a replacement. */
  readonly isReplaced: boolean
  /** The tags of the index that was deleted for a replacement, from its last backup. */
  readonly damagedTags: Readonly<Record<string, string>> | undefined
}

const planProtection = (
  { live, options: { deletionProtection }, sideTags }: Known
): RecoveryPlan.Settings["deletionProtection"] => {
  if (deletionProtection !== undefined) return { value: deletionProtection, source: "options" }
  const stored = sideTags && Tags.decode(sideTags).deletionProtection
  if (live !== undefined) {
    // An earlier attempt may have disabled the protection to delete the index.
    if (live.deletionProtection === "disabled" && stored !== "enabled") return { value: "disabled", source: "index" }
    return {
      value: "enabled",
      source: live.deletionProtection === "enabled" ? "index" : stored ? "side-copy" : "default"
    }
  }
  return stored === undefined ? { value: "enabled", source: "default" } : { value: stored, source: "side-copy" }
}

const planTags = (
  { damagedTags = {}, isReplaced, live, options, sideTags, tags }: Known
): RecoveryPlan.Settings["tags"] => {
  const damaged = Tags.ownOf(damagedTags)
  const base: RecoveryPlan.Settings["tags"] = live?.tags
    ? { value: Tags.ownOf(live.tags), source: "index" }
    // The side copy has no room for all of them.
    : isReplaced && Object.keys(damaged).length > IndexRules.maxTags - Object.keys(RecoveryPlan.tags).length
    ? { value: damaged, source: "index" }
    : isReplaced && sideTags
    ? { value: Tags.ownOf(sideTags), source: "side-copy" }
    : { value: tags && Tags.ownOf(tags), source: "backup" }
  const changes = Object.entries(options.tags ?? {})
  if (changes.length === 0 || base.value === null) return base
  const removed = new Set(changes.flatMap(([key, value]) => value === null ? [key] : []))
  const kept = Object.entries(base.value).filter(([key]) => !removed.has(key))
  const set = changes.flatMap(([key, value]) => value === null ? [] : [[key, value] as const])
  return { value: Object.fromEntries([...kept, ...set]), source: "options" }
}

const isReadCapacity = Schema.is(IndexSettings.ReadCapacity)

/** The read capacity of an index as a request, if it is dedicated and known. */
const dedicatedOf = (index: PineconeIndex.PineconeIndex | undefined): PineconeApi.ReadCapacity | undefined => {
  const { dedicated, mode } = index?.readCapacity ?? {}
  const capacity: unknown = {
    mode,
    dedicated: {
      node_type: dedicated?.nodeType,
      scaling: dedicated?.scaling,
      manual: { replicas: dedicated?.manual?.replicas, shards: dedicated?.manual?.shards }
    }
  }
  return mode === "Dedicated" && isReadCapacity(capacity) ? capacity : undefined
}

/** Plans the settings of the recovered index. */
export const plan = (known: Known): RecoveryPlan.Settings => {
  const { approved, copies, index, live, now, options, schedules, sideTags } = known
  const main = mainOf(schedules)
  const dedicated = dedicatedOf(live)
  return {
    schedule: planSchedule(index, options.schedule, [
      ["index", live === undefined ? undefined : main === undefined ? null : store(main)],
      ["side-copy", sideTags && Tags.decode(sideTags).schedule],
      ["inferred", approved ? approvedOf(approved) : undefined],
      ["inferred", infer(copies, now)]
    ]),
    deletionProtection: planProtection(known),
    tags: planTags(known),
    readCapacity: options.readCapacity !== undefined
      ? { value: options.readCapacity, source: "options" }
      : dedicated !== undefined
      ? { value: dedicated, source: "index" }
      : { value: null, source: "default" }
  }
}
