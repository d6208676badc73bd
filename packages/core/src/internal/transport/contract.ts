/**
 * The HTTP contract as plain data: paths, parameters, bodies and statuses, each described once. `PineconeApi` builds an
 * `HttpApi` from it. The client uses only the data, so that programs that only make calls do not load routing and
 * documentation. The exports of `PineconeApi` are documented there.
 */
import * as Schema from "effect/Schema"
import * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import * as BackupSchedule from "../../BackupSchedule.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import * as Wire from "../codec/wire.ts"

/** One endpoint. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  readonly path: `/${string}`
  /** Set for a read whose method is not GET. */
  readonly isRead?: true
  readonly params?: Schema.Struct.Fields
  readonly query?: Schema.Struct.Fields
  readonly payload?: Schema.Top
  /** Schema of a successful response, if it has a body. */
  readonly success?: Schema.Top
  /** Fields of the model, or of each row of a page, that must repeat a parameter, by parameter. */
  readonly echoes?: Readonly<Record<string, string>>
  /** Status of a successful response. Defaults to 200. */
  readonly status?: number
  /** Documented error statuses. 401 and 500 are possible everywhere. */
  readonly errors: ReadonlyArray<number>
}

/** Keeps the types of the parts. */
export const endpoint = <
  const Method extends Endpoint["method"],
  const Path extends Endpoint["path"],
  Parts extends Omit<Endpoint, "method" | "path">
>(method: Method, path: Path, parts: Parts) => ({ method, path, ...parts })

// ============================================================================
// Versions
// ============================================================================

export const ApiVersion = Schema.Literals(["2026-04", "2026-07"])

export const isUnstable = (group: string): boolean => group === "BackupSchedules"

export const versionHeader = (version: typeof ApiVersion.Type, group: string): string =>
  version === "2026-04" && isUnstable(group) ? "unstable" : version

// ============================================================================
// Building blocks
// ============================================================================

export const check = <S extends Schema.Codec<string, string>>(schema: S, wrong: (text: string) => string | undefined) =>
  schema.check(Schema.makeFilter(wrong))

/** A lone surrogate cannot be encoded in a URL. */
export const notWellFormed = (text: string) => /\p{Surrogate}/u.test(text) ? "must be well-formed Unicode" : undefined

/**
 * One page of a list. The last page has no `pagination`, a null one, or one without a token. `data` is required: a
 * response without `data` does not show whether rows exist, and must not be treated as an empty list. A token that
 * cannot be sent back is ignored.
 */
const PageEnvelope = <Row extends Schema.Constraint>(row: Row) =>
  Schema.Struct({
    data: Wire.maybe(Schema.Array(row)),
    pagination: Wire.maybe(Schema.Struct({ next: Wire.maybe(check(Schema.String, notWellFormed)) }))
  }).check(
    Schema.makeFilter(({ data }) => data ? undefined : { path: ["data"], issue: "Expected an array" })
  )

/** An ID in a path. `.` and `..` would be resolved away. */
const inPath = <S extends Schema.Codec<string, string>>(id: S) =>
  check(id, (text) =>
    text === ""
      ? "must not be empty"
      : text === "." || text === ".."
      ? `must not be "${text}"`
      : notWellFormed(text))

const atLeast1 = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1, { message: "must be a whole number, 1 or more" }))

export const pagination = {
  limit: Schema.optionalKey(atLeast1),
  paginationToken: Schema.optionalKey(
    check(Schema.String, (token) => token === "" ? "must not be empty" : notWellFormed(token))
  )
}

/** A paginated list. */
const pagesOf = <Row extends Schema.Constraint>(row: Row) => ({ query: pagination, success: PageEnvelope(row) })

const index_name = inPath(PineconeIndex.IndexName)
const schedule_id = inPath(BackupSchedule.ScheduleId)
const backup_id = inPath(Backup.BackupId)
const job_id = inPath(RestoreJob.RestoreJobId)

