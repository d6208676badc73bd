import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import { join } from "node:path"
import * as Check from "../src/commands/doctor/Check.ts"
import * as Machine from "../src/commands/doctor/Machine.ts"
import * as Connection from "../src/Connection.ts"
import * as Shell from "../src/shared/Shell.ts"
import type * as Screen from "../src/terminal/Screen.ts"
import * as Harness from "./harness.ts"
import { now, project, seeds } from "./project.ts"
import { pcb, serve } from "./support.ts"

const fail = (code: string) => Effect.fail(new Machine.Unreachable({ code }))

/** A machine with a working network. */
const machine: Machine.Service = {
  node: "24.21.0",
  platform: "linux",
  architecture: "x64",
  proxyFor: () => "",
  resolve: () => Effect.succeed(["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
  connect: () => Effect.void,
  secure: () => Effect.succeed("TLSv1.3")
}

interface Options extends Harness.Options {
  readonly machine?: Partial<Machine.Service>
  /** The `Date` of every response. */
  readonly date?: string | undefined
}

const key = "pcsk_2dKm4p_ThisIsNoKeyOfAnybodyAtAll"

/** Runs a command line on a machine. */
const run = Effect.fnUntraced(function*(args: string, { date, machine: more, on, ...options }: Options = {}) {
  const program = Harness.run(args, {
    ...options,
    env: { HOME: "/nowhere", PINECONE_API_KEY: key, ...options.env }
  }).pipe(Effect.provideService(Machine.Machine, { ...machine, ...more }))
  if (on === undefined) return yield* program
  const transport = Layer.provide(Emulator.layerMemory, Layer.succeed(ControlPlane.ControlPlane, on))
  const dated = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      HttpClient.HttpClient,
      HttpClient.transform((response, request) =>
        Effect.flatMap(response, (response) =>
          Effect.map(response.text, (text) =>
            HttpClientResponse.fromWeb(
              request,
              new Response(text, {
                status: response.status,
                headers: { ...response.headers, ...(date !== undefined && { date }) }
              })
            )))
      )
    )
  )
  return yield* Effect.provideService(program, Connection.Transport, Layer.provide(dated, transport))
})

interface Row {
  readonly check: Check.Id
  readonly status: Check.Check["status"]
  readonly found: string
  readonly try?: string
  readonly exit_code?: number
}

/** The result as JSON, with its checks by ID. */
const examine = Effect.fnUntraced(function*(args: string, options: Options = {}) {
  const { exitCode, stderr, stdout } = yield* run(`doctor ${args} -o json`, options)
  const report: { readonly schema: string; readonly exit_code: number; readonly checks: ReadonlyArray<Row> } = JSON
    .parse(stdout)
  assert.deepStrictEqual([report.schema, report.exit_code, stderr], ["pcb.doctor/v1", exitCode, ""])
  // All checks, once each and in order.
  assert.deepStrictEqual(report.checks.map(({ check }) => check), [...Check.ids])
  const of = (id: Check.Id) => report.checks.find(({ check }) => check === id)
  return {
    exitCode,
    of,
    statuses: Object.fromEntries(
      report.checks.filter(({ status }) => status !== "ok").map(({ check, status }) => [check, status])
    )
  }
})

const plane = project(seeds)

/** The remaining problems of a healthy setup. */
const wellWith = { completion: "skipped" } as const

