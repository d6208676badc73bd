/**
 * `SqlClient` over `node:sqlite`.
 *
 * `@effect/sql-sqlite-node` has no release for Effect 4 yet. Replace this file with it when it has one.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlConnection from "effect/sql/SqlConnection"
import * as SqlError from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import type * as Sqlite from "node:sqlite"

/**
 * Loads `node:sqlite`. Suppresses the experimental warning that Node 22 and 24 print for it, because a running process cannot
 * set Node's own flag for that. Other warnings are printed.
 */
export const load = Effect.sync((): typeof Sqlite => {
  const { emitWarning } = process
  const emitOthers = (warning: string | Error, ...rest: ReadonlyArray<unknown>): void => {
    if (rest[0] !== "ExperimentalWarning") Reflect.apply(emitWarning, process, [warning, ...rest])
  }
  process.emitWarning = emitOthers
  try {
    return process.getBuiltinModule("node:sqlite")
  } finally {
    process.emitWarning = emitWarning
  }
})

/** Converts an error of `node:sqlite`, which has SQLite's error code in `errcode`. */
const errorOf = (operation: string, cause: unknown): SqlError.SqlError =>
  new SqlError.SqlError({
    reason: SqlError.classifySqliteError(
      cause instanceof Error && "errcode" in cause ? Object.assign(cause, { errno: cause.errcode }) : cause,
      { operation }
    )
  })

const attempt = <A>(operation: string, evaluate: () => A): Effect.Effect<A, SqlError.SqlError> =>
  Effect.try({ try: evaluate, catch: (cause) => errorOf(operation, cause) })

/** Converts a value for binding to a parameter. SQLite has no booleans. */
const bindable = (value: unknown): Sqlite.SQLInputValue => {
  if (typeof value === "boolean") return Number(value)
  if (
    value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint" ||
    value instanceof Uint8Array
  ) return value
  throw new TypeError(`cannot bind a parameter of type ${typeof value}`)
}

/** Number of statements that are kept prepared. The engine repeats a few dozen, beside those with numbers in their text. */
const maxPrepared = 100

/** Prepares statements, and keeps those that were used last. */
const preparing = (database: Sqlite.DatabaseSync) => {
  const prepared = new Map<string, Sqlite.StatementSync>()
  return (sql: string): Sqlite.StatementSync => {
    const statement = prepared.get(sql) ?? database.prepare(sql)
    // The order of a map is that of insertion: the first one was used longest ago.
    prepared.delete(sql)
    prepared.set(sql, statement)
    const [oldest] = prepared.size > maxPrepared ? prepared.keys() : []
    if (oldest !== undefined) prepared.delete(oldest)
    return statement
  }
}

const makeConnection = (database: Sqlite.DatabaseSync): SqlConnection.Connection => {
  const prepare = preparing(database)
  const query = (
    sql: string,
    params: ReadonlyArray<unknown>,
    asArrays: boolean
  ): Effect.Effect<ReadonlyArray<never>, SqlError.SqlError> =>
    Effect.withFiber((fiber) =>
      attempt("execute", () => {
        const statement = prepare(sql)
        const bound = params.map(bindable)
        if (statement.columns().length === 0) {
          // `run` returns the ID of the row inserted last, even by an earlier statement. The IDs of the engine are too large
          // for a number, for which Node 26 throws after it has executed the statement.
          statement.setReadBigInts(true)
          statement.run(...bound)
          return []
        }
        statement.setReadBigInts(Context.get(fiber.context, SqlClient.SafeIntegers))
        statement.setReturnArrays(asArrays)
        return statement.all(...bound) as unknown as ReadonlyArray<never>
      })
    )
  const execute: SqlConnection.Connection["execute"] = (sql, params, transformRows) => {
    const rows = query(sql, params, false)
    return transformRows === undefined ? rows : Effect.map(rows, transformRows)
  }
  return {
    execute,
    executeRaw: (sql, params) => query(sql, params, false),
    executeStream: (sql, params, transformRows) => Stream.fromIterableEffect(execute(sql, params, transformRows)),
    executeValues: (sql, params) => query(sql, params, true),
    executeValuesUnprepared: (sql, params) => query(sql, params, true),
    executeUnprepared: execute
  }
}

/**
 * Opens a database file, creating it if necessary.
 *
 * Every commit is flushed to disk before it returns. Waits up to 5 seconds for another process that is writing.
 */
const make = Effect.fnUntraced(
  function*(
    file: string
  ): Effect.fn.Return<SqlClient.SqlClient, SqlError.SqlError, Scope.Scope | Reactivity.Reactivity> {
    const { DatabaseSync } = yield* load
    const database = yield* Effect.acquireRelease(
      attempt("open", () => new DatabaseSync(file)),
      (database) => Effect.sync(() => database.close())
    )
    yield* attempt(
      "open",
      () => database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    )
    return yield* SqlClient.make({
      ...SqlClient.makeSqliteAcquirers({
        connection: Effect.succeed(makeConnection(database)),
        semaphore: Semaphore.makeUnsafe(1),
        isTransaction: () => database.isTransaction
      }),
      compiler: Statement.makeCompilerSqlite(),
      driver: "sqlite-node",
      beginTransaction: "BEGIN IMMEDIATE",
      spanAttributes: [["db.system.name", "sqlite"]]
    })
  }
)

/** Layer that provides `SqlClient` on a database file. */
export const layer = (file: string): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(file)).pipe(Layer.provide(Reactivity.layer))
