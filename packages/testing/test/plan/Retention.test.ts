import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Retention from "@pinecone-backups/core/plan/Retention"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Long from "../../../core/test/long.ts"
import { fastForward } from "../../../core/test/support.ts"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

const manual = (id: string, daysAgo: number, indexId = "docs-id") => ({
  backupId: Backup.BackupId.make(id),
  sourceIndexId: PineconeIndex.IndexId.make(indexId),
  name: id,
  recordCount: 100,
  createdAt: DateTime.subtract(now, { days: daysAgo })
})

/** Two indexes and a deleted one. One index has a schedule. */
const seeds: ControlPlane.Options = {
  now,
  indexes: [
    { name: "docs", id: "docs-old", deletedAt: "2026-10-01T00:00:00Z" },
    { name: "docs", id: "docs-id" },
    { name: "wiki", id: "wiki-id" }
  ],
  schedules: [{ id: "nightly", indexName: "docs", runs: [{}, {}] }],
  backups: [
    ...[1, 2, 3, 4, 5].map((days) => manual(`docs-${days}`, days)),
    ...[3, 4].map((days) => manual(`wiki-${days}`, days, "wiki-id")),
    ...[60, 70, 80].map((days) => manual(`old-${days}`, days, "docs-old"))
  ],
  project: { deletionDelay: "10 seconds" }
}

const rules: Retention.Rules = { last: 2 }
const options: Retention.PlanOptions = { orphans: true }

const doomed = ["docs-3", "docs-4", "docs-5", "old-80"]

/** Reads, plans and deletes. Returns the events. */
const prune = Effect.gen(function*() {
  const facts = yield* Retention.read(options)
  const plan = yield* Effect.fromResult(Retention.plan(rules, facts, options))
  return yield* Stream.runCollect(Retention.run(plan))
})

/** The IDs of all manual backups, after deletions have taken effect. */
const remaining = Effect.gen(function*() {
  yield* TestClock.adjust("1 minute")
  const backups = yield* Backups.Backups
  const all = yield* Stream.runCollect(backups.list())
  return all.map(({ backupId }) => String(backupId)).filter((id) => /^(docs|wiki|old)-\d/.test(id)).toSorted()
})

const everything = [1, 2, 3, 4, 5].map((days) => `docs-${days}`).concat(
  "old-60",
  "old-70",
  "old-80",
  "wiki-3",
  "wiki-4"
)
const kept = everything.filter((id) => !doomed.includes(id))

/** Runs a test on its own service, whose clock is that of the test. */
const on =
  (options: ControlPlane.Options) => <A, E>(test: Effect.Effect<A, E, Pinecone.Services | ControlPlane.ControlPlane>) =>
    Effect.andThen(TestClock.setTime(DateTime.toEpochMillis(now)), Effect.provide(test, PineconeMemory.layer(options)))

const tags = (events: ReadonlyArray<Retention.Event>) => events.map(({ _tag, backup }) => `${_tag} ${backup.backupId}`)

