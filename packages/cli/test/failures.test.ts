import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import { type Options, runFast } from "./harness.ts"
import { uuid } from "./project.ts"

const key = "pcsk_marker_5f3a9b"
const jobId = uuid("9857add2")

/** The server: one that responds, never responds, or does not exist. */
type Answer = Response | "never" | "refused"

const transport = (
  answer: (path: string, request: HttpClientRequest.HttpClientRequest) => Answer
): Layer.Layer<HttpClient.HttpClient> =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, { pathname, search }) =>
      Effect.suspend(() => {
        const answered = answer(`${pathname}${search}`, request)
        if (answered instanceof Response) return Effect.succeed(HttpClientResponse.fromWeb(request, answered))
        return answered === "never" ? Effect.never : Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({
              request,
              cause: Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), { code: "ECONNREFUSED" })
            })
          })
        )
      })
    )
  )

const env = { PINECONE_API_KEY: key, HOME: "/nonexistent" }

const last = (path: string): string => path.split("?")[0]?.split("/").at(-1) ?? ""

const failing = (args: string, options: Options) =>
  runFast(`${args} -o json`, options).pipe(Effect.map(({ exitCode, stderr, stdout }) => ({
    exitCode,
    stdout,
    stderr,
    error: JSON.parse(stderr).error
  })))

describe("exit codes", () => {
  const answers: Readonly<Record<string, readonly [status: number, code: string]>> = {
    missing: [404, "NOT_FOUND"],
    refused: [401, "UNAUTHENTICATED"],
    forbidden: [403, "PERMISSION_DENIED"],
    quota: [403, "FORBIDDEN"],
    taken: [409, "ALREADY_EXISTS"],
    early: [412, "FAILED_PRECONDITION"],
    busy: [429, "RESOURCE_EXHAUSTED"],
    broken: [500, "UNKNOWN"]
  }

  const service = transport((path) => {
    // A selector that is not a UUID may be an index name, so it is looked up.
    if (path.startsWith("/restore-jobs?")) return Response.json({ data: [] })
    if (last(path) === "slow") return "never"
    if (last(path) === "gone") return "refused"
    const [status, code] = answers[last(path)] ?? [200, "OK"]
    return Response.json({ error: { code, message: `It is ${code}` }, status }, {
      status,
      headers: { "x-request-id": "req-7" }
    })
  })

  it.effect.each<[id: string, exitCode: number, code: string]>([
    ["missing", 3, "NOT_FOUND"],
    ["refused", 4, "UNAUTHENTICATED"],
    ["forbidden", 4, "PERMISSION_DENIED"],
    ["quota", 7, "FORBIDDEN"],
    ["taken", 7, "ALREADY_EXISTS"],
    ["early", 7, "FAILED_PRECONDITION"],
    ["busy", 7, "RESOURCE_EXHAUSTED"],
    ["broken", 1, "UNKNOWN"],
    ["strange", 1, "MALFORMED_RESPONSE"],
    ["slow", 8, "REQUEST_TIMED_OUT"],
    ["gone", 8, "ECONNREFUSED"],
    ["..", 2, "INVALID_INPUT"]
  ])("of %s is %i, with an error only on standard error", ([id, exitCode, code]) =>
    Effect.gen(function*() {
      const result = yield* failing(`restore describe ${id}`, { env, transport: service })
      assert.deepStrictEqual([result.exitCode, result.stdout], [exitCode, ""])
      assert.strictEqual(result.error.code, code)
      assert.strictEqual(result.error.exit_code, exitCode)
      if (answers[id] !== undefined) {
        assert.include(result.error, { message: `It is ${code}`, request_id: "req-7", status: answers[id][0] })
      }
    }))

  it.effect("prints the request timeout that was exceeded", () =>
    Effect.gen(function*() {
      const { error } = yield* failing("restore describe slow --request-timeout 300ms", { env, transport: service })
      assert.include(error.message, "300ms")
    }))
})

describe("the key", () => {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`

  const service = transport((path, { headers }) => {
    const echo = JSON.stringify(headers)
    switch (last(path)) {
      case "refused":
        return Response.json({ error: { code: "UNAUTHENTICATED", message: echo }, status: 401 }, { status: 401 })
      case "broken":
        return Response.json({ error: { code: "UNKNOWN", message: `Not for ${key}` }, status: 500 }, { status: 500 })
      case "html":
        return new Response(`<html>${echo}</html>`, { status: 404, headers: { "content-type": "text/html" } })
      case "odd":
        return Response.json({ restore_job_id: 7, echo })
      case "deep":
        return new Response(`{"${key}":${deep}}`)
      case "slow":
        return "never"
      case "gone":
        return "refused"
      default:
        return Response.json({ data: [] }, { headers: { "x-request-id": key } })
    }
  })

  it.effect.each<[args: string, exitCode: number]>([
    ["api GET /restore-jobs/refused", 4],
    ["api GET /restore-jobs/broken", 1],
    ["api GET /restore-jobs/html", 3],
    ["restore describe odd", 1],
    ["restore describe deep", 1],
    ["restore describe slow --request-timeout 200ms", 8],
    ["restore describe gone", 8],
    [`restore describe ${jobId} --host http://api.pinecone.io`, 2],
    [`restore describe ${jobId} --api-key ${key}`, 2],
    [`restore describe ${jobId} ${key}`, 2],
    [`config set api-key ${key}`, 2],
    [`config set host ${key}`, 2],
    [`api GET /x --host https://user:${key}@pinecone.example --dry-run`, 2],
    ["config show", 0]
  ])("is not printed by %s", ([args, exitCode]) =>
    Effect.gen(function*() {
      for (const format of ["table", "json"]) {
        const run = yield* runFast(`${args} --debug -o ${format}`, { env, transport: service })
        assert.notInclude(run.stdout + run.stderr, key)
        assert.strictEqual(run.exitCode, exitCode, run.stderr)
      }
    }))
})
