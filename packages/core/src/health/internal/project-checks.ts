import * as Array from "effect/Array"
import { dayMillis, millis, millisOf } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as BackupPolicy from "../BackupPolicy.ts"
import type * as Clocks from "../Clocks.ts"
import * as Copies from "../Copies.ts"
import * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
import { compared, planQuotas, quotaWarningDays, recentDays, testedDays } from "./limits.ts"
import * as Text from "./text.ts"

/** How many days ahead it matters when the quota will be full. */
const forecastDays = 365

/** For how long backups made by hand are counted, in days: as many are expected to be made from now on. */
const month = 30

/** What tells how the number of backups will change. */
export interface Usage {
  /** How many are deleted on which day from now, those that are overdue on the first. */
  readonly deleted: globalThis.Array<number>
  /** How often schedules make one, and for how long it is kept, in days. */
  readonly schedules: globalThis.Array<{ readonly every: number; readonly kept: number }>
  /** How many were made by hand in the last month. */
  byHand: number
}

export const emptyUsage = (): Usage => ({ deleted: Array.makeBy(forecastDays, () => 0), schedules: [], byHand: 0 })

const addByHand = (usage: Usage, copies: ReadonlyArray<Facts.Copy>, now: number): void => {
  for (const { at, origin } of copies) {
    if (origin !== "scheduled" && at !== undefined && now - at < month * dayMillis) usage.byHand++
  }
}

/** Adds what an index uses. */
export const addUsage = (usage: Usage, { backups = [], copies = [], enabled, now }: Facts.Subject): void => {
  for (const { expiresAt } of copies) {
    const day = expiresAt === undefined ? Infinity : Math.max(1, Math.ceil((expiresAt - now) / dayMillis))
    if (day <= forecastDays) usage.deleted[day - 1] = (usage.deleted[day - 1] ?? 0) + 1
  }
  if (enabled?.cadence !== undefined) {
    const kept = enabled.schedule.retentionExpireAfterDays
    usage.schedules.push({ every: enabled.cadence.longestDays, kept: kept ?? Infinity })
  }
  addByHand(usage, backups, now)
}

/** Adds what is left of an index that was deleted. */
export const addOrphanUsage: (usage: Usage, copies: ReadonlyArray<Facts.Copy>, now: number) => void = addByHand

/** In how many days the quota will be full, if all goes on as it does. */
const fullIn = (quota: number, { byHand, deleted, schedules }: Usage, used: number): number | undefined => {
  let left = used
  for (const [before, count] of deleted.entries()) {
    const day = before + 1
    left -= count
    const made = schedules.reduce(
      (sum, { every, kept }) => sum + Math.floor(Math.min(day, kept) / every),
      byHand / month * day
    )
    if (left + made >= quota) return day
  }
  return undefined
}

/** How many backups the project may have, if that is known. */
export const quotaOf = (policy: BackupPolicy.BackupPolicy, used: number | undefined): number | undefined =>
  policy.backupQuota ?? planQuotas.find((quota) => used !== undefined && used <= quota)

