/** Handler of `pcb emulator`: serves the emulator on this machine. Loaded on demand. */
import * as Host from "@pinecone-backups/core/Host"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as HostGuard from "@pinecone-backups/testing/HostGuard"
import * as Seed from "@pinecone-backups/testing/Seed"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as DemoProject from "../../demo/DemoProject.ts"
import * as Globals from "../../input/Globals.ts"
import * as Listen from "../../input/Listen.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as SystemReason from "../../output/SystemReason.ts"
import * as LocalServer from "../../shared/LocalServer.ts"
import * as Format from "../../terminal/Format.ts"

interface Input {
  readonly listen: Option.Option<Listen.Address>
  readonly port: Option.Option<number>
  readonly allowHosts: ReadonlyArray<string>
  readonly allowControl: boolean
  readonly cors: boolean
  readonly corsOrigins: ReadonlyArray<string>
  /** `demo`, `empty`, or a file path. */
  readonly seed: string
  readonly speed: number
  readonly failRate: number
  readonly latency: Option.Option<Duration.Duration>
  readonly rateLimit: Option.Option<{ readonly count: number; readonly per: Duration.Duration }>
  readonly quota: Option.Option<number>
  readonly indexQuota: Option.Option<number>
  readonly state: Option.Option<string>
}

// ============================================================================
// State
// ============================================================================

const wrongSeed = (path: string, wrong: string) =>
  new CliFailure({
    code: "INVALID_SEED",
    message: `${path}: ${wrong}`,
    hint: "write a seed such as {\"schedules\": [{\"id\": \"nightly\", \"indexName\": \"docs\", \"runs\": 30}]}",
    exitCode: ExitCode.usage
  })

const readSeed = Effect.fnUntraced(function*(seed: string) {
  if (seed === "demo") return DemoProject.options
  if (seed === "empty") return {}
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    fs.readFileString(seed),
    (error) =>
      wrongSeed(
        seed,
        error.reason._tag === "NotFound" ? "file not found" : `cannot be read: ${SystemReason.of(error)}`
      )
  )
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => wrongSeed(seed, "is not JSON")
  })
  return yield* Effect.mapError(Seed.decode(json), ({ message }) => wrongSeed(seed, message))
})

/** Simulates latency, rate limiting and failures. */
const misfortune = ({ failRate, latency, rateLimit }: Input): ControlPlane.Options["chooseFault"] => {
  let window = { start: -Infinity, count: 0 }
  return Effect.fnUntraced(function*(_, told) {
    if (Option.isSome(latency)) yield* Effect.sleep(latency.value)
    if (told !== undefined) return told
    if (Option.isSome(rateLimit)) {
      const { count, per } = rateLimit.value
      const now = Duration.toMillis(Duration.nanos(yield* Clock.monotonicTimeNanos))
      const end = window.start + Duration.toMillis(per)
      if (now >= end) window = { start: now, count: 0 }
      if (++window.count > count) return Fault.rateLimited({ retryAfter: Duration.millis(end - now) })
    }
    return failRate > 0 && (yield* Random.next) < failRate ? Fault.respond({ status: 503 }) : undefined
  })
}

const unusableState = (message: string) =>
  new CliFailure({
    code: "STATE_FILE",
    message,
    hint: "use --state with a file in an existing, writable directory",
    exitCode: ExitCode.unexpected
  })

const makePlane = Effect.fnUntraced(function*(input: Input) {
  const { indexQuota, quota, seed, speed, state } = input
  const seeds: ControlPlane.Options = yield* readSeed(seed)
  const options: ControlPlane.Options = {
    ...seeds,
    project: {
      ...seeds.project,
      ...(Option.isSome(quota) && { backupQuota: quota.value }),
      ...(Option.isSome(indexQuota) && { indexQuota: indexQuota.value })
    },
    speed,
    chooseFault: misfortune(input)
  }
  const path = Option.getOrUndefined(state)
  return yield* (path === undefined ? ControlPlane.make(options) : ControlPlane.makeFile({ ...options, path })).pipe(
    // An inconsistent seed is a defect in tests, but here it is an invalid file.
    Effect.catchDefect((defect) =>
      defect instanceof Seed.SeedError ? Effect.fail(wrongSeed(seed, defect.message)) : Effect.die(defect)
    ),
    Effect.catchTags({
      PlatformError: (error) => unusableState(`${path} cannot be used: ${SystemReason.ofWrite(error)}`),
      UnusableFile: ({ message }) => unusableState(message),
      FileInUse: ({ lock, message }) =>
        new CliFailure({
          code: "STATE_FILE_IN_USE",
          message,
          hint: `stop that process, or use another file with --state; if no such process exists, delete ${lock}`,
          exitCode: ExitCode.unexpected
        }),
      DamagedStateFile: ({ message }) =>
        new CliFailure({
          code: "DAMAGED_STATE_FILE",
          message,
          hint: "delete the file, or use another file with --state",
          exitCode: ExitCode.unexpected
        })
    })
  )
})

