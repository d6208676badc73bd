/**
 * Seeds of the simulated service: indexes, schedules with their runs, backups and restore jobs, at the start or later.
 *
 * An instant is a `DateTime.Input`: a `DateTime`, a `Date`, milliseconds since 1970, or a string such as
 * `"2026-04-24T06:00:00Z"`. In JSON it is such a string.
 *
 * **Example** (Seeding a schedule with a failed run)
 *
 * ```ts
 * import { ScheduleId } from "@pinecone-backups/core/BackupSchedule"
 * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import type * as Seed from "@pinecone-backups/testing/Seed"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const nightly: Seed.Schedule = {
 *   id: "nightly",
 *   indexName: "docs",
 *   // Newest first.
 *   runs: [{}, { status: "Failed" }, {}],
 *   enabled: false
 * }
 *
 * export const program = Effect.gen(function*() {
 *   const schedules = yield* BackupSchedules.BackupSchedules
 *   const runs = yield* Stream.runCollect(schedules.history(ScheduleId.make("nightly")))
 *   yield* Console.log(runs.map(({ status }) => status)) // => [ 'Ready', 'Failed', 'Ready' ]
 * }).pipe(Effect.provide(PineconeMemory.layer({ schedules: [nightly] })))
 * ```
 *
 * @since 0.1.0
 */

import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Inputs from "./internal/inputs.ts"
import * as Simulation from "./internal/simulation.ts"

/**
 * Error for an invalid seed: it has an invalid value or an unknown key, it contradicts the existing state, for example with a
 * duplicate ID, or the service would reject it.
 *
 * **Details**
 *
 * It is thrown, or a defect, because it is a bug in the setup of a test, not a result of it.
 *
 * @category errors
 * @since 0.1.0
 */
export class SeedError extends Data.TaggedError("SeedError")<{
  /** Class of the error that the service would return. */
  readonly reason: "AlreadyExists" | "InvalidArgument"
  readonly message: string
}> {}

/**
 * Schema for the seed of an index.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Index = Schema.Struct({
  ...Struct.map(Struct.omit(Simulation.Index.fields, ["deletedAt"]), Schema.optional),
  /**
   * Time of the deletion. Only the backups of a deleted index remain. Seed the backups after the index, with the ID of
   * the index.
   */
  deletedAt: Simulation.Index.fields.deletedAt,
  /** @default "index-1", counting up */
  id: Schema.optional(Schema.String),
  /** @default "docs" */
  name: Schema.optional(Schema.String)
})

/**
 * Seed of an index.
 *
 * @category options
 * @since 0.1.0
 */
export interface Index extends Inputs.WithInstants<typeof Index.Type> {}

/** The maximum number of runs still fits into memory. */
const manyRuns = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))

/**
 * Schema for the seed of a run, or `"missing"` for a missed run.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Run = Schema.Union([
  Schema.Literal("missing"),
  Schema.Struct({
    ...Struct.map(Simulation.Special.fields, Schema.optional),
    /** Planned time, instead of the time given by the position in the list. Not for a `Scheduled` run. */
    plannedFor: Schema.optional(Schema.DateTimeUtcFromString),
    /**
     * Whether retention has deleted the backup. The history still has the run, but the backup is not listed and cannot be
     * found by its ID. Not for a `Scheduled` run. @default false
     */
    expired: Schema.optional(Schema.Boolean)
  })
])

/**
 * Seed of a run, or `"missing"` for a missed run.
 *
 * @category options
 * @since 0.1.0
 */
export type Run = "missing" | Inputs.WithInstants<Exclude<typeof Run.Type, "missing">>

