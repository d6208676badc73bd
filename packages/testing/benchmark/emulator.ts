/** Prints what a call costs in memory, and what a page of a very long list does: `node packages/testing/benchmark/emulator.ts`. */
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Seeding from "../src/internal/seeding.ts"
import * as Simulation from "../src/internal/simulation.ts"

const rows = 1_000_000

const print = (what: string, duration: Duration.Duration, times: number) =>
  Console.log(`${what.padEnd(58)} ${(Duration.toMillis(duration) / times).toFixed(3).padStart(10)} ms`)

const measure = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>, times = 1) =>
  Effect.flatMap(
    Effect.timed(Effect.repeat(effect, { times: times - 1 })),
    ([duration]) => print(what, duration, times)
  )

const program = Effect.gen(function*() {
  const plane = yield* ControlPlane.ControlPlane
  const jobs = yield* RestoreJobs.RestoreJobs
  const schedules = yield* BackupSchedules.BackupSchedules
  const id = BackupSchedule.ScheduleId.make("nightly")

  yield* measure("first call", jobs.listPage())
  yield* measure("1,000 calls, each", jobs.listPage(), 1_000)
  yield* measure("1,000 pages of 100 rows, each", schedules.historyPage(id, { limit: 100 }), 1_000)

  const long = { id: "long", indexName: "long", runs: rows }
  yield* measure(`seeding ${rows} rows`, plane.seedSchedule(long))
  yield* measure(
    "first page after a change, through client and contract",
    schedules.historyPage(BackupSchedule.ScheduleId.make("long"), { limit: 100 })
  )
  yield* measure(
    "a page through client and contract",
    schedules.historyPage(BackupSchedule.ScheduleId.make("long"), { limit: 100 }),
    100
  )

  const now = yield* plane.now
  const [state] = Seeding.addSchedule(Simulation.make(), now, long)
  const answer = <A>(what: string, operation: RequestRules.Operation<A>, times = 100) =>
    measure(what, Effect.sync(() => operation({ state, now, version: "2026-07" })), times)
  const page = (offset: number) =>
    RequestRules.history({
      scheduleId: "long",
      paginationToken: Base64.encode(JSON.stringify({ limit: 100, offset }))
    })
  yield* answer("first page after a change, by the rules alone", page(0), 1)
  yield* answer("a page of 100, at the beginning", page(0))
  yield* answer("a page of 100, in the middle", page(rows / 2))
  yield* answer("a page of 100 of all backups", RequestRules.listBackups({}))
  yield* answer("a page of 100 of an index", RequestRules.listBackupsByIndex({ indexName: "long" }))
})

Effect.runPromise(
  Effect.provide(program, PineconeMemory.layer({ apiVersion: "2026-07", schedules: [{ id: "nightly", runs: 200 }] }))
)
