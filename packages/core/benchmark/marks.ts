/** What should hold, and whether it does. */
import { table } from "./tables.ts"

/** A ratio to the SDK in the same run, or a number of something. */
interface Mark {
  readonly title: string
  readonly unit: "" | "ms" | "s"
  /** The most it may be over `fetch`, or wherever there is no transport. Nothing is asked, if left out. */
  readonly fetch?: number
  /** The most it may be with the client of Node, as the README recommends it. */
  readonly node?: number
}

/** In the order of the table. */
const marks = {
  drain: { title: "drain, 100,000 rows, × SDK", unit: "", fetch: 1.05, node: 0.95 },
  million: { title: "drain, 1,000,000 rows, × SDK", unit: "", fetch: 0.95, node: 0.8 },
  warm: { title: "warm call, p50, × SDK", unit: "", fetch: 1.05, node: 0.95 },
  many: { title: "200 histories, 16 at a time, × SDK", unit: "", fetch: 1.15, node: 0.95 },
  work: { title: "drain with 20 ms of work, one page ahead, × SDK", unit: "", fetch: 0.55, node: 0.53 },
  peak: { title: "peak memory, 1,000,000 rows, × SDK", unit: "", fetch: 1.2, node: 0.75 },
  heldPeak: { title: "the same with the heap held down, × SDK", unit: "", fetch: 1.2, node: 1 },
  cold: { title: "one cold call, from start to end of the process, × SDK", unit: "", fetch: 1.45, node: 1.4 },
  bundle: { title: "browser bundle, × SDK", unit: "", fetch: 0.98 },
  help: { title: "`pcb --help`, above bare Node", unit: "ms", node: 50 },
  history: { title: "`pcb schedule history`, above bare Node", unit: "ms", node: 100 },
  inMemory: { title: "a call in memory, in a unit test", unit: "ms", fetch: 0.25 },
  audit: { title: "`pcb audit` of 200 indexes", unit: "s", node: 15 },
  lost: { title: "the same at 10 requests a second: refused and never answered", unit: "", node: 0 },
  health: { title: "health of 1,000 indexes with 90 runs each, from facts", unit: "s", fetch: 0.3 },
  linear: { title: "the same, time per index: of 10,000 indexes × of 10", unit: "", fetch: 3 }
} satisfies Readonly<Record<string, Mark>>

/** What was measured for some of the marks. */
export type Measured = {
  readonly [Name in keyof typeof marks]?: {
    readonly [Column in "fetch" | "node" as Column extends keyof (typeof marks)[Name] ? Column : never]: number
  }
}

const withUnit = (value: string, unit: Mark["unit"]): string => unit === "" ? value : `${value} ${unit}`

const verdict = (value: number, most: number, unit: Mark["unit"]): string => {
  if (value <= most) return "met"
  const excess = value - most
  return `missed by ${
    unit === "" && most > 0 ? `${(excess / most * 100).toFixed(1)} %` : withUnit(excess.toFixed(2), unit)
  }`
}

const cells = (most: number | undefined, value: number | undefined, unit: Mark["unit"], isJudged: boolean) =>
  most === undefined || value === undefined
    ? ["", "", ""]
    : [
      `≤ ${withUnit(String(most), unit)}`,
      withUnit(value.toFixed(2), unit),
      isJudged ? verdict(value, most, unit) : "not judged"
    ]

/** The marks that something was measured for. They are for the sizes in their titles: other sizes are not judged. */
export const judge = (measured: Measured, isJudged: boolean): string =>
  table(
    ["mark", "over fetch", "measured", "", "on Node", "measured", ""],
    Object.entries<Mark>(marks).flatMap(([name, { fetch, node, title, unit }]) => {
      const values: { readonly fetch?: number; readonly node?: number } | undefined =
        measured[name as keyof typeof marks]
      return values === undefined ? [] : [[
        title,
        ...cells(fetch, values.fetch, unit, isJudged),
        ...cells(node, values.node, unit, isJudged)
      ]]
    })
  )
