import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Long from "../../../core/test/long.ts"
import * as RecoveryTest from "./RecoveryTest.ts"
import { deleteIndex, docs, id, killed, look, name, project, recover, writes } from "./RecoveryTest.ts"

/** Short operations have few polls, and each poll is a point at which a run can end. */
const short: RecoveryTest.ProjectOptions = { project: { restoreDuration: "20 seconds", backupDuration: "20 seconds" } }

/** By default, a run ends before and after every seventh request. */
const step = Long.isLong ? 1 : 7

/** Counts operations. */
const tally = (operations: ReadonlyArray<string | undefined>) => {
  const counts: Record<string, number> = {}
  for (const operation of operations) counts[operation ?? ""] = (counts[operation ?? ""] ?? 0) + 1
  return counts
}

interface Scenario {
  readonly options: RecoveryTest.Options
  readonly project?: RecoveryTest.ProjectOptions
  /** The state that the recovery starts from. */
  readonly prepare: Effect.Effect<unknown, unknown, RecoveryTest.World>
  /** What must be the same, wherever the first run ended. */
  readonly outcome: Effect.Effect<unknown, unknown, RecoveryTest.World>
  /** The writes of both runs together. */
  readonly writes: Readonly<Record<string, number>>
}

/** Ends a run before and after each of its requests, repeats it, and compares. Returns the number of points. */
const everywhere = Effect.fnUntraced(
  function*({ options, outcome, prepare, project: settings, writes: expected }: Scenario) {
    const reference = yield* Effect.gen(function*() {
      yield* prepare
      yield* recover(options)
      return yield* outcome
    }).pipe(Effect.provide(project({ ...short, ...settings })))
    let points = 0
    for (let point = 0, isOver = false; !isOver; point += step) {
      isOver = true
      for (const when of ["before", "after"] as const) {
        const tap = RecoveryTest.tap()
        yield* Effect.gen(function*() {
          yield* prepare
          const earlier = (yield* writes).length
          if (yield* killed(tap, point, when, options)) {
            isOver = false
            points++
            yield* recover(options)
          }
          const message = `killed ${when} request ${point}`
          assert.deepStrictEqual(yield* outcome, reference, message)
          assert.deepStrictEqual(tally((yield* writes).slice(earlier)), expected, message)
        }).pipe(Effect.provide(project({ ...short, ...settings }, tap)))
      }
    }
    return points
  }
)

/** The second newest of the seeded backups. */
const yesterday = id("backup-2")
const sideCopy = name("docs-from-backup-2")

describe("Recovery.run ended before and after each request, and repeated", () => {
  it.effect("recovers a deleted index with two writes", () =>
    Effect.gen(function*() {
      const points = yield* everywhere({
        options: { deletionProtection: "disabled" },
        prepare: deleteIndex(),
        outcome: look(),
        writes: { "Backups.restore": 1, "BackupSchedules.create": 1 }
      })
      assert.isAbove(points, 50 / step)
    }), 120_000)

  it.effect("makes a side copy with one write", () =>
    Effect.gen(function*() {
      const points = yield* everywhere({
        options: { to: name("docs-copy") },
        prepare: Effect.void,
        outcome: Effect.all([look(), look(name("docs-copy"))]),
        writes: { "Backups.restore": 1 }
      })
      assert.isAbove(points, 40 / step)
    }), 120_000)

  it.effect("replaces an index with one backup, one deletion and one restore", () =>
    Effect.gen(function*() {
      const points = yield* everywhere({
        options: { replace: true, backupId: yesterday },
        project: { indexes: [{ ...RecoveryTest.index, deletionProtection: "enabled" }] },
        prepare: recover({ to: sideCopy, backupId: yesterday }),
        outcome: look(docs),
        writes: {
          "Backups.create": 1,
          // The tags of the side copy, and the protection of the index.
          "Indexes.configure": 2,
          "Indexes.delete": 1,
          "Backups.restore": 1,
          "BackupSchedules.create": 1
        }
      })
      assert.isAbove(points, 100 / step)
    }), 240_000)
})
