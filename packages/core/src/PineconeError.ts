/**
 * Everything an operation can fail with.
 *
 * One class per error code of Pinecone's API, so that `Effect.catchTag("PineconeNotFound", …)` reads like the
 * API's own documentation, and one class for each way of not getting an answer at all. The union
 * {@link PineconeError} is closed and the same for every operation: the service is known to answer
 * with codes that an endpoint's page does not list.
 *
 * Every tag begins with `Pinecone`. Applications and Effect's `HttpApiError` have a `NotFound` of their own, and catching
 * that one must leave these alone. The classes are flat in the error channel instead of being the `reason` of one error,
 * as in Effect's own modules, because the codes are what callers tell apart: one `catchTag` each, and the compiler knows
 * which are left.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as ConnectionCodes from "./internal/connection-codes.ts"

const TypeId = "~@pinecone-backups/core/PineconeError"

/**
 * What kind of problem an error is, for callers that decide by kind instead of by tag.
 *
 * - `auth`: the key is missing or wrong
 * - `permission`: the key is good but may not do this
 * - `quota`: the plan, a quota or an unpaid invoice forbids it
 * - `notFound`: the thing named does not exist
 * - `conflict`: the state of the thing named forbids it
 * - `validation`: the request is wrong, sent or not
 * - `throttling`: too many requests
 * - `server`: the service failed
 * - `transport`: the service could not be reached, or not in time
 * - `protocol`: the service answered with something that is not in its documentation
 *
 * @category models
 * @since 0.1.0
 */
export type Category =
  | "auth"
  | "permission"
  | "quota"
  | "notFound"
  | "conflict"
  | "validation"
  | "throttling"
  | "server"
  | "transport"
  | "protocol"

/**
 * The table of API errors: the tag of each class, the API's code, the HTTP status it comes with and
 * its category. The classes, the choice of a class for an answer and the table in the README follow
 * from it. Of the codes that share a status, the first is the one that the service really sends.
 *
 * Twenty codes belong to the error envelope of version 2026-04; `SERVICE_UNAVAILABLE` and
 * `PAYLOAD_TOO_LARGE` came with 2026-07. The status is the one the code was seen with, or the one its
 * name stands for where it was never seen.
 *
 * @category models
 * @since 0.1.0
 */
export const apiErrors = {
  Ok: { code: "OK", status: 200, category: "protocol" },
  InvalidArgument: { code: "INVALID_ARGUMENT", status: 400, category: "validation" },
  OutOfRange: { code: "OUT_OF_RANGE", status: 400, category: "validation" },
  Unauthenticated: { code: "UNAUTHENTICATED", status: 401, category: "auth" },
  PaymentRequired: { code: "PAYMENT_REQUIRED", status: 402, category: "quota" },
  PermissionDenied: { code: "PERMISSION_DENIED", status: 403, category: "permission" },
  Forbidden: { code: "FORBIDDEN", status: 403, category: "quota" },
  NotFound: { code: "NOT_FOUND", status: 404, category: "notFound" },
  AlreadyExists: { code: "ALREADY_EXISTS", status: 409, category: "conflict" },
  Aborted: { code: "ABORTED", status: 409, category: "conflict" },
  FailedPrecondition: { code: "FAILED_PRECONDITION", status: 412, category: "conflict" },
  PayloadTooLarge: { code: "PAYLOAD_TOO_LARGE", status: 413, category: "validation" },
  UnprocessableEntity: { code: "UNPROCESSABLE_ENTITY", status: 422, category: "validation" },
  ResourceExhausted: { code: "RESOURCE_EXHAUSTED", status: 429, category: "throttling" },
  QuotaExceeded: { code: "QUOTA_EXCEEDED", status: 429, category: "quota" },
  Unknown: { code: "UNKNOWN", status: 500, category: "server" },
  Internal: { code: "INTERNAL", status: 500, category: "server" },
  DataLoss: { code: "DATA_LOSS", status: 500, category: "server" },
  Unimplemented: { code: "UNIMPLEMENTED", status: 501, category: "server" },
  ServiceUnavailable: { code: "SERVICE_UNAVAILABLE", status: 503, category: "server" },
  Unavailable: { code: "UNAVAILABLE", status: 503, category: "server" },
  DeadlineExceeded: { code: "DEADLINE_EXCEEDED", status: 504, category: "server" }
} as const satisfies Record<
  string,
  { readonly code: string; readonly status: number; readonly category: Category }
