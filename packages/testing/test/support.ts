import { assert } from "@effect/vitest"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as EventLoop from "../../core/test/event-loop.ts"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Seeding from "../src/internal/seeding.ts"
import * as Simulation from "../src/internal/simulation.ts"
import * as TimeRules from "../src/internal/time-rules.ts"

// ============================================================================
// The simulation without effects
// ============================================================================

/** A Thursday, ten and a half hours after the runs of the day. */
export const start = "2026-04-23T16:36:51Z"

export const iso = (instant: DateTime.Utc | null | undefined): string | undefined =>
  instant ? DateTime.formatIso(instant).replace(".000Z", "Z") : undefined

const decodeIndex = Schema.decodeUnknownSync(PineconeIndex.FromWire)
const decodeIndexes = Schema.decodeUnknownSync(Schema.Struct({ indexes: Schema.Array(PineconeIndex.FromWire) }))

/** A simulated service without effects: its state, its time and its responses. */
export class World {
  state: Simulation.State
  now: DateTime.Utc

  constructor(project: Partial<ControlPlane.Project> = {}, now: string = start) {
    this.state = Simulation.make({ project })
    this.now = DateTime.makeUnsafe(now)
  }

  /** Advances the time by a duration. */
  pass(duration: Duration.Input): this {
    return this.goTo(DateTime.addDuration(this.now, duration))
  }

  /** Advances the time to an instant. */
  goTo(instant: DateTime.Utc | string): this {
    this.now = DateTime.makeUnsafe(instant)
    this.state = TimeRules.advance(this.state, this.now)
    return this
  }

  seed<Seed, A>(
    f: (state: Simulation.State, now: DateTime.Utc, seed: Seed) => readonly [Simulation.State, A],
    seed: Seed
  ): A {
    const [state, value] = f(this.state, this.now, seed)
    this.state = state
    return value
  }

  /** Result of a request, by default in the newest version. */
  send<A>(
    operation: RequestRules.Operation<A>,
    version: RequestRules.Version = "2026-07"
  ): Result.Result<A, RequestRules.Refusal> {
    const [state, answer] = operation({ state: this.state, now: this.now, version })
    this.state = state
    return answer
  }

  /** Response to a request that must succeed. */
  ask<A>(operation: RequestRules.Operation<A>, version?: RequestRules.Version): A {
    return Result.getOrThrowWith(
      this.send(operation, version),
      ({ message, status }) => new Error(`${status} ${message}`)
    )
  }

  /** The refusal of a request that must be refused. */
  refusal(operation: RequestRules.Operation<unknown>): RequestRules.Refusal {
    return Result.match(this.send(operation), {
      onFailure: (refusal) => refusal,
      onSuccess: () => assert.fail("The request was not refused")
    })
  }

  /** The runs of a schedule. */
  history(scheduleId: string, version: RequestRules.Version = "unstable"): ReadonlyArray<BackupRun.BackupRun> {
    return this.ask(RequestRules.history({ scheduleId, limit: 100 }), version).data
  }

  /** The index with a name. */
  index(name: string): PineconeIndex.PineconeIndex {
    return decodeIndex(this.ask(RequestRules.describeIndex(name)))
  }

  get indexes(): ReadonlyArray<PineconeIndex.PineconeIndex> {
    return decodeIndexes(this.ask(RequestRules.listIndexes)).indexes
  }

  /** The state in order, as plain JSON. */
  get snapshot(): unknown {
    const { indexes, records, restores, schedules, ...rest } = this.state
    const entries = [indexes, records, restores, schedules].map((map): ReadonlyArray<unknown> => [...map])
    return JSON.parse(JSON.stringify({ ...rest, entries }))
  }
}

