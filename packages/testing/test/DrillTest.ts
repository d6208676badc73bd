/** What tests of restore drills share: a project with a backup, and an engine on virtual time. */
import { assert } from "@effect/vitest"
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import type * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"

export const docs = PineconeIndex.IndexName.make("docs")

const namespaces = { "": 60, a: 30, b: 10 }

/** The time at which tests start. */
const now = "2026-04-23T16:00:00Z"

/** A project with an index of 100 records in three namespaces, at {@link now}. */
export const project = (options: PineconeMemory.Options = {}) =>
  DrillTarget.layer.pipe(
    Layer.provideMerge(IndexData.layer),
    Layer.provideMerge(DrillLog.layerMemory),
    Layer.provideMerge(PineconeMemory.layer({
      indexes: [{ name: "docs", dimension: 4, namespaces }],
      ...options
    })),
    Layer.provide(Layer.effectDiscard(TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(now))))),
    Layer.fresh
  )

/** Seeds a backup of `docs`, from two days ago unless said otherwise. */
export const seedBackup = (seed: Seed.Backup = {}) =>
  ControlPlane.ControlPlane.use((plane) =>
    plane.seedBackup({ indexName: "docs", createdAt: "2026-04-21T06:00:00Z", ...seed })
  )

export const request = (
  options: Partial<ConstructorParameters<typeof DrillRequest.DrillRequest>[0]> = {}
): DrillRequest.DrillRequest => DrillRequest.DrillRequest.make({ drillId: "drill-1", index: docs, ...options })

/** Advances the clock until a fiber has ended, up to a time. */
export const finish = Effect.fnUntraced(function*<A, E>(
  fiber: Fiber.Fiber<A, E>,
  within: Duration.Input = "12 hours",
  step: Duration.Input = "30 seconds"
) {
  const steps = Math.ceil(Duration.toMillis(within) / Duration.toMillis(step))
  yield* DrillEngine.settle
  for (let n = 0; n < steps && fiber.pollUnsafe() === undefined; n++) yield* DrillEngine.advance(step, step)
  assert.isDefined(fiber.pollUnsafe(), "the drill did not end")
  return yield* Fiber.join(fiber)
})

/** Runs a drill until it has ended. */
export const drill = (options: Parameters<typeof request>[0] = {}, within?: Duration.Input) =>
  Effect.flatMap(Effect.forkChild(RestoreDrill.run(request(options))), (fiber) => finish(fiber, within))

/** Number of requests of an operation that were accepted. */
export const accepted = (operation: Fault.Operation) =>
  ControlPlane.ControlPlane.use((plane) =>
    Effect.map(
      plane.requests,
      (requests) =>
        requests.filter((request) => request.operation === operation && Math.floor((request.status ?? 0) / 100) === 2)
          .length
    )
  )

/** The temporary indexes that exist. */
export const temporaries = Effect.gen(function*() {
  const indexes = yield* Indexes.Indexes
  return (yield* indexes.list).flatMap((index) => DrillIndex.of(index) ?? [])
})

export const summary = ({ checks, leftover, outcome, reason }: DrillReport.DrillReport) => ({
  outcome,
  code: reason?.code ?? null,
  checks: Object.fromEntries(checks.map(({ check, result }) => [check, result])),
  leftover
})

export const engine = RestoreDrill.layer.pipe(Layer.provideMerge(DrillEngine.layer))