describe("pcb doctor", () => {
  it.effect("reports OK for a healthy setup", () =>
    Effect.gen(function*() {
      const { exitCode, of, statuses } = yield* examine("", {
        on: yield* plane,
        date: "Sat, 21 Nov 2026 20:00:30 GMT"
      })
      assert.deepStrictEqual([exitCode, statuses], [0, wellWith])
      assert.strictEqual(of("api-key")?.found, "from PINECONE_API_KEY")
      assert.strictEqual(of("host")?.found, "https://api.pinecone.io (default)")
      assert.strictEqual(of("dns")?.found, "api.pinecone.io resolves to 192.0.2.1 and 192.0.2.2, in 0 ms")
      assert.strictEqual(of("tls")?.found, "TLSv1.3, in 0 ms")
      assert.match(of("api")?.found ?? "", /^5 indexes, in 0 ms, request ID request-\d+$/)
      assert.strictEqual(of("schedules")?.found, "available in API version 2026-04")
      assert.strictEqual(of("clock")?.found, "30s from the service's clock")
    }))

  it.effect("works without a key and network, and skips checks that depend on them", () =>
    Effect.gen(function*() {
      const { exitCode, of, statuses } = yield* examine("", {
        env: { PINECONE_API_KEY: "" },
        machine: { resolve: () => fail("ENOTFOUND") }
      })
      assert.strictEqual(exitCode, 4)
      assert.deepStrictEqual(statuses, {
        "api-key": "failed",
        "dns": "failed",
        "tcp": "skipped",
        "tls": "skipped",
        "api": "skipped",
        "backups": "skipped",
        "schedules": "skipped",
        "clock": "skipped",
        ...wellWith
      })
      assert.strictEqual(of("api-key")?.found, "PINECONE_API_KEY is not set")
      assert.strictEqual(of("tls")?.found, "see dns")
    }))

  it.effect.each<[id: Check.Id, machine: Partial<Machine.Service>, found: string, hint: RegExp]>([
    [
      "dns",
      { resolve: () => fail("EAI_AGAIN") },
      "api.pinecone.io could not be resolved (EAI_AGAIN)",
      /^check the network/
    ],
    [
      "tcp",
      { connect: () => fail("ECONNREFUSED") },
      "api.pinecone.io could not be reached (ECONNREFUSED)",
      /network/
    ],
    [
      "tls",
      { secure: () => fail("SELF_SIGNED_CERT_IN_CHAIN") },
      "api.pinecone.io has an invalid certificate (SELF_SIGNED_CERT_IN_CHAIN)",
      /NODE_EXTRA_CA_CERTS/
    ]
  ])("names the network step that fails: %s", ([id, machine, found, hint]) =>
    Effect.gen(function*() {
      const { exitCode, of } = yield* examine("", { machine })
      assert.strictEqual(exitCode, 8)
      assert.deepStrictEqual([of(id)?.status, of(id)?.found], ["failed", found])
      assert.match(of(id)?.try ?? "", hint)
      assert.deepStrictEqual([of("api")?.status, of("api")?.found], ["skipped", `see ${id}`])
    }))

  it.effect.each(
    [
      ["Indexes.list", 401, "api", 4],
      ["Indexes.list", 403, "api", 4],
      ["Indexes.list", 503, "api", 1],
      ["Backups.list", 403, "backups", 4],
      ["BackupSchedules.list", 501, "schedules", 1],
      ["BackupSchedules.list", 403, "schedules", 4]
    ] as const
  )(
    "reports a rejected request without retrying: %s with %s",
    ([operation, status, id, code]) =>
      Effect.gen(function*() {
        const on = yield* plane
        yield* on.fault(operation, Fault.respond({ status }))
        const { exitCode, of } = yield* examine("", { on })
        assert.strictEqual(exitCode, code)
        assert.strictEqual(of(id)?.status, "failed")
        assert.include(of(id)?.found, `HTTP ${status}`)
        assert.isDefined(of(id)?.try)
      })
  )

  it.effect("reports a wrong clock as a warning", () =>
    Effect.gen(function*() {
      const { exitCode, of } = yield* examine("", { on: yield* plane, date: "Sat, 21 Nov 2026 19:55:00 GMT" })
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual([of("clock")?.status, of("clock")?.found], ["warning", "5m ahead of the service's clock"])
    }))

  it.effect("treats a host on this machine as an emulator, without TLS and proxy", () =>
    Effect.gen(function*() {
      const { exitCode, of } = yield* examine("--host http://127.0.0.1:5081", {
        on: yield* plane,
        env: { PINECONE_API_KEY: "any", HTTP_PROXY: "http://proxy" }
      })
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(of("host")?.found, "http://127.0.0.1:5081 (--host), an emulator on this machine")
      assert.deepStrictEqual([of("api-key")?.status, of("tls")?.status, of("clock")?.status], [
        "ok",
        "skipped",
        "skipped"
      ])
      assert.strictEqual(of("proxy")?.found, "HTTP_PROXY set; not used for a host on this machine")
    }))

  it.effect("skips network steps behind a proxy", () =>
    Effect.gen(function*() {
      const { exitCode, of } = yield* examine("", {
        on: yield* plane,
        env: { https_proxy: "http://user:password@proxy" },
        machine: { resolve: () => fail("ENOTFOUND"), proxyFor: () => "http://user:password@proxy" }
      })
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(
        ["dns", "tcp", "tls"].map((id) => of(id as Check.Id)?.found),
        Array(3).fill(
          "requests go through the proxy"
        )
      )
      assert.strictEqual(of("api")?.status, "ok")
    }))

  it.effect("needs no key or network for the demo project", () =>
    Effect.gen(function*() {
      const { exitCode, of } = yield* examine("--demo", {
        env: { PINECONE_API_KEY: "" },
        machine: { resolve: () => fail("ENOTFOUND") }
      })
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(of("api-key")?.found, "not needed for the demo project")
      assert.strictEqual(of("dns")?.status, "skipped")
    }))

  it.effect("reads the key from standard input only once", () =>
    Effect.gen(function*() {
      const { exitCode, of } = yield* examine("--api-key-file -", { on: yield* plane, stdin: `${key}\n` })
      assert.deepStrictEqual([exitCode, of("api-key")?.found, of("api")?.status], [0, "from --api-key-file -", "ok"])
    }))

  it.effect("reports an invalid configuration file and continues", () =>
    Effect.gen(function*() {
      const HOME = yield* Harness.home({ ".config/pcb/config.json": "{\"colour\": true}" })
      const { exitCode, of, statuses } = yield* examine("", { on: yield* plane, env: { HOME } })
      assert.strictEqual(exitCode, 2)
      assert.deepStrictEqual(
        [statuses["config"], statuses["profile"], statuses["host"], of("api-key")?.status],
        ["failed", "skipped", "skipped", "ok"]
      )
      assert.include(of("config")?.found, "colour: is not a setting")
    }))

  it.effect("warns about files that others can read, with or without a key", () =>
    Effect.gen(function*() {
      const HOME = yield* Harness.home({
        ".config/pcb/config.json": JSON.stringify({ "api-key": key, profiles: { work: { time: "utc" } } })
      }, 0o644)
      const path = join(HOME, ".config/pcb/config.json")
      const { exitCode, of } = yield* examine("--profile work", {
        on: yield* plane,
        env: { HOME, PINECONE_API_KEY: "" }
      })
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(["config", "api-key"].map((id) => [of(id as Check.Id)?.status, of(id as Check.Id)?.try]), [
        ["warning", `chmod 600 ${path}`],
        ["warning", `chmod 600 ${path}`]
      ])
      assert.strictEqual(of("profile")?.found, "work (--profile)")
    }))

  it.effect("quotes a path with a space in a suggested command", () =>
    Effect.gen(function*() {
      const files = { "my config/pcb/config.json": JSON.stringify({ "api-key": key }) }
      const XDG_CONFIG_HOME = join(yield* Harness.home(files, 0o644), "my config")
      const { of } = yield* examine("", { on: yield* plane, env: { XDG_CONFIG_HOME, PINECONE_API_KEY: "" } })
      const path = `'${join(XDG_CONFIG_HOME, "pcb/config.json")}'`
      assert.deepStrictEqual([of("config")?.try, of("api-key")?.try], [`chmod 600 ${path}`, `chmod 600 ${path}`])
    }))

  it.effect("warns about an unencrypted key, and fails if http is not allowed", () =>
    Effect.gen(function*() {
      const on = yield* plane
      const host = "--host http://pinecone:5081"
      const refused = yield* examine(host, { on })
      assert.strictEqual(refused.of("host")?.status, "failed")
      assert.include(refused.of("host")?.found, "--insecure-http allows it")
      const allowed = yield* examine(`${host} --insecure-http`, { on, env: { HTTPS_PROXY: "http://proxy:1" } })
      assert.deepInclude(allowed.of("host"), {
        status: "warning",
        found: "http://pinecone:5081 (--host): the API key is sent unencrypted"
      })
      assert.include(allowed.of("proxy")?.found, "not used for this host")
      assert.include(allowed.of("dns")?.found, "pinecone resolves to 192.0.2.1")
      assert.deepStrictEqual([allowed.of("api")?.status, allowed.of("clock")?.status], ["ok", "skipped"])
    }))

  it.effect("reports an unknown profile and invalid values", () =>
    Effect.gen(function*() {
      const unknown = yield* examine("--profile nope")
      assert.deepStrictEqual([unknown.exitCode, unknown.of("profile")?.status], [2, "failed"])
      const host = yield* examine("--host http://example.com", { env: { PINECONE_API_VERSION: "2020-01" } })
      assert.strictEqual(host.exitCode, 2)
      assert.include(host.of("host")?.found, "must be https")
      assert.strictEqual(host.of("api-version")?.status, "failed")
      assert.strictEqual(host.of("dns")?.found, "see host")
      const missing = yield* examine("--api-key-file /nowhere/key")
      assert.strictEqual(missing.exitCode, 4)
      assert.include(missing.of("api-key")?.found, "cannot read /nowhere/key")
    }))

  it.effect.each(
    Object.entries({
      bash: { ".bashrc": "# pcb completion bash\nsource <(pcb completion bash)\n" },
      zsh: { ".zfunc/_pcb": "#compdef pcb" },
      fish: { ".config/fish/completions/pcb.fish": "complete -c pcb" }
    })
  )("finds installed completions: %s", ([shell, files]) =>
    Effect.gen(function*() {
      const env = { HOME: yield* Harness.home(files), SHELL: `/bin/${shell}` }
      const found = yield* examine("", { on: yield* plane, env })
      assert.deepStrictEqual([found.of("completion")?.status, found.of("completion")?.found.slice(0, shell.length)], [
        "ok",
        shell
      ])
      const not = yield* examine("", { on: yield* plane, env: { ...env, HOME: yield* Harness.home({}) } })
      assert.deepStrictEqual([not.exitCode, not.of("completion")?.status, not.of("completion")?.try], [
        0,
        "warning",
        Shell.install[shell as Shell.Name]
      ])
    }))

  it.effect("ignores comments when looking for completions", () =>
    Effect.gen(function*() {
      const HOME = yield* Harness.home({ ".bashrc": "# source <(pcb completion bash)\n" })
      const { of } = yield* examine("", { on: yield* plane, env: { HOME, SHELL: "/bin/bash" } })
      assert.strictEqual(of("completion")?.status, "warning")
    }))

  it.effect("prints one line per check, with a fix, and a summary", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* run("doctor", {
        columns: 100,
        machine: { resolve: () => fail("ENOTFOUND"), node: "20.18.3" },
        env: { HTTPS_PROXY: "http://user:password@proxy" }
      })
      assert.strictEqual(exitCode, 8)
      assert.include(
        stdout,
        "\n✓ proxy        HTTPS_PROXY set, but not used for this host\n"
      )
      assert.include(stdout, "\n• api          skipped: see dns\n")
      assert.isTrue(stdout.endsWith("\n\n1 check failed\n"), stdout)
      assert.notInclude(stdout, "password")
      const rows = (yield* run("doctor")).stdout.replace(/\n$/, "").split("\n")
      assert.lengthOf(rows, Check.ids.length)
      for (const row of rows) assert.lengthOf(row.split("\t"), 4)
      const lines = (yield* run("doctor -o ndjson")).stdout.trimEnd().split("\n").map((line) => JSON.parse(line).check)
      assert.deepStrictEqual(lines, [...Check.ids])
    }))

  it.effect("never prints the key, from any source", () =>
    Effect.gen(function*() {
      const marker = "Kx9marker7Qz"
      const HOME = yield* Harness.home({
        ".config/pcb/config.json": JSON.stringify({
          profiles: { own: { "api-key": marker, host: "https://example.com" }, file: { "api-key-file": "KEY" } }
        }).replace("KEY", "/nowhere"),
        ".config/pinecone/secrets.yaml": `api_key: ${marker}\n`,
        "key": `${marker}\n`,
        "wrong": `${marker} ${marker}\n`
      })
      const on = yield* plane
      const sources: ReadonlyArray<readonly [args: string, more?: Options]> = [
        ["", { env: { HOME, PINECONE_API_KEY: marker } }],
        ["", { env: { HOME, PINECONE_API_KEY: `"${marker}"` } }],
        ["", { env: { HOME, PINECONE_API_KEY: "" } }],
        ["--profile own", { env: { HOME, PINECONE_API_KEY: "" } }],
        [`--api-key-file ${HOME}/key`, { env: { HOME } }],
        [`--api-key-file ${HOME}/wrong`, { env: { HOME } }],
        ["--api-key-file -", { env: { HOME }, stdin: marker }],
        // A key typed in the wrong place.
        [`--host ${marker}`, { env: { HOME } }],
        [`--host https://${marker}@example.com`, { env: { HOME } }]
      ]
      for (const [args, more] of sources) {
        for (const format of ["table", "json", "ndjson", "tsv"]) {
          for (const debug of ["", "--debug"]) {
            for (const fault of [undefined, Fault.respond({ status: 401, body: { error: marker } })]) {
              if (fault !== undefined) yield* on.fault("Indexes.list", fault)
              const { stderr, stdout } = yield* run(`doctor ${args} -o ${format} ${debug}`, { ...more, on })
              assert.notInclude(stdout + stderr, marker, `${args} ${format} ${debug}`)
              // Not even part of the key.
              assert.notInclude(stdout + stderr, marker.slice(0, 6), `${args} ${format} ${debug}`)
            }
          }
        }
      }
    }), 60_000)
})

