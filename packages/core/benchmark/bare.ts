/** The floor: `fetch` and `JSON.parse`. Nothing is validated, and timestamps stay strings. */
import {
  concurrency,
  type Contender,
  headers,
  millisPerRow,
  type Page,
  pageSize,
  parseJson,
  type Total
} from "./contender.ts"
import { inTurns, sleep } from "./promises.ts"

export const make = (host: string): Contender => {
  const get = async (path: string) => {
    const response = await fetch(`${host}${path}`, { headers })
    return parseJson(await response.text())
  }

  const read = async (
    schedule: string,
    onPage: (rows: Page["data"]) => Promise<void> | void
  ): Promise<Total> => {
    let rows = 0
    let records = 0
    let token = ""
    do {
      const page: Page = await get(`/backup-schedules/${schedule}/history?limit=${pageSize}${token}`)
      for (const row of page.data) {
        rows++
        records += row.record_count ?? 0
      }
      await onPage(page.data)
      token = page.pagination === null ? "" : `&paginationToken=${page.pagination.next}`
    } while (token !== "")
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
        await get(`/restore-jobs/${job}`)
        millis.push(performance.now() - start)
      }
      return millis
    }
  }
}
