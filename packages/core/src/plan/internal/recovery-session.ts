/** State of one run of a recovery: what it has started, its errors, and the time that is left. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { isSame } from "../../internal/same.ts"
import { millis } from "../../internal/time.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"
import * as RecoveryReport from "../RecoveryReport.ts"
import * as Consent from "./recovery-consent.ts"
import type * as Target from "./recovery-target.ts"

/** Operations that a quota can refuse. A deletion is refused for the protection of the index. */
const creates: ReadonlySet<string> = new Set(["Backups.create", "Backups.restore"])

/** Returns `true` if a request may have taken effect. */
export const isInDoubt = (error: PineconeError.ListError): boolean => "inDoubt" in error && error.inDoubt === true

/** Treats an object that is not found as absent. */
export const orAbsent = <A>(self: Effect.Effect<A, PineconeError.PineconeError>) =>
  Effect.catchTag(self, "PineconeNotFound", () => Effect.undefined)

interface Verified extends Pick<Target.Target, "index" | "job"> {
  readonly verification: RecoveryReport.Verification
}

/** The state of a run. */
export class Session {
  readonly #approved: RecoveryPlan.RecoveryPlan
  readonly #deadline: number
  started: RecoveryReport.Started
  /** The current step, for errors. */
  step: RecoveryPlan.Step | null = null
  /** Whether this run has started the restore or waited for it. A second restore would repeat it. */
  hasRestored = false
  scheduleAction: RecoveryReport.Scheduled["action"] = "unchanged"
  /** The index that is replaced, with its ID as soon as anything shows it. */
  replaced: RecoveryPlan.Replaced | null
  readonly #verified = new Map<string, Verified>()

  constructor(approved: RecoveryPlan.RecoveryPlan, now: DateTime.Utc, timeout: Duration.Duration) {
    this.#approved = approved
    this.replaced = approved.replaced
    this.#deadline = millis(now) + Duration.toMillis(timeout)
    this.started = {
      target: approved.target,
      backupId: approved.copy.backupId,
      restoreJobId: approved.restoreJobId,
      damagedBackupId: null,
      hasDeleted: false
    }
  }

  /** Records what was started. */
  note(started: Partial<RecoveryReport.Started>): void {
    this.started = { ...this.started, ...started }
  }

  /** Records the ID of the index that is replaced: from then on, an index without that ID is another one. */
  identify(indexId: PineconeIndex.IndexId | null): void {
    if (this.replaced !== null && this.replaced.indexId === null) this.replaced = { ...this.replaced, indexId }
  }

  /** Records the verification of an index. `target` is the index as it was right before. */
  noteVerified(target: Target.Target, verification: RecoveryReport.Verification): void {
    this.#verified.set(verification.indexName, { ...target, verification })
  }

  /** The verification of an index in this run; `undefined` if another index or another restore has the name now. */
  verificationOf(name: PineconeIndex.IndexName, now: Target.Target): RecoveryReport.Verification | undefined {
    const { index, job, verification } = this.#verified.get(name) ?? {}
    // A list can lack the job for a moment.
    const isSameJob = !job || !now.job || isSame(now.job.restoreJobId, job.restoreJobId)
    return index && now.index && isSameJob && Consent.isSameIndex(index, now.index) ? verification : undefined
  }

  fail(
    code: RecoveryReport.Code,
    message: string,
    rest: Pick<RecoveryReport.RecoveryError, "cause" | "refusal"> = {}
  ): RecoveryReport.RecoveryError {
    const { started, step } = this
    return new RecoveryReport.RecoveryError({ code, message, options: this.#approved.options, started, step, ...rest })
  }

  requestFailed(error: PineconeError.ListError): RecoveryReport.RecoveryError {
    const code = error.category === "quota" && creates.has(error.operation) ? "quota" : "request"
    return this.fail(code, `${error.operation} failed: ${error.message}`, { cause: error })
  }

  /** Converts the error of a request. */
  readonly orFail = <A, R>(self: Effect.Effect<A, PineconeError.ListError, R>) =>
    Effect.mapError(self, (error) => this.requestFailed(error))

  /** The time that is left for waits. */
  get left(): Effect.Effect<Duration.Duration> {
    return Effect.map(DateTime.now, (now) => Duration.millis(Math.max(0, this.#deadline - millis(now))))
  }

  /** Sleeps, but not beyond the time limit. Fails if no time is left. */
  sleep(duration: Duration.Duration, waitingFor: string): Effect.Effect<void, RecoveryReport.RecoveryError> {
    return Effect.flatMap(this.left, (left) =>
      Duration.isZero(left)
        ? Effect.fail(this.fail("timeout", `Timed out waiting for ${waitingFor}`))
        : Effect.sleep(Duration.min(duration, left)))
  }
}
