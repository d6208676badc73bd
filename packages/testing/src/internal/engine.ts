/** The simulated service as it runs: what it holds, its time, its faults, and the requests that came in. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Ref from "effect/Ref"
import * as Semaphore from "effect/Semaphore"
import type * as Fault from "../Fault.ts"
import * as FaultRules from "./fault-rules.ts"
import * as Settings from "./settings.ts"
import * as SimulationTime from "./simulation-time.ts"
import type * as Simulation from "./simulation.ts"

/** A request that reached the service. Its key is not kept. */
export interface ReceivedRequest {
  readonly method: string
  /** The beginning of the body, as it was sent: 4,000 characters at most; `undefined`, if there was none. */
  readonly body: string | undefined
  /** What was answered; `undefined`, as long as nothing was, or if nothing ever is. */
  readonly status: number | undefined
  /** The operation it asks for; `undefined`, if there is none at this address. */
  readonly operation: Fault.Operation | undefined
  /** Path and query, as they were sent. */
  readonly url: string
  /** The value of the version header, if it was sent. */
  readonly version: string | undefined
}

export interface Options {
  readonly faults?: ReadonlyArray<Fault.Rule> | undefined
  readonly chooseFault?:
    | ((
      operation: Fault.Operation | undefined,
      fault: Fault.Fault | undefined
    ) => Effect.Effect<Fault.Fault | undefined>)
    | undefined
  readonly speed?: number | undefined
  readonly apiKey?: string | undefined
  readonly keptRequests?: number | undefined
}

export interface Engine {
  /** What time it is for the service. */
  readonly now: Effect.Effect<DateTime.Utc>
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
  readonly setSpeed: (speed: number) => Effect.Effect<void>
  /** Changes the state, after everything that is due by now has happened. What is kept has changed with it. */
  readonly modify: <A>(
    f: (state: Simulation.State, now: DateTime.Utc) => readonly [Simulation.State, A]
  ) => Effect.Effect<A>
  /** Replaces the state and the time. */
  readonly load: (dump: Simulation.Dump) => Effect.Effect<void>
  readonly addFault: (rule: (now: DateTime.Utc) => Fault.Rule) => Effect.Effect<void>
  readonly faults: Effect.Effect<ReadonlyArray<Fault.Rule>>
  readonly clearFaults: Effect.Effect<void>
  /** The fault that happens to a request, which is then used up. */
  readonly nextFault: (operation: Fault.Operation | undefined) => Effect.Effect<Fault.Fault | undefined>
  /** Notes a request and gives it an id: `"request-1"`, counting up. What is answered is noted later. */
  readonly received: (request: Omit<ReceivedRequest, "status">) => Effect.Effect<{
    readonly id: string
    readonly answered: (status: number) => Effect.Effect<void>
  }>
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  readonly clearRequests: Effect.Effect<void>
  /** Whether a key is accepted. */
  readonly acceptsKey: (key: string | undefined) => boolean
}

/** Since when time passes, and how fast. */
interface Time {
  /** The time of the `Clock` then. */
  readonly clock: DateTime.Utc
  /** The time of the service then. */
  readonly service: DateTime.Utc
  readonly speed: number
}

/** Years have four digits on the wire. Time goes no further. */
const endOfTime = DateTime.makeUnsafe("9999-12-31T23:59:59Z")

/** What time it is so much later. What is no way forward leaves it as it is. */
export const later = (time: DateTime.Utc, duration: Duration.Input): DateTime.Utc =>
  afterMillis(time, Duration.toMillis(Duration.fromInputUnsafe(duration)))

const afterMillis = (time: DateTime.Utc, millis: number): DateTime.Utc =>
  DateTime.makeUnsafe(Math.min(
    DateTime.toEpochMillis(time) + (millis > 0 ? Math.round(millis) : 0),
    DateTime.toEpochMillis(endOfTime)
  ))

const timeAt = ({ clock, service, speed }: Time, now: DateTime.Utc): DateTime.Utc =>
  afterMillis(service, (DateTime.toEpochMillis(now) - DateTime.toEpochMillis(clock)) * speed)

