import { assert, describe, it } from "@effect/vitest"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Effect from "effect/Effect"
import * as Long from "../../../core/test/long.ts"
import { sendTo, stateOf } from "../support.ts"
import * as RecoveryTest from "./RecoveryTest.ts"
import { connection, deleteIndex, docs, id, look, name, onTime, program, project, recover } from "./RecoveryTest.ts"

/** Short operations have few polls, and each poll is a point at which somebody else can act. */
const short: RecoveryTest.ProjectOptions = {
  project: { restoreDuration: "20 seconds", backupDuration: "20 seconds", deletionDelay: "0 seconds" }
}

/** How a run may end: by code of the error, or `RecoveryRefused` if it was refused before it started. */
const known = ["recovered", "refused", "moved", "request", "RecoveryRefused"]

/** By default, somebody else acts before every eleventh request. */
const step = Long.isLong ? 1 : 11

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
  readonly prepare: Effect.Effect<unknown, unknown, RecoveryTest.World>
  /** What somebody else does, once, before a request of the run. Failures mean that it was not possible. */
  readonly actor: Effect.Effect<unknown, unknown, RecoveryTest.World>
  /** Called after the run. */
  readonly check: (
    run: { readonly message: string; readonly error: unknown; readonly hasActed: boolean }
  ) => Effect.Effect<unknown, unknown, RecoveryTest.World>
}

/** Runs a recovery once for each of its requests, with somebody else acting before that request. */
const everywhere = Effect.fnUntraced(function*({ actor, check, options, prepare }: Scenario) {
  const outcomes: Array<string> = []
  for (let point = 0;; point += step) {
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
    }).pipe(Effect.provide(project(short, tap)))
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

  describe("of an index that is replaced", () => {
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
