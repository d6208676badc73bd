import { assert, describe, it } from "@effect/vitest"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { HtmlValidate } from "html-validate"
import * as Assets from "../../src/commands/audit/html/assets.generated.ts"
import * as Page from "../../src/commands/audit/html/Page.ts"
import * as Pictures from "../../src/commands/audit/html/Pictures.ts"
import * as Tiles from "../../src/commands/audit/html/Tiles.ts"
import * as Verdict from "../../src/commands/audit/html/Verdict.ts"
import * as View from "../../src/commands/audit/html/View.ts"
import * as Words from "../../src/commands/audit/html/Words.ts"
import * as Format from "../../src/terminal/Format.ts"
import * as Pages from "./pages.ts"

const viewOf = (specs: ReadonlyArray<Pages.Spec>, more: Partial<View.View> = {}): View.View => ({
  ...View.make(Pages.looked(specs), Pages.file),
  ...more
})

/** Text with ordinary spaces. */
const spaced = (text: string): string => text.replaceAll(Words.nbsp, " ")

const kinds = (...all: ReadonlyArray<Pages.Kind>): ReadonlyArray<Pages.Spec> =>
  all.map((kind, index) => ({ name: `index-${index}`, kind }))

/** The pages of every state. */
const states: Readonly<Record<string, string>> = {
  mixed: Pages.pageOf(Pages.mixed, {}, {
    defaults: { rpo: Duration.hours(26), minCopies: 3 },
    rules: [{
      index: "carts",
      ignore: [{ check: "failed", reason: "moved", until: DateTime.makeUnsafe("2027-01-31T00:00:00Z") }]
    }]
  }),
  good: Pages.pageOf(Pages.many(3, "good")),
  "one good index": Pages.pageOf(Pages.many(1, "good")),
  critical: Pages.pageOf(Pages.many(45, "critical")),
  deleted: Pages.pageOf(kinds("deleted")),
  "no index": Pages.pageOf([]),
  outage: Pages.pageOf(Pages.mixed, { error: "The service did not respond", interval: Pages.served.interval }),
  "a failed audit": Pages.failedPage("No result after 30s."),
  "an old page": Pages.pageOf(Pages.many(2, "good"), { isOld: true, interval: Pages.served.interval }),
  "hostile names": Pages.pageOf(Pages.hostileNames.map((name, index) => ({
    name,
    kind: index % 2 === 0 ? "good" : "critical",
    scheduleName: name
  }))),
  "several projects": Page.ofSeveral([
    View.make(Pages.looked(Pages.mixed), { ...Pages.file, profile: "prod" }),
    View.make(Pages.looked(Pages.many(2, "good")), { ...Pages.file, profile: `"><script>` }),
    View.unknown(Pages.looked([]).health, "connection refused", { ...Pages.file, profile: "down" })
  ], ["2 profiles were skipped"]).text
}

describe("Verdict", () => {
  it.each<
    readonly [
      kinds: ReadonlyArray<Pages.Kind>,
      more: Partial<View.View>,
      look: Words.Look,
      title: string,
      detail: string | null
    ]
  >([
    [["good"], {}, "ok", "The backups of the only index are good", null],
    [["good", "good"], {}, "ok", "The backups of all 2 indexes are good", null],
    [["critical"], {}, "critical", "The only index is in danger", null],
    [["critical", "good", "good"], {}, "critical", "1 of 3 indexes is in danger", "Of the others, 2 are good."],
    [
      ["critical", "unprotected", "good"],
      {},
      "critical",
      "2 of 3 indexes are in danger",
      "Of the others, 1 is good."
    ],
    [["unreadable", "good"], {}, "unknown", "1 of 2 indexes could not be checked", "Of the others, 1 is good."],
    [
      ["unreadable", "critical", "good"],
      {},
      "critical",
      "1 of 3 indexes is in danger, and not everything could be checked",
      "Of the others, 1 is not known and 1 is good."
    ],
    [[], {}, "unknown", "It is not known whether the backups are good", null],
    [
      ["good"],
      { isOld: true },
      "unknown",
      "Last seen 21 Nov, 20:00 UTC: the backups of the only index are good",
      null
    ],
    [
      ["good"],
      { error: "503" },
      "unknown",
      "Last seen 21 Nov, 20:00 UTC: the backups of the only index are good",
      null
    ],
    [["critical"], { error: "503" }, "critical", "Last seen 21 Nov, 20:00 UTC: the only index is in danger", null],
    [
      [],
      { isKnown: false, error: "503" },
      "unknown",
      "It is not known whether the backups are good",
      null
    ],
    [
      [],
      { isKnown: false, error: "503", interval: Duration.minutes(5) },
      "unknown",
      "It is not known whether the backups are good",
      "No audit has succeeded yet."
    ],
    [
      [],
      { isKnown: false },
      "unknown",
      "It is not known whether the backups are good",
      "The first audit has not finished yet."
    ]
  ])("%j %j: %s", (all, more, look, title, detail) => {
    const verdict = Verdict.make(viewOf(kinds(...all), more))
    assert.deepStrictEqual(
      { ...verdict, title: spaced(verdict.title), detail: verdict.detail && spaced(verdict.detail) },
      { look, title, detail }
    )
  })

  it("is neither good nor bad for an accepted project without indexes, and unknown once it is old", () => {
    const { health, ...view } = viewOf([])
    const empty = { ...view, health: { ...health, status: "ok" as const, project: [] } }
    assert.strictEqual(Verdict.make(empty).look, "none")
    assert.strictEqual(Verdict.make({ ...empty, isOld: true }).look, "unknown")
  })

  it("is never good for several projects if one is not", () => {
    const good = viewOf(kinds("good"))
    assert.strictEqual(Verdict.ofSeveral([good, good]).look, "ok")
    for (
      const other of [
        viewOf(kinds("critical")),
        viewOf(kinds("unreadable")),
        viewOf([]),
        { ...good, error: "503" },
        { ...good, isOld: true },
        { ...good, isKnown: false }
      ]
    ) {
      assert.notStrictEqual(Verdict.ofSeveral([good, other]).look, "ok")
      assert.notInclude(spaced(Verdict.ofSeveral([good, other]).title), "are good")
    }
  })
})

