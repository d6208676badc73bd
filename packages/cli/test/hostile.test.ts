import { assert, describe, it } from "@effect/vitest"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { inject } from "vitest"
import * as Format from "../src/terminal/Format.ts"
import * as Text from "../src/terminal/Text.ts"
import { type Options, run } from "./harness.ts"
import { now, project, seeds, uuid } from "./project.ts"
import { serve } from "./support.ts"

/** A command line in this process, on a service. */
const pcb = (on: ControlPlane.Service, args: string, options: Options = {}) => run(args, { ...options, on })

describe("an invalid environment variable", () => {
  it.effect.each<[variable: string, args: string]>([
    ["PCB_OUTPUT", "backup create docs"],
    ["PCB_TIME", "backup create docs"],
    ["PCB_OUTPUT", "schedule create wiki --every daily --keep 30"],
    ["PCB_OUTPUT", "restore start docs@latest --name docs-new"],
    ["PCB_OUTPUT", "api POST /indexes/docs/backups"]
  ])("%s is reported before pcb %s sends anything", ([variable, args]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr } = yield* pcb(plane, args, { env: { [variable]: "garbage" } })
      assert.match(stderr, new RegExp(`^error: ${variable}: must be "`))
      assert.strictEqual(exitCode, 2)
      assert.lengthOf(yield* plane.requests, 0)
    }))

  it.effect("is ignored if a flag sets the value", () =>
    Effect.gen(function*() {
      const env = { PCB_OUTPUT: "garbage", PCB_TIME: "garbage" }
      const { exitCode, stderr } = yield* pcb(yield* project(seeds), "backup list -o wide --time utc", { env })
      assert.strictEqual(stderr, "")
      assert.strictEqual(exitCode, 0)
    }))
})

const schedule = {
  schedule_id: uuid("c688ed12"),
  name: "nightly",
  index_id: "index",
  project_id: "project",
  schedule_type: "time-based",
  frequency: "daily",
  retention_expire_after_days: 7,
  enabled: true,
  next_scheduled_run: null,
  created_at: "2026-01-01T00:00:00Z"
}

const backup = {
  backup_id: uuid("8c85e612"),
  source_index_name: "docs",
  source_index_id: "index",
  name: "nightly",
  status: "Ready",
  cloud: "aws",
  region: "us-east-1",
  created_at: "2026-01-01T06:00:00Z"
}

