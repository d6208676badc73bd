/** Effects of faults on requests and responses. */
import * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type * as Schema from "effect/Schema"
import * as Fault from "../Fault.ts"
import type * as Records from "./records.ts"
import type * as Settings from "./settings.ts"
import * as TimeRules from "./time-rules.ts"

/** Switches for a single request. */
export const RequestSwitches = Context.Reference<Partial<Settings.Switches> | undefined>(
  "@pinecone-backups/testing/RequestSwitches",
  { defaultValue: () => undefined }
)

/**
 * Pretends that a single request was carried out: the response shows the requested state, or the state before.
 */
export const Pretence = Context.Reference<"asked" | "before" | undefined>(
  "@pinecone-backups/testing/Pretence",
  { defaultValue: () => undefined }
)

/** Flaws of the index that a single request restores. */
export const RestoreFlaws = Context.Reference<Records.Flaws | undefined>("@pinecone-backups/testing/RestoreFlaws", {
  defaultValue: () => undefined
})

/** First error with a status, in the order of the table of core. */
const codeOf = (status: number): string =>
  Object.values(PineconeError.apiErrors).find((error) => error.status === status)?.code ?? "UNKNOWN"

const respond = ({ body, headers = {}, status }: Omit<typeof Fault.Fault.cases.Respond.Type, "_tag">) => {
  const options = { status, headers }
  if (body === "") return HttpServerResponse.empty(options)
  if (typeof body === "string") return HttpServerResponse.text(body, options)
  const envelope = { error: { code: codeOf(status), message: `A fault returns ${status}.` }, status }
  return HttpServerResponse.jsonUnsafe(body === undefined ? envelope : body, options)
}

const textOf = ({ body }: HttpServerResponse.HttpServerResponse): string | undefined =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : undefined

