import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import type * as Copies from "@pinecone-backups/core/health/Copies"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Guard from "@pinecone-backups/core/plan/Guard"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { fastForward } from "../../../core/test/support.ts"
import { stateOf } from "../support.ts"

const docs = PineconeIndex.IndexName.make("docs")

/** The time at which tests start. */
const start = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

const ago = (duration: Duration.Input) => DateTime.subtractDuration(start, duration)

/** A project with an index of 1,000 records, whose backups take 4 minutes. */
const project = (options: PineconeMemory.Options = {}) =>
  PineconeMemory.layer({
    indexes: [{ name: "docs", id: "docs-id", recordCount: 1_000 }],
    ...options,
    project: { backupDuration: "4 minutes", ...options.project }
  }).pipe(
    Layer.provide(Layer.effectDiscard(TestClock.setTime(DateTime.toEpochMillis(start)))),
    Layer.fresh
  )

const on = (options?: PineconeMemory.Options) => Effect.provide(project(options))

/** A manual backup of the given age. */
const manual = (age: Duration.Input, seed: Seed.Backup = {}): Seed.Backup => ({
  indexName: "docs",
  // The origin of a backup without a name is unknown, and so is its expiry.
  name: "manual",
  createdAt: ago(age),
  recordCount: 1_000,
  ...seed
})

/** Runs a guard on virtual time, and returns its exit and the number of times that the effect ran. */
const run = Effect.fnUntraced(function*(
  options?: Guard.Options,
  self: Effect.Effect<unknown, string, Guard.CurrentNet> = Effect.void
) {
  const runs = yield* Ref.make(0)
  const guarded = Effect.andThen(Ref.update(runs, (count) => count + 1), self).pipe(
    Effect.andThen(Guard.CurrentNet),
    Guard.guard(docs, options)
  )
  const exit = yield* Effect.exit(fastForward(guarded))
  return { exit, runs: yield* Ref.get(runs) }
})

/** The net of a guard that ran its effect once. */
const netOf = Effect.fnUntraced(function*(options?: Guard.Options) {
  const { exit, runs } = yield* run(options)
  assert.strictEqual(runs, 1)
  return yield* exit
})

/** The error of a guard that did not run its effect. */
const noNetOf = Effect.fnUntraced(function*(options?: Guard.Options) {
  const { exit, runs } = yield* run(options)
  assert.strictEqual(runs, 0)
  const error = yield* Effect.flip(exit)
  assert.instanceOf(error, Guard.NoNet)
  return error as Guard.NoNet
})

/** The state of a backup that is not good. */
const stateOfReason = ({ reason }: Guard.NoNet): Copies.State | undefined =>
  reason._tag === "NotGood" ? reason.state : undefined

/** The backups that guards created. */
const created = ControlPlane.ControlPlane.use((plane) =>
  Effect.map(stateOf(plane), ({ records }) => [...records.values()].filter(({ name }) => name?.startsWith("guard-")))
)

const requestsOf = (operation: Fault.Operation) =>
  ControlPlane.ControlPlane.use((plane) =>
    Effect.map(plane.requests, (requests) => requests.filter((request) => request.operation === operation))
  )

