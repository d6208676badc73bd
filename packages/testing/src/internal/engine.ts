/** The simulated service as it runs: what it holds, its time, its faults, and the requests that came in. */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Fault from "../Fault.ts"
import * as Settings from "./settings.ts"
import type * as Simulation from "./simulation.ts"
import * as TimeRules from "./time-rules.ts"

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
  /** What goes wrong, in this order. */
  readonly faults?: ReadonlyArray<Fault.Rule> | undefined
  /**
   * Called for every request, with the fault that happens to it by the rules, if any. What it returns happens instead:
   * for faults that no rule describes, such as a rate limit or failures at random.
   */
  readonly chooseFault?:
    | ((
      operation: Fault.Operation | undefined,
      fault: Fault.Fault | undefined
    ) => Effect.Effect<Fault.Fault | undefined>)
    | undefined
  /**
   * How many seconds pass for the service in a second of the `Clock`, at most a million. At 0 time stands still.
   *
   * @default 1
   */
  readonly speed?: number | undefined
  /** The one key that is accepted. Any key is, if left out. */
  readonly apiKey?: string | undefined
  /** How many requests are remembered. @default 10_000 */
  readonly keptRequests?: number | undefined
}

/** What `ControlPlane` lets others do to it as it runs. */
export interface Controls {
  /** What time it is for the service. */
  readonly now: Effect.Effect<DateTime.Utc>
  /**
   * Lets time pass for the service, on top of what passes anyway. Takes no time itself. Never goes back, and never
   * past the year 9999.
   */
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
  /** Lets time pass so many times as fast as that of the `Clock`: at 0 it stands still, at most a million. */
  readonly setSpeed: (speed: number) => Effect.Effect<void>
  /**
   * Lets a fault happen to the next request for an operation, or to any with `"*"`. Faults that were told
   * earlier happen first, so two of them in a row are a script.
   */
  readonly fault: (operation: Fault.Rule["operation"], fault: Fault.Fault, options?: {
    /** How many requests it happens to. @default 1, or all of them in the time that `for` says */
    readonly times?: Fault.Rule["times"]
    /** How many requests go past it before. @default 0 */
    readonly skip?: number | undefined
    /** How long it lasts from now on, by the time of the service. As long as it takes, if left out. */
    readonly for?: Duration.Input | undefined
  }) => Effect.Effect<void>
  /** The faults that are still to happen, in order, with what is left of each. */
  readonly faults: Effect.Effect<ReadonlyArray<Fault.Rule>>
  /** Lets no fault happen any more. */
  readonly clearFaults: Effect.Effect<void>
  /** The requests that came in, oldest first: the latest 10,000, unless told otherwise. */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** Forgets the requests that came in. */
  readonly clearRequests: Effect.Effect<void>
}

