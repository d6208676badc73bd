/** Estimates the duration of restores from drills. Loads no drill modules if the store does not exist. */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Format from "../terminal/Format.ts"
import * as DrillEvidence from "./DrillEvidence.ts"

/** Time limit for reading the store and the backup. */
const patience = Duration.seconds(3)

/** A backup: its size, and the name of its index. */
interface Backed {
  readonly sizeBytes?: number | null | undefined
  readonly sourceIndexName: string
}

/**
 * Estimates the restore of a backup by the last drill of its index whose duration is known: `about 18m by the last drill of
 * docs`. `undefined` without such a drill, or if the store cannot be read. The backup is read only if there is a store.
 *
 * The duration grows with the size of the backup. It does not shrink with it, because part of a restore is the same for
 * every size.
 */
export const byDrill = Effect.fnUntraced(
  function*<E, R>(backup: Effect.Effect<Backed, E, R>) {
    const read = yield* DrillEvidence.read
    if (read === undefined) return undefined
    const { sizeBytes, sourceIndexName } = yield* backup
    const reports = (yield* read).flatMap(({ report }) =>
      report !== null && report.restoreSeconds !== null && report.indexName === sourceIndexName
        ? [{ ...report, restoreSeconds: report.restoreSeconds }]
        : []
    )
    if (!Array.isReadonlyArrayNonEmpty(reports)) return undefined
    const last = Array.max(reports, Order.mapInput(Order.Number, ({ times }) => DateTime.toEpochMillis(times.endedAt)))
    const before = last.backup?.sizeBytes
    const growth = sizeBytes && before ? Math.max(1, sizeBytes / before) : 1
    const duration = Duration.seconds(Math.round(last.restoreSeconds * growth))
    return `about ${Format.elapsed(duration)} by the last drill of ${Format.plain(sourceIndexName)}`
  },
  Effect.timeoutOption(patience),
  Effect.map(Option.getOrUndefined),
  Effect.orElseSucceed(() => undefined)
)
