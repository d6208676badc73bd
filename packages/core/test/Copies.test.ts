import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Long from "./long.ts"
import { int, oneOf } from "./support.ts"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

const ago = (days: number): DateTime.Utc => DateTime.subtract(now, { milliseconds: days * 86_400_000 })

const backup = (id: string, more: Partial<Backup.Backup> = {}): Backup.Backup => ({
  backupId: Backup.BackupId.make(id),
  sourceIndexId: PineconeIndex.IndexId.make("index-1"),
  sourceIndexName: PineconeIndex.IndexName.make("docs"),
  status: "Ready",
  recordCount: 100,
  sizeBytes: 1_000,
  namespaceCount: 4,
  createdAt: ago(1),
  ...more
})

const stamped = (at: DateTime.Utc) => `nightly-${DateTime.formatIso(at).replace(/[-:]|\.\d+/g, "")}`

const only = (one: Backup.Backup, options: Partial<Copies.Options> = {}) => Copies.of([one], { now, ...options })[0]!

describe("Copies.of", () => {
  it.each<[state: Copies.State, what: string, more: Partial<Backup.Backup>]>([
    ["good", "ready, dated and with records", {}],
    ["good", "dated at the edge of the tolerance", {
      createdAt: DateTime.addDuration(now, Copies.futureTolerance)
    }],
    ["good", "with a single record", { recordCount: 1 }],
    ["future", "dated 1 ms beyond the tolerance", {
      createdAt: DateTime.add(DateTime.addDuration(now, Copies.futureTolerance), { milliseconds: 1 })
    }],
    ["future", "in the future without a record count", { createdAt: ago(-30), recordCount: null }],
    ["undated", "with an unreadable time", { createdAt: null }],
    ["undated", "with an unconfirmed time stamp", { createdAt: null, name: stamped(ago(1)) }],
    ["future", "created in the future with a matching time stamp", { createdAt: ago(-0.01), name: stamped(ago(0.5)) }],
    ["uncounted", "without a record count", { recordCount: null }],
    ["empty", "without records", { recordCount: 0 }],
    ["empty", "with a negative record count", { recordCount: -1 }],
    ["empty", "without records, in the future", { recordCount: 0, createdAt: ago(-30) }],
    ["empty", "without records and without a time", { recordCount: 0, createdAt: null }],
    ["failed", "with the status Failed", { status: "Failed" }],
    ["failed", "with the status InitializationFailed", { status: "InitializationFailed", recordCount: 0 }],
    ["running", "with the status Initializing", { status: "Initializing", recordCount: null }],
    ["running", "with an unknown status", { status: "Verified" }],
    ["running", "with a status in capitals", { status: "READY" }]
  ])("%s: %s", (state, _, more) => {
    assert.strictEqual(only(backup("a", more)).state, state)
  })

  it.each<
    [
      what: string,
      more: Partial<Backup.Backup>,
      ran: ReadonlyArray<string> | undefined,
      Copies.Origin,
      at: number | undefined
    ]
  >([
    ["in the history", { name: null }, ["a"], "scheduled", 1],
    ["in the history, the stamp overrides createdAt", { name: stamped(ago(3)) }, ["a"], "scheduled", 3],
    [
      "in the history, a stamp and no createdAt",
      { name: stamped(ago(3)), createdAt: null },
      ["a"],
      "scheduled",
      undefined
    ],
    ["in the history, planned a month ahead", { name: stamped(ago(1)), createdAt: ago(32.9) }, ["a"], "scheduled", 1],
    [
      "in the history, planned further ahead",
      { name: stamped(ago(1)), createdAt: ago(33.1) },
      ["a"],
      "scheduled",
      33.1
    ],
    [
      "in the history, created in the future",
      { name: stamped(ago(1)), createdAt: ago(-0.01) },
      ["a"],
      "scheduled",
      -0.01
    ],
    [
      "not in the history, created in the future",
      { name: stamped(ago(0.5)), createdAt: ago(-0.01) },
      ["b"],
      "scheduled",
      -0.01
    ],
    ["not in the history, the stamp agrees", { name: stamped(ago(1.5)) }, ["b"], "scheduled", 1.5],
    ["not in the history, the stamp agrees to the day", { name: stamped(ago(2)) }, [], "scheduled", 2],
    ["not in the history, the stamp is off by more", { name: stamped(ago(2.001)) }, [], "on-demand", 1],
    ["a stamp in the future", { name: stamped(ago(-30)) }, [], "on-demand", 1],
    ["an old stamp, created recently", { name: stamped(ago(30)) }, [], "on-demand", 1],
    ["a stamp and no createdAt", { name: stamped(ago(1)), createdAt: null }, [], "unknown", undefined],
    ["no stamp", { name: "before-migration" }, ["b"], "on-demand", 1],
    ["no stamp, no histories", { name: "before-migration" }, undefined, "unknown", 1],
    ["a stamp that agrees, no histories", { name: stamped(ago(1.5)) }, undefined, "scheduled", 1.5],
    ["a stamp without its dash", { name: stamped(ago(1)).replace("-", "") }, [], "on-demand", 1]
  ])("returns origin and time: %s", (_, more, ran, origin, at) => {
    const histories = ran?.map((id) => [backup(id)])
    const copy = only(backup("a", more), { histories })
    assert.strictEqual(copy.origin, origin)
    if (at === undefined) assert.isUndefined(copy.at)
    else assert.approximately(DateTime.toEpochMillis(copy.at!), DateTime.toEpochMillis(ago(at)), 1_000)
  })

  it("uses the planned time of a run, unless it was created in the future", () => {
    const run = { ...backup("a", { createdAt: null, name: stamped(ago(9)) }), scheduledExecutionAt: ago(-1) }
    assert.deepStrictEqual(Copies.takenAt(run, true, now), ago(-1))
    assert.isUndefined(Copies.takenAt(run, false, now))
    assert.deepStrictEqual(Copies.takenAt({ ...run, createdAt: ago(-0.5) }, true, now), ago(-0.5))
    // Without `now`, the future cannot be detected.
    assert.deepStrictEqual(Copies.takenAt({ ...run, createdAt: ago(-0.5) }, true), ago(-1))
  })

  it.each<[state: Copies.State, newest: Partial<Backup.Backup>]>([
    ["empty", { recordCount: 0 }],
    ["future", { createdAt: ago(-1), recordCount: 1 }],
    ["undated", { createdAt: null, recordCount: 1 }],
    ["running", { status: "Initializing", recordCount: 1 }],
    ["failed", { status: "Failed", recordCount: 1 }]
  ])("is never shrunk if it is not a copy: %s", (state, newest) => {
    const earlier = [2, 3, 4].map((days) => backup(`e${days}`, { createdAt: ago(days) }))
    const copies = Copies.of([...earlier, backup("newest", newest)], { now })
    assert.deepStrictEqual(
      copies.map(({ backup, shrink, state }) => [backup.backupId.slice(0, 1), state, shrink]).sort(),
      [...earlier.map(() => ["e", "good", undefined]), ["n", state, undefined]]
    )
  })

  it.each<[what: string, newest: Partial<Backup.Backup>, earlier: ReadonlyArray<Partial<Backup.Backup>>, string]>([
    ["half of the records", { recordCount: 50 }, [{}, {}, {}], "no"],
    ["less than half of the records", { recordCount: 49 }, [{}, {}, {}], "records"],
    ["less than half of the bytes", { sizeBytes: 499 }, [{}, {}, {}], "bytes"],
    ["less than half of the namespaces", { namespaceCount: 1 }, [{}, {}, {}], "namespaces"],
    ["too few earlier backups", { recordCount: 1 }, [{}, {}], "no"],
    ["failed backups do not count", { recordCount: 1 }, [{}, {}, { status: "Failed" }], "no"],
    ["empty backups count", { recordCount: 1 }, [{}, {}, { recordCount: 0 }], "records"],
    ["no record count", { recordCount: null }, [{}, {}, {}], "perhaps records"],
    ["no record count, and less than half of the bytes", { recordCount: null, sizeBytes: 499 }, [{}, {}, {}], "bytes"],
    ["no namespace count", { namespaceCount: null }, [{}, {}, {}], "perhaps namespaces"],
    [
      "no numbers of earlier backups",
      { namespaceCount: 1 },
      [{ namespaceCount: null }, { namespaceCount: null }, {}],
      "perhaps namespaces"
    ],
    ["one missing number without effect", { recordCount: 10 }, [{}, {}, { recordCount: null }], "records"],
    ["0 bytes, after backups that may have had 0", { sizeBytes: 0 }, [
      { sizeBytes: null },
      { sizeBytes: null },
      {}
    ], "perhaps bytes"],
    ["a number that no backup has", { namespaceCount: null }, [
      { namespaceCount: null },
      { namespaceCount: null },
      { namespaceCount: null }
    ], "no"]
  ])("detects shrinking: %s", (_, newest, earlier, expected) => {
    const copies = Copies.of(
      [
        backup("newest", newest),
        ...earlier.map((more, days) => backup(`e${days}`, { createdAt: ago(days + 2), ...more }))
      ],
      { now }
    )
    const { shrink } = copies.at(-1)!
    assert.strictEqual(shrink === undefined ? "no" : `${shrink.isCertain ? "" : "perhaps "}${shrink.what}`, expected)
  })

  it("compares only with the latest ten", () => {
    const old = Array.from({ length: 20 }, (_, days) => backup(`o${days}`, { createdAt: ago(days + 20) }))
    const late = Array.from(
      { length: 10 },
      (_, days) => backup(`l${days}`, { createdAt: ago(days + 2), recordCount: 10 })
    )
    assert.isUndefined(Copies.of([backup("n", { recordCount: 9 }), ...late, ...old], { now }).at(-1)?.shrink)
    const limits = Copies.of([backup("n", { recordCount: 9 }), ...late.slice(0, 5), ...old], { now }).at(-1)?.shrink
    assert.strictEqual(limits?.median, 55)
    assert.strictEqual(limits?.earlier.length, 10)
  })

  it("compares by maxShrink", () => {
    const all = [
      backup("n", { recordCount: 69 }),
      ...[2, 3, 4].map((days) => backup(`e${days}`, { createdAt: ago(days) }))
    ]
    assert.isUndefined(Copies.of(all, { now }).at(-1)?.shrink)
    assert.strictEqual(Copies.of(all, { now, maxShrink: 0.3 }).at(-1)?.shrink?.what, "records")
    assert.isUndefined(Copies.of(all, { now, maxShrink: 1 }).at(-1)?.shrink)
  })

  it("sorts by time, then by ID, with undated backups first", () => {
    const copies = Copies.of([
      backup("c"),
      backup("x", { createdAt: null }),
      backup("b"),
      backup("old", { createdAt: ago(9) }),
      backup("later", { createdAt: ago(-9) })
    ], { now })
    assert.deepStrictEqual(copies.map(({ backup }) => String(backup.backupId)), ["x", "old", "b", "c", "later"])
    assert.strictEqual(Copies.newestGood(copies)?.backup.backupId, "c")
  })

  it("chooses a copy that is certainly not shrunk", () => {
    const all = [2, 3, 4].map((days) => backup(`e${days}`, { createdAt: ago(days) }))
    for (const newest of [backup("n", { recordCount: 1 }), backup("n", { sizeBytes: null })]) {
      const copies = Copies.of([newest, ...all], { now })
      assert.strictEqual(Copies.newestGood(copies)?.backup.backupId, "n")
      assert.strictEqual(Copies.newestSound(copies)?.backup.backupId, "e2")
    }
  })
})

