/** Deletions of a recovery: of the index that is replaced, and of what a failed restore left behind. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Backup from "../../Backup.ts"
import * as IndexData from "../../drill/IndexData.ts"
import * as Checks from "../../drill/internal/verification.ts"
import * as Text from "../../health/internal/text.ts"
import * as LiveId from "../../health/LiveId.ts"
import * as Indexes from "../../Indexes.ts"
import { isSame } from "../../internal/same.ts"
import { millis } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJobs from "../../RestoreJobs.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"
import type * as RecoveryReport from "../RecoveryReport.ts"
import * as Consent from "./recovery-consent.ts"
import * as Session from "./recovery-session.ts"
import * as Target from "./recovery-target.ts"

/** Time for which the service may still refuse the name of a deleted index. */
export const nameRelease = Duration.minutes(10)

/** Delay between two polls of a deletion or of a name. */
export const pollDelay = Duration.seconds(10)

/** States of an index that was never ready. */
const neverReady: ReadonlyArray<string> = ["Initializing", "InitializationFailed"]

type DeleteFailed = Extract<RecoveryPlan.Step, { readonly _tag: "DeleteFailed" }>

/** Creates the deletions of one run, and the changes to indexes that they need. */
export const make = Effect.fnUntraced(function*(
  session: Session.Session,
  backupId: Backup.BackupId,
  emit: (event: RecoveryReport.RecoveryEvent) => Effect.Effect<void>
) {
  const indexes = yield* Indexes.Indexes
  const jobs = yield* RestoreJobs.RestoreJobs
  const data = yield* IndexData.IndexData
  const { orFail } = session

  const configure = Effect.fnUntraced(function*(
    name: PineconeIndex.IndexName,
    changes: Indexes.ConfigureOptions
  ) {
    const index = yield* orFail(indexes.configure(name, changes))
    yield* emit({ _tag: "Configured", index })
  })

  /** Waits until an index is gone. `before` is the index as it was before this run deleted it. */
  const awaitDeletion = Effect.fnUntraced(function*(
    name: PineconeIndex.IndexName,
    before?: PineconeIndex.PineconeIndex
  ) {
    const since = millis(yield* DateTime.now)
    for (;;) {
      const index = yield* orFail(Session.orAbsent(indexes.describe(name)))
      if (index === undefined || (before !== undefined && !Consent.isSameIndex(before, index))) return
      const isLate = millis(yield* DateTime.now) - since >= Duration.toMillis(nameRelease)
      if (isLate && index.status?.state !== "Terminating") {
        return yield* session.fail("moved", `Index "${name}" exists and is not being deleted`)
      }
      yield* emit({
        _tag: "Progress",
        subject: "deletion",
        status: index.status?.state ?? "Unknown",
        percentComplete: null
      })
      yield* session.sleep(pollDelay, `the deletion of index "${name}"`)
    }
  })

  const isOther = (name: PineconeIndex.IndexName) =>
    session.fail("moved", `Index "${name}" is not the same index as when the plan was made`)

  /** Fails unless the evidence for the ID of an index is as it was. Returns `false` if there is no index with its name. */
  const checkId = Effect.fnUntraced(function*(
    index: PineconeIndex.PineconeIndex,
    indexId: PineconeIndex.IndexId | null
  ) {
    const live = yield* LiveId.read(index)
    if (live._tag === "Unread" && live.error !== undefined) {
      return live.error._tag === "PineconeNotFound" ? false : yield* session.requestFailed(live.error)
    }
    const isAlike = live._tag === "Known"
      ? isSame(live.indexId, indexId ?? "")
      : live._tag === "NoEvidence" && indexId === null
    return isAlike || (yield* isOther(index.name))
  })

  /**
   * Deletes an index, unless another index has the name since the facts were read: the service deletes by name. `indexId` is
   * the ID as the facts show it, and `undefined` if it is not checked.
   */
  const remove = Effect.fnUntraced(function*(
    planned: PineconeIndex.PineconeIndex,
    indexId?: PineconeIndex.IndexId | null
  ) {
    const { name } = planned
    const isThere = indexId === undefined || (yield* checkId(planned, indexId))
    const before = yield* orFail(Session.orAbsent(indexes.describe(name)))
    if (before === undefined) return
    if (!isThere || !Consent.isSameIndex(planned, before)) return yield* isOther(name)
    const result = yield* Effect.result(Session.orAbsent(indexes.delete(name)))
    // Whether a deletion in doubt was carried out shows when the index is read again.
    if (Result.isFailure(result) && !Session.isInDoubt(result.failure)) {
      return yield* session.requestFailed(result.failure)
    }
    if (Result.isFailure(result)) {
      const index = yield* orFail(Session.orAbsent(indexes.describe(name)))
      if (index !== undefined && index.status?.state !== "Terminating") {
        return yield* session.requestFailed(result.failure)
      }
    }
    session.note({ hasDeleted: true })
    yield* awaitDeletion(name, before)
    yield* emit({ _tag: "Deleted", indexName: name })
  })

  const removeReplaced = Effect.fnUntraced(
    function*({ options, replaced }: RecoveryPlan.RecoveryPlan, facts: RecoveryPlan.Facts) {
      const index = Target.indexOf(facts, options.index)
      if (index !== undefined && replaced !== null) yield* remove(index, replaced.indexId)
    }
  )

  /** Deletes what a failed restore left behind, unless it has records. */
  const removeFailed = Effect.fnUntraced(function*(
    { indexName, isProtected, restoreJobId }: DeleteFailed,
    facts: RecoveryPlan.Facts
  ) {
    const index = yield* orFail(Session.orAbsent(indexes.describe(indexName)))
    if (index === undefined) return
    // Somebody else may have removed it, and restored or created an index under its name. The next plan shows that.
    const isLeft = Effect.map(orFail(Stream.runCollect(jobs.list())), (jobs) => {
      const now = Target.targetOf({ ...facts, indexes: [index], jobs }, indexName, backupId)
      return now.state === "failed" && isSame(now.job?.restoreJobId ?? "", restoreJobId ?? "")
    })
    if (!(yield* isLeft)) return
    // Nothing can be written into an index that was never ready. Any other state may be that of an index with records.
    const { ready, state } = index.status ?? {}
    if (ready !== false || !neverReady.includes(state ?? "")) {
      const { records } = Checks.countsOf(yield* orFail(data.stats(index)))
      if (records !== 0) {
        return yield* session.fail(
          "not-empty",
          `The restore into index "${indexName}" failed, but the index ${
            records === null ? "does not report its number of records" : `has ${Text.count(records, "record")}`
          }`
        )
      }
    }
    if (isProtected) yield* configure(indexName, { deletionProtection: "disabled" })
    if (!(yield* isLeft)) return yield* isOther(indexName)
    yield* remove(index)
    session.note({ hasDeleted: false, restoreJobId: null })
  })

  return { awaitDeletion, configure, removeFailed, removeReplaced }
})
