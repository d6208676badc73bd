import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { format } from "node:util"
import { afterAll, vi } from "vitest"
import { onVirtualTime, start } from "./support.ts"

/**
 * The examples in docstrings that print something: `// => …` is a line of their output. An example that needs a service
 * exports it as `program`.
 */

const packages = `${import.meta.dirname}/../..`
const scratch = `${import.meta.dirname}/.examples`

interface Example {
  readonly module: string
  readonly title: string
  readonly code: string
  readonly output: ReadonlyArray<string>
}

const examplesOf = (file: string): ReadonlyArray<Example> =>
  [...readFileSync(file, "utf8").matchAll(/\*\*Example\*\* \((.*)\)[ *\n]+?```ts\n([^]*?)```/g)].map(
    ([, title = "", body = ""]) => {
      const code = body.replaceAll(/^ *\* ?/gm, "")
      const output = [...code.matchAll(/\/\/ => (.*)$/gm)].map(([, line = ""]) => line)
      return { module: basename(file, ".ts"), title, code, output }
    }
  )

const modules = globSync(
  ["core/src", "core/src/health", "core/src/plan", "testing/src"].map((folder) => `${packages}/${folder}/[A-Z]*.ts`)
).sort()

const examples = modules.flatMap(examplesOf).filter(({ output }) => output.length > 0)

const Memory = PineconeMemory.layer({
  now: start,
  indexes: [{ name: "docs" }, { name: "carts" }],
  schedules: [{ id: "nightly", indexName: "docs", runs: [{}, { status: "Failed" }, {}, {}, {}] }],
  backups: [{ backupId: Backup.BackupId.make("d2f4a908"), name: "before-reindex", indexName: "docs" }],
  restoreJobs: [{ id: "9857add2", targetIndexName: "docs-copy", createdAt: start, completedAt: "2026-04-23T17:00:00Z" }]
})

/** Collects the lines that an effect prints. */
const printed = <E, R>(effect: Effect.Effect<unknown, E, R>) => {
  const lines: Array<string> = []
  return Effect.acquireUseRelease(
    Effect.sync(() => vi.spyOn(console, "log").mockImplementation((...args) => lines.push(format(...args)))),
    // Replaces the console of the test, which does not print anything.
    () => Effect.as(Effect.provideService(effect, Console.Console, console), lines),
    (spy) => Effect.sync(() => spy.mockRestore())
  )
}

/** Imports an example, which runs the statements in it, and then runs its program. */
const run = Effect.fnUntraced(function*(path: string) {
  const module: {
    readonly program?: Effect.Effect<unknown, unknown, Pinecone.Services | PineconeClient.PineconeClient>
  } = yield* Effect.promise(() => import(path))
  if (module.program !== undefined) yield* onVirtualTime(module.program, 20)
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe("the examples in docstrings", () => {
  it("cover every module", () => {
    assert.deepStrictEqual(
      modules.map((file) => basename(file, ".ts")).filter((name) =>
        name !== "index" && examples.every(({ module }) => module !== name)
      ),
      []
    )
  })

  for (const [index, { code, module, output, title }] of examples.entries()) {
    it.effect(`${module}: ${title}`, () =>
      Effect.gen(function*() {
        const path = `${scratch}/${index}.ts`
        mkdirSync(scratch, { recursive: true })
        writeFileSync(path, code)
        assert.deepStrictEqual(yield* printed(run(path)), output)
      }).pipe(Effect.provide(Memory)))
  }
})
