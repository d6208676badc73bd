import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Seed from "@pinecone-backups/testing/Seed"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

// Instants and lengths of time as the authors of tests write them.

const at = DateTime.makeUnsafe("2026-04-20T06:00:00Z")

/** The same instant in every form. */
const forms: ReadonlyArray<DateTime.DateTime.Input> = [
  at,
  DateTime.makeZonedUnsafe(at, { timeZone: "Europe/Berlin" }),
  "2026-04-20T06:00:00Z",
  "2026-04-20T08:00:00+02:00",
  DateTime.toEpochMillis(at),
  DateTime.toDateUtc(at),
  { year: 2026, month: 4, day: 20, hour: 6 }
]

const now = "2026-04-23T16:00:00Z"

/** A service in which everything that can have a time has that one. */
const plane = (at: DateTime.DateTime.Input) =>
  ControlPlane.make({
    now,
    indexes: [
      { name: "old", deletedAt: at, readyAt: at },
      { name: "docs", readyAt: at }
    ],
    schedules: [{
      indexName: "docs",
      createdAt: at,
      nextScheduledRun: at,
      runs: [{ plannedFor: at }, { createdAt: at }, { scheduledExecutionAt: at, status: "Scheduled" }]
    }],
    backups: [{ createdAt: at, sourceIndexDeletedAt: at }],
    restoreJobs: [{ createdAt: at, completedAt: at }]
  })

/** What an effect dies of. */
const defect = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.exit(effect), (exit) => Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined)

describe("an instant of a seed", () => {
  it.effect("is the same in every form", () =>
    Effect.gen(function*() {
      const expected = yield* Effect.flatMap(plane(at), ({ dump }) => dump)
      for (const form of forms) {
        assert.deepStrictEqual(yield* Effect.flatMap(plane(form), ({ dump }) => dump), expected)
      }
      const { seedBackup } = yield* ControlPlane.make({ now: Date.parse(now) })
      const { createdAt } = yield* seedBackup({ createdAt: "2026-04-20T06:00:00Z" })
      assert.deepStrictEqual(createdAt, at)
    }))

  it.effect.each<[key: string, make: Effect.Effect<unknown>]>([
    ["now", ControlPlane.make({ now: "yesterday" })],
    ["createdAt", ControlPlane.make({ now, backups: [{ createdAt: "soon" }] })],
    ["deletedAt", ControlPlane.make({ now, indexes: [{ deletedAt: Number.NaN }] })],
    ["plannedFor", ControlPlane.make({ now, schedules: [{ runs: [{ plannedFor: "" }] }] })],
    ["completedAt", ControlPlane.make({ now, restoreJobs: [{ completedAt: "never" }] })]
  ])("that is none is a SeedError: %s", ([key, make]) =>
    Effect.gen(function*() {
      const error = yield* defect(make)
      assert.instanceOf(error, Seed.SeedError)
      assert.deepInclude({ ...error }, { reason: "InvalidArgument" })
      assert.propertyVal(error, "message", `${key}: Expected an instant.`)
    }))
})

describe("a length of time of the project", () => {
  it.effect("is the same in every form", () =>
    Effect.gen(function*() {
      const dumpOf = (backupDuration: Duration.Input) =>
        Effect.flatMap(ControlPlane.make({ now, project: { backupDuration } }), ({ dump }) => dump)
      const expected = yield* dumpOf(Duration.minutes(3))
      assert.deepStrictEqual(yield* dumpOf("3 minutes"), expected)
      assert.deepStrictEqual(yield* dumpOf(180_000), expected)
      const later = yield* ControlPlane.make({ now })
      yield* later.configure({ project: { backupDuration: "3 minutes" } })
      assert.deepStrictEqual(yield* later.dump, expected)
    }))

  it.effect.each<Duration.Input>([-1, "-1 minute", "101000 days", "soon" as never])(
    "that is none is a defect: %j",
    (restoreDuration) =>
      Effect.gen(function*() {
        const error = yield* defect(ControlPlane.make({ now, project: { restoreDuration } }))
        assert.propertyVal(error, "message", "restoreDuration must be a duration of 0 to 36525 days")
      })
  )
})
