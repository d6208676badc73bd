/** Views of runs and of changes to runs. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Json from "../../output/Json.ts"
import type * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Listing from "../../shared/Listing.ts"
import * as RunTimeline from "../../shared/RunTimeline.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Symbols from "../../terminal/SymbolsAndColors.ts"

/** A run in the history, or a missed run. */
export interface Row {
  readonly status: string
  readonly phase: Symbols.Phase
  readonly plannedFor: DateTime.Utc | undefined
  /** When the run was or should have been executed. */
  readonly at: DateTime.Utc | undefined
  /** `undefined` for a missed run. */
  readonly run: BackupRun.BackupRun | undefined
  readonly indexName: string | undefined
}

/** The row of a run. */
const ofRun = (run: BackupRun.BackupRun, phase = RunTimeline.phaseOf(run)): Row => ({
  status: run.status,
  phase,
  plannedFor: BackupRun.plannedFor(run),
  at: Copies.takenAt(run, true),
  run,
  indexName: run.sourceIndexName
})

/** The rows of runs, including missed runs: newest first, then runs without a time. */
const rowsOf = (
  schedule: Parameters<typeof RunTimeline.slots>[0],
  runs: ReadonlyArray<BackupRun.BackupRun>,
  now: DateTime.Utc
): ReadonlyArray<Row> => {
  const missed = RunTimeline.slots(schedule, runs, now).filter(({ phase }) => phase === "missed")
  // A run still listed as planned long after its time is missed, too.
  const phases = new Map(missed.map(({ phase, run }) => [run?.backupId, phase]))
  const indexName = runs[0]?.sourceIndexName
  return [
    ...runs.map((run) => ({ at: Listing.takenAtMillis(run, true), row: ofRun(run, phases.get(run.backupId)) })),
    ...missed.filter(({ run }) => run === undefined).map(({ at, phase }) => ({
      at: DateTime.toEpochMillis(at),
      row: { status: "Missed", phase, plannedFor: at, at, run: undefined, indexName }
    }))
  ].sort((self, that) => that.at === self.at ? 0 : that.at - self.at).map(({ row }) => row)
}

/** Number of earlier runs needed to derive the cadence. */
export const context = 20

/** The state of reading a history. */
interface Progress {
  /** Runs that are not emitted yet. */
  readonly held: ReadonlyArray<BackupRun.BackupRun>
  /** Whether runs arrived newest first so far. If not, held runs are emitted at the end. */
  readonly isOrdered: boolean
  /** The latest emitted runs. */
  readonly before: ReadonlyArray<BackupRun.BackupRun>
  /** The service's time when the runs were read. */
  readonly now: DateTime.Utc
}

const timesOf = (runs: ReadonlyArray<BackupRun.BackupRun>): ReadonlyArray<number> =>
  runs.map((run) => Listing.takenAtMillis(run, true)).filter((at) => at > Number.NEGATIVE_INFINITY)

const isNewestFirst = (runs: ReadonlyArray<BackupRun.BackupRun>): boolean =>
  timesOf(runs).every((at, position, all) => at <= (all[position - 1] ?? at))

/**
 * Streams the rows of a history as they arrive, with missed runs between them. The service seems to list runs newest
 * first, but does not guarantee it. In any other order, the remaining runs are emitted at the end.
 */
export const rows = <E, R>(
  schedule: Parameters<typeof RunTimeline.slots>[0],
  history: Stream.Stream<BackupRun.BackupRun, E, R>
): Stream.Stream<Row, E, R> =>
  Stream.chunks(history).pipe(
    Stream.mapEffect((runs) => Effect.map(Time.now, (now) => ({ now, runs }))),
    Stream.mapAccum(
      (): Progress => ({ before: [], held: [], isOrdered: true, now: DateTime.makeUnsafe(0) }),
      (progress, { now, runs }) => {
        const { before } = progress
        const held = [...progress.held, ...runs]
        const known = [...before, ...held]
        const isOrdered = progress.isOrdered && isNewestFirst(known)
        // A single run has no order.
        if (!isOrdered || timesOf(known).length < 2) return [{ before, held, isOrdered, now }, []] as const
        const shown = Math.min(...timesOf(before))
        const own = new Set(held.map(({ backupId }) => backupId))
        const rows = rowsOf(schedule, known, now).filter(({ at, run }) =>
          run === undefined ? at !== undefined && DateTime.toEpochMillis(at) < shown : own.has(run.backupId)
        )
        return [{ before: known.slice(-context), held: [], isOrdered, now }, rows] as const
      },
      {
        // Missed runs cannot be derived once some runs are emitted.
        onHalt: ({ before, held, now }) =>
          before.length === 0 ? rowsOf(schedule, held, now) : held.map((run) => ofRun(run))
      }
    )
  )

/** The JSON of a run. A missed run has no backup. */
const toJson = ({ indexName, plannedFor, run, status }: Row): Schema.JsonObject =>
  run === undefined
    ? {
      backup_id: null,
      source_index_name: indexName ?? "",
      status,
      planned_for: Format.isoOrNull(plannedFor)
    }
    : { ...BackupRun.toJson(run), planned_for: Format.isoOrNull(plannedFor) }

/** The view of runs, including missed runs. */
export const list = Effect.map(
  Columns.make,
  ({ exactInstant, id, number, status, text }): Output.View<Row> => ({
    toJson,
    id: ({ run }) => run?.backupId ?? "",
    columns: [
      status(({ phase }) => phase),
      exactInstant("PLANNED FOR", ({ plannedFor }) => plannedFor),
      number("RECORDS", ({ run }) => run?.recordCount, { dropAt: 2 }),
      number("NAMESPACES", ({ run }) => run?.namespaceCount, { dropAt: 5 }),
      number("SIZE", ({ run }) => run?.sizeBytes, { dropAt: 4, show: Format.bytes }),
      text("INDEX", ({ indexName }) => indexName, { dropAt: 6 }),
      text("NAME", ({ run }) => run?.name, { dropAt: 1 }),
      id("BACKUP", ({ run }) => run?.backupId ?? "", { dropAt: 3 })
    ]
  })
)

/** The view of changes: JSON has the change, tables show the run after it. */
export const changes = Effect.map(list, (view): Output.View<BackupRun.Change> => ({
  id: ({ run }) => view.id(ofRun(run)),
  toJson: ({ _tag, previousStatus, run }): typeof Json.Change.Encoded => ({
    type: "change",
    change: _tag.toLowerCase(),
    previous_status: previousStatus ?? null,
    run: view.toJson(ofRun(run))
  }),
  columns: view.columns.map(Columns.over(({ run }) => ofRun(run)))
}))
