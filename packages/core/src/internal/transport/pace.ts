/**
 * The rules of a pace, without effects. Times are milliseconds of the monotonic clock, rates are requests a second.
 *
 * A token bucket whose rate moves: up with the answers while somebody has to wait, and down by half when the service
 * refuses a request. What was saved up while nobody asked is lost with a refusal, because that is what sends many requests
 * at once.
 */

/** What a pace keeps to. A fixed one has the same rate three times. */
export interface Limits {
  readonly initial: number
  readonly min: number
  readonly max: number
  /** How many requests may be saved up, and are at first. */
  readonly burst: number
}

export interface Pace {
  readonly rate: number
  /** How many requests may be saved up now. */
  readonly capacity: number
  /** How many are, at `at`. */
  readonly saved: number
  /** When `saved` was counted. In the future while everything waits as long as the service has asked for. */
  readonly at: number
  /** When a refusal last slowed it down. */
  readonly slowedAt: number | undefined
}

/** What the rate and the capacity grow by with an answer before anything was refused: the rate doubles each second. */
const boldStep = 1

/** The same after a refusal: a twentieth each second, so that the next refusal is many requests away. */
const carefulStep = 0.05

/** What sums of fractions may be wrong by. */
const epsilon = 1e-6

/** A pace that nothing has been asked of. */
export const make = ({ burst, initial }: Limits): Pace => ({
  rate: initial,
  capacity: burst,
  saved: burst,
  at: -Infinity,
  slowedAt: undefined
})

/** Takes a turn if `wait` is 0. If not, there may be one after so many milliseconds. */
export const take = (pace: Pace, now: number): { readonly pace: Pace; readonly wait: number } => {
  const passed = Math.max(0, now - pace.at)
  const saved = Math.min(pace.capacity, pace.saved + passed * pace.rate / 1000)
  const at = Math.max(now, pace.at)
  if (at === now && saved >= 1 - epsilon) return { pace: { ...pace, saved: Math.max(0, saved - 1), at }, wait: 0 }
  const wait = at - now + (1 - saved) * 1000 / pace.rate
  return { pace: { ...pace, saved, at }, wait: Math.max(1, Math.ceil(wait - epsilon)) }
}

/** Whether a request was sent before the pace slowed down, and so says nothing about the pace of now. */
const isOutdated = ({ slowedAt }: Pace, takenAt: number): boolean => slowedAt !== undefined && takenAt <= slowedAt

/**
 * What an answer makes of a pace. `takenAt` is when the turn of its request was taken. `isHeldUp` is whether that request had
 * to wait for it, or others wait now: a pace that holds up nobody is not tried out, and so proves nothing.
 */
export const answered = (pace: Pace, { burst, max }: Limits, takenAt: number, isHeldUp: boolean): Pace => {
  if (!isHeldUp || isOutdated(pace, takenAt)) return pace
  const step = pace.slowedAt === undefined ? boldStep : carefulStep
  return { ...pace, rate: Math.min(max, pace.rate + step), capacity: Math.min(burst, pace.capacity + step) }
}

/**
 * What a refusal makes of a pace. Requests that were sent before the last one was known count as one with it. All wait for
 * `pause` milliseconds, which is what the service has asked for, or 0.
 */
export const refused = (pace: Pace, { min }: Limits, takenAt: number, now: number, pause: number): Pace => {
  const at = Math.max(pace.at, now + pause)
  if (isOutdated(pace, takenAt)) return at > Math.max(pace.at, now) ? { ...pace, saved: 0, at } : pace
  return { rate: Math.max(min, pace.rate / 2), capacity: 1, saved: 0, at, slowedAt: now }
}
