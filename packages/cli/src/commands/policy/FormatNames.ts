/** The names of the output formats of `pcb policy plan`. A separate module, so that flag definitions load no formats. */
import * as Globals from "../../input/Globals.ts"

/** The formats of every command, then those specific to `plan`. */
export const names = [...Globals.formats, "markdown"] as const

/** The name of an output format. */
export type Name = (typeof names)[number]
