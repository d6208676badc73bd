/**
 * Queue of requested rounds, in a table separate from the engine's.
 *
 * A round is saved before it is submitted to the engine. Submitting is idempotent, so after an interruption another process
 * can submit the open rounds again.
 */
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import * as StoreLayout from "./StoreLayout.ts"

/** The queue of requested rounds, and the indexes that the store knows. */
export interface Service {
  /** Runs an effect while holding a lock on the store. The effect must be short and send no requests. */
  readonly exclusively: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SqlError.SqlError, R>
  /** Saves a round. Does nothing if a round with the same ID exists. */
  readonly save: (request: DrillRound.RoundRequest) => Effect.Effect<void, SqlError.SqlError>
  /** Rounds that have not ended, in order of their requests. */
  readonly open: Effect.Effect<ReadonlyArray<DrillRound.RoundRequest>, SqlError.SqlError>
  /** IDs of the rounds that have not ended. */
  readonly openIds: Effect.Effect<ReadonlySet<string>, SqlError.SqlError>
  /** Workflows of the rounds that have not ended. Other versions may have requested them. */
  readonly openWorkflows: Effect.Effect<ReadonlySet<string>, SqlError.SqlError>
  /** Marks a round as ended. */
  readonly end: (roundId: string) => Effect.Effect<void, SqlError.SqlError>
  /** Ended rounds that were requested before the given time. */
  readonly endedBefore: (
    time: DateTime.Utc
  ) => Effect.Effect<ReadonlyArray<DrillRound.RoundRequest>, SqlError.SqlError>
  /** Deletes a round. */
  readonly forget: (roundId: string) => Effect.Effect<void, SqlError.SqlError>
  /** IDs of all indexes seen so far in the project of the store. */
  readonly knownIndexes: Effect.Effect<ReadonlySet<string>, SqlError.SqlError>
  /** Records IDs of indexes of the project. */
  readonly noteIndexes: (ids: ReadonlyArray<string>) => Effect.Effect<void, SqlError.SqlError>
}

/** The queue of requested rounds. */
export class Rounds extends Context.Service<Rounds, Service>()("@pinecone-backups/cli/engine/Rounds") {}

const Request = Schema.fromJsonString(Schema.toCodecJson(DrillRound.RoundRequest))

/** The workflows that a round of this version consists of, and that its runners have. */
export const workflows: ReadonlyArray<string> = [DrillRound.DrillRound._tag, RestoreDrill.RestoreDrill._tag]

interface Row {
  readonly request: string
}

const decodeAll = (rows: ReadonlyArray<Row>) =>
  // An unreadable row, from another version or a manual edit, is a defect, because every round must be continued.
  Effect.orDie(Effect.forEach(rows, ({ request }) => Schema.decodeEffect(Request)(request)))

const makeSql = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* StoreLayout.createTable(sql`CREATE TABLE IF NOT EXISTS pcb_rounds (
    round_id VARCHAR(100) PRIMARY KEY, requested_at BIGINT NOT NULL, ended INTEGER NOT NULL, request TEXT NOT NULL,
    workflows VARCHAR(255) NOT NULL
  )`)
  yield* StoreLayout.createTable(sql`CREATE TABLE IF NOT EXISTS pcb_indexes (index_id VARCHAR(255) PRIMARY KEY)`)
  const lock = sql.onDialectOrElse({
    pg: () => Effect.asVoid(sql`LOCK TABLE pcb_rounds IN EXCLUSIVE MODE`),
    // In a file, the transaction itself is the lock.
    orElse: () => Effect.void
  })
  const service: Service = {
    exclusively: (self) => sql.withTransaction(Effect.andThen(lock, self)),
    save: Effect.fnUntraced(function*(request) {
      const json = yield* Effect.orDie(Schema.encodeEffect(Request)(request))
      const now = DateTime.toEpochMillis(yield* DateTime.now)
      yield* sql`INSERT INTO pcb_rounds (round_id, requested_at, ended, request, workflows)
        VALUES (${request.roundId}, ${now}, 0, ${json}, ${workflows.join(" ")}) ON CONFLICT (round_id) DO NOTHING`
    }),
    open: Effect.flatMap(
      sql<Row>`SELECT request FROM pcb_rounds WHERE ended = 0 ORDER BY requested_at, round_id`,
      decodeAll
    ),
    openIds: Effect.map(
      sql<{ readonly round_id: string }>`SELECT round_id FROM pcb_rounds WHERE ended = 0`,
      (rows) => new Set(rows.map(({ round_id }) => round_id))
    ),
    openWorkflows: Effect.map(
      sql<{ readonly workflows: string }>`SELECT DISTINCT workflows FROM pcb_rounds WHERE ended = 0`,
      (rows) => new Set(rows.flatMap(({ workflows }) => workflows.split(" ")))
    ),
    end: (roundId) => Effect.asVoid(sql`UPDATE pcb_rounds SET ended = 1 WHERE round_id = ${roundId}`),
    endedBefore: (time) =>
      Effect.flatMap(
        sql<Row>`SELECT request FROM pcb_rounds WHERE ended = 1 AND requested_at < ${DateTime.toEpochMillis(time)}`,
        decodeAll
      ),
    forget: (roundId) => Effect.asVoid(sql`DELETE FROM pcb_rounds WHERE round_id = ${roundId}`),
    knownIndexes: Effect.map(
      sql<{ readonly index_id: string }>`SELECT index_id FROM pcb_indexes`,
      (rows) => new Set(rows.map(({ index_id }) => index_id))
    ),
    // In one transaction, because every commit is flushed to disk.
    noteIndexes: (ids) =>
      sql.withTransaction(Effect.forEach(
        ids,
        (id) => sql`INSERT INTO pcb_indexes (index_id) VALUES (${id}) ON CONFLICT (index_id) DO NOTHING`,
        { discard: true }
      ))
  }
  return service
})

/** Layer that keeps rounds in a database. Creates the tables if needed. */
export const layerSql: Layer.Layer<Rounds, SqlError.SqlError, SqlClient.SqlClient> = Layer.effect(Rounds, makeSql)

/** Layer that keeps rounds in memory. */
export const layerMemory: Layer.Layer<Rounds> = Layer.sync(Rounds, () => {
  const open = new Map<string, DrillRound.RoundRequest>()
  return {
    exclusively: (self) => self,
    save: (request) => Effect.sync(() => void open.set(request.roundId, request)),
    open: Effect.sync(() => [...open.values()]),
    openIds: Effect.sync(() => new Set(open.keys())),
    openWorkflows: Effect.succeed(new Set<string>()),
    end: (roundId) => Effect.sync(() => void open.delete(roundId)),
    endedBefore: () => Effect.succeed([]),
    forget: () => Effect.void,
    knownIndexes: Effect.succeed(new Set<string>()),
    noteIndexes: () => Effect.void
  }
})
