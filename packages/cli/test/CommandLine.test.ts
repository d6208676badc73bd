import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import * as CommandLine from "../src/output/CommandLine.ts"

describe("CommandLine.words", () => {
  it.each<[names: ReadonlyArray<string>, line: string]>([
    [["docs"], "show docs --keep 7"],
    [["docs@2026-11-20", "http://127.0.0.1:5081/a"], "show docs@2026-11-20 http://127.0.0.1:5081/a --keep 7"],
    [["every night"], "show 'every night' --keep 7"],
    [["it's"], "show 'it'\\''s' --keep 7"],
    [["$(reboot)", "`reboot`", "a;reboot", "*", "~"], "show '$(reboot)' '`reboot`' 'a;reboot' '*' '~' --keep 7"],
    [["größe"], "show 'größe' --keep 7"]
  ])("quotes special characters: %j", (names, line) => {
    assert.strictEqual(CommandLine.words`show ${names} --keep ${7}`, line)
    const { stdout } = spawnSync("sh", ["-c", line.replace("show", "printf '%s\\n'")], { encoding: "utf8" })
    assert.strictEqual(stdout, [...names, "--keep", "7", ""].join("\n"))
  })

  it.each(["", "-rf", "--yes", "a\nb", "a\u001b[2Jb", "a\u202eb"])("returns undefined for %j", (name) => {
    assert.isUndefined(CommandLine.words`show ${name}`)
    assert.isUndefined(CommandLine.words`show ${["docs", name]}`)
  })
})
