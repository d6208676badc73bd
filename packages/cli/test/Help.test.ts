import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"

const pages = [["emulator"], ["api"], ["config"], ["config", "set"], ["completion"], ["help"]] as const

describe("help", () => {
  it.effect.each([60, 80, 120])("is this at %i columns", (columns) =>
    Effect.gen(function*() {
      const texts = yield* Effect.forEach(pages, (path) =>
        Effect.map(run([...path, "--help"], { columns }), ({ stdout }) =>
          `$ pcb ${path.join(" ")} --help\n${stdout}`))
      yield* Effect.promise(() =>
        expect(texts.join("\n")).toMatchFileSnapshot(`./golden/help-${columns}.txt`)
      )
    }))

  it.effect.each([40, 60, 80, 120, 200])(
    "fits %i columns, except for commands to paste",
    (columns) =>
      Effect.gen(function*() {
        for (const path of [[], ["schedule"], ["schedule", "history"], ...pages]) {
          const { stdout } = yield* run([...path, "--help"], { columns })
          const lines = stdout.replace(/\nEXAMPLES\n(  .*\n)*/, "\n").split("\n")
          for (const line of lines) assert.isAtMost(line.length, columns, line)
        }
      })
  )

  it.effect("is 80 columns wide in a pipe", () =>
    Effect.gen(function*() {
      const pipe = yield* run(["help", "emulator"])
      const screen = yield* run(["emulator", "--help"], { columns: 80 })
      assert.strictEqual(pipe.stdout, screen.stdout)
    }))

  it.effect("has two examples or more for every command that does something", () =>
    Effect.gen(function*() {
      for (const path of [["schedule", "history"], ["restore", "describe"], ["emulator"], ["api"], ["config"]]) {
        const { stdout } = yield* run([...path, "--help", "-o", "json"])
        assert.isAtLeast(JSON.parse(stdout).examples.length, 2, path.join(" "))
      }
    }))

  it.effect("tells programs the default and the variables of a flag", () =>
    Effect.gen(function*() {
      for (const args of [["-o", "json", "emulator", "--help"], ["help", "emulator", "--json"]]) {
        const page = JSON.parse((yield* run(args)).stdout)
        assert.deepStrictEqual(page.command, ["pcb", "emulator"])
        assert.deepStrictEqual(page.flags[0], {
          name: "port",
          aliases: [],
          type: "integer",
          description: "Where to listen, on 127.0.0.1; 0 takes one that is free",
          required: false,
          default: "5081"
        })
        assert.deepInclude(page.global_flags.find(({ name }: { name: string }) => name === "output"), {
          environment: ["PCB_OUTPUT"],
          choices: ["table", "wide", "json", "ndjson", "tsv", "id"]
        })
      }
    }))

  it.effect("names commands by their aliases too", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        (yield* run(["help", "restore", "show"])).stdout,
        (yield* run(["restore", "describe", "--help"])).stdout
      )
    }))
})

describe("a command line that is wrong", () => {
  it.effect.each<readonly [args: string, lines: ReadonlyArray<string>]>([
    ["schedule histroy", [
      "error: Unknown command: pcb schedule histroy",
      "  did you mean history?",
      "help: pcb schedule --help"
    ]],
    ["help shcedule", ["error: Unknown command: pcb shcedule", "  did you mean schedule?", "help: pcb --help"]],
    ["config --hots x", ["error: Unrecognized flag: --hots", "  did you mean --host?", "help: pcb config --help"]],
    ["emulator --prot 1", ["error: Unrecognized flag: --prot", "  did you mean --port?", "help: pcb emulator --help"]],
    [
      "config -o tabel",
      [
        "error: Invalid value for flag --output: \"tabel\". Expected: \"table\" | \"wide\" | \"json\" | \"ndjson\" | \"tsv\" | \"id\"",
        "  did you mean table?",
        "help: pcb config --help"
      ]
    ],
    [
      "config set ouptut wide",
      [
        "error: Invalid value for argument <setting>: \"ouptut\". Expected: \"host\" | \"api-version\" | \"output\" | \"time\" | \"api-key\" | \"api-key-file\" | \"profile\"",
        "  did you mean output?",
        "help: pcb config set --help"
      ]
    ],
    ["config --color=pink", [
      "error: Invalid value for flag --color: \"pink\". Expected: \"auto\" | \"always\" | \"never\"",
      "",
      "help: pcb config --help"
    ]],
    ["config --api-key=pcsk_marker_1", [
      "error: Unrecognized flag: --api-key",
      "  did you mean --api-key-file?",
      "help: pcb config --help"
    ]],
    ["pcsk_marker_2", ["error: Unknown command: pcb pcsk_…", "", "help: pcb --help"]],
    ["restore describe a pcsk_marker_3", [
      "error: Unexpected positional argument: \"pcsk_…\"",
      "",
      "help: pcb restore describe --help"
    ]],
    ["-o pcsk_marker_4 demo", [
      "error: Invalid value for flag --output: \"pcsk_…\". Expected: \"table\" | \"wide\" | \"json\" | \"ndjson\" | \"tsv\" | \"id\"",
      "",
      "help: pcb demo --help"
    ]],
    ["emulator --speed fast", [
      "error: Invalid value for flag --speed: \"fast\". Expected a factor like 60x, got \"fast\"",
      "",
      "help: pcb emulator --help"
    ]],
    ["emulator --fail-rate 2", [
      "error: Invalid value for flag --fail-rate: \"2\". Expected a share from 0 to 1, got 2",
      "",
      "help: pcb emulator --help"
    ]],
    ["emulator --rate-limit 5", [
      "error: Invalid value for flag --rate-limit: \"5\". Expected a rate like 5/s or 100/m, got \"5\"",
      "",
      "help: pcb emulator --help"
    ]]
  ])("is answered in three lines: pcb %s", ([args, lines]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(args.split(" "))
      assert.deepStrictEqual(stderr.split("\n"), [...lines, ""])
      assert.strictEqual(stdout, "")
      assert.strictEqual(exitCode, 2)
    }))

  it.effect("is one JSON line where JSON was asked for, with the suggestion in it", () =>
    Effect.gen(function*() {
      for (const flag of ["--json", "--output=ndjson"]) {
        const { stderr, stdout } = yield* run(["config", "shwo", flag])
        assert.strictEqual(stdout, "")
        assert.deepStrictEqual(JSON.parse(stderr), {
          error: {
            code: "USAGE",
            message: "Unknown command: pcb config shwo",
            hint: "did you mean show? See pcb config --help",
            exit_code: 2
          }
        })
      }
    }))
})
