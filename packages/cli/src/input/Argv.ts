/** The bare arguments, for what has to be known before they are parsed: they may be what is wrong. */

/** The arguments in which flags are flags. */
const before = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = args.indexOf("--")
  return end === -1 ? args : args.slice(0, end)
}

/** The value of a flag, by any of its names: `--name value` or `--name=value`. The first one, if it is given twice. */
export const valueOf = (args: ReadonlyArray<string>, ...names: ReadonlyArray<string>): string | undefined => {
  const flags = before(args)
  for (const [index, flag] of flags.entries()) {
    if (names.includes(flag)) return flags[index + 1]
    const name = names.find((name) => flag.startsWith(`${name}=`))
    if (name !== undefined) return flag.slice(name.length + 1)
  }
  return undefined
}

/** Whether a flag is given, with a value or without one. */
export const has = (args: ReadonlyArray<string>, name: string): boolean =>
  before(args).some((flag) => flag === name || flag.startsWith(`${name}=`))
