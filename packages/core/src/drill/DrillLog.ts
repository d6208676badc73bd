/**
 * The log of restore drills: which drills were started, and the reports of those that ended.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import * as Wire from "../internal/codec/wire.ts"
import { millis, millisOf } from "../internal/time.ts"
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
  /** `null` only if it is unreadable. */
  startedAt: Schema.NullOr(Schema.DateTimeUtcFromString),
  /** When the drill times out. Its temporary index can exist for some time after that. `null` only if it is unreadable. */
  deadlineAt: Schema.NullOr(Schema.DateTimeUtcFromString),
  /** The report; `null` until the drill has ended, and if it is unreadable. */
  report: Schema.NullOr(DrillReport.DrillReport),
  /**
   * Why the entry is unreadable, for example because another version wrote it; `null` if it is readable. Whether and how an
   * unreadable drill ended is unknown.
   */
  problem: Schema.NullOr(Schema.String)
})

/**
 * A drill in the log.
 *
 * @category models
 * @since 0.1.0
 */
export interface DrillEntry extends Schema.Schema.Type<typeof DrillEntry> {}

/**
 * The start of a drill.
 *
 * @category models
 * @since 0.1.0
 */
export interface Start extends Pick<DrillEntry, "drillId" | "executionId" | "indexName"> {
  readonly startedAt: DateTime.Utc
  readonly deadlineAt: DateTime.Utc
}

