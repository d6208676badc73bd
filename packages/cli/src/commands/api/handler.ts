/** Handler of `pcb api`. */
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as CliError from "effect/cli/CliError"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SystemReason from "../../output/SystemReason.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import type * as Deletion from "../../shared/Deletion.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Missing from "../../shared/Missing.ts"
import * as Format from "../../terminal/Format.ts"
import * as Loss from "./Loss.ts"

const usage = (message: string) =>
  new CliError.ShowHelp({ commandPath: ["pcb", "api"], errors: [new CliError.ValidationError({ message })] })

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** Maximum nesting of JSON: deeper than anything in the API, and safe to serialize. */
const deepest = 256

const isDeeper = (json: unknown, depth = deepest): boolean =>
  Predicate.isObjectKeyword(json) && (depth === 0 || Object.values(json).some((part) => isDeeper(part, depth - 1)))

/** Parses a value as JSON if possible, else keeps the string: `limit=10`, `enabled=true`, `name=docs`, `name="10"`. */
const valueOf = (text: string): unknown => Option.getOrElse(parseJson(text), () => text)

const readBody = Effect.fnUntraced(function*(path: string) {
  const stdio = yield* Stdio.Stdio
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    path === "-" ? Stream.mkString(Stream.decodeText(stdio.stdin)) : fs.readFileString(path),
    (error) => usage(`--input: cannot read ${path}: ${SystemReason.of(error)}`)
  )
  const json = parseJson(text)
  if (Option.isNone(json)) return yield* usage(`--input: ${path} is not JSON`)
  return isDeeper(json.value) ? yield* usage(`--input: ${path} is nested too deeply`) : text
})

/** The request path with its query. */
const toPath = (path: string, query: Readonly<Record<string, string>>) => {
  const whole = path.startsWith("/") ? path : `/${path}`
  const added = new URLSearchParams(query).toString()
  return added === "" ? whole : `${whole}${whole.includes("?") ? "&" : "?"}${added}`
}

const field = (json: unknown, name: string): unknown => Predicate.isObject(json) ? Reflect.get(json, name) : undefined

/** The rows of a page and the token of the next page. `undefined` if the text is not a page. */
const readPage = (text: string) => {
  const json = Option.getOrUndefined(parseJson(text))
  const rows = field(json, "data")
  const next = field(field(json, "pagination"), "next")
  return Array.isArray(rows) && rows.every(Predicate.isObjectKeyword)
    ? { rows, next: Predicate.isString(next) && next !== "" ? next : undefined }
    : undefined
}

/** Maximum number of consecutive pages without rows. */
const mostEmptyPages = 100

/** Streams the rows of all pages. */
const pagesOf = (client: PineconeClient.Service, request: PineconeClient.Request) => {
  const seen = new Set<string>()
  let emptyPages = 0
  const operation = `${request.method} ${request.path}`
  return Stream.paginate(request.path, (path) =>
    Effect.gen(function*() {
      const { status, text } = yield* client.request({ ...request, path })
      const page = readPage(text)
      if (page === undefined) {
        return yield* new PineconeError.MalformedResponse({
          operation,
          status,
          attempts: 1,
          message: "The response is not a list of pages: omit --paginate",
          body: text.slice(0, 1_000)
        })
      }
      const { next, rows } = page
      if (next === undefined) return [rows, Option.none<string>()] as const
      emptyPages = rows.length === 0 ? emptyPages + 1 : 0
      if (seen.has(next) || emptyPages >= mostEmptyPages) {
        return yield* new PineconeError.PaginationLoop({
          operation,
          pages: seen.size + 1,
          message: emptyPages >= mostEmptyPages
            ? `The service sent ${emptyPages} consecutive pages without rows`
            : "The service sent the same page token twice"
        })
      }
      seen.add(next)
      const [bare, query] = request.path.split("?")
      const params = new URLSearchParams(query)
      params.delete("limit")
      params.set("paginationToken", next)
      return [rows, Option.some(`${bare}?${params}`)] as const
    }))
}

