import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { project, seeds, uuid } from "./project.ts"

describe("the beginning of an id", () => {
  it.effect.each(["5", "5d", "5d0", "5D0C", "d0c7", "5d0c71aaa"])(
    "chooses no backup: %s",
    (selector) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode } = yield* run(`backup delete ${selector} --yes`, { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      })
  )

  it.effect.each(["5d0c", "5d0c7", "5d0c71aa-5a39"])("chooses the backup: %s", (selector) =>
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
    "chooses no schedule: %s",
    (selector) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode } = yield* run(`schedule delete ${selector} --yes`, { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      })
  )
})
