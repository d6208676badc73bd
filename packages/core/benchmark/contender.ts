/** What every contender can do, and what is measured of it. */

/** What came out, to see that everybody has done the work. */
export interface Total {
  readonly rows: number
  readonly records: number
}

export interface Contender {
  /** Reads the history of a schedule and looks at every row. */
  readonly drain: (schedule: string) => Promise<Total>
  /** The same, with 0.2 ms of waiting per row on the side of the reader: 20 ms for a full page. */
  readonly work: (schedule: string) => Promise<Total>
  /** The histories of many schedules, 16 at a time. */
  readonly many: (schedules: ReadonlyArray<string>) => Promise<Total>
  /** Describes a restore job that many times, one after the other, and says how long each took. */
  readonly describe: (job: string, times: number) => Promise<ReadonlyArray<number>>
}

export const pageSize = 100
export const millisPerRow = 0.2
export const concurrency = 16
/** Looks like a key and is none. */
export const apiKey = "pcsk_benchmark_0000"

/** What a run took. */
export interface Sample {
  /** The work alone: not the start of the process, nor loading the library. */
  readonly millis: number
  /** Of the work, in all threads. */
  readonly cpuMillis: number
  /** Of the process from start to end. */
  readonly peakMebibytes: number
  /** Of the rows, or of the calls. */
  readonly count: number
  /** Of one call, where calls were counted. */
  readonly p50: number | undefined
  readonly p99: number | undefined
}
