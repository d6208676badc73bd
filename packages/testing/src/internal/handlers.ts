/**
 * The operations of the contract: how a request is decoded, which rule answers it, and how the answer is encoded.
 *
 * `HttpApiBuilder` would do this with several times as much code per request. A process that runs tests has just started
 * and makes a few hundred requests, so most of that code would not be compiled yet.
 */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as Exit from "effect/Exit"
import { constUndefined, identity } from "effect/Function"
import * as HttpApi from "effect/http-api/HttpApi"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as UrlParams from "effect/http/UrlParams"
import * as Schema from "effect/Schema"
import type * as Records from "./records.ts"
import * as RequestRules from "./request-rules.ts"
import type * as Settings from "./settings.ts"

// ============================================================================
// Handlers
// ============================================================================

type Groups = typeof PineconeApi.PineconeApi.groups

type EndpointOf<Name> = Name extends `${infer Group extends keyof Groups & string}.${infer Key}`
  ? Key extends keyof Groups[Group]["endpoints"] ? Groups[Group]["endpoints"][Key] : never
  : never

/** The decoded parts of a request. */
interface Request<E> {
  readonly params: HttpApiEndpoint.Params<E>["Type"]
  readonly query: HttpApiEndpoint.Query<E>["Type"]
  readonly payload: HttpApiEndpoint.Payload<E>["Type"]
  /** Flaws of the index that the request restores. */
  readonly flaws: Records.Flaws | undefined
}

/** The model of a successful answer. Indexes are JSON, because their model has only some of the fields. */
type Answer<Name> = HttpApiEndpoint.Success<EndpointOf<Name>>["Type"] extends infer A
  ? Name extends `Indexes.${string}` ? A extends void ? A : Schema.JsonObject : A
  : never

type Handlers = {
  readonly [Name in PineconeApi.OperationName]: (
    request: Request<EndpointOf<Name>>
  ) => RequestRules.Operation<Answer<Name>>
}

const handlers: Handlers = {
  "BackupSchedules.create": ({ params, payload }) =>
    RequestRules.createSchedule({
      indexName: params.index_name,
      name: payload.name,
      frequency: payload.schedule.frequency,
      expireAfterDays: payload.retention.expire_after_days
    }),
  "BackupSchedules.list": ({ params, query }) => RequestRules.listSchedules({ indexName: params.index_name, ...query }),
  "BackupSchedules.describe": ({ params }) => RequestRules.describeSchedule(params.schedule_id),
  "BackupSchedules.update": ({ params, payload }) =>
    RequestRules.updateSchedule(params.schedule_id, {
      frequency: payload.frequency,
      expireAfterDays: payload.retention?.expire_after_days,
      enabled: payload.enabled
    }),
  "BackupSchedules.delete": ({ params }) => RequestRules.deleteSchedule(params.schedule_id),
  "BackupSchedules.history": ({ params, query }) => RequestRules.history({ scheduleId: params.schedule_id, ...query }),
  "Backups.create": ({ params, payload }) => RequestRules.createBackup({ indexName: params.index_name, ...payload }),
  "Backups.listByIndex": ({ params, query: { include_deleted: includeDeleted, ...query } }) =>
    RequestRules.listBackupsByIndex({ indexName: params.index_name, includeDeleted, ...query }),
  "Backups.list": ({ query }) => RequestRules.listBackups(query),
  "Backups.describe": ({ params }) => RequestRules.describeBackup(params.backup_id),
  "Backups.delete": ({ params }) => RequestRules.deleteBackup(params.backup_id),
  "Backups.restore": ({ flaws, params, payload }) =>
    RequestRules.restore({
      backupId: params.backup_id,
      name: payload.name,
      tags: payload.tags,
      deletionProtection: payload.deletion_protection,
      readCapacity: payload.read_capacity,
      flaws
    }),
  "RestoreJobs.list": ({ query }) => RequestRules.listRestoreJobs(query),
  "RestoreJobs.describe": ({ params }) => RequestRules.describeRestoreJob(params.job_id),
  "Indexes.list": () => RequestRules.listIndexes,
  "Indexes.describe": ({ params }) => RequestRules.describeIndex(params.index_name),
  "Indexes.configure": ({ params, payload }) =>
    RequestRules.configureIndex(params.index_name, {
      deletionProtection: payload.deletion_protection,
      tags: payload.tags,
      readCapacity: payload.read_capacity
    }),
  "Indexes.delete": ({ params }) => RequestRules.deleteIndex(params.index_name)
}

/** The reads of what a write changes, for writes that answer with it. */
const readers: { readonly [Name in PineconeApi.OperationName]?: Handlers[Name] } = {
  "BackupSchedules.update": ({ params }) => RequestRules.describeSchedule(params.schedule_id),
  "Indexes.configure": ({ params }) => RequestRules.describeIndex(params.index_name)
}