describe("Words", () => {
  it.each([[0, "0 s"], [59.6, "1 min"], [581, "9 min 41 s"], [3_600, "1 h"], [93_784, "1 d 2 h"], [-5, "0 s"]])(
    "duration of %d s: %s",
    (seconds, text) => assert.strictEqual(spaced(Words.duration(seconds)), text)
  )

  it.each([
    ["2026-11-21T19:59:30Z", "less than a minute ago"],
    ["2026-11-21T19:00:00Z", "1 hour ago"],
    ["2026-11-20T06:00:00Z", "38 hours ago"],
    ["2026-11-19T06:00:00Z", "2 days 14 hours ago"],
    ["2026-11-18T20:00:00Z", "3 days ago"],
    ["2026-11-01T06:00:00Z", "20 days ago"],
    ["2026-11-22T06:00:00Z", "in 10 hours"]
  ])("age of %s: %s", (at, text) => assert.strictEqual(spaced(Words.ago(DateTime.makeUnsafe(at), Pages.now)), text))

  it("prints the year of another year only", () => {
    assert.strictEqual(spaced(Words.day(DateTime.makeUnsafe("2025-12-31T00:00:00Z"), Pages.now)), "31 Dec 2025")
    assert.strictEqual(spaced(Words.day(DateTime.makeUnsafe("2026-12-31T00:00:00Z"), Pages.now)), "31 Dec")
  })

  it("prints the result of the last drill, and what is unknown", () => {
    const [passed, failed, none] = viewOf([
      { name: "a", kind: "good", drill: "SUCCESSFUL" },
      { name: "b", kind: "good", drill: "FAILED" },
      { name: "c", kind: "good" }
    ]).indexes.toSorted((self, that) => self.health.indexName < that.health.indexName ? -1 : 1)
    assert.isDefined(passed && failed && none)
    if (!passed || !failed || !none) return
    assert.strictEqual(spaced(Words.lastRestore(passed, Pages.now).text), "passed in 10 min 56 s")
    assert.deepStrictEqual(Words.lastRestore(failed, Pages.now).details.map(spaced), [
      "11 Nov, 20:12 UTC",
      "The copy has 12 records, the backup has 18,306",
      "No drill has passed",
      "The last restore took 10 min 56 s"
    ])
    assert.isTrue(Words.restoreTakes(failed, Pages.now).isBad)
    assert.strictEqual(Words.restoreTakes(none, Pages.now).text, "no restore known")
    assert.strictEqual(Words.restoreTakes({ ...none, restore: undefined }, Pages.now).text, "not known")
    // Without a good copy, there is nothing that a restore could prove.
    const empty = { ...none, health: { ...none.health, copies: 0, dataUntil: null } }
    assert.strictEqual(Words.restoreTakes(empty, Pages.now).text, "nothing to test")
    assert.strictEqual(Words.lastRestore(empty, Pages.now).text, "nothing to test")
    assert.strictEqual(
      Words.restoreTakes({ ...empty, health: { ...empty.health, copies: null } }, Pages.now).text,
      "no restore known"
    )
  })

  it("counts nothing as zero that is not known", () => {
    const view = viewOf(kinds("good", "good"))
    const blind = {
      ...view,
      health: { ...view.health, quota: { used: null, limit: null } },
      indexes: view.indexes.map((index) => ({
        ...index,
        stored: null,
        restore: undefined
      }))
    }
    const figures = Tiles.make(blind).map(({ figure }) => figure)
    assert.deepStrictEqual(figures, ["2 of 2", "not known", "not known", "not known"])
    assert.isNull(Tiles.storedInAll(blind))
  })

  it("prints since when a problem exists, not the time of the last good backup", () => {
    const [carts] = viewOf(kinds("critical")).indexes
    const [stale, failed] = carts?.health.findings ?? []
    assert(carts !== undefined && stale !== undefined && failed !== undefined)
    assert.strictEqual(stale.check, "stale")
    assert.strictEqual(carts.health.dataUntil && DateTime.formatIso(carts.health.dataUntil), "2026-11-19T05:45:00.000Z")
    // A daily schedule allows 26 hours.
    assert.strictEqual(spaced(Words.since(stale, Pages.now) ?? ""), "too old since 20 Nov, 07:45 UTC")
    // The sentence has the time of the failed run.
    assert.isNull(Words.since(failed, Pages.now))
    // Without that time, nothing is printed in its place.
    const old = {
      ...stale,
      evidence: { ...stale.evidence, times: stale.evidence.times.filter(({ what }) => what === "newest") }
    }
    assert.isNull(Words.since(old, Pages.now))
    const html = Pages.pageOf(kinds("critical"))
    assert.lengthOf(spaced(html).match(/too old since 20 Nov, 07:45 UTC/g) ?? [], 2)
  })

  it("says why no restore is known of an index that the policy accepts", () => {
    const { indexes } = View.make(
      Pages.looked(kinds("good", "good"), {
        rules: [{
          index: "index-0",
          ignore: [{
            check: "untested",
            reason: "restored manually in October",
            until: DateTime.makeUnsafe("2027-01-31T00:00:00Z")
          }]
        }]
      }),
      Pages.file
    )
    assert.deepStrictEqual(
      indexes.map((index) => [index.health.indexName, Words.restoreTakes(index, Pages.now).detail]),
      [["index-0", "accepted by the policy"], ["index-1", null]]
    )
    assert.deepStrictEqual(indexes.map((index) => Words.lastRestore(index, Pages.now).details), [
      ["Accepted by the policy: restored manually in October"],
      []
    ])
  })

  it("tells backups of the quota from stored and from usable backups", () => {
    const view = viewOf([{ name: "carts", kind: "critical", runs: 5 }])
    assert.deepStrictEqual(Tiles.make(view).slice(-2).map(({ figure, label }) => spaced(`${figure} ${label}`)), [
      "5 of 500 backups of the quota used, 2 of them failed or in progress",
      "1.8 GB stored in 3 ready backups"
    ])
    const [index] = view.indexes
    assert(index?.stored != null)
    assert.strictEqual(spaced(Words.storedOf(index.stored, 3)), "1.8 GB stored")
    assert.strictEqual(spaced(Words.storedOf(index.stored, 2)), "1.8 GB stored in 3 backups, 1 of them not usable")
    assert.strictEqual(spaced(Words.storedOf(index.stored, null)), "1.8 GB stored")
  })

  it("adds up projects, and says how many are not known", () => {
    const one = viewOf([{ name: "docs", kind: "good", runs: 2 }])
    const other = viewOf([{ name: "carts", kind: "good", runs: 1 }, { name: "images", kind: "unprotected" }])
    const down = View.unknown(one.health, "503", Pages.file)
    const blind = { ...one, indexes: one.indexes.map((index) => ({ ...index, stored: null })) }
    const figuresOf = (...views: ReadonlyArray<View.View>) =>
      Tiles.ofSeveral(views).map(({ figure, label }) => spaced(`${figure} ${label}`))
    assert.deepStrictEqual(figuresOf(one, other), ["2 of 3 can be restored", "1.8 GB stored in 3 ready backups"])
    assert.deepStrictEqual(figuresOf(one, down), [
      "1 of 1 can be restored; 1 project not known",
      "at least 1.2 GB stored in 2 ready backups; 1 project not known"
    ])
    assert.deepStrictEqual(figuresOf(other, blind), [
      "2 of 3 can be restored",
      "at least 600 MB stored in 1 ready backup; 1 project not known"
    ])
    assert.deepStrictEqual(figuresOf(down), ["not known size of all backups"])
    assert.deepStrictEqual(Tiles.ofOne(down), { restorable: "not known", stored: "not known" })
  })
})

