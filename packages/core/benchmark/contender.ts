/** The tasks of a contender, and the measurements. */
import type { Parts } from "./profile.ts"
import type { Stages } from "./stages.ts"

/** Result of a task, to check that every contender has done the work. */
export interface Total {
  readonly rows: number
  readonly records: number
}

export interface Contender {
  /** Reads the history of a schedule and every row of it. */
  readonly drain: (schedule: string) => Promise<Total>
  /** Like `drain`, but waits 0.2 ms per row: 20 ms for a full page. May request one page ahead. */
  readonly work: (schedule: string) => Promise<Total>
  /** Reads the histories of many schedules, 16 at a time. */
  readonly many: (schedules: ReadonlyArray<string>) => Promise<Total>
  /** Describes a restore job `times` times in a row, and returns the duration of each call in milliseconds. */
  readonly describe: (job: string, times: number) => Promise<ReadonlyArray<number>>
}

export const pageSize = 100
export const millisPerRow = 0.2
export const concurrency = 16
/** A placeholder, not a real key. */
export const apiKey = "pcsk_benchmark_0000"

/** Headers of the contenders that send requests themselves. */
export const headers = { "api-key": apiKey, "x-pinecone-api-version": "2026-07", "accept": "application/json" }

/** Parses JSON. A function of its own, so that a profile shows its time. */
export const parseJson = (text: string) => JSON.parse(text)

/** The part of a page that those contenders read. */
export interface Page {
  readonly data: ReadonlyArray<{ readonly record_count: number | null }>
  readonly pagination: { readonly next: string } | null
}

/** Measurements of one run. */
export interface Sample {
  /** Duration of the work, without starting the process and loading the library. */
  readonly millis: number
  /** CPU time of the work, in all threads. */
  readonly cpuMillis: number
  /** Peak memory of the process. */
  readonly peakMebibytes: number
  /** Number of rows or calls. */
  readonly count: number
  /** Median duration of a call, if the run made calls. */
  readonly p50: number | undefined
  readonly p99: number | undefined
  /** Where the CPU time went, if the run was profiled. */
  readonly parts: Parts | undefined
  /** Where the time of a page went, if that was measured. */
  readonly stages: Stages | undefined
  /** Largest JavaScript heap, if it was measured. */
  readonly heapMebibytes: number | undefined
}
