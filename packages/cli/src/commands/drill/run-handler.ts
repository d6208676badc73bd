/** Handler of `pcb drill run`. */
import * as Backups from "@pinecone-backups/core/Backups"
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Connection from "../../Connection.ts"
import * as Attachment from "../../engine/Attachment.ts"
import * as DrillEngine from "../../engine/DrillEngine.ts"
import type * as EngineSettings from "../../engine/EngineSettings.ts"
import * as Provided from "../../engine/Provided.ts"
import * as Pruning from "../../engine/Pruning.ts"
import * as Rounds from "../../engine/Rounds.ts"
import * as Operands from "../../input/Operands.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as PartialFailure from "../../output/PartialFailure.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Format from "../../terminal/Format.ts"
import * as DrillFailure from "./DrillFailure.ts"
import * as DrillOptions from "./DrillOptions.ts"
import * as Drills from "./Drills.ts"
import * as DrillSession from "./DrillSession.ts"
import * as DrillView from "./DrillView.ts"
import * as DrillWait from "./DrillWait.ts"

interface Input extends DrillOptions.Input {
  readonly detach: boolean
  readonly dryRun: boolean
}

// ============================================================================
// Request
// ============================================================================

/** The drills of a command, and their rounds. */
interface Plan {
  readonly drills: ReadonlyArray<Drills.Drill>
  readonly rounds: ReadonlyArray<DrillRound.RoundRequest>
}

/**
 * Joins unfinished drills, and saves a round for the other indexes. An index has one drill at a time, so repeating an
 * interrupted command resumes its drills.
 */
const request = Effect.fnUntraced(function*(input: Input, settings: DrillRequest.DrillSettings) {
  const rounds = yield* Rounds.Rounds
  const candidates = yield* DrillOptions.candidates(input)
  const { joined, round, roundsBefore } = yield* rounds.exclusively(Effect.gen(function*() {
    // Read the open rounds before the log. In the other order, a drill that ends in between would look due and start again.
    const open = yield* Drills.openRounds
    const indexes = yield* DrillOptions.due(input, candidates)
    const unfinished = open.flatMap(({ drills, request }) =>
      drills.filter((drill) => Drills.isOpen(drill) && indexes.includes(drill.indexName))
        .map((drill) => ({ drill, request }))
    )
    const joined = new Map(unfinished.map(({ drill, request }) => [drill.indexName, { drill, request }]))
    const rest = indexes.filter((index) => !joined.has(index))
    const round = DrillRound.RoundRequest.make({
      roundId: yield* Drills.makeRoundId,
      indexes: rest,
      settings,
      concurrency: DrillOptions.concurrencyOf(input)
    })
    if (rest.length > 0) yield* rounds.save(round)
    return {
      joined: [...joined.values()].map(({ drill }) => drill),
      roundsBefore: [...new Set([...joined.values()].map(({ request }) => request))],
      round: rest.length > 0 ? round : undefined
    }
  }))
  for (const { executionId, indexName } of joined) {
    yield* Note.info(`Resuming the drill of ${Format.plain(indexName)} (${Format.shortId(executionId)})`)
  }
  const plan: Plan = round === undefined
    ? { drills: joined, rounds: roundsBefore }
    : { drills: [...joined, ...(yield* Drills.ofRound(round))], rounds: [...roundsBefore, round] }
  return plan
})

/** Submits rounds to the engine, which ignores rounds that it already has. */
const submit = (rounds: ReadonlyArray<DrillRound.RoundRequest>) =>
  Effect.forEach(rounds, (round) => DrillRound.DrillRound.execute(round, { discard: true }), { discard: true })

// ============================================================================
// Run
// ============================================================================

const withoutCommand = new CliFailure({
  code: "NO_PROBE",
  message: "--probe requires a command after --, because no other process runs the drills of this store",
  hint: CommandLine.within(CommandLine.make`pcb drill run INDEX --probe`, { after: " -- COMMAND" }),
  exitCode: ExitCode.usage
})