// ============================================================================
// Routes
// ============================================================================

/** The decoded parts of a request of any operation. */
export interface Parts extends Omit<Request<never>, "params" | "query" | "payload"> {
  readonly params: unknown
  readonly query: unknown
  readonly payload: unknown
}

type AnyHandler = (request: Parts) => RequestRules.Operation<unknown>

/** A route of the contract, with the codecs and the handler of its operation. */
export interface Route {
  readonly name: PineconeApi.OperationName
  /** Decodes the parameters in a path; `undefined` if it is not valid percent-encoding. */
  readonly paramsOf: (path: string) => Exit.Exit<unknown, unknown> | undefined
  /** Decodes a query, without the question mark. */
  readonly queryOf: (query: string) => Exit.Exit<unknown, unknown>
  /** Schema of the body, if requests have one. */
  readonly payload: Schema.Codec<unknown> | undefined
  readonly handler: AnyHandler
  /** Reads what a write changes, if it answers with that. */
  readonly reader: AnyHandler | undefined
  /** Status of a successful answer. */
  readonly status: number
  /** Converts a successful answer to JSON, or to `undefined` if the response has no body. Throws if it is invalid. */
  readonly encode: (answer: unknown) => unknown
  /** Statuses of refusals. */
  readonly refusals: ReadonlySet<number>
}

/** The contract loses the types of its schemas. None of them needs services. */
const codecOf = (schema: Schema.Constraint) => schema as unknown as Schema.Codec<unknown>

const decoderOf = (schema: Schema.Constraint | undefined) =>
  schema === undefined ? Exit.succeed : Schema.decodeUnknownExit(codecOf(schema))

type Described = Parameters<Parameters<typeof HttpApi.reflect>[1]["onEndpoint"]>[0]

/** The parameters of a path, with their places in it. */
const placesIn = (pattern: string): ReadonlyArray<readonly [name: string, place: number]> =>
  pattern.split("/").flatMap((segment, place) => segment.startsWith(":") ? [[segment.slice(1), place] as const] : [])

/** Values of the parameters in a path; `undefined` if one is not valid percent-encoding. */
const paramsOf = (
  places: ReturnType<typeof placesIn>,
  path: string
): Readonly<Record<string, string>> | undefined => {
  const params: Record<string, string> = {}
  const values = path.split("/")
  try {
    for (const [name, place] of places) params[name] = decodeURIComponent(values[place] ?? "")
  } catch {
    return undefined
  }
  return params
}

/** Values of a query by key: a list if there are several. */
const queryOf = (query: string): Readonly<Record<string, string | ReadonlyArray<string>>> =>
  query === "" ? {} : UrlParams.toRecord(UrlParams.fromInput(new URLSearchParams(query)))

/** Prepares a route on its first request, because few programs use all of them. */
const prepare = ({ endpoint, errors, group, successes }: Described): Route => {
  // The names of the contract are those of operations.
  const name = `${group.identifier}.${endpoint.identifier}` as PineconeApi.OperationName
  const payload = [...endpoint.payload.values()][0]?.schemas[0]
  const [[status, [success]]] = [...successes] as [[number, [Schema.Top]]]
  const places = placesIn(endpoint.path)
  const decodeParams = decoderOf(endpoint.params)
  const decodeQuery = decoderOf(endpoint.query && Schema.toCodecArrayFromSingle(endpoint.query))
  return {
    name,
    paramsOf: (path) => {
      const params = paramsOf(places, path)
      return params && decodeParams(params)
    },
    queryOf: (query) => decodeQuery(queryOf(query)),
    payload: payload && codecOf(payload),
    handler: handlers[name] as AnyHandler,
    reader: readers[name] as AnyHandler | undefined,
    status,
    encode: HttpApiSchema.isNoContent(success.ast)
      ? constUndefined
      : group.identifier === "Indexes"
      ? identity
      : Schema.encodeUnknownSync(codecOf(success)),
    refusals: new Set(errors.keys())
  }
}

const makeRoutes = () => {
  const routes = new Map<string, () => Route>()
  HttpApi.reflect(PineconeApi.PineconeApi, {
    onGroup: () => {},
    onEndpoint: (described) => {
      let route: Route | undefined
      routes.set(`${described.group.identifier}.${described.endpoint.identifier}`, () => route ??= prepare(described))
    }
  })
  return routes
}

/** Created on first use, and shared by all services of a process. */
let routes: ReturnType<typeof makeRoutes> | undefined

/** Returns the route of an operation of the contract. */
export const routeOf = (operation: Settings.Operation): Route | undefined => {
  routes ??= makeRoutes()
  return routes.get(operation)?.()
}
