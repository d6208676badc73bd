/**
 * Properties of a store that every process on it must agree on, in a table of our own.
 *
 * The engine computes from `shardsPerGroup` which runner gets a message. With another number, messages would be delivered to
 * shards that nobody reads.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"

/** Number of shards of every store. Never change it: stores of earlier versions would become unusable. */
export const shardsPerGroup = 64

/** Version of the tables of the command line. */
const version = "1"

const expected = { shards_per_group: String(shardsPerGroup), version } as const

/** Creates the table if it is missing, and compares it with this version. Fails if the store has another layout. */
export const check = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const create = sql`CREATE TABLE IF NOT EXISTS pcb_store (name VARCHAR(64) PRIMARY KEY, value VARCHAR(255) NOT NULL)`
  // Two processes may create it at the same time, of which Postgres lets one fail.
  yield* Effect.catch(create, () => create)
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
    message: `The store was made by another version of pcb: ${name} is ${
      found.get(name)
    }, and this version has ${value}`,
    hint: "use the version of pcb that made it, or set PCB_STORE to another store",
    exitCode: ExitCode.unexpected
  })
})
