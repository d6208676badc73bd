import { assert, describe, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { envelope, index, indexName, json, row, schedule, scheduleId, scriptWith, services } from "./support.ts"

const now = DateTime.makeUnsafe("2026-04-24T20:00:00Z")

const list = (...data: ReadonlyArray<Schema.Json>) => ({ data, pagination: null })

const backup = { ...row("a"), status: "Ready", created_at: "2026-04-24T06:00:01Z", record_count: 5, size_bytes: 5 }

const paths = {
  indexes: "/indexes",
  index: `/indexes/${indexName}`,
  schedules: `/indexes/${indexName}/backup-schedules`,
  schedule: `/backup-schedules/${scheduleId}`,
  history: `/backup-schedules/${scheduleId}/history`,
  backups: "/backups",
  own: `/indexes/${indexName}/backups`,
  restoreJobs: "/restore-jobs"
} as const

type Route = keyof typeof paths

/** A healthy project: an index, a schedule, and a backup from this morning. */
const good: { readonly [_ in Route]: Schema.Json } = {
  indexes: { indexes: [index] },
  index,
  schedules: list({ ...schedule, next_scheduled_run: "2026-04-25T06:00:00Z" }),
  schedule,
  history: list(backup),
  backups: list(backup),
  own: list(backup),
  restoreJobs: list()
}

type Answers = Readonly<Partial<Record<Route, Schema.Json | (() => Response)>>>

/** Findings in that project if some routes return other responses. */
const check = Effect.fnUntraced(function*(answers: Answers, indexes?: ReadonlyArray<PineconeIndex.IndexName>) {
  yield* TestClock.setTime(DateTime.toEpochMillis(now))
  const http = scriptWith(({ url }) => {
    const route = (Object.keys(paths) as ReadonlyArray<Route>).find((route) => paths[route] === new URL(url).pathname)
    const answer = route === undefined ? undefined : { ...good, ...answers }[route]
    if (answer !== undefined) return typeof answer === "function" ? answer() : json(answer)
    return url.includes("/indexes/other/") ? json(list()) : notFound()
  })
  const health = yield* HealthChecks.HealthChecks.use((checks) => checks.check({ indexes, skip: ["untested"] })).pipe(
    Effect.provide(Layer.provide(HealthChecks.layer, services(http)))
  )
  return {
    health,
    found: BackupHealth.findings(health).map(({ check, severity }) => [check, severity]),
    asked: (route: Route) => http.requests.filter(({ url }) => new URL(url).pathname === paths[route]).length
  }
})

const notFound = () => json(envelope("NOT_FOUND", "Not found."), { status: 404 })

const failing = () => json(envelope("INTERNAL", "Internal error."), { status: 500 })

/** A response, followed by others. */
const failingLater = (first: Schema.Json, later: () => Response) => {
  let isFirst = true
  return () => {
    const response = isFirst ? json(first) : later()
    isFirst = false
    return response
  }
}

const other = { ...index, name: "other", id: "other" }

/** Responses in turn. The last one repeats. */
const inTurn = (...answers: ReadonlyArray<Schema.Json>) => {
  let asked = 0
  return () => json(answers[Math.min(asked++, answers.length - 1)] ?? {})
}

describe("HealthChecks.gather", () => {
  it.effect("finds nothing in a healthy project, and does not describe any resource again", () =>
    Effect.gen(function*() {
      const { asked, found, health } = yield* check({})
      assert.deepStrictEqual([health.status, found], ["ok", []])
      assert.deepStrictEqual([asked("index"), asked("schedule"), asked("own")], [0, 0, 0])
    }))

  const noLists: ReadonlyArray<Schema.Json> = [
    {},
    null,
    [],
    "none",
    { data: null },
    { data: {} },
    { data: "none" },
    { pagination: null },
    { data: null, pagination: { next: "" } }
  ]

  it.effect.each(
    (["schedules", "history", "backups", "restoreJobs"] as const).flatMap((route) =>
      noLists.map((body): [Route, Schema.Json] => [route, body])
    )
  )("treats a response without an array as unreadable: %s, %j", ([route, body]) =>
    Effect.gen(function*() {
      const { found, health } = yield* check({ [route]: body })
      assert.deepStrictEqual([health.status, found], ["unknown", [["unreadable", "unknown"]]])
    }))

  it.effect.each<[Schema.Json]>([[{}], [null], [[]], [{ indexes: null }], [{ indexes: {} }], [{ data: [] }]])(
    "fails without an array of indexes: %j",
    ([body]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(check({ indexes: body }))
        assert.strictEqual(error._tag, "PineconeMalformedResponse")
      })
  )

  it.effect.each<[what: string, answers: Answers]>([
    ["an index", { schedules: notFound }],
    ["an index that cannot be described", { schedules: notFound, index: failing }],
    ["an index whose description is malformed", { schedules: notFound, index: [] }],
    ["a schedule", { history: notFound }],
    ["a schedule that cannot be described", { history: notFound, schedule: failing }],
    ["a schedule whose description is malformed", { history: notFound, schedule: {} }],
    ["a page of a history", {
      history: (() => {
        const answers = [json({ data: [backup], pagination: { next: "2" } }), notFound()]
        return () => answers.shift() ?? notFound()
      })()
    }]
  ])("is unknown if the rows of %s return 404", ([_, answers]) =>
    Effect.gen(function*() {
      for (const indexes of [undefined, [indexName]]) {
        const { found, health } = yield* check(answers, indexes)
        assert.deepStrictEqual([health.status, found], ["unknown", [["unreadable", "unknown"]]])
        assert.deepStrictEqual(health.indexes.map(({ indexName: name }) => name), [indexName])
      }
    }))

  it.effect("omits an index that was deleted in the meantime", () =>
    Effect.gen(function*() {
      const { asked, found, health } = yield* check({
        indexes: inTurn({ indexes: [index, other] }, { indexes: [other] }),
        schedules: notFound,
        index: notFound
      })
      assert.deepStrictEqual([asked("index"), asked("indexes")], [1, 2])
      assert.deepStrictEqual(health.indexes.map(({ indexName }) => String(indexName)), ["other"])
      assert.deepStrictEqual(found, [["unprotected", "critical"]])
    }))

  it.effect("omits a schedule that was deleted in the meantime", () =>
    Effect.gen(function*() {
      for (const schedules of [inTurn(good.schedules, list()), failingLater(good.schedules, notFound)]) {
        const { asked, found } = yield* check({ history: notFound, schedule: notFound, schedules })
        assert.deepStrictEqual([asked("schedule"), asked("schedules")], [1, 2])
        assert.deepStrictEqual(found, [["unprotected", "warning"]])
      }
    }))

  it.effect("reports an unchecked project if the only index was deleted in the meantime", () =>
    Effect.gen(function*() {
      const gone = { schedules: notFound, index: notFound }
      const { health } = yield* check({ ...gone, indexes: inTurn(good.indexes, { indexes: [] }) })
      assert.deepStrictEqual(health.indexes.filter(({ isDeleted }) => !isDeleted), [])
      // A requested index must not be missing from the report.
      assert.deepStrictEqual((yield* check(gone, [indexName])).found, [["unreadable", "unknown"]])
    }))

  it.effect.each<[what: string, answers: Answers, found: ReadonlyArray<readonly [string, string]>]>([
    ["an index", { schedules: notFound, index: notFound }, [["unreadable", "unknown"], ["unreadable", "unknown"]]],
    [
      "an index that no other route knows by its name",
      { indexes: { indexes: [{ ...index, name: "nowhere", id: "nowhere" }] } },
      // Does not prove that the index of the backups was deleted.
      [["unreadable", "unknown"], ["unreadable", "unknown"]]
    ],
    [
      "an index whose second list fails",
      { indexes: failingLater(good.indexes, failing), schedules: notFound, index: notFound },
      [["unreadable", "unknown"]]
    ],
    ["a schedule", { history: notFound, schedule: notFound }, [["unreadable", "unknown"]]],
    [
      "a schedule whose second list fails",
      { history: notFound, schedule: notFound, schedules: failingLater(good.schedules, failing) },
      [["unreadable", "unknown"]]
    ]
  ])("is unknown if a missing resource is still listed: %s", ([_, answers, expected]) =>
    Effect.gen(function*() {
      const { found, health } = yield* check(answers)
      assert.deepStrictEqual([health.status, found], ["unknown", expected])
    }))
})

