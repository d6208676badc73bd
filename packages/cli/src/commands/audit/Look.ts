/** Reads and assesses one project for `pcb audit`. */
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
import type * as Listen from "../../input/Listen.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Time from "../../output/Time.ts"
import * as DrillEvidence from "../../shared/DrillEvidence.ts"
import * as Missing from "../../shared/Missing.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as FailOn from "./FailOn.ts"
import type * as FormatNames from "./FormatNames.ts"

/** The flags and arguments of `pcb audit`. */
export interface Input {
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
  readonly allProfiles: boolean
  readonly timeout: Option.Option<Duration.Duration>
  readonly ping: Option.Option<URL>
  readonly listen: Option.Option<Listen.Address>
  readonly allowHosts: ReadonlyArray<string>
  readonly interval: Option.Option<Duration.Duration>
}

/** Returns `true` if notices may be folded: they do not fail the audit, and the user named neither an index nor a check. */
export const foldsNotices = (input: Input): boolean =>
  Target.all(input.target).length === 0 && input.only.length === 0 && failOnOf(input) !== "notice"

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

/**
 * The time limit of audits, and the connection they use. `left` is the time that is left, if the audit shares the limit
 * with others.
 */
export const makeLimit = (timeout: Option.Option<Duration.Duration>, left = timeout) => {
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
      Option.match(Option.all([timeout, left]), {
        onNone: () => self,
        onSome: ([timeout, left]) =>
          Effect.timeoutOrElse(self, { duration: left, orElse: () => Effect.fail(timedOut(timeout, failure)) })
      })
  }
}

/** The policy: flags override the defaults of the policy file. */
export const policyOf = Effect.fnUntraced(function*({ maxAge, maxShrink, minCopies, policy, quota }: Input) {
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
export const look = Effect.fnUntraced(function*(
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
  }).pipe(Missing.explainedAny(names))
  const health = HealthChecks.assess(facts, {
    policy,
    now: yield* Time.now,
    allowEmpty: input.allowEmpty,
    clocks: yield* clocks.verdict,
    since: Option.getOrUndefined(input.since),
    only: checksOf(input.only),
    skip: checksOf(input.skip)
  })
  return { facts, health }
})

/** The lowest severity that fails the audit. */
export const failOnOf = ({ failOn }: Input): FailOn.FailOn => Option.getOrElse(failOn, () => FailOn.usual)