>

/**
 * The names of the API errors: those of their classes, and their tags behind `Pinecone`.
 *
 * @category models
 * @since 0.1.0
 */
export type ApiErrorName = keyof typeof apiErrors

/**
 * Whether the same request may succeed when it is sent again, by its HTTP status: 408, 429 and 5xx
 * except 501. Whether sending it again is *safe* is another question, which depends on the operation.
 *
 * @category getters
 * @since 0.1.0
 */
export const isRetryableStatus = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status <= 599 && status !== 501)

/** What every class of this module can be asked, whatever it failed with. */
interface Members {
  readonly [TypeId]: typeof TypeId
  /** What kind of problem this is. */
  readonly category: Category
  /** Whether the same request may succeed when it is sent again. `false` for one that is in doubt. */
  readonly isRetryable: boolean
  /**
   * How many requests were sent, the last included. 0 if the turn of the first did not come in time; `undefined` if none was
   * to be sent, or it was not a request that failed.
   */
  readonly attempts: number | undefined
  /** The HTTP status of the answer, if there was one. */
  readonly status: number | undefined
  /** The request id of the answer, for a support ticket, if it has one. */
  readonly requestId: string | undefined
  /** How long the service asked to wait, in the `Retry-After` header, if it did. */
  readonly retryAfter: Duration.Duration | undefined
}

const common = {
  /** The operation that failed, as it appears in traces: `"BackupSchedules.history"`. */
  operation: Schema.String,
  /** One sentence for people. For an API error it is the service's own, so never match on it. */
  message: Schema.String
}

const sent = {
  ...common,
  attempts: Schema.Int,
  /**
   * Whether the request may have been carried out although nobody knows: the answer to a write was lost, and what it did
   * could not be looked for. Sending it again may make a second one. A deletion is in doubt when every attempt was lost.
   */
  inDoubt: Schema.optional(Schema.Boolean)
}

const answered = {
  ...sent,
  status: Schema.Int,
  requestId: Schema.optional(Schema.String),
  /** The beginning of the body, when it was not the documented error envelope. Cut after 1,000 characters. */
  body: Schema.optional(Schema.String)
}

const apiErrorFields = {
  ...answered,
  /**
   * The `details` object of the error envelope, if there was one. No documented answer of the control plane has it. Of
   * an error of the data plane, which has no envelope, its number and its details: `{ code: 5, details: [] }`.
   */
  details: Schema.optional(Schema.Json),
  retryAfter: Schema.optional(Schema.Duration),
  /**
   * What to try, when the answer hints at a wrong setting of this client, or asks for a longer wait than the retry policy
   * allows.
   */
  hint: Schema.optional(Schema.String)
}

/** The names of the classes of this module, which are their tags without the prefix. */
type Tag<Name extends string> = `Pinecone${Name}`

/** What a class says of its errors. */
type Traits = Pick<Members, "category" | "isRetryable">

/** What that rests on. */
interface Outcome {
  readonly status?: number
  readonly code?: string | undefined
  readonly inDoubt?: boolean | undefined
}

type ErrorClass<Self, Name extends string, Fields extends Schema.Struct.Fields, Own> = Schema.Class<
  Self,
  Schema.TaggedStruct<Tag<Name>, Fields>,
  Cause.YieldableError & Members & Own
>

/**
 * Makes the class of an error. What its fields leave out of {@link Members} is `undefined`, on the prototype, so that
 * an error prints what is known of it and nothing else.
 */
const makeClass =
  <Self>() =>
  <const Name extends string, Fields extends Schema.Struct.Fields, const Own extends Traits>(
    name: Name,
    fields: Fields,
    traitsOf: (error: Outcome) => Own
  ): ErrorClass<Self, Name, Fields, Own> => {
    // Of fields that are a type parameter, TypeScript does not see that a class may have members beside them.
    const given: Schema.Struct.Fields = fields
    class Base extends Schema.TaggedError<Base>(`PineconeError/${name}`)(`Pinecone${name}` as string, given) {
      get [TypeId]() {
        return TypeId
      }
      get category() {
        return traitsOf(this as Outcome).category
      }
      get isRetryable() {
        return traitsOf(this as Outcome).isRetryable
      }
    }
    for (const member of ["attempts", "status", "requestId", "retryAfter"]) {
      if (!(member in fields)) Object.defineProperty(Base.prototype, member, { value: undefined })
    }
    // A class cannot extend a type parameter, so the class that will extend `Base` is named here.
    return Base as unknown as ErrorClass<Self, Name, Fields, Own>
  }

