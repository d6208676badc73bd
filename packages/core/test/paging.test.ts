import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as BackupSchedules from "../src/BackupSchedules.ts"
import type * as Page from "../src/Page.ts"
import type * as PineconeError from "../src/PineconeError.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Long from "./long.ts"
import {
  assertTag,
  backups,
  type Call,
  envelope,
  history,
  indexName,
  int,
  job,
  json,
  restoreJobs,
  row,
  schedule,
  scheduleId,
  schedules,
  type Script,
  script,
  scriptWith,
  services
} from "./support.ts"

/** A page with these rows; `next` is omitted if undefined. */
const page = (ids: ReadonlyArray<string>, next?: string | null): Response =>
  json({ data: ids.map(row), ...(next !== undefined && { pagination: { next } }) })

const query = (http: Script): ReadonlyArray<string> => http.requests.map((sent) => new URL(sent.url).search)

/** The IDs that a stream emits, and how it ends. */
const drain = <R>(stream: Stream.Stream<{ readonly backupId: string }, PineconeError.ListError, R>) =>
  Effect.suspend(() => {
    const ids: Array<string> = []
    return stream.pipe(
      Stream.runForEach((run) => Effect.sync(() => void ids.push(run.backupId))),
      Effect.result,
      Effect.map((result) => ({ ids, error: result._tag === "Failure" ? result.failure : undefined }))
    )
  })

/** Drains a scripted history. */
const walk = (http: Script, options?: Page.StreamOptions) => Effect.provide(drain(history(options)), services(http))

describe("requests for pages", () => {
  it.effect("are sent on demand", () =>
    Effect.gen(function*() {
      const http = script(page(["a", "b"], "2"), page(["c"], "3"))

      const first = yield* history().pipe(Stream.take(1), Stream.runCollect, Effect.provide(services(http)))
      assert.deepStrictEqual(first.map((run) => run.backupId as string), ["a"])
      assert.strictEqual(http.requests.length, 1)
    }))

  it.effect("are not sent for a page that is not needed", () =>
    Effect.gen(function*() {
      const http = script(page(["a", "b"], "2"))
      yield* history().pipe(Stream.take(2), Stream.runCollect, Effect.provide(services(http)))
      assert.strictEqual(http.requests.length, 1)
    }))

  it.effect("are not sent before the stream runs", () =>
    Effect.gen(function*() {
      const http = script()
      yield* Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules
        const stream = schedules.history(scheduleId)
        assert.isTrue(Stream.isStream(stream))
      }).pipe(Effect.provide(services(http)))
      assert.deepStrictEqual(http.requests, [])
    }))

  it.effect("have a limit on the first page and a token on later pages", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "t/2="), page(["b"], "t3"), page(["c"]))
      assert.deepStrictEqual(yield* walk(http), { ids: ["a", "b", "c"], error: undefined })
      assert.deepStrictEqual(query(http), ["?limit=100", "?paginationToken=t%2F2%3D", "?paginationToken=t3"])
    }))

  it.effect("have the page size of the options", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "t2"), page(["b"]))
      yield* walk(http, { pageSize: 7 })
      assert.deepStrictEqual(query(http), ["?limit=7", "?paginationToken=t2"])
    }))

  it.effect.each([0, -1, 1.5, Number.NaN])("are not sent for a page size of %s", (pageSize) =>
    Effect.gen(function*() {
      const http = script()
      const { error, ids } = yield* walk(http, { pageSize })
      assert.isDefined(error)
      assertTag(error!, "PineconeInvalidInput")
      assert.strictEqual(error.field, "pageSize")
      assert.deepStrictEqual(ids, [])
      assert.deepStrictEqual(http.requests, [])
    }))
})

