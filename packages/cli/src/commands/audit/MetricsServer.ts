/** Runs audits repeatedly, and serves a page for people and metrics for Prometheus. */
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
import * as HtmlFormat from "./html/HtmlFormat.ts"
import * as Page from "./html/Page.ts"
import * as View from "./html/View.ts"
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
    | { readonly health: BackupHealth.BackupHealth; readonly at: DateTime.Utc; readonly page: View.View }
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

/** The page of a state. A state that is not healthy is never shown as good. */
const viewOf = ({ error, latest }: State, origin: View.Origin, isOld: boolean, now: DateTime.Utc): View.View =>
  latest === undefined
    ? View.unknown(Unmade.report(error ?? "no audit has finished yet", now), error ?? null, origin)
    : { ...latest.page, error: error ?? null, isOld }

/** Renders each page once. */
const renderer = () => {
  let last: { readonly state: State; readonly isOld: boolean; readonly page: Page.Page } | undefined
  return (state: State, origin: View.Origin, isOld: boolean, now: DateTime.Utc): Page.Page => {
    if (last === undefined || last.state !== state || last.isOld !== isOld) {
      last = { state, isOld, page: Page.make(viewOf(state, origin, isOld, now)) }
    }
    return last.page
  }
}

/** Returns `true` if `If-None-Match` names a version. */
const hasVersion = (header: string | undefined, tag: string): boolean =>
  header !== undefined && header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag)

const pageResponse = (
  { text, version }: Page.Page,
  isMissing: boolean,
  ifNoneMatch: string | undefined
): HttpServerResponse.HttpServerResponse => {
  const etag = `"${version}"`
  const headers = { ...Page.headers, etag }
  // A page that is not there yet is an error for programs, even if a browser has it already.
  return !isMissing && hasVersion(ifNoneMatch, etag)
    ? HttpServerResponse.empty({ status: 304, headers })
    : HttpServerResponse.text(text, {
      status: isMissing ? 503 : 200,
      headers,
      contentType: Page.headers["content-type"]
    })
}

const app = (
  state: () => State,
  options: Options,
  origin: View.Origin,
  isForUs: (host: string | undefined) => boolean
) => {
  const render = renderer()
  return Effect.gen(function*() {
    const { headers: { host, "if-none-match": ifNoneMatch }, method, url } = yield* HttpServerRequest.HttpServerRequest
    if (!isForUs(host)) {
      return HttpServerResponse.text(`${HostGuard.refusalOf("audit", host, "flags")}\n`, { status: 421 })
    }
    const path = url.replace(/[?#].*$/s, "")
    if (path !== "/" && path !== "/metrics" && path !== "/healthz") {
      return HttpServerResponse.text("Not found: use /, /metrics or /healthz\n", { status: 404 })
    }
    if (method !== "GET" && method !== "HEAD") {
      return HttpServerResponse.text("Method not allowed: use GET\n", { status: 405, headers: { allow: "GET, HEAD" } })
    }
    const now = yield* DateTime.now
    const { body, isHealthy } = healthOf(state(), options, now)
    if (path === "/") {
      const current = state()
      const isOld = current.error === undefined && !isHealthy
      return pageResponse(render(current, origin, isOld, now), current.latest === undefined, ifNoneMatch)
    }
    if (path === "/healthz") {
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
}

/**
 * Audits repeatedly, one audit at a time, and serves the latest result until it is interrupted. After a failed audit,
 * earlier findings are kept, with an unknown status.
 */
export const serve = <E, R>(look: Effect.Effect<View.Looked, E, R>, options: Options) =>
  Effect.scoped(Effect.gen(function*() {
    let state: State = { latest: undefined, text: undefined, error: undefined }
    const { allowHosts, listensOn, port, server } = yield* LocalServer.server({
      ...options,
      freePort: LocalServer.freePort("audit", options.host)
    })
    const origin = yield* HtmlFormat.origin(options.interval)
    yield* server.serve(app(() => state, options, origin, HostGuard.make({ listensOn, allowHosts })))
    const url = Listen.urlOf({ host: options.host, port })
    yield* Output.lines([`${url}/`, `${url}/metrics`])
    if (!HostGuard.isPrivate(listensOn)) {
      yield* Note.info("note: other machines can read the page and the names in it, without a password")
    }

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
      const looked = exit.value
      const { health } = looked
      state = {
        latest: { health, at: yield* DateTime.now, page: View.make(looked, origin) },
        text: yield* PrometheusFormat.text(health),
        error: undefined
      }
      const found = Summary.parts(health).join(", ")
      yield* Note.info(`${Format.minute(health.at)}  ${ExitStatus.of(health, options.failOn)}: ${found}`)
    })
    return yield* Effect.andThen(Effect.repeat(lookAgain, Schedule.fixed(options.interval)), Effect.never)
  }))
