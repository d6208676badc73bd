/**
 * Errors of all operations.
 *
 * **Details**
 *
 * The module has one class per error code of Pinecone's API, so that `Effect.catchTag("PineconeNotFound", …)` reads
 * like the API documentation, and one class for each kind of failure without a usable response. The union
 * {@link PineconeError} is closed and the same for every operation, because the service returns codes that the
 * documentation of an endpoint does not list.
 *
 * Every tag starts with `Pinecone`. Applications and Effect's `HttpApiError` have their own `NotFound`, and catching
 * that error must not catch the errors of this module. The errors are not grouped as the `reason` of a single error, as
 * in Effect's own modules, because callers distinguish the codes: each code needs only one `catchTag`, and the compiler
 * knows which errors remain.
 *
 * **Example** (Handling errors by tag and by category)
 *
 * ```ts
 * import * as Backup from "@pinecone-backups/core/Backup"
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * const statusOf = Effect.fn(
 *   function*(id: string) {
 *     const backups = yield* Backups.Backups
 *     const { status } = yield* backups.describe(Backup.BackupId.make(id))
 *     return status
 *   },
 *   Effect.catchTag("PineconeNotFound", () => Effect.succeed("deleted")),
 *   Effect.catch((error) => Effect.succeed(`unknown: ${error.category}`))
 * )
 *
 * export const program = Effect.gen(function*() {
 *   yield* Console.log(yield* statusOf("d2f4a908")) // => Ready
 *   yield* Console.log(yield* statusOf("00000000")) // => deleted
 *   yield* Console.log(yield* statusOf("")) // => unknown: validation
 * })
 * ```
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
 * The category of an error, for callers that do not distinguish tags.
 *
 * - `auth`: the API key is missing or invalid
 * - `permission`: the API key is valid, but does not have the permission
 * - `quota`: the plan, a quota or an unpaid invoice prevents the operation
 * - `notFound`: the resource does not exist
 * - `conflict`: the state of the resource prevents the operation
 * - `validation`: the request is invalid, whether it was sent or not
 * - `throttling`: too many requests
 * - `server`: the service failed
 * - `transport`: the service could not be reached, or did not respond in time
 * - `protocol`: the response does not match the documentation of the service
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
 * The table of API errors: the class, the API's code, the HTTP status and the category of each error.
 *
 * **Details**
 *
 * The classes, the choice of the class for a response, and the table in the README are derived from it. If several
 * codes share a status, the first is the code that the service uses.
 *
 * Twenty codes belong to the error envelope of version 2026-04; `SERVICE_UNAVAILABLE` and `PAYLOAD_TOO_LARGE` were
 * added in 2026-07. The status is the observed status of the code, or the status that its name implies if the code was
 * not observed.
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
 * The names of the API errors: the names of their classes, and their tags without the prefix `Pinecone`.
 *
 * @category models
 * @since 0.1.0
 */
export type ApiErrorName = keyof typeof apiErrors

/**
 * Returns `true` if a request that failed with an HTTP status may succeed when it is retried: 408, 429 and 5xx except
 * 501.
 *
 * **Gotchas**
 *
 * Whether a retry is *safe* depends on the operation.
 *
 * @category getters
 * @since 0.1.0
 */
export const isRetryableStatus = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status <= 599 && status !== 501)

/** The members of every error of this module. */
interface Members {
  readonly [TypeId]: typeof TypeId
  /** The category of the error. */
  readonly category: Category
  /** `true` if the same request may succeed when it is retried. `false` if the error is in doubt. */
  readonly isRetryable: boolean
  /**
   * Number of requests sent, including the last. 0 if the rate limit did not admit the first request in time;
   * `undefined` if the call was rejected before sending a request, or if the error is not that of a single request.
   */
  readonly attempts: number | undefined
  /** The HTTP status of the response, if there was a response. */
  readonly status: number | undefined
  /** The request ID of the response, if any. Include it in support tickets. */
  readonly requestId: string | undefined
  /** The delay in the `Retry-After` header of the response, if any. */
  readonly retryAfter: Duration.Duration | undefined
}

