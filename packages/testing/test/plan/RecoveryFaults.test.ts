import { assert, describe, it } from "@effect/vitest"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import * as Long from "../../../core/test/long.ts"
import { stateOf } from "../support.ts"
import type * as RecoveryTest from "./RecoveryTest.ts"
import { deleteIndex, docs, id, look, name, onTime, program, project, recover } from "./RecoveryTest.ts"

const short: RecoveryTest.ProjectOptions = { project: { restoreDuration: "20 seconds", backupDuration: "20 seconds" } }

const counted = { verify: DrillRequest.count }

const yesterday = id("backup-2")
const sideCopy = name("docs-from-backup-2")

/** Faults of any request. */
const anywhere: Readonly<Record<string, Fault.Fault>> = {
  "500": Fault.respond({ status: 500 }),
  "503": Fault.respond({ status: 503 }),
  "404": Fault.notFound,
  "403": Fault.respond({ status: 403 }),
  "409": Fault.respond({ status: 409 }),
  "429": Fault.rateLimited(),
  html: Fault.html(),
  reset: Fault.reset,
  hang: Fault.hang,
  truncated: Fault.truncated,
  "lost response": Fault.afterCommit(Fault.reset),
  "lost response, then a gateway": Fault.afterCommit(Fault.html()),
  "late response": Fault.afterCommit(Fault.hang),
  "unknown values": Fault.unknownValues(),
  "no status": Fault.withoutFields(["status"]),
  "no ids": Fault.withoutFields(["id", "index_id", "source_index_id", "source_backup_id", "target_index_id"]),
  "no tags": Fault.withoutFields(["tags"]),
  "no counts": Fault.withoutFields(["record_count", "namespace_count", "totalVectorCount", "namespaces"]),
  "no protection": Fault.withoutFields(["deletion_protection", "enabled"]),
  "wrong object": Fault.wrongObject(),
  "missing data": Fault.missingData(),
  "unreadable times": Fault.unreadableTimes(),
  "in the future": Fault.futureDated(),
  "success without effect": Fault.lyingSuccess(),
  "state before the request": Fault.lyingSuccess({ answer: "before" }),
  "empty success": Fault.lyingSuccess({ answer: "empty" }),
  "sign-in page": Fault.lyingSuccess({ answer: "page" })
}

const operations = [
  "Indexes.list",
  "Indexes.describe",
  "Indexes.configure",
  "Indexes.delete",
  "Backups.listByIndex",
  "Backups.describe",
  "Backups.create",
  "Backups.restore",
  "BackupSchedules.list",
  "BackupSchedules.create",
  "RestoreJobs.list",
  "RestoreJobs.describe",
  "IndexData.stats"
] as const satisfies ReadonlyArray<Fault.Operation>

/** Number of restores of the index, and of backups of the damaged index, that the service has. */
const made = Effect.flatMap(
  ControlPlane.ControlPlane,
  (plane) =>
    Effect.map(stateOf(plane), ({ records, restores }) => ({
      restores: [...restores.values()].filter(({ indexName }) => indexName === docs).length,
      damaged: [...records.values()].filter(({ name }) => name?.includes("-before-replace-")).length
    }))
)

/** Runs a recovery with each fault in each operation, then repeats it without faults until it is complete. */
const everyFault = Effect.fnUntraced(function*(
  { of, options, prepare, restores }: {
    readonly of: ReadonlyArray<Fault.Operation>
    readonly options: RecoveryTest.Options
    readonly prepare: Effect.Effect<unknown, unknown, RecoveryTest.World>
    readonly restores: number
  }
) {
  const all = of.flatMap((operation) => Object.entries(anywhere).map((entry) => [operation, ...entry] as const))
  // Prime to the number of faults, so that every fault occurs.
  const stride = Long.isLong ? 1 : 11
  for (const [position, [operation, title, fault]] of all.entries()) {
    if (position % stride !== 0) continue
    // The first requests are those of the plan.
    const skip = Math.floor(position / stride) % 4
    const message = `${title} in request ${skip} of ${operation}`
    yield* Effect.gen(function*() {
      yield* prepare
      const plane = yield* ControlPlane.ControlPlane
      const before = yield* look().pipe(Effect.orElseSucceed(() => undefined))
      yield* plane.fault(operation, fault, { skip })
      const result = yield* Effect.result(onTime(program(options, counted)))
      yield* plane.clearFaults
      if (result._tag === "Failure") {
        const again = yield* Effect.result(recover(options, counted))
        assert.strictEqual(again._tag, "Success", `${message}: ${JSON.stringify(again)}`)
      }
      const found = yield* look()
      assert.strictEqual(found.recordCount, 100, message)
      assert.deepStrictEqual(found.schedules.map(({ enabled, name }) => [name, enabled]), [["nightly", true]], message)
      assert.deepStrictEqual(found.tags, { team: "search" }, message)
      if (before !== undefined) assert.strictEqual(found.deletionProtection, before.deletionProtection, message)
      const { damaged, restores: count } = yield* made
      assert.strictEqual(count, restores, message)
      assert.isAtMost(damaged, restores, message)
    }).pipe(Effect.provide(project(short)))
  }
})

describe("Recovery.run with every fault in every operation, and repeated", () => {
  it.effect("recovers a deleted index with one restore", () =>
    everyFault({
      of: operations.filter((operation) =>
        !["Backups.create", "Indexes.configure", "Indexes.delete"].includes(operation)
      ),
      options: {},
      prepare: deleteIndex(),
      restores: 1
    }), 600_000)

  it.effect("replaces an index with one restore and one backup", () =>
    everyFault({
      of: operations,
      options: { replace: true, backupId: yesterday },
      prepare: recover({ to: sideCopy, backupId: yesterday }, counted),
      restores: 1
    }), 600_000)
})
