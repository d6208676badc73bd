import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Fault from "@pinecone-backups/testing/Fault"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as EventLoop from "../../core/test/event-loop.ts"
import * as NodeSqlite from "../src/engine/NodeSqlite.ts"
import * as NodeVersion from "../src/engine/NodeVersion.ts"
import { home, type Options, run, start } from "./harness.ts"

// Loads the modules that commands load lazily: loading takes real time, during which the test clock would advance.
await Promise.all([
  import("@pinecone-backups/core/drill/DrillLog"),
  import("../src/commands/audit/handler.ts"),
  import("../src/commands/drill/cancel-handler.ts"),
  import("../src/commands/drill/clean-handler.ts"),
  import("../src/commands/drill/Probe.ts"),
  import("../src/commands/drill/read-handler.ts"),
  import("../src/commands/drill/run-handler.ts"),
  import("../src/commands/drill/serve-handler.ts"),
  import("../src/commands/restore/handler.ts"),
  import("../src/engine/DrillEngine.ts"),
  import("../src/engine/EmbeddedEngine.ts"),
  import("../src/engine/OwnerLock.ts"),
  import("../src/engine/PostgresEngine.ts"),
  import("../src/engine/Provided.ts")
])

/** A project with two indexes of 100 records and one backup each, and a home directory for the store. */
const setUp = Effect.gen(function*() {
  const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")
  yield* TestClock.setTime(DateTime.toEpochMillis(now))
  const names = ["docs", "wiki"] as const
  const plane = yield* ControlPlane.make({
    now,
    project: { restoreDuration: "12 seconds" },
    indexes: names.map((name) => ({ name, dimension: 4, recordCount: 100 })),
    backups: names.map((indexName) => ({
      indexName,
      name: `${indexName}-backup`,
      recordCount: 100,
      createdAt: "2026-11-21T06:00:00Z"
    }))
  })
  const XDG_STATE_HOME = yield* home()
  const requests: Array<string> = []
  const options: Options = {
    on: plane,
    env: { XDG_STATE_HOME },
    through: (service) =>
      Layer.effect(
        HttpClient.HttpClient,
        Effect.map(
          HttpClient.HttpClient,
          HttpClient.tapRequest(({ method, url }) =>
            Effect.sync(() => void requests.push(`${method} ${new URL(url).pathname}`))
          )
        )
      ).pipe(Layer.provide(service))
  }
  return {
    plane,
    options,
    file: `${XDG_STATE_HOME}/pcb/drills.db`,
    restores: () => requests.filter((request) => request.endsWith("/create-index")).length,
    requests
  }
})

/** Runs everything that is due now: several turns of the event loop, and of the threads that compute execution IDs. */
const settle = Effect.repeat(
  Effect.andThen(DrillEngine.settle, EventLoop.turn),
  { times: 2 }
)

/** Advances the test clock by one second at a time until a condition holds, for up to an hour. */
const passUntil = Effect.fnUntraced(function*(isDone: () => boolean) {
  for (let seconds = 0; !isDone() && seconds < 3_600; seconds++) {
    yield* settle
    yield* TestClock.adjust("1 second")
  }
  assert.isTrue(isDone())
})

const passUntilOver = Effect.fnUntraced(function*(line: string, options: Options) {
  const { fiber, run } = yield* start(line, options)
  yield* passUntil(() => fiber.pollUnsafe() !== undefined)
  return yield* run
})

const quick = "--grace 5s --recount-after 3s"

const ajv = new Ajv2020({ strict: true, allErrors: true })
const schema = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(new URL(`../schemas/${name}.json`, import.meta.url), "utf8")))

const isSupported = NodeVersion.isSupported(process.versions.node)

