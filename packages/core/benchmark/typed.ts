/**
 * The least that a typed client on Effect does besides sending requests and `JSON.parse`: it checks every field, renames
 * it, creates instants, and drops repeated rows. Written by hand for the two routes that are measured.
 */
import * as DateTime from "effect/DateTime"

type Json = Readonly<Record<string, unknown>>

const rejected = (name: string): never => {
  throw new Error(`${name} is invalid`)
}

const text = (json: Json, name: string): string => {
  const value = json[name]
  return typeof value === "string" ? value : rejected(name)
}

const textOrNull = (json: Json, name: string): string | null => json[name] === null ? null : text(json, name)

const number = (json: Json, name: string): number => {
  const value = json[name]
  return typeof value === "number" ? value : rejected(name)
}

const instant = (json: Json, name: string): DateTime.Utc => {
  const millis = Date.parse(text(json, name))
  // Like `DateTime.makeUnsafe`, which would create a `Date`, too.
  return Number.isNaN(millis) ? rejected(name) : DateTime.toUtc({ epochMilliseconds: millis } as DateTime.DateTime)
}

const texts = (json: unknown): Readonly<Record<string, string>> => {
  const copy: Record<string, string> = {}
  for (const name in json as Json) copy[name] = text(json as Json, name)
  return copy
}

const schema = (json: unknown) => {
  if (json === null) return null
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries((json as { readonly fields: Json }).fields)) {
    const own = field as Json
    fields[name] = { type: text(own, "type"), dimension: number(own, "dimension"), metric: text(own, "metric") }
  }
  return { fields }
}

const row = (json: Json) => ({
  backupId: text(json, "backup_id"),
  sourceIndexId: text(json, "source_index_id"),
  sourceIndexName: text(json, "source_index_name"),
  tags: texts(json["tags"]),
  name: text(json, "name"),
  description: textOrNull(json, "description"),
  status: text(json, "status"),
  scheduledExecutionAt: instant(json, "scheduled_execution_at"),
  cloud: text(json, "cloud"),
  region: text(json, "region"),
  dimension: number(json, "dimension"),
  schema: schema(json["schema"]),
  recordCount: number(json, "record_count"),
  namespaceCount: number(json, "namespace_count"),
  sizeBytes: number(json, "size_bytes"),
  createdAt: instant(json, "created_at")
})

/** Returns a function that decodes the rows of a page, without those that it has returned before. */
export const makeRows = (): (
  page: { readonly data: ReadonlyArray<unknown> }
) => ReadonlyArray<ReturnType<typeof row>> => {
  const ids = new Set<string>()
  // Paging repeats recent rows only, and the service of the benchmark repeats older ones.
  const most = 4_000
  return ({ data }) => {
    const rows = data.map((json) => row(json as Json)).filter(({ backupId }) => !ids.has(backupId))
    if (ids.size > most) ids.clear()
    for (const { backupId } of rows) ids.add(backupId)
    return rows
  }
}

/** Decodes a restore job. */
export const restoreJob = (json: Json) => ({
  restoreJobId: text(json, "restore_job_id"),
  backupId: text(json, "backup_id"),
  targetIndexName: text(json, "target_index_name"),
  targetIndexId: text(json, "target_index_id"),
  status: text(json, "status"),
  createdAt: instant(json, "created_at"),
  completedAt: instant(json, "completed_at"),
  percentComplete: number(json, "percent_complete")
})