/**
 * The newest reports of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Latest {
  /** The report of the drill that ended last; `undefined` if an unreadable drill may have ended later. */
  readonly last: DrillReport.DrillReport | undefined
  /** The report of the successful drill that ended last, if there is one and it is readable. */
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
  /** Only the drills that ended at this time or later. */
  readonly endedSince?: DateTime.Utc | undefined
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
 * **Details**
 *
 * Unreadable entries have a `problem`. The log as a whole is unreadable only if an entry does not have the name of its index.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** Records the start of a drill. Does nothing if the drill is in the log. */
  readonly begin: (start: Start) => Effect.Effect<void, DrillLogError>
  /** Records the report of a drill. Does nothing if the drill has a report. */
  readonly put: (report: DrillReport.DrillReport) => Effect.Effect<void, DrillLogError>
  /** Reads a drill; `undefined` if it is not in the log. */
  readonly get: (executionId: string) => Effect.Effect<DrillEntry | undefined, DrillLogError>
  /** Reads drills, by execution ID. Omits drills that are not in the log. */
  readonly getMany: (
    executionIds: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, DrillEntry>, DrillLogError>
  /** Lists drills, the last started first. */
  readonly list: (options?: ListOptions) => Effect.Effect<ReadonlyArray<DrillEntry>, DrillLogError>
  /** The newest reports, by index. */
  readonly latest: Effect.Effect<ReadonlyMap<IndexName, Latest>, DrillLogError>
  /**
   * Deletes reports of drills that ended before a time, and returns the execution IDs. Keeps drills that have not ended,
   * drills whose end is unreadable, the reports that `latest` returns, and the last report of each index that is not `CANCELLED`.
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

type Report = DrillReport.DrillReport

const endedOf = ({ executionId, indexName, outcome, times }: Report): Ended => ({
  executionId,
  indexName,
  outcome,
  endedAt: millis(times.endedAt)
})

const byEnd = Order.combine(
  Order.mapInput(Order.Number, ({ endedAt }: Ended) => endedAt),
  Order.mapInput(Order.String, ({ executionId }: Ended) => executionId)
)

const byStart = Order.combine(
  Order.mapInput(Order.flip(Order.Number), ({ startedAt }: DrillEntry) => millisOf(startedAt) ?? Infinity),
  Order.mapInput(Order.String, ({ executionId }: DrillEntry) => executionId)
)

const latestOf = (entries: ReadonlyArray<DrillEntry>): ReadonlyMap<IndexName, Latest> => {
  const latest = new Map<IndexName, Latest>()
  const reports = entries.flatMap(({ report }) => report === null ? [] : [{ report, ...endedOf(report) }])
  for (const { report } of reports.sort(byEnd)) {
    const lastSuccessful = DrillReport.isProof(report) ? report : latest.get(report.indexName)?.lastSuccessful
    latest.set(report.indexName, { last: report, lastSuccessful })
  }
  for (const { indexName, problem } of entries) {
    if (problem !== null) {
      latest.set(indexName, { last: undefined, lastSuccessful: latest.get(indexName)?.lastSuccessful })
    }
  }
  return latest
}

/** Fields of a report that pruning needs. */
interface Ended {
  readonly executionId: string
  readonly indexName: string
  readonly outcome: string | null
  readonly endedAt: number
}

/**
 * Returns the execution IDs of drills that ended before a time. Excludes, for each index, the last drill, the last successful
 * drill, and the last drill that was not canceled, because later decisions and the health checks use their reports.
 */
const oldOf = (reports: ReadonlyArray<Ended>, before: DateTime.Utc): ReadonlyArray<string> => {
  const kept = new Map<string, string>()
  for (const { executionId, indexName, outcome } of reports.toSorted(byEnd)) {
    kept.set(`last ${indexName}`, executionId)
    if (outcome !== "CANCELLED") kept.set(`result ${indexName}`, executionId)
    if (outcome === "SUCCESSFUL") kept.set(`success ${indexName}`, executionId)
  }
  const ids = new Set(kept.values())
  return reports.flatMap(({ endedAt, executionId }) =>
    endedAt < millis(before) && !ids.has(executionId) ? [executionId] : []
  )
}

/** The entry of a drill whose start is not in the log. */
const entryOf = (report: Report): DrillEntry => ({
  executionId: report.executionId,
  drillId: report.drillId,
  indexName: report.indexName,
  startedAt: report.times.startedAt,
  deadlineAt: report.times.endedAt,
  report,
  problem: null
})

// ============================================================================
// In memory
// ============================================================================

/**
 * Creates a log in memory, which ends with the process.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeMemory: Effect.Effect<Service> = Effect.sync(() => {
  const entries = new Map<string, DrillEntry>()
  const reports = (): ReadonlyArray<Report> => [...entries.values()].flatMap(({ report }) => report ?? [])
  return DrillLog.of({
    begin: (entry) =>
      Effect.sync(() => {
        if (!entries.has(entry.executionId)) {
          entries.set(entry.executionId, { ...entry, report: null, problem: null })
        }
      }),
    put: (report) =>
      Effect.sync(() => {
        const entry = entries.get(report.executionId) ?? entryOf(report)
        entries.set(report.executionId, { ...entry, report: entry.report ?? report })
      }),
    get: (executionId) => Effect.sync(() => entries.get(executionId)),
    getMany: (executionIds) =>
      Effect.sync(() =>
        new Map(executionIds.flatMap((executionId) => {
          const entry = entries.get(executionId)
          return entry === undefined ? [] : [[executionId, entry] as const]
        }))
      ),
    list: ({ endedSince, index, limit } = {}) =>
      Effect.sync(() =>
        [...entries.values()]
          .filter(({ indexName, report }) =>
            (index === undefined || indexName === index) &&
            (endedSince === undefined || (report !== null && millis(report.times.endedAt) >= millis(endedSince)))
          )
          .sort(byStart)
          .slice(0, limit)
      ),
    latest: Effect.sync(() => latestOf([...entries.values()])),
    prune: (before) =>
      Effect.sync(() => {
        const old = oldOf(reports().map(endedOf), before)
        for (const executionId of old) entries.delete(executionId)
        return old
      })
  })
})

/**
 * Layer that provides a log in memory, which ends with the process.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<DrillLog> = Layer.effect(DrillLog, makeMemory)

// ============================================================================
// SQL
// ============================================================================

// Times are strings, which sort like the times, so that every dialect returns them unchanged.

/** The columns without which nothing is known about a row. */
const Identity = Schema.Struct({
  execution_id: Schema.String,
  drill_id: Schema.String,
  index_name: IndexName
})

const Time = Schema.DateTimeUtcFromString

/** The other columns of a row. */
const Details = Schema.Struct({
  started_at: Time,
  deadline_at: Time,
  ended_at: Schema.NullOr(Time),
  outcome: Schema.NullOr(Schema.String),
  report: Schema.NullOr(Schema.fromJsonString(DrillReport.DrillReport))
})

const decodeIdentities = Schema.decodeUnknownEffect(Schema.Array(Identity))

const decodeDetails = Schema.decodeUnknownResult(Details)

const decodeTime = Schema.decodeUnknownOption(Time)

/** Returns `true` if the columns contradict the report, which the queries would not notice. */
const isContradicted = (
  { execution_id, index_name }: typeof Identity.Type,
  { ended_at, outcome, report }: typeof Details.Type
): boolean =>
  report === null
    ? ended_at !== null || outcome !== null
    : report.executionId !== execution_id || report.indexName !== index_name || report.outcome !== outcome ||
      ended_at === null || millis(report.times.endedAt) !== millis(ended_at)

/** The first line of an error, because the rest shows values of the row. */
const firstLine = (message: string): string => message.split("\n")[0] ?? ""

/** Reads a row. An unreadable row becomes an entry with a problem. */
const fromRow = (identity: typeof Identity.Type, row: unknown): DrillEntry => {
  const details = decodeDetails(row)
  const names = { executionId: identity.execution_id, drillId: identity.drill_id, indexName: identity.index_name }
  if (Result.isSuccess(details) && !isContradicted(identity, details.success)) {
    const { deadline_at: deadlineAt, report, started_at: startedAt } = details.success
    return { ...names, startedAt, deadlineAt, report, problem: null }
  }
  const time = (column: string) => Predicate.hasProperty(row, column) ? Option.getOrNull(decodeTime(row[column])) : null
  return {
    ...names,
    startedAt: time("started_at"),
    deadlineAt: time("deadline_at"),
    report: null,
    problem: Result.isFailure(details)
      ? firstLine(details.failure.message)
      : "its columns and its report contradict each other"
  }
}

const decodeEnded = Schema.decodeUnknownOption(Schema.Struct({
  execution_id: Schema.String,
  index_name: Schema.String,
  outcome: Schema.NullOr(Schema.String),
  ended_at: Time
}))

const encodeReport = Schema.encodeEffect(Schema.fromJsonString(DrillReport.DrillReport))

const failed = (message: string) => (cause: SqlError.SqlError | Schema.SchemaError) =>
  new DrillLogError({ message: `${message}: ${cause.message}`, cause })

const unreadable = failed("The drill log could not be read")

/** Number of parameters of a statement: databases allow at least 999. */
const maxParameters = 500

/**
 * Creates a log in a SQL database, and its table `pinecone_backups_drills` if it does not exist.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeSql: Effect.Effect<Service, DrillLogError, SqlClient.SqlClient> = Effect.gen(function*() {
  // An application's client may rename columns.
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()

  yield* sql`
    CREATE TABLE IF NOT EXISTS pinecone_backups_drills (
      execution_id TEXT NOT NULL PRIMARY KEY,
      drill_id TEXT NOT NULL,
      index_name TEXT NOT NULL,
      started_at TEXT NOT NULL,
      deadline_at TEXT NOT NULL,
      ended_at TEXT,
      outcome TEXT,
      report TEXT
    )`.pipe(
    // Two processes that create the table at the same time can collide in PostgreSQL.
    Effect.retry({ times: 2 }),
    Effect.mapError(failed("The table of the drill log could not be created"))
  )

  const columns = sql`execution_id, drill_id, index_name, started_at, deadline_at, ended_at, outcome, report`

  const read = (rows: Effect.Effect<ReadonlyArray<unknown>, SqlError.SqlError>) =>
    rows.pipe(
      Effect.flatMap((rows) =>
        Effect.map(
          decodeIdentities(rows),
          (identities) => identities.map((identity, place) => fromRow(identity, rows[place]))
        )
      ),
      Effect.mapError(unreadable)
    )

  const getMany: Service["getMany"] = Effect.fnUntraced(function*(executionIds) {
    const found = new Map<string, DrillEntry>()
    for (let from = 0; from < executionIds.length; from += maxParameters) {
      const some = executionIds.slice(from, from + maxParameters)
      const entries = yield* read(
        sql`SELECT ${columns} FROM pinecone_backups_drills WHERE ${sql.in("execution_id", some)}`
      )
      for (const entry of entries) found.set(entry.executionId, entry)
    }
    return found
  })

  const written = Effect.mapError(failed("The drill log could not be written"))

  const latest = read(sql`
    SELECT ${columns} FROM pinecone_backups_drills
    JOIN (
      SELECT
        index_name AS name,
        MAX(ended_at) AS last_at,
        MAX(CASE WHEN outcome = 'SUCCESSFUL' THEN ended_at END) AS success_at
      FROM pinecone_backups_drills
      GROUP BY index_name
    ) newest ON newest.name = index_name
    WHERE ended_at = last_at OR (outcome = 'SUCCESSFUL' AND ended_at = success_at)`).pipe(
    Effect.map(latestOf)
  )

  return DrillLog.of({
    begin: ({ deadlineAt, drillId, executionId, indexName, startedAt }) =>
      written(sql`
        INSERT INTO pinecone_backups_drills (execution_id, drill_id, index_name, started_at, deadline_at)
        VALUES (${executionId}, ${drillId}, ${indexName}, ${DateTime.formatIso(startedAt)}, ${
        DateTime.formatIso(deadlineAt)
      })
        ON CONFLICT (execution_id) DO NOTHING`),
    put: (report) =>
      written(Effect.flatMap(encodeReport(report), (json) => {
        const ended = DateTime.formatIso(report.times.endedAt)
        return sql`
          INSERT INTO pinecone_backups_drills
            (execution_id, drill_id, index_name, started_at, deadline_at, ended_at, outcome, report)
          VALUES (${report.executionId}, ${report.drillId}, ${report.indexName}, ${
          DateTime.formatIso(report.times.startedAt)
        }, ${ended}, ${ended}, ${report.outcome}, ${json})
          ON CONFLICT (execution_id) DO UPDATE
          SET ended_at = excluded.ended_at, outcome = excluded.outcome, report = excluded.report
          WHERE pinecone_backups_drills.report IS NULL`
      })),
    get: (executionId) => Effect.map(getMany([executionId]), (found) => found.get(executionId)),
    getMany,
    list: ({ endedSince, index, limit } = {}) =>
      read(sql`
        SELECT ${columns} FROM pinecone_backups_drills
        WHERE ${
        sql.and([
          ...(index === undefined ? [] : [sql`index_name = ${index}`]),
          ...(endedSince === undefined ? [] : [sql`ended_at >= ${DateTime.formatIso(endedSince)}`])
        ])
      }
        ORDER BY started_at DESC, execution_id
        ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}`),
    latest,
    prune: Effect.fnUntraced(function*(before) {
      // Does not read the reports, which can be many, or from a newer version.
      const rows = yield* sql`
        SELECT execution_id, index_name, outcome, ended_at FROM pinecone_backups_drills WHERE ended_at IS NOT NULL`
        .pipe(Effect.mapError(unreadable))
      const old = oldOf(
        rows.flatMap((row) =>
          Option.match(decodeEnded(row), {
            onNone: () => [],
            onSome: ({ ended_at, execution_id, index_name, outcome }) => [{
              executionId: execution_id,
              indexName: index_name,
              outcome,
              endedAt: millis(ended_at)
            }]
          })
        ),
        before
      )
      for (let from = 0; from < old.length; from += maxParameters) {
        const some = old.slice(from, from + maxParameters)
        yield* written(sql`DELETE FROM pinecone_backups_drills WHERE ${sql.in("execution_id", some)}`)
      }
      return old
    })
  })
})

/**
 * Layer that provides a log in a SQL database, SQLite or PostgreSQL. Creates the table `pinecone_backups_drills` if it
 * does not exist.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSql: Layer.Layer<DrillLog, DrillLogError, SqlClient.SqlClient> = Layer.effect(DrillLog, makeSql)
