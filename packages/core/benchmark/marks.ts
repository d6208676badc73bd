/** Performance marks, and whether they are met. */
import type { Estimate } from "./statistics.ts"
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

const transports = ["fetch", "node"] as const

type Transport = (typeof transports)[number]

/** What was measured for a mark, in its unit. */
interface Measurement {
  readonly value?: Estimate
  /** The same for the typed floor: the least that a typed client on Effect does. */
  readonly floor?: Estimate
  /** Share of the CPU time that is not spent in code of this library, from 0 to 1. */
  readonly others?: Estimate
}

/** What was measured for some of the marks, by transport. */
export type Measured = { readonly [Name in keyof typeof marks]?: { readonly [_ in Transport]?: Measurement } }

/** Notes that the noise leaves open whether a value is within its limit. */
const noise = ({ high, low }: Estimate, most: number): string => low <= most && high > most ? " (within the noise)" : ""

const excess = (value: number, most: number, unit: Mark["unit"]): string => {
  if (unit !== "" || most === 0) return withUnit((value - most).toFixed(2), unit)
  const percent = (value / most - 1) * 100
  return percent < 0.1 ? "less than 0.1 %" : `${percent.toFixed(1)} %`
}

/** Says whether a value is within its limit, and what else exceeds the limit. */
const verdict = (
  { floor, value, withoutOwn }: {
    readonly value: Estimate
    readonly floor: Estimate | undefined
    readonly withoutOwn: Estimate | undefined
  },
  most: number,
  unit: Mark["unit"]
): string => {
  if (value.value <= most) return `met${noise(value, most)}`
  const also = [
    ...(floor !== undefined && floor.value > most ? [`by the floor${noise(floor, most)}`] : []),
    ...(withoutOwn !== undefined && withoutOwn.value > most ? [`without own code${noise(withoutOwn, most)}`] : [])
  ]
  return [
    `missed by ${excess(value.value, most, unit)}${noise(value, most)}`,
    ...(also.length === 0 ? [] : [`also ${also.join(" and ")}`])
  ].join("; ")
}

/** Multiplies a value by a share. The range of the product is that of the value. */
const scale = ({ high, low, value }: Estimate, share: Estimate): Estimate => ({
  value: value * share.value,
  low: low * share.value,
  high: high * share.value
})

const withUnit = (value: string, unit: Mark["unit"]): string => unit === "" ? value : `${value} ${unit}`

/** Renders the marks that were measured. Marks hold for the sizes in their titles, so a short run is not judged. */
export const judge = (measured: ReadonlyArray<Measured>, isJudged: boolean): string =>
  table(
    ["mark", "transport", "limit", "measured", "range", "floor", "without own code", "result"],
    Object.entries<Mark>(marks).flatMap(([name, mark]) =>
      transports.flatMap((transport) => {
        // Scenarios measure different things for the same mark.
        const { floor, others, value }: Measurement = Object.assign(
          {},
          ...measured.map((one) => one[name as keyof Measured]?.[transport])
        )
        const most = mark[transport]
        if (most === undefined || value === undefined) return []
        const withoutOwn = others && scale(value, others)
        const number = (value: number) => withUnit(value.toFixed(2), mark.unit)
        return [[
          mark.title,
          mark.fetch === undefined || mark.node === undefined ? "" : transport === "fetch" ? "over `fetch`" : "on Node",
          `≤ ${withUnit(String(most), mark.unit)}`,
          number(value.value),
          value.low === value.high ? "" : `${value.low.toFixed(2)} to ${value.high.toFixed(2)}`,
          ...[floor, withoutOwn].map((one) => one === undefined ? "" : number(one.value)),
          isJudged ? verdict({ value, floor, withoutOwn }, most, mark.unit) : "not judged"
        ]]
      })
    )
  )
