import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { project, seeds, uuid } from "./project.ts"

/** The method and path of requests that change something. */
const written = (plane: ControlPlane.Service) =>
  Effect.map(
    plane.requests,
    (requests) => requests.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`)
  )

describe("an ID prefix", () => {
  it.effect.each(["5", "5d", "5d0", "5D0C", "d0c7", "5d0c71aaa"])(
    "selects no backup: %s",
    (selector) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode } = yield* run(`backup delete ${selector} --yes`, { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      })
  )

  it.effect.each(["5d0c", "5d0c7", "5d0c71aa-5a39"])("selects the backup: %s", (selector) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode } = yield* run(`backup delete ${selector} --yes`, { on: plane })
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(
        (yield* plane.requests).filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`),
        [`DELETE /backups/${uuid("5d0c71aa")}`]
      )
    }))

  it.effect.each(["c", "c6", "c68", "docs-dail", "DOCS", "doc"])(
    "selects no schedule: %s",
    (selector) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode } = yield* run(`schedule delete ${selector} --yes`, { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      })
  )
})

describe("a name with an accent", () => {
  const named = "re\u0301union"
  const accented = {
    ...seeds,
    schedules: [{ id: uuid("1a000000"), name: named, indexName: "wiki", runs: 0 }],
    backups: [{ backupId: Backup.BackupId.make(uuid("1b000000")), name: named, indexName: "wiki" }]
  }

  it.effect.each<[args: string, id: string]>([
    ["schedule describe r\u00e9union -o id", uuid("1a000000")],
    [`schedule describe ${named} -o id`, uuid("1a000000")],
    ["schedule create wiki --name r\u00e9union --every daily --keep 30 --ensure -o id --yes", uuid("1a000000")],
    ["backup describe r\u00e9union -o id", uuid("1b000000")]
  ])("matches in any Unicode form: %s", ([args, id]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(args, { on: yield* project(accented) })
      assert.deepStrictEqual([exitCode, stdout], [0, `${id}\n`], stderr)
    }))
})

describe("several resources to delete", () => {
  it.effect.each([
    "schedule delete docs-daily nope",
    "schedule delete nope docs-daily",
    "schedule delete docs wiki",
    "schedule delete docs-daily docs nope nada",
    "backup delete before-reindex nope",
    "backup delete nope before-reindex",
    "backup delete before-reindex nope nada",
    "backup delete before-reindex 5d0"
  ])("are all kept if one is not found: %s", (args) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      for (const options of [{}, { keys: "yes\r" }]) {
        const { exitCode, stderr } = yield* run(`${args} --yes`, { on: plane, ...options })
        assert.strictEqual(exitCode, 3, stderr)
        assert.include(stderr, "Nothing was deleted")
        assert.strictEqual(stderr.includes("nada"), args.includes("nada"))
      }
      assert.strictEqual((yield* run(`${args} --dry-run -o json`, { on: plane })).stdout, "")
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect("are deleted once each, even if selected twice", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      assert.strictEqual((yield* run("schedule delete docs c688 docs-daily --yes", { on: plane })).exitCode, 0)
      assert.strictEqual((yield* run("backup delete before-reindex 5d0c --yes", { on: plane })).exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [
        `DELETE /backup-schedules/${uuid("c688ed12")}`,
        `DELETE /backups/${uuid("5d0c71aa")}`
      ])
    }))
})

describe("the schedule of an index with several schedules", () => {
  const several = (...enabled: ReadonlyArray<boolean>) =>
    project({
      schedules: enabled.map((enabled, position) => ({
        id: uuid(`0000000${position}`),
        name: `s${position}`,
        indexName: "docs",
        enabled
      }))
    })

  it.effect("is the enabled schedule for reads and writes", () =>
    Effect.gen(function*() {
      const plane = yield* several(false, true, false)
      assert.strictEqual((yield* run("schedule describe docs -o id", { on: plane })).stdout, `${uuid("00000001")}\n`)
      assert.strictEqual((yield* run("schedule delete docs --yes", { on: plane })).exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [`DELETE /backup-schedules/${uuid("00000001")}`])
    }))

  it.effect("is ambiguous if none is enabled", () =>
    Effect.gen(function*() {
      const plane = yield* several(false, false)
      const { exitCode, stderr } = yield* run("schedule delete docs --yes", { on: plane })
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, `Index "docs" has 2 schedules, none of them enabled`)
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect("is ambiguous if two are enabled", () =>
    Effect.gen(function*() {
      const plane = yield* several(true, false)
      const { data } = JSON.parse((yield* run("schedule list docs -o json --json", { on: plane })).stdout)
      yield* plane.fault(
        "BackupSchedules.list",
        Fault.respond({ status: 200, body: { data: data.map((row: object) => ({ ...row, enabled: true })) } }),
        { times: "always" }
      )
      const { exitCode, stderr } = yield* run("schedule delete docs --yes", { on: plane })
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, `Index "docs" has 2 schedules, 2 of them enabled`)
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect("is not changed if a schedule of another index has that name", () =>
    Effect.gen(function*() {
      const plane = yield* project({
        schedules: [
          { id: uuid("00000001"), name: "nightly", indexName: "docs" },
          { id: uuid("00000002"), name: "docs", indexName: "wiki" }
        ]
      })
      for (const verb of ["delete docs --yes", "pause docs", "update docs --keep 60"]) {
        assert.strictEqual((yield* run(`schedule ${verb}`, { on: plane })).exitCode, 2)
      }
      assert.deepStrictEqual(yield* written(plane), [])
    }))
})
