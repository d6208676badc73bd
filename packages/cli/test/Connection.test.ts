import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { join } from "node:path"
import * as ExitCode from "../src/output/ExitCode.ts"
import { home, run, start } from "./harness.ts"
import { now, project, seeds, uuid } from "./project.ts"
import { serve } from "./support.ts"

/** The project, and a machine whose clock is ahead of it. */
const ahead = Effect.fnUntraced(function*(by: Duration.Input) {
  yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.addDuration(now, by)))
  return yield* ControlPlane.make({ ...seeds, now, project: { backupDuration: Duration.seconds(1) } })
})

/** The same service, without the header for simulated time. */
const real = (service: Layer.Layer<HttpClient.HttpClient>) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.transformResponse(
        client,
        Effect.flatMap((response) =>
          Effect.map(response.text, (text) => {
            const { "x-simulated-time": _, ...headers } = response.headers
            return HttpClientResponse.fromWeb(
              response.request,
              new Response(text, { status: response.status, headers })
            )
          })
        )
      ))
  ).pipe(Layer.provide(service))

describe("a wrong clock", () => {
  it.effect.each([
    "schedule list",
    "schedule describe docs",
    "schedule history docs --calendar",
    "schedule history docs --list",
    `schedule history ${uuid("c688ed12")} --list --since 36h`,
    "backup list --since 24h",
    "backup list",
    "backup delete before-reindex --dry-run",
    `backup wait ${uuid("5d0c71aa")} -o table`,
    "restore list",
    "restore start docs@latest --name docs-new --dry-run"
  ])("does not change the output: pcb %s", (args) =>
    Effect.gen(function*() {
      const right = yield* run(args, { on: yield* ahead(0), columns: 120 })
      assert.strictEqual(right.exitCode, 0)
      for (const by of ["-3 days", "400 days"] as const) {
        const wrong = yield* run(args, { on: yield* ahead(by), columns: 120 })
        assert.deepStrictEqual([wrong.stdout, wrong.stderr], [right.stdout, right.stderr])
      }
    }))

  it.effect.each([
    "schedule update docs --keep 2 --dry-run",
    "schedule create docs --every daily --keep 2 --ensure --dry-run"
  ])("never understates a loss: pcb %s", (args) =>
    Effect.gen(function*() {
      const lost = (stderr: string) => Number(/^ {2}(\d+) of 3 backups/m.exec(stderr)?.[1])
      const right = yield* run(args, { on: yield* ahead(0), columns: 120 })
      assert.strictEqual(lost(right.stderr), 1)
      assert.notInclude(right.stderr, "clocks")
      for (const [by, count, apart] of [["-3 days", 1, "3d"], ["400 days", 3, "400d"]] as const) {
        const wrong = yield* run(args, { on: yield* ahead(by), columns: 120, through: real })
        assert.strictEqual(lost(wrong.stderr), count)
        assert.include(wrong.stderr, `the clocks of this machine and of the service differ by ${apart}`)
      }
    }))

  it.effect.each<[name: string, env: Record<string, string>, isShown: boolean]>([
    ["a value for the official SDK", { PINECONE_DEBUG: "verbose" }, true],
    ["any value", { PINECONE_DEBUG: "*" }, true],
    ["yes", { PINECONE_DEBUG: "1" }, true],
    ["no", { PINECONE_DEBUG: "False" }, false],
    ["nothing", { PINECONE_DEBUG: "" }, false],
    ["PCB_DEBUG takes precedence", { PCB_DEBUG: "0", PINECONE_DEBUG: "verbose" }, false]
  ])("logs requests with PINECONE_DEBUG=%s", ([, env, isShown]) =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* run("--demo schedule list", { env })
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(stderr.includes("> GET"), isShown)
    }))

  it.effect("is reported once with --debug", () =>
    Effect.gen(function*() {
      const told = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("* "))
      const after = yield* run("schedule list --debug", { on: yield* ahead("-3 days") })
      assert.deepStrictEqual(told(after.stderr), [
        "* the service's clock is at 2026-11-21T20:00:00Z, 3d ahead of this machine; using the service's clock"
      ])
      const before = yield* run("schedule list --debug", { on: yield* ahead("90 seconds") })
      assert.deepStrictEqual(told(before.stderr), [
        "* the service's clock is at 2026-11-21T20:00:00Z, 1m30s behind this machine; using the service's clock"
      ])
      assert.deepStrictEqual(told((yield* run("schedule list --debug", { on: yield* ahead("59 seconds") })).stderr), [])
    }))

  it.effect("never makes old backups look new, and is reported with --debug", () =>
    Effect.gen(function*() {
      const told = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("* "))
      const behind = yield* run("schedule list --debug", { on: yield* ahead("9 days"), through: real })
      assert.deepStrictEqual(told(behind.stderr), [
        "* the service's clock is at 2026-11-21T20:00:00Z, 9d behind this machine; using this machine's clock"
      ])
      const further = yield* run("schedule list --debug", { on: yield* ahead("-9 days"), through: real })
      assert.deepStrictEqual(told(further.stderr), [
        "* the service's clock is at 2026-11-21T20:00:00Z, 9d ahead of this machine; using the service's clock"
      ])
    }))

  it.effect.each<[by: Duration.Input, exitCode: number, checks: ReadonlyArray<string>]>([
    ["0 seconds", 0, []],
    ["59 minutes", 0, []],
    ["-59 minutes", 0, []],
    ["2 hours", 3, ["clock"]],
    ["-2 hours", 3, ["clock"]],
    ["9 days", 3, ["clock", "stale"]],
    ["-9 days", 3, ["clock"]]
  ])(
    "makes an audit unknown if it differs too much from the service's clock: %s",
    ([by, exitCode, checks]) =>
      Effect.gen(function*() {
        const args = "audit docs --max-age 26h --only stale -o json"
        const { stdout, ...result } = yield* run(args, { on: yield* ahead(by), through: real })
        assert.strictEqual(result.exitCode, exitCode, stdout)
        const { indexes, project } = JSON.parse(stdout)
        const findings: ReadonlyArray<{ readonly check: string; readonly severity: string }> = [
          ...project,
          ...indexes[0].findings
        ]
        assert.deepStrictEqual(findings.map(({ check }) => check), checks)
        assert.isTrue(findings.every(({ severity }) => severity === "unknown"))
        // Only an emulator knows its time.
        const simulated = yield* run(args, { on: yield* ahead(by) })
        assert.strictEqual(simulated.exitCode, 0, simulated.stdout)
      })
  )

  it.live.each(["", "nope", "0", "2026-11-21T20:00:00Z"])(
    "is used if the Date of a response is invalid: %j",
    (date) =>
      Effect.gen(function*() {
        const at = DateTime.formatIso(DateTime.subtract(yield* DateTime.now, { days: 3, minutes: 1 }))
        const { host } = yield* serve((_, response) => {
          response.writeHead(200, { "content-type": "application/json", ...(date !== "" && { date }) })
          const row = {
            backup_id: "b",
            source_index_id: "i",
            source_index_name: "docs",
            status: "Ready",
            created_at: at
          }
          response.end(JSON.stringify({ data: [row] }))
        })
        const { stdout } = yield* run(["backup", "list", "--host", host], {
          columns: 120,
          env: { PINECONE_API_KEY: "any" }
        })
        assert.include(stdout, "3d ago")
      })
  )
})

