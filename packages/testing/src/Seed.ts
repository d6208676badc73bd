/**
 * What the simulated service begins with, or is given later: indexes, schedules with their runs, backups, restore
 * jobs. An instant is a `DateTime.Input`: a `DateTime`, a `Date`, milliseconds since 1970 or a text such as
 * `"2026-04-24T06:00:00Z"`. As JSON it is such a text.
 *
 * @since 0.1.0
 */

import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import type * as Inputs from "./internal/inputs.ts"
import * as Simulation from "./internal/simulation.ts"

/**
 * A seed that contradicts what is there, such as an id that is taken, or that the service would refuse. It is
 * thrown, since it is a mistake in the set-up of a test and no outcome of one.
 *
 * @category errors
 * @since 0.1.0
 */
export class SeedError extends Data.TaggedError("SeedError")<{
  /** What the service would call it. */
  readonly reason: "AlreadyExists" | "InvalidArgument"
  readonly message: string
}> {}

/**
 * Schema for an index to begin with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Index = Schema.Struct({
  ...Struct.map(Struct.omit(Simulation.Index.fields, ["deletedAt"]), Schema.optional),
  /** When it was deleted. Only backups of it are left then, seeded after it with its id. */
  deletedAt: Simulation.Index.fields.deletedAt,
  /** @default "index-1", counting up */
  id: Schema.optional(Schema.String),
  /** @default "docs" */
  name: Schema.optional(Schema.String)
})

/**
 * An index to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface Index extends Inputs.WithInstants<typeof Index.Type> {}

/** As many as fit into memory. */
const manyRuns = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))

/**
 * Schema for a run of a schedule to begin with, or that there is none.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Run = Schema.Union([
  Schema.Literal("missing"),
  Schema.Struct({
    ...Struct.map(Simulation.Special.fields, Schema.optional),
    /** Another time than its place in the list says. Not for a run that is `Scheduled`. */
    plannedFor: Schema.optional(Schema.DateTimeUtcFromString),
    /**
     * Whether retention has deleted the backup. The history of the schedule has the run all the same; no list of
     * backups has it, and by its id nothing is found. Not for a run that is `Scheduled`. @default false
     */
    expired: Schema.optional(Schema.Boolean)
  })
])

/**
 * A run of a schedule to begin with, or that there is none.
 *
 * @category options
 * @since 0.1.0
 */
export type Run = "missing" | Inputs.WithInstants<Exclude<typeof Run.Type, "missing">>

/**
 * Schema for a schedule to begin with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Schedule = Schema.Struct({
  /** @default "schedule-1", counting up */
  id: Schema.optional(Schema.String),
  /** The id, if that is given. @default "nightly" */
  name: Schema.optional(Schema.String),
  /** The index, which is made if there is none of that name. @default "docs" */
  indexName: Schema.optional(Schema.String),
  /** @default "daily" */
  frequency: Schema.optional(BackupSchedule.Frequency),
  /** @default 30 */
  expireAfterDays: Schema.optional(Simulation.Schedule.fields.expireAfterDays),
  /** @default true */
  enabled: Schema.optional(Schema.Boolean),
  /** @default now */
  createdAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** What the service is to say of its next run, until that: a time that has passed, say. The truth, if left out. */
  nextScheduledRun: Schema.optional(Schema.DateTimeUtcFromString),
  /**
   * The runs, newest first: how many good ones, or what is special about each. They lie one interval apart,
   * the newest at the last 06:00 UTC; one that is `Scheduled` lies at the next, and is planned anyway if the
   * schedule is enabled. None of those that ran expires.
   *
   * At the place of one that is `"missing"` nothing is made. One that has a `plannedFor`, or a `createdAt` alone,
   * lies there, and has that time in its name; those after it lie where they would anyway.
   *
   * @default 0
   */
  runs: Schema.optional(Schema.Union([manyRuns, Schema.Array(Run)]))
})

/**
 * A schedule to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface Schedule extends Inputs.WithInstants<Omit<typeof Schedule.Type, "runs">> {
  readonly runs?: number | ReadonlyArray<Run> | undefined
}

/**
 * Schema for a backup to begin with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Backup = Schema.Struct({
  ...Struct.map(Simulation.Special.fields, Schema.optional),
  /** The index by its id, if there is one, so that it may be a deleted one. By its name, if left out. */
  sourceIndexId: Schema.optional(PineconeIndex.IndexId),
  /** The index, which is made if there is none of that name. @default "docs" */
  indexName: Schema.optional(Schema.String)
})

/**
 * A backup to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface Backup extends Inputs.WithInstants<typeof Backup.Type> {}

/**
 * Schema for a restore job to begin with.
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
   * A status that it keeps, whatever the time; the index it makes is ready only if that is `Completed`. Left
   * out, the job is completed, or pending until `completedAt`.
   */
  status: Schema.optional(Schema.String),
  /** @default "backup-1", counting up */
  backupId: Schema.optional(Schema.String),
  /** Six seconds before `completedAt`, or now, if the job has no such time. */
  createdAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Six seconds after `createdAt`, or now, if the job is completed. A later time lets it run until then. */
  completedAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** From 0 to 100. Left out, it follows from the times; 0 for a job that keeps another status. */
  percentComplete: Schema.optional(Schema.Finite)
})

/**
 * A restore job to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface RestoreJob extends Inputs.WithInstants<typeof RestoreJob.Type> {}

const list = <S extends Schema.Constraint>(seed: S) => Schema.optional(Schema.Array(seed))

/**
 * Schema for what there is to begin with, or to add later.
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
 * What there is to begin with, or to add later.
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
