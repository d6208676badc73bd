/**
 * What can go wrong between a client and the service, as values. `ControlPlane` is told which requests they
 * happen to; in memory and over HTTP they look the same.
 *
 * **Example** (Two refusals, then all is well)
 *
 * ```ts
 * import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
 * import * as Fault from "@pinecone-backups/testing/Fault"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function*() {
 *   const plane = yield* ControlPlane.ControlPlane
 *   yield* plane.fault("Backups.create", Fault.rateLimited({ retryAfter: "30 seconds" }), { times: 2 })
 *   yield* plane.fault("RestoreJobs.describe", Fault.delay("10 seconds"), { times: "always" })
 *   yield* plane.fault("Backups.restore", Fault.afterCommit(Fault.reset))
 * })
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
/** No server sends a header of other characters. */
const HeaderValue = Schema.String.check(Schema.isPattern(/^[\t\x20-\x7e\x80-\xff]*$/))

/**
 * What `Retry-After` says: whole seconds, or an HTTP date. As JSON also a number of seconds, which is rounded up,
 * or a duration such as `"20 seconds"`.
 */
const RetryAfter = Schema.Union([Schema.Finite, Schema.String]).pipe(
  Schema.decodeTo(
    Schema.String.check(
      Schema.isPattern(/^(\d{1,12}|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)$/, {
        description: "seconds, a duration such as \"20 seconds\", or an HTTP date"
      })
    ),
    SchemaTransformation.transform<string, number | string>({
      // What is none of these stays as it is, and is refused.
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

const toSeconds = (duration: Duration.Input): string =>
  String(Math.ceil(Duration.toSeconds(Duration.fromInputUnsafe(duration))))

/** How far a clock is off: negative if it is behind. */
const Skew = Schema.DurationFromString.check(
  Schema.makeFilter((duration) =>
    Math.abs(Duration.toDays(duration)) <= Settings.maxDays ||
    `must be ${-Settings.maxDays} to ${Settings.maxDays} days`
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
  Delay: { duration: Schema.DurationFromString },
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

/** What can come after the work is done. */
const Simple = tagged(simple)

/** What decides whether the work is done cannot come after it. */
const decisive = {
  OldRows: {},
  FlawedRestore: Records.Flaws.fields,
  LyingSuccess: { answer: Schema.optionalKey(Schema.Literals(["asked", "before", "empty", "page"])) }
} as const

/**
 * Schema for a fault. As JSON it is an object with a `_tag`; a duration is a text such as `"10 seconds"`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Fault = tagged({ ...simple, ...decisive, AfterCommit: { fault: Simple } })

/**
 * A fault. Those that answer in the service's place, and those that break the connection, happen before
 * anything is checked or done; those that change an answer need one, so the work is done.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault = typeof Fault.Type

/**
 * The connection broke before there was an answer: what {@link reset} does to a request.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionReset extends Data.TaggedError("ConnectionReset")<{}> {
  override readonly message = "The connection was reset"
}

/**
 * Answers in the service's place. A `body` that is a text is sent as text, any other as JSON; left out, it is
 * the error envelope that goes with the status.
 *
 * @category constructors
 * @since 0.1.0
 */
export const respond = (options: {
  /** From 200 to 599. */
  readonly status: number
  readonly body?: Schema.Json | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}) => Fault.cases.Respond.make(Settings.defined(options))

/**
 * Answers 429. `Retry-After` is sent if there is something to say: a duration in whole seconds, rounded up, a
 * time as an HTTP date.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rateLimited = (options: { readonly retryAfter?: Duration.Input | DateTime.Utc | undefined } = {}) => {
  const { retryAfter } = options
  if (retryAfter === undefined) return Fault.cases.RateLimited.make({})
  return Fault.cases.RateLimited.make({
    retryAfter: DateTime.isDateTime(retryAfter)
      ? Schema.encodeSync(Schema.DateTimeUtcFromHttpDate)(retryAfter)
      : toSeconds(retryAfter)
  })
}

/**
 * Answers with a page of HTML, as a gateway in front of the service does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const html = (options: {
  /** @default 502 */
  readonly status?: number | undefined
} = {}) => Fault.cases.Html.make(Settings.defined(options))

/**
 * Answers 404 without the envelope: `message` lies at the top, as in the older form of errors.
 *
 * @category constructors
 * @since 0.1.0
 */
export const notFound = Fault.cases.FlatNotFound.make({})

/**
 * Lets time pass, then does what was asked. Someone who does not wait so long has changed nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const delay = (duration: Duration.Input) =>
  Fault.cases.Delay.make({ duration: Duration.fromInputUnsafe(duration) })

/**
 * Never answers.
 *
 * @category constructors
 * @since 0.1.0
 */
export const hang = Fault.cases.Hang.make({})

/**
 * Breaks the connection before there is an answer.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reset = Fault.cases.Reset.make({})

/**
 * Does what was asked, and sends the first half of the answer as if it were all of it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const truncated = Fault.cases.Truncated.make({})

/**
 * Does what was asked, and puts a value that no document knows wherever the answer has one of an enumeration:
 * status, frequency, type of schedule, cloud, state, mode, metric, error code.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unknownValues = (options: {
  /** @default "Unheard" */
  readonly value?: string | undefined
} = {}) => Fault.cases.UnknownValues.make(Settings.defined(options))

/**
 * Does what was asked, and leaves these fields out of the answer, at every depth.
 *
 * @category constructors
 * @since 0.1.0
 */
export const withoutFields = (fields: ReadonlyArray<string>) => Fault.cases.WithoutFields.make({ fields })

/**
 * Does what was asked, and answers by clocks that are off: that of the `Date` header, and that by which objects are
 * dated. What is left out is right.
 *
 * **Example** (A gateway that is ahead of the service)
 *
 * ```ts
 * import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
 * import * as Fault from "@pinecone-backups/testing/Fault"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function*() {
 *   const plane = yield* ControlPlane.ControlPlane
 *   // Faults set earlier happen first, so the lost answer comes before the skew of all others.
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
   * How far `Date` is ahead of the service, or behind if it is negative; `"missing"` leaves the header out. A `Date` that
   * is off comes without `x-simulated-time`, as from a gateway with a clock of its own, so that health checks compare it
   * with the clock of the machine. 0 is the right time from such a gateway.
   */
  readonly date?: Duration.Input | "missing" | undefined
  /**
   * How far the times at which something happened are ahead, or behind: `created_at`, `completed_at` and
   * `source_index_deleted_at`. Times that are planned stay.
   */
  readonly createdAt?: Duration.Input | undefined
  /** What the header `Age` says, as a cache sends it, in whole seconds. `date` is not changed by it. */
  readonly age?: Duration.Input | undefined
}) => {
  const { age, createdAt, date } = options
  return Fault.cases.ClockSkew.make(Settings.defined({
    date: date === "missing" ? date : Inputs.optionalDuration(date),
    createdAt: Inputs.optionalDuration(createdAt),
    age: Inputs.optionalDuration(age)
  }))
}

