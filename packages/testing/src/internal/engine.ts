/** The running simulated service: its state, time, faults and received requests. */
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import * as Fault from "../Fault.ts"
import * as Inputs from "./inputs.ts"
import * as Settings from "./settings.ts"
import type * as Simulation from "./simulation.ts"
import * as TimeRules from "./time-rules.ts"

/** A request that reached the service, without its API key. */
export interface ReceivedRequest {
  readonly method: string
  /** The body as it was sent, up to 4,000 characters; `undefined` without a body. */
  readonly body: string | undefined
  /** Status of the response; `undefined` until the response is sent. */
  readonly status: number | undefined
  /** The requested operation; `undefined` for an unknown route. */
  readonly operation: Fault.Operation | undefined
  /** Path and query as they were sent. */
  readonly url: string
  /** Value of the version header, if sent. */
  readonly version: string | undefined
}

export interface Options {
  /** Faults, in order. */
  readonly faults?: ReadonlyArray<Fault.Rule> | undefined
  /**
   * Called for every request with the fault from the rules, if any. Returns the fault to use instead, for faults that no
   * rule can describe, such as a rate limit or random failures.
   *
   * An invalid fault and a defect are bugs in the test. A request in memory dies with the `InvalidValue` or the defect. The
   * response of a server is 500, and its message describes the `InvalidValue`.
   */
  readonly chooseFault?:
    | ((
      operation: Fault.Operation | undefined,
      fault: Fault.Fault | undefined
    ) => Effect.Effect<Fault.Fault | undefined>)
    | undefined
  /**
   * Speed of the time of the service: seconds per second of the `Clock`, from 0 (stopped) to 1,000,000.
   *
   * @default 1
   */
  readonly speed?: number | undefined
  /**
   * The only accepted API key: visible ASCII characters. Surrounding white space is removed, as in a client.
   *
   * @default any key
   */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /** Number of received requests to keep. @default 10_000 */
  readonly keptRequests?: number | undefined
}

/** Controls of a running `ControlPlane`. */
export interface Controls {
  /** Current time of the service. */
  readonly now: Effect.Effect<DateTime.Utc>
  /**
   * Advances the time of the service, in addition to the passing time. Returns immediately. Stops at the end of the year
   * 9999. Dies with an `InvalidValue`, and changes nothing, if the duration is negative or invalid.
   */
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
  /**
   * Sets the speed of the time of the service, relative to the `Clock`: from 0 (stopped) to 1,000,000. Dies with an
   * `InvalidValue` for any other speed.
   */
  readonly setSpeed: (speed: number) => Effect.Effect<void>
  /**
   * Adds a fault for the next request of an operation, or of any operation with `"*"`. Faults happen in the order in which
   * they were added, so several faults form a script. Dies with an `InvalidValue`, and adds nothing, if a value is invalid or
   * a key is unknown.
   */
  readonly fault: (operation: Fault.Rule["operation"], fault: Fault.Fault, options?: {
    /** Number of requests to affect. @default 1, or all requests if `for` is given */
    readonly times?: Fault.Rule["times"]
    /** Number of matching requests to skip first. @default 0 */
    readonly skip?: number | undefined
    /** Duration of the fault, in the time of the service: more than 0, up to 36,525 days. @default unlimited */
    readonly for?: Duration.Input | undefined
  }) => Effect.Effect<void>
  /** Remaining faults, in order, with their remaining counts. */
  readonly faults: Effect.Effect<ReadonlyArray<Fault.Rule>>
  /** Removes all faults. */
  readonly clearFaults: Effect.Effect<void>
  /** Received requests, oldest first: the latest 10,000, or `keptRequests`. */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** Discards the received requests. */
  readonly clearRequests: Effect.Effect<void>
}

