/** The result of an audit that did not run: after a usage error, or ended by a signal. Reads the raw arguments. */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Argv from "../../input/Argv.ts"
import * as Projects from "../../input/Projects.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Output from "../../output/Output.ts"
import { Screen } from "../../terminal/Screen.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as FormatNames from "./FormatNames.ts"
import * as Formats from "./Formats.ts"

/** The output format from the raw arguments and the environment. Invalid formats are ignored. */
const formatOf = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  if (Argv.has(args, "--json")) return "json"
  const variable = yield* Effect.orElseSucceed(Config.String("PCB_OUTPUT"), () => undefined)
  const given = Argv.valueOf(args, "-o", "--output") ?? variable
  const { isTerminal } = yield* Screen
  return FormatNames.names.find((name) => name === given) ?? (isTerminal ? "table" : "tsv")
})

/** Prints an unknown status and the reason. Prints nothing for `--listen`, which has no output format. */
export const print = Effect.fnUntraced(function*(why: string, args: ReadonlyArray<string>) {
  if (Argv.has(args, "--listen")) return
  const lines = yield* Formats.failed(why, yield* formatOf(args), identity, Projects.areTyped(args))
  if (lines.length > 0) yield* Console.log(lines.join("\n"))
})

/** Prints an unknown status after a signal, and sets the exit code. */
export const printEnded = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  if (Argv.has(args, "--listen")) return
  const format = yield* formatOf(args)
  yield* ExitStatus.decide(ExitCode.auditFailed, format)
  const lines = Formats.failed("interrupted by a signal", format, identity, Projects.areTyped(args))
  yield* Effect.ignore(Effect.flatMap(lines, Output.lines))
})