/** `write` keeps a state beside memory, where `initial` is kept already. */
export const make = Effect.fnUntraced(function*(
  options: Options,
  initial: Simulation.Dump,
  write?: (dump: Simulation.Dump) => Effect.Effect<void>
): Effect.fn.Return<Engine> {
  const time = yield* Ref.make<Time>({
    clock: yield* DateTime.now,
    service: initial.now,
    // A speed that makes no sense is a mistake in the test.
    speed: Settings.Speed.make(options.speed ?? 1)
  })
  const state = yield* Ref.make(initial.state)
  const faults = yield* Ref.make<ReadonlyArray<Fault.Rule>>(options.faults ?? [])
  let received = 0
  let requests: Array<ReceivedRequest> = []

  const now = Effect.map(Effect.all([Ref.get(time), DateTime.now]), ([time, now]) => timeAt(time, now))

  let saved = yield* Effect.all([Ref.get(state), Ref.get(time)])
  const saving = yield* Semaphore.make(1)
  /** Keeps the latest state. Of many that wait, one writes for all. */
  const save = write === undefined ? Effect.void : saving.withPermit(
    Effect.gen(function*() {
      const current = yield* Effect.all([Ref.get(state), Ref.get(time)])
      // Time that was moved has to be kept, time that passes by itself has not.
      if (current[0] === saved[0] && current[1] === saved[1]) return
      yield* write({ version: 1, now: yield* now, state: current[0] })
      saved = current
    })
  ).pipe(Effect.uninterruptible)
  const saveAfter: <A>(effect: Effect.Effect<A>) => Effect.Effect<A> = write === undefined ? identity : Effect.tap(save)

  /** Begins to count time anew. */
  const retime = (f: (now: DateTime.Utc) => Partial<Time>) =>
    Effect.flatMap(DateTime.now, (clock) =>
      Ref.update(time, (time) => {
        const service = timeAt(time, clock)
        return { clock, service, speed: time.speed, ...f(service) }
      }))

  const nextFault: Engine["nextFault"] = (operation) =>
    Effect.flatMap(now, (now) => Ref.modify(faults, (rules) => FaultRules.take(rules, operation, now)))
  const { chooseFault } = options

  return {
    now,
    advance: (duration) => saveAfter(retime((now) => ({ service: later(now, duration) }))),
    setSpeed: (speed) => saveAfter(retime(() => ({ speed: Settings.Speed.make(speed) }))),
    modify: (f) =>
      Effect.flatMap(now, (now) =>
        Effect.flatten(Ref.modify(state, (current) => {
          const [next, value] = f(SimulationTime.advance(current, now), now)
          return [next === current ? Effect.succeed(value) : saveAfter(Effect.succeed(value)), next]
        }))),
    load: (dump) =>
      retime(() => ({ service: dump.now })).pipe(
        Effect.andThen(Ref.set(state, dump.state)),
        saveAfter
      ),
    addFault: (rule) => Effect.flatMap(now, (now) => Ref.update(faults, (rules) => [...rules, rule(now)])),
    faults: Effect.map(Effect.all([Ref.get(faults), now]), ([rules, now]) => FaultRules.remaining(rules, now)),
    clearFaults: Ref.set(faults, []),
    nextFault: chooseFault === undefined ?
      nextFault :
      (operation) => Effect.flatMap(nextFault(operation), (fault) => chooseFault(operation, fault)),
    received: (request) =>
      Effect.sync(() => {
        const noted: { -readonly [Key in keyof ReceivedRequest]: ReceivedRequest[Key] } = {
          ...request,
          status: undefined
        }
        // A server may run for days, so only the latest are kept.
        if (requests.push(noted) > (options.keptRequests ?? 10_000)) requests.shift()
        return {
          id: `request-${++received}`,
          answered: (status: number) =>
            Effect.sync(() => {
              noted.status = status
            })
        }
      }),
    requests: Effect.sync(() => requests.map((request) => ({ ...request }))),
    clearRequests: Effect.sync(() => {
      requests = []
    }),
    acceptsKey: (key) => key !== undefined && key !== "" && (options.apiKey === undefined || key === options.apiKey)
  }
})
