/** The content of the page as plain data, without words and markup. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as LiveId from "@pinecone-backups/core/health/LiveId"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import { createHash } from "node:crypto"
import type * as SameConnection from "../../../output/SameConnection.ts"
import * as HealthSummary from "../../../shared/HealthSummary.ts"
import * as RunTimeline from "../../../shared/RunTimeline.ts"

/**
 * What the picture of a run shows. `kept` and `deleted` are ready runs whose backup is, or is not, in the list of backups;
 * `unsure` if that list could not be read.
 */
export type Mark =
  | "kept"
  | "deleted"
  | "unsure"
  | "empty"
  | "failed"
  | "missed"
  | "late"
  | "running"
  | "planned"

/** A slot of a schedule, with its mark and the contents of its backup. */
export interface Slot {
  readonly at: DateTime.Utc
  readonly mark: Mark
  readonly records: number | null
  readonly bytes: number | null
}

/** Bytes of ready backups, usable or not. `isComplete` is `false` if the size of a backup is unknown. */
export interface Stored {
  readonly bytes: number
  readonly backups: number
  readonly isComplete: boolean
}

/** A schedule of an index. */
export interface ScheduleView {
  readonly health: BackupHealth.ScheduleHealth
  /** Retention in days; `null` if unknown. */
  readonly keepDays: number | null
  /** Oldest first; `null` if the history could not be read. */
  readonly slots: ReadonlyArray<Slot> | null
  /** `null` if the history or the backups could not be read. */
  readonly stored: Stored | null
}

/** The last proof, or failed attempt, of a restore. */
export interface Restore {
  /** A restore drill, or the restore of a backup into another index. */
  readonly kind: "drill" | "restore"
  readonly at: DateTime.Utc
  readonly outcome: "SUCCESSFUL" | "UNVERIFIED" | "FAILED" | "TIMED_OUT" | "CANCELLED"
  /** End of the last successful drill or restore. */
  readonly lastSuccessAt: DateTime.Utc | null
  /** Duration of the last completed restore in seconds. */
  readonly seconds: number | null
  /** The reason why a drill was not successful. */
  readonly reason: string | null
  /** Number of records that a successful drill counted. */
  readonly records: number | null
}

/** A restore that has not ended. */
export interface RunningRestore {
  readonly target: string
  /** When it was created; `null` if unknown. */
  readonly at: DateTime.Utc | null
  /** Progress in percent; `null` if unknown. */
  readonly percent: number | null
}

/** An index and everything known about its backups. */
export interface IndexView {
  /** Fragment of the page. It depends on names only, so that links and open folds survive a new order. */
  readonly id: string
  readonly health: BackupHealth.IndexHealth
  readonly schedules: ReadonlyArray<ScheduleView>
  /** Whether the schedules could be read. */
  readonly areSchedulesKnown: boolean
  /** The newest good copy. `null` if there is none, and if the copies are unknown: `health.copies` is then `null`. */
  readonly newest: { readonly at: DateTime.Utc; readonly records: number | null; readonly bytes: number | null } | null
  /** `null` if the backups could not be read, or if it is unknown which backups belong to the index. */
  readonly stored: Stored | null
  /** `null` if no drill and no restore is known, `undefined` if the evidence could not be read. */
  readonly restore: Restore | null | undefined
  /** Restores of its backups, and into the index, that have not ended. Empty if the restore jobs could not be read. */
  readonly running: ReadonlyArray<RunningRestore>
  /** Why the policy accepts that no restore of the index is known; `null` if it does not. */
  readonly untestedBecause: string | null
  /** The requirements of the policy. */
  readonly required: BackupPolicy.Requirements
}

