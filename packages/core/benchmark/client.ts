/**
 * The floor of this library: an `HttpClient` of Effect and `JSON.parse`. Nothing is validated, retried, traced or timed out,
 * and timestamps stay strings.
 */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import { concurrency, type Contender, headers, millisPerRow, type Page, pageSize, type Total } from "./contender.ts"

/** Creates a contender on an `HttpClient`. */
export const makeWith = (host: string, transport: Layer.Layer<HttpClient.HttpClient>): Contender => {
  const get = Effect.fnUntraced(function*(client: HttpClient.HttpClient, path: string) {
    const response = yield* client.get(`${host}${path}`, { headers })
    return JSON.parse(yield* response.text)
  })

  const read = Effect.fnUntraced(function*(client: HttpClient.HttpClient, schedule: string, millisPerRow = 0) {
    let rows = 0
    let records = 0
    let token = ""
    do {
      const page: Page = yield* get(client, `/backup-schedules/${schedule}/history?limit=${pageSize}${token}`)
      for (const row of page.data) {
        rows++
        records += row.record_count ?? 0
      }
      if (millisPerRow > 0) yield* Effect.sleep(page.data.length * millisPerRow)
      token = page.pagination === null ? "" : `&paginationToken=${page.pagination.next}`
    } while (token !== "")
    return { rows, records }
  })

  const run = <A>(program: (client: HttpClient.HttpClient) => Effect.Effect<A, unknown>): Promise<A> =>
    Effect.runPromise(Effect.provide(Effect.flatMap(HttpClient.HttpClient, program), transport))

  return {
    drain: (schedule) => run((client) => read(client, schedule)),
    work: (schedule) => run((client) => read(client, schedule, millisPerRow)),
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
            yield* get(client, `/restore-jobs/${job}`)
            millis.push(performance.now() - start)
          }
          return millis
        })
      )
  }
}

export const make = (host: string): Contender => makeWith(host, FetchHttpClient.layer)
