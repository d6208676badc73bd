import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Order from "effect/Order"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as BackupPolicy from "../BackupPolicy.ts"
import * as Cadence from "../Cadence.ts"
import * as CommandLine from "../CommandLine.ts"
import * as HealthCheck from "../HealthCheck.ts"
import * as Checks from "./checks.ts"
import * as Rhythm from "./rhythm.ts"
import * as Text from "./text.ts"

const { dayMillis, hourMillis, millis } = Checks

/** How far back failed and missing runs are looked for. */
const defaultSince: Duration.Input = "7 days"

/** The quotas of the plans that have backups. */
const planQuotas = [500, 1_000]

/** From when on the quota is worth a warning: the share that is used, and the days until it is full. */
const quotaWarning = { share: 0.9, days: 30 }

// ============================================================================
// From facts to subjects
// ============================================================================

const read = <A>(facts: BackupHealth.Read<A>): ReadonlyArray<A> | undefined =>
  Result.isSuccess(facts) ? facts.success : undefined

/** How many days back runs are looked for at most: longer than any backup is kept. */
const longestBackDays = 3_650

/**
 * Since when runs are looked for that did not happen: at least since the one there should have been last, and the latest
 * that was good, but not since before what is kept.
 */
const missedSince = (
  cadence: Cadence.Cadence,
  { retentionExpireAfterDays: kept }: BackupSchedule.BackupSchedule,
  newestReady: Checks.Timed | undefined,
  now: number,
  since: number
): number => {
  const latest = Rhythm.slot(cadence, now, -1) - cadence.slackHours * hourMillis
  const wanted = Math.min(since, latest, newestReady === undefined ? latest : millis(newestReady.at))
  return Math.max(wanted, now - Math.max(0, Math.min(kept ?? longestBackDays, longestBackDays)) * dayMillis)
}

const historyOf = (
  schedule: BackupSchedule.BackupSchedule,
  rows: ReadonlyArray<BackupRun.BackupRun>,
  now: number,
  since: number
): Checks.History => {
  const begun = rows.filter(BackupRun.hasBegun)
  const runs = Checks.timed(begun)
  const newestReady = runs.findLast(({ run }) => BackupRun.isReady(run))
  const cadence = Cadence.of(schedule.frequency)
  const rhythm = cadence && Rhythm.read(cadence, schedule, runs.map(({ at }) => millis(at)), now)
  return {
    ids: new Set(rows.map(({ backupId }) => backupId)),
    hasBegun: begun.length > 0,
    runs,
    newestReady,
    rhythm,
    missed: rhythm === undefined
      ? []
      : Rhythm.missed(rhythm, missedSince(rhythm.cadence, schedule, newestReady, now, since))
        .map((at) => DateTime.makeUnsafe(at))
  }
}

/** What to call schedules on a command line: by name, where that can mean no other schedule and no index. */
const selectorsOf = (facts: BackupHealth.Facts) => {
  const taken = new Map<string, number>(facts.all.map(({ name }) => [name, 1]))
  for (const { schedules } of facts.indexes) {
    for (const { schedule } of read(schedules) ?? []) {
      if (schedule.name != null) taken.set(schedule.name, (taken.get(schedule.name) ?? 0) + 1)
    }
  }
  return ({ name, scheduleId }: BackupSchedule.BackupSchedule): string =>
    name != null && /^[A-Za-z\d][\w.-]*$/.test(name) && taken.get(name) === 1 ? name : scheduleId
}

/** What is further off is no time any more. */
const endOfTime = 8.64e15

/** When a backup goes: `null` if never, `undefined` if that is not known. */
const expiryOf = (
  backup: Backup.Backup,
  at: DateTime.Utc | undefined,
  schedule: Checks.Schedule | undefined
): DateTime.Utc | null | undefined => {
  if (schedule === undefined) return BackupRun.plannedFor(backup) === undefined ? null : undefined
  const kept = schedule.schedule.retentionExpireAfterDays
  if (at === undefined || kept == null) return undefined
  const expiresAt = millis(at) + kept * dayMillis
  return Math.abs(expiresAt) > endOfTime ? null : DateTime.makeUnsafe(expiresAt)
}

const copiesOf = (
  backups: ReadonlyArray<Backup.Backup>,
  schedules: ReadonlyArray<Checks.Schedule>
): ReadonlyArray<Checks.Copy> =>
  backups.filter(Backup.isReady).map((backup): Checks.Copy => {
    const schedule = schedules.find(({ history }) => history !== undefined && history.ids.has(backup.backupId))
    const at = BackupRun.takenAt(backup)
    return { backup, at, schedule, expiresAt: expiryOf(backup, at, schedule) }
  }).sort(Order.mapInput(Order.Number, ({ at }: Checks.Copy) => at === undefined ? -Infinity : millis(at)))

