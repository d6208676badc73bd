/** How the runs of a schedule are printed, and what changes among them. */
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

/** A run that the history lists, or one that it should list and does not. */
export interface Row {
  readonly status: string
  readonly phase: Symbols.Phase
  readonly plannedFor: DateTime.Utc | undefined
  /** When it ran, or should have. */
  readonly at: DateTime.Utc | undefined
  /** There is none where nothing was run. */
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

/** The rows of runs, those that are missing among them: newest first, and those without a time last. */
const rowsOf = (
  schedule: Parameters<typeof RunTimeline.slots>[0],
  runs: ReadonlyArray<BackupRun.BackupRun>,
  now: DateTime.Utc
): ReadonlyArray<Row> => {
  const missed = RunTimeline.slots(schedule, runs, now).filter(({ phase }) => phase === "missed")
  // One that is listed as planned long after its time is missed, too.
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

/** How many runs before some tell when those should have been. */
export const context = 20

/** What is known of a history as it is read. */
interface Progress {
  /** Runs that have not been shown. */
  readonly held: ReadonlyArray<BackupRun.BackupRun>
  /** Whether the newest came first so far. Where not, what is held waits for the end. */
  readonly isOrdered: boolean
  /** The latest runs that were shown. */
  readonly before: ReadonlyArray<BackupRun.BackupRun>
  /** When they were read. */
  readonly now: DateTime.Utc
}

const timesOf = (runs: ReadonlyArray<BackupRun.BackupRun>): ReadonlyArray<number> =>
  runs.map((run) => Listing.takenAtMillis(run, true)).filter((at) => at > Number.NEGATIVE_INFINITY)

const isNewestFirst = (runs: ReadonlyArray<BackupRun.BackupRun>): boolean =>
  timesOf(runs).every((at, position, all) => at <= (all[position - 1] ?? at))

/**
 * The rows of a history, as they arrive, and those that are missing between them. The service seems to list the newest
 * first, and does not promise it: where it does otherwise, what has not been shown waits for the end.
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
        // One alone has no order.
        if (!isOrdered || timesOf(known).length < 2) return [{ before, held, isOrdered, now }, []] as const
        const shown = Math.min(...timesOf(before))
        const own = new Set(held.map(({ backupId }) => backupId))
        const rows = rowsOf(schedule, known, now).filter(({ at, run }) =>
          run === undefined ? at !== undefined && DateTime.toEpochMillis(at) < shown : own.has(run.backupId)
        )
        return [{ before: known.slice(-context), held: [], isOrdered, now }, rows] as const
      },
      {
        // What is missing among runs of which some have been shown is not known.
        onHalt: ({ before, held, now }) =>
          before.length === 0 ? rowsOf(schedule, held, now) : held.map((run) => ofRun(run))
      }
    )
  )

/** What a program gets of a run. One that is missing has no backup. */
const toJson = ({ indexName, plannedFor, run, status }: Row): Schema.JsonObject =>
  run === undefined
    ? {
      backup_id: null,
      source_index_name: indexName ?? "",
      status,
      planned_for: Format.isoOrNull(plannedFor)
    }
    : { ...BackupRun.toJson(run), planned_for: Format.isoOrNull(plannedFor) }

/** How runs are printed, those that are missing among them. */
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
      number("SIZE", ({ run }) => run?.sizeBytes, { dropAt: 3, show: Format.bytes }),
      text("INDEX", ({ indexName }) => indexName, { dropAt: 6 }),
      text("NAME", ({ run }) => run?.name, { dropAt: 4 }),
      id("BACKUP", ({ run }) => run?.backupId ?? "", { dropAt: 1 })
    ]
  })
)

/** How changes are printed: a program gets what changed, and people how the run is now. */
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
