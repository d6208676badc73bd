import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { project, seeds } from "./project.ts"

const create = "--every daily --keep 30 --dry-run"

describe("the name of a new resource", () => {
  it.effect.each<[args: string, exitCode: number]>([
    ["schedule create docs --every daily --keep 30 --ensure --name=", 2],
    ["backup create docs --dry-run --name=", 2],
    ["recover docs --schedule-name=", 2],
    ["guard docs --name= -- true", 125]
  ])("must not be empty, before anything is read: pcb %s", ([args, exitCode]) =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const { length } = yield* on.requests
      const { stderr, stdout, ...shown } = yield* run(args, { on })
      assert.deepStrictEqual([shown.exitCode, stdout, (yield* on.requests).length], [exitCode, "", length])
      assert.match(stderr, /^error: .*Expected a value, got an empty string\n/)
    }))
})

describe("the target of a command", () => {
  it.effect.each<[args: string, error: string]>([
    ["schedule describe", "Missing required argument: schedule"],
    ["schedule describe a --id b", "Expected one schedule, got a and b"],
    ["schedule pause", "Missing required argument: schedule"],
    [`schedule create ${create}`, "Missing required argument: index"],
    [`schedule create a --index b ${create}`, "Expected one index, got a and b"],
    ["backup create", "Missing required argument: index"],
    ["backup create a --index-name b", "Expected one index, got a and b"],
    ["backup describe a --id b", "Expected one backup, got a and b"],
    ["backup delete", "Missing required argument: backup"],
    ["restore describe", "Missing required argument: job"],
    ["restore wait", "Missing required argument: job"]
  ])("is missing or given too often, with the same message: pcb %s", ([args, error]) =>
    Effect.gen(function*() {
      const shown = yield* run(args)
      assert.deepStrictEqual([shown.exitCode, shown.stdout], [2, ""])
      assert.strictEqual(shown.stderr.split("\n")[0], `error: ${error}`)
    }))

  it.effect.each<[args: string, same: string]>([
    ["schedule list --index docs --index-name product-catalog", "schedule list docs product-catalog"],
    ["schedule list docs --index product-catalog", "schedule list docs product-catalog"],
    ["schedule describe --id docs-daily", "schedule describe docs-daily"],
    ["schedule pause --id docs --id product-catalog --dry-run", "schedule pause docs product-catalog --dry-run"],
    [`schedule create --index-name docs-restored ${create}`, `schedule create docs-restored ${create}`],
    ["backup create --index docs --dry-run", "backup create docs --dry-run"],
    ["restore describe --id docs-restored", "restore describe docs-restored"]
  ])("can be a flag: pcb %s", ([args, same]) =>
    Effect.gen(function*() {
      const shown = yield* run(`--demo ${args}`, { columns: 80 })
      assert.deepStrictEqual(shown, yield* run(`--demo ${same}`, { columns: 80 }))
      assert.strictEqual(shown.exitCode, 0)
    }))

  it.effect("shows --index in help and hides --id", () =>
    Effect.gen(function*() {
      assert.include((yield* run("backup create --help")).stdout, "--index, --index-name <name>")
      assert.notInclude((yield* run("backup describe --help")).stdout, "--id")
    }))
})
