/** How the runs of a schedule are printed, and what changes among them. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Effect from "effect/Effect"
import type * as Json from "../../output/Json.ts"
import type * as Output from "../../output/Output.ts"
import * as Columns from "../../shared/Columns.ts"
import * as RunTimeline from "../../shared/RunTimeline.ts"
import * as Format from "../../terminal/Format.ts"

/** How runs are printed. */
export const list = Effect.map(
  Columns.make,
  ({ exactInstant, id, number, status, text }): Output.View<BackupRun.BackupRun> => ({
    toJson: (run) => ({ ...BackupRun.toJson(run), planned_for: Format.isoOrNull(BackupRun.plannedFor(run)) }),
    id: (run) => run.backupId,
    columns: [
      status(RunTimeline.phaseOf),
      exactInstant("PLANNED FOR", BackupRun.plannedFor),
      number("RECORDS", (run) => run.recordCount, { dropAt: 2 }),
      number("NAMESPACES", (run) => run.namespaceCount, { dropAt: 5 }),
      number("SIZE", (run) => run.sizeBytes, { dropAt: 3, show: Format.bytes }),
      text("INDEX", (run) => run.sourceIndexName, { dropAt: 6 }),
      text("NAME", (run) => run.name, { dropAt: 4 }),
      id("BACKUP", (run) => run.backupId, { dropAt: 1 })
    ]
  })
)

/** How changes are printed: a program gets what changed, and people how the run is now. */
export const changes = Effect.map(list, (view): Output.View<BackupRun.Change> => ({
  id: ({ run }) => view.id(run),
  toJson: ({ _tag, previousStatus, run }): typeof Json.Change.Encoded => ({
    type: "change",
    change: _tag.toLowerCase(),
    previous_status: previousStatus ?? null,
    run: view.toJson(run)
  }),
  columns: view.columns.map(Columns.over(({ run }) => run))
}))