describe.skipIf(!isSupported)("pcb drill run", { timeout: 120_000 }, () => {
  it.effect("restores the newest backup, verifies the copy, removes it and keeps the report", () =>
    Effect.gen(function*() {
      const { file, options, requests, restores } = yield* setUp
      const untested = Effect.map(
        passUntilOver("audit docs --only untested -o json", options),
        ({ stdout }): ReadonlyArray<unknown> => JSON.parse(stdout).project
      )
      assert.strictEqual((yield* untested).length, 1)
      const drill = yield* passUntilOver(`drill run docs ${quick} -o json`, options)
      assert.strictEqual(drill.exitCode, 0, drill.stderr)
      assert.include(drill.stderr, "docs was restored in 12s, 100 records counted, 20 read")
      const json = JSON.parse(drill.stdout)
      assert.isTrue(schema("drill")(json))
      assert.deepInclude(json.report, {
        outcome: "SUCCESSFUL",
        index_name: "docs",
        restore_seconds: 12,
        leftover: null
      })
      assert.strictEqual(restores(), 1)
      assert.strictEqual(requests.filter((request) => request.startsWith("DELETE /indexes/drill-")).length, 1)

      const list = yield* run("drill list -o json", options)
      assert.isTrue(schema("drill-list")(JSON.parse(list.stdout)))
      assert.deepStrictEqual(JSON.parse(list.stdout).data, [json])
      const show = yield* run("drill show docs -o json", options)
      assert.deepStrictEqual(JSON.parse(show.stdout), json)
      assert.deepStrictEqual(JSON.parse((yield* run("drill show -o json", options)).stdout), json)
      assert.strictEqual((yield* run("drill show wiki", options)).exitCode, 3)
      // The guide shows a report with the same rows.
      const guide = readFileSync(new URL("../docs/drills.md", import.meta.url), "utf8")
      const [, shown = ""] = /^(DRILL +\w[^]*?)```/m.exec(guide) ?? []
      const rows = (text: string) => text.trimEnd().split("\n").map((line) => line.split(/ {2,}/)[0])
      assert.deepStrictEqual(rows(shown), rows((yield* run("drill show", { ...options, columns: 100 })).stdout))
      // The audit accepts the drill as a tested restore.
      assert.deepStrictEqual(yield* untested, [])
      // No file in the folder contains the API key.
      for (const name of readdirSync(dirname(file))) {
        assert.notInclude(readFileSync(join(dirname(file), name), "latin1"), "memory")
      }
    }))

  it.effect("treats only the unreadable entry as unknown", () =>
    Effect.gen(function*() {
      const { file, options, restores } = yield* setUp
      yield* passUntilOver(`drill run docs wiki --concurrency 2 ${quick}`, options)
      const database = new (yield* NodeSqlite.load).DatabaseSync(file)
      database.exec("UPDATE pinecone_backups_drills SET report = '{}' WHERE index_name = 'docs'")
      database.close()
      const list = yield* run("drill list -o json", options)
      assert.strictEqual(list.exitCode, 0, list.stderr)
      assert.isTrue(schema("drill-list")(JSON.parse(list.stdout)))
      assert.sameMembers(
        JSON.parse(list.stdout).data.map(({ index_name, state }: Record<string, string>) => `${index_name} ${state}`),
        ["docs unreadable", "wiki ended"]
      )
      assert.include((yield* run("drill show docs", options)).stdout, "unreadable")
      const audit = yield* passUntilOver("audit --only unreadable --only untested -o json", options)
      const { indexes } = JSON.parse(audit.stdout)
      assert.deepStrictEqual(
        indexes.flatMap((
          { findings, index_name }: { readonly findings: ReadonlyArray<unknown>; readonly index_name: string }
        ) => findings.length === 0 ? [] : [index_name]),
        ["docs"]
      )
      // The index is due, and can be drilled again.
      const again = yield* passUntilOver(`drill run --due ${quick}`, options)
      assert.deepStrictEqual([again.exitCode, restores()], [0, 3], again.stderr)
    }))

  it.effect("ends the wait for the queued drills of a round that another process cancels", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      const first = yield* start(`drill run docs wiki ${quick} -o json`, options)
      yield* passUntil(() => restores() === 1)
      const cancel = yield* passUntilOver("drill cancel wiki", options)
      assert.strictEqual(cancel.exitCode, 0, cancel.stderr)
      assert.include(cancel.stderr, "The drill of wiki will not start")
      assert.include(cancel.stderr, "Canceled the drill of docs")
      yield* passUntil(() => first.fiber.pollUnsafe() !== undefined)
      const { exitCode, stderr, stdout } = yield* first.run
      assert.strictEqual(exitCode, 130, stderr)
      assert.include(stderr, "The drill of wiki did not start: its round was canceled")
      assert.isTrue(schema("drill-list")(JSON.parse(stdout)))
      assert.deepStrictEqual(
        JSON.parse(stdout).data.map(({ state }: { readonly state: string }) => state),
        ["ended", "canceled"]
      )
      const indexes = yield* run("api GET /indexes", options)
      assert.notInclude(indexes.stdout, "drill-")
    }))

  it.effect("is what later restores of the index are estimated by", () =>
    Effect.gen(function*() {
      const { options, plane } = yield* setUp
      const wouldRestore = (name: string) =>
        Effect.map(
          passUntilOver(`restore start ${name} --name copy --dry-run`, options),
          ({ stderr }) => /Would restore it.*/.exec(stderr)?.[0]
        )
      assert.strictEqual(yield* wouldRestore("docs-backup"), "Would restore it into a new index named copy")
      yield* passUntilOver(`drill run docs ${quick}`, options)
      assert.strictEqual(
        yield* wouldRestore("docs-backup"),
        "Would restore it into a new index named copy, in about 12s by the last drill of docs"
      )
      assert.strictEqual(yield* wouldRestore("wiki-backup"), "Would restore it into a new index named copy")
      const { size_bytes } = JSON.parse((yield* run("backup describe docs-backup -o json", options)).stdout)
      yield* plane.seedBackup({ indexName: "docs", name: "grown", recordCount: 100, sizeBytes: 3 * size_bytes })
      assert.include(yield* wouldRestore("grown"), "in about 36s by the last drill of docs")
      yield* plane.seedBackup({ indexName: "docs", name: "shrunk", recordCount: 100, sizeBytes: size_bytes / 2 })
      assert.include(yield* wouldRestore("shrunk"), "in about 12s by the last drill of docs")

      const started = yield* run("restore start docs-backup --name copy --yes -o json", options)
      const { restore_job_id } = JSON.parse(started.stdout)
      const wait = yield* passUntilOver(`restore wait ${restore_job_id}`, options)
      assert.include(wait.stderr, "about 12s by the last drill of docs")
      const restored = yield* passUntilOver("restore start wiki-backup --name other --yes --wait", options)
      assert.notInclude(restored.stderr, "drill")
    }))

  it.effect.each<readonly [string, Fault.Fault | undefined, string, number, string, string]>([
    [
      "records are missing",
      Fault.flawedRestore({ missing: 7 }),
      "",
      5,
      "FAILED",
      "the backup has 100 records, the copy has 93"
    ],
    ["vectors are zero", Fault.flawedRestore({ values: "zero" }), "", 5, "FAILED", "all values are zero"],
    ["the size is over the limit", undefined, "--max-size 1kB", 5, "FAILED", "bytes"],
    ["the drill times out", undefined, "--timeout 5s", 124, "TIMED_OUT", "in time"],
    ["the probe has no result", undefined, "--probe -- /nowhere/probe", 9, "UNVERIFIED", "could not be run"]
  ])(
    "exits with the code of the outcome if %s",
    ([, fault, flags, exitCode, outcome, message]) =>
      Effect.gen(function*() {
        const { options, plane } = yield* setUp
        if (fault !== undefined) yield* plane.fault("Backups.restore", fault)
        const [own = "", probe] = flags.split(" -- ")
        const drill = yield* passUntilOver(
          `drill run docs ${quick} -o ndjson ${own}${probe === undefined ? "" : ` -- ${probe}`}`,
          options
        )
        assert.strictEqual(drill.exitCode, exitCode, drill.stderr)
        const lines = drill.stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
        const isProgress = schema("drill-progress")
        const isResult = schema("drill-result")
        assert.isTrue(lines.slice(0, -1).every((line) => isProgress(line)))
        assert.isTrue(isResult(lines.at(-1)))
        assert.strictEqual(lines.at(-1).outcome, outcome)
        assert.deepInclude(JSON.parse(drill.stderr.trim()).error, { code: `DRILL_${outcome}`, exit_code: exitCode })
        assert.include(JSON.parse(drill.stderr.trim()).error.message, message)
        const indexes = yield* run("api GET /indexes", options)
        assert.notInclude(indexes.stdout, "drill-")
      })
  )

  it.effect("repeats the probe in the command that resumes a drill", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      const line = ["drill", "run", "docs", ...quick.split(" "), "--probe", "--", "./check.sh", "--top", "it's"]
      const first = yield* start(line, options)
      yield* passUntil(() => restores() === 1)
      yield* Fiber.interrupt(first.fiber)
      const { stderr } = yield* first.run
      assert.include(stderr, "Resume: pcb drill run docs --probe -- ./check.sh --top 'it'\\''s'\n")
    }))

  it.effect("resumes interrupted drills when the command is repeated", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      const first = yield* start(`drill run docs wiki --concurrency 2 ${quick}`, options)
      yield* passUntil(() => restores() === 2)
      yield* Fiber.interrupt(first.fiber)
      const stopped = yield* first.run
      assert.strictEqual(stopped.exitCode, 130)
      assert.include(stopped.stderr, "2 drills have not ended")
      assert.include(stopped.stderr, "Resume: pcb drill run docs wiki\n")
      assert.include(stopped.stderr, "Cancel: pcb drill cancel docs wiki\n")

      const list = yield* run("drill list -o tsv", options)
      assert.match(list.stdout, /docs\trunning/)
      assert.include(list.stderr, "2 drills have not ended, and no process runs them")

      const second = yield* passUntilOver(`drill run wiki docs ${quick}`, options)
      assert.strictEqual(second.exitCode, 0, second.stderr)
      assert.include(second.stderr, "Resuming the drill of docs")
      assert.strictEqual(restores(), 2)
    }))

  it.effect("is not continued by a version without its workflow, which changes nothing", () =>
    Effect.gen(function*() {
      const { file, options, requests, restores } = yield* setUp
      const first = yield* start(`drill run docs ${quick}`, options)
      yield* passUntil(() => restores() === 1)
      yield* Fiber.interrupt(first.fiber)
      yield* first.run

      const database = new (yield* NodeSqlite.load).DatabaseSync(file)
      const setVersion = (version: string) =>
        database.exec(`UPDATE pcb_rounds SET workflows = 'RestoreDrill/${version}'`)
      setVersion("v9")
      const before = requests.length
      for (const line of ["drill run docs", "drill run wiki", "drill cancel docs", "drill serve"]) {
        const refused = yield* passUntilOver(line, options)
        assert.strictEqual(refused.exitCode, 7, refused.stderr)
        assert.include(
          refused.stderr,
          "drills of another version of pcb, which this version cannot continue: RestoreDrill/v9"
        )
      }
      assert.isTrue(requests.slice(before).every((request) => request.startsWith("GET ")))

      setVersion("v1")
      database.close()
      const again = yield* passUntilOver(`drill run docs ${quick}`, options)
      assert.deepStrictEqual([again.exitCode, restores()], [0, 1], again.stderr)
    }))

  it.effect("runs due drills only once when --due is repeated", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      const all = yield* passUntilOver(`drill run --due --concurrency 2 ${quick}`, options)
      assert.strictEqual(all.exitCode, 0, all.stderr)
      assert.strictEqual(restores(), 2)
      const again = yield* passUntilOver(`drill run --due ${quick}`, options)
      assert.deepStrictEqual([again.exitCode, restores()], [0, 2])
      assert.include(again.stderr, "No drill is due")
      yield* TestClock.adjust("31 days")
      const later = yield* passUntilOver(`drill run --due --dry-run -o json`, options)
      assert.strictEqual(JSON.parse(later.stdout).requests.length, 2)
    }))

  it.effect("rejects --probe without a command if no other process runs the drills", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      const refused = yield* passUntilOver("drill run docs --probe", options)
      assert.deepStrictEqual([refused.exitCode, restores()], [2, 0])
      assert.include(refused.stderr, "--probe requires a command after --")
    }))

  it.effect("sends only GET requests and creates no store with --dry-run", () =>
    Effect.gen(function*() {
      const { file, options, requests } = yield* setUp
      const dry = yield* passUntilOver("drill run --all --dry-run -o json", options)
      assert.strictEqual(dry.exitCode, 0, dry.stderr)
      const { requests: planned } = JSON.parse(dry.stdout)
      assert.strictEqual(planned.length, 2)
      assert.match(planned[0].body.name, /^drill-[0-9a-f]{32}$/)
      assert.deepInclude(planned[0].body, { deletion_protection: "disabled" })
      assert.isTrue(requests.every((request) => request.startsWith("GET ")))
      assert.isFalse(existsSync(file))
    }))

  it.effect("selects with --due an index whose drills were of an earlier index with the same name", () =>
    Effect.gen(function*() {
      const { options, plane } = yield* setUp
      const dueNow = Effect.map(
        passUntilOver("drill run --due --dry-run -o json", options),
        ({ stdout }): number => JSON.parse(stdout).requests.length
      )
      assert.strictEqual((yield* passUntilOver(`drill run --due --concurrency 2 ${quick}`, options)).exitCode, 0)
      assert.strictEqual(yield* dueNow, 0)
      yield* run("api DELETE /indexes/docs --yes", options)
      yield* plane.seedIndex({ name: "docs", dimension: 4 })
      // Without a backup, there is nothing to drill.
      assert.strictEqual(yield* dueNow, 0)
      yield* plane.seedBackup({ indexName: "docs" })
      assert.strictEqual(yield* dueNow, 1)
    }))

  it.effect("selects with --due an index whose ID cannot be read, whatever was drilled", () =>
    Effect.gen(function*() {
      const { options, plane } = yield* setUp
      const dueNow = Effect.map(
        passUntilOver("drill run --due --dry-run -o json", options),
        ({ stdout }) => JSON.parse(stdout).requests.map(({ path }: { readonly path: string }) => path)
      )
      assert.strictEqual((yield* passUntilOver(`drill run --due --concurrency 2 ${quick}`, options)).exitCode, 0)
      assert.lengthOf(yield* dueNow, 0)
      // One response each for the two indexes.
      for (const operation of ["BackupSchedules.list", "Backups.listByIndex"] as const) {
        yield* plane.fault(operation, Fault.respond({ status: 403 }), { times: 2 })
      }
      assert.lengthOf(yield* dueNow, 2)
      yield* plane.clearFaults
      assert.lengthOf(yield* dueNow, 0)
    }))

  it.effect("selects with --due only the indexes whose policy requires drills", () =>
    Effect.gen(function*() {
      const { options } = yield* setUp
      const directory = yield* home({
        "policy.json": JSON.stringify({ rules: [{ index: "w*", drillWithin: "7d" }] }),
        "other.json": JSON.stringify({ rules: [{ index: "w*", rpo: "7d" }] })
      })
      const dueBy = (file: string) =>
        Effect.map(
          passUntilOver(`drill run --due --policy ${join(directory, file)} --dry-run -o json`, options),
          ({ exitCode, stderr, stdout }) => {
            assert.strictEqual(exitCode, 0, stderr)
            return ["docs", "wiki"].filter((name) => stderr.includes(`Would restore ${name}-backup`)).concat(
              String(JSON.parse(stdout).requests.length)
            )
          }
        )
      assert.deepStrictEqual(yield* dueBy("policy.json"), ["wiki", "1"])
      // A policy without drillWithin has no effect.
      assert.deepStrictEqual(yield* dueBy("other.json"), ["docs", "wiki", "2"])
      const refused = yield* passUntilOver("drill run --due --policy policy.json --within 3d", options)
      assert.strictEqual(refused.exitCode, 2)
    }))

  it.effect("refuses a store with the drills of another project", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      const first = yield* start(`drill run docs ${quick}`, options)
      yield* passUntil(() => restores() === 1)
      yield* Fiber.interrupt(first.fiber)
      yield* first.run
      const other = yield* ControlPlane.make({ indexes: [{ id: "another", name: "docs" }] })
      for (const line of ["drill run docs", "drill cancel docs", "drill clean", "drill serve"]) {
        const refused = yield* passUntilOver(line, { ...options, on: other })
        assert.strictEqual(refused.exitCode, 7, refused.stderr)
        assert.include(refused.stderr, "the drills of another project")
      }
      const again = yield* passUntilOver(`drill run docs ${quick}`, options)
      assert.deepStrictEqual([again.exitCode, restores()], [0, 1], again.stderr)
    }))

  it.effect("refuses --detach if no other process runs the drills", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      const refused = yield* passUntilOver("drill run docs --detach", options)
      assert.deepStrictEqual([refused.exitCode, refused.stdout, restores()], [7, "", 0])
      assert.include(refused.stderr, "pcb drill serve")
    }))

  it.effect.each<readonly [line: string, message: string]>([
    ["drill run", "Expected index names, --all or --due"],
    ["drill run docs --all", "only one of"],
    ["drill run docs --within 3d", "--within"],
    ["drill run docs --verify count --sample 3", "reads no records"],
    ["drill run docs --timeout 3d", "--timeout"],
    ["drill run docs --pick oldest", "random:30d"],
    ["drill run docs --max-size 5", "50GB"],
    ["drill serve --cron nonsense", "--cron"],
    ["drill serve --listen 10.0.0.1:7433", "Postgres"]
  ])("rejects `pcb %s`", ([line, message]) =>
    Effect.gen(function*() {
      const { options } = yield* setUp
      const refused = yield* passUntilOver(line, options)
      assert.strictEqual(refused.exitCode, 2, refused.stderr)
      assert.include(refused.stderr, message)
    }))

  it.effect("rejects a cron expression that never fires, before it serves", () =>
    Effect.gen(function*() {
      const { options } = yield* setUp
      const { fiber, run, stderr } = yield* start(["drill", "serve", "--cron", "0 3 31 2 *"], options)
      // The server would run until it is interrupted.
      yield* passUntil(() => fiber.pollUnsafe() !== undefined || Effect.runSync(stderr).includes("until Ctrl-C"))
      yield* Fiber.interrupt(fiber)
      const refused = yield* run
      assert.deepStrictEqual([refused.exitCode, refused.stdout], [2, ""], refused.stderr)
      assert.include(refused.stderr, "--cron: 0 3 31 2 * never fires")
    }))

  it.effect.each(["0 3 29 2 *", "0 3 31 * *"])(
    "accepts a cron expression that fires rarely: %s",
    (cron) =>
      Effect.gen(function*() {
        const { options } = yield* setUp
        const { fiber, run, stderr } = yield* start(["drill", "serve", "--cron", cron], options)
        yield* passUntil(() => fiber.pollUnsafe() !== undefined || Effect.runSync(stderr).includes("until Ctrl-C"))
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* run).exitCode, 130)
      })
  )
})

describe.skipIf(!isSupported)("pcb drill serve --cron", { timeout: 120_000 }, () => {
  it.effect("runs due drills once per scheduled time, even if interrupted, and reports missed times", () =>
    Effect.gen(function*() {
      const { options, restores } = yield* setUp
      // The project starts at 20:00.
      const serve = ["drill", "serve", "--cron", "2 20 * * *", "--concurrency", "2", ...quick.split(" ")]
      const first = yield* start(serve, options)
      yield* passUntil(() => restores() === 2)
      yield* Fiber.interrupt(first.fiber)
      const interrupted = yield* first.run
      assert.include(interrupted.stderr, "starting 2 drills")
      assert.notInclude(interrupted.stderr, "SUCCESSFUL")

      const second = yield* start(serve, options)
      yield* passUntil(() => Effect.runSync(second.stderr).split("SUCCESSFUL: ").length === 3)
      // The next slot is a day later.
      yield* Fiber.interrupt(second.fiber)
      yield* second.run
      assert.strictEqual(restores(), 2)

      // One time passes while no process is there, and the next just before the server is back.
      yield* TestClock.adjust("48 hours")
      const third = yield* start(serve, options)
      yield* passUntil(() => Effect.runSync(third.stderr).includes("no drill is due"))
      yield* Fiber.interrupt(third.fiber)
      const { stderr } = yield* third.run
      assert.match(stderr, /2026-11-22 20:02.*missed: no process ran the drills within 6 hours/)
      assert.match(stderr, /2026-11-23 20:02.*no drill is due/)
      assert.strictEqual(restores(), 2)
      const list = yield* run("drill list -o json", options)
      assert.deepStrictEqual(
        JSON.parse(list.stdout).data.map(({ drill_id }: { readonly drill_id: string }) => drill_id).sort(),
        ["drills/2026-11-21T20:02:00.000Z/docs", "drills/2026-11-21T20:02:00.000Z/wiki"]
      )
    }))
})

describe.skipIf(!isSupported)("pcb drill clean", { timeout: 120_000 }, () => {
  it.effect("deletes only indexes with the name and tag of a drill that is not running", () =>
    Effect.gen(function*() {
      const { file, options, restores } = yield* setUp
      const first = yield* start(`drill run docs ${quick}`, options)
      yield* passUntil(() => restores() === 1)
      yield* Fiber.interrupt(first.fiber)
      yield* first.run
      // Its drill has not ended.
      const kept = yield* passUntilOver("drill clean --include-unknown --yes", options)
      assert.include(kept.stderr, "its drill has not ended")
      assert.include(kept.stderr, "No temporary indexes to delete")

      // The store was lost, but the index is recent, so its drill may be in another store.
      const lost = { ...options, env: { XDG_STATE_HOME: yield* home() } }
      const young = yield* passUntilOver("drill clean --yes", lost)
      assert.include(young.stderr, "its drill may be in another store")
      const refused = yield* passUntilOver("drill clean --include-unknown", lost)
      assert.strictEqual(refused.exitCode, 6)

      // The name alone or the tag alone is not enough.
      const [{ backup_id }] = JSON.parse((yield* run("backup list -o json", options)).stdout).data
      const digits = "0123456789abcdef0123456789abcdef"
      yield* run(["restore", "start", backup_id, "--name", `drill-${digits}`, "--yes"], options)
      yield* run(
        [
          "restore",
          "start",
          backup_id,
          "--name",
          "mine",
          "--tag",
          `pinecone-backups-drill=${digits}`,
          "--yes"
        ],
        options
      )
      yield* TestClock.adjust("3 days")
      const cleaned = yield* passUntilOver("drill clean --yes -o json", lost)
      assert.strictEqual(cleaned.exitCode, 0, cleaned.stderr)
      assert.strictEqual(JSON.parse(cleaned.stdout).data.length, 1)
      const names = JSON.parse((yield* run("api GET /indexes", options)).stdout)
        .indexes.map(({ name }: { readonly name: string }) => name)
      assert.sameMembers(names, ["docs", "wiki", `drill-${digits}`, "mine"])
      assert.isTrue(existsSync(file))
    }))
})
