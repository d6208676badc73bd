/**
 * Two floors of this library, on an `HttpClient` of Effect. Nothing is retried, traced or timed out.
 *
 * - untyped: `JSON.parse` alone. Nothing is validated, and timestamps stay strings.
 * - typed: also what every typed client does with the JSON, see `typed.ts`.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import {
  concurrency,
  type Contender,
  headers,
  millisPerRow,
  type Page,
  pageSize,
  parseJson,
  type Total
} from "./contender.ts"
import * as Typed from "./typed.ts"

/** What happens to JSON. */
interface Codec {
  /** Returns a function that counts the records of a page of one history. */
  readonly makeCount: () => (page: Page) => Total
  readonly restoreJob: (json: Readonly<Record<string, unknown>>) => unknown
}

const untyped: Codec = {
  makeCount: () => ({ data }) => {
    let records = 0
    for (const row of data) records += row.record_count ?? 0
    return { rows: data.length, records }
  },
  restoreJob: (json) => json
}

const typed: Codec = {
  makeCount: () => {
    const rowsOf = Typed.makeRows()
    return (page) => {
      const rows = rowsOf(page)
      let records = 0
      for (const { recordCount } of rows) records += recordCount
      return { rows: rows.length, records }
    }
  },
  restoreJob: Typed.restoreJob
}

const makeWith =
  ({ makeCount, restoreJob }: Codec) => (host: string, transport: Layer.Layer<HttpClient.HttpClient>): Contender => {
    const get = Effect.fnUntraced(function*(client: HttpClient.HttpClient, path: string) {
      const response = yield* client.get(`${host}${path}`, { headers })
      return parseJson(yield* response.text)
    })

    const getPage = (client: HttpClient.HttpClient, schedule: string, token = ""): Effect.Effect<Page, unknown> =>
      get(client, `/backup-schedules/${schedule}/history?limit=${pageSize}${token}`)

    /** With work to do, requests the next page before the current page is decoded and processed. */
    const read = Effect.fnUntraced(function*(client: HttpClient.HttpClient, schedule: string, hasWork = false) {
      let rows = 0
      let records = 0
      const count = makeCount()
      let page: Page | undefined = yield* getPage(client, schedule)
      while (page !== undefined) {
        let next: Effect.Effect<Page, unknown> | undefined = page.pagination === null
          ? undefined
          : getPage(client, schedule, `&paginationToken=${page.pagination.next}`)
        if (hasWork && next !== undefined) {
          next = Fiber.join(yield* Effect.forkChild(next, { startImmediately: true }))
        }
        const total = count(page)
        rows += total.rows
        records += total.records
        if (hasWork) yield* Effect.sleep(page.data.length * millisPerRow)
        page = next === undefined ? undefined : yield* next
      }
      return { rows, records }
    })

    const run = <A>(program: (client: HttpClient.HttpClient) => Effect.Effect<A, unknown>): Promise<A> =>
      Effect.runPromise(Effect.provide(Effect.flatMap(HttpClient.HttpClient, program), transport))

    return {
      drain: (schedule) => run((client) => read(client, schedule)),
      work: (schedule) => run((client) => read(client, schedule, true)),
      many: (schedules) =>
        run((client) =>
          Effect.map(
            Effect.forEach(schedules, (schedule) => read(client, schedule), { concurrency }),
            (totals) =>
              totals.reduce<Total>(
                (sum, { records, rows }) => ({ rows: sum.rows + rows, records: sum.records + records }),
                {
                  rows: 0,
                  records: 0
                }
              )
          )
        ),
      describe: (job, times) =>
        run((client) =>
          Effect.gen(function*() {
            const millis: Array<number> = []
            for (let call = 0; call < times; call++) {
              const start = performance.now()
              restoreJob(yield* get(client, `/restore-jobs/${job}`))
              millis.push(performance.now() - start)
            }
            return millis
          })
        )
    }
  }

/** Creates the untyped contender on an `HttpClient`. */
export const makeUntyped = makeWith(untyped)

/** Creates the typed contender on an `HttpClient`. */
export const makeTyped = makeWith(typed)

export const make = (host: string): Contender => makeUntyped(host, FetchHttpClient.layer)
