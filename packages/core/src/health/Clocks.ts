/**
 * Comparison of clocks: the clock of this machine, and the `Date` headers of responses.
 *
 * Either can be wrong: a machine without a time server, a cached response, a gateway with its own clock. If clocks
 * contradict each other, the age of a backup is unknown. The later clock is then used, so that a slow clock does not make
 * an old backup look new, and the report has a finding of the check `clock`.
 *
 * **Example** (Comparing two clocks)
 *
 * ```ts
 * import * as Clocks from "@pinecone-backups/core/health/Clocks"
 * import * as DateTime from "effect/DateTime"
 *
 * const own = DateTime.makeUnsafe("2026-11-21T20:00:00Z")
 * const date = DateTime.add(own, { hours: 3 })
 * const clocks = Clocks.add(Clocks.none, { own, date, isCached: false, isSimulated: false })
 * const verdict = Clocks.decide(clocks, own)
 *
 * console.log(verdict._tag) // => Contradictory
 * console.log(DateTime.formatIso(verdict.now)) // => 2026-11-21T23:00:00.000Z
 * ```
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
 * A reading of another clock.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  /** Time of this machine when the response arrived. */
  readonly own: DateTime.Utc
  /** The `Date` of the response. */
  readonly date: DateTime.Utc
  /** Whether the response comes from a cache: it has an `Age` other than 0. */
  readonly isCached: boolean
  /** Whether the service simulates its time, as the emulator does. */
  readonly isSimulated: boolean
}

/**
 * Readings of other clocks, as offsets from the clock of this machine in milliseconds. Negative for a clock that is behind.
 *
 * @category models
 * @since 0.1.0
 */
export interface Clocks {
  /** Offsets of the earliest and the latest clock, including 0 for this machine; `undefined` before the first response. */
  readonly real: { readonly earliest: number; readonly latest: number } | undefined
  /** Latest offset of a simulated time. */
  readonly simulated: number | undefined
}

/**
 * The empty set of readings.
 *
 * @category models
 * @since 0.1.0
 */
export const none: Clocks = { real: undefined, simulated: undefined }

const resolution: Duration.Duration = /* @__PURE__ */ Duration.minutes(1)

/**
 * Maximum difference between clocks that agree: 1 hour.
 *
 * @category models
 * @since 0.1.0
 */
export const tolerance: Duration.Duration = /* @__PURE__ */ Duration.hours(1)

const offsetOf = ({ date, own }: Reading): number => millis(date) - millis(own)

/**
 * Returns `true` if a clock differs from this machine by more than 1 minute.
 *
 * **Details**
 *
 * Smaller differences prove nothing, because a `Date` has whole seconds and is as old as its response.
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
 * The `Date` of a cached response counts only if it is behind. It shows the age of the response, and does not prove a later
 * time.
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
 * Combined result of all clocks, and whether they contradict each other.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verdict {
  readonly _tag: "Agreed" | "Contradictory"
  /** Time to use: the latest clock. */
  readonly now: DateTime.Utc
  /** Time of the earliest clock. */
  readonly earliest: DateTime.Utc
  /** Time of this machine. */
  readonly own: DateTime.Utc
}

/**
 * Decides which time to use when the clock of this machine reads `own`.
 *
 * **Details**
 *
 * - Clocks within the {@link tolerance} agree. The latest clock is used.
 * - Clocks that differ by more contradict each other. The latest clock is used, and ages are unknown.
 * - If only a service with simulated time has responded, its time is used.
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
 * Response header of a service with simulated time, such as the emulator. Its value is `true`.
 *
 * @category headers
 * @since 0.1.0
 */
export const simulatedHeader = "x-simulated-time"

/**
 * Reads the clock of a response; `undefined` without a valid `Date` header.
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
 * Collects the clock readings of a connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface Observer {
  /** Reads the clock of every response. Pass it as `transformClient` of the connection. */
  readonly transformClient: (client: HttpClient.HttpClient) => HttpClient.HttpClient
  /** Readings since the start, or since the last `forget`. */
  readonly clocks: Effect.Effect<Clocks>
  /** Combined result of these readings, at the current time. */
  readonly verdict: Effect.Effect<Verdict>
  /** Discards all readings, for example before the next audit. */
  readonly forget: Effect.Effect<void>
}

/**
 * Creates an {@link Observer}.
 *
 * **Example** (Checking backups with more than one clock)
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
