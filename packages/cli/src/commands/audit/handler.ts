/** Handler of `pcb audit`. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Connection from "../../Connection.ts"
import * as Globals from "../../input/Globals.ts"
import type * as Listen from "../../input/Listen.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure, Reported } from "../../output/CliFailure.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as DrillEvidence from "../../shared/DrillEvidence.ts"
import * as HealthProgress from "../../shared/HealthProgress.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Verdict from "../../shared/Verdict.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as FailOn from "./FailOn.ts"
import * as FormatNames from "./FormatNames.ts"
import * as Formats from "./Formats.ts"
import * as Ping from "./Ping.ts"

interface Input {
  readonly target: Target.Several
  readonly output: Option.Option<FormatNames.Name>
  readonly policy: Option.Option<string>
  readonly maxAge: Option.Option<Duration.Duration>
  readonly minCopies: Option.Option<number>
  readonly maxShrink: Option.Option<number>
  readonly quota: Option.Option<number>
  readonly since: Option.Option<Duration.Duration>
  readonly only: ReadonlyArray<HealthCheck.HealthCheck>
  readonly skip: ReadonlyArray<HealthCheck.HealthCheck>
  readonly failOn: Option.Option<FailOn.FailOn>
  readonly allowEmpty: boolean
  readonly timeout: Option.Option<Duration.Duration>
  readonly ping: Option.Option<URL>
  readonly listen: Option.Option<Listen.Address>
  readonly allowHosts: ReadonlyArray<string>
  readonly interval: Option.Option<Duration.Duration>
}

/** Default audit interval of `--listen`. */
const usualInterval = Duration.minutes(5)

/**
 * Maximum time of an audit as a plugin: monitoring systems end plugins after a minute and need a result before that.
 */
const pluginTimeout = Duration.seconds(50)

/** Maximum time of a ping after an audit with a time limit. */
const hurriedPing = Duration.seconds(5)

/** The error of an audit that timed out, with the last failed request as the reason, if any. */
const timedOut = (duration: Duration.Duration, failure: PineconeError.PineconeError | undefined) => {
  const none = `No result after ${Duration.format(duration)}`
  const fields = { code: "AUDIT_TIMED_OUT", exitCode: ExitCode.auditFailed }
  if (failure === undefined) {
    return new CliFailure({ ...fields, message: `${none}.`, hint: "raise the limit, for example with --timeout 5m" })
  }
  const { body, hint, message, requestId, status, why } = DescribeError.toReport(failure)
  return new CliFailure({ ...fields, message: `${none}: ${message}`, body, hint, requestId, status, why })
}

/** The time limit of audits, and the connection they use. */
const makeLimit = (timeout: Option.Option<Duration.Duration>) => {
  let failure: PineconeError.PineconeError | undefined
  const layer = Layer.provideMerge(
    HealthChecks.layer,
    Connection.layerPatient((error) =>
      Effect.sync(() => {
        failure = error
      })
    )
  )
  return {
    /** Connects to the service. A failed connection fails the audit like any other error. */
    connected: <A, E, R>(self: Effect.Effect<A, E, R>) =>
      Effect.scoped(Effect.flatMap(Layer.build(layer), (services) => Effect.provideContext(self, services))),
    /** Fails if the effect exceeds the time limit. */
    within: <A, E, R>(self: Effect.Effect<A, E, R>) =>
      Option.match(timeout, {
        onNone: () => self,
        onSome: (duration) =>
          Effect.timeoutOrElse(self, { duration, orElse: () => Effect.fail(timedOut(duration, failure)) })
      })
  }
}

/** The policy: flags override the defaults of the policy file. */
const policyOf = Effect.fnUntraced(function*({ maxAge, maxShrink, minCopies, policy, quota }: Input) {
  const file = yield* PolicyFile.load(policy)
  const wanted: BackupPolicy.BackupPolicy = {
    ...file,
    ...(Option.isSome(quota) && { backupQuota: quota.value }),
    defaults: {
      ...file.defaults,
      ...(Option.isSome(maxAge) && { rpo: maxAge.value }),
      ...(Option.isSome(minCopies) && { minCopies: minCopies.value }),
      ...(Option.isSome(maxShrink) && { maxShrink: maxShrink.value })
    }
  }
  return wanted
})

const checksOf = (checks: Input["only"]) => Array.isReadonlyArrayNonEmpty(checks) ? checks : undefined

/** Gathers the facts and assesses them with both clocks. */
const look = Effect.fnUntraced(function*(
  input: Input,
  policy: BackupPolicy.BackupPolicy,
  onProgress?: HealthChecks.GatherOptions["onProgress"]
) {
  const { gather } = yield* HealthChecks.HealthChecks
  const names = Target.all(input.target).map((name) => PineconeIndex.IndexName.make(name))
  const clocks = yield* Time.Observed
  yield* clocks.forget
  const facts = yield* gather({
    onProgress,
    indexes: names.length === 0 ? undefined : names,
    drills: yield* DrillEvidence.read
  })
  return HealthChecks.assess(facts, {
    policy,
    now: yield* Time.now,
    allowEmpty: input.allowEmpty,
    clocks: yield* clocks.verdict,
    since: Option.getOrUndefined(input.since),
    only: checksOf(input.only),
    skip: checksOf(input.skip)
  })
})