/**
 * Does what was asked, and answers about another object: ids and names keep their form, and their first letter or
 * digit is another one. In lists it changes every row. What is null or missing stays, and so do refusals.
 *
 * @category constructors
 * @since 0.1.0
 */
export const wrongObject = (options: {
  /**
   * What is another's: the `"id"` of the object, its `"name"`, the `"index"` that it is of or makes (ids and names), the
   * `"backup"` from which it was made.
   *
   * @default ["id", "name", "index", "backup"]
   */
  readonly parts?: ReadonlyArray<"id" | "name" | "index" | "backup"> | undefined
} = {}) => Fault.cases.WrongObject.make(Settings.defined(options))

/**
 * Does what was asked, and leaves the array out of the answer to a list: `{}`, unless told otherwise. Other answers
 * stay as they are.
 *
 * **Details**
 *
 * - `{ data: "null" }` is `{"data":null}`
 * - `{ pagination: "null" }` is `{"pagination":null}`
 * - `{ pagination: "kept" }` is a page that has a token for the next one and no rows
 *
 * @category constructors
 * @since 0.1.0
 */
export const missingData = (options: {
  /** What replaces the array: nothing or null. Of the list of indexes, which has no pages, this is all. @default "missing" */
  readonly data?: "missing" | "null" | undefined
  /** What becomes of `pagination`. @default "missing" */
  readonly pagination?: "missing" | "null" | "kept" | undefined
} = {}) => Fault.cases.MissingData.make(Settings.defined(options))

