/** The official TypeScript SDK, with the paging loop of its documentation. */
import { type BackupScheduleHistoryItem, Pinecone } from "@pinecone-database/pinecone"
import { apiKey, concurrency, type Contender, millisPerRow, pageSize, type Total } from "./contender.ts"
import { inTurns, sleep } from "./promises.ts"

export const make = (host: string): Contender => {
  const pc = new Pinecone({ apiKey, controllerHostUrl: host })

  const read = async (
    schedule: string,
    onPage: (rows: ReadonlyArray<BackupScheduleHistoryItem>) => Promise<void> | void
  ): Promise<Total> => {
    let rows = 0
    let records = 0
    let paginationToken: string | undefined
    do {
      const page = await pc.backupSchedules.history(schedule, {
        limit: pageSize,
        ...(paginationToken !== undefined && { paginationToken })
      })
      for (const row of page.data) {
        rows++
        records += row.recordCount ?? 0
      }
      await onPage(page.data)
      paginationToken = page.pagination?.next
    } while (paginationToken !== undefined)
    return { rows, records }
  }

  return {
    drain: (schedule) => read(schedule, () => {}),
    work: (schedule) => read(schedule, (rows) => sleep(rows.length * millisPerRow)),
    many: (schedules) => inTurns(schedules, concurrency, (schedule) => read(schedule, () => {})),
    describe: async (job, times) => {
      const millis: Array<number> = []
      for (let call = 0; call < times; call++) {
        const start = performance.now()
        await pc.restoreJobs.describe(job)
        millis.push(performance.now() - start)
      }
      return millis
    }
  }
}
