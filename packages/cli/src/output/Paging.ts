/** Shows the output of commands in a pager, if it is a table on a terminal. */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Globals from "../input/Globals.ts"
import * as Pager from "../terminal/Pager.ts"
import { Screen } from "../terminal/Screen.ts"
import { Reported } from "./CliFailure.ts"
import * as ExitCode from "./ExitCode.ts"

const variable = (name: string) => Effect.orElseSucceed(Config.option(Config.String(name)), () => Option.none<string>())

/** Returns `true` if the output is a table on a terminal of a person. `own` is the command's own output format. */
const isPaged = Effect.fnUntraced(function*(own: Option.Option<string>) {
  const { isTerminal } = yield* Screen
  if (!isTerminal || (yield* Globals.NoPager) || (yield* Globals.isCi)) return false
  if (Option.isSome(yield* Globals.Json)) return false
  if (Option.contains(yield* variable("TERM"), "dumb")) return false
  const given = Option.isSome(own) ? own : yield* Globals.Output
  const format = Option.isSome(given) ? given : yield* variable("PCB_OUTPUT")
  return !Option.exists(format, (name) => name !== "table" && name !== "wide")
})

/**
 * Runs a command whose output is shown in a pager. The pager starts with the first output, so that progress and errors
 * before it appear as usual.
 *
 * **Details**
 *
 * Notes on standard error follow the output into the pager, because they would otherwise be drawn over it. If the user
 * quits the pager early, the command is interrupted. It then ends with the exit code that it has already decided on, or 0.
 */
export const paged = Effect.fnUntraced(function*<A, E, R>(self: Effect.Effect<A, E, R>, own: Option.Option<string>) {
  if (!(yield* isPaged(own))) return yield* Effect.asVoid(self)
  const start = yield* Pager.Start
  const stdio = yield* Stdio.Stdio
  const console = yield* Console.Console
  const decide = yield* ExitCode.Decided
  const { isErrorTerminal } = yield* Screen

  let current: Pager.Pager | undefined
  let decided = 0
  const opened = Deferred.makeUnsafe<Pager.Pager>()
  // Uninterruptible, because a started pager must always be ended.
  const open = yield* Effect.cached(Effect.uninterruptible(Effect.tap(start, (pager) => {
    current = pager
    return pager === undefined ? Effect.void : Deferred.succeed(opened, pager)
  })))

  const stdout: Stdio.Stdio["stdout"] = (options) =>
    Sink.unwrap(Effect.map(open, (pager) =>
      pager === undefined
        ? stdio.stdout(options)
        : Sink.forEachArray((texts) =>
          pager.write(texts.map((text) => typeof text === "string" ? text : new TextDecoder().decode(text)).join(""))
        )))
  const error = (...parts: ReadonlyArray<unknown>) => {
    if (current === undefined || !isErrorTerminal) console.error(...parts)
    else current.add(`${parts.join(" ")}\n`)
  }

  const run = self.pipe(
    Effect.provideService(Stdio.Stdio, { ...stdio, stdout }),
    Effect.provideService(Console.Console, { ...console, error }),
    Effect.provideService(ExitCode.Decided, (exitCode, ifUnwritten, ifInterrupted) => {
      decided = exitCode
      return decide(exitCode, ifUnwritten, ifInterrupted)
    }),
    Effect.as(true)
  )
  const quit = Effect.as(Effect.flatMap(Deferred.await(opened), ({ gone }) => gone), false)
  const isDone = yield* Effect.raceFirst(run, quit).pipe(
    Effect.ensuring(Effect.suspend(() => current?.end ?? Effect.void))
  )
  if (!isDone && decided > 0) return yield* new Reported({ exitCode: decided })
})