describe("Retention.run", () => {
  it.effect("deletes the backups of each index, oldest first, and nothing more when it is repeated", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(tags(yield* prune), ["docs-5", "docs-4", "docs-3", "old-80"].map((id) => `Deleted ${id}`))
      assert.deepStrictEqual(yield* remaining, kept)
      assert.deepStrictEqual(yield* prune, [])
    }).pipe(on(seeds)))

  it.effect("sends nothing for backups that someone else has deleted", () =>
    Effect.gen(function*() {
      const facts = yield* Retention.read({ indexes: [PineconeIndex.IndexName.make("docs")] })
      const plan = yield* Effect.fromResult(Retention.plan(rules, facts))
      const backups = yield* Backups.Backups
      yield* backups.delete(Backup.BackupId.make("docs-4"))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(tags(yield* Stream.runCollect(Retention.run(plan))), [
        "Deleted docs-5",
        "Gone docs-4",
        "Deleted docs-3"
      ])
    }).pipe(on(seeds)))

  it.effect("keeps a backup from which a restore has started since, and deletes the others", () =>
    Effect.gen(function*() {
      const facts = yield* Retention.read({ indexes: [PineconeIndex.IndexName.make("docs")] })
      const plan = yield* Effect.fromResult(Retention.plan(rules, facts))
      const backups = yield* Backups.Backups
      yield* backups.restore(Backup.BackupId.make("docs-4"), { name: "copy" })
      const events = yield* Stream.runCollect(Retention.run(plan))
      assert.deepStrictEqual(tags(events), ["Deleted docs-5", "Kept docs-4", "Deleted docs-3"])
      assert.deepStrictEqual(events.flatMap((event) => event._tag === "Kept" ? event.reasons : []), ["restoring"])
    }).pipe(on({ ...seeds, project: { restoreJobDelay: "1 hour" } })))

  it.effect("keeps everything once a new copy is empty, even with evenIfShrunk", () =>
    Effect.gen(function*() {
      const facts = yield* Retention.read({ indexes: [PineconeIndex.IndexName.make("wiki")] })
      const plan = yield* Effect.fromResult(Retention.plan({ last: 1 }, facts, { evenIfShrunk: true }))
      assert.deepStrictEqual(Retention.deletions(plan).map(({ backup }) => String(backup.backupId)), ["wiki-4"])
      const backups = yield* Backups.Backups
      yield* backups.create(PineconeIndex.IndexName.make("wiki"), { name: "empty" })
      yield* TestClock.adjust("1 hour")
      const events = yield* Stream.runCollect(Retention.run(plan))
      assert.deepStrictEqual(events.map((event) => event._tag === "Kept" && event.reasons), [["suspicious"]])
    }).pipe(on({
      ...seeds,
      indexes: seeds.indexes?.map((index) => ({ ...index, recordCount: 0 })) ?? []
    })))

  it.effect("deletes nothing of an index that was replaced", () =>
    Effect.gen(function*() {
      const facts = yield* Retention.read({ indexes: [PineconeIndex.IndexName.make("wiki")] })
      const plan = yield* Effect.fromResult(Retention.plan({ last: 1 }, facts))
      const { delete: remove } = yield* Indexes.Indexes
      const backups = yield* Backups.Backups
      yield* remove(PineconeIndex.IndexName.make("wiki"))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(
        (yield* Stream.runCollect(Retention.run(plan))).map((event) => event._tag === "NotTried" && event.problem),
        [{ _tag: "NotFound" }]
      )
      yield* backups.restore(Backup.BackupId.make("docs-1"), { name: "wiki" })
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(
        (yield* Stream.runCollect(Retention.run(plan))).map((event) => event._tag === "Kept" && event.reasons),
        [["unlisted"]]
      )
    }).pipe(on(seeds)))

  it.effect.each([1, 2, 3, 4, 5, 6])(
    "does not take a backup for one of a deleted index if it is created before request %s of the facts",
    (number) => {
      let plane: ControlPlane.Service | undefined
      let requests = 0
      return Effect.gen(function*() {
        plane = yield* ControlPlane.ControlPlane
        const facts = yield* Retention.read({ indexes: [PineconeIndex.IndexName.make("new")], orphans: true })
        const plan = yield* Effect.fromResult(Retention.plan(rules, facts, options))
        assert.deepStrictEqual(plan.groups.filter(({ isOrphaned }) => isOrphaned), [])
      }).pipe(on({
        now,
        chooseFault: (_, fault) =>
          Effect.suspend(() => {
            requests++
            return plane === undefined || requests !== number
              ? Effect.succeed(fault)
              : plane.seedIndex({ name: "new", id: "new-id" }).pipe(
                Effect.andThen(plane.seedBackup(manual("first", 0, "new-id"))),
                Effect.as(fault)
              )
          })
      }))
    }
  )

  it.effect("stops after the API key loses its permission", () =>
    Effect.gen(function*() {
      const events = yield* prune
      const { requests } = yield* ControlPlane.ControlPlane
      assert.strictEqual((yield* requests).at(-1)?.method, "DELETE")
      assert.deepStrictEqual(tags(events), [
        "Failed docs-5",
        ...["docs-4", "docs-3", "old-80"].map((id) => `NotTried ${id}`)
      ])
      assert.deepStrictEqual(yield* remaining, everything)
    }).pipe(on({ ...seeds, project: { deniedOperations: ["Backups.delete"] } })))

  it.effect("stops after five consecutive retryable failures", () =>
    Effect.gen(function*() {
      const facts = yield* Retention.read(options)
      const plan = yield* Effect.fromResult(Retention.plan({ last: 1 }, facts, options))
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.fault("Backups.listByIndex", Fault.respond({ status: 503 }), { times: "always" })
      const events = yield* fastForward(Stream.runCollect(Retention.run(plan)))
      assert.deepStrictEqual(
        events.map((event) => event._tag === "NotTried" && event.problem._tag === "Unreadable" && event.problem.what),
        ["backups", "backups", "backups", "backups", "backups", "service", "service"]
      )
      yield* plane.clearFaults
      assert.deepStrictEqual(yield* remaining, everything)
    }).pipe(on(seeds)))
})

/** Calls `act` before every request, with the number of the request, from 1. */
const before = (
  act: (request: number, operation: Fault.Operation | undefined) => Effect.Effect<Fault.Fault | undefined>
): ControlPlane.Options => {
  let count = 0
  return { ...seeds, chooseFault: (operation) => Effect.suspend(() => act(++count, operation)) }
}

/** The number of requests of an undisturbed run. */
const requestsOf = Effect.gen(function*() {
  yield* prune
  return (yield* (yield* ControlPlane.ControlPlane).requests).length
}).pipe(on(seeds))

