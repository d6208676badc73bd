import { assert, describe, it } from "@effect/vitest"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import { IndexId } from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Long from "../../../core/test/long.ts"
import { sendTo, stateOf } from "../support.ts"
import * as RecoveryTest from "./RecoveryTest.ts"
import { connection, deleteIndex, docs, id, look, name, onTime, program, project, recover } from "./RecoveryTest.ts"

/** Short operations have few polls, and each poll is a point at which somebody else can act. */
const short: RecoveryTest.ProjectOptions = {
  project: { restoreDuration: "20 seconds", backupDuration: "20 seconds", deletionDelay: "0 seconds" }
}

/** How a run may end: by code of the error, or `RecoveryRefused` if it was refused before it started. */
const known = ["recovered", "refused", "moved", "request", "restore-failed", "verification-failed", "RecoveryRefused"]

/** Without a sample, there are fewer requests between which nothing can happen. */
const counted = { verify: DrillRequest.count }

/** The newest of the seeded backups. */
const newest = id("backup-1")
const sideCopy = name("docs-from-backup-1")

/** Restores into the index. */
const restoresOf = Effect.flatMap(
  ControlPlane.ControlPlane,
  (plane) =>
    Effect.map(stateOf(plane), ({ restores }) => [...restores.values()].filter(({ indexName }) => indexName === docs))
)

/** IDs of existing indexes. */
const existing = Effect.flatMap(
  ControlPlane.ControlPlane,
  (plane) =>
    Effect.map(
      stateOf(plane),
      ({ indexes }) =>
        [...indexes.values()].flatMap(({ deletedAt, id, name }) => deletedAt === undefined ? [{ id, name }] : [])
    )
)

interface Scenario {
  readonly options: RecoveryTest.Options
  readonly project?: RecoveryTest.ProjectOptions
  /** Number of requests between two that somebody else acts before, unless the tests may take long. @default 11 */
  readonly step?: number
  /** The first request that somebody else acts before. @default 0 */
  readonly from?: number
  readonly prepare: Effect.Effect<unknown, unknown, RecoveryTest.World>
  /** What somebody else does, once, before a request of the run. Failures mean that it was not possible. */
  readonly actor: Effect.Effect<unknown, unknown, RecoveryTest.World>
  /** Called after the run. */
  readonly check: (
    run: { readonly message: string; readonly error: unknown; readonly hasActed: boolean }
  ) => Effect.Effect<unknown, unknown, RecoveryTest.World>
}

/** Runs a recovery once for each of its requests, with somebody else acting before that request. */
const everywhere = Effect.fnUntraced(function*(
  { actor, check, from = 0, options, prepare, project: given = {}, step = 11 }: Scenario
) {
  const outcomes: Array<string> = []
  for (let point = from;; point += Long.isLong ? 1 : step) {
    const tap = RecoveryTest.tap()
    let isReached = false
    yield* Effect.gen(function*() {
      yield* prepare
      const plane = yield* ControlPlane.ControlPlane
      let hasActed = false
      tap.requests = 0
      tap.at = (request, when) => {
        if (request !== point || when !== "before") return Effect.void
        isReached = true
        return actor.pipe(
          Effect.provide(connection()),
          Effect.provideService(ControlPlane.ControlPlane, plane),
          Effect.exit,
          Effect.map((exit) => {
            hasActed = exit._tag === "Success"
          })
        )
      }
      const result = yield* Effect.result(onTime(program(options, counted)))
      tap.at = () => Effect.void
      const error = result._tag === "Failure" ? result.failure : undefined
      outcomes.push(error === undefined ? "recovered" : error._tag === "RecoveryError" ? error.code : error._tag)
      yield* check({ message: `acted before request ${point}`, error, hasActed })
    }).pipe(Effect.provide(project({ ...short, ...given }, tap)))
    if (!isReached) break
  }
  assert.include(outcomes, "recovered")
  if (Long.isLong) assert.isTrue(outcomes.length > 20)
  for (const outcome of outcomes) assert.include(known, outcome)
})

