/**
 * Pictures of runs and of amounts, as SVG. One cell is one unit.
 *
 * Equal marks in a row are one dashed line, because an element for every run of 100 indexes would make the page too
 * large. Only exceptional runs are elements, with a title.
 */
import * as DateTime from "effect/DateTime"
import * as Format from "../../../terminal/Format.ts"
import * as Markup from "./Markup.ts"
import type * as View from "./View.ts"
import * as Words from "./Words.ts"

const { html } = Markup

/** Number of weeks in a calendar. */
const weeks = 13

/** Number of runs in a strip. */
export const stripRuns = 14

/** Maximum number of points of a curve. */
export const mostPoints = 45

const dayOf = (at: DateTime.Utc): number => Math.floor(DateTime.toEpochMillis(at) / Format.dayMillis)

/** 1 January 1970 was a Thursday, and weeks start on Monday. */
const weekOf = (day: number): number => Math.floor((day + 3) / 7)

/** A mark in a cell of a picture. */
interface Cell {
  readonly slot: View.Slot
  readonly column: number
  readonly row: number
}

/** Marks that are drawn as dashed lines, and their classes. */
const lines: ReadonlyArray<readonly [mark: View.Mark, className: string]> = [
  ["kept", "k"],
  ["deleted", "d"],
  ["unsure", "u"],
  ["planned", "p"]
]

const isLine = (mark: View.Mark): boolean => lines.some(([other]) => other === mark)

/** The lines through cells of one mark: down the columns of a calendar, or along a strip. */
const pathOf = (cells: ReadonlyArray<Cell>, isStrip: boolean): string => {
  const [along, across]: readonly [(cell: Cell) => number, (cell: Cell) => number] = isStrip
    ? [({ column }) => column, ({ row }) => row]
    : [({ row }) => row, ({ column }) => column]
  const sorted = cells.toSorted((self, that) => across(self) - across(that) || along(self) - along(that))
  const segments: Array<{ readonly cell: Cell; length: number }> = []
  for (const cell of sorted) {
    const last = segments.at(-1)
    if (last && across(last.cell) === across(cell) && along(last.cell) + last.length === along(cell)) last.length++
    else segments.push({ cell, length: 1 })
  }
  return segments.map(({ cell, length }) => `M${cell.column} ${cell.row}${isStrip ? "h" : "v"}${length}`).join("")
}

const titleOf = ({ at, mark, records }: View.Slot, now: DateTime.Utc): string =>
  `${Words.instant(at, now)}: ${Words.marks[mark]}${records === null ? "" : `, ${Words.records(records)}`}`

const marksOf = (cells: ReadonlyArray<Cell>, isStrip: boolean, now: DateTime.Utc): ReadonlyArray<Markup.Markup> => [
  ...lines.flatMap(([mark, className]) => {
    const path = pathOf(cells.filter(({ slot }) => slot.mark === mark), isStrip)
    return path === "" ? [] : [html`<path class="${className}" d="${path}"/>`]
  }),
  ...cells.filter(({ slot }) => !isLine(slot.mark)).map(({ column, row, slot }) =>
    html`<use href="#m-${slot.mark}" x="${column}"${row === 0 ? null : html` y="${row}"`}><title>${
      titleOf(slot, now)
    }</title></use>`
  )
]

/** Marks, worst first. A day with several runs shows the first of these. */
const worstFirst: ReadonlyArray<View.Mark> = [
  "failed",
  "missed",
  "empty",
  "late",
  "running",
  "unsure",
  "kept",
  "deleted",
  "planned"
]

const rank = ({ slot }: Cell): number => worstFirst.indexOf(slot.mark)

/** The cells of a calendar that ends with the week of `now`: a column per week, a row per weekday. */
const calendarCells = (slots: ReadonlyArray<View.Slot>, now: DateTime.Utc): ReadonlyArray<Cell> => {
  const first = weekOf(dayOf(now)) - weeks + 1
  const cells = new Map<number, Cell>()
  for (const slot of slots) {
    const day = dayOf(slot.at)
    const column = weekOf(day) - first
    if (column < 0 || column >= weeks) continue
    const cell = { slot, column, row: day + 3 - weekOf(day) * 7 }
    const other = cells.get(day)
    if (other === undefined || rank(cell) < rank(other)) cells.set(day, cell)
  }
  return [...cells.values()]
}