const common = {
  /** The name of the failed operation, as in traces: `"BackupSchedules.history"`. */
  operation: Schema.String,
  /** A readable sentence. For an API error, the message of the service: do not match on it. */
  message: Schema.String
}

const sent = {
  ...common,
  attempts: Schema.Int,
  /**
   * `true` if the request may have taken effect: the response to a write was lost, and the result could not be looked
   * up. A retry may create a duplicate. A deletion is in doubt if the response to every attempt was lost.
   */
  inDoubt: Schema.optional(Schema.Boolean)
}

const answered = {
  ...sent,
  status: Schema.Int,
  requestId: Schema.optional(Schema.String),
  /** The first 1,000 characters of the body, if it was not the documented error envelope. */
  body: Schema.optional(Schema.String)
}

const apiErrorFields = {
  ...answered,
  /**
   * The `details` of the error envelope, if any. The documented responses of the control plane have none.
   *
   * **Details**
   *
   * Errors of the data plane have no envelope. Their `details` are the number and the details of the error, for example
   * `{ code: 5, details: [] }`.
   */
  details: Schema.optional(Schema.Json),
  retryAfter: Schema.optional(Schema.Duration),
  /**
   * A suggested fix, if the response indicates an invalid setting of this client, or requests a longer delay than the
   * retry policy allows.
   */
  hint: Schema.optional(Schema.String)
}

/** The tag of a class, which is its name with the prefix. */
type Tag<Name extends string> = `Pinecone${Name}`

/** The members that depend on the class. */
type Traits = Pick<Members, "category" | "isRetryable">

/** The fields that determine the traits. */
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
 * Creates the class of an error.
 *
 * **Details**
 *
 * Members that are not fields of the class are `undefined` on the prototype, so that printing an error shows only its
 * fields.
 */
const makeClass =
  <Self>() =>
  <const Name extends string, Fields extends Schema.Struct.Fields, const Own extends Traits>(
    name: Name,
    fields: Fields,
    traitsOf: (error: Outcome) => Own
  ): ErrorClass<Self, Name, Fields, Own> => {
    // TypeScript does not allow additional members in a class whose fields are a type parameter.
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
    // A class cannot extend a type parameter, so cast `Base` to the type of the class that extends it.
    return Base as unknown as ErrorClass<Self, Name, Fields, Own>
  }

/** The traits of an error response. */
const ofAnswer = <C extends Category>(category: C, { inDoubt, status = 0 }: Outcome) => ({
  category,
  isRetryable: isRetryableStatus(status) && inDoubt !== true
})

/** The traits of an error without a response. */
const ofTransport = ({ inDoubt }: Outcome) => ({ category: "transport" as const, isRetryable: inDoubt !== true })

/** The traits of an error that a retry cannot fix. */
const lasting = <const C extends Category>(category: C) => () => ({ category, isRetryable: false as const })

/** The fields of an API error class, including its code in the error envelope. */
type ApiErrorFields<Name extends ApiErrorName> = typeof apiErrorFields & {
  readonly code: Schema.tag<(typeof apiErrors)[Name]["code"]>
}

const apiError = <Self>() => <const Name extends ApiErrorName>(name: Name) => {
  const { category, code }: (typeof apiErrors)[Name] = apiErrors[name]
  const fields: ApiErrorFields<Name> = { ...apiErrorFields, code: Schema.tag(code) }
  return makeClass<Self>()(name, fields, (error) => ofAnswer<(typeof apiErrors)[Name]["category"]>(category, error))
}

/**
 * An error with the code `OK`. The code is listed in the documentation, but no endpoint is known to return it.
 *
 * @category errors
 * @since 0.1.0
 */
export class Ok extends apiError<Ok>()("Ok") {}

