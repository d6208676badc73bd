/** Handler of `pcb audit`. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as CliError from "effect/cli/CliError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Globals from "../../input/Globals.ts"
import type * as Listen from "../../input/Listen.ts"
import * as Projects from "../../input/Projects.ts"
import { Reported } from "../../output/CliFailure.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Output from "../../output/Output.ts"
import * as HealthProgress from "../../shared/HealthProgress.ts"
import type { Selection } from "../../shared/Projects.ts"
import * as Verdict from "../../shared/Verdict.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as FormatNames from "./FormatNames.ts"
import * as Formats from "./Formats.ts"
import * as Look from "./Look.ts"
import * as Ping from "./Ping.ts"

/** Default audit interval of `--listen`. */
const usualInterval = Duration.minutes(5)

/**
 * Maximum time of an audit as a plugin: monitoring systems end plugins after a minute and need a result before that.
 */
const pluginTimeout = Duration.seconds(50)

/** Maximum time of a ping after an audit with a time limit. */
const hurriedPing = Duration.seconds(5)

/** Loaded on demand, because it includes an HTTP server. */
const loadServer = Effect.promise(() => import("./MetricsServer.ts"))

/** Loaded on demand, because most audits read one project. */
const loadProjects = Effect.promise(() => import("../../shared/Projects.ts"))
const loadSeveral = Effect.promise(() => import("./Several.ts"))

/** Returns `true` if the audit does not fail. */
const isWell = (status: BackupHealth.Status): boolean => status === "ok"

const formatOf = (input: Look.Input) => Output.formatOf(FormatNames.names, input.output)

/** The output format, or the default if the setting is invalid, which is reported elsewhere. */
const anyFormatOf = (input: Look.Input) =>
  Effect.catch(
    formatOf(input),
    () => Effect.map(Screen.Screen, ({ isTerminal }): FormatNames.Name => isTerminal ? "table" : "tsv")
  )

/** Reports on standard error why an audit failed. */
const report = Effect.fnUntraced(function*(input: Look.Input, error: unknown) {
  const report = { ...DescribeError.toReport(error), exitCode: ExitCode.auditFailed }
  yield* ErrorReport.print(report, Globals.isJson(yield* anyFormatOf(input)))
  return report
})

/** Prints an unknown status to standard output. */
const sayUnknown = Effect.fnUntraced(function*(why: string, format: FormatNames.Name, areSeveral: boolean) {
  yield* ExitStatus.decide(ExitCode.auditFailed, format)
  yield* Effect.ignore(Effect.flatMap(Formats.failed(why, format, yield* Output.fieldsOf, areSeveral), Output.lines))
})

/** Audits one project within the time limit. Returns its status, and the effect that prints the report. */
const auditOne = Effect.fnUntraced(function*(
  input: Look.Input,
  format: FormatNames.Name,
  timeout: Option.Option<Duration.Duration>
) {
  const { connected, within } = Look.makeLimit(timeout)
  const { facts, health, policy } = yield* within(Effect.gen(function*() {
    yield* formatOf(input)
    const policy = yield* Look.policyOf(input)
    return { policy, ...yield* connected(HealthProgress.show((onProgress) => Look.look(input, policy, onProgress))) }
  }))
  const failOn = Look.failOnOf(input)
  const status = ExitStatus.of(health, failOn)
  const limits = { failOn, policy, allowEmpty: input.allowEmpty }
  return { status, print: Formats.print(health, format, status, limits, facts, Look.foldsNotices(input)) }
})

/** Audits several projects within the time limit, like {@link auditOne}. */
const auditSeveral = Effect.fnUntraced(function*(
  input: Look.Input,
  format: FormatNames.Name,
  timeout: Option.Option<Duration.Duration>,
  selection: Selection
) {
  yield* formatOf(input)
  return yield* (yield* loadSeveral).audit(input, format, timeout, selection)
})

/** Audits once, and always prints a status. */
const once = Effect.fnUntraced(function*<E>(
  input: Look.Input,
  selected: Effect.Effect<Selection | undefined, E>
) {
  const format = yield* anyFormatOf(input)
  const verdict = yield* Verdict.Verdict
  const pluginLimit = format === "nagios" ? Option.some(pluginTimeout) : Option.none()
  const timeout = Option.orElse(input.timeout, () => pluginLimit)
  const made = Effect.gen(function*() {
    yield* ExitStatus.decide(ExitCode.auditFailed, format)
    const selection = yield* selected
    const { print, status } = yield* selection === undefined
      ? auditOne(input, format, timeout)
      : auditSeveral(input, format, timeout, selection)
    yield* ExitStatus.decide(ExitStatus.exitCodes[status], format)
    verdict.isSaid = true
    yield* print
    return status
  })
  const failed = Effect.fnUntraced(function*(error: unknown) {
    const { message } = yield* report(input, error)
    verdict.isSaid = true
    yield* sayUnknown(message, format, yield* Projects.areSelected(input))
    return "unknown" as const
  })
  // `Cli.run` handles signals, also while this module is loading.
  const said = made.pipe(Effect.catch(failed), Effect.catchDefect(failed))
  const pingLimit = Option.isSome(timeout) ? hurriedPing : Ping.usualLimit
  return yield* Ping.around(input.ping, said, isWell, pingLimit)
})

/** Audits repeatedly and serves the results. */
const listen = Effect.fnUntraced(function*(input: Look.Input, address: Listen.Address) {
  yield* formatOf(input)
  const policy = yield* Look.policyOf(input)
  const { serve } = yield* loadServer
  yield* ExitStatus.decide(ExitCode.auditFailed)
  const failOn = Look.failOnOf(input)
  const { connected, within } = Look.makeLimit(input.timeout)
  const limited = Effect.map(within(Look.look(input, policy)), (looked) => ({ ...looked, policy }))
  const pinged = Ping.around(input.ping, limited, ({ health }) => isWell(ExitStatus.of(health, failOn)))
  return yield* connected(serve(pinged, {
    ...address,
    allowHosts: input.allowHosts,
    interval: Option.getOrElse(input.interval, () => usualInterval),
    failOn
  }))
})

/** Reports why the server could not be started. */
const notServed = (input: Look.Input) =>
  Effect.fnUntraced(function*(error: unknown) {
    yield* report(input, error)
    yield* ExitStatus.decide(ExitCode.auditFailed)
    return "unknown" as const
  })

/** The selected projects; `undefined` if there is only one. */
const selectionOf = Effect.fnUntraced(function*(input: Look.Input) {
  if (!(yield* Projects.areSelected(input))) return undefined
  const path = ["audit"]
  if (Option.isSome(input.listen)) {
    const message = "--listen serves one project. Run one server per profile, each on its own port"
    return yield* new CliError.ShowHelp({
      commandPath: ["pcb", ...path],
      errors: [new CliError.ValidationError({ message })]
    })
  }
  return yield* (yield* loadProjects).select(path, input)
})

/** `pcb audit` */
export const audit = Effect.fnUntraced(function*(input: Look.Input) {
  const selection = yield* Effect.result(selectionOf(input))
  if (Result.isFailure(selection) && selection.failure._tag === "ShowHelp") return yield* selection.failure
  const status = yield* Option.match(input.listen, {
    onNone: () => once(input, Effect.fromResult(selection)),
    onSome: (address) =>
      listen(input, address).pipe(Effect.catch(notServed(input)), Effect.catchDefect(notServed(input)))
  })
  const exitCode = ExitStatus.exitCodes[status]
  if (exitCode > 0) return yield* new Reported({ exitCode })
})
