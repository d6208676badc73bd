/**
 * Prints how long it takes to say whether the backups of 1,000 indexes with 90 runs each are good, with and without the
 * asking: `node packages/testing/benchmark/health.ts`, or with other numbers behind it.
 */
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const [indexes = 1_000, runs = 90] = process.argv.slice(2).map(Number)

const measure = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = process.cpuUsage()
    const [duration, value] = yield* Effect.timed(effect)
    const { system, user } = process.cpuUsage(before)
    yield* Console.log(
      `${what.padEnd(40)} ${Duration.toMillis(duration).toFixed(0).padStart(8)} ms, ` +
        `${((system + user) / 1000).toFixed(0).padStart(8)} ms of the processor`
    )
    return value
  })

const program = Effect.gen(function*() {
  const checks = yield* HealthChecks.HealthChecks
  yield* measure("the first check", checks.check())
  const facts = yield* measure("gather", checks.gather())
  const now = yield* DateTime.now
  for (const round of ["assess", "assess once more", "and once more"]) {
    yield* measure(round, Effect.sync(() => HealthChecks.assess(facts, { now })))
  }
  const { totals } = yield* measure("check", checks.check())
  yield* Console.log(JSON.stringify(totals))
})

const Services = Layer.provideMerge(
  HealthChecks.layer,
  PineconeMemory.layer({
    keptRequests: 100,
    schedules: Array.from({ length: indexes }, (_, number) => ({
      id: BackupSchedule.ScheduleId.make(`nightly-${number}`),
      indexName: `index-${number}`,
      expireAfterDays: 365,
      runs
    }))
  })
)

Effect.runPromise(Effect.provide(program, Services))
