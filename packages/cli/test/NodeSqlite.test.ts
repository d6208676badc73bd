import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { join } from "node:path"
import * as NodeSqlite from "../src/engine/NodeSqlite.ts"
import * as NodeVersion from "../src/engine/NodeVersion.ts"
import { home } from "./harness.ts"

describe.skipIf(!NodeVersion.isSupported(process.versions.node))("NodeSqlite", () => {
  it.effect("keeps working after it inserted a row whose ID is too large for a number", () =>
    Effect.gen(function*() {
      const file = join(yield* home(), "test.db")
      const large = 252_999_397_464_342_528n
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE rows (id INTEGER PRIMARY KEY)`
        const insert = (id: bigint) => sql.withTransaction(sql`INSERT INTO rows (id) VALUES (${id})`)
        yield* insert(large)
        yield* insert(large + 1n)
        const rows = yield* sql<{ readonly id: string }>`SELECT CAST(id AS TEXT) AS id FROM rows ORDER BY id`
        assert.deepStrictEqual(rows.map(({ id }) => id), [String(large), String(large + 1n)])
        const integers = yield* Effect.provideService(
          sql<{ readonly id: bigint }>`SELECT id FROM rows ORDER BY id`,
          SqlClient.SafeIntegers,
          true
        )
        assert.deepStrictEqual(integers.map(({ id }) => id), [large, large + 1n])
      }).pipe(Effect.provide(NodeSqlite.layer(file)))
    }))
})
