/** Handler of `pcb drill cancel`. */
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Array from "effect/Array"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as DrillEngine from "../../engine/DrillEngine.ts"
import * as Rounds from "../../engine/Rounds.ts"
import * as Target from "../../input/Target.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Format from "../../terminal/Format.ts"
import * as Drills from "./Drills.ts"
import * as DrillSession from "./DrillSession.ts"
import * as DrillView from "./DrillView.ts"
import * as DrillWait from "./DrillWait.ts"

/** The rounds and drills to cancel. `drills` includes all drills of the rounds. */
interface Plan {
  readonly rounds: ReadonlyArray<DrillRound.RoundRequest>
  readonly drills: ReadonlyArray<Drills.Drill>
}

/**
 * Plans the cancellation. A queued drill exists only in its round, so it cannot be canceled alone: the whole round is canceled,
 * including its other drills.
 */
const planOf = Effect.fnUntraced(function*(selectors: ReadonlyArray<string>) {
  const open = yield* Drills.openRounds
  const named = yield* Effect.forEach(selectors, (selector) => {
    const round = open.find(({ request }) => request.roundId === selector)
    return round === undefined ? Effect.map(Drills.find(selector), (drill) => [drill]) : Effect.succeed(round.drills)
  })
  const drills = Array.dedupeWith(named.flat(), (self, that) => self.executionId === that.executionId)
  const roundOf = ({ executionId }: Drills.Drill) =>
    open.find((round) => round.drills.some((drill) => drill.executionId === executionId))
  const queued = drills.filter((drill) => Drills.stateOf(drill) === "queued")
  const rounds = Array.dedupe(queued.flatMap((drill) => roundOf(drill) ?? []))
  const all = Array.dedupeWith(
    [...drills, ...rounds.flatMap(({ drills }) => drills)],
    (self, that) => self.executionId === that.executionId
  )
  const plan: Plan = { rounds: rounds.map(({ request }) => request), drills: all }
  return plan
})

const interrupted = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const again = yield* SameConnection.add(CommandLine.make`pcb drill cancel ${names}`)
  yield* Console.error(
    `Stopped waiting. The temporary index is removed the next time a process runs the drills.${
      again === undefined ? "" : ` To wait again: ${again}`
    }`
  )
})

/** `pcb drill cancel` */
export const cancel = Effect.fnUntraced(function*({ target }: { readonly target: Target.Several }) {
  const selectors = Array.dedupe(Target.all(target))
  const start = Effect.fnUntraced(function*() {
    const plan = yield* planOf(selectors)
    // An unreadable drill may be running. Canceling a drill that has ended does nothing.
    const running = plan.drills.filter((drill) => ["running", "unreadable"].includes(Drills.stateOf(drill)))
    return { plan, running, wait: yield* DrillWait.make(running) }
  })
  let started: Effect.Success<ReturnType<typeof start>> | undefined
  const run = Effect.fnUntraced(function*(part: DrillEngine.Part) {
    const { plan, running, wait } = started ??= yield* start()
    const rounds = yield* Rounds.Rounds
    for (const round of plan.rounds) {
      yield* DrillRound.DrillRound.interrupt(yield* DrillRound.DrillRound.executionId(round))
    }
    yield* Effect.forEach(running, ({ executionId }) => RestoreDrill.cancel(executionId), { discard: true })
    yield* wait.run(part.role === "runner")
    // Drills that did not start never get a report.
    yield* Effect.forEach(plan.rounds, ({ roundId }) => rounds.end(roundId), { discard: true })
    return { plan, ended: wait.drills() }
  })
  const { ended, plan } = yield* DrillSession.attach(run).pipe(Effect.onInterrupt(() => interrupted(selectors)))
  for (const drill of plan.drills) {
    const state = Drills.stateOf(drill)
    if (state === "ended") {
      yield* Note.info(`The drill of ${Format.plain(drill.indexName)} had already ended: ${DrillView.statusOf(drill)}`)
    }
    if (state === "queued") yield* Note.info(`The drill of ${Format.plain(drill.indexName)} will not start`)
  }
  for (const drill of ended) {
    const status = DrillView.statusOf(drill)
    yield* Note.info(
      status === "CANCELLED"
        ? `Canceled the drill of ${Format.plain(drill.indexName)}; its temporary index was removed`
        : status === "unreadable"
        ? `Requested to cancel the drill of ${Format.plain(drill.indexName)}; its entry in the log is unreadable`
        : `The drill of ${Format.plain(drill.indexName)} ended before it could be canceled: ${status}`
    )
  }
  yield* Output.made(yield* DrillView.list, ended, ended.length !== 1)
})