describe("View.worstFirst", () => {
  it("lists nothing to restore, then unknown, then older states first, within a severity", () => {
    const [base] = viewOf(kinds("critical")).indexes
    assert(base !== undefined)
    const [finding] = base.health.findings
    assert(finding !== undefined)
    const one = (
      name: string,
      severity: BackupHealth.Finding["severity"],
      copies: number | null,
      until: string | null
    ): View.IndexView => ({
      ...base,
      health: {
        ...base.health,
        indexName: PineconeIndex.IndexName.make(name),
        findings: [{ ...finding, severity }],
        copies,
        dataUntil: until === null ? null : DateTime.makeUnsafe(until)
      }
    })
    const expected = [
      one("y", "critical", 0, null),
      one("z", "critical", 0, null),
      one("x", "critical", null, null),
      one("w", "critical", 3, "2026-11-01T00:00:00Z"),
      one("a", "critical", 3, "2026-11-20T00:00:00Z"),
      one("v", "critical", 3, "2026-11-20T00:00:00Z"),
      one("c", "warning", 0, null),
      one("b", "warning", 3, "2026-11-01T00:00:00Z")
    ]
    const names = (indexes: ReadonlyArray<View.IndexView>) => indexes.map(({ health }) => health.indexName)
    assert.deepStrictEqual(names(expected.toReversed().toSorted(View.worstFirst)), names(expected))
  })

  it("is the order of the table and of the cards", () => {
    const html = Pages.pageOf([{ name: "a", kind: "critical" }, { name: "b", kind: "critical" }, {
      name: "c",
      kind: "unprotected"
    }])
    assert.deepStrictEqual([...html.matchAll(/<a href="#index-(\w)"/g)].map(([, name]) => name), ["c", "a", "b"])
    assert.deepStrictEqual([...html.matchAll(/class="card" id="index-(\w)"/g)].map(([, name]) => name), ["c", "a", "b"])
  })
})