export const wrongName = (name: string): string | undefined =>
  name.length <= PineconeIndex.maxNameLength && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
    ? undefined
    : `must be 1 to ${PineconeIndex.maxNameLength} lower-case letters, digits and hyphens, with a letter or digit at both ends`

const Retention = Schema.Struct({ expire_after_days: atLeast1 })

/** Maximum number of tags of an index. */
export const maxTags = 20

export const isTagKey = (key: string): boolean => /^[A-Za-z0-9_-]{1,80}$/.test(key)

/** An empty value removes a tag. */
export const isTagValue = (value: string): boolean => /^[\x20-\x7e]{0,120}$/.test(value)

const wrongTags = (tags: Readonly<Record<string, string>>, count: number): string | undefined => {
  if (count > maxTags) return `must not be more than ${maxTags}`
  const areValid = Object.entries(tags).every(([key, value]) => isTagKey(key) && isTagValue(value))
  return areValid
    ? undefined
    : "must have keys of 1 to 80 letters, digits, _ and -, and values of up to 120 printable ASCII characters"
}

export const NewTags = Schema.Record(Schema.String, Schema.String).check(
  Schema.makeFilter((tags: Readonly<Record<string, string>>) => wrongTags(tags, Object.keys(tags).length))
)

/** Tags to set, and tags to remove, which have an empty value. */
const TagChanges = Schema.Record(Schema.String, Schema.String).check(
  Schema.makeFilter((tags: Readonly<Record<string, string>>) =>
    wrongTags(tags, Object.values(tags).filter((value) => value !== "").length)
  )
)

const DeletionProtection = Schema.Literals(["enabled", "disabled"])

export const ReadCapacity = Schema.Union([
  Schema.Struct({ mode: Schema.Literal("OnDemand") }),
  Schema.Struct({
    mode: Schema.Literal("Dedicated"),
    dedicated: Schema.Struct({
      node_type: Schema.NonEmptyString,
      scaling: Schema.Literal("Manual"),
      manual: Schema.Struct({
        replicas: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { message: "must be a whole number, 0 or more" })),
        shards: atLeast1
      })
    })
  })
])

// ============================================================================
// The contract
// ============================================================================