describe("a page", () => {
  it.effect.each<[string, Schema.JsonObject]>([
    ["has a null pagination", { data: [row("a")], pagination: null }],
    ["has no pagination", { data: [row("a")] }],
    ["has an empty pagination", { data: [row("a")], pagination: {} }],
    ["has a null token", { data: [row("a")], pagination: { next: null } }],
    ["has an empty token", { data: [row("a")], pagination: { next: "" } }]
  ])("%s", ([_, body]) =>
    Effect.gen(function*() {
      const http = script(json(body))
      assert.deepStrictEqual(yield* walk(http), { ids: ["a"], error: undefined })
      assert.strictEqual(http.requests.length, 1)
    }))

  it.effect("can be empty", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "2"), json({ data: [], pagination: null }))
      assert.deepStrictEqual(yield* walk(http), { ids: ["a"], error: undefined })
      assert.strictEqual(http.requests.length, 2)
    }))

  it.effect.each<[Schema.JsonObject]>([
    [{}],
    [{ data: null }],
    [{ data: null, pagination: null }],
    [{ pagination: null }],
    [{ pagination: { next: null } }],
    [{ pagination: { next: "" } }],
    [{ pagination: { next: "3" } }],
    [{ data: null, pagination: { next: "3" } }],
    [{ error: { code: "UNKNOWN", message: "Internal server error" }, status: 500 }]
  ])("fails without an array: %j", ([body]) =>
    Effect.gen(function*() {
      const { error, ids } = yield* walk(script(page(["a"], "2"), json(body)))
      assert.deepStrictEqual(ids, ["a"])
      assertTag(error!, "PineconeMalformedResponse")
      assert.strictEqual(error.field, "data")
      assert.strictEqual(error.message, "data: Expected an array")
    }))
})

describe("an empty page with a token", () => {
  it.effect("does not end the list", () =>
    Effect.gen(function*() {
      const http = script(
        page([], "2"),
        page([], "3"),
        page(["a"], "4"),
        page([], "5"),
        page(["b"])
      )
      assert.deepStrictEqual(yield* walk(http), { ids: ["a", "b"], error: undefined })
      assert.strictEqual(http.requests.length, 5)
    }))
})

describe("duplicate rows", () => {
  it.effect("are dropped, and other rows keep their order", () =>
    Effect.gen(function*() {
      const http = script(
        page(["c", "a", "c"], "2"),
        page(["a", "b"], "3"),
        page(["c", "b", "a"], "4"),
        page(["d", "c", "e"])
      )
      assert.deepStrictEqual(yield* walk(http), { ids: ["c", "a", "b", "d", "e"], error: undefined })
    }))

  it.effect("are recognized by their IDs only", () =>
    Effect.gen(function*() {
      const http = script(json({ data: [{ ...row("a"), status: "Ready" }, { ...row("a"), status: "Failed" }] }))
      const runs = yield* history().pipe(Stream.runCollect, Effect.provide(services(http)))
      assert.deepStrictEqual(runs.map((run) => run.status), ["Ready"])
    }))

  // In practice, a page has up to a few hundred rows, and shifts by a few.
  it.effect("are dropped within the last 2,000 rows", () =>
    Effect.gen(function*() {
      const ids = Array.from({ length: 4_500 }, (_, index) => `run-${index}`)
      const http = script(
        page(ids.slice(0, 1_500), "2"),
        page(ids.slice(1_500), "3"),
        page([...ids.slice(2_500), "new"])
      )
      assert.deepStrictEqual(yield* walk(http), { ids: [...ids, "new"], error: undefined })
    }))

  interface Step {
    /** The number of new rows on the page. */
    readonly fresh: number
    /** The number of earlier rows that are repeated. */
    readonly again: number
  }

  const steps = Arbitrary.array(Arbitrary.all({ fresh: int(0, 5), again: int(0, 4) }), { maxLength: 30 })

  const pagesOf = (steps: ReadonlyArray<Step>) => {
    let count = 0
    const pages = steps.map(({ again, fresh }) => {
      const first = Math.max(0, count - again)
      count += fresh
      return Array.from({ length: count - first }, (_, index) => `run-${first + index}`)
    })
    return { pages, all: Array.from({ length: count }, (_, index) => `run-${index}`) }
  }

  /** Numbering schemes for tokens. Any string that differs from the previous token is valid. */
  const token = (scheme: number, index: number) =>
    [`token-${index}`, String(index), btoa(`{"limit":2,"offset":${index}}`), `&=?#/${index} ü`][scheme]!

  const scriptOf = (pages: ReadonlyArray<ReadonlyArray<string>>, scheme: number) =>
    script(...pages.map((ids, index) => page(ids, index + 1 < pages.length ? token(scheme, index + 1) : undefined)))

  it.effect.prop(
    "never hide or repeat a row, regardless of how the rows are split into pages",
    [steps, int(0, 3), int(0, 3)],
    ([steps, scheme, prefetch]) =>
      Effect.gen(function*() {
        const { all, pages } = pagesOf([...steps, { fresh: 1, again: 0 }])
        const http = scriptOf(pages, scheme)
        assert.deepStrictEqual(yield* walk(http, { prefetch }), { ids: all, error: undefined })
        assert.strictEqual(http.requests.length, pages.length)
      }),
    { arbitrary: { runs: Long.runs(300) } }
  )

  const collectPages = (http: Script, options?: Page.StreamOptions) =>
    BackupSchedules.BackupSchedules.use((schedules) => Stream.runCollect(schedules.historyPages(scheduleId, options)))
      .pipe(Effect.provide(services(http)))

  it.effect.prop(
    "are kept in pages, and resuming from a page returns the remaining rows",
    [Arbitrary.array(int(0, 4), { minLength: 1, maxLength: 20 }), int(0, 19), int(0, 2)],
    ([sizes, part, prefetch]) =>
      Effect.gen(function*() {
        // Nothing shifts between two listings. Otherwise a row could be in both or in neither.
        const { all, pages } = pagesOf(sizes.map((fresh) => ({ fresh, again: 0 })))
        const walked = yield* collectPages(scriptOf(pages, 0), { prefetch })
        assert.deepStrictEqual(walked.flatMap(({ data }) => data.map((run) => String(run.backupId))), all)
        assert.strictEqual(walked.length, pages.length)

        const { next } = walked[part % walked.length]!
        if (next === undefined) return
        const left = pages.slice(part % walked.length + 1)
        const http = scriptOf(left, 1)
        const rest = yield* walk(http, { prefetch, paginationToken: next, pageSize: 3 })
        assert.deepStrictEqual(rest, { ids: left.flat(), error: undefined })
        assert.strictEqual(new URL(http.requests[0]!.url).search, `?paginationToken=${next}`)
      }),
    { arbitrary: { runs: Long.runs(200) } }
  )
})