describe("a busy service", () => {
  /** Runs a command line to its end, advancing the clock. */
  const runLong = Effect.fnUntraced(function*(...args: Parameters<typeof start>) {
    const { fiber, run } = yield* start(...args)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.repeat(Effect.yieldNow, { times: 5 })
      yield* TestClock.adjust("1 second")
    }
    return yield* run
  })

  it.effect.each<[args: string, retryAfter: Duration.Input, stderr: string]>([
    ["backup list", "30 seconds", "The service asked to wait 30s (429); retrying …\n"],
    ["backup list", "1 minute", "The service asked to wait 1m (429); retrying …\n"],
    ["backup list", "5 seconds", ""],
    ["backup list --quiet", "30 seconds", ""],
    ["api GET /backups", "30 seconds", "The service asked to wait 30s (429); retrying …\n"]
  ])("is reported if the delay is long: pcb %s, in %s", ([args, retryAfter, stderr]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.list", Fault.rateLimited({ retryAfter }))
      const result = yield* runLong(args, { on: plane })
      assert.deepStrictEqual([result.exitCode, result.stderr], [0, stderr])
    }))

  it.effect("is not retried if it asks for a longer delay than the policy allows, and the delay is printed", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.list", Fault.rateLimited({ retryAfter: "5 minutes" }))
      const { exitCode, stderr } = yield* run("backup list", { on: plane })
      assert.strictEqual(exitCode, ExitCode.refused)
      assert.include(stderr, "wait 5m, then try again")
      assert.lengthOf(yield* plane.requests, 1)
    }))

  it.effect("is reported once for concurrent requests", () =>
    Effect.gen(function*() {
      // Responses are slow, so both requests are sent before one is throttled.
      const plane = yield* project({
        ...seeds,
        chooseFault: (_, fault) => Effect.delay(Effect.succeed(fault), "1 second")
      })
      yield* plane.fault("BackupSchedules.list", Fault.rateLimited({ retryAfter: "20 seconds" }), { times: 2 })
      const result = yield* runLong("schedule list", { on: plane })
      assert.deepStrictEqual(
        [result.exitCode, result.stderr],
        [0, "The service asked to wait 20s (429); retrying …\n"]
      )
      const lists = (yield* plane.requests).filter(({ operation }) => operation === "BackupSchedules.list")
      assert.deepStrictEqual(lists.slice(0, 2).map(({ status }) => status), [429, 429])
    }))

  it.effect("gets no further requests during the delay that it asks for", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("BackupSchedules.list", Fault.rateLimited({ retryAfter: "20 seconds" }))
      const { fiber, run } = yield* start("schedule list", { on: plane })
      yield* Effect.repeat(Effect.yieldNow, { times: 50 })
      const count = Effect.map(plane.requests, ({ length }) => length)
      const before = yield* count
      assert.strictEqual((yield* plane.requests).at(-1)?.status, 429)
      yield* TestClock.adjust("19 seconds")
      assert.strictEqual(yield* count, before)
      while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* run).exitCode, 0)
      assert.isAbove(yield* count, before + 1)
    }))

  it.effect("is reported in place of the live line", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.list", Fault.rateLimited({ retryAfter: "30 seconds" }))
      const result = yield* runLong("backup list", { on: plane, errorColumns: 80, isUnicode: false })
      assert.strictEqual(result.stderr, "\r\u001b[2KThe service asked to wait 30s (429); retrying ...\n")
    }))
})