export interface Engine {
  readonly controls: Controls
  /** Changes the state, after everything that is due by now has happened. What is kept has changed with it. */
  readonly modify: <A>(
    f: (state: Simulation.State, now: DateTime.Utc) => readonly [Simulation.State, A]
  ) => Effect.Effect<A>
  /** Replaces the state and the time. */
  readonly load: (dump: Simulation.Dump) => Effect.Effect<void>
  /** The fault that happens to a request, which is then used up. */
  readonly nextFault: (operation: Fault.Operation | undefined) => Effect.Effect<Fault.Fault | undefined>
  /** Notes a request and gives it an id: `"request-1"`, counting up. What is answered is noted later. */
  readonly received: (request: Omit<ReceivedRequest, "status">) => Effect.Effect<{
    readonly id: string
    readonly answered: (status: number) => Effect.Effect<void>
  }>
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

interface Held {
  readonly state: Simulation.State
  readonly time: Time
}

/** What time it is so much later. What is no way forward leaves it as it is. */
const later = (time: DateTime.Utc, duration: Duration.Input): DateTime.Utc =>
  afterMillis(time, Duration.toMillis(Duration.fromInputUnsafe(duration)))

const afterMillis = (time: DateTime.Utc, millis: number): DateTime.Utc =>
  DateTime.makeUnsafe(Math.min(
    DateTime.toEpochMillis(time) + (millis > 0 ? Math.round(millis) : 0),
    DateTime.toEpochMillis(TimeRules.endOfTime)
  ))

const timeAt = ({ clock, service, speed }: Time, now: DateTime.Utc): DateTime.Utc =>
  afterMillis(service, (DateTime.toEpochMillis(now) - DateTime.toEpochMillis(clock)) * speed)

/** The rules that are not over at a time. */
const remaining = (rules: ReadonlyArray<Fault.Rule>, now: DateTime.Utc): ReadonlyArray<Fault.Rule> =>
  rules.filter(({ until }) => until === undefined || DateTime.isGreaterThan(until, now))

/**
 * The fault that happens to a request at a time, and the rules for those after it. The first rule with something left to
 * do takes the request; a rule that is still to skip requests lets it go on to the next.
 */
export const takeFault = (
  rules: ReadonlyArray<Fault.Rule>,
  operation: Fault.Operation | undefined,
  now: DateTime.Utc
): readonly [Fault.Fault | undefined, ReadonlyArray<Fault.Rule>] => {
  let fault: Fault.Fault | undefined
  const others = Array.flatMap(remaining(rules, now), (rule): ReadonlyArray<Fault.Rule> => {
    const { skip = 0, until } = rule
    const times = rule.times ?? (until === undefined ? 1 : "always")
    if (fault !== undefined || (rule.operation !== "*" && rule.operation !== operation)) return [rule]
    if (skip > 0) return [{ ...rule, skip: skip - 1 }]
    fault = rule.fault
    return times === "always" ? [rule] : times === 1 ? [] : [{ ...rule, times: times - 1 }]
  })
  return [fault, others]
}

/** `write` keeps a state beside memory, where `initial` is kept already. */
export const make = Effect.fnUntraced(function*(
  options: Options,
  initial: Simulation.Dump,
  write?: (dump: Simulation.Dump) => Effect.Effect<void>
): Effect.fn.Return<Engine> {
  const { chooseFault = (_, fault) => Effect.succeed(fault), keptRequests = 10_000 } = options
  // Variables, since each is read and set in one step that nothing can interrupt, several times for every request.
  let held: Held = {
    state: initial.state,
    // A speed that makes no sense is a mistake in the test.
    time: { clock: yield* DateTime.now, service: initial.now, speed: Settings.Speed.make(options.speed ?? 1) }
  }
  let faults: ReadonlyArray<Fault.Rule> = options.faults ?? []
  let received = 0
  let requests: Array<ReceivedRequest> = []

  const now = Effect.map(DateTime.now, (now) => timeAt(held.time, now))

  let saved = held
  const saving = yield* Semaphore.make(1)
  /** Keeps the latest state. Of many that wait, one writes for all. */
  const save = write === undefined ? Effect.void : saving.withPermit(
    Effect.gen(function*() {
      const current = held
      // Time that was moved has to be kept, time that passes by itself has not.
      if (current === saved) return
      yield* write({ version: 1, now: yield* now, state: current.state })
      saved = current
    })
  ).pipe(Effect.uninterruptible)

  const change = <A>(f: (held: Held, now: DateTime.Utc, clock: DateTime.Utc) => readonly [Held, A]): Effect.Effect<A> =>
    Effect.flatMap(DateTime.now, (clock) => {
      const current = held
      const [next, value] = f(current, timeAt(current.time, clock), clock)
      held = next
      return next === current ? Effect.succeed(value) : Effect.as(save, value)
    })

  /** Begins to count time anew. */
  const retime = (f: (now: DateTime.Utc) => Partial<Time>, state?: Simulation.State): Effect.Effect<void> =>
    change((held, now, clock) => [
      { state: state ?? held.state, time: { clock, service: now, speed: held.time.speed, ...f(now) } },
      undefined
    ])

  return {
    controls: {
      now,
      advance: (duration) => retime((now) => ({ service: later(now, duration) })),
      setSpeed: (speed) => retime(() => ({ speed: Settings.Speed.make(speed) })),
      fault: (operation, fault, { for: lasting, ...extent } = {}) =>
        Effect.map(now, (now) => {
          const until = lasting === undefined ? undefined : later(now, lasting)
          // A count that makes no sense is a mistake in the test.
          const rule = Fault.Rule.make(Settings.defined({ operation, fault, ...extent, until }))
          faults = [...faults, rule]
        }),
      faults: Effect.map(now, (now) => remaining(faults, now)),
      clearFaults: Effect.sync(() => {
        faults = []
      }),
      requests: Effect.sync(() => requests.map((request) => ({ ...request }))),
      clearRequests: Effect.sync(() => {
        requests = []
      })
    },
    modify: (f) =>
      change((held, now) => {
        const [state, value] = f(TimeRules.advance(held.state, now), now)
        return [state === held.state ? held : { ...held, state }, value]
      }),
    load: ({ now, state }) => retime(() => ({ service: now }), state),
    nextFault: (operation) =>
      Effect.flatMap(now, (now) => {
        const [fault, others] = takeFault(faults, operation, now)
        faults = others
        return chooseFault(operation, fault)
      }),
    received: (request) =>
      Effect.sync(() => {
        const noted: { -readonly [Key in keyof ReceivedRequest]: ReceivedRequest[Key] } = {
          ...request,
          status: undefined
        }
        // A server may run for days, so only the latest are kept.
        if (requests.push(noted) > keptRequests) requests.shift()
        return {
          id: `request-${++received}`,
          answered: (status: number) =>
            Effect.sync(() => {
              noted.status = status
            })
        }
      }),
    acceptsKey: (key) => key !== undefined && key !== "" && (options.apiKey === undefined || key === options.apiKey)
  }
})