/** The traits of an error answer. */
const ofAnswer = <C extends Category>(category: C, { inDoubt, status = 0 }: Outcome) => ({
  category,
  isRetryable: isRetryableStatus(status) && inDoubt !== true
})

/** The traits of an error without an answer. */
const ofTransport = ({ inDoubt }: Outcome) => ({ category: "transport" as const, isRetryable: inDoubt !== true })

/** The traits of an error that stays, however often the request is sent. */
const lasting = <const C extends Category>(category: C) => () => ({ category, isRetryable: false as const })

/** The fields of an API error class, with the code of the error envelope that it stands for. */
type ApiErrorFields<Name extends ApiErrorName> = typeof apiErrorFields & {
  readonly code: Schema.tag<(typeof apiErrors)[Name]["code"]>
}

const apiError = <Self>() => <const Name extends ApiErrorName>(name: Name) => {
  const { category, code }: (typeof apiErrors)[Name] = apiErrors[name]
  const fields: ApiErrorFields<Name> = { ...apiErrorFields, code: Schema.tag(code) }
  return makeClass<Self>()(name, fields, (error) => ofAnswer<(typeof apiErrors)[Name]["category"]>(category, error))
}

/**
 * An error whose code is `OK`. The table of codes lists it; no endpoint is known to send it.
 *
 * @category errors
 * @since 0.1.0
 */
export class Ok extends apiError<Ok>()("Ok") {}

/**
 * The request is not valid: a name, a limit, a page token, a retention out of range, or an index of a
 * kind that cannot be backed up.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidArgument extends apiError<InvalidArgument>()("InvalidArgument") {}

/**
 * A value lies outside the range the service accepts.
 *
 * @category errors
 * @since 0.1.0
 */
export class OutOfRange extends apiError<OutOfRange>()("OutOfRange") {}

/**
 * The API key is missing or wrong.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unauthenticated extends apiError<Unauthenticated>()("Unauthenticated") {}

/**
 * The organization has overdue invoices.
 *
 * @category errors
 * @since 0.1.0
 */
export class PaymentRequired extends apiError<PaymentRequired>()("PaymentRequired") {}

/**
 * The key lacks a permission, or the plan does not include the operation.
 *
 * @category errors
 * @since 0.1.0
 */
export class PermissionDenied extends apiError<PermissionDenied>()("PermissionDenied") {}

/**
 * A quota of the project is used up (backups, indexes), or deletion protection is on.
 *
 * @category errors
 * @since 0.1.0
 */
export class Forbidden extends apiError<Forbidden>()("Forbidden") {}

/**
 * What the request names does not exist. A restore job also answers this once its target index is
 * deleted, and may for a short while after it was started.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends apiError<NotFound>()("NotFound") {}

/**
 * There is one already: an enabled schedule on the index, or an index of that name.
 *
 * @category errors
 * @since 0.1.0
 */
export class AlreadyExists extends apiError<AlreadyExists>()("AlreadyExists") {}

/**
 * The service gave the operation up because of a concurrent one.
 *
 * @category errors
 * @since 0.1.0
 */
export class Aborted extends apiError<Aborted>()("Aborted") {}

/**
 * The state of the thing named does not allow the operation: a backup that is not ready, or one that
 * a pending restore job needs.
 *
 * @category errors
 * @since 0.1.0
 */
export class FailedPrecondition extends apiError<FailedPrecondition>()("FailedPrecondition") {}

/**
 * The request body is too large.
 *
 * @category errors
 * @since 0.1.0
 */
export class PayloadTooLarge extends apiError<PayloadTooLarge>()("PayloadTooLarge") {}