/** The page. */
export interface View {
  /** Version of `pcb`. */
  readonly version: string
  /** When the data was read. */
  readonly at: DateTime.Utc
  readonly health: BackupHealth.BackupHealth
  /** Indexes in the order of `health`. */
  readonly indexes: ReadonlyArray<IndexView>
  /** Number of backups that failed or are in progress; `null` if unknown. The quota counts them as well. */
  readonly unready: number | null
  /** Why the latest audit failed. The other fields are then those of the audit before. */
  readonly error: string | null
  /** Whether the data is too old to prove anything. */
  readonly isOld: boolean
  /** Whether any audit has ended. */
  readonly isKnown: boolean
  /** Audit interval of a server; `null` for a file. */
  readonly interval: Duration.Duration | null
  readonly isDemo: boolean
  /** Profile of the project, if the page has several projects. */
  readonly profile: string | null
  /** The flags of the remedies. */
  readonly connection: SameConnection.Flags
  /** Prefix of fragments, which tells the projects of a page apart. */
  readonly prefix: string
}

/** What the report of an audit is based on. */
export interface Looked {
  readonly facts: BackupHealth.Facts
  readonly health: BackupHealth.BackupHealth
  readonly policy: BackupPolicy.BackupPolicy
}

/** The program that makes the page. */
export type Origin = Pick<View, "connection" | "interval" | "isDemo" | "version"> & {
  readonly profile?: string | undefined
}

const isSame = (self: string, that: string): boolean => self.toLowerCase() === that.toLowerCase()

const storedOf = (backups: ReadonlyArray<Backup.Backup>): Stored => {
  const ready = backups.filter(Backup.isReady)
  return {
    bytes: ready.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    backups: ready.length,
    isComplete: ready.every(({ sizeBytes }) => sizeBytes != null)
  }
}

const liveIdOf = ({ backups, index, schedules }: BackupHealth.IndexFacts): LiveId.LiveId =>
  LiveId.of({
    index,
    schedules: Result.map(schedules, (all) => all.map(({ schedule }) => schedule)),
    backups
  })

/** The backups of an index of the report; `undefined` if unknown. */
const backupsOf = (
  { indexName, isDeleted }: BackupHealth.IndexHealth,
  { all, backups }: BackupHealth.Facts,
  live: LiveId.LiveId | undefined
): ReadonlyArray<Backup.Backup> | undefined => {
  if (Result.isFailure(backups)) return undefined
  const named = backups.success.filter(({ sourceIndexName }) => sourceIndexName === indexName)
  // Without the ID of the index that has the name now, its backups cannot be told from those of a deleted index.
  const isClear = live?._tag === "Known" || live?._tag === "NoEvidence" || !all.some(({ name }) => name === indexName)
  if (!isClear) return named.length === 0 ? [] : undefined
  const isLive = ({ sourceIndexId }: Backup.Backup) => live?._tag === "Known" && isSame(sourceIndexId, live.indexId)
  return named.filter((backup) => isLive(backup) !== isDeleted)
}

const markOf = (
  { phase, run }: RunTimeline.Slot,
  kept: ReadonlySet<string> | undefined
): Mark => {
  switch (phase) {
    case "done":
      return run?.recordCount === 0
        ? "empty"
        : kept === undefined || run === undefined
        ? "unsure"
        : kept.has(run.backupId)
        ? "kept"
        : "deleted"
    case "underWay":
      return "running"
    default:
      return phase
  }
}

const scheduleOf = (
  health: BackupHealth.ScheduleHealth,
  schedules: BackupHealth.IndexFacts["schedules"] | undefined,
  backups: ReadonlyArray<Backup.Backup> | undefined,
  now: DateTime.Utc
): ScheduleView => {
  const known = schedules === undefined ? [] : Result.getOrElse(schedules, () => [])
  const facts = known.find(({ schedule }) => schedule.scheduleId === health.scheduleId)
  if (facts === undefined) return { health, keepDays: null, slots: null, stored: null }
  const runs = Result.getOrUndefined(facts.runs)
  const kept = backups && new Set<string>(backups.filter(Backup.isReady).map(({ backupId }) => backupId))
  const own = runs && new Set<string>(runs.map(({ backupId }) => backupId))
  return {
    health,
    keepDays: facts.schedule.retentionExpireAfterDays ?? null,
    slots: runs === undefined ? null : RunTimeline.slots(facts.schedule, runs, now).map((slot) => ({
      at: slot.at,
      mark: markOf(slot, kept),
      records: slot.run?.recordCount ?? null,
      bytes: slot.run?.sizeBytes ?? null
    })),
    stored: own === undefined || backups === undefined
      ? null
      : storedOf(backups.filter(({ backupId }) => own.has(backupId)))
  }
}

