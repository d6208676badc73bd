/**
 * Measures `HealthChecks.assess` on facts about a project: the number of indexes is the argument, with 90 daily runs each.
 * Prints the time of the first call in the process, and of warm calls, in milliseconds.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

const runs = 90
const rounds = 3

/** Facts about `count` indexes, copied from the facts about one index: only names and IDs differ. */
const multiply = (one: BackupHealth.Facts, count: number): BackupHealth.Facts => {
  const copies = Array.from({ length: count }, (_, number) => {
    const index = {
      name: PineconeIndex.IndexName.make(`index-${number}`),
      id: PineconeIndex.IndexId.make(`index-${number}`)
    }
    const own = <Row extends { readonly backupId: string }>(row: Row) => ({
      ...row,
      backupId: Backup.BackupId.make(`${row.backupId}-${number}`),
      sourceIndexId: index.id,
      sourceIndexName: index.name
    })
    return { index, own, number }
  })
  return {
    all: copies.map(({ index }) => index),
    indexes: copies.flatMap(({ index, number, own }) =>
      one.indexes.map(({ schedules }) => ({
        index,
        schedules: Result.map(schedules, (schedules) =>
          schedules.map(({ runs, schedule }) => ({
            schedule: {
              ...schedule,
              scheduleId: BackupSchedule.ScheduleId.make(`nightly-${number}`),
              name: `nightly-${number}`,
              indexId: index.id
            },
            runs: Result.map(runs, (runs) => runs.map(own))
          })))
      }))
    ),
    backups: Result.map(one.backups, (backups) => copies.flatMap(({ own }) => backups.map(own))),
    restoreJobs: one.restoreJobs
  }
}

const program = Effect.gen(function*() {
  const checks = yield* HealthChecks.HealthChecks
  const size = Number(process.argv[2])
  const facts = multiply(yield* checks.gather(), size)
  const now = yield* DateTime.now
  const assess = () => {
    const start = performance.now()
    const { indexes } = HealthChecks.assess(facts, { now, policy: { backupQuota: 2 * size * runs } })
    const millis = performance.now() - start
    const good = indexes.filter(({ copies }) => copies === runs).length
    if (good !== size) throw new Error(`${good} of ${size} indexes have the ${runs} copies they should have`)
    return millis
  }
  const first = assess()
  // Few indexes need many calls until everything is compiled.
  for (let rows = size; rows < 2_000; rows += size) assess()
  const warm = Array.from({ length: rounds }, assess)
  console.log(JSON.stringify({ first, warm }))
})

const Services = Layer.provideMerge(
  HealthChecks.layer,
  PineconeMemory.layer({ schedules: [{ id: "nightly", expireAfterDays: 365, runs }] })
)

await Effect.runPromise(Effect.provide(program, Services))