/** Backups by the index they are of, and by its name where the service does not tell the id. */
const backupsBy = (facts: BackupHealth.Facts) => {
  const backups = read(facts.backups)
  const groups = new Map<string, Array<Backup.Backup>>()
  const names = new Set<string>(facts.all.flatMap(({ id, name }) => id == null ? [name] : []))
  const keyOf = (id: string | null | undefined, name: string) =>
    id == null || names.has(name) ? `name ${name}` : `id ${id}`
  for (const backup of backups ?? []) {
    const key = keyOf(backup.sourceIndexId, backup.sourceIndexName)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [backup])
    else group.push(backup)
  }
  return {
    of: ({ id, name }: PineconeIndex.PineconeIndex) => backups && (groups.get(keyOf(id, name)) ?? []),
    orphans: () => {
      const there = new Set(facts.all.map(({ id, name }) => keyOf(id, name)))
      return [...groups].flatMap(([key, group]) => there.has(key) ? [] : [group])
    }
  }
}

// ============================================================================
// Findings
// ============================================================================

/** The exceptions there are, or were, for a check. There is none for what could not be read. */
const exceptionsFor = (
  check: HealthCheck.HealthCheck,
  all: ReadonlyArray<BackupPolicy.Exception> = []
): ReadonlyArray<BackupPolicy.Exception> =>
  check === "unreadable" ? [] : all.filter((exception) => exception.check === check || exception.check === "*")

/** What one part of a report is made of: what was found, and what of it is not to count. */
interface Sorted {
  readonly findings: ReadonlyArray<BackupHealth.Finding>
  readonly ignored: ReadonlyArray<BackupHealth.Ignored>
}

const severityRank = new Map(HealthCheck.Severity.literals.map((severity, rank) => [severity, rank]))

const checkRank = new Map(HealthCheck.ids.map((id, rank) => [id, rank]))

const worstFirst: Order.Order<BackupHealth.Finding> = Order.combine(
  Order.mapInput(Order.Number, ({ severity }) => severityRank.get(severity) ?? 0),
  Order.mapInput(Order.Number, ({ check }) => checkRank.get(check) ?? 0)
)

const findingOf = (draft: Checks.Draft, indexName: PineconeIndex.IndexName | null): BackupHealth.Finding => ({
  check: draft.check,
  severity: draft.severity,
  indexName,
  scheduleName: draft.schedule?.name ?? null,
  sentence: draft.sentence,
  fix: draft.fix ?? null,
  evidence: {
    scheduleIds: draft.schedule === undefined ? [] : [draft.schedule.schedule.scheduleId],
    backupIds: (draft.backups ?? []).map(({ backupId }) => backupId),
    restoreJobIds: (draft.restoreJobs ?? []).map(({ restoreJobId }) => restoreJobId),
    times: (draft.times ?? []).flatMap(([what, at]) => at === undefined ? [] : [{ what, at }]),
    // A sum of what a service says may be no number any more.
    values: Record.filter(draft.values ?? {}, Number.isFinite)
  }
})

/** What was found of one index, or of the project, without what nobody asked for and with exceptions set aside. */
const sort = (
  drafts: ReadonlyArray<Checks.Draft>,
  indexName: PineconeIndex.IndexName | null,
  exceptions: ReadonlyArray<BackupPolicy.Exception> | undefined,
  { now, only, skip }: BackupHealth.AssessOptions
): Sorted => {
  const findings: Array<BackupHealth.Finding> = []
  const ignored: Array<BackupHealth.Ignored> = []
  for (const draft of drafts) {
    const isAsked = (only === undefined || only.includes(draft.check)) && skip?.includes(draft.check) !== true
    // Who asks for few checks must not take what could not be read for a good answer.
    if (!isAsked && draft.check !== "unreadable") continue
    const finding = findingOf(draft, indexName)
    const fitting = exceptionsFor(draft.check, exceptions)
    const exception = fitting.find(({ until }) => millis(until) >= millis(now))
    const ended = fitting.at(-1)
    if (exception !== undefined) ignored.push({ finding, reason: exception.reason, until: exception.until })
    else {
      findings.push(
        ended === undefined ? finding : {
          ...finding,
          sentence: `${finding.sentence}; the exception for it ended at ${Text.when(ended.until)}`
        }
      )
    }
  }
  return { findings: findings.sort(worstFirst), ignored }
}

const statusOf = (findings: ReadonlyArray<BackupHealth.Finding>): BackupHealth.Status => {
  const severities = new Set(findings.map(({ severity }) => severity))
  return severities.has("unknown")
    ? "unknown"
    : severities.has("critical")
    ? "critical"
    : severities.has("warning")
    ? "warning"
    : "ok"
}

