import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Host from "../../Host.ts"
import * as PineconeError from "../../PineconeError.ts"
import * as RetryPolicy from "../../RetryPolicy.ts"
import * as Versions from "../contract/versions.ts"
import { PositiveDurationInput } from "../duration.ts"
import * as Response from "./response.ts"

/** Text that is safe in an HTTP header. The message never repeats the key. */
const isHeaderText = Schema.makeFilter((key: string) =>
  key === ""
    ? "must not be empty"
    : /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(key) ||
      "must be visible ASCII characters, without spaces, quotes and backslashes"
)

const Key = Schema.declare(Predicate.isString, { expected: "a Redacted value that contains a string" }).check(
  isHeaderText
)

/**
 * Creates the schema of a key in the configuration. Surrounding white space is removed, because a key read from a file
 * often ends with a line break. Errors do not contain the rejected key.
 */
export const makeConfigKey = () => Schema.RedactedFromValue(Schema.Trim.check(isHeaderText), { label: "api-key" })

const urlOf = (host: string): URL | undefined =>
  Option.getOrUndefined(Option.liftThrowable((text: string) => new URL(text))(host))

/** Returns `true` for a valid URL that needs permission because it is not encrypted. */
export const isInsecure = (host: string): boolean => {
  const url = urlOf(host)
  return url !== undefined && Host.isInsecure(url)
}

/**
 * URL of the API. It must be encrypted, because the key is sent there, unless the caller allows otherwise. `allowance`
 * is the option that allows it.
 */
export const makeHost = (allowsInsecure: boolean, allowance: string) =>
  Schema.String.check(
    Schema.makeFilter((host: string) => {
      const url = urlOf(host)
      return url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")
        ? "must be a URL like https://api.pinecone.io"
        : Host.isInsecure(url) && !allowsInsecure
        ? `must be https: an unencrypted connection would expose the API key; ${allowance} allows it`
        : url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== ""
        ? "must not have credentials, a query or a fragment"
        : undefined
    })
  )

/** Domain name. IP addresses are rejected because they have no subdomains. */
const Domain = Schema.String.check(
  Schema.makeFilter((name: string) =>
    (/^([a-z0-9-]+\.)*[a-z0-9-]+$/.test(name) && !/(^|\.)\d+$/.test(name)) ||
    "must be the name of a domain in lower case, such as example.com"
  )
)

const AnyFunction = Schema.declare(Predicate.isFunction, { expected: "a function" })

const RateLimit = Schema.declare(
  (u): u is object => Predicate.hasProperty(u, "take") && Predicate.isFunction(u.take),
  { expected: "a rate limit, as created by RateLimit.make" }
)

/** The options of a connection, before they are validated. */
type Input = Readonly<
  Partial<
    Record<
      | "apiKey"
      | "host"
      | "allowInsecureHost"
      | "indexDomains"
      | "apiVersion"
      | "requestTimeout"
      | "retry"
      | "onRetry"
      | "rateLimit"
      | "tracePropagation"
      | "transformClient",
      unknown
    >
  >
>

/** Validated options, with their defaults. */
export interface Settings {
  readonly apiKey: string
  readonly apiVersion: typeof Versions.ApiVersion.Type
  /** URL of the API. */
  readonly url: URL
  /** The URL as a string without a slash at the end, to append paths to. */
  readonly base: string
  /** Domains that may serve the data of indexes, besides Pinecone's own. */
  readonly indexDomains: ReadonlyArray<string>
  readonly requestTimeout: Duration.Duration
  readonly retry: RetryPolicy.RetryPolicy
  /** Removes the key from a text. */
  readonly scrub: Response.Scrub
}