describe("endless pages", () => {
  const assertLoop = (error: PineconeError.ListError | undefined, pages: number) => {
    assert.isDefined(error)
    assertTag(error!, "PineconePaginationLoop")
    assert.strictEqual(error.operation, "BackupSchedules.history")
    assert.strictEqual(error.pages, pages)
    assert.include(error.message, `page ${pages}`)
  }

  it.effect("fail with PaginationLoop after the rows if a token is repeated immediately", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "A"), page(["b"], "A"))
      const { error, ids } = yield* walk(http)
      assert.deepStrictEqual(ids, ["a", "b"])
      assertLoop(error, 2)
      assert.strictEqual(http.requests.length, 2)
    }))

  it.effect("fail with PaginationLoop after the rows if tokens alternate", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "A"), page(["b"], "B"), page(["c"], "A"))
      const { error, ids } = yield* walk(http)
      assert.deepStrictEqual(ids, ["a", "b", "c"])
      assertLoop(error, 3)
      assert.strictEqual(http.requests.length, 3)
    }))

  it.effect("fail with PaginationLoop if an earlier token is repeated much later", () =>
    Effect.gen(function*() {
      const http = scriptWith((_, index) => page([`run-${index}`], `token-${index < 900 ? index : 0}`))
      const { error, ids } = yield* walk(http)
      assert.strictEqual(ids.length, 901)
      assertLoop(error, 901)
    }))

  it.effect("fail with PaginationLoop after 100 pages without new rows", () =>
    Effect.gen(function*() {
      const http = scriptWith((_, index) => page(index === 0 ? ["a"] : index % 2 === 0 ? ["a"] : [], `token-${index}`))
      const { error, ids } = yield* walk(http)
      assert.deepStrictEqual(ids, ["a"])
      assertLoop(error, 101)
      assert.strictEqual(http.requests.length, 101)
    }))

  it.effect("are tolerated if a new row arrives before page 100", () =>
    Effect.gen(function*() {
      const http = scriptWith((_, index) =>
        page(index % 100 === 0 ? [`run-${index}`] : [], index < 300 ? `token-${index}` : undefined)
      )
      const { error, ids } = yield* walk(http)
      assert.isUndefined(error)
      assert.deepStrictEqual(ids, ["run-0", "run-100", "run-200", "run-300"])
    }))

  it.effect("are accepted if page 100 without new rows is the last", () =>
    Effect.gen(function*() {
      const http = scriptWith((_, index) => page([], index < 99 ? `token-${index}` : undefined))
      assert.deepStrictEqual(yield* walk(http), { ids: [], error: undefined })
      assert.strictEqual(http.requests.length, 100)
    }))

  it.effect.each([
    ["the first page", 0],
    ["the second page", 1],
    ["a page in the middle", 30],
    ["the last page", 79]
  ])(
    "fail with PaginationLoop before a row is repeated if 8,000 rows lead back to %s",
    ([, back]) =>
      Effect.gen(function*() {
        const rows = (at: number) => Array.from({ length: 100 }, (_, index) => `run-${at}-${index}`)
        const http = scriptWith(({ url }) => {
          const at = Number(new URL(url).searchParams.get("paginationToken") ?? 0)
          return page(rows(at), String(at === 79 ? back : at + 1))
        })
        const { error, ids } = yield* walk(http)
        assert.strictEqual(ids.length, 8_000)
        assert.strictEqual(new Set(ids).size, 8_000)
        // No earlier token has led to the first page.
        assertLoop(error, back === 0 ? 81 : 80)
      })
  )

  it.effect("are not reported for a long list with different tokens", () =>
    Effect.gen(function*() {
      const http = scriptWith((_, index) => page([`run-${index}`], index < 2_500 ? `token-${index}` : undefined))
      const { error, ids } = yield* walk(http)
      assert.isUndefined(error)
      assert.strictEqual(ids.length, 2_501)
    }))
})

