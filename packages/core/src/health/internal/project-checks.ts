import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import type * as Backup from "../../Backup.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as BackupPolicy from "../BackupPolicy.ts"
import * as Copies from "../Copies.ts"
import type * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
import { planQuotas, quotaWarning } from "./limits.ts"
import * as Text from "./text.ts"

/** On how many days from now there will be how many backups, if all goes on as it does. */
const fullIn = (
  quota: number,
  subjects: ReadonlyArray<Facts.Subject>,
  backups: ReadonlyArray<Backup.Backup>,
  now: DateTime.Utc
): number | undefined => {
  const expiries = subjects.flatMap(({ copies }) => copies ?? []).flatMap(({ expiresAt }) => expiresAt ?? [])
    .map((at) => millis(at)).sort(Order.Number)
  const schedules = subjects.flatMap(({ enabled }) => {
    const kept = enabled?.schedule.retentionExpireAfterDays
    return enabled?.cadence === undefined ? [] : [{ every: enabled.cadence.longestDays, kept: kept ?? Infinity }]
  })
  const month = 30
  const byHand =
    Copies.of(backups, { now }).filter(({ at, origin }) =>
      origin !== "scheduled" && at !== undefined && millis(now) - millis(at) < month * dayMillis
    ).length / month
  let expired = 0
  for (let day = 1; day <= 365; day++) {
    while ((expiries[expired] ?? Infinity) <= millis(now) + day * dayMillis) expired++
    const made = schedules.reduce((sum, { every, kept }) => sum + Math.floor(Math.min(day, kept) / every), byHand * day)
    if (backups.length - expired + made >= quota) return day
  }
  return undefined
}

/** How many backups the project may have, if that is known. */
export const quotaOf = (policy: BackupPolicy.BackupPolicy, used: number | undefined): number | undefined =>
  policy.backupQuota ?? planQuotas.find((quota) => used !== undefined && used <= quota)

/** The quota of backups. `subjects` are `undefined` where only a part of the project is known, so that nobody can say what it will have. */
export const quota = (
  policy: BackupPolicy.BackupPolicy,
  subjects: ReadonlyArray<Facts.Subject> | undefined,
  backups: ReadonlyArray<Backup.Backup>,
  now: DateTime.Utc
): ReadonlyArray<Findings.Candidate> => {
  const used = backups.length
  const quota = quotaOf(policy, used)
  if (quota === undefined) return []
  const days = used >= quota ? 0 : subjects && fullIn(quota, subjects, backups, now)
  const isSoon = days !== undefined && days <= quotaWarning.days
  if (used < quotaWarning.share * quota && !isSoon) return []
  const full = days === undefined ? undefined : DateTime.add(now, { days })
  return [{
    check: "quota",
    severity: used >= quota ? "critical" : "warning",
    sentence: `${Text.grouped(used)} of ${Text.count(quota, "backup")} used${
      used >= quota
        ? "; no more can be made"
        : full !== undefined
        ? `; full on ${Text.day(full)} at this rate`
        : subjects === undefined
        ? ""
        : "; not full within a year at this rate"
    }`,
    remedy: { _tag: "InspectManualBackups" },
    times: [["full", full]],
    values: { used, quota }
  }]
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

/** What is left of an index that was deleted. */
export const orphan = (
  indexName: PineconeIndex.IndexName,
  backups: ReadonlyArray<Backup.Backup>,
  now: DateTime.Utc
): Findings.Candidate => {
  const deletedAt = backups.flatMap(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt ?? []).at(0)
  const bytes = backups.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  return {
    check: "orphan",
    severity: "notice",
    sentence: `the index was deleted${
      deletedAt === undefined ? "" : ` ${Text.length(millis(now) - millis(deletedAt))} ago`
    }, and ${Text.count(backups.length, "backup")} of it ${backups.length === 1 ? "is" : "are"} left`,
    remedy: { _tag: "InspectIndexBackups", indexName, isDeleted: true },
    backups,
    times: [["deleted", deletedAt]],
    values: { backups: backups.length, bytes }
  }
}
