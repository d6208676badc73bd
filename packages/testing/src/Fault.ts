/**
 * Faults between a client and the service, as values. Register them with `ControlPlane.fault`. They look the same in memory
 * and over HTTP.
 *
 * **Example** (Refusing a request twice before it succeeds)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
 * import * as Fault from "@pinecone-backups/testing/Fault"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const plane = yield* ControlPlane.ControlPlane
 *   yield* plane.fault("Backups.create", Fault.rateLimited({ retryAfter: "5 seconds" }), { times: 2 })
 *   const { status } = yield* backups.create(IndexName.make("docs"), { name: "before-upgrade" })
 *   yield* Console.log(status) // => Initializing
 *   const creates = (yield* plane.requests).filter(({ operation }) => operation === "Backups.create")
 *   yield* Console.log(creates.map(({ status }) => status)) // => [ 429, 429, 200 ]
 * }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }] })))
 * ```
 *
 * @since 0.1.0
 */

import type * as IndexDataApi from "@pinecone-backups/core/drill/IndexDataApi"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Inputs from "./internal/inputs.ts"
import * as Records from "./internal/records.ts"
import * as Settings from "./internal/settings.ts"

// ============================================================================
// Faults
// ============================================================================

const Status = Schema.Int.check(Schema.isBetween({ minimum: 200, maximum: 599 }))
const badGateway = 502
/** Valid characters in a header. */
const HeaderValue = Schema.String.check(Schema.isPattern(/^[\t\x20-\x7e\x80-\xff]*$/))

/**
 * Value of `Retry-After`: whole seconds, or an HTTP date. JSON can also have a number of seconds, which is rounded up, or a
 * duration such as `"20 seconds"`.
 */
const RetryAfter = Schema.Union([Schema.Finite, Schema.String]).pipe(
  Schema.decodeTo(
    Schema.String.check(
      Schema.isPattern(/^(\d{1,12}|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)$/, {
        description: "seconds, a duration such as \"20 seconds\", or an HTTP date"
      })
    ),
    SchemaTransformation.transform<string, number | string>({
      // An invalid value stays unchanged, and the check rejects it.
      decode: (value) =>
        typeof value === "number" ? String(Math.ceil(value)) : Option.match(durationFromText(value), {
          onNone: () => value,
          onSome: toSeconds
        }),
      encode: (text) => text
    })
  )
)

const durationFromText = Schema.decodeOption(Schema.DurationFromString)

const checkPeriod = Inputs.checkOf(Settings.Period)

const toSeconds = (duration: Duration.Duration): string => String(Math.ceil(Duration.toSeconds(duration)))

/** Offset of a clock. Negative if the clock is behind. */
const Skew = Schema.DurationFromString.check(
  Schema.makeFilter(
    (duration) => Math.abs(Duration.toDays(duration)) <= Settings.maxDays,
    { expected: `a duration of ${-Settings.maxDays} to ${Settings.maxDays} days` }
  )
)

const simple = {
  Respond: {
    status: Status,
    body: Schema.optionalKey(Schema.Json),
    headers: Schema.optionalKey(
      Schema.Record(Schema.String, HeaderValue).check(
        Schema.makeFilter((headers) =>
          Object.keys(headers).every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)) || "must have names of headers"
        )
      )
    )
  },
  RateLimited: { retryAfter: Schema.optionalKey(RetryAfter) },
  Html: {
    status: Status.pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(badGateway)),
      Schema.withConstructorDefault(Effect.succeed(badGateway))
    )
  },
  FlatNotFound: {},
  Delay: { duration: Settings.Period },
  Hang: {},
  Reset: {},
  Truncated: {},
  UnknownValues: { value: Schema.optionalKey(Schema.String) },
  WithoutFields: { fields: Schema.Array(Schema.NonEmptyString) },
  ClockSkew: {
    date: Schema.optionalKey(Schema.Union([Schema.Literal("missing"), Skew])),
    createdAt: Schema.optionalKey(Skew),
    age: Schema.optionalKey(Settings.Period)
  },
  WrongObject: { parts: Schema.optionalKey(Schema.Array(Schema.Literals(["id", "name", "index", "backup"]))) },
  MissingData: {
    data: Schema.optionalKey(Schema.Literals(["missing", "null"])),
    pagination: Schema.optionalKey(Schema.Literals(["missing", "null", "kept"]))
  },
  UnreadableTimes: { form: Schema.optionalKey(Schema.Literals(["text", "number", "null", "missing"])) },
  FutureDated: { by: Schema.optionalKey(Settings.Period), stamps: Schema.optionalKey(Schema.Boolean) }
} as const

