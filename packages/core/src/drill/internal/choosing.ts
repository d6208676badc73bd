/** Choice of the backup that a drill restores. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Backup from "../../Backup.ts"
import * as Copies from "../../health/Copies.ts"
import type * as IndexSchema from "../../IndexSchema.ts"
import { millis } from "../../internal/time.ts"
import type * as DrillReport from "../DrillReport.ts"
import type * as DrillRequest from "../DrillRequest.ts"

/** Fields of the schema of an index whose records have vectors without a name. */
const vectorFields = ["_values", "_sparse_values"]

/** Returns `true` if `IndexData` cannot read the records of the index. It can if the schema has only metadata fields. */
const isTyped = (schema: IndexSchema.IndexSchema | null | undefined): boolean => {
  const fields = Object.entries(schema?.fields ?? {})
  return fields.some(([, { type }]) => type !== "legacy") && !fields.some(([name]) => vectorFields.includes(name))
}

/** The dimension of dense vectors according to the schema, where the backup does not report it. */
const dimensionOf = ({ dimension, schema }: Backup.Backup): number | null => {
  const values = schema?.fields?.["_values"]
  return dimension ?? (values?.type === "dense_vector" ? values.dimension ?? null : null)
}

/** Describes a copy in a report. */
export const describe = ({ at, backup }: Copies.Copy): DrillReport.DrilledBackup => ({
  backupId: backup.backupId,
  name: backup.name ?? null,
  sourceIndexId: backup.sourceIndexId,
  takenAt: at ?? null,
  recordCount: backup.recordCount ?? null,
  namespaceCount: backup.namespaceCount ?? null,
  sizeBytes: backup.sizeBytes ?? null,
  dimension: dimensionOf(backup),
  hasTypedSchema: isTyped(backup.schema)
})

/** Maximum number of skipped backups in a report. */
const maxSkipped = 20

const skippedOf = (copies: ReadonlyArray<Copies.Copy>): ReadonlyArray<DrillReport.Skipped> =>
  copies.flatMap(({ at, backup, state }) =>
    state === "good" ? [] : { backupId: backup.backupId, takenAt: at ?? null, state }
  ).toReversed().slice(0, maxSkipped)

/** Chooses among the backups of one index name. */
export const choose = Effect.fnUntraced(function*(
  backups: ReadonlyArray<Backup.Backup>,
  pick: DrillRequest.Pick
): Effect.fn.Return<Pick<DrillReport.DrillReport, "backup" | "skipped">> {
  const now = yield* DateTime.now
  const copies = Copies.of(backups, { now })
  if (pick._tag === "Latest") {
    const newest = Copies.newestGood(copies)
    const position = newest === undefined ? -1 : copies.indexOf(newest)
    // A backup without a time may be newer than any.
    const newer = copies.filter(({ at }, place) => place > position || at === undefined)
    return { backup: newest ? describe(newest) : null, skipped: skippedOf(newer) }
  }
  const since = millis(now) - Duration.toMillis(pick.within)
  const eligible = copies.filter(({ at }) => at === undefined || millis(at) >= since)
  const good = eligible.filter(Copies.isGood)
  const chosen = good.length === 0 ? undefined : good[yield* Random.nextIntBetween(0, good.length, { halfOpen: true })]
  return { backup: chosen ? describe(chosen) : null, skipped: skippedOf(eligible) }
})