describe("View.make", () => {
  it("does not show a project with unreadable backups as restorable or empty", () => {
    const failure = Pages.looked(kinds("unreadable")).facts.indexes[0]?.schedules
    assert.isDefined(failure)
    const { indexes } = View.make(
      Pages.looked(kinds("good"), undefined, { backups: failure as never }),
      Pages.file
    )
    const [index] = indexes
    assert.isNull(index?.stored)
    assert.isUndefined(index?.restore)
    assert.isFalse(
      index?.schedules.some(({ slots }) => slots?.some(({ mark }) => mark === "kept" || mark === "deleted"))
    )
  })

  it("tells the backups of an index from those of a deleted index with its name", () => {
    const { facts, policy } = Pages.looked([{ name: "docs", kind: "good", runs: 2 }, {
      name: "docs",
      kind: "deleted",
      runs: 1,
      id: "id-of-a-deleted-index"
    }])
    const bytesOf = (changed: typeof facts) =>
      View.make(
        { facts: changed, policy, health: HealthChecks.assess(changed, { now: Pages.now, policy }) },
        Pages.file
      )
        .indexes.map(({ health, stored }): readonly [boolean, number | undefined] => [health.isDeleted, stored?.bytes])
        .toSorted(([self]) => self ? 1 : -1)
    assert.deepStrictEqual(bytesOf(facts), [[false, 1_198_000_000], [true, 600_000_000]])
    // Without any ID of the index that exists, it is unknown which backups are its own.
    const anonymous = facts.indexes.map(({ index: { id: _, ...index }, ...rest }) => ({
      ...rest,
      index,
      schedules: Result.succeed([]),
      backups: undefined
    }))
    for (const [, bytes] of bytesOf({ ...facts, indexes: anonymous, all: anonymous.map(({ index }) => index) })) {
      assert.isUndefined(bytes)
    }
  })

  const jobOf = (
    { facts: { backups } }: View.Looked,
    indexName: string,
    more: Partial<RestoreJob.RestoreJob> = {}
  ): RestoreJob.RestoreJob => {
    const backup = Result.getOrThrow(backups).find(({ sourceIndexName }) => sourceIndexName === indexName)
    assert.isDefined(backup)
    return {
      restoreJobId: RestoreJob.RestoreJobId.make("job"),
      backupId: backup.backupId,
      targetIndexName: PineconeIndex.IndexName.make(`${indexName}-2`),
      targetIndexId: PineconeIndex.IndexId.make("id-of-target"),
      status: "Completed",
      createdAt: DateTime.makeUnsafe("2026-11-20T10:00:00Z"),
      completedAt: DateTime.makeUnsafe("2026-11-20T10:10:00Z"),
      percentComplete: 100,
      ...more
    }
  }

  const specs: ReadonlyArray<Pages.Spec> = [
    { name: "carts", kind: "critical", drill: "SUCCESSFUL" },
    { name: "docs", kind: "good" },
    { name: "old", kind: "deleted" }
  ]

  it("falls back to the last restore of an index without a drill", () => {
    const looked = Pages.looked(specs)
    const kindsOf = (restoreJobs: BackupHealth.Facts["restoreJobs"]) =>
      Object.fromEntries(
        View.make(Pages.looked(specs, undefined, { restoreJobs }), Pages.file).indexes
          .map(({ health, restore }) => [health.indexName, restore === null ? null : restore?.kind])
      )
    assert.deepStrictEqual(kindsOf(Result.succeed([])), { carts: "drill", docs: null, old: undefined })
    assert.deepStrictEqual(
      kindsOf(Result.succeed(["carts", "docs", "old"].map((name) => jobOf(looked, name)))),
      { carts: "drill", docs: "restore", old: "restore" }
    )
    const failure = new PineconeError.PaginationLoop({ operation: "RestoreJobs.list", message: "it loops", pages: 2 })
    assert.deepStrictEqual(kindsOf(Result.fail(failure)), { carts: "drill", docs: undefined, old: undefined })
  })

  it("shows restores that have not ended at their source and their target", () => {
    const looked = Pages.looked(specs)
    const pending = { status: "Pending", completedAt: null, percentComplete: 62.5 }
    const restoreJobs = Result.succeed([
      jobOf(looked, "old", { ...pending, targetIndexName: PineconeIndex.IndexName.make("docs") }),
      jobOf(looked, "carts"),
      jobOf(looked, "carts", { ...pending, status: "Failed" }),
      jobOf(looked, "carts", { status: "Paused", createdAt: null, completedAt: null, percentComplete: null })
    ])
    const view = View.make(Pages.looked(specs, undefined, { restoreJobs }), Pages.file)
    assert.deepStrictEqual(
      Object.fromEntries(
        view.indexes.map(({ health, running }) => [
          health.indexName,
          running.map((one) => spaced(`${one.target}: ${Words.progress(one, Pages.now)}`))
        ])
      ),
      {
        carts: ["carts-2: start not known"],
        docs: ["docs: since 20 Nov, 10:00 UTC, 62 %"],
        old: ["docs: since 20 Nov, 10:00 UTC, 62 %"]
      }
    )
    assert.include(Page.make(view).text, "A restore into <bdi>carts-2</bdi> is running: start not known")
  })

  it("counts bytes by schedule, and those of deleted indexes by their own", () => {
    const { indexes } = viewOf([{ name: "docs", kind: "good", runs: 2 }, { name: "old", kind: "deleted", runs: 1 }])
    assert.deepStrictEqual(
      indexes.toSorted((self) => self.health.isDeleted ? 1 : -1).map((
        { health, schedules, stored }
      ): Array<unknown> => [
        String(health.indexName),
        health.isDeleted,
        stored?.bytes,
        schedules.map(({ stored }) => stored?.bytes)
      ]),
      [["docs", false, 1_198_000_000, [1_198_000_000]], ["old", true, 600_000_000, []]]
    )
  })
})