describe("pcb doctor on this machine", { concurrent: true, timeout: 30_000 }, () => {
  it.live("connects to a server and sends requests", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json", "x-request-id": "r-1" })
        response.end(JSON.stringify({ indexes: [] }))
      })
      const { code, stdout } = yield* pcb(["doctor", "-o", "tsv", "--host", host], {
        env: { PINECONE_API_KEY: "any" }
      })
      assert.match(stdout, /^ok\ttcp\t127\.0\.0\.1:\d+ is open, in \d+ ms\t$/m)
      assert.match(stdout, /^ok\tapi\t0 indexes, in \d+ ms, request ID r-1\t$/m)
      assert.match(stdout, /^skipped\tschedules\tthe project has no indexes\t$/m)
      // The response of this server is not a list of backups.
      assert.strictEqual(code, 1)
    }))

  it.live("distinguishes a server without TLS from a missing server", () =>
    Effect.gen(function*() {
      const { host } = yield* serve((_, response) => response.end())
      const env = { PINECONE_API_KEY: "any" }
      const plain = yield* pcb(["doctor", "-o", "tsv", "--host", host.replace("http:", "https:")], { env })
      assert.strictEqual(plain.code, 8)
      assert.match(plain.stdout, /^ok\ttcp\t/m)
      assert.match(plain.stdout, /^failed\ttls\t127\.0\.0\.1 failed the TLS handshake \(\w+\)\t/m)
      const nobody = yield* pcb(["doctor", "-o", "tsv", "--host", "http://127.0.0.1:1"], { env })
      assert.strictEqual(nobody.code, 8)
      assert.match(nobody.stdout, /^failed\ttcp\t127\.0\.0\.1 could not be reached \(ECONNREFUSED\)\t/m)
    }))
})

