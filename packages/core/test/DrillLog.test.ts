import { assert, describe, it, layer } from "@effect/vitest"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import * as SqlError from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import * as DrillReports from "./drill-report.ts"

/** A database in memory, as far as the log needs one. */
const sqlite = Layer.effect(
  SqlClient.SqlClient,
  Effect.gen(function*() {
    const db = yield* Effect.acquireRelease(
      Effect.sync(() => new DatabaseSync(":memory:")),
      (db) => Effect.sync(() => db.close())
    )
    const run = (sql: string, params: ReadonlyArray<unknown>) =>
      Effect.withFiber<ReadonlyArray<object>, SqlError.SqlError>((fiber) =>
        Effect.try({
          try: () => {
            const statement = db.prepare(sql)
            statement.setReadBigInts(Context.get(fiber.context, SqlClient.SafeIntegers))
            if (statement.columns().length > 0) return statement.all(...params as Array<SQLInputValue>)
            statement.run(...params as Array<SQLInputValue>)
            return []
          },
          catch: (cause) =>
            new SqlError.SqlError({ reason: SqlError.classifySqliteError(cause, { message: "failed" }) })
        })
      )
    const connection = {
      execute: (sql: string, params: ReadonlyArray<unknown>, transform?: (rows: ReadonlyArray<object>) => unknown) =>
        Effect.map(run(sql, params), (rows) => transform?.(rows) ?? rows),
      executeRaw: run,
      executeValues: () => Effect.die("not needed"),
      executeValuesUnprepared: () => Effect.die("not needed"),
      executeUnprepared: run,
      executeStream: () => Stream.die("not needed")
    }
    return yield* SqlClient.make({
      ...SqlClient.makeSqliteAcquirers({
        connection: Effect.succeed(connection as never),
        semaphore: Semaphore.makeUnsafe(1),
        isTransaction: () => db.isTransaction
      }),
      compiler: Statement.makeCompilerSqlite((name) => name.toUpperCase()),
      driver: "sqlite-node",
      spanAttributes: [],
      transformRows: (rows) =>
        // A client of an application that renames columns.
        rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [`x_${key}`, value]))) as never
    })
  })
).pipe(Layer.provide(Reactivity.layer))

const docs = IndexName.make("docs")
const images = IndexName.make("images")

const at = (iso: string) => DateTime.makeUnsafe(iso)

const started = (executionId: string, startedAt: string, indexName = docs) => ({
  executionId,
  drillId: `drill/${executionId}`,
  indexName,
  startedAt: at(startedAt),
  deadlineAt: DateTime.add(at(startedAt), { hours: 6 })
})

const report = (
  executionId: string,
  endedAt: string,
  { indexName = docs, outcome = "SUCCESSFUL" }: {
    readonly indexName?: IndexName
    readonly outcome?: DrillReport.Outcome
  } = {}
): DrillReport.DrillReport => ({
  ...DrillReports.ended({
    executionId,
    drillId: `drill/${executionId}`,
    indexName,
    outcome,
    startedAt: DateTime.subtract(at(endedAt), { minutes: 20 }),
    endedAt: at(endedAt)
  }),
  reason: outcome === "SUCCESSFUL" ? null : { code: "records", message: "it's \"less\"" },
  restoreSeconds: 600.5,
  checks: [{ check: "count", result: "passed", detail: null }]
})

