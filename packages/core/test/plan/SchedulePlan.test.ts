import { assert, describe, it } from "@effect/vitest"
import type * as Backup from "@pinecone-backups/core/Backup"
import { BackupId } from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import { type BackupSchedule, ScheduleId } from "@pinecone-backups/core/BackupSchedule"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import { IndexId, IndexName, type PineconeIndex } from "@pinecone-backups/core/PineconeIndex"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const at = DateTime.makeUnsafe("2026-11-21T20:00:00Z")
const docs = IndexName.make("docs")
const host = "docs-a1b2c3d.svc.aped-4627-b74a.pinecone.io"

const scheduleOf = (fields: Partial<BackupSchedule> & { readonly id?: string } = {}): BackupSchedule => {
  const { id = "docs-daily", ...rest } = fields
  return {
    scheduleId: ScheduleId.make(id),
    name: id,
    indexId: IndexId.make("index-1"),
    frequency: "daily",
    retentionExpireAfterDays: 30,
    enabled: true,
    ...rest
  }
}

const backupOf = (age: number, fields: Partial<Backup.Backup> = {}): Backup.Backup => ({
  backupId: BackupId.make(`age-${age}`),
  sourceIndexId: IndexId.make("index-1"),
  sourceIndexName: docs,
  status: "Ready",
  recordCount: 100,
  sizeBytes: 1_000,
  createdAt: DateTime.subtract(at, { hours: age * 24 }),
  ...fields
})

interface World {
  readonly index?: Partial<PineconeIndex>
  readonly schedules?: ReadonlyArray<BackupSchedule>
  readonly backups?: ReadonlyArray<Backup.Backup>
  readonly runs?: ReadonlyArray<BackupRun.BackupRun>
}

/** Facts about the index `docs`. By default, all backups are those of the first schedule. */
const factsOf = ({ backups, index, runs = backups ?? [], schedules = [] }: World = {}): SchedulePlan.Facts => ({
  at,
  indexes: [{
    index: {
      name: docs,
      status: { ready: true, state: "Ready" },
      deletionProtection: "disabled",
      tags: {},
      host,
      ...index
    },
    schedules: Result.succeed(schedules),
    histories: new Map(schedules.slice(0, 1).map(({ scheduleId }) => [scheduleId, Result.succeed(runs)])),
    backups: backups && Result.succeed(backups)
  }]
})

const policyOf = (...rules: ReadonlyArray<Omit<BackupPolicy.Rule, "index">>): BackupPolicy.BackupPolicy => ({
  rules: rules.map((rule) => ({ index: "docs", ...rule }))
})

const planOf = (
  rule: Omit<BackupPolicy.Rule, "index">,
  world?: World,
  options?: SchedulePlan.MakeOptions
): SchedulePlan.SchedulePlan => SchedulePlan.make(policyOf(rule), factsOf(world), options)

const denied = new PineconeError.PermissionDenied({
  operation: "BackupSchedules.list",
  message: "no permission",
  attempts: 1,
  status: 403
})

