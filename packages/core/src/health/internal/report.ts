import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import * as BackupRun from "../../BackupRun.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as BackupPolicy from "../BackupPolicy.ts"
import type * as HealthCheck from "../HealthCheck.ts"
import * as Doubts from "./doubts.ts"
import * as DrillChecks from "./drill-checks.ts"
import * as Facts from "./facts.ts"
import * as Findings from "./findings.ts"
import * as Identity from "./identity.ts"
import * as IndexChecks from "./index-checks.ts"
import { checksOfAge, lagMillis, sinceDays } from "./limits.ts"
import * as ProjectChecks from "./project-checks.ts"

/** Adds up the sizes of backups. A backup without a valid size counts as unknown, unless it failed and stores nothing. */
const storedOf = (copies: ReadonlyArray<Facts.Copy>): BackupHealth.StoredBackups => {
  let sized = 0
  let bytes = 0
  let unknownSizes = 0
  for (const { backup: { sizeBytes }, state } of copies) {
    if (sizeBytes != null && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0) {
      sized++
      bytes += sizeBytes
    } else if (state !== "failed") unknownSizes++
  }
  return { backups: sized + unknownSizes, bytes, unknownSizes }
}

const scheduleHealthOf = (
  one: Facts.Schedule,
  backups: ReadonlyArray<Facts.Copy> | undefined
): BackupHealth.ScheduleHealth => {
  const { cadence, history, isEnabled, name, schedule } = one
  const success = history?.newestReady
  return {
    scheduleId: schedule.scheduleId,
    name,
    enabled: isEnabled,
    frequency: schedule.frequency,
    intervalSeconds: cadence === undefined ? null : cadence.longestDays * dayMillis / 1000,
    nextRunAt: isEnabled ? schedule.nextScheduledRun ?? null : null,
    lastStatus: history?.runs.findLast(({ run }) => BackupRun.isFinal(run))?.run.status ?? null,
    lastSuccessAt: success === undefined ? null : DateTime.makeUnsafe(success.at),
    recordCount: success?.run.recordCount ?? null,
    sizeBytes: success?.run.sizeBytes ?? null,
    missedRuns: history === undefined ? null : history.missed.length,
    stored: history === undefined || backups === undefined
      ? null
      : storedOf(backups.filter((copy) => copy.schedule === one))
  }
}

const indexHealthOf = (
  indexName: PineconeIndex.IndexName,
  isDeleted: boolean,
  backups: ReadonlyArray<Facts.Copy> | undefined,
  copies: ReadonlyArray<Facts.DatedCopy> | undefined,
  schedules: ReadonlyArray<Facts.Schedule>,
  findings: ReadonlyArray<BackupHealth.Finding>,
  now: number,
  isTimeKnown: boolean
): BackupHealth.IndexHealth => {
  const newest = copies?.at(-1)?.at
  const dataUntil = newest === undefined ? null : newest - lagMillis
  return {
    indexName,
    // Without the backups, the schedules alone do not prove that an index is OK.
    status: copies === undefined || !isTimeKnown ? "unknown" : Findings.statusOf(findings),
    isDeleted,
    copies: copies?.length ?? null,
    dataUntil: dataUntil === null ? null : DateTime.makeUnsafe(dataUntil),
    ageSeconds: dataUntil === null ? null : (now - dataUntil) / 1000,
    stored: backups === undefined ? null : storedOf(backups),
    schedules: schedules.map((schedule) => scheduleHealthOf(schedule, backups)),
    findings
  }
}

const byStatus: Order.Order<BackupHealth.IndexHealth> = Order.combine(
  Order.mapInput(Order.Number, ({ findings }) => Findings.rankOf(findings)),
  Order.combine(
    Order.mapInput(Order.Number, ({ findings }) => findings.length === 0 ? 1 : 0),
    Order.mapInput(Order.String, ({ indexName }) => indexName)
  )
)

