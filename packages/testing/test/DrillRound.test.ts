import { assert, describe, it } from "@effect/vitest"
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLeftovers from "@pinecone-backups/core/drill/DrillLeftovers"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as DrillSchedule from "@pinecone-backups/core/drill/DrillSchedule"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Cron from "effect/Cron"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { accepted, docs, finish, project, request, seedBackup, temporaries } from "./DrillTest.ts"
import { indexName } from "./support.ts"

const drills = Layer.merge(RestoreDrill.layer, DrillRound.layer)

const quick = DrillRequest.DrillSettings.make({
  verify: DrillRequest.count,
  recountAfter: Duration.zero,
  indexQuota: null
})

const names = Array.from({ length: 6 }, (_, n) => indexName(`docs-${n}`))

/** A project whose indexes have a backup each. */
const backedUp = project({
  indexes: names.map((name) => ({ name, dimension: 4, recordCount: 10 })),
  backups: names.map((indexName) => ({ indexName, createdAt: "2026-04-21T06:00:00Z" }))
})

const many = drills.pipe(Layer.provideMerge(DrillEngine.layer), Layer.provideMerge(backedUp))

describe("DrillRound", () => {
  it.effect("drills every index, with bounded concurrency", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(
        DrillRound.DrillRound.execute({ roundId: "r", indexes: names, settings: quick, concurrency: 2 })
      )
      let peak = 0
      yield* DrillEngine.settle
      while (fiber.pollUnsafe() === undefined) {
        yield* DrillEngine.advance("30 seconds")
        peak = Math.max(peak, (yield* temporaries).length)
      }
      const results = yield* finish(fiber)
      assert.deepStrictEqual(
        results.map(({ index, outcome }) => [index, outcome]),
        names.map((name) => [name, "SUCCESSFUL"])
      )
      assert.strictEqual(peak, 2)
      assert.deepStrictEqual(yield* temporaries, [])
      const log = yield* DrillLog.DrillLog
      const [first] = results
      assert.strictEqual((yield* log.get(first!.executionId))?.report?.drillId, "r/docs-0")
    }).pipe(Effect.provide(many)))

  it.effect("survives the cancellation of one of its drills", () =>
    Effect.gen(function*() {
      const two = names.slice(0, 2)
      const fiber = yield* Effect.forkChild(
        DrillRound.DrillRound.execute({ roundId: "r", indexes: two, settings: quick })
      )
      yield* DrillEngine.advance("3 minutes")
      yield* RestoreDrill.cancel(yield* RestoreDrill.executionId(DrillRound.drillIdOf("r", two[0]!)))
      const results = yield* finish(fiber)
      assert.deepStrictEqual(results.map(({ outcome }) => outcome), ["CANCELLED", "SUCCESSFUL"])
    }).pipe(Effect.provide(many)))

  it.effect("cancels its drills, which remove their indexes", () =>
    Effect.gen(function*() {
      const id = yield* DrillRound.DrillRound.execute(
        { roundId: "r", indexes: names, settings: quick, concurrency: 3 },
        { discard: true }
      )
      yield* DrillEngine.advance("3 minutes")
      assert.lengthOf(yield* temporaries, 3)
      yield* DrillRound.DrillRound.interrupt(id)
      yield* DrillEngine.advance("15 minutes")
      assert.deepStrictEqual(yield* temporaries, [])
      assert.strictEqual(yield* accepted("Backups.restore"), 3)
    }).pipe(Effect.provide(many)))

  it.effect("continues after a power loss, and restores every index once", () =>
    Effect.gen(function*() {
      const storage = yield* DrillEngine.makeStorage
      const boot = Effect.fnUntraced(function*(power: DrillEngine.Power) {
        const target = Layer.succeed(DrillTarget.DrillTarget, power.guardService(yield* DrillTarget.DrillTarget))
        const log = Layer.succeed(DrillLog.DrillLog, power.guardService(yield* DrillLog.DrillLog))
        return yield* Layer.buildWithScope(
          drills.pipe(Layer.provide([target, log]), Layer.provideMerge(DrillEngine.layerStorage(power.storage))),
          Scope.makeUnsafe()
        )
      })
      const round = { roundId: "r", indexes: names, settings: quick, concurrency: 2 }
      for (const after of ["3 minutes", "11 minutes", "16 minutes"] as const) {
        const power = DrillEngine.powered(storage)
        yield* Effect.forkDetach(
          DrillRound.DrillRound.execute(round, { discard: true }).pipe(Effect.provideContext(yield* boot(power)))
        )
        yield* DrillEngine.advance(after, "1 minute")
        yield* power.lose
      }
      const services = yield* boot(DrillEngine.powered(storage))
      const fiber = yield* Effect.forkChild(DrillRound.DrillRound.execute(round).pipe(Effect.provideContext(services)))
      const results = yield* finish(fiber, "4 hours", "1 minute")
      assert.deepStrictEqual(results.map(({ outcome }) => outcome), names.map(() => "SUCCESSFUL"))
      assert.strictEqual(yield* accepted("Backups.restore"), names.length)
      assert.deepStrictEqual(yield* temporaries, [])
    }).pipe(Effect.provide(backedUp)))

  it("is due for indexes without a recent successful drill", () => {
    const at = (iso: string) => DateTime.makeUnsafe(iso)
    const report = (index: PineconeIndex.IndexName, endedAt: string) => ({
      last: undefined as never,
      lastSuccessful: { indexName: index, times: { endedAt: at(endedAt) } } as never
    })
    const [old, fresh, older, never, failed, future] = names as [
      PineconeIndex.IndexName,
      PineconeIndex.IndexName,
      PineconeIndex.IndexName,
      PineconeIndex.IndexName,
      PineconeIndex.IndexName,
      PineconeIndex.IndexName
    ]
    const latest = new Map<PineconeIndex.IndexName, DrillLog.Latest>([
      [old, report(old, "2026-04-10T00:00:00Z")],
      [fresh, report(fresh, "2026-04-22T00:00:00Z")],
      [older, report(older, "2026-03-10T00:00:00Z")],
      [failed, { last: undefined as never, lastSuccessful: undefined }],
      [future, report(future, "2027-01-01T00:00:00Z")]
    ])
    const due = DrillRound.due(names.map((index) => ({ index, within: "7 days" })), latest, at("2026-04-23T00:00:00Z"))
    assert.deepStrictEqual(due, [never, failed, future, older, old])
  })
})