describe("SchedulePlan.make", () => {
  it("has the exact steps of a switch", () => {
    const { extra, steps } = planOf(
      { schedule: { name: "new", every: "daily", keep: 14 } },
      { schedules: [scheduleOf({ id: "old" })] }
    )
    const about = { indexName: docs, indexId: IndexId.make("index-1"), indexHost: host }
    assert.deepStrictEqual(steps, [
      {
        _tag: "MakeWay",
        ...about,
        scheduleId: ScheduleId.make("old"),
        scheduleName: "old",
        before: { enabled: true },
        after: { enabled: false },
        consequences: [{ _tag: "Uncovered" }],
        consent: "yes"
      },
      {
        _tag: "CreateSchedule",
        ...about,
        before: { scheduleIds: [ScheduleId.make("old")] },
        after: { name: "new", frequency: "daily", retentionDays: 14 },
        consequences: [],
        consent: "free"
      }
    ])
    assert.deepStrictEqual(extra.map(({ scheduleId }) => scheduleId), ["old"])
  })

  it("lists the backups that a shorter retention loses until the end of the validity", () => {
    const world = {
      schedules: [scheduleOf()],
      backups: [1, 5.5, 6.5, 10].map((age) => backupOf(age)).concat(
        backupOf(20, { backupId: BackupId.make("failed"), status: "InitializationFailed" })
      )
    }
    const [step] = planOf({ schedule: { keep: 7 } }, world, { validFor: "24 hours" }).steps
    assert.deepStrictEqual(step?.consequences, [{
      _tag: "Expires",
      backupIds: [BackupId.make("age-10"), BackupId.make("age-6.5")],
      of: 4,
      oldest: DateTime.subtract(at, { days: 10 }),
      bytes: 2_000,
      until: DateTime.add(at, { days: 1 })
    }])
    const [now] = planOf({ schedule: { keep: 7 } }, world, { validFor: 0 }).steps
    assert.deepStrictEqual(now && ScheduleStep.lossesOf(now), [BackupId.make("age-10")])
  })

  it.each<[what: string, fields: Partial<Backup.Backup>]>([
    ["without a time", { createdAt: null }],
    ["dated in the future", { createdAt: DateTime.add(at, { days: 1 }) }]
  ])("counts a backup %s as lost", (_, fields) => {
    const { steps } = planOf({ schedule: { keep: 29 } }, { schedules: [scheduleOf()], backups: [backupOf(0, fields)] })
    assert.deepStrictEqual(steps.flatMap(ScheduleStep.lossesOf), [BackupId.make("age-0")])
  })

  it.each<[what: string, fields: Partial<Backup.Backup>]>([
    ["was created before its planned run", {
      name: "docs-daily-20261118T200000Z",
      createdAt: DateTime.subtract(at, { days: 9 })
    }],
    ["was planned before it was created", {
      name: "docs-daily-20261112T200000Z",
      createdAt: DateTime.subtract(at, { days: 3 })
    }]
  ])("counts a backup as lost by the earlier of its times: it %s", (_, fields) => {
    const world = { schedules: [scheduleOf({ frequency: "weekly" })], backups: [backupOf(9, fields)] }
    const losses = (keep: number) => planOf({ schedule: { keep } }, world).steps.flatMap(ScheduleStep.lossesOf)
    assert.deepStrictEqual(losses(10), [BackupId.make("age-9")])
    assert.deepStrictEqual(losses(11), [])
  })

  it("needs typed consent if no good backup is left", () => {
    const consentFor = (lost: Partial<Backup.Backup>, ...others: ReadonlyArray<Backup.Backup>) =>
      planOf({ schedule: { keep: 7 } }, {
        schedules: [scheduleOf()],
        backups: [backupOf(10, lost), ...others],
        runs: [backupOf(10)]
      }).steps.map(({ consent }) => consent)
    const consent = (...others: ReadonlyArray<Backup.Backup>) => consentFor({}, ...others)
    assert.deepStrictEqual(consent(), ["typed"])
    // A backup that may have records may be the last good one.
    assert.deepStrictEqual(consentFor({ recordCount: null }), ["typed"])
    assert.deepStrictEqual(consentFor({ createdAt: null }), ["typed"])
    assert.deepStrictEqual(consentFor({ recordCount: null }, backupOf(20)), ["yes"])
    assert.deepStrictEqual(consentFor({ recordCount: 0 }), ["yes"])
    assert.deepStrictEqual(consent(backupOf(20, { recordCount: 0 })), ["typed"])
    assert.deepStrictEqual(consent(backupOf(20)), ["yes"])
  })

  it("blocks a loss with allowLoss: false, and carries out the rest", () => {
    const { blocked, steps } = planOf(
      { schedule: { keep: 7, every: "weekly" }, allowLoss: false },
      { schedules: [scheduleOf()], backups: [backupOf(10)] }
    )
    assert.deepStrictEqual(blocked, [{
      _tag: "WouldLose",
      indexName: docs,
      scheduleId: ScheduleId.make("docs-daily"),
      scheduleName: "docs-daily",
      retentionDays: 7,
      backupIds: [BackupId.make("age-10")]
    }])
    assert.deepStrictEqual(steps.map((step) => step.after), [{ frequency: "weekly" }])
  })

  it.each<[what: string, rule: Omit<BackupPolicy.Rule, "index">, world: World, blocked: ScheduleStep.Blocked["_tag"]]>([
    ["a schedule without a frequency", { schedule: { keep: 7 } }, {}, "NeedsFields"],
    ["a schedule without a retention", { schedule: { every: "daily" } }, {}, "NeedsFields"],
    [
      "a schedule for an index that is not ready",
      { schedule: { every: "daily", keep: 7 } },
      { index: { status: { ready: false, state: "Initializing" } } },
      "NotReady"
    ],
    [
      "any wish for an index that is being deleted",
      { settings: { deletionProtection: "enabled" } },
      { index: { status: { ready: true, state: "Terminating" } } },
      "NotReady"
    ],
    [
      "a wish without a name, if no schedule is enabled",
      { schedule: { keep: 7 } },
      { schedules: [scheduleOf({ id: "a", enabled: false }), scheduleOf({ id: "b", enabled: false })] },
      "Ambiguous"
    ],
    [
      "pausing one of several schedules with the same name",
      { schedule: { name: "a", paused: true } },
      { schedules: [scheduleOf({ id: "a" }), scheduleOf({ id: "b", name: "a", enabled: false })] },
      "Ambiguous"
    ],
    [
      "more than 20 tags",
      { settings: { tags: { one: "more" } } },
      { index: { tags: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`t${n}`, "x"])) } },
      "TooManyTags"
    ]
  ])("blocks %s", (_, rule, world, tag) => {
    const plan = planOf(rule, world)
    assert.deepStrictEqual(plan.blocked.map(({ _tag }) => _tag), [tag])
    assert.deepStrictEqual(plan.steps, [])
    assert.strictEqual(SchedulePlan.verdict(plan), "drift")
  })

  it("blocks contradictions between rules, but not the other part of the wish", () => {
    const { blocked, steps } = SchedulePlan.make(
      policyOf({ minRetentionDays: 14 }, { schedule: { keep: 7 }, settings: { deletionProtection: "enabled" } }),
      factsOf({ schedules: [scheduleOf()] })
    )
    assert.deepStrictEqual(blocked, [{
      _tag: "Contradiction",
      indexName: docs,
      field: "schedule.keep",
      sentence: "7 is less than minRetentionDays: 14"
    }])
    assert.deepStrictEqual(steps.map(({ _tag }) => _tag), ["ConfigureIndex"])
  })

  it("blocks a missing index, with the numbers of its backups and of those that are usable", () => {
    const blocked = (deleted: SchedulePlan.Facts["deleted"]) =>
      SchedulePlan.make(policyOf({ schedule: { keep: 7 } }), { at, indexes: [], deleted }).blocked
    const tag = { _tag: "NoSuchIndex" as const, indexName: docs }
    assert.deepStrictEqual(
      blocked(new Map([[docs, Result.succeed([backupOf(1), backupOf(2, { status: "Failed" })])]])),
      [{
        ...tag,
        backups: 2,
        usable: 1
      }]
    )
    assert.deepStrictEqual(blocked(new Map([[docs, Result.fail(denied)]])), [{ ...tag, backups: null, usable: null }])
    assert.deepStrictEqual(SchedulePlan.make(policyOf({ schedule: "none" }), { at, indexes: [] }).blocked, [])
  })

  it.each<[what: string, rule: Omit<BackupPolicy.Rule, "index">, world: World, reason: string]>([
    [
      "a schedule without enabled",
      { schedule: "none" },
      { schedules: [scheduleOf({ enabled: null })] },
      "the service did not return whether schedule docs-daily is enabled"
    ],
    [
      "a schedule without a name",
      { schedule: { name: "docs-daily" } },
      { schedules: [scheduleOf({ name: null })] },
      "the service did not return the name of schedule docs-daily"
    ],
    [
      "a schedule without a retention",
      { schedule: { keep: 7 } },
      { schedules: [scheduleOf({ retentionExpireAfterDays: null })] },
      "the service did not return the retention of docs-daily"
    ],
    [
      "a schedule without a frequency",
      { schedule: { every: "daily" } },
      { schedules: [scheduleOf({ frequency: "Unknown" })] },
      "the service did not return the frequency of docs-daily"
    ],
    [
      "a schedule of an unknown type",
      { schedule: "none" },
      { schedules: [scheduleOf({ scheduleType: "event-based" })] },
      "schedule docs-daily has an unknown type"
    ],
    [
      "two enabled schedules",
      { schedule: "none" },
      { schedules: [scheduleOf({ id: "a" }), scheduleOf({ id: "b" })] },
      "the service returned several enabled schedules"
    ],
    [
      "schedules of different indexes",
      { schedule: "none" },
      {
        schedules: [scheduleOf({ id: "a" }), scheduleOf({ id: "b", enabled: false, indexId: IndexId.make("index-2") })]
      },
      "the service returned different IDs for the index"
    ],
    [
      "schedules without the ID of the index",
      { schedule: "none" },
      { schedules: [scheduleOf({ indexId: IndexId.make("") })] },
      "the service returned no ID for the index"
    ],
    [
      "a backup without the ID of the index, which may not be a copy that is left",
      { schedule: { keep: 7 } },
      {
        schedules: [scheduleOf()],
        runs: [backupOf(10)],
        backups: [backupOf(10), backupOf(0, { sourceIndexId: IndexId.make("") })]
      },
      "the service returned backups without an index ID"
    ],
    [
      "an unknown deletion protection",
      { settings: { deletionProtection: "enabled" } },
      { index: { deletionProtection: null } },
      "the service did not return the deletion protection"
    ],
    [
      "an unknown read capacity",
      { settings: { readCapacity: { mode: "OnDemand" } } },
      { index: { readCapacity: null } },
      "the service did not return the read capacity"
    ],
    [
      "a shorter retention without the backups",
      { schedule: { keep: 7 } },
      { schedules: [scheduleOf()] },
      "the backups were not read"
    ]
  ])("does not know %s, and plans nothing for the index", (_, rule, world, reason) => {
    const plan = planOf({ ...rule, settings: { ...rule.settings, tags: { tier: "gold" } } }, world)
    assert.deepStrictEqual(plan.unknown.map(({ reason }) => reason), [reason])
    assert.deepStrictEqual(plan.steps, [])
    assert.strictEqual(SchedulePlan.verdict(plan), "unknown")
  })

  it("does not know an index whose facts are unreadable", () => {
    const [index] = factsOf({ schedules: [scheduleOf()], backups: [] }).indexes
    assert.isDefined(index)
    const reasons = (fields: Partial<SchedulePlan.IndexFacts>) =>
      SchedulePlan.make(policyOf({ schedule: { keep: 7 } }), { at, indexes: [{ ...index, ...fields }] }).unknown
        .map(({ reason, what }) => `${what}: ${reason}`)
    assert.deepStrictEqual(reasons({ schedules: undefined }), ["schedules: the schedules were not read"])
    assert.deepStrictEqual(reasons({ schedules: Result.fail(denied) }), [
      "schedules: the schedules are unreadable: no permission"
    ])
    assert.deepStrictEqual(reasons({ histories: new Map() }), ["history: the history of docs-daily was not read"])
    assert.deepStrictEqual(reasons({ histories: new Map([[ScheduleId.make("docs-daily"), Result.fail(denied)]]) }), [
      "history: the history of docs-daily is unreadable: no permission"
    ])
    assert.deepStrictEqual(reasons({ backups: Result.fail(denied) }), [
      "backups: the backups are unreadable: no permission"
    ])
  })

  it("refuses another project, and needs consent if the project is not confirmed", () => {
    const wanted: BackupPolicy.BackupPolicy = { project: "p-1", ...policyOf({ settings: { tags: { a: "b" } } }) }
    const other = SchedulePlan.make(wanted, factsOf({ schedules: [scheduleOf({ projectId: "p-2" })] }))
    assert.deepStrictEqual(other.unknown, [{
      indexName: null,
      what: "project",
      reason: "the policy is for the project p-1, but the schedules belong to p-2"
    }])
    assert.deepStrictEqual(other.steps, [])
    const same = SchedulePlan.make(wanted, factsOf({ schedules: [scheduleOf({ projectId: "p-1" })] }))
    assert.deepStrictEqual([same.isProjectConfirmed, SchedulePlan.consentOf(same)], [true, "free"])
    const blank = SchedulePlan.make(wanted, factsOf({ schedules: [scheduleOf({ projectId: " " })] }))
    assert.deepStrictEqual([blank.projectId, blank.isProjectConfirmed, blank.unknown], [null, false, []])
    const none = SchedulePlan.make(wanted, factsOf())
    assert.deepStrictEqual([none.isProjectConfirmed, SchedulePlan.consentOf(none)], [false, "yes"])
  })

  it("does not manage copies of drills and recoveries by a pattern", () => {
    const wanted = (index: string): BackupPolicy.BackupPolicy => ({
      rules: [{ index, settings: { deletionProtection: "enabled" } }]
    })
    const steps = (index: string, tags: Readonly<Record<string, string>>) =>
      SchedulePlan.make(wanted(index), factsOf({ index: { tags } })).steps.length
    assert.strictEqual(steps("d*", { "pinecone-backups-drill": "1" }), 0)
    assert.strictEqual(steps("d*", { "pinecone-backups-recover": "wiki" }), 0)
    assert.strictEqual(steps("d*", { "pinecone-backups-recover": "docs" }), 1)
    assert.strictEqual(steps("docs", { "pinecone-backups-recover": "wiki" }), 1)
  })

  it("is in step if a paused schedule does not exist, or only extra schedules are left", () => {
    const paused = planOf({ schedule: { every: "daily", keep: 7, paused: true } })
    assert.strictEqual(SchedulePlan.verdict(paused), "in-step")
    const extra = planOf(
      { schedule: { name: "docs-daily" } },
      { schedules: [scheduleOf(), scheduleOf({ id: "b", enabled: false })] }
    )
    assert.deepStrictEqual(extra.extra.map(({ scheduleId }) => scheduleId), ["b"])
    assert.deepStrictEqual(extra.inStep, [docs])
    assert.strictEqual(SchedulePlan.verdict(extra), "in-step")
  })

  it("leaves a paused schedule paused unless the policy enables it", () => {
    const world = { schedules: [scheduleOf({ enabled: false })] }
    assert.deepStrictEqual(planOf({ schedule: { every: "daily", keep: 30 } }, world).steps, [])
    const [step] = planOf({ schedule: { paused: false } }, world).steps
    assert.deepStrictEqual(step?.consequences, [{ _tag: "RunsNow" }, { _tag: "RhythmMoves" }])
  })

  it("changes the read capacity", () => {
    const readCapacity = {
      mode: "Dedicated",
      dedicated: { node_type: "t1", scaling: "Manual", manual: { replicas: 1, shards: 1 } }
    } as const
    const shown = {
      mode: "Dedicated",
      dedicated: { nodeType: "t1", scaling: "Manual", manual: { replicas: 1, shards: 1 } }
    }
    const plan = (readCapacity_: PineconeIndex["readCapacity"]) =>
      planOf({ settings: { readCapacity } }, { index: { readCapacity: readCapacity_ ?? null } })
    assert.deepStrictEqual(plan(shown).steps, [])
    const [step] = plan({ mode: "OnDemand" }).steps
    assert.deepStrictEqual([step?.before, step?.after, step?.consent], [
      { readCapacity: { mode: "OnDemand" } },
      { readCapacity },
      "yes"
    ])
  })

  it("names a new schedule after its index and frequency, within the limit for names of backups", () => {
    assert.strictEqual(SchedulePlan.defaultName(docs, "daily"), "docs-daily")
    assert.strictEqual(
      SchedulePlan.defaultName(IndexName.make("a-very-long-name-of-an-index"), "weekly"),
      "a-very-long-name-of-a-weekly"
    )
  })
})

