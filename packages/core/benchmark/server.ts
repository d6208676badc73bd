/**
 * Stands in for the service and sends prepared bytes. Runs in its own process, so that its work is not measured. Prints
 * its URL and runs until it is stopped.
 *
 * The ID of a schedule describes its history: `100000-rows`, or `2000-rows-20-ms` if every page takes 20 ms to arrive.
 * A UUID is for programs that check IDs: it starts with the number of rows.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

const pageSize = 100

/**
 * Number of different pages. They repeat after more rows than the library remembers, except for the first page, which
 * does not repeat.
 */
const pageCount = 100

const id = (group: number, number: number): string =>
  `${group.toString(16).padStart(8, "0")}-5b1e-4c7d-9a40-${number.toString(16).padStart(12, "0")}`

/** Scheduled time of a run. Runs are one day apart, newest first. */
const dueAt = (number: number): Date => new Date(Date.UTC(2026, 7, 3 - number, 6))

/**
 * Rows as documented in both versions of the API: with all keys, and every second row with the schema that version
 * 2026-07 adds.
 */
const makeRow = (number: number) => {
  const due = dueAt(number).toISOString().slice(0, "yyyy-mm-ddThh:mm".length)
  return {
    backup_id: id(1, number),
    source_index_id: id(2, 1),
    source_index_name: "product-catalog",
    tags: { team: "search", stage: "production" },
    name: `catalog-nightly-${due.replaceAll(/[-:]/g, "")}00Z`,
    description: null,
    status: "Ready",
    scheduled_execution_at: `${due}:00Z`,
    cloud: "aws",
    region: "us-east-1",
    dimension: 768,
    schema: number % 2 === 0
      ? null
      : { fields: { embedding: { type: "dense_vector", dimension: 768, metric: "cosine" } } },
    record_count: number,
    namespace_count: 4,
    size_bytes: 587_001_344,
    created_at: `${due}:${String(number % 60).padStart(2, "0")}.912377Z`
  }
}

const pages = Array.from({ length: pageCount }, (_, page) => {
  const rows = Array.from({ length: pageSize }, (_, row) => makeRow(page * pageSize + row))
  return Buffer.from(`{"data":${JSON.stringify(rows)},"pagination":`)
})

const restoreJob = Buffer.from(JSON.stringify({
  restore_job_id: id(3, 1),
  backup_id: id(1, 1),
  target_index_name: "catalog-probe",
  target_index_id: id(2, 2),
  status: "Completed",
  created_at: "2026-08-03T10:20:00.912377Z",
  completed_at: "2026-08-03T10:41:12.004512Z",
  percent_complete: 100
}))

/** Parses the number of runs and the delay of a page from the ID of a schedule. */
const parse = (scheduleId: string) => {
  const [, rows, millis] = /^0*(\d+)-(?:rows(?:-(\d+)-ms)?|0000)/.exec(scheduleId) ?? []
  return rows === undefined ? undefined : { rows: Number(rows), millis: millis === undefined ? 0 : Number(millis) }
}

/** A schedule that was paused after its last run, so that no run is missed or planned. */
const schedule = (scheduleId: string, rows: number) =>
  Buffer.from(JSON.stringify({
    schedule_id: scheduleId,
    name: "catalog-nightly",
    index_id: id(2, 1),
    schedule_type: "time-based",
    frequency: "daily",
    retention_expire_after_days: 30,
    enabled: false,
    next_scheduled_run: null,
    created_at: new Date(dueAt(rows - 1).getTime() - 3_600_000).toISOString()
  }))

const send = (response: ServerResponse, ...parts: ReadonlyArray<Buffer>): void => {
  const body = parts.length === 1 ? parts[0] : Buffer.concat(parts)
  response.writeHead(200, { "content-type": "application/json", "content-length": body?.length })
  response.end(body)
}

const pageAt = (number: number): number => number < pageCount ? number : 1 + (number - 1) % (pageCount - 1)

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost")
  if (url.pathname.startsWith("/restore-jobs/")) return send(response, restoreJob)
  const [, scheduleId = "", isHistory] = /^\/backup-schedules\/([^/]+)(\/history)?$/.exec(url.pathname) ?? []
  const wanted = parse(scheduleId)
  if (wanted === undefined) return response.writeHead(404).end()
  const { millis, rows } = wanted
  if (isHistory === undefined) return send(response, schedule(scheduleId, rows))
  const number = Number(url.searchParams.get("paginationToken") ?? "0")
  const next = (number + 1) * pageSize < rows ? `{"next":"${number + 1}"}}` : "null}"
  const answer = () => send(response, pages[pageAt(number)] ?? Buffer.of(), Buffer.from(next))
  if (millis === 0) answer()
  else setTimeout(answer, millis)
})

server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  console.log(`http://127.0.0.1:${port}`)
})