describe("a page that leads back to the start of the listing", () => {
  it.effect("fails with PaginationLoop", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "B"))
      const { error, ids } = yield* walk(http, { paginationToken: "B" })
      assert.deepStrictEqual(ids, ["a"])
      assert.strictEqual(error?._tag, "PineconePaginationLoop")
    }))
})

describe("the prefetch option", () => {
  /** Five pages. Requests are recorded together with the actions of the consumer. */
  const observe = (prefetch: number, take: number, yields = 200) =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const http = scriptWith((_, index) => {
        events.push(`page ${index + 1}`)
        return page([`run-${index}`], index < 4 ? `token-${index}` : undefined)
      })
      yield* history({ prefetch }).pipe(
        Stream.take(take),
        Stream.runForEach((run) =>
          Effect.gen(function*() {
            // Prefetched requests are sent while this page is processed.
            if (yields > 0) yield* Effect.repeat(Effect.yieldNow, { times: yields })
            events.push(run.backupId)
          })
        ),
        Effect.provide(services(http))
      )
      return events
    })

  it.effect("is disabled by default", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* observe(0, 2), ["page 1", "run-0", "page 2", "run-1"])
    }))

  it.effect("requests the next page while the current page is processed", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* observe(1, 2), ["page 1", "page 2", "run-0", "page 3", "run-1"])
    }))

  it.effect("requests the next page before a consumer that never waits has the current one", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* observe(1, 2, 0), ["page 1", "page 2", "run-0", "page 3", "run-1"])
    }))

  it.effect("requests two pages ahead", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* observe(2, 1), ["page 1", "page 2", "page 3", "run-0"])
    }))

  it.effect("requests only existing pages", () =>
    Effect.gen(function*() {
      const events = yield* observe(100, 10)
      assert.deepStrictEqual(events.filter((event) => event.startsWith("page")).length, 5)
      assert.deepStrictEqual(events.filter((event) => event.startsWith("run")).length, 5)
    }))

  it.effect("emits the rows before an error", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "2"), page(["b"], "3"), json(envelope("UNKNOWN", "Boom"), { status: 500 }))
      const { error, ids } = yield* walk(http, { prefetch: 5 })
      assert.deepStrictEqual(ids, ["a", "b"])
      assert.strictEqual(error?._tag, "PineconeUnknown")
      assert.strictEqual(http.requests.length, 3)
    }))

  it.effect("fails with PaginationLoop after the rows before it", () =>
    Effect.gen(function*() {
      const http = script(page(["a"], "A"), page(["b"], "B"), page(["c"], "A"))
      const { error, ids } = yield* walk(http, { prefetch: 5 })
      assert.deepStrictEqual(ids, ["a", "b", "c"])
      assert.strictEqual(error?._tag, "PineconePaginationLoop")
    }))

  it.effect("stops with the stream", () =>
    Effect.gen(function*() {
      const http = scriptWith((_, index) => index === 0 ? page(["a"], "2") : Effect.never)
      yield* history({ prefetch: 1 }).pipe(
        Stream.take(1),
        Stream.runForEach(() => Effect.repeat(Effect.yieldNow, { times: 200 })),
        Effect.provide(services(http))
      )
      assert.lengthOf(http.requests, 2)
      assert.isTrue(http.signals[1]!.aborted)
    }))

  it.effect("keeps a page if the consumer is interrupted and continues", () =>
    Effect.gen(function*() {
      let isSlow = true
      const http = scriptWith((_, index) => {
        const answer = page([`run-${index}`], index < 4 ? `token-${index}` : undefined)
        return index === 2 && isSlow ? Effect.delay(Effect.succeed(answer), "1 hour") : answer
      })
      const ids = yield* Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules
        const pull = yield* Stream.toPull(schedules.history(scheduleId, { prefetch: 1 }))
        const ids: Array<string> = []
        const next = Effect.map(pull, (runs) => ids.push(...runs.map(({ backupId }) => String(backupId))))
        yield* next
        yield* next
        // The third page takes long, and the consumer does not wait.
        const waiting = yield* Effect.forkChild(next)
        yield* Effect.repeat(Effect.yieldNow, { times: 200 })
        yield* Fiber.interrupt(waiting)
        isSlow = false
        const later = yield* Effect.forkChild(next)
        yield* TestClock.adjust("1 hour")
        yield* Fiber.join(later)
        yield* next
        yield* next
        return ids
      }).pipe(
        Effect.scoped,
        Effect.provide(services(http, { requestTimeout: "2 hours", retry: { ...RetryPolicy.none } }))
      )
      assert.deepStrictEqual(ids, ["run-0", "run-1", "run-2", "run-3", "run-4"])
    }))

  // With few operations between turns of the event loop, the consumer is also interrupted between two steps of a pull.
  it.effect.each([2_048, 11, 5])(
    "keeps every page of an interrupted consumer that continues (%s)",
    (operations) =>
      Effect.gen(function*() {
        for (const prefetch of [1, 3]) {
          for (let yields = 0; yields < 40; yields++) {
            const http = scriptWith((_, index) => page([`run-${index}`], index < 4 ? `token-${index}` : undefined))
            const ids = yield* Effect.gen(function*() {
              const schedules = yield* BackupSchedules.BackupSchedules
              const pull = yield* Stream.toPull(schedules.history(scheduleId, { prefetch }))
              const ids: Array<string> = []
              const all = Effect.forever(
                Effect.map(pull, (runs) => ids.push(...runs.map((run) => String(run.backupId))))
              )
              const interrupted = yield* Effect.forkChild(
                Effect.provideService(all, Scheduler.MaxOpsBeforeYield, operations)
              )
              yield* Effect.repeat(Effect.yieldNow, { times: yields })
              yield* Fiber.interrupt(interrupted)
              yield* Effect.exit(all)
              return ids
            }).pipe(Effect.scoped, Effect.provide(services(http)))
            assert.deepStrictEqual(ids, ["run-0", "run-1", "run-2", "run-3", "run-4"], `${prefetch} ${yields}`)
            assert.lengthOf(http.requests, 5)
          }
        }
      })
  )

  it.effect.each([-1, 0.5, 101, Number.NaN, Infinity])(
    "rejects %s pages with InvalidInput",
    (prefetch) =>
      Effect.gen(function*() {
        const http = script()
        const { error } = yield* walk(http, { prefetch })
        assert.strictEqual(error?._tag, "PineconeInvalidInput")
        assert.strictEqual(error?.message, "prefetch: must be a whole number from 0 to 100")
      })
  )
})