const suite = <E>(name: string, log: Layer.Layer<DrillLog.DrillLog, E>) =>
  describe(name, () => {
    const fresh = <A, E2>(test: (log: DrillLog.Service) => Effect.Effect<A, E2>) => () =>
      Effect.provide(DrillLog.DrillLog.use(test), Layer.fresh(log))

    it.effect(
      "keeps the start of a drill, and then its report",
      fresh(Effect.fnUntraced(function*(log) {
        assert.isUndefined(yield* log.get("a"))
        const entry = started("a", "2026-04-01T00:00:00.000Z")
        yield* log.begin(entry)
        assert.deepStrictEqual(yield* log.get("a"), { ...entry, report: null, problem: null })
        yield* log.put(report("a", "2026-04-01T01:00:00.000Z"))
        assert.deepStrictEqual(yield* log.get("a"), {
          ...entry,
          report: report("a", "2026-04-01T01:00:00.000Z"),
          problem: null
        })
      }))
    )

    it.effect(
      "keeps the first start and the first report",
      fresh(Effect.fnUntraced(function*(log) {
        const entry = started("a", "2026-04-01T00:00:00.000Z")
        yield* log.begin(entry)
        yield* log.begin(started("a", "2026-04-02T00:00:00.000Z"))
        const first = report("a", "2026-04-01T01:00:00.000Z", { outcome: "FAILED" })
        yield* log.put(first)
        yield* log.put(report("a", "2026-04-02T01:00:00.000Z"))
        yield* log.begin(entry)
        assert.deepStrictEqual(yield* log.get("a"), { ...entry, report: first, problem: null })
        assert.lengthOf(yield* log.list(), 1)
      }))
    )

    it.effect(
      "keeps a report whose start it does not have",
      fresh(Effect.fnUntraced(function*(log) {
        const only = report("a", "2026-04-01T01:00:00.000Z", { outcome: "CANCELLED" })
        yield* log.put(only)
        assert.deepStrictEqual((yield* log.get("a"))?.report, only)
      }))
    )

    it.effect(
      "lists the last started first, of one index, up to a number",
      fresh(Effect.fnUntraced(function*(log) {
        for (const [id, day, index] of [["a", 1, docs], ["b", 3, images], ["c", 2, docs]] as const) {
          yield* log.begin(started(id, `2026-04-0${day}T00:00:00.000Z`, index))
        }
        const ids = (options?: DrillLog.ListOptions) =>
          Effect.map(log.list(options), (entries) => entries.map(({ executionId }) => executionId))
        assert.deepStrictEqual(yield* ids(), ["b", "c", "a"])
        assert.deepStrictEqual(yield* ids({ index: docs }), ["c", "a"])
        assert.deepStrictEqual(yield* ids({ index: docs, limit: 1 }), ["c"])
        assert.deepStrictEqual(yield* ids({ index: IndexName.make("' OR 1=1 --") }), [])
      }))
    )

    it.effect(
      "reads many drills at once, and omits those that it does not have",
      fresh(Effect.fnUntraced(function*(log) {
        const ids = Array.from({ length: 1_200 }, (_, number) => `id-${number}`)
        assert.strictEqual((yield* log.getMany(ids)).size, 0)
        yield* log.put(report("id-3", "2026-04-01T00:00:00.000Z"))
        yield* log.begin(started("id-1100", "2026-04-01T00:00:00.000Z"))
        const found = yield* log.getMany(ids)
        assert.sameMembers([...found.keys()], ["id-3", "id-1100"])
        assert.deepStrictEqual(found.get("id-3"), yield* log.get("id-3"))
        assert.strictEqual((yield* log.getMany([])).size, 0)
      }))
    )

    it.effect(
      "lists the drills that ended since a time",
      fresh(Effect.fnUntraced(function*(log) {
        yield* log.put(report("a", "2026-04-01T00:00:00.000Z"))
        yield* log.put(report("b", "2026-04-02T00:00:00.000Z"))
        yield* log.put(report("c", "2026-04-02T00:00:00.000Z", { indexName: images }))
        yield* log.begin(started("d", "2026-04-05T00:00:00.000Z"))
        const since = (options: DrillLog.ListOptions) =>
          Effect.map(
            log.list({ endedSince: at("2026-04-02T00:00:00Z"), ...options }),
            (entries) => entries.map(({ executionId }) => executionId)
          )
        assert.deepStrictEqual(yield* since({}), ["b", "c"])
        assert.deepStrictEqual(yield* since({ index: images }), ["c"])
      }))
    )

    it.effect(
      "has the last and the last successful report of each index",
      fresh(Effect.fnUntraced(function*(log) {
        yield* log.put(report("a", "2026-04-01T00:00:00.000Z"))
        yield* log.put(report("b", "2026-04-02T00:00:00.000Z"))
        yield* log.put(report("c", "2026-04-03T00:00:00.000Z", { outcome: "UNVERIFIED" }))
        yield* log.put(report("d", "2026-04-01T00:00:00.000Z", { outcome: "FAILED", indexName: images }))
        yield* log.begin(started("e", "2026-04-05T00:00:00.000Z"))
        const latest = [...yield* log.latest].map(([index, { last, lastSuccessful }]) => [
          index,
          last?.executionId,
          lastSuccessful?.executionId
        ])
        assert.sameDeepMembers(latest, [["docs", "c", "b"], ["images", "d", undefined]])
      }))
    )

    it.effect(
      "prunes old reports, but not the latest of an index and not drills that run",
      fresh(Effect.fnUntraced(function*(log) {
        yield* log.put(report("a", "2026-03-01T00:00:00.000Z"))
        yield* log.put(report("b", "2026-03-02T00:00:00.000Z"))
        yield* log.put(report("c", "2026-03-03T00:00:00.000Z", { outcome: "FAILED" }))
        yield* log.put(report("d", "2026-03-04T00:00:00.000Z", { outcome: "FAILED" }))
        yield* log.begin(started("e", "2026-03-01T00:00:00.000Z"))
        assert.sameMembers([...yield* log.prune(at("2026-04-01T00:00:00Z"))], ["a", "c"])
        assert.deepStrictEqual((yield* log.list()).map(({ executionId }) => executionId).sort(), ["b", "d", "e"])
        assert.deepStrictEqual(yield* log.prune(at("2026-04-01T00:00:00Z")), [])
      }))
    )

    it.effect(
      "prunes no failure that only a canceled drill follows",
      fresh(Effect.fnUntraced(function*(log) {
        yield* log.put(report("a", "2026-03-01T00:00:00.000Z"))
        yield* log.put(report("b", "2026-03-02T00:00:00.000Z", { outcome: "FAILED" }))
        yield* log.put(report("c", "2026-03-03T00:00:00.000Z", { outcome: "CANCELLED" }))
        yield* log.put(report("d", "2026-03-04T00:00:00.000Z", { outcome: "CANCELLED" }))
        assert.deepStrictEqual(yield* log.prune(at("2026-04-01T00:00:00Z")), ["c"])
      }))
    )
  })