// ============================================================================
// Pictures
// ============================================================================

const marks: ReadonlyArray<View.Mark> = [
  "kept",
  "deleted",
  "unsure",
  "empty",
  "failed",
  "missed",
  "late",
  "running",
  "planned"
]

const Slots = Schema.Array(Schema.Struct({
  day: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 800 })),
  mark: Schema.Literals(marks)
}))

const slotsOf = (all: typeof Slots.Type): ReadonlyArray<View.Slot> =>
  [...new Map(all.map(({ day, mark }) => [day, mark]))].map(([day, mark]) => ({
    at: DateTime.subtract(DateTime.makeUnsafe("2026-11-21T06:00:00Z"), { days: day }),
    mark,
    records: 5,
    bytes: null
  })).sort((self, that) => DateTime.toEpochMillis(self.at) - DateTime.toEpochMillis(that.at))

/** Reads the cells of a picture back: `column,row mark`. */
const read = (svg: string): ReadonlyArray<string> => {
  const classes: Readonly<Record<string, string>> = { k: "kept", d: "deleted", u: "unsure", p: "planned" }
  const dashes = [...svg.matchAll(/<path class="([kdup])" d="([^"]*)"\/>/g)].flatMap(([, name = "", path = ""]) =>
    [...path.matchAll(/M(\d+) (\d+)([hv])(\d+)/g)].flatMap(([, x, y, direction, length]) =>
      Array.from(
        { length: Number(length) },
        (_, step) =>
          direction === "h" ? `${Number(x) + step},${y} ${classes[name]}` : `${x},${Number(y) + step} ${classes[name]}`
      )
    )
  )
  const uses = [...svg.matchAll(/<use href="#m-(\w+)" x="(\d+)"(?: y="(\d+)")?><title>[^<]+<\/title><\/use>/g)].map(
    ([, mark, x, y = "0"]) => `${x},${y} ${mark}`
  )
  return [...dashes, ...uses].sort()
}

