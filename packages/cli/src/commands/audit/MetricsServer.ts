/** Runs audits repeatedly and serves their metrics for Prometheus to scrape. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HostGuard from "@pinecone-backups/testing/HostGuard"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schedule from "effect/Schedule"
import * as Listen from "../../input/Listen.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as LocalServer from "../../shared/LocalServer.ts"
import * as Format from "../../terminal/Format.ts"
import * as ExitStatus from "./ExitStatus.ts"
import type * as FailOn from "./FailOn.ts"
import * as PrometheusFormat from "./PrometheusFormat.ts"
import * as Summary from "./Summary.ts"
import * as Unmade from "./Unmade.ts"

/** The listening address, the allowed hosts, and the audit interval. */
export interface Options extends Listen.Address {
  readonly allowHosts: ReadonlyArray<string>
  readonly interval: Duration.Duration
  readonly failOn: FailOn.FailOn
}

/** The state to serve. */
interface State {
  /** The latest report, and its metrics. */
  readonly latest:
    | { readonly health: BackupHealth.BackupHealth; readonly at: DateTime.Utc }
    | undefined
  /** The metrics of the latest report. After a failed audit, the status is unknown and earlier findings are kept. */
  readonly text: string | undefined
  /** The error of the latest audit, if it failed. */
  readonly error: string | undefined
}

/** The health of the server: healthy if the latest audit succeeded and is recent. */
const healthOf = ({ error, latest }: State, { failOn, interval }: Options, now: DateTime.Utc) => {
  const age = latest && Duration.toSeconds(DateTime.distance(latest.at, now))
  const isHealthy = error === undefined && age !== undefined && age < 2 * Duration.toSeconds(interval)
  const status = latest === undefined
    ? error === undefined ? null : "unknown"
    : isHealthy
    ? ExitStatus.of(latest.health, failOn)
    : "unknown"
  return {
    isHealthy,
    body: {
      status,
      checked_at: latest === undefined ? null : Format.iso(latest.at),
      age_seconds: age ?? null,
      error: error ?? null
    }
  }
}

const app = (state: () => State, options: Options, isForUs: (host: string | undefined) => boolean) =>
  Effect.gen(function*() {
    const { headers: { host }, method, url } = yield* HttpServerRequest.HttpServerRequest
    if (!isForUs(host)) {
      return HttpServerResponse.text(`${HostGuard.refusalOf("audit", host, "flags")}\n`, { status: 403 })
    }
    const path = url.replace(/[?#].*$/s, "")
    if (path !== "/metrics" && path !== "/healthz") {
      return HttpServerResponse.text("Not found: use /metrics or /healthz\n", { status: 404 })
    }
    if (method !== "GET" && method !== "HEAD") {
      return HttpServerResponse.text("Method not allowed: use GET\n", { status: 405, headers: { allow: "GET, HEAD" } })
    }
    if (path === "/healthz") {
      const { body, isHealthy } = healthOf(state(), options, yield* DateTime.now)
      return HttpServerResponse.text(`${Format.json(body)}\n`, {
        status: isHealthy ? 200 : 503,
        contentType: "application/json"
      })
    }
    const { text } = state()
    return text === undefined
      ? HttpServerResponse.text("No audit has finished yet\n", { status: 503 })
      : HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8" })
  })

/**
 * Audits repeatedly, one audit at a time, and serves the latest result until it is interrupted. After a failed audit,
 * earlier findings are kept, with an unknown status.
 */
export const serve = <E, R>(look: Effect.Effect<BackupHealth.BackupHealth, E, R>, options: Options) =>
  Effect.scoped(Effect.gen(function*() {
    let state: State = { latest: undefined, text: undefined, error: undefined }
    const { allowHosts, listensOn, port, server } = yield* LocalServer.server({
      ...options,
      freePort: LocalServer.freePort("pcb audit", options.host)
    })
    yield* server.serve(app(() => state, options, HostGuard.make({ listensOn, allowHosts })))
    yield* Output.lines([`${Listen.urlOf({ host: options.host, port })}/metrics`])

    const lookAgain = Effect.gen(function*() {
      const exit = yield* Effect.exit(look)
      if (Exit.isFailure(exit)) {
        if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
        const report = DescribeError.toReport(Cause.squash(exit.cause))
        const { latest } = state
        const text = latest === undefined
          ? PrometheusFormat.failed(Unmade.report(report.message, yield* DateTime.now))
          : PrometheusFormat.text(Unmade.after(latest.health, report.message))
        state = { latest, text: yield* text, error: Format.withoutKeys(report.message) }
        return yield* ErrorReport.print(report, false)
      }
      const health = exit.value
      state = {
        latest: { health, at: yield* DateTime.now },
        text: yield* PrometheusFormat.text(health),
        error: undefined
      }
      const found = Summary.parts(health).join(", ")
      yield* Note.info(`${Format.minute(health.at)}  ${ExitStatus.of(health, options.failOn)}: ${found}`)
    })
    return yield* Effect.andThen(Effect.repeat(lookAgain, Schedule.fixed(options.interval)), Effect.never)
  }))