/**
 * Does what was asked, and spoils every time in the answer, planned ones too. Names that have a time in them stay, and
 * so does what is null.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unreadableTimes = (options: {
  /**
   * What replaces them: the text `"not a time"`, the right time as a number of milliseconds since 1970, null, or
   * nothing.
   *
   * @default "text"
   */
  readonly form?: "text" | "number" | "null" | "missing" | undefined
} = {}) => Fault.cases.UnreadableTimes.make(Settings.defined(options))

/**
 * Does what was asked, and dates every object in the answer from the future: its `created_at` is later than now, by the
 * time of the service, and its `completed_at` and `source_index_deleted_at` are as much later as before.
 *
 * @category constructors
 * @since 0.1.0
 */
export const futureDated = (options: {
  /** How much later than now. @default "1 day" */
  readonly by?: Duration.Input | undefined
  /**
   * Whether the times for which runs were planned move along: `scheduled_execution_at`, and the one in the name.
   *
   * @default false
   */
  readonly stamps?: boolean | undefined
} = {}) => Fault.cases.FutureDated.make(Settings.defined({ ...options, by: Inputs.optionalDuration(options.by) }))

/**
 * Does nothing, and answers as if it had. A refusal stays one, except for a `"page"`. `"asked"` and `"before"` leave reads
 * as they are; `"empty"` and `"page"` replace their answers, too.
 *
 * **Details**
 *
 * - `"asked"`: what would have been answered if it had been done, with an id that is never reused
 * - `"before"`: to a change of a schedule or an index what it is still like, to anything else the same as `"asked"`
 * - `"empty"`: the status of a success, without a body
 * - `"page"`: 200 and a sign-in page in HTML, whatever was asked
 *
 * @category constructors
 * @since 0.1.0
 */
export const lyingSuccess = (options: {
  /** @default "asked" */
  readonly answer?: "asked" | "before" | "empty" | "page" | undefined
} = {}) => Fault.cases.LyingSuccess.make(Settings.defined(options))

/**
 * Restores a backup into an index whose records are not those of the backup, although the job completes. Anything but
 * `Backups.restore` stays as it is.
 *
 * **Example** (A copy without its last ten records)
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
 * Each flaw is optional, and several can be told at once. What is missing is neither counted nor listed nor fetched.
 *
 * - `empty`: there is no record; `lostNamespaces`: so many namespaces are lost, from the last by name on
 * - `missing`: so many records are missing, from the last of the last namespace on
 * - `vanish`: `records` more go in the same way, `after` that time from when the index was ready
 * - `statsDelay`: the counts take that time to grow from nothing to what there is; ids and records are there at once
 * - `dimension`: dense vectors have so many numbers, whatever the index says
 * - `values`: the numbers of vectors are `"zero"`, or `"nan"`, which JSON has as the text `"NaN"`
 * - `every`: one vector in so many is wrong in these two ways, instead of all
 *
 * An index that is seeded can have the same `flaws`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const flawedRestore = (flaws: Flaws) => Fault.cases.FlawedRestore.make(Records.fromInput(flaws))

/**
 * What is wrong with the records of a restored index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Flaws extends Records.FlawsInput {}

/**
 * Does what was asked, and shows backups as 2026-07 was seen to do at times: without tags, and without types in the schema.
 *
 * @category constructors
 * @since 0.1.0
 */
export const oldRows = Fault.cases.OldRows.make({})

/**
 * Does what was asked, and then fails: whoever sends the request again does it twice.
 *
 * @category constructors
 * @since 0.1.0
 */
export const afterCommit = (fault: typeof Simple.Type) => Fault.cases.AfterCommit.make({ fault })

// ============================================================================
// Rules
// ============================================================================

/**
 * An operation of either contract, by its name in errors and traces: `"Backups.create"`, `"IndexData.stats"`.
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = IndexDataApi.OperationName | PineconeApi.OperationName

/**
 * Schema for which requests a fault happens to.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Rule = Schema.Struct({
  /** An operation of the contract, or `"*"`: every request, also one of no operation. */
  operation: Schema.Literals(["*", ...Settings.Operation.literals]),
  fault: Fault,
  /** How many requests it happens to. If left out, one, or all `until` then. */
  times: Schema.optionalKey(
    Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)), Schema.Literal("always")])
  ),
  /** How many requests go past it before. None, if left out. */
  skip: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** When it ends, by the time of the service. */
  until: Schema.optionalKey(Schema.DateTimeUtcFromString)
})

/**
 * Which requests a fault happens to.
 *
 * @category models
 * @since 0.1.0
 */
export type Rule = typeof Rule.Type
