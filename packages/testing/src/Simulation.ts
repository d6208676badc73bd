/**
 * Pinecone's backup service as pure functions over a state: what it holds and how it answers. No effects
 * and no clock in here, so that every rule is a table test and both the in-memory layers and the
 * emulator follow the same one.
 *
 * @since 0.1.0
 */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

// ============================================================================
// State
// ============================================================================

/**
 * A schedule with its runs, newest first.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule {
  readonly id: BackupSchedule.ScheduleId
  readonly name: string
  readonly runs: ReadonlyArray<BackupRun.BackupRun>
}

/**
 * What the service holds.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly schedules: ReadonlyMap<string, Schedule>
  readonly restoreJobs: ReadonlyMap<string, RestoreJob.RestoreJob>
  /** How many ids were given out, by kind. Ids count up from 1, so that they never depend on chance. */
  readonly ids: { readonly [Kind in "backup" | "index" | "job" | "schedule"]: number }
}

/**
 * A service that holds nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: State = {
  schedules: new Map(),
  restoreJobs: new Map(),
  ids: { backup: 0, index: 0, job: 0, schedule: 0 }
}

// ============================================================================
// Seeding
// ============================================================================

/**
 * A schedule to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface ScheduleSeed {
  /** @default "schedule-1", counting up */
  readonly id?: string | undefined
  /** @default "nightly" */
  readonly name?: string | undefined
  /** @default "docs" */
  readonly indexName?: string | undefined
  /**
   * The runs, newest first: how many good ones, or what is special about each. They lie a day apart, the
   * newest at the last 06:00 UTC; one that is `Scheduled` lies at the next.
   *
   * @default 0
   */
  readonly runs?: number | ReadonlyArray<Partial<BackupRun.BackupRun>> | undefined
}

/**
 * A restore job to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface RestoreJobSeed {
  /** @default "job-1", counting up */
  readonly id?: string | undefined
  /** @default "restored" */
  readonly targetIndexName?: string | undefined
  /** @default "Completed" */
  readonly status?: string | undefined
  /** @default "backup-1", counting up */
  readonly backupId?: string | undefined
  /** Started now, if left out. */
  readonly createdAt?: DateTime.Utc | undefined
  /** Six seconds after the start, if left out and the job is completed. */
  readonly completedAt?: DateTime.Utc | undefined
  /** From 0 to 100; 100 if left out and the job is completed, else 0. */
  readonly percentComplete?: number | undefined
}

const nextId = (state: State, kind: keyof State["ids"]): readonly [State, string] => {
  const number = state.ids[kind] + 1
  return [{ ...state, ids: { ...state.ids, [kind]: number } }, `${kind}-${number}`]
}

/** The last 06:00 UTC at or before an instant. The service runs schedules then. */
const lastRunTime = (now: DateTime.Utc): DateTime.Utc => {
  const today = DateTime.add(DateTime.startOf(now, "day"), { hours: 6 })
  return DateTime.isGreaterThan(today, now) ? DateTime.subtract(today, { days: 1 }) : today
}

/** The stamp in the name of a scheduled backup: `20260424T060000Z`. */
const stamp = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(/\.\d+/, "").replace(/[-:]/g, "")

/**
 * Adds a schedule and its runs.
 *
 * @category combinators
 * @since 0.1.0
 */
export const seedSchedule = (state: State, now: DateTime.Utc, seed: ScheduleSeed): readonly [State, Schedule] => {
  const [withIndex, indexId] = nextId(state, "index")
  const [withSchedule, scheduleId] = nextId(withIndex, "schedule")
  const name = seed.name ?? "nightly"
  const indexName = seed.indexName ?? "docs"
  const specials: ReadonlyArray<Partial<BackupRun.BackupRun>> = typeof seed.runs === "object"
    ? seed.runs
    : Array.from({ length: seed.runs ?? 0 }, () => ({}))

  let current = withSchedule
  let plannedFor = DateTime.add(lastRunTime(now), { days: 1 })
  const runs = specials.map((special): BackupRun.BackupRun => {
    const [next, backupId] = nextId(current, "backup")
    current = next
    const isPlanned = special.status === "Scheduled"
    if (!isPlanned && DateTime.isGreaterThan(plannedFor, now)) plannedFor = DateTime.subtract(plannedFor, { days: 1 })
    const runAt = plannedFor
    plannedFor = DateTime.subtract(plannedFor, { days: 1 })
    const isReady = special.status === undefined || special.status === "Ready"
    return {
      backupId: Backup.BackupId.make(backupId),
      sourceIndexId: PineconeIndex.IndexId.make(indexId),
      sourceIndexName: PineconeIndex.IndexName.make(indexName),
      tags: {},
      name: `${name}-${stamp(runAt)}`,
      description: null,
      status: "Ready",
      ...(isPlanned && { scheduledExecutionAt: runAt }),
      cloud: "aws",
      region: "us-east-1",
      dimension: 1536,
      schema: null,
      recordCount: isReady ? 120_000 : null,
      namespaceCount: isReady ? 1 : null,
      sizeBytes: isReady ? 740_000_000 : null,
      createdAt: DateTime.subtract(runAt, { days: 1 }),
      ...special
    }
  })
  const schedule: Schedule = { id: BackupSchedule.ScheduleId.make(seed.id ?? scheduleId), name, runs }
  return [{ ...current, schedules: new Map(current.schedules).set(schedule.id, schedule) }, schedule]
}

/**
 * Adds a restore job.
 *
 * @category combinators
 * @since 0.1.0
 */
