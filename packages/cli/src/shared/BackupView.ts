/** Views and names of backups. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Copies from "@pinecone-backups/core/health/Copies"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Output from "../output/Output.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as Columns from "./Columns.ts"
import * as Listing from "./Listing.ts"

/** The display name of a backup. */
export const nameOf = (backup: Backup.Backup): string => backup.name || Format.shortId(backup.backupId)

/** The time when a backup was taken. */
export const takenAt = (backup: Backup.Backup, ran: Listing.Ran): DateTime.Utc | undefined =>
  Copies.takenAt(backup, ran.has(backup.backupId))

/** A summary of a backup for confirmations: `8c85e612, 98,214 records, taken 14h ago`. */
export const summary = (backup: Backup.Backup, now: DateTime.Utc, ran: Listing.Ran): string => {
  const taken = takenAt(backup, ran)
  return [
    Format.shortId(backup.backupId),
    ...(backup.recordCount == null ? [] : [Format.countOf(backup.recordCount, "record")]),
    ...(Backup.isReady(backup) ? [] : [backup.status]),
    ...(taken ? [`taken ${Format.relative(taken, now)}`] : [])
  ].join(", ")
}

/** The {@link summary} of a single backup. May read histories. */
export const facts = (backup: Backup.Backup, now: DateTime.Utc) =>
  Effect.map(Listing.ranOf([backup]), (ran) => summary(backup, now, ran))

const phaseOf = (backup: Backup.Backup): Symbols.Phase =>
  Backup.isReady(backup) ? "done" : Backup.isFailed(backup) ? "failed" : "underWay"

/** The view of a list of backups, with the columns needed to choose one to restore. Reads `ran` for each row. */
export const list = (ran: Listing.Ran) =>
  Effect.map(Columns.make, ({ id, instant, number, status, text }): Output.View<Backup.Backup> => ({
    toJson: (backup) => ({ ...Backup.toJson(backup), taken_at: Format.isoOrNull(takenAt(backup, ran)) }),
    id: (backup) => backup.backupId,
    columns: [
      {
        header: "INDEX",
        shrinkTo: 12,
        show: ({ sourceIndexDeletedAt, sourceIndexName }) =>
          `${Format.plain(sourceIndexName)}${sourceIndexDeletedAt ? " (deleted)" : ""}`,
        raw: (backup) => backup.sourceIndexName
      },
      text("BACKUP", (backup) => backup.name, { dropAt: 3 }),
      status(phaseOf),
      instant("TAKEN", (backup) => takenAt(backup, ran)),
      number("RECORDS", (backup) => backup.recordCount, { dropAt: 2 }),
      number("SIZE", (backup) => backup.sizeBytes, { dropAt: 4, show: Format.bytes }),
      id("ID", (backup) => backup.backupId, { dropAt: 1 })
    ]
  }))

/** The view of one backup, with all fields. */
export const detail = Effect.fnUntraced(function*(ran: Listing.Ran) {
  const view = yield* list(ran)
  const { exactInstant, number, text } = yield* Columns.make
  const known = Symbols.orDash(yield* Screen.Screen)
  const tags = (backup: Backup.Backup) =>
    backup.tags && Object.entries(backup.tags).map(([key, value]) => `${key}=${value}`).join(" ") || undefined

  const columns: typeof view.columns = [
    ...view.columns,
    text("DESCRIPTION", (backup) => backup.description),
    text("TAGS", tags),
    number("NAMESPACES", (backup) => backup.namespaceCount),
    number("DIMENSION", (backup) => backup.dimension, { show: String }),
    {
      header: "LOCATION",
      show: ({ cloud, region }) => known(cloud && region, () => Format.plain(`${cloud} ${region}`)),
      raw: ({ cloud, region }) => [cloud, region].filter(Boolean).join(" ")
    },
    text("INDEX ID", (backup) => backup.sourceIndexId),
    exactInstant("INDEX DELETED", (backup) => backup.sourceIndexDeletedAt)
  ]
  return { ...view, columns }
})