/** A tagged union whose error for an unknown tag lists the known ones. */
const tagged = <const Cases extends Record<string, Schema.Struct.Fields>>(cases: Cases) =>
  Schema.TaggedUnion(cases).annotate({ expected: `an object whose _tag is one of ${Object.keys(cases).join(", ")}` })

/** Faults that can happen after the request was carried out. */
const Simple = tagged(simple)

/** Faults that change how the request is carried out, so they cannot happen afterwards. */
const decisive = {
  OldRows: {},
  FlawedRestore: Records.Flaws.fields,
  LyingSuccess: { answer: Schema.optionalKey(Schema.Literals(["asked", "before", "empty", "page"])) }
} as const

/**
 * Schema for a fault. In JSON it is an object with a `_tag`, and a duration is a string such as `"10 seconds"`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Fault = tagged({ ...simple, ...decisive, AfterCommit: { fault: Simple } })

/**
 * A fault.
 *
 * **Details**
 *
 * Faults that replace the response or break the connection happen before the request is checked or carried out. Faults that
 * change the response happen after the request was carried out.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault = typeof Fault.Type

/**
 * A fault of a constructor, whose checks accept the same values as `Fault` does. `inside` is the path of the options in
 * errors. `toFields` parses the options.
 */
const make = <Tag extends keyof typeof Fault.cases, Options extends object>(
  tag: Tag,
  options: Options,
  inside: Inputs.Path,
  toFields: (options: Options) => object = identity
): (typeof Fault.cases)[Tag]["Type"] => {
  Inputs.checkObject(options, inside)
  return Inputs.checkOf(Fault.cases[tag])({ _tag: tag, ...toFields(options) }, inside)
}

/**
 * Error for a connection that broke before the response, as with {@link reset}.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionReset extends Data.TaggedError("ConnectionReset")<{}> {
  override readonly message = "The connection was reset"
}

/**
 * Responds in place of the service.
 *
 * **Details**
 *
 * A string `body` is sent as text, any other value as JSON. The default body is the error envelope for the status.
 *
 * @category constructors
 * @since 0.1.0
 */
export const respond = (options: {
  /** From 200 to 599. */
  readonly status: number
  readonly body?: Schema.Json | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}) => make("Respond", options, ["respond"])

/**
 * Responds with 429.
 *
 * **Details**
 *
 * Sends `Retry-After` if `retryAfter` is given: a duration in whole seconds, rounded up, or a time as an HTTP date.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rateLimited = (options: { readonly retryAfter?: Duration.Input | DateTime.Utc | undefined } = {}) =>
  make("RateLimited", options, ["rateLimited"], ({ retryAfter, ...others }) => {
    const path = ["rateLimited", "retryAfter"]
    return {
      ...others,
      retryAfter: retryAfter === undefined
        ? undefined
        : DateTime.isDateTime(retryAfter)
        ? Schema.encodeSync(Schema.DateTimeUtcFromHttpDate)(retryAfter)
        : toSeconds(checkPeriod(Inputs.duration(retryAfter, path), path))
    }
  })

/**
 * Responds with an HTML page, like a gateway in front of the service.
 *
 * @category constructors
 * @since 0.1.0
 */
export const html = (options: {
  /** @default 502 */
  readonly status?: number | undefined
} = {}) => make("Html", options, ["html"], ({ status = badGateway, ...others }) => ({ ...others, status }))

/**
 * Responds with 404 in the older error format, without the envelope: `message` is at the top level.
 *
 * @category constructors
 * @since 0.1.0
 */
export const notFound = Fault.cases.FlatNotFound.make({})

/**
 * Delays the request. If the client gives up first, nothing changes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const delay = (duration: Duration.Input) =>
  make("Delay", { duration: Inputs.duration(duration, ["delay", "duration"]) }, ["delay"])

/**
 * Never responds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const hang = Fault.cases.Hang.make({})

/**
 * Breaks the connection before the request is carried out.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reset = Fault.cases.Reset.make({})

/**
 * Carries out the request and sends only the first half of the response, as if it were complete.
 *
 * @category constructors
 * @since 0.1.0
 */
export const truncated = Fault.cases.Truncated.make({})

