/** The bare arguments, for what has to be known before they are parsed: they may be what is wrong. */
import * as Array from "effect/Array"

/** The arguments in which flags are flags. */
const before = (args: ReadonlyArray<string>): ReadonlyArray<string> => Array.takeWhile(args, (arg) => arg !== "--")

/** The value of a flag, by any of its names: `--name value` or `--name=value`. The first one, if it is given twice. */
export const valueOf = (args: ReadonlyArray<string>, ...names: ReadonlyArray<string>): string | undefined => {
  const flags = before(args)
  for (const [index, flag] of flags.entries()) {
    const [name = "", ...value] = flag.split("=")
    if (names.includes(name)) return value.length === 0 ? flags[index + 1] : value.join("=")
  }
  return undefined
}

/** Whether a flag is given, with a value or without one. */
export const has = (args: ReadonlyArray<string>, name: string): boolean =>
  before(args).some((flag) => flag === name || flag.startsWith(`${name}=`))

/**
 * Whether a command is the one that was typed, as far as bare arguments tell: what follows a flag may be its value or the
 * command, so that `--host audit status` counts as both.
 */
export const isCommand = (args: ReadonlyArray<string>, ...names: ReadonlyArray<string>): boolean => {
  let isAfterFlag = true
  for (const arg of before(args)) {
    const isFlag = arg.startsWith("-")
    if (!isFlag && !isAfterFlag) return false
    if (!isFlag && names.includes(arg)) return true
    isAfterFlag = isFlag
  }
  return false
}
