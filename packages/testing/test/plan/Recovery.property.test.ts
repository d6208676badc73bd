import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import { ScheduleId } from "@pinecone-backups/core/BackupSchedule"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Recovery from "@pinecone-backups/core/plan/Recovery"
import * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Long from "../../../core/test/long.ts"
import { element, int } from "../support.ts"

const options = { arbitrary: { runs: Long.soak(2_000, 50_000) }, timeout: Long.soak(60_000, 3_600_000) }

// ============================================================================
// Worlds
// ============================================================================

const docs = PineconeIndex.IndexName.make("docs")
const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")
const ago = (hours: number) => DateTime.subtract(now, { hours })

/** Few values, so that equal and contradictory values are common. */
const AnyBackup = Arbitrary.all({
  /** The service may not report the ID of an index. */
  owner: element("first", "second", "live", " "),
  hours: element<number | undefined>(-24, 1, 14, 38, 62, 86, 400, undefined),
  status: element("Ready", "Ready", "Ready", "Initializing", "InitializationFailed", "Unheard"),
  recordCount: element<number | null>(100, 100, 100, 12, 0, null),
  kind: element<"damaged" | "manual" | "scheduled">("scheduled", "scheduled", "manual", "damaged"),
  deletedAt: element<number | undefined>(2, 30, undefined)
})

const AnyIndex = Arbitrary.all({
  isThere: element(true, true, false),
  state: element("Ready", "Ready", "Initializing", "InitializationFailed", "Terminating"),
  /** Position of the backup that it was restored from. */
  source: int(0, 7),
  hasSource: element(true, true, false),
  job: element<string | undefined>("Completed", "Pending", "Failed", undefined),
  replaces: element<string | undefined>(undefined, "first", "second", "live"),
  protection: element<string | undefined>("enabled", "disabled", undefined)
})

const given = {
  backups: Arbitrary.array(AnyBackup, { maxLength: 8 }),
  live: AnyIndex,
  side: AnyIndex,
  schedules: Arbitrary.array(element<boolean | undefined>(true, false, undefined), { maxLength: 2 }),
  records: element<number | null>(null, 0, 40),
  replace: element(true, false),
  to: element<string | undefined>(undefined, undefined, "side"),
  until: element<number | undefined>(undefined, undefined, 20, 50),
  turn: int(0, 7)
}

type Given = {
  readonly [Key in keyof typeof given]: (typeof given)[Key] extends Arbitrary.Arbitrary<infer A> ? A : never
}

const stamp = (at: DateTime.Utc) => `${DateTime.formatIso(at).slice(0, 19).replaceAll(/[-:]/g, "")}Z`

const backupOf = (
  { deletedAt, hours, kind, owner, recordCount, status }: Given["backups"][number],
  position: number
) => {
  const createdAt = hours === undefined ? undefined : ago(hours)
  return {
    backupId: Backup.BackupId.make(`backup-${position}`),
    sourceIndexId: PineconeIndex.IndexId.make(owner),
    sourceIndexName: docs,
    status,
    recordCount,
    namespaceCount: 1,
    ...(createdAt && { createdAt }),
    name: kind === "scheduled" && createdAt ? `nightly-${stamp(createdAt)}` : kind,
    description: kind === "damaged" ? "Before [key before-replace.1]" : null,
    ...(owner !== "live" && deletedAt !== undefined && { sourceIndexDeletedAt: ago(deletedAt) })
  } satisfies Backup.Backup
}

