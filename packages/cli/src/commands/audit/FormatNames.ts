/** The names of the audit's output formats. A separate module, so that flag definitions load no formats. */
import * as Globals from "../../input/Globals.ts"

/** The formats of every command, then those specific to `audit`. */
export const names = [...Globals.formats, "nagios", "prometheus", "github", "markdown", "html"] as const

/** The name of an output format. */
export type Name = (typeof names)[number]

/** Returns `true` for formats that monitoring systems read. Their exit code matters even after a signal. */
export const isForMonitoring = (format: Name): boolean => format === "nagios" || format === "prometheus"
