/** Drills of the demo project, in memory. Their time passes as fast as that of the service, so that waits end. */
import type * as DrillProbe from "@pinecone-backups/core/drill/DrillProbe"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DemoProject from "../../demo/DemoProject.ts"
import * as DrillEngine from "../../engine/DrillEngine.ts"
import * as Time from "../../output/Time.ts"

/** A clock that shows the time of the service, and passes as fast as that. */
const makeClock = Effect.gen(function*() {
  const real = yield* Clock.Clock
  const realStart = real.currentTimeMillisUnsafe()
  const start = DateTime.toEpochMillis(yield* Time.now)
  const millis = () => start + (real.currentTimeMillisUnsafe() - realStart) * DemoProject.speed
  const nanos = () => BigInt(millis()) * 1_000_000n
  const monotonic = () => real.monotonicTimeNanosUnsafe() * BigInt(DemoProject.speed)
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: monotonic,
    monotonicTimeNanos: Effect.sync(monotonic),
    sleep: (duration) => real.sleep(Duration.times(duration, 1 / DemoProject.speed))
  }
  return { clock, real }
})

/** Layer of the drills. Waits for a second first: from then on the time of the demo project passes. */
export const layer = Effect.fnUntraced(function*(probe: DrillProbe.Probe | undefined) {
  yield* Effect.sleep("1100 millis")
  const { clock, real } = yield* makeClock
  // The service itself goes by the real clock, and makes of it the time that it shows.
  const inRealTime = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.provideService(self, Clock.Clock, real)
  return DrillEngine.layerMemory(probe, inRealTime).pipe(
    Layer.provide(Layer.succeedContext(Context.make(Clock.Clock, clock)))
  )
})