describe("HealthChecks.gather of an index without an ID", () => {
  const { id: _, ...anonymous } = index
  const earlier = { ...backup, backup_id: "earlier", source_index_id: "earlier" }
  const marked = { ...earlier, source_index_deleted_at: "2026-04-24T12:00:00Z" }
  const unprotected = ["unprotected", "warning"] as const
  const unreadable = ["unreadable", "unknown"] as const

  /** An index without an ID and without schedules. */
  const bare = { indexes: { indexes: [anonymous] }, schedules: list() }

  it.effect.each<
    [what: string, answers: Answers, own: number, copies: number, found: ReadonlyArray<readonly [string, string]>]
  >([
    ["a schedule identifies it", { indexes: { indexes: [anonymous] } }, 0, 1, []],
    [
      "a schedule identifies it, and an earlier index had its name",
      { indexes: { indexes: [anonymous] }, backups: list(earlier, backup) },
      1,
      1,
      [["orphan", "notice"]]
    ],
    [
      "a schedule identifies it, and a marked earlier index had its name",
      { indexes: { indexes: [anonymous] }, backups: list(marked, backup) },
      0,
      1,
      [["orphan", "notice"]]
    ],
    [
      "its schedule contradicts its backups",
      { indexes: { indexes: [anonymous] }, backups: list(earlier), own: list(earlier), history: list() },
      1,
      1,
      [["never-ran", "critical"], unreadable]
    ],
    ["it has an ID", { schedules: list() }, 0, 1, [unprotected]],
    ["the project has no backup with its name", { ...bare, backups: list() }, 0, 0, [["unprotected", "critical"]]],
    [
      "all backups with its name are of deleted indexes",
      { ...bare, backups: list(marked) },
      0,
      0,
      [["unprotected", "critical"], ["orphan", "notice"]]
    ],
    ["its backups identify it", bare, 1, 1, [unprotected]],
    [
      "its backups identify it, and an earlier index had its name",
      { ...bare, backups: list(earlier, backup) },
      1,
      1,
      [unprotected, ["orphan", "notice"]]
    ],
    [
      "it has no backups, and an earlier index had its name",
      { ...bare, backups: list(earlier), own: list() },
      1,
      0,
      [["unprotected", "critical"], ["orphan", "notice"]]
    ],
    ["its backups are unreadable", { ...bare, own: failing }, 1, 1, [unreadable, unprotected]],
    ["its backups have no array", { ...bare, own: {} }, 1, 1, [unreadable, unprotected]],
    ["its backups cannot be found, but it exists", { ...bare, own: notFound }, 1, 1, [unreadable, unprotected]],
    [
      "its backups contradict each other",
      { ...bare, backups: list(earlier, backup), own: list(earlier, backup) },
      1,
      2,
      [unreadable, unprotected]
    ],
    ["its schedules are unreadable", { ...bare, schedules: failing }, 0, 1, [unreadable]],
    ["the backups of the project are unreadable", { ...bare, backups: failing }, 0, 0, [unreadable]]
  ])("%s", ([_, answers, own, copies, expected]) =>
    Effect.gen(function*() {
      const { asked, found, health } = yield* check(answers)
      assert.strictEqual(asked("own"), own)
      assert.deepStrictEqual<unknown>(found, expected)
      const one = health.indexes.find(({ isDeleted }) => !isDeleted)
      assert.strictEqual(one?.copies ?? 0, copies)
      const isUnknown = expected.some(([check]) => check === "unreadable")
      assert.strictEqual(health.status === "unknown", isUnknown)
    }))

  it.effect("omits an index that was deleted before its backups were read", () =>
    Effect.gen(function*() {
      const { asked, health } = yield* check({
        ...bare,
        indexes: inTurn({ indexes: [anonymous, other] }, { indexes: [other] }),
        own: notFound,
        index: notFound
      })
      assert.deepStrictEqual([asked("own"), asked("index"), asked("indexes")], [1, 1, 2])
      assert.deepStrictEqual(health.indexes.map(({ indexName }) => String(indexName)), ["other"])
    }))
})
