import { assert, describe, it } from "@effect/vitest"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Long from "../../core/test/long.ts"
import * as Records from "../src/internal/records.ts"
import * as Seeding from "../src/internal/seeding.ts"
import { element, int, World } from "./support.ts"

const texts = Arbitrary.schema(Schema.String)

const places = Arbitrary.map(
  Arbitrary.all({ high: int(0, 2 ** 21 - 1), low: int(0, 2 ** 31 - 1) }),
  ({ high, low }) => high * 2 ** 32 + low
)

const runs = { arbitrary: { runs: Long.runs(300) } }

describe("records", () => {
  it.prop(
    "are determined by seed, namespace and place",
    { seed: texts, name: texts, place: places, other: texts },
    ({ name, other, place, seed }) => {
      const record = (seed: string, name: string, place: number) => Records.recordAt({ seed, name }, place, 8, {})
      assert.deepStrictEqual(record(seed, name, place), record(seed, name, place))
      assert.notDeepEqual(record(seed, name, place), record(seed, name, place + 1))
      if (other !== seed) {
        assert.notDeepEqual(record(seed, name, place)["values"], record(other, name, place)["values"])
      }
      if (other !== name) {
        assert.notDeepEqual(record(seed, name, place)["values"], record(seed, other, place)["values"])
      }
    },
    runs
  )

  it.prop(
    "have an ID for each place, in byte order, that maps back to the place",
    { seed: texts, name: texts, one: places, other: places },
    ({ name, one, other, seed }) => {
      const namespace = { seed, name }
      const ids = [Records.idAt(namespace, one), Records.idAt(namespace, other)] as const
      assert.deepStrictEqual(ids.map((id) => Records.placeOf(namespace, id)), [one, other])
      assert.strictEqual(ids[0] < ids[1], one < other)
      assert.isTrue(ids.every((id) => /^[!-~]{1,512}$/.test(id)))
    },
    runs
  )

  it.prop(
    "are listed by prefix like a full scan",
    { seed: texts, count: int(0, 300), at: int(0, 299), length: int(0, 29), from: int(0, 300), size: int(0, 300) },
    ({ at, count, from, length, seed, size }) => {
      const namespace = { seed, name: "" }
      const prefix = Records.idAt(namespace, at).slice(0, length)
      const all = Array.from({ length: count }, (_, place) => Records.idAt(namespace, place))
        .filter((id) => id.startsWith(prefix))
      const ids = Records.idsOf(namespace, count, prefix)
      assert.strictEqual(ids.length, all.length)
      assert.deepStrictEqual(ids.slice(from, from + size), all.slice(from, from + size))
    },
    runs
  )

  it.prop(
    "have finite non-zero vectors of the dimension, or sparse vectors of equal length",
    { seed: texts, place: places, dimension: int(0, 40) },
    ({ dimension, place, seed }) => {
      const record = Records.recordAt({ seed, name: "" }, place, dimension, {})
      const values = record["values"] as ReadonlyArray<number>
      const sparse = record["sparseValues"] as
        | { indices: ReadonlyArray<number>; values: ReadonlyArray<number> }
        | undefined
      assert.lengthOf(values, dimension)
      assert.strictEqual(sparse === undefined, dimension > 0)
      const all = [...values, ...sparse?.values ?? []]
      assert.isTrue(all.every((value) => Number.isFinite(value) && value !== 0 && Math.abs(value) <= 1))
      if (sparse !== undefined) {
        assert.strictEqual(sparse.indices.length, sparse.values.length)
        assert.deepStrictEqual(sparse.indices, [...new Set(sparse.indices)].sort((one, other) => one - other))
      }
    },
    runs
  )
})

describe("shares", () => {
  it.prop(
    "have the required sum, and do not change if they have it",
    { total: int(0, 2_000_000_000), counts: Arbitrary.array(int(0, 1_000_000), { minLength: 1, maxLength: 9 }) },
    ({ counts, total }) => {
      const shares = counts.map((count, at) => [`ns-${at}`, count] as const)
      const sum = (all: ReadonlyArray<readonly [string, number]>) => all.reduce((sum, [, count]) => sum + count, 0)
      const shared = Records.share(total, shares)
      assert.strictEqual(sum(shared), total)
      assert.isTrue(shared.every(([, count]) => Number.isInteger(count) && count >= 0))
      assert.deepStrictEqual(Records.share(sum(shares), shares), shares)
    },
    runs
  )
})

describe("contents", () => {
  const sum = (contents: ReadonlyMap<string, number>) => [...contents.values()].reduce((sum, count) => sum + count, 0)

  it.prop(
    "lack exactly the missing and vanished records, and are fully counted after the delay",
    {
      counts: Arbitrary.array(int(0, 50), { maxLength: 5 }),
      missing: int(0, 200),
      records: int(0, 200),
      minutes: int(0, 20),
      delayed: element(true, false)
    },
    ({ counts, delayed, minutes, missing, records }) => {
      const namespaces = Object.fromEntries(counts.map((count, at) => [`ns-${at}`, count]))
      const all = counts.reduce((sum, count) => sum + count, 0)
      const flaws: Records.Flaws = {
        missing,
        vanish: { records, after: Duration.minutes(10) },
        ...(delayed && { statsDelay: Duration.minutes(5) })
      }
      const age = Duration.minutes(minutes)
      const contents = Records.contentsAfter(namespaces, flaws, age)
      const gone = minutes >= 10 ? records : 0
      assert.strictEqual(sum(contents), Math.max(0, Math.max(0, all - missing) - gone))
      const counted = Records.countsAfter(contents, flaws, age)
      assert.isAtMost(sum(counted), sum(contents))
      if (!delayed || minutes >= 5) assert.deepStrictEqual([...counted], [...contents])
      assert.deepStrictEqual([...Records.contentsAfter(namespaces, {}, age)], Object.entries(namespaces))
    },
    runs
  )
})

describe("a seeded index", () => {
  const seeded = (seed: Seed.Index) => new World().seed(Seeding.addIndex, seed)

  it("has the total number of records of its namespaces", () => {
    assert.strictEqual(seeded({ namespaces: { "": 1, "a": 2 } }).recordCount, 3)
    assert.strictEqual(seeded({ namespaces: { "": 1, "a": 2 }, recordCount: 3 }).recordCount, 3)
    assert.strictEqual(seeded({ namespaces: {} }).recordCount, 0)
    assert.throws(
      () => seeded({ namespaces: { "": 1, "a": 2 }, recordCount: 4 }),
      "The namespaces of an index have 3 records instead of 4."
    )
    assert.throws(
      () => seeded({ namespaces: { __default__: 1 } }),
      "The name of the default namespace must be \"\" in a seed."
    )
  })
})
