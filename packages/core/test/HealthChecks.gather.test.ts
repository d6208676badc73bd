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

describe("HealthChecks.gather", () => {
  it.effect("finds nothing in a healthy project, and does not describe any resource again", () =>
    Effect.gen(function*() {
      const { asked, found, health } = yield* check({})
      assert.deepStrictEqual([health.status, found], ["ok", []])
      assert.deepStrictEqual([asked("index"), asked("schedule")], [0, 0])
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

  const other = { ...index, name: "other", id: "other" }

  /** Responses in turn. The last one repeats. */
  const inTurn = (...answers: ReadonlyArray<Schema.Json>) => {
    let asked = 0
    return () => json(answers[Math.min(asked++, answers.length - 1)] ?? {})
  }

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