export interface Engine {
  readonly controls: Controls
  /** Returns the current time of the service. */
  readonly timeBy: (clock: Clock.Clock) => DateTime.Utc
  /** Returns the parts of the state that time does not change, without advancing the state to the current time. */
  readonly settings: () => Pick<Simulation.State, "project" | "switches">
  /** Changes the state after everything that is due has happened, and saves it. */
  readonly modify: <A>(
    f: (state: Simulation.State, now: DateTime.Utc) => readonly [Simulation.State, A]
  ) => Effect.Effect<A>
  /** Replaces the state and the time. */
  readonly load: (dump: Simulation.Dump) => Effect.Effect<void>
  /** Takes the fault for a request. */
  readonly nextFault: (operation: Fault.Operation | undefined) => Effect.Effect<Fault.Fault | undefined>
  /** Records a request and returns its ID (`"request-1"`, counting up). `answered` records the status. */
  readonly received: (request: Omit<ReceivedRequest, "status">) => {
    readonly id: string
    readonly answered: (status: number) => void
  }
  /** Returns `true` if an API key is accepted. */
  readonly acceptsKey: (key: string | undefined) => boolean
}

/** Reference point and speed of the time of the service. */
interface Time {
  /** Time of the `Clock` at the reference point, in milliseconds. */
  readonly clock: number
  /** Time of the service at the reference point, in milliseconds. */
  readonly service: number
  readonly speed: number
}

interface Held {
  readonly state: Simulation.State
  readonly time: Time
}

const endOfTime = DateTime.toEpochMillis(TimeRules.endOfTime)

/** Adds milliseconds to a time. A clock can go back, but the time of the service does not. */
const afterMillis = (time: number, millis: number): number =>
  Math.min(time + (millis > 0 ? Math.round(millis) : 0), endOfTime)

/** Adds a duration to a time. */
const later = (time: DateTime.Utc, duration: Duration.Duration): number =>
  afterMillis(DateTime.toEpochMillis(time), Duration.toMillis(duration))

const checkSpeed = Inputs.checkOf(Settings.Speed)

const checkKeptRequests = Inputs.checkOf(Settings.count)

const checkRule = Inputs.checkOf(Fault.Rule)

const checkFault = Inputs.checkOf(Fault.Fault)

const checkLasting = Inputs.checkOf(Settings.PositivePeriod)

/** Returns the text of the key. The error must not contain it. */
const checkKey = (given: unknown): string => {
  const key = Redacted.isRedacted(given) ? Redacted.value(given) : given
  const text = Predicate.isString(key) ? key.trim() : ""
  if (/^[\x21-\x7e]+$/.test(text)) return text
  throw Inputs.invalid(["apiKey"], "Expected a key of visible ASCII characters, as a string or `Redacted`")
}

const checkChosen = (fault: Fault.Fault | undefined): Fault.Fault | undefined =>
  fault === undefined ? undefined : checkFault(fault, ["chooseFault"])

/** Rules that have not ended at a time. */
const remaining = (rules: ReadonlyArray<Fault.Rule>, now: DateTime.Utc): ReadonlyArray<Fault.Rule> =>
  rules.filter(({ until }) => until === undefined || DateTime.isGreaterThan(until, now))

