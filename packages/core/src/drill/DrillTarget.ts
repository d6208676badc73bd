/**
 * The service that restore drills run against.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Backup from "../Backup.ts"
import type * as Backups from "../Backups.ts"
import type * as Indexes from "../Indexes.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import type * as RestoreJob from "../RestoreJob.ts"
import type * as RestoreJobs from "../RestoreJobs.ts"
import type * as DrillError from "./DrillError.ts"
import type * as DrillIndex from "./DrillIndex.ts"
import type * as DrillReport from "./DrillReport.ts"
import type * as DrillRequest from "./DrillRequest.ts"
import type * as IndexData from "./IndexData.ts"
import type * as IndexRecord from "./IndexRecord.ts"
import type * as IndexStats from "./IndexStats.ts"

// ============================================================================
// Models
// ============================================================================

/**
 * The backup that a drill restores, and the newer backups that it does not.
 *
 * @category models
 * @since 0.1.0
 */
export interface Choice {
  readonly backup: DrillReport.DrilledBackup
  readonly skipped: ReadonlyArray<DrillReport.Skipped>
}

/**
 * The state of a restore. `Completed` means that the job is completed and the index is ready, and `Vanished` that
 * neither the job nor the index exists.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly status: "Running" | "Completed" | "Failed" | "Cancelled" | "Vanished"
  /** When the job was created; `null` if it does not report it. */
  readonly createdAt: DateTime.Utc | null
  /** When the job was completed; `null` if it does not report it. */
  readonly completedAt: DateTime.Utc | null
}

/**
 * Records of one namespace that a sample has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Drawn {
  /** The namespace. The default namespace is the empty string. */
  readonly namespace: string
  readonly ids: ReadonlyArray<IndexRecord.RecordId>
}

/**
 * A temporary index that exists.
 *
 * @category models
 * @since 0.1.0
 */
export interface Existing {
  readonly temporary: DrillIndex.DrillIndex
  /** When its restore job was created; `null` if that is unknown. */
  readonly createdAt: DateTime.Utc | null
}

// ============================================================================
// Service
// ============================================================================

/**
 * The only access that a drill has to the outside world. Every method can be repeated, in another process too, without a
 * second effect. Each is short: drills repeat methods that fail with `DrillUnavailable` after a durable delay.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Chooses a backup. A random choice differs with each call. Fails with the code `no-copy` if the index has no good
   * copy.
   */
  readonly choose: (
    request: Pick<DrillRequest.DrillRequest, "index" | "pick">
  ) => Effect.Effect<Choice, DrillError.StepError>

  /** Counts the indexes of the project. */
  readonly countIndexes: Effect.Effect<number, DrillError.StepError>

  /**
   * Starts to restore a backup into a temporary index with the tag of the drill and without deletion protection. If the
   * temporary index already exists, returns its job. Fails with the code `name-taken` if the name belongs to an index
   * that is not the drill's.
   */
  readonly restore: (
    backupId: Backup.BackupId,
    temporary: DrillIndex.DrillIndex
  ) => Effect.Effect<RestoreJob.Started, DrillError.StepError>

  /** Reads the state of a restore. */
  readonly progress: (
    restoreJobId: RestoreJob.RestoreJobId,
    temporary: DrillIndex.DrillIndex
  ) => Effect.Effect<Progress, DrillError.StepError>

  /** Reads the temporary index. Fails with the code `index-vanished` if it does not exist. */
  readonly describe: (
    temporary: DrillIndex.DrillIndex
  ) => Effect.Effect<PineconeIndex.PineconeIndex, DrillError.StepError>

  /** Reads the counts of the temporary index. */
  readonly stats: (temporary: DrillIndex.DrillIndex) => Effect.Effect<IndexStats.IndexStats, DrillError.StepError>

  /**
   * Draws random records: each from a random namespace, weighted by size, and from the first 1,000 IDs of that
   * namespace. Returns fewer if the namespaces have fewer.
   */
  readonly draw: (
    temporary: DrillIndex.DrillIndex,
    records: number
  ) => Effect.Effect<ReadonlyArray<Drawn>, DrillError.StepError>

  /** Reads records. Records that do not exist are omitted. Costs read units. */
  readonly fetch: (
    temporary: DrillIndex.DrillIndex,
    drawn: Drawn
  ) => Effect.Effect<ReadonlyMap<IndexRecord.RecordId, IndexRecord.IndexRecord>, DrillError.StepError>

  /**
   * Removes the temporary index. Succeeds only when the index is gone and cannot appear later, that is, when its restore
   * job is final too. Otherwise fails with `DrillUnavailable`. Refuses, with the code `name-taken`, any index that does
   * not have both the name and the tag of the drill.
   */
  readonly remove: (temporary: DrillIndex.DrillIndex) => Effect.Effect<void, DrillError.StepError>

  /** The temporary indexes of all drills, by name and tag. */
  readonly existing: Effect.Effect<ReadonlyArray<Existing>, DrillError.StepError>
}

/**
 * The service that restore drills run against.
 *
 * @category services
 * @since 0.1.0
 */
export class DrillTarget extends Context.Service<DrillTarget, Service>()("@pinecone-backups/core/drill/DrillTarget") {}

/**
 * Services that the target needs.
 *
 * @category models
 * @since 0.1.0
 */
export type Dependencies = Backups.Backups | Indexes.Indexes | RestoreJobs.RestoreJobs | IndexData.IndexData

/**
 * Creates a target on the services of this library.
 *
 * @category constructors
 * @since 0.1.0
 */
export declare const make: Effect.Effect<Service, never, Dependencies>

/**
 * Layer that provides a target on the services of this library.
 *
 * @category layers
 * @since 0.1.0
 */
export declare const layer: Layer.Layer<DrillTarget, never, Dependencies>
