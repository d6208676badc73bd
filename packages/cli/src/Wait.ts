/**
 * Waiting where somebody watches: a live line on a terminal, a line for every change elsewhere.
 *
 * @since 0.1.0
 */
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Format from "./Format.ts"
import * as Globals from "./Globals.ts"
import { Screen } from "./Screen.ts"

/**
 * Whether to wait for the end.
 *
 * @category flags
 * @since 0.1.0
 */
export const wait = Flag.Boolean("wait").pipe(
  Flag.withDescription("Wait until it is ready; Ctrl-C ends the waiting and nothing else"),
  Flag.withDefault(false)
)

/**
 * How long to wait.
 *
 * @category flags
 * @since 0.1.0
 */
export const timeout = Globals.duration("timeout").pipe(
  Flag.withDescription("How long to wait at most [6h]"),
  Flag.withDefault(Duration.hours(6))
)

/** What is waited for. */
export interface Subject<A> {
  /** What it is called: the name of an index, or of a backup. */
  readonly name: string
  /** How it stands, in a word. */
  readonly statusOf: (state: A) => string
  /** How far it has come, of a hundred, where the service says so. */
  readonly percentOf?: (state: A) => number | null | undefined
  /** What is known from earlier ones: `your last 3 restores took 8m–11m`. */
  readonly estimate?: string | undefined
  /** The command that waits again. */
  readonly resume: string
  /** What goes on when nobody waits: `the restore`. */
  readonly operation: string
}

const frames = { unicode: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"], ascii: ["|", "/", "-", "\\"] } as const

const bar = (percent: number, isUnicode: boolean): string => {
  const done = Math.round(Math.min(100, Math.max(0, percent)) / 5)
  const [full, empty] = isUnicode ? ["█", "░"] : ["#", "."]
  return `${full.repeat(done)}${empty.repeat(20 - done)} ${Math.floor(percent)}%`
}

/** How often a line says that it still goes on, where there is no live one. */
const heartbeat = Duration.seconds(60)

/**
 * Waits, and shows how it stands on standard error. `run` is given what to do with every state that is seen. Whoever
 * interrupts it is told that the operation goes on, and how to wait for it again.
 *
 * @category waiting
 * @since 0.1.0
 */
export const show = Effect.fnUntraced(function*<A, B, E, R>(
  subject: Subject<A>,
  run: (onState: (state: A) => Effect.Effect<void>) => Effect.Effect<B, E, R>
) {
  const { errorColumns, isErrorTerminal, isUnicode } = yield* Screen
  const isQuiet = yield* Globals.Quiet
  const isLive = isErrorTerminal && !isQuiet && !(yield* Globals.isOn(Option.none(), "CI"))
  const startedAt = yield* Clock.currentTimeMillis
  const elapsed = Effect.map(Clock.currentTimeMillis, (now) => Format.elapsed(Duration.millis(now - startedAt)))
  let status = "waiting"
  let percent: number | null | undefined

  const line = Effect.map(elapsed, (elapsed) =>
    [
      `${Format.plain(subject.name)}  ${Format.plain(status)}`,
      ...(percent == null || percent >= 100 ? [] : [bar(percent, isUnicode)]),
      elapsed,
      ...(subject.estimate === undefined ? [] : [subject.estimate])
    ].join(isUnicode ? " · " : " - "))

  const onState = (state: A) =>
    Effect.suspend(() => {
      const isChange = subject.statusOf(state) !== status
      status = subject.statusOf(state)
      percent = subject.percentOf?.(state)
      return isLive || isQuiet || !isChange ? Effect.void : Effect.flatMap(line, Console.error)
    })

  const write = (text: string) => Effect.sync(() => void process.stderr.write(text))
  let frame = 0
  const draw = Effect.flatMap(line, (line) => {
    const spinner = isUnicode ? frames.unicode : frames.ascii
    const text = `${spinner[frame++ % spinner.length]} ${line} · Ctrl-C leaves it running`
    return write(`\r\x1b[2K${text.slice(0, errorColumns - 1)}`)
  })
  const animation = isLive
    ? Effect.repeat(draw, Schedule.spaced("100 millis"))
    : isQuiet
    ? Effect.void
    : Effect.repeat(Effect.andThen(Effect.sleep(heartbeat), Effect.flatMap(line, Console.error)), Schedule.forever)

  return yield* Effect.acquireUseRelease(
    Effect.andThen(isLive ? write("\x1b[?25l") : Effect.void, Effect.forkChild(animation)),
    () => run(onState),
    (fiber) => Effect.andThen(Fiber.interrupt(fiber), isLive ? write("\r\x1b[2K\x1b[?25h") : Effect.void)
  ).pipe(
    Effect.onInterrupt(() =>
      Console.error(`Stopped waiting; ${subject.operation} goes on. Resume: ${Format.plain(subject.resume)}`)
    )
  )
})

/**
 * What earlier ones took, as an estimate: nothing, if there were none.
 *
 * @category formatting
 * @since 0.1.0
 */
export const estimate = (what: string, durations: ReadonlyArray<Duration.Duration>): string | undefined => {
  const last = durations.slice(0, 3).map(Duration.toMillis)
  if (last.length === 0) return undefined
  const [least, most] = [Math.min(...last), Math.max(...last)].map((millis) => Format.elapsed(Duration.millis(millis)))
  const range = least === most ? least : `${least}–${most}`
  return last.length === 1 ? `your last ${what} took ${range}` : `your last ${last.length} ${what}s took ${range}`
}