describe("Guard.guard", () => {
  describe("without maxAge", () => {
    it.effect("runs the effect once, after a new backup is ready, and returns its result", () =>
      Effect.gen(function*() {
        const seen: Array<string> = []
        const result = yield* fastForward(
          Effect.gen(function*() {
            const { backup, isReused } = yield* Guard.CurrentNet
            seen.push(`${backup.status} ${isReused}`)
            return "migrated"
          }).pipe(Guard.guard(docs, { description: "migrate" }))
        )
        assert.strictEqual(result, "migrated")
        assert.deepStrictEqual(seen, ["Ready false"])
        const [record, ...more] = yield* created
        assert.deepInclude(record, { name: "guard-20261121t200000z", description: "migrate" })
        assert.deepStrictEqual(more, [])
      }).pipe(on({ backups: [manual("1 hour")] })))

    it.effect("accepts the effect as its first argument, with options or without", () =>
      Effect.gen(function*() {
        const id = Effect.map(Guard.CurrentNet, ({ backup }) => backup.backupId)
        const first = yield* fastForward(Guard.guard(id, docs))
        const again = yield* fastForward(Guard.guard(id, docs, { maxAge: "1 hour" }))
        assert.strictEqual(again, first)
        assert.lengthOf(yield* created, 1)
      }).pipe(on()))

    it.effect("has the data until 15 minutes before the backup", () =>
      Effect.gen(function*() {
        const net = yield* netOf({ name: "before-reindex" })
        assert.strictEqual(net.backup.name, "before-reindex")
        assert.strictEqual(DateTime.formatIso(net.dataUntil), "2026-11-21T19:45:00.000Z")
      }).pipe(on()))

    it.effect("reports its progress, and waits before the backup for as long as settle", () =>
      Effect.gen(function*() {
        const seen: Array<string> = []
        const net = yield* netOf({
          settle: "15 minutes",
          onProgress: (progress) =>
            Effect.sync(() => {
              const text = Guard.Progress.$match(progress, {
                Settling: ({ duration }) => `settling ${Duration.format(duration)}`,
                Starting: ({ notReused }) => `starting, ${notReused}`,
                Waiting: ({ backup }) => backup.status
              })
              if (seen.at(-1) !== text) seen.push(text)
            })
        })
        assert.deepStrictEqual(seen, ["settling 15m", "starting, not-requested", "Initializing", "Ready"])
        assert.strictEqual(DateTime.formatIso(net.dataUntil), "2026-11-21T20:00:00.000Z")
        assert.strictEqual(net.backup.name, "guard-20261121t201500z")
      }).pipe(on()))

    it.effect("does not wait before it has found that the index does not exist", () =>
      Effect.gen(function*() {
        const { reason } = yield* noNetOf({ settle: "15 minutes" })
        assert.strictEqual(reason._tag, "IndexNotFound")
        assert.deepStrictEqual(yield* DateTime.now, start)
      }).pipe(on({ indexes: [] })))
  })

  describe("with maxAge", () => {
    const reusedOf = (maxAge: Duration.Input, timeout?: Duration.Input) =>
      Effect.map(netOf({ maxAge, timeout }), ({ backup, isReused }) => isReused ? backup.backupId : undefined)

    it.effect("counts the age of the data: a backup of a minute ago is 16 minutes old", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reusedOf("16 minutes"), "backup-1")
        assert.deepStrictEqual(yield* created, [])
        assert.isUndefined(yield* reusedOf("959 seconds"))
      }).pipe(on({ backups: [manual("1 minute")] })))

    it.effect("reuses the newest good backup", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reusedOf("6 hours"), "newest")
      }).pipe(on({
        backups: [
          manual("3 hours"),
          manual("2 hours", { backupId: Backup.BackupId.make("newest") }),
          manual("1 hour", { status: "InitializationFailed" }),
          manual("1 minute", { status: "Initializing" })
        ]
      })))

    it.effect.each<readonly [notReused: Guard.NotReused, why: string, backups: ReadonlyArray<Seed.Backup>]>([
      ["none", "there is no backup", []],
      ["none", "the only backup failed", [manual("1 hour", { status: "InitializationFailed" })]],
      ["none", "the only backup is still running", [manual("1 minute", { status: "Initializing" })]],
      ["none", "the only backup is empty", [manual("1 hour", { recordCount: 0 })]],
      ["none", "the only backup has no record count", [manual("1 hour", { recordCount: null })]],
      ["none", "the only backup has no time", [manual("1 hour", { createdAt: null })]],
      ["none", "the only backup is dated in the future", [manual("-1 hour")]],
      ["too-old", "the newest good backup is too old", [manual("6 hours"), manual("7 hours")]],
      ["doubtful", "a newer backup is empty", [manual("2 hours"), manual("1 hour", { recordCount: 0 })]],
      ["doubtful", "a newer backup has no record count", [manual("2 hours"), manual("1 hour", { recordCount: null })]],
      ["doubtful", "a newer backup is dated in the future", [manual("2 hours"), manual("-1 hour")]],
      ["doubtful", "a newer backup is shrunk", [
        ...[5, 4, 3].map((hours) => manual(`${hours} hours`)),
        manual("1 hour", { recordCount: 10 })
      ]]
    ])("creates a new backup (%s) if %s", ([notReused, , backups]) =>
      Effect.gen(function*() {
        const seen: Array<Guard.NotReused> = []
        const net = yield* netOf({
          maxAge: "6 hours",
          allowShrunk: true,
          onProgress: (progress) =>
            Effect.sync(() => {
              if (progress._tag === "Starting") seen.push(progress.notReused)
            })
        })
        assert.isFalse(net.isReused)
        assert.deepStrictEqual(seen, [notReused])
        assert.lengthOf(yield* created, 1)
      }).pipe(on({ backups })))

    const scheduled = (expireAfterDays: number): PineconeMemory.Options => ({
      schedules: [{ indexName: "docs", expireAfterDays, runs: 1 }]
    })

    it.effect("reuses a scheduled backup that expires more than 24 hours after the timeout", () =>
      Effect.gen(function*() {
        // Taken at 06:00 today, kept until 06:00 in two days: 34 hours from now.
        assert.match(yield* Effect.map(reusedOf("1 day", "9 hours"), String), /^backup/)
        assert.isUndefined(yield* reusedOf("1 day", "10 hours"))
      }).pipe(on(scheduled(2))))

    it.effect("does not reuse the backup of a deleted schedule, whose expiry is unknown", () =>
      Effect.gen(function*() {
        assert.isUndefined(yield* reusedOf("1 day"))
      }).pipe(on({
        backups: [manual("14 hours", { name: "docs-daily-20261121T060000Z", createdAt: "2026-11-21T06:00:01Z" })]
      })))

    it.effect.each(["BackupSchedules.list", "BackupSchedules.history"] as const)(
      "does not reuse a backup if %s fails",
      (operation) =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          yield* plane.fault(operation, Fault.respond({ status: 403 }), { times: 1 })
          const net = yield* netOf({ maxAge: "6 hours" })
          assert.isFalse(net.isReused)
        }).pipe(on({ ...scheduled(30), backups: [manual("1 hour")] }))
    )

    it.effect("does not reuse a backup of a deleted index with the same name", () =>
      Effect.gen(function*() {
        assert.isUndefined(yield* reusedOf("6 hours"))
      }).pipe(on({
        indexes: [
          { name: "docs", id: "old-id", deletedAt: ago("30 minutes") },
          { name: "docs", id: "docs-id", recordCount: 1_000 }
        ],
        backups: [manual("1 hour", { sourceIndexId: PineconeIndex.IndexId.make("old-id") })]
      })))

    it.effect("does not reuse a backup that is listed, but was deleted", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("Backups.describe", Fault.notFound, { times: 1 })
        assert.isUndefined(yield* reusedOf("6 hours"))
      }).pipe(on({ backups: [manual("1 hour")] })))
  })

  describe("reasons not to run", () => {
    it.effect.each(
      [
        ["maxAge", { maxAge: "14 minutes" }, /^maxAge: must be 15 minutes or more/],
        ["maxAge", { maxAge: NaN }, /^maxAge: Expected a duration/],
        ["timeout", { timeout: Duration.minutes(-1) }, /^timeout: Expected a duration/],
        ["settle", { settle: NaN }, /^settle: Expected a duration/],
        ["maxOutage", { maxOutage: NaN }, /^maxOutage: Expected a duration/],
        ["name", { name: "Not A Name" }, /^name: /]
      ] as const
    )("InvalidOption: an invalid %s sends nothing", ([, options, message]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const error = yield* noNetOf(options)
        assert.strictEqual(error.reason._tag, "InvalidOption")
        assert.match(error.message, message)
        assert.deepStrictEqual(yield* plane.requests, [])
      }).pipe(on({ apiVersion: "2026-07" })))

    it.effect("IndexNotFound", () =>
      Effect.gen(function*() {
        const error = yield* noNetOf()
        assert.strictEqual(error.reason._tag, "IndexNotFound")
        assert.strictEqual(error.message, "Index \"docs\" does not exist")
        assert.isUndefined(error.backupId)
      }).pipe(on({ indexes: [] })))

    it.effect("IndexNotFound: the index was deleted during the backup", () =>
      Effect.gen(function*() {
        const indexes = yield* Indexes.Indexes
        const error = yield* noNetOf({
          onProgress: ({ _tag }) => _tag === "Waiting" ? Effect.ignore(indexes.delete(docs)) : Effect.void
        })
        assert.strictEqual(error.reason._tag, "IndexNotFound")
        assert.strictEqual(error.backupId, "backup-1")
      }).pipe(on()))

    it.effect("IndexReplaced: a new index has the name, and backups of its own", () =>
      Effect.gen(function*() {
        const indexes = yield* Indexes.Indexes
        const plane = yield* ControlPlane.ControlPlane
        const replace = indexes.delete(docs).pipe(
          Effect.andThen(plane.seedIndex({ name: "docs", id: "new-id" })),
          Effect.andThen(plane.seedBackup({ indexName: "docs", sourceIndexId: PineconeIndex.IndexId.make("new-id") })),
          Effect.ignore
        )
        let isReplaced = false
        const error = yield* noNetOf({
          onProgress: ({ _tag }) => {
            if (_tag !== "Waiting" || isReplaced) return Effect.void
            isReplaced = true
            return replace
          }
        })
        assert.deepInclude(error.reason, { _tag: "IndexReplaced", indexId: PineconeIndex.IndexId.make("new-id") })
      }).pipe(on()))

    it.effect("IdentityUnknown: a new index has the name, and no backups", () =>
      Effect.gen(function*() {
        const indexes = yield* Indexes.Indexes
        const plane = yield* ControlPlane.ControlPlane
        const replace = Effect.ignore(
          Effect.andThen(indexes.delete(docs), plane.seedIndex({ name: "docs", id: "new-id" }))
        )
        let isReplaced = false
        const error = yield* noNetOf({
          onProgress: ({ _tag }) => {
            if (_tag !== "Waiting" || isReplaced) return Effect.void
            isReplaced = true
            return replace
          }
        })
        assert.include(["IdentityUnknown", "IndexReplaced"], error.reason._tag)
        assert.strictEqual(error.backupId, "backup-1")
      }).pipe(on()))

    it.effect("QuotaExceeded", () =>
      Effect.gen(function*() {
        const error = yield* noNetOf()
        assert.strictEqual(error.reason._tag, "QuotaExceeded")
        assert.match(error.message, /^No backup of index "docs" can be created: /)
        assert.deepStrictEqual(yield* created, [])
      }).pipe(on({ project: { backupQuota: 1 }, backups: [manual("1 hour")] })))

    it.effect("RequestFailed: a plan without backups", () =>
      Effect.gen(function*() {
        const { reason } = yield* noNetOf()
        assert.strictEqual(reason._tag, "RequestFailed")
      }).pipe(on({ project: { hasBackups: false } })))

    it.effect("BackupFailed", () =>
      Effect.gen(function*() {
        const error = yield* noNetOf()
        assert.strictEqual(error.reason._tag, "BackupFailed")
        assert.strictEqual(error.message, "Backup backup-1 of index \"docs\" failed")
        assert.strictEqual(error.backupId, "backup-1")
      }).pipe(on({ switches: { backupsEnd: "InitializationFailed" } })))

    it.effect("TimedOut: the backup continues, and a later guard reuses it", () =>
      Effect.gen(function*() {
        const error = yield* noNetOf({ timeout: "3 minutes" })
        assert.strictEqual(error.reason._tag, "TimedOut")
        assert.strictEqual(error.message, "Backup backup-1 of index \"docs\" was not ready after 3m")
        assert.strictEqual(error.backupId, "backup-1")
        yield* TestClock.adjust("10 minutes")
        const net = yield* netOf({ maxAge: "1 hour" })
        assert.deepStrictEqual([net.backup.backupId, net.isReused], ["backup-1", true])
      }).pipe(on()))

    it.effect("NotGood: the backup is empty, which allowEmpty accepts", () =>
      Effect.gen(function*() {
        const error = yield* noNetOf()
        assert.deepInclude(error.reason, { _tag: "NotGood", state: "empty" })
        assert.strictEqual(error.message, "Backup backup-3 of index \"docs\" has no records")
        const net = yield* netOf({ allowEmpty: true })
        assert.strictEqual(net.backup.recordCount, 0)
      }).pipe(on({
        indexes: [{ name: "docs", id: "docs-id", recordCount: 0 }],
        backups: [manual("3 days"), manual("2 days")]
      })))

    it.effect.each<readonly [state: Copies.State, fault: Fault.Fault, problem: string]>([
      ["uncounted", Fault.withoutFields(["record_count"]), "has no record count"],
      ["undated", Fault.unreadableTimes({ form: "missing" }), "has no time of creation"],
      ["future", Fault.futureDated(), "is dated in the future"]
    ])("NotGood: the backup is %s", ([state, fault, problem]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("Backups.describe", fault, { for: "1 day" })
        const error = yield* noNetOf({ allowEmpty: true, allowShrunk: true })
        assert.strictEqual(stateOfReason(error), state)
        assert.strictEqual(error.message, `Backup backup-1 of index "docs" ${problem}`)
      }).pipe(on()))

    it.effect.each<readonly [state: Copies.State, fault: Fault.Fault]>([
      ["undated", Fault.unreadableTimes({ form: "missing" })],
      ["future", Fault.futureDated()]
    ])("NotGood: allowEmpty does not accept a backup that is also %s", ([state, fault]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("Backups.describe", fault, { for: "1 day" })
        const error = yield* noNetOf({ allowEmpty: true })
        assert.strictEqual(stateOfReason(error), state)
      }).pipe(on({ indexes: [{ name: "docs", id: "docs-id", recordCount: 0 }] })))

    it.effect("Shrunk: the backup is far smaller than those before it, which allowShrunk accepts", () =>
      Effect.gen(function*() {
        const error = yield* noNetOf({ allowEmpty: true })
        assert.strictEqual(error.reason._tag, "Shrunk")
        assert.strictEqual(
          error.message,
          "Backup backup-4 of index \"docs\" has 10 records, and the median of the backups before it is 1000"
        )
        const net = yield* netOf({ allowShrunk: true })
        assert.strictEqual(net.backup.recordCount, 10)
      }).pipe(on({
        indexes: [{ name: "docs", id: "docs-id", recordCount: 10 }],
        backups: [manual("3 days"), manual("2 days"), manual("1 day")]
      })))
  })

  describe("the guarded effect", () => {
    it.effect("fails with GuardedFailure, with its error, the net and a remedy, and is not retried", () =>
      Effect.gen(function*() {
        const { exit, runs } = yield* run({}, Effect.fail("wrong type"))
        const error = yield* Effect.flip(exit)
        assert.strictEqual(runs, 1)
        assert.instanceOf(error, Guard.GuardedFailure)
        const failure = error as Guard.GuardedFailure<string>
        assert.strictEqual(failure.cause, "wrong type")
        assert.strictEqual(
          failure.message,
          "The change of index \"docs\" failed; backup backup-1 has the data from before"
        )
        assert.deepStrictEqual(failure.remedy, {
          _tag: "RecoverIndex",
          indexName: PineconeIndex.IndexName.make("docs"),
          backupId: Backup.BackupId.make("backup-1"),
          targetIndexName: PineconeIndex.IndexName.make("docs-from-backup-1")
        })
        assert.lengthOf(yield* created, 1)
      }).pipe(on()))

    it.effect("keeps a defect as it is, and its cause has the backup", () =>
      Effect.gen(function*() {
        const defect = new Error("a bug")
        const { exit, runs } = yield* run({}, Effect.die(defect))
        assert.isTrue(Exit.isFailure(exit))
        if (!Exit.isFailure(exit)) return
        assert.strictEqual(runs, 1)
        assert.strictEqual(Cause.squash(exit.cause), defect)
        assert.strictEqual(Guard.backupIdOf(exit.cause), "backup-1")
      }).pipe(on()))

    it.effect("keeps all reasons of a cause", () =>
      Effect.gen(function*() {
        const both = Cause.combine(Cause.fail("an error"), Cause.die("a bug"))
        const { exit } = yield* run({}, Effect.failCause(both))
        assert.isTrue(Exit.isFailure(exit))
        if (!Exit.isFailure(exit)) return
        assert.deepStrictEqual(exit.cause.reasons.map(({ _tag }) => _tag), ["Fail", "Die"])
      }).pipe(on()))

    it.effect("can be interrupted, runs its finalizers, and the cause has the backup", () =>
      Effect.gen(function*() {
        const steps: Array<string> = []
        const self = Effect.sync(() => steps.push("started")).pipe(
          Effect.andThen(Effect.never),
          Effect.ensuring(Effect.sync(() => steps.push("finalized")))
        )
        const fiber = yield* Effect.forkChild(Guard.guard(docs, { maxAge: "1 hour" })(self))
        yield* Effect.repeat(Effect.yieldNow, { times: 200 })
        yield* Fiber.interrupt(fiber)
        const exit = yield* Fiber.await(fiber)
        assert.deepStrictEqual(steps, ["started", "finalized"])
        assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
        assert.strictEqual(Exit.isFailure(exit) ? Guard.backupIdOf(exit.cause) : undefined, "backup-1")
      }).pipe(on({ backups: [manual("10 minutes")] })))
  })

  it.effect("uses the given time instead of a clock that is behind the service", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const { reason } = yield* noNetOf()
      assert.strictEqual(reason._tag, "NotGood")
      const net = yield* netOf({ now: plane.now })
      assert.strictEqual(net.backup.name?.slice(0, 19), "guard-20261121t2124")
    }).pipe(on({ now: "2026-11-21T21:20:00Z" })))

  it.effect("does not cancel the backup if the wait is interrupted, and the cause has its ID", () =>
    Effect.gen(function*() {
      const backups = yield* Backups.Backups
      const fiber = yield* Effect.forkChild(Guard.guard(docs)(Effect.die("not run")))
      yield* Effect.repeat(Effect.yieldNow, { times: 200 })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      const backupId = Exit.isFailure(exit) ? Guard.backupIdOf(exit.cause) : undefined
      assert.strictEqual(backupId, "backup-1")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* backups.describe(Backup.BackupId.make("backup-1"))).status, "Ready")
    }).pipe(on()))

  it.effect("has no backup in the cause if it is interrupted before one was started", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Guard.guard(docs, { settle: "15 minutes" })(Effect.die("not run")))
      yield* Effect.repeat(Effect.yieldNow, { times: 200 })
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Guard.backupIdOf(exit.cause) === undefined)
      assert.deepStrictEqual(yield* created, [])
    }).pipe(on()))

  it.effect("creates one backup if the response to the request is lost", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.fault("Backups.create", Fault.afterCommit(Fault.reset))
      const net = yield* netOf()
      const records = yield* created
      assert.deepStrictEqual(records.map(({ id }) => id), [net.backup.backupId])
      assert.lengthOf(yield* requestsOf("Backups.create"), 1)
    }).pipe(on({ backups: [manual("1 hour")] })))

  describe("under faults", () => {
    const faults: Readonly<Record<string, Fault.Fault>> = {
      "a reset": Fault.reset,
      "a hanging request": Fault.hang,
      "a bad gateway": Fault.html(),
      "a gateway timeout": Fault.html({ status: 504 }),
      "a page instead of JSON": Fault.html({ status: 200 }),
      "a server error": Fault.respond({ status: 500 }),
      "a refusal": Fault.respond({ status: 403 }),
      "an empty object": Fault.respond({ status: 200, body: {} }),
      "a rate limit": Fault.rateLimited({ retryAfter: "30 seconds" }),
      "not found": Fault.notFound,
      "a delay": Fault.delay("40 seconds"),
      "a truncated body": Fault.truncated,
      "unknown values": Fault.unknownValues(),
      "no identifiers": Fault.withoutFields(["backup_id", "schedule_id", "id", "name"]),
      "no counts": Fault.withoutFields(["record_count"]),
      "the wrong object": Fault.wrongObject(),
      "no rows": Fault.missingData(),
      "rows of null": Fault.missingData({ data: "null" }),
      "no pagination": Fault.missingData({ pagination: "missing" }),
      "unreadable times": Fault.unreadableTimes(),
      "future times": Fault.futureDated(),
      "a lost response": Fault.afterCommit(Fault.reset),
      "a truncated response after the write": Fault.afterCommit(Fault.truncated),
      "a success without a write": Fault.lyingSuccess()
    }
    const operations = [
      "Indexes.describe",
      "Backups.create",
      "Backups.describe",
      "Backups.listByIndex",
      "BackupSchedules.list",
      "BackupSchedules.history"
    ] as const

    for (const operation of operations) {
      describe(operation, () => {
        it.effect.each(Object.keys(faults).flatMap((name) => [[name, 1] as const, [name, 1_000] as const]))(
          "runs the effect only with a ready backup, and creates at most one: %s, %i times",
          ([name, times]) =>
            Effect.gen(function*() {
              const plane = yield* ControlPlane.ControlPlane
              yield* plane.fault(operation, faults[name]!, { times })
              const { exit, runs } = yield* run({ maxAge: "6 hours" })
              const records = yield* created
              assert.isAtMost(records.length, 1)
              if (Exit.isSuccess(exit)) {
                assert.strictEqual(runs, 1)
                const { backup } = exit.value
                yield* plane.clearFaults
                const backups = yield* Backups.Backups
                const own = yield* Stream.runCollect(backups.listByIndex(docs))
                const found = own.find(({ backupId }) => backupId === backup.backupId)
                assert.deepInclude(found, {
                  status: "Ready",
                  recordCount: 1_000,
                  sourceIndexId: PineconeIndex.IndexId.make("docs-id")
                })
              } else {
                assert.strictEqual(runs, 0)
                const error = yield* Effect.flip(exit)
                assert.instanceOf(error, Guard.NoNet)
                // A started backup is always named, unless its response was lost for good.
                if (records.length > 0 && operation !== "Backups.create") {
                  assert.strictEqual((error as Guard.NoNet).backupId, records[0]?.id)
                }
              }
            }).pipe(on({
              schedules: [{ indexName: "docs", expireAfterDays: 30, runs: 2 }],
              backups: [manual("7 hours")]
            }))
        )
      })
    }
  })
})