/** After an interruption, prints what happens to the drills, and how to resume or cancel them. */
const interrupted = Effect.fnUntraced(function*(
  drills: ReadonlyArray<Drills.Drill>,
  role: EngineSettings.Role,
  isDemo: boolean,
  operands: ReadonlyArray<string>
) {
  const names = drills.filter(Drills.isOpen).map(({ indexName }) => indexName)
  if (names.length === 0) return
  const cancel = yield* SameConnection.add(CommandLine.make`pcb drill cancel ${names}`)
  const again = yield* SameConnection.add(CommandLine.make`pcb drill run ${names}`)
  // The probe belongs to the process that runs the drill, so the next process needs it again.
  const probe = operands.length === 0 ? "" : ` --probe -- ${CommandLine.operands(operands) ?? "COMMAND"}`
  const resume = again === undefined ? undefined : `${again}${probe}`
  const many = names.length > 1
  if (isDemo) return yield* Console.error("Stopped. Drills of the demo project end with this process.")
  yield* Console.error(
    role === "client"
      ? `Stopped waiting. Another process continues the drill${many ? "s" : ""}.`
      : `Stopped. ${many ? `${names.length} drills have` : "1 drill has"} not ended and may have a temporary index.`
  )
  if (resume !== undefined) yield* Console.error(`  Resume: ${resume}`)
  if (cancel !== undefined) yield* Console.error(`  Cancel: ${cancel}`)
})

const runAttached = Effect.fnUntraced(function*(input: Input, settings: DrillRequest.DrillSettings) {
  const operands = yield* Operands.Operands
  const isDemo = yield* Connection.isDemo
  const start = Effect.fnUntraced(function*() {
    const plan = yield* request(input, settings)
    return { plan, wait: yield* DrillWait.make(plan.drills) }
  })
  let started: Effect.Success<ReturnType<typeof start>> | undefined
  let role: EngineSettings.Role = "runner"
  const run = Effect.fnUntraced(function*(part: DrillEngine.Part) {
    role = part.role
    if (input.probe && operands.length === 0 && part.role === "runner") return yield* withoutCommand
    const { plan, wait } = started ??= yield* start()
    yield* submit(plan.rounds)
    yield* wait.run(part.role === "runner")
    // Marks finished rounds as ended.
    yield* Drills.openRounds
    if (part.role === "runner") yield* Effect.ignore(Pruning.prune)
    return wait.drills()
  })
  return yield* DrillSession.attach(run).pipe(
    Effect.onInterrupt(() => interrupted(started?.wait.drills() ?? [], role, isDemo, operands))
  )
})

/** `pcb drill run` */
export const run = Effect.fnUntraced(function*(input: Input) {
  const settings = yield* DrillOptions.settings(input)
  if (input.dryRun) return yield* plan(input, settings)
  if (input.detach) return yield* detach(input, settings)
  const drills = yield* runAttached(input, settings)
  const isDemo = yield* Connection.isDemo
  const isStream = (yield* Output.chosenFormat) === "ndjson"
  const isMany = drills.length !== 1 || input.all || input.due
  if (drills.length === 0) yield* Note.info(input.due ? "No drill is due" : "The project has no indexes")
  const view = yield* DrillView.list
  yield* PartialFailure.finish(
    drills.map((drill) => DrillFailure.of(drill, isDemo)).filter(Predicate.isNotUndefined),
    isStream ? Effect.void : Output.made(isMany ? view : yield* DrillView.detail, drills, isMany)
  )
})

// ============================================================================
// Detach
// ============================================================================

const noRunner = new CliFailure({
  code: "NO_RUNNER",
  message: "--detach requires another process that runs the drills of this store, and none is running",
  hint: CommandLine.within(CommandLine.make`pcb drill serve`, {
    before: "start ",
    after: " first, or omit --detach",
    otherwise: "omit --detach"
  }),
  exitCode: ExitCode.refused
})

