import { assert, describe, it } from "@effect/vitest"
import type * as IndexRecord from "@pinecone-backups/core/drill/IndexRecord"
import type * as IndexStats from "@pinecone-backups/core/drill/IndexStats"
import * as Verification from "../src/drill/internal/verification.ts"

const stats = (namespaces: Record<string, number | null> | null, recordCount: number | null = null) =>
  Verification.countsOf({
    recordCount: recordCount ?? Object.values(namespaces ?? {}).reduce<number>((sum, count) => sum + (count ?? 0), 0),
    namespaces: namespaces && Object.fromEntries(
      Object.entries(namespaces).map(([name, recordCount]) => [name, { recordCount }])
    )
  } as IndexStats.IndexStats)

const resultOf = (
  backup: Parameters<typeof Verification.compare>[0],
  found: Parameters<typeof Verification.compare>[1],
  tolerance = 0
) => {
  const verdict = Verification.compare(backup, found, tolerance)
  return verdict.result === "passed" ? "passed" : `${verdict.result} ${verdict.code}`
}

describe("countsOf", () => {
  it("counts namespaces that have records, and names the others", () => {
    assert.deepStrictEqual(stats({ "": 3, a: 2, b: 0 }), {
      records: 5,
      namespaces: 2,
      emptyNamespaces: ["b"],
      dimension: null
    })
  })

  it("knows neither count if they contradict each other", () => {
    assert.deepInclude(stats({ "": 3 }, 4), { records: null, namespaces: null })
  })

  it("does not know the namespaces if the count of one is unknown", () => {
    assert.deepInclude(stats({ "": 3, a: null }, 4), { records: 4, namespaces: null })
    assert.deepInclude(stats(null, 4), { records: 4, namespaces: null })
    assert.deepInclude(Verification.countsOf({}), { records: null, namespaces: null, dimension: null })
  })

  it("has the dimension of the index, which is 0 if it is sparse", () => {
    assert.strictEqual(Verification.countsOf({ dimension: 8 }).dimension, 8)
    assert.strictEqual(Verification.countsOf({ vectorType: "sparse" }).dimension, 0)
    assert.strictEqual(Verification.countsOf({ vectorType: "dense" }).dimension, null)
  })
})

describe("compare", () => {
  const backup = { recordCount: 100, namespaceCount: 2 }
  const copy = { records: 100, namespaces: 2, emptyNamespaces: [] }

  it("passes equal counts only", () => {
    assert.strictEqual(resultOf(backup, copy), "passed")
    assert.strictEqual(resultOf(backup, { ...copy, records: 99 }), "failed records")
    assert.strictEqual(resultOf(backup, { ...copy, records: 101 }), "failed records")
    assert.strictEqual(resultOf(backup, { ...copy, namespaces: 1 }), "failed namespaces")
    assert.strictEqual(resultOf(backup, { ...copy, namespaces: 3 }), "failed namespaces")
  })

  it("tolerates a share of the records, but no namespace", () => {
    assert.strictEqual(resultOf(backup, { ...copy, records: 95 }, 0.05), "passed")
    assert.strictEqual(resultOf(backup, { ...copy, records: 94 }, 0.05), "failed records")
    assert.strictEqual(resultOf(backup, { ...copy, namespaces: 1 }, 0.5), "failed namespaces")
  })

  it("does not pass what is unknown on either side", () => {
    assert.strictEqual(resultOf({ ...backup, recordCount: null }, copy), "unknown unknown-count")
    assert.strictEqual(resultOf({ ...backup, namespaceCount: null }, copy), "unknown unknown-count")
    assert.strictEqual(resultOf(backup, { ...copy, records: null }), "unknown unknown-count")
    assert.strictEqual(resultOf(backup, { ...copy, namespaces: null }), "unknown unknown-count")
    // A difference that is known is a failure, whatever else is unknown.
    assert.strictEqual(resultOf({ ...backup, namespaceCount: null }, { ...copy, records: 1 }), "failed records")
    assert.strictEqual(resultOf({ ...backup, recordCount: null }, { ...copy, namespaces: 1 }), "failed namespaces")
  })

  it("names empty namespaces", () => {
    const verdict = Verification.compare(backup, stats({ "": 100, a: 0 }), 0)
    assert.deepStrictEqual(verdict, {
      result: "failed",
      code: "namespaces",
      message: "the backup has 2 namespaces, the copy has 1 with records (empty: \"a\")"
    })
  })
})

