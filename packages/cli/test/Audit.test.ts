import { assert, describe, it } from "@effect/vitest"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as TestClock from "effect/testing/TestClock"
import { request } from "node:http"
import { join } from "node:path"
import * as EventLoop from "../../core/test/event-loop.ts"
import * as FailOn from "../src/commands/audit/FailOn.ts"
import * as FormatNames from "../src/commands/audit/FormatNames.ts"
import { home, type Options, type Run, run as pcb, start } from "./harness.ts"
import { project } from "./project.ts"

const run = (day: string, more: Partial<BackupRun.BackupRun> = {}): Partial<BackupRun.BackupRun> => ({
  createdAt: DateTime.makeUnsafe(`${day}T06:00:00Z`),
  recordCount: 1_000,
  ...more
})

const days = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `2026-11-${String(last - index).padStart(2, "0")}`)

/** A healthy index with a daily schedule that was never restored. */
const daily = (
  name: string,
  runs: ReadonlyArray<Partial<BackupRun.BackupRun>> = days(10, 21).map((day) => run(day))
) => ({
  indexes: [{ id: `id-of-${name}`, name, deletionProtection: "enabled" as const }],
  schedules: [{ id: `schedule-of-${name}`, name: `${name}-daily`, indexName: name, runs }]
})

const together = (...all: ReadonlyArray<Seed.Seeds>): Seed.Seeds => ({
  indexes: all.flatMap(({ indexes = [] }) => indexes),
  schedules: all.flatMap(({ schedules = [] }) => schedules),
  backups: all.flatMap(({ backups = [] }) => backups)
})

const good = daily("docs")

/** An index whose latest run failed. */
const failed = daily("wiki", [
  run("2026-11-21", { status: "InitializationFailed", recordCount: null }),
  ...days(10, 20).map((day) => run(day))
])

/** An index with a failed run, followed by good ones. */
const mended = daily("wiki", [
  run("2026-11-21"),
  run("2026-11-20", { status: "InitializationFailed", recordCount: null }),
  ...days(10, 19).map((day) => run(day))
])

const audit = (plane: ControlPlane.Service, args = "", options: Options = {}) =>
  pcb(`audit ${args}`, { ...options, on: plane })

/** Runs the command to its end, advancing the clock. */
const auditSlowly = Effect.fnUntraced(function*(plane: ControlPlane.Service, args = "", options: Options = {}) {
  const { fiber, run } = yield* start(`audit ${args}`, { ...options, on: plane })
  while (fiber.pollUnsafe() === undefined) {
    yield* Effect.repeat(Effect.yieldNow, { times: 5 })
    yield* TestClock.adjust("250 millis")
  }
  return yield* run
})

