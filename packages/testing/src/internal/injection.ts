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

const respond = ({ body, headers = {}, status }: Extract<Fault.Fault, { readonly _tag: "Respond" }>) => {
  const options = { status, headers }
  return body === undefined
    ? HttpServerResponse.jsonUnsafe(
      { error: { code: codeOf(status), message: `A fault answers ${status}.` }, status },
      options
    )
    : body === ""
    ? HttpServerResponse.empty(options)
    : typeof body === "string"
    ? HttpServerResponse.text(body, options)
    : HttpServerResponse.jsonUnsafe(body, options)
}

const textOf = ({ body }: HttpServerResponse.HttpServerResponse): string | undefined =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : undefined

const json = (text: string, { headers, status }: HttpServerResponse.HttpServerResponse) =>
  HttpServerResponse.text(text, {
    status,
    contentType: headers["content-type"] ?? "application/json"
  })

/** Replaces or drops the fields of an answer, at every depth. */
const mapFields = (
  response: HttpServerResponse.HttpServerResponse,
  f: (key: string, value: unknown) => unknown
): HttpServerResponse.HttpServerResponse => {
  const value = Option.liftThrowable(JSON.parse)(textOf(response) ?? "")
  return Option.isNone(value) ? response : json(JSON.stringify(value.value, f), response)
}

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
): Effect.Effect<HttpServerResponse.HttpServerResponse, Fault.ConnectionReset, R> => {
  switch (fault._tag) {
    case "Respond":
      return Effect.succeed(respond(fault))
    case "RateLimited":
      return Effect.succeed(respond({
        _tag: "Respond",
        status: 429,
        headers: fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter }
      }))
    case "Html":
      return Effect.succeed(
        HttpServerResponse.text(
          `<!DOCTYPE html>\n<html><head><title>${fault.status}</title></head><body><h1>${fault.status}</h1></body></html>\n`,
          { status: fault.status, contentType: "text/html" }
        )
      )
    case "FlatNotFound":
      return Effect.succeed(
        HttpServerResponse.jsonUnsafe({ code: 5, message: "Not found.", details: [] }, { status: 404 })
      )
    case "Delay":
      return Effect.andThen(Effect.sleep(fault.duration), work)
    case "Hang":
      return Effect.never
    case "Reset":
      return Effect.fail(new Fault.ConnectionReset())
    case "Truncated":
      return Effect.map(work, (response) => {
        const text = textOf(response)
        return text === undefined ? response : json(text.slice(0, Math.floor(text.length / 2)), response)
      })
    case "UnknownValues":
      return Effect.map(
        work,
        (response) =>
          mapFields(
            response,
            (key, value) => typeof value === "string" && enumerations.has(key) ? fault.value ?? "Unheard" : value
          )
      )
    case "WithoutFields":
      return Effect.map(
        work,
        (response) => mapFields(response, (key, value) => fault.fields.includes(key) ? undefined : value)
      )
    case "OldRows":
      return Effect.provideService(work, RequestSwitches, { oldRows: true })
    case "AfterCommit":
      // What was done stays done, also if nobody waits for the answer.
      return Effect.flatMap(work, (response) => inject(fault.fault, Effect.succeed(response)))
  }
}

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
