/**
 * Finds out what became of a write whose answer was lost: whether an earlier attempt was carried out, and what it made.
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as PineconeError from "../../PineconeError.ts"

// ============================================================================
// Lookups
// ============================================================================

/** Why a lookup cannot decide: something exists that may or may not be what the write made. */
export type Unclear = "unclear"

export type IsNew = (createdAt: DateTime.Utc | null | undefined) => boolean | undefined

export type Locate<A> = (isNew: IsNew) => Effect.Effect<A | undefined, PineconeError.ListError | Unclear>

/** Whether a request belongs to a lookup, which has its own repetitions. */
export const IsRecoveryLookup = Context.Reference(
  "@pinecone-backups/core/internal/transport/reconcile/IsRecoveryLookup",
  {
    defaultValue: () => false
  }
)

/** Before each lookup: a new resource may take a moment to appear in lists. */
const delays: ReadonlyArray<Duration.Input> = ["0 millis", "1 second", "3 seconds"]

/** Runs a lookup up to three times. Fails if the last run fails, or if another one would fail as well. */
export const locate = Effect.fnUntraced(function*<A>(
  lookup: Effect.Effect<A | undefined, PineconeError.ListError | Unclear>
): Effect.fn.Return<A | undefined, PineconeError.ListError | Unclear> {
  let result: Result.Result<A | undefined, PineconeError.ListError | Unclear> = Result.succeed(undefined)
  for (const delay of delays) {
    yield* Effect.sleep(delay)
    result = yield* Effect.result(lookup)
    if (Result.isSuccess(result) && result.success !== undefined) return result.success
    if (Result.isFailure(result) && (Predicate.isString(result.failure) || !result.failure.isRetryable)) break
  }
  return yield* Effect.fromResult(result)
})

// ============================================================================
// Doubt
// ============================================================================

/**
 * Whether an attempt of a call may have been carried out although it failed.
 *
 * - `none`: no attempt can have been carried out
 * - `open`: one may have been, and no lookup has followed the latest attempt
 * - `absent`: a lookup found nothing
 * - `unresolved`: a lookup could not tell
 */
type Doubt = "none" | "open" | "absent" | "unresolved"

/** What is known about a call after an attempt failed. */
export interface Failed {
  readonly error: PineconeError.PineconeError
  /** How many requests were sent. */
  readonly attempts: number
  readonly doubt: Doubt
}

const mayHaveArrived = (error: PineconeError.PineconeError): boolean =>
  error._tag === "PineconeMalformedResponse" || (error._tag === "PineconeConnectionFailed"
    ? error.code !== "ECONNREFUSED" && error.code !== "ENOTFOUND"
    : error.isRetryable && error.status !== 429)

/** The state after one more attempt failed. */
export const afterFailure = (
  previous: Failed | undefined,
  attempts: number,
  error: PineconeError.PineconeError
): Failed => ({
  error,
  attempts,
  doubt: mayHaveArrived(error) || (previous !== undefined && previous.doubt !== "none") ? "open" : "none"
})

/**
 * Looks up what the failed attempts of a call made. Fails with the state after the lookup if nothing is found; without
 * doubt, or without a lookup, that is the same state.
 */
export const reconcile = <A>(
  failed: Failed,
  find: Locate<A> | undefined,
  isNew: IsNew,
  timeout: Duration.Duration
): Effect.Effect<A, Failed> => {
  if (find === undefined || failed.doubt === "none") return Effect.fail(failed)
  const unresolved = Effect.fail<Failed>({ ...failed, doubt: "unresolved" })
  return locate(find(isNew)).pipe(
    Effect.provideService(IsRecoveryLookup, true),
    Effect.catch(() => unresolved),
    Effect.timeoutOrElse({ duration: timeout, orElse: () => unresolved }),
    Effect.flatMap((found) =>
      found !== undefined
        ? Effect.succeed(found)
        // After a successful answer that could not be read, something certainly exists.
        : failed.error._tag === "PineconeMalformedResponse"
        ? unresolved
        : Effect.fail<Failed>({ ...failed, doubt: "absent" })
    )
  )
}