const unreadable = (what: string, { _tag, message }: PineconeError.ListError): Checks.Draft => ({
  check: "unreadable",
  severity: "unknown",
  sentence: `${what} could not be read: ${Text.plain(message)} (${_tag.slice("Pinecone".length)})`
})

const unreadableOf = (what: string, facts: BackupHealth.Read<unknown>): ReadonlyArray<Checks.Draft> =>
  Result.isFailure(facts) ? [unreadable(what, facts.failure)] : []

// ============================================================================
// The project
// ============================================================================

/** On how many days from now there will be how many backups, if all goes on as it does. */
const fullIn = (
  quota: number,
  subjects: ReadonlyArray<Checks.Subject>,
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
  const byHand = backups.filter((backup) => {
    const at = BackupRun.plannedFor(backup) === undefined ? backup.createdAt : undefined
    return at && millis(now) - millis(at) < month * dayMillis
  }).length / month
  let expired = 0
  for (let day = 1; day <= 365; day++) {
    while ((expiries[expired] ?? Infinity) <= millis(now) + day * dayMillis) expired++
    const made = schedules.reduce((sum, { every, kept }) => sum + Math.floor(Math.min(day, kept) / every), byHand * day)
    if (backups.length - expired + made >= quota) return day
  }
  return undefined
}

const quotaOf = (policy: BackupPolicy.BackupPolicy, used: number | undefined): number | undefined =>
  policy.backupQuota ?? planQuotas.find((quota) => used !== undefined && used <= quota)

/** `subjects` are `undefined` where only a part of the project is known, so that nobody can say what it will have. */
const checkQuota = (
  policy: BackupPolicy.BackupPolicy,
  subjects: ReadonlyArray<Checks.Subject> | undefined,
  backups: ReadonlyArray<Backup.Backup>,
  now: DateTime.Utc
): ReadonlyArray<Checks.Draft> => {
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
    fix: CommandLine.make`pcb backup list --manual`,
    times: [["full", full]],
    values: { used, quota }
  }]
}

const checkAbsent = (policy: BackupPolicy.BackupPolicy, facts: BackupHealth.Facts): ReadonlyArray<Checks.Draft> => {
  const names = new Set<string>(facts.all.map(({ name }) => name))
  return BackupPolicy.namesOf(policy).filter((name) => !names.has(name)).map((name) => ({
    check: "absent",
    severity: "warning",
    sentence: `the policy has a rule for ${Text.plain(name)}, and there is no such index`
  }))
}

const checkOrphans = (backups: ReadonlyArray<Backup.Backup>, now: DateTime.Utc): Checks.Draft => {
  const deletedAt = backups.flatMap(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt ?? []).at(0)
  const bytes = backups.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  return {
    check: "orphan",
    severity: "notice",
    sentence: `the index was deleted${
      deletedAt === undefined ? "" : ` ${Text.length(millis(now) - millis(deletedAt))} ago`
    }, and ${Text.count(backups.length, "backup")} of it ${backups.length === 1 ? "is" : "are"} left`,
    fix: CommandLine.make`pcb backup list --index ${backups[0]?.sourceIndexName ?? ""} --include-deleted`,
    backups,
    times: [["deleted", deletedAt]],
    values: { backups: backups.length, bytes }
  }
}

// ============================================================================
// The report
// ============================================================================

const scheduleHealthOf = (
  { cadence, history, isEnabled, name, schedule }: Checks.Schedule
): BackupHealth.ScheduleHealth => {
  const success = history?.newestReady
  return {
    scheduleId: schedule.scheduleId,
    name,
    enabled: isEnabled,
    frequency: schedule.frequency,
    intervalSeconds: cadence === undefined ? null : cadence.longestDays * dayMillis / 1000,
    nextRunAt: isEnabled ? schedule.nextScheduledRun ?? null : null,
    lastStatus: history?.runs.findLast(({ run }) => BackupRun.isFinal(run))?.run.status ?? null,
    lastSuccessAt: success?.at ?? null,
    recordCount: success?.run.recordCount ?? null,
    sizeBytes: success?.run.sizeBytes ?? null,
    missedRuns: history === undefined ? null : history.missed.length
  }
}

const indexHealthOf = (
  indexName: PineconeIndex.IndexName,
  isDeleted: boolean,
  copies: ReadonlyArray<{ readonly at: DateTime.Utc | undefined }> | undefined,
  schedules: ReadonlyArray<Checks.Schedule>,
  findings: ReadonlyArray<BackupHealth.Finding>,
  now: DateTime.Utc
): BackupHealth.IndexHealth => {
  const newest = copies?.findLast(({ at }) => at !== undefined)?.at
  const dataUntil = newest === undefined ? null : DateTime.subtract(newest, { milliseconds: Checks.lagMillis })
  return {
    indexName,
    // What is known of the schedules alone is no good answer.
    status: copies === undefined ? "unknown" : statusOf(findings),
    isDeleted,
    copies: copies?.length ?? null,
    dataUntil,
    ageSeconds: dataUntil === null ? null : (millis(now) - millis(dataUntil)) / 1000,
    schedules: schedules.map(scheduleHealthOf),
    findings
  }
}