/**
 * Carries out the request and replaces every enumerated value in the response with an undocumented value: status,
 * frequency, schedule type, cloud, state, mode, metric and error code.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unknownValues = (options: {
  /** @default "Unheard" */
  readonly value?: string | undefined
} = {}) => make("UnknownValues", options, ["unknownValues"])

/**
 * Carries out the request and removes fields from the response, at every depth.
 *
 * @category constructors
 * @since 0.1.0
 */
export const withoutFields = (fields: ReadonlyArray<string>) => make("WithoutFields", { fields }, ["withoutFields"])

/**
 * Carries out the request and responds with wrong clocks: the `Date` header, and the times of objects. Omitted clocks
 * are correct.
 *
 * **Example** (Simulating a gateway that is ahead of the service)
 *
 * ```ts
 * import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
 * import * as Fault from "@pinecone-backups/testing/Fault"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function*() {
 *   const plane = yield* ControlPlane.ControlPlane
 *   // The fault that was added first happens first: one lost response, then skewed responses.
 *   yield* plane.fault("Backups.create", Fault.afterCommit(Fault.reset))
 *   yield* plane.fault("*", Fault.clockSkew({ date: "30 seconds" }), { times: "always" })
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const clockSkew = (options: {
  /**
   * Offset of `Date` from the time of the service, negative if it is behind; `"missing"` omits the header. Omits
   * `x-simulated-time`, like a gateway with its own clock, so that health checks compare `Date` with the clock of the
   * machine. With 0, the gateway has the correct time.
   */
  readonly date?: Duration.Input | "missing" | undefined
  /**
   * Offset of past times: `created_at`, `completed_at` and `source_index_deleted_at`. Planned times do not change.
   */
  readonly createdAt?: Duration.Input | undefined
  /** Value of the `Age` header of a cache, sent in whole seconds. Does not change `date`. */
  readonly age?: Duration.Input | undefined
}) => {
  const inside = ["clockSkew"]
  return make("ClockSkew", options, inside, ({ age, createdAt, date, ...others }) => ({
    ...others,
    date: date === "missing" ? date : Inputs.optionalDuration(date, [...inside, "date"]),
    createdAt: Inputs.optionalDuration(createdAt, [...inside, "createdAt"]),
    age: Inputs.optionalDuration(age, [...inside, "age"])
  }))
}

/**
 * Carries out the request and responds with another object.
 *
 * **Details**
 *
 * Changes the first letter or digit of IDs and names, so that they keep their form. Changes every row of a list. Null and
 * missing values and error responses do not change.
 *
 * @category constructors
 * @since 0.1.0
 */
export const wrongObject = (options: {
  /**
   * Parts to change: the `"id"` of the object, its `"name"`, the ID and name of its source or target `"index"`, and its
   * source `"backup"`.
   *
   * @default ["id", "name", "index", "backup"]
   */
  readonly parts?: ReadonlyArray<"id" | "name" | "index" | "backup"> | undefined
} = {}) => make("WrongObject", options, ["wrongObject"])

/**
 * Carries out the request and removes the array from the response of a list. Other responses do not change.
 *
 * **Details**
 *
 * - By default, responds with `{}`
 * - `{ data: "null" }` responds with `{"data":null}`
 * - `{ pagination: "null" }` responds with `{"pagination":null}`
 * - `{ pagination: "kept" }` responds with a page that has a token for the next page but no rows
 *
 * @category constructors
 * @since 0.1.0
 */
export const missingData = (options: {
  /** Replacement of the array. The only option that affects the list of indexes, which has no pages. @default "missing" */
  readonly data?: "missing" | "null" | undefined
  /** Replacement of `pagination`. @default "missing" */
  readonly pagination?: "missing" | "null" | "kept" | undefined
} = {}) => make("MissingData", options, ["missingData"])

/**
 * Carries out the request and makes every time in the response unreadable, including planned times. Names with a time and
 * null values do not change.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unreadableTimes = (options: {
  /**
   * Replacement: the string `"not a time"`, the correct time in milliseconds since 1970, null, or no field.
   *
   * @default "text"
   */
  readonly form?: "text" | "number" | "null" | "missing" | undefined
} = {}) => make("UnreadableTimes", options, ["unreadableTimes"])

