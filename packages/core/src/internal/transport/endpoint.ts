import * as Effect from "effect/Effect"
import { memoize } from "effect/Function"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as UrlParams from "effect/http/UrlParams"
import * as Schema from "effect/Schema"
import * as Decoder from "../codec/decoder.ts"
import type * as Contract from "./contract.ts"

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
const encoder = <Encoded>(schema: Schema.Top) => Schema.encodeUnknownEffect(schema as Schema.Codec<unknown, Encoded>)

/** Parameters are texts in an address. */
const parameters = <Encoded>(fields: Schema.Struct.Fields | undefined) =>
  fields === undefined ? () => Effect.undefined : encoder<Encoded>(Schema.toCodecStringTree(Schema.Struct(fields)))

/** Reads what is as it should be. What is not, the schema decodes, to say what is wrong with it. */
const decoder = (schema: Schema.Codec<unknown>): Codec["decode"] => {
  const read = Decoder.of(schema.ast)
  return (json) =>
    Effect.suspend(() => {
      const value = read(json)
      return value === undefined ? Schema.decodeUnknownEffect(schema)(json) : Effect.succeed(value)
    })
}

/**
 * Derives the codec of an endpoint from the contract. `HttpApiClient` would do it too, but it takes only
 * the statuses that are declared, prepares a decoder for each of them, and brings routes, multipart and event
 * streams along: a third more code in a browser.
 */
export const codecOf: (endpoint: Contract.Endpoint) => Codec = memoize(
  ({ method, path, payload, success, ...endpoint }) => {
    const encodeParams = parameters<Readonly<Record<string, string>>>(endpoint.params)
    const encodeQuery = parameters<UrlParams.Input>(endpoint.query)
    const encodePayload = payload === undefined ? undefined : encoder(Schema.toCodecJson(payload))

    return {
      encode: Effect.fnUntraced(function*(input) {
        const params = yield* encodeParams(input.params)
        const query = yield* encodeQuery(input.query)
        const request = HttpClientRequest.make(method)(
          path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params?.[name] ?? "")),
          query === undefined ? undefined : { urlParams: query }
        )
        return encodePayload === undefined
          ? request
          : HttpClientRequest.bodyJsonUnsafe(request, yield* encodePayload(input.payload))
      }),
      decode: success === undefined ? undefined : decoder(success as Schema.Codec<unknown>)
    }
  }
)
