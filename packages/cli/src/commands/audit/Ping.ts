/**
 * Tells somebody else that an audit was made, who notices when it no longer is: as healthchecks.io and its likes want
 * to be told. Nothing is told but whether all was well.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Connection from "../../Connection.ts"
import * as Note from "../../output/Note.ts"

/** The receiver answered with an error status. */
class Refused extends Data.TaggedError("Refused")<{ readonly status: number }> {}

/** Maximum time for one ping, retries included. */
export const usualLimit = Duration.seconds(10)

/** A silent attempt ends early enough for another one. */
const attemptShare = 0.4

/** Number of retries, and the delay before the first one. It doubles with every retry. */
const retries = { times: 3, delay: Duration.millis(500) }

/** Whether another attempt may succeed: no connection, no answer, or an error that passes. */
const isTemporary = (error: { readonly _tag: string } | Refused): boolean =>
  !(error instanceof Refused) || error.status === 429 || error.status >= 500

/** Asks for the address with something behind its path. Of the address itself nothing is said: who knows it can use it. */
const send = Effect.fnUntraced(function*(url: URL, suffix: "" | "/start" | "/fail", limit: Duration.Duration) {
  const target = new URL(url)
  target.pathname = `${url.pathname.replace(/\/+$/, "")}${suffix}`
  yield* Effect.gen(function*() {
    const transport = yield* Layer.build(yield* Connection.Transport)
    // The answer is not read: one that does not end would keep this program from ending.
    const client = HttpClient.withScope(Context.get(transport, HttpClient.HttpClient))
    const { status } = yield* client.get(target)
    if (status >= 400) return yield* new Refused({ status })
  }).pipe(
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.scoped,
    Effect.timeout(Duration.times(limit, attemptShare)),
    Effect.retry({ while: isTemporary, times: retries.times, schedule: Schedule.exponential(retries.delay) }),
    Effect.timeout(limit),
    Effect.catch((error) =>
      Note.info(
        error._tag === "Refused"
          ? `note: ${url.host} did not take the ping: HTTP ${error.status}`
          : `note: ${url.host} could not be pinged: ${
            error._tag === "TimeoutError" ? `no answer in ${Duration.format(limit)}` : "no connection"
          }`
      )
    )
  )
})

/** Runs something, and tells when it begins and whether it ended well. That nobody could be told changes nothing. */
export const around = <A, E, R>(
  url: Option.Option<URL>,
  self: Effect.Effect<A, E, R>,
  isGood: (value: A) => boolean,
  limit: Duration.Duration = usualLimit
) =>
  Effect.gen(function*() {
    if (Option.isNone(url)) return yield* self
    const started = yield* Effect.forkChild(send(url.value, "/start", limit))
    const tell = (suffix: "" | "/fail") => Effect.andThen(Fiber.await(started), send(url.value, suffix, limit))
    return yield* self.pipe(
      Effect.tap((value) => tell(isGood(value) ? "" : "/fail")),
      Effect.tapError(() => tell("/fail"))
    )
  })