/** The parsed command line. */
interface Input extends Deletion.Consent {
  readonly method: PineconeClient.Request["method"]
  readonly path: string
  readonly fields: Option.Option<Readonly<Record<string, string>>>
  readonly input: Option.Option<string>
  readonly paginate: boolean
  readonly dryRun: boolean
}

/** Builds the request from the command line. */
const toRequest = Effect.fnUntraced(function*({ fields, input, method, paginate, path }: Input) {
  const hasBody = method !== "GET" && method !== "DELETE"
  const given = Option.getOrElse(fields, () => ({}))
  if (Option.isSome(input) && (!hasBody || Option.isSome(fields))) {
    return yield* usage(
      hasBody ? "--input cannot be combined with --field" : `${method} has no body: omit --input`
    )
  }
  if (paginate && method !== "GET") return yield* usage("--paginate requires GET")

  const values = Object.entries(given).map(([name, text]) => [name, hasBody ? valueOf(text) : text] as const)
  const deep = values.find(([, value]) => isDeeper(value, deepest - 1))
  if (deep !== undefined) return yield* usage(`--field: ${deep[0]} is nested too deeply`)
  const body = Option.isSome(input)
    ? yield* readBody(input.value)
    : hasBody && Option.isSome(fields)
    ? JSON.stringify(Object.fromEntries(values))
    : undefined
  return { method, path: toPath(path, hasBody ? {} : given), body }
})

/** Prints what will be lost and asks for the confirmations that flags have not given. */
const confirm = Effect.fnUntraced(function*(line: string, request: PineconeClient.Request, input: Input) {
  const { consequences, questions } = yield* Loss.of(line, request, input).pipe(
    Confirmation.lookFor(line, input.yes || request.method !== "DELETE")
  )
  if (questions.length === 0) return yield* consequences.length === 0 ? Effect.void : Note.info(...consequences)
  for (const [position, question] of questions.entries()) {
    yield* Confirmation.ask({ ...question, consequences: position === 0 ? consequences : [] }, false)
  }
})

const send = Effect.fnUntraced(function*(request: PineconeClient.Request, input: Input) {
  const { dryRun, paginate } = input
  const client = yield* PineconeClient.PineconeClient
  const { body, method, path } = request
  const line = `${method} ${client.host}${path}`

  if (dryRun) {
    const { consequences, lost, questions } = yield* Loss.of(line, request, input)
    yield* Note.info(...[line, ...(body === undefined ? [] : [body])].map(Format.plain), ...consequences)
    return yield* DryRun.print({ requests: method === "GET" ? [] : [request], lost, questions })
  }
  yield* confirm(line, request, input)

  const format = yield* Output.chosenFormat
  if (paginate) {
    const rows = pagesOf(client, request)
    if (format === "ndjson") {
      return yield* Output.write(Stream.map(rows, (row) => Format.json(row)))
    }
    const document = { data: yield* Stream.runCollect(rows), pagination: null }
    return yield* Output.write(Stream.fromEffect(Output.json(document)))
  }
  const index = Loss.indexNameOf(path)
  const answer = client.request(request)
  const { status, text } = yield* index === undefined ? answer : Missing.explained(index)(answer)
  if (text === "") return yield* Note.info(`HTTP ${status}, empty response`)
  const json = Option.getOrUndefined(parseJson(text))
  if (typeof json !== "object" || json === null) {
    return yield* new CliFailure({
      code: "NOT_JSON",
      message: `The response to ${line} is not JSON (HTTP ${status})`,
      hint: "check --host and PINECONE_CONTROLLER_HOST",
      exitCode: ExitCode.unexpected
    })
  }
  yield* Output.write(
    Stream.fromEffect(format === "ndjson" ? Effect.succeed(Format.json(json)) : Output.json(json))
  )
})

/** `pcb api` */
export const api = Effect.fnUntraced(function*(input: Input) {
  const request = yield* toRequest(input)
  // Connect only now, because usage errors do not need an API key.
  const services = yield* Layer.build(Connection.layerUntimed)
  yield* Effect.provideContext(send(request, input), services)
}, Effect.scoped)
