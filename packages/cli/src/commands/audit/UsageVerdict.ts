/** The verdict of an audit by its bare arguments: whose command line is wrong, or that a signal ended. */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Argv from "../../input/Argv.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Output from "../../output/Output.ts"
import { Screen } from "../../terminal/Screen.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as FormatNames from "./FormatNames.ts"
import * as Formats from "./Formats.ts"

/** The format by the bare arguments and the environment. One that is wrong is none. */
const formatOf = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  if (Argv.has(args, "--json")) return "json"
  const variable = yield* Effect.orElseSucceed(Config.String("PCB_OUTPUT"), () => undefined)
  const given = Argv.valueOf(args, "-o", "--output") ?? variable
  const { isTerminal } = yield* Screen
  return FormatNames.names.find((name) => name === given) ?? (isTerminal ? "table" : "tsv")
})

/** Prints that nothing is known, and why. Nothing for a server, which has no format. */
export const print = Effect.fnUntraced(function*(why: string, args: ReadonlyArray<string>) {
  if (Argv.has(args, "--listen")) return
  const lines = yield* Formats.failed(why, yield* formatOf(args), identity)
  if (lines.length > 0) yield* Console.log(lines.join("\n"))
})

/** Prints that nothing is known since a signal ended the audit, and decides on the exit code. */
export const printEnded = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  if (Argv.has(args, "--listen")) return
  const format = yield* formatOf(args)
  yield* ExitStatus.decide(ExitCode.auditFailed, format)
  yield* Effect.ignore(Effect.flatMap(Formats.failed("it was ended by a signal", format, identity), Output.lines))
})