const byStatus: Order.Order<BackupHealth.IndexHealth> = Order.combine(
  Order.mapInput(Order.Number, ({ findings }) => severityRank.get(findings[0]?.severity ?? "notice") ?? 0),
  Order.combine(
    Order.mapInput(Order.Number, ({ findings }) => findings.length === 0 ? 1 : 0),
    Order.mapInput(Order.String, ({ indexName }) => indexName)
  )
)

/** Says how the backups of a project are. */
export const assess = (facts: BackupHealth.Facts, options: BackupHealth.AssessOptions): BackupHealth.BackupHealth => {
  const { now, policy = BackupPolicy.empty } = options
  const since = millis(now) - Duration.toMillis(Duration.fromInputUnsafe(options.since ?? defaultSince))
  const backups = read(facts.backups)
  const restoreJobs = read(facts.restoreJobs)
  const selectorOf = selectorsOf(facts)
  const groups = backupsBy(facts)
  const ignored: Array<BackupHealth.Ignored> = []
  const indexes: Array<BackupHealth.IndexHealth> = []
  const subjects: Array<Checks.Subject> = []

  for (const { index, schedules: readSchedules } of facts.indexes) {
    const scheduleFacts = read(readSchedules)
    const schedules = scheduleFacts?.map(({ runs, schedule }): Checks.Schedule => {
      const rows = read(runs)
      return {
        schedule,
        name: schedule.name ?? schedule.scheduleId,
        selector: selectorOf(schedule),
        isEnabled: schedule.enabled !== false,
        cadence: Cadence.of(schedule.frequency),
        history: rows && historyOf(schedule, rows, millis(now), since)
      }
    })
    const own = groups.of(index)
    const subject: Checks.Subject = {
      now,
      since,
      wants: BackupPolicy.requirementsOf(policy, index.name),
      index,
      schedules,
      enabled: schedules?.find(({ isEnabled }) => isEnabled),
      backups: own,
      copies: own && copiesOf(own, schedules ?? []),
      restoreJobs
    }
    subjects.push(subject)
    const drafts = [
      ...unreadableOf("its schedules", readSchedules),
      ...(scheduleFacts ?? []).flatMap(({ runs, schedule }) =>
        unreadableOf(`the history of ${Text.plain(schedule.name ?? schedule.scheduleId)}`, runs)
      ),
      ...Checks.indexChecks.flatMap((check) => check(subject))
    ]
    const sorted = sort(drafts, index.name, subject.wants.ignore, options)
    ignored.push(...sorted.ignored)
    indexes.push(indexHealthOf(index.name, false, subject.copies, schedules ?? [], sorted.findings, now))
  }

  const isWhole = facts.indexes.length === facts.all.length
  for (const group of isWhole ? groups.orphans() : []) {
    const name = group[0]?.sourceIndexName
    if (name === undefined) continue
    const { ignore } = BackupPolicy.requirementsOf(policy, name)
    const sorted = sort([checkOrphans(group, now)], name, ignore, options)
    ignored.push(...sorted.ignored)
    if (sorted.findings.length > 0) {
      indexes.push(indexHealthOf(name, true, copiesOf(group, []), [], sorted.findings, now))
    }
  }

  const project = sort(
    [
      ...unreadableOf("the backups of the project", facts.backups),
      ...unreadableOf("the restore jobs of the project", facts.restoreJobs),
      ...(backups === undefined ? [] : checkQuota(policy, isWhole ? subjects : undefined, backups, now)),
      ...(isWhole ? checkAbsent(policy, facts) : [])
    ],
    null,
    policy.defaults?.ignore,
    options
  )
  ignored.push(...project.ignored)
  const findings = [...project.findings, ...indexes.flatMap(({ findings }) => findings)]
  const countOf = (severity: HealthCheck.Severity) => findings.filter((finding) => finding.severity === severity).length
  return {
    at: now,
    status: statusOf(findings),
    totals: {
      critical: countOf("critical"),
      warning: countOf("warning"),
      unknown: countOf("unknown"),
      notice: countOf("notice")
    },
    quota: { used: backups?.length ?? null, limit: quotaOf(policy, backups?.length) ?? null },
    project: project.findings,
    indexes: indexes.sort(byStatus),
    ignored
  }
}
