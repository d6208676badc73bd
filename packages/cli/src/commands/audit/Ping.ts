/**
 * Tells somebody else that an audit was made, who notices when it no longer is: as healthchecks.io and its likes want
 * to be told. Nothing is told but whether all was well.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Connection from "../../Connection.ts"
import * as Note from "../../output/Note.ts"

/** Asks for the address with something behind its path. Of the address itself nothing is said: who knows it can use it. */
const send = Effect.fnUntraced(function*(url: URL, suffix: "" | "/start" | "/fail") {
  const target = new URL(url)
  target.pathname = `${url.pathname.replace(/\/+$/, "")}${suffix}`
  yield* Effect.gen(function*() {
    const transport = yield* Layer.build(yield* Connection.Transport)
    // The answer is not read: one that does not end would keep this program from ending.
    const client = HttpClient.withScope(Context.get(transport, HttpClient.HttpClient))
    const { status } = yield* client.get(target)
    if (status >= 400) yield* Note.info(`note: ${url.host} did not take the ping: HTTP ${status}`)
  }).pipe(
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.timeout("10 seconds"),
    Effect.scoped,
    Effect.catch(({ _tag }) =>
      Note.info(
        `note: ${url.host} could not be pinged: ${_tag === "TimeoutError" ? "no answer in 10s" : "no connection"}`
      )
    )
  )
})

/** Runs something, and tells when it begins and whether it ended well. That nobody could be told changes nothing. */
export const around = <A, E, R>(url: Option.Option<URL>, self: Effect.Effect<A, E, R>, isGood: (value: A) => boolean) =>
  Effect.gen(function*() {
    if (Option.isNone(url)) return yield* self
    const started = yield* Effect.forkChild(send(url.value, "/start"))
    const tell = (suffix: "" | "/fail") => Effect.andThen(Fiber.await(started), send(url.value, suffix))
    return yield* self.pipe(
      Effect.tap((value) => tell(isGood(value) ? "" : "/fail")),
      Effect.tapError(() => tell("/fail"))
    )
  })
