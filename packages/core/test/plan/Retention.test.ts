import { assert, describe, it } from "@effect/vitest"
import type * as Backup from "@pinecone-backups/core/Backup"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Retention from "@pinecone-backups/core/plan/Retention"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import {
  backup,
  docs,
  facts,
  former,
  idsOf,
  indexFacts,
  live,
  now,
  planOf,
  reasonsFor,
  type Shape
} from "./retention.ts"

/** A label, or a backup that is not a ready manual backup with 100 records. */
type Row = string | Backup.Backup

const rowsOf = (rows: ReadonlyArray<Row>) => rows.map((row) => typeof row === "string" ? backup(row) : row)

const empty = { recordCount: 0 } as const
const failed = { status: "InitializationFailed", recordCount: null } as const

interface Case {
  readonly title: string
  readonly rows: ReadonlyArray<Row>
  readonly shape?: Shape
  readonly rules: Retention.Rules
  readonly options?: Retention.PlanOptions
  readonly kept: ReadonlyArray<string>
  readonly deleted: ReadonlyArray<string>
}

const unavailable = new PineconeError.ServiceUnavailable({
  operation: "Backups.list",
  message: "try later",
  attempts: 1,
  status: 503
})

describe("Retention.plan", () => {
  it.each<Case>([
    {
      title: "last: keeps the newest backups",
      rows: ["21", "20", "19", "18"],
      rules: { last: 2 },
      kept: ["21", "20"],
      deleted: ["19", "18"]
    },
    {
      title: "daily: counts days that have a copy, and keeps the newest copy of each",
      rows: ["21 18:00", "21 09:00", "19 09:00", "12 09:00"],
      rules: { daily: 2 },
      kept: ["21 18:00", "19 09:00"],
      deleted: ["21 09:00", "12 09:00"]
    },
    {
      title: "weekly: starts weeks on Monday, in UTC",
      rows: ["16 00:05", "15 23:55", "9"],
      rules: { weekly: 2 },
      kept: ["16 00:05", "15 23:55"],
      deleted: ["9"]
    },
    {
      title: "monthly: keeps the newest copy of each month",
      rows: ["21 Nov", "2 Nov", "31 Oct", "2 Oct", "15 Aug"],
      rules: { monthly: 2 },
      kept: ["21 Nov", "31 Oct"],
      deleted: ["2 Nov", "2 Oct", "15 Aug"]
    },
    {
      title: "within: measures from the newest good copy, not from today",
      rows: ["1 Sep", "20 Aug", "30 Jul"],
      rules: { within: "30 days" },
      kept: ["1 Sep", "20 Aug"],
      deleted: ["30 Jul"]
    },
    {
      title: "keeps what any rule keeps",
      rows: ["21", "20", "12 Nov", "12 Oct"],
      rules: { last: 1, monthly: 2 },
      kept: ["21", "12 Oct"],
      deleted: ["20", "12 Nov"]
    },
    {
      title: "keeps everything if the newest copy is empty",
      rows: [backup("21", empty), "20", "19", "18"],
      rules: { last: 1 },
      kept: ["21", "20", "19", "18"],
      deleted: []
    },
    {
      title: "deletes a failed backup only if a newer copy is good",
      rows: [backup("21", failed), "20", backup("19", failed), "18"],
      rules: { last: 1 },
      kept: ["21", "20"],
      deleted: ["19", "18"]
    },
    {
      title: "keeps everything if the newest copy has shrunk",
      rows: [backup("21", { recordCount: 12 }), "20", "19", "18", "10"],
      rules: { last: 1 },
      kept: ["21", "20", "19", "18", "10"],
      deleted: []
    },
    {
      title: "keeps backups of the future and backups without a time, and does not count them",
      rows: [backup("23"), backup("undated", { createdAt: null }), "20", "19"],
      rules: { last: 1 },
      kept: ["23", "20", "undated"],
      deleted: ["19"]
    },
    {
      title: "keeps running backups and backups without a record count, and does not count them",
      rows: [
        backup("21", { status: "Initializing", recordCount: null }),
        "20",
        backup("19", { recordCount: null }),
        "18"
      ],
      rules: { last: 1 },
      kept: ["21", "20", "19"],
      deleted: ["18"]
    },
    {
      title: "keeps the backups of deleted indexes with the same name",
      rows: ["21"],
      shape: { former: ["20 Oct", "10 Oct"].map((label) => backup(label, { sourceIndexId: former })) },
      rules: { last: 1 },
      kept: ["21", "20 Oct", "10 Oct"],
      deleted: []
    },
    {
      title: "orphans: applies the rules to each deleted index separately",
      rows: ["21"],
      shape: { former: ["20 Oct", "10 Oct"].map((label) => backup(label, { sourceIndexId: former })) },
      rules: { last: 1 },
      options: { orphans: true },
      kept: ["21", "20 Oct"],
      deleted: ["10 Oct"]
    },
    {
      title: "keeps scheduled backups, and does not count them",
      rows: ["21", "20", "1 Nov", "1 Oct"],
      shape: { scheduled: ["21", "20"] },
      rules: { daily: 1 },
      kept: ["21", "20", "1 Nov"],
      deleted: ["1 Oct"]
    },
    {
      title: "keeps a backup that is being restored",
      rows: ["21", "20", "19", "18"],
      shape: { restoring: ["19"] },
      rules: { last: 1 },
      kept: ["21", "19"],
      deleted: ["20", "18"]
    },
    {
      title: "takes the higher ID as the newer of two copies with the same time",
      rows: ["21 10:00 a", "21 10:00 b", "20"],
      rules: { daily: 1 },
      kept: ["21 10:00 b"],
      deleted: ["21 10:00 a", "20"]
    },
    {
      title: "keeps everything of an index without a good copy",
      rows: [backup("21", empty), backup("20", failed)],
      rules: { last: 3 },
      kept: ["21", "20"],
      deleted: []
    },
    {
      title: "deletes an empty copy if a newer copy is good, although a rule has room for it",
      rows: ["21", backup("20", empty), "19"],
      rules: { daily: 3 },
      kept: ["21", "19"],
      deleted: ["20"]
    }
  ])("$title", ({ deleted, kept, options, rows, rules, shape }) => {
    const plan = planOf(rules, facts(rowsOf(rows), shape), options)
    assert.deepStrictEqual(idsOf(plan, "keep"), kept)
    assert.deepStrictEqual(idsOf(plan, "delete"), deleted)
    assert.deepStrictEqual(Retention.deletions(plan).map(({ backup }) => String(backup.backupId)), deleted.toReversed())
    for (const { reasons } of plan.groups.flatMap(({ decisions }) => decisions)) assert.isNotEmpty(reasons)
  })

  it("gives every reason that applies", () => {
    const rows = [
      backup("21", failed),
      backup("20"),
      backup("19", empty),
      backup("18", { status: "Verified" }),
      backup("17", { recordCount: null }),
      backup("16"),
      backup("15"),
      backup("14"),
      backup("13", { name: null }),
      backup("12", { name: "docs-daily-20261112T120000Z" }),
      backup("none", { createdAt: null })
    ]
    const plan = planOf({ last: 1, weekly: 1, within: "1 day" }, facts(rows, { restoring: ["16"], scheduled: ["15"] }))
    const reasons = Object.fromEntries(
      plan.groups.flatMap(({ decisions }) => decisions).map(({ backup, reasons }) => [backup.backupId, reasons])
    )
    assert.deepStrictEqual(reasons, {
      "21": ["newer", "within"],
      "20": ["newest-good", "last", "weekly", "within"],
      "19": ["within"],
      "18": ["running"],
      "17": ["uncounted"],
      "16": ["restoring"],
      "15": ["scheduled"],
      "14": ["unneeded"],
      "13": ["unknown-origin"],
      "12": ["scheduled"],
      "none": ["undated"]
    })
  })

  it("evenIfShrunk: deletes although the newest copy is empty, but keeps the newest good copy", () => {
    const rows = rowsOf([backup("21", empty), "20", "19"])
    const held = planOf({ last: 1 }, facts(rows))
    assert.strictEqual(held.groups[0]?.suspect?.backup.backupId, "21")
    assert.deepStrictEqual(reasonsFor(held, "19"), ["suspicious"])
    const plan = planOf({ last: 1 }, facts(rows), { evenIfShrunk: true })
    assert.strictEqual(plan.groups[0]?.suspect?.backup.backupId, "21")
    assert.deepStrictEqual(idsOf(plan, "delete"), ["19"])
  })

  it("keeps everything if a scheduled copy is the newest, and empty", () => {
    const plan = planOf({ last: 1 }, facts(rowsOf([backup("21", empty), "20", "19"]), { scheduled: ["21"] }))
    assert.deepStrictEqual(idsOf(plan, "delete"), [])
  })

  it.each([
    ["a share of the policy", 0.5, ["18", "17"]],
    ["a lower share of the policy", 0.2, []]
  ])("policy: judges whether the newest copy has shrunk by %s", (_, maxShrink, deleted) => {
    const rows = rowsOf([backup("21", { recordCount: 60 }), "20", "19", "18", "17"])
    const plan = planOf({ last: 3 }, facts(rows), { policy: { rules: [{ index: "docs", maxShrink }] } })
    assert.deepStrictEqual(idsOf(plan, "delete"), deleted)
  })

  it("name: neither counts nor deletes backups with other names", () => {
    const rows = ["21", "20", "19", "18"].map((label, position) =>
      backup(label, { name: position % 2 === 0 ? `guard-${label}` : `other-${label}` })
    )
    const plan = planOf({ last: 1 }, facts([...rows, backup("17", { name: null })]), { name: "guard-*" })
    assert.deepStrictEqual(idsOf(plan, "keep"), ["21"])
    assert.deepStrictEqual(idsOf(plan, "delete"), ["19"])
  })

  it("within: keeps manual backups although a scheduled copy is newer by more", () => {
    const plan = planOf({ within: "2 days" }, facts(rowsOf(["21", "10", "9", "1"]), { scheduled: ["21"] }))
    assert.deepStrictEqual(idsOf(plan, "delete"), ["1"])
  })

  it.each<[what: string, rules: Retention.Rules, rule: keyof Retention.Rules]>([
    ["a count of 0", { last: 0 }, "last"],
    ["a negative count", { last: 1, daily: -1 }, "daily"],
    ["a fraction", { weekly: 1.5 }, "weekly"],
    ["a count that is not a number", { monthly: Number.NaN }, "monthly"],
    ["a duration of 0", { last: 1, within: 0 }, "within"],
    ["an infinite duration", { within: Duration.infinity }, "within"]
  ])("rejects %s", (_, rules, rule) => {
    const failure = Result.getOrThrow(Result.flip(Retention.plan(rules, facts([]))))
    assert.deepStrictEqual([failure._tag, "rule" in failure && failure.rule], ["RetentionInvalidRule", rule])
  })

  it("requires a rule", () => {
    const failure = Result.getOrThrow(Result.flip(Retention.plan({}, facts([]))))
    assert.deepStrictEqual([failure._tag, failure.message], ["RetentionNoRules", "Expected at least one rule"])
  })

  it.each<[what: Retention.Unreadable["what"], facts: Partial<Retention.Facts>]>([
    ["indexes", { indexes: Result.fail(unavailable) }],
    ["restore-jobs", { restoreJobs: Result.fail(unavailable) }]
  ])("fails if the %s could not be read", (what, more) => {
    const failure = Result.getOrThrow(Result.flip(Retention.plan({ last: 1 }, { ...facts([backup("21")]), ...more })))
    assert.deepStrictEqual([failure._tag, "what" in failure && failure.what], ["RetentionUnreadable", what])
  })

  it("neither shows nor deletes backups without an index ID", () => {
    const blank = rowsOf([
      backup("9 Oct", { sourceIndexId: PineconeIndex.IndexId.make("") }),
      backup("8 Oct", { sourceIndexId: PineconeIndex.IndexId.make(" ") })
    ])
    const plan = planOf({ last: 1 }, facts(rowsOf(["21", "20"]), { former: blank }), { orphans: true })
    assert.deepStrictEqual([...idsOf(plan, "keep"), ...idsOf(plan, "delete")], ["21", "20"])
  })

  it("refuses an index if a backup that is listed for it has no index ID", () => {
    // The newest backup may be one of the index, and shows that its data is gone.
    const rows = rowsOf([backup("21", { ...empty, sourceIndexId: PineconeIndex.IndexId.make("") }), "20", "19"])
    const plan = planOf({ last: 1 }, facts(rows))
    assert.deepStrictEqual(idsOf(plan, "delete"), [])
    assert.deepStrictEqual(plan.refused.map(({ problem }) => problem), [
      { _tag: "Unreadable", what: "backups", error: undefined }
    ])
  })

  it("does not take backups of the index for orphans if they are in only one of two lists", () => {
    const index: Retention.IndexFacts = {
      ...indexFacts([]),
      schedules: Result.succeed([]),
      allBackups: Result.succeed(rowsOf(["21", "20"]))
    }
    const facts: Retention.Facts = {
      at: now,
      indexes: Result.succeed([index]),
      restoreJobs: Result.succeed([])
    }
    const plan = planOf({ last: 1 }, facts, { orphans: true })
    assert.deepStrictEqual(plan.groups, [])
    assert.deepStrictEqual(plan.refused.map(({ problem }) => problem), [{ _tag: "Contradictory", indexIds: [live] }])
  })

  const rows = rowsOf(["21", "20"])
  const fine = indexFacts(rows)
  const schedule = Result.getOrThrow(fine.schedules)[0]!

  it.each<[what: string, index: Partial<Retention.IndexFacts>, problem: Retention.Problem, orphans?: boolean]>([
    ["its schedules cannot be read", { schedules: Result.fail(unavailable) }, {
      _tag: "Unreadable",
      what: "schedules",
      error: unavailable
    }],
    ["a history cannot be read", { schedules: Result.succeed([{ ...schedule, runs: Result.fail(unavailable) }]) }, {
      _tag: "Unreadable",
      what: "history",
      error: unavailable
    }],
    ["its backups cannot be read", { backups: Result.fail(unavailable) }, {
      _tag: "Unreadable",
      what: "backups",
      error: unavailable
    }],
    ["the backups of deleted indexes cannot be read", { allBackups: Result.fail(unavailable) }, {
      _tag: "Unreadable",
      what: "backups",
      error: unavailable
    }, true],
    ["the backups of deleted indexes were not requested", { allBackups: undefined }, {
      _tag: "Unreadable",
      what: "backups",
      error: undefined
    }, true],
    ["its schedule and its backups name different IDs", {
      backups: Result.succeed(rows.map((row) => ({ ...row, sourceIndexId: former })))
    }, {
      _tag: "Contradictory",
      indexIds: [live, former]
    }],
    ["it does not exist", {
      index: undefined,
      schedules: Result.succeed([]),
      backups: Result.succeed([]),
      allBackups: undefined
    }, {
      _tag: "NotFound"
    }]
  ])("plans nothing for an index if %s, and plans the others", (_, index, problem, orphans = false) => {
    const other = PineconeIndex.IndexName.make("wiki")
    const wiki = {
      ...indexFacts(rows.map((row) => ({ ...row, sourceIndexName: other }))),
      indexName: other,
      index: { name: other }
    }
    const plan = planOf({ last: 1 }, { ...facts([]), indexes: Result.succeed([wiki, { ...fine, ...index }]) }, {
      orphans
    })
    assert.deepStrictEqual(plan.refused, [{ indexName: docs, problem }])
    assert.deepStrictEqual(plan.groups.map(({ indexName }) => String(indexName)), ["wiki"])
    assert.deepStrictEqual(idsOf(plan, "delete"), ["20"])
  })

  it("prunes the backups of an index that no longer exists, with orphans", () => {
    const gone: Retention.IndexFacts = {
      indexName: docs,
      index: undefined,
      schedules: Result.succeed([]),
      backups: Result.succeed([]),
      allBackups: Result.succeed(rows)
    }
    const plan = planOf({ last: 1 }, { ...facts([]), indexes: Result.succeed([gone]) }, { orphans: true })
    assert.deepStrictEqual(plan.groups.map(({ isOrphaned }) => isOrphaned), [true])
    assert.deepStrictEqual(idsOf(plan, "delete"), ["20"])
  })

  it("leaves out a listed backup whose index was deleted", () => {
    const other = backup("22 Nov", { sourceIndexId: former, sourceIndexDeletedAt: now, createdAt: now })
    const plan = planOf({ last: 1 }, facts([...rows, other]))
    assert.deepStrictEqual(idsOf(plan, "keep"), ["21", "22 Nov"])
    assert.deepStrictEqual(plan.groups.map(({ decisions }) => decisions.length), [2, 1])
  })

  it("plans for the time of the facts", () => {
    const later = DateTime.add(now, { days: 3 })
    assert.deepStrictEqual(idsOf(planOf({ last: 1 }, facts(rowsOf(["23", "20"]))), "delete"), [])
    assert.deepStrictEqual(idsOf(planOf({ last: 1 }, facts(rowsOf(["23", "20"]), { at: later })), "delete"), ["20"])
  })
})
