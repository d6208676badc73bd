/** A browser program that reads a history with the SDK. */
import { Pinecone } from "@pinecone-database/pinecone"

export const history = async (
  key: string,
  schedule: string,
  onRun: (name: string, at: string) => void
): Promise<void> => {
  const pc = new Pinecone({ apiKey: key })
  let paginationToken: string | undefined
  do {
    const page = await pc.backupSchedules.history(schedule, {
      limit: 100,
      ...(paginationToken !== undefined && { paginationToken })
    })
    for (const run of page.data) onRun(run.name, String(run.createdAt))
    paginationToken = page.pagination?.next
  } while (paginationToken !== undefined)
}
