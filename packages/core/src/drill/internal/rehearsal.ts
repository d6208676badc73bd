/** The body of a drill: choose, restore, wait, verify. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { millis } from "../../internal/time.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import { DrillFailure } from "../DrillError.ts"
import type * as DrillIndex from "../DrillIndex.ts"
import type * as DrillProbe from "../DrillProbe.ts"
import * as DrillReport from "../DrillReport.ts"
import type * as DrillRequest from "../DrillRequest.ts"
import * as DrillTarget from "../DrillTarget.ts"
import { RecordId } from "../IndexRecord.ts"
import * as Draft from "./draft.ts"
import * as Durable from "./durable.ts"
import * as Sampling from "./sampling.ts"
import * as Verification from "./verification.ts"

/** A running drill. */
export interface Running {
  readonly request: DrillRequest.DrillRequest
  readonly temporary: DrillIndex.DrillIndex
  readonly startedAt: DateTime.Utc
  readonly deadline: DateTime.Utc
  readonly draft: Draft.Draft
}

/**
 * The first and the longest delay between two polls. Delays grow, because each replay of a drill reads the result of every poll
 * again: its cost grows with the square of their number.
 */
const firstPause = Duration.seconds(1)
const longestPause = Duration.minutes(15)

const fail = (code: DrillReport.ReasonCode, message: string) => new DrillFailure({ code, message })

// ============================================================================
// Before the restore
// ============================================================================

const Choice = Durable.Attempt(Schema.Struct({
  backup: Schema.NullOr(DrillReport.DrilledBackup),
  skipped: Schema.Array(DrillReport.Skipped)
}))

const IndexCount = Durable.Attempt(Schema.Int)

const checkSize = ({ backupId, sizeBytes }: DrillReport.DrilledBackup, maxBytes: number | null) => {
  if (maxBytes === null) return Effect.void
  if (sizeBytes === null) {
    return fail(
      "size-unknown",
      `Backup ${backupId} does not report its size. Set maxBytes to null to restore it anyway`
    )
  }
  return sizeBytes <= maxBytes ? Effect.void : fail(
    "size-limit",
    `Backup ${backupId} has ${sizeBytes} bytes; the limit is ${maxBytes}. Raise maxBytes to restore it`
  )
}

const choose = Effect.fnUntraced(function*({ deadline, draft, request }: Running) {
  const target = yield* DrillTarget.DrillTarget
  const { at, value: choice } = yield* Durable.persist("choose", Choice, target.choose(request), deadline)
  draft.choice = choice
  draft.chosenAt = at
  const { backup } = choice
  if (backup === null) {
    const within = request.pick._tag === "Random" ? ` within ${Duration.format(request.pick.within)}` : ""
    return yield* fail("no-copy", `Index ${request.index} has no good copy${within}`)
  }
  yield* checkSize(backup, request.maxBytes)
  if (request.indexQuota !== null) {
    const { value: count } = yield* Durable.persist("quota", IndexCount, target.countIndexes, deadline)
    if (count >= request.indexQuota) {
      return yield* fail(
        "index-quota",
        `The project has ${count} indexes, and its quota is ${request.indexQuota}. Set indexQuota if the plan allows more`
      )
    }
  }
  return backup
})

// ============================================================================
// Restore
// ============================================================================

const Started = Durable.Attempt(RestoreJob.Started)

const Progress = Durable.Attempt(Schema.Struct({
  status: Schema.Literals(["Running", "Completed", "Failed", "Cancelled", "Vanished"]),
  createdAt: Schema.NullOr(Schema.DateTimeUtcFromMillis),
  completedAt: Schema.NullOr(Schema.DateTimeUtcFromMillis)
}))

/** Tolerance for a missing job and index: both can be invisible for a moment after the request. */
const maxAbsence = Duration.minutes(1)

const restore = Effect.fnUntraced(function*(
  { deadline, draft, startedAt, temporary }: Running,
  { backupId }: DrillReport.DrilledBackup
) {
  const target = yield* DrillTarget.DrillTarget
  draft.existence = "possible"
  const started = yield* Durable.persist("restore", Started, target.restore(backupId, temporary, startedAt), deadline)
  const { restoreJobId } = started.value
  draft.existence = "accepted"
  draft.requestedAt = started.at
  draft.restoreJobId = restoreJobId

  let absentSince: number | undefined
  for (let n = 0;; n++) {
    const { at, result } = yield* Durable.attemptBefore(
      deadline,
      `progress/${n}`,
      Progress,
      Effect.map(target.progress(restoreJobId, temporary), wholeMillis)
    )
    if (result._tag === "Failed") return yield* fail(result.code, result.message)
    if (result._tag === "Done" && result.value.status !== "Vanished") draft.existence = "seen"
    const status = result._tag === "Done" ? result.value.status : "Running"
    if (status === "Failed") return yield* fail("restore-failed", `Restore job ${restoreJobId} failed`)
    if (status === "Cancelled") return yield* fail("restore-cancelled", `Restore job ${restoreJobId} was canceled`)
    if (status === "Completed" && result._tag === "Done") {
      draft.restoredAt = at
      const seconds = Draft.restoreSeconds(result.value.createdAt, result.value.completedAt)
      if (seconds !== undefined) draft.restoreSeconds = seconds
      return at
    }
    absentSince = status === "Vanished" ? absentSince ?? millis(at) : undefined
    if (absentSince !== undefined && millis(at) - absentSince >= Duration.toMillis(maxAbsence)) {
      return yield* fail("index-vanished", `Index ${temporary.name} no longer exists, and neither does its job`)
    }
    const most = absentSince === undefined ? longestPause : maxAbsence
    yield* Durable.sleepUntil(`wait/${n}`, at, Durable.pause(n, firstPause, most), deadline)
  }
})

