/** What is said of things that are waited for: for a live line, for a log, for programs. Values in, texts out. */
import * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import type * as Json from "../output/Json.ts"
import * as Format from "../terminal/Format.ts"
import * as Live from "../terminal/Live.ts"
import * as Symbols from "../terminal/Symbols.ts"
import * as Text from "../terminal/Text.ts"

/** Something that is waited for, as it stands. */
export interface Entry {
  readonly id: string
  readonly name: string
  readonly status: string
  /** What there is to add to the status. */
  readonly detail: string | undefined
  /** How far it has come, of a hundred. */
  readonly percent: number | undefined
  readonly isOver: boolean
}

/** What there is to say beside how things stand. */
interface Surroundings {
  readonly elapsed: string
  /** What is known from earlier ones: `your last 3 restores took 8m–11m`. */
  readonly estimate: string | undefined
  readonly isUnicode: boolean
}

/** How something stands. */
export const standing = ({ detail, name, status }: Entry): string =>
  Format.plain(`${name}  ${status}${detail === undefined ? "" : `, ${detail}`}`)

/** A line of a log: without a bar, which says nothing that a number does not. */
export const logLine = (entry: Entry, { elapsed, estimate, isUnicode }: Surroundings): string =>
  [
    standing(entry),
    ...(entry.percent === undefined ? [] : [`${Math.floor(entry.percent)}%`]),
    elapsed,
    ...(estimate === undefined ? [] : [estimate])
  ].join(Symbols.separator({ isUnicode }))

const bar = (percent: number, isUnicode: boolean): string => {
  const done = Math.floor(Math.min(100, Math.max(0, percent)) / 10)
  const [full, empty] = isUnicode ? ["█", "░"] : ["#", "."]
  return `${full.repeat(done)}${empty.repeat(10 - done)} ${Math.floor(percent)}%`
}

/** The parts of a live line, the most important first. */
const liveParts = (entries: ReadonlyArray<Entry>, { elapsed, estimate, isUnicode }: Surroundings): Array<string> => {
  const [first] = entries
  if (first !== undefined && entries.length === 1) {
    return [
      standing(first),
      ...(first.percent === undefined || first.percent >= 100 ? [] : [bar(first.percent, isUnicode)]),
      elapsed,
      ...(estimate === undefined ? [] : [estimate]),
      "Ctrl-C leaves it running"
    ]
  }
  const left = entries.filter(({ isOver }) => !isOver)
  return [
    `${entries.length - left.length} of ${entries.length} over`,
    elapsed,
    left.map(({ name, status }) => Format.plain(`${name} ${status}`)).join(", "),
    "Ctrl-C leaves them running"
  ]
}

/** A live line. Parts for which there is no room are left out from the end. */
export const liveLine = (
  entries: ReadonlyArray<Entry>,
  surroundings: Surroundings,
  { columns, frame }: { readonly columns: number; readonly frame: number }
): string => {
  const { isUnicode } = surroundings
  const parts = liveParts(entries, surroundings)
  const text = () => `${Live.spinner(frame, isUnicode)} ${parts.join(Symbols.separator({ isUnicode }))}`
  while (parts.length > 2 && Text.width(text()) >= columns) parts.pop()
  return Text.cut(text(), columns - 1)
}

/** What the API calls a kind of thing that is waited for. */
export type Field = "backup" | "restore_job"

const idOf = (field: Field, id: string) => field === "backup" ? { backup_id: id } : { restore_job_id: id }

const stateOf = ({ detail, name, percent, status }: Entry, elapsedMillis: number) => ({
  name,
  status,
  ...(detail === undefined ? {} : { detail }),
  ...(percent === undefined ? {} : { percent_complete: percent }),
  elapsed_ms: Math.round(elapsedMillis)
})

/** How something stands, as a line for programs. */
export const progressLine = (field: Field, entry: Entry, elapsedMillis: number): string => {
  const line: typeof Json.Progress.Encoded = {
    type: "progress",
    ...idOf(field, entry.id),
    ...stateOf(entry, elapsedMillis)
  }
  return Format.json(line)
}

/** What came of something, as a line for programs: with the thing itself, if it is ready. */
export const resultLine = (
  field: Field,
  entry: Entry,
  elapsedMillis: number,
  outcome: string,
  value?: Schema.JsonObject
): string => {
  const line: typeof Json.Result.Encoded = {
    type: "result",
    ...idOf(field, entry.id),
    ...stateOf(entry, elapsedMillis),
    outcome,
    ...(value === undefined ? {} : { [field]: value })
  }
  return Format.json(line)
}

/** What earlier ones took, the newest first, as an estimate: nothing, if there were none. */
export const estimate = (
  noun: string,
  durations: ReadonlyArray<Duration.Duration>,
  isUnicode: boolean
): string | undefined => {
  const last = durations.slice(0, 3).map(Duration.toMillis)
  if (last.length === 0) return undefined
  const [least, most] = [Math.min(...last), Math.max(...last)].map((millis) => Format.elapsed(Duration.millis(millis)))
  const range = least === most ? least : `${least}${isUnicode ? "–" : "-"}${most}`
  return last.length === 1 ? `your last ${noun} took ${range}` : `your last ${last.length} ${noun}s took ${range}`
}
