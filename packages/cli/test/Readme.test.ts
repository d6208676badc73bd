import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync, writeFileSync } from "node:fs"
import * as Markdown from "../../../scripts/markdown.ts"
import * as Golden from "./golden.ts"
import { home } from "./harness.ts"
import { full, project, projectWithoutDocs, seeds } from "./project.ts"
import { shell } from "./support.ts"

const urlOf = (file: string) => new URL(`../../../${file}`, import.meta.url)
const read = (file: string) => readFileSync(urlOf(file), "utf8")

/** The projects on which sessions are played, by the mark of the session. */
const projects: Readonly<Record<string, typeof projectWithoutDocs>> = {
  seeds: project(seeds),
  full: project(full),
  deleted: projectWithoutDocs
}

/** A session in a document: `demo`, or a key of `projects`, is played on that project; `shell` is typed into a shell. */
interface Session {
  readonly file: string
  readonly kind: string
  readonly text: string
  readonly steps: ReadonlyArray<Golden.Step>
}

const fence = /(?:<!-- run: (\w+) -->\n\n)?^```(\w*)\n(\$ [^]*?)^```$/gm

const sessions = Markdown.documents().flatMap((file) =>
  [...read(file).matchAll(fence)].map(([, mark, language, text = ""]): Session => ({
    file,
    kind: mark ?? (language === "console" ? "shell" : "none"),
    text,
    steps: Golden.stepsOf(text)
  }))
)

const titled = (kinds: ReadonlyArray<string>) =>
  sessions.filter(({ kind }) => kinds.includes(kind)).map((session) =>
    [session.file, session.steps[0]?.line ?? "", session] as const
  )

const { UPDATE_GOLDEN } = process.env

/** Compares a session with its output. With UPDATE_GOLDEN, updates the document instead. */
const expectOutput = ({ file, steps, text }: Session, outputs: ReadonlyArray<ReadonlyArray<string>>) => {
  if (UPDATE_GOLDEN !== undefined) {
    const actual = steps.map(({ line }, index) => [`$ ${line}`, ...outputs[index] ?? []].join("\n")).join("\n")
    writeFileSync(urlOf(file), read(file).replace(text, () => `${actual}\n`))
  } else assert.deepStrictEqual(outputs, steps.map(({ output }) => output))
}

const linesOf = (text: string) => text.trimEnd() === "" ? [] : text.trimEnd().split("\n")

describe("documents", { timeout: 120_000 }, () => {
  it("contain sessions of every kind, and every session is run", () => {
    assert.deepStrictEqual(
      new Set(sessions.map(({ kind }) => kind)),
      new Set(["demo", "shell", ...Object.keys(projects)])
    )
  })

  it.effect.each(titled(["demo", ...Object.keys(projects)]))(
    "%s shows the output on a terminal of 100 columns: %s",
    ([, , session]) =>
      Effect.gen(function*() {
        const lines = session.steps.map(({ line }) => line)
        if (session.kind === "demo") { for (const line of lines) assert.include(line, "--demo") }
        const on = yield* projects[session.kind] ?? Effect.undefined
        const runs = yield* Golden.play(lines, { on, columns: 100, errorColumns: 100 })
        expectOutput(
          session,
          runs.map(({ written }) =>
            linesOf(written.filter(({ to }) => to !== "drawn").map(({ text }) => text).join(""))
          )
        )
      })
  )

  it.live.each(titled(["shell"]))("%s shows the output of a shell: %s", ([, , session]) =>
    Effect.gen(function*() {
      const HOME = yield* home()
      const outputs: Array<ReadonlyArray<string>> = []
      for (const { line } of session.steps) {
        const { stdout } = yield* shell(`{ ${line}; } 2>&1`, { HOME }, HOME)
        outputs.push(linesOf(stdout.replaceAll(HOME, "/home/you")))
      }
      expectOutput(session, outputs)
    }))
})