const page = (status: number, title: string) =>
  HttpServerResponse.text(
    `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
    { status, contentType: "text/html" }
  )

const isSuccess = ({ status }: HttpServerResponse.HttpServerResponse): boolean => status < 300

/** Replaces the text of a response. */
const withText = (response: HttpServerResponse.HttpServerResponse, text: string) =>
  HttpServerResponse.setBody(response, HttpBody.text(text, response.headers["content-type"] ?? "application/json"))

/** Changes the JSON of a response, if it has JSON. */
const mapJson = <R>(
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
  f: (json: Schema.Json, response: HttpServerResponse.HttpServerResponse) => Schema.Json
) =>
  Effect.map(work, (response) => {
    const value = Option.liftThrowable(JSON.parse)(textOf(response) ?? "")
    return Option.isNone(value) ? response : withText(response, JSON.stringify(f(value.value, response)))
  })

/** Replaces fields of a response at every depth. Removes a field if the new value is `undefined`. */
const mapFields = <R>(
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
  f: (key: string, value: unknown) => unknown
) => mapJson(work, (json) => JSON.parse(JSON.stringify(json, f)))

// ============================================================================
// Objects and lists
// ============================================================================

const isObject = (json: Schema.Json | undefined): json is Schema.JsonObject => Predicate.isObject(json)

/** Keys of the arrays in lists. */
const arrays = ["data", "indexes", "vectors", "namespaces"] as const

/** Changes the object of a successful response, or every row of a list. */
const mapObjects = <R>(
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
  f: (object: Schema.JsonObject) => Schema.JsonObject
) =>
  mapJson(work, (json, response) => {
    if (!isObject(json) || !isSuccess(response)) return json
    const list = arrays.find((key) => Array.isArray(json[key]))
    const rows = list === undefined ? undefined : json[list]
    return list === undefined || !Array.isArray(rows)
      ? f(json)
      : { ...json, [list]: rows.map((row) => isObject(row) ? f(row) : row) }
  })

/** Changes the string values of named fields. */
const mapTexts = (
  object: Schema.JsonObject,
  keys: ReadonlyArray<string>,
  f: (text: string) => string
): Schema.JsonObject =>
  Record.map(object, (value, key) => typeof value === "string" && keys.includes(key) ? f(value) : value)

/** Identifying fields of objects. The first field that exists is the ID of the object. */
const ids = ["restore_job_id", "schedule_id", "backup_id", "id"]

const identity = {
  id: (own: string | undefined) => ids.filter((key) => key === own),
  name: () => ["name"],
  index: () => ["index_id", "source_index_id", "source_index_name", "target_index_id", "target_index_name"],
  backup: (own: string | undefined) => ["backup_id", "source_backup_id"].filter((key) => key !== own)
}

type Part = keyof typeof identity

const allParts: ReadonlyArray<Part> = ["id", "name", "index", "backup"]

/** Each character is replaced within its group, so that hexadecimal IDs stay hexadecimal. */
const alphabets = ["0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"]

/** Returns another string of the same form. */
const otherText = (text: string): string => {
  const other = text.replace(/[0-9a-z]/i, (character) => {
    const alphabet = alphabets.find((alphabet) => alphabet.includes(character)) ?? ""
    return alphabet.charAt((alphabet.indexOf(character) + 1) % alphabet.length)
  })
  return other === text ? `${text}0` : other
}

const toOther = (object: Schema.JsonObject, parts: ReadonlyArray<Part>): Schema.JsonObject => {
  const own = ids.find((key) => typeof object[key] === "string")
  return mapTexts(object, parts.flatMap((part) => identity[part](own)), otherText)
}

// ============================================================================
// Times
// ============================================================================

/** Fields of past times. */
const recorded = ["created_at", "completed_at", "source_index_deleted_at"]

/** Fields of planned times. */
const planned = ["next_scheduled_run", "scheduled_execution_at"]

const times = new Set([...recorded, ...planned])

/** Years have four digits on the wire. */
const earliest = DateTime.makeUnsafe("0000-01-01T00:00:00Z")

/** Shifts a time. Returns invalid times unchanged. */
const shift = (text: string, millis: number, format: (time: DateTime.Utc) => string): string =>
  Option.match(DateTime.make(text), {
    onNone: () => text,
    onSome: (time) =>
      format(DateTime.clamp(DateTime.addDuration(DateTime.toUtc(time), millis), {
        minimum: earliest,
        maximum: TimeRules.endOfTime
      }))
  })

/** Times in responses have six decimal places. */
const shiftTime = (text: string, millis: number): string =>
  shift(text, millis, (time) => DateTime.formatIso(time).replace("Z", "000Z"))

/** Time stamp in the name of a run. */
const shiftStamp = (name: string, millis: number): string =>
  name.replace(/\d{8}T\d{6}Z$/, (stamp) => {
    const time = stamp.replace(/^(....)(..)(..T..)(..)/, "$1-$2-$3:$4:")
    const shifted = shift(time, millis, TimeRules.stamp)
    return shifted === time ? stamp : shifted
  })

/** Shift that moves the creation of an object to a given time after now. */
const lateness = ({ created_at }: Schema.JsonObject, now: DateTime.Utc, by: Duration.Duration): number | undefined =>
  typeof created_at !== "string" ? undefined : Option.match(DateTime.make(created_at), {
    onNone: () => undefined,
    onSome: (time) => DateTime.toEpochMillis(now) + Duration.toMillis(by) - DateTime.toEpochMillis(time)
  })

const unreadable = {
  text: () => "not a time",
  number: (time: string) => Option.getOrNull(Option.map(DateTime.make(time), DateTime.toEpochMillis)),
  null: () => null,
  missing: () => undefined
}

// ============================================================================
// Faults
// ============================================================================

/** Fields with enumerated values. */
const enumerations = new Set([
  "status",
  "frequency",
  "schedule_type",
  "cloud",
  "state",
  "mode",
  "metric",
  "deletion_protection",
  "code"
])

/** A request with a fault. `work` carries it out, and `now` is the time of the service. */
export const inject = <R>(
  fault: Fault.Fault,
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
  now: Effect.Effect<DateTime.Utc>
): Effect.Effect<HttpServerResponse.HttpServerResponse, Fault.ConnectionReset, R> =>
  Fault.Fault.match(fault, {
    Respond: (fault) => Effect.succeed(respond(fault)),
    RateLimited: ({ retryAfter }) =>
      Effect.succeed(
        respond({ status: 429, ...(retryAfter !== undefined && { headers: { "retry-after": retryAfter } }) })
      ),
    Html: ({ status }) => Effect.succeed(page(status, String(status))),
    FlatNotFound: () =>
      Effect.succeed(HttpServerResponse.jsonUnsafe({ code: 5, message: "Not found.", details: [] }, { status: 404 })),
    Delay: ({ duration }) => Effect.andThen(Effect.sleep(duration), work),
    Hang: () => Effect.never,
    Reset: () => Effect.fail(new Fault.ConnectionReset()),
    Truncated: () =>
      Effect.map(work, (response) => {
        const text = textOf(response)
        return text === undefined ? response : withText(response, text.slice(0, Math.floor(text.length / 2)))
      }),
    UnknownValues: ({ value: unknown = "Unheard" }) =>
      mapFields(work, (key, value) => typeof value === "string" && enumerations.has(key) ? unknown : value),
    WithoutFields: ({ fields }) => mapFields(work, (key, value) => fields.includes(key) ? undefined : value),
    ClockSkew: ({ createdAt }) =>
      createdAt === undefined
        ? work
        : mapObjects(work, (object) =>
          mapTexts(object, recorded, (time) => shiftTime(time, Duration.toMillis(createdAt)))),
    WrongObject: ({ parts = allParts }) =>
      mapObjects(work, (object) => toOther(object, parts)),
    MissingData: ({ data = "missing", pagination = "missing" }) =>
      mapJson(work, (json) => {
        const list = isObject(json) ? arrays.find((key) => Array.isArray(json[key])) : undefined
        if (list === undefined || !isObject(json)) return json
        const { [list]: _, pagination: kept, ...rest } = json
        return {
          ...rest,
          ...(data === "null" && { [list]: null }),
          ...(pagination === "kept" && kept !== undefined && { pagination: kept }),
          ...(pagination === "null" && { pagination: null })
        }
      }),
    UnreadableTimes: ({ form = "text" }) =>
      mapFields(work, (key, value) => typeof value === "string" && times.has(key) ? unreadable[form](value) : value),
    FutureDated: ({ by = Duration.days(1), stamps = false }) =>
      Effect.flatMap(now, (now) =>
        mapObjects(work, (object) => {
          const millis = lateness(object, now, by)
          if (millis === undefined) return object
          const later = mapTexts(
            object,
            stamps ? [...recorded, "scheduled_execution_at"] : recorded,
            (time) => shiftTime(time, millis)
          )
          return stamps ? mapTexts(later, ["name"], (name) => shiftStamp(name, millis)) : later
        })),
    LyingSuccess: ({ answer = "asked" }) => {
      if (answer === "page") return Effect.succeed(page(200, "Sign in"))
      const lie = Effect.provideService(work, Pretence, answer === "before" ? answer : "asked")
      return answer === "empty"
        ? Effect.map(lie, (response) =>
          isSuccess(response) ? HttpServerResponse.empty({ status: response.status }) : response)
        : lie
    },
    FlawedRestore: ({ _tag: _, ...flaws }) =>
      Effect.provideService(work, RestoreFlaws, flaws),
    OldRows: () =>
      Effect.provideService(work, RequestSwitches, { oldRows: true }),
    // The change persists even if the client disconnects.
    AfterCommit: ({ fault }) => Effect.flatMap(work, (response) => inject(fault, Effect.succeed(response), now))
  })

/** The standard headers, as a fault changes them. */
export const headers = (
  fault: Fault.Fault | undefined,
  { date, id }: { readonly date: DateTime.Utc; readonly id: string }
): Readonly<Record<string, string>> => {
  const skew = fault?._tag === "AfterCommit" ? fault.fault : fault
  if (skew?._tag !== "ClockSkew") {
    return { "x-request-id": id, [Clocks.simulatedHeader]: "true", date: DateTime.toDateUtc(date).toUTCString() }
  }
  const { age, date: shifted } = skew
  return {
    "x-request-id": id,
    // A wrong clock belongs to a gateway, which does not simulate its time.
    ...((shifted === undefined || shifted === "missing") && { [Clocks.simulatedHeader]: "true" }),
    ...(shifted !== "missing" && {
      date: DateTime.toDateUtc(shifted === undefined ? date : DateTime.addDuration(date, shifted)).toUTCString()
    }),
    ...(age !== undefined && { age: String(Math.floor(Duration.toSeconds(age))) })
  }
}

/** Prevents Node.js from adding its own `Date` header when the fault omits the header. */
export const withholdDate = (request: object): void => {
  const response = Predicate.hasProperty(request, "resolvedResponse") ? request.resolvedResponse : undefined
  if (Predicate.hasProperty(response, "sendDate")) response.sendDate = false
}

/** Returns `true` if a value is a connection that can be closed without a response. */
const isDestroyable = (value: unknown): value is { readonly destroy: () => void } =>
  Predicate.hasProperty(value, "destroy") && typeof value.destroy === "function"

/** Closes the connection of a request. Returns `false` if the server does not expose the socket, as Node.js does. */
export const closeConnection = (source: object): boolean => {
  const socket = Predicate.hasProperty(source, "socket") ? source.socket : undefined
  if (!isDestroyable(socket)) return false
  socket.destroy()
  return true
}
