/**
 * Layout of a store: properties that all its processes must agree on, in a table of their own.
 *
 * The engine derives the shard of a message from `shardsPerGroup`. A process with a different number would deliver messages to
 * shards that no runner reads.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"

/** Number of shards of every store. Must never change: existing stores would become unusable. */
export const shardsPerGroup = 64

/** Version of the tables that `pcb` creates. */
const version = "1"

const expected = { shards_per_group: String(shardsPerGroup), version } as const

/** Creates a table if needed. Postgres can fail if two processes create it at the same time, so retries once. */
export const createTable = <A, E>(statement: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.retry(statement, { times: 1 })

/** Creates the table if needed, and fails if the store has a different layout. */
export const check = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* createTable(
    sql`CREATE TABLE IF NOT EXISTS pcb_store (name VARCHAR(64) PRIMARY KEY, value VARCHAR(255) NOT NULL)`
  )
  for (const [name, value] of Object.entries(expected)) {
    yield* sql`INSERT INTO pcb_store (name, value) VALUES (${name}, ${value}) ON CONFLICT (name) DO NOTHING`
  }
  const rows = yield* sql<{ readonly name: string; readonly value: string }>`SELECT name, value FROM pcb_store`
  const found = new Map(rows.map(({ name, value }) => [name, value]))
  const other = Object.entries(expected).find(([name, value]) => found.get(name) !== value)
  if (other === undefined) return
  const [name, value] = other
  return yield* new CliFailure({
    code: "STORE_LAYOUT",
    message: `Another version of pcb created the store: ${name} is ${
      found.get(name)
    }, but this version requires ${value}`,
    hint: "use the version of pcb that created it, or set PCB_STORE to another store",
    exitCode: ExitCode.unexpected
  })
})