/** The facts of a world. `turn` rotates every list. */
const factsOf = ({ backups, live, records, schedules, side, turn }: Given): RecoveryPlan.Facts => {
  const rotate = <A>(all: ReadonlyArray<A>) => [...all.slice(turn), ...all.slice(0, turn)]
  const all = backups.map(backupOf)
  const sourceOf = ({ source }: Given["live"]) => all[source % Math.max(1, all.length)]?.backupId
  const indexOf = (index: Given["live"], name: string): ReadonlyArray<PineconeIndex.PineconeIndex> => {
    if (!index.isThere) return []
    const source = index.hasSource ? sourceOf(index) : undefined
    return [{
      name: PineconeIndex.IndexName.make(name),
      status: { ready: index.state === "Ready", state: index.state },
      ...(source !== undefined && { sourceBackupId: source }),
      ...(index.protection !== undefined && { deletionProtection: index.protection }),
      tags: index.replaces === undefined
        ? { team: "search" }
        : { [RecoveryPlan.tags.recover]: "docs", [RecoveryPlan.tags.replace]: index.replaces }
    }]
  }
  const jobOf = (index: Given["live"], name: string): ReadonlyArray<RestoreJob.RestoreJob> => {
    const backupId = sourceOf(index)
    return index.job === undefined || backupId === undefined ? [] : [{
      restoreJobId: RestoreJob.RestoreJobId.make(`job-${name}`),
      backupId,
      targetIndexName: PineconeIndex.IndexName.make(name),
      targetIndexId: PineconeIndex.IndexId.make(name === "docs" ? "live" : "side"),
      status: index.job
    }]
  }
  const isLive = live.isThere && live.state !== "Terminating"
  return {
    at: now,
    indexes: rotate([...indexOf(live, "docs"), ...indexOf(side, "side")]),
    backups: rotate(all),
    liveBackups: isLive ? rotate(all.filter(({ sourceIndexId }) => sourceIndexId === "live")) : [],
    schedules: isLive
      ? rotate(schedules.map((enabled, position): BackupSchedule.BackupSchedule => ({
        scheduleId: ScheduleId.make(`schedule-${position}`),
        indexId: PineconeIndex.IndexId.make("live"),
        name: `schedule-${position}`,
        frequency: "daily",
        retentionExpireAfterDays: 30,
        ...(enabled !== undefined && { enabled })
      })))
      : [],
    jobs: rotate([...jobOf(live, "docs"), ...jobOf(side, "side")]),
    records: isLive ? records : null
  }
}

const optionsOf = ({ replace, to, until }: Given): RecoveryPlan.Options => ({
  index: docs,
  ...(replace && { replace }),
  ...(to !== undefined && { to: PineconeIndex.IndexName.make(to) }),
  ...(until !== undefined && { at: ago(until) })
})

const planOf = (given: Given) => Recovery.plan(factsOf(given), optionsOf(given))

/** What a plan or a refusal says, without the order of equal rows. */
const gist = (planned: ReturnType<typeof planOf>) =>
  Result.match(planned, {
    onFailure: ({ reason }) => reason._tag,
    onSuccess: ({ consent, copy, goal, settings, state, steps }) => ({ consent, copy, goal, settings, state, steps })
  })

const tagsOf = ({ steps }: RecoveryPlan.RecoveryPlan) => steps.map(({ _tag }) => _tag)

