import { assert, describe, it } from "@effect/vitest"
import type * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import { ScheduleId } from "@pinecone-backups/core/BackupSchedule"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Recovery from "@pinecone-backups/core/plan/Recovery"
import * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import {
  connection,
  deleteIndex,
  docs,
  id,
  index,
  look,
  name,
  nightly,
  onTime,
  plan,
  program,
  project,
  recover,
  refusal,
  writes
} from "./RecoveryTest.ts"

const at = (time: string): DateTime.Utc => DateTime.makeUnsafe(time)

const stepsOf = ({ steps }: RecoveryPlan.RecoveryPlan) => steps.map(({ _tag }) => _tag)

const indexId = PineconeIndex.IndexId.make

/** The index that an operator deleted, and the schedule that it had. */
const deleted = { name: "docs", id: "index-docs", deletedAt: "2026-11-21T18:00:00Z", dimension: 4, recordCount: 100 }

/** A manual backup of a deleted index. */
const backup = (backupId: string, createdAt: string, seed: object = {}) => ({
  backupId: id(backupId),
  sourceIndexId: indexId("index-docs"),
  indexName: "docs",
  createdAt,
  recordCount: 100,
  ...seed
})

describe("Recovery", () => {
  describe("the worked cases", () => {
    it.effect("1: a deleted index whose settings are given comes back with two writes", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        const { result } = yield* recover({
          schedule: { name: "docs-daily", frequency: "weekly", retentionDays: 90 },
          deletionProtection: "disabled",
          tags: { tier: "gold", team: null }
        })
        assert.deepStrictEqual(yield* writes, ["Indexes.delete", "Backups.restore", "BackupSchedules.create"])
        assert.strictEqual(result.verification?.verdict, "verified")
        assert.strictEqual(result.verification?.recounted?.records, 100)
        assert.strictEqual(result.verification?.sampled?.sound, 20)
        const found = yield* look()
        assert.deepStrictEqual(found.tags, { tier: "gold" })
        assert.strictEqual(found.deletionProtection, "disabled")
        assert.deepStrictEqual(found.schedules, [
          { name: "docs-daily", frequency: "weekly", retentionDays: 90, enabled: true }
        ])
      }).pipe(Effect.provide(project())))

    it.effect("2: a deleted index whose settings are not given has a plan that marks them as conclusions and defaults", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        const { consent, settings } = yield* plan()
        assert.strictEqual(consent, "free")
        assert.deepStrictEqual(settings.schedule, {
          name: { value: "nightly", source: "inferred" },
          frequency: { value: "daily", source: "inferred" },
          retentionDays: { value: 30, source: "inferred" },
          isPaused: false
        })
        assert.deepStrictEqual(settings.deletionProtection, { value: "enabled", source: "default" })
        const answered = yield* plan({ schedule: { retentionDays: 60 }, deletionProtection: "disabled" })
        assert.deepStrictEqual(answered.settings.schedule?.retentionDays, { value: 60, source: "options" })
        assert.deepStrictEqual(answered.settings.schedule?.name, { value: "nightly", source: "inferred" })
        assert.deepStrictEqual(answered.settings.deletionProtection, { value: "disabled", source: "options" })
      }).pipe(Effect.provide(project())))

    it.effect("3: a deleted index whose settings are not given gets the careful ones", () =>
      Effect.gen(function*() {
        const before = yield* look()
        yield* deleteIndex()
        yield* recover()
        assert.deepStrictEqual(yield* look(), { ...before, deletionProtection: "enabled" })
      }).pipe(Effect.provide(project())))

    it.effect("4: a restore whose response is lost is found and waited for", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* deleteIndex()
        yield* plane.fault("Backups.restore", Fault.afterCommit(Fault.reset))
        const { result } = yield* recover()
        assert.strictEqual(result.verification?.verdict, "verified")
        assert.isNotNull(result.started.restoreJobId)
        assert.deepStrictEqual((yield* writes).filter((operation) => operation === "Backups.restore").length, 0)
        const requests = yield* plane.requests
        assert.strictEqual(requests.filter(({ operation }) => operation === "Backups.restore").length, 1)
      }).pipe(Effect.provide(project())))

    it.effect("5: a run that ended before it created the schedule continues with one write", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* deleteIndex()
        yield* plane.fault("BackupSchedules.create", Fault.respond({ status: 503 }), { times: "always" })
        const error = yield* Effect.flip(recover())
        assert.strictEqual(error._tag, "RecoveryError")
        assert.strictEqual(error._tag === "RecoveryError" && error.step?._tag, "CreateSchedule")
        assert.isNotNull(error._tag === "RecoveryError" && error.started.restoreJobId)
        yield* plane.clearFaults
        const again = yield* plan()
        assert.strictEqual(again.state, "restored")
        assert.deepStrictEqual(stepsOf(again), ["Verify", "CreateSchedule"])
        yield* recover()
        assert.deepStrictEqual(yield* writes, ["Indexes.delete", "Backups.restore", "BackupSchedules.create"])
      }).pipe(Effect.provide(project())))

    it.effect("6: an empty index that somebody created in the meantime is not overwritten", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* deleteIndex()
        yield* plane.seedIndex({ name: "docs", recordCount: 0, dimension: 4 })
        const refused = yield* refusal()
        assert.strictEqual(refused.reason._tag, "IndexExists")
        if (refused.reason._tag !== "IndexExists") return
        const { copy, sideCopy } = refused.reason
        assert.strictEqual(copy.sourceIndexId, index.id)
        yield* recover({ to: sideCopy, backupId: copy.backupId })
        const replacement = yield* plan({ replace: true, backupId: copy.backupId })
        assert.strictEqual(replacement.consent, "typed")
        assert.notInclude(stepsOf(replacement), "BackUp")
        yield* recover({ replace: true, backupId: copy.backupId })
        assert.strictEqual((yield* look()).recordCount, 100)
        assert.deepStrictEqual(yield* writes, [
          "Indexes.delete",
          "Backups.restore",
          "Indexes.configure",
          "Indexes.delete",
          "Backups.restore"
        ])
      }).pipe(Effect.provide(project())))

    it.effect("7: an empty and a shrunk backup are skipped, with reasons", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        const { copy, skipped } = yield* plan()
        assert.deepStrictEqual(skipped.map(({ reason, recordCount }) => [reason, recordCount]), [
          ["empty", 0],
          ["shrunk", 12]
        ])
        assert.strictEqual(copy.recordCount, 100)
        assert.strictEqual(DateTime.formatIso(copy.takenAt ?? at("2000-01-01")), "2026-11-19T06:00:00.000Z")
      }).pipe(Effect.provide(project({
        schedules: [{ ...nightly, runs: [{ recordCount: 0 }, { recordCount: 12 }, {}, {}, {}, {}] }]
      }))))

    it.effect("8: a damaged index is replaced by a verified side copy of an earlier backup", () =>
      Effect.gen(function*() {
        const before = yield* look()
        const options = { at: at("2026-11-20T12:00:00Z") }
        const refused = yield* refusal(options)
        assert.strictEqual(refused.reason._tag, "IndexExists")
        if (refused.reason._tag !== "IndexExists") return
        const { copy, sideCopy } = refused.reason
        const missing = yield* refusal({ ...options, replace: true })
        assert.deepInclude(missing.reason, { _tag: "NoSideCopy", sideCopy })

        const copied = yield* recover({ ...options, to: sideCopy })
        assert.strictEqual(copied.result.verification?.verdict, "verified")
        assert.isNull(copied.result.scheduled)
        const side = yield* look(sideCopy)
        assert.deepStrictEqual(side.schedules, [])
        assert.strictEqual(side.deletionProtection, "disabled")
        assert.deepStrictEqual(side.tags, {
          team: "search",
          [RecoveryPlan.tags.recover]: "docs",
          [RecoveryPlan.tags.schedule]: "daily;30;on;nightly",
          [RecoveryPlan.tags.protection]: "disabled"
        })

        const replacement = yield* plan({ ...options, replace: true })
        assert.strictEqual(replacement.consent, "typed")
        assert.deepStrictEqual(stepsOf(replacement), [
          "Verify",
          "BackUp",
          "SaveSettings",
          "Delete",
          "AwaitDeletion",
          "Restore",
          "AwaitRestore",
          "Verify",
          "CreateSchedule"
        ])
        const { result } = yield* recover({ ...options, replace: true })
        assert.deepStrictEqual(yield* look(), before)
        assert.strictEqual(result.index.sourceBackupId, copy.backupId)
        assert.strictEqual(result.sideCopy, sideCopy)
        assert.isNotNull(result.started.damagedBackupId)
      }).pipe(Effect.provide(project())))

    describe("9: a run that ended between the deletion and the restore", () => {
      const options = { at: at("2026-11-20T12:00:00Z") }

      /** Deletes the index for a replacement, and ends before the restore. */
      const interrupt = Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const { plan } = yield* recover({ ...options, to: name("docs-side") })
        yield* plane.fault("Backups.restore", Fault.respond({ status: 500 }), { times: "always" })
        const error = yield* Effect.flip(recover({ ...options, to: name("docs-side"), replace: true }))
        assert.isTrue(error._tag === "RecoveryError" && error.started.hasDeleted)
        yield* plane.clearFaults
        return plan.copy
      })

      it.effect("continues with the backup of the side copy, not with the newest", () =>
        Effect.gen(function*() {
          const before = yield* look()
          const copy = yield* interrupt
          const again = yield* plan()
          assert.strictEqual(again.state, "interrupted")
          assert.strictEqual(again.consent, "free")
          assert.strictEqual(again.copy.backupId, copy.backupId)
          assert.strictEqual(again.sideCopy, name("docs-side"))
          yield* recover()
          assert.deepStrictEqual(yield* look(), before)
        }).pipe(Effect.provide(project())))

      it.effect("does not use the backup of the damaged index even without the side copy", () =>
        Effect.gen(function*() {
          yield* interrupt
          yield* deleteIndex(name("docs-side"))
          const { copy, skipped } = yield* plan()
          assert.strictEqual(skipped[0]?.reason, "before-replace")
          assert.strictEqual(DateTime.formatIso(copy.takenAt ?? at("2000-01-01")), "2026-11-21T06:00:00.000Z")
        }).pipe(Effect.provide(project())))

      it.effect("reports a backup that was deleted in between, and where its data is", () =>
        Effect.gen(function*() {
          const backups = yield* Backups.Backups
          const copy = yield* interrupt
          yield* onTime(backups.delete(copy.backupId))
          yield* onTime(Effect.sleep("1 hour"))
          const { reason } = yield* refusal()
          assert.deepStrictEqual(reason, {
            _tag: "BackupDeleted",
            backupId: copy.backupId,
            sideCopy: name("docs-side")
          })
        }).pipe(Effect.provide(project())))

      it.effect("is not assumed because of a side copy that was made to look at", () =>
        Effect.gen(function*() {
          yield* recover({ ...options, to: name("docs-side") })
          yield* deleteIndex()
          const { copy, state } = yield* plan()
          assert.strictEqual(state, "absent")
          assert.strictEqual(DateTime.formatIso(copy.takenAt ?? at("2000-01-01")), "2026-11-21T06:00:00.000Z")
        }).pipe(Effect.provide(project())))
    })

    it.effect("10: a run that ended after it disabled the protection does not disable it again, and restores it", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const before = yield* look()
        const { plan: copied } = yield* recover({ to: name("docs-side") })
        const options = { replace: true, to: name("docs-side"), backupId: copied.copy.backupId }
        yield* plane.fault("Indexes.delete", Fault.respond({ status: 400 }))
        yield* Effect.flip(recover(options))
        assert.strictEqual((yield* look()).deletionProtection, "disabled")
        const again = yield* plan(options)
        assert.strictEqual(again.consent, "typed")
        assert.deepStrictEqual(stepsOf(again).slice(0, 2), ["Verify", "Delete"])
        assert.deepStrictEqual(again.settings.deletionProtection, { value: "enabled", source: "side-copy" })
        yield* recover(options)
        assert.deepStrictEqual(yield* look(), before)
      }).pipe(Effect.provide(project({ indexes: [{ ...index, deletionProtection: "enabled" }] }))))

    it.effect("10: an index that is deleted after a replacement was given up comes back from its newest backup", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const { plan: copied } = yield* recover({ to: name("docs-side") })
        yield* plane.fault("Indexes.delete", Fault.respond({ status: 400 }))
        yield* Effect.flip(recover({ replace: true, to: name("docs-side"), backupId: copied.copy.backupId }))
        yield* plane.clearFaults
        yield* TestClock.adjust("5 days")
        yield* deleteIndex()
        const { copy, state } = yield* plan()
        assert.strictEqual(state, "absent")
        assert.deepStrictEqual(copy.takenAt, at("2026-11-26T06:00:00Z"))
      }).pipe(Effect.provide(project())))

    describe("10: a side copy of a replacement that may have been given up", () => {
      const replacement = { replace: true, to: name("docs-side") }

      /** Makes a side copy, fails to replace the index with it, and gives up. */
      const giveUp = Effect.fnUntraced(function*(options: Partial<RecoveryPlan.Options>) {
        const plane = yield* ControlPlane.ControlPlane
        const { plan } = yield* recover({ to: name("docs-side") })
        yield* plane.fault("Indexes.delete", Fault.respond({ status: 400 }))
        const { backupId } = plan.copy
        const error = yield* Effect.flip(recover({ ...replacement, ...options, backupId }))
        yield* plane.clearFaults
        return { backupId, damagedBackupId: error._tag === "RecoveryError" ? error.started.damagedBackupId : null }
      })

      const expectDoubt = Effect.fnUntraced(function*(backupId: Backup.BackupId, count: number, newest: string) {
        const { consent, copy, state, warnings } = yield* plan()
        assert.strictEqual(state, "interrupted")
        assert.strictEqual(consent, "yes")
        assert.strictEqual(copy.backupId, backupId)
        const [warning] = warnings
        assert.deepStrictEqual(
          warning?._tag === "NewerBackups" && [warning.count, warning.newest.takenAt],
          [count, at(newest)]
        )
        // With the ID of a backup, there is no doubt.
        const given = yield* plan({ backupId })
        assert.strictEqual(given.consent, "free")
        assert.notInclude(given.warnings.map(({ _tag }) => _tag), "NewerBackups")
      })

      it.effect("is only used with a yes if the damaged index was not backed up", () =>
        Effect.gen(function*() {
          const { backupId } = yield* giveUp({ backUpFirst: false })
          yield* TestClock.adjust("5 days")
          yield* deleteIndex()
          yield* expectDoubt(backupId, 5, "2026-11-26T06:00:00Z")
        }).pipe(Effect.provide(project())))

      it.effect("is only used with a yes if the backup of the damaged index was deleted", () =>
        Effect.gen(function*() {
          const backups = yield* Backups.Backups
          const { backupId, damagedBackupId } = yield* giveUp({})
          yield* onTime(backups.delete(damagedBackupId ?? id("")))
          yield* TestClock.adjust("5 days")
          yield* deleteIndex()
          yield* expectDoubt(backupId, 5, "2026-11-26T06:00:00Z")
        }).pipe(Effect.provide(project())))

      describe("of an index that was not the first with its name", () => {
        const later = project({
          indexes: [
            { name: "docs", id: "index-old", deletedAt: "2026-11-20T12:00:00Z", dimension: 4, recordCount: 100 },
            { name: "docs", id: "index-later", dimension: 4, recordCount: 55 }
          ],
          schedules: [{ id: ScheduleId.make("schedule-later"), name: "later", indexName: "docs", runs: 1 }],
          backups: ["2026-11-18", "2026-11-19", "2026-11-20"].map((day) =>
            backup(`old-${day}`, `${day}T06:00:00Z`, { sourceIndexId: indexId("index-old") })
          )
        })
        const first = { to: name("docs-side"), backupId: id("old-2026-11-18") }

        it.effect("is used if the replacement was interrupted", () =>
          Effect.gen(function*() {
            const plane = yield* ControlPlane.ControlPlane
            yield* recover(first)
            yield* plane.fault("Backups.restore", Fault.respond({ status: 500 }), { times: "always" })
            yield* Effect.flip(recover({ ...first, replace: true }))
            yield* plane.clearFaults
            const { consent, state, warnings } = yield* plan()
            assert.deepStrictEqual([state, consent], ["interrupted", "free"])
            assert.notInclude(warnings.map(({ _tag }) => _tag), "NewerBackups")
          }).pipe(Effect.provide(later)))

        it.effect("is only used with a yes if the index was backed up again before it was deleted", () =>
          Effect.gen(function*() {
            const plane = yield* ControlPlane.ControlPlane
            yield* recover(first)
            yield* plane.fault("Indexes.delete", Fault.respond({ status: 400 }))
            yield* Effect.flip(recover({ ...first, replace: true }))
            yield* plane.clearFaults
            yield* TestClock.adjust("20 hours")
            yield* deleteIndex()
            yield* expectDoubt(first.backupId, 1, "2026-11-22T06:00:00Z")
          }).pipe(Effect.provide(later)))
      })

      it.effect("is only used with a yes if the index was backed up again before it was deleted", () =>
        Effect.gen(function*() {
          const { backupId } = yield* giveUp({})
          yield* TestClock.adjust("20 hours")
          yield* deleteIndex()
          yield* expectDoubt(backupId, 1, "2026-11-22T06:00:00Z")
        }).pipe(Effect.provide(project())))
    })

    it.effect("11: a failed restore is reported, and what it left behind is removed with replace", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* deleteIndex()
        yield* plane.configure({ switches: { restoresEnd: "Failed" } })
        const error = yield* Effect.flip(recover())
        assert.strictEqual(error._tag === "RecoveryError" && error.code, "restore-failed")
        const { reason } = yield* refusal()
        assert.deepInclude(reason, { _tag: "RestoreFailed", isRemovable: true, indexName: docs })
        assert.isNotNull(reason._tag === "RestoreFailed" && reason.older)
        yield* plane.configure({ switches: { restoresEnd: "Completed" } })
        const again = yield* plan({ replace: true })
        assert.strictEqual(again.consent, "free")
        assert.deepStrictEqual(stepsOf(again).slice(0, 3), ["DeleteFailed", "AwaitDeletion", "Restore"])
        const { result } = yield* recover({ replace: true })
        assert.strictEqual(result.verification?.verdict, "verified")
        assert.strictEqual((yield* look()).recordCount, 100)
      }).pipe(Effect.provide(project())))

    it.effect("11: what a failed restore of a side copy left behind is not removed, and no command claims that it is", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.configure({ switches: { restoresEnd: "Failed" } })
        yield* Effect.flip(recover({ to: name("docs-side") }))
        const { reason } = yield* refusal({ to: name("docs-side") })
        assert.deepInclude(reason, { _tag: "RestoreFailed", isRemovable: false, indexName: name("docs-side") })
        const replaced = yield* refusal({ to: name("docs-side"), replace: true })
        assert.deepInclude(replaced.reason, { _tag: "RestoreFailed", isRemovable: false })
      }).pipe(Effect.provide(project())))

    it.effect("11: an index whose status is unknown is counted before it is removed", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* deleteIndex()
        yield* plane.configure({ switches: { restoresEnd: "Failed" } })
        yield* Effect.flip(recover())
        const indexes = yield* Indexes.Indexes
        const withoutStatus = (index: PineconeIndex.PineconeIndex) => ({ ...index, status: null })
        const error = yield* Effect.flip(recover({ replace: true })).pipe(
          Effect.provideService(Indexes.Indexes, {
            ...indexes,
            list: Effect.map(indexes.list, (all) => all.map(withoutStatus)),
            describe: (name) => Effect.map(indexes.describe(name), withoutStatus)
          })
        )
        // The index cannot be counted.
        assert.deepInclude(error, { _tag: "RecoveryError", code: "request" })
        assert.deepStrictEqual(yield* writes, ["Indexes.delete", "Backups.restore"])
      }).pipe(Effect.provide(project())))

    it.effect("12: of two deleted indexes, the one that was deleted last is recovered, and the other is listed", () =>
      Effect.gen(function*() {
        const { copy, others } = yield* plan()
        assert.strictEqual(copy.backupId, id("later"))
        assert.deepStrictEqual(others, [{
          indexId: indexId("index-first"),
          deletedAt: at("2026-11-10T00:00:00Z"),
          goodCopies: 1,
          newestAt: at("2026-11-20T06:00:00Z")
        }])
        const chosen = yield* plan({ indexId: indexId("index-first") })
        assert.strictEqual(chosen.copy.backupId, id("first"))
        const unknown = yield* refusal({ indexId: indexId("index-none") })
        assert.strictEqual(unknown.reason._tag, "UnknownIndexId")
      }).pipe(Effect.provide(project({
        indexes: [{ ...deleted, id: "index-first", deletedAt: "2026-11-10T00:00:00Z" }, deleted],
        schedules: [],
        backups: [
          backup("first", "2026-11-20T06:00:00Z", { sourceIndexId: indexId("index-first") }),
          backup("later", "2026-11-15T06:00:00Z")
        ]
      }))))

    it.effect("13: a backup that expires during the restore is reported with one that does not", () =>
      Effect.gen(function*() {
        const { consent, copy, warnings } = yield* plan({ to: name("docs-side") })
        assert.strictEqual(consent, "yes")
        assert.deepStrictEqual(warnings, [{
          _tag: "ExpiresSoon",
          backupId: copy.backupId,
          at: at("2026-11-21T20:20:00Z"),
          alternative: id("manual"),
          scheduleId: ScheduleId.make("schedule-docs")
        }])
      }).pipe(Effect.provide(project({
        schedules: [{ ...nightly, expireAfterDays: 1, runs: [{ plannedFor: "2026-11-20T20:20:00Z" }] }],
        backups: [backup("manual", "2026-11-19T12:00:00Z")]
      }))))

    describe("14: an unknown count", () => {
      it.effect("of namespaces leaves the index unverified", () =>
        Effect.gen(function*() {
          const { result } = yield* recover()
          assert.strictEqual(result.verification?.verdict, "unverified")
          assert.strictEqual(result.verification?.reason?.code, "unknown-count")
        }).pipe(Effect.provide(project({
          indexes: [deleted],
          schedules: [],
          backups: [backup("only", "2026-11-20T06:00:00Z", { namespaceCount: null })]
        }))))

      it.effect("of records rules a backup out, unless its ID is given", () =>
        Effect.gen(function*() {
          const { reason } = yield* refusal()
          assert.strictEqual(reason._tag, "NoGoodCopy")
          assert.deepInclude(reason._tag === "NoGoodCopy" ? reason.best : null, {
            backupId: id("only"),
            reason: "uncounted"
          })
          const { result } = yield* recover({ backupId: id("only") })
          assert.strictEqual(result.verification?.verdict, "unverified")
        }).pipe(Effect.provide(project({
          indexes: [deleted],
          schedules: [],
          backups: [backup("only", "2026-11-20T06:00:00Z", { recordCount: null })]
        }))))
    })
  })

  describe("a backup with far fewer records than the only one before it", () => {
    const two = (...counts: ReadonlyArray<number>) =>
      project({
        indexes: [deleted],
        schedules: [],
        backups: counts.map((recordCount, position) =>
          backup(`backup-of-${recordCount}`, `2026-11-${18 + position}T06:00:00Z`, { recordCount })
        )
      })
    const warned = Effect.map(plan(), ({ copy, warnings }) => [
      copy.recordCount,
      warnings.flatMap((warning) => warning._tag === "FewerRecords" ? warning.earlier.recordCount : [])
    ])

    it.effect("is restored with a warning that names the earlier one", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* warned, [10, [100_000]])
        const [warning] = (yield* plan()).warnings
        assert.deepInclude(warning, { _tag: "FewerRecords", recordCount: 10 })
      }).pipe(Effect.provide(two(100_000, 10))))

    it.effect("is restored without a warning if it is not that much smaller", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* warned, [60, []])
      }).pipe(Effect.provide(two(100, 60))))

    it.effect("is restored with a warning if an empty one is between them", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* warned, [10, [1000]])
      }).pipe(Effect.provide(two(1000, 0, 10))))
  })

  it.effect("reports the times of its own clock", () =>
    Effect.gen(function*() {
      const { events, result } = yield* recover({}, { now: Effect.map(DateTime.now, DateTime.add({ days: 100 })) })
      const { counted, recounted, sampled } = result.verification ?? {}
      const again = events.flatMap((event) => event._tag === "Recounting" ? event.at : [])
      assert.lengthOf(again, 1)
      for (const time of [counted?.at, recounted?.at, sampled?.at, ...again]) {
        assert.strictEqual(time && DateTime.formatIsoDateUtc(time), "2027-03-01")
      }
      assert.deepStrictEqual(counted && DateTime.add(counted.at, { minutes: 3 }), again[0])
    }).pipe(Effect.provide(project({
      indexes: [deleted],
      schedules: [],
      backups: [backup("only", "2026-11-20T06:00:00Z")]
    }))))

  describe("a backup that only its ID can choose", () => {
    const world = (seed: object) =>
      project({
        indexes: [deleted],
        schedules: [],
        backups: [backup("only", "2026-11-20T06:00:00Z", seed), backup("good", "2026-11-21T06:00:00Z")]
      })
    const warnings = (backupId: string) =>
      Effect.map(
        plan({ backupId: id(backupId) }),
        ({ warnings }) => warnings.filter(({ _tag }) => _tag === "DoubtfulBackup" || _tag === "FewerRecords")
      )

    it.effect.each<[reason: RecoveryPlan.Skipped["reason"], seed: object]>([
      ["empty", { recordCount: 0 }],
      ["uncounted", { recordCount: null }],
      ["future", { createdAt: "2026-11-23T06:00:00Z" }]
    ])("is restored with a warning: %s", ([reason, seed]) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* warnings("only"), [{ _tag: "DoubtfulBackup", backupId: id("only"), reason }])
        assert.deepStrictEqual(yield* warnings("good"), [])
      }).pipe(Effect.provide(world(seed))))

    it.effect("is not warned of twice if an earlier one has far more records", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* warnings("only")).map(({ _tag }) => _tag), ["FewerRecords"])
      }).pipe(Effect.provide(project({
        indexes: [deleted],
        schedules: [],
        backups: [
          backup("good", "2026-11-19T06:00:00Z"),
          backup("only", "2026-11-20T06:00:00Z", { recordCount: 0 })
        ]
      }))))
  })

  describe("a backup without an index ID", () => {
    const blank = { sourceIndexId: indexId(" ") }
    const world = project({
      indexes: [index],
      schedules: [],
      backups: [backup("only", "2026-11-20T06:00:00Z")]
    })

    it.effect("does not show the ID of an index", () =>
      Effect.gen(function*() {
        const facts = yield* Recovery.read({ index: docs })
        const planned = Recovery.plan(
          { ...facts, liveBackups: facts.liveBackups.map((backup) => ({ ...backup, ...blank })) },
          { index: docs, to: name("docs-side") }
        )
        assert.strictEqual(Result.isFailure(planned) && planned.failure.reason._tag, "ContradictoryId")
      }).pipe(Effect.provide(world)))

    it.effect("is only restored if its own ID is given", () =>
      Effect.gen(function*() {
        const read = yield* Recovery.read({ index: docs })
        const facts = { ...read, indexes: [], backups: read.backups.map((backup) => ({ ...backup, ...blank })) }
        const planned = Recovery.plan({ ...facts, liveBackups: [] }, { index: docs })
        const reason = Result.isFailure(planned) ? planned.failure.reason : undefined
        assert.strictEqual(reason?._tag, "NoGoodCopy")
        assert.deepInclude(reason?._tag === "NoGoodCopy" ? reason.best : null, {
          backupId: id("only"),
          reason: "unidentified"
        })
        const given = Recovery.plan({ ...facts, liveBackups: [] }, { index: docs, backupId: id("only") })
        assert.strictEqual(Result.isSuccess(given) && given.success.copy.backupId, id("only"))
      }).pipe(Effect.provide(world)))

    it.effect("is named if it is newer than the backup that is restored", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        const read = yield* Recovery.read({ index: docs })
        const skippedOf = (blankId: string) => {
          const backups = read.backups.map((backup) => backup.backupId === blankId ? { ...backup, ...blank } : backup)
          const planned = Recovery.plan({ ...read, backups }, { index: docs })
          return Result.isSuccess(planned)
            ? [planned.success.copy.backupId, planned.success.skipped.map(({ backupId, reason }) => [backupId, reason])]
            : planned.failure.reason
        }
        assert.deepStrictEqual(skippedOf("new"), [id("old"), [[id("new"), "unidentified"], [id("empty"), "empty"]]])
        assert.deepStrictEqual(skippedOf("old"), [id("new"), []])
      }).pipe(Effect.provide(project({
        schedules: [],
        backups: [
          backup("old", "2026-11-18T06:00:00Z"),
          backup("empty", "2026-11-19T06:00:00Z", { recordCount: 0 }),
          backup("new", "2026-11-20T06:00:00Z")
        ]
      }))))

    it.effect("is suggested if it is the newest, however its ID is missing", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        const read = yield* Recovery.read({ index: docs })
        const backups = read.backups.map((backup, position) => ({
          ...backup,
          sourceIndexId: indexId(" ".repeat(position))
        }))
        for (const some of [backups, backups.toReversed()]) {
          const planned = Recovery.plan({ ...read, backups: some }, { index: docs })
          const reason = Result.isFailure(planned) ? planned.failure.reason : undefined
          assert.strictEqual(reason?._tag === "NoGoodCopy" ? reason.best?.backupId : undefined, id("new"))
        }
      }).pipe(Effect.provide(project({
        schedules: [],
        backups: [backup("old", "2026-11-19T06:00:00Z"), backup("new", "2026-11-20T06:00:00Z")]
      }))))
  })

  describe("a replacement", () => {
    it.effect("does not accept the index as its own side copy", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        const { plan: made } = yield* recover({ deletionProtection: "disabled" })
        const options = { replace: true, to: docs, backupId: made.copy.backupId }
        assert.deepStrictEqual(stepsOf(yield* plan(options)), [])
        const { reason } = yield* refusal({ ...options, backupId: id("backup-2") })
        assert.deepInclude(reason, { _tag: "NoSideCopy", sideCopy: name("docs-from-backup-2") })
      }).pipe(Effect.provide(project())))

    it.effect("does not accept an index that was restored from another backup as its side copy", () =>
      Effect.gen(function*() {
        yield* recover({ to: name("docs-side"), backupId: id("backup-3") })
        const { reason } = yield* refusal({ replace: true, to: name("docs-side"), backupId: id("backup-2") })
        assert.deepStrictEqual(reason, { _tag: "NameTaken", indexName: name("docs-side") })
        const taken = yield* refusal({ to: name("docs-side"), backupId: id("backup-2") })
        assert.deepStrictEqual(taken.reason, { _tag: "NameTaken", indexName: name("docs-side") })
      }).pipe(Effect.provide(project())))

    it.effect.each(
      [
        ["an hour ago", { createdAt: "2026-11-21T19:00:00Z" }, true],
        ["half an hour ago", { createdAt: "2026-11-21T19:30:00Z" }, false],
        ["half an hour ago, without a record count", { createdAt: "2026-11-21T19:30:00Z", recordCount: null }, true],
        ["half an hour ago, without records", { createdAt: "2026-11-21T19:30:00Z", recordCount: 0 }, true],
        [
          "half an hour ago, without success",
          { createdAt: "2026-11-21T19:30:00Z", status: "InitializationFailed" },
          true
        ],
        ["in the future", { createdAt: "2026-11-22T20:00:00Z" }, true],
        ["half an hour ago, with the same name but not for a replacement", {
          createdAt: "2026-11-21T19:30:00Z",
          description: null
        }, true]
      ] as const
    )("backs up the index unless it did so recently: %s", ([, seed, isNeeded]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* recover({ to: name("docs-side"), backupId: id("backup-2") })
        yield* plane.seedBackup({
          indexName: "docs",
          name: "docs-before-replace-20261121t193000z",
          description: "Before index docs was replaced [key before-replace.20261121t193000z]",
          ...seed
        })
        const made = yield* plan({ replace: true, to: name("docs-side"), backupId: id("backup-2") })
        assert.strictEqual(stepsOf(made).includes("BackUp"), isNeeded)
      }).pipe(Effect.provide(project())))

    it.effect("waits for the record count of the backup, and deletes nothing and backs up nothing twice without one", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* recover({ to: name("docs-side"), backupId: id("backup-2") })
        yield* plane.seedBackup({
          backupId: id("uncounted"),
          indexName: "docs",
          description: "Before index docs was replaced [key before-replace.20261121t193000z]",
          createdAt: "2026-11-21T19:30:00Z",
          recordCount: null
        })
        const options = { replace: true, to: name("docs-side"), backupId: id("backup-2") }
        const made = yield* plan(options)
        assert.deepInclude(made.steps.find(({ _tag }) => _tag === "BackUp"), { backupId: id("uncounted") })
        const error = yield* Effect.flip(recover(options))
        assert.strictEqual(error._tag === "RecoveryError" && error.code, "backup-failed")
        assert.include(error.message, "does not report its number of records")
        assert.deepStrictEqual(yield* writes, ["Backups.restore"])
        yield* recover({ ...options, backUpFirst: false })
        assert.include(yield* writes, "Indexes.delete")
      }).pipe(Effect.provide(project())))

    it.effect("needs a consent of its own if the records of the side copy cannot be read", () =>
      Effect.gen(function*() {
        const sideCopy = name("docs-side")
        const { plan: copied, result } = yield* recover({ to: sideCopy })
        assert.isTrue(copied.copy.hasTypedSchema)
        assert.isNull(result.verification?.sampled)
        const options = { replace: true, to: sideCopy, backupId: copied.copy.backupId }
        const { message, reason } = yield* refusal(options)
        assert.deepInclude(reason, { _tag: "OnlyCounts", sideCopy })
        assert.strictEqual(
          message,
          `The records of side copy "docs-side" cannot be verified, only their number: its schema is typed`
        )
        const { plan: made } = yield* recover({ ...options, acceptCounts: true })
        assert.strictEqual(made.consent, "typed")
        assert.include(yield* writes, "Indexes.delete")
      }).pipe(Effect.provide(project({
        indexes: [{
          ...index,
          schema: { fields: { title: { type: "string" }, embedding: { type: "dense_vector", dimension: 4 } } }
        }]
      }))))

    it.effect.each(Array.range(0, 7))(
      "does not omit the backup because of a wrong count: %d",
      (wrong) =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const data = yield* IndexData.IndexData
          const { plan: copied } = yield* recover({ to: name("docs-side") })
          const options = { replace: true, to: name("docs-side"), backupId: copied.copy.backupId }
          yield* plane.fault("Indexes.delete", Fault.respond({ status: 400 }))
          yield* Effect.flip(recover(options))
          // The backup of that attempt is too old to be used again.
          yield* TestClock.adjust("2 hours")
          const before = (yield* writes).length
          const approved = yield* plan(options)
          assert.include(stepsOf(approved), "BackUp")
          let count = 0
          const result = yield* Effect.result(onTime(
            Stream.runDrain(Recovery.run(approved)).pipe(
              Effect.provideService(IndexData.IndexData, {
                ...data,
                stats: (index) =>
                  index.name === docs && count++ === wrong
                    ? Effect.map(data.stats(index), (stats) => ({ ...stats, namespaces: {}, recordCount: 0 }))
                    : data.stats(index)
              })
            )
          ))
          const written = (yield* writes).slice(before)
          if (result._tag === "Failure") assert.strictEqual(result.failure.code, "moved")
          if (written.includes("Indexes.delete")) assert.include(written, "Backups.create")
        }).pipe(Effect.provide(project()))
    )

    it.effect("is not needed for an index that is complete", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        yield* recover()
        const again = yield* plan()
        assert.strictEqual(again.state, "complete")
        assert.deepStrictEqual(again.steps, [])
        const { result } = yield* recover()
        assert.isNull(result.verification)
        assert.strictEqual(result.scheduled?.action, "unchanged")
        assert.lengthOf(yield* writes, 3)
      }).pipe(Effect.provide(project())))
  })

  describe("verification", () => {
    it.effect.each([2, 3, 4])(
      "is not repeated if list %d of restore jobs lacks the job",
      (skip) =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          yield* deleteIndex()
          const respond = Fault.respond({ status: 200, body: { data: [], pagination: null } })
          yield* plane.fault("RestoreJobs.list", respond, { skip, times: 1 })
          const { events, result } = yield* recover()
          assert.strictEqual(result.verification?.verdict, "verified")
          assert.strictEqual(events.filter(({ _tag }) => _tag === "Verified").length, 1)
        }).pipe(Effect.provide(project()))
    )

    it.effect("waits for counts that lag", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* deleteIndex()
        yield* plane.fault("Backups.restore", Fault.flawedRestore({ statsDelay: "8 minutes" }))
        const { events, result } = yield* recover()
        assert.strictEqual(result.verification?.verdict, "verified")
        assert.isTrue(events.some(({ _tag }) => _tag === "Counted"))
      }).pipe(Effect.provide(project())))

    it.effect.each(
      [
        ["lost records", { missing: 10 }, "100 records, the copy has 90"],
        ["a lost namespace", { lostNamespaces: 1 }, "records"],
        [
          "records that disappear after the first count",
          { vanish: { records: 10, after: "2 minutes" } },
          "after the first"
        ],
        ["vectors of zeros", { values: "zero" }, "sampled records are unusable"]
      ] as const
    )("fails for %s, keeps the index, and creates no schedule", ([, flaws, message]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* deleteIndex()
        yield* plane.fault("Backups.restore", Fault.flawedRestore(flaws))
        const error = yield* Effect.flip(recover())
        assert.strictEqual(error._tag, "RecoveryError")
        if (error._tag !== "RecoveryError") return
        assert.strictEqual(error.code, "verification-failed")
        assert.include(error.message, message)
        assert.isNotNull(error.started.restoreJobId)
        assert.deepStrictEqual(yield* writes, ["Indexes.delete", "Backups.restore"])
      }).pipe(Effect.provide(project())))

    it.effect("is not required for a deleted index, but for the side copy of a replacement", () =>
      Effect.gen(function*() {
        const { plan, result } = yield* recover({ to: name("docs-side") }, { verify: "none" })
        assert.strictEqual(result.verification?.verdict, "unverified")
        const options = { replace: true, to: name("docs-side"), backupId: plan.copy.backupId }
        const error = yield* Effect.flip(recover(options, { verify: "none" }))
        assert.strictEqual(error._tag === "RecoveryError" && error.code, "unverified")
        assert.notInclude(yield* writes, "Indexes.delete")
      }).pipe(Effect.provide(project())))
  })

  describe("the service", () => {
    it.effect("has no source of an index and no time of its deletion up to 2026-04", () =>
      Effect.gen(function*() {
        const before = yield* look()
        yield* deleteIndex()
        yield* recover({ deletionProtection: "disabled" })
        assert.deepStrictEqual(yield* look(), before)
        assert.deepStrictEqual(yield* writes, ["Indexes.delete", "Backups.restore", "BackupSchedules.create"])
      }).pipe(Effect.provide(project({ apiVersion: "2026-04" }))))

    it.effect("deletes an index with a delay, in which a recovery waits for the name", () =>
      Effect.gen(function*() {
        const before = yield* look()
        yield* deleteIndex()
        const { state } = yield* plan()
        assert.strictEqual(state, "deleting")
        yield* recover({ deletionProtection: "disabled" })
        assert.deepStrictEqual(yield* look(), before)
      }).pipe(Effect.provide(project({ project: { indexDeletionDelay: "5 minutes" } }))))

    it.effect.each(["2026-04", "2026-07"] as const)(
      "replaces an index whose deletion is delayed and whose host changes (%s)",
      (apiVersion) =>
        Effect.gen(function*() {
          const before = yield* look()
          const { plan: copied } = yield* recover({ to: name("docs-side") })
          const options = { replace: true, to: name("docs-side"), backupId: copied.copy.backupId }
          const { plan: made, result } = yield* recover(options)
          assert.deepStrictEqual(yield* look(), before)
          assert.strictEqual(result.plan, made)
          assert.isNotNull(made.replaced?.host ?? null)
          assert.notStrictEqual(result.index.host, made.replaced?.host)
          assert.strictEqual(result.started.damagedBackupId === null, false)
        }).pipe(Effect.provide(project({
          apiVersion,
          indexes: [{ ...index, deletionProtection: "enabled" }],
          project: { indexDeletionDelay: "5 minutes" },
          switches: { hostsChange: true }
        })))
    )

    it.effect("has a quota of indexes, which is an error of its own", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(recover({ to: name("docs-side") }))
        assert.strictEqual(error._tag === "RecoveryError" && error.code, "quota")
        const { reason } = yield* refusal({ to: name("docs-side"), indexQuota: 1 })
        assert.deepStrictEqual(reason, { _tag: "IndexQuota", count: 1, quota: 1 })
      }).pipe(Effect.provide(project({ project: { indexQuota: 1 } }))))

    it.effect("refuses a backup of the damaged index at its quota, and nothing is deleted", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const { plan: copied } = yield* recover({ to: name("docs-side") })
        yield* plane.configure({ project: { backupQuota: 0 } })
        const options = { replace: true, to: name("docs-side"), backupId: copied.copy.backupId }
        const error = yield* Effect.flip(recover(options))
        assert.strictEqual(error._tag === "RecoveryError" && error.code, "quota")
        assert.deepStrictEqual(yield* writes, ["Backups.restore"])
      }).pipe(Effect.provide(project())))

    it.effect("restores once for two recoveries at the same time", () =>
      Effect.gen(function*() {
        yield* deleteIndex()
        const [one, other] = yield* onTime(Effect.all([
          program(),
          Effect.provide(program(), connection())
        ], { concurrency: "unbounded" }))
        assert.strictEqual(one.result.started.restoreJobId, other.result.started.restoreJobId)
        assert.deepStrictEqual(yield* writes, ["Indexes.delete", "Backups.restore", "BackupSchedules.create"])
      }).pipe(Effect.provide(project())))
  })

  describe("tags", () => {
    const sideCopy = name("docs-side")

    it.effect("that a side copy has no room for are reported, and the index gets them all", () =>
      Effect.gen(function*() {
        const before = yield* look()
        const { plan: copied } = yield* recover({ to: sideCopy })
        const [warning] = copied.warnings
        assert.strictEqual(warning?._tag, "NotStored")
        assert.lengthOf(warning?._tag === "NotStored" ? warning.what : [], 4)
        yield* recover({ replace: true, to: sideCopy, backupId: copied.copy.backupId })
        assert.deepStrictEqual(yield* look(), before)
      }).pipe(Effect.provide(project({
        indexes: [{
          ...index,
          tags: Object.fromEntries(Array.makeBy(20, (n) => [`tag-${n}`, "value"]))
        }]
      }))))

    it.effect("cannot store every name of a schedule, which is then concluded from the backups", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const before = yield* look()
        const { plan: copied } = yield* recover({ to: sideCopy })
        assert.deepStrictEqual(copied.warnings, [
          { _tag: "NotStored", indexName: sideCopy, what: ["the name of the schedule"] }
        ])
        const options = { replace: true, to: sideCopy, backupId: copied.copy.backupId }
        yield* plane.fault("Backups.restore", Fault.respond({ status: 500 }), { times: "always" })
        yield* Effect.flip(recover(options))
        yield* plane.clearFaults
        const { settings } = yield* plan()
        assert.deepStrictEqual(settings.schedule?.name, { value: "nächtlich", source: "inferred" })
        assert.deepStrictEqual(settings.schedule?.retentionDays, { value: 45, source: "side-copy" })
        yield* recover()
        assert.deepStrictEqual(yield* look(), before)
      }).pipe(Effect.provide(project({ schedules: [{ ...nightly, name: "nächtlich", expireAfterDays: 45 }] }))))
  })

  describe("schedules", () => {
    it.effect("that are paused are reported and not created", () =>
      Effect.gen(function*() {
        const { plan: copied } = yield* recover({ to: name("docs-side") })
        const options = { replace: true, to: name("docs-side"), backupId: copied.copy.backupId }
        const { plan: made, result } = yield* recover(options)
        assert.deepInclude(made.warnings, { _tag: "PausedSchedule", name: "nightly" })
        assert.isNull(result.scheduled)
        assert.deepStrictEqual((yield* look()).schedules, [])
      }).pipe(Effect.provide(project({ schedules: [{ ...nightly, enabled: false }] }))))

    it.effect("are not created if nothing shows that the index had one", () =>
      Effect.gen(function*() {
        const { settings, warnings } = yield* plan()
        assert.isNull(settings.schedule)
        assert.deepInclude(warnings, { _tag: "NoSchedule" })
      }).pipe(Effect.provide(project({
        indexes: [deleted],
        schedules: [],
        backups: [backup("only", "2026-11-20T06:00:00Z")]
      }))))

    it.effect.each([["daily", 1], ["weekly", 7], ["monthly", 30]] as const)(
      "are inferred as %s from backups that are %s days apart",
      ([frequency, days]) =>
        Effect.gen(function*() {
          const { settings } = yield* plan()
          assert.deepStrictEqual(settings.schedule?.frequency, { value: frequency, source: "inferred" })
          assert.deepStrictEqual(settings.schedule?.name, { value: "by-name", source: "inferred" })
        }).pipe(Effect.provide(project({
          indexes: [deleted],
          schedules: [],
          backups: [0, 1, 2].map((n) => {
            const taken = DateTime.formatIso(DateTime.add(at("2026-11-20T06:00:00Z"), { days: -n * days }))
            return backup(`run-${n}`, taken, { name: `by-name-${taken.slice(0, 19).replaceAll(/[-:]/g, "")}Z` })
          })
        })))
    )
  })
})
