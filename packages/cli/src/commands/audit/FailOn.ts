/** The lowest severity that fails an audit. A separate module, so that flag definitions load nothing else. */

/** The values of `--fail-on`, most severe first. */
export const names = ["critical", "warning", "notice"] as const

/** A value of `--fail-on`. */
export type FailOn = typeof names[number]

/** The default of `--fail-on`. */
export const usual: FailOn = "warning"
