import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { lookup } from "node:dns/promises"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { hostname } from "node:os"
import { join } from "node:path"
import { home, run } from "./harness.ts"
import { pcb, start } from "./support.ts"

/** `true` if this machine can resolve its own name, which is not loopback to a host guard. */
const ownName = await lookup(hostname()).then(() => hostname() !== "localhost", () => false)

const hostOf = (stdout: string): string =>
  /^export PINECONE_CONTROLLER_HOST=(http:\/\/127\.0\.0\.1:\d+) PINECONE_API_KEY=local\n$/.exec(stdout)?.[1] ?? stdout

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly json: Readonly<Record<string, unknown>>
}

/** A request as curl sends it. */
const curl = (
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {}
): Effect.Effect<Answer> =>
  Effect.callback((resume) => {
    const call = request(url, {
      method,
      headers: { "api-key": "any", "x-pinecone-api-version": "2026-07", "content-type": "application/json", ...headers }
    }, (response) => {
      let text = ""
      response.on("data", (chunk) => text += chunk)
      response.on("end", () =>
        resume(Effect.succeed({
          status: response.statusCode,
          headers: response.headers,
          json: text.startsWith("{") ? JSON.parse(text) : {}
        })))
    })
    // The emulator is stopped while some requests are in progress.
    call.on("error", () => {})
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })

