import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { home, run } from "./harness.ts"

/** Hidden from the tool that looks for required programs: fish may be missing. */
const fish: string = "fish"

const shells = ["bash", "zsh", "fish", "powershell"] as const

const scripts = Effect.gen(function*() {
  const texts: Record<string, string> = {}
  for (const shell of shells) texts[shell] = (yield* run(["completion", shell])).stdout
  return yield* home(texts)
})

const isInstalled = (shell: string) => spawnSync(shell, ["--version"]).error === undefined

/** The function that bash calls for Tab at the end of a line. */
const drive = `source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
_pcb pcb "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "\${COMPREPLY[@]}"`

/** Lines up to the Tab key, with some of the expected completions. */
const lines = [
  ["pcb sch", ["schedule"]],
  ["pcb --demo sch", ["schedule"]],
  ["pcb -o json sch", ["schedule"]],
  ["pcb --host http://127.0.0.1:5081 --debug sch", ["schedule"]],
  ["pcb schedule create docs --e", ["--every", "--ensure"]],
  ["pcb schedule history --li", ["--limit"]],
  ["pcb schedule history x --out", ["--output"]],
  ["pcb --output ", ["table", "wide", "json", "ndjson", "tsv", "id"]],
  ["pcb api GET /indexes --col", ["--color"]],
  ["pcb emulator --s", ["--seed", "--speed", "--state"]]
] as const

describe("pcb completion", { timeout: 30_000 }, () => {
  it.effect("prints only a script, with the command that installs it", () =>
    Effect.gen(function*() {
      for (const shell of shells) {
        const { exitCode, stderr, stdout } = yield* run(["completion", shell])
        assert.deepStrictEqual([exitCode, stderr], [0, ""])
        assert.include(stdout, `pcb completion ${shell}`)
        assert.notInclude(stdout, "--completions")
        assert.include(stdout, "api-key-file")
      }
    }))

  it.effect("completes in bash", () =>
    Effect.gen(function*() {
      const directory = yield* scripts
      const complete = (line: string) => {
        const words = line.split(" ")
        const args = ["--norc", "-c", drive, "bash", join(directory, "bash"), ...words]
        return execFileSync("bash", args, { encoding: "utf8" }).trim().split("\n")
      }
      for (const [line, offered] of lines) assert.includeMembers(complete(line), [...offered], line)
      assert.deepStrictEqual(complete("pcb -o json sch"), ["schedule"])
      assert.deepStrictEqual(complete("pcb completion "), [...shells])
    }))

  it.effect.skipIf(!isInstalled(fish))("works in fish", () =>
    Effect.gen(function*() {
      const directory = yield* scripts
      const complete = (line: string) => {
        const args = ["-N", "-c", `source ${join(directory, "fish")}; complete -C '${line}'`]
        const found = execFileSync(fish, args, { encoding: "utf8", env: { ...process.env, HOME: directory } })
        return found.trim().split("\n").map((row) => row.split("\t")[0])
      }
      for (const [line, offered] of lines) assert.includeMembers(complete(line), [...offered], line)
      assert.deepStrictEqual(complete("pcb -o json schedule hi"), ["history"])
      assert.notInclude(complete("pcb schedule list "), "backup")
    }))

  it.effect.skipIf(!isInstalled("zsh"))("works in zsh", () =>
    Effect.gen(function*() {
      const directory = yield* scripts
      // An interactive shell, in which Tab lists completions.
      const script = `zmodload zsh/zpty
zpty z zsh -f -i
wait_for() { local all= piece; while zpty -r -t z piece || { sleep 0.02; (( ++tries < 400 )) }; do all+=$piece; [[ $all == *"$1"* ]] && break; done; print -r -- "$all" }
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; LISTMAX=1000; setopt no_list_beep; source ${
        join(directory, "zsh")
      }; compdef _pcb pcb; echo READ""Y'
wait_for READY >/dev/null
zpty -w -n z $'pcb emulator --s\\t\\t'
wait_for --state
zpty -w -n z $'\\C-upcb --output \\t\\t'
wait_for ndjson
zpty -w -n z $'\\C-upcb schedule create docs --e\\t\\t'
wait_for --ensure
zpty -w -n z $'\\C-upcb --demo sch\\t'
wait_for 'demo schedule'`
      const found = execFileSync("zsh", ["-f", "-c", script], {
        encoding: "utf8",
        env: { ...process.env, HOME: directory, TERM: "dumb" }
      })
      for (const text of ["--seed", "--speed", "--state", "ndjson", "--every", "--ensure", "--demo schedule"]) {
        assert.include(found, text)
      }
      assert.include(readFileSync(join(directory, "zsh"), "utf8"), "#compdef pcb")
    }), 20_000)
})