/**
 * The request body could not be decoded, or a required field is missing.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnprocessableEntity extends apiError<UnprocessableEntity>()("UnprocessableEntity") {}

/**
 * Too many requests. `retryAfter` says how long to wait, if the service did.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResourceExhausted extends apiError<ResourceExhausted>()("ResourceExhausted") {}

/**
 * A quota is exceeded. Seen with status 429 and with 403: only the former is retryable.
 *
 * @category errors
 * @since 0.1.0
 */
export class QuotaExceeded extends apiError<QuotaExceeded>()("QuotaExceeded") {}

/**
 * The service failed. This is the code it uses for every internal error.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unknown extends apiError<Unknown>()("Unknown") {}

/**
 * The service failed. Listed, but `UNKNOWN` is the code that is really sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class Internal extends apiError<Internal>()("Internal") {}

/**
 * The service lost or corrupted data.
 *
 * @category errors
 * @since 0.1.0
 */
export class DataLoss extends apiError<DataLoss>()("DataLoss") {}

/**
 * The service does not implement the operation.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unimplemented extends apiError<Unimplemented>()("Unimplemented") {}

/**
 * The service is not available for the moment (version 2026-07).
 *
 * @category errors
 * @since 0.1.0
 */
export class ServiceUnavailable extends apiError<ServiceUnavailable>()("ServiceUnavailable") {}

/**
 * The service is not available for the moment (up to version 2026-04), or a gateway could not reach it.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unavailable extends apiError<Unavailable>()("Unavailable") {}

/**
 * The service, or a gateway in front of it, ran out of time.
 *
 * @category errors
 * @since 0.1.0
 */
export class DeadlineExceeded extends apiError<DeadlineExceeded>()("DeadlineExceeded") {}

/** Every API error class, by tag. */
const apiErrorClasses = {
  Ok,
  InvalidArgument,
  OutOfRange,
  Unauthenticated,
  PaymentRequired,
  PermissionDenied,
  Forbidden,
  NotFound,
  AlreadyExists,
  Aborted,
  FailedPrecondition,
  PayloadTooLarge,
  UnprocessableEntity,
  ResourceExhausted,
  QuotaExceeded,
  Unknown,
  Internal,
  DataLoss,
  Unimplemented,
  ServiceUnavailable,
  Unavailable,
  DeadlineExceeded
} satisfies { readonly [Name in ApiErrorName]: new(...args: never) => { readonly _tag: Tag<Name> } }

/**
 * An error with a code that this version of the library does not know, or with neither a code nor a
 * status that says what it means. Its category follows from the status.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnrecognizedError extends makeClass<UnrecognizedError>()("UnrecognizedError", {
  ...apiErrorFields,
  /** The code as the service sent it, if it sent one. */
  code: Schema.optional(Schema.String)
}, (error) => ofAnswer(categoryOfStatus(error.status), error)) {}

/**
 * No answer, or not all of it: the connection was refused, reset or could not be secured, or the name did not
 * resolve. The message names the chain of causes; the request itself is not kept, because it holds the key.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionFailed extends makeClass<ConnectionFailed>()("ConnectionFailed", {
  ...sent,
  /**
   * The code of the innermost cause: `"ECONNREFUSED"`, `"ENOTFOUND"`, … A port that `fetch` refuses is `"ERR_SOCKET_BAD_PORT"`
   * everywhere. Certificates and ports that are refused stay so.
   */
  code: Schema.optional(Schema.String),
  /** What to try, when a browser keeps the reason to itself: most often the host sends no CORS headers. */
  hint: Schema.optional(Schema.String)
}, ({ code, inDoubt }) => ({
  category: "transport" as const,
  isRetryable: inDoubt !== true && !ConnectionCodes.isFinal(code)
})) {}

/**
 * No complete response within the time allowed for one request. Whether the service has done what was
 * asked is not known. If `attempts` is 0, nothing was sent: the turn of the request did not come within the `deadline` of the
 * call.
 *
 * @category errors
 * @since 0.1.0
 */
export class RequestTimedOut extends makeClass<RequestTimedOut>()("RequestTimedOut", {
  ...sent,
  /** The time that was allowed. */
  timeout: Schema.Duration
}, ofTransport) {}

/**
 * The service reported success, with a body that does not fit the contract.
 *
 * @category errors
 * @since 0.1.0
 */