describe("DrillSchedule", () => {
  const nightly = (missed: Array<string>) =>
    DrillSchedule.layer({
      cron: Cron.parseUnsafe("0 3 * * *", "UTC"),
      round: () => Effect.succeed({ indexes: [docs], settings: quick }),
      onMissed: (at) => Effect.sync(() => void missed.push(DateTime.formatIso(at)))
    })

  /** Boots an engine with the schedule. Its scope is never closed. */
  const boot = Effect.fnUntraced(function*(power: DrillEngine.Power, missed: Array<string>) {
    const target = Layer.succeed(DrillTarget.DrillTarget, power.guardService(yield* DrillTarget.DrillTarget))
    const log = Layer.succeed(DrillLog.DrillLog, power.guardService(yield* DrillLog.DrillLog))
    yield* Layer.buildWithScope(
      Layer.merge(drills, nightly(missed)).pipe(
        Layer.provide([target, log]),
        Layer.provideMerge(DrillEngine.layerStorage(power.storage))
      ),
      Scope.makeUnsafe()
    )
  })

  const ids = DrillLog.DrillLog.use((log) =>
    Effect.map(
      log.list(),
      (entries) => entries.map(({ drillId, report }) => `${drillId} ${report?.outcome}`).toReversed()
    )
  )

  const night = (day: number) => `drills/2026-04-${day}T03:00:00.000Z/docs SUCCESSFUL`

  it.effect("runs one round each night", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const missed: Array<string> = []
      yield* boot(DrillEngine.powered(yield* DrillEngine.makeStorage), missed)
      yield* DrillEngine.advance("60 hours", "5 minutes")
      assert.deepStrictEqual(yield* ids, [night(24), night(25), night(26)])
      assert.deepStrictEqual(missed, [])
      assert.strictEqual(yield* accepted("Backups.restore"), 3)
    }).pipe(Effect.provide(project())))

  it.effect("runs one round for a night in which the power fails", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const storage = yield* DrillEngine.makeStorage
      const power = DrillEngine.powered(storage)
      yield* boot(power, [])
      yield* DrillEngine.advance("11 hours", "5 minutes")
      yield* DrillEngine.advance("3 minutes")
      assert.lengthOf(yield* temporaries, 1)
      yield* power.lose
      yield* boot(DrillEngine.powered(storage), [])
      yield* DrillEngine.advance("2 hours", "1 minute")
      assert.deepStrictEqual(yield* ids, [night(24)])
      assert.strictEqual(yield* accepted("Backups.restore"), 1)
      assert.deepStrictEqual(yield* temporaries, [])
    }).pipe(Effect.provide(project())))

  it.effect("reports missed nights, and continues with the next night", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const storage = yield* DrillEngine.makeStorage
      const power = DrillEngine.powered(storage)
      yield* boot(power, [])
      yield* DrillEngine.advance("1 hour", "5 minutes")
      yield* power.lose
      // Down for two nights, and up again at noon.
      yield* TestClock.adjust("43 hours")
      const missed: Array<string> = []
      yield* boot(DrillEngine.powered(storage), missed)
      yield* DrillEngine.advance("24 hours", "5 minutes")
      assert.deepStrictEqual(missed, ["2026-04-24T03:00:00.000Z", "2026-04-25T03:00:00.000Z"])
      assert.deepStrictEqual(yield* ids, [night(26)])
    }).pipe(Effect.provide(project())))
})

