import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { home } from "./harness.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url))

/** Commands and what they print, in the order in which they stand in a block. */
const screens = [...readme.matchAll(/^```console\n([^]*?)^```$/gm)].map(([, block = ""]) =>
  block.split(/^\$ /m).slice(1).map((screen) => {
    const end = screen.indexOf("\n")
    return { command: screen.slice(0, end), printed: screen.slice(end + 1) }
  })
)

describe("README", () => {
  it.effect.each(screens.map((screen) => [screen[0]?.command ?? "", screen] as const))(
    "prints what %s prints",
    ([, screen]) =>
      Effect.gen(function*() {
        const HOME = yield* home()
        for (const { command, printed } of screen) {
          const { stdout } = spawnSync(
            "bash",
            ["--norc", "-c", `pcb() { "$NODE" "$BIN" "$@"; }; { ${command}; } 2>&1`],
            {
              encoding: "utf8",
              env: { PATH: process.env.PATH, LANG: "C.UTF-8", HOME, NODE: process.execPath, BIN: bin }
            }
          )
          assert.strictEqual(stdout.replaceAll(HOME, "/home/you"), printed, command)
        }
      }),
    30_000
  )
})
