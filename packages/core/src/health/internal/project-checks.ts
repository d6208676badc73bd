import * as Array from "effect/Array"
import * as Result from "effect/Result"
import { dayMillis, millis, millisOf } from "../../internal/time.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as BackupPolicy from "../BackupPolicy.ts"
import type * as Clocks from "../Clocks.ts"
import * as Copies from "../Copies.ts"
import * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
import * as Judging from "./judging.ts"
import { compared, planQuotas, quotaWarningDays, recentDays, testedDays } from "./limits.ts"
import * as Text from "./text.ts"

/** Number of days for which the use of the quota is forecast. */
const forecastDays = 365

/** Period in days over which manual backups are counted. The forecast assumes the same rate. */
const month = 30

/** Facts for the forecast of the number of backups. */
export interface Usage {
  /** Number of backups that expire on each day from now. Overdue backups count on the first day. */
  readonly deleted: globalThis.Array<number>
  /** Interval and retention of each enabled schedule, in days. */
  readonly schedules: globalThis.Array<{ readonly every: number; readonly kept: number }>
  /** Number of manual backups of the last month. */
  manual: number
}

export const emptyUsage = (): Usage => ({ deleted: Array.makeBy(forecastDays, () => 0), schedules: [], manual: 0 })

const addManual = (usage: Usage, copies: ReadonlyArray<Facts.Copy>, now: number): void => {
  for (const { at, origin } of copies) {
    if (origin !== "scheduled" && at !== undefined && now - at < month * dayMillis) usage.manual++
  }
}

/** Adds the backups and schedules of an index. */
export const addUsage = (usage: Usage, { backups = [], copies = [], enabled, now }: Facts.Subject): void => {
  for (const copy of copies) {
    const expiresAt = Facts.expiryOf(copy)
    const day = expiresAt === undefined ? Infinity : Math.max(1, Math.ceil((expiresAt - now) / dayMillis))
    if (day <= forecastDays) usage.deleted[day - 1] = (usage.deleted[day - 1] ?? 0) + 1
  }
  if (enabled?.cadence !== undefined) {
    const kept = enabled.schedule.retentionExpireAfterDays
    usage.schedules.push({ every: enabled.cadence.longestDays, kept: kept ?? Infinity })
  }
  addManual(usage, backups, now)
}

/** Adds the remaining backups of a deleted index. */
export const addOrphanUsage: (usage: Usage, copies: ReadonlyArray<Facts.Copy>, now: number) => void = addManual

/** Number of days until the quota is full at the current rate. */
const fullIn = (quota: number, { manual, deleted, schedules }: Usage, used: number): number | undefined => {
  let left = used
  for (const [before, count] of deleted.entries()) {
    const day = before + 1
    left -= count
    const made = schedules.reduce(
      (sum, { every, kept }) => sum + Math.floor(Math.min(day, kept) / every),
      manual / month * day
    )
    if (left + made >= quota) return day
  }
  return undefined
}

/** Maximum number of backups in the project, if known. */
export const quotaOf = (policy: BackupPolicy.BackupPolicy, used: number | undefined): number | undefined =>
  policy.backupQuota ?? planQuotas.find((quota) => used !== undefined && used <= quota)

/** Reports the use of the backup quota. Without a forecast if only part of the project is known (no `usage`). */
export const quota = (
  policy: BackupPolicy.BackupPolicy,
  usage: Usage | undefined,
  used: number,
  now: number
): ReadonlyArray<Findings.Candidate> => {
  const quota = quotaOf(policy, used)
  if (quota === undefined) return []
  const days = used >= quota ? 0 : usage && fullIn(quota, usage, used)
  const isSoon = days !== undefined && days <= quotaWarningDays
  if (used < BackupPolicy.quotaWarningShare * quota && !isSoon) return []
  const full = days === undefined ? undefined : now + days * dayMillis
  return [{
    check: "quota",
    severity: used >= quota ? "critical" : "warning",
    sentence: `${Text.grouped(used)} of ${Text.count(quota, "backup")} used${
      used >= quota
        ? "; no more backups can be created"
        : full !== undefined
        ? `; the quota is reached on ${Text.day(full)} at the current rate`
        : usage === undefined
        ? ""
        : "; the quota is not reached within a year at the current rate"
    }`,
    remedy: { _tag: "InspectManualBackups" },
    times: [["full", full]],
    values: { used, quota }
  }]
}

