import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { readFileSync } from "node:fs"
import type { ServerResponse } from "node:http"
import { pcb, serve } from "./support.ts"

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"))

const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(JSON.stringify(body))
}

const key = "pcsk_marker_5f3a9b"
const env = { PINECONE_API_KEY: key }
const scheduleId = "c688ed12-5a39-4254-9518-bd394b7f4886"
const jobId = "9857add2-99d4-4399-870e-aa7f15d8d326"

describe("pcb as a process", { concurrent: true, timeout: 30_000 }, () => {
  it.live("sends the documented headers for a history and prints the same object back", () =>
    Effect.gen(function*() {
      const history = fixture("history")
      const { host, requests } = yield* serve((_, response) => json(response, history))

      const run = yield* pcb(["schedule", "history", scheduleId, "-o", "json", "--host", host], { env })

      assert.strictEqual(run.stderr, "")
      assert.deepStrictEqual(JSON.parse(run.stdout), history)
      assert.strictEqual(run.code, 0)
      const request = yield* Queue.take(requests)
      assert.strictEqual(request.method, "GET")
      assert.strictEqual(request.url, `/backup-schedules/${scheduleId}/history?limit=100`)
      assert.strictEqual(request.headers["api-key"], key)
      assert.strictEqual(request.headers["x-pinecone-api-version"], "unstable")
      assert.strictEqual(request.headers["accept"], "application/json")
      assert.notProperty(request.headers, "traceparent")
      assert.strictEqual(yield* Queue.size(requests), 0)
    }))

  it.live("sends the documented headers for a restore job and prints the same object back", () =>
    Effect.gen(function*() {
      const job = fixture("restore-job")
      const { host, requests } = yield* serve((_, response) => json(response, job))

      const run = yield* pcb(["restore", "describe", jobId, "-o", "json"], {
        env: { ...env, PINECONE_CONTROLLER_HOST: host }
      })

      assert.strictEqual(run.stderr, "")
      assert.deepStrictEqual(JSON.parse(run.stdout), job)
      const request = yield* Queue.take(requests)
      assert.strictEqual(request.method, "GET")
      assert.strictEqual(request.url, `/restore-jobs/${jobId}`)
      assert.strictEqual(request.headers["api-key"], key)
      assert.strictEqual(request.headers["x-pinecone-api-version"], "2026-04")
      assert.strictEqual(request.headers["accept"], "application/json")
    }))

  it.live("speaks 2026-07 on every route when told to", () =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve((_, response) => json(response, fixture("history")))
      yield* pcb(["schedule", "history", scheduleId, "--host", host], {
        env: { ...env, PINECONE_API_VERSION: "2026-07" }
      })
      assert.strictEqual((yield* Queue.take(requests)).headers["x-pinecone-api-version"], "2026-07")
    }))

  it.live("prints tab-separated values in a pipe, and one object a line as ndjson", () =>
    Effect.gen(function*() {
      const tsv = yield* pcb(["--demo", "schedule", "history", scheduleId, "--limit", "2"])
      assert.deepStrictEqual(tsv.stdout.split("\n").map((line) => line.split("\t")), [
        [
          "Scheduled",
          "2026-11-22T06:00:00Z",
          "",
          "",
          "",
          "docs",
          "docs-daily-20261122T060000Z",
          "719b014e-d568-4afe-aa50-1c3dada4e616"
        ],
        [
          "Ready",
          "2026-11-21T06:00:00Z",
          "97603",
          "1",
          "606114630",
          "docs",
          "docs-daily-20261121T060000Z",
          "b7f1895a-0e47-4fdd-a299-f1caa0a0f7b4"
        ],
        [""]
      ])

      const ndjson = yield* pcb(["schedule", "history", scheduleId, "-o", "ndjson", "--demo"])
      const rows = ndjson.stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.strictEqual(rows.length, 91)
      assert.strictEqual(rows[1].record_count, 97_603)
    }))

  it.live("gives every kind of failure its exit code, says so on standard error, and prints nothing", () =>
    Effect.gen(function*() {
      const answers: Record<string, [status: number, code: string]> = {
        missing: [404, "NOT_FOUND"],
        refused: [401, "UNAUTHENTICATED"],
        forbidden: [403, "PERMISSION_DENIED"],
        quota: [403, "FORBIDDEN"],
        broken: [500, "UNKNOWN"]
      }
      const { host } = yield* serve((request, response) => {
        // What is no UUID may be the name of an index, so it is looked for.
        if (request.url?.startsWith("/restore-jobs?") === true) return json(response, { data: [] })
        const [status, code] = answers[request.url?.split("/").at(-1) ?? ""] ?? [200, "OK"]
        json(response, { error: { code, message: `It is ${code}` }, status }, status, { "x-request-id": "req-7" })
      })
      const expectations: ReadonlyArray<readonly [id: string, exitCode: number, code: string]> = [
        ["missing", 3, "NOT_FOUND"],
        ["refused", 4, "UNAUTHENTICATED"],
        ["forbidden", 4, "PERMISSION_DENIED"],
        ["quota", 7, "FORBIDDEN"],
        ["broken", 1, "UNKNOWN"],
        ["strange", 1, "MALFORMED_RESPONSE"],
        ["..", 2, "INVALID_INPUT"]
      ]
      yield* Effect.forEach(expectations, ([id, exitCode, code]) =>
        Effect.gen(function*() {
          const run = yield* pcb(["restore", "describe", id, "-o", "json", "--host", host], { env })
          assert.strictEqual(run.code, exitCode, id)
          assert.strictEqual(run.stdout, "")
          const { error } = JSON.parse(run.stderr)
          assert.strictEqual(error.code, code)
          assert.strictEqual(error.exit_code, exitCode)
          if (code === answers[id]?.[1]) {
            assert.strictEqual(error.message, `It is ${code}`)
            assert.strictEqual(error.request_id, "req-7")
            assert.strictEqual(error.status, answers[id][0])
          }
        }), { concurrency: 2 })
    }))

  it.live("exits 8 when the API cannot be reached, and names what to check", () =>
    Effect.gen(function*() {
      // A port that was free a moment ago.
      const { host } = yield* Effect.scoped(serve(() => {}))
      const run = yield* pcb(["restore", "describe", jobId, "--host", host], { env })
      assert.strictEqual(run.code, 8)
      assert.include(run.stderr, "ECONNREFUSED")
      assert.include(run.stderr, "PINECONE_CONTROLLER_HOST")
      assert.strictEqual(run.stdout, "")
    }))

  it.live("exits 8 when the API does not answer in time", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(() => {})
      const run = yield* pcb(["restore", "describe", jobId, "--host", host, "--request-timeout", "300ms"], { env })
      assert.strictEqual(run.code, 8)
      assert.include(run.stderr, "300ms")
    }))

  it.live("exits 4 without a key, and 2 for a host the key may not go to", () =>
    Effect.gen(function*() {
      const none = yield* pcb(["restore", "describe", jobId])
      assert.strictEqual(none.code, 4)
      assert.include(none.stderr, "PINECONE_API_KEY")

      const bad = yield* pcb(["restore", "describe", jobId], { env: { PINECONE_API_KEY: "two words" } })
      assert.strictEqual(bad.code, 4)
      assert.notInclude(bad.stderr, "two words")

      const insecure = yield* pcb(["restore", "describe", jobId, "--host", "http://api.pinecone.io"], { env })
      assert.strictEqual(insecure.code, 2)
      assert.include(insecure.stderr, "https")
    }))

  it.live("shows traffic with --debug, and never the key", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) =>
        json(response, { error: { code: "NOT_FOUND", message: `Not for ${key}` }, status: 404 }, 404)
      )
      const run = yield* pcb(["restore", "describe", jobId, "--host", host, "--debug"], { env })
      assert.include(run.stderr, `> GET ${host}/restore-jobs/${jobId}`)
      assert.include(run.stderr, "> api-key: <redacted>")
      assert.match(run.stderr, /< 404 in \d+ ms/)
      assert.notInclude(run.stderr + run.stdout, key)
    }))

  it.live("delivers everything to a slow reader before it exits", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      const data = Array.from({ length: 10_000 }, (_, index) => ({ ...row, backup_id: `backup-${index}` }))
      const { host } = yield* serve((_, response) => json(response, { data }))
      const run = yield* pcb(["schedule", "history", scheduleId, "-o", "ndjson", "--host", host], {
        env,
        readAfter: 1_000
      })
      assert.strictEqual(run.stdout.split("\n").length, 10_001)
      assert.strictEqual(run.code, 0)
    }))

  it.live("stops quietly when the reader has seen enough", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      let page = 0
      const { host, requests } = yield* serve((_, response) => {
        const data = Array.from({ length: 1_000 }, (_, index) => ({ ...row, backup_id: `backup-${page}-${index}` }))
        json(response, { data, pagination: { next: `page-${++page}` } })
      })
      const run = yield* pcb(["schedule", "history", scheduleId, "--host", host], { env, closeAfter: 100 })
      assert.strictEqual(run.stderr, "")
      assert.strictEqual(run.code, 0)
      assert.isBelow(yield* Queue.size(requests), 50)
    }))

  it.live("ends at a signal although nobody reads what it writes", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      let page = 0
      const { host } = yield* serve((_, response) => {
        const data = Array.from({ length: 1_000 }, (_, index) => ({ ...row, backup_id: `backup-${page}-${index}` }))
        json(response, { data, pagination: { next: `page-${++page}` } })
      })
      const run = yield* pcb(["schedule", "history", scheduleId, "-o", "ndjson", "--host", host, "--debug"], {
        env,
        readAfter: 60_000,
        signal: { on: "< 200", signal: "SIGTERM" }
      })
      assert.strictEqual(run.code, 143)
    }))

  it.live("keeps the exit code when nobody reads the notes", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) => json(response, {}, 404))
      const run = yield* pcb(["restore", "describe", jobId, "--host", host, "--debug"], { env, closeStderr: true })
      assert.strictEqual(run.code, 3)
    }))

  it.live("says what to do about a failure that waiting does not mend, whatever it says of waiting", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) => json(response, {}, 401, { "retry-after": "0" }))
      const run = yield* pcb(["restore", "describe", jobId, "--host", host], { env })
      assert.include(run.stderr, "check PINECONE_API_KEY")
      assert.notInclude(run.stderr, "wait")
      assert.strictEqual(run.code, 4)
    }))

  it.live("prints JSON that cannot move a cursor", () =>
    Effect.gen(function*() {
      const job = { ...fixture("restore-job"), target_index_name: "a\u009b31mb\u202ec\u007f" }
      const { host } = yield* serve((_, response) => json(response, job))
      for (const format of ["json", "ndjson"]) {
        const run = yield* pcb(["restore", "describe", jobId, "--host", host, "-o", format], { env })
        assert.include(run.stdout, String.raw`a\u009b31mb\u202ec\u007f`)
        assert.deepStrictEqual(JSON.parse(run.stdout), job)
      }
    }))

  it.live("reports its own faults on standard error", () =>
    Effect.gen(function*() {
      const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`
      const { host } = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end(JSON.stringify(fixture("history")).replace("\"cloud\"", `"new_key":${deep},"cloud"`))
      })
      const run = yield* pcb(["schedule", "history", scheduleId, "-o", "json", "--host", host], { env })
      assert.strictEqual(run.stdout, "")
      assert.strictEqual(JSON.parse(run.stderr).error.code, "UNEXPECTED")
      assert.strictEqual(run.code, 1)
    }))

  it.live("ends following with 130 on Ctrl-C", () =>
    Effect.gen(function*() {
      const run = yield* pcb(["--demo", "schedule", "history", "docs", "--follow"], {
        signal: { on: "Following docs-daily", signal: "SIGINT" }
      })
      assert.strictEqual(run.code, 130)
      assert.strictEqual(run.stdout, "")
    }))

  it.live.each([["SIGINT", 130], ["SIGTERM", 143]] as const)(
    "exits on %s with %i",
    ([signal, code]) =>
      Effect.gen(function*() {
        const { host } = yield* serve(() => {})
        const run = yield* pcb(["restore", "describe", jobId, "--host", host, "--debug"], {
          env,
          signal: { on: "> GET", signal }
        })
        assert.strictEqual(run.code, code)
        assert.strictEqual(run.stdout, "")
      })
  )
})