describe("Retention.run, killed at any request and repeated", { timeout: 60_000 }, () => {
  it.effect.each(["before", "after"] as const)(
    "deletes exactly the backups of the plan: killed %s the request",
    (when) =>
      Effect.gen(function*() {
        const count = yield* requestsOf
        assert.isAbove(count, 15)
        for (let at = 1; at <= count; at++) {
          const killed = yield* Deferred.make<void>()
          const hang = when === "before" ? Fault.hang : Fault.afterCommit(Fault.hang)
          const kill = before((request) =>
            request === at ? Effect.as(Deferred.succeed(killed, undefined), hang) : Effect.undefined
          )
          yield* Effect.gen(function*() {
            // The fiber is interrupted once the request hangs.
            yield* Effect.raceFirst(prune, Effect.andThen(Deferred.await(killed), Effect.yieldNow))
            const left = yield* remaining
            assert.deepStrictEqual(kept.filter((id) => !left.includes(id)), [], `killed at ${at}`)
            yield* prune
            assert.deepStrictEqual(yield* remaining, kept, `killed at ${at}`)
          }).pipe(on(kill))
        }
      })
  )
})

describe("Retention.run with a second actor", { timeout: 60_000 }, () => {
  it.effect("keeps the copies that become the newest good ones, whenever others are deleted", () =>
    Effect.gen(function*() {
      const count = yield* requestsOf
      for (let at = 1; at <= count; at++) {
        let act: Effect.Effect<void> = Effect.void
        let left: ReadonlyArray<string> = []
        const acting = before((request, operation) =>
          // Nobody can notice a change between the list and the deletion.
          request === at && operation !== "Backups.delete" ? Effect.as(act, undefined) : Effect.undefined
        )
        yield* Effect.gen(function*() {
          const backups = yield* Backups.Backups
          // Someone deletes both copies that the rules keep.
          act = Effect.gen(function*() {
            for (const id of ["docs-1", "docs-2"]) yield* backups.delete(Backup.BackupId.make(id))
            const all = yield* Stream.runCollect(backups.list())
            left = all.map(({ backupId }) => String(backupId)).filter((id) => /^docs-\d/.test(id)).toSorted()
          }).pipe(Effect.orDie)
          yield* prune
          const end = yield* remaining
          for (const id of [...left.slice(0, 1), "wiki-3", "old-60"]) assert.include(end, id, `at ${at}`)
        }).pipe(on({ ...acting, project: { deletionDelay: 0 } }))
      }
    }))
})

describe("Retention.run under faults", { timeout: 60_000 }, () => {
  const answers = [
    Fault.reset,
    Fault.hang,
    Fault.html(),
    Fault.html({ status: 200 }),
    Fault.respond({ status: 500 }),
    Fault.respond({ status: 503, headers: { "retry-after": "1" } }),
    Fault.respond({ status: 200, body: {} }),
    Fault.truncated,
    Fault.unknownValues(),
    Fault.withoutFields(["created_at"]),
    Fault.withoutFields(["name"]),
    Fault.withoutFields(["record_count"]),
    Fault.withoutFields(["source_index_id"]),
    Fault.withoutFields(["data"]),
    Fault.missingData(),
    Fault.missingData({ data: "null" }),
    Fault.missingData({ pagination: "null" }),
    Fault.unreadableTimes(),
    Fault.futureDated(),
    Fault.rateLimited(),
    Fault.notFound,
    Fault.respond({ status: 401 }),
    Fault.respond({ status: 403 }),
    Fault.respond({ status: 409 }),
    Fault.respond({ status: 412 }),
    Fault.clockSkew({ date: "-10 minutes" })
  ]
  const operations = [
    "Indexes.list",
    "Indexes.describe",
    "BackupSchedules.list",
    "BackupSchedules.history",
    "Backups.listByIndex",
    "Backups.list",
    "RestoreJobs.list",
    "Backups.delete"
  ] as const

  it.effect.each(operations)(
    "deletes no backup that an undisturbed run keeps: %s",
    (operation) =>
      Effect.gen(function*() {
        for (
          const fault of [
            ...Long.cases(answers),
            ...(operation === "Backups.delete" ? Long.cases(answers).map((answer) => Fault.afterCommit(answer)) : [])
          ]
        ) {
          for (const skip of Long.isLong ? [0, 1, 4] : [1]) {
            yield* Effect.gen(function*() {
              const plane = yield* ControlPlane.ControlPlane
              yield* plane.fault(operation, fault, { skip })
              yield* fastForward(Effect.exit(prune))
              yield* plane.clearFaults
              const left = yield* remaining
              const what = `${fault._tag} at ${skip}`
              assert.deepStrictEqual(kept.filter((id) => !left.includes(id)), [], what)
              yield* prune
              assert.deepStrictEqual(yield* remaining, kept, what)
            }).pipe(on(seeds))
          }
        }
      })
  )
})