export const seedRestoreJob = (
  state: State,
  now: DateTime.Utc,
  seed: RestoreJobSeed
): readonly [State, RestoreJob.RestoreJob] => {
  const [withIndex, indexId] = nextId(state, "index")
  const [withBackup, backupId] = nextId(withIndex, "backup")
  const [withJob, jobId] = nextId(withBackup, "job")
  const createdAt = seed.createdAt ?? now
  const status = seed.status ?? "Completed"
  const isCompleted = status === "Completed"
  const job: RestoreJob.RestoreJob = {
    restoreJobId: RestoreJob.RestoreJobId.make(seed.id ?? jobId),
    backupId: Backup.BackupId.make(seed.backupId ?? backupId),
    targetIndexName: PineconeIndex.IndexName.make(seed.targetIndexName ?? "restored"),
    targetIndexId: PineconeIndex.IndexId.make(indexId),
    status,
    createdAt,
    completedAt: seed.completedAt ?? (isCompleted ? DateTime.add(createdAt, { seconds: 6 }) : null),
    percentComplete: seed.percentComplete ?? (isCompleted ? 100 : 0)
  }
  return [{ ...withJob, restoreJobs: new Map(withJob.restoreJobs).set(job.restoreJobId, job) }, job]
}

// ============================================================================
// Answers
// ============================================================================

/**
 * The version values the service knows. Backup schedules came with `unstable` and `2026-07`; the guides
 * also promise them for `2026-04`.
 *
 * @category models
 * @since 0.1.0
 */
export const versions = ["2025-04", "2025-10", "2026-01.alpha", "2026-04", "2026-07", "unstable"] as const

/**
 * A version value the service knows.
 *
 * @category models
 * @since 0.1.0
 */
export type Version = (typeof versions)[number]

/** The versions from before backup schedules. */
const withoutSchedules: ReadonlyArray<Version> = ["2025-04", "2025-10", "2026-01.alpha"]

/**
 * A request that is refused: which error it is, and what the service says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/**
 * Refuses a request with one of the errors in core's table.
 *
 * @category constructors
 * @since 0.1.0
 */
export const refuse = (tag: PineconeError.ApiErrorTag, message: string): Refusal => {
  const { code, status } = PineconeError.apiErrors[tag]
  return { code, status, message }
}

/**
 * A page of a list.
 *
 * @category models
 * @since 0.1.0
 */
export interface Envelope<A> {
  readonly data: ReadonlyArray<A>
  readonly pagination: { readonly next: string } | null
}

const PageToken = Schema.fromJsonString(
  Schema.Struct({
    limit: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
    offset: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
  })
)

const decodeToken = (token: string) =>
  Base64.decodeString(token).pipe(Result.flatMap((json) => Schema.decodeUnknownResult(PageToken)(json)))

/**
 * One page of rows. A token is an offset and remembers the page size it began with; a `limit` beside it
 * overrides the size and keeps the offset. More than 100 rows are never sent.
 *
 * @category combinators
 * @since 0.1.0
 */
export const page = <A>(
  rows: ReadonlyArray<A>,
  version: Version,
  request: { readonly limit?: number | undefined; readonly paginationToken?: string | undefined }
): Result.Result<Envelope<A>, Refusal> => {
  const start = request.paginationToken === undefined
    ? Result.succeed({ limit: version === "2026-07" ? 100 : 10, offset: 0 })
    : decodeToken(request.paginationToken)
  return start.pipe(
    Result.mapError(() => refuse("InvalidArgument", "The request contains invalid parameters.")),
    Result.map(({ limit: remembered, offset }) => {
      const limit = Math.min(request.limit ?? remembered, 100)
      const end = offset + limit
      return {
        data: rows.slice(offset, end),
        pagination: end < rows.length ? { next: Base64.encode(JSON.stringify({ limit, offset: end })) } : null
      }
    })
  )
}

/** A run as a version of the API shows it. */
const showRun = (run: BackupRun.BackupRun, version: Version): BackupRun.BackupRun => {
  if (version !== "2026-07") {
    return run.status === "InitializationFailed" ? { ...run, status: "Failed" } : run
  }
  const { dimension: _, ...documented } = run
  return documented
}

/** A restore job as a version of the API shows it: since 2026-07 progress is reported only as done. */
const showRestoreJob = (job: RestoreJob.RestoreJob, version: Version): RestoreJob.RestoreJob => {
  if (version !== "2026-07" || RestoreJob.isCompleted(job)) return job
  const { percentComplete: _, ...documented } = job
  return documented
}

/**
 * `GET /backup-schedules/{schedule_id}/history`
 *
 * @category operations
 * @since 0.1.0
 */
export const history = (state: State, version: Version, request: {
  readonly scheduleId: string
  readonly limit?: number | undefined
  readonly paginationToken?: string | undefined
}): Result.Result<Envelope<BackupRun.BackupRun>, Refusal> => {
  const schedule = withoutSchedules.includes(version) ? undefined : state.schedules.get(request.scheduleId)
  return schedule === undefined
    ? Result.fail(refuse("NotFound", "Backup schedule not found."))
    : page(schedule.runs.map((run) => showRun(run, version)), version, request)
}

/**
 * `GET /restore-jobs/{job_id}`
 *
 * @category operations
 * @since 0.1.0
 */
export const describeRestoreJob = (
  state: State,
  version: Version,
  id: string
): Result.Result<RestoreJob.RestoreJob, Refusal> => {
  const job = state.restoreJobs.get(id)
  return job === undefined
    ? Result.fail(refuse("NotFound", `Restore job ${id} not found.`))
    : Result.succeed(showRestoreJob(job, version))
}
