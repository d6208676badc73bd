/**
 * Rounds that were requested, in a table of our own.
 *
 * A round is saved before it is handed to the engine. Whoever finds it open can hand it over again, which has no second
 * effect, and so continues it wherever the process before was interrupted.
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

/** Rounds that were requested. */
export interface Service {
  /** Runs an effect on the store while no other process does. It must be short, and send nothing. */
  readonly exclusively: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SqlError.SqlError, R>
  /** Saves a round. Does nothing if there is one with the same ID. */
  readonly save: (request: DrillRound.RoundRequest) => Effect.Effect<void, SqlError.SqlError>
  /** The rounds that have not ended, the first requested first. */
  readonly open: Effect.Effect<ReadonlyArray<DrillRound.RoundRequest>, SqlError.SqlError>
  /** The workflows of the rounds that have not ended, which other versions may have requested. */
  readonly openWorkflows: Effect.Effect<ReadonlySet<string>, SqlError.SqlError>
  /** Notes that a round has ended. */
  readonly end: (roundId: string) => Effect.Effect<void, SqlError.SqlError>
  /** The rounds that have ended and were requested before a time. */
  readonly endedBefore: (
    time: DateTime.Utc
  ) => Effect.Effect<ReadonlyArray<DrillRound.RoundRequest>, SqlError.SqlError>
  /** Forgets a round. */
  readonly forget: (roundId: string) => Effect.Effect<void, SqlError.SqlError>
  /** The IDs of indexes that were in the project of the store. */
  readonly knownIndexes: Effect.Effect<ReadonlySet<string>, SqlError.SqlError>
  /** Notes IDs of indexes of the project. */
  readonly noteIndexes: (ids: ReadonlyArray<string>) => Effect.Effect<void, SqlError.SqlError>
}

/** Rounds that were requested. */
export class Rounds extends Context.Service<Rounds, Service>()("@pinecone-backups/cli/engine/Rounds") {}

const Request = Schema.fromJsonString(Schema.toCodecJson(DrillRound.RoundRequest))

/** The workflows that a round of this version consists of, and that its runners have. */
export const workflows: ReadonlyArray<string> = [DrillRound.DrillRound._tag, RestoreDrill.RestoreDrill._tag]

interface Row {
  readonly request: string
}

const decodeAll = (rows: ReadonlyArray<Row>) =>
  // What cannot be read was written by another version, or by hand: a defect, since every round must be continued.
  Effect.orDie(Effect.forEach(rows, ({ request }) => Schema.decodeEffect(Request)(request)))

const makeSql = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const create = sql`CREATE TABLE IF NOT EXISTS pcb_rounds (
    round_id VARCHAR(100) PRIMARY KEY, requested_at BIGINT NOT NULL, ended INTEGER NOT NULL, request TEXT NOT NULL,
    workflows VARCHAR(255) NOT NULL
  )`
  const createIndexes = sql`CREATE TABLE IF NOT EXISTS pcb_indexes (index_id VARCHAR(255) PRIMARY KEY)`
  for (const table of [create, createIndexes]) {
    // Two processes may create it at the same time, of which Postgres lets one fail.
    yield* Effect.catch(table, () => table)
  }
  const lock = sql.onDialectOrElse({
    pg: () => Effect.asVoid(sql`LOCK TABLE pcb_rounds IN EXCLUSIVE MODE`),
    // The transaction itself locks a file.
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
    noteIndexes: (ids) =>
      Effect.forEach(
        ids,
        (id) => sql`INSERT INTO pcb_indexes (index_id) VALUES (${id}) ON CONFLICT (index_id) DO NOTHING`,
        { discard: true }
      )
  }
  return service
})

/** Layer that keeps rounds in a database, whose table it creates. */
export const layerSql: Layer.Layer<Rounds, SqlError.SqlError, SqlClient.SqlClient> = Layer.effect(Rounds, makeSql)

/** Layer that keeps rounds in memory. */
export const layerMemory: Layer.Layer<Rounds> = Layer.sync(Rounds, () => {
  const open = new Map<string, DrillRound.RoundRequest>()
  return {
    exclusively: (self) => self,
    save: (request) => Effect.sync(() => void open.set(request.roundId, request)),
    open: Effect.sync(() => [...open.values()]),
    openWorkflows: Effect.succeed(new Set<string>()),
    end: (roundId) => Effect.sync(() => void open.delete(roundId)),
    endedBefore: () => Effect.succeed([]),
    forget: () => Effect.void,
    knownIndexes: Effect.succeed(new Set<string>()),
    noteIndexes: () => Effect.void
  }
})
