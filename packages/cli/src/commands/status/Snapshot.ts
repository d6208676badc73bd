/** A snapshot of a project: its indexes and running operations. Data only. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import type * as ScheduleView from "../../shared/ScheduleView.ts"

/** The backup health of an index, and its schedule. */
export interface Index extends ScheduleView.MayRun {
  readonly health: BackupHealth.IndexHealth
}

/** A running backup or restore. */
export interface Operation {
  readonly kind: "backup" | "restore"
  readonly id: string
  readonly indexName: string
  /** The status reported by the service. */
  readonly status: string
  readonly startedAt: DateTime.Utc | undefined
  /** Progress in percent, if the service reports it. */
  readonly percent: number | undefined
}

/** A snapshot of a project. */
export interface Snapshot {
  readonly health: BackupHealth.BackupHealth
  /** Worst first. */
  readonly indexes: ReadonlyArray<Index>
  /** Oldest first. */
  readonly operations: ReadonlyArray<Operation>
  /** Whether the backups of the project were read. */
  readonly hasBackups: boolean
  /** The errors of failed reads, without duplicates. */
  readonly unread: ReadonlyArray<string>
  /**
   * The final status of an operation, or `gone` if it is no longer listed. `undefined` if it has not finished or its
   * status is unknown.
   */
  readonly endOf: (operation: Operation) => string | undefined
}

const read = <A>(facts: BackupHealth.Read<A>): ReadonlyArray<A> => Result.getOrElse(facts, () => [])

/** The runs of all histories. */
const runsOf = (facts: BackupHealth.Facts): ReadonlyArray<BackupRun.BackupRun> =>
  facts.indexes.flatMap(({ schedules }) => read(schedules)).flatMap(({ runs }) => read(runs))

/** The histories, with the errors of failed reads. */
const historiesOf = (facts: BackupHealth.Facts): ReadonlyArray<BackupHealth.Read<unknown>> =>
  facts.indexes.flatMap(({ schedules }): ReadonlyArray<BackupHealth.Read<unknown>> =>
    Result.isFailure(schedules) ? [schedules] : schedules.success.map(({ runs }) => runs)
  )

/** The facts after a failed refresh: the indexes of the previous refresh, with an unknown state. */
export const unreadable = (facts: BackupHealth.Facts, error: PineconeError.PineconeError): BackupHealth.Facts => ({
  ...facts,
  indexes: facts.indexes.map(({ index }) => ({ index, schedules: Result.fail(error) })),
  backups: Result.fail(error),
  restoreJobs: Result.fail(error)
})

/** All backups by ID, including backups that are only in a history. */
const backupsOf = (facts: BackupHealth.Facts): ReadonlyMap<string, BackupRun.BackupRun> =>
  new Map<string, BackupRun.BackupRun>(
    [...runsOf(facts), ...read(facts.backups)].map((backup) => [backup.backupId, backup])
  )

const ofBackup = (backup: BackupRun.BackupRun, isInHistory: boolean): Operation => ({
  kind: "backup",
  id: backup.backupId,
  indexName: backup.sourceIndexName,
  status: backup.status,
  startedAt: Copies.takenAt(backup, isInHistory),
  percent: undefined
})

const ofRestore = (job: RestoreJob.RestoreJob): Operation => ({
  kind: "restore",
  id: job.restoreJobId,
  indexName: job.targetIndexName,
  status: job.status,
  startedAt: job.createdAt ?? undefined,
  percent: job.percentComplete ?? undefined
})

const byStart: Order.Order<Operation> = Order.mapInput(
  Order.Number,
  ({ startedAt }) => startedAt === undefined ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(startedAt)
)

/** Builds a snapshot from facts. */
export const make = (facts: BackupHealth.Facts, options: BackupHealth.AssessOptions): Snapshot => {
  const health = HealthChecks.assess(facts, options)
  const names = new Set<string>(facts.indexes.map(({ index }) => index.name))
  const isWhole = facts.indexes.length === facts.all.length
  const isAsked = ({ indexName }: Operation) => isWhole || names.has(indexName)
  const byName = new Map<string, BackupHealth.IndexFacts>(facts.indexes.map((index) => [index.index.name, index]))
  const backups = backupsOf(facts)
  const ran = new Set<string>(runsOf(facts).map(({ backupId }) => backupId))
  const histories = historiesOf(facts)
  const isRead = {
    // A backup that just started may be only in a history.
    backup: [facts.backups, ...histories].every(Result.isSuccess),
    restore: Result.isSuccess(facts.restoreJobs)
  }
  const jobs = new Map(read(facts.restoreJobs).map((job) => [String(job.restoreJobId), job]))
  return {
    health,
    indexes: health.indexes.map((health): Index => {
      // A deleted index may have the name of an existing index, whose schedules do not belong to it.
      const schedules = health.isDeleted ? [] : read(byName.get(health.indexName)?.schedules ?? Result.succeed([]))
      const inUse = schedules.find(({ schedule }) => schedule.enabled !== false) ?? schedules[0]
      return { health, schedule: inUse?.schedule, runs: inUse === undefined ? [] : read(inUse.runs) }
    }),
    operations: [
      ...[...backups.values()].filter((backup) => BackupRun.hasBegun(backup) && !Backup.isFinal(backup)).map((backup) =>
        ofBackup(backup, ran.has(backup.backupId))
      ),
      ...[...jobs.values()].filter((job) => !RestoreJob.isFinal(job)).map(ofRestore)
    ].filter(isAsked).sort(byStart),
    hasBackups: Result.isSuccess(facts.backups),
    unread: Array.dedupe(
      [...histories, facts.backups, facts.restoreJobs].flatMap((read) =>
        Result.isFailure(read) ? [read.failure.message] : []
      )
    ),
    endOf: ({ id, kind }) => {
      const backup = backups.get(id)
      const job = jobs.get(id)
      const found = kind === "backup"
        ? backup && { status: backup.status, isFinal: Backup.isFinal(backup) }
        : job && { status: job.status, isFinal: RestoreJob.isFinal(job) }
      if (found !== undefined) return found.isFinal ? found.status : undefined
      return isRead[kind] ? "gone" : undefined
    }
  }
}

/** The time since an operation started. */
export const elapsed = ({ startedAt }: Operation, now: DateTime.Utc) => startedAt && DateTime.distance(startedAt, now)
