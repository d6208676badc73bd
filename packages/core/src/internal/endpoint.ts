import * as Effect from "effect/Effect"
import { memoize } from "effect/Function"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as UrlParams from "effect/http/UrlParams"
import * as Schema from "effect/Schema"
import * as Reader from "./reader.ts"

/** The parts of a call, as the contract types them. */
export interface Input {
  readonly params?: unknown
  readonly query?: unknown
  readonly payload?: unknown
}

/** One endpoint of the contract, ready for use. */
export interface Codec {
  /** The request for a call, without host, key and version. */
  readonly encode: (input: Input) => Effect.Effect<HttpClientRequest.HttpClientRequest, Schema.SchemaError>
  /** The value of a successful answer; `undefined` where there is nothing to read. */
  readonly decode: ((json: Schema.Json) => Effect.Effect<unknown, Schema.SchemaError>) | undefined
}

// The contract keeps its schemas as `Top`, which has forgotten that they need no services and, for
// parameters, that they encode to texts.
const encoder = <Encoded>(schema: Schema.Top | undefined) =>
  schema === undefined
    ? () => Effect.undefined
    : Schema.encodeUnknownEffect(schema as Schema.Codec<unknown, Encoded>)

/** Reads what is as it should be. What is not, the schema decodes, to say what is wrong with it. */
const decoder = (schema: Schema.Codec<unknown>): Codec["decode"] => {
  const read = Reader.of(schema.ast)
  return (json) =>
    Effect.suspend(() => {
      const value = read(json)
      return value === undefined ? Schema.decodeUnknownEffect(schema)(json) : Effect.succeed(value)
    })
}

/**
 * Derives the codec of an endpoint from the contract. `HttpApiClient` would do it too, but it takes only
 * the statuses that are declared, prepares a decoder for each of them, and brings multipart and event
 * streams along: a third more code in a browser.
 */
export const codecOf: (endpoint: HttpApiEndpoint.Top) => Codec = memoize((endpoint) => {
  const encodeParams = encoder<Readonly<Record<string, string>>>(endpoint.params)
  const encodeQuery = encoder<UrlParams.Input>(endpoint.query)
  const payload = [...endpoint.payload.values()][0]?.schemas[0]
  const encodePayload = encoder(payload)
  const [success] = endpoint.success

  return {
    encode: Effect.fnUntraced(function*(input) {
      const params = yield* encodeParams(input.params)
      const query = yield* encodeQuery(input.query)
      const path = endpoint.path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params?.[name] ?? ""))
      const request = HttpClientRequest.make(endpoint.method)(
        path,
        query === undefined ? undefined : { urlParams: query }
      )
      return payload === undefined
        ? request
        : HttpClientRequest.bodyJsonUnsafe(request, yield* encodePayload(input.payload))
    }),
    decode: success === undefined || HttpApiSchema.isNoContent(success.ast)
      ? undefined
      : decoder(success as Schema.Codec<unknown>)
  }
})
