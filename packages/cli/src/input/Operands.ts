/** The words after `--`, where they are a command to run and not arguments of this one. */
import * as Context from "effect/Context"
import * as Argv from "./Argv.ts"

/** The words after `--` of `pcb guard`, and of a command line with `--probe`. */
export const Operands = Context.Reference<ReadonlyArray<string>>("@pinecone-backups/cli/input/Operands", {
  defaultValue: () => []
})

/** Returns `true` if the words after `--` are a command to run. */
const hasCommand = (args: ReadonlyArray<string>): boolean =>
  Argv.isCommand(args, "guard") || (Argv.isCommand(args, "drill") && Argv.has(args, "--probe"))

/** Separates the words of a command from the arguments of `pcb guard` and `pcb drill`. Other commands keep all of them. */
export const split = (args: ReadonlyArray<string>) => {
  const end = args.indexOf("--")
  return end === -1 || !hasCommand(args)
    ? { args, operands: [] }
    : { args: args.slice(0, end), operands: args.slice(end + 1) }
}
