/**
 * The log of restore drills: which drills were started, and the reports of those that ended.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import * as Wire from "../internal/codec/wire.ts"
import { IndexName } from "../PineconeIndex.ts"
import * as DrillReport from "./DrillReport.ts"

/**
 * Schema for a drill in the log.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DrillEntry = Wire.snakeStruct({
  executionId: Schema.String,
  drillId: Schema.String,
  indexName: IndexName,
  startedAt: Schema.DateTimeUtcFromString,
  /** When the drill times out. Its temporary index can exist for some time after that. */
  deadlineAt: Schema.DateTimeUtcFromString,
  /** The report; `null` until the drill has ended. */
  report: Schema.NullOr(DrillReport.DrillReport)
})

/**
 * A drill in the log.
 *
 * @category models
 * @since 0.1.0
 */
export interface DrillEntry extends Schema.Schema.Type<typeof DrillEntry> {}

/**
 * The newest reports of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Latest {
  /** The report of the drill that ended last. */
  readonly last: DrillReport.DrillReport
  /** The report of the successful drill that ended last, if there is one. */
  readonly lastSuccessful: DrillReport.DrillReport | undefined
}

/**
 * Options of a list of drills.
 *
 * @category options
 * @since 0.1.0
 */
export interface ListOptions {
  /** Only the drills of this index. */
  readonly index?: IndexName | undefined
  /** Maximum number of drills. Defaults to no limit. */
  readonly limit?: number | undefined
}

/**
 * The log could not be read or written.
 *
 * @category errors
 * @since 0.1.0
 */
export class DrillLogError extends Schema.TaggedError<DrillLogError>()("DrillLogError", {
  /** One sentence for people. */
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

/**
 * The log of restore drills. A report is never changed: the first report of a drill stays.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** Records the start of a drill. Does nothing if the drill is in the log. */
  readonly begin: (entry: Omit<DrillEntry, "report">) => Effect.Effect<void, DrillLogError>
  /** Records the report of a drill. Does nothing if the drill has a report. */
  readonly put: (report: DrillReport.DrillReport) => Effect.Effect<void, DrillLogError>
  /** Reads a drill; `undefined` if it is not in the log. */
  readonly get: (executionId: string) => Effect.Effect<DrillEntry | undefined, DrillLogError>
  /** Lists drills, the last started first. */
  readonly list: (options?: ListOptions) => Effect.Effect<ReadonlyArray<DrillEntry>, DrillLogError>
  /** The newest reports, by index. */
  readonly latest: Effect.Effect<ReadonlyMap<IndexName, Latest>, DrillLogError>
  /**
   * Deletes reports of drills that ended before a time, and returns the execution IDs. Keeps drills that have not ended,
   * and the reports that `latest` returns.
   */
  readonly prune: (before: DateTime.Utc) => Effect.Effect<ReadonlyArray<string>, DrillLogError>
}

/**
 * The log of restore drills.
 *
 * @category services
 * @since 0.1.0
 */
export class DrillLog extends Context.Service<DrillLog, Service>()("@pinecone-backups/core/drill/DrillLog") {}

/**
 * Layer that provides a log in memory, which ends with the process.
 *
 * @category layers
 * @since 0.1.0
 */
export declare const layerMemory: Layer.Layer<DrillLog>

/**
 * Layer that provides a log in a SQL database, SQLite or PostgreSQL. Creates the table `pinecone_backups_drills` if it
 * does not exist.
 *
 * @category layers
 * @since 0.1.0
 */
export declare const layerSql: Layer.Layer<DrillLog, DrillLogError, SqlClient.SqlClient>