/** A calendar of a daily schedule. */
export const calendar = (slots: ReadonlyArray<View.Slot>, now: DateTime.Utc, label: string): Markup.Markup =>
  html`<svg class="cal" viewBox="-2.3 -1.2 15.4 8.2" role="img" aria-label="${label}"><use href="#frame"/>${
    marksOf(calendarCells(slots, now), false, now)
  }</svg>`

/** A strip of the latest runs, the newest at the end. The label describes it. */
export const strip = (slots: ReadonlyArray<View.Slot>, now: DateTime.Utc, label: string): Markup.Markup => {
  const latest = slots.filter(({ mark }) => mark !== "planned").slice(-stripRuns)
  const cells = latest.map((slot, index): Cell => ({ slot, column: stripRuns - latest.length + index, row: 0 }))
  return html`<svg class="strip" viewBox="0 0 ${stripRuns} .75" role="img" aria-label="${label}">${
    marksOf(cells, true, now)
  }</svg>`
}

/** A single mark, for the legend. */
export const mark = (one: View.Mark): Markup.Markup => {
  const line = lines.find(([other]) => other === one)
  return html`<svg class="mark" viewBox="0 0 .75 .75" aria-hidden="true">${
    line === undefined ? html`<use href="#m-${one}"/>` : html`<path class="${line[1]}" d="M0 0v1"/>`
  }</svg>`
}

// ============================================================================
// Curves
// ============================================================================

/** The next of 1, 2, 5, 10, 20, … that is not below a value. */
export const ceiling = (value: number): number => {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value
}

/**
 * The points of a curve: at most {@link mostPoints}. Of values that share a point, the smallest stays, so that losses stay
 * visible, and the last value always stays.
 */
export const points = (values: ReadonlyArray<number | null>): ReadonlyArray<number | null> => {
  if (values.length <= mostPoints) return values
  const early = values.slice(0, -1)
  const buckets = mostPoints - 1
  const startOf = (index: number) => Math.floor(index * early.length / buckets)
  return [
    ...Array.from({ length: buckets }, (_, index) => {
      const known = early.slice(startOf(index), startOf(index + 1)).filter((value) => value !== null)
      return known.length === 0 ? null : Math.min(...known)
    }),
    values.at(-1) ?? null
  ]
}

/** Size of a curve in the units of its path. */
const curveSize = { width: 300, height: 40 }

/** A line from one point to the next. */
interface Line {
  x: number
  y: number
}

const isSameDirection = (self: Line, that: Line): boolean => self.x * that.y === that.x * self.y

/** The path of a curve from zero to `top`, with gaps for unknown values. Lines with the same direction are one line. */
export const curvePath = (values: ReadonlyArray<number | null>, top: number): string => {
  const { height, width } = curveSize
  const step = width / Math.max(1, values.length - 1)
  const curves: Array<{ readonly start: Line; end: Line; readonly lines: Array<Line> }> = []
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    const point = { x: Math.round(index * step), y: Math.round(height * (1 - value / top)) }
    const curve = curves.at(-1)
    if (curve === undefined || values[index - 1] === null) {
      curves.push({ start: point, end: point, lines: [] })
      continue
    }
    const line = { x: point.x - curve.end.x, y: point.y - curve.end.y }
    const before = curve.lines.at(-1)
    if (before && isSameDirection(before, line)) {
      before.x += line.x
      before.y += line.y
    } else curve.lines.push(line)
    curve.end = point
  }
  return curves.map(({ lines, start }) => {
    const rest = lines.map(({ x, y }) => `${x}${y < 0 ? "" : " "}${y}`).join(" ")
    // A line without a length is a dot.
    return `M${start.x} ${start.y}${lines.length === 0 ? "h0" : `l${rest}`}`
  }).join("")
}

/** Points with less than half of the value before. */
const lossPath = (values: ReadonlyArray<number | null>, top: number): string => {
  const known = values.map((value, index) => ({ value, index })).filter(({ value }) => value !== null)
  const { height, width } = curveSize
  const step = width / Math.max(1, values.length - 1)
  return known.flatMap(({ index, value }, position) => {
    const before = known[position - 1]?.value
    return before != null && value !== null && value < before / 2
      ? [`M${Math.round(index * step)} ${Math.round(height * (1 - value / top))}h0`]
      : []
  }).join("")
}

