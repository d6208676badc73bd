/**
 * The form of the HTTP contract, which is plain data: endpoints with paths, parameters, bodies and statuses, each
 * described once. Every group of endpoints has its own module, so that a program loads only the models of the services
 * that it uses. `PineconeApi` builds an `HttpApi` from all groups. The client uses only the data, so that programs that
 * only make calls do not load routing and documentation.
 */
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as Wire from "../codec/wire.ts"

/** Fields of a path or a query, by name. */
type Parameters<Encoded> = Readonly<Record<string, Schema.Codec<unknown, Encoded>>>

export interface Endpoint {
  /** The group, usually the name of its service. With `name`, the operation in errors and traces: `group.name`. */
  readonly group: string
  readonly name: string
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  /** With parameter names: `"/backups/:backup_id"`. */
  readonly path: `/${string}`
  /** Set for a read whose method is not GET. */
  readonly isRead?: true
  /** Schemas of the parameters in the path. A value that a URL would change, such as a lone surrogate, is `InvalidInput`. */
  readonly params?: Parameters<string | number | boolean>
  /** Schemas of the parameters in the query, with the same rule. An array is sent as a repeated parameter. */
  readonly query?: Parameters<string | number | boolean | ReadonlyArray<string>>
  /** Schema of the request body. A value that JSON would change, such as `NaN`, is `InvalidInput`. */
  readonly payload?: Schema.Codec<unknown, Schema.Json>
  /** Schema of a successful response, if it has a body. */
  readonly success?: Schema.Decoder<unknown>
  /** Fields of the model, or of each row of a page, that must repeat a parameter, by parameter. */
  readonly echoes?: Readonly<Record<string, string>>
  /** Status of a successful response. Defaults to 200. */
  readonly status?: number
  /** Documented error statuses. 401 and 500 are possible everywhere. */
  readonly errors: ReadonlyArray<number>
}

/** Returns the name of an operation in errors and traces. */
export const operationOf = ({ group, name }: Pick<Endpoint, "group" | "name">): string => `${group}.${name}`

// ============================================================================
// Constructors
// ============================================================================

type Unnamed = Omit<Endpoint, "group" | "name">

/** Keeps the types of the parts. */
export const endpoint = <
  const Method extends Endpoint["method"],
  const Path extends Endpoint["path"],
  Parts extends Omit<Unnamed, "method" | "path">
>(method: Method, path: Path, parts: Parts) => ({ method, path, ...parts })

/** Adds the name of their group, and their own, to endpoints. */
export const group = <const Group extends string, const Endpoints extends Readonly<Record<string, Unnamed>>>(
  group: Group,
  endpoints: Endpoints
) =>
  Record.map(endpoints, (endpoint, name) => ({ group, name, ...endpoint })) as {
    readonly [Name in keyof Endpoints]: Endpoints[Name] & { readonly group: Group; readonly name: Name }
  }

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

/** Returns the problem with a value in a path, if any. `.` and `..` would be resolved away. */
export const wrongInPath = (text: string): string | undefined =>
  text === ""
    ? "must not be empty"
    : text === "." || text === ".."
    ? `must not be "${text}"`
    : notWellFormed(text)

/** An ID in a path. */
export const inPath = <S extends Schema.Codec<string, string>>(id: S) => check(id, wrongInPath)

export const atLeast1 = Schema.Int.check(
  Schema.isGreaterThanOrEqualTo(1, { message: "must be a whole number, 1 or more" })
)

export const pagination = {
  limit: Schema.optionalKey(atLeast1),
  paginationToken: Schema.optionalKey(
    check(Schema.String, (token) => token === "" ? "must not be empty" : notWellFormed(token))
  )
}

/** A paginated list. */
export const pagesOf = <Row extends Schema.Constraint>(row: Row) => ({ query: pagination, success: PageEnvelope(row) })
