/** The names of the formats of an audit: for its flag, which loads none of them, and for what prints them. */
import * as Globals from "../../input/Globals.ts"

/** The formats of every command, and those of an audit alone. */
export const names = [...Globals.formats, "nagios", "prometheus", "github", "markdown"] as const

/** The name of a format. */
export type Name = (typeof names)[number]

/** Whether somebody reads standard output and the exit code alone, also of an audit that was ended. */
export const isForMonitoring = (format: Name): boolean => format === "nagios" || format === "prometheus"
