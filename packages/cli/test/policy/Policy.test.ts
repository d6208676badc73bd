import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Files from "../../src/commands/policy/Files.ts"
import * as Project from "../../src/commands/policy/Project.ts"
import type { DryRun, Projects as ProjectsJson } from "../../src/output/Json.ts"
import { home, type Options, run, runFast, start } from "../harness.ts"
import { project, services } from "../project.ts"
import * as Projects from "../projects.ts"

const days = (count: number): ReadonlyArray<Partial<BackupRun.BackupRun>> =>
  Array.from({ length: count }, (_, age) => ({
    createdAt: DateTime.subtract(DateTime.makeUnsafe("2026-11-21T06:00:00Z"), { days: age }),
    recordCount: 1_000,
    sizeBytes: 1_000_000
  }))

/** Two indexes with schedules, and one without. */
const seeds: Seed.Seeds = {
  indexes: [
    { id: "id-docs", name: "docs", deletionProtection: "enabled", tags: { team: "search" } },
    { id: "id-wiki", name: "wiki", deletionProtection: "disabled" },
    { id: "id-news", name: "news", deletionProtection: "disabled" }
  ],
  schedules: [
    { id: "docs-1", name: "docs-daily", indexName: "docs", frequency: "daily", expireAfterDays: 30, runs: days(10) },
    { id: "wiki-1", name: "wiki-old", indexName: "wiki", frequency: "weekly", expireAfterDays: 60, enabled: true }
  ]
}

/** Nothing is lost: a schedule and protection for `news`. */
const harmless = `rules:
  - index: news
    schedule: { every: daily, keep: 30 }
    settings: { deletionProtection: enabled }
`

/** Backups of `docs` expire, and another schedule replaces that of `wiki`. */
const losing = `rules:
  - index: docs
    schedule: { every: daily, keep: 7 }
  - index: wiki
    schedule: { name: wiki-daily, every: daily, keep: 30 }
`

