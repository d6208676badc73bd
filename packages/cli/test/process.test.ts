import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { emulate } from "./emulator.ts"
import { run } from "./harness.ts"
import { now, seeds, uuid } from "./project.ts"
import { pcb, serve, shell } from "./support.ts"

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"))

const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(JSON.stringify(body))
}

const key = "pcsk_marker_5f3a9b"
const env = { PINECONE_API_KEY: key }
const scheduleId = "c688ed12-5a39-4254-9518-bd394b7f4886"
const jobId = "9857add2-99d4-4399-870e-aa7f15d8d326"

/** Handles requests for a schedule itself. */
const isSchedule = (request: IncomingMessage) => request.url === `/backup-schedules/${scheduleId}`
const schedule = { schedule_id: scheduleId, index_id: "index-1", frequency: "daily" }

describe("pcb as a process", { concurrent: true, timeout: 30_000 }, () => {
  it.live("sends the documented headers for a history and prints every key", () =>
    Effect.gen(function*() {
      const history = fixture("history")
      const { host, requests } = yield* serve((request, response) =>
        json(response, isSchedule(request) ? schedule : history)
      )

      const result = yield* pcb(["schedule", "history", scheduleId, "-o", "json", "--host", host], { env })

      assert.strictEqual(result.stderr, "")
      const { data, ...envelope } = JSON.parse(result.stdout)
      const own = data.map(({ planned_for: _, ...row }: Readonly<Record<string, unknown>>) => row)
      assert.deepStrictEqual({ data: own, ...envelope }, history)
      assert.strictEqual(result.code, 0)
      assert.isTrue(isSchedule(yield* Queue.take(requests)))
      const request = yield* Queue.take(requests)
      assert.strictEqual(request.method, "GET")
      assert.strictEqual(request.url, `/backup-schedules/${scheduleId}/history?limit=100`)
      assert.strictEqual(request.headers["api-key"], key)
      assert.strictEqual(request.headers["x-pinecone-api-version"], "unstable")
      assert.strictEqual(request.headers["accept"], "application/json")
      assert.notProperty(request.headers, "traceparent")
      assert.strictEqual(yield* Queue.size(requests), 0)
    }))

  it.live("sends the documented headers for a restore job and prints the same object", () =>
    Effect.gen(function*() {
      const job = fixture("restore-job")
      const { host, requests } = yield* serve((_, response) => json(response, job))

      const result = yield* pcb(["restore", "describe", jobId, "-o", "json"], {
        env: { ...env, PINECONE_CONTROLLER_HOST: host }
      })

      assert.strictEqual(result.stderr, "")
      assert.deepStrictEqual(JSON.parse(result.stdout), job)
      const request = yield* Queue.take(requests)
      assert.strictEqual(request.method, "GET")
      assert.strictEqual(request.url, `/restore-jobs/${jobId}`)
      assert.strictEqual(request.headers["api-key"], key)
      assert.strictEqual(request.headers["x-pinecone-api-version"], "2026-04")
      assert.strictEqual(request.headers["accept"], "application/json")
    }))

  it.live("uses API version 2026-07 on every route if configured", () =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve((_, response) => json(response, fixture("history")))
      yield* pcb(["schedule", "history", scheduleId, "--host", host], {
        env: { ...env, PINECONE_API_VERSION: "2026-07" }
      })
      assert.strictEqual((yield* Queue.take(requests)).headers["x-pinecone-api-version"], "2026-07")
    }))

  it.live("prints TSV in a pipe, and one object per line with -o ndjson", () =>
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

  it.live("exits with the code of a failure, with the error only on standard error", () =>
    Effect.gen(function*() {
      const answer = { error: { code: "FORBIDDEN", message: "No room" }, status: 403 }
      const { host } = yield* serve((_, response) => json(response, answer, 403, { "x-request-id": "req-7" }))
      const result = yield* pcb(["restore", "describe", jobId, "-o", "json", "--host", host], { env })
      assert.deepStrictEqual([result.code, result.stdout], [7, ""])
      assert.include(JSON.parse(result.stderr).error, { code: "FORBIDDEN", request_id: "req-7", exit_code: 7 })
    }))

  it.live("exits with 8 and a hint if the API cannot be reached", () =>
    Effect.gen(function*() {
      // A port that was just free.
      const { host } = yield* Effect.scoped(serve(() => {}))
      const result = yield* pcb(["restore", "describe", jobId, "--host", host], { env })
      assert.strictEqual(result.code, 8)
      assert.include(result.stderr, "ECONNREFUSED")
      assert.include(result.stderr, "PINECONE_CONTROLLER_HOST")
      assert.strictEqual(result.stdout, "")
    }))

  it.live("exits with 4 without a key, and with 2 for a host that the key must not be sent to", () =>
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

  it.live("logs requests with --debug, without the key", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) =>
        json(response, { error: { code: "NOT_FOUND", message: `Not for ${key}` }, status: 404 }, 404)
      )
      const result = yield* pcb(["restore", "describe", jobId, "--host", host, "--debug"], { env })
      assert.include(result.stderr, `> GET ${host}/restore-jobs/${jobId}`)
      assert.include(result.stderr, "> api-key: <redacted>")
      assert.match(result.stderr, /< 404 in \d+ ms/)
      assert.notInclude(result.stderr + result.stdout, key)
    }))

  it.live("delivers all output to a slow reader before it exits", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      const data = Array.from({ length: 10_000 }, (_, index) => ({ ...row, backup_id: `backup-${index}` }))
      const { host } = yield* serve((request, response) => json(response, isSchedule(request) ? schedule : { data }))
      const result = yield* pcb(["schedule", "history", scheduleId, "-o", "ndjson", "--host", host], {
        env,
        readAfter: 1_000
      })
      assert.strictEqual(result.stdout.split("\n").length, 10_001)
      assert.strictEqual(result.code, 0)
    }))

  it.live("delivers 5 MB to a slow reader before it exits with the code of a failure", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      const data = Array.from({ length: 12_000 }, (_, index) => ({ ...row, backup_id: `backup-${index}` }))
      const { host } = yield* serve((request, response) =>
        isSchedule(request)
          ? json(response, schedule)
          : request.url?.includes("paginationToken") === true
          ? json(response, { error: { code: "PERMISSION_DENIED", message: "No more" }, status: 403 }, 403)
          : json(response, { data, pagination: { next: "page-2" } })
      )
      const result = yield* pcb(["schedule", "history", scheduleId, "-o", "ndjson", "--host", host], {
        env,
        readAfter: 1_000
      })
      assert.isAbove(result.stdout.length, 5_000_000)
      const ids = result.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).backup_id)
      assert.deepStrictEqual(ids, data.map(({ backup_id }) => backup_id))
      assert.strictEqual(JSON.parse(result.stderr).error.code, "PERMISSION_DENIED")
      assert.strictEqual(result.code, 4)
    }))

  it.live("delivers one document of 5 MB to a slow reader", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      const data = Array.from({ length: 12_000 }, (_, index) => ({ ...row, backup_id: `backup-${index}` }))
      const { host } = yield* serve((_, response) => json(response, { data }))
      const result = yield* pcb(["backup", "list", "-o", "json", "--host", host], { env, readAfter: 1_000 })
      assert.isAbove(result.stdout.length, 5_000_000)
      assert.lengthOf(JSON.parse(result.stdout).data, 12_000)
      assert.deepStrictEqual([result.code, result.stderr], [0, ""])
    }))

  it.live("exits with 0 and without errors in a pipe to `head`", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      const data = Array.from({ length: 12_000 }, (_, index) => ({ ...row, backup_id: `backup-${index}` }))
      const { host } = yield* serve((_, response) => json(response, { data }))
      const result = yield* shell(`pcb backup list --host ${host} | head -n 1; echo "\${PIPESTATUS[0]}"`, env)
      assert.deepStrictEqual([result.stdout.split("\n").length, result.stdout.split("\n")[1], result.stderr], [
        3,
        "0",
        ""
      ])
    }))

  it.live("stops without errors when the reader closes the pipe", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      let page = 0
      const { host, requests } = yield* serve((request, response) => {
        if (isSchedule(request)) return json(response, schedule)
        const data = Array.from({ length: 1_000 }, (_, index) => ({ ...row, backup_id: `backup-${page}-${index}` }))
        json(response, { data, pagination: { next: `page-${++page}` } })
      })
      const result = yield* pcb(["schedule", "history", scheduleId, "--host", host], { env, closeAfter: 100 })
      assert.strictEqual(result.stderr, "")
      assert.strictEqual(result.code, 0)
      assert.isBelow(yield* Queue.size(requests), 50)
    }))

  it.live.each<[line: string, code: number]>([
    ["--demo schedule list", 0],
    ["--demo audit", 2],
    ["schedule pause docs nope", 3],
    ["backup delete 8c85 88dd --yes", 7],
    [`backup wait ${uuid("5d0c71aa")} ${uuid("853602dc")}`, 5]
  ])("exits with the same code after the reader closed the pipe: pcb %s", ([line, code]) =>
    Effect.gen(function*() {
      const { host } = yield* emulate({ ...seeds, now })
      const { stdout } = yield* shell(`pcb ${line} | true; echo \${PIPESTATUS[0]}`, {
        ...env,
        PINECONE_CONTROLLER_HOST: host
      })
      assert.strictEqual(stdout, `${code}\n`)
    }))

  it.live("exits after a signal even if the output is not read", () =>
    Effect.gen(function*() {
      const [row] = fixture("history").data
      let page = 0
      const { host } = yield* serve((request, response) => {
        if (isSchedule(request)) return json(response, schedule)
        const data = Array.from({ length: 1_000 }, (_, index) => ({ ...row, backup_id: `backup-${page}-${index}` }))
        json(response, { data, pagination: { next: `page-${++page}` } })
      })
      const result = yield* pcb(["schedule", "history", scheduleId, "-o", "ndjson", "--host", host, "--debug"], {
        env,
        readAfter: 60_000,
        signal: { on: "< 200", signal: "SIGTERM" }
      })
      assert.strictEqual(result.code, 143)
    }))

  it.live("keeps the exit code if standard error is closed", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) => json(response, {}, 404))
      const result = yield* pcb(["restore", "describe", jobId, "--host", host, "--debug"], { env, closeStderr: true })
      assert.strictEqual(result.code, 3)
    }))

  it.live("ignores Retry-After in the hint for a failure that waiting does not fix", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) => json(response, {}, 401, { "retry-after": "0" }))
      const result = yield* pcb(["restore", "describe", jobId, "--host", host], { env })
      assert.include(result.stderr, "check PINECONE_API_KEY")
      assert.notInclude(result.stderr, "wait")
      assert.strictEqual(result.code, 4)
    }))

  it.live("prints JSON without control characters", () =>
    Effect.gen(function*() {
      const job = { ...fixture("restore-job"), target_index_name: "a\u009b31mb\u202ec\u007f" }
      const { host } = yield* serve((_, response) => json(response, job))
      for (const format of ["json", "ndjson"]) {
        const result = yield* pcb(["restore", "describe", jobId, "--host", host, "-o", format], { env })
        assert.include(result.stdout, String.raw`a\u009b31mb\u202ec\u007f`)
        assert.deepStrictEqual(JSON.parse(result.stdout), job)
      }
    }))

  it.live("uses the proxy of the environment, except for excluded hosts", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const proxy = createServer()
      proxy.on("connect", ({ url }, socket) => {
        asked.push(url ?? "")
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")
      })
      const port = yield* Effect.acquireRelease(
        Effect.callback<number>((resume) => {
          proxy.listen(0, "127.0.0.1", () => resume(Effect.succeed((proxy.address() as AddressInfo).port)))
        }),
        () => Effect.sync(() => proxy.close())
      )
      const address = `http://user:secret@127.0.0.1:${port}`
      const host = "https://127.0.0.1:1"
      const list = (env: Record<string, string>) =>
        pcb(["backup", "list", "--host", host], { env: { PINECONE_API_KEY: key, ...env } })

      const through = yield* list({ HTTPS_PROXY: address })
      assert.notStrictEqual(through.code, 0)
      assert.isTrue(asked.length > 0 && asked.every((to) => to === "127.0.0.1:1"), asked.join())
      assert.notInclude(through.stderr, "secret")

      const before = asked.length
      for (const env of [{ HTTPS_PROXY: address, NO_PROXY: "127.0.0.1" }, { HTTP_PROXY: address }]) {
        assert.include((yield* list(env)).stderr, "ECONNREFUSED")
      }
      assert.strictEqual(asked.length, before)

      const wrong = yield* list({ HTTPS_PROXY: "http://user:secret@:::" })
      assert.include(wrong.stderr, "the proxy URL in HTTPS_PROXY or ALL_PROXY is invalid")
      assert.notInclude(wrong.stderr, "secret")
    }))

  it.live("rejects JSON nested too deeply, in every format", () =>
    Effect.gen(function*() {
      const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`
      const { host } = yield* serve((request, response) => {
        if (isSchedule(request)) return json(response, schedule)
        response.writeHead(200, { "content-type": "application/json" })
        response.end(JSON.stringify(fixture("history")).replace("\"cloud\"", `"new_key":${deep},"cloud"`))
      })
      for (const format of ["json", "ndjson", "tsv", "id", "table"]) {
        const result = yield* pcb(["schedule", "history", scheduleId, "-o", format, "--host", host], { env })
        assert.strictEqual(result.stdout, "")
        assert.include(result.stderr, "The response is nested too deeply")
        assert.strictEqual(result.code, 1)
      }
      for (const format of ["json", "ndjson"]) {
        const args = ["api", "GET", `/backup-schedules/${scheduleId}/history`, "-o", format, "--host", host]
        for (const more of [[], ["--paginate"]]) {
          const result = yield* pcb([...args, ...more], { env })
          assert.strictEqual(result.stdout, "")
          assert.strictEqual(JSON.parse(result.stderr).error.code, "MALFORMED_RESPONSE")
          assert.include(result.stderr, "is nested too deeply")
          assert.strictEqual(result.code, 1)
        }
      }
    }))

  it.live("exits with 130 after Ctrl-C with --follow", () =>
    Effect.gen(function*() {
      const result = yield* pcb(["--demo", "schedule", "history", "docs", "--follow"], {
        signal: { on: "Following docs-daily", signal: "SIGINT" }
      })
      assert.strictEqual(result.code, 130)
      assert.strictEqual(result.stdout, "")
    }))

  it.live.each([["SIGINT", 130], ["SIGTERM", 143]] as const)(
    "exits after %s with %i",
    ([signal, code]) =>
      Effect.gen(function*() {
        const { host } = yield* serve(() => {})
        const result = yield* pcb(["restore", "describe", jobId, "--host", host, "--debug"], {
          env,
          signal: { on: "> GET", signal }
        })
        assert.strictEqual(result.code, code)
        assert.strictEqual(result.stdout, "")
      })
  )

  it.live.each(["SIGINT", "SIGTERM"] as const)(
    "exits after a second %s at the latest",
    (signal) =>
      Effect.gen(function*() {
        const { host } = yield* serve(() => {})
        const result = yield* pcb(["restore", "describe", jobId, "--host", host, "--debug"], {
          env,
          signal: { on: "> GET", signal, isTwice: true }
        })
        assert.strictEqual(result.code, signal === "SIGINT" ? 130 : 143)
        assert.strictEqual(result.stdout, "")
      })
  )

  it.live("prints only results to standard output, and no escape codes to a pipe", () =>
    Effect.gen(function*() {
      const commands: ReadonlyArray<readonly [args: string, exitCode: number, prints: boolean]> = [
        ["schedule list -o table", 0, true],
        ["backup describe docs@latest -o table --debug", 0, true],
        ["help backup", 0, true],
        ["demo", 0, true],
        ["schedule pause docs -o table", 0, true],
        ["restore start docs@latest --name docs-new", 0, true],
        ["backup create docs --dry-run", 0, false],
        ["backup describe nope", 3, false],
        ["backup", 2, false],
        ["backup list --limt 3", 2, false]
      ]
      yield* Effect.forEach(commands, ([args, exitCode, prints]) =>
        Effect.gen(function*() {
          const { code, stderr, stdout } = yield* pcb(["--demo", ...args.split(" ")], {
            env: { TERM: "xterm-256color" }
          })
          assert.deepStrictEqual([code, stdout !== ""], [exitCode, prints], `${args}: ${stderr}`)
          assert.notInclude(stdout + stderr, "\u001b", args)
          for (const word of ["error", "Started", "note", "USAGE  pcb backup <", "> GET"]) {
            if (args !== "help backup") assert.notInclude(stdout, word, args)
          }
        }), { concurrency: 2 })
    }))

  it.live("does not print the key, even if the service echoes it", () =>
    Effect.gen(function*() {
      const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`
      const { host } = yield* serve((_, response) =>
        void response.writeHead(200, { "content-type": "application/json" }).end(`{"${key}":${deep}}`)
      )
      const { stderr, stdout } = yield* pcb(["restore", "describe", "deep", "--host", host, "--debug"], { env })
      assert.include(stderr, "error: ")
      assert.notInclude(stdout + stderr, key)
    }))

  it.live("sends nothing destructive without --yes, even with -o json", () =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve((_, response) => json(response, { data: [], indexes: [] }))
      const commands = [
        `backup delete ${jobId}`,
        "backup delete a b",
        `schedule delete ${scheduleId}`,
        "schedule rm docs",
        "api DELETE /indexes/docs"
      ]
      for (const command of commands) {
        for (const more of ["", "--json", "-o ndjson", "--quiet", "--no-input"]) {
          const refused = yield* run(`${command} ${more} --host ${host}`, { env, stdin: "y\n" })
          assert.deepStrictEqual([refused.exitCode, refused.stdout], [6, ""], `${command} ${more}: ${refused.stderr}`)
          assert.include(refused.stderr, "without --yes")
        }
      }
      const refused = yield* pcb(["backup", "delete", "a", "--json", "--host", host], { env, stdin: "y\n" })
      assert.deepStrictEqual([refused.code, refused.stdout], [6, ""])
      assert.isTrue((yield* Queue.takeAll(requests)).every(({ method }) => method === "GET"))
    }))

  it.live.each<readonly [env: Record<string, string>, isUnicode: boolean]>([
    [{ LANG: "C" }, false],
    [{ LANG: "C.UTF-8" }, true],
    [{ LANG: "C.UTF-8", LC_ALL: "POSIX" }, false],
    [{ LANG: "en_US.utf8", LC_CTYPE: "" }, true]
  ])("prints only ASCII if the locale requires it: %j", ([env, isUnicode]) =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* pcb(["--demo", "schedule", "list", "-o", "table"], { env })
      assert.strictEqual(/^[\x20-\x7e\n]*$/.test(stdout + stderr), !isUnicode)
    }))
})
