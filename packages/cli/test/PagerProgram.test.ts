import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { open } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as PagerProgram from "../src/terminal/PagerProgram.ts"

/** Starts a pager that waits until somebody opens the returned named pipe and closes it again. It then reads everything. */
const waiting = Effect.gen(function*() {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "pcb-pager-"))),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  )
  const gate = join(directory, "gate")
  assert.strictEqual(spawnSync("mkfifo", [gate]).status, 0)
  const before = process.env.PCB_PAGER
  process.env.PCB_PAGER = `sh -c 'read -r _ < "${gate}"; exec cat > /dev/null'`
  const pager = yield* Effect.ensuring(
    PagerProgram.start,
    Effect.sync(() => {
      if (before === undefined) delete process.env.PCB_PAGER
      else process.env.PCB_PAGER = before
    })
  )
  if (pager === undefined) return yield* Effect.die("The pager did not start")
  return { pager, gate }
})

describe.skipIf(process.platform === "win32")("pager", () => {
  it.live("writes only as fast as the pager reads", () =>
    Effect.gen(function*() {
      const { gate, pager } = yield* waiting
      const written = yield* Effect.forkChild(pager.write("x".repeat(8_000_000)))
      // The pager is running, and has read nothing yet.
      const opened = yield* Effect.promise(() => open(gate, "w"))
      assert.isUndefined(written.pollUnsafe())
      yield* Effect.promise(() => opened.close())
      yield* Fiber.join(written)
      yield* pager.end
    }))

  it.live("passes one Ctrl-C on while the command runs, and none while it waits for the pager", () =>
    Effect.gen(function*() {
      let count = 0
      const listener = () => void count++
      const signals = ["SIGINT", "SIGQUIT"] as const
      yield* Effect.acquireRelease(
        Effect.sync(() => process.on("SIGINT", listener)),
        () => Effect.sync(() => process.off("SIGINT", listener))
      )
      const before = signals.map((signal) => process.listeners(signal))

      const first = yield* waiting
      process.emit("SIGINT", "SIGINT")
      process.emit("SIGINT", "SIGINT")
      assert.strictEqual(count, 1)
      // Without a listener, Ctrl-\ would end the command.
      assert.isAbove(process.listenerCount("SIGQUIT"), before[1]?.length ?? 0)
      const end = yield* Effect.forkChild(first.pager.end)
      yield* Effect.promise(() => open(first.gate, "w").then((file) => file.close()))
      yield* Fiber.join(end)
      assert.deepStrictEqual(signals.map((signal) => process.listeners(signal)), before)

      const second = yield* waiting
      const ended = yield* Effect.forkChild(second.pager.end, { startImmediately: true })
      process.emit("SIGINT", "SIGINT")
      assert.strictEqual(count, 1)
      yield* Effect.promise(() => open(second.gate, "w").then((file) => file.close()))
      yield* Fiber.join(ended)
      process.emit("SIGINT", "SIGINT")
      assert.strictEqual(count, 2)
    }))
})
