/** Execution of recoveries: reads and plans again before every step, and does only what the plan allows. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Backups from "../../Backups.ts"
import * as BackupSchedules from "../../BackupSchedules.ts"
import type * as DrillRequest from "../../drill/DrillRequest.ts"
import * as IndexData from "../../drill/IndexData.ts"
import * as Indexes from "../../Indexes.ts"
import { millis } from "../../internal/time.ts"
import * as PineconeError from "../../PineconeError.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RestoreJob from "../../RestoreJob.ts"
import * as RestoreJobs from "../../RestoreJobs.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"
import type * as RecoveryReport from "../RecoveryReport.ts"
import * as DamagedBackup from "./damaged-backup.ts"
import * as Choice from "./recovery-choice.ts"
import * as Consent from "./recovery-consent.ts"
import * as Planning from "./recovery-planning.ts"
import * as Reading from "./recovery-reading.ts"
import * as Refusing from "./recovery-refusals.ts"
import * as Removal from "./recovery-removal.ts"
import * as Session from "./recovery-session.ts"
import * as Settings from "./recovery-settings.ts"
import * as Target from "./recovery-target.ts"
import * as Verification from "./recovery-verification.ts"

/** Valid options of a run. */
export interface RunOptions {
  readonly verify: DrillRequest.Verify | "none"
  readonly grace: Duration.Duration
  readonly recountAfter: Duration.Duration
  readonly timeout: Duration.Duration
  readonly now: Effect.Effect<DateTime.Utc>
}

type StepOf<Tag extends RecoveryPlan.Step["_tag"]> = Extract<RecoveryPlan.Step, { readonly _tag: Tag }>

/** Time within which an index or a job of which only the request is known must appear. */
const appearance = Duration.minutes(1)

