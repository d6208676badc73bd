/** Renders figures as Markdown. */
import { type Estimate, estimate, median, noise } from "./statistics.ts"

/** One value per round. */
export type Values = ReadonlyArray<number>

/** Compared values by name, and the names of the baselines. */
export interface Figure {
  readonly title: string
  readonly unit: string
  readonly values: Readonly<Record<string, Values>>
  readonly baselines: ReadonlyArray<string>
}

/** Estimates the ratio within a round, so that a slow phase of the machine affects both sides. */
export const ratio = (a: Values, b: Values): Estimate => estimate(a.map((value, round) => value / (b[round] ?? NaN)))

/** Estimates the difference within a round. */
export const difference = (a: Values, b: Values): Estimate =>
  estimate(a.map((value, round) => value - (b[round] ?? NaN)))

const number = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map((_, index) => index === 0 ? "---" : "--:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join(
    "\n"
  )

/** Renders one row per contender, with a group of columns per figure. */
export const compare = (figures: ReadonlyArray<Figure>): string =>
  table(
    [
      "",
      ...figures.flatMap(({ baselines, title, unit }) => [
        `${title}, ${unit}`,
        "±",
        ...baselines.map((to) => `× ${to}`)
      ])
    ],
    Object.keys(figures[0]?.values ?? {}).map((name) => [
      name,
      ...figures.flatMap(({ baselines, values }) => {
        const own = values[name] ?? []
        return [
          number(median(own)),
          `${(noise(own) * 100).toFixed(0)} %`,
          ...baselines.map((to) => to === name ? "" : ratio(own, values[to] ?? []).value.toFixed(2))
        ]
      })
    ])
  )
