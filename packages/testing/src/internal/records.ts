/**
 * The records of an index. They are not stored: a record is derived from a seed, a namespace and its place, so even a
 * million records use no memory.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Inputs from "./inputs.ts"
import * as Settings from "./settings.ts"

/** Schema for flaws in the records of an index. */
export const Flaws = Schema.Struct({
  /** Whether the index has no records. */
  empty: Schema.optionalKey(Schema.Boolean),
  /** Number of lost namespaces, starting with the last by name. */
  lostNamespaces: Schema.optionalKey(Settings.count),
  /** Number of missing records, starting with the last record of the last namespace. */
  missing: Schema.optionalKey(Settings.count),
  /** Number of records that disappear later, in the same order, and the delay after the index is ready. */
  vanish: Schema.optionalKey(Schema.Struct({ records: Settings.count, after: Settings.Period })),
  /** Duration after the index is ready in which its counts grow from zero. */
  statsDelay: Schema.optionalKey(Settings.Period),
  /** Length of dense vectors, regardless of the dimension of the index. */
  dimension: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 }))),
  /** Values of all vectors. */
  values: Schema.optionalKey(Schema.Literals(["nan", "zero"])),
  /** `dimension` and `values` affect one vector out of this many. @default 1 */
  every: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)))
})

/** Flaws in the records of an index. */
export interface Flaws extends Schema.Schema.Type<typeof Flaws> {}

/** Flaws with durations in any form. */
export interface FlawsInput
  extends Partial<{ readonly [Key in Exclude<keyof Flaws, "statsDelay" | "vanish">]: Flaws[Key] | undefined }>
{
  /** Duration after the index is ready in which its counts grow from zero. */
  readonly statsDelay?: Duration.Input | undefined
  /**
   * Number of records that disappear, starting with the last record of the last namespace, and the delay after the
   * index is ready.
   */
  readonly vanish?: { readonly records: number; readonly after: Duration.Input } | undefined
}

/** Parses the durations of flaws. Throws `Inputs.InvalidValue` for an invalid duration. */
export const fromInput = ({ statsDelay, vanish, ...others }: FlawsInput, path: Inputs.Path): Flaws =>
  Settings.defined({
    ...others,
    statsDelay: Inputs.optionalDuration(statsDelay, [...path, "statsDelay"]),
    vanish: vanish && { ...vanish, after: Inputs.duration(vanish.after, [...path, "vanish", "after"]) }
  })

/** Host of an index for clients in the same process. The name cannot be resolved. */
export const hostInMemory = (name: string): string => `${name}.svc.invalid`

/** Vector type of an index. A sparse index has no dimension. */
export const kindOf = (dimension: number) =>
  dimension > 0
    ? { metric: "cosine", vector_type: "dense" } as const
    : { metric: "dotproduct", vector_type: "sparse" } as const

// ============================================================================
// Counts
// ============================================================================

/** Distributes a number of records in the given proportions. */
export const share = (
  total: number,
  shares: ReadonlyArray<readonly [name: string, count: number]>
): ReadonlyArray<readonly [name: string, count: number]> => {
  const sum = shares.reduce((sum, [, count]) => sum + count, 0)
  if (sum === total) return shares
  let before = 0
  let given = 0
  return shares.map(([name, count], at) => {
    before += count
    const end = at === shares.length - 1 ? total : sum === 0 ? 0 : Math.min(total, Math.floor(total * (before / sum)))
    const own = Math.max(0, end - given)
    given += own
    return [name, own]
  })
}

/** Removes a number of records from the end. A namespace without records is removed. */
const without = (
  namespaces: ReadonlyArray<readonly [string, number]>,
  records: number
): ReadonlyArray<readonly [string, number]> => {
  // Keep the first records and remove the rest.
  let kept = Math.max(0, namespaces.reduce((sum, [, count]) => sum + count, 0) - records)
  return namespaces.flatMap(([name, count]) => {
    const own = Math.min(kept, count)
    kept -= own
    return own === 0 && count > 0 ? [] : [[name, own] as const]
  })
}

/** Number of records by namespace, sorted by name, for an index that has been ready for a duration. */
export const contentsAfter = (
  namespaces: Readonly<{ [name: string]: number }>,
  { empty = false, lostNamespaces = 0, missing = 0, vanish }: Flaws,
  age: Duration.Duration
): ReadonlyMap<string, number> => {
  if (empty) return new Map()
  const sorted = Object.entries(namespaces).sort(([one], [other]) => one < other ? -1 : 1)
  const kept = without(sorted.slice(0, Math.max(0, sorted.length - lostNamespaces)), missing)
  const isVanished = vanish !== undefined && Duration.isGreaterThanOrEqualTo(age, vanish.after)
  return new Map(isVanished ? without(kept, vanish.records) : kept)
}