/** A service that returns the given schedule and runs. */
const says = (
  { runs = [{}], ...more }: { readonly runs?: ReadonlyArray<object>; readonly [field: string]: unknown },
  index = "docs"
) =>
(request: IncomingMessage, response: ServerResponse) => {
  const path = request.url?.split("?")[0] ?? ""
  const one = { ...schedule, ...more }
  const data = path.endsWith("/history") || path.endsWith("/backups")
    ? runs.map((run) => ({ ...backup, ...run }))
    : [one]
  const body = path === "/indexes"
    ? { indexes: [{ name: index, id: "index", host: "docs.svc", status: { ready: true, state: "Ready" } }] }
    : path === `/backup-schedules/${schedule.schedule_id}`
    ? one
    : { data, pagination: null }
  response.writeHead(200, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

/** A command line in this process, on a server. */
const on = (host: string, args: string, columns?: number) =>
  Effect.andThen(
    TestClock.setTime(DateTime.toEpochMillis(now)),
    run(args.split(" "), {
      env: { PINECONE_API_KEY: "pcsk_marker_5f3a9b", PINECONE_CONTROLLER_HOST: host },
      ...(columns !== undefined && { columns })
    })
  )

describe("a name", () => {
  const keys = [
    ["of the usual form", "pcsk_marker_5f3a9b"],
    ["that could be an id", "3fa85f64-5717-4562-b3fc-2c963f66afa6"]
  ] as const
  /** Invisible characters: zero-width spaces, a bidirectional control, a tag, a filler, and a variation selector. */
  const unseen = ["\u200b", "\u2066", "\u{e0041}", "\u3164", "\ufe0f", "\u00ad"]
  const commands = [
    "schedule list",
    "schedule describe",
    "schedule history",
    "backup list",
    "backup describe",
    "backup delete --dry-run",
    "restore list",
    "status",
    "audit",
    "audit -o nagios",
    "audit -o markdown",
    "audit -o prometheus",
    "audit -o github",
    "schedule pause --dry-run",
    "restore start --name other --dry-run",
    "api GET /backups"
  ]
  const id = (command: string) =>
    /^schedule (describe|history|pause)/.test(command)
      ? schedule.schedule_id
      : /^(backup (describe|delete)|restore start)/.test(command)
      ? backup.backup_id
      : undefined

  it.effect.each(keys.flatMap(([form, key]) => commands.map((command) => [command, form, key] as const)))(
    "shows invisible characters and hides keys: %s, a key %s",
    ([command, , key]) =>
      Effect.gen(function*() {
        const name = `${unseen.join("a")}b${key}`
        const { host } = yield* serve(says({
          name,
          index_name: name,
          runs: [{ name, source_index_name: name, description: name, tags: { [name]: name }, status: "Ready" }]
        }, name))
        const words = command.split(" ")
        const target = id(command)
        const args = target === undefined ? words : [...words.slice(0, 2), target, ...words.slice(2)]
        const formats = command.includes("-o") || command.startsWith("api")
          ? [[]]
          : [[], ["-o", "wide"], ["-o", "json"], ["-o", "tsv"], ["-o", "ndjson"], ["-o", "id"]]
        for (const format of formats) {
          for (const columns of [undefined, 90]) {
            const { stderr, stdout } = yield* Effect.andThen(
              TestClock.setTime(DateTime.toEpochMillis(now)),
              run([...args, ...format], {
                env: { PINECONE_API_KEY: key, PINECONE_CONTROLLER_HOST: host },
                columns,
                errorColumns: columns
              })
            )
            const written = `${stdout}${stderr}`
            assert.notEqual(written, "")
            assert.notInclude(written, key)
            assert.notMatch(
              Text.undressed(written).replace(/[\n\t]/g, ""),
              /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u
            )
          }
        }
      })
  )

  it.effect("is escaped unambiguously, and unchanged in JSON", () =>
    Effect.gen(function*() {
      const name = "a\u200b\u{e0041}\u00ad"
      const { host } = yield* serve(says({ runs: [{ name }] }))
      assert.include((yield* on(host, "backup list -o tsv")).stdout, String.raw`a\u{200b}\u{e0041}\xad`)
      const { stdout } = yield* on(host, "backup list -o ndjson")
      assert.include(stdout, String.raw`"a\u200b\udb40\udc41\u00ad"`)
      assert.strictEqual(JSON.parse(stdout).name, name)
    }))
})

describe("data from the service", () => {
  it.effect("counts losses after an unlimited retention", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(says({ retention_expire_after_days: 2_147_483_647 }))
      const { exitCode, stderr } = yield* on(host, "schedule update nightly --keep 7")
      assert.include(stderr, "  1 of 1 backup becomes due for deletion")
      assert.strictEqual(exitCode, 6)
    }))

  it.effect("prints an ID on one line without control characters", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(says({ runs: [{ backup_id: "a\u001b[2Jb\nc" }] }))
      for (const args of ["backup list -o id", "backup describe nightly -o id"]) {
        assert.strictEqual((yield* on(host, args)).stdout, "a\\x1b[2Jb\\x0ac\n")
      }
    }))

  it.effect("draws recent runs despite nonsensical dates", () =>
    Effect.gen(function*() {
      const at = (backup_id: string, scheduled_execution_at: string) => ({ backup_id, scheduled_execution_at })
      const { host } = yield* serve(says({
        next_scheduled_run: "9999-12-31T00:00:00Z",
        runs: [
          at("a", "0001-01-01T00:00:00Z"),
          at("b", "2026-11-20T06:00:00Z"),
          at("c", "2026-11-21T06:00:00Z"),
          at("d", "9999-12-31T00:00:00Z")
        ]
      }))
      const list = yield* on(host, "schedule list")
      // Nonsensical dates belong to another cadence, with no missed runs in between.
      assert.strictEqual(list.stdout.split("\t")[7], "!++")
      const lately = yield* on(host, "schedule history nightly", 80)
      assert.include(lately.stdout, "\n2 runs: 2 ● ready\n")
      assert.isBelow(lately.stdout.split("\n").length, 20)
      const always = yield* on(host, "schedule history nightly --since 999999d", 80)
      assert.include(always.stdout, "\n3 runs: 2 ● ready, 1 ▲ late\n")
    }))
})