const createEmpty = Effect.flatMap(
  ControlPlane.ControlPlane,
  (plane) => plane.seedIndex({ name: docs, id: "index-foreign", recordCount: 0, dimension: 4 })
)

const deleteNewest = Effect.gen(function*() {
  const plane = yield* ControlPlane.ControlPlane
  const { status } = yield* sendTo(plane, "DELETE", `/backups/${newest}`)
  if (status !== 202) return yield* Effect.fail(status)
})

const send = Effect.fnUntraced(function*(method: "DELETE" | "POST", path: string, body?: Schema.JsonObject) {
  const plane = yield* ControlPlane.ControlPlane
  const { status } = yield* sendTo(plane, method, path, body)
  if (status >= 300) return yield* Effect.fail(status)
})

/** Deletes the index, and creates another one with the name and, as in the simulation, the same host. */
const recreate = (recordCount: number) =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    yield* send("DELETE", "/indexes/docs")
    yield* plane.seedIndex({ name: docs, id: "index-foreign", recordCount, dimension: 4 })
  })

/** Deletes an index, and restores the newest backup into its name, with most records missing. */
const restoreFlawed = (index: string) =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    yield* send("DELETE", `/indexes/${index}`)
    yield* plane.fault("Backups.restore", Fault.flawedRestore({ missing: 90 }))
    yield* send("POST", `/backups/${newest}/create-index`, { name: index })
  })

/** Whether the index that somebody else created was deleted, and whether it has a backup. */
const foreign = Effect.gen(function*() {
  const plane = yield* ControlPlane.ControlPlane
  const { records } = yield* stateOf(plane)
  return {
    isKept: (yield* existing).some(({ id }) => id === "index-foreign"),
    isBackedUp: [...records.values()].some(({ indexId }) => indexId === "index-foreign")
  }
})

/**
 * Requests before which another index can take the name unnoticed, because the service deletes by name: the second half of the
 * evidence for the ID, the last look at the index, and the deletion.
 */
const unavoidable = 3

/** Fails if something is lost when somebody else acts before more than `most` of the requests. */
const lostAtMost = Effect.fnUntraced(function*(
  most: number,
  isLost: Effect.Effect<boolean, unknown, RecoveryTest.World>,
  scenario: Omit<Scenario, "check">
) {
  const lost: Array<string> = []
  yield* everywhere({
    ...scenario,
    step: 3,
    check: Effect.fnUntraced(function*({ hasActed, message }) {
      if (hasActed && (yield* isLost)) lost.push(message)
    })
  })
  assert.isAtMost(lost.length, most, lost.join(", "))
})

/** The requests before this one show the index to the planner. */
const planned = 2

const prepareReplacement = recover({ to: sideCopy, backupId: newest }, counted)
const replacement = { replace: true, backupId: newest }