describe("pcb audit", () => {
  it.effect.each<[what: string, seeds: Seed.Seeds, args: string, exitCode: number]>([
    ["an empty project", {}, "", 3],
    ["good indexes with a notice", good, "", 0],
    ["an empty project with --allow-empty", {}, "--allow-empty", 0],
    ["an index with --allow-empty", failed, "--allow-empty", 2],
    ["a notice with --fail-on notice", good, "--fail-on notice", 1],
    ["good indexes without a notice, with --fail-on notice", good, "--fail-on notice --skip untested", 0],
    ["a warning", together(good, mended), "", 1],
    ["a warning with --fail-on critical", together(good, mended), "--fail-on critical", 0],
    ["a critical finding with --fail-on critical", together(good, failed), "--fail-on critical", 2],
    ["a critical finding", together(good, failed), "", 2],
    ["a good and a bad index", together(good, failed), "docs", 0],
    ["only checks without findings", together(good, failed), "--only retention-gap,shrink --only paused", 0],
    ["skipping the checks with findings", together(good, failed), "--skip failed,stale --skip untested", 0],
    ["an age above the limit", good, "--max-age 10h", 2],
    ["an age below the limit", good, "--max-age 15h --skip rpo-unreachable", 0],
    ["a maximum age that the schedule cannot meet", good, "--max-age 15h", 1],
    ["too few copies", good, "--min-copies 13", 1],
    ["enough copies", good, "--min-copies 12", 0],
    ["an exhausted quota", good, "--quota 12", 2],
    ["the same with the alias check", together(good, failed), "--index-name docs --skip untested", 0]
  ])("exits like a monitoring plugin after %s", ([, seeds, args, exitCode]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* audit(plane, args)
      assert.deepStrictEqual([result.exitCode, result.stderr], [exitCode, ""], result.stdout)
    }))

  it.effect("reports failures within --since", () =>
    Effect.gen(function*() {
      const runs = days(1, 21).map((day) => run(day, day === "2026-11-05" ? { status: "InitializationFailed" } : {}))
      const plane = yield* project(daily("docs", runs))
      assert.strictEqual((yield* audit(plane)).exitCode, 0)
      assert.strictEqual((yield* audit(plane, "--since 30d")).exitCode, 1)
    }))

  it.effect("applies --max-shrink", () =>
    Effect.gen(function*() {
      const plane = yield* project(daily("docs", [
        run("2026-11-21", { recordCount: 700 }),
        ...days(10, 20).map((day) => run(day))
      ]))
      assert.strictEqual((yield* audit(plane)).exitCode, 0)
      assert.strictEqual((yield* audit(plane, "--max-shrink 20%")).exitCode, 1)
      assert.strictEqual((yield* audit(plane, "--max-shrink 0.2")).exitCode, 1)
    }))

  it.effect("prints every format, and selected fields", () =>
    Effect.gen(function*() {
      const plane = yield* project(together(good, failed))
      const begins: ReadonlyArray<readonly [args: string, begins: string]> = [
        ["-o table", "✗ 2 critical   • 1 notice   ✓ 1 index ok"],
        ["-o wide", "✗ 2 critical   • 1 notice   ✓ 1 index ok"],
        ["-o json", "{\"schema\":\"pcb.audit/v1\",\"at\":\"2026-11-21T20:00:00.000Z\",\"status\":\"critical\","],
        ["--json", "{\"schema\":\"pcb.audit/v1\","],
        ["--json=status,schema", "{\"status\":\"critical\",\"schema\":\"pcb.audit/v1\"}\n"],
        ["-o ndjson", "{\"check\":\"untested\",\"severity\":\"notice\",\"index_name\":null,"],
        ["-o tsv", "notice\tuntested\t\t\t"],
        ["", "notice\tuntested\t\t\t"],
        ["-o id", "wiki\n"],
        ["-o nagios", "PINECONE_BACKUP CRITICAL - wiki stale: "],
        ["-o nagios --fail-on notice --only untested", "PINECONE_BACKUP WARNING - project untested: "],
        ["-o prometheus", "# HELP pinecone_backup_check_timestamp_seconds "],
        ["-o github", "::notice title=project%3A untested::"],
        ["-o markdown", "### Backups: critical\n"],
        ["-o html", "<!DOCTYPE html>\n<html lang=\"en\" "]
      ]
      for (const [args, text] of begins) {
        const { stderr, stdout } = yield* audit(plane, args)
        assert.deepStrictEqual([stdout.slice(0, text.length), stderr], [text, ""], args)
        assert.match(stdout, /[^\n]\n$/)
      }
      const { stdout } = yield* audit(plane, "", { env: { PCB_OUTPUT: "nagios" } })
      assert.include(stdout, "PINECONE_BACKUP CRITICAL")
      // Off a terminal, a table must be requested by name.
      assert.include((yield* audit(plane, "", { columns: 80 })).stdout, "\nwiki          CRITICAL\n")
    }))

  const formats = FormatNames.names.filter((name) => name !== "wide")

  it.effect.each(formats)("exits with the same code for -o %s", (format) =>
    Effect.gen(function*() {
      const unreadable = yield* project(good)
      yield* unreadable.fault("BackupSchedules.history", Fault.respond({ status: 401 }), { times: "always" })
      const down = yield* project(good)
      yield* down.fault("Indexes.list", Fault.respond({ status: 401 }), { times: "always" })
      const planes: ReadonlyArray<readonly [plane: ControlPlane.Service, codes: ReadonlyArray<number>]> = [
        [yield* project(good), [0, 0, 1]],
        [yield* project(together(good, mended)), [0, 1, 1]],
        [yield* project(together(good, failed)), [2, 2, 2]],
        [unreadable, [3, 3, 3]],
        [down, [3, 3, 3]],
        [yield* project({}), [3, 3, 3]]
      ]
      for (const [index, [plane, codes]] of planes.entries()) {
        for (const [position, failOn] of FailOn.names.entries()) {
          const { exitCode } = yield* audit(plane, `-o ${format} --fail-on ${failOn}`)
          assert.strictEqual(exitCode, codes[position], `world ${index}, ${failOn}`)
        }
      }
    }))

  /** The start of the output of a failed audit, by format. */
  const unknown: ReadonlyArray<readonly [format: string, begins: RegExp]> = [
    ["table", /^\? UNKNOWN {2}the audit failed: /],
    ["wide", /^\? UNKNOWN {2}the audit failed: /],
    ["json", /^\{"schema":"pcb\.audit\/v1","at":"2026-11-21T20:[^"]+","status":"unknown",/],
    ["ndjson", /^\{"check":"unreadable","severity":"unknown",/],
    ["tsv", /^unknown\tunreadable\t\t\tthe audit failed: [^\t]+\t\n$/],
    ["id", /^$/],
    ["nagios", /^PINECONE_BACKUP UNKNOWN - the audit failed: [^|\n]+ \| critical=U;0;0;0 [^|\n]+\n$/],
    ["prometheus", /\npinecone_backup_status 3\n/],
    ["github", /^::error title=project%3A unreadable::the audit failed: /],
    ["markdown", /^### Backups: unknown\n\n❔ the audit failed: /],
    ["html", /^<!DOCTYPE html>\n(?=[^]*<h1>It is not known whether the backups are good<\/h1>)/]
  ]

  it("covers every format", () => assert.deepStrictEqual(unknown.map(([format]) => format), [...FormatNames.names]))

  it.effect.each(unknown)(
    "prints an unknown status to standard output after any failure: -o %s",
    ([format, begins]) =>
      Effect.gen(function*() {
        const plane = yield* project(good)
        const check = (what: string, { exitCode, stderr, stdout }: Run) => {
          assert.strictEqual(exitCode, 3, what)
          assert.match(stdout, begins, what)
          assert.match(stderr, format === "json" || format === "ndjson" ? /^\{"error":/ : /^error: /, what)
        }
        const reasons: ReadonlyArray<readonly [args: string, env?: Readonly<Record<string, string>>]> = [
          ["nope"],
          ["--policy nope.yaml"],
          ["--unknown"],
          ["--max-age soon"],
          ["--only stale --skip stale"],
          ["", { PINECONE_API_KEY: "a b" }],
          ["", { PINECONE_CONTROLLER_HOST: "not a URL" }]
        ]
        for (const [args, env = {}] of reasons) check(args, yield* audit(plane, `${args} -o ${format}`, { env }))
        // The environment selects the format, too.
        check("PCB_OUTPUT", yield* audit(plane, "--unknown", { env: { PCB_OUTPUT: format } }))
        for (const status of [401, 403, 503]) {
          yield* plane.fault("Indexes.list", Fault.respond({ status }), { times: "always" })
          check(String(status), yield* auditSlowly(plane, `--quiet -o ${format}`))
          yield* plane.clearFaults
        }
        yield* plane.fault("Indexes.list", Fault.hang, { times: "always" })
        check("time", yield* auditSlowly(plane, `--quiet --timeout 5s -o ${format}`))
      })
  )

  it.effect("selects fields of an unknown status", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* audit(yield* project(good), "nope --json=status")
      assert.deepStrictEqual([exitCode, stdout], [3, `{"status":"unknown"}\n`])
    }))

  it.effect("reports a failure once on a terminal", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* audit(yield* project(good), "nope", { columns: 80, errorColumns: 80 })
      assert.deepStrictEqual([exitCode, stdout], [3, ""])
      assert.include(stderr, "error: Index nope not found.")
    }))

  it.effect.each<[args: string, seconds: number]>([
    ["-o nagios", 50],
    ["-o nagios --timeout 20s", 20],
    ["-o prometheus --timeout 90s", 90],
    ["-o table --timeout 1s", 1]
  ])("reports unknown within the time limit if the service is silent: %s", ([args, seconds]) =>
    Effect.gen(function*() {
      const plane = yield* project({ ...good, chooseFault: () => Effect.succeed(Fault.hang) })
      const { fiber, run } = yield* start(`audit --quiet --request-timeout 5m ${args}`, { on: plane })
      while ((yield* plane.requests).length === 0) yield* Effect.yieldNow
      yield* TestClock.adjust(seconds * 1_000 - 1)
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      const { exitCode, stderr, stdout } = yield* run
      assert.strictEqual(exitCode, 3)
      assert.match(stdout, /UNKNOWN|pinecone_backup_status 3/)
      assert.include(stderr, `error: No result after ${args.includes("90s") ? "1m 30s" : `${seconds}s`}.`)
    }))

  it.effect.each<[what: string, fault: Fault.Fault, said: string, hint: string]>([
    ["breaks the connection", Fault.reset, ": ", "check the network"],
    ["fails", Fault.respond({ status: 503 }), ": A fault returns 503.", "try again later"]
  ])("explains a timeout if the service %s", ([, fault, said, hint]) =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      yield* plane.fault("*", fault, { times: "always" })
      const { exitCode, stderr, stdout } = yield* auditSlowly(plane, "--timeout 10s -o nagios")
      assert.strictEqual(exitCode, 3)
      assert.include(stderr, `error: No result after 10s${said}`)
      assert.include(stderr, hint)
      assert.notInclude(stderr, "raise the limit")
      assert.include(stdout, "No result after 10s: ")
      // Random delays between ten attempts can add up to less than ten seconds.
    }).pipe(Effect.provideService(Random.Random, { nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 0.5 })))

  it.effect("ignores failures that were retried successfully when explaining a timeout", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      yield* plane.fault("Indexes.list", Fault.respond({ status: 503 }))
      yield* plane.fault("BackupSchedules.list", Fault.hang, { times: "always" })
      const { stderr } = yield* auditSlowly(plane, "--timeout 10s -o nagios")
      assert.include(stderr, "error: No result after 10s.\n")
      assert.include(stderr, "raise the limit, for example with --timeout 5m")
    }))

  it.effect("has no default time limit in other formats", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...good, chooseFault: () => Effect.succeed(Fault.hang) })
      const { fiber } = yield* start("audit --quiet --request-timeout 5m -o json", { on: plane })
      while ((yield* plane.requests).length === 0) yield* Effect.yieldNow
      yield* TestClock.adjust("4 minutes")
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      assert.isUndefined(fiber.pollUnsafe())
      yield* Fiber.interrupt(fiber)
    }))

  it.effect.each<[format: string, columns: number | undefined, said: RegExp]>([
    ["nagios", undefined, /^PINECONE_BACKUP UNKNOWN - .*interrupted by a signal/],
    ["nagios", 80, /^PINECONE_BACKUP UNKNOWN - .*interrupted by a signal/],
    ["prometheus", undefined, /^pinecone_backup_status 3$/m],
    ["json", undefined, /"check":"unreadable"/],
    ["ndjson", undefined, /"check":"unreadable"/],
    ["tsv", undefined, /^unknown\tunreadable\t/],
    ["github", undefined, /interrupted by a signal/],
    ["markdown", undefined, /^### Backups: unknown/],
    ["table", undefined, /UNKNOWN/],
    // Simulates Ctrl-C.
    ["table", 80, /^$/],
    ["id", undefined, /^$/]
  ])(
    "prints an unknown status once after an interrupt: %s, %s columns",
    ([format, columns, said]) =>
      Effect.gen(function*() {
        const plane = yield* project({ ...good, chooseFault: () => Effect.succeed(Fault.hang) })
        const { fiber, stdout } = yield* start(`audit --quiet -o ${format}`, { on: plane, columns })
        while ((yield* plane.requests).length === 0) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        assert.match(yield* stdout, said)
        assert.isAtMost((yield* stdout).split("interrupted by a signal").length, 2)
      })
  )

  it.effect("accepts its own formats only after the command", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      const before = yield* pcb("-o markdown audit", { on: plane })
      assert.deepStrictEqual([before.exitCode, before.stdout.split("\n")[0]], [3, "### Backups: unknown"])
      assert.include(before.stderr, "error: --output markdown must come after the command\n")
      const other = yield* pcb("schedule list -o markdown", { on: plane })
      assert.deepStrictEqual([other.exitCode, other.stdout], [2, ""])
      assert.include(
        other.stderr,
        "Invalid value for flag --output: \"markdown\". Expected table, wide, json, ndjson, tsv or id\n"
      )
      assert.strictEqual((yield* pcb("-o id check docs", { on: plane })).stdout, "")
      const { exitCode } = yield* pcb("schedule list", { on: plane, env: { PCB_OUTPUT: "markdown" } })
      assert.strictEqual(exitCode, 2)
    }))

  it.effect.each<
    [what: string, args: string, env: Readonly<Record<string, string>>, said: string, suggestion?: string]
  >([
    ["an unknown flag", "--maxage 26h", {}, "Unrecognized flag: --maxage", "did you mean --max-age?"],
    ["an unknown check", "--only stalle", {}, "Invalid value for flag --only: \"stalle\"", "did you mean stale?"],
    ["an unknown check among others", "--skip stale,mised", {}, "\"mised\"", "did you mean missed?"],
    ["an empty check", "--skip stale,", {}, "Missing value for flag --skip"],
    ["an unknown format", "-o nagos", {}, "Invalid value for flag --output: \"nagos\"", "did you mean nagios?"],
    ["an invalid age", "--max-age soon", {}, "Expected a duration"],
    [
      "an invalid share",
      "--max-shrink 150%",
      {},
      "Invalid value for flag --max-shrink: \"150%\". Expected a share such as 50% or 0.5\n"
    ],
    ["no copies", "--min-copies 0", {}, "Expected 1 or more"],
    ["no remaining checks", "--only stale,missed --skip missed,stale", {}, "--only and --skip exclude every check"],
    ["an invalid interval", "--listen :0 --interval 10ms", {}, "Expected 1s or more"],
    ["an interval without --listen", "--interval 1m", {}, "--interval requires --listen"],
    ["a format with --listen", "--listen :0 -o id", {}, "--listen cannot be combined with --output"],
    ["an invalid port", "--listen :70000", {}, "Expected an address such as :9464"],
    ["--allow-host without --listen", "--allow-host x", {}, "--allow-host requires --listen"],
    ["an invalid host name", "--listen :0 --allow-host x:80", {}, "Expected a host name or an IP address"],
    ["an unencrypted ping", "--ping http://example.com/x", {}, "Expected a URL such as https://"],
    [
      "a ping with a password",
      "--ping https://a:b@example.com",
      {},
      "Invalid value for flag --ping: \"…\". Expected a URL"
    ],
    ["an invalid format in the environment", "", { PCB_OUTPUT: "xml" }, "PCB_OUTPUT: must be"],
    ["no key", "", { PINECONE_API_KEY: "" }, "PINECONE_API_KEY"],
    ["an invalid key", "", { PINECONE_API_KEY: "a b" }, "PINECONE_API_KEY"],
    ["a missing index", "docs nope", {}, "Index nope not found."],
    ["a missing policy", "--policy nope.yaml", {}, "nope.yaml does not exist"],
    ["an invalid severity", "--fail-on unknown", {}, "Expected critical, warning or notice"],
    ["no time", "--timeout 0s", {}, "Expected a duration"]
  ])(
    "exits with 3 and prints only an unknown status for %s",
    ([, args, env, said, suggestion = ""]) =>
      Effect.gen(function*() {
        const plane = yield* project(good)
        const { exitCode, stderr, stdout } = yield* audit(plane, args, { env })
        const isServer = args.includes("--listen")
        assert.strictEqual(exitCode, 3)
        if (isServer) assert.strictEqual(stdout, "")
        else assert.match(stdout, /^unknown\tunreadable\t\t\tthe audit failed: [^\t\n]+\t\n$/)
        assert.include(stderr, `error: `)
        assert.include(stderr, said)
        assert.include(stderr, suggestion)
      })
  )

  it.effect("reports errors as JSON with the exit code", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      for (const args of ["nope --json", "--only stalle --json"]) {
        const { exitCode, stderr, stdout } = yield* audit(plane, args)
        assert.deepStrictEqual([exitCode, JSON.parse(stdout).status], [3, "unknown"])
        assert.strictEqual(JSON.parse(stderr).error.exit_code, 3, stderr)
      }
    }))

  it.effect("exits with 3 if the service is down or a read failed", () =>
    Effect.gen(function*() {
      const plane = yield* project(together(good, failed))
      yield* plane.fault("BackupSchedules.history", Fault.respond({ status: 503 }), { times: "always" })
      const part = yield* auditSlowly(plane, "-o id --quiet")
      assert.deepStrictEqual([part.exitCode, part.stdout, part.stderr], [3, "docs\nwiki\n", ""])
      yield* plane.fault("Indexes.list", Fault.respond({ status: 503 }), { times: "always" })
      const whole = yield* auditSlowly(plane, "--quiet")
      assert.deepStrictEqual([whole.exitCode, whole.stdout.split("\t")[1]], [3, "unreadable"])
      assert.include(whole.stderr, "HTTP 503")
    }))

  it.effect("lets flags override the defaults of a policy but not its rules", () =>
    Effect.gen(function*() {
      const plane = yield* project(together(good, mended))
      const directory = yield* home({
        "policy.yaml": `defaults:
  rpo: 10h
  ignore:
    - { check: untested, reason: not yet, until: 2027-01-01 }
    - { check: rpo-unreachable, reason: runs by hand too, until: 2027-01-01 }
rules:
  - index: wiki
    rpo: 15h
    ignore:
      - { check: failed, reason: known, until: 2026-12-01 }
`,
        "wrong.yaml": "defaults:\n  rpo: 10\nrules:\n  - idx: docs\n"
      })
      const policy = join(directory, "policy.yaml")
      const rows = (text: string) => text.split("\n").map((line) => line.split("\t").slice(0, 3).join(" "))
      assert.deepStrictEqual(rows((yield* audit(plane, `--policy ${policy}`)).stdout), ["critical stale docs", ""])
      const { exitCode, stderr } = yield* audit(plane, `--policy ${policy} --max-age 20h`)
      assert.deepStrictEqual([exitCode, stderr], [0, ""])
      assert.deepStrictEqual(
        rows((yield* audit(plane, `--policy ${policy} --max-age 9h`)).stdout),
        ["critical stale docs", ""]
      )
      const table = yield* audit(plane, `--policy ${policy} -o table`)
      assert.include(table.stdout, "  • untested of docs: not yet, until 2027-01-01\n")

      const wrong = join(directory, "wrong.yaml")
      const refused = yield* audit(plane, `--policy ${wrong}`)
      assert.deepStrictEqual([refused.exitCode, refused.stdout.split("\t")[1]], [3, "unreadable"])
      assert.deepStrictEqual(refused.stderr.split("\n"), [
        `error: ${wrong}: 3 errors`,
        `  ${wrong}:2:8  defaults.rpo  must be a duration such as 26h, 7d or 4w`,
        `  ${wrong}:4:5  rules[0].idx  is not a valid key: did you mean index?`,
        `  ${wrong}:4:5  rules[0].index  is missing`,
        ""
      ])
      const { stderr: json } = yield* audit(plane, `--policy ${wrong} --json`)
      assert.deepStrictEqual(JSON.parse(json).error.details[2], `${wrong}:4:5  rules[0].index  is missing`)
    }))
})

