/** This library as its README uses it, over `fetch` or with another client. */
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { apiKey, concurrency, type Contender, millisPerRow, pageSize, type Total } from "./contender.ts"

const none: Total = { rows: 0, records: 0 }

const history = Effect.fnUntraced(function*(schedule: string) {
  const schedules = yield* BackupSchedules.BackupSchedules
  return yield* schedules.history(BackupSchedule.ScheduleId.make(schedule), { pageSize }).pipe(
    Stream.runFold(() => none, ({ records, rows }, run) => ({
      rows: rows + 1,
      records: records + (run.recordCount ?? 0)
    }))
  )
})

const work = Effect.fnUntraced(function*(schedule: string) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const options = { pageSize, prefetch: 1 }
  let total = none
  yield* schedules.history(BackupSchedule.ScheduleId.make(schedule), options).pipe(
    Stream.runForEachArray((runs) => {
      total = {
        rows: total.rows + runs.length,
        records: runs.reduce((sum, run) => sum + (run.recordCount ?? 0), total.records)
      }
      return Effect.sleep(runs.length * millisPerRow)
    })
  )
  return total
})

const many = Effect.fnUntraced(function*(schedules: ReadonlyArray<string>) {
  const totals = yield* Effect.forEach(schedules, history, { concurrency })
  return totals.reduce((sum, { records, rows }) => ({ rows: sum.rows + rows, records: sum.records + records }), none)
})

const describe = Effect.fnUntraced(function*(job: string, times: number) {
  const jobs = yield* RestoreJobs.RestoreJobs
  const id = RestoreJob.RestoreJobId.make(job)
  const millis: Array<number> = []
  for (let call = 0; call < times; call++) {
    const start = performance.now()
    yield* jobs.describe(id)
    millis.push(performance.now() - start)
  }
  return millis
})

type Program<A> = Effect.Effect<A, unknown, Pinecone.Services>

/** Creates a contender on an `HttpClient`. Every program runs on its own connection. */
export const makeWith = (
  host: string,
  transport: Layer.Layer<HttpClient.HttpClient>,
  around: <A>(program: Program<A>) => Program<A>
): Contender => {
  const layer = Pinecone.layer({ apiKey: Redacted.make(apiKey), host }).pipe(Layer.provide(transport))
  const run = <A>(program: Program<A>) => Effect.runPromise(Effect.provide(around(program), layer))
  return {
    drain: (schedule) => run(history(schedule)),
    work: (schedule) => run(work(schedule)),
    many: (schedules) => run(many(schedules)),
    describe: (job, times) => run(describe(job, times))
  }
}

export const make = (host: string): Contender => makeWith(host, FetchHttpClient.layer, identity)