/**
 * Takes the fault for a request at a time, and returns the remaining rules. The first matching rule takes the request. A rule
 * that skips the request passes it to the next rule.
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

/** Creates a running service. `write` saves a changed state. `initial` counts as saved. */
export const make = Effect.fnUntraced(function*(
  options: Options,
  initial: Simulation.Dump,
  write?: (dump: Simulation.Dump) => Effect.Effect<void>
): Effect.fn.Return<Engine> {
  const { chooseFault } = options
  const apiKey = options.apiKey === undefined ? undefined : checkKey(options.apiKey)
  // Preparing a check takes time, and few programs have these options.
  const speed = options.speed === undefined ? 1 : checkSpeed(options.speed, ["speed"])
  const keptRequests = options.keptRequests === undefined
    ? 10_000
    : checkKeptRequests(options.keptRequests, ["keptRequests"])
  if (chooseFault !== undefined && typeof chooseFault !== "function") {
    throw Inputs.invalid(["chooseFault"], "Expected a function")
  }
  // Variables instead of `Ref`s: each is read and set in one synchronous step, several times per request.
  let held: Held = {
    state: initial.state,
    time: {
      clock: yield* Clock.currentTimeMillis,
      service: DateTime.toEpochMillis(initial.now),
      speed
    }
  }
  let faults: ReadonlyArray<Fault.Rule> = Inputs.listOf(options.faults, ["faults"])
    .map((rule, index) => checkRule(rule, ["faults", index]))
  let received = 0
  let requests: Array<ReceivedRequest> = []

  let latest = initial.now
  const timeBy = (by: Clock.Clock): DateTime.Utc => {
    const { clock, service, speed } = held.time
    const millis = afterMillis(service, (by.currentTimeMillisUnsafe() - clock) * speed)
    // A request needs the time several times within a millisecond.
    if (millis !== DateTime.toEpochMillis(latest)) latest = DateTime.makeUnsafe(millis)
    return latest
  }
  const now = Effect.clockWith((clock) => Effect.succeed(timeBy(clock)))

  let saved = held
  const saving = yield* Semaphore.make(1)
  /** Saves the latest state. One write serves all waiting changes. */
  const save = write === undefined ? Effect.void : saving.withPermit(
    Effect.gen(function*() {
      const current = held
      // A changed time must be saved. Time that merely passes need not be.
      if (current === saved) return
      yield* write({ version: 1, now: yield* now, state: current.state })
      saved = current
    })
  ).pipe(Effect.uninterruptible)

  const change = <A>(f: (held: Held, clock: Clock.Clock) => readonly [Held, A]): Effect.Effect<A> =>
    Effect.clockWith((clock) => {
      const current = held
      const [next, value] = f(current, clock)
      held = next
      return next === current || write === undefined ? Effect.succeed(value) : Effect.as(save, value)
    })

  /** Sets a new reference point of the time. */
  const retime = (f: (now: DateTime.Utc) => Partial<Time>, state?: Simulation.State): Effect.Effect<void> =>
    change((held, clock) => {
      const now = timeBy(clock)
      const point = { clock: clock.currentTimeMillisUnsafe(), service: DateTime.toEpochMillis(now) }
      return [{ state: state ?? held.state, time: { ...point, speed: held.time.speed, ...f(now) } }, undefined]
    })

  return {
    controls: {
      now,
      advance: (input) =>
        retime((now) => {
          const duration = Inputs.duration(input, ["duration"])
          if (Duration.isNegative(duration)) {
            throw Inputs.invalid(["duration"], `Expected a duration of 0 or more, got ${Formatter.format(duration)}`)
          }
          return { service: later(now, duration) }
        }),
      setSpeed: (speed) => retime(() => ({ speed: checkSpeed(speed, ["speed"]) })),
      fault: (operation, fault, options = {}) =>
        Effect.map(now, (now) => {
          Inputs.checkKeys(options, ["times", "skip", "for"])
          const { for: lasting, ...extent } = options
          const until = lasting === undefined
            ? undefined
            : DateTime.makeUnsafe(later(now, checkLasting(Inputs.duration(lasting, ["for"]), ["for"])))
          faults = [...faults, checkRule(Settings.defined({ operation, fault, ...extent, until }), [])]
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
    timeBy,
    settings: () => held.state,
    modify: (f) =>
      change((held, clock) => {
        const now = timeBy(clock)
        const [state, value] = f(TimeRules.advance(held.state, now), now)
        return [state === held.state ? held : { ...held, state }, value]
      }),
    load: ({ now, state }) => retime(() => ({ service: DateTime.toEpochMillis(now) }), state),
    nextFault: (operation) =>
      // Most programs have no faults.
      faults.length === 0 && chooseFault === undefined ? Effect.undefined : Effect.flatMap(now, (now) => {
        const [fault, others] = takeFault(faults, operation, now)
        faults = others
        if (chooseFault === undefined) return Effect.succeed(fault)
        const choice = chooseFault(operation, fault)
        if (!Effect.isEffect(choice)) {
          throw Inputs.invalid(["chooseFault"], "Expected a function that returns an Effect")
        }
        return Effect.map(choice, checkChosen)
      }),
    received: (request) => {
      const noted: { -readonly [Key in keyof ReceivedRequest]: ReceivedRequest[Key] } = {
        ...request,
        status: undefined
      }
      // A server may run for days, so only the latest requests are kept.
      if (requests.push(noted) > keptRequests) requests.shift()
      return {
        id: `request-${++received}`,
        answered: (status) => {
          noted.status = status
        }
      }
    },
    acceptsKey: (key) => key !== undefined && key !== "" && (apiKey === undefined || key === apiKey)
  }
})