describe("an error in the middle of a list", () => {
  it.effect("follows the rows before it", () =>
    Effect.gen(function*() {
      const http = script(page(["a", "b"], "2"), json(envelope("UNKNOWN", "Boom"), { status: 500 }))
      const { error, ids } = yield* walk(http)
      assert.deepStrictEqual(ids, ["a", "b"])
      assert.isDefined(error)
      assertTag(error!, "PineconeUnknown")
      assert.strictEqual(error.operation, "BackupSchedules.history")
      assert.strictEqual(http.requests.length, 2)
    }))

  it.effect("is not reported to a consumer that stops earlier", () =>
    Effect.gen(function*() {
      const http = script(page(["a", "b"], "2"), json(envelope("UNKNOWN", "Boom"), { status: 500 }))
      const runs = yield* history().pipe(Stream.take(2), Stream.runCollect, Effect.provide(services(http)))
      assert.strictEqual(runs.length, 2)
    }))
})

describe("a stream value", () => {
  const answers = (sent: { readonly url: string }) =>
    new URL(sent.url).searchParams.get("paginationToken") === null ? page(["a", "b"], "2") : page(["b", "c"])

  const expected = { ids: ["a", "b", "c"], error: undefined }

  it.effect("can be run twice", () =>
    Effect.gen(function*() {
      const http = scriptWith(answers)
      yield* Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules
        const stream = schedules.history(scheduleId)
        assert.deepStrictEqual(yield* drain(stream), expected)
        assert.deepStrictEqual(yield* drain(stream), expected)
      }).pipe(Effect.provide(services(http)))
      assert.strictEqual(http.requests.length, 4)
    }))

  it.effect("can be run twice concurrently", () =>
    Effect.gen(function*() {
      const http = scriptWith((sent) => Effect.andThen(Effect.yieldNow, Effect.sync(() => answers(sent))))
      yield* Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules
        const stream = schedules.history(scheduleId)
        const both = yield* Effect.all([drain(stream), drain(stream)], { concurrency: "unbounded" })
        assert.deepStrictEqual(both, [expected, expected])
      }).pipe(Effect.provide(services(http)))
      assert.strictEqual(http.requests.length, 4)
    }))
})