describe("Copies of arbitrary backups", () => {
  const element = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
    Arbitrary.map(int(0, values.length - 1), (position) => values[position]!)
  const times = oneOf<DateTime.Utc | null>(Arbitrary.map(int(-48, 20 * 24), (hours) => ago(hours / 24)), element(null))
  const counts = oneOf<number | null>(int(0, 200), element(null, 0))
  const worlds = Arbitrary.array(
    Arbitrary.all({
      createdAt: times,
      named: oneOf<DateTime.Utc | null>(times, element(null)),
      status: element("Ready", "Ready", "Ready", "Failed", "Initializing", "Other"),
      recordCount: counts,
      sizeBytes: counts,
      namespaceCount: counts,
      ran: element(true, false)
    }),
    { minLength: 0, maxLength: 8 }
  )

  it.prop(
    "spoiled data never makes a backup good",
    {
      worlds,
      spoil: element("createdAt", "recordCount", "sizeBytes", "namespaceCount", "status", "future"),
      which: int(0, 7)
    },
    ({ spoil, which, worlds }) => {
      const all = worlds.map(({ named, ran: _, ...more }, position) =>
        backup(`b${position}`, { ...more, name: named && stamped(named) })
      )
      const histories = [all.filter((_, position) => worlds[position]?.ran === true)]
      const spoilt = all.map((one, position): Backup.Backup =>
        position !== which
          ? one
          : spoil === "status"
          ? { ...one, status: "Unheard" }
          : spoil === "future"
          ? { ...one, name: null, createdAt: ago(-30) }
          : { ...one, [spoil]: null }
      )
      const before = new Map(Copies.of(all, { now, histories }).map((copy) => [copy.backup.backupId, copy]))
      const after = Copies.of(spoilt, { now, histories })
      assert.lengthOf(after, all.length)
      for (const copy of after) {
        const was = before.get(copy.backup.backupId)!
        if (Copies.isGood(copy)) assert.isTrue(Copies.isGood(was))
        if (Copies.isGood(copy)) {
          assert.isAtMost(
            DateTime.toEpochMillis(copy.at!),
            DateTime.toEpochMillis(now) + Duration.toMillis(Copies.futureTolerance)
          )
          assert.isAbove(copy.backup.recordCount ?? 0, 0)
        }
      }
    },
    { arbitrary: { runs: Long.runs(2_000) }, timeout: 30_000 }
  )

  it.prop("does not depend on the order of the list", { worlds }, ({ worlds }) => {
    const all = worlds.map(({ named: _, ran: __, ...more }, position) => backup(`b${position}`, more))
    assert.deepStrictEqual(Copies.of(all.toReversed(), { now }), Copies.of(all, { now }))
  }, { arbitrary: { runs: Long.runs(500) }, timeout: 30_000 })
})

describe("Copies.remainingText", () => {
  it.each<[sentence: string, states: ReadonlyArray<Copies.State>]>([
    ["1 usable backup remains", ["good"]],
    ["2 usable backups remain", ["good", "good"]],
    ["1 backup remains, not known to be usable", ["uncounted"]],
    ["3 backups remain, none of them known to be usable", ["failed", "empty", "running"]],
    ["3 backups remain, 1 of them usable", ["failed", "good", "future"]]
  ])(
    "says: %s",
    (sentence, states) =>
      assert.strictEqual(Copies.remainingText(Copies.remaining(states.map((state) => ({ state })))), sentence)
  )
})
