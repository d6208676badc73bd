/** What runs `pcb api`. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as Array from "effect/Array"
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
import * as Confirmation from "../../shared/Confirmation.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as Format from "../../terminal/Format.ts"

const usage = (message: string) =>
  new CliError.ShowHelp({ commandPath: ["pcb", "api"], errors: [new CliError.ValidationError({ message })] })

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** What is JSON is taken as that, anything else as a text: `limit=10`, `enabled=true`, `name=docs`, `name="10"`. */
const valueOf = (text: string): unknown => Option.getOrElse(parseJson(text), () => text)

const readBody = Effect.fnUntraced(function*(path: string) {
  const stdio = yield* Stdio.Stdio
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    path === "-" ? Stream.mkString(Stream.decodeText(stdio.stdin)) : fs.readFileString(path),
    ({ reason }) => usage(`--input: cannot read ${path}: ${reason._tag}`)
  )
  return Option.isSome(parseJson(text)) ? text : yield* usage(`--input: ${path} is not JSON`)
})

/** The path with a query, as it is sent. A `..` would lead out of the host's own path. */
const toPath = (path: string, query: Readonly<Record<string, string>>) => {
  const whole = path.startsWith("/") ? path : `/${path}`
  const added = new URLSearchParams(query).toString()
  return added === "" ? whole : `${whole}${whole.includes("?") ? "&" : "?"}${added}`
}

const field = (json: unknown, name: string): unknown => Predicate.isObject(json) ? Reflect.get(json, name) : undefined

/** The rows of a page, and the token of the next one. `undefined`, if the text is none. */
const readPage = (text: string) => {
  const json = Option.getOrUndefined(parseJson(text))
  const rows = field(json, "data")
  const next = field(field(json, "pagination"), "next")
  return globalThis.Array.isArray(rows) && rows.every(Predicate.isObjectKeyword)
    ? { rows, next: Predicate.isString(next) && next !== "" ? next : undefined }
    : undefined
}

/** How many pages in a row may have no rows on them. */
const mostEmptyPages = 100

/** The answers to all pages, as rows. */
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
          message: "The answer has no pages: leave --paginate out",
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
            ? `The service sent ${emptyPages} pages without a row, and no end`
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

/** What the command line says. */
interface Input extends Deletion.Consent {
  readonly method: PineconeClient.Request["method"]
  readonly path: string
  readonly fields: Option.Option<Readonly<Record<string, string>>>
  readonly input: Option.Option<string>
  readonly paginate: boolean
  readonly dryRun: boolean
}

/** The request that the command line asks for. */
const toRequest = Effect.fnUntraced(function*({ fields, input, method, paginate, path }: Input) {
  const hasBody = method !== "GET" && method !== "DELETE"
  const given = Option.getOrElse(fields, () => ({}))
  if (Option.isSome(input) && (!hasBody || Option.isSome(fields))) {
    return yield* usage(
      hasBody ? "--input and --field exclude each other" : `${method} has no body: leave --input out`
    )
  }
  if (paginate && method !== "GET") return yield* usage("--paginate goes with GET")

  const body = Option.isSome(input)
    ? yield* readBody(input.value)
    : hasBody && Option.isSome(fields)
    ? JSON.stringify(Object.fromEntries(Object.entries(given).map(([name, text]) => [name, valueOf(text)])))
    : undefined
  return { method, path: toPath(path, hasBody ? {} : given), body }
})

const decoded = Option.liftThrowable(decodeURIComponent)

/** The id of the backup that a path is about, however it is spelled. */
const backupIdIn = (path: string): string | undefined => {
  const whole = Option.getOrElse(decoded(path), () => path)
  return /^\/+backups\/+([^/?#]+)\/*(?:[?#]|$)/i.exec(whole)?.[1]
}

/** Asks before a deletion, and says so if an index loses its last good backup by it. */
const confirmDeletion = Effect.fnUntraced(function*(line: string, path: string, input: Input) {
  yield* Confirmation.demand(line, input.yes)
  const id = backupIdIn(path)
  const backups = yield* Backups.Backups
  const affected = id === undefined ? [] : yield* backups.describe(Backup.BackupId.make(id)).pipe(
    Effect.map(Array.of),
    // What is not there cannot be lost.
    Effect.catchTag("PineconeNotFound", () => Effect.succeed([]))
  )
  const impact = yield* Deletion.impactOf(affected, [])
  yield* Deletion.confirm(impact, {
    action: line,
    lastAction: (index) => `delete the last good backup of ${index}`
  }, input)
})

const send = Effect.fnUntraced(function*(request: PineconeClient.Request, input: Input) {
  const { dryRun, paginate } = input
  const client = yield* PineconeClient.PineconeClient
  const { body, method, path } = request
  const line = `${method} ${client.host}${path}`

  if (dryRun) return yield* Note.info(...[line, ...(body === undefined ? [] : [body])].map(Format.plain))
  if (method === "DELETE") yield* confirmDeletion(line, path, input)

  yield* print(client, request, { line, paginate }).pipe(
    // JSON can be nested deeper than an engine can write it. Engines differ in what they say then.
    Effect.catchDefect((defect) =>
      defect instanceof RangeError
        ? Effect.fail(
          new CliFailure({
            code: "MALFORMED_RESPONSE",
            message: `The answer to ${line} is nested too deeply`,
            hint: "check --host and PINECONE_CONTROLLER_HOST",
            exitCode: ExitCode.unexpected
          })
        )
        : Effect.die(defect)
    )
  )
})

const print = Effect.fnUntraced(function*(
  client: PineconeClient.Service,
  request: PineconeClient.Request,
  { line, paginate }: { readonly line: string; readonly paginate: boolean }
) {
  const format = yield* Output.chosenFormat
  if (paginate) {
    const rows = pagesOf(client, request)
    if (format === "ndjson") {
      return yield* Output.write(Stream.map(rows, (row) => Format.json(row)))
    }
    const document = { data: yield* Stream.runCollect(rows), pagination: null }
    return yield* Output.write(Stream.fromEffect(Output.json(document)))
  }
  const { status, text } = yield* client.request(request)
  if (text === "") return yield* Note.info(`${status}, and nothing else`)
  const json = Option.getOrUndefined(parseJson(text))
  if (typeof json !== "object" || json === null) {
    return yield* new CliFailure({
      code: "NOT_JSON",
      message: `The answer to ${line} is not JSON (HTTP ${status})`,
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
  // Not before: a usage error needs no key.
  const services = yield* Layer.build(Connection.layerUntimed)
  yield* Effect.provideContext(send(request, input), services)
}, Effect.scoped)
