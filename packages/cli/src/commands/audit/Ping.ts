/**
 * Pings a dead man's switch such as healthchecks.io, which alerts when audits stop. A ping reports only success or
 * failure.
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

/** The monitor responded with an error status. */
class Refused extends Data.TaggedError("Refused")<{ readonly status: number }> {}

/** Maximum time for one ping, including retries. */
export const usualLimit = Duration.seconds(10)

/** Share of the limit for one attempt, so that there is time for a retry. */
const attemptShare = 0.4

/** Number of retries, and the first delay, which doubles with every retry. */
const retries = { times: 3, delay: Duration.millis(500) }

/** Returns `true` if a retry may succeed: no connection, no response, or a transient error. */
const isTemporary = (error: { readonly _tag: string } | Refused): boolean =>
  !(error instanceof Refused) || error.status === 429 || error.status >= 500

/** Requests the URL with a suffix. Notes name only the host, because the URL works like a password. */
const send = Effect.fnUntraced(function*(url: URL, suffix: "" | "/start" | "/fail", limit: Duration.Duration) {
  const target = new URL(url)
  target.pathname = `${url.pathname.replace(/\/+$/, "")}${suffix}`
  yield* Effect.gen(function*() {
    const transport = yield* Layer.build(yield* Connection.Transport)
    // Do not read the response: an endless response would keep this program running.
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
          ? `note: ping to ${url.host} failed: HTTP ${error.status}`
          : `note: ping to ${url.host} failed: ${
            error._tag === "TimeoutError" ? `no response in ${Duration.format(limit)}` : "no connection"
          }`
      )
    )
  )
})

/**
 * Runs an effect and pings the monitor when it starts and when it succeeds or fails. A failed ping does not change the
 * outcome.
 */
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