/** Serves a limited number of requests per second, and rejects others with a retry delay. */
const limited = (perSecond: number) => {
  let window = { start: -Infinity, count: 0 }
  let refused = 0
  const chooseFault: ControlPlane.Options["chooseFault"] = (_, fault) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      if (now >= window.start + 1_000) window = { start: now, count: 0 }
      if (++window.count <= perSecond) return fault
      refused++
      return Fault.rateLimited({ retryAfter: window.start + 1_000 - now })
    })
  return { chooseFault, refused: () => refused }
}

describe("pcb audit of many indexes", () => {
  const names = Array.from({ length: 60 }, (_, index) => `index-${index}`)

  const many = together(...names.map((name) => daily(name, days(20, 21).map((day) => run(day)))))

  it.effect("waits for a service with 10 requests per second and prints its progress", () =>
    Effect.gen(function*() {
      const { chooseFault, refused } = limited(10)
      const plane = yield* project({ ...many, chooseFault })
      const { exitCode, stderr, stdout } = yield* auditSlowly(plane, "-o json --skip untested --quota 9999")
      assert.deepStrictEqual([exitCode, JSON.parse(stdout).indexes.length], [0, 60], stderr)
      assert.deepStrictEqual(JSON.parse(stdout).totals, { critical: 0, warning: 0, unknown: 0, notice: 0 })
      assert.isAbove(refused(), 0)
      const lines = stderr.trimEnd().split("\n")
      assert.isAtLeast(lines.length, 2)
      for (const line of lines) assert.match(line, /^Checked \d+ of 60 indexes · \d+s$/)
      // One request each, and two pages of backups.
      assert.strictEqual((yield* plane.requests).filter(({ status }) => status === 200).length, 1 + 2 * 60 + 3)
    }))

  it.effect(
    "has the same findings for 200 indexes with and without a limit of 10 requests per second",
    () =>
      Effect.gen(function*() {
        const seeds = together(
          ...Array.from({ length: 200 }, (_, number) => {
            const status = number % 10 === 0 ? "InitializationFailed" : "Ready"
            return daily(`index-${number}`, [run("2026-11-21", { status }), run("2026-11-20")])
          })
        )
        const auditOf = Effect.fnUntraced(function*(options: Pick<ControlPlane.Options, "chooseFault">) {
          const plane = yield* project({ ...seeds, ...options })
          const startedAt = yield* Clock.currentTimeMillis
          const { exitCode, stderr, stdout } = yield* auditSlowly(plane, "-o json --quota 9999")
          assert.strictEqual(exitCode, 2, stderr)
          // Ages increase during the audit.
          const { at: _, ...report } = JSON.parse(stdout, (key, value) =>
            /^age(_seconds)?$/.test(key) ? undefined : value)
          const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1_000
          return { report, seconds, requests: yield* plane.requests }
        })
        const free = yield* auditOf({})
        const { chooseFault, refused } = limited(10)
        const slow = yield* auditOf({ chooseFault })

        assert.strictEqual(free.report.indexes.length, 200)
        assert.strictEqual(free.report.totals.unknown, 0)
        assert.deepStrictEqual(slow.report, free.report)

        // The indexes, the schedules and a history of each, four pages of backups, and the restore jobs: once each.
        const urls = (requests: typeof free.requests, status: number) =>
          requests.filter((request) =>
            request.status === status
          ).map(({ url }) => url)
        assert.strictEqual(free.requests.length, 1 + 2 * 200 + 4 + 1)
        assert.strictEqual(new Set(urls(free.requests, 200)).size, free.requests.length)
        assert.sameMembers(urls(slow.requests, 200), urls(free.requests, 200))
        assert.isAtMost(free.seconds, 15)

        // Every throttled request was retried until it succeeded, and few were throttled.
        assert.strictEqual(urls(slow.requests, 429).length, refused())
        assert.strictEqual(slow.requests.length, free.requests.length + refused())
        assert.isAbove(refused(), 0)
        assert.isAtMost(refused(), 0.1 * free.requests.length)
      }),
    60_000
  )

  it.effect("redraws progress on a terminal and erases it", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...many, chooseFault: limited(10).chooseFault })
      const { drawn, exitCode, stderr } = yield* auditSlowly(plane, "--skip untested --quota 9999", {
        errorColumns: 30
      })
      assert.deepStrictEqual([exitCode, stderr], [0, ""])
      assert.match(drawn, /Checked \d\d of 60 indexes/)
      // eslint-disable-next-line no-control-regex
      assert.match(drawn, /^\u001b\[\?25l[^]*\r\u001b\[2K\u001b\[\?25h$/)
      // eslint-disable-next-line no-control-regex
      for (const line of drawn.split(/\r?\u001b\[[?\w]+/)) assert.isBelow(line.length, 30)
    }))

  it.effect("prints no progress with --quiet", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...many, chooseFault: limited(10).chooseFault })
      for (const columns of [undefined, 80]) {
        const { drawn, stderr } = yield* auditSlowly(
          plane,
          "--quiet -o id",
          columns === undefined ? {} : { errorColumns: columns }
        )
        assert.deepStrictEqual([drawn, stderr], ["", ""])
      }
    }))
})

