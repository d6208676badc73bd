/**
 * The records of an index. None of them is kept: a seed, a namespace and a place in it say what a record is, so that a
 * million of them cost nothing.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Inputs from "./inputs.ts"
import * as Settings from "./settings.ts"

/** Schema for what is wrong with the records of an index. */
export const Flaws = Schema.Struct({
  /** Whether there are none at all. */
  empty: Schema.optionalKey(Schema.Boolean),
  /** How many namespaces are lost, from the last by name on. */
  lostNamespaces: Schema.optionalKey(Settings.count),
  /** How many records are missing, from the last of the last namespace on. */
  missing: Schema.optionalKey(Settings.count),
  /** How many records go, in the same order, and how long after the index was ready. */
  vanish: Schema.optionalKey(Schema.Struct({ records: Settings.count, after: Settings.Period })),
  /** For how long after the index was ready its counts lag behind: they grow from nothing to what there is. */
  statsDelay: Schema.optionalKey(Settings.Period),
  /** How long dense vectors are, whatever the dimension of the index. */
  dimension: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 }))),
  /** What the numbers of vectors are. */
  values: Schema.optionalKey(Schema.Literals(["nan", "zero"])),
  /** How many records there are to one whose vector is wrong. Every vector is, if left out. */
  every: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)))
})

/** What is wrong with the records of an index. */
export interface Flaws extends Schema.Schema.Type<typeof Flaws> {}

/** The same with any kind of duration. */
export interface FlawsInput
  extends Partial<{ readonly [Key in Exclude<keyof Flaws, "statsDelay" | "vanish">]: Flaws[Key] | undefined }>
{
  /** For how long after the index was ready its counts grow from nothing to what there is. */
  readonly statsDelay?: Duration.Input | undefined
  /** How many records go, from the last of the last namespace on, and how long after the index was ready. */
  readonly vanish?: { readonly records: number; readonly after: Duration.Input } | undefined
}

/** What is wrong, from any kind of duration. */
export const fromInput = ({ statsDelay, vanish, ...others }: FlawsInput): Flaws =>
  Settings.defined({
    ...others,
    statsDelay: Inputs.optionalDuration(statsDelay),
    vanish: vanish && { ...vanish, after: Duration.fromInputUnsafe(vanish.after) }
  })

/** Where the data of an index is for a client in the same process: a name that leads nowhere else. */
export const hostInMemory = (name: string): string => `${name}.svc.invalid`

/** What kind of vectors an index has, by its dimension: a sparse one has none. */
export const kindOf = (dimension: number) =>
  dimension > 0
    ? { metric: "cosine", vector_type: "dense" } as const
    : { metric: "dotproduct", vector_type: "sparse" } as const

// ============================================================================
// How many
// ============================================================================

/** A number of records in the shares that others have: as they are, if their sum is that number. */
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

/** What is left of namespaces without so many of the last records. One that loses its last record is gone. */
const without = (
  namespaces: ReadonlyArray<readonly [string, number]>,
  records: number
): ReadonlyArray<readonly [string, number]> => {
  // So many of the first are to stay, and the rest of what is there goes.
  let kept = Math.max(0, namespaces.reduce((sum, [, count]) => sum + count, 0) - records)
  return namespaces.flatMap(([name, count]) => {
    const own = Math.min(kept, count)
    kept -= own
    return own === 0 && count > 0 ? [] : [[name, own] as const]
  })
}

/** What an index holds, which has been ready for so long: how many records by namespace, in the order of their names. */
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

/** What an index says that it holds. */
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
// Which
// ============================================================================

/** A number that a text stands for. */
const hash = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Another number, far from those of its neighbours. */
const mix = (number: number): number => {
  let mixed = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** The records of a namespace that could be there. */
export interface Namespace {
  readonly seed: string
  readonly name: string
}

/** So many values, none if there are fewer. */
const listOf = <A>(length: number, f: (at: number) => A): ReadonlyArray<A> =>
  Array.from({ length: Math.max(0, length) }, (_, at) => f(at))

/** What a record is made of. */
const numberOf = ({ name, seed }: Namespace, place: number): number =>
  mix(mix(hash(`${seed}\n${name}`) ^ (place % 2 ** 32)) ^ Math.floor(place / 2 ** 32))

/** As many digits as a place can have. */
const digits = String(Number.MAX_SAFE_INTEGER).length

/** The id of the record at a place, from 0 on. The bytes of ids are in the order of their places. */
export const idAt = (namespace: Namespace, place: number): string =>
  `doc-${String(place).padStart(digits, "0")}-${numberOf(namespace, place).toString(16).padStart(8, "0")}`

/** The place of a record; `undefined` if no record of the namespace could have that id. */
export const placeOf = (namespace: Namespace, id: string): number | undefined => {
  const place = Number(/^doc-(\d{16})-/.exec(id)?.[1] ?? NaN)
  return Number.isSafeInteger(place) && idAt(namespace, place) === id ? place : undefined
}

/** The first of so many places from which on a condition holds. It must hold for all after that. */
const firstPlace = (count: number, holds: (place: number) => boolean): number => {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** The ids of the first so many records that begin with a prefix, of which only those that are asked for are made. */
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

/** Numbers from 0 to 1, the same ones for the same start. */
const randomFrom = (start: number) => {
  let state = start
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state) / 2 ** 32
  }
}

/** A number between -1 and 1 with six digits, and not zero. */
const coordinate = (random: number): number => Math.round((random * 2 - 1) * 1e6) / 1e6 || 0.5

const sparseLength = 8

/** The record at a place of an index of that dimension, as JSON. */
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
    // This is how JSON encoders of gRPC write what JSON has no number for.
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
