/** Reads the snapshots of a project for `pcb status`. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as HealthJson from "../../output/HealthJson.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as Missing from "../../shared/Missing.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Snapshot from "./Snapshot.ts"
import * as StatusView from "./StatusView.ts"

/**
 * Reads snapshots of the named indexes, or of all indexes. `look` refreshes the snapshot and may fail; `unreadable` is
 * the snapshot after a failed refresh.
 */
export const makeLook = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const { gather } = yield* HealthChecks.make
  const policy = yield* PolicyFile.load(Option.none())
  const indexes = names.length === 0 ? undefined : names.map((name) => PineconeIndex.IndexName.make(name))
  let last: BackupHealth.Facts | undefined
  const assess = Effect.fnUntraced(function*(facts: BackupHealth.Facts) {
    const { verdict } = yield* Time.Observed
    return Snapshot.make(facts, { policy, now: yield* Time.now, clocks: yield* verdict })
  })
  return {
    look: Effect.fnUntraced(function*(onProgress: HealthChecks.GatherOptions["onProgress"]) {
      yield* (yield* Time.Observed).forget
      last = yield* gather({ indexes, onProgress }).pipe(Missing.explainedAny(names))
      return yield* assess(last)
    }),
    /** The facts of the last successful refresh. */
    facts: Effect.sync(() => last),
    /** The indexes of the last successful refresh, with an unknown state. Fails before the first successful refresh. */
    unreadable: (error: PineconeError.PineconeError) =>
      last === undefined ? Effect.fail(error) : assess(Snapshot.unreadable(last, error))
  }
})

/** The document of `-o json`. */
export const toJson = Effect.fnUntraced(function*(snapshot: Snapshot.Snapshot) {
  const indexOf = yield* Output.toJson(yield* StatusView.indexes)
  const now = yield* Time.now
  const { at, project, quota, status, totals } = HealthJson.ofReport(
    snapshot.health,
    yield* SameConnection.flags
  )
  return {
    schema: "pcb.status/v1",
    at,
    status,
    totals,
    quota,
    project,
    data: snapshot.indexes.map(indexOf),
    operations: snapshot.operations.map((operation) => StatusView.operationToJson(operation, now))
  }
})