/**
 * Schema for the seed of a schedule.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Schedule = Schema.Struct({
  /** @default "schedule-1", counting up */
  id: Schema.optional(Schema.String),
  /** @default the `id` if given, otherwise "nightly" */
  name: Schema.optional(Schema.String),
  /** Name of the index, which is created if it does not exist. @default "docs" */
  indexName: Schema.optional(Schema.String),
  /** @default "daily" */
  frequency: Schema.optional(BackupSchedule.Frequency),
  /** @default 30 */
  expireAfterDays: Schema.optional(Simulation.Schedule.fields.expireAfterDays),
  /** @default true */
  enabled: Schema.optional(Schema.Boolean),
  /** @default now */
  createdAt: Schema.optional(Schema.DateTimeUtcFromString),
  /**
   * Next run that the service reports until the schedule runs or changes, for example a time in the past.
   *
   * @default the actual next run
   */
  nextScheduledRun: Schema.optional(Schema.DateTimeUtcFromString),
  /**
   * The runs, newest first: a number of successful runs, or one seed per run. Runs are one interval apart. The newest is at
   * the last 06:00 UTC. A `Scheduled` run is one interval later, and exists anyway if the schedule is enabled. Backups of
   * seeded runs do not expire.
   *
   * A `"missing"` run leaves its slot empty. A run with `plannedFor`, or with only a `createdAt`, is at that time, which is
   * also in its name. It does not move other runs.
   *
   * @default 0
   */
  runs: Schema.optional(Schema.Union([manyRuns, Schema.Array(Run)]))
})

/**
 * Seed of a schedule.
 *
 * @category options
 * @since 0.1.0
 */
export interface Schedule extends Inputs.WithInstants<Omit<typeof Schedule.Type, "runs">> {
  readonly runs?: number | ReadonlyArray<Run> | undefined
}

/**
 * Schema for the seed of a backup.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Backup = Schema.Struct({
  ...Struct.map(Simulation.Special.fields, Schema.optional),
  /** ID of the index, which may be deleted. @default the ID of the index `indexName` */
  sourceIndexId: Schema.optional(PineconeIndex.IndexId),
  /** Name of the index, which is created if it does not exist. @default "docs" */
  indexName: Schema.optional(Schema.String)
})

/**
 * Seed of a backup.
 *
 * @category options
 * @since 0.1.0
 */
export interface Backup extends Inputs.WithInstants<typeof Backup.Type> {}

/**
 * Schema for the seed of a restore job.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RestoreJob = Schema.Struct({
  /** @default "job-1", counting up */
  id: Schema.optional(Schema.String),
  /** @default "restored" */
  targetIndexName: Schema.optional(Schema.String),
  /**
   * Fixed status. The target index is ready only if the status is `Completed`.
   *
   * @default completed, or pending until `completedAt`
   */
  status: Schema.optional(Schema.String),
  /** @default "backup-1", counting up */
  backupId: Schema.optional(Schema.String),
  /** @default 6 seconds before `completedAt`, or now without `completedAt` */
  createdAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** A time in the future keeps the job running until then. @default 6 seconds after `createdAt`, or now, if completed */
  completedAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** From 0 to 100. @default derived from the times; 0 for a job with another fixed status */
  percentComplete: Schema.optional(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 })))
})

/**
 * Seed of a restore job.
 *
 * @category options
 * @since 0.1.0
 */
export interface RestoreJob extends Inputs.WithInstants<typeof RestoreJob.Type> {}

const list = <S extends Schema.Constraint>(seed: S) => Schema.optional(Schema.Array(seed))

/**
 * Schema for a set of seeds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Seeds = Schema.Struct({
  indexes: list(Index),
  schedules: list(Schedule),
  backups: list(Backup),
  restoreJobs: list(RestoreJob)
})

/**
 * A set of seeds.
 *
 * @category options
 * @since 0.1.0
 */
export interface Seeds {
  readonly indexes?: ReadonlyArray<Index> | undefined
  readonly schedules?: ReadonlyArray<Schedule> | undefined
  readonly backups?: ReadonlyArray<Backup> | undefined
  readonly restoreJobs?: ReadonlyArray<RestoreJob> | undefined
}

const decodeJson = Schema.decodeUnknownEffect(Schema.toCodecJson(Seeds), Inputs.strict)

/**
 * Decodes a set of seeds from parsed JSON. Unknown keys are invalid.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (json: unknown): Effect.Effect<Seeds, SeedError> =>
  Effect.mapError(
    decodeJson(json),
    ({ issue }) =>
      Inputs.errorOf(
        issue,
        (path, text) => new SeedError({ reason: "InvalidArgument", message: Inputs.at(path, text) })
      )
  )