/**
 * The request is invalid: a name, a limit, a page token, a retention out of range, or an index that cannot be backed
 * up.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidArgument extends apiError<InvalidArgument>()("InvalidArgument") {}

/**
 * A value is outside the range that the service accepts.
 *
 * @category errors
 * @since 0.1.0
 */
export class OutOfRange extends apiError<OutOfRange>()("OutOfRange") {}

/**
 * The API key is missing or invalid.
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
 * The API key lacks a permission, or the plan does not include the operation.
 *
 * @category errors
 * @since 0.1.0
 */
export class PermissionDenied extends apiError<PermissionDenied>()("PermissionDenied") {}

/**
 * A quota of the project is used up (backups, indexes), or deletion protection is enabled.
 *
 * @category errors
 * @since 0.1.0
 */
export class Forbidden extends apiError<Forbidden>()("Forbidden") {}

/**
 * The resource does not exist.
 *
 * **Gotchas**
 *
 * A restore job is also not found after its target index was deleted, and may not be found for a moment after its
 * start.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends apiError<NotFound>()("NotFound") {}

/**
 * The resource already exists: an enabled schedule of the index, or an index with that name.
 *
 * @category errors
 * @since 0.1.0
 */
export class AlreadyExists extends apiError<AlreadyExists>()("AlreadyExists") {}

/**
 * The service aborted the operation because of a concurrent operation.
 *
 * @category errors
 * @since 0.1.0
 */
export class Aborted extends apiError<Aborted>()("Aborted") {}

/**
 * The state of the resource does not allow the operation: a backup is not ready, or a pending restore job needs it.
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
 * Too many requests. `retryAfter` is the requested delay, if the service sent a delay.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResourceExhausted extends apiError<ResourceExhausted>()("ResourceExhausted") {}

/**
 * A quota is exceeded. Observed with status 429, which is retryable, and with status 403, which is not.
 *
 * @category errors
 * @since 0.1.0
 */
export class QuotaExceeded extends apiError<QuotaExceeded>()("QuotaExceeded") {}

/**
 * The service failed. The service uses this code for every internal error.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unknown extends apiError<Unknown>()("Unknown") {}

/**
 * The service failed. The code is listed in the documentation, but the service uses `UNKNOWN`.
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
 * The service is temporarily unavailable (version 2026-07).
 *
 * @category errors
 * @since 0.1.0
 */
export class ServiceUnavailable extends apiError<ServiceUnavailable>()("ServiceUnavailable") {}

/**
 * The service is temporarily unavailable (up to version 2026-04), or a gateway could not reach it.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unavailable extends apiError<Unavailable>()("Unavailable") {}

/**
 * The service, or a gateway in front of it, timed out.
 *
 * @category errors
 * @since 0.1.0
 */
export class DeadlineExceeded extends apiError<DeadlineExceeded>()("DeadlineExceeded") {}

/** The API error classes by name. */
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
 * An error with an unknown code, or without a code and with a status that does not identify the error. The category is
 * derived from the status.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnrecognizedError extends makeClass<UnrecognizedError>()("UnrecognizedError", {
  ...apiErrorFields,
  /** The code in the response, if any. */
  code: Schema.optional(Schema.String)
}, (error) => ofAnswer(categoryOfStatus(error.status), error)) {}

/**
 * The connection failed before the response was complete: it was refused, reset or could not be secured, or the host
 * name did not resolve.
 *
 * **Details**
 *
 * The message lists the chain of causes. The request is not included, because it contains the API key.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionFailed extends makeClass<ConnectionFailed>()("ConnectionFailed", {
  ...sent,
  /**
   * The code of the innermost cause: `"ECONNREFUSED"`, `"ENOTFOUND"`, … A port that `fetch` blocks is
   * `"ERR_SOCKET_BAD_PORT"` in every runtime. Invalid certificates and blocked ports are not retryable.
   */
  code: Schema.optional(Schema.String),
  /** A suggested fix, if a browser hides the cause: usually, the host does not send CORS headers. */
  hint: Schema.optional(Schema.String)
}, ({ code, inDoubt }) => ({
  category: "transport" as const,
  isRetryable: inDoubt !== true && !ConnectionCodes.isFinal(code)
})) {}

