/** What runs `pcb audit`. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Connection from "../../Connection.ts"
import * as Globals from "../../input/Globals.ts"
import * as Target from "../../input/Target.ts"
import { Reported } from "../../output/CliFailure.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as HealthProgress from "../../shared/HealthProgress.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as FormatNames from "./FormatNames.ts"
import * as Formats from "./Formats.ts"
import * as NagiosFormat from "./NagiosFormat.ts"
import * as Ping from "./Ping.ts"

/** Where `--listen` listens. */
interface Address {
  readonly host: string
  readonly port: number
}

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
  readonly isStrict: boolean
  readonly ping: Option.Option<URL>
  readonly listen: Option.Option<Address>
  readonly interval: Option.Option<Duration.Duration>
}

/** How often `--listen` looks again, where nobody says. */
const usualInterval = Duration.minutes(5)

/** What is wanted: what the command line says goes before what the file wants of every index. */
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

/** Asks the service, and says how the backups are by the clocks of both. */
const look = Effect.fnUntraced(function*(
  input: Input,
  policy: BackupPolicy.BackupPolicy,
  onProgress?: HealthChecks.GatherOptions["onProgress"]
) {
  const { gather } = yield* HealthChecks.HealthChecks
  const names = Target.all(input.target).map((name) => PineconeIndex.IndexName.make(name))
  const clocks = yield* Time.Observed
  yield* clocks.forget
  const facts = yield* gather({ onProgress, indexes: names.length === 0 ? undefined : names })
  return HealthChecks.assess(facts, {
    policy,
    now: yield* Time.now,
    clocks: yield* clocks.verdict,
    since: Option.getOrUndefined(input.since),
    only: checksOf(input.only),
    skip: checksOf(input.skip)
  })
})

/** Loaded only when it is asked for: it brings an HTTP server along. */
const loadServer = Effect.promise(() => import("./MetricsServer.ts"))

const layer = Layer.provideMerge(HealthChecks.layer, Connection.layerPatient)

/** What asks the service. That it cannot be asked is a failure of the audit like any other. */
const connected = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(Layer.build(layer), (services) => Effect.provideContext(self, services)))

const statusOf = (health: BackupHealth.BackupHealth, { isStrict }: Input): BackupHealth.Status =>
  ExitStatus.of(health, isStrict)

/** Whether nobody has to be called: a warning is for whoever reads the audit, and with --strict there is none. */
const isWell = (status: BackupHealth.Status): boolean => status === "ok" || status === "warning"

/** Says how it will end: to a monitoring system, the exit codes of other commands are news. */
const decide = (exitCode: number) => ExitCode.decide(exitCode, ExitCode.auditFailed)

/** Audits once, and says how things are. */
const once = Effect.fnUntraced(function*(input: Input) {
  const format = yield* Output.formatOf(FormatNames.names, input.output)
  const policy = yield* policyOf(input)
  const health = yield* connected(HealthProgress.show((onProgress) => look(input, policy, onProgress)))
  const status = statusOf(health, input)
  yield* decide(ExitStatus.exitCodes[status])
  yield* Formats.print(health, format, status)
  return status
})

/** Audits again and again. */
const listen = Effect.fnUntraced(function*(input: Input, address: Address) {
  const policy = yield* policyOf(input)
  const { serve } = yield* loadServer
  yield* decide(ExitCode.auditFailed)
  const pinged = Ping.around(input.ping, look(input, policy), (health) => isWell(statusOf(health, input)))
  return yield* connected(serve(pinged, {
    ...address,
    interval: Option.getOrElse(input.interval, () => usualInterval),
    isStrict: input.isStrict
  }))
})

/** Says why an audit could not be made. What runs plugins reads standard output alone. */
const failed = (input: Input) =>
  Effect.fnUntraced(function*(error: unknown) {
    const format = yield* Effect.orElseSucceed(Output.formatOf(FormatNames.names, input.output), () => "table" as const)
    const described = DescribeError.toReport(error)
    // The message of an error is none of its fields.
    const report = { ...described, message: described.message, exitCode: ExitCode.auditFailed }
    yield* ErrorReport.print(report, Globals.isJson(format))
    yield* decide(ExitCode.auditFailed)
    if (format === "nagios") yield* Effect.ignore(Output.lines([NagiosFormat.failed(report.message)]))
    return ExitCode.auditFailed
  })

/** Says whether backups are good. */
export const audit = Effect.fnUntraced(function*(input: Input) {
  const status = Option.match(input.listen, {
    onNone: () => Ping.around(input.ping, once(input), isWell),
    onSome: (address) => listen(input, address)
  })
  const exitCode = yield* Effect.map(status, (status) => ExitStatus.exitCodes[status]).pipe(
    Effect.catch(failed(input)),
    Effect.catchDefect(failed(input))
  )
  if (exitCode > 0) return yield* new Reported({ exitCode })
})
