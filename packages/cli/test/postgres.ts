/** Postgres server started by `node scripts/postgres.ts`, for tests that need a real database. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"

const server = Option.getOrUndefined(Effect.runSync(Config.option(Config.NonEmptyString("PCB_TEST_POSTGRES"))))

/** Whether a server is available. Tests that need it are otherwise skipped, and their titles have a {@link note}. */
export const isThere = server !== undefined

/** Suffix for the titles of skipped tests; empty if a server is available. */
export const note = isThere ? "" : " (skipped: run it with node scripts/postgres.ts)"

let databases = 0

const run = <A, E>(url: string, self: Effect.Effect<A, E, SqlClient.SqlClient>) =>
  Effect.provide(self, PgClient.layer({ url: Redacted.make(url) }))

/** Creates an empty database and returns its URL. */
export const database = Effect.gen(function*() {
  if (server === undefined) return yield* Effect.die("no Postgres server is available")
  const name = `test_${process.pid}_${databases++}`
  yield* run(server, Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE DATABASE ${sql(name)}`))
  const url = new URL(server)
  url.pathname = name
  return url.href
})

/** Reads all tables of a database, and their rows as text. */
export const dump = (url: string) =>
  run(
    url,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const tables = yield* sql<{ readonly name: string }>`
        SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`
      const rows = yield* Effect.forEach(tables, ({ name }) =>
        sql<{ readonly row: string }>`SELECT t::text AS row FROM ${sql(name)} t`)
      return {
        tables: tables.map(({ name }) =>
          name
        ),
        text: rows.flat().map(({ row }) => row).join("\n")
      }
    })
  )