describe("SchedulePlan.allows", () => {
  const world = { schedules: [scheduleOf()], backups: [backupOf(10), backupOf(1)] }
  const approved = planOf({ schedule: { keep: 7 } }, world)
  const moved = (now: SchedulePlan.SchedulePlan) => {
    const allowed = SchedulePlan.allows(approved, now)
    return Result.isFailure(allowed) ? allowed.failure : undefined
  }

  it("accepts the same steps, fewer steps, and fewer losses", () => {
    assert.isUndefined(moved(approved))
    assert.isUndefined(moved({ ...approved, steps: [] }))
    assert.isUndefined(moved(planOf({ schedule: { keep: 7 } }, { ...world, backups: [backupOf(1)] })))
  })

  it("names the field that has changed, with both values", () => {
    const now = planOf({ schedule: { keep: 7 } }, {
      ...world,
      schedules: [scheduleOf({ retentionExpireAfterDays: 14 })]
    })
    assert.deepInclude(moved(now), { reason: "changed", field: "retention_days", planned: 30, found: 14 })
  })

  it("rejects a new step, another loss, the last good backup, and another index", () => {
    const reason = (rule: Omit<BackupPolicy.Rule, "index">, other: World) => moved(planOf(rule, other))?.reason
    assert.strictEqual(reason({ settings: { tags: { a: "b" } } }, world), "new-step")
    assert.strictEqual(
      reason({ schedule: { keep: 7 } }, { ...world, backups: [...world.backups, backupOf(9)] }),
      "loses-more"
    )
    assert.strictEqual(reason({ schedule: { keep: 7 } }, { ...world, backups: [backupOf(10)] }), "last-copy")
    const indexId = IndexId.make("index-2")
    assert.strictEqual(
      reason({ schedule: { keep: 7 } }, {
        schedules: [scheduleOf({ indexId })],
        backups: world.backups.map((backup) => ({ ...backup, sourceIndexId: indexId }))
      }),
      "replaced"
    )
  })
})