describe("Recovery.plan", () => {
  it.prop("is the same for the same facts, given twice", given, (given) => {
    assert.deepStrictEqual(gist(planOf(given)), gist(planOf(given)))
  }, options)

  it.prop("restores no other backup if the lists are in another order", given, (given) => {
    const copyOf = (planned: ReturnType<typeof planOf>) =>
      Result.isSuccess(planned) ? planned.success.copy.backupId : planned.failure.reason._tag
    // Several schedules without a known state have no order.
    const world = { ...given, schedules: given.schedules.slice(0, 1) }
    assert.strictEqual(copyOf(planOf(world)), copyOf(planOf({ ...world, turn: 0 })))
  }, options)

  it.prop("chooses a good backup in reach, unless a replacement was interrupted", given, (given) => {
    const planned = planOf(given)
    if (Result.isFailure(planned)) return
    const { copy, state } = planned.success
    const chosen = factsOf(given).backups.find(({ backupId }) => backupId === copy.backupId)
    assert.strictEqual(chosen?.status, "Ready")
    if (state === "interrupted" || planned.success.sideCopy !== null) return
    assert.isAbove(chosen?.recordCount ?? 0, 0)
    assert.isNull(chosen?.description)
    const until = given.until === undefined ? now : ago(given.until)
    assert.isTrue(
      copy.takenAt !== null && DateTime.isLessThanOrEqualTo(copy.takenAt, DateTime.add(until, { minutes: 5 }))
    )
  }, options)

  it.prop("names every newer backup of the index, and every one that may be of the index", given, (given) => {
    const planned = planOf(given)
    if (Result.isFailure(planned)) return
    const { copy, sideCopy, skipped, state } = planned.success
    // The backup of an interrupted recovery or of a side copy was chosen before.
    if (state === "interrupted" || sideCopy !== null || copy.takenAt === null) return
    const until = given.until === undefined ? undefined : ago(given.until)
    const named = skipped.map(({ backupId }) => backupId)
    for (const { backupId, createdAt, sourceIndexId } of factsOf(given).backups) {
      if (sourceIndexId.trim() !== "" && sourceIndexId !== copy.sourceIndexId) continue
      // A scheduled backup may have been taken some minutes before it was created.
      if (!createdAt || DateTime.isLessThan(createdAt, DateTime.add(copy.takenAt, { hours: 1 }))) continue
      if (until && DateTime.isGreaterThan(createdAt, until)) continue
      assert.include(named, backupId)
    }
  }, options)

  it.prop(
    "deletes nothing without replace, and an index in use only with a side copy of the backup",
    given,
    (given) => {
      const planned = planOf(given)
      if (Result.isFailure(planned)) return
      const tags = tagsOf(planned.success)
      const facts = factsOf(given)
      if (!given.replace) assert.notIncludeMembers(tags, ["Delete"])
      if (!given.replace) assert.notInclude(tags, "DeleteFailed")
      if (!tags.includes("Delete")) return
      assert.strictEqual(planned.success.consent, "typed")
      const side = facts.indexes.find(({ name }) => name === planned.success.sideCopy)
      const job = facts.jobs.find(({ targetIndexName }) => targetIndexName === side?.name)
      assert.strictEqual(side?.sourceBackupId ?? job?.backupId, planned.success.copy.backupId)
      // Everything that protects comes before the deletion.
      const deletion = tags.indexOf("Delete")
      assert.isBelow(tags.indexOf("Verify"), deletion)
      assert.isBelow(tags.indexOf("BackUp"), deletion)
      assert.isBelow(tags.indexOf("SaveSettings"), deletion)
      if (given.records !== 0) {
        const hasBackup = facts.liveBackups.some(({ createdAt, description, recordCount, status }) =>
          description !== null && status === "Ready" && recordCount !== 0 && createdAt &&
          DateTime.isGreaterThan(createdAt, ago(1))
        )
        assert.isTrue(tags.includes("BackUp") || hasBackup)
      }
    },
    options
  )

  it.prop("is the same again with its own options", given, (given) => {
    const planned = planOf(given)
    if (Result.isFailure(planned)) return
    const again = Recovery.plan(factsOf(given), planned.success.options)
    // The options have the ID of the backup, which is a decision of the caller.
    const isDoubtful = planned.success.warnings.some(({ _tag }) => _tag === "NewerBackups")
    assert.deepStrictEqual(
      gist(again),
      gist(isDoubtful ? Result.succeed({ ...planned.success, consent: "free" }) : planned)
    )
  }, options)

  it.prop("restores once, into an index that does not exist then", given, (given) => {
    const planned = planOf(given)
    if (Result.isFailure(planned)) return
    const { steps, target } = planned.success
    const restores = steps.filter((step) => step._tag === "Restore")
    assert.isAtMost(restores.length, 1)
    if (restores.length === 0) return
    const position = steps.findIndex(({ _tag }) => _tag === "Restore")
    const isThere = factsOf(given).indexes.some(({ name }) => name === target)
    const isAwaited = steps.slice(0, position).some(({ _tag, indexName }) =>
      _tag === "AwaitDeletion" && indexName === target
    )
    assert.strictEqual(isAwaited, isThere)
  }, options)
})