/** Loaded on demand, because it includes an HTTP server. */
const loadServer = Effect.promise(() => import("./MetricsServer.ts"))

const failOnOf = ({ failOn }: Input): FailOn.FailOn => Option.getOrElse(failOn, () => FailOn.usual)

/** Returns `true` if the audit does not fail. */
const isWell = (status: BackupHealth.Status): boolean => status === "ok"

const formatOf = (input: Input) => Output.formatOf(FormatNames.names, input.output)

/** The output format, or the default if the setting is invalid, which is reported elsewhere. */
const anyFormatOf = (input: Input) =>
  Effect.catch(
    formatOf(input),
    () => Effect.map(Screen.Screen, ({ isTerminal }): FormatNames.Name => isTerminal ? "table" : "tsv")
  )

/** Reports on standard error why an audit failed. */
const report = Effect.fnUntraced(function*(input: Input, error: unknown) {
  const described = DescribeError.toReport(error)
  // `message` is not an own property of an error.
  const report = { ...described, message: described.message, exitCode: ExitCode.auditFailed }
  yield* ErrorReport.print(report, Globals.isJson(yield* anyFormatOf(input)))
  return report
})

/** Prints an unknown status to standard output. */
const sayUnknown = Effect.fnUntraced(function*(why: string, format: FormatNames.Name) {
  yield* ExitStatus.decide(ExitCode.auditFailed, format)
  yield* Effect.ignore(Effect.flatMap(Formats.failed(why, format, yield* Output.fieldsOf), Output.lines))
})

/** Audits once, and always prints a status. */
const once = Effect.fnUntraced(function*(input: Input) {
  const format = yield* anyFormatOf(input)
  const verdict = yield* Verdict.Verdict
  const pluginLimit = format === "nagios" ? Option.some(pluginTimeout) : Option.none()
  const timeout = Option.orElse(input.timeout, () => pluginLimit)
  const { connected, within } = makeLimit(timeout)
  const asked = Effect.gen(function*() {
    yield* formatOf(input)
    const policy = yield* policyOf(input)
    return { policy, health: yield* connected(HealthProgress.show((onProgress) => look(input, policy, onProgress))) }
  })
  const made = Effect.gen(function*() {
    yield* ExitStatus.decide(ExitCode.auditFailed, format)
    const { health, policy } = yield* within(asked)
    const failOn = failOnOf(input)
    const status = ExitStatus.of(health, failOn)
    yield* ExitStatus.decide(ExitStatus.exitCodes[status], format)
    verdict.isSaid = true
    yield* Formats.print(health, format, status, { failOn, policy, allowEmpty: input.allowEmpty })
    return status
  })
  const failed = Effect.fnUntraced(function*(error: unknown) {
    const { message } = yield* report(input, error)
    verdict.isSaid = true
    yield* sayUnknown(message, format)
    return "unknown" as const
  })
  // `Cli.run` handles signals, also while this module is loading.
  const said = made.pipe(Effect.catch(failed), Effect.catchDefect(failed))
  const pingLimit = Option.isSome(timeout) ? hurriedPing : Ping.usualLimit
  return yield* Ping.around(input.ping, said, isWell, pingLimit)
})

/** Audits repeatedly and serves the results. */
const listen = Effect.fnUntraced(function*(input: Input, address: Listen.Address) {
  yield* formatOf(input)
  const policy = yield* policyOf(input)
  const { serve } = yield* loadServer
  yield* ExitStatus.decide(ExitCode.auditFailed)
  const failOn = failOnOf(input)
  const { connected, within } = makeLimit(input.timeout)
  const limited = within(look(input, policy))
  const pinged = Ping.around(input.ping, limited, (health) => isWell(ExitStatus.of(health, failOn)))
  return yield* connected(serve(pinged, {
    ...address,
    allowHosts: input.allowHosts,
    interval: Option.getOrElse(input.interval, () => usualInterval),
    failOn
  }))
})

/** Reports why the server could not be started. */
const notServed = (input: Input) =>
  Effect.fnUntraced(function*(error: unknown) {
    yield* report(input, error)
    yield* ExitStatus.decide(ExitCode.auditFailed)
    return "unknown" as const
  })

/** `pcb audit` */
export const audit = Effect.fnUntraced(function*(input: Input) {
  const status = yield* Option.match(input.listen, {
    onNone: () => once(input),
    onSome: (address) =>
      listen(input, address).pipe(Effect.catch(notServed(input)), Effect.catchDefect(notServed(input)))
  })
  const exitCode = ExitStatus.exitCodes[status]
  if (exitCode > 0) return yield* new Reported({ exitCode })
})
