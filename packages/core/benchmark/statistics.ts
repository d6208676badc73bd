const sort = (values: ReadonlyArray<number>): ReadonlyArray<number> => [...values].sort((a, b) => a - b)

/** Returns a quantile: the value below which the given share of the values lies. */
export const percentile = (values: ReadonlyArray<number>, part: number): number =>
  sort(values)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = sort(values)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/** Interquartile range relative to the median: the noise of the machine. */
export const noise = (values: ReadonlyArray<number>): number =>
  (percentile(values, 0.75) - percentile(values, 0.25)) / median(values)

/** A median, and the range in which the true median probably is. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * Estimates the median. The range contains the true median with a probability of at least 90 %, whatever the distribution.
 * For fewer than five values, it is the range of all values, which is less probable.
 */
export const estimate = (values: ReadonlyArray<number>): Estimate => {
  if (values.some(Number.isNaN)) throw new Error("A round was not measured")
  const sorted = sort(values)
  const { length } = sorted
  // The number of values below the true median is binomially distributed. The range leaves out improbable ranks.
  let left = 0
  let probability = 0.5 ** length
  for (let total = probability; total <= 0.05; total += probability) {
    left++
    probability *= (length - left + 1) / left
  }
  const first = Math.max(0, left - 1)
  return { value: median(sorted), low: sorted[first] ?? NaN, high: sorted[length - 1 - first] ?? NaN }
}

/** A value without noise. */
export const exact = (value: number): Estimate => ({ value, low: value, high: value })
