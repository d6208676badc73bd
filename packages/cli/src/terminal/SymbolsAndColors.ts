/** Symbols and colors of runs, notes and findings, and punctuation in Unicode and ASCII. */
import * as Format from "./Format.ts"
import type * as Screen from "./Screen.ts"

interface Symbol {
  readonly style: Screen.Style
  readonly unicode: string
  readonly ascii: string
}

type Symbols<Name extends string> = Readonly<Record<Name, Symbol>>

/** The phase or outcome of an operation. */
export type Phase = "planned" | "underWay" | "done" | "failed" | "missed" | "late"

/** The phases of runs, backups and restores: in calendars, strips and tables. */
const phases: Symbols<Phase> = {
  planned: { style: "dim", unicode: "○", ascii: "o" },
  underWay: { style: "yellow", unicode: "◐", ascii: "~" },
  done: { style: "green", unicode: "●", ascii: "+" },
  failed: { style: "red", unicode: "✗", ascii: "x" },
  missed: { style: "red", unicode: "·", ascii: "." },
  late: { style: "yellow", unicode: "▲", ascii: "!" }
}

/** A severity, "ok", or "deleted" for a deleted index without problems. */
export type Level = "critical" | "unknown" | "warning" | "notice" | "ok" | "deleted"

const levels: Symbols<Level> = {
  critical: { style: "red", unicode: "✗", ascii: "x" },
  unknown: { style: "yellow", unicode: "?", ascii: "?" },
  warning: { style: "yellow", unicode: "▲", ascii: "!" },
  notice: { style: "dim", unicode: "•", ascii: "-" },
  ok: { style: "green", unicode: "✓", ascii: "+" },
  deleted: { style: "dim", unicode: "⊘", ascii: "/" }
}

/** The symbols of notes. */
const notes = { done: levels.ok, failed: levels.critical, underWay: phases.underWay, warning: levels.warning }

type Characters = Pick<Screen.Service, "isUnicode">

const show = ({ isUnicode, style }: Pick<Screen.Service, "isUnicode" | "style">, symbol: Symbol, text = ""): string =>
  style(symbol.style, `${isUnicode ? symbol.unicode : symbol.ascii}${text}`)

/** The symbol of a phase, in its color. */
export const phase = (screen: Screen.Service, phase: Phase): string => show(screen, phases[phase])

/** A status after the symbol of its phase, in the color of the phase. */
export const status = (screen: Screen.Service, phase: Phase, text: string): string =>
  show(screen, phases[phase], ` ${Format.plain(text)}`)

/** The symbol before a note on standard error, in its color. */
export const note = ({ errorStyle: style, isUnicode }: Screen.Service, note: keyof typeof notes): string =>
  show({ isUnicode, style }, notes[note])

/** The symbol of a level, followed by text, in the color of the level. */
export const level = (screen: Screen.Service, level: Level, text = ""): string => show(screen, levels[level], text)

/** Text in the color of a level. */
export const inColorOf = ({ style }: Screen.Service, level: Level, text: string): string =>
  style(levels[level].style, text)

/** Formats a value, or a dash if it is missing. */
export const orDash = ({ isUnicode }: Characters): ReturnType<typeof Format.orElse> =>
  Format.orElse(isUnicode ? "—" : "-")

/** The separator between facts on a line. */
export const separator = ({ isUnicode }: Characters): string => isUnicode ? " · " : " - "

/** The ellipsis. */
export const ellipsis = ({ isUnicode }: Characters): string => isUnicode ? "…" : "..."
