/** Performance marks, and whether they are met. */
import { table } from "./tables.ts"

/** An upper limit: a ratio, a count or a time. */
interface Mark {
  readonly title: string
  readonly unit: "" | "ms" | "s"
  /** Limit over `fetch`, or for values that do not depend on the transport. */
  readonly fetch?: number
  /** Limit with the client of Node that the README recommends, which the command line uses. */
  readonly node?: number
}

/** Marks in the order of the table. */
const marks = {
  drain: { title: "drain, 100,000 rows, × SDK", unit: "", fetch: 1.05, node: 0.95 },
  million: { title: "drain, 1,000,000 rows, × SDK", unit: "", fetch: 0.95, node: 0.8 },
  warm: { title: "warm call, p50, × SDK", unit: "", fetch: 1.05, node: 0.95 },
  many: { title: "200 histories, 16 at a time, × SDK", unit: "", fetch: 1.15, node: 0.95 },
  work: { title: "drain with 20 ms of work, one page ahead, × SDK", unit: "", fetch: 0.55, node: 0.53 },
  peak: { title: "peak memory, 1,000,000 rows, × SDK", unit: "", fetch: 1.2, node: 0.75 },
  heldPeak: { title: "peak memory with a limited heap, × SDK", unit: "", fetch: 1.2, node: 1 },
  cold: { title: "cold call, whole process, × SDK", unit: "", fetch: 1.45, node: 1.4 },
  bundle: { title: "browser bundle, × SDK", unit: "", fetch: 0.98 },
  help: { title: "`pcb --help`, above bare Node", unit: "ms", node: 50 },
  history: { title: "`pcb schedule history`, above bare Node", unit: "ms", node: 100 },
  inMemory: { title: "in-memory call in a unit test", unit: "ms", fetch: 0.25 },
  audit: { title: "`pcb audit` of 200 indexes", unit: "s", node: 15 },
  lost: { title: "`pcb audit` at a limit of 10 requests a second, 429s not retried", unit: "", node: 0 },
  health: { title: "health from facts, 1,000 indexes × 90 rows", unit: "s", fetch: 0.3 },
  linear: { title: "health from facts, time per index, ratio of 10,000 indexes to 10", unit: "", fetch: 3 }
} satisfies Readonly<Record<string, Mark>>

/** Values measured for some of the marks, in the unit of the mark. */
export type Measured = {
  readonly [Name in keyof typeof marks]?:
    & {
      readonly [Column in "fetch" | "node" as Column extends keyof (typeof marks)[Name] ? Column : never]: number
    }
    & Floors
}

/** The same values for the typed floor: the least that a typed client on Effect does. */
interface Floors {
  readonly fetchFloor?: number
  readonly nodeFloor?: number
}

const withUnit = (value: string, unit: Mark["unit"]): string => unit === "" ? value : `${value} ${unit}`

const verdict = (value: number, most: number, unit: Mark["unit"]): string => {
  if (value <= most) return "met"
  const excess = value - most
  return `missed by ${
    unit === "" && most > 0 ? `${(excess / most * 100).toFixed(1)} %` : withUnit(excess.toFixed(2), unit)
  }`
}

const cells = (
  most: number | undefined,
  value: number | undefined,
  floor: number | undefined,
  unit: Mark["unit"],
  isJudged: boolean
) =>
  most === undefined || value === undefined
    ? ["", "", "", ""]
    : [
      `≤ ${withUnit(String(most), unit)}`,
      withUnit(value.toFixed(2), unit),
      floor === undefined ? "" : withUnit(floor.toFixed(2), unit),
      isJudged ? verdict(value, most, unit) : "not judged"
    ]

/** Renders the marks that were measured. Marks hold for the sizes in their titles, so a short run is not judged. */
export const judge = (measured: Measured, isJudged: boolean): string =>
  table(
    ["mark", "over fetch", "measured", "floor", "", "on Node", "measured", "floor", ""],
    Object.entries<Mark>(marks).flatMap(([name, { fetch, node, title, unit }]) => {
      const values: ({ readonly fetch?: number; readonly node?: number } & Floors) | undefined =
        measured[name as keyof typeof marks]
      return values === undefined ? [] : [[
        title,
        ...cells(fetch, values.fetch, values.fetchFloor, unit, isJudged),
        ...cells(node, values.node, values.nodeFloor, unit, isJudged)
      ]]
    })
  )