// ============================================================================
// Server
// ============================================================================

/** Logs each request with its response status. */
const logged = <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.gen(function*() {
    const { method, url } = yield* HttpServerRequest.HttpServerRequest
    const start = yield* Clock.monotonicTimeNanos
    return yield* Effect.onExit(app, (exit) =>
      Effect.flatMap(Clock.monotonicTimeNanos, (end) => {
        const millis = Math.round(Duration.toMillis(Duration.nanos(end - start)))
        const status = Exit.isSuccess(exit) ? exit.value.status : "no response"
        return Console.error(Format.plain(`${method} ${url} ${status} ${millis} ms`))
      }))
  })

/** The `export` command for clients of the server. */
const exportOf = (listensOn: string, port: number): string => {
  // Clients cannot connect to a wildcard address.
  const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[listensOn] ?? listensOn
  const url = Listen.urlOf({ host, port })
  const allowance = Host.isInsecure(new URL(url)) ? " PINECONE_ALLOW_INSECURE_HOST=true" : ""
  return `export PINECONE_CONTROLLER_HOST=${url}${allowance} PINECONE_API_KEY=local`
}

/**
 * Prints notes about the emulated time, if it differs from the time of this machine, and about the missing policy of
 * the demo project.
 */
const noteDifferences = Effect.fnUntraced(function*(plane: ControlPlane.Service, { seed, state }: Input) {
  const isDemo = seed === "demo" && Option.isNone(state)
  const now = yield* plane.now
  const skew = Duration.abs(DateTime.distance(yield* DateTime.now, now))
  if (Duration.isGreaterThan(skew, Duration.minutes(1))) {
    yield* Note.info(`note: the emulated clock starts at ${Format.minute(now)}`)
  }
  if (isDemo) yield* Note.info("note: audits do not use the built-in policy of --demo, and report fewer findings")
})

/** Runs the emulator until it is interrupted. Prints only the `export` command to standard output. */
export const serve = (input: Input) =>
  Effect.scoped(Effect.gen(function*() {
    const isQuiet = yield* Globals.Quiet
    const plane = yield* makePlane(input)
    const { allowControl, cors, corsOrigins } = input
    const address = Option.getOrElse(input.listen, () => ({
      host: Listen.defaultHost,
      port: Option.getOrElse(input.port, () => 5081)
    }))
    const { allowHosts, listensOn, port, server } = yield* LocalServer.server({
      ...address,
      allowHosts: input.allowHosts,
      freePort: LocalServer.freePort("emulator", address.host)
    })
    const quietly = HttpServer.make({
      address: server.address,
      // The emulator uses no middleware.
      serve: (app) => isQuiet ? server.serve(app) : server.serve(logged(app))
    })
    yield* Layer.build(
      Layer.provide(
        Emulator.layerServerWith({ allowHosts, allowControl, cors: cors && corsOrigins, spelling: "flags" }),
        [
          Layer.succeed(HttpServer.HttpServer, quietly),
          Layer.succeed(ControlPlane.ControlPlane, plane)
        ]
      )
    ).pipe(Effect.provideService(References.MinimumLogLevel, "Error"))
    if (!HostGuard.isPrivate(listensOn)) {
      const routes = allowControl ? "; /_emulator needs no key" : ""
      yield* Note.info(`note: other machines can reach this emulator, and any key is accepted${routes}`)
    }
    yield* noteDifferences(plane, input)
    yield* Console.log(exportOf(listensOn, port))
    return yield* Effect.never
  }))
