/**
 * Waiting where somebody watches: a live line on a terminal, a line for every change elsewhere, a JSON object for
 * every change where a program reads along.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as WaitError from "@pinecone-backups/core/WaitError"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import * as Globals from "../input/Globals.ts"
import type * as Target from "../input/Target.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as DescribeError from "../output/DescribeError.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as Output from "../output/Output.ts"
import * as PartialFailure from "../output/PartialFailure.ts"
import type * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Live from "../terminal/Live.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as WaitText from "./WaitText.ts"

/**
 * A kind of thing that takes long: how to wait for one, and what to say of it. States are of type `A`, and one that
 * became ready is of type `B`.
 */
export interface Kind<A, B, E, R> {
  /** The command group, which is also what goes on when nobody waits. */
  readonly noun: "backup" | "restore"
  readonly toJson: (value: B) => Schema.JsonObject
  /** How those that became ready are printed, as seen from then. */
  readonly view: Effect.Effect<
    Output.View<B>,
    Effect.Error<typeof Time.exactly>,
    Effect.Services<typeof Time.exactly>
  >
  readonly run: (id: string, options: {
    readonly timeout: Duration.Duration | undefined
    readonly onState: (state: A) => Effect.Effect<void>
  }) => Effect.Effect<B, E, R>
  /** How one stands. */
  readonly stateOf: (state: A) => WaitText.State
  /** Whether nothing comes after it: how it ended is said elsewhere. */
  readonly isFinal: (state: A) => boolean
  /** What there is to say of one that became ready. */
  readonly summaryOf?: (value: B) => string | undefined
  /** What is known from earlier ones: `your last 3 restores took 8m–11m`. */
  readonly estimate: Effect.Effect<string | undefined, unknown, R>
}

/** How often a line says that it still goes on, where there is no live one. */
const heartbeat = Duration.seconds(60)

/** What commands take that go on with a wait. */
export interface Input {
  readonly target: Target.Several
  /** How long to wait: the default of core, if that is not said. */
  readonly timeout: Option.Option<Duration.Duration>
}

/** How a wait is shown, and what for. */
export interface Options extends Pick<Input, "timeout"> {
  /** Whether it began just now, so that the time of the wait is the time it took. */
  readonly isFresh: boolean
  /** What it is called before anything is known of it. The id, if left out. */
  readonly name?: string | undefined
}

/**
 * Waits for all of some things at once, shows how they stand on standard error, and prints those that became ready.
 * With `-o ndjson` standard output gets how they stand, too. Fails with what kept the others from becoming ready.
 * Whoever interrupts it is told what goes on, and how to wait for it again.
 */