/** Runs a plan. Emits the events, and returns the result. */
export const run = Effect.fnUntraced(function*(
  approved: RecoveryPlan.RecoveryPlan,
  options: RunOptions,
  emit: (event: RecoveryReport.RecoveryEvent) => Effect.Effect<void>
): Effect.fn.Return<RecoveryReport.RecoveryResult, RecoveryReport.RecoveryError, RecoveryPlan.Services> {
  const backups = yield* Backups.Backups
  const schedules = yield* BackupSchedules.BackupSchedules
  const indexes = yield* Indexes.Indexes
  const jobs = yield* RestoreJobs.RestoreJobs
  const data = yield* IndexData.IndexData
  const { copy, target } = approved
  const session = new Session.Session(approved, yield* DateTime.now, options.timeout)
  const { orFail } = session

  const { awaitDeletion, configure, removeFailed, removeReplaced } = yield* Removal.make(session, copy.backupId, emit)

  const targetIn = (facts: RecoveryPlan.Facts, name: PineconeIndex.IndexName) =>
    Target.targetOf(facts, name, copy.backupId)

  const planAgain = Effect.gen(function*() {
    const facts = { ...(yield* orFail(Reading.read(approved.options))), at: yield* options.now }
    // With a given backup, the planner does not list the others.
    const planned = Result.map(
      Planning.plan(facts, approved.options, approved.settings.schedule),
      (plan): RecoveryPlan.RecoveryPlan => ({
        ...plan,
        skipped: approved.skipped,
        others: approved.others
      })
    )
    return { facts, planned }
  })

  /** Fails unless the backup can still be restored. */
  const checkCopy = Effect.gen(function*() {
    const found = yield* Effect.catchTag(backups.describe(copy.backupId), "PineconeNotFound", () => Effect.undefined)
      .pipe(
        orFail
      )
    if (found?.status === "Ready") return
    const refusal = Refusing.make(
      approved.options.index,
      found === undefined
        ? { _tag: "UnknownBackup", backupId: copy.backupId }
        : { _tag: "BackupNotReady", backupId: copy.backupId, status: found.status }
    )
    return yield* session.fail("refused", refusal.message, { refusal })
  })

  // ---------------------------------------------------------------------------
  // Waits
  // ---------------------------------------------------------------------------

  const awaitRestore = Effect.fnUntraced(function*(id: RestoreJob.RestoreJobId, name: PineconeIndex.IndexName) {
    yield* jobs.awaitReady(id, {
      timeout: yield* session.left,
      onState: (state) =>
        emit(
          "restoreJobId" in state
            ? {
              _tag: "Progress",
              subject: "restore",
              status: state.status,
              percentComplete: state.percentComplete ?? null
            }
            : { _tag: "Progress", subject: "index", status: state.status?.state ?? "Unknown", percentComplete: null }
        )
    }).pipe(Effect.mapError((error) =>
      PineconeError.isPineconeError(error)
        ? session.requestFailed(error)
        : session.fail(error._tag === "PineconeWaitTimedOut" ? "timeout" : "restore-failed", error.message, {
          cause: error
        })
    ))
    if (name === target) session.hasRestored = true
  })

  /** Waits for a restore whose job is not known. */
  const awaitIndex = Effect.fnUntraced(function*(name: PineconeIndex.IndexName) {
    const since = millis(yield* DateTime.now)
    for (;;) {
      const { facts, planned } = yield* planAgain
      if (Result.isSuccess(planned) && planned.success.restoreJobId !== null && target === name) {
        return yield* awaitRestore(planned.success.restoreJobId, name)
      }
      const index = Target.indexOf(facts, name)
      if (index === undefined || PineconeIndex.isFinal(index)) {
        if (index !== undefined) return
        if (millis(yield* DateTime.now) - since >= Duration.toMillis(appearance)) return
      }
      yield* emit({
        _tag: "Progress",
        subject: "index",
        status: index?.status?.state ?? "Unknown",
        percentComplete: null
      })
      yield* session.sleep(Removal.pollDelay, `index "${name}"`)
    }
  })

  // ---------------------------------------------------------------------------
  // Steps
  // ---------------------------------------------------------------------------

  const noteStart = Effect.fnUntraced(function*(restoreJobId: RestoreJob.RestoreJobId, isOwn: boolean) {
    session.note({ restoreJobId })
    yield* emit({ _tag: "Started", started: session.started, isOwn })
  })

  /** Looks up the target after a restore whose result is not known, or whose name is taken. */
  const findTarget = Effect.fnUntraced(function*(error: PineconeError.PineconeError) {
    const since = millis(yield* DateTime.now)
    const isConflict = error._tag === "PineconeAlreadyExists"
    for (;;) {
      const { planned } = yield* planAgain
      const now = millis(yield* DateTime.now)
      if (Result.isFailure(planned)) {
        const { message } = planned.failure
        return yield* session.fail("moved", message, { refusal: planned.failure, cause: error })
      }
      const isAbsent = planned.success.steps.some(({ _tag }) => _tag === "Restore")
      if (!isAbsent) return planned.success.restoreJobId
      const patience = isConflict ? Removal.nameRelease : appearance
      if (now - since >= Duration.toMillis(patience)) return yield* session.requestFailed(error)
      yield* session.sleep(Removal.pollDelay, `the name "${target}"`)
      // The service refused the name, so a second attempt cannot create a second index.
      if (isConflict) {
        const again = yield* Effect.result(restoreOnce(planned.success))
        if (Result.isSuccess(again)) return again.success
        if (again.failure._tag !== "PineconeAlreadyExists") return yield* session.requestFailed(again.failure)
      }
    }
  })

  const restoreOnce = (plan: RecoveryPlan.RecoveryPlan) => {
    const restore = plan.steps.find((step): step is StepOf<"Restore"> => step._tag === "Restore")
    return restore === undefined ? Effect.succeed(null) : Effect.map(
      backups.restore(restore.backupId, {
        name: restore.indexName,
        tags: restore.tags,
        deletionProtection: restore.deletionProtection,
        readCapacity: restore.readCapacity
      }),
      ({ restoreJobId }) => restoreJobId
    )
  }

  const restore = Effect.fnUntraced(function*(plan: RecoveryPlan.RecoveryPlan) {
    if (session.hasRestored) return yield* session.fail("moved", `Index "${target}" was deleted in the meantime`)
    yield* checkCopy
    session.hasRestored = true
    const result = yield* Effect.result(restoreOnce(plan))
    if (Result.isSuccess(result)) {
      if (result.success !== null) yield* noteStart(result.success, true)
      return yield* waitFor(result.success)
    }
    const error = result.failure
    if (error._tag !== "PineconeAlreadyExists" && !Session.isInDoubt(error)) return yield* session.requestFailed(error)
    const found = yield* findTarget(error)
    if (found !== null) yield* noteStart(found, false)
    yield* waitFor(found)
  })

  const waitFor = (id: RestoreJob.RestoreJobId | null, name = target) =>
    id === null ? awaitIndex(name) : awaitRestore(id, name)

  const verify = Effect.fnUntraced(function*(
    { indexName, isRepeated }: StepOf<"Verify">,
    facts: RecoveryPlan.Facts
  ) {
    const index = yield* orFail(indexes.describe(indexName))
    const isSide = indexName !== target
    const { verdict, ...checked } = yield* Verification.verify(data, { ...options, copy, emit, index, isRepeated })
    if (verdict === "failed") {
      return yield* session.fail(
        "verification-failed",
        `Index "${indexName}" is not the backup: ${checked.reason?.message}`
      )
    }
    const verification = { ...checked, verdict }
    yield* emit({ _tag: "Verified", verification })
    if (isSide && verdict !== "verified") {
      return yield* session.fail("unverified", `Index "${indexName}" could not be verified: ${checked.reason?.message}`)
    }
    session.noteVerified(targetIn(facts, indexName), verification)
  })

  const backUp = Effect.fnUntraced(function*({ backupId, indexName }: StepOf<"BackUp">) {
    const stamp = DateTime.formatIso(yield* options.now).slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase() + "z"
    const suffix = `-before-replace-${stamp}`
    const create = orFail(backups.create(indexName, {
      name: `${indexName.slice(0, PineconeIndex.maxNameLength - suffix.length)}${suffix}`,
      description: `Before index ${indexName} was replaced`,
      idempotencyKey: `${Choice.damagedKey}.${stamp}`
    }))
    const id = backupId ?? (yield* create).backupId
    session.note({ damagedBackupId: id })
    const ready = yield* backups.awaitReady(id, {
      timeout: yield* session.left,
      onState: ({ status }) => emit({ _tag: "Progress", subject: "backup", status, percentComplete: null })
    }).pipe(Effect.mapError((error) =>
      PineconeError.isPineconeError(error)
        ? session.requestFailed(error)
        : session.fail(error._tag === "PineconeWaitTimedOut" ? "timeout" : "backup-failed", error.message, {
          cause: error
        })
    ))
    const backup = yield* DamagedBackup.check(session, backups, ready, session.replaced)
    session.identify(backup.sourceIndexId)
    yield* emit({ _tag: "BackedUp", backup })
  })

  const schedule = Effect.fnUntraced(function*(step: StepOf<"CreateSchedule" | "UpdateSchedule">) {
    const action = step._tag === "CreateSchedule" ? "created" as const : "updated" as const
    const result = yield* Effect.result(
      step._tag === "CreateSchedule"
        ? schedules.create(step.indexName, {
          name: step.name,
          frequency: step.frequency,
          expireAfterDays: step.retentionDays
        })
        : schedules.update(step.scheduleId, { frequency: step.frequency, expireAfterDays: step.retentionDays })
    )
    if (Result.isFailure(result)) {
      // The next plan shows the schedule that somebody else created.
      if (result.failure._tag === "PineconeAlreadyExists" && session.scheduleAction === "unchanged") return
      return yield* session.requestFailed(result.failure)
    }
    session.scheduleAction = action
    yield* emit({ _tag: "Scheduled", scheduled: { schedule: result.success, action } })
  })

  const perform = Effect.fnUntraced(function*(
    next: RecoveryPlan.Step,
    plan: RecoveryPlan.RecoveryPlan,
    facts: RecoveryPlan.Facts
  ) {
    switch (next._tag) {
      case "AwaitDeletion":
        return yield* awaitDeletion(next.indexName)
      case "DeleteFailed":
        return yield* removeFailed(next, facts)
      case "Restore":
        return yield* restore(plan)
      case "AwaitRestore":
        if (next.restoreJobId !== null && next.indexName === target) yield* noteStart(next.restoreJobId, false)
        return yield* waitFor(next.restoreJobId, next.indexName)
      case "Verify":
        return yield* verify(next, facts)
      case "BackUp":
        return yield* backUp(next)
      case "SaveSettings":
        return yield* configure(next.indexName, { tags: next.tags })
      case "Unprotect":
        return yield* configure(next.indexName, { deletionProtection: "disabled" })
      case "Delete":
        yield* checkCopy
        return yield* removeReplaced(plan, facts)
      case "Configure":
        return yield* configure(next.indexName, { deletionProtection: next.deletionProtection, tags: next.tags })
      case "CreateSchedule":
      case "UpdateSchedule":
        return yield* schedule(next)
    }
  })

  // ---------------------------------------------------------------------------
  // Loop
  // ---------------------------------------------------------------------------

  const mustVerify = approved.steps.find((step): step is StepOf<"Verify"> =>
    step._tag === "Verify" && step.indexName === target
  )
  yield* emit({ _tag: "Planned", plan: approved })
  let current = approved
  let last: string | undefined
  for (;;) {
    session.step = null
    const { facts, planned } = yield* planAgain
    if (Result.isFailure(planned)) {
      return yield* session.fail("refused", planned.failure.message, { refusal: planned.failure })
    }
    const plan = planned.success
    const isBackedUp = session.started.damagedBackupId !== null
    const moved = Consent.difference({ ...approved, replaced: session.replaced }, plan, isBackedUp)
    if (moved !== undefined) return yield* session.fail("moved", moved)
    session.identify(plan.replaced?.indexId ?? null)
    if (session.started.hasDeleted && plan.steps.some(({ _tag }) => _tag === "Delete")) {
      return yield* session.fail("moved", `Index "${target}" was created again by somebody else`)
    }
    const verificationOf = (name: PineconeIndex.IndexName) => session.verificationOf(name, targetIn(facts, name))
    const open = plan.steps.filter((step) => step._tag !== "Verify" || verificationOf(step.indexName) === undefined)
    // A schedule that somebody else creates must not hide that the restored index was not verified.
    const isHidden = mustVerify !== undefined && verificationOf(target) === undefined && plan.state === "complete"
    const [next] = isHidden ? [mustVerify, ...open] : open
    if (Planning.stepsOf(plan) !== Planning.stepsOf(current)) yield* emit({ _tag: "Planned", plan })
    current = plan
    if (next === undefined) {
      const index = Target.indexOf(facts, target)
      if (index === undefined) return yield* session.fail("moved", `Index "${target}" was deleted in the meantime`)
      const main = plan.goal === "side-copy" ? undefined : Settings.mainOf(facts.schedules)
      return {
        plan: approved,
        index,
        started: session.started,
        verification: verificationOf(target) ?? null,
        scheduled: main === undefined || main.enabled === false
          ? null
          : { schedule: main, action: session.scheduleAction },
        sideCopy: plan.sideCopy
      }
    }
    // An index that somebody else restores again is verified again.
    const job = next._tag === "Verify" ? targetIn(facts, next.indexName).job : undefined
    const key = JSON.stringify([next, job?.restoreJobId])
    session.step = next
    // A step that has succeeded and is still needed would be repeated for ever.
    if (key === last) return yield* session.fail("moved", "The service does not show the result of the last step")
    last = key
    yield* emit({ _tag: "Step", step: next })
    yield* perform(next, plan, facts)
  }
})