/** The endpoints, by the names of services and operations of this library. */
export const groups = {
  BackupSchedules: {
    create: endpoint("POST", "/indexes/:index_name/backup-schedules", {
      params: { index_name },
      payload: Schema.Struct({
        name: Schema.NonEmptyString,
        schedule: Schema.Struct({ type: Schema.Literal("time-based"), frequency: BackupSchedule.Frequency }),
        retention: Retention
      }),
      success: BackupSchedule.FromWire,
      errors: [400, 402, 403, 404, 409, 422]
    }),
    list: endpoint("GET", "/indexes/:index_name/backup-schedules", {
      params: { index_name },
      ...pagesOf(BackupSchedule.FromWire),
      errors: [400, 403, 404]
    }),
    describe: endpoint("GET", "/backup-schedules/:schedule_id", {
      params: { schedule_id },
      echoes: { schedule_id: "scheduleId" },
      success: BackupSchedule.FromWire,
      errors: [403, 404]
    }),
    update: endpoint("PATCH", "/backup-schedules/:schedule_id", {
      params: { schedule_id },
      echoes: { schedule_id: "scheduleId" },
      payload: Schema.Struct({
        frequency: Schema.optionalKey(BackupSchedule.Frequency),
        retention: Schema.optionalKey(Retention),
        enabled: Schema.optionalKey(Schema.Boolean)
      }),
      success: BackupSchedule.FromWire,
      errors: [400, 403, 404, 409, 422]
    }),
    delete: endpoint("DELETE", "/backup-schedules/:schedule_id", {
      params: { schedule_id },
      status: 204,
      errors: [403, 404]
    }),
    history: endpoint("GET", "/backup-schedules/:schedule_id/history", {
      params: { schedule_id },
      ...pagesOf(BackupRun.FromWire),
      errors: [400, 403, 404]
    })
  },
  Backups: {
    create: endpoint("POST", "/indexes/:index_name/backups", {
      params: { index_name },
      echoes: { index_name: "sourceIndexName" },
      payload: Schema.Struct({
        name: Schema.optionalKey(Schema.NonEmptyString),
        description: Schema.optionalKey(Schema.String)
      }),
      success: Backup.FromWire,
      errors: [400, 402, 403, 404, 422]
    }),
    listByIndex: endpoint("GET", "/indexes/:index_name/backups", {
      params: { index_name },
      echoes: { index_name: "sourceIndexName" },
      query: { ...pagination, include_deleted: Schema.optionalKey(Schema.Boolean) },
      success: PageEnvelope(Backup.FromWire),
      errors: [400, 403, 404]
    }),
    list: endpoint("GET", "/backups", { ...pagesOf(Backup.FromWire), errors: [400, 403] }),
    describe: endpoint("GET", "/backups/:backup_id", {
      params: { backup_id },
      echoes: { backup_id: "backupId" },
      success: Backup.FromWire,
      errors: [403, 404]
    }),
    delete: endpoint("DELETE", "/backups/:backup_id", {
      params: { backup_id },
      status: 202,
      errors: [403, 404, 412]
    }),
    restore: endpoint("POST", "/backups/:backup_id/create-index", {
      params: { backup_id },
      payload: Schema.Struct({
        name: check(Schema.String, wrongName),
        tags: Schema.optionalKey(NewTags),
        deletion_protection: Schema.optionalKey(DeletionProtection),
        read_capacity: Schema.optionalKey(ReadCapacity)
      }),
      success: RestoreJob.StartedFromWire,
      status: 202,
      errors: [400, 402, 403, 404, 409, 412, 422]
    })
  },
  RestoreJobs: {
    list: endpoint("GET", "/restore-jobs", { ...pagesOf(RestoreJob.FromWire), errors: [400, 403] }),
    describe: endpoint("GET", "/restore-jobs/:job_id", {
      params: { job_id },
      echoes: { job_id: "restoreJobId" },
      success: RestoreJob.FromWire,
      errors: [403, 404]
    })
  },
  /** The index operations that backups and restores need. */
  Indexes: {
    list: endpoint("GET", "/indexes", {
      success: Schema.Struct({ indexes: Schema.Array(PineconeIndex.FromWire) }),
      errors: [403]
    }),
    describe: endpoint("GET", "/indexes/:index_name", {
      params: { index_name },
      echoes: { index_name: "name" },
      success: PineconeIndex.FromWire,
      errors: [403, 404]
    }),
    configure: endpoint("PATCH", "/indexes/:index_name", {
      params: { index_name },
      echoes: { index_name: "name" },
      payload: Schema.Struct({
        deletion_protection: Schema.optionalKey(DeletionProtection),
        tags: Schema.optionalKey(TagChanges),
        read_capacity: Schema.optionalKey(ReadCapacity)
      }),
      success: PineconeIndex.FromWire,
      status: 202,
      errors: [400, 402, 403, 404, 422]
    }),
    delete: endpoint("DELETE", "/indexes/:index_name", { params: { index_name }, status: 202, errors: [403, 404] })
  }
}

export interface Route {
  readonly group: string
  readonly endpoint: string
  readonly method: Endpoint["method"]
  /** With parameter names: `"/backups/:backup_id"`. */
  readonly path: string
}

const makeRoutes = (): ReadonlyArray<readonly [pattern: RegExp, route: Route]> =>
  Object.entries<Readonly<Record<string, Endpoint>>>(groups).flatMap(([group, endpoints]) =>
    Object.entries(endpoints).map(([endpoint, { method, path }]) =>
      [new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`), { group, endpoint, method, path }] as const
    )
  )

/** Created on first use, because most programs never look up a path. */
let routes: ReturnType<typeof makeRoutes> | undefined

export const routesAt = (path: string): ReadonlyArray<Route> => {
  routes ??= makeRoutes()
  return routes.filter(([pattern]) => pattern.test(path)).map(([, route]) => route)
}
