/** Drills of a store, whether queued in a round, running, or ended. */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Connection from "../../Connection.ts"
import * as Rounds from "../../engine/Rounds.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Format from "../../terminal/Format.ts"

/** A requested drill. */
export interface Drill {
  readonly executionId: string
  readonly drillId: string
  readonly indexName: PineconeIndex.IndexName
  /** Entry in the drill log; `undefined` if the drill has not started. */
  readonly entry: DrillLog.DrillEntry | undefined
  /** The round of the drill, if the drill was read with its round. */
  readonly roundId?: string
  /** Whether the round was canceled before the drill started. Such a drill never has an entry. */
  readonly isDropped?: boolean
}

/** The state of a drill. Whether and how an unreadable drill ended is unknown. */
export type State = "queued" | "canceled" | "running" | "ended" | "unreadable"

/** Returns the state of a drill. */
export const stateOf = ({ entry, isDropped }: Drill): State =>
  entry === undefined
    ? isDropped === true ? "canceled" : "queued"
    : entry.problem !== null
    ? "unreadable"
    : entry.report === null
    ? "running"
    : "ended"

/**
 * Returns `true` if a drill is queued or running. An unreadable drill is not open: otherwise its round would never end, and its
 * index could not be drilled again.
 */
export const isOpen = (drill: Drill): boolean => ["queued", "running"].includes(stateOf(drill))

/** Creates a drill from its log entry. */
export const ofEntry = (entry: DrillLog.DrillEntry): Drill => ({
  executionId: entry.executionId,
  drillId: entry.drillId,
  indexName: entry.indexName,
  entry
})

/** Reads the drills of a round, with their log entries. */
export const ofRound = Effect.fnUntraced(function*(
  { indexes, roundId }: Pick<DrillRound.RoundRequest, "indexes" | "roundId">
) {
  const log = yield* DrillLog.DrillLog
  const drills = yield* Effect.forEach(indexes, (indexName) => {
    const drillId = DrillRound.drillIdOf(roundId, indexName)
    return Effect.map(
      RestoreDrill.executionId(drillId),
      (executionId) => ({ executionId, drillId, indexName, roundId })
    )
  }, { concurrency: "unbounded" })
  const entries = yield* log.getMany(drills.map(({ executionId }) => executionId))
  return drills.map((drill): Drill => ({ ...drill, entry: entries.get(drill.executionId) }))
})

/** A round that has not ended, with its drills. */
interface OpenRound {
  readonly request: DrillRound.RoundRequest
  readonly drills: ReadonlyArray<Drill>
}

/** Lists the rounds with open drills. Marks the other rounds as ended. */
export const openRounds = Effect.gen(function*() {
  const rounds = yield* Rounds.Rounds
  const open: Array<OpenRound> = []
  for (const request of yield* rounds.open) {
    const drills = yield* ofRound(request)
    if (drills.some(isOpen)) open.push({ request, drills })
    else yield* rounds.end(request.roundId)
  }
  return open
})

/** Creates a round ID: the current minute, and eight random digits to avoid collisions. */
export const makeRoundId = Effect.gen(function*() {
  const minute = (yield* DateTime.now).pipe(DateTime.formatIso).slice(0, 16)
  const digits = yield* Random.nextIntBetween(0, 0xffff_ffff)
  return `${minute}Z-${digits.toString(16).padStart(8, "0")}`
})

/** The queued drills of the store. */
export const queued = Effect.map(
  openRounds,
  (rounds) => rounds.flatMap(({ drills }) => drills).filter((drill) => stateOf(drill) === "queued")
)

/** All drills of the store: queued drills first, then the drills in the log, newest first. */
const known = Effect.gen(function*() {
  const log = yield* DrillLog.DrillLog
  return [...yield* queued, ...(yield* log.list()).map(ofEntry)]
})

/** Minimum length of an ID prefix. */
const shortest = 4

const ambiguous = (selector: string, drills: ReadonlyArray<Drill>) =>
  new CliFailure({
    code: "AMBIGUOUS",
    message: `${drills.length} drills match "${Format.plain(selector)}"`,
    details: drills.slice(0, 10).map(({ executionId, indexName }) => `${executionId}  ${Format.plain(indexName)}`),
    hint: "use a longer ID prefix",
    exitCode: ExitCode.usage
  })

const notFound = (message: string, hint: CommandLine.Hint | undefined) =>
  Effect.map(Connection.isDemo, (isDemo) =>
    new CliFailure({
      code: "NOT_FOUND",
      message,
      hint: isDemo
        ? "pcb drill run INDEX --demo prints the report; drills of the demo project end with their command"
        : hint,
      exitCode: ExitCode.notFound
    }))

/** The drill that started last. Without a started drill, the first queued drill. */
export const newest = Effect.gen(function*() {
  const log = yield* DrillLog.DrillLog
  const [last] = yield* log.list({ limit: 1 })
  if (last !== undefined) return ofEntry(last)
  const [first] = yield* queued
  return first ??
    (yield* Effect.flatMap(notFound("The store has no drills", CommandLine.make`pcb drill run INDEX`), Effect.fail))
})

/**
 * Finds a drill by its execution ID, a prefix of the execution ID, its drill ID, or the name of its index. An index name
 * selects the last drill of the index.
 */
export const find = Effect.fnUntraced(function*(selector: string) {
  const all = yield* known
  const exact = all.find(({ drillId, executionId }) => executionId === selector || drillId === selector)
  if (exact !== undefined) return exact
  const ofIndex = all.find(({ indexName }) => indexName === selector)
  if (ofIndex !== undefined) return ofIndex
  const matching = selector.length < shortest ? [] : all.filter(({ executionId }) => executionId.startsWith(selector))
  const [first, second] = matching
  if (first !== undefined && second === undefined) return first
  if (first !== undefined) return yield* ambiguous(selector, matching)
  return yield* Effect.flatMap(
    notFound(
      `No drill matches "${Format.plain(selector)}"`,
      CommandLine.within(CommandLine.make`pcb drill list`, { after: " shows the drills of this store" })
    ),
    Effect.fail
  )
})