describe("Pictures", () => {
  it.prop("draw every day of 13 weeks once", [Slots], ([all]) => {
    const slots = slotsOf(all)
    // The week of Saturday, 21 November 2026 ends on the next day.
    const expected = all.length === 0 ? [] : slots.flatMap(({ at, mark }) => {
      const days = Math.round((DateTime.toEpochMillis(at) - Date.UTC(2026, 7, 24, 6)) / Format.dayMillis)
      return days < 0 ? [] : [`${Math.floor(days / 7)},${days % 7} ${mark}`]
    })
    assert.deepStrictEqual(read(Pictures.calendar(slots, Pages.now, "runs").toString()), expected.sort())
  })

  it.prop("draw the latest 14 runs, the newest last", [Slots], ([all]) => {
    const slots = slotsOf(all)
    const latest = slots.filter(({ mark }) => mark !== "planned").slice(-14)
    assert.deepStrictEqual(
      read(Pictures.strip(slots, Pages.now, "runs").toString()),
      latest.map(({ mark }, index) => `${14 - latest.length + index},0 ${mark}`).sort()
    )
  })

  it("show the worst run of a day with several", () => {
    const at = DateTime.makeUnsafe("2026-11-20T06:00:00Z")
    const slot = { at, records: null, bytes: null }
    const svg = Pictures.calendar([{ ...slot, mark: "failed" }, { ...slot, mark: "kept" }], Pages.now, "runs")
    assert.deepStrictEqual(read(svg.toString()), ["12,4 failed"])
  })

  /** The lines of a curve, which is a path of relative lines. */
  const readCurve = (path: string) =>
    [...path.matchAll(/M(\d+ \d+)(?:h0|l([-\d ]+))/g)].flatMap(([, start = "", rest = "0 0"]) => {
      const numbers = [...`${start} ${rest}`.matchAll(/-?\d+/g)].map(Number)
      const ends = [{ x: 0, y: 0 }]
      for (let index = 0; index < numbers.length; index += 2) {
        const last = ends.at(-1) ?? { x: 0, y: 0 }
        ends.push({ x: last.x + (numbers[index] ?? Number.NaN), y: last.y + (numbers[index + 1] ?? Number.NaN) })
      }
      return ends.slice(2).map((to, index) => [ends[index + 1] ?? to, to] as const)
    })

  /** The height of a line at a position. */
  const heightAt = ([from, to]: ReturnType<typeof readCurve>[number], x: number): number =>
    from.x === to.x ? from.y : from.y + (to.y - from.y) * (x - from.x) / (to.x - from.x)

  const Values = Schema.Array(Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1e9 }))))

  it.prop("keep the minimum and the last value of a curve", [Values], ([values]) => {
    const points = Pictures.points(values)
    assert.isAtMost(points.length, Pictures.mostPoints)
    assert.strictEqual(points.at(-1), values.at(-1))
    const known = values.filter((value) => value !== null)
    if (known.length > 0) assert.strictEqual(Math.min(...points.map((value) => value ?? Infinity)), Math.min(...known))
    const top = Pictures.topOf(values)
    for (const point of points) assert.isAtMost(point ?? 0, top)
    const lines = readCurve(Pictures.curvePath(points, top))
    for (const [index, point] of points.entries()) {
      const x = Math.round(index * 300 / Math.max(1, points.length - 1))
      const there = lines.filter(([from, to]) => from.x <= x && x <= to.x)
      // Unknown values are gaps.
      if (point === null) assert.deepStrictEqual(there, [])
      else {
        assert.isNotEmpty(there)
        for (const line of there) assert.closeTo(heightAt(line, x), 40 * (1 - point / top), 0.501)
      }
    }
  })

  it.each([[0, 1], [1, 1], [3, 5], [18_306, 20_000], [600_000_000, 1e9], [Number.NaN, 1]])(
    "scale %d to %d",
    (value, top) => assert.strictEqual(Pictures.ceiling(value), top)
  )
})

// ============================================================================
// Markup
// ============================================================================

