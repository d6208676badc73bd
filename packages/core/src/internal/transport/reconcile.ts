/**
 * Finds out what became of a write whose answer was lost: whether an earlier attempt was carried out, and what it made.
 * No clock is involved: what was made is known by an identity of its own.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as PineconeError from "../../PineconeError.ts"
import * as ConnectionCodes from "../connection-codes.ts"
import * as Response from "./response.ts"

// ============================================================================
// Lookups
// ============================================================================

/** Why a lookup cannot decide: something exists that may or may not be what the write made. */
export type Unclear = "unclear"

type Locate<A> = Effect.Effect<A | undefined, PineconeError.ListError | Unclear>

/** How the result of a write is known when the answer to it is lost. */
export interface Recovery<A> {
  /**
   * Looks for what an earlier attempt of the call has made: `undefined` if it certainly made nothing. Fails with
   * `"unclear"` if there is something that may or may not be it.
   */
  readonly locate: Locate<A>
  /**
   * The first field of an answer, in the API's own name, that is not what was asked for. Such an answer is a
   * `MalformedResponse`, and what was made is looked for.
   *
   * @default nothing but the id or the name in the path is held against the answer
   */
  readonly mismatch?: (answer: A) => string | undefined
  /** Whether the service refuses to make a second one, so that an attempt that arrives late does no harm. */
  readonly isExclusive: boolean
}

/** `"once"` for requests of a lookup, which has its own repetitions. */
export type LookupKind = "once" | "repeated"

/**
 * Whether a request is made to draw conclusions from what it does not show: then nothing may be missing, and no cache may
 * answer.
 */
export const Lookup = Context.Reference<LookupKind | undefined>(
  "@pinecone-backups/core/internal/transport/reconcile/Lookup",
  { defaultValue: () => undefined }
)

/** Before each lookup: a new resource may take a moment to appear in lists. */
const delays: ReadonlyArray<Duration.Input> = ["0 millis", "1 second", "3 seconds"]

/**
 * Runs a lookup up to three times, until it finds something. Nothing is there only if every run says so; otherwise this
 * fails like the last run that did not.
 */
export const locate = Effect.fnUntraced(function*<A>(lookup: Locate<A>): Effect.fn.Return<
  A | undefined,
  PineconeError.ListError | Unclear
> {
  let failure: PineconeError.ListError | Unclear | undefined
  for (const delay of delays) {
    yield* Effect.sleep(delay)
    const result = yield* Effect.result(lookup)
    if (Result.isFailure(result)) {
      failure = result.failure
      if (!Predicate.isString(failure) && !failure.isRetryable) break
    } else if (result.success !== undefined) return result.success
  }
  return failure === undefined ? undefined : yield* Effect.fail(failure)
}, Effect.provideService(Lookup, "once"))

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
  /** Whether the service may still be carrying out one of them: whoever answered, if anybody, gave up waiting for it. */
  readonly isUnderWay: boolean
}

const mayHaveArrived = (error: PineconeError.PineconeError): boolean =>
  error._tag === "PineconeMalformedResponse" || (error._tag === "PineconeConnectionFailed"
    ? !ConnectionCodes.isUnsent(error.code)
    : error.isRetryable && error.status !== 429)

/** The statuses of a service that has ended its work on a request, or of a gateway that has lost it. */
const isOver = (status: number): boolean => status < 500 ? status !== 408 : status <= 503

const mayBeUnderWay = (error: PineconeError.PineconeError): boolean =>
  error._tag === "PineconeRequestTimedOut" || error._tag === "PineconeDeadlineExceeded" ||
  (error.status !== undefined && !isOver(error.status))

/** Whether the service says that something is not there. The page of a gateway that knows no such address does not. */
export const isGone = (error: PineconeError.PineconeError): boolean =>
  error._tag === "PineconeNotFound" && error.status === 404 &&
  (error.body === undefined || Option.isSome(Response.parseJson(error.body)))

/** The state after one more attempt failed. */
export const afterFailure = (
  previous: Failed | undefined,
  attempts: number,
  error: PineconeError.PineconeError
): Failed => ({
  error,
  attempts,
  doubt: mayHaveArrived(error) || (previous !== undefined && previous.doubt !== "none") ? "open" : "none",
  isUnderWay: mayBeUnderWay(error)
})

/**
 * Looks up what the failed attempts of a call made. Fails with the state after the lookup if nothing is found; without
 * doubt, or without a lookup, that is the same state.
 */
export const reconcile = <A>(
  failed: Failed,
  recovery: Recovery<A> | undefined,
  timeout: Duration.Duration
): Effect.Effect<A, Failed> => {
  if (recovery === undefined || failed.doubt === "none") return Effect.fail(failed)
  const unresolved = Effect.fail<Failed>({ ...failed, doubt: "unresolved" })
  return locate(recovery.locate).pipe(
    Effect.catch(() => unresolved),
    Effect.timeoutOrElse({ duration: timeout, orElse: () => unresolved }),
    Effect.flatMap((found) =>
      found !== undefined
        ? Effect.succeed(found)
        // After a successful answer that could not be read, something certainly exists. What is still under way may
        // come to exist later, and only some kinds of things the service refuses to make a second time.
        : failed.error._tag === "PineconeMalformedResponse" || (failed.isUnderWay && !recovery.isExclusive)
        ? unresolved
        : Effect.fail<Failed>({ ...failed, doubt: "absent" })
    )
  )
}
