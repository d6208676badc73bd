/** Formats the state of awaited operations, for live lines, logs and programs. Pure functions. */
import * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import type * as Json from "../output/Json.ts"
import * as Format from "../terminal/Format.ts"
import * as Live from "../terminal/Live.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as Text from "../terminal/Text.ts"

/** The state of an awaited operation. */
export interface State {
  /** The display name: the name of an index or backup. */
  readonly name: string
  /** The status reported by the service. */
  readonly status: string
  /** A detail to add to the status. */
  readonly detail?: string | undefined
  /** Progress in percent, if the service reports it. */
  readonly percent?: number | undefined
}

/** An awaited operation, with its latest state. */
export interface Entry {
  readonly id: string
  state: State
  isOver: boolean
}

/** Context for a line. */
interface Surroundings {
  readonly elapsed: string
  /** An estimate from earlier operations: `your last 3 restores took 8m–11m`. */
  readonly estimate: string | undefined
  readonly isUnicode: boolean
}

/** The state as text. */
export const standing = ({ detail, name, status }: State): string =>
  Format.plain(`${name}  ${status}${detail === undefined ? "" : `, ${detail}`}`)

/** A log line. It has no bar, because the percentage is enough. */
export const logLine = (state: State, { elapsed, estimate, isUnicode }: Surroundings): string =>
  [
    standing(state),
    ...(state.percent === undefined ? [] : [`${Math.floor(state.percent)}%`]),
    elapsed,
    ...(estimate === undefined ? [] : [estimate])
  ].join(Symbols.separator({ isUnicode }))

const bar = (percent: number, isUnicode: boolean): string => {
  const done = Math.floor(Math.min(100, Math.max(0, percent)) / 10)
  const [full, empty] = isUnicode ? ["█", "░"] : ["#", "."]
  return `${full.repeat(done)}${empty.repeat(10 - done)} ${Math.floor(percent)}%`
}

/** The parts of a live line, most important first. */
const liveParts = (entries: ReadonlyArray<Entry>, { elapsed, estimate, isUnicode }: Surroundings): Array<string> => {
  const [first] = entries
  if (first !== undefined && entries.length === 1) {
    const { percent = 100 } = first.state
    return [
      standing(first.state),
      ...(percent >= 100 ? [] : [bar(percent, isUnicode)]),
      elapsed,
      ...(estimate === undefined ? [] : [estimate]),
      "Ctrl-C leaves it running"
    ]
  }
  const left = entries.filter(({ isOver }) => !isOver)
  return [
    `${entries.length - left.length} of ${entries.length} finished`,
    elapsed,
    left.map(({ state }) => Format.plain(`${state.name} ${state.status}`)).join(", "),
    "Ctrl-C leaves them running"
  ]
}

/** The width of a live line, and the frame of its spinner. */
interface Size {
  readonly columns: number
  readonly frame: number
}

/** A live line of parts, most important first. Omits parts from the end until it fits. */
export const fitted = (parts: ReadonlyArray<string>, isUnicode: boolean, { columns, frame }: Size): string => {
  const text = (count: number) =>
    `${Live.spinner(frame, isUnicode)} ${parts.slice(0, count).join(Symbols.separator({ isUnicode }))}`
  let count = parts.length
  while (count > 2 && Text.width(text(count)) >= columns) count--
  return Text.cut(text(count), columns - 1)
}

/** The live line of awaited operations. */
export const liveLine = (entries: ReadonlyArray<Entry>, surroundings: Surroundings, size: Size): string =>
  fitted(liveParts(entries, surroundings), surroundings.isUnicode, size)

/** An awaited drill. */
export interface DrillState {
  readonly name: string
  readonly status: string
  readonly isQueued: boolean
  readonly isOver: boolean
}

/** The live line of awaited drills. */
export const drillLine = (
  drills: ReadonlyArray<DrillState>,
  { canResume, elapsed, isUnicode }: Surroundings & { readonly canResume: boolean },
  size: Size
): string => {
  const running = drills.filter(({ isOver, isQueued }) => !isOver && !isQueued)
  const standings = running.map(({ name, status }) => Format.plain(`${name} ${status}`)).join(", ")
  const parts = [
    ...(drills.length === 1 ? [] : [`${drills.filter(({ isOver }) => isOver).length} of ${drills.length} ended`]),
    standings === "" ? "starting" : standings,
    elapsed,
    canResume ? "Ctrl-C to stop and resume later" : "Ctrl-C to stop"
  ]
  return fitted(parts, isUnicode, size)
}

/** The result of an awaited operation. */
export interface Result {
  readonly outcome: "ready" | "failed" | "timed_out" | "error"
  /** The JSON of the resource, if it is ready. */
  readonly value?: Schema.JsonObject | undefined
}

/** The state or result of an operation, as a JSON line for programs. */
export const programLine = (
  noun: "backup" | "restore",
  { id, state: { detail, name, percent, status } }: Entry,
  elapsedMillis: number,
  result?: Result
): string => {
  const standing = {
    ...(noun === "backup" ? { backup_id: id } : { restore_job_id: id }),
    name,
    status,
    ...(detail !== undefined && { detail }),
    ...(percent !== undefined && { percent_complete: percent }),
    elapsed_ms: Math.round(elapsedMillis)
  }
  if (result === undefined) {
    return Format.json({ type: "progress", ...standing } satisfies typeof Json.Progress.Encoded)
  }
  const { outcome, value } = result
  const thing = value && { [noun === "backup" ? "backup" : "restore_job"]: value }
  return Format.json({ type: "result", ...standing, outcome, ...thing } satisfies typeof Json.Result.Encoded)
}

/** An estimate from the durations of earlier operations, newest first. `undefined` without any. */
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
