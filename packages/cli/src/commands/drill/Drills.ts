/** Drills of a store, whether queued in a round, running, or ended. */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Rounds from "../../engine/Rounds.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Format from "../../terminal/Format.ts"

/** A requested drill. */
export interface Drill {
  readonly executionId: string
  readonly drillId: string
  readonly indexName: PineconeIndex.IndexName
  /** Entry in the drill log; `undefined` while the drill is queued in its round. */
  readonly entry: DrillLog.DrillEntry | undefined
}

/** The state of a drill. */
export type State = "queued" | "running" | "ended"

/** Returns the state of a drill. */
export const stateOf = ({ entry }: Drill): State =>
  entry === undefined ? "queued" : entry.report === null ? "running" : "ended"

/** Creates a drill from its log entry. */
export const ofEntry = (entry: DrillLog.DrillEntry): Drill => ({
  executionId: entry.executionId,
  drillId: entry.drillId,
  indexName: entry.indexName,
  entry
})

/** Reads the drills of a round, with their log entries. */
export const ofRound = ({ indexes, roundId }: Pick<DrillRound.RoundRequest, "indexes" | "roundId">) =>
  Effect.forEach(
    indexes,
    Effect.fnUntraced(function*(indexName) {
      const log = yield* DrillLog.DrillLog
      const drillId = DrillRound.drillIdOf(roundId, indexName)
      const executionId = yield* RestoreDrill.executionId(drillId)
      const drill: Drill = { executionId, drillId, indexName, entry: yield* log.get(executionId) }
      return drill
    })
  )

/** A round that has not ended, with its drills. */
interface OpenRound {
  readonly request: DrillRound.RoundRequest
  readonly drills: ReadonlyArray<Drill>
}

/** Lists the rounds with unfinished drills. Marks rounds whose drills all have a report as ended. */
export const openRounds = Effect.gen(function*() {
  const rounds = yield* Rounds.Rounds
  const open: Array<OpenRound> = []
  for (const request of yield* rounds.open) {
    const drills = yield* ofRound(request)
    if (drills.every((drill) => stateOf(drill) === "ended")) yield* rounds.end(request.roundId)
    else open.push({ request, drills })
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
  return yield* new CliFailure({
    code: "NOT_FOUND",
    message: `No drill matches "${Format.plain(selector)}"`,
    hint: "pcb drill list shows the drills of this store",
    exitCode: ExitCode.notFound
  })
})
