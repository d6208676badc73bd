import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { project, seeds, uuid } from "./project.ts"

describe("pcb restore list", () => {
  it.effect.each<[columns: number, table: ReadonlyArray<string>, hidden: string]>([
    [
      120,
      [
        "INDEX          STATUS       PROGRESS  STARTED  TOOK          BACKUP    JOB",
        "docs-trial     ◐ Pending         43%  4m ago   4m20s so far  8c85e612  3e9b5512",
        "docs-restored  ● Completed      100%  10h ago  9m41s         88ddf477  9857add2",
        "wiki-copy      ● Completed      100%  41d ago  8m            0b0e8e8a  41aa07be"
      ],
      ""
    ],
    [
      60,
      [
        "INDEX          STATUS       STARTED  TOOK          JOB",
        "docs-trial     ◐ Pending    4m ago   4m20s so far  3e9b5512",
        "docs-restored  ● Completed  10h ago  9m41s         9857add2",
        "wiki-copy      ● Completed  41d ago  8m            41aa07be"
      ],
      "(hidden at this width: progress, backup · -o wide shows all)\n"
    ]
  ])("prints a table of %i columns, the newest first", ([columns, table, hidden]) =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* run("restore list", { on: yield* project(seeds), columns })
      assert.deepStrictEqual(stdout.trimEnd().split("\n"), table)
      assert.strictEqual(stderr, hidden)
    }))

  it.effect("lists what is under way", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const tsv = yield* run("restore ls --active", { on: plane })
      assert.strictEqual(
        tsv.stdout,
        `docs-trial\tPending\t43\t2026-11-21T19:55:40Z\t\t${uuid("8c85e612")}\t${uuid("3e9b5512")}\n`
      )
      const json = JSON.parse((yield* run("restore list --active -o json", { on: plane })).stdout)
      assert.deepStrictEqual(json, {
        data: [{
          restore_job_id: uuid("3e9b5512"),
          backup_id: uuid("8c85e612"),
          target_index_name: "docs-trial",
          target_index_id: "index-5",
          status: "Pending",
          created_at: "2026-11-21T19:55:40.000000Z",
          completed_at: null,
          percent_complete: 43
        }],
        pagination: null
      })
      const none = yield* run("restore list --active", { on: yield* project(), columns: 80 })
      assert.deepStrictEqual([none.exitCode, none.stdout, none.stderr], [0, "", "No restore is under way\n"])
    }))
})

describe("pcb restore describe", () => {
  it.effect.each(["docs-restored", "9857", "--id 9857add2"])("finds %s", (selector) =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`restore show ${selector} -o id`, { on: yield* project(seeds) })
      assert.strictEqual(stdout, `${uuid("9857add2")}\n`)
    }))
})

describe("pcb restore start", () => {
  it.effect("says which backup a selector was, and how to wait", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(
        "restore start docs@latest --name docs-new --tag team=search --tag env=dev --deletion-protection",
        { on: plane, columns: 80 }
      )
      assert.deepStrictEqual([result.exitCode, result.stdout], [0, ""])
      assert.strictEqual(
        result.stderr,
        [
          "docs@latest = docs-daily-20261121T060000Z (8c85e612, 98,214 records, taken 14h ago)",
          "Started restore job job-4 into docs-new",
          "  next  pcb restore wait job-4",
          ""
        ].join("\n")
      )
      const index = [...(yield* plane.state).indexes.values()].find(({ name }) => name === "docs-new")
      assert.deepStrictEqual(index?.tags, { team: "search", env: "dev" })
      assert.strictEqual(index?.deletionProtection, "enabled")
    }))

  it.effect("uses an id as it is, without a look-up", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(`restore start ${uuid("8c85e612")} --name docs-new -o json`, { on: plane })
      assert.deepStrictEqual(JSON.parse(result.stdout), { restore_job_id: "job-4", index_id: "index-6" })
      assert.lengthOf(yield* plane.requests, 1)
    }))

  it.effect.each<[args: string, exitCode: number, message: string]>([
    ["docs@latest --name docs-new", 0, "Would restore it into a new index, docs-new"],
    ["docs@latest --name wiki", 7, "it would be refused: there is an index wiki already"],
    [`${uuid("0b77aa01")} --name new`, 7, "it would be refused: the backup is Initializing, not Ready"]
  ])("only looks with --dry-run: %s", ([args, exitCode, message]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(`restore start ${args} --dry-run`, { on: plane })
      assert.deepStrictEqual([result.exitCode, result.stdout], [exitCode, ""])
      assert.include(result.stderr, message)
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
    }))

  it.effect.each<[args: string, exitCode: number, message: string]>([
    ["docs@latest", 2, "name"],
    ["--name x", 2, "Missing required argument: backup"],
    ["docs@latest --name docs", 7, "Index docs already exists"],
    ["nope --name x", 3, "Backup nope not found"]
  ])("fails on `%s` with %i", ([args, exitCode, message]) =>
    Effect.gen(function*() {
      const result = yield* run(`restore start ${args}`, { on: yield* project(seeds) })
      assert.deepStrictEqual([result.exitCode, result.stdout], [exitCode, ""])
      assert.include(result.stderr, message)
    }))
})