/**
 * No index was checked: the project has none, which the API key of a different, empty project shows, too, or none of them was
 * requested.
 */
export const noIndexes = (existing: number): Findings.Candidate => ({
  check: "no-indexes",
  severity: "unknown",
  sentence: existing === 0
    ? "the project has no indexes; check that the API key belongs to the right project"
    : `no index was checked; the project has ${existing === 1 ? "1 index" : `${Text.grouped(existing)} indexes`}`
})

/** Reports indexes that the policy names but that do not exist. A deleted index can be recovered. */
export const absent = (
  policy: BackupPolicy.BackupPolicy,
  facts: BackupHealth.Facts,
  now: number
): ReadonlyArray<Findings.Candidate> => {
  const names = new Set<string>(facts.all.map(({ name }) => name))
  const backups = Result.getOrElse(facts.backups, () => [])
  return BackupPolicy.namesOf(policy).filter((name) => !names.has(name)).map((name) => {
    const indexName = PineconeIndex.IndexName.make(name)
    const copies = Copies.of(backups.filter(({ sourceIndexName }) => sourceIndexName === indexName), { now })
    return {
      check: "absent",
      severity: "warning",
      sentence: `the policy has a rule for "${Text.plain(name)}", but no such index exists`,
      remedy: Copies.newestSound(copies) === undefined ? undefined : { _tag: "RecoverIndex", indexName }
    }
  })
}

/** Reports contradictory clocks. */
export const clock = (clocks: Clocks.Verdict | undefined): ReadonlyArray<Findings.Candidate> => {
  if (clocks?._tag !== "Contradictory") return []
  const [earliest, now, own] = [millis(clocks.earliest), millis(clocks.now), millis(clocks.own)]
  const others = [earliest, now].filter((at) => at !== own)
  return [{
    check: "clock",
    severity: "unknown",
    sentence: `the clock of this machine reads ${Text.when(own)}, but responses of the service are dated ${
      others.map(Text.when).join(" or ")
    }; ages are uncertain, and are measured from the latest time`,
    times: [["own", own], ["earliest", earliest], ["latest", now]]
  }]
}

/** Copies that are good, or may be because their record count is unknown. Other doubts are reported. */
const worthOf = (copies: ReadonlyArray<Facts.Copy>) =>
  copies.flatMap((copy) => {
    const { at, state } = copy
    return at !== undefined && (state === "good" || state === "uncounted") ? [{ ...copy, at }] : []
  })

/** Time of the latest backup of a deleted index, scheduled or manual. */
export const latestOf = (copies: ReadonlyArray<Facts.Copy>): number => worthOf(copies).at(-1)?.at ?? -Infinity

/** The backups of a deleted index that a schedule probably created: by their names, or three or more without a name. */
const scheduledOf = (copies: ReadonlyArray<Facts.DatedCopy>): ReadonlyArray<Facts.DatedCopy> => {
  const named = copies.filter(({ origin }) => origin === "scheduled")
  const nameless = copies.filter(({ backup }) => backup.name == null)
  return named.length > 0 ? named : nameless.length >= compared.least ? nameless : []
}

/**
 * Whether a deleted index was the last with its name: `no` if an index with the name exists or was backed up later,
 * `perhaps` if another index with the name was backed up until the same time.
 */
export type IsLast = "yes" | "no" | "perhaps"

interface ShrinkOptions {
  readonly maxShrink?: number | undefined
  readonly now: number
}

/** Returns `true` if one of the copies is sound, as in `Copies.isSound`. */
const hasSound = (copies: ReadonlyArray<Facts.Copy>, options: ShrinkOptions): boolean =>
  copies.some((copy, position) => Copies.isGood(copy) && Judging.shrinkAt(copies, position, options) === undefined)