describe("--insecure-http", () => {
  const args = "backup list --host http://pinecone:5081 -o json"
  const warning = "warning: the API key is sent unencrypted to pinecone:5081\n"

  it.effect("is required for http to another machine, as the error says", () =>
    Effect.gen(function*() {
      const on = yield* project()
      const refused = yield* run(args, { on })
      assert.strictEqual(
        JSON.parse(refused.stderr).error.message,
        "--host: must be https: an unencrypted connection would expose the API key; --insecure-http allows it"
      )
      assert.strictEqual(refused.exitCode, ExitCode.usage)
      assert.deepStrictEqual(yield* on.requests, [])
      for (const env of [{}, { PINECONE_ALLOW_INSECURE_HOST: "false" }]) {
        const allowed = yield* run(`${args} --insecure-http`, { on, env })
        assert.deepStrictEqual([allowed.exitCode, allowed.stderr], [0, warning])
      }
      assert.strictEqual((yield* run(`${args} --insecure-http -q`, { on })).stderr, "")
    }))

  it.effect("can be set by a variable, which the flag overrides", () =>
    Effect.gen(function*() {
      const on = yield* project()
      const env = { PINECONE_ALLOW_INSECURE_HOST: "true" }
      const allowed = yield* run(args, { on, env })
      assert.deepStrictEqual([allowed.exitCode, allowed.stderr], [0, warning])
      assert.strictEqual((yield* run(`${args} --no-insecure-http`, { on, env })).exitCode, ExitCode.usage)
      const wrong = yield* run(args, { on, env: { PINECONE_ALLOW_INSECURE_HOST: "perhaps" } })
      assert.strictEqual(wrong.exitCode, ExitCode.usage)
      assert.include(wrong.stderr, "PINECONE_ALLOW_INSECURE_HOST: ")
    }))

  it.effect("is added to the next step, with all flags that select the project", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const HOME = yield* home({ ".config/pcb/config.json": `{"profiles":{"c":{}}}`, "key file": "key" })
      const flags = [
        "--profile",
        "c",
        "--api-key-file",
        join(HOME, "key file"),
        "--host",
        "http://pinecone:5081",
        "--insecure-http"
      ]
      const { stderr } = yield* run(["backup", "create", "docs", ...flags], { on, env: { HOME } })
      const pasted = `--profile c --api-key-file '${HOME}/key file' --host http://pinecone:5081 --insecure-http\n`
      assert.match(stderr, / {2}next {2}pcb backup wait \S+ --profile/)
      assert.isTrue(stderr.endsWith(pasted), stderr)

      const piped = yield* run(["backup", "create", "docs", "--api-key-file", "-"], { on, stdin: "key" })
      assert.match(piped.stderr, / {2}next {2}pcb backup wait \S+ --api-key-file -\n$/)
      const plain = yield* run(["backup", "create", "docs"], { on, env: { PINECONE_ALLOW_INSECURE_HOST: "true" } })
      assert.match(plain.stderr, / {2}next {2}pcb backup wait \S+\n$/)
    }))

  it.effect("prints no warning for encrypted connections", () =>
    Effect.gen(function*() {
      const on = yield* project()
      for (const host of ["https://api.pinecone.io", "http://127.0.0.1:5081", "http://pinecone.localhost"]) {
        const { exitCode, stderr } = yield* run(`backup list -o json --insecure-http --host ${host}`, { on })
        assert.deepStrictEqual([exitCode, stderr], [0, ""])
      }
    }))
})
