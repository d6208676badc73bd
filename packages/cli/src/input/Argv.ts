/** Reads raw arguments, for values that are needed before parsing or if parsing fails. */
import * as Array from "effect/Array"

/** The arguments before `--`. */
const before = (args: ReadonlyArray<string>): ReadonlyArray<string> => Array.takeWhile(args, (arg) => arg !== "--")

/** The values of a flag, by any of its names: `--name value` or `--name=value`. */
export const valuesOf = (args: ReadonlyArray<string>, ...names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const flags = before(args)
  return flags.flatMap((flag, index) => {
    const [name = "", ...value] = flag.split("=")
    return names.includes(name) ? (value.length === 0 ? flags[index + 1] : value.join("=")) ?? [] : []
  })
}

/** The value of a flag, by any of its names. The first value if the flag is repeated. */
export const valueOf = (args: ReadonlyArray<string>, ...names: ReadonlyArray<string>): string | undefined =>
  valuesOf(args, ...names)[0]

/** Returns `true` if a flag is given, with or without a value. */
export const has = (args: ReadonlyArray<string>, name: string): boolean =>
  before(args).some((flag) => flag === name || flag.startsWith(`${name}=`))

/**
 * Returns `true` if a command was typed, as far as the raw arguments show. A word after a flag may be its value or the
 * command, so `--host audit status` counts as both.
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