describe("pcb audit --ping", () => {
  /** The fate of a ping: a response with a status, a lost connection, or silence. */
  type Fate = number | "lost" | "silent"

  /** The project at its address, and a monitor at another. The last fate repeats. */
  const withPings = (...fates: ReadonlyArray<Fate>) => {
    const pings: Array<string> = []
    const times: Array<number> = []
    const signals: Array<AbortSignal> = []
    const told = Layer.effect(
      HttpClient.HttpClient,
      Effect.gen(function*() {
        const service = yield* HttpClient.HttpClient
        return HttpClient.make((request, url, signal) =>
          Effect.gen(function*() {
            if (url.hostname === "memory.localhost") return yield* service.execute(request)
            const fate = fates[Math.min(pings.length, fates.length - 1)] ?? 200
            signals.push(signal)
            times.push(yield* Clock.currentTimeMillis)
            pings.push(`${request.method} ${url.href} ${request.body._tag} ${JSON.stringify(request.headers)}`)
            if (fate === "silent") return yield* Effect.never
            if (fate === "lost") {
              const reason = new HttpClientError.TransportError({ request, description: "reset" })
              return yield* new HttpClientError.HttpClientError({ reason })
            }
            return HttpClientResponse.fromWeb(request, new Response(null, { status: fate }))
          })
        )
      })
    )
    const through = (service: Layer.Layer<HttpClient.HttpClient>) => Layer.provide(told, service)
    return { pings, times, signals, through }
  }

  const url = "https://hc-ping.example/0b5d/?rid=7"

  it.effect.each<[what: string, seeds: Seed.Seeds, args: string, exitCode: number, end: string]>([
    ["there are no findings", good, "", 0, "/0b5d"],
    ["a warning fails", good, " --min-copies 400", 1, "/0b5d/fail"],
    ["a warning does not fail", good, " --min-copies 400 --fail-on critical", 0, "/0b5d"],
    ["a notice fails", good, " --fail-on notice", 1, "/0b5d/fail"],
    ["the project is empty", {}, "", 3, "/0b5d/fail"],
    ["there are findings", failed, "", 2, "/0b5d/fail"],
    ["the audit fails", good, " nope", 3, "/0b5d/fail"],
    ["the policy is invalid", good, " --policy nope.yaml", 3, "/0b5d/fail"]
  ])("pings at the start, and at the end if %s", ([, seeds, args, exitCode, end]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { pings, through } = withPings()
      const result = yield* audit(plane, `--ping ${url}${args} --quiet`, { through })
      assert.strictEqual(result.exitCode, exitCode)
      assert.deepStrictEqual(pings, [
        "GET https://hc-ping.example/0b5d/start?rid=7 Empty {}",
        `GET https://hc-ping.example${end}?rid=7 Empty {}`
      ])
    }))

  it.effect("closes the connection of an endless ping response", () =>
    Effect.gen(function*() {
      const { signals, through } = withPings()
      yield* audit(yield* project(good), `--ping ${url}`, { through })
      assert.deepStrictEqual(signals.map(({ aborted }) => aborted), [true, true])
    }))

  it.effect("keeps its result if a ping fails, without printing the URL", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      const refusing = withPings(404)
      const refused = yield* audit(plane, `--ping ${url}`, refusing)
      assert.deepStrictEqual([refused.exitCode, refused.stderr], [
        0,
        "note: ping to hc-ping.example failed: HTTP 404\n".repeat(2)
      ])
      const silent = withPings("silent")
      const unanswered = yield* auditSlowly(plane, `--ping ${url}`, silent)
      // Two attempts of 4 seconds, and part of a third, each time.
      assert.deepStrictEqual([unanswered.exitCode, silent.pings.length], [0, 6])
      assert.strictEqual(unanswered.stderr, "note: ping to hc-ping.example failed: no response in 10s\n".repeat(2))
      assert.notInclude(unanswered.stderr, "0b5d")
    }))

  const startOf = "GET https://hc-ping.example/0b5d/start?rid=7 Empty {}"
  const endOf = "GET https://hc-ping.example/0b5d?rid=7 Empty {}"

  it.effect.each<[what: string, fates: ReadonlyArray<Fate>, starts: number, ends: number, stderr: string]>([
    ["a lost connection", ["lost", 200, "lost", 200], 2, 2, ""],
    ["a transient error", [503, 500, 200, 429, 502, 504, 200], 3, 4, ""],
    ["silence", ["silent", 200, "silent", "lost", 204], 2, 3, ""],
    ["a permanent error", [200, 503], 1, 4, "note: ping to hc-ping.example failed: HTTP 503\n"],
    ["a permanently lost connection", [200, "lost"], 1, 4, "note: ping to hc-ping.example failed: no connection\n"],
    ["a rejection", [200, 404], 1, 1, "note: ping to hc-ping.example failed: HTTP 404\n"],
    ["another rejection", [200, 410], 1, 1, "note: ping to hc-ping.example failed: HTTP 410\n"],
    ["permanent silence", [200, "silent"], 1, 3, "note: ping to hc-ping.example failed: no response in 10s\n"]
  ])("retries a ping after %s, within the limit", ([, fates, starts, ends, stderr]) =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      const { pings, through, times } = withPings(...fates)
      const result = yield* auditSlowly(plane, `--ping ${url}`, { through })
      assert.deepStrictEqual([result.exitCode, result.stderr], [0, stderr])
      assert.deepStrictEqual(pings, [...Array(starts).fill(startOf), ...Array(ends).fill(endOf)])
      // Delays increase, within the limit.
      const gaps = times.slice(starts).map((time, index, all) => time - (all[index - 1] ?? time)).slice(1)
      if (!fates.includes("silent")) assert.deepStrictEqual(gaps, [500, 1_000, 2_000].slice(0, ends - 1))
      for (const gap of gaps) assert.isAtLeast(gap, 500)
      assert.isAtMost((yield* Clock.currentTimeMillis) - (times[starts] ?? 0), 10_500)
    }))

  it.effect("pings about a timed-out audit within a shorter limit", () =>
    Effect.gen(function*() {
      const hanging = yield* project({ ...good, chooseFault: () => Effect.succeed(Fault.hang) })
      const { pings, through, times } = withPings(200, "silent")
      const { exitCode, stdout } = yield* auditSlowly(hanging, `-o nagios --quiet --request-timeout 5m --ping ${url}`, {
        through
      })
      assert.deepStrictEqual([exitCode, stdout.slice(0, 23)], [3, "PINECONE_BACKUP UNKNOWN"])
      assert.include(pings[1] ?? "", "/0b5d/fail")
      // Monitoring systems wait a minute, and 50 seconds have passed.
      assert.isAtMost((yield* Clock.currentTimeMillis) - (times[1] ?? 0), 5_500)
    }))
})