describe("pcb backup delete", () => {
  it.effect("counts remaining backups if the service does not find a deleted index", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.listByIndex", Fault.notFound, { times: 2 })
      const last = yield* pcb(plane, "backup delete wiki-import --dry-run")
      assert.include(last.stderr, "No backup will be left to restore wiki from")
      assert.strictEqual(last.exitCode, 0)
      const other = yield* pcb(plane, "backup delete before-reindex --yes")
      assert.notInclude(other.stderr, "No backup will be left")
      assert.strictEqual(other.exitCode, 0)
    }))
})

describe("a selector", () => {
  it.effect("without a matching restore fails immediately, without waiting", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      for (const args of ["restore wait nope", "restore describe nope"]) {
        const { exitCode, stderr } = yield* pcb(plane, args)
        assert.include(stderr, "error: Restore job nope not found.")
        assert.strictEqual(exitCode, 3)
      }
    }))

  it.effect("in a hint selects the conflicting schedule, even if others have its name", () =>
    Effect.gen(function*() {
      const plane = yield* project({
        indexes: [{ name: "docs" }, { name: "wiki" }],
        schedules: [{ name: "wiki", indexName: "docs" }, { name: "other", indexName: "wiki" }]
      })
      const refused = yield* pcb(plane, "schedule create docs --every weekly --keep 9")
      const [, hint = ""] = /pcb (schedule update .*), or/.exec(refused.stderr) ?? []
      const { stderr } = yield* pcb(plane, `${hint} --yes`)
      assert.include(stderr, "✓ wiki updated · weekly · kept 9 days")
    }))
})

describe("a resource named twice", () => {
  it.effect("is deleted once", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* pcb(
        plane,
        `schedule delete docs docs-daily ${uuid("c688ed12")} --yes`
      )
      assert.strictEqual(stderr.match(/✓ docs-daily deleted/g)?.length, 1)
      assert.lengthOf(stdout.trimEnd().split("\n"), 1)
      assert.strictEqual(exitCode, 0)
    }))

  it.effect("is listed once", () =>
    Effect.gen(function*() {
      const { stdout } = yield* pcb(yield* project(seeds), "schedule list docs wiki docs -o id")
      assert.strictEqual(stdout, `${uuid("c688ed12")}\n`)
    }))
})

describe("a suggested command", () => {
  it.effect.each<[name: string, next: string]>([
    ["it's $(mine)", "  next  pcb schedule update 'it'\\''s $(mine)' --keep 14\n"],
    ["-rf", ""],
    ["a\u001b[2Jb", ""]
  ])("quotes the name of a schedule, or is omitted: %j", ([name, next]) =>
    Effect.gen(function*() {
      const plane = yield* project({
        schedules: [{ id: uuid("c688ed12"), name, frequency: "weekly", expireAfterDays: 5, runs: 0 }]
      })
      const { stderr } = yield* pcb(plane, `schedule describe ${uuid("c688ed12")}`)
      assert.strictEqual(
        stderr,
        `note: weekly backups are kept for 5 days; no usable backup on 2 days of every 7\n${next}`
      )
    }))
})

describe("an invalid date", () => {
  it.effect.each(["2026-11-31", "2026-02-30", "2026-13-01", "2026-11", "11/20/2026", "1", "x 1", "20261120", ""])(
    "%s selects no backup",
    (text) =>
      Effect.gen(function*() {
        const described = yield* run(["--demo", "backup", "describe", `docs@${text}`])
        assert.include(described.stderr, " is neither \"latest\" nor a date")
        assert.strictEqual(described.exitCode, 2)
        assert.strictEqual((yield* run(["--demo", "backup", "list", "--since", text])).exitCode, 2)
      })
  )

  it.effect.each<[text: string, first: string]>([
    ["2026-11-20", "5d0c71aa"],
    ["2026-11-20T06:00", "88ddf477"],
    ["2026-11-20T06:00:00.000Z", "88ddf477"],
    ["2026-11-20T16:30:00+01:00", "5d0c71aa"],
    ["2026-11-20T16:29:59+01:00", "88ddf477"]
  ])("%s selects a backup", ([text, first]) =>
    Effect.gen(function*() {
      const { stdout } = yield* pcb(yield* project(seeds), `backup describe docs@${text} -o id`)
      assert.strictEqual(stdout, `${uuid(first)}\n`)
    }))

  it.effect("is treated as part of a name", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(says({ runs: [{ name: "docs@home" }] }))
      assert.strictEqual((yield* on(host, "backup describe docs@home -o id")).stdout, `${backup.backup_id}\n`)
    }))
})

