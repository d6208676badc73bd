/** An audit that goes on: made again and again, and there for Prometheus to scrape. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schedule from "effect/Schedule"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as LocalServer from "../../shared/LocalServer.ts"
import * as Format from "../../terminal/Format.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as PrometheusFormat from "./PrometheusFormat.ts"
import * as Summary from "./Summary.ts"

/** Where to listen, and how often to look again. */
export interface Options {
  readonly host: string
  readonly port: number
  readonly interval: Duration.Duration
  readonly isStrict: boolean
}

/** What there is to serve. */
interface State {
  /** The latest report, and its metrics. */
  readonly latest:
    | { readonly health: BackupHealth.BackupHealth; readonly text: string; readonly at: DateTime.Utc }
    | undefined
  /** Why there is no later one. */
  readonly error: string | undefined
}

/** Whether it is as it should be: made not long ago, and the last time it was to be made. */
const healthOf = ({ error, latest }: State, { interval, isStrict }: Options, now: DateTime.Utc) => {
  const age = latest && Duration.toSeconds(DateTime.distance(latest.at, now))
  return {
    isHealthy: error === undefined && age !== undefined && age < 2 * Duration.toSeconds(interval),
    body: {
      status: latest === undefined ? null : ExitStatus.of(latest.health, isStrict),
      checked_at: latest === undefined ? null : Format.iso(latest.at),
      age_seconds: age ?? null,
      error: error ?? null
    }
  }
}

const app = (state: () => State, options: Options) =>
  Effect.gen(function*() {
    const { method, url } = yield* HttpServerRequest.HttpServerRequest
    const path = url.replace(/[?#].*$/s, "")
    if (path !== "/metrics" && path !== "/healthz") {
      return HttpServerResponse.text("There are /metrics and /healthz\n", { status: 404 })
    }
    if (method !== "GET" && method !== "HEAD") {
      return HttpServerResponse.text("Only GET\n", { status: 405, headers: { allow: "GET, HEAD" } })
    }
    if (path === "/healthz") {
      const { body, isHealthy } = healthOf(state(), options, yield* DateTime.now)
      return HttpServerResponse.text(`${Format.json(body)}\n`, {
        status: isHealthy ? 200 : 503,
        contentType: "application/json"
      })
    }
    const { latest } = state()
    return latest === undefined
      ? HttpServerResponse.text("Nothing is known yet\n", { status: 503 })
      : HttpServerResponse.text(latest.text, { contentType: "text/plain; version=0.0.4; charset=utf-8" })
  })

/**
 * Looks again and again, never twice at once, and serves what was seen until it is interrupted. What was seen stays
 * while it cannot be seen anew.
 */
export const serve = <E, R>(look: Effect.Effect<BackupHealth.BackupHealth, E, R>, options: Options) =>
  Effect.scoped(Effect.gen(function*() {
    let state: State = { latest: undefined, error: undefined }
    const { port, server } = yield* LocalServer.server({
      ...options,
      hint: "pcb audit --listen :0 takes one that is free"
    })
    yield* server.serve(app(() => state, options))
    const host = options.host.includes(":") ? `[${options.host}]` : options.host
    yield* Output.lines([`http://${host}:${port}/metrics`])

    const lookAgain = Effect.gen(function*() {
      const exit = yield* Effect.exit(look)
      if (Exit.isFailure(exit)) {
        if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
        const report = DescribeError.toReport(Cause.squash(exit.cause))
        state = { ...state, error: Format.withoutKeys(report.message) }
        return yield* ErrorReport.print(report, false)
      }
      const health = exit.value
      state = {
        latest: { health, text: yield* PrometheusFormat.text(health), at: yield* DateTime.now },
        error: undefined
      }
      const found = Summary.parts(health).join(", ")
      yield* Note.info(`${Format.minute(health.at)}  ${ExitStatus.of(health, options.isStrict)}: ${found}`)
    })
    return yield* Effect.andThen(Effect.repeat(lookAgain, Schedule.fixed(options.interval)), Effect.never)
  }))
