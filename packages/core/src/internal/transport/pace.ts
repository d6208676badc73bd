/**
 * The rules of a rate limit, without effects. Times are milliseconds of the monotonic clock, and rates are requests per
 * second.
 *
 * This is a token bucket with a variable rate. The rate rises with responses while requests wait, and is halved when
 * the service rejects a request with 429. A rejection also discards the saved tokens, because they are what allows a
 * burst.
 */

/** Limits of a rate. For a fixed rate, all three are equal. */
export interface Limits {
  readonly initial: number
  readonly min: number
  readonly max: number
  /** Maximum number of saved tokens, and their initial number. */
  readonly burst: number
}

export interface Pace {
  readonly rate: number
  /** Current maximum number of saved tokens. */
  readonly capacity: number
  /** Number of saved tokens at the time `at`. */
  readonly saved: number
  /** Time at which `saved` was computed. In the future during a pause that the service requested. */
  readonly at: number
  /** Time of the last slowdown. */
  readonly slowedAt: number | undefined
}

/** Increase of rate and capacity per response before the first rejection: doubles the rate every second. */
const boldStep = 1

/** Increase after a rejection: 5% per second, so that the next rejection is many requests away. */
const carefulStep = 0.05

/** Tolerance for rounding errors. */
const epsilon = 1e-6

/** Creates the initial state. */
export const make = ({ burst, initial }: Limits): Pace => ({
  rate: initial,
  capacity: burst,
  saved: burst,
  at: -Infinity,
  slowedAt: undefined
})

/** Takes a token if `wait` is 0. Otherwise one may be available after `wait` milliseconds. */
export const take = (pace: Pace, now: number): { readonly pace: Pace; readonly wait: number } => {
  const passed = Math.max(0, now - pace.at)
  const saved = Math.min(pace.capacity, pace.saved + passed * pace.rate / 1000)
  const at = Math.max(now, pace.at)
  if (at === now && saved >= 1 - epsilon) return { pace: { ...pace, saved: Math.max(0, saved - 1), at }, wait: 0 }
  const wait = at - now + (1 - saved) * 1000 / pace.rate
  return { pace: { ...pace, saved, at }, wait: Math.max(1, Math.ceil(wait - epsilon)) }
}

/**
 * Returns `true` if a request was sent before the last slowdown, so that its outcome says nothing about the current
 * rate.
 */
const isOutdated = ({ slowedAt }: Pace, takenAt: number): boolean => slowedAt !== undefined && takenAt <= slowedAt

/**
 * Updates the state after a response. `takenAt` is when the request took its token. `isHeldUp` is `true` if that
 * request had to wait or others wait now: a rate that delays no request is untested, so it does not rise.
 */
export const answered = (pace: Pace, { burst, max }: Limits, takenAt: number, isHeldUp: boolean): Pace => {
  if (!isHeldUp || isOutdated(pace, takenAt)) return pace
  const step = pace.slowedAt === undefined ? boldStep : carefulStep
  return { ...pace, rate: Math.min(max, pace.rate + step), capacity: Math.min(burst, pace.capacity + step) }
}

/**
 * Updates the state after a rejection. Rejections of requests sent before the last slowdown count as one. All requests
 * wait for `pause` milliseconds: the delay that the service requested, or 0.
 */
export const refused = (pace: Pace, { min }: Limits, takenAt: number, now: number, pause: number): Pace => {
  const at = Math.max(pace.at, now + pause)
  if (isOutdated(pace, takenAt)) return at > Math.max(pace.at, now) ? { ...pace, saved: 0, at } : pace
  return { rate: Math.max(min, pace.rate / 2), capacity: 1, saved: 0, at, slowedAt: now }
}
