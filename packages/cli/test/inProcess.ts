import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as TestConsole from "effect/testing/TestConsole"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as Cli from "../src/Cli.ts"
import { Screen } from "../src/Screen.ts"

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** How wide the terminal is. Without it, nobody reads along. */
  readonly columns?: number
  readonly stdin?: string
  readonly isUnicode?: boolean
}

/** Runs a command line in this process. What it prints is that of this run alone, also if it is not the first. */
export const run = Effect.fnUntraced(
  function*(args: ReadonlyArray<string>, { columns, env = {}, isUnicode = true, stdin }: Options = {}) {
    const written = yield* Ref.make("")
    const [before, errorsBefore] = [(yield* TestConsole.logLines).length, (yield* TestConsole.errorLines).length]
    const result = yield* Effect.result(
      Cli.run(args, "1.2.3").pipe(
        Effect.provideService(
          Stdio.Stdio,
          Stdio.make({
            args: Effect.succeed([]),
            stdin: stdin === undefined ? Stream.empty : Stream.make(new TextEncoder().encode(stdin)),
            stdout: () => Sink.forEach((text) => Ref.update(written, (all) => all + text)),
            stderr: () => Sink.drain
          })
        ),
        Effect.provide(Layer.mergeAll(
          NodeServices.layer,
          ConfigProvider.layer(ConfigProvider.fromUnknown(env)),
          Layer.succeed(Screen, {
            isTerminal: columns !== undefined,
            columns: columns ?? Infinity,
            isErrorTerminal: false,
            errorColumns: 80,
            canAsk: false,
            isUnicode,
            style: (_, text) => text
          })
        ))
      )
    )
    const lines = (yield* TestConsole.logLines).slice(before)
    return {
      exitCode: Result.match(result, { onSuccess: () => 0, onFailure: (error) => error.exitCode }),
      stdout: lines.map((line) => `${line}\n`).join("") + (yield* Ref.get(written)),
      stderr: (yield* TestConsole.errorLines).slice(errorsBefore).join("\n")
    }
  }
)

/** The same for a command line without texts that have spaces in them. */
export const pcb = (args: string, options?: Options) => run(args.split(" ").filter((arg) => arg !== ""), options)

/** A home with files in it, for as long as the scope. */
export const home = (
  files: Readonly<Record<string, string>> = {},
  mode = 0o600
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const directory = mkdtempSync(join(tmpdir(), "pcb-"))
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), text, { mode })
      }
      return directory
    }),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  )
