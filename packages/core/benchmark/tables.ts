/** Figures as Markdown. */
import { median, noise } from "./statistics.ts"

/** One value a round. */
export type Values = ReadonlyArray<number>

/** What is compared, by name, and what the others are compared with. */
export interface Figure {
  readonly title: string
  readonly unit: string
  readonly values: Readonly<Record<string, Values>>
  readonly baselines: ReadonlyArray<string>
}

/** The median of the ratios of each round, so that a machine that gets slower on the way does not count. */
export const ratio = (a: Values, b: Values): number => median(a.map((value, round) => value / (b[round] ?? NaN)))

/** The median of the differences within each round. */
export const difference = (a: Values, b: Values): number => median(a.map((value, round) => value - (b[round] ?? NaN)))

const number = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map((_, index) => index === 0 ? "---" : "--:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join(
    "\n"
  )

/** A row for everybody who is compared, with a group of columns for every figure. */
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
          ...baselines.map((to) => to === name ? "" : ratio(own, values[to] ?? []).toFixed(2))
        ]
      })
    ])
  )
