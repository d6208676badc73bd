import { assert, describe, it } from "@effect/vitest"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { now, project, seeds, uuid } from "./project.ts"

/** The method and path of requests that change something. */
const written = (plane: ControlPlane.Service) =>
  Effect.map(
    plane.requests,
    (requests) => requests.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`)
  )

const deletion = `DELETE /backups/${uuid("5d0c71aa")}`
const lastDeletion = `DELETE /backups/${uuid("0b0e8e8a")}`

describe("a yes-or-no prompt", () => {
  it.effect.each(["y\r", "Y\r", "yes\r", " yes \r", "YES\r"])("is confirmed by %j", (keys) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { drawn, exitCode } = yield* run("backup delete before-reindex", { on: plane, keys })
      assert.include(drawn, "Delete backup before-reindex? (y/N)")
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [deletion])
    }))

  it.effect.each([
    "\r",
    "n\r",
    "N\r",
    " \r",
    "t\r",
    "abort\r",
    "wait\r",
    "yep\r",
    "ye\r",
    "yes please\r",
    "y n\r"
  ])(
    "is not confirmed by %j",
    (keys) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode, stderr } = yield* run("backup delete before-reindex", { on: plane, keys })
        assert.strictEqual(exitCode, 6)
        assert.include(stderr, "Not confirmed; nothing was sent")
        assert.deepStrictEqual(yield* written(plane), [])
      })
  )

  it.effect.each(["", "y", "ye"])("is not confirmed by %j and Ctrl-C", (keys) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      assert.strictEqual((yield* run("backup delete before-reindex", { on: plane, keys })).exitCode, 130)
      assert.deepStrictEqual(yield* written(plane), [])
    }))
})

describe("a prompt for an index name", () => {
  it.effect.each(["wiki\r", " wiki \r"])("is confirmed by %j", (keys) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { drawn, exitCode } = yield* run("backup delete wiki-import", { on: plane, keys })
      assert.include(drawn, "Type wiki to delete the last good backup of wiki")
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [lastDeletion])
    }))

  it.effect.each([
    "\r",
    " \r",
    "w\r",
    "wik\r",
    "Wiki\r",
    "WIKI\r",
    "wiki-import\r",
    "wikis\r",
    "docs\r",
    "y\r",
    "yes\r"
  ])(
    "is not confirmed by %j",
    (keys) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode } = yield* run("backup delete wiki-import", { on: plane, keys })
        assert.strictEqual(exitCode, 6)
        assert.deepStrictEqual(yield* written(plane), [])
      })
  )

  it.effect("is shown for every index, and one wrong answer keeps all backups", () =>
    Effect.gen(function*() {
      const taken = DateTime.subtract(now, { days: 1 })
      const both = {
        indexes: [{ name: "docs" }, { name: "wiki" }],
        backups: [
          { name: "a", indexName: "docs", createdAt: taken },
          { name: "b", indexName: "wiki", createdAt: taken }
        ]
      }
      for (
        const [keys, exitCode, count] of [["docs\rwiki\r", 0, 2], ["docs\rdocs\r", 6, 0], ["wiki\r", 6, 0]] as const
      ) {
        const plane = yield* project(both)
        assert.strictEqual((yield* run("backup delete a b", { on: plane, keys })).exitCode, exitCode)
        assert.lengthOf(yield* written(plane), count)
      }
    }))
})

describe("a confirmation without a prompt", () => {
  it.effect.each<[args: string, env: Record<string, string>]>([
    ["--no-input", {}],
    ["", { PCB_NO_INPUT: "1" }],
    ["", { CI: "true" }],
    ["--json --quiet", { CI: "1" }]
  ])("is refused on a terminal, regardless of input: %j %j", ([args, env]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { drawn, exitCode } = yield* run(`backup delete before-reindex ${args}`, { on: plane, env, keys: "y\r" })
      assert.deepStrictEqual([exitCode, drawn], [6, ""])
      assert.lengthOf(yield* written(plane), 0)
    }))

  it.effect.each<[args: string, keys: string | undefined]>([["--yes", undefined], ["-y", undefined], ["--yes", ""]])(
    "is given by %s, with and without a terminal",
    ([args, keys]) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { drawn, exitCode } = yield* run(`backup delete before-reindex ${args}`, { on: plane, keys })
        assert.deepStrictEqual([exitCode, drawn], [0, ""])
        assert.deepStrictEqual(yield* written(plane), [deletion])
      })
  )
})