/** Writes a policy and runs commands on a project. `pcb policy` uses the file. */
const world = Effect.fnUntraced(function*(policy: string, more: Seed.Seeds | ControlPlane.Options = seeds) {
  const plane = yield* project(more)
  const directory = yield* home({ "policy.yaml": policy }, 0o644)
  const path = join(directory, "policy.yaml")
  const at = (args: string) => args.split(" ").map((word) => word.replace("@", directory))
  return {
    plane,
    directory,
    path,
    /** `pcb policy plan`, with the file. */
    policy: (args: string, options: Options = {}) =>
      run(["policy", ...at(args), ...(/ --plan /.test(args) ? [] : ["--policy", path])], { on: plane, ...options }),
    start: (args: string, options: Options = {}) =>
      start(["policy", ...at(args), "--policy", path], { on: plane, ...options }),
    /** The methods and paths of the requests that change something. */
    writes: Effect.map(
      plane.requests,
      (all) => all.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`)
    ),
    text: () => readFileSync(path, "utf8")
  }
})

const json = <A = { readonly [key: string]: unknown }>(text: string) => JSON.parse(text) as A

/** The result of `apply -o json`. */
interface Applied {
  readonly schema: string
  readonly verdict: string
  readonly steps: ReadonlyArray<{ readonly index_name: string; readonly type: string; readonly outcome: string }>
  readonly left: { readonly steps: ReadonlyArray<{ readonly index_name: string; readonly type: string }> }
}

describe("pcb policy plan", () => {
  it.effect.each<[what: string, policy: string, args: string, code: number, said: string]>([
    ["an invalid flag", harmless, "plan --nope", 3, "Unrecognized flag"],
    ["an empty name", harmless, "plan --index=", 3, "empty string"],
    ["an invalid file", "rules:\n  - index: x\n    schedule: { evry: daily }\n", "plan", 3, "policy.yaml:3:17"],
    ["a tag without quotes", "rules:\n  - index: x\n    settings: { tags: { a: 1 } }\n", "plan", 3, "in quotes"],
    ["a file that declares nothing", "rules: [{ index: docs, rpo: 26h }]", "plan", 3, "No rule of the policy has"],
    ["an index that the file does not manage", harmless, "plan docs", 3, "settings for \"docs\""],
    ["a named index that does not exist", "rules: [{ index: '*', schedule: { keep: 30 } }]", "plan dcos", 2, "dcos"],
    [
      "a file whose rules are for other profiles",
      "rules: [{ index: docs, profiles: [prod], schedule: { every: daily, keep: 7 } }]",
      "plan",
      3,
      "No rule of the policy"
    ],
    ["another project", `project: other\n${harmless}  - { index: docs, schedule: { keep: 30 } }`, "plan", 3, "other"],
    ["a project as in the file", "rules: [{ index: docs, schedule: { keep: 30 } }]", "plan", 0, "no changes"],
    ["rules that match no index", "rules: [{ index: x-*, schedule: { keep: 30 } }]", "plan", 0, "no index to compare"],
    ["changes", harmless, "plan", 2, "create news-daily: daily, kept 30 days"],
    [
      "an index that does not exist",
      "rules: [{ index: gone, schedule: { every: daily, keep: 7 } }]",
      "plan",
      2,
      "not exist"
    ]
  ])("exits with the documented code for %s", ([, policy, args, code, said]) =>
    Effect.gen(function*() {
      const { policy: pcb, writes } = yield* world(policy)
      const { exitCode, stderr, stdout } = yield* pcb(args, { columns: 100 })
      assert.include(stdout + stderr, said)
      assert.strictEqual(exitCode, code, stderr)
      assert.deepStrictEqual(yield* writes, [])
    }))

  it.effect("exits with 3 without a key, and for a file that does not exist", () =>
    Effect.gen(function*() {
      const { path } = yield* world(harmless)
      const keyless = yield* run(["policy", "plan", "--policy", path], { env: { HOME: "/nowhere" } })
      assert.include(keyless.stderr, "PINECONE_API_KEY is not set")
      assert.strictEqual(keyless.exitCode, 3)
      const fileless = yield* run(["policy", "plan", "--policy", `${path}.no`, "-o", "json"])
      assert.strictEqual(json<{ readonly error: { readonly exit_code: number } }>(fileless.stderr).error.exit_code, 3)
      assert.strictEqual(fileless.exitCode, 3)
    }))

  it.effect.each<[what: string, operation: "Indexes.list" | "BackupSchedules.list" | "BackupSchedules.history"]>([
    ["the indexes", "Indexes.list"],
    ["schedules", "BackupSchedules.list"],
    ["a history that a shorter retention needs", "BackupSchedules.history"]
  ])("exits with 3 if it cannot read %s", ([, operation]) =>
    Effect.gen(function*() {
      const { plane, policy: pcb } = yield* world(losing)
      yield* plane.fault(operation, Fault.respond({ status: 401 }), { times: "always" })
      const { exitCode, stderr, stdout } = yield* pcb("plan", { columns: 200 })
      assert.strictEqual(exitCode, 3)
      assert.notInclude(stdout, "no changes")
      assert.include(stdout + stderr, "A fault returns 401.")
    }))

  it.effect("prints the saved plan and the verdict as JSON", () =>
    Effect.gen(function*() {
      const { policy: pcb } = yield* world(`${losing}  - { index: gone, schedule: { every: daily, keep: 7 } }\n`)
      const { stdout } = yield* pcb("plan -o json")
      const fixture = new URL("../fixtures/plan.txt", import.meta.url)
      const session = `$ pcb policy plan -o json\n${stdout}`
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(fixture, session)
      assert.strictEqual(session, readFileSync(fixture, "utf8"))
    }))

  it.effect("reports rules that override an exact name, and long retentions, with their lines", () =>
    Effect.gen(function*() {
      const { path, policy: pcb } = yield* world(`rules:
  - index: docs
    schedule: { keep: 30 }
  - index: d*
    schedule: { keep: 400 }
`)
      const { stderr } = yield* pcb("plan")
      assert.include(
        stderr,
        `note: ${path}:4: the rule for d* overrides schedule.keep of the rule for docs in line 2; later rules win\n`
      )
      assert.include(stderr, `note: ${path}:5: a retention of 400 days may exceed the limit of the project\n`)
    }))
})

describe("an index that was deleted", () => {
  const policy = "rules: [{ index: blog, schedule: { every: daily, keep: 7 } }]"
  const deleted: Seed.Seeds = {
    indexes: [{ id: "id-blog", name: "blog", deletedAt: DateTime.makeUnsafe("2026-11-20T00:00:00Z") }],
    backups: [{ sourceIndexId: PineconeIndex.IndexId.make("id-blog"), recordCount: 10 }]
  }

  it.effect("is blocked, and recover is suggested in a command that can be pasted", () =>
    Effect.gen(function*() {
      const { policy: pcb } = yield* world(policy, deleted)
      for (const columns of [30, 80]) {
        const { stdout } = yield* pcb("plan", { columns })
        assert.include(stdout.replaceAll(/\s+/g, " "), "the index does not exist; 1 usable backup remains")
        assert.match(stdout, /^ +fix {2}pcb recover blog$/m)
      }
      assert.include((yield* pcb("plan -o markdown")).stdout, "| `pcb recover blog` |")
      for (const format of ["table", "wide", "markdown"]) {
        const { stdout } = yield* pcb(`plan -o ${format} --host http://127.0.0.1:5081`)
        assert.match(stdout, /pcb recover blog --host http:\/\/127\.0\.0\.1:5081(`| *$)/m, format)
      }
      const applied = yield* pcb("apply")
      assert.include(applied.stderr, "error: 1 index does not match the policy: blog")
      assert.strictEqual(applied.exitCode, 7)
    }))
})

describe("hostile names", () => {
  const name = "evil\u001b[31m\u202e"
  const seeds: Seed.Seeds = {
    indexes: [{ id: "id-docs", name: "docs" }],
    schedules: [{ id: "evil", name, indexName: "docs", frequency: "daily", expireAfterDays: 30 }]
  }
  const policy = `rules:
  - index: "*"
    schedule: { every: daily, keep: 7, name: new }
    settings: { tags: { k: v } }
`

  it.effect.each([
    ...["table", "tsv", "markdown", "json", "wide", "id"].map((format) => `plan -o ${format}`),
    "plan --delete-extra",
    "apply",
    "apply --dry-run -o json",
    "apply --yes --delete-extra",
    "apply --yes -o json",
    "pull --stdout",
    "pull"
  ])("are not printed as they are: policy %s", (args) =>
    Effect.gen(function*() {
      const { policy: pcb, text } = yield* world(policy, seeds)
      const { drawn, stderr, stdout } = yield* pcb(args, { columns: 80, errorColumns: 80 })
      for (const output of [stdout, stderr, drawn, text()]) {
        assert.notMatch(output.replaceAll(/[\n\t]/g, ""), /\p{Cc}|\u202e/u)
      }
    }))

  /** A service with an index that the emulator would refuse. */
  const transport = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) =>
      Effect.succeed(HttpClientResponse.fromWeb(
        request,
        Response.json(url.pathname === "/indexes" ? { indexes: [{ name, tags: { a: name } }] } : { data: [] })
      ))
    )
  )

  it.effect.each(["plan", "plan -o markdown", "plan -o tsv", "plan -o json", "apply", "apply --dry-run", "pull"])(
    "of indexes are not printed as they are: policy %s",
    (args) =>
      Effect.gen(function*() {
        const directory = yield* home({ "policy.yaml": policy })
        const { exitCode, stderr, stdout } = yield* run(
          ["policy", ...args.split(" "), "--policy", join(directory, "policy.yaml")],
          { transport, columns: 80, errorColumns: 80, env: { PINECONE_API_KEY: "memory" } }
        )
        assert.notMatch(`${stdout}${stderr}`.replaceAll(/[\n\t]/g, ""), /\p{Cc}|\u202e/u)
        assert.include(`${stdout}${stderr}`, "evil")
        assert.include([0, 1, 2, 3, 4, 5, 6, 7, ...(args === "pull" ? [9] : [])], exitCode)
      })
  )
})

describe("pcb policy apply", () => {
  it.effect("makes changes without losses without asking, and none the second time", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb, writes } = yield* world(harmless)
      const first = yield* pcb("apply -o json")
      assert.strictEqual(first.exitCode, 0, first.stderr)
      assert.deepStrictEqual(yield* writes, ["PATCH /indexes/news", "POST /indexes/news/backup-schedules"])
      const { left, schema, steps, verdict } = json<Applied>(first.stdout)
      assert.deepStrictEqual([schema, verdict], ["pcb.apply/v1", "in-step"])
      assert.deepStrictEqual(steps.map(({ outcome }) => outcome), ["done", "done"])
      assert.deepStrictEqual<object>(left, { steps: [], blocked: [], unknown: [], extra: [] })

      const second = yield* pcb("apply")
      assert.strictEqual(second.exitCode, 0)
      assert.include(second.stderr, "no changes; 1 index matches the policy")
      assert.lengthOf(yield* writes, 2)
      assert.strictEqual((yield* pcb("plan")).exitCode, 0)
      assert.isAbove((yield* plane.requests).length, 0)
    }))

  it.effect("refuses losses without a terminal or --yes, and sends nothing", () =>
    Effect.gen(function*() {
      const { policy: pcb, writes } = yield* world(losing)
      for (const options of [{}, { keys: "y\r", env: { CI: "true" } }]) {
        const { exitCode, stderr } = yield* pcb("apply", options)
        assert.strictEqual(exitCode, 6)
        assert.include(stderr, "Refusing to make 3 changes to 2 indexes without --yes")
      }
      assert.deepStrictEqual(yield* writes, [])
    }))

  it.effect("asks once for everything, and takes no for an answer", () =>
    Effect.gen(function*() {
      const { policy: pcb, writes } = yield* world(losing)
      const options = { columns: 80, errorColumns: 80 }
      const declined = yield* pcb("apply", { ...options, keys: "n\r" })
      assert.strictEqual(declined.exitCode, 6)
      assert.deepStrictEqual(yield* writes, [])
      const { drawn, exitCode, stderr } = yield* pcb("apply", { ...options, keys: "yes\r" })
      assert.include(stderr, "3 of 10 backups expire")
      assert.strictEqual(drawn.split("(y/N)").length > 1, true)
      assert.include(stderr, "3 of 3 changes made")
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(yield* writes, [
        "PATCH /backup-schedules/wiki-1",
        "POST /indexes/wiki/backup-schedules",
        "PATCH /backup-schedules/docs-1"
      ])
    }))

  it.effect("requires the typed name, or its own flag, before the last good backup expires", () =>
    Effect.gen(function*() {
      const policy = "rules: [{ index: old, schedule: { keep: 1, every: daily } }]"
      const last: Seed.Seeds = {
        indexes: [{ id: "id-old", name: "old" }],
        schedules: [{
          id: "old-1",
          name: "old-daily",
          indexName: "old",
          frequency: "daily",
          expireAfterDays: 30,
          runs: days(5).slice(2)
        }]
      }
      const { policy: pcb, writes } = yield* world(policy, last)
      const refused = yield* pcb("apply --yes")
      assert.strictEqual(refused.exitCode, 6)
      assert.include(refused.stderr, "--yes --allow-last-copy")
      assert.strictEqual((yield* pcb("apply", { columns: 80, errorColumns: 80, keys: "yes\r" })).exitCode, 6)
      assert.deepStrictEqual(yield* writes, [])
      const typed = yield* pcb("apply", { columns: 80, errorColumns: 80, keys: "old\r" })
      assert.strictEqual(typed.exitCode, 0, typed.stderr)
      assert.include(typed.stderr, "no good backup of old will be left")

      const other = yield* world(policy, last)
      assert.strictEqual((yield* other.policy("apply --yes --allow-last-copy")).exitCode, 0)
    }))

  it.effect("prints requests, losses and questions with --dry-run, and sends nothing", () =>
    Effect.gen(function*() {
      const { policy: pcb, writes } = yield* world(losing)
      const { exitCode, stderr, stdout } = yield* pcb("apply --dry-run --delete-extra -o json")
      assert.strictEqual(exitCode, 0, stderr)
      const { lost, questions, requests, schema } = json<typeof DryRun.Encoded>(stdout)
      assert.strictEqual(schema, "pcb.dry-run/v1")
      assert.deepStrictEqual(
        requests.map(({ method, path }) => `${method} ${path}`),
        [
          "DELETE /backup-schedules/wiki-1",
          "POST /indexes/wiki/backup-schedules",
          "PATCH /backup-schedules/docs-1"
        ]
      )
      assert.lengthOf(lost.backups, 3)
      assert.deepStrictEqual(lost.schedules, ["wiki-1"])
      assert.lengthOf(questions, 1)
      assert.deepStrictEqual(yield* writes, [])
    }))

  it.effect("prints the plan of --dry-run as its result, in every format", () =>
    Effect.gen(function*() {
      const { policy: pcb } = yield* world(losing)
      const printed = (args: string) => Effect.map(pcb(`${args} --delete-extra --quiet`), ({ stdout }) => stdout)
      const { plan } = json<typeof DryRun.Encoded>(yield* printed("apply --dry-run -o json"))
      const { left } = json<Applied>(yield* printed("apply --yes -o json"))
      assert.deepStrictEqual([left?.steps, Object.keys(plan ?? {})], [[], Object.keys(left ?? {})])
      const other = yield* world(losing)
      for (
        const [format, expected] of [["table", /^wiki +- delete/m], ["tsv", /^wiki\tchange\tdelete/m], [
          "id",
          /^wiki$/m
        ]] as const
      ) {
        assert.match((yield* other.policy(`apply --dry-run --delete-extra --quiet -o ${format}`)).stdout, expected)
      }
    }))

  it.effect("continues with other indexes after a failure, and reports what is left", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb } = yield* world(`${losing}${harmless.replace("rules:\n", "")}`)
      yield* plane.fault("BackupSchedules.create", Fault.respond({ status: 400 }))
      const { exitCode, stderr, stdout } = yield* pcb("apply --yes -o json")
      const { left, steps, verdict } = json<Applied>(stdout)
      assert.strictEqual(verdict, "drift")
      assert.deepStrictEqual(steps.map(({ index_name, outcome, type }) => [index_name, type, outcome]), [
        ["news", "ConfigureIndex", "done"],
        ["news", "CreateSchedule", "failed"],
        ["wiki", "MakeWay", "done"],
        ["wiki", "CreateSchedule", "done"],
        ["docs", "UpdateSchedule", "done"]
      ])
      assert.deepStrictEqual(left.steps.map(({ index_name, type }) => [index_name, type]), [["news", "CreateSchedule"]])
      assert.include(stderr, "A fault returns 400.")
      assert.strictEqual(exitCode, 7)
      assert.strictEqual((yield* pcb("apply --yes")).exitCode, 0)
    }))

  it.effect("stops at the first request if the key is rejected", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb, writes } = yield* world(losing)
      yield* plane.fault("BackupSchedules.update", Fault.respond({ status: 401 }), { times: "always" })
      const { exitCode, stderr, stdout } = yield* pcb("apply --yes")
      assert.strictEqual(exitCode, 4)
      assert.deepStrictEqual(
        stdout.trimEnd().split("\n").map((line) => line.split("\t").at(-1)),
        ["failed", "not_reached", "not_reached"]
      )
      assert.lengthOf(stderr.split("A fault returns 401.").slice(1), 1)
      assert.lengthOf(yield* writes, 1)
    }))

  it.effect("reports an outage with its exit code before it sends anything", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb, writes } = yield* world(losing)
      yield* plane.fault("BackupSchedules.list", Fault.respond({ status: 403 }), { times: "always" })
      const { exitCode, stderr } = yield* pcb("apply --yes")
      assert.strictEqual(exitCode, 4)
      assert.include(stderr, "unknown; nothing was sent")
      assert.deepStrictEqual(yield* writes, [])
    }))

  it.effect("exits with 8 if the service cannot be reached", () =>
    Effect.gen(function*() {
      const { path, plane, writes } = yield* world(losing)
      yield* plane.fault("*", Fault.reset, { times: "always" })
      const down = yield* runFast(["policy", "apply", "--yes", "--policy", path], { on: plane })
      assert.strictEqual(down.exitCode, 8)
      assert.deepStrictEqual(yield* writes, [])
    }))

  it.effect("fails if the project turns out to be another one", () =>
    Effect.gen(function*() {
      const { policy: pcb } = yield* world(`project: other\n${harmless}`, { ...seeds, schedules: [] })
      const { exitCode, stderr, stdout } = yield* pcb("apply --yes -o json")
      assert.strictEqual(exitCode, 7, stderr)
      assert.include(stderr, "the policy is for the project other")
      assert.strictEqual(json<Applied>(stdout).verdict, "unknown")
    }))

  it.effect("keeps the changes before an outage, and makes the others the next time", () =>
    Effect.gen(function*() {
      const { path, plane, policy: pcb, writes } = yield* world(losing)
      yield* plane.fault("BackupSchedules.create", Fault.reset, { times: "always" })
      const down = yield* runFast(["policy", "apply", "--yes", "--policy", path], { on: plane })
      assert.strictEqual(down.exitCode, 8)
      assert.include(down.stderr, "docs: not sent: docs-daily: keep 7 days instead of 30")
      yield* plane.clearFaults
      assert.strictEqual((yield* pcb("apply --yes")).exitCode, 0)
      assert.strictEqual((yield* pcb("plan")).exitCode, 0)
      assert.include((yield* writes).join(), "POST /indexes/wiki/backup-schedules")
    }))

  it.effect("sends nothing to another project, and asks if no schedule shows the project", () =>
    Effect.gen(function*() {
      const { policy: pcb, writes } = yield* world(`project: other\n${losing}`)
      const { exitCode, stderr } = yield* pcb("apply --yes")
      assert.strictEqual(exitCode, 7)
      assert.include(stderr, "the policy is for the project other")
      assert.deepStrictEqual(yield* writes, [])
      const empty = yield* world(`project: other\n${harmless}`)
      const asked = yield* empty.policy("apply")
      assert.strictEqual(asked.exitCode, 6)
      assert.include(asked.stderr, "No schedule shows the ID of the project")
    }))

  it.effect("changes nothing that someone else has changed in the meantime", () =>
    Effect.gen(function*() {
      const { plane, start, writes } = yield* world(losing)
      const moved = Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules
        const all = yield* Stream.runCollect(schedules.list(PineconeIndex.IndexName.make("docs")))
        yield* schedules.update(all[0]!.scheduleId, { expireAfterDays: 14 })
      }).pipe(Effect.provide(services(plane)))
      yield* plane.fault("BackupSchedules.create", Fault.delay("1 second"))
      const running = yield* start("apply --yes -o json")
      while ((yield* writes).length === 0) yield* Effect.yieldNow
      yield* moved
      while (running.fiber.pollUnsafe() === undefined) {
        yield* Effect.repeat(Effect.yieldNow, { times: 5 })
        yield* TestClock.adjust("1 second")
      }
      const { exitCode, stderr, stdout } = yield* running.run
      const { steps } = json<Applied>(stdout)
      assert.strictEqual(steps.at(-1)?.outcome, "moved")
      assert.include(stderr, "docs: not changed: retention was 30 when the plan was made, and is 14 now")
      assert.strictEqual(exitCode, 7)
    }))

  it.effect("continues after Ctrl-C at every request", () =>
    Effect.gen(function*() {
      const whole = yield* world(losing)
      yield* whole.policy("apply --yes")
      const expected = yield* whole.writes
      const total = (yield* whole.plane.requests).length
      for (let count = 1; count <= total; count++) {
        const { plane, policy: pcb, start, writes } = yield* world(losing)
        const { fiber, stderr } = yield* start("apply --yes")
        while ((yield* plane.requests).length < count && fiber.pollUnsafe() === undefined) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        if ((yield* writes).length > 0 && (yield* writes).length < expected.length) {
          assert.match(
            yield* stderr,
            /Interrupted after \d of 3 changes\. This change may have been made: \w+: .*\. To continue, run pcb policy apply/
          )
        }
        const again = yield* pcb("apply --yes")
        assert.strictEqual(again.exitCode, 0, again.stderr)
        assert.deepStrictEqual(yield* writes, expected, `after ${count} requests`)
        assert.strictEqual((yield* pcb("plan")).exitCode, 0)
      }
    }), 60_000)
})

describe("pcb policy apply --plan", () => {
  it.effect("applies a saved plan once, and nothing the second time", () =>
    Effect.gen(function*() {
      const { directory, plane, policy: pcb, writes } = yield* world(losing)
      const saved = yield* pcb("plan --out @/plan.json")
      assert.strictEqual(saved.exitCode, 2)
      assert.include(saved.stderr, `plan.json, valid until 2026-11-22 20:00 UTC`)
      assert.match(saved.stderr, /next {2}pcb policy apply --plan \S+plan\.json/)
      assert.strictEqual(statSync(join(directory, "plan.json")).mode & 0o777, 0o600)
      assert.notInclude(readFileSync(join(directory, "plan.json"), "utf8"), directory)
      const twice = yield* pcb("plan --out @/plan.json")
      assert.include(twice.stderr, "already exists")
      assert.strictEqual(twice.exitCode, 3)

      // Without the policy, and without --yes.
      const first = yield* pcb("apply --plan @/plan.json")
      assert.strictEqual(first.exitCode, 0, first.stderr)
      assert.lengthOf(yield* writes, 3)
      const second = yield* pcb("apply --plan @/plan.json -o json")
      assert.strictEqual(second.exitCode, 0, second.stderr)
      assert.deepStrictEqual(
        json<Applied>(second.stdout).steps.map(({ outcome }) => outcome),
        ["already", "already", "already"]
      )
      assert.include(second.stderr, "3 of 3 changes made before")
      assert.lengthOf(yield* writes, 3)
      assert.isAbove((yield* plane.requests).length, 3)
    }))

  it.effect("also applies the JSON that plan prints", () =>
    Effect.gen(function*() {
      const { directory, policy: pcb } = yield* world(losing)
      writeFileSync(join(directory, "plan.json"), (yield* pcb("plan -o json")).stdout)
      assert.strictEqual((yield* pcb("apply --plan @/plan.json")).exitCode, 0)
    }))

  it.effect("names the difference if the project has changed, and sends nothing", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb, writes } = yield* world(losing)
      yield* pcb("plan --out @/plan.json")
      yield* Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules
        const [schedule] = yield* Stream.runCollect(schedules.list(PineconeIndex.IndexName.make("docs")))
        assert.isDefined(schedule)
        if (schedule !== undefined) yield* schedules.update(schedule.scheduleId, { expireAfterDays: 14 })
      }).pipe(Effect.provide(services(plane)))
      const { exitCode, stderr } = yield* pcb("apply --plan @/plan.json")
      assert.strictEqual(exitCode, 7)
      assert.include(stderr, "docs: retention was 30 when the plan was made, and is 14 now")
      assert.include(stderr, "pcb policy plan --out")
      assert.lengthOf(yield* writes, 1)
    }))

  it.effect("refuses an expired plan, a changed plan, another host and another format", () =>
    Effect.gen(function*() {
      const { directory, policy: pcb, writes } = yield* world(losing)
      const path = join(directory, "plan.json")
      yield* pcb("plan --out @/plan.json --valid-for 2h")
      const text = readFileSync(path, "utf8")
      const refusal = (changed: string) =>
        Effect.map(
          Effect.andThen(Effect.sync(() => writeFileSync(path, changed)), pcb("apply --plan @/plan.json --yes")),
          ({ exitCode, stderr }) => [exitCode, stderr.split("\n")[0]]
        )
      assert.deepStrictEqual(yield* refusal(text.replace("\"retention_days\": 7", "\"retention_days\": 8")), [
        2,
        `error: ${path} is not a valid plan: the checksum does not match: the plan was changed after it was saved`
      ])
      assert.deepStrictEqual(yield* refusal("{}"), [
        2,
        `error: ${path} is not a valid plan: the plan does not have the format pcb.plan/v1`
      ])
      const other = yield* run(["policy", "apply", "--plan", path, "--demo"])
      assert.strictEqual(other.exitCode, 2)
      writeFileSync(path, text)
      const elsewhere = yield* run(["policy", "apply", "--plan", path, "--demo"])
      assert.include(elsewhere.stderr, "The plan is for http:")
      assert.strictEqual(elsewhere.exitCode, 7)
      yield* TestClock.adjust("3 hours")
      assert.deepStrictEqual(yield* refusal(text), [
        7,
        "error: The plan was made 3h ago and expired at 2026-11-21 22:00 UTC"
      ])
      assert.deepStrictEqual(yield* writes, [])
      const missing = yield* pcb("apply --plan @/nope.json")
      assert.include(missing.stderr, "does not exist")
      assert.strictEqual(missing.exitCode, 2)
    }))

  it.effect("does not count as confirmation of the loss of a last backup", () =>
    Effect.gen(function*() {
      const { policy: pcb, writes } = yield* world("rules: [{ index: docs, schedule: { keep: 1, every: daily } }]", {
        indexes: [{ id: "id-docs", name: "docs" }],
        schedules: [{
          id: "docs-1",
          name: "docs-daily",
          indexName: "docs",
          frequency: "daily",
          expireAfterDays: 30,
          runs: days(5).slice(2)
        }]
      })
      yield* pcb("plan --out @/plan.json")
      assert.strictEqual((yield* pcb("apply --plan @/plan.json")).exitCode, 6)
      assert.strictEqual((yield* pcb("apply --plan @/plan.json --yes")).exitCode, 6)
      assert.deepStrictEqual(yield* writes, [])
      assert.strictEqual((yield* pcb("apply --plan @/plan.json --yes --allow-last-copy")).exitCode, 0)
    }))

  it.effect("is only applied to its project, also if the schedules of its indexes do not show it", () =>
    Effect.gen(function*() {
      const rule = "  - { index: docs, schedule: { keep: 30 } }\n"
      const { directory, plane, policy: pcb } = yield* world(`${harmless}${rule}`)
      assert.strictEqual((yield* pcb("plan --out @/plan.json")).exitCode, 2)
      const args = ["policy", "apply", "--plan", join(directory, "plan.json")]
      for (
        const [schedules, exitCode, message] of [
          [seeds.schedules, 7, "The plan is for the project"],
          [[], 6, "No schedule shows the ID of the project"]
        ] as const
      ) {
        const other = yield* project({ ...seeds, schedules: schedules ?? [], project: { id: "project-other" } })
        const refused = yield* run(args, { on: other })
        assert.include(refused.stderr, message)
        assert.strictEqual(refused.exitCode, exitCode)
        assert.isTrue((yield* other.requests).every(({ method }) => method === "GET"))
      }
      assert.strictEqual((yield* run(args, { on: plane })).exitCode, 0)
    }))

  it.effect.each(["docs", "--policy x", "--delete-extra"])(
    "cannot be combined with %s",
    (args) =>
      Effect.gen(function*() {
        const { exitCode, stderr } = yield* run(`policy apply --plan x ${args}`)
        assert.include(stderr, "--plan cannot be combined with")
        assert.strictEqual(exitCode, 2)
      })
  )
})

describe("pcb policy pull", () => {
  it.effect("creates a file that plan finds to be as the project", () =>
    Effect.gen(function*() {
      const { directory, plane } = yield* world("")
      const path = join(directory, "new.yaml")
      const pull = () => run(["policy", "pull", "--policy", path], { on: plane })
      const first = yield* pull()
      assert.strictEqual(first.exitCode, 0, first.stderr)
      const text = readFileSync(path, "utf8")
      assert.include(text, "  - index: docs\n    schedule: { name: docs-daily, every: daily, keep: 30 }\n")
      assert.include(text, "  - index: news\n    # nothing backs this index up:\n")
      assert.include(text, "settings: { deletionProtection: enabled, tags: { team: search } }")
      const second = yield* pull()
      assert.include(second.stderr, "nothing was written")
      assert.strictEqual(readFileSync(path, "utf8"), text)
      const plan = yield* run(["policy", "plan", "--policy", path], { on: plane, columns: 80 })
      assert.include(plan.stdout, "no changes; 3 indexes match the policy")
      assert.strictEqual(plan.exitCode, 0)
      assert.deepStrictEqual(readdirSync(directory).sort(), ["new.yaml", "policy.yaml"])
    }))

  it.effect("updates a file atomically, keeping its comments and mode", () =>
    Effect.gen(function*() {
      const { directory, path, policy: pcb, text } = yield* world(
        "# ours\nrules:\n  - index: docs # main\n    schedule: { every: daily, keep: 7 } # too short\n"
      )
      chmodSync(path, 0o640)
      const { exitCode, stdout } = yield* pcb("pull docs -o json")
      assert.strictEqual(exitCode, 0)
      const { is_new, is_written, rules } = json(stdout)
      assert.deepStrictEqual([is_new, is_written], [false, true])
      assert.deepStrictEqual(rules, [{
        index_name: "docs",
        action: "changed",
        schedule: { keep: 30 },
        settings: { deletionProtection: "enabled", tags: { team: "search" } }
      }])
      assert.strictEqual(
        text(),
        "# ours\nrules:\n  - index: docs # main\n    schedule: { every: daily, keep: 30 } # too short\n" +
          "    settings: { deletionProtection: enabled, tags: { team: search } }\n"
      )
      assert.strictEqual(statSync(path).mode & 0o777, 0o640)
      assert.deepStrictEqual(readdirSync(directory), ["policy.yaml"])
    }))

  it.effect("adds rules for its profile to a file that several projects share, and changes no rule of the others", () =>
    Effect.gen(function*() {
      const shared = `rules:
  - index: docs
    schedule: { keep: 7 }
  - index: docs
    profiles: [other]
    schedule: { keep: 8 }
`
      const { policy: pcb, text } = yield* world(shared)
      const env = { HOME: yield* Projects.homeWith({ own: { time: "utc" }, other: { time: "utc" } }) }
      assert.strictEqual((yield* pcb("pull docs --profile own", { env })).exitCode, 0)
      assert.strictEqual(
        text(),
        `${shared}  - index: docs
    profiles: [ own ]
    schedule: { every: daily, keep: 30 }
    settings: { deletionProtection: enabled, tags: { team: search } }
`
      )
      const again = yield* pcb("pull docs --profile own", { env })
      assert.include(again.stderr, "nothing was written")
      assert.strictEqual((yield* pcb("plan docs --profile own", { env })).exitCode, 0)
      assert.strictEqual((yield* pcb("plan docs --profile other", { env })).exitCode, 2)
      assert.include((yield* pcb("pull docs --dry-run", { env })).stderr, "no profile is in use")
    }))

  it.effect("keeps rules of indexes that do not exist, and says so", () =>
    Effect.gen(function*() {
      const { policy: pcb, text } = yield* world("rules: [{ index: gone, schedule: { every: daily, keep: 7 } }]\n")
      const { exitCode, stderr } = yield* pcb("pull")
      assert.strictEqual(exitCode, 0)
      assert.include(stderr, "note: gone: the index does not exist; its rule was kept")
      assert.include(text(), "{ index: gone, schedule: { every: daily, keep: 7 } }")
    }))

  it.effect("skips an index that is being restored, and keeps its rule", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb, text } = yield* world(
        "rules: [{ index: docs-restored, schedule: { every: daily, keep: 7 } }]\n",
        {
          indexes: [{ id: "id-docs", name: "docs", deletionProtection: "disabled" }],
          backups: [{ backupId: Backup.BackupId.make("copy"), sourceIndexId: PineconeIndex.IndexId.make("id-docs") }]
        }
      )
      yield* run(["restore", "start", "copy", "--name", "docs-restored"], { on: plane })
      const before = text()
      const { exitCode, stderr, stdout } = yield* pcb("pull docs-restored -o json")
      assert.strictEqual(exitCode, 9, stderr)
      assert.deepStrictEqual(JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "").error, {
        code: "POLICY_INCOMPLETE",
        message: "1 part of the project was skipped",
        details: ["docs-restored: skipped: the index is not ready (Initializing)"],
        exit_code: 9
      })
      assert.include(stderr, "already describes the project, apart from what was skipped; nothing was written")
      assert.deepStrictEqual(json(stdout)["skipped"], [
        { index_name: "docs-restored", part: "index", reason: "the index is not ready (Initializing)" }
      ])
      assert.strictEqual(text(), before)
      assert.strictEqual((yield* pcb("pull")).exitCode, 9)
      assert.strictEqual(
        text(),
        before.replace(
          "keep: 7 } }]",
          "keep: 7 } }, { index: docs, settings: { deletionProtection: disabled } }]"
        )
      )
      yield* TestClock.adjust("2 hours")
      const ready = yield* pcb("pull docs-restored")
      assert.strictEqual(ready.exitCode, 0)
      assert.notInclude(ready.stderr, "skipped")
      assert.include(text(), "schedule: none")
    }))

  it.effect("skips schedules that only one index does not return, and describes its settings", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb, text } = yield* world(
        "rules: [{ index: docs, schedule: { every: daily, keep: 7 } }]\n"
      )
      yield* plane.fault("BackupSchedules.list", Fault.respond({ status: 400 }))
      const { exitCode, stderr } = yield* pcb("pull docs --quiet")
      assert.strictEqual(exitCode, 9, stderr)
      assert.match(
        stderr,
        /^error: 1 part of the project was skipped\n {2}docs: schedule skipped: the schedules are unreadable/
      )
      assert.include(text(), "schedule: { every: daily, keep: 7 }, settings: { deletionProtection: enabled")
    }))

  it.effect("removes its comment about a missing schedule once a schedule exists, even one that the user added", () =>
    Effect.gen(function*() {
      const { path, plane, policy: pcb, text } = yield* world("version: 1\n")
      const hint = `    # nothing backs this index up:
    # schedule: { every: daily, keep: 30 }
`
      const withHint = (schedule: string) =>
        `version: 1
rules:
  - index: news # the archive
${schedule}    settings: { deletionProtection: disabled }
`
      yield* pcb("pull news")
      assert.strictEqual(text(), withHint(hint).replace(" # the archive", ""))

      // The author uses the suggestion, and applies it.
      writeFileSync(path, withHint(hint.replace("# schedule: {", "schedule: { name: news-daily,")))
      assert.strictEqual((yield* pcb("apply")).exitCode, 0)
      const { stdout } = yield* pcb("pull news")
      assert.include(stdout, "news\tchanged\tcomment\n")
      const schedule = "    schedule: { name: news-daily, every: daily, keep: 30 }\n"
      assert.strictEqual(text(), withHint(schedule))

      // A rule for several indexes has the schedule.
      const pattern = "  - index: new*\n    schedule: { every: daily, keep: 30 }\n"
      writeFileSync(path, withHint(hint) + pattern)
      yield* pcb("pull news")
      assert.strictEqual(text(), withHint("") + pattern)

      // Someone else created the schedule.
      writeFileSync(path, withHint(hint))
      yield* pcb("pull news")
      assert.strictEqual(text(), withHint(schedule))
      assert.include((yield* run(["policy", "pull", "--policy", path], { on: plane })).stderr, "2 rules added")
    }))

  it.effect("writes nothing with --dry-run and --stdout", () =>
    Effect.gen(function*() {
      const { policy: pcb, text } = yield* world(harmless)
      const dry = yield* pcb("pull --dry-run")
      assert.include(dry.stderr, "2 rules added, 1 rule changed. Nothing was written.")
      assert.include(dry.stdout, "docs\tadded\tschedule, settings")
      const printed = yield* pcb("pull --stdout")
      assert.include(printed.stdout, "  - index: docs\n")
      assert.strictEqual(text(), harmless)
    }))

  it.effect("prints a new file as JSON", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const directory = yield* home()
      const { stdout } = yield* run(["policy", "pull", "--stdout", "--policy", join(directory, "p.json")], {
        on: plane
      })
      assert.lengthOf(json<{ readonly rules: ReadonlyArray<unknown> }>(stdout).rules, 3)
    }))

  it.effect("refuses a symbolic link and a file of another project", () =>
    Effect.gen(function*() {
      const { directory, path, plane, text } = yield* world(harmless)
      const link = join(directory, "link.yaml")
      symlinkSync(path, link)
      const linked = yield* run(["policy", "pull", "--policy", link], { on: plane })
      assert.strictEqual(linked.exitCode, 7)
      assert.include(linked.stderr, "is a symbolic link")

      const dangling = join(directory, "dangling.yaml")
      symlinkSync(join(directory, "nowhere"), dangling)
      const created = yield* run(["policy", "pull", "--policy", dangling], { on: plane })
      assert.strictEqual(created.exitCode, 7)
      assert.isFalse(existsSync(join(directory, "nowhere")))

      writeFileSync(path, `project: other\n${harmless}`)
      const other = yield* run(["policy", "pull", "--policy", path], { on: plane })
      assert.strictEqual(other.exitCode, 7)
      assert.include(other.stderr, "The policy is for the project other")
      assert.strictEqual(text(), `project: other\n${harmless}`)
    }))

  it.effect("does not overwrite a file that was changed in the meantime", () =>
    Effect.gen(function*() {
      const { directory, path, text } = yield* world(harmless)
      const { report: { exitCode, message } } = yield* Effect.flip(
        Effect.provide(Files.replace(path, "as it was read", "new"), NodeServices.layer)
      )
      assert.include(message, "was changed in the meantime; nothing was written")
      assert.strictEqual(exitCode, 7)
      assert.strictEqual(text(), harmless)
      assert.deepStrictEqual(readdirSync(directory), ["policy.yaml"])
    }))

  it.effect("writes nothing if anything is unreadable", () =>
    Effect.gen(function*() {
      const { plane, policy: pcb, text } = yield* world(harmless)
      yield* plane.fault("BackupSchedules.list", Fault.respond({ status: 403 }))
      assert.strictEqual((yield* pcb("pull")).exitCode, 4)
      assert.strictEqual(text(), harmless)
    }))
})

describe("a copy of an index", () => {
  it.effect.each([["plan", 3], ["apply", 2]] as const)(
    "is not compared by pcb policy %s with a pattern",
    ([args, code]) =>
      Effect.gen(function*() {
        const { policy: pcb } = yield* world("rules: [{ index: '*', settings: { deletionProtection: enabled } }]\n", {
          indexes: [{ name: "docs-copy", tags: { "pinecone-backups-recover": "docs" } }]
        })
        const { exitCode, stderr } = yield* pcb(`${args} docs-copy`)
        assert.include(stderr, "for \"docs-copy\"")
        assert.strictEqual(exitCode, code)
      })
  )
})

describe("pcb policy plan for several projects", () => {
  const projects = Effect.gen(function*() {
    const planes = {
      same: yield* project({ ...seeds, project: { id: "project-same" } }),
      other: yield* project({
        indexes: [...seeds.indexes ?? [], { id: "id-gone", name: "gone", deletedAt: "2026-11-20T00:00:00Z" }],
        backups: [{ sourceIndexId: PineconeIndex.IndexId.make("id-gone") }],
        schedules: [{
          id: "docs-2",
          name: "docs-daily",
          indexName: "docs",
          frequency: "daily",
          expireAfterDays: 30,
          enabled: false
        }],
        project: { id: "project-other" }
      })
    }
    const HOME = yield* Projects.homeWith({
      same: Projects.profile("same"),
      other: Projects.profile("other"),
      down: Projects.profile("down"),
      bare: { time: "utc" }
    })
    const directory = yield* home({
      "policy.yaml": "rules: [{ index: docs, schedule: { every: daily, keep: 30, paused: false } }]\n",
      "gone.yaml": "rules: [{ index: gone, schedule: { every: daily, keep: 30 } }]\n",
      "owned.yaml": "project: project-same\nrules: [{ index: docs, schedule: { keep: 30 } }]\n"
    })
    return {
      planes,
      plan: (args: string, file = "policy.yaml", options: Options = {}) =>
        // The clock moves, because requests to a host that is down are retried.
        runFast(["policy", "plan", "--policy", join(directory, file), ...args.split(" ")], {
          env: { HOME },
          transport: Projects.services(planes),
          ...options
        })
    }
  })

  it.effect.each<[args: string, exitCode: number, total: string]>([
    ["--profile same --profile same2", 3, "2 projects: 1 unknown, 1 without changes"],
    ["--profile same --profile other", 2, "2 projects: 1 with changes, 1 without changes"],
    ["--profile other --profile down --profile same", 3, "3 projects: 1 unknown, 1 with changes, 1 without changes"],
    ["--all-profiles", 3, "3 projects: 1 unknown, 1 with changes, 1 without changes"]
  ])("exits with the code of the worst project: %s", ([args, exitCode, total]) =>
    Effect.gen(function*() {
      const { plan } = yield* projects
      for (const columns of [40, 100]) {
        const seen = yield* plan(args, "policy.yaml", { columns, errorColumns: columns })
        assert.include(seen.stdout.replaceAll(/\s+/g, " "), total)
        assert.strictEqual(seen.exitCode, exitCode)
        for (const line of seen.stdout.split("\n")) assert.isAtMost(line.length, columns)
      }
    }))

  it.effect("prints one document, one Markdown section per project, and the profile in every row", () =>
    Effect.gen(function*() {
      const { plan } = yield* projects
      const { stdout } = yield* plan("--all-profiles -o json")
      const document = json<typeof ProjectsJson.Encoded>(stdout)
      assert.strictEqual(document.status, "unknown")
      assert.deepStrictEqual(
        document.projects.map(({ error, profile, result }) => [profile, error?.exit_code, result?.["verdict"]]),
        [["down", 8, undefined], ["other", undefined, "drift"], ["same", undefined, "in-step"]]
      )
      assert.deepStrictEqual(document.skipped, [{ profile: "bare", reason: "no-key" }])
      const markdown = yield* plan("--all-profiles -o markdown")
      assert.deepStrictEqual(markdown.stdout.match(/^### .*$/gm), [
        "### Backup policy of down: unknown",
        "### Backup policy of other: changes",
        "### Backup policy of same: no changes"
      ])
      const tsv = yield* plan("--all-profiles -o tsv")
      assert.match(tsv.stdout, /^down\t\tunknown\t.*\nother\tdocs\tchange\tdocs-daily: resume\t.*\n$/)
    }))

  it.effect("prints commands for the project of each profile", () =>
    Effect.gen(function*() {
      const { plan } = yield* projects
      for (const format of ["table", "markdown"]) {
        const { exitCode, stdout } = yield* plan(`--profile other --profile same -o ${format}`, "gone.yaml", {
          columns: 100
        })
        assert.include(stdout, "pcb recover gone --profile other")
        assert.strictEqual(exitCode, 2)
      }
    }))

  it.effect("refuses a file of one project that several profiles share by their settings", () =>
    Effect.gen(function*() {
      const { planes } = yield* projects
      const directory = yield* home({
        "owned.yaml": "project: project-same\nrules: [{ index: docs, schedule: { keep: 30 } }]\n"
      })
      const policy = join(directory, "owned.yaml")
      const HOME = yield* Projects.homeWith({
        same: Projects.profile("same", { policy }),
        other: Projects.profile("other", { policy })
      })
      const { exitCode, stderr } = yield* runFast(["policy", "plan", "--all-profiles"], {
        env: { HOME },
        transport: Projects.services(planes)
      })
      assert.strictEqual(exitCode, 3)
      assert.include(stderr, "but several profiles use it: same, other")
      assert.include(stderr, "remove project from the file, or run pcb config set policy FILE --profile NAME")
      for (const plane of Object.values(planes)) assert.deepStrictEqual(yield* plane.requests, [])
    }))

  it.effect("refuses --out and a policy of one project, and applies nothing", () =>
    Effect.gen(function*() {
      const { planes, plan } = yield* projects
      for (
        const [args, file, message] of [
          ["--all-profiles --out plan.json", "policy.yaml", "--out saves the plan of one project"],
          ["--all-profiles", "owned.yaml", "owned.yaml is for the project project-same, but several profiles use it"]
        ] as const
      ) {
        const { exitCode, stderr } = yield* plan(args, file)
        assert.include(stderr, message)
        assert.strictEqual(exitCode, 3)
      }
      const applied = yield* run("policy apply --profile same --profile other")
      assert.include(applied.stderr, "Expected one --profile, got 2")
      assert.strictEqual(applied.exitCode, 2)
      for (const plane of Object.values(planes)) assert.deepStrictEqual(yield* plane.requests, [])
    }))
})

describe("Project.of", () => {
  it.effect("ignores blank IDs, and fails if there are two others", () =>
    Effect.gen(function*() {
      const of = (...ids: ReadonlyArray<string | null>) =>
        Project.of(ids.map((projectId) => ({
          scheduleId: BackupSchedule.ScheduleId.make("docs-1"),
          indexId: PineconeIndex.IndexId.make("id-docs"),
          frequency: "daily",
          enabled: true,
          projectId
        })))
      assert.isUndefined(yield* of("", " ", null))
      assert.strictEqual(yield* of("", "project-1"), "project-1")
      assert.strictEqual((yield* Effect.flip(of("project-1", "project-2"))).report.code, "WRONG_PROJECT")
    }))
})