describe("DrillLeftovers", () => {
  it.effect("distinguishes indexes of running drills from leftovers", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* seedBackup()
      const running = yield* RestoreDrill.start(request())
      yield* DrillEngine.advance("3 minutes")
      // An index whose drill is in no log, as after a loss of the state directory.
      const lost = DrillIndex.make("0123456789abcdef0123456789abcdef")
      yield* plane.seedIndex({ name: lost.name, tags: { [DrillIndex.tag]: lost.executionId } })
      yield* plane.seedIndex({ name: "tagged", tags: { [DrillIndex.tag]: lost.executionId } })
      const name = DrillIndex.nameOf("fedcba9876543210fedcba9876543210")
      yield* plane.seedIndex({ name, tags: { team: "search" } })
      const list = yield* DrillLeftovers.list
      assert.deepStrictEqual(
        new Map(list.map(({ state, temporary }) => [temporary.executionId, state])),
        new Map([[running, "running"], [lost.executionId, "unknown"]])
      )
      yield* DrillLeftovers.remove(lost)
      assert.deepStrictEqual((yield* temporaries).map(({ executionId }) => executionId), [running])
      const refused = yield* Effect.flip(DrillLeftovers.remove(DrillIndex.make("fedcba9876543210fedcba9876543210")))
      assert.strictEqual(refused._tag === "DrillFailure" && refused.code, "name-taken")
    }).pipe(Effect.provide(RestoreDrill.layer.pipe(
      Layer.provideMerge(DrillEngine.layer),
      Layer.provideMerge(project())
    ))))

  it.effect("takes an index for a leftover when its drill has a report, or is too old", () =>
    Effect.gen(function*() {
      const now = yield* DateTime.now
      const temporary = DrillIndex.make("0123456789abcdef0123456789abcdef")
      const ago = (duration: Duration.Input) => DateTime.subtractDuration(now, Duration.fromInputUnsafe(duration))
      const entry = (startedAt: DateTime.Utc, report: unknown = null) =>
        ({ startedAt, report }) as unknown as DrillLog.DrillEntry
      const stateOf = (createdAt: DateTime.Utc | null, entry?: DrillLog.DrillEntry) =>
        DrillLeftovers.of({ temporary, createdAt }, entry, now).state
      assert.strictEqual(stateOf(ago("1 hour")), "running")
      assert.strictEqual(stateOf(ago("4 days")), "leftover")
      assert.strictEqual(stateOf(null), "unknown")
      assert.strictEqual(stateOf(ago("-1 day")), "unknown")
      assert.strictEqual(stateOf(null, entry(ago("1 hour"))), "running")
      assert.strictEqual(stateOf(ago("1 hour"), entry(ago("4 days"))), "leftover")
      assert.strictEqual(stateOf(ago("1 hour"), entry(ago("1 hour"), {})), "leftover")
    }))
})
