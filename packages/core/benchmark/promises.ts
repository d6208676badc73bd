import type { Total } from "./contender.ts"

export const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

/** Reads all schedules with limited concurrency. */
export const inTurns = async (
  schedules: ReadonlyArray<string>,
  concurrency: number,
  read: (schedule: string) => Promise<Total>
): Promise<Total> => {
  let rows = 0
  let records = 0
  const left = schedules.values()
  const worker = async () => {
    for (const schedule of left) {
      const total = await read(schedule)
      rows += total.rows
      records += total.records
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { rows, records }
}
