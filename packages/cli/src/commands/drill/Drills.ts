/** Drills as commands see them: queued in a round, running, or ended with a report. */
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

/** A drill that was requested. */
export interface Drill {
  readonly executionId: string
  readonly drillId: string
  readonly indexName: PineconeIndex.IndexName
  /** What the log has of it; `undefined` while it waits for its turn in the round. */
  readonly entry: DrillLog.DrillEntry | undefined
}

/** The state of a drill. */
export type State = "queued" | "running" | "ended"

/** The state of a drill. */
export const stateOf = ({ entry }: Drill): State =>
  entry === undefined ? "queued" : entry.report === null ? "running" : "ended"

/** A drill that is in the log. */
export const ofEntry = (entry: DrillLog.DrillEntry): Drill => ({
  executionId: entry.executionId,
  drillId: entry.drillId,
  indexName: entry.indexName,
  entry
})

/** The drills of a round, with what the log has of them. */
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

/** The rounds that have drills without a report. Notes those that have none any more. */
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

/** Creates the ID of a round: the minute, and eight digits against chance. */
export const makeRoundId = Effect.gen(function*() {
  const minute = (yield* DateTime.now).pipe(DateTime.formatIso).slice(0, 16)
  const digits = yield* Random.nextIntBetween(0, 0xffff_ffff)
  return `${minute}Z-${digits.toString(16).padStart(8, "0")}`
})

/** The drills that one or more commands name: queued ones first, then those in the log, the last started first. */
const known = Effect.gen(function*() {
  const log = yield* DrillLog.DrillLog
  const queued = (yield* openRounds).flatMap(({ drills }) => drills).filter((drill) => stateOf(drill) === "queued")
  return [...queued, ...(yield* log.list()).map(ofEntry)]
})

/** The least number of characters by which an ID can be named. */
const shortest = 4

const ambiguous = (selector: string, drills: ReadonlyArray<Drill>) =>
  new CliFailure({
    code: "AMBIGUOUS",
    message: `${drills.length} drills match "${Format.plain(selector)}"`,
    details: drills.slice(0, 10).map(({ executionId, indexName }) => `${executionId}  ${Format.plain(indexName)}`),
    hint: "use a longer prefix of the id",
    exitCode: ExitCode.usage
  })

/**
 * Finds a drill by its execution ID, a prefix of that, its drill ID, or the name of its index, which stands for its last
 * drill.
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
