/**
 * What time it is, by more than one clock: that of this machine, and the `Date` of the responses of the service.
 *
 * Either may be wrong: a machine without a time server, a response of a cache, a gateway with a clock of its own. Where
 * they disagree, nobody can say how old a backup is. The later clock then decides, so that a clock that is behind does
 * not make an old backup look new, and the report says so.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { millis } from "../internal/time.ts"
import * as Response from "../internal/transport/response.ts"

// ============================================================================
// Readings
// ============================================================================

/**
 * What another clock said, and when.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  /** The time of this machine when the response arrived. */
  readonly own: DateTime.Utc
  /** The `Date` of the response. */
  readonly date: DateTime.Utc
  /** Whether the response comes from a cache: it has an `Age` other than 0. */
  readonly isCached: boolean
  /** Whether the service simulates its time, as an emulator does. */
  readonly isSimulated: boolean
}

/**
 * What other clocks have said, as offsets from the clock of this machine in milliseconds: negative if they are behind.
 *
 * @category models
 * @since 0.1.0
 */
export interface Clocks {
  /** The offsets of the earliest and the latest clock, 0 included; `undefined` before the first response. */
  readonly real: { readonly earliest: number; readonly latest: number } | undefined
  /** The latest offset of a simulated time. */
  readonly simulated: number | undefined
}

/**
 * No reading yet.
 *
 * @category models
 * @since 0.1.0
 */
export const none: Clocks = { real: undefined, simulated: undefined }

const resolution: Duration.Duration = /* @__PURE__ */ Duration.minutes(1)

/**
 * By how much clocks may differ and still agree: one hour.
 *
 * @category models
 * @since 0.1.0
 */
export const tolerance: Duration.Duration = /* @__PURE__ */ Duration.hours(1)

const offsetOf = ({ date, own }: Reading): number => millis(date) - millis(own)

/**
 * Whether a clock shows another time: more than a minute away, since a `Date` is in whole seconds and as old as its
 * response.
 *
 * @category models
 * @since 0.1.0
 */
export const isOther = (reading: Reading): boolean => Math.abs(offsetOf(reading)) > Duration.toMillis(resolution)

/**
 * Adds a reading.
 *
 * **Details**
 *
 * The `Date` of a cached response is not evidence for a later time. It still shows how old the response is, so it counts
 * where it is behind.
 *
 * @category combining
 * @since 0.1.0
 */
export const add = (clocks: Clocks, reading: Reading): Clocks => {
  const { isCached, isSimulated } = reading
  const offset = isOther(reading) ? offsetOf(reading) : 0
  if (isSimulated) return { ...clocks, simulated: offset }
  const { earliest, latest } = clocks.real ?? { earliest: 0, latest: 0 }
  return {
    ...clocks,
    real: { earliest: Math.min(earliest, offset), latest: isCached ? latest : Math.max(latest, offset) }
  }
}

// ============================================================================
// Verdict
// ============================================================================

/**
 * What the clocks say together, and whether they contradict each other.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verdict {
  readonly _tag: "Agreed" | "Contradictory"
  /** The time to go by: that of the latest clock. */
  readonly now: DateTime.Utc
  /** The time by the earliest clock. */
  readonly earliest: DateTime.Utc
  /** The time of this machine. */
  readonly own: DateTime.Utc
}

/**
 * Decides what time it is when this machine says `own`.
 *
 * **Details**
 *
 * - Clocks agree within the {@link tolerance}. The latest is the time.
 * - Clocks that differ by more contradict each other. The latest is the time, and ages are not known.
 * - A service that simulates its time is the only one to know it, as long as no other service has responded.
 *
 * @category deciding
 * @since 0.1.0
 */
export const decide = ({ real, simulated }: Clocks, own: DateTime.Utc): Verdict => {
  const of = (earliest: number, latest: number): Verdict => ({
    _tag: latest - earliest <= Duration.toMillis(tolerance) ? "Agreed" : "Contradictory",
    now: DateTime.add(own, { milliseconds: latest }),
    earliest: DateTime.add(own, { milliseconds: earliest }),
    own
  })
  if (real === undefined) return of(simulated ?? 0, simulated ?? 0)
  return of(Math.min(real.earliest, simulated ?? 0), Math.max(real.latest, simulated ?? 0))
}

// ============================================================================
// Observing
// ============================================================================

/**
 * The header of a service that simulates its time, such as the emulator. Its value is `true`.
 *
 * @category headers
 * @since 0.1.0
 */
export const simulatedHeader = "x-simulated-time"

/**
 * Reads the clock of a response; `undefined` without a `Date` that is valid.
 *
 * @category headers
 * @since 0.1.0
 */
export const fromHeaders = (headers: Headers.Headers, own: DateTime.Utc): Reading | undefined => {
  const date = Option.getOrUndefined(Result.getSuccess(Headers.parseHttpDate(headers["date"] ?? "")))
  return date && {
    own,
    date,
    isCached: Response.isCached(headers),
    isSimulated: headers[simulatedHeader] === "true"
  }
}

/**
 * Remembers what the clocks of a connection say.
 *
 * @category models
 * @since 0.1.0
 */
export interface Observer {
  /** Reads the clock of every response: for `transformClient` of the connection. */
  readonly transformClient: (client: HttpClient.HttpClient) => HttpClient.HttpClient
  /** What the clocks have said since they were last forgotten. */
  readonly clocks: Effect.Effect<Clocks>
  /** What they say together, now. */
  readonly verdict: Effect.Effect<Verdict>
  /** Forgets every reading, for example before the next audit. */
  readonly forget: Effect.Effect<void>
}

/**
 * Creates an {@link Observer}.
 *
 * **Example** (Checking backups by more than one clock)
 *
 * ```ts
 * import * as Clocks from "@pinecone-backups/core/health/Clocks"
 * import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
 * import * as Pinecone from "@pinecone-backups/core/Pinecone"
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as Effect from "effect/Effect"
 * import * as FetchHttpClient from "effect/http/FetchHttpClient"
 * import * as Layer from "effect/Layer"
 *
 * export const program = Effect.gen(function*() {
 *   const options = yield* PineconeClient.config
 *   const { transformClient, verdict } = yield* Clocks.make
 *   const check = HealthChecks.HealthChecks.use((checks) => checks.check({ clocks: verdict }))
 *   return yield* Effect.provide(
 *     check,
 *     Layer.provide(HealthChecks.layer, Pinecone.layer({ ...options, transformClient })).pipe(
 *       Layer.provide(FetchHttpClient.layer)
 *     )
 *   )
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Observer> = /* @__PURE__ */ Effect.sync(() => {
  let clocks = none
  return {
    transformClient: HttpClient.tap(({ headers }) =>
      Effect.map(DateTime.now, (own) => {
        const reading = fromHeaders(headers, own)
        if (reading !== undefined) clocks = add(clocks, reading)
      })
    ),
    clocks: Effect.sync(() => clocks),
    verdict: Effect.map(DateTime.now, (own) => decide(clocks, own)),
    forget: Effect.sync(() => {
      clocks = none
    })
  }
})