export const all = Effect.fnUntraced(function*<A, B, E, R>(
  kind: Kind<A, B, E, R>,
  ids: ReadonlyArray<string>,
  options: Options
) {
  const screen = yield* Screen.Screen
  const { errorColumns, isErrorTerminal, isTerminal, isUnicode } = screen
  const isQuiet = yield* Globals.Quiet
  const isStream = (yield* Output.chosenFormat) === "ndjson"
  // Results must not run through it, either.
  const isLive = isErrorTerminal && !isQuiet && !(isStream && isTerminal) && (yield* Live.canDraw)
  const host = Option.getOrUndefined(yield* Globals.Host)
  const canvas = yield* Live.canvas("stderr")
  const printLine = yield* Output.printer
  const timeout = Option.getOrUndefined(options.timeout)
  const startedAt = yield* Clock.monotonicTimeNanos
  const separator = Symbols.separator(screen)

  const entries = ids.map((id): WaitText.Entry => ({
    id,
    state: { name: options.name ?? Format.shortId(id), status: "waiting" },
    isOver: false
  }))
  const pending = () => entries.filter(({ isOver }) => !isOver)
  let estimate: string | undefined

  const startedBy = (id: string): WaitError.Started =>
    kind.noun === "backup"
      ? { backupId: Backup.BackupId.make(id) }
      : { restoreJobId: RestoreJob.RestoreJobId.make(id) }

  const sinceStart = Effect.map(Clock.monotonicTimeNanos, (now) => Duration.nanos(now - startedAt))
  const elapsed = Effect.map(sinceStart, Format.elapsed)

  const resume = (ids: ReadonlyArray<string>): string | undefined =>
    host === undefined
      ? CommandLine.make`pcb ${kind.noun} wait ${ids}`
      : CommandLine.make`pcb ${kind.noun} wait ${ids} --host ${host}`

  const surroundings = Effect.map(elapsed, (elapsed) => ({ elapsed, estimate, isUnicode }))

  const tellProgram = (entry: WaitText.Entry, result?: WaitText.Result) =>
    Effect.flatMap(
      sinceStart,
      (duration) => printLine(WaitText.programLine(kind.noun, entry, Duration.toMillis(duration), result))
    )

  /** How one thing stands, for those who see no live line. */
  const mention = (entry: WaitText.Entry) =>
    isStream
      ? tellProgram(entry)
      : isQuiet || isLive
      ? Effect.void
      : Effect.flatMap(surroundings, (around) => Console.error(WaitText.logLine(entry.state, around)))

  /** What stays on the screen, above a live line. */
  const say = (text: string) =>
    isQuiet ? Effect.void : Effect.andThen(isLive ? canvas.erase : Effect.void, Console.error(text))

  const onState = (entry: WaitText.Entry) => (state: A) =>
    Effect.suspend(() => {
      const before = entry.state
      const { detail, percent, status } = entry.state = kind.stateOf(state)
      const isChange = status !== before.status || detail !== before.detail || (isStream && percent !== before.percent)
      return isChange && !kind.isFinal(state) ? mention(entry) : Effect.void
    })

  const succeeded = Effect.fnUntraced(function*(entry: WaitText.Entry, value: B) {
    entry.isOver = true
    if (isStream) yield* tellProgram(entry, { outcome: "ready", value: kind.toJson(value) })
    const took = yield* elapsed
    const time = took === "0s" ? "" : options.isFresh ? ` in ${took}` : `, after ${took} of waiting`
    const summary = kind.summaryOf?.(value)
    const text = `${Format.plain(entry.state.name)} is ready${time}${summary === undefined ? "" : `: ${summary}`}`
    yield* say(`${Symbols.note(screen, "done")} ${text}`)
  })

  const failed = Effect.fnUntraced(function*(entry: WaitText.Entry, error: E) {
    entry.isOver = true
    const isTimedOut = error instanceof WaitError.WaitTimedOut
    const outcome = isTimedOut ? "timed_out" : isBadEnd(error) ? "failed" : "error"
    if (isStream) yield* tellProgram(entry, { outcome })
    // The error says it in the end. Who waits for others, too, wants to know now.
    if (entries.length === 1) return
    const took = yield* elapsed
    yield* say(
      `${Symbols.note(screen, isTimedOut ? "underWay" : "failed")} ${WaitText.standing(entry.state)}${separator}${took}`
    )
  })

  /** What was waited for goes on. */
  const timedOut = ({ id }: WaitText.Entry, message: string) =>
    new CliFailure({
      code: "WAIT_TIMED_OUT",
      message,
      why: "the time for waiting is over, and it goes on",
      hint: resume([id]),
      started: startedBy(id),
      exitCode: ExitCode.timedOut
    })

  /** A failure of the waiting alone leaves what was waited for as it is. */
  const stopped = ({ id }: WaitText.Entry, error: E) => {
    const report = DescribeError.toReport(error)
    return new CliFailure(isBadEnd(error) ? report : DescribeError.afterStart(report, startedBy(id), resume([id])))
  }

  const waitFor = (entry: WaitText.Entry) =>
    kind.run(entry.id, { timeout, onState: onState(entry) }).pipe(
      Effect.tap((value) => succeeded(entry, value)),
      Effect.tapError((error) => failed(entry, error)),
      Effect.mapError((error) =>
        error instanceof WaitError.WaitTimedOut ? timedOut(entry, error.message) : stopped(entry, error)
      )
    )

  const askForEstimate = isQuiet || isStream ? Effect.void : Effect.matchCause(kind.estimate, {
    // It is worth a look, and no failure.
    onFailure: () => {},
    onSuccess: (text) => {
      estimate = text
    }
  })

  let frame = 0
  const redraw = Effect.flatMap(
    surroundings,
    (around) => canvas.draw(WaitText.liveLine(entries, around, { columns: errorColumns, frame: frame++ }))
  )
  const animation = isLive
    ? Effect.repeat(redraw, Schedule.spaced("100 millis"))
    : Effect.forever(Effect.andThen(Effect.sleep(heartbeat), Effect.suspend(() => Effect.forEach(pending(), mention))))

  const waiting = Effect.raceFirst(
    Effect.partition(entries, waitFor, { concurrency: "unbounded" }),
    Effect.andThen(Effect.forkChild(askForEstimate), Effect.andThen(animation, Effect.never))
  )

  const [ready, failures] = yield* (isLive ? canvas.during("erase")(waiting) : waiting).pipe(
    Effect.onInterrupt(() => {
      const left = pending()
      const many = left.length > 1
      const command = resume(left.map(({ id }) => id))
      return left.length === 0 ? Effect.void : Console.error(
        `Stopped waiting; the ${kind.noun}${many ? "s go" : " goes"} on.${
          command === undefined ? "" : ` Resume: ${command}`
        }`
      )
    })
  )
  // Lines have told a stream already.
  yield* PartialFailure.finish(failures, isStream ? Effect.void : Output.made(yield* kind.view, ready, ids.length > 1))
})

/** Whether the thing itself ended other than well, and not just the waiting for it. */
const isBadEnd = (error: unknown): boolean =>
  error instanceof WaitError.BackupFailed || error instanceof WaitError.RestoreFailed ||
  error instanceof WaitError.RestoreCancelled
