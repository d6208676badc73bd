/** What a fault does to a request and its answer. */
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Fault from "../Fault.ts"
import type * as Settings from "./settings.ts"

/** Switches that are thrown for one request only. */
export const RequestSwitches = Context.Reference<Partial<Settings.Switches>>(
  "@pinecone-backups/testing/RequestSwitches",
  { defaultValue: () => ({}) }
)

/** The first error that comes with a status, in the order of core's table. */
const codeOf = (status: number): string =>
  Object.values(PineconeError.apiErrors).find((error) => error.status === status)?.code ?? "UNKNOWN"

const respond = ({ body, headers = {}, status }: Omit<typeof Fault.Fault.cases.Respond.Type, "_tag">) => {
  const options = { status, headers }
  if (body === "") return HttpServerResponse.empty(options)
  if (typeof body === "string") return HttpServerResponse.text(body, options)
  const envelope = { error: { code: codeOf(status), message: `A fault answers ${status}.` }, status }
  return HttpServerResponse.jsonUnsafe(body === undefined ? envelope : body, options)
}

const textOf = ({ body }: HttpServerResponse.HttpServerResponse): string | undefined =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : undefined

const json = (text: string, { headers, status }: HttpServerResponse.HttpServerResponse) =>
  HttpServerResponse.text(text, {
    status,
    contentType: headers["content-type"] ?? "application/json"
  })

/** Replaces or drops the fields of an answer, at every depth. */
const mapFields = <R>(
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
  f: (key: string, value: unknown) => unknown
) =>
  Effect.map(work, (response) => {
    const value = Option.liftThrowable(JSON.parse)(textOf(response) ?? "")
    return Option.isNone(value) ? response : json(JSON.stringify(value.value, f), response)
  })

/** The fields whose values are of an enumeration. */
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

/** A request to which a fault happens. `work` is what would have happened otherwise. */
export const inject = <R>(
  fault: Fault.Fault,
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, Fault.ConnectionReset, R> =>
  Fault.Fault.match(fault, {
    Respond: (fault) => Effect.succeed(respond(fault)),
    RateLimited: ({ retryAfter }) =>
      Effect.succeed(
        respond({ status: 429, ...(retryAfter !== undefined && { headers: { "retry-after": retryAfter } }) })
      ),
    Html: ({ status }) =>
      Effect.succeed(
        HttpServerResponse.text(
          `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\n`,
          { status, contentType: "text/html" }
        )
      ),
    FlatNotFound: () =>
      Effect.succeed(HttpServerResponse.jsonUnsafe({ code: 5, message: "Not found.", details: [] }, { status: 404 })),
    Delay: ({ duration }) => Effect.andThen(Effect.sleep(duration), work),
    Hang: () => Effect.never,
    Reset: () => Effect.fail(new Fault.ConnectionReset()),
    Truncated: () =>
      Effect.map(work, (response) => {
        const text = textOf(response)
        return text === undefined ? response : json(text.slice(0, Math.floor(text.length / 2)), response)
      }),
    UnknownValues: ({ value: unknown = "Unheard" }) =>
      mapFields(work, (key, value) => typeof value === "string" && enumerations.has(key) ? unknown : value),
    WithoutFields: ({ fields }) => mapFields(work, (key, value) => fields.includes(key) ? undefined : value),
    OldRows: () => Effect.provideService(work, RequestSwitches, { oldRows: true }),
    // What was done stays done, also if nobody waits for the answer.
    AfterCommit: ({ fault }) => Effect.flatMap(work, (response) => inject(fault, Effect.succeed(response)))
  })

/** Whether a value is a connection that can be closed without an answer. */
const isDestroyable = (value: unknown): value is { readonly destroy: () => void } =>
  Predicate.hasProperty(value, "destroy") && typeof value.destroy === "function"

/**
 * Closes the connection of a request, where the server lets us: Node's requests know their socket. False where
 * it does not.
 */
export const closeConnection = (source: object): boolean => {
  const socket = Predicate.hasProperty(source, "socket") ? source.socket : undefined
  if (!isDestroyable(socket)) return false
  socket.destroy()
  return true
}
