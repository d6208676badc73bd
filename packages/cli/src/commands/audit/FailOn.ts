/** The least severity that makes an audit fail: for its flag, which loads nothing else, and for what exits by it. */

/** The values of `--fail-on`, the least severe last. */
export const names = ["critical", "warning", "notice"] as const

/** A value of `--fail-on`. */
export type FailOn = typeof names[number]

/** The value of `--fail-on` by default. */
export const usual: FailOn = "warning"