/**
 * Carries out the request and dates every object in the response in the future.
 *
 * **Details**
 *
 * `created_at` is later than the time of the service. `completed_at` and `source_index_deleted_at` keep their distance from
 * it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const futureDated = (options: {
  /** Time ahead of the service. @default "1 day" */
  readonly by?: Duration.Input | undefined
  /**
   * Whether planned times also move: `scheduled_execution_at`, and the time stamp in the name.
   *
   * @default false
   */
  readonly stamps?: boolean | undefined
} = {}) =>
  make("FutureDated", options, ["futureDated"], ({ by, ...others }) => ({
    ...others,
    by: Inputs.optionalDuration(by, ["futureDated", "by"])
  }))

/**
 * Ignores a write and responds as if it had succeeded.
 *
 * **Details**
 *
 * - `"asked"`: the response of a success, with an ID that is never reused
 * - `"before"`: for a change of a schedule or an index, its unchanged state; otherwise the same as `"asked"`
 * - `"empty"`: the status of a success, without a body
 * - `"page"`: 200 and an HTML sign-in page, for every request
 *
 * Error responses do not change, except with `"page"`. `"asked"` and `"before"` do not affect reads. `"empty"` and `"page"`
 * also replace the responses of reads.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lyingSuccess = (options: {
  /** @default "asked" */
  readonly answer?: "asked" | "before" | "empty" | "page" | undefined
} = {}) => make("LyingSuccess", options, ["lyingSuccess"])

/**
 * Restores a backup into an index whose records differ from the backup, although the job completes. Affects only
 * `Backups.restore`.
 *
 * **Example** (Losing the last ten records)
 *
 * ```ts
 * import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
 * import * as Fault from "@pinecone-backups/testing/Fault"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function*() {
 *   const plane = yield* ControlPlane.ControlPlane
 *   yield* plane.fault("Backups.restore", Fault.flawedRestore({ missing: 10 }))
 * })
 * ```
 *
 * **Details**
 *
 * Each flaw is optional, and flaws can be combined. Missing records are neither counted nor listed nor fetched.
 *
 * - `empty`: the index has no records
 * - `lostNamespaces`: number of lost namespaces, starting with the last by name
 * - `missing`: number of missing records, starting with the last record of the last namespace
 * - `vanish`: number of additional `records` that disappear in the same order, and the delay `after` the index is ready
 * - `statsDelay`: duration in which the counts grow from zero; IDs and records exist immediately
 * - `dimension`: length of dense vectors, regardless of the index
 * - `values`: the numbers of vectors are `"zero"`, or `"nan"`, which JSON represents as the string `"NaN"`
 * - `every`: `dimension` and `values` affect one vector out of this many
 *
 * The seed of an index can have the same `flaws`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const flawedRestore = (flaws: Flaws) =>
  make("FlawedRestore", flaws, ["flawedRestore"], (flaws) => Records.fromInput(flaws, ["flawedRestore"]))

/**
 * Flaws in the records of a restored index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Flaws extends Records.FlawsInput {}

/**
 * Carries out the request and returns backups without tags and without types in the schema, as 2026-07 sometimes does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const oldRows = Fault.cases.OldRows.make({})

/**
 * Carries out the request, then fails with `fault`.
 *
 * **When to use**
 *
 * To test lost responses: a client that simply retries carries out the request twice.
 *
 * **Gotchas**
 *
 * Accepts every fault except `oldRows`, `flawedRestore`, `lyingSuccess` and another `afterCommit`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const afterCommit = (fault: typeof Simple.Type) => make("AfterCommit", { fault }, ["afterCommit"])

// ============================================================================
// Rules
// ============================================================================

/**
 * Name of an operation of either contract, as in errors and traces: `"Backups.create"`, `"IndexData.stats"`.
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = IndexDataApi.OperationName | PineconeApi.OperationName

/**
 * Schema for a rule: a fault and the requests that it affects.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Rule = Schema.Struct({
  /** An operation of the contract, or `"*"` for every request, including requests of unknown routes. */
  operation: Schema.Literals(["*", ...Settings.Operation.literals]),
  fault: Fault,
  /** Number of requests to affect. @default 1, or all requests if `until` is given */
  times: Schema.optionalKey(
    Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)), Schema.Literal("always")])
  ),
  /** Number of matching requests to skip first. @default 0 */
  skip: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** End of the fault, in the time of the service. */
  until: Schema.optionalKey(Schema.DateTimeUtcFromString)
})

/**
 * A fault and the requests that it affects.
 *
 * @category models
 * @since 0.1.0
 */
export type Rule = typeof Rule.Type
