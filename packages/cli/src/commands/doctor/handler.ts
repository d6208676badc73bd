/** Handler of `pcb doctor`. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Settings from "../../config/Settings.ts"
import { Reported } from "../../output/CliFailure.ts"
import type * as Json from "../../output/Json.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"
import * as Check from "./Check.ts"
import * as Checks from "./Checks.ts"

const levels = { ok: "ok", warning: "warning", failed: "critical", skipped: "notice" } as const

/** A check with a hint that can be displayed and pasted. */
interface Shown extends Check.Check {
  readonly hint?: string | undefined
}

const toJson = ({ exitCode, found, hint, id, status }: Shown): typeof Json.Check.Encoded => ({
  check: id,
  status,
  found,
  ...(hint !== undefined && { try: hint }),
  ...(exitCode !== undefined && { exit_code: exitCode })
})

const view = Effect.map(Columns.make, ({ text }): Output.View<Shown> => ({
  toJson,
  id: ({ id }) => id,
  columns: [
    text("STATUS", ({ status }) => status),
    text("CHECK", ({ id }) => id),
    text("FOUND", ({ found }) => found),
    text("TRY", ({ hint = "" }) => hint)
  ]
}))

const labelWidth = Math.max(...Check.ids.map((id) => id.length))

/** The lines of a check: its result, then the suggested fix. */
const linesOf = (screen: Screen.Service) => ({ found, hint, id, status }: Shown): ReadonlyArray<string> => {
  const width = screen.columns - labelWidth - 4
  const isSkipped = status === "skipped"
  const above = Text.beside(
    `${Symbols.level(screen, levels[status])} ${id.padEnd(labelWidth)}  `,
    isSkipped ? `skipped: ${found}` : found,
    screen.columns,
    (line) => isSkipped ? screen.style("dim", line) : line
  )
  const label = `  ${"try".padEnd(labelWidth)}  `
  if (hint === undefined) return above
  if (!Note.isCommand.test(hint)) return [...above, ...Text.beside(label, hint, screen.columns)]
  const indent = " ".repeat(label.length)
  const [first = "", ...more] = Text.wrapCommand(hint, { columns: screen.columns, first: width, indent })
  return [...above, label + first, ...more]
}

/**
 * Adds the connection to a hint. Removes keys and control characters, which paths, URLs and profile names may contain by
 * mistake.
 */
const shown = ({ found, hint, ...check }: Check.Check) =>
  Effect.map(SameConnection.inHint(hint), (hint): Shown => ({
    ...check,
    found: Format.plain(found),
    hint: hint && Format.plain(hint)
  }))

/** The summary line. */
const summary = (checks: ReadonlyArray<Check.Check>): string => {
  const number = (status: Check.Check["status"]) => checks.filter((check) => check.status === status).length
  const [failed, warnings] = [number("failed"), number("warning")]
  const warned = `${warnings} warning${warnings === 1 ? "" : "s"}`
  if (failed === 0) return warnings === 0 ? "OK" : `OK with ${warned}`
  const wrong = `${failed} check${failed === 1 ? "" : "s"} failed`
  return warnings === 0 ? wrong : `${wrong}, ${warned}`
}

const run = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const stdio = yield* Stdio.Stdio
  const format = yield* Output.chosenFormat
  const checks: Array<Shown> = []
  const print = (lines: ReadonlyArray<string>) => Effect.provideService(Output.lines(lines), Stdio.Stdio, stdio)
  const isPage = format === "table" || format === "wide"
  const lines = linesOf(screen)

  yield* Checks.examine((...found) =>
    Effect.flatMap(Effect.forEach(found, shown), (some) => {
      checks.push(...some)
      return isPage ? print(some.flatMap(lines)) : Effect.void
    })
  )
  // The exit code of the first failed check, which is what any other command would exit with.
  const exitCode = checks.find(({ status }) => status === "failed")?.exitCode ?? 0
  if (isPage) yield* print(["", summary(checks)])
  else if (format === "json") {
    const jsonOf = yield* Output.toJson(yield* view)
    yield* Output.write(Stream.fromEffect(Output.json({
      schema: "pcb.doctor/v1",
      exit_code: exitCode,
      checks: checks.map(jsonOf)
    })))
  } else yield* Output.list(yield* view, Stream.fromIterable(checks), { limit: Option.none(), empty: "" })
  if (exitCode !== 0) return yield* new Reported({ exitCode })
})

/** `pcb doctor` */
export const doctor = Effect.fnUntraced(function*() {
  const { environment, find } = yield* Settings.Settings
  // An invalid file is one of the results, and must not prevent the other checks.
  yield* Effect.matchEffect(find("output"), {
    onFailure: () => Effect.provideService(run, ConfigProvider.ConfigProvider, environment),
    onSuccess: () => run
  })
})