/** Assesses the backups of a project. */
export const assess = (given: BackupHealth.Facts, options: BackupHealth.AssessOptions): BackupHealth.BackupHealth => {
  const { clocks, policy = BackupPolicy.empty } = options
  const facts = DrillChecks.withoutTemporaries(given)
  const isTimeKnown = clocks?._tag !== "Contradictory"
  const clock = DateTime.toUtc(DateTime.makeUnsafe(options.now))
  const at = isTimeKnown ? clock : DateTime.max(clock, clocks.now)
  const now = millis(at)
  const known = (candidate: Findings.Candidate): Findings.Candidate =>
    isTimeKnown || !checksOfAge.has(candidate.check) ? candidate : { ...candidate, severity: "unknown" }
  const since = now - Duration.toMillis(Duration.fromInputUnsafe(options.since ?? Duration.days(sinceDays)))
  const backups = Result.getOrUndefined(facts.backups)
  const groups = Identity.backupsBy(facts)
  const subjectOf = Facts.subjectOf(facts, groups, policy, now, since)
  const usage = ProjectChecks.emptyUsage()
  const ignored: Array<BackupHealth.Ignored> = []
  const untested: Array<BackupHealth.Finding> = []
  const indexes: Array<BackupHealth.IndexHealth> = []
  const drills = DrillChecks.evidenceOf(facts, now)

  for (const one of facts.indexes) {
    const subject = subjectOf(one)
    ProjectChecks.addUsage(usage, subject)
    const { backups, copies, index, requirements, schedules = [] } = subject
    const { name } = index
    const drilled = drills?.of(subject)
    const unreadableDrills = DrillChecks.unreadableOf(subject, drills)
    const candidates = [
      ...Findings.unreadable(unreadableDrills),
      ...IndexChecks.indexChecks.flatMap((check) => check(subject)),
      ...DrillChecks.failed(subject, drilled),
      ...DrillChecks.overdue(subject, drills)
    ].map(known)
    const found = Findings.from(candidates, name, requirements.ignore, { ...options, now: at })
    ignored.push(...found.ignored)
    const untestedHere = Findings.from(
      IndexChecks.untested(subject, DrillChecks.successAt(drilled)),
      name,
      requirements.ignore,
      {
        ...options,
        now: at
      }
    )
    ignored.push(...untestedHere.ignored)
    untested.push(...untestedHere.findings)
    indexes.push({
      ...indexHealthOf(name, false, backups, copies, schedules, found.findings, now, isTimeKnown),
      ...(drills !== undefined && unreadableDrills.length === 0 && { drill: DrillChecks.healthOf(drilled) })
    })
  }

  const isWhole = facts.indexes.length === facts.all.length && facts.isListContradicted !== true
  const orphans = isWhole ? groups.orphans() : []
  const names = new Set<string>(facts.all.map(({ name }) => name))
  const newestOf = new Map<string, ReadonlyArray<number>>()
  const orphanCopies = orphans.map((group) => {
    const name = group[0].sourceIndexName
    const { ignore, maxShrink } = BackupPolicy.requirementsOf(policy, name)
    const copies = Facts.copiesOf(group, [], now)
    const newest = ProjectChecks.latestOf(copies)
    newestOf.set(name, [...newestOf.get(name) ?? [], newest])
    return { copies, ignore, maxShrink, name, newest }
  })
  for (const { copies, ignore, maxShrink, name, newest } of orphanCopies) {
    ProjectChecks.addOrphanUsage(usage, copies, now)
    const others = newestOf.get(name) ?? []
    const isLast = names.has(name) || others.some((at) => at > newest)
      ? "no"
      : others.filter((at) => at === newest).length === 1
      ? "yes"
      : "perhaps"
    const found = Findings.from(
      [
        ...Findings.unreadable(Doubts.ofBackups(copies, [], [])),
        ...IndexChecks.futureDated({ backups: copies, now, schedules: [] }),
        ProjectChecks.orphan(name, copies, isLast, { now, maxShrink })
      ],
      name,
      ignore,
      { ...options, now: at }
    )
    ignored.push(...found.ignored)
    if (found.findings.length > 0) {
      indexes.push(indexHealthOf(name, true, copies, Facts.goodOf(copies), [], found.findings, now, isTimeKnown))
    }
  }

  const project = Findings.from(
    [
      ...Findings.unreadable([
        ...Facts.unreadable("the backups of the project", facts.backups),
        ...Facts.unreadable("the restore jobs of the project", facts.restoreJobs),
        ...DrillChecks.unreadable(facts),
        ...(facts.isListContradicted === true
          ? [{ what: "the list of indexes is unreliable: a listed index cannot be found by its name" }]
          : [])
      ]),
      ...(facts.indexes.length === 0 && options.allowEmpty !== true ? [ProjectChecks.noIndexes(facts.all.length)] : []),
      ...ProjectChecks.clock(clocks),
      ...DrillChecks.leftovers(given, drills, now).map(known),
      ...(backups === undefined ? [] : ProjectChecks.quota(
        policy,
        isWhole ? usage : undefined,
        backups.length,
        now
      )),
      ...(isWhole ? ProjectChecks.absent(policy, facts, now) : [])
    ],
    null,
    policy.defaults?.ignore,
    { ...options, now: at }
  )
  ignored.push(...project.ignored)
  const projectFindings = [...project.findings, ...ProjectChecks.untested(untested, isTimeKnown)]
  const findings = [...projectFindings, ...indexes.flatMap(({ findings }) => findings)]
  const countOf = (severity: HealthCheck.Severity) => findings.filter((finding) => finding.severity === severity).length
  return {
    at,
    status: Findings.statusOf(findings),
    totals: {
      critical: countOf("critical"),
      warning: countOf("warning"),
      unknown: countOf("unknown"),
      notice: countOf("notice")
    },
    quota: { used: backups?.length ?? null, limit: ProjectChecks.quotaOf(policy, backups?.length) ?? null },
    project: projectFindings,
    indexes: indexes.sort(byStatus),
    ignored
  }
}
