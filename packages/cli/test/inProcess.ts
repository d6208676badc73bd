import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as TestConsole from "effect/testing/TestConsole"
import * as Cli from "../src/Cli.ts"
import { Screen } from "../src/Screen.ts"

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
  readonly isUnicode?: boolean
}

/** Runs a command line in this process, as if on a terminal if `columns` is given. */
export const pcb = (args: string, { columns, env = {}, isUnicode = true }: Options = {}) =>
  Effect.gen(function*() {
    const written = yield* Ref.make("")
    const [earlierLines, earlierErrors] = [yield* TestConsole.logLines, yield* TestConsole.errorLines]
    const result = yield* Effect.result(
      Cli.run(args.split(" ").filter((arg) => arg !== ""), "1.2.3").pipe(
        Effect.provideService(
          Stdio.Stdio,
          Stdio.make({
            args: Effect.succeed([]),
            stdin: Stream.empty,
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
    const lines = (yield* TestConsole.logLines).slice(earlierLines.length)
    return {
      exitCode: Result.match(result, { onSuccess: () => 0, onFailure: (error) => error.exitCode }),
      stdout: lines.map((line) => `${line}\n`).join("") + (yield* Ref.get(written)),
      stderr: (yield* TestConsole.errorLines).slice(earlierErrors.length).join("\n")
    }
  })