describe("problemOf", () => {
  const record = (fields: Partial<IndexRecord.IndexRecord>): IndexRecord.IndexRecord =>
    ({ id: "1", ...fields }) as IndexRecord.IndexRecord

  const sparse = { indices: [1, 5], values: [0.5, 0] }

  const cases: ReadonlyArray<readonly [IndexRecord.IndexRecord | undefined, number | null, string | undefined]> = [
    [record({ values: [1, 0] }), 2, undefined],
    [record({ values: [1, 0] }), null, undefined],
    [record({ values: [1, 0], sparseValues: sparse }), 2, undefined],
    [record({ values: [], sparseValues: sparse }), 0, undefined],
    [record({ sparseValues: sparse }), null, undefined],
    [undefined, 2, "it was listed but could not be read"],
    [record({}), 2, "it has no vector"],
    [record({ values: null }), 2, "it has no vector"],
    [record({ values: [], sparseValues: sparse }), 2, "it has no vector"],
    [record({ values: [1] }), 2, "its vector has 1 dimensions instead of 2"],
    [record({ values: [1, null] }), 2, "a value is not a finite number"],
    [record({ values: [0, 0] }), 2, "all values are zero"],
    [record({ values: [0, -0] }), null, "all values are zero"],
    [record({ values: [1, 0] }), 0, "it has no sparse vector"],
    [record({}), null, "it has no vector"],
    [record({ sparseValues: { indices: [1], values: [1, 2] } }), 0, "its sparse vector has 1 indices and 2 values"],
    [record({ sparseValues: { indices: [null], values: [1] } }), 0, "an index of its sparse vector is not a number"],
    [record({ sparseValues: { indices: [1], values: [null] } }), 0, "a value is not a finite number"],
    [record({ sparseValues: { indices: [1], values: [0] } }), 0, "all values are zero"],
    [
      record({ values: [1, 0], sparseValues: { indices: [1], values: [1, 2] } }),
      2,
      "its sparse vector has 1 indices and 2 values"
    ]
  ]
  for (const [subject, dimension, problem] of cases) {
    it(`is ${problem ?? "nothing"} for ${JSON.stringify(subject)} of dimension ${dimension}`, () => {
      assert.strictEqual(Verification.problemOf(subject, dimension), problem)
    })
  }
})

describe("judgeSample", () => {
  const sound = { chosen: 2, sound: 2, problems: [] }

  it("does not pass a sample without records, or of unknown dimension", () => {
    assert.strictEqual(Verification.judgeSample(sound, 4).result, "passed")
    assert.strictEqual(Verification.judgeSample(sound, 0).result, "passed")
    assert.strictEqual(Verification.judgeSample({ ...sound, chosen: 0, sound: 0 }, 4).result, "unknown")
    assert.strictEqual(Verification.judgeSample(sound, null).result, "unknown")
  })

  it("fails a sample with a problem, but not a sample without vectors if the dimension is unknown", () => {
    const problems = (problem: string) => ({ chosen: 2, sound: 1, problems: [{ namespace: "", id: "1", problem }] })
    assert.deepStrictEqual(Verification.judgeSample(problems("all values are zero"), null), {
      result: "failed",
      code: "sample",
      message: "1 of 2 sampled records are unusable: record \"1\" of namespace \"\": all values are zero"
    })
    assert.strictEqual(Verification.judgeSample(problems("it has no vector"), null).result, "unknown")
    assert.strictEqual(Verification.judgeSample(problems("it has no vector"), 4).result, "failed")
  })
})