describe("Guard.remedyOf", () => {
  it.effect.each<readonly [index: string, backupId: string, expected: string]>([
    ["docs", "1F523CC8-5a39-4254-9518-bd394b7f4886", "docs-from-1f523cc8"],
    ["d".repeat(45), "backup-1234", `${"d".repeat(28)}-from-backup-1234`],
    ["docs", "backup-_1", "docs-from-back-01cn1hq"],
    ["docs", "abcdefg-h", "docs-from-abcdefg-h"],
    ["docs", "___", "docs-from-017h4c4"]
  ])("names the new index of a valid length: %s, %s", ([index, backupId, expected]) =>
    Effect.gen(function*() {
      const backups = yield* Backups.Backups
      const backup = yield* backups.describe(Backup.BackupId.make("backup-1"))
      const remedy = Guard.remedyOf({
        indexName: PineconeIndex.IndexName.make(index),
        backup: { ...backup, backupId: Backup.BackupId.make(backupId) },
        dataUntil: start,
        isReused: false
      })
      assert.strictEqual(remedy._tag === "RecoverIndex" ? remedy.targetIndexName : undefined, expected)
      assert.isAtMost(expected.length, 45)
    }).pipe(on({ backups: [manual("1 hour")] })))
})

describe("Guard.preview", () => {
  it.effect("returns the backup that would be reused", () =>
    Effect.gen(function*() {
      const preview = yield* Guard.preview(docs, { maxAge: "6 hours" })
      assert.deepInclude(preview, { _tag: "Reuse" })
      assert.deepStrictEqual(yield* created, [])
    }).pipe(on({ backups: [manual("1 hour")] })))

  it.effect("returns the request that would be sent", () =>
    Effect.gen(function*() {
      const preview = yield* Guard.preview(docs, { maxAge: "6 hours", description: "migrate" })
      assert.deepInclude(preview, { _tag: "Create", notReused: "too-old" })
      if (preview._tag !== "Create") return
      assert.deepInclude(preview.request, { method: "POST", path: "/indexes/docs/backups" })
      assert.deepStrictEqual(yield* created, [])
    }).pipe(on({ backups: [manual("1 day")] })))

  it.effect("fails with NoNet as the guard does", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Guard.preview(docs))
      assert.strictEqual(error.reason._tag, "IndexNotFound")
    }).pipe(on({ indexes: [] })))
})