describe("every list", () => {
  const lists: ReadonlyArray<readonly [operation: string, call: Call, row: (id: string) => Schema.JsonObject]> = [
    ["BackupSchedules.list", schedules((_) => _.list(indexName)), (id) => ({ ...schedule, schedule_id: id })],
    ["BackupSchedules.history", schedules((_) => _.history(scheduleId)), row],
    ["Backups.list", backups((_) => _.list()), row],
    ["Backups.listByIndex", backups((_) => _.listByIndex(indexName)), row],
    ["RestoreJobs.list", restoreJobs((_) => _.list()), (id) => ({ ...job, restore_job_id: id })]
  ]

  for (const [operation, call, row] of lists) {
    const pageOf = (ids: ReadonlyArray<string>, next?: string) =>
      json({ data: ids.map(row), pagination: next === undefined ? null : { next } })

    it.effect(`is read completely, with rows identified by their IDs: ${operation}`, () =>
      Effect.gen(function*() {
        const http = script(pageOf(["a", "b"], "2"), pageOf(["b", "c"], "3"), pageOf([]))
        const rows = yield* Effect.provide(call, services(http))
        assert.strictEqual((rows as ReadonlyArray<unknown>).length, 3)
        assert.deepStrictEqual(query(http), ["?limit=100", "?paginationToken=2", "?paginationToken=3"])
      }))

    it.effect(`has its name in a PaginationLoop: ${operation}`, () =>
      Effect.gen(function*() {
        const http = script(pageOf(["a"], "2"), pageOf(["b"], "2"))
        const error = yield* Effect.flip(Effect.provide(call, services(http)))
        assertTag(error, "PineconePaginationLoop")
        assert.strictEqual(error.operation, operation)
        assert.strictEqual(error.pages, 2)
      }))
  }
})