const checkOf =
  (operation: string) => <A>(field: keyof Input | "deadline", schema: Schema.Decoder<A>, input: unknown) =>
    Effect.mapError(Schema.decodeUnknownEffect(schema)(input), ({ issue }) => {
      const wrong = Response.firstIssue(issue, identity)
      const path = /^(\[|$)/.test(wrong.field) ? `${field}${wrong.field}` : `${field}.${wrong.field}`
      return PineconeError.invalidInput(operation, path, wrong.message)
    })

const check = checkOf("PineconeClient.make")

/** Checks an option, unless it is omitted. Creating the parsers of these schemas is much of the time to connect. */
const checkOr = <A, B extends A | undefined>(
  field: keyof Input,
  schema: Schema.Decoder<A>,
  input: unknown,
  fallback: B
): Effect.Effect<A | B, PineconeError.InvalidInput> =>
  input === undefined ? Effect.succeed(fallback) : check(field, schema, input)

/** Returns a URL as a string to append paths to. */
export const baseOf = (url: URL): string => `${url.origin}${url.pathname.replace(/\/$/, "")}`

/** Validates the options of a connection. */
export const validate = Effect.fnUntraced(function*(
  input: Input
): Effect.fn.Return<Settings, PineconeError.InvalidInput> {
  const allowsInsecure = yield* checkOr("allowInsecureHost", Schema.Boolean, input.allowInsecureHost, false)
  const Address = makeHost(allowsInsecure, "allowInsecureHost: true")
  const url = new URL(yield* checkOr("host", Address, input.host, "https://api.pinecone.io"))
  const apiVersion = yield* checkOr("apiVersion", Versions.ApiVersion, input.apiVersion, "2026-04")
  const given = Redacted.isRedacted(input.apiKey) ? Redacted.value(input.apiKey) : undefined
  // A value of another type must not appear in the message, because it may contain the key.
  const apiKey = yield* check("apiKey", Key, Predicate.isString(given) ? given.trim() : undefined)
  const timeout = yield* checkOr("requestTimeout", PositiveDurationInput, input.requestTimeout, "30 seconds")
  yield* checkOr("tracePropagation", Schema.Boolean, input.tracePropagation, false)
  yield* checkOr("rateLimit", RateLimit, input.rateLimit, undefined)
  yield* checkOr("onRetry", AnyFunction, input.onRetry, undefined)
  yield* checkOr("transformClient", AnyFunction, input.transformClient, undefined)
  return {
    apiKey,
    apiVersion,
    url,
    base: baseOf(url),
    indexDomains: yield* checkOr("indexDomains", Schema.Array(Domain), input.indexDomains, []),
    requestTimeout: Duration.fromInputUnsafe(timeout),
    retry: yield* checkOr("retry", RetryPolicy.RetryPolicy, input.retry, RetryPolicy.defaultPolicy),
    scrub: Response.makeScrub(apiKey)
  }
})

// ============================================================================
// Calls
// ============================================================================

/** Connection options that calls can override. */
export interface CallOptions {
  readonly requestTimeout?: Duration.Input | undefined
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  readonly deadline?: Duration.Input | undefined
}

/** The options of a call without overrides. */
export const none: CallOptions = {}

/** The options of the current calls. */
export const Current = Context.Reference<CallOptions>("@pinecone-backups/core/PineconeClient/CallOptions", {
  defaultValue: () => none
})

/** Merges nested options. An omitted or `undefined` option inherits the outer value. */
export const inside = (outer: CallOptions, inner: CallOptions): CallOptions => ({
  requestTimeout: inner.requestTimeout ?? outer.requestTimeout,
  retry: inner.retry ?? outer.retry,
  deadline: inner.deadline ?? outer.deadline
})

/** Settings of one call. */
export interface CallSettings extends Pick<Settings, "requestTimeout" | "retry"> {
  /** `true` if the deadline starts with the call instead of its first request. */
  readonly isDeadlineOfCall?: boolean
}

/** Merges the options of a call with the settings of the connection. */
export const forCall = (
  settings: CallSettings,
  options: CallOptions,
  operation: string
): Effect.Effect<CallSettings, PineconeError.InvalidInput> => {
  const check = checkOf(operation)
  return Effect.gen(function*() {
    const { requestTimeout = settings.requestTimeout } = options
    const retry = options.retry === undefined
      ? settings.retry
      : yield* check("retry", RetryPolicy.RetryPolicy, options.retry)
    const { deadline = retry.deadline } = options
    const timeout = yield* check("requestTimeout", PositiveDurationInput, requestTimeout)
    return {
      requestTimeout: Duration.fromInputUnsafe(timeout),
      retry: { ...retry, deadline: yield* check("deadline", PositiveDurationInput, deadline) },
      isDeadlineOfCall: options.deadline !== undefined
    }
  })
}
