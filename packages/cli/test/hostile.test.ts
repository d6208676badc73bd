import { assert, describe, it } from "@effect/vitest"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Effect from "effect/Effect"
import { type Options, run } from "./harness.ts"
import { project, seeds } from "./project.ts"

/** A command line in this process, on a service. */
const pcb = (on: ControlPlane.Service, args: string, options: Options = {}) => run(args, { ...options, on })

describe("a mistake in the environment", () => {
  it.effect.each<[variable: string, args: string]>([
    ["PCB_OUTPUT", "backup create docs"],
    ["PCB_TIME", "backup create docs"],
    ["PCB_OUTPUT", "schedule create wiki --every daily --keep 30"],
    ["PCB_OUTPUT", "restore start docs@latest --name docs-new"],
    ["PCB_OUTPUT", "api POST /indexes/docs/backups"]
  ])("%s is told before anything is sent by pcb %s", ([variable, args]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr } = yield* pcb(plane, args, { env: { [variable]: "garbage" } })
      assert.match(stderr, new RegExp(`^error: ${variable}: must be "`))
      assert.strictEqual(exitCode, 2)
      assert.lengthOf(yield* plane.requests, 0)
    }))

  it.effect("is not even looked at where a flag says it", () =>
    Effect.gen(function*() {
      const env = { PCB_OUTPUT: "garbage", PCB_TIME: "garbage" }
      const { exitCode, stderr } = yield* pcb(yield* project(seeds), "backup list -o wide --time utc", { env })
      assert.strictEqual(stderr, "")
      assert.strictEqual(exitCode, 0)
    }))
})
