/** Runs all programs in a browser, and sends the results to the server of the page. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Programs from "./programs.ts"

const host = new URLSearchParams(location.search).get("host") ?? ""

/** The error message; empty for a success. */
const outcome = (program: Effect.Effect<string, unknown>) =>
  Effect.map(Effect.exit(program), (exit) => Exit.isSuccess(exit) ? "" : String(exit.cause))

void Effect.runPromise(
  Effect.gen(function*() {
    const results = yield* Effect.all({ history: outcome(Programs.history(host)), memory: outcome(Programs.memory) })
    yield* HttpClient.execute(HttpClientRequest.bodyJsonUnsafe(HttpClientRequest.post("/results"), results))
  }).pipe(Effect.provide(FetchHttpClient.layer))
)
