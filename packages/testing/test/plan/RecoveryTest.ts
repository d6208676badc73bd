/** What tests of recoveries share: a project with an index and its backups, runs on virtual time, and interrupted runs. */
import { assert } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Recovery from "@pinecone-backups/core/plan/Recovery"
import type * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import type * as RecoveryReport from "@pinecone-backups/core/plan/RecoveryReport"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { onVirtualTime } from "../support.ts"

export const docs = PineconeIndex.IndexName.make("docs")
export const id = Backup.BackupId.make
export const name = PineconeIndex.IndexName.make

// ============================================================================
// The project
// ============================================================================

/** The time at which tests start. */
const now = "2026-11-21T20:00:00Z"

/** An index of 100 records in three namespaces. */
export const index: Seed.Index = {
  name: "docs",
  id: "index-docs",
  dimension: 4,
  namespaces: { "": 60, a: 30, b: 10 },
  tags: { team: "search" }
}

/** A daily schedule with 29 backups, the newest from 14 hours ago. Its retention of 30 days can be inferred. */
export const nightly: Seed.Schedule = { id: "schedule-docs", name: "nightly", indexName: "docs", runs: 29 }

/** A switch in front of the service: interrupts the program at a request, or lets somebody else act before it. */
export interface Tap {
  /** Number of requests so far. */
  requests: number
  /** Called before and after each request is carried out, with its number from 0. */
  at: (request: number, when: "after" | "before") => Effect.Effect<void>
}

export const tap = (): Tap => ({ requests: 0, at: () => Effect.void })

const tapped = (tap: Tap) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      HttpClient.HttpClient,
      HttpClient.transform((effect) =>
        Effect.suspend(() => {
          const request = tap.requests++
          return tap.at(request, "before").pipe(
            Effect.andThen(effect),
            Effect.tap(() => tap.at(request, "after"))
          )
        })
      )
    )
  )

/** The services of a project. */
export type World = ControlPlane.ControlPlane | IndexData.IndexData | Pinecone.Services | PineconeClient.PineconeClient

let connections = 0

/** Options of a project. */
export interface ProjectOptions extends ControlPlane.Options {
  /** @default "2026-07" */
  readonly apiVersion?: PineconeClient.Options["apiVersion"]
}

/** A connection to the project, separate from others. */
export const connection = (switched: Tap = tap(), apiVersion: ProjectOptions["apiVersion"] = "2026-07") =>
  Layer.suspend(() =>
    Layer.fresh(IndexData.layer).pipe(
      Layer.provideMerge(Layer.fresh(Pinecone.layerServices)),
      Layer.provideMerge(PineconeClient.layer({
        apiKey: Redacted.make("memory"),
        apiVersion,
        indexDomains: ["invalid"],
        // Writes to one host take turns, so each connection has its own host.
        host: `http://recovery-${connections++}.localhost`
      })),
      Layer.orDie,
      Layer.provide(tapped(switched)),
      Layer.provide(Layer.fresh(Emulator.layerMemory))
    )
  )

/** A project at 20:00 UTC. By default with {@link index} and {@link nightly}. */
export const project = ({ apiVersion, ...options }: ProjectOptions = {}, switched: Tap = tap()) =>
  connection(switched, apiVersion).pipe(
    Layer.provideMerge(ControlPlane.layer({ now, indexes: [index], schedules: [nightly], ...options })),
    // Times of backups are compared with the clock.
    Layer.provide(Layer.effectDiscard(TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(now)))))
  )

/** Runs an effect, and lets time pass whenever it waits. */
export const onTime = <A, E, R>(effect: Effect.Effect<A, E, R>) => onVirtualTime(effect, 50)

// ============================================================================
// Recoveries
// ============================================================================

export type Options = Partial<RecoveryPlan.Options>

const planning = (options: Options = {}) =>
  Effect.map(
    Recovery.read({ index: docs, ...options }),
    (facts) => Recovery.plan(facts, { index: docs, ...options })
  )

/** The plan of a recovery that must not be refused. */
export const plan = (options: Options = {}) => Effect.map(onTime(planning(options)), Result.getOrThrow)

/** The reason of a recovery that must be refused. */
export const refusal = (options: Options = {}) =>
  Effect.map(
    onTime(planning(options)),
    (result) => Result.isFailure(result) ? result.failure : assert.fail("The recovery was not refused")
  )

/** Plans and runs a recovery, as a program that is started once. */
export const program = (options: Options = {}, runOptions?: Recovery.RunOptions) =>
  Effect.gen(function*() {
    const plan = yield* Effect.fromResult(yield* planning(options))
    const events: Array<RecoveryReport.RecoveryEvent> = []
    yield* Stream.runForEach(Recovery.run(plan, runOptions), (event) => Effect.sync(() => events.push(event)))
    const last = events.at(-1)
    if (last?._tag !== "Recovered") return assert.fail("The recovery has no result")
    return { plan, events, result: last.result }
  })

/** Like {@link program}, on virtual time. */
export const recover = (options: Options = {}, runOptions?: Recovery.RunOptions) => onTime(program(options, runOptions))

/** Starts a recovery, and ends it where the tap says. Returns `true` if it was ended before it was complete. */
export const killed = Effect.fnUntraced(function*(
  switched: Tap,
  point: number,
  when: "after" | "before",
  options: Options = {},
  runOptions?: Recovery.RunOptions
) {
  const dead = yield* Deferred.make<true>()
  switched.requests = 0
  switched.at = (request, now) =>
    request === point && now === when ? Effect.andThen(Deferred.succeed(dead, true), Effect.never) : Effect.void
  const isKilled = yield* onTime(
    Effect.raceFirst(Deferred.await(dead), Effect.as(program(options, runOptions), false))
  )
  switched.at = () => Effect.void
  return isKilled
})

// ============================================================================
// The service
// ============================================================================

/** The operations of the requests that changed something, in order. */
export const writes = ControlPlane.ControlPlane.use((plane) =>
  Effect.map(
    plane.requests,
    (requests) =>
      requests.filter(({ method, operation, status }) =>
        method !== "GET" && operation?.startsWith("IndexData") !== true && Math.floor((status ?? 0) / 100) === 2
      ).map(({ operation }) => operation)
  )
)

export const deleteIndex = (index = docs) => Indexes.Indexes.use((indexes) => onTime(indexes.delete(index)))

const lookAt = Effect.fnUntraced(function*(index: PineconeIndex.IndexName) {
  const indexes = yield* Indexes.Indexes
  const schedules = yield* BackupSchedules.BackupSchedules
  const data = yield* IndexData.IndexData
  const described = yield* indexes.describe(index)
  const { namespaces, recordCount } = yield* data.stats(described)
  const ids = yield* Stream.runCollect(data.listIds(described, { namespace: "a" }))
  const records = yield* data.fetch(described, ids.slice(0, 5), { namespace: "a" })
  return {
    tags: described.tags,
    deletionProtection: described.deletionProtection,
    recordCount,
    namespaces,
    records: [...records],
    schedules: (yield* Stream.runCollect(schedules.list(index))).map((schedule) => ({
      name: schedule.name,
      frequency: schedule.frequency,
      retentionDays: schedule.retentionExpireAfterDays,
      enabled: schedule.enabled
    }))
  }
})

/** An index as an operator sees it: its records, schedules, tags and protection. */
export const look = (index = docs) => onTime(lookAt(index))
