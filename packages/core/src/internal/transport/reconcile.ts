/**
 * Determines the result of a write whose response was lost: whether an earlier attempt took effect, and what it
 * created. Results are recognized by their identity, never by time.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as PineconeError from "../../PineconeError.ts"
import * as Response from "./response.ts"

// ============================================================================
// Lookups
// ============================================================================

/** Error of an inconclusive lookup: something exists that may or may not be the result of the write. */
export type Unclear = "unclear"

type Locate<A> = Effect.Effect<A | undefined, PineconeError.ListError | Unclear>

/** Options for finding the result of a write whose response was lost. */
export interface Recovery<A> {
  /**
   * Looks up what an earlier attempt of the call created. Returns `undefined` if it certainly created nothing. Fails
   * with `"unclear"` if something exists that may or may not be the result.
   */
  readonly locate: Locate<A>
  /**
   * Returns the first field of a response, by its API name, that does not match the request. Such a response is a
   * `MalformedResponse` and starts a recovery lookup.
   *
   * @default only the ID or name in the path is compared
   */
  readonly mismatch?: (answer: A) => string | undefined
  /** `true` if the service refuses to create a duplicate, so that a late attempt does no harm. */
  readonly isExclusive: boolean
}

/** `"once"` for requests of a lookup that has its own retries. */
export type LookupKind = "once" | "repeated"

/**
 * Set for requests whose result is used to conclude that something does not exist. Their responses must be complete,
 * and must not come from a cache.
 */
export const Lookup = Context.Reference<LookupKind | undefined>(
  "@pinecone-backups/core/internal/transport/reconcile/Lookup",
  { defaultValue: () => undefined }
)

/** Delays before each lookup. A new resource may take a moment to appear in lists. */
const delays: ReadonlyArray<Duration.Input> = ["0 millis", "1 second", "3 seconds"]

/**
 * Runs a lookup up to three times, until it finds something. Returns `undefined` only if every run finds nothing;
 * otherwise fails with the last failure.
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
 * Whether a failed attempt of a call may have taken effect.
 *
 * - `none`: no attempt can have taken effect
 * - `open`: an attempt may have taken effect, and no lookup followed the latest attempt
 * - `absent`: a lookup found nothing
 * - `unresolved`: a lookup was inconclusive
 */
type Doubt = "none" | "open" | "absent" | "unresolved"

/** Failure of one attempt. */
export interface Failure {
  readonly error: PineconeError.PineconeError
  /** Status of the response, even if its body was lost. */
  readonly status: number | undefined
  /** `true` if the request cannot have reached the service. */
  readonly isUnsent: boolean
}

/** State of a call after a failed attempt. */
export interface Failed {
  readonly error: PineconeError.PineconeError
  /** Number of requests sent. */
  readonly attempts: number
  readonly doubt: Doubt
  /**
   * `true` if the service may still be working on a request: the response, if any, came from a server that stopped
   * waiting.
   */
  readonly isUnderWay: boolean
  /**
   * `true` if the service responded, and not with an error status: with a success whose body was lost or unreadable, or
   * with a status that it does not document, such as a redirect. Something exists, or may exist, that lookups do not
   * show, so only a lookup that finds it ends the doubt.
   */
  readonly isUndenied: boolean
}

/** Returns `true` for statuses with which the service refuses a request that it has not carried out. */
const isRefusal = (status: number): boolean => (status >= 400 && status <= 499 && status !== 408) || status === 501

const mayHaveArrived = ({ isUnsent, status }: Failure): boolean => status === undefined ? !isUnsent : !isRefusal(status)

/** Returns `true` for statuses after which the service has finished or lost the request. */
const isOver = (status: number): boolean => status < 500 ? status !== 408 : status <= 503

const mayBeUnderWay = ({ error, status }: Failure): boolean =>
  error._tag === "PineconeRequestTimedOut" || error._tag === "PineconeDeadlineExceeded" ||
  (status !== undefined && !isOver(status))

/** Returns `true` if the service reports that a resource does not exist. A 404 page of a gateway does not count. */
export const isGone = (error: PineconeError.PineconeError): boolean =>
  error._tag === "PineconeNotFound" && error.status === 404 &&
  (error.body === undefined || Option.isSome(Response.parseJson(error.body)))

/** Returns the state after another failed attempt. */
export const afterFailure = (
  previous: Failed | undefined,
  attempts: number,
  failure: Failure
): Failed => {
  const { error, status } = failure
  const isDoubtful = mayHaveArrived(failure) || (previous !== undefined && previous.doubt !== "none")
  return {
    error,
    attempts,
    doubt: isDoubtful ? "open" : "none",
    isUnderWay: mayBeUnderWay(failure),
    isUndenied: status !== undefined && (status < 400 || status > 599)
  }
}

/**
 * Runs the recovery lookup of a call. Fails with the state after the lookup if nothing is found, and with the same
 * state if the call has no lookup or nothing is in doubt.
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
        // A request that is still running may create the result later, and the service refuses duplicates only for some
        // resources.
        : failed.isUndenied || (failed.isUnderWay && !recovery.isExclusive)
        ? unresolved
        : Effect.fail<Failed>({ ...failed, doubt: "absent" })
    )
  )
}