describe("pcb api", () => {
  it.effect("stops after many pages without rows", () =>
    Effect.gen(function*() {
      let page = 0
      const { host } = yield* serve((_, response) => {
        response.end(JSON.stringify({ data: [], pagination: { next: `${++page}` } }))
      })
      const { exitCode, stderr } = yield* on(host, "api GET /backups --paginate")
      assert.include(stderr, "error: The service sent 100 consecutive pages without rows")
      assert.strictEqual(exitCode, 1)
      assert.strictEqual(page, 100)
    }))

  it.effect("limits the size of a response", () =>
    Effect.gen(function*() {
      const chunk = "x".repeat(1024 * 1024)
      const { host } = yield* serve((_, response) => {
        let written = 0
        const more = (): void => {
          while (written < 1_000 && !response.destroyed) {
            written++
            if (!response.write(chunk)) return void response.once("drain", more)
          }
        }
        more()
      })
      const { exitCode, stderr } = yield* on(host, "api GET /backups")
      assert.include(stderr, "error: The response is larger than 64 MiB")
      assert.include(stderr, "  response    xxx")
      assert.strictEqual(exitCode, 1)
    }))
})

describe("a size", () => {
  it.each<[size: number, text: string]>([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [9_949, "9.9 kB"],
    [9_950, "10 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [999_999_999, "1.0 GB"],
    [2e15, "2.0 PB"]
  ])("of %i is %s", (size, text) => {
    assert.strictEqual(Format.bytes(size), text)
  })
})

describe("pcb as a process", () => {
  const bin = inject("pcb")
  const shell = (script: string) => spawnSync("sh", ["-c", script, process.execPath, bin], { encoding: "utf8" })

  it.each(["--version", "--help"])("reports a closed pipe of %s only if it is an error", (flag) => {
    const closed = shell(`{ "$0" "$1" ${flag}; echo "exit $?" >&2; } | true`)
    assert.strictEqual(closed.stderr, "exit 0\n")
  })

  describe.each([
    ["--demo schedule list", 0],
    ["--demo schedule list -o json", 0],
    ["--demo status -o ndjson", 0],
    ["--demo schedule create docs-restored --every daily --keep 7 -o id", 0],
    ["--demo audit", 2],
    ["--demo audit -o json", 2],
    ["--demo audit nope -o nagios", 3],
    ["--demo backup wait nope -o json", 3],
    ["schedule list --json=nope", 2],
    ["--help", 0],
    ["audit --help", 0],
    ["help schedule --json", 0],
    ["completion bash", 0],
    ["--version", 0]
  ])("exits as documented if the output is not read: %s", (line, code) => {
    it.each([
      ["closed", `"$0" "$1" ${line} >&- 2>/dev/null; echo $?`],
      ["a pipe without a reader", `exec 3>&1; { "$0" "$1" ${line} 2>/dev/null; echo $? >&3; } | true; sleep 0`]
    ])("%s", (_, command) => {
      assert.strictEqual(shell(command).stdout.trim(), String(code))
    })
  })

  it.skipIf(!existsSync("/dev/full")).each(["--version", "--help"])("reports a full disk for %s", (flag) => {
    const full = shell(`"$0" "$1" ${flag} > /dev/full`)
    assert.match(full.stderr, /^error: cannot write the result: ENOSPC.*\n$/)
    assert.strictEqual(full.status, 1)
  })
})

describe("a schedule without a frequency", () => {
  it.effect("has no frequency in a list or when it is resumed", () =>
    Effect.gen(function*() {
      const plane = yield* project({ schedules: [{ name: "nightly", indexName: "docs", enabled: false, runs: 3 }] })
      yield* plane.fault("*", Fault.withoutFields(["frequency"]), { times: "always" })
      const listed = yield* pcb(plane, "schedule list -o wide")
      assert.deepStrictEqual([listed.exitCode, listed.stderr], [0, ""])
      assert.include(listed.stdout, "nightly")
      assert.notInclude(listed.stdout, "Unknown")
      const { stderr } = yield* pcb(plane, "schedule resume nightly --dry-run")
      assert.include(stderr, "restarts its cadence from now")
    }))
})