/** Reports a deleted index with recent scheduled backups. Returns `undefined` if it was not the last with its name. */
const indexGone = (
  indexName: PineconeIndex.IndexName,
  copies: ReadonlyArray<Facts.Copy>,
  isLast: IsLast,
  options: ShrinkOptions
): Findings.Candidate | undefined => {
  const { now } = options
  const newest = scheduledOf(worthOf(copies)).at(-1)
  if (isLast === "no" || newest === undefined || now - newest.at > recentDays * dayMillis) return undefined
  const deletedAt = deletedAtOf(copies)
  return {
    check: "index-gone",
    severity: "warning",
    sentence: `the index was deleted${
      deletedAt === undefined ? "" : ` ${Text.length(now - deletedAt)} ago`
    }; newest scheduled backup is from ${Text.when(newest.at)}; ${Copies.remainingText(Copies.remaining(copies))}`,
    remedy: isLast === "perhaps" || !hasSound(copies, options)
      ? { _tag: "InspectIndexBackups", indexName, isDeleted: true }
      : { _tag: "RecoverIndex", indexName },
    backups: copies.map(({ backup }) => backup),
    times: [["deleted", deletedAt], ["newest", newest.at]],
    values: { backups: copies.length }
  }
}

const deletedAtOf = (copies: ReadonlyArray<Facts.Copy>): number | undefined =>
  copies.flatMap(({ backup }) => millisOf(backup.sourceIndexDeletedAt) ?? []).at(0)

/** Reports the backups of a deleted index. */
export const orphan = (
  indexName: PineconeIndex.IndexName,
  copies: ReadonlyArray<Facts.Copy>,
  isLast: IsLast,
  options: ShrinkOptions
): Findings.Candidate => {
  const gone = indexGone(indexName, copies, isLast, options)
  if (gone !== undefined) return gone
  const backups = copies.map(({ backup }) => backup)
  const deletedAt = deletedAtOf(copies)
  const sizes = backups.flatMap(({ sizeBytes }) => sizeBytes ?? [])
  return {
    check: "orphan",
    severity: "notice",
    sentence: `the index was deleted${deletedAt === undefined ? "" : ` ${Text.length(options.now - deletedAt)} ago`}; ${
      Copies.remainingText(Copies.remaining(copies))
    }`,
    remedy: isLast !== "yes" || !hasSound(copies, options)
      ? { _tag: "InspectIndexBackups", indexName, isDeleted: true }
      // Nothing shows whether the index is missed. A preview changes nothing.
      : { _tag: "InspectRecovery", indexName },
    backups,
    times: [["deleted", deletedAt]],
    values: {
      backups: backups.length,
      // A total without the unknown sizes would be wrong.
      ...(sizes.length === backups.length && { bytes: sizes.reduce((sum, size) => sum + size, 0) })
    }
  }
}

/** Combines all untested indexes into one finding. */
export const untested = (
  found: ReadonlyArray<BackupHealth.Finding>,
  isTimeKnown: boolean
): ReadonlyArray<BackupHealth.Finding> => {
  const [first] = found
  if (first === undefined) return []
  const names = found.flatMap(({ indexName }) => indexName ?? []).sort().map(Text.plain)
  const shown = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ")
  const isRequired = found.some(({ severity }) => severity === "warning")
  return [{
    ...first,
    indexName: null,
    severity: isTimeKnown ? isRequired ? "warning" : "notice" : "unknown",
    sentence: `no completed restore of ${names.length === 1 ? "1 index" : `${names.length} indexes`} (${shown}) ${
      isRequired ? "within the time that the policy requires" : `in the last ${testedDays}d`
    }, among the restore jobs still listed; restore a backup into a new index, inspect the index, then delete it`,
    evidence: {
      ...first.evidence,
      restoreJobIds: found.flatMap(({ evidence }) => evidence.restoreJobIds),
      times: found.flatMap(({ evidence }) => evidence.times),
      values: { indexes: names.length }
    }
  }]
}
