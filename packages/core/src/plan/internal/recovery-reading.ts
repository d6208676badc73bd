/** Reads the facts for a recovery. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Backups from "../../Backups.ts"
import * as BackupSchedules from "../../BackupSchedules.ts"
import * as IndexData from "../../drill/IndexData.ts"
import * as Checks from "../../drill/internal/verification.ts"
import * as Indexes from "../../Indexes.ts"
import { isSame } from "../../internal/same.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJobs from "../../RestoreJobs.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"

/** Number of times that the facts are read if the index is deleted or created in between. */
const attempts = 3

type Rows = Pick<RecoveryPlan.Facts, "liveBackups" | "records" | "schedules">

/** Reads the facts. Fails with `NotFound` if the index is listed, but its rows cannot be found. */
export const read = Effect.fnUntraced(function*(
  { index: name, replace }: Pick<RecoveryPlan.Options, "index" | "replace">
): Effect.fn.Return<RecoveryPlan.Facts, PineconeError.ListError, RecoveryPlan.Services> {
  const backups = yield* Backups.Backups
  const schedules = yield* BackupSchedules.BackupSchedules
  const indexes = yield* Indexes.Indexes
  const jobs = yield* RestoreJobs.RestoreJobs
  const data = yield* IndexData.IndexData

  const none: Rows = { liveBackups: [], schedules: [], records: null }

  const rowsOf = Effect.fnUntraced(function*(index: PineconeIndex.PineconeIndex): Effect.fn.Return<
    Rows,
    PineconeError.ListError
  > {
    const own = yield* Stream.runCollect(schedules.list(index.name))
    const liveBackups = yield* Stream.runCollect(backups.listByIndex(index.name))
    if (replace !== true) return { ...none, liveBackups, schedules: own }
    // Not knowing the number of records only means that the index is backed up.
    const records = yield* Effect.match(data.stats(index), {
      onFailure: () => null,
      onSuccess: (stats) => Checks.countsOf(stats).records
    })
    return { liveBackups, schedules: own, records }
  })

  for (let attempt = 1;; attempt++) {
    const listed = yield* indexes.list
    const index = listed.find((index) => isSame(index.name, name))
    const rows = index === undefined ? none : yield* Effect.catchTag(
      rowsOf(index),
      "PineconeNotFound",
      (error) =>
        index.status?.state === "Terminating"
          ? Effect.succeed(none)
          : attempt < attempts
          ? Effect.undefined
          : Effect.fail(error)
    )
    if (rows === undefined) {
      yield* Effect.sleep("1 second")
      continue
    }
    const all = yield* Effect.catchTag(
      Stream.runCollect(backups.listByIndex(name, { includeDeleted: true })),
      "PineconeNotFound",
      () => Effect.succeed([])
    )
    return {
      at: yield* DateTime.now,
      indexes: listed,
      backups: all,
      ...rows,
      jobs: yield* Stream.runCollect(jobs.list())
    }
  }
})
