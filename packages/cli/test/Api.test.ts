import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { IncomingMessage, ServerResponse } from "node:http"
import { run } from "./harness.ts"
import { pcb, serve } from "./support.ts"

const key = "pcsk_marker_5f3a9b"
const env = { PINECONE_API_KEY: key }

const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) => {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": "req-7", ...headers })
  response.end(JSON.stringify(body))
}

/** Echoes the request, including its body. */
const echo = (request: IncomingMessage, response: ServerResponse) => {
  let body = ""
  request.on("data", (chunk) => body += chunk)
  request.on("end", () => json(response, { method: request.method, url: request.url, body }))
}

describe("pcb api", () => {
  it.effect("prints responses of the demo project", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(["--demo", "api", "get", "indexes"])
      assert.strictEqual(stderr, "")
      assert.deepStrictEqual(
        JSON.parse(stdout).indexes.map(({ name }: { name: string }) => name).slice(0, 3),
        ["docs", "product-catalog", "support-tickets"]
      )
      assert.strictEqual(exitCode, 0)
    }))

  it.effect("fetches every page", () =>
    Effect.gen(function*() {
      const args = ["--demo", "api", "GET", "/backups?limit=3", "--paginate"]
      const whole = JSON.parse((yield* run(args)).stdout)
      assert.deepStrictEqual(Object.keys(whole), ["data", "pagination"])
      assert.isNull(whole.pagination)
      const lines = (yield* run([...args, "-o", "ndjson"])).stdout.trimEnd().split("\n")
      assert.deepStrictEqual(lines.map((line) => JSON.parse(line)), whole.data)
      const page = JSON.parse((yield* run(["--demo", "api", "GET", "/backups", "--field", "limit=3"])).stdout)
      assert.deepStrictEqual(page.data, whole.data.slice(0, 3))
      assert.isAbove(whole.data.length, 20)
    }))

  it.effect.each([300, 5_000, 20_000, 1_000_000])(
    "rejects a body nested too deeply: %s levels",
    (depth) =>
      Effect.gen(function*() {
        const path = "/backup-schedules/a1"
        for (const [open, close] of [["[", "]"], ["{\"retention\":", "}"]] as const) {
          const deep = `${open.repeat(depth)}1${close.repeat(depth)}`
          for (const more of [[], ["--dry-run"], ["--dry-run", "-o", "json"]]) {
            const input = ["--demo", "api", "PATCH", path, ...more, "--input", "-"]
            const body = yield* run(input, { stdin: deep })
            assert.strictEqual(body.exitCode, 2)
            assert.include(body.stderr, "--input: - is nested too deeply")
            const field = yield* run(["--demo", "api", "PATCH", path, ...more, "--field", `a=${deep}`])
            assert.strictEqual(field.exitCode, 2)
            assert.include(field.stderr, "--field: a is nested too deeply")
          }
        }
      })
  )

  it.effect("sends a body with the maximum nesting", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(echo)
      const body = `${"[".repeat(256)}1${"]".repeat(256)}`
      const { exitCode, stderr, stdout } = yield* run(["api", "POST", "/any", "--input", "-", "--host", host], {
        env,
        stdin: body
      })
      assert.strictEqual(exitCode, 0, stderr)
      assert.strictEqual(JSON.parse(stdout).body, body)
    }))

  it.effect.each([1_000, 5_000, 20_000])(
    "prints or rejects a deeply nested response: %s levels",
    (depth) =>
      Effect.gen(function*() {
        const { host } = yield* serve((_, response) => {
          response.writeHead(200, { "content-type": "application/json" })
          response.end(`${"[".repeat(depth)}1${"]".repeat(depth)}`)
        })
        const { stderr, stdout } = yield* run(["api", "GET", "/any", "--host", host], { env })
        assert.notInclude(`${stderr}${stdout}`, "Maximum call stack")
      })
  )

  it.effect("sends the configured API key and version", () =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve(echo)
      const versions = [
        [["GET", "/indexes"], {}, "2026-04"],
        [["GET", "/backup-schedules/x/history?limit=2"], {}, "unstable"],
        [["GET", "/backup-schedules/x/history"], { PINECONE_API_VERSION: "2026-07" }, "2026-07"],
        [["GET", "/not/of/the/contract"], {}, "2026-04"]
      ] as const
      for (const [args, more, version] of versions) {
        yield* run(["api", ...args, "--host", host], { env: { ...env, ...more } })
        const { headers } = yield* Queue.take(requests)
        assert.strictEqual(headers["api-key"], key)
        assert.strictEqual(headers["x-pinecone-api-version"], version)
        assert.notProperty(headers, "traceparent")
      }
    }))

  it.effect("sends --field in the body, or in the query of GET and DELETE", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(echo)
      const fields = [
        "--field",
        "name=docs",
        "--field",
        "days=7",
        "--field",
        "on=true",
        "--field",
        "tags={\"a\":\"b\"}"
      ]
      const send = (...args: ReadonlyArray<string>) =>
        Effect.map(
          run(["api", ...args, "--host", host], { env, stdin: "{\"x\": 1}" }),
          ({ stdout }) => JSON.parse(stdout)
        )
      const post = yield* send("POST", "/x", ...fields)
      assert.deepStrictEqual(JSON.parse(post.body), { name: "docs", days: 7, on: true, tags: { a: "b" } })
      const get = yield* send("GET", "/x?a=b", "--field", "name=a b&c")
      assert.deepStrictEqual(get, { method: "GET", url: "/x?a=b&name=a+b%26c", body: "" })
      const input = yield* send("PATCH", "/x", "--input", "-")
      assert.deepStrictEqual(input, { method: "PATCH", url: "/x", body: "{\"x\": 1}" })
      const bare = yield* send("POST", "/x")
      assert.strictEqual(bare.body, "")
    }))

  it.effect("deletes only with confirmation", () =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve(({ method }, response) =>
        method === "DELETE" ? response.writeHead(202).end() : json(response, {}, 404)
      )
      const refused = yield* run(["api", "DELETE", "/indexes/docs", "--host", host, "-o", "json"], { env })
      assert.strictEqual(refused.exitCode, 6)
      assert.strictEqual(JSON.parse(refused.stderr).error.code, "NOT_CONFIRMED")
      const dry = yield* run(["api", "DELETE", "/indexes/docs", "--host", host, "--dry-run"], { env })
      assert.deepStrictEqual([dry.exitCode, dry.stdout], [0, ""])
      assert.strictEqual(
        dry.stderr,
        `DELETE ${host}/indexes/docs\nRequires --yes or confirmation at a prompt. Nothing was changed.\n`
      )
      const done = yield* run(["api", "DELETE", "/indexes/docs", "--host", host, "--yes"], { env })
      assert.deepStrictEqual([done.exitCode, done.stdout, done.stderr], [0, "", "HTTP 202, empty response\n"])
      const methods = (yield* Queue.takeAll(requests)).map(({ method }) => method)
      assert.deepStrictEqual(methods, ["GET", "GET", "GET", "DELETE"])
    }))

  it.effect.each<readonly [args: string, message: string]>([
    ["GET https://evil.example/x", "Expected a path"],
    ["GET /indexes/../x", "Expected a path"],
    ["FETCH /x", "Expected GET, POST, PUT, PATCH, DELETE"],
    ["GET /x --input -", "GET has no body"],
    ["POST /x --input - --field a=b", "cannot be combined"],
    ["POST /x --paginate", "--paginate requires GET"],
    ["POST /x --input /nowhere/x", "cannot read"],
    ["POST /x --input -", "is not JSON"]
  ])("rejects invalid combinations: %s", ([args, message]) =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve(echo)
      const { exitCode, stderr, stdout } = yield* run(["api", ...args.split(" "), "--host", host], { env, stdin: "{" })
      assert.include(stderr, message)
      assert.strictEqual(stdout, "")
      assert.strictEqual(exitCode, 2)
      assert.strictEqual(yield* Queue.size(requests), 0)
    }))

  it.live("fails like other commands", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((request, response) => {
        switch (request.url) {
          case "/missing":
            return json(response, { error: { code: "NOT_FOUND", message: `Not for ${key}` }, status: 404 }, 404)
          case "/away":
            return json(response, {}, 302, { location: "https://evil.example/" })
          case "/page":
            return response.writeHead(200).end("<html>")
          case "/loop":
          case "/loop?paginationToken=a":
            return json(response, { data: [{}], pagination: { next: "a" } })
          case "/slow":
            return
          default:
            return response.writeHead(401, { "content-type": "text/plain" }).end("Invalid API key")
        }
      })
      const expectations = [
        [["/missing"], 3, "NOT_FOUND", "Not for <redacted>"],
        [["/refused"], 4, "UNAUTHENTICATED", "Invalid API key"],
        [["/away"], 1, "UNRECOGNIZED_ERROR", "HTTP status 302"],
        [["/page"], 1, "NOT_JSON", `The response to GET ${host}/page is not JSON (HTTP 200)`],
        [["/page", "--paginate"], 1, "MALFORMED_RESPONSE", "The response is not a list of pages: omit --paginate"],
        [["/loop", "--paginate"], 1, "PAGINATION_LOOP", "The service sent the same page token twice"],
        [["/slow", "--request-timeout", "1ms"], 8, "REQUEST_TIMED_OUT", "No complete response within 1ms"]
      ] as const
      for (const [args, exitCode, code, message] of expectations) {
        const result = yield* run(["api", "GET", ...args, "--host", host, "-o", "json"], { env })
        assert.strictEqual(result.stdout, "")
        const { error } = JSON.parse(result.stderr)
        assert.deepStrictEqual([error.code, error.message, error.exit_code], [code, message, exitCode])
        assert.strictEqual(result.exitCode, exitCode)
        if (code === "NOT_FOUND") assert.strictEqual(error.request_id, "req-7")
      }
    }), 30_000)

  it.live("retries only requests that are safe to retry", () =>
    Effect.gen(function*() {
      let calls = 0
      const { host } = yield* serve((_, response) => json(response, {}, ++calls % 2 === 1 ? 503 : 200))
      const get = yield* run(["api", "GET", "/x", "--host", host], { env })
      assert.deepStrictEqual([get.exitCode, get.stdout, calls], [0, "{}\n", 2])
      const post = yield* run(["api", "POST", "/x", "--host", host], { env })
      assert.deepStrictEqual([post.exitCode, post.stdout, calls], [1, "", 3])
    }))

  it.live("never prints the key", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) => json(response, { echo: `the key is ${key}` }))
      const { code, stderr, stdout } = yield* pcb(["api", "GET", "/x", "--host", host, "--debug"], { env })
      assert.strictEqual(stdout, "{\"echo\":\"the key is <redacted>\"}\n")
      assert.include(stderr, "> api-key: <redacted>")
      assert.notInclude(stderr + stdout, key)
      assert.strictEqual(code, 0)
    }))
})