/** Times as the engine records them. */
const wholeMillis = ({ completedAt, createdAt, status }: DrillTarget.Progress): DrillTarget.Progress => ({
  status,
  createdAt: createdAt && Durable.whole(createdAt),
  completedAt: completedAt && Durable.whole(completedAt)
})

// ============================================================================
// Verification
// ============================================================================

const Counts = Durable.Attempt(Schema.Struct({
  records: Schema.NullOr(Schema.Finite),
  namespaces: Schema.NullOr(Schema.Finite),
  emptyNamespaces: Schema.Array(Schema.String),
  dimension: Schema.NullOr(Schema.Finite)
}))

/** Failure at the deadline, with the message of the latest count. */
const late = (verdict?: Verification.Verdict) =>
  fail(
    "timeout",
    verdict === undefined || verdict.result === "passed" ? Durable.late : `${Durable.late}: ${verdict.message}`
  )

/** Counts until the counts agree with the backup, or the grace period ends. Returns the last result. */
const count = Effect.fnUntraced(function*(
  { deadline, draft, request, temporary }: Running,
  name: "count" | "recount",
  backup: DrillReport.DrilledBackup,
  since: DateTime.Utc
) {
  const target = yield* DrillTarget.DrillTarget
  const end = DateTime.min(DateTime.addDuration(since, request.grace), deadline)
  let dimension: number | null = null
  let latest: Verification.Verdict | undefined
  for (let n = 0;; n++) {
    const { at, result } = yield* Durable.attemptBefore(
      deadline,
      `${name}/${n}`,
      Counts,
      Effect.map(target.stats(temporary), Verification.countsOf)
    )
    if (result._tag === "Failed" && result.code === "index-vanished") return yield* fail(result.code, result.message)
    if (result._tag === "Failed" && result.code === "timeout") return yield* late(latest)
    const verdict: Verification.Verdict = result._tag === "Done"
      ? Verification.compare(backup, result.value, request.tolerance)
      : { result: "unknown", code: "unknown-count", message: result.message }
    latest = verdict
    if (result._tag === "Done") {
      const { emptyNamespaces, namespaces, records } = result.value
      dimension = result.value.dimension
      draft[name === "count" ? "counted" : "recounted"] = { at, records, namespaces, emptyNamespaces }
    }
    if (verdict.result === "passed" || result._tag === "Failed" || millis(at) >= millis(end)) {
      // If the deadline ends the grace period early, the result is unknown.
      if (verdict.result !== "passed" && millis(at) >= millis(deadline)) return yield* late(verdict)
      return { at, verdict, dimension }
    }
    const left = Duration.millis(millis(end) - millis(at))
    const pause = Durable.pause(n, firstPause, Duration.minutes(2))
    yield* Durable.sleep(`${name}-wait/${n}`, Duration.min(pause, left))
  }
})

const Drawn = Durable.Attempt(
  Schema.Array(Schema.Struct({ namespace: Schema.String, ids: Schema.Array(RecordId) }))
)

const Sample = Durable.Attempt(Schema.Struct({
  chosen: Schema.Int,
  sound: Schema.Int,
  namespaces: Schema.Array(Schema.String),
  problems: Schema.Array(Schema.Struct({ namespace: Schema.String, id: Schema.String, problem: Schema.String }))
}))

/** Treats a failed read as unknown, unless the index no longer exists or the drill has timed out. */
const orUnknown = (code: "unknown-probe" | "unknown-sample") => <A, R>(self: Effect.Effect<A, DrillFailure, R>) =>
  Effect.catch(
    self,
    (failure): Effect.Effect<Verification.Verdict, DrillFailure> =>
      failure.code === "timeout" || failure.code === "index-vanished"
        ? Effect.fail(failure)
        : Effect.succeed({ result: "unknown", code, message: failure.message })
  )

const sample = Effect.fnUntraced(function*(
  { deadline, draft, temporary }: Running,
  records: number,
  dimension: number | null
) {
  const target = yield* DrillTarget.DrillTarget
  // Recorded before it is read, so that a replay reads the same records.
  const { value: drawn } = yield* Durable.persist("draw", Drawn, target.draw(temporary, records), deadline)
  const reading = Sampling.read((some) => target.fetch(temporary, some), drawn, dimension)
  const { at, value: sampled } = yield* Durable.persist("sample", Sample, reading, deadline)
  draft.sampled = { at, ...sampled }
  return Verification.judgeSample(sampled, dimension)
}, (self) => orUnknown("unknown-sample")(self))

