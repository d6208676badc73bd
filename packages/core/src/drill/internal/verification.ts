/** Verification of a restored copy: what counts and records prove. Pure functions. */
import * as Text from "../../health/internal/text.ts"
import type * as DrillReport from "../DrillReport.ts"
import type * as IndexRecord from "../IndexRecord.ts"
import * as IndexStats from "../IndexStats.ts"

// ============================================================================
// Counts
// ============================================================================

/** A count of the copy, without its time, and the kind of vectors that the index reports. */
export interface Counts {
  readonly records: number | null
  readonly namespaces: number | null
  readonly emptyNamespaces: ReadonlyArray<string>
  /** The dimension of dense vectors, 0 for a sparse index, `null` if unknown. */
  readonly dimension: number | null
}

/** Maximum number of names in a report. */
export const maxListed = 10

/** The counts that an index reports. Counts that contradict each other are unknown. */
export const countsOf = (stats: IndexStats.IndexStats): Counts => {
  const byNamespace = IndexStats.countsOf(stats)
  const known = [...byNamespace ?? []].flatMap(([name, count]) => count === undefined ? [] : [[name, count] as const])
  const areAllKnown = byNamespace !== undefined && known.length === byNamespace.size
  const sum = known.reduce((sum, [, count]) => sum + count, 0)
  const isContradicted = areAllKnown && stats.recordCount != null && stats.recordCount !== sum
  const empty = known.filter(([, count]) => count === 0).map(([name]) => name)
  return {
    records: isContradicted ? null : stats.recordCount ?? null,
    namespaces: areAllKnown && !isContradicted ? known.length - empty.length : null,
    emptyNamespaces: empty.slice(0, maxListed),
    dimension: stats.dimension ?? (stats.vectorType === "sparse" ? 0 : null)
  }
}

/** The result of a check. */
export type Verdict =
  | { readonly result: "passed" }
  | { readonly result: "failed" | "unknown"; readonly code: DrillReport.ReasonCode; readonly message: string }

const unknownCount = (message: string): Verdict => ({ result: "unknown", code: "unknown-count", message })

const quoted = (names: ReadonlyArray<string>): string => names.map((name) => JSON.stringify(name)).join(", ")

/** Compares the counts of the copy with those of the backup. Unknown on either side is never a success. */
export const compare = (
  backup: Pick<DrillReport.DrilledBackup, "namespaceCount" | "recordCount">,
  found: Pick<Counts, "emptyNamespaces" | "namespaces" | "records">,
  tolerance: number
): Verdict => {
  const { namespaceCount, recordCount } = backup
  const { emptyNamespaces, namespaces, records } = found
  const isOff = recordCount !== null && records !== null && Math.abs(records - recordCount) > recordCount * tolerance
  if (isOff) {
    return {
      result: "failed",
      code: "records",
      message: `the backup has ${Text.count(recordCount, "record")}, the copy has ${Text.grouped(records)}`
    }
  }
  if (namespaceCount !== null && namespaces !== null && namespaceCount !== namespaces) {
    const empty = emptyNamespaces.length > 0 ? ` (empty: ${quoted(emptyNamespaces)})` : ""
    return {
      result: "failed",
      code: "namespaces",
      message: `the backup has ${namespaceCount} namespaces, the copy has ${namespaces} with records${empty}`
    }
  }
  if (recordCount === null) return unknownCount("the backup does not report its number of records")
  if (records === null) return unknownCount("the copy does not report a consistent number of records")
  if (namespaceCount === null) return unknownCount("the backup does not report its number of namespaces")
  if (namespaces === null) return unknownCount("the copy does not report the sizes of its namespaces")
  return { result: "passed" }
}

// ============================================================================
// Records
// ============================================================================

type Floats = ReadonlyArray<number | null> | null | undefined

const problemOfNumbers = (values: ReadonlyArray<number | null>): string | undefined =>
  values.includes(null)
    ? "a value is not a finite number"
    : values.every((value) => value === 0)
    ? "all values are zero"
    : undefined

/** Problem of records without a vector. In an index with a typed schema, vectors have names and are not read. */
const noVector = "it has no vector"

const problemOfDense = (values: Floats, dimension: number | null): string | undefined => {
  if (!values || values.length === 0) return noVector
  return dimension !== null && values.length !== dimension
    ? `its vector has ${values.length} dimensions instead of ${dimension}`
    : problemOfNumbers(values)
}

const problemOfSparse = ({ indices, values }: { readonly indices?: Floats; readonly values?: Floats }) => {
  if (!indices || !values || values.length === 0) return "it has no sparse vector"
  if (indices.length !== values.length) {
    return `its sparse vector has ${indices.length} indices and ${values.length} values`
  }
  return indices.includes(null) ? "an index of its sparse vector is not a number" : problemOfNumbers(values)
}

/**
 * The problem of a record; `undefined` if it is sound. The dimension is 0 for a sparse index, and `null` if unknown: then
 * either kind of vector is enough.
 */
export const problemOf = (
  record: IndexRecord.IndexRecord | undefined,
  dimension: number | null
): string | undefined => {
  if (record === undefined) return "it was listed but could not be read"
  const { sparseValues, values } = record
  const isDense = values != null && values.length > 0
  if (dimension === null && !isDense && !sparseValues) return noVector
  const isSparse = dimension === 0 || (dimension === null && !isDense)
  if (isSparse) return problemOfSparse(sparseValues ?? {})
  return problemOfDense(values, dimension) ??
    // Dense records can have a sparse vector too.
    (sparseValues && (sparseValues.values?.length ?? 0) > 0 ? problemOfSparse(sparseValues) : undefined)
}

/** Judges a sample that was read. */
export const judgeSample = (
  sampled: Pick<DrillReport.Sampled, "chosen" | "problems" | "sound">,
  dimension: number | null
): Verdict => {
  const [first] = sampled.problems
  if (dimension === null && first !== undefined && sampled.problems.every(({ problem }) => problem === noVector)) {
    return {
      result: "unknown",
      code: "unknown-sample",
      message: "the sampled records have no vectors, and neither the backup nor the copy reports the dimension"
    }
  }
  if (first !== undefined) {
    const { id, namespace, problem } = first
    const bad = sampled.chosen - sampled.sound
    return {
      result: "failed",
      code: "sample",
      message: `${bad} of ${sampled.chosen} sampled records are unusable: record ${JSON.stringify(id)} of namespace ${
        JSON.stringify(namespace)
      }: ${problem}`
    }
  }
  const unknown = sampled.chosen === 0
    ? "the copy lists no records"
    : dimension === null
    ? "neither the backup nor the copy reports the dimension of its vectors"
    : undefined
  return unknown === undefined
    ? { result: "passed" }
    : { result: "unknown", code: "unknown-sample", message: unknown }
}