/** The counts that an index reports. */
export const countsAfter = (
  contents: ReadonlyMap<string, number>,
  { statsDelay }: Flaws,
  age: Duration.Duration
): ReadonlyMap<string, number> => {
  if (statsDelay === undefined || Duration.isGreaterThanOrEqualTo(age, statsDelay)) return contents
  const part = Duration.toMillis(age) / Duration.toMillis(statsDelay)
  return new Map(
    [...contents].map(([name, count]) => [name, Math.floor(count * part)] as const).filter(([, count]) => count > 0)
  )
}

// ============================================================================
// Contents
// ============================================================================

/** Hash of a string. */
const hash = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Mixes the bits of a number. */
const mix = (number: number): number => {
  let mixed = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Source of the records of a namespace. */
export interface Namespace {
  readonly seed: string
  readonly name: string
}

/** A list of `length` values; empty for a negative length. */
const listOf = <A>(length: number, f: (at: number) => A): ReadonlyArray<A> =>
  Array.from({ length: Math.max(0, length) }, (_, at) => f(at))

/** Number from which a record is derived. */
const numberOf = ({ name, seed }: Namespace, place: number): number =>
  mix(mix(hash(`${seed}\n${name}`) ^ (place % 2 ** 32)) ^ Math.floor(place / 2 ** 32))

/** Maximum number of digits of a place. */
const digits = String(Number.MAX_SAFE_INTEGER).length

/** ID of the record at a place, starting at 0. IDs sort by place. */
export const idAt = (namespace: Namespace, place: number): string =>
  `doc-${String(place).padStart(digits, "0")}-${numberOf(namespace, place).toString(16).padStart(8, "0")}`

/** Place of a record; `undefined` for an ID that no record of the namespace has. */
export const placeOf = (namespace: Namespace, id: string): number | undefined => {
  const place = Number(/^doc-(\d{16})-/.exec(id)?.[1] ?? NaN)
  return Number.isSafeInteger(place) && idAt(namespace, place) === id ? place : undefined
}

/** First place at which a condition holds. The condition must also hold for all later places. */
const firstPlace = (count: number, holds: (place: number) => boolean): number => {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** Lazy list of the IDs with a prefix among the first `count` records. */
export const idsOf = (namespace: Namespace, count: number, prefix: string) => {
  const first = firstPlace(count, (place) => idAt(namespace, place) >= prefix)
  const end = firstPlace(count, (place) => {
    const id = idAt(namespace, place)
    return id > prefix && !id.startsWith(prefix)
  })
  return {
    length: end - first,
    slice: (from: number, to: number): ReadonlyArray<string> =>
      listOf(Math.min(first + to, end) - (first + from), (at) => idAt(namespace, first + from + at))
  }
}

/** Deterministic generator of numbers from 0 to 1. */
const randomFrom = (start: number) => {
  let state = start
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state) / 2 ** 32
  }
}

/** A number between -1 and 1 with six digits, except zero. */
const coordinate = (random: number): number => Math.round((random * 2 - 1) * 1e6) / 1e6 || 0.5

const sparseLength = 8

/** The record at a place, as JSON. */
export const recordAt = (
  namespace: Namespace,
  place: number,
  dimension: number,
  flaws: Flaws
): Schema.JsonObject => {
  const random = randomFrom(numberOf(namespace, place))
  const isFlawed = place % (flaws.every ?? 1) === 0
  const spoiled = isFlawed ? flaws.values : undefined
  const number = (): Schema.Json =>
    // JSON encoders of gRPC write NaN as a string.
    spoiled === "nan" ? "NaN" : spoiled === "zero" ? 0 : coordinate(random())
  const id = idAt(namespace, place)
  const metadata = { place, title: `Document ${place}` }
  if (dimension > 0) {
    const length = isFlawed ? flaws.dimension ?? dimension : dimension
    return { id, values: listOf(length, number), metadata }
  }
  return {
    id,
    values: [],
    sparseValues: {
      indices: listOf(sparseLength, (at) => at * 1_000 + Math.floor(random() * 1_000)),
      values: listOf(sparseLength, number)
    },
    metadata
  }
}