/** Sends a request to a service in this process. */
export const sendTo = (
  plane: ControlPlane.Service,
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  body?: Schema.JsonObject
) =>
  Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.make(method)(`http://memory.localhost${path}`, {
      headers: { "api-key": "any", "x-pinecone-api-version": "2026-07" }
    })
    const { headers, status, text } = yield* client.execute(
      body === undefined ? request : HttpClientRequest.bodyJsonUnsafe(request, body)
    )
    return { status, headers, text: yield* text }
  }).pipe(
    Effect.orDie,
    Effect.provide(Emulator.layerMemory),
    Effect.provideService(ControlPlane.ControlPlane, plane)
  )

/** The state of a service. */
export const stateOf = (plane: ControlPlane.Service): Effect.Effect<Simulation.State> =>
  Effect.flatMap(plane.dump, (dump) => Effect.orDie(Effect.map(decodeDump(dump), ({ state }) => state)))

const decodeDump = Schema.decodeUnknownEffect(Schema.toCodecJson(Simulation.Dump))

export const indexName = (name: string): PineconeIndex.IndexName => PineconeIndex.IndexName.make(name)

/** A request for a schedule. */
export const createSchedule = (
  options: Partial<Parameters<typeof RequestRules.createSchedule>[0]> = {}
) =>
  RequestRules.createSchedule({
    indexName: "docs",
    name: "nightly",
    frequency: "daily",
    expireAfterDays: 7,
    ...options
  })

/** A world with a seeded index `docs` and a created schedule `schedule-1`. */
export const withSchedule = (
  options: Parameters<typeof createSchedule>[0] & { readonly now?: string } = {},
  project: Partial<ControlPlane.Project> = {}
): World => {
  const { now, ...schedule } = options
  const world = new World(project, now)
  world.seed(Seeding.addIndex, { name: "docs", tags: { team: "search" } })
  world.ask(createSchedule(schedule))
  return world
}

// ============================================================================
// Generators
// ============================================================================

export const int = (minimum: number, maximum: number): Arbitrary.Arbitrary<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

/** Generator of one of the given values. */
export const element = <const A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(int(0, values.length - 1), (index) => values[index]!)

// ============================================================================
// Time
// ============================================================================

/** Default request timeout of a client. Its timer shows that a request is in progress. */
const requestTimeout = 30_000

/** Milliseconds of real time without anything to wait for after which an effect is stuck. */
const stuckAfter = 5_000

/**
 * Runs an effect while the clock jumps from each awaited moment to the next. The clock stops while a request is in progress,
 * for up to `patience` milliseconds of real time. A longer request is treated as unanswered.
 */
export const onVirtualTime = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>, patience: number) {
  const clock = yield* Clock.Clock
  const moments = new Set<{ readonly at: number; readonly isRequest: boolean }>()
  const sleep = (duration: Duration.Duration) =>
    Effect.suspend(() => {
      const millis = Duration.toMillis(duration)
      const moment = { at: clock.currentTimeMillisUnsafe() + millis, isRequest: millis === requestTimeout }
      moments.add(moment)
      return Effect.ensuring(clock.sleep(duration), Effect.sync(() => moments.delete(moment)))
    })
  const fiber = yield* Effect.forkChild(Effect.provideService(effect, Clock.Clock, { ...clock, sleep }))
  while (fiber.pollUnsafe() === undefined) {
    const since = performance.now()
    // A client may need a few turns between two requests.
    for (let quiet = 0; quiet < 5 && fiber.pollUnsafe() === undefined; quiet++) {
      yield* EventLoop.turn
      const isUnderWay = [...moments].some(({ isRequest }) => isRequest)
      // Without any awaited moment, something takes real time, such as a hash.
      if (performance.now() - since < (moments.size === 0 ? stuckAfter : isUnderWay ? patience : 0)) quiet = 0
    }
    if (fiber.pollUnsafe() !== undefined) break
    const next = Math.min(...[...moments].map(({ at }) => at))
    assert.isTrue(Number.isFinite(next), "nothing to wait for")
    yield* TestClock.setTime(next)
  }
  return yield* Fiber.join(fiber)
})
