const sort = (values: ReadonlyArray<number>): ReadonlyArray<number> => [...values].sort((a, b) => a - b)

/** The value below which that part of the values lies. */
export const percentile = (values: ReadonlyArray<number>, part: number): number =>
  sort(values)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = sort(values)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/** How far apart the middle half of the values is, as a part of their median: what the machine's noise makes. */
export const noise = (values: ReadonlyArray<number>): number =>
  (percentile(values, 0.75) - percentile(values, 0.25)) / median(values)