/** Submits the drills to the process that runs them, and returns without waiting. */
const detach = Effect.fnUntraced(function*(input: Input, settings: DrillRequest.DrillSettings) {
  if (yield* Connection.isDemo) return yield* noRunner
  const store = yield* DrillSession.store
  if ((yield* Operands.Operands).length > 0) return yield* DrillSession.foreignProbe
  if (!(yield* Attachment.hasRunner(store))) return yield* noRunner
  const drills = yield* DrillSession.provide(
    Effect.gen(function*() {
      const { drills, rounds } = yield* request(input, settings)
      yield* submit(rounds)
      return drills
    }),
    DrillEngine.layer(store, { role: "client" }, undefined)
  )
  for (const { executionId, indexName } of drills) {
    yield* Note.info(`Requested drill ${Format.shortId(executionId)} of ${Format.plain(indexName)}`)
  }
  yield* Output.made(yield* DrillView.list, drills, drills.length !== 1)
  const [first] = drills
  if (first !== undefined) yield* Note.nextStep(CommandLine.make`pcb drill show ${first.executionId}`)
})

// ============================================================================
// Dry run
// ============================================================================

/** Provides the drill log that decides which indexes are due, from the store if needed. */
const withLog = Effect.fnUntraced(function*<A, E, R>(self: Effect.Effect<A, E, R>, isNeeded: boolean) {
  if (!isNeeded) return yield* Provided.by(DrillLog.layerMemory)(self)
  if (yield* Connection.isDemo) {
    const DemoLog = yield* Effect.promise(() => import("./DemoLog.ts"))
    return yield* Provided.by(DemoLog.layer)(self)
  }
  const store = yield* DrillSession.store
  return yield* Provided.by(DrillEngine.layerStore(store))(self)
})

/** Prints what a drill of an index would do, and returns its restore request. Fails if the drill would fail. */
const planOf = Effect.fnUntraced(function*(
  index: PineconeIndex.IndexName,
  roundId: string,
  settings: DrillRequest.DrillSettings
) {
  const target = yield* DrillTarget.DrillTarget
  const backups = yield* Backups.Backups
  const wouldFail = (why: string) =>
    new CliFailure({
      code: "WOULD_FAIL",
      message: `The drill of ${Format.plain(index)} would fail: ${why}`,
      exitCode: ExitCode.failed
    })
  const { backup } = yield* Effect.mapError(
    target.choose({ index, pick: settings.pick }),
    ({ message }) => wouldFail(message)
  )
  if (backup === null) return yield* wouldFail("it has no good backup to restore")
  const { maxBytes } = settings
  if (maxBytes !== null && (backup.sizeBytes === null || backup.sizeBytes > maxBytes)) {
    const size = backup.sizeBytes === null ? "its size is unknown" : `it has ${Format.bytes(backup.sizeBytes)}`
    return yield* wouldFail(
      `the limit is ${Format.bytes(maxBytes)}, and ${size}; use --max-size to raise the limit`
    )
  }
  const temporary = DrillIndex.make(yield* RestoreDrill.executionId(DrillRound.drillIdOf(roundId, index)))
  const now = yield* Time.now
  const request = yield* backups.checkRestore(backup.backupId, {
    name: temporary.name,
    tags: DrillIndex.tagsOf(temporary, now),
    deletionProtection: "disabled"
  })
  const facts = [
    Format.shortId(backup.backupId),
    ...(backup.recordCount === null ? [] : [Format.countOf(backup.recordCount, "record")]),
    ...(backup.sizeBytes === null ? ["of unknown size"] : [Format.bytes(backup.sizeBytes)]),
    ...(backup.takenAt === null ? [] : [`taken ${Format.relative(backup.takenAt, now)}`])
  ].join(", ")
  const verification = settings.verify._tag === "Count"
    ? "count it"
    : `count it, read ${Format.countOf(settings.verify.records, "record")}`
  yield* Note.info(
    `Would restore ${Format.plain(backup.name ?? index)} (${facts}) into a temporary index, ${verification}${
      settings.probe ? ", run the probe" : ""
    } and remove it`
  )
  return request
})

const plan = Effect.fnUntraced(function*(input: Input, settings: DrillRequest.DrillSettings) {
  const candidates = yield* DrillOptions.candidates(input)
  const indexes = yield* withLog(DrillOptions.due(input, candidates), input.due)
  const roundId = yield* Drills.makeRoundId
  const [requests, failures] = yield* Provided.by(DrillSession.onConnection(DrillTarget.layer))(
    Effect.partition(indexes, (index) => planOf(index, roundId, settings))
  )
  yield* PartialFailure.finish(failures, DryRun.print({ requests }))
})