describe("pcb audit --listen", () => {
  const get = (url: string, init: RequestInit = {}) =>
    Effect.flatMap(
      Effect.promise(() => fetch(url, init)),
      (response) =>
        Effect.map(Effect.promise(() => response.text()), (text) => ({
          status: response.status,
          type: response.headers.get("content-type"),
          text
        }))
    )

  /** Waits until a condition holds, without advancing the clock. */
  const until = <A>(effect: Effect.Effect<A>, isSo: (value: A) => boolean): Effect.Effect<A> =>
    Effect.repeat(Effect.andThen(EventLoop.turn, effect), {
      until: isSo
    })

  const listening = Effect.fnUntraced(function*(plane: ControlPlane.Service, args = "") {
    const { fiber, stdout } = yield* start(`audit --listen :0 --interval 10m ${args}`, { on: plane })
    const printed = yield* until(stdout, (text) => text.includes("metrics\n"))
    assert.match(printed, /^(http:\/\/127\.0\.0\.1:\d+\/)\n\1metrics\n$/)
    const page = printed.slice(0, printed.indexOf("\n"))
    const [url, health] = [`${page}metrics`, `${page}healthz`]
    yield* until(get(health), ({ text }) => !text.includes("null,\"error\":null") || text.includes("ok"))
    return { fiber, page, url, health }
  })

  it.effect("accepts its own address and allowed hosts", () =>
    Effect.gen(function*() {
      const { fiber, health, page, url } = yield* listening(yield* project(good), "--allow-host prometheus.example")
      const as = (host: string, url: string) =>
        Effect.callback<readonly [status: number | undefined, text: string]>((resume) => {
          request(url, { headers: { host } }, (response) => {
            let text = ""
            response.on("data", (chunk) => text += chunk)
            response.on("end", () => resume(Effect.succeed([response.statusCode, text])))
          }).end()
        })
      for (const host of ["localhost", "127.0.0.1:9464", "prometheus.example:9464"]) {
        assert.strictEqual((yield* as(host, url))[0], 200)
      }
      for (const path of [page, url, health]) {
        assert.deepStrictEqual(yield* as("evil.example", path), [
          421,
          "This audit does not accept the host evil.example: use an address that it listens on, or start it with --allow-host evil.example.\n"
        ])
      }
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("serves a page whose commands have the flags of the connection", () =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: [{ name: "docs", deletionProtection: "enabled" }] })
      const { fiber, page } = yield* listening(plane, "--host http://127.0.0.1:5081")
      const text = (yield* get(page)).text.replace(/<\/?span>/g, "")
      const commands = [...text.matchAll(/<code translate="no">(.*?)<\/code>/g)].map(([, command]) => command)
      assert.include(commands, "pcb schedule create docs --every daily --keep 30 --host http://127.0.0.1:5081")
      for (const command of commands) assert.match(command ?? "", / --host http:\/\/127\.0\.0\.1:5081$/)
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("serves the latest audit and keeps it while later audits fail", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      const { fiber, health, url } = yield* listening(plane)
      const metrics = yield* get(url)
      assert.deepStrictEqual([metrics.status, metrics.type], [200, "text/plain; version=0.0.4; charset=utf-8"])
      assert.include(metrics.text, `\npinecone_backup_health{index="docs"} 0\n`)
      assert.include(metrics.text, `\npinecone_backup_check_timestamp_seconds 1795291200\n`)
      assert.deepStrictEqual(yield* get(`${health}?x`), {
        status: 200,
        type: "application/json",
        text: `{"status":"ok","checked_at":"2026-11-21T20:00:00Z","age_seconds":0,"error":null}\n`
      })

      yield* plane.fault("Indexes.list", Fault.respond({ status: 401 }), { times: "always" })
      yield* TestClock.adjust("10 minutes")
      const failing = yield* until(get(health), ({ status }) => status === 503)
      assert.deepInclude(JSON.parse(failing.text), {
        status: "unknown",
        checked_at: "2026-11-21T20:00:00Z",
        age_seconds: 600
      })
      assert.isString(JSON.parse(failing.text).error)
      // The findings and their time are kept, but the status is unknown.
      const kept = (yield* get(url)).text.split("\n")
      assert.deepStrictEqual(
        metrics.text.split("\n").filter((line) => !kept.includes(line)),
        ["pinecone_backup_status 0"]
      )
      assert.includeMembers(kept, [
        "pinecone_backup_status 3",
        `pinecone_backup_findings{check="unreadable",severity="unknown"} 1`
      ])

      yield* plane.clearFaults
      yield* TestClock.adjust("10 minutes")
      const mended = yield* until(get(health), ({ status }) => status === 200)
      assert.deepInclude(JSON.parse(mended.text), { checked_at: "2026-11-21T20:20:00Z", age_seconds: 0, error: null })
      assert.include((yield* get(url)).text, `\npinecone_backup_check_timestamp_seconds 1795292400\n`)
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("serves an unknown status before the first success and after a timeout", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...good, chooseFault: () => Effect.succeed(Fault.hang) })
      const { fiber, stdout } = yield* start("audit --listen :0 --interval 1h --timeout 30s --request-timeout 5m", {
        on: plane
      })
      const url = (yield* until(stdout, (text) => text.includes("metrics\n"))).split("\n")[1] ?? ""
      yield* until(plane.requests, (requests) => requests.length > 0)
      yield* TestClock.adjust("30 seconds")
      const { text } = yield* until(get(url), ({ status }) => status === 200)
      assert.include(text, "\npinecone_backup_status 3\n")
      assert.notInclude(text, "pinecone_backup_check_timestamp_seconds")
      const health = yield* get(url.replace("metrics", "healthz"))
      assert.strictEqual(health.status, 503)
      assert.deepInclude(JSON.parse(health.text), { status: "unknown", error: "No result after 30s." })
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("is unhealthy before the first audit and during a slow audit, and never runs two audits at once", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...good, chooseFault: () => Effect.succeed(Fault.hang) })
      const { fiber, stdout } = yield* start("audit --listen 127.0.0.1:0 --interval 1s --request-timeout 5m", {
        on: plane
      })
      const url = (yield* until(stdout, (text) => text.includes("metrics\n"))).split("\n")[1] ?? ""
      yield* until(plane.requests, (requests) => requests.length > 0)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* get(url), {
        status: 503,
        type: "text/plain",
        text: "No audit has finished yet\n"
      })
      assert.strictEqual((yield* get(url.replace("metrics", "healthz"))).status, 503)
      assert.lengthOf(yield* plane.requests, 1)
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("serves a page that is never good after a failed or late audit", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      const { fiber, health, page } = yield* listening(plane, "--request-timeout 1h")
      const at = (init?: RequestInit) => Effect.promise(() => fetch(page, init))
      const first = yield* at()
      const text = yield* Effect.promise(() => first.text())
      assert.deepStrictEqual(
        ["content-type", "cache-control", "x-content-type-options", "referrer-policy", "cross-origin-resource-policy"]
          .map((name) => first.headers.get(name)),
        ["text/html; charset=utf-8", "no-store", "nosniff", "no-referrer", "same-origin"]
      )
      assert.match(first.headers.get("content-security-policy") ?? "", /^default-src 'none'; .*frame-ancestors 'none'$/)
      assert.include(text, `class="verdict" data-s="ok"`)

      const version = first.headers.get("etag") ?? ""
      assert.strictEqual(version, `"${/ data-v="([^"]+)"/.exec(text)?.[1]}"`)
      for (const tag of [version, `W/${version}`, `"other", ${version}`]) {
        assert.strictEqual((yield* at({ headers: { "if-none-match": tag } })).status, 304, tag)
      }
      assert.strictEqual((yield* at({ headers: { "if-none-match": "\"other\"" } })).status, 200)
      const head = yield* at({ method: "HEAD" })
      assert.deepStrictEqual([head.status, head.headers.get("etag")], [200, version])
      assert.strictEqual(yield* Effect.promise(() => head.text()), "")

      yield* plane.fault("Indexes.list", Fault.respond({ status: 401 }), { times: "always" })
      yield* TestClock.adjust("10 minutes")
      yield* until(get(health), ({ status }) => status === 503)
      const failed = yield* get(page)
      assert.strictEqual(failed.status, 200)
      assert.include(failed.text, `class="verdict" data-s="unknown"`)
      assert.include(failed.text, "The latest audit failed.")
      assert.match(failed.text, /<h1>Last seen /)

      // The next audit does not end, and the data becomes old.
      yield* plane.clearFaults
      yield* TestClock.adjust("10 minutes")
      yield* until(get(health), ({ status }) => status === 200)
      assert.include((yield* get(page)).text, `class="verdict" data-s="ok"`)
      yield* plane.fault("Indexes.list", Fault.hang, { times: "always" })
      yield* TestClock.adjust("19 minutes")
      assert.include((yield* get(page)).text, `class="verdict" data-s="ok"`)
      yield* TestClock.adjust("1 minute")
      assert.include((yield* get(page)).text, `class="verdict" data-s="unknown"`)
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("serves 503 and a page that is not good before the first audit", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...good, chooseFault: () => Effect.succeed(Fault.hang) })
      const { fiber, stdout } = yield* start("audit --listen 127.0.0.1:0 --request-timeout 5m", { on: plane })
      const [page = ""] = (yield* until(stdout, (text) => text.includes("metrics\n"))).split("\n")
      const { status, text, type } = yield* get(page)
      assert.deepStrictEqual([status, type], [503, "text/html; charset=utf-8"])
      assert.include(text, `class="verdict" data-s="unknown"`)
      assert.include(text, "The first audit has not finished yet.")
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("warns about addresses that other machines can reach", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      const { fiber, stderr, stdout } = yield* start("audit --listen 0.0.0.0:0", { on: plane })
      yield* until(stdout, (text) => text.includes("metrics\n"))
      assert.include(
        yield* until(stderr, (text) => text !== ""),
        "note: other machines can read the page and the names in it, without a password\n"
      )
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("rejects other paths, methods and hosts", () =>
    Effect.gen(function*() {
      const plane = yield* project(good)
      const { fiber, page, url } = yield* listening(plane)
      assert.strictEqual((yield* get(`${page}index.html`)).status, 404)
      assert.strictEqual((yield* get(page, { method: "POST" })).status, 405)
      assert.strictEqual((yield* get(`${url}/..%2f..%2fetc`)).status, 404)
      assert.strictEqual((yield* get(url, { method: "POST" })).status, 405)
      assert.deepStrictEqual(yield* get(url, { method: "HEAD" }).pipe(Effect.map(({ text }) => text)), "")
      const taken = yield* audit(plane, `--listen :${new URL(url).port}`)
      assert.deepStrictEqual([taken.exitCode, taken.stdout], [3, ""])
      assert.include(taken.stderr, "is in use")
      yield* Fiber.interrupt(fiber)
    }))
})