interface Token {
  /** `<name attribute attribute>`, or `</name>`. */
  readonly tag: string
  readonly values: ReadonlyArray<string>
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", "#39": "'" }

const decoded = (text: string): string => text.replace(/&([a-z]+|#39);/g, (whole, name) => entities[name] ?? whole)

/** The tags and the texts of a document, without the contents of the style and of the script. */
const parsed = (html: string): { readonly tags: ReadonlyArray<Token>; readonly text: string } => {
  const tags: Array<Token> = []
  let text = ""
  const source = html.replace(Assets.style, "").replace(Assets.script, "")
  const pattern = /<(\/?[a-zA-Z!][^\s>/]*)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*\/?>|<|[^<]+/g
  for (const [whole, tag, attributes] of source.matchAll(pattern)) {
    if (tag === undefined) {
      text += decoded(whole)
      continue
    }
    const all = [...attributes?.matchAll(/([^\s=]+)(?:="([^"]*)")?/g) ?? []]
    tags.push({
      tag: `<${[tag, ...all.map(([, name]) => name)].join(" ")}>`,
      values: all.map(([, , value = ""]) => decoded(value))
    })
  }
  return { tags, text }
}

/** Replaces a word in all strings of plain data. */
const renamed = <A>(value: A, to: string): A => {
  const visit = (value: unknown): unknown =>
    typeof value === "string"
      ? value.replaceAll("PLAIN", () => to)
      : Array.isArray(value)
      ? value.map(visit)
      : typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
      ? Object.fromEntries(Object.entries(value).map(([key, value]) => [key, visit(value)]))
      : value
  return visit(value) as A
}

describe("the page", () => {
  const plain = View.make(
    Pages.looked([
      { name: "PLAIN", kind: "critical", scheduleName: "PLAIN", drill: "FAILED" },
      { name: "PLAIN-2", kind: "good", scheduleName: "PLAIN-s", frequency: "weekly" },
      { name: "PLAIN-3", kind: "unreadable" },
      { name: "PLAIN-4", kind: "deleted" }
    ], {
      rules: [{
        index: "PLAIN",
        ignore: [{ check: "failed", reason: "PLAIN", until: DateTime.makeUnsafe("2027-01-31T00:00:00Z") }]
      }]
    }),
    { ...Pages.file, profile: "PLAIN" }
  )
  // A name that cannot be part of a command has no remedy, which is tested elsewhere.
  const withoutRemedies = {
    ...plain,
    error: "PLAIN",
    indexes: plain.indexes.map((index) => ({
      ...index,
      health: { ...index.health, findings: index.health.findings.map((finding) => ({ ...finding, remedy: null })) }
    }))
  }
  const view: View.View = {
    ...withoutRemedies,
    health: { ...plain.health, indexes: withoutRemedies.indexes.map(({ health }) => health) }
  }
  const structure = (name: string) => {
    const { tags, text } = parsed(Page.make(renamed(view, name)).text)
    return { tags: tags.map(({ tag }) => tag), text }
  }
  const expected = structure("PLAIN").tags

  it.prop("has the same structure for every name", [Schema.NonEmptyString], ([name]) => {
    const { tags, text } = structure(name)
    assert.deepStrictEqual(tags, expected)
    assert.include(text, Format.plain(name))
  })

  it.each(Pages.hostileNames)("keeps %j a text", (name) => {
    const { tags, text } = structure(name)
    assert.deepStrictEqual(tags, expected)
    assert.include(text, Format.plain(name))
  })

  it.each(Object.keys(states))("has no inline style, handler or foreign address: %s", (state) => {
    const html = states[state] ?? ""
    for (const { tag, values } of parsed(html).tags) {
      assert.notMatch(tag, / (style|on\w+|src|srcset|action)\b/, tag)
      for (const value of values) assert.notMatch(value, /^\s*(https?:|\/\/|javascript:)/i, tag)
    }
    assert.isFalse(/url\(|@import/i.test(Assets.style))
  })

  it.each(Object.keys(states))("points every link and label to one element: %s", (state) => {
    const html = states[state] ?? ""
    const ids = [...html.replace(Assets.script, "").matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    assert.lengthOf(new Set(ids), ids.length)
    for (const [, id] of html.matchAll(/ (?:href="#|aria-labelledby=")([^"]*)"/g)) assert.include(ids, id)
  })

  const validator = new HtmlValidate({
    root: true,
    extends: ["html-validate:recommended"],
    rules: {
      // The refresh is inside noscript, for browsers that cannot refresh in another way.
      "meta-refresh": "off",
      // Verdicts are sentences.
      "long-title": "off",
      // The markup is compact: no spaces before a slash, and no indentation.
      "void-style": "off",
      "no-trailing-whitespace": "off",
      "no-raw-characters": "off",
      "doctype-style": "off"
    }
  })

  it.effect.each(Object.keys(states))("is valid HTML: %s", (state) =>
    Effect.gen(function*() {
      const { results } = yield* Effect.promise(() => validator.validateString(states[state] ?? ""))
      assert.deepStrictEqual(
        results.flatMap(({ messages }) => messages.map(({ line, message, ruleId }) => `${line} ${ruleId}: ${message}`)),
        []
      )
    }))

  it("shows remedies as quoted commands, with the flags of the project", () => {
    const { text } = parsed(
      Page.make(View.make(
        Pages.looked([{ name: "a'b <c>", kind: "critical" }]),
        { ...Pages.file, profile: "prod", connection: { text: "", shared: " --profile prod" } }
      )).text
    )
    assert.include(text, `pcb backup create 'a'\\''b <c>' --wait --profile prod`)
  })

  it("labels a command by whether it changes something, and says what pcb is", () => {
    const labelsOf = (html: string) =>
      new Map(
        [...html.matchAll(/class="remedy">([^<]*) <code translate="no">(.*?)<\/code>/g)].map(([, label, command]) => [
          parsed(command ?? "").text,
          label
        ])
      )
    const view = viewOf(kinds("critical"))
    const labels = labelsOf(
      Page.make({
        ...view,
        health: {
          ...view.health,
          project: view.health.project.map((finding) => ({ ...finding, remedy: { _tag: "InspectManualBackups" } }))
        }
      }).text
    )
    assert.strictEqual(labels.get("pcb backup create index-0 --wait"), "Remedy")
    assert.strictEqual(labels.get("pcb backup list --manual"), "Look into it")
    const explanation = "the command-line program that created this page"
    assert.lengthOf(Pages.pageOf(Pages.mixed).split(explanation), 2)
    // A page without commands needs no explanation.
    assert.notInclude(Pages.pageOf(Pages.many(2, "good")), explanation)
  })

  it("shows how to recover a deleted index with recent scheduled backups", () => {
    const { text } = parsed(states.deleted ?? "")
    assert.match(text, /The index was deleted; newest scheduled backup is from 2026-11-21 06:00 UTC/)
    assert.include(text, "pcb recover index-0")
    assert.include(text, "index deleted")
  })

  it("never shows a deleted index as good", () => {
    const html = Pages.pageOf([{ name: "docs", kind: "good" }, {
      name: "docs",
      kind: "deleted",
      id: "deleted",
      runs: 1
    }])
    assert.include(html, "Deleted indexes with backups")
    assert.match(html, /<details class="good" id="deleted-docs" data-s="notice">/)
    assert.match(html, /<details class="good" id="index-docs" open data-s="ok">/)
  })

  it.each(["outage", "a failed audit", "an old page", "no index", "deleted", "mixed", "several projects"])(
    "is not green: %s",
    (state) => assert.notMatch(states[state] ?? "", /class="verdict" data-s="ok"/)
  )

  it("has a version that depends on its content only", () => {
    const view = viewOf(Pages.mixed)
    const { text, version } = Page.make(view)
    assert.strictEqual(Page.make(view).version, version)
    assert.include(text, ` data-v="${version}"`)
    assert.notStrictEqual(Page.make({ ...view, error: "503" }).version, version)
  })

  it("stays small, and has pictures of the worst indexes only", () => {
    const kilobytes = (text: string) => Buffer.byteLength(text) / 1000
    const usual = Pages.pageOf([...Pages.many(6, "critical"), ...Pages.many(14, "warning"), ...Pages.many(80, "good")])
    assert.isBelow(kilobytes(usual), 220)
    const worst = Pages.pageOf(Pages.many(100, "critical"))
    assert.isBelow(kilobytes(worst), 360)
    assert.lengthOf(worst.match(/<svg class="cal"/g) ?? [], 40)
    assert.lengthOf(worst.match(/in figures<\/summary>/g) ?? [], 20)
    assert.include(worst, "Only the worst 40 have pictures of their runs.")
  })
})

// ============================================================================
// Colors
// ============================================================================

describe("the colors of the page", () => {
  const luminance = (color: string): number => {
    const hex = color.length === 4 ? color.slice(1).replace(/./g, "$&$&") : color.slice(1)
    const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (self: string, that: string): number => {
    const [dark = 0, light = 0] = [luminance(self), luminance(that)].sort((self, that) => self - that)
    return (light + 0.05) / (dark + 0.05)
  }
  // The variables of Simple.css come first, then those of the light theme, then those of the dark theme.
  const [light = "", dark = ""] = [...Assets.style.matchAll(/:root\{(--text: ?#(?:1d232b|e7eaee)[^}]*)\}/g)]
    .map(([, text = ""]) => text)

  it.each([["light", light], ["dark", dark]])("have enough contrast: %s", (_, theme) => {
    const color = (name: string) => new RegExp(`--${name}: ?(#[\\da-f]{3,6})`).exec(theme)?.[1] ?? ""
    for (const background of ["bg", "card", "accent-bg"]) {
      for (const text of ["text", "text-light", "accent", "critical", "warning", "unknown", "ok"]) {
        assert.isAtLeast(contrast(color(text), color(background)), 4.5, `${text} on ${background}`)
      }
    }
    for (const state of ["critical", "warning", "unknown", "ok"]) {
      assert.isAtLeast(contrast(color(state), color(`${state}-bg`)), 4.5, state)
      assert.isAtLeast(contrast(color("text-light"), color(`${state}-bg`)), 4.5, `muted on ${state}`)
    }
    for (const mark of ["kept", "deleted", "planned"]) {
      assert.isAtLeast(contrast(color(mark), color("card")), 3, mark)
    }
  })
})