const ProbeResult = Durable.Attempt(Schema.Struct({
  result: Schema.Literals(["passed", "failed", "unknown"]),
  message: Schema.String
}))

const probe = Effect.fnUntraced(function*(
  { deadline, draft, request, temporary }: Running,
  backup: DrillReport.DrilledBackup,
  ofApplication: DrillProbe.Probe | undefined
) {
  const target = yield* DrillTarget.DrillTarget
  const execute = Effect.gen(function*() {
    if (ofApplication === undefined) return { result: "unknown" as const, message: "no probe is provided" }
    const index = yield* target.describe(temporary)
    const left = Duration.millis(Math.max(0, millis(deadline) - millis(yield* DateTime.now)))
    return yield* ofApplication({ index, source: request.index, backup }).pipe(
      Effect.as({ result: "passed" as const, message: "" }),
      Effect.catch((error) =>
        Effect.succeed({
          result: error._tag === "DrillProbeFailed" ? "failed" as const : "unknown" as const,
          message: error.message
        })
      ),
      // A defect, or a probe that interrupts itself and that the engine would run again. Omit the message, which can have
      // secrets of the application.
      Effect.catchCause((cause) =>
        Effect.as(Effect.logError("The probe of a restore drill died", cause), {
          result: "unknown" as const,
          message: "the probe died; the log of the runner has the cause"
        })
      ),
      Effect.timeoutOrElse({
        duration: left,
        orElse: () => fail("timeout", "the probe was not completed within the timeout of the drill")
      })
    )
  })
  const { at, value } = yield* Durable.persist("probe", ProbeResult, execute, deadline)
  draft.probedAt = at
  return value.result === "passed" ? { result: "passed" as const } : {
    result: value.result,
    code: value.result === "failed" ? "probe" as const : "unknown-probe" as const,
    message: value.message
  }
}, (self) => orUnknown("unknown-probe")(self))

/** Reports a loss if the first count matched and the second does not. */
const asLoss = (verdict: Verification.Verdict): Verification.Verdict =>
  verdict.result === "failed"
    ? { ...verdict, code: "records-vanished", message: `after the first count, ${verdict.message}` }
    : verdict

const failed = (verdict: Verification.Verdict) =>
  verdict.result === "failed" ? Effect.fail(fail(verdict.code, verdict.message)) : Effect.void

const verify = Effect.fnUntraced(function*(
  running: Running,
  backup: DrillReport.DrilledBackup,
  restoredAt: DateTime.Utc,
  ofApplication: DrillProbe.Probe | undefined
) {
  const { deadline, draft, request } = running
  const verdicts: Array<Verification.Verdict> = []
  const note = Effect.fnUntraced(function*(name: DrillReport.Check["check"], verdict: Verification.Verdict) {
    Draft.check(draft, name, verdict)
    verdicts.push(verdict)
    yield* failed(verdict)
  })

  const counted = yield* count(running, "count", backup, restoredAt)
  yield* note("count", counted.verdict)

  if (request.verify._tag === "Count") Draft.skip(draft, "sample", "not requested")
  else if (backup.hasTypedSchema) {
    Draft.skip(draft, "sample", "no sample was read: the index has a typed schema, whose records cannot be read here")
  } else {
    yield* note("sample", yield* sample(running, request.verify.records, backup.dimension ?? counted.dimension))
  }

  if (request.probe) yield* note("probe", yield* probe(running, backup, ofApplication))
  else Draft.skip(draft, "probe", "not requested")

  if (Duration.isZero(request.recountAfter)) Draft.skip(draft, "recount", "not requested")
  else if (counted.verdict.result !== "passed") Draft.skip(draft, "recount", "the first count had no result")
  else {
    yield* Durable.sleepUntil("recount-delay", counted.at, request.recountAfter, deadline)
    const due = DateTime.addDuration(counted.at, request.recountAfter)
    yield* note("recount", asLoss((yield* count(running, "recount", backup, due)).verdict))
  }

  // A check can start before the deadline and end after it.
  const ends = [draft.counted?.at, draft.sampled?.at, draft.probedAt, draft.recounted?.at]
  if (ends.some((at) => at !== undefined && millis(at) > millis(deadline))) return yield* late()

  const open = verdicts.find((verdict) => verdict.result === "unknown")
  return open === undefined || open.result === "passed"
    ? { outcome: "SUCCESSFUL" as const, reason: null }
    : { outcome: "UNVERIFIED" as const, reason: { code: open.code, message: open.message } }
})

// ============================================================================
// Drill
// ============================================================================

/** Runs the drill up to its removal. */
export const rehearse = (
  running: Running,
  ofApplication: DrillProbe.Probe | undefined
) =>
  Effect.gen(function*() {
    const backup = yield* choose(running)
    const restoredAt = yield* restore(running, backup)
    return yield* verify(running, backup, restoredAt, ofApplication)
  }).pipe(
    Effect.catchTag("DrillFailure", ({ code, message }): Effect.Effect<Draft.End> =>
      Effect.succeed({ outcome: code === "timeout" ? "TIMED_OUT" : "FAILED", reason: { code, message } }))
  )