/** The quota of backups. `usage` is `undefined` where only a part of the project is known, so that nobody can say what it will have. */
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
        ? "; no more can be made"
        : full !== undefined
        ? `; full on ${Text.day(full)} at this rate`
        : usage === undefined
        ? ""
        : "; not full within a year at this rate"
    }`,
    remedy: { _tag: "InspectManualBackups" },
    times: [["full", full]],
    values: { used, quota }
  }]
}

/** A project without an index, which is what the key of another project sees as well. */
export const noIndexes: Findings.Candidate = {
  check: "no-indexes",
  severity: "unknown",
  sentence: "the project has no indexes; check that the API key belongs to the right project"
}

/** The indexes that the policy names and that do not exist. */
export const absent = (
  policy: BackupPolicy.BackupPolicy,
  facts: BackupHealth.Facts
): ReadonlyArray<Findings.Candidate> => {
  const names = new Set<string>(facts.all.map(({ name }) => name))
  return BackupPolicy.namesOf(policy).filter((name) => !names.has(name)).map((name) => ({
    check: "absent",
    severity: "warning",
    sentence: `the policy has a rule for ${Text.plain(name)}, and there is no such index`
  }))
}

/** Clocks that contradict each other. */
export const clock = (clocks: Clocks.Verdict | undefined): ReadonlyArray<Findings.Candidate> => {
  if (clocks?._tag !== "Contradictory") return []
  const [earliest, now, own] = [millis(clocks.earliest), millis(clocks.now), millis(clocks.own)]
  const others = [earliest, now].filter((at) => at !== own)
  return [{
    check: "clock",
    severity: "unknown",
    sentence: `it is ${Text.when(own)} by the clock of this machine, and ${
      others.map(Text.when).join(" or ")
    } by the responses of the service; ages are not known, and count from the latest`,
    times: [["own", own], ["earliest", earliest], ["latest", now]]
  }]
}

/** Those that are good or may be, since they do not say how many records they have; what else is no proof is reported. */
const worthOf = (copies: ReadonlyArray<Facts.Copy>) =>
  copies.flatMap((copy) => {
    const { at, state } = copy
    return at !== undefined && (state === "good" || state === "uncounted") ? [{ ...copy, at }] : []
  })

/** Until when a deleted index was backed up, by a schedule or by hand. */
export const latestOf = (copies: ReadonlyArray<Facts.Copy>): number => worthOf(copies).at(-1)?.at ?? -Infinity

/** The backups of a deleted index that look like those of a schedule: by their names, or three or more without a name. */
const scheduledOf = (copies: ReadonlyArray<Facts.DatedCopy>): ReadonlyArray<Facts.DatedCopy> => {
  const named = copies.filter(({ origin }) => origin === "scheduled")
  const nameless = copies.filter(({ backup }) => backup.name == null)
  return named.length > 0 ? named : nameless.length >= compared.least ? nameless : []
}

/**
 * Whether a deleted index was the last of its name: `no` if there is one now, or was a later one, and `perhaps` if
 * another was backed up until the same time.
 */
export type IsLast = "yes" | "no" | "perhaps"

/**
 * An index that was deleted though a schedule backed it up until lately; `undefined` of one that was not, or that was
 * not the last of its name.
 */
const indexGone = (
  indexName: PineconeIndex.IndexName,
  copies: ReadonlyArray<Facts.Copy>,
  isLast: IsLast,
  now: number
): Findings.Candidate | undefined => {
  const good = Facts.goodOf(copies)
  const newest = scheduledOf(worthOf(copies)).at(-1)
  if (isLast === "no" || newest === undefined || now - newest.at > recentDays * dayMillis) return undefined
  const sound = Copies.newestSound(copies)
  const deletedAt = deletedAtOf(copies)
  return {
    check: "index-gone",
    severity: "warning",
    sentence: `the index was deleted${
      deletedAt === undefined ? "" : ` ${Text.length(now - deletedAt)} ago`
    }, and a schedule backed it up until ${Text.when(newest.at)}; ${Text.count(good.length, "good backup")} of it ${
      good.length === 1 ? "is" : "are"
    } left`,
    remedy: sound === undefined || isLast === "perhaps"
      ? { _tag: "InspectIndexBackups", indexName, isDeleted: true }
      : { _tag: "RestoreBackup", backupId: sound.backup.backupId, targetIndexName: indexName },
    backups: copies.map(({ backup }) => backup),
    times: [["deleted", deletedAt], ["newest", newest.at]],
    values: { backups: copies.length }
  }
}

const deletedAtOf = (copies: ReadonlyArray<Facts.Copy>): number | undefined =>
  copies.flatMap(({ backup }) => millisOf(backup.sourceIndexDeletedAt) ?? []).at(0)

/** What is left of an index that was deleted. */
export const orphan = (
  indexName: PineconeIndex.IndexName,
  copies: ReadonlyArray<Facts.Copy>,
  isLast: IsLast,
  now: number
): Findings.Candidate => {
  const gone = indexGone(indexName, copies, isLast, now)
  if (gone !== undefined) return gone
  const backups = copies.map(({ backup }) => backup)
  const deletedAt = deletedAtOf(copies)
  const bytes = backups.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  return {
    check: "orphan",
    severity: "notice",
    sentence: `the index was deleted${deletedAt === undefined ? "" : ` ${Text.length(now - deletedAt)} ago`}, and ${
      Text.count(backups.length, "backup")
    } of it ${backups.length === 1 ? "is" : "are"} left`,
    remedy: { _tag: "InspectIndexBackups", indexName, isDeleted: true },
    backups,
    times: [["deleted", deletedAt]],
    values: { backups: backups.length, bytes }
  }
}

/** That restores of some indexes were not tried for a long time: one line, however many there are. */
export const untested = (
  found: ReadonlyArray<BackupHealth.Finding>,
  isTimeKnown: boolean
): ReadonlyArray<BackupHealth.Finding> => {
  const [first] = found
  if (first === undefined) return []
  const names = found.flatMap(({ indexName }) => indexName ?? []).sort().map(Text.plain)
  const shown = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ")
  const isAsked = found.some(({ severity }) => severity === "warning")
  return [{
    ...first,
    indexName: null,
    severity: isTimeKnown ? isAsked ? "warning" : "notice" : "unknown",
    sentence: `no restore of ${
      names.length === 1 ? "1 index" : `${names.length} indexes`
    } (${shown}) was completed in ${
      isAsked ? "the time that the policy asks for" : `${testedDays}d`
    }, as far as jobs are still listed; restore a backup into a new index, look at that index, and delete it`,
    evidence: {
      ...first.evidence,
      restoreJobIds: found.flatMap(({ evidence }) => evidence.restoreJobIds),
      times: found.flatMap(({ evidence }) => evidence.times),
      values: { indexes: names.length }
    }
  }]
}
