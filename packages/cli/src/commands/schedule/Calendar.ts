/** The runs of a schedule as a picture: a calendar, a strip, a curve. Texts in, lines out. */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as RunTimeline from "../../shared/RunTimeline.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"

const dayOf = (at: DateTime.Utc): number => Math.floor(DateTime.toEpochMillis(at) / Format.dayMillis)

/** 1 January 1970 was a Thursday, and weeks begin on Monday. */
const weekOf = (day: number): number => Math.floor((day + 3) / 7)

const weekdays = ["Mon", "", "Wed", "", "Fri", "", "Sun"]

const labelWidth = 5

/** Parts of a sentence, one after the other on lines that fit. A part that is wider than the screen is cut. */
export const wrap = (parts: ReadonlyArray<string>, separator: string, columns: number): ReadonlyArray<string> =>
  Text.wrapParts(parts.map((part) => Text.cut(part, columns)), columns, { separator })

/** The line of months above weeks: each where it begins, unless the one before is in the way. */
const monthsAbove = (weeks: ReadonlyArray<number>, columns: number): string => {
  const names = weeks.map((week, index) => {
    const monday = DateTime.makeUnsafe((week * 7 - 3) * Format.dayMillis)
    const sunday = DateTime.add(monday, { days: 6 })
    return index === 0 || DateTime.getPartUtc(sunday, "day") <= 7 ? Format.month(sunday) : ""
  })
  // A month of which only a week is left gives way to the one that begins.
  if (names[1] !== undefined && names[1] !== "") names[0] = ""
  let line = " ".repeat(labelWidth)
  for (const [index, name] of names.entries()) {
    const at = labelWidth + 2 * index
    if (name !== "" && at + name.length <= columns) line = line.padEnd(at) + name
  }
  return line.trimEnd()
}

/**
 * A calendar of a schedule that runs daily: a column for each week, a row for each day of it. Weeks that do not fit
 * beside the others come in a calendar of their own above. A day with several runs shows the last of them.
 */
export const calendar = (slots: ReadonlyArray<RunTimeline.Slot>, screen: Screen.Service): ReadonlyArray<string> => {
  const byDay = new Map(slots.map((slot) => [dayOf(slot.at), slot]))
  const [oldest, newest] = [slots[0], slots.at(-1)]
  if (oldest === undefined || newest === undefined) return []
  const [first, last] = [weekOf(dayOf(oldest.at)), weekOf(dayOf(newest.at))]
  const perBlock = Math.max(1, Math.floor((screen.columns - labelWidth + 1) / 2))
  const blocks = Math.ceil((last - first + 1) / perBlock)
  return Array.makeBy(blocks, (block) => {
    // The latest block is full, so that the latest weeks stand together.
    const end = last - (blocks - 1 - block) * perBlock
    const weeks = Array.range(Math.max(first, end - perBlock + 1), end)
    const rows = weekdays.map((weekday, index) => {
      const cells = weeks.map((week) => {
        const slot = byDay.get(week * 7 - 3 + index)
        return slot === undefined ? " " : Symbols.phase(screen, slot.phase)
      })
      return `${weekday.padEnd(labelWidth)}${cells.join(" ")}`.trimEnd()
    })
    return [...(block === 0 ? [] : [""]), monthsAbove(weeks, screen.columns), ...rows]
  }).flat()
}

/** The day, and the year where it is not this one. */
const dayIn = (at: DateTime.Utc, now: DateTime.Utc): string =>
  DateTime.getPartUtc(at, "year") === DateTime.getPartUtc(now, "year")
    ? Format.day(at)
    : `${Format.day(at)} ${DateTime.getPartUtc(at, "year")}`

/** A strip of a schedule that runs weekly or monthly: one symbol a run, between the days of the first and the last. */
export const strip = (
  slots: ReadonlyArray<RunTimeline.Slot>,
  screen: Screen.Service,
  now: DateTime.Utc
): ReadonlyArray<string> => {
  const labels = Math.max(0, ...slots.map(({ at }) => dayIn(at, now).length))
  const perLine = Math.max(1, screen.columns === Infinity ? slots.length : screen.columns - 2 * labels - 4)
  return Array.chunksOf(slots, perLine).map((some) => {
    const symbols = some.map(({ phase }) => Symbols.phase(screen, phase)).join("")
    return `${dayIn(some[0].at, now).padStart(labels)}  ${symbols}  ${dayIn(Array.lastNonEmpty(some).at, now)}`
  })
}

const levels = { unicode: "▁▂▃▄▅▆▇█", ascii: "_.-:=+*#" } as const

/**
 * Numbers as a curve from 0 to the largest of them. Where there are more of them than columns, the smallest of those
 * that share one is shown, since what is looked for is a loss.
 */
export const curve = (values: ReadonlyArray<number>, columns: number, isUnicode: boolean): string => {
  const most = Math.max(1, ...values)
  const steps = isUnicode ? levels.unicode : levels.ascii
  const length = Math.min(values.length, columns)
  if (length < 1) return ""
  const startOf = (index: number) => Math.floor(index * values.length / length)
  return Array.makeBy(length, (index) => {
    const some = values.slice(startOf(index), startOf(index + 1))
    return steps[Math.round(Math.min(...some) / most * (steps.length - 1))] ?? ""
  }).join("")
}

// A record of all of them, so its keys are the phases.
const phases = Object.keys(RunTimeline.outcomeLabels) as ReadonlyArray<Symbols.Phase>

/** How many runs ended how, with the symbol of each: the key to the picture. What is planned does not count. */
export const summary = (slots: ReadonlyArray<RunTimeline.Slot>, screen: Screen.Service): ReadonlyArray<string> => {
  const counts = phases.map((phase) => [phase, slots.filter((slot) => slot.phase === phase).length] as const)
  const due = slots.filter(({ phase }) => phase !== "planned").length
  const parts = counts.filter(([, count]) => count > 0).map(([phase, count]) =>
    `${count} ${Symbols.phase(screen, phase)} ${RunTimeline.outcomeLabels[phase]}`
  )
  return parts.map((part, index) =>
    `${index > 0 ? "" : due === 1 ? "1 run: " : `${due} runs: `}${part}${index < parts.length - 1 ? "," : ""}`
  )
}
