/** Draws the runs of a schedule as a calendar, a strip or a curve. Pure functions that return lines. */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as RunTimeline from "../../shared/RunTimeline.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"

const dayOf = (at: DateTime.Utc): number => Math.floor(DateTime.toEpochMillis(at) / Format.dayMillis)

/** 1 January 1970 was a Thursday, and weeks start on Monday. */
const weekOf = (day: number): number => Math.floor((day + 3) / 7)

const weekdays = ["Mon", "", "Wed", "", "Fri", "", "Sun"]

const labelWidth = 5

/** Joins parts into lines that fit. Cuts a part that is wider than the screen. */
export const wrap = (parts: ReadonlyArray<string>, separator: string, columns: number): ReadonlyArray<string> =>
  Text.wrapParts(parts.map((part) => Text.cut(part, columns)), columns, { separator })

/** The line of month names above the weeks. A month is omitted if the previous name overlaps. */
const monthsAbove = (weeks: ReadonlyArray<number>, columns: number): string => {
  const names = weeks.map((week, index) => {
    const monday = DateTime.makeUnsafe((week * 7 - 3) * Format.dayMillis)
    const sunday = DateTime.add(monday, { days: 6 })
    return index === 0 || DateTime.getPartUtc(sunday, "day") <= 7 ? Format.month(sunday) : ""
  })
  // A first month with only one week is omitted if the next month starts right after it.
  if (names[1] !== undefined && names[1] !== "") names[0] = ""
  let line = " ".repeat(labelWidth)
  for (const [index, name] of names.entries()) {
    const at = labelWidth + 2 * index
    if (name !== "" && at + name.length <= columns) line = line.padEnd(at) + name
  }
  return line.trimEnd()
}

/**
 * A calendar of a daily schedule, with a column per week and a row per weekday. Weeks that do not fit go into a
 * separate block above. A day with several runs shows the last run.
 */
export const calendar = (slots: ReadonlyArray<RunTimeline.Slot>, screen: Screen.Service): ReadonlyArray<string> => {
  const byDay = new Map(slots.map((slot) => [dayOf(slot.at), slot]))
  const [oldest, newest] = [slots[0], slots.at(-1)]
  if (oldest === undefined || newest === undefined) return []
  const [first, last] = [weekOf(dayOf(oldest.at)), weekOf(dayOf(newest.at))]
  const perBlock = Math.max(1, Math.floor((screen.columns - labelWidth + 1) / 2))
  const blocks = Math.ceil((last - first + 1) / perBlock)
  return Array.makeBy(blocks, (block) => {
    // The newest block is full. Only the oldest may be shorter.
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

/** The day, with the year if it is not the current year. */
const dayIn = (at: DateTime.Utc, now: DateTime.Utc): string =>
  DateTime.getPartUtc(at, "year") === DateTime.getPartUtc(now, "year")
    ? Format.day(at)
    : `${Format.day(at)} ${DateTime.getPartUtc(at, "year")}`

/** A strip of a weekly or monthly schedule: one symbol per run, between the days of the first and last run. */
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
 * A curve of numbers, from 0 to their maximum. If several numbers share a column, the smallest is shown, so that losses
 * stay visible.
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

// The record has all phases as keys.
const phases = Object.keys(RunTimeline.outcomeLabels) as ReadonlyArray<Symbols.Phase>

/** The number of runs by outcome, with their symbols, as a legend. Planned runs are not counted as due. */
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