export class MalformedResponse extends makeClass<MalformedResponse>()("MalformedResponse", {
  ...answered,
  /** The first field that does not fit, in the API's own names: `"data[3].backup_id"`. */
  field: Schema.optional(Schema.String)
}, lasting("protocol")) {}

/**
 * The pages of a list do not end: a page token came a second time, or page after page brought nothing
 * new. The rows before it were delivered.
 *
 * @category errors
 * @since 0.1.0
 */
export class PaginationLoop extends makeClass<PaginationLoop>()("PaginationLoop", {
  ...common,
  /** How many pages were read. */
  pages: Schema.Int
}, lasting("protocol")) {}

/**
 * The call is wrong, and nothing was sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidInput extends makeClass<InvalidInput>()("InvalidInput", {
  ...common,
  /**
   * What is wrong: the option, as the caller writes it, `"pageSize"` or `"retry.times"`; of an id or a name of an index, the
   * API's own name, `"schedule_id"`. `PineconeClient.execute` has the names of the contract.
   */
  field: Schema.String
}, lasting("validation")) {}

/**
 * The host that the service names for the data of an index is not one the key may go to, or there is none yet. Nothing
 * was sent there.
 *
 * @category errors
 * @since 0.1.0
 */
export class HostRefused extends makeClass<HostRefused>()("HostRefused", {
  ...common,
  /** The host as the service named it, cut after 200 characters; missing if it named none, as for an index that is new. */
  host: Schema.optional(Schema.String)
}, lasting("protocol")) {}

/**
 * The error of a call in which a field is wrong. For services of your own that refuse it before anything is sent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const invalidInput = (operation: string, field: string, problem: string): InvalidInput =>
  new InvalidInput({ operation, field, message: `${field}: ${problem}` })

/**
 * The errors that carry a code of Pinecone's API.
 *
 * @category errors
 * @since 0.1.0
 */
export type ApiError = InstanceType<(typeof apiErrorClasses)[ApiErrorName]>

/**
 * Everything an operation can fail with.
 *
 * @category errors
 * @since 0.1.0
 */
export type PineconeError =
  | ApiError
  | UnrecognizedError
  | ConnectionFailed
  | RequestTimedOut
  | MalformedResponse
  | InvalidInput
  | HostRefused

/**
 * Everything that a list which is read to its end can fail with.
 *
 * @category errors
 * @since 0.1.0
 */
export type ListError = PineconeError | PaginationLoop

/**
 * Whether a value is one of the errors that every operation can fail with.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPineconeError = (u: unknown): u is PineconeError => isListError(u) && !(u instanceof PaginationLoop)

/**
 * Whether a value is one of the errors of this module.
 *
 * @category guards
 * @since 0.1.0
 */
export const isListError = (u: unknown): u is ListError => Predicate.hasProperty(u, TypeId)

const names = Object.keys(apiErrors) as ReadonlyArray<ApiErrorName>

const nameOfCode = (code: string): ApiErrorName | undefined => names.find((name) => apiErrors[name].code === code)

/**
 * The class for an answer without a usable code: the first of its status in the table. Success is no error, whatever
 * `Ok` says, and a 5xx without a meaning of its own is a gateway's.
 */
const nameOfStatus = (status: number): ApiErrorName | undefined =>
  status === 408
    ? "DeadlineExceeded"
    : names.find((name) => name !== "Ok" && apiErrors[name].status === status) ??
      (status >= 500 && status <= 599 ? "Unavailable" : undefined)

const categoryOfStatus = (status = 0): Exclude<Category, "transport"> => {
  const tag = nameOfStatus(status)
  if (tag !== undefined) return apiErrors[tag].category
  return status >= 400 && status <= 499 ? "validation" : "protocol"
}

/**
 * The error for an answer of the service. A code decides the class if there is one, known or not;
 * without one the HTTP status does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromAnswer = (
  code: string | undefined,
  answer: Omit<ConstructorParameters<typeof UnrecognizedError>[0], "code" | "_tag">
): ApiError | UnrecognizedError => {
  const tag = code === undefined ? nameOfStatus(answer.status) : nameOfCode(code)
  return tag === undefined
    ? new UnrecognizedError(code === undefined ? answer : { ...answer, code })
    : new apiErrorClasses[tag](answer)
}
