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