suite("DrillLog.layerMemory", DrillLog.layerMemory)

suite("DrillLog.layerSql", Layer.provide(DrillLog.layerSql, sqlite))

describe("DrillLog.layerSql", () => {
  layer(sqlite)((it) => {
    it.effect("finds the latest among thousands of reports at once", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const log = yield* DrillLog.makeSql
        yield* log.put(report("a", "2026-04-01T00:00:00.000Z"))
        yield* sql`
          WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
          INSERT INTO pinecone_backups_drills
          SELECT 'r' || n, drill_id, 'docs-' || (n % 50), started_at, deadline_at, '2026-03-01T00:00:00.' || (1000 + n),
            outcome, report
          FROM pinecone_backups_drills, numbers`
        const before = process.cpuUsage()
        yield* log.latest
        // About 0.05 seconds on an idle machine. A subquery for each row took more than 4.
        assert.isBelow(process.cpuUsage(before).user, 2_000_000)
        yield* sql`DELETE FROM pinecone_backups_drills`
      }))

    const changes: ReadonlyArray<readonly [change: string, problem: string]> = [
      ["report = '{}'", "Missing key"],
      ["report = 'no JSON'", "JSON"],
      ["report = NULL", "contradict each other"],
      ["report = replace(report, '\"FAILED\"', '\"PERHAPS\"')", "Expected"],
      ["outcome = 'SUCCESSFUL'", "contradict each other"],
      ["ended_at = '2027-01-01T00:00:00.000Z'", "contradict each other"],
      ["ended_at = 'yesterday'", "Expected"],
      ["started_at = ''", "Expected"],
      ["report = replace(report, '\"b\"', '\"a\"')", "contradict each other"]
    ]
    it.effect.each(changes)("reads everything except a row with %s", ([change, problem]) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const log = yield* DrillLog.makeSql
        yield* log.put(report("a", "2026-04-01T00:00:00.000Z"))
        yield* log.put(report("b", "2026-04-02T00:00:00.000Z", { outcome: "FAILED" }))
        yield* log.put(report("c", "2026-04-03T00:00:00.000Z", { indexName: images }))
        yield* sql.unsafe(`UPDATE pinecone_backups_drills SET ${change} WHERE execution_id = 'b'`)
        const entry = (yield* log.getMany(["a", "b", "c"])).get("b")
        assert.strictEqual(entry?.report, null)
        assert.include(entry?.problem, problem)
        assert.notInclude(entry?.problem, "\n")
        const readable = (yield* log.list()).filter(({ problem }) => problem === null)
        assert.deepStrictEqual(readable.map(({ executionId }) => executionId), ["c", "a"])
        const latest = yield* log.latest
        assert.deepStrictEqual(
          [latest.get(docs)?.last, latest.get(images)?.last?.executionId],
          [undefined, "c"]
        )
        // The older success is not taken for the last success if the unreadable row may be one.
        assert.include([undefined, "a"], latest.get(docs)?.lastSuccessful?.executionId)
        yield* log.prune(at("2026-04-02T12:00:00Z"))
        assert.isDefined((yield* log.getMany(["c"])).get("c"))
        yield* sql`DELETE FROM pinecone_backups_drills`
      }))

    it.effect("fails if a row does not have the name of its index", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const log = yield* DrillLog.makeSql
        yield* log.put(report("a", "2026-04-01T00:00:00.000Z"))
        // A second log finds the table.
        assert.isDefined((yield* Effect.flatMap(DrillLog.makeSql, (log) => log.get("a")))?.report)
        yield* sql`UPDATE pinecone_backups_drills SET index_name = x'00'`
        const error = yield* Effect.flip(log.list())
        assert.strictEqual(error._tag, "DrillLogError")
        assert.include(error.message, "The drill log could not be read")
        yield* sql`DELETE FROM pinecone_backups_drills`
      }))
  })
})
