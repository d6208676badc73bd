import { assert, describe, it } from "@effect/vitest"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import * as Golden from "./golden.ts"
import { home } from "./harness.ts"
import { project, seeds } from "./project.ts"
import { shell } from "./support.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

/** The sessions in the README after a mark, or in fences of a language. */
const sessions = (fence: RegExp) =>
  [...readme.matchAll(fence)].map(([, text = ""]) => Golden.stepsOf(text)).map((steps) =>
    [steps[0]?.line ?? "", steps] as const
  )

const below = (mark: string) => sessions(new RegExp(`<!-- run: ${mark} -->\n\n\`\`\`text\n([^]*?)\`\`\``, "g"))

describe("README", { timeout: 30_000 }, () => {
  it.effect.each([...below("demo"), ...below("seeds")])(
    "shows the output on a terminal of 100 columns: %s",
    ([, steps]) =>
      Effect.gen(function*() {
        const lines = steps.map(({ line }) => line)
        const on = lines.every((line) => line.includes("--demo")) ? undefined : yield* project(seeds)
        const runs = yield* Golden.play(lines, { on, columns: 100, errorColumns: 100 })
        for (const [index, { written }] of runs.entries()) {
          const shown = written.filter(({ to }) => to !== "drawn").map(({ text }) => text).join("")
          assert.deepStrictEqual(shown.trimEnd().split("\n"), steps[index]?.output, lines[index])
        }
      })
  )

  it("has sessions", () => assert.deepStrictEqual([below("demo").length >= 5, below("seeds").length], [true, 1]))

  it.live.each(sessions(/^```console\n([^]*?)^```$/gm))(
    "shows the output of %s",
    ([, steps]) =>
      Effect.gen(function*() {
        const HOME = yield* home()
        for (const { line, output } of steps) {
          const { stdout } = yield* shell(`{ ${line}; } 2>&1`, { HOME }, HOME)
          assert.deepStrictEqual(stdout.replaceAll(HOME, "/home/you").trimEnd().split("\n"), output, line)
        }
      }),
    30_000
  )

  it("has a guide to every check", () => {
    const guide = readFileSync(new URL("../docs/checks.md", import.meta.url), "utf8")
    assert.deepStrictEqual(
      [...guide.matchAll(/^\| `(.*?)` +\| (.*?) +\|$/gm)].map(([, id, means]) => [id, means]),
      Object.entries(HealthCheck.checks)
    )
  })
})