describe("pcb emulator", { timeout: 30_000 }, () => {
  it.live("prints only the export command, then one line per request on standard error", () =>
    Effect.gen(function*() {
      const emulator = yield* start(["emulator", "--port", "0"])
      const host = hostOf(emulator.stdout())
      assert.strictEqual((yield* curl("GET", `${host}/indexes`)).status, 200)
      assert.strictEqual((yield* curl("GET", `${host}/nowhere`)).status, 404)
      const through = yield* pcb(["api", "GET", "/backups", "--field", "limit=2"], {
        env: { PINECONE_CONTROLLER_HOST: host, PINECONE_API_KEY: "local" }
      })
      assert.lengthOf(JSON.parse(through.stdout).data, 2)

      const { code, millis, stderr, stdout } = yield* emulator.end("SIGINT")
      assert.strictEqual(hostOf(stdout), host)
      assert.deepStrictEqual(stderr.trimEnd().split("\n").map((line) => line.replace(/\d+ ms$/, "_ ms")), [
        "note: the emulated clock starts at 2026-11-21 20:00 UTC",
        "note: audits do not use the built-in policy of --demo, and report fewer findings",
        "GET /indexes 200 _ ms",
        "GET /nowhere 404 _ ms",
        "GET /backups?limit=2 200 _ ms"
      ])
      assert.strictEqual(code, 130)
      assert.isBelow(millis, 200)
    }))

  it.live("exits immediately despite waiting clients, with different codes for SIGTERM and Ctrl-C", () =>
    Effect.gen(function*() {
      const emulator = yield* start(["emulator", "--port", "0", "--latency", "1h"])
      yield* Effect.forkScoped(curl("GET", `${hostOf(emulator.stdout())}/indexes`))
      yield* Effect.sleep("100 millis")
      const { code, millis } = yield* emulator.end("SIGTERM")
      assert.strictEqual(code, 143)
      assert.isBelow(millis, 200)
    }))

  it.live("simulates failures, latency and rate limits", () =>
    Effect.gen(function*() {
      const down = yield* start(["emulator", "--port", "0", "--fail-rate", "1", "-q"])
      const failed = yield* curl("GET", `${hostOf(down.stdout())}/indexes`)
      assert.strictEqual(failed.status, 503)
      assert.strictEqual((yield* down.end("SIGINT")).stderr, "")

      const busy = yield* start(["emulator", "--port", "0", "--rate-limit", "2/h", "--latency", "20ms"])
      const url = `${hostOf(busy.stdout())}/indexes`
      const answers = yield* Effect.forEach([1, 2, 3], () => curl("GET", url))
      assert.deepStrictEqual(answers.map(({ status }) => status), [200, 200, 429])
      assert.isAbove(Number(answers[2]?.headers["retry-after"]), 3_500)
      const { stderr } = yield* busy.end("SIGINT")
      for (const [, millis] of stderr.matchAll(/ (\d+) ms$/gm)) assert.isAtLeast(Number(millis), 19)
    }))

  it.live("accepts a quota, a speed and a seed", () =>
    Effect.gen(function*() {
      const directory = yield* home({ "seed.json": JSON.stringify({ indexes: [{ name: "mine" }] }) })
      const emulator = yield* start([
        "emulator",
        "--port",
        "0",
        "--seed",
        join(directory, "seed.json"),
        "--quota",
        "1",
        "--speed",
        "3600x"
      ])
      const host = hostOf(emulator.stdout())
      const { json } = yield* curl("GET", `${host}/indexes`)
      assert.deepStrictEqual((json.indexes as ReadonlyArray<{ name: string }>).map(({ name }) => name), ["mine"])
      assert.strictEqual((yield* curl("POST", `${host}/indexes/mine/backups`, {})).status, 200)
      assert.isAtLeast((yield* curl("POST", `${host}/indexes/mine/backups`, {})).status ?? 0, 400)
      const times = yield* Effect.forEach([1, 2], () =>
        Effect.andThen(
          Effect.sleep("100 millis"),
          Effect.map(curl("GET", `${host}/indexes`), ({ headers }) => Date.parse(String(headers.date)))
        ))
      // A tenth of a second is six emulated minutes.
      assert.isAtLeast((times[1] ?? 0) - (times[0] ?? 0), 300_000)
      yield* emulator.end("SIGINT")
    }))

  it.live("loads the restores of the demo project with any quota", () =>
    Effect.gen(function*() {
      const emulator = yield* start(["emulator", "--port", "0", "--quota", "7"])
      const { json } = yield* curl("GET", `${hostOf(emulator.stdout())}/_emulator/state`)
      assert.nestedPropertyVal(json, "state.project.backupQuota", 7)
      assert.nestedPropertyVal(json, "state.project.restoreDuration", "581000 millis")
      yield* emulator.end("SIGINT")
    }))

  it.live("rejects an out-of-range --speed and an empty --state", () =>
    Effect.gen(function*() {
      for (const args of [["--speed", "1000001x"], ["--speed", "9".repeat(400)], ["--state", ""]]) {
        const { code, stderr, stdout } = yield* pcb(["emulator", "--port", "0", ...args])
        assert.match(stderr, /^error: .*Expected a (factor|path)/)
        assert.deepStrictEqual([code, stdout], [2, ""])
      }
    }))

  it.live("listens on other addresses, and accepts them, loopback and allowed hosts", () =>
    Effect.gen(function*() {
      const emulator = yield* start([
        "emulator",
        "--listen",
        "0.0.0.0:0",
        "--allow-host",
        "Pinecone",
        "--seed",
        "empty"
      ])
      const host = hostOf(emulator.stdout())
      const status = (host_: string, path = "/indexes") =>
        Effect.map(curl("GET", `${host}${path}`, undefined, { host: host_ }), ({ status }) => status)
      for (const name of ["pinecone:5081", "localhost", "10.9.8.7"]) assert.strictEqual(yield* status(name), 200)
      const refused = yield* curl("GET", `${host}/indexes`, undefined, { host: "evil.example" })
      assert.strictEqual(refused.status, 403)
      assert.nestedPropertyVal(
        refused.json,
        "error.message",
        "This emulator does not accept the host evil.example: use an address that it listens on, or start it with --allow-host evil.example."
      )
      assert.strictEqual(yield* status("pinecone", "/_emulator/health"), 200)
      assert.strictEqual(yield* status("pinecone", "/_emulator/clock"), 403)
      assert.strictEqual(yield* status("localhost", "/_emulator/clock"), 200)
      const { stderr } = yield* emulator.end("SIGINT")
      assert.strictEqual(stderr.split("\n")[0], "note: other machines can reach this emulator, and any key is accepted")

      const other = yield* start(["emulator", "--listen", "127.0.0.2:0"])
      assert.match(
        other.stdout(),
        /^export PINECONE_CONTROLLER_HOST=http:\/\/127\.0\.0\.2:\d+ PINECONE_API_KEY=local\n$/
      )
      assert.notInclude((yield* other.end("SIGINT")).stderr, "other machines")
    }))

  it.live("listens on IPv6, and opens its control routes with --allow-control", () =>
    Effect.gen(function*() {
      const args = ["emulator", "--listen", "[::]:0", "--allow-control", "--allow-host", "pinecone", "--seed", "empty"]
      const emulator = yield* start(args)
      const [, host = ""] = /^export PINECONE_CONTROLLER_HOST=(http:\/\/\[::1\]:\d+) /.exec(emulator.stdout()) ?? []
      const { status } = yield* curl("GET", `${host}/_emulator/clock`, undefined, { host: "pinecone" })
      assert.strictEqual(status, 200)
      const { stderr } = yield* emulator.end("SIGINT")
      assert.include(stderr, "any key is accepted; /_emulator needs no key\n")
    }))

  it.live("sends CORS headers with --cors, for this machine and the given origins", () =>
    Effect.gen(function*() {
      const allowed = (args: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          const emulator = yield* start(["emulator", "--port", "0", "--seed", "empty", ...args])
          const url = `${hostOf(emulator.stdout())}/indexes`
          const origins = ["http://localhost:5173", "https://app.example", "https://evil.example"]
          const found = yield* Effect.forEach(origins, (origin) =>
            Effect.map(
              curl("GET", url, undefined, { origin }),
              ({ headers }) => headers["access-control-allow-origin"]
            ))
          yield* emulator.end("SIGINT")
          return found
        })
      assert.deepStrictEqual(yield* allowed([]), [undefined, undefined, undefined])
      assert.deepStrictEqual(yield* allowed(["--cors"]), ["http://localhost:5173", undefined, undefined])
      assert.deepStrictEqual(yield* allowed(["--cors", "--cors-origin", "https://App.example/"]), [
        "http://localhost:5173",
        "https://app.example",
        undefined
      ])
    }))

  it.live.skipIf(!ownName)("accepts the hostname in --listen", () =>
    Effect.gen(function*() {
      const emulator = yield* start(["emulator", "--listen", `${hostname()}:0`, "--seed", "empty"])
      const [, host = "", port] = /=http:\/\/(\S+):(\d+) /.exec(emulator.stdout()) ?? []
      const status = (name: string) =>
        Effect.map(
          curl("GET", `http://${host}:${port}/indexes`, undefined, { host: `${name}:${port}` }),
          ({ status }) => status
        )
      assert.strictEqual(yield* status(hostname()), 200)
      assert.strictEqual(yield* status("evil.example"), 403)
      yield* emulator.end("SIGINT")
    }))

  it.live("prints a hint for each reason why it cannot listen", () =>
    Effect.gen(function*() {
      // An address reserved for documentation.
      const elsewhere = yield* pcb(["emulator", "--listen", "192.0.2.1:0"])
      assert.strictEqual(
        elsewhere.stderr,
        "error: Cannot listen on port 0 of 192.0.2.1: EADDRNOTAVAIL\n" +
          "  try         use 0.0.0.0 or an address of this machine: 192.0.2.1 is not an address of this machine\n"
      )
      const nameless = yield* pcb(["audit", "--demo", "--listen", "nowhere.invalid:0"])
      assert.match(
        nameless.stderr,
        /Cannot listen on port 0 of nowhere\.invalid: \w+\n {2}try {9}use 0\.0\.0\.0 or an address of this machine: nowhere\.invalid does not resolve to an address\n/
      )
    }))

  it.effect.each<[args: string, message: string]>([
    ["--listen localhost", "Expected an address such as :5081 or 0.0.0.0:5081"],
    ["--port 70000", "Expected a port from 0 to 65535"],
    ["--listen :0 --port 0", "--listen cannot be combined with --port"],
    ["--allow-host http://pinecone", "Expected a host name or an IP address, without a port"],
    ["--cors --cors-origin *", "Expected an origin such as https://app.example"],
    ["--cors-origin https://app.example", "--cors-origin requires --cors"],
    [
      "--host 0.0.0.0:5081",
      "--host has no effect on pcb emulator, which does not connect to Pinecone: use --listen to set the address"
    ],
    ["--insecure-http", "--insecure-http has no effect on pcb emulator"],
    ["--api-key-file key.txt", "--api-key-file has no effect on pcb emulator"],
    ["--profile nope", "--profile has no effect on pcb emulator"],
    ["--request-timeout 1s", "--request-timeout has no effect on pcb emulator"],
    ["--debug", "--debug has no effect on pcb emulator"]
  ])("rejects invalid flags and flags without effect: %s", ([args, message]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(`emulator ${args}`)
      assert.include(stderr.replace(/\n\s+/g, " "), message)
      assert.deepStrictEqual([exitCode, stdout], [2, ""])
    }))

  it.effect("rejects connection flags like pcb demo does", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* run("demo --host https://x.example")
      assert.include(stderr, "--host has no effect on pcb demo, which does not connect to Pinecone")
      assert.strictEqual(exitCode, 2)
      assert.strictEqual((yield* run("demo --demo")).exitCode, 0)
    }))

  it.live("saves its state in a file, and does not touch a damaged file", () =>
    Effect.gen(function*() {
      const path = join(yield* home(), "state.json")
      const first = yield* start(["emulator", "--port", "0", "--state", path])
      assert.strictEqual((yield* curl("DELETE", `${hostOf(first.stdout())}/indexes/docs-restored`)).status, 202)
      yield* first.end("SIGINT")
      const second = yield* start(["emulator", "--port", "0", "--state", path])
      const { json } = yield* curl("GET", `${hostOf(second.stdout())}/indexes`)
      assert.lengthOf(json.indexes as ReadonlyArray<unknown>, 8)
      yield* second.end("SIGINT")

      writeFileSync(path, "half of i")
      const damaged = yield* pcb(["emulator", "--port", "0", "--state", path, "-o", "json"])
      assert.strictEqual(JSON.parse(damaged.stderr).error.code, "DAMAGED_STATE_FILE")
      assert.deepStrictEqual([damaged.code, damaged.stdout], [1, ""])
      assert.strictEqual(readFileSync(path, "utf8"), "half of i")
      const nowhere = yield* pcb(["emulator", "--port", "0", "--state", `${path}/x`])
      assert.include(nowhere.stderr, "cannot be used: a part of the path is not a directory")
      assert.strictEqual(nowhere.code, 1)
    }))

  it.live("locks its state file until it exits or is killed", () =>
    Effect.gen(function*() {
      const path = join(yield* home(), "state.json")
      const args = ["emulator", "--port", "0", "--seed", "empty", "--state", path]
      const first = yield* start(args)
      yield* curl("PUT", `${hostOf(first.stdout())}/_emulator/clock/speed`, { speed: 2 })
      const before = readFileSync(path, "utf8")
      const refused = yield* pcb([...args, "-o", "json"])
      const { error } = JSON.parse(refused.stderr)
      assert.strictEqual(error.code, "STATE_FILE_IN_USE")
      assert.match(error.message, /state\.json is in use by process \d+$/)
      assert.include(error.hint, "state.json.lock")
      assert.deepStrictEqual([refused.code, refused.stdout], [1, ""])
      assert.strictEqual(readFileSync(path, "utf8"), before)

      yield* first.end("SIGKILL")
      assert.isTrue(existsSync(`${path}.lock`))
      const second = yield* start(args)
      assert.strictEqual((yield* pcb(args)).code, 1)
      yield* second.end("SIGTERM")
      assert.isFalse(existsSync(`${path}.lock`))
    }))

  it.live("rejects a read-only state file without touching it", () =>
    Effect.gen(function*() {
      const directory = yield* home({ "state.json": "" }, 0o400)
      const { code, stderr, stdout } = yield* pcb(["emulator", "--port", "0", "--state", join(directory, "state.json")])
      assert.include(stderr, "state.json cannot be written: it is read-only\n")
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.deepStrictEqual(readdirSync(directory), ["state.json"])
    }))

  it.live("reports a port in use and invalid seeds", () =>
    Effect.gen(function*() {
      const emulator = yield* start(["emulator", "--port", "0", "--seed", "empty"])
      const [port = ""] = hostOf(emulator.stdout()).split(":").slice(-1)
      const taken = yield* pcb(["emulator", "--port", port])
      assert.strictEqual(
        taken.stderr,
        `error: Port ${port} of 127.0.0.1 is in use\n  try         pcb emulator --listen :0, to use a free port\n`
      )
      assert.deepStrictEqual([taken.code, taken.stdout], [1, ""])

      const directory = yield* home({
        "text.json": "text",
        "wrong.json": "{\"indexes\":[{\"name\":5}]}",
        "typo.json": "{\"indices\":[]}",
        "twice.json": "{\"indexes\":[{\"name\":\"a\"},{\"name\":\"a\"}]}"
      })
      for (
        const [file, message] of [
          ["text.json", "is not JSON"],
          ["wrong.json", "indexes[0].name: Expected string | null, got 5"],
          ["typo.json", "indices: Unknown key. Expected indexes, schedules, backups, restoreJobs"],
          ["twice.json", "already"],
          ["nowhere.json", "file not found"]
        ] as const
      ) {
        const { code, stderr, stdout } = yield* pcb(["emulator", "--port", "0", "--seed", join(directory, file)])
        assert.include(stderr, `${file}: `)
        assert.include(stderr, message)
        assert.deepStrictEqual([code, stdout], [2, ""])
      }
    }))
})