/** The drill that the report names, with the details of its own report. */
const drillOf = (
  indexName: string,
  drill: BackupHealth.DrillHealth,
  drills: NonNullable<BackupHealth.Facts["drills"]>
): Restore => {
  const at = DateTime.toEpochMillis(drill.endedAt)
  const report = Result.getOrElse(drills, () => []).find(({ report }) =>
    report !== null && report.indexName === indexName && DateTime.toEpochMillis(report.times.endedAt) === at
  )?.report
  return {
    kind: "drill",
    at: drill.endedAt,
    outcome: drill.outcome,
    lastSuccessAt: drill.lastSuccessAt,
    seconds: drill.restoreSeconds,
    reason: report?.reason?.message ?? null,
    records: (report?.recounted ?? report?.counted)?.records ?? null
  }
}

/** The last completed restore of a backup of an index. */
const jobOf = (
  { restoreJobs }: BackupHealth.Facts,
  backups: ReadonlyArray<Backup.Backup> | undefined
): Restore | null | undefined => {
  if (Result.isFailure(restoreJobs) || backups === undefined) return undefined
  const ids = new Set<string>(backups.map(({ backupId }) => backupId))
  const jobs = restoreJobs.success.flatMap((job) =>
    RestoreJob.isCompleted(job) && job.completedAt && ids.has(job.backupId) ? [{ ...job, at: job.completedAt }] : []
  )
  const last = jobs.sort(Order.mapInput(DateTime.Order, ({ at }) => at)).at(-1)
  return last === undefined ? null : {
    kind: "restore",
    at: last.at,
    outcome: "SUCCESSFUL",
    lastSuccessAt: last.at,
    seconds: last.createdAt ? Duration.toSeconds(DateTime.distance(last.createdAt, last.at)) : null,
    reason: null,
    records: null
  }
}

/** The last drill, else the last restore. */
const restoreOf = (
  { drill, indexName, isDeleted }: BackupHealth.IndexHealth,
  facts: BackupHealth.Facts,
  backups: ReadonlyArray<Backup.Backup> | undefined
): Restore | null | undefined => {
  if (facts.drills === undefined) return jobOf(facts, backups)
  if (drill != null) return drillOf(indexName, drill, facts.drills)
  // Reports do not have the drills of deleted indexes.
  if (isDeleted) return jobOf(facts, backups) ?? undefined
  return drill === null ? jobOf(facts, backups) : undefined
}

/** The restores that have not ended, of the backups of an index or into the index. */
const runningOf = (
  { indexName, isDeleted }: BackupHealth.IndexHealth,
  { restoreJobs }: BackupHealth.Facts,
  backups: ReadonlyArray<Backup.Backup> | undefined
): ReadonlyArray<RunningRestore> => {
  const ids = new Set<string>((backups ?? []).map(({ backupId }) => backupId))
  return Result.getOrElse(restoreJobs, () => []).flatMap((job) =>
    RestoreJob.isFinal(job) || !(ids.has(job.backupId) || !isDeleted && job.targetIndexName === indexName)
      ? []
      : [{ target: job.targetIndexName, at: job.createdAt ?? null, percent: job.percentComplete ?? null }]
  )
}