describe("Check", () => {
  it("recognizes Pinecone API keys", () => {
    assert.isTrue(Check.looksLikeKey(key))
    assert.isTrue(Check.looksLikeKey("12345678-1234-1234-1234-123456789abc"))
    for (const text of ["", "local", "sk-proj-1234567890123456789012", "pcsk_short", `${key}\n`]) {
      assert.isFalse(Check.looksLikeKey(text), text)
    }
  })

  it("reports whether a proxy is used", () => {
    const found = (isLoopback: boolean, isUsed: boolean) => Check.proxy(["HTTPS_PROXY"], { isLoopback, isUsed }).found
    assert.strictEqual(found(false, true), "HTTPS_PROXY set and used")
    assert.strictEqual(found(false, false), "HTTPS_PROXY set, but not used for this host")
    assert.strictEqual(found(true, false), "HTTPS_PROXY set; not used for a host on this machine")
    assert.strictEqual(Check.proxy([], { isLoopback: false, isUsed: false }).found, "not set")
  })

  it("allows a clock skew of one minute", () => {
    const at = (seconds: number) => Check.clock("Sat, 21 Nov 2026 20:00:00 GMT", DateTime.add(now, { seconds })).status
    assert.deepStrictEqual([60, 61, -60, -61].map(at), ["ok", "warning", "ok", "warning"])
    assert.strictEqual(Check.clock("yesterday", now).status, "skipped")
    assert.strictEqual(Check.clock(undefined, now).status, "skipped")
  })

  it("describes a terminal", () => {
    const screen: Screen.Service = {
      isTerminal: true,
      columns: 120,
      isErrorTerminal: true,
      errorColumns: 120,
      canAsk: true,
      isUnicode: true,
      style: (_, text) => `<${text}>`,
      errorStyle: (_, text) => text
    }
    assert.strictEqual(Check.terminal(screen, false).found, "120 columns, Unicode, color")
    const ascii = Check.terminal({ ...screen, isUnicode: false, style: (_, text) => text }, true)
    assert.deepStrictEqual([ascii.status, ascii.found], [
      "warning",
      "120 columns, ASCII only, no color, no prompts or live output in CI"
    ])
    assert.strictEqual(
      Check.terminal({ ...screen, isTerminal: false, columns: Infinity }, false).found,
      "standard output is not a terminal, standard error is a terminal, Unicode, color"
    )
  })
})
