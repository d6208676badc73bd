/** Drills of the demo project, in memory. They use the accelerated time of the simulated service, so that waits end quickly. */
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
import * as DemoLog from "./DemoLog.ts"

/** Creates a clock with the time and speed of the simulated service. */
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

/** Layer of the drills. Waits for a second first, because the time of the demo project stands still until then. */
export const layer = Effect.fnUntraced(function*(probe: DrillProbe.Probe | undefined) {
  yield* Effect.sleep("1100 millis")
  const { clock, real } = yield* makeClock
  // The simulated service derives its time from the real clock.
  const inRealTime = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.provideService(self, Clock.Clock, real)
  return Layer.effectDiscard(DemoLog.fill).pipe(
    Layer.provideMerge(DrillEngine.layerMemory(probe, inRealTime)),
    Layer.provide(Layer.succeedContext(Context.make(Clock.Clock, clock)))
  )
})