/**
 * The response did not arrive completely within the timeout of one request.
 *
 * **Details**
 *
 * The request may have taken effect. If `attempts` is 0, nothing was sent: the rate limit did not admit the request
 * within the `deadline` of the call.
 *
 * @category errors
 * @since 0.1.0
 */
export class RequestTimedOut extends makeClass<RequestTimedOut>()("RequestTimedOut", {
  ...sent,
  /** The timeout that was exceeded. */
  timeout: Schema.Duration
}, ofTransport) {}

/**
 * The service returned success with a body that does not match the contract.
 *
 * @category errors
 * @since 0.1.0
 */
export class MalformedResponse extends makeClass<MalformedResponse>()("MalformedResponse", {
  ...answered,
  /** The first field that does not match, in the API's spelling: `"data[3].backup_id"`. */
  field: Schema.optional(Schema.String)
}, lasting("protocol")) {}

/**
 * The pages of a list do not end: a page token was repeated, or page after page had no new rows. All rows before the
 * error were emitted.
 *
 * @category errors
 * @since 0.1.0
 */
export class PaginationLoop extends makeClass<PaginationLoop>()("PaginationLoop", {
  ...common,
  /** Number of pages read. */
  pages: Schema.Int
}, lasting("protocol")) {}

/**
 * The input of the call is invalid. Nothing was sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidInput extends makeClass<InvalidInput>()("InvalidInput", {
  ...common,
  /**
   * The invalid field: an option as the caller writes it, such as `"pageSize"` or `"retry.times"`; for an ID or the
   * name of an index, the API's name, such as `"schedule_id"`. `PineconeClient.execute` uses the names of the contract.
   */
  field: Schema.String
}, lasting("validation")) {}

/**
 * The API key must not be sent to the host that the service returned for the data of an index, or the index has no host
 * yet. Nothing was sent to that host.
 *
 * @category errors
 * @since 0.1.0
 */
export class HostRefused extends makeClass<HostRefused>()("HostRefused", {
  ...common,
  /**
   * The host that the service returned, cut after 200 characters. Missing if the index has no host, for example because
   * it is new.
   */
  host: Schema.optional(Schema.String)
}, lasting("protocol")) {}

/**
 * Creates the error of a call with an invalid field. For your own services that validate input before sending it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const invalidInput = (operation: string, field: string, problem: string): InvalidInput =>
  new InvalidInput({ operation, field, message: `${field}: ${problem}` })

/**
 * The errors with a code of Pinecone's API.
 *
 * @category errors
 * @since 0.1.0
 */
export type ApiError = InstanceType<(typeof apiErrorClasses)[ApiErrorName]>

/**
 * The errors of a single request.
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
 * The errors of reading a complete list.
 *
 * @category errors
 * @since 0.1.0
 */
export type ListError = PineconeError | PaginationLoop

/**
 * Returns `true` if a value is an error of a single request: any error of this module except `PaginationLoop`.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPineconeError = (u: unknown): u is PineconeError => isListError(u) && !(u instanceof PaginationLoop)

/**
 * Returns `true` if a value is an error of this module.
 *
 * @category guards
 * @since 0.1.0
 */
export const isListError = (u: unknown): u is ListError => Predicate.hasProperty(u, TypeId)

const names = Object.keys(apiErrors) as ReadonlyArray<ApiErrorName>

const nameOfCode = (code: string): ApiErrorName | undefined => names.find((name) => apiErrors[name].code === code)

/**
 * The class for a response without a known code: the first class in the table with its status.
 *
 * **Details**
 *
 * `Ok` is never chosen, because a successful status is not an error. Any other 5xx status comes from a gateway.
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
 * Creates the error for a response of the service.
 *
 * **Details**
 *
 * The code determines the class, and an unknown code results in `UnrecognizedError`. Without a code, the HTTP status
 * determines the class.
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
