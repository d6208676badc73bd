/** Rates backups as copies of an index, and describes their flaws. */
import type * as Backup from "@pinecone-backups/core/Backup"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as Format from "../terminal/Format.ts"
import * as Listing from "./Listing.ts"

const byTime = Order.mapInput(Order.Number, ({ at }: Copies.Copy) => at ? DateTime.toEpochMillis(at) : -Infinity)

/**
 * Rates the backups of all current and former indexes with a name, each among the backups of its own index. Sorted by
 * time, backups without a time first. Reads histories if times depend on them.
 */
export const judge = Effect.fnUntraced(function*(backups: ReadonlyArray<Backup.Backup>, now: DateTime.Utc) {
  const ran = yield* Listing.ranOf(backups)
  const histories = [backups.filter(({ backupId }) => ran.has(backupId))]
  return Array.dedupe(backups.map(({ sourceIndexId }) => sourceIndexId))
    .flatMap((id) =>
      Copies.of(backups.filter(({ sourceIndexId }) => sourceIndexId === id), { now, histories, isComplete: false })
    )
    .sort(byTime)
})

/** The newest sound copy, else the newest good copy, else the newest copy with an unknown record count. */
export const best = (copies: ReadonlyArray<Copies.Copy>): Copies.Copy | undefined =>
  Copies.newestSound(copies) ?? Copies.newestGood(copies) ?? copies.findLast(({ state }) => state === "uncounted")

/** The reason not to choose a ready copy by default, if any. */
export const flawOf = ({ at, shrink, state }: Copies.Copy): string | undefined => {
  switch (state) {
    case "empty":
      return "it has no records"
    case "future":
      return `it is dated in the future${dateOf(at)}`
    case "undated":
      return "its time is unknown"
    case "uncounted":
      return "its record count is unknown"
    default:
      return shrink === undefined ? undefined : shrinkText(shrink)
  }
}

const dateOf = (at: DateTime.Utc | undefined): string => at === undefined ? "" : `, ${DateTime.formatIsoDateUtc(at)}`

const shrinkText = ({ isCertain, median, value, what }: Copies.Shrink): string => {
  const show = what === "bytes" ? Format.bytes : (count: number) => `${Format.count(count)} ${what}`
  const has = value === undefined ? `an unknown number of ${what}` : show(value)
  const before = median === undefined
    ? `the number of ${what} in earlier backups is not always known`
    : `the median of earlier backups is ${show(Math.round(median))}`
  return `it ${isCertain ? "has" : "may have"} shrunk: ${has}; ${before}`
}

/** Returns `true` if a backup may be usable: finished or of an unknown status, and not failed. */
export const mayBeCopy = ({ status }: { readonly status: string }): boolean =>
  !["Scheduled", "Initializing", "InitializationFailed", "Failed"].includes(status)
