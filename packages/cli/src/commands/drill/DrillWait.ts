/**
 * Waits for drills and prints their progress: a live line on a terminal, else one line per change; with `-o ndjson`, one JSON
 * object per change. Polls the drill log, because other processes may run the drills.
 */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as SqlError from "effect/sql/SqlError"
import * as Connection from "../../Connection.ts"
import * as DrillProgress from "../../engine/DrillProgress.ts"
import * as Rounds from "../../engine/Rounds.ts"
import type * as Json from "../../output/Json.ts"
import * as WaitScreen from "../../shared/WaitScreen.ts"
import * as WaitText from "../../shared/WaitText.ts"
import * as Format from "../../terminal/Format.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Drills from "./Drills.ts"
import * as DrillView from "./DrillView.ts"

/** Polling interval of the drill log. */
const interval = Duration.seconds(1)

/** A drill in the wait, with its latest known state. */
interface Entry {
  drill: Drills.Drill
  status: string
}

/** A wait that continues when the role of the process changes. */
interface Wait {
  /** Waits until no drill is queued or running. */
  readonly run: (isRunner: boolean) => Effect.Effect<
    void,
    DrillLog.DrillLogError | SqlError.SqlError,
    DrillLog.DrillLog | DrillProgress.DrillProgress | Rounds.Rounds
  >
  /** The drills with their latest known states. */
  readonly drills: () => ReadonlyArray<Drills.Drill>
}

/** Creates a wait for drills. */
export const make = Effect.fnUntraced(function*(drills: ReadonlyArray<Drills.Drill>) {
  const { during, isLive, isQuiet, isStream, printLine, say, screen, sinceStart } = yield* WaitScreen.make
  const canResume = !(yield* Connection.isDemo)

  const entries = drills.map((drill): Entry => ({ drill, status: "" }))
  const isOver = ({ drill }: Entry) => !Drills.isOpen(drill)
  const pending = () => entries.filter((entry) => !isOver(entry))

  const line = ({ drill, status }: Entry, elapsed: Duration.Duration) => ({
    execution_id: drill.executionId,
    drill_id: drill.drillId,
    index_name: drill.indexName,
    status,
    elapsed_ms: Math.round(Duration.toMillis(elapsed))
  })

  const logLine = (entry: Entry, elapsed: Duration.Duration) =>
    Console.error(
      [Format.plain(`${entry.drill.indexName}  ${entry.status}`), Format.elapsed(elapsed)].join(
        Symbols.separator(screen)
      )
    )

  const mention = Effect.fnUntraced(function*(entry: Entry) {
    const elapsed = yield* sinceStart
    if (isStream) {
      const progress: typeof Json.DrillProgress.Encoded = { type: "drill-progress", ...line(entry, elapsed) }
      return yield* printLine(Format.json(progress))
    }
    if (!isQuiet && !isLive) yield* logLine(entry, elapsed)
  })

  const ended = Effect.fnUntraced(function*(entry: Entry, report: DrillReport.DrillReport) {
    if (isStream) {
      const result: typeof Json.DrillResult.Encoded = {
        type: "drill-result",
        ...line(entry, yield* sinceStart),
        outcome: report.outcome,
        report: DrillView.reportJson(report)
      }
      yield* printLine(Format.json(result))
    }
    // A single unsuccessful drill is reported by the error at the end. With several drills, print each one at once too.
    if (report.outcome !== "SUCCESSFUL" && entries.length === 1) return
    const sign = report.outcome === "SUCCESSFUL" ? "done" : report.outcome === "FAILED" ? "failed" : "warning"
    yield* say(`${Symbols.note(screen, sign)} ${DrillView.summaryOf(report)}`)
  })

  const look = Effect.fnUntraced(function*(isRunner: boolean) {
    const log = yield* DrillLog.DrillLog
    const rounds = yield* Rounds.Rounds
    const steps = yield* DrillProgress.DrillProgress
    // Before the log: a round that ended earlier starts no more drills.
    const open = yield* rounds.openIds
    // One query for all drills, because a round can have hundreds.
    const waiting = pending()
    const found = yield* log.getMany(waiting.map(({ drill }) => drill.executionId))
    for (const entry of waiting) {
      const { executionId, roundId } = entry.drill
      const before = entry.status
      const isDropped = roundId !== undefined && !open.has(roundId)
      entry.drill = { ...entry.drill, entry: found.get(executionId), isDropped }
      entry.status = Drills.stateOf(entry.drill) === "running"
        ? steps.get(executionId) ?? (isRunner ? "starting" : "running in another process")
        : DrillView.statusOf(entry.drill)
      const report = entry.drill.entry?.report ?? null
      if (report !== null) yield* ended(entry, report)
      else if (entry.status !== before) yield* mention(entry)
    }
  })

  const liveLine = (size: { readonly columns: number; readonly frame: number }) =>
    Effect.map(sinceStart, (elapsed) =>
      WaitText.drillLine(
        entries.map((entry) => ({
          name: entry.drill.indexName,
          status: entry.status,
          isQueued: entry.drill.entry === undefined,
          isOver: isOver(entry)
        })),
        { canResume, elapsed: Format.elapsed(elapsed), estimate: undefined, isUnicode: screen.isUnicode },
        size
      ))
  const remind = Effect.suspend(() =>
    Effect.forEach(pending().filter(({ drill }) => drill.entry !== undefined), mention)
  )

  const wait: Wait = {
    drills: () => entries.map(({ drill }) => drill),
    run: (isRunner) => {
      const polling = Effect.repeat(look(isRunner), {
        until: () => pending().length === 0,
        schedule: Schedule.spaced(interval)
      })
      return Effect.asVoid(during(liveLine, remind)(polling))
    }
  }
  return wait
})