describe("Recovery.run with somebody else at work between any two requests", () => {
  describe("of a deleted index", () => {
    it.effect("never touches an index that somebody else creates", () =>
      everywhere({
        options: {},
        prepare: deleteIndex(),
        actor: createEmpty,
        check: Effect.fnUntraced(function*({ error, hasActed, message }) {
          assert.strictEqual(error !== undefined, hasActed, message)
          const indexes = yield* existing
          assert.strictEqual(indexes.some(({ id }) => id === "index-foreign"), hasActed, message)
          assert.strictEqual((yield* restoresOf).length, hasActed ? 0 : 1, message)
        })
      }), 120_000)

    it.effect("restores once, or not at all, if somebody else deletes the backup", () =>
      everywhere({
        options: {},
        prepare: deleteIndex(),
        actor: deleteNewest,
        check: Effect.fnUntraced(function*({ error, message }) {
          const restores = yield* restoresOf
          assert.strictEqual(restores.length, error === undefined ? 1 : 0, message)
          // The next run takes the next backup.
          if (error !== undefined) yield* recover()
          assert.strictEqual((yield* look()).recordCount, 100, message)
          assert.strictEqual((yield* look()).schedules.length, 1, message)
        })
      }), 120_000)

    it.effect("restores once if somebody else recovers it too", () =>
      everywhere({
        options: {},
        prepare: deleteIndex(),
        actor: program({}, counted),
        check: Effect.fnUntraced(function*({ error, message }) {
          assert.isUndefined(error, message)
          assert.strictEqual((yield* restoresOf).length, 1, message)
          assert.strictEqual((yield* look()).schedules.length, 1, message)
        })
      }), 120_000)

    it.effect("keeps the schedule that somebody else creates", () =>
      everywhere({
        options: {},
        prepare: deleteIndex(),
        actor: BackupSchedules.BackupSchedules.use((schedules) =>
          schedules.create(docs, { name: "by-hand", frequency: "weekly", expireAfterDays: 60 })
        ),
        check: Effect.fnUntraced(function*({ error, hasActed, message }) {
          assert.isUndefined(error, message)
          const { schedules } = yield* look()
          assert.deepStrictEqual(schedules.map(({ name }) => name), [hasActed ? "by-hand" : "nightly"], message)
        })
      }), 120_000)

    it.effect(
      "does not restore a second time if somebody else deletes the restored index",
      () =>
        everywhere({
          options: { deletionProtection: "disabled" },
          prepare: deleteIndex(),
          actor: Effect.gen(function*() {
            const plane = yield* ControlPlane.ControlPlane
            const { status } = yield* sendTo(plane, "DELETE", "/indexes/docs")
            if (status !== 202) return yield* Effect.fail(status)
          }),
          check: Effect.fnUntraced(function*({ error, hasActed, message }) {
            if (error !== undefined) assert.isTrue(hasActed, message)
            assert.strictEqual((yield* restoresOf).length, 1, message)
          })
        }),
      120_000
    )
  })

  describe("of an index whose restore failed", () => {
    const prepare = Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* deleteIndex()
      yield* plane.configure({ switches: { restoresEnd: "Failed" } })
      yield* Effect.flip(recover({ deletionProtection: "disabled" }))
      yield* plane.configure({ switches: { restoresEnd: "Completed" } })
    })
    const options = { replace: true, deletionProtection: "disabled" } as const

    it.effect(
      "does not delete an empty index that somebody else creates instead",
      () =>
        lostAtMost(unavoidable, Effect.map(foreign, ({ isKept }) => !isKept), {
          options,
          from: planned,
          prepare,
          actor: recreate(0)
        }),
      240_000
    )

    it.effect("does not delete the restore of somebody else", () =>
      lostAtMost(
        unavoidable,
        Effect.gen(function*() {
          const indexes = yield* existing
          const restores = yield* restoresOf
          const other = restores.find(({ backupId }) => backupId === "backup-2")
          return !indexes.some(({ id }) => id === other?.indexId)
        }),
        {
          options,
          prepare,
          actor: Effect.andThen(
            send("DELETE", "/indexes/docs"),
            send("POST", "/backups/backup-2/create-index", { name: "docs" })
          )
        }
      ), 240_000)
  })

  it.effect("verifies an index again that somebody else restores from the same backup", () =>
    everywhere({
      options: { deletionProtection: "disabled" },
      step: 3,
      prepare: deleteIndex(),
      actor: restoreFlawed("docs"),
      check: Effect.fnUntraced(function*({ error, hasActed, message }) {
        if (error === undefined) assert.isFalse(hasActed, message)
        else assert.notInclude(String(error), "does not show the result", message)
      })
    }), 240_000)

  describe("of an index that is replaced", () => {
    it.effect.each([[{}], [{ backUpFirst: false }]])(
      "does not delete another index that somebody else creates, with %j",
      ([given]) =>
        lostAtMost(unavoidable, Effect.map(foreign, ({ isKept }) => !isKept), {
          options: { ...replacement, ...given },
          from: planned,
          prepare: prepareReplacement,
          actor: recreate(777)
        }),
      240_000
    )

    it.effect(
      "does not delete another index without a backup if the first one had no ID",
      () =>
        lostAtMost(
          unavoidable,
          Effect.map(foreign, ({ isBackedUp, isKept }) => !isKept && !isBackedUp),
          {
            options: { replace: true, backupId: id("old") },
            from: planned,
            project: {
              indexes: [
                { name: "docs", id: "index-old", deletedAt: "2026-11-21T12:00:00Z", dimension: 4, recordCount: 100 },
                { name: "docs", id: "index-damaged", dimension: 4, recordCount: 55 }
              ],
              schedules: [],
              backups: [{
                backupId: id("old"),
                sourceIndexId: IndexId.make("index-old"),
                indexName: "docs",
                createdAt: "2026-11-21T06:00:00Z",
                recordCount: 100
              }]
            },
            prepare: recover({ to: name("docs-from-old"), backupId: id("old") }, counted),
            actor: recreate(777)
          }
        ),
      240_000
    )

    it.effect(
      "is not deleted if its verified side copy is restored again, with fewer records",
      () =>
        // Between the side copy and the evidence for the ID, only the backup and the schedules are read.
        lostAtMost(
          unavoidable + 2,
          Effect.map(existing, (indexes) => !indexes.some(({ id }) => id === "index-docs")),
          {
            options: replacement,
            prepare: prepareReplacement,
            actor: Effect.gen(function*() {
              if (!(yield* existing).some(({ id }) => id === "index-docs")) {
                return yield* Effect.fail("is deleted already")
              }
              yield* restoreFlawed(sideCopy)
            })
          }
        ),
      240_000
    )

    it.effect("never touches an index that somebody else creates under the name", () =>
      everywhere({
        options: replacement,
        prepare: prepareReplacement,
        actor: createEmpty,
        check: Effect.fnUntraced(function*({ error, hasActed, message }) {
          assert.strictEqual(error !== undefined, hasActed, message)
          const indexes = yield* existing
          assert.strictEqual(indexes.some(({ id }) => id === "index-foreign"), hasActed, message)
          assert.isTrue(indexes.some(({ name }) => name === sideCopy), message)
        })
      }), 240_000)

    it.effect(
      "keeps the side copy and the backup of the damaged index if somebody else deletes the backup",
      () =>
        Effect.gen(function*() {
          const backups = Effect.flatMap(
            ControlPlane.ControlPlane,
            (plane) => Effect.map(stateOf(plane), ({ records }) => [...records.values()])
          )
          yield* everywhere({
            options: replacement,
            prepare: prepareReplacement,
            actor: deleteNewest,
            check: Effect.fnUntraced(function*({ error, message }) {
              const indexes = yield* existing
              assert.isTrue(indexes.some(({ name }) => name === sideCopy), message)
              const isThere = indexes.some(({ name }) => name === docs)
              if (error === undefined) assert.isTrue(isThere, message)
              if (isThere) return
              const damaged = (yield* backups).filter(({ name }) => name?.includes("-before-replace-"))
              assert.strictEqual(damaged.length, 1, message)
            })
          })
        }),
      240_000
    )

    it.effect("ends as wanted if somebody else recovers it too", () =>
      Effect.gen(function*() {
        const twice: Array<string> = []
        yield* everywhere({
          options: replacement,
          prepare: prepareReplacement,
          actor: program(replacement, counted),
          check: Effect.fnUntraced(function*({ error, message }) {
            if (error !== undefined) yield* recover(replacement)
            const found = yield* look()
            assert.strictEqual(found.recordCount, 100, message)
            assert.strictEqual(found.schedules.length, 1, message)
            const { length } = yield* restoresOf
            if (length !== 1) twice.push(message)
            assert.isAtMost(length, 2, message)
          })
        })
        // The service deletes by name: between the last look at the index and the deletion, nothing can be done.
        assert.isAtMost(twice.length, 1, twice.join(", "))
      }), 240_000)
  })
})