/** A curve of amounts. Its figures are in the caption and in the table, so it is hidden from screen readers. */
export const curve = (values: ReadonlyArray<number | null>): Markup.Markup => {
  const all = points(values)
  const top = ceiling(Math.max(0, ...all.map((value) => value ?? 0)))
  const losses = lossPath(all, top)
  const { height, width } = curveSize
  return html`<svg class="curve" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true"><use href="#axis"/><path class="line" d="${
    curvePath(all, top)
  }"/>${losses === "" ? null : html`<path class="loss" d="${losses}"/>`}</svg>`
}

/** The largest value on the scale of a curve. */
export const topOf = (values: ReadonlyArray<number | null>): number =>
  ceiling(Math.max(0, ...points(values).map((value) => value ?? 0)))

// ============================================================================
// Definitions
// ============================================================================

/** Paths of the icons of looks, on a square of 24. The second path is drawn on top. */
const icons: Readonly<Record<Words.Look, readonly [shape: string, sign: string]>> = {
  critical: ["M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z", "M8 8l8 8M16 8l-8 8"],
  warning: ["M12 2L23.5 22H.5z", "M12 9v6M12 18.5v.1"],
  unknown: ["M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z", "M8.7 9a3.3 3.3 0 1 1 4.6 3q-1.3.6-1.3 2.2M12 17.7v.1"],
  ok: ["M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z", "M7 12.5l3.5 3.5l6.5-7.5"],
  notice: ["M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z", "M12 11v6M12 7v.1"],
  none: ["M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z", "M7 12h10"]
}

/** The icon of a look. Words next to it say the same. */
export const icon = (look: Words.Look): Markup.Markup =>
  html`<svg class="icon" aria-hidden="true"><use href="#i-${look}"/></svg>`

const iconColors: Readonly<Record<Words.Look, string>> = {
  critical: "#b3261e",
  warning: "#8f5000",
  unknown: "#5f3dae",
  ok: "#00695c",
  notice: "#545e69",
  none: "#545e69"
}

/** The icon of the browser tab, as a URL. */
export const tabIcon = (look: Words.Look): string => {
  const [shape, sign] = icons[look]
  const color = iconColors[look]
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="${color}" d="${shape}"/><path fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" d="${sign}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

/** The months above the weeks, the weekdays, and the outline of today, which all calendars share. */
const frame = (now: DateTime.Utc): Markup.Markup => {
  const today = dayOf(now)
  const last = weekOf(today)
  const months = Array.from({ length: weeks }, (_, column) => {
    const monday = DateTime.makeUnsafe(((last - weeks + 1 + column) * 7 - 3) * Format.dayMillis)
    const sunday = DateTime.add(monday, { days: 6 })
    return DateTime.getPartUtc(sunday, "day") <= 7
      ? html`<text x="${column}" y="-.4">${Format.month(sunday)}</text>`
      : null
  })
  const days = [["Mon", 0], ["Wed", 2], ["Fri", 4], ["Sun", 6]] as const
  return html`<g id="frame">${months}${
    days.map(([name, row]) => html`<text x="-2.3" y="${row + 0.63}">${name}</text>`)
  }<rect class="today" x="${weeks - 1.08}" y="${today + 3 - last * 7 - 0.08}" width=".91" height=".91" rx=".15"/></g>`
}

/** Everything that the pictures of a page share. */
export const definitions = (now: DateTime.Utc): Markup.Markup =>
  html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs>${
    (["critical", "warning", "unknown", "ok", "notice", "none"] as const).map((look) =>
      html`<symbol id="i-${look}" viewBox="0 0 24 24"><path class="shape" d="${
        icons[look][0]
      }"/><path class="sign" d="${icons[look][1]}"/></symbol>`
    )
  }<g id="m-failed"><rect class="bad" width=".75" height=".75" rx=".1"/><path class="cut" d="M.2.2l.35.35M.55.2l-.35.35"/></g><g id="m-missed"><rect class="gap" x=".05" y=".05" width=".65" height=".65" rx=".1"/><path class="badline" d="M.23.375h.29"/></g><g id="m-empty"><rect class="hole" x=".05" y=".05" width=".65" height=".65" rx=".1"/><ellipse class="badline" cx=".375" cy=".375" rx=".1" ry=".16"/></g><g id="m-late"><path class="late" d="M.375.02L.75.72H0z"/></g><g id="m-running"><circle class="ring" cx=".375" cy=".375" r=".3"/><circle class="dot" cx=".375" cy=".375" r=".11"/></g>${
    frame(now)
  }<path id="axis" class="axis" d="M0 0h${curveSize.width}M0 ${curveSize.height}h${curveSize.width}"/></defs></svg>`