describe("SchedulePlan.allows, for an index without an ID", () => {
  const planWith = (index: Partial<PineconeIndex>, schedules: ReadonlyArray<BackupSchedule> = []) =>
    planOf({ settings: { tags: { a: "b" } } }, { index, schedules })
  const moved = (approved: SchedulePlan.SchedulePlan, now: SchedulePlan.SchedulePlan) =>
    Result.match(SchedulePlan.allows(approved, now), {
      onFailure: ({ field, reason }) => `${reason} ${field}`,
      onSuccess: () => undefined
    })
  const other = "docs-x7y8z9w.svc.aped-4627-b74a.pinecone.io"

  it("accepts the same host, and the first schedule on it", () => {
    assert.isUndefined(moved(planWith({}), planWith({})))
    assert.isUndefined(moved(planWith({}), planWith({}, [scheduleOf()])))
    assert.isUndefined(moved(planWith({}, [scheduleOf()]), planWith({})))
  })

  it("rejects another host, and an unknown host", () => {
    for (const schedules of [[], [scheduleOf()]]) {
      assert.strictEqual(moved(planWith({}), planWith({ host: other }, schedules)), "replaced index_host")
      for (const host of [null, ""]) {
        assert.strictEqual(moved(planWith({ host }), planWith({}, schedules)), "replaced index_host")
        assert.strictEqual(moved(planWith({}), planWith({ host }, schedules)), "replaced index_host")
        assert.strictEqual(moved(planWith({ host }), planWith({ host }, schedules)), "replaced index_host")
      }
    }
  })

  it("accepts the same ID whatever the host", () => {
    assert.isUndefined(moved(planWith({}, [scheduleOf()]), planWith({ host: other }, [scheduleOf()])))
  })
})

describe("ScheduleStep.Step", () => {
  it("encodes to JSON with keys in snake case, and back", () => {
    const codec = Schema.toCodecJson(ScheduleStep.Step)
    const [step] = planOf({ schedule: { keep: 7 } }, { schedules: [scheduleOf()], backups: [backupOf(10)] }).steps
    assert.isDefined(step)
    const json = Schema.encodeSync(codec)(step)
    assert.deepStrictEqual(json, {
      type: "UpdateSchedule",
      index_name: "docs",
      index_id: "index-1",
      index_host: host,
      schedule_id: "docs-daily",
      schedule_name: "docs-daily",
      before: { retention_days: 30 },
      after: { retention_days: 7 },
      consequences: [{
        type: "Expires",
        backup_ids: ["age-10"],
        of: 1,
        oldest: "2026-11-11T20:00:00.000Z",
        bytes: 1_000,
        until: "2026-11-22T20:00:00.000Z"
      }],
      consent: "typed"
    })
    assert.deepStrictEqual(Schema.decodeUnknownSync(codec)(json), step)
  })
})
