/** A project and a policy that need every kind of step, for tests of `SchedulePlan.apply` and `SavedPlan.apply`. */
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import type * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Simulation from "../../src/internal/simulation.ts"
import * as TimeRules from "../../src/internal/time-rules.ts"
import { stateOf } from "../support.ts"

export const policy: BackupPolicy.BackupPolicy = {
  rules: [
    {
      index: "docs",
      schedule: { name: "docs-daily", keep: 7 },
      settings: { deletionProtection: "enabled", tags: { tier: "gold", old: null } }
    },
    { index: "legacy", schedule: { paused: false }, settings: { deletionProtection: "disabled" } },
    { index: "orders", schedule: { name: "orders-daily", every: "daily", keep: 14 } },
    { index: "wiki", schedule: "none" },
    { index: "carts", schedule: { name: "carts", keep: 60, every: "weekly" } },
    { index: "sessions", schedule: { every: "daily", keep: 1 }, allowLoss: false }
  ]
}

const start = "2026-10-20T12:00:00Z"

const seeds: ControlPlane.Options = {
  now: start,
  indexes: [
    { name: "docs", deletionProtection: "disabled", tags: { old: "yes" } },
    { name: "legacy", deletionProtection: "enabled" },
    { name: "orders" },
    { name: "wiki" },
    { name: "carts" },
    { name: "sessions" }
  ],
  schedules: [
    { id: "docs-daily", indexName: "docs", expireAfterDays: 30 },
    { id: "docs-spare", indexName: "docs", enabled: false },
    { id: "legacy-monthly", indexName: "legacy", frequency: "monthly", enabled: false },
    { id: "orders-old", indexName: "orders" },
    { id: "wiki-daily", indexName: "wiki" },
    { id: "carts", indexName: "carts", expireAfterDays: 20 },
    { id: "sessions", indexName: "sessions", expireAfterDays: 5 }
  ],
  backups: [{ indexName: "docs", createdAt: start }]
}

/** What happens to a request, by its number: 1 for the first. */
export type Chooser = (
  number: number,
  operation: Fault.Operation | undefined,
  plane: ControlPlane.Service
) => Effect.Effect<Fault.Fault | undefined>

/** A request that changes something. */
export const isWrite = ({ method }: { readonly method: string }): boolean => method !== "GET"

/**
 * Runs a program on a project with 25 days of backups. `start` starts counting requests, and `choose` decides what happens to
 * each of them.
 */
export const onProject = <A, E>(
  program: (project: {
    readonly plane: ControlPlane.Service
    readonly count: (choose?: Chooser) => void
    readonly counted: () => number
  }) => Effect.Effect<A, E, Pinecone.Services>
): Effect.Effect<A, E> => {
  let counted = 0
  let choose: Chooser | undefined
  let plane: ControlPlane.Service | undefined
  return Effect.gen(function*() {
    plane = yield* ControlPlane.ControlPlane
    yield* plane.advance("25 days")
    return yield* program({
      plane,
      count: (chooser) => {
        counted = 0
        choose = chooser
      },
      counted: () => counted
    })
  }).pipe(Effect.provide(PineconeMemory.layer({
    ...seeds,
    chooseFault: (operation, fault) =>
      Effect.suspend(() => {
        counted++
        return choose === undefined || plane === undefined
          ? Effect.succeed(fault)
          : Effect.map(choose(counted, operation, plane), (chosen) => chosen ?? fault)
      })
  })))
}

/** Runs a stream and interrupts it at a request. Returns when nothing is running any more. */
export const killed = <A, E, R>(
  stream: Stream.Stream<A, E, R>,
  count: (choose?: Chooser) => void,
  number: number,
  fault: Fault.Fault
): Effect.Effect<void, never, R> =>
  Effect.gen(function*() {
    const reached = yield* Deferred.make<void>()
    count((current) => current === number ? Effect.as(Deferred.succeed(reached, undefined), fault) : Effect.undefined)
    const fiber = yield* Effect.forkChild(Stream.runDrain(stream))
    yield* Deferred.await(reached)
    // The request hangs, after it has been carried out or before.
    for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow
    yield* Fiber.interrupt(fiber)
    count()
  })

/** The schedules and settings of a project, without what moves by itself. */
export const wishable = (plane: ControlPlane.Service) =>
  Effect.map(
    stateOf(plane),
    (state) =>
      Simulation.activeIndexes(state).map(({ deletionProtection, id, name, tags }) => ({
        name,
        deletionProtection,
        tags,
        schedules: Simulation.schedulesOf(state, id).map(({ expireAfterDays, frequency, name, nextRun }) => ({
          name,
          frequency,
          expireAfterDays,
          enabled: nextRun !== undefined
        }))
      }))
  )

/** The IDs of the backups that exist. */
export const backupIds = (plane: ControlPlane.Service): Effect.Effect<ReadonlySet<string>> =>
  Effect.gen(function*() {
    const now = yield* plane.now
    const state = TimeRules.advance(yield* stateOf(plane), now)
    return new Set(
      [...state.records.values()]
        .filter((record) => !record.isExpired && TimeRules.statusOf(record, now) !== "Scheduled")
        .map(({ id }) => id as string)
    )
  })

export const tagsOf = (events: ReadonlyArray<SchedulePlan.Event>): ReadonlyArray<string> =>
  events.map(({ _tag }) => _tag)
