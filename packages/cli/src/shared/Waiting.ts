/**
 * Waits with visible progress: a live line on a terminal, otherwise a line per change, or a JSON object per change for
 * programs.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as WaitError from "@pinecone-backups/core/WaitError"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Target from "../input/Target.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as DescribeError from "../output/DescribeError.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as Output from "../output/Output.ts"
import * as PartialFailure from "../output/PartialFailure.ts"
import * as SameConnection from "../output/SameConnection.ts"
import type * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as WaitScreen from "./WaitScreen.ts"
import * as WaitText from "./WaitText.ts"

/** A kind of long-running operation. `A` is its state, `B` its result. */
export interface Kind<A, B, E, R> {
  /** The command group, also used as the noun in messages. */
  readonly noun: "backup" | "restore"
  readonly toJson: (value: B) => Schema.JsonObject
  /** The view of results, created when the results are ready. */
  readonly view: Effect.Effect<
    Output.View<B>,
    Effect.Error<typeof Time.exactly>,
    Effect.Services<typeof Time.exactly>
  >
  readonly run: (id: string, options: {
    readonly timeout: Duration.Duration | undefined
    readonly onState: (state: A) => Effect.Effect<void>
  }) => Effect.Effect<B, E, R>
  /** Describes a state. */
  readonly stateOf: (state: A) => WaitText.State
  /** Returns `true` for a final state, which is reported elsewhere. */
  readonly isFinal: (state: A) => boolean
  /** A summary of a result. */
  readonly summaryOf?: (value: B) => string | undefined
  /** An estimate from earlier operations: `your last 3 restores took 8m–11m`. */
  readonly estimate: Effect.Effect<string | undefined, unknown, R>
}

/** Input of commands that resume a wait. */
export interface Input {
  readonly target: Target.Several
  /** Maximum time to wait. Defaults to core's default. */
  readonly timeout: Option.Option<Duration.Duration>
}

/** Options of a wait. */
export interface Options extends Pick<Input, "timeout"> {
  /** Whether the operation just started, so that the time waited is its duration. */
  readonly isFresh: boolean
  /** The display name before the first response. Defaults to the ID. */
  readonly name?: string | undefined
}

/**
 * Waits for several operations concurrently, shows their progress on standard error, and prints their results.
 *
 * **Details**
 *
 * With `-o ndjson`, progress goes to standard output, too. Fails if any operation failed. Interrupting the wait
 * prints how to resume it.
 */
export const all = Effect.fnUntraced(function*<A, B, E, R>(
  kind: Kind<A, B, E, R>,
  ids: ReadonlyArray<string>,
  options: Options
) {
  const { during, isLive, isQuiet, isStream, printLine, say, screen, sinceStart } = yield* WaitScreen.make
  const { isUnicode } = screen
  const timeout = Option.getOrUndefined(options.timeout)
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

  const elapsed = Effect.map(sinceStart, Format.elapsed)

  const resume = (ids: ReadonlyArray<string>) => CommandLine.make`pcb ${kind.noun} wait ${ids}`

  const surroundings = Effect.map(elapsed, (elapsed) => ({ elapsed, estimate, isUnicode }))

  const tellProgram = (entry: WaitText.Entry, result?: WaitText.Result) =>
    Effect.flatMap(
      sinceStart,
      (duration) => printLine(WaitText.programLine(kind.noun, entry, Duration.toMillis(duration), result))
    )

  /** Prints a state unless a live line shows it. */
  const mention = (entry: WaitText.Entry) =>
    isStream
      ? tellProgram(entry)
      : isQuiet || isLive
      ? Effect.void
      : Effect.flatMap(surroundings, (around) => Console.error(WaitText.logLine(entry.state, around)))

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
    const time = took === "0s" ? "" : options.isFresh ? ` in ${took}` : ` after waiting ${took}`
    const summary = kind.summaryOf?.(value)
    const text = `${Format.plain(entry.state.name)} is ready${time}${summary === undefined ? "" : `: ${summary}`}`
    yield* say(`${Symbols.note(screen, "done")} ${text}`)
  })

  const failed = Effect.fnUntraced(function*(entry: WaitText.Entry, error: E) {
    entry.isOver = true
    const isTimedOut = error instanceof WaitError.WaitTimedOut
    const outcome = isTimedOut ? "timed_out" : isBadEnd(error) ? "failed" : "error"
    if (isStream) yield* tellProgram(entry, { outcome })
    // With a single operation, the final error is enough. With several, report the failure now.
    if (entries.length === 1) return
    const took = yield* elapsed
    yield* say(
      `${Symbols.note(screen, isTimedOut ? "underWay" : "failed")} ${WaitText.standing(entry.state)}${separator}${took}`
    )
  })

  /** The error of a wait that timed out while the operation is still running. */
  const timedOut = ({ id }: WaitText.Entry, message: string) =>
    new CliFailure({
      code: "WAIT_TIMED_OUT",
      message,
      why: "timed out waiting; the operation is still running",
      hint: resume([id]),
      started: startedBy(id),
      exitCode: ExitCode.timedOut
    })

  /** The error of a failed operation, or of a failed wait for an operation that is still running. */
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
    // A failed estimate is ignored.
    onFailure: () => {},
    onSuccess: (text) => {
      estimate = text
    }
  })

  const waiting = Effect.raceFirst(
    Effect.partition(entries, waitFor, { concurrency: "unbounded" }),
    Effect.andThen(askForEstimate, Effect.never)
  )

  const [ready, failures] = yield* during(
    (size) => Effect.map(surroundings, (around) => WaitText.liveLine(entries, around, size)),
    Effect.suspend(() => Effect.forEach(pending(), mention))
  )(waiting).pipe(
    Effect.onInterrupt(() => {
      const left = pending()
      const many = left.length > 1
      return left.length === 0 ?
        Effect.void :
        Effect.flatMap(SameConnection.add(resume(left.map(({ id }) => id))), (command) =>
          Console.error(
            `Stopped waiting; the ${kind.noun}${many ? "s are" : " is"} still running.${
              command === undefined ? "" : ` Resume: ${command}`
            }`
          ))
    })
  )
  // A stream has already printed the results.
  yield* PartialFailure.finish(failures, isStream ? Effect.void : Output.made(yield* kind.view, ready, ids.length > 1))
})

/** Returns `true` if the operation itself failed, not only the wait for it. */
const isBadEnd = (error: unknown): boolean =>
  error instanceof WaitError.BackupFailed || error instanceof WaitError.RestoreFailed ||
  error instanceof WaitError.RestoreCancelled
