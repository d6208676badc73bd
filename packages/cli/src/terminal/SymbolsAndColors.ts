/** The symbols and colours of runs, notes and findings, and the punctuation that differs between Unicode and ASCII. */
import * as Format from "./Format.ts"
import type * as Screen from "./Screen.ts"

interface Symbol {
  readonly style: Screen.Style
  readonly unicode: string
  readonly ascii: string
}

type Symbols<Name extends string> = Readonly<Record<Name, Symbol>>

/** How far something has come, or how it ended. */
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

/** How good or bad something is. */
export type Level = "critical" | "unknown" | "warning" | "notice" | "ok"

const levels: Symbols<Level> = {
  critical: { style: "red", unicode: "✗", ascii: "x" },
  unknown: { style: "yellow", unicode: "?", ascii: "?" },
  warning: { style: "yellow", unicode: "▲", ascii: "!" },
  notice: { style: "dim", unicode: "•", ascii: "-" },
  ok: { style: "green", unicode: "✓", ascii: "+" }
}

/** What a note says of something, at a glance. */
const notes = { done: levels.ok, failed: levels.critical, underWay: phases.underWay, warning: levels.warning }

type Characters = Pick<Screen.Service, "isUnicode">

const show = ({ isUnicode, style }: Pick<Screen.Service, "isUnicode" | "style">, symbol: Symbol, text = ""): string =>
  style(symbol.style, `${isUnicode ? symbol.unicode : symbol.ascii}${text}`)

/** The symbol of a phase, in its colour. */
export const phase = (screen: Screen.Service, phase: Phase): string => show(screen, phases[phase])

/** A status of the service behind the symbol of its phase, in the colour of that. */
export const status = (screen: Screen.Service, phase: Phase, text: string): string =>
  show(screen, phases[phase], ` ${Format.plain(text)}`)

/** The symbol in front of a note on standard error, in its colour. */
export const note = ({ errorStyle: style, isUnicode }: Screen.Service, note: keyof typeof notes): string =>
  show({ isUnicode, style }, notes[note])

/** The symbol of a level, in its colour, with a text behind it that has the same. */
export const level = (screen: Screen.Service, level: Level, text = ""): string => show(screen, levels[level], text)

/** A text in the colour of a level. */
export const inColorOf = ({ style }: Screen.Service, level: Level, text: string): string =>
  style(levels[level].style, text)

/** Shows a value a person is to read, or a dash if there is none. */
export const orDash = ({ isUnicode }: Characters): ReturnType<typeof Format.orElse> =>
  Format.orElse(isUnicode ? "—" : "-")

/** What stands between two facts on a line. */
export const separator = ({ isUnicode }: Characters): string => isUnicode ? " · " : " - "

/** What stands for the rest of a text. */
export const ellipsis = ({ isUnicode }: Characters): string => isUnicode ? "…" : "..."