/** A fragment from names of other people. */
const fragment = (text: string): string =>
  /^[a-z\d-]{1,60}$/.test(text)
    ? `-${text}`
    : `_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`

/** What a page has besides its report. */
const shared = ({ connection, interval, isDemo, profile, version }: Origin) => ({
  version,
  interval,
  isDemo,
  profile: profile ?? null,
  connection,
  prefix: profile === undefined ? "" : `project${fragment(profile)}-`
})

const indexOf = (
  health: BackupHealth.IndexHealth,
  { facts, health: report, policy }: Looked,
  prefix: string,
  now: DateTime.Utc
): IndexView => {
  const own = facts.indexes.find(({ index }) => index.name === health.indexName)
  const backups = backupsOf(health, facts, own && liveIdOf(own))
  const newest = backups && Copies.newestGood(Copies.of(backups, { now }))
  return {
    id: `${prefix}${health.isDeleted ? "deleted" : "index"}${fragment(health.indexName)}`,
    health,
    schedules: health.schedules.map((schedule) =>
      scheduleOf(schedule, health.isDeleted ? undefined : own?.schedules, backups, now)
    ),
    newest: newest?.at === undefined ? null : {
      at: newest.at,
      records: newest.backup.recordCount ?? null,
      bytes: newest.backup.sizeBytes ?? null
    },
    areSchedulesKnown: health.isDeleted || own !== undefined && Result.isSuccess(own.schedules),
    stored: backups === undefined ? null : storedOf(backups),
    restore: restoreOf(health, facts, backups),
    running: runningOf(health, facts, backups),
    untestedBecause:
      report.ignored.find(({ finding }) => finding.check === "untested" && finding.indexName === health.indexName)
        ?.reason ?? null,
    required: BackupPolicy.requirementsOf(policy, health.indexName)
  }
}

/** The page of a report. */
export const make = (looked: Looked, origin: Origin): View => ({
  ...shared(origin),
  at: looked.health.at,
  health: looked.health,
  indexes: looked.health.indexes.map((index) => indexOf(index, looked, shared(origin).prefix, looked.health.at)),
  unready: Result.match(looked.facts.backups, {
    onFailure: () => null,
    onSuccess: (backups) => backups.filter((backup) => !Backup.isReady(backup)).length
  }),
  error: null,
  isOld: false,
  isKnown: true
})

/** The page of a failed audit, or without an error, before the first audit has ended. */
export const unknown = (
  health: BackupHealth.BackupHealth,
  error: string | null,
  origin: Origin
): View => ({
  ...shared(origin),
  at: health.at,
  health,
  indexes: [],
  unready: null,
  error,
  isOld: false,
  isKnown: false
})

/** The indexes that exist. */
export const existing = ({ health, indexes }: Pick<View, "health" | "indexes">): ReadonlyArray<IndexView> => {
  const names = new Set(HealthSummary.existing(health))
  return indexes.filter(({ health }) => names.has(health))
}

/** Restorable states, worst first: nothing to restore, not known, then times. */
const restorableRank = ({ copies, dataUntil }: BackupHealth.IndexHealth): number =>
  copies === null ? -Number.MAX_VALUE : dataUntil === null ? -Infinity : DateTime.toEpochMillis(dataUntil)

/**
 * The worst index first: by the worst finding, then nothing to restore, then by the time to which it can be restored
 * (unknown, then oldest first), then by name.
 */
export const worstFirst: Order.Order<Pick<IndexView, "health">> = Order.mapInput(
  Order.combineAll<BackupHealth.IndexHealth>([
    Order.mapInput(Order.Number, ({ findings, status }) => {
      const severity = findings[0]?.severity ?? status
      return severity === "ok" ? Infinity : HealthCheck.Severity.literals.indexOf(severity)
    }),
    Order.mapInput(Order.Number, restorableRank),
    Order.mapInput(Order.String, ({ indexName }) => indexName)
  ]),
  ({ health }) => health
)
