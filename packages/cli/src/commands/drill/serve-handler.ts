/** Handler of `pcb drill serve`. */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as DrillSchedule from "@pinecone-backups/core/drill/DrillSchedule"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Cron from "effect/Cron"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Connection from "../../Connection.ts"
import * as Attachment from "../../engine/Attachment.ts"
import * as DrillEngine from "../../engine/DrillEngine.ts"
import * as Pruning from "../../engine/Pruning.ts"
import * as Rounds from "../../engine/Rounds.ts"
import * as Store from "../../engine/Store.ts"
import type * as Listen from "../../input/Listen.ts"
import * as Operands from "../../input/Operands.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Format from "../../terminal/Format.ts"
import * as DrillOptions from "./DrillOptions.ts"
import * as Drills from "./Drills.ts"
import * as DrillSession from "./DrillSession.ts"
import * as DrillView from "./DrillView.ts"

interface Input extends DrillOptions.Input {
  readonly cron: Option.Option<string>
  readonly listen: Option.Option<Listen.Address>
}

const usage = (code: string, message: string, hint: CommandLine.Hint | undefined) =>
  new CliFailure({ code, message, hint, exitCode: ExitCode.usage })

/** Parses a cron expression. An expression that never fires, such as one for February 31, is invalid. */
const cronOf = Effect.fnUntraced(function*(text: string) {
  const invalid = (wrong: string) =>
    usage("INVALID_CRON", `--cron: ${wrong}`, "use minute, hour, day, month and weekday, such as \"0 3 * * *\"")
  const parsed = Cron.parse(text, "UTC")
  if (Result.isFailure(parsed)) return yield* invalid(parsed.failure.message)
  const cron = parsed.success
  const now = yield* DateTime.now
  // A schedule without a next time would fail and be retried for ever.
  yield* Effect.try({ try: () => Cron.next(cron, now), catch: () => invalid(`${Format.plain(text)} never fires`) })
  return cron
})

/** Prints an error without ending the server. */
const report = (error: unknown) => ErrorReport.print(DescribeError.toReport(error), false)

// ============================================================================
// Schedule
// ============================================================================

/**
 * Creates the round of a scheduled time, or returns the existing round. Omits indexes with an unfinished drill. Returns
 * `undefined` if no drill is due.
 */
const roundOf = Effect.fnUntraced(function*(
  input: Input,
  settings: DrillRequest.DrillSettings,
  scheduledAt: DateTime.Utc
) {
  const rounds = yield* Rounds.Rounds
  const roundId = DrillSchedule.roundIdOf(scheduleName, scheduledAt)
  const candidates = yield* DrillOptions.candidates(input)
  const request = yield* rounds.exclusively(Effect.gen(function*() {
    // Read the open rounds before the log. In the other order, a drill that ends in between would look due and start again.
    const open = yield* Drills.openRounds
    const saved = open.find(({ request }) => request.roundId === roundId)
    if (saved !== undefined) return saved.request
    const unfinished = new Set(
      open.flatMap(({ drills }) => drills)
        .filter(Drills.isOpen)
        .map((drill) => drill.indexName)
    )
    const request = DrillRound.RoundRequest.make({
      roundId,
      indexes: (yield* DrillOptions.due(input, candidates)).filter((index) => !unfinished.has(index)),
      settings,
      concurrency: DrillOptions.concurrencyOf(input)
    })
    if (request.indexes.length > 0) yield* rounds.save(request)
    return request
  }))
  const count = request.indexes.length
  const what = count === 0 ? "no drill is due" : count === 1 ? "starting 1 drill" : `starting ${count} drills`
  yield* Note.info(`${Format.minute(scheduledAt)}  ${what}`)
  return count === 0 ? undefined : request
})

/** Name of the schedule in the engine. */
const scheduleName = "drills"

const schedule = (input: Input, settings: DrillRequest.DrillSettings, cron: Cron.Cron) =>
  DrillSchedule.layer({
    name: scheduleName,
    cron,
    round: (scheduledAt) => Effect.tapError(roundOf(input, settings, scheduledAt), report),
    onMissed: (scheduledAt) =>
      Note.always(`${Format.minute(scheduledAt)}  missed: no process ran the drills within 6 hours`)
  })

// ============================================================================
// Runner
// ============================================================================

/** Period in which a drill must have ended to be printed. Runners write reports late if the database was unavailable. */
const recent = Duration.minutes(10)

/** Prints each drill when it ends. */
const follow = Effect.gen(function*() {
  const log = yield* DrillLog.DrillLog
  const ended = Effect.flatMap(
    DateTime.now,
    (now) => log.list({ endedSince: DateTime.subtractDuration(now, recent) })
  )
  const known = new Set((yield* ended).map(({ executionId }) => executionId))
  yield* Effect.repeat(
    Effect.gen(function*() {
      for (const { executionId, report } of yield* ended) {
        if (report === null || known.has(executionId)) continue
        known.add(executionId)
        yield* Note.info(`${Format.minute(report.times.endedAt)}  ${report.outcome}: ${DrillView.summaryOf(report)}`)
      }
    }).pipe(Effect.catch(report)),
    Schedule.spaced("5 seconds")
  )
})

const prune = Effect.repeat(Effect.catch(Pruning.prune, report), Schedule.spaced("1 hour"))

const runner = Effect.fnUntraced(function*(input: Input, settings: DrillRequest.DrillSettings, cron?: Cron.Cron) {
  // Submit rounds that another process saved but may not have submitted.
  for (const { request } of yield* Drills.openRounds) {
    yield* DrillRound.DrillRound.execute(request, { discard: true })
  }
  if (cron !== undefined) yield* Layer.build(schedule(input, settings, cron))
  return yield* Effect.raceFirst(follow, Effect.andThen(prune, Effect.never))
}, Effect.scoped)

/** `pcb drill serve` */
export const serve = Effect.fnUntraced(function*(input: Input) {
  const settings = yield* DrillOptions.settings(input)
  const cron = Option.isSome(input.cron) ? yield* cronOf(input.cron.value) : undefined
  if (yield* Connection.isDemo) {
    return yield* usage(
      "NO_STORE",
      "The demo project has no drill store to serve",
      "omit --demo"
    )
  }
  if (input.probe && (yield* Operands.Operands).length === 0) {
    return yield* usage(
      "NO_PROBE",
      "--probe requires a command after --",
      CommandLine.within(CommandLine.make`pcb drill serve --probe`, { after: " -- COMMAND" })
    )
  }
  const store = yield* DrillSession.store
  const address = Option.getOrUndefined(input.listen)
  if (store._tag === "File" && address !== undefined) {
    return yield* usage(
      "NO_CLUSTER",
      "--listen requires a Postgres store, because a file store has only one runner",
      "set PCB_STORE to the URL of a Postgres database"
    )
  }
  const probe = yield* DrillSession.probe
  const started = Note.info(`Running the drills of ${Store.describe(store)} until Ctrl-C`)
  if (store._tag === "Postgres") {
    const own = address === undefined
      ? yield* Attachment.ownAddress
      : RunnerAddress.make(address.host, address.port)
    return yield* DrillSession.provide(
      Effect.andThen(started, runner(input, settings, cron)),
      DrillEngine.layer(store, { role: "runner", address: own }, probe)
    )
  }
  return yield* Attachment.attach(store, (part) =>
    part.role === "client"
      ? Effect.andThen(Note.info("Another process runs the drills; waiting to take over"), Effect.never)
      : DrillSession.provide(
        Effect.andThen(started, runner(input, settings, cron)),
        DrillEngine.layer(store, part, probe)
      ))
})
