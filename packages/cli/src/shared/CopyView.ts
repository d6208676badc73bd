/** What backups are worth as copies of an index, and how that is said. */
import type * as Backup from "@pinecone-backups/core/Backup"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import * as Format from "../terminal/Format.ts"

const byTime = Order.mapInput(Order.Number, ({ at }: Copies.Copy) => at ? DateTime.toEpochMillis(at) : -Infinity)

/**
 * The backups of all indexes that ever bore a name, each judged beside those of its own index; oldest first, and those
 * without a time before the others.
 */
export const judge = (backups: ReadonlyArray<Backup.Backup>, now: DateTime.Utc): ReadonlyArray<Copies.Copy> =>
  Array.dedupe(backups.map(({ sourceIndexId }) => sourceIndexId))
    .flatMap((id) => Copies.of(backups.filter(({ sourceIndexId }) => sourceIndexId === id), { now }))
    .sort(byTime)

/** The newest copy that nothing speaks against, else the newest that is good, else one that does not count its records. */
export const best = (copies: ReadonlyArray<Copies.Copy>): Copies.Copy | undefined =>
  Copies.newestSound(copies) ?? Copies.newestGood(copies) ?? copies.findLast(({ state }) => state === "uncounted")

/** Why a copy that is ready is not one to choose unasked: `empty`. `undefined`, if nothing speaks against it. */
export const flawOf = ({ at, shrink, state }: Copies.Copy): string | undefined => {
  switch (state) {
    case "empty":
      return "it has no records"
    case "future":
      return `it is dated in the future${dateOf(at)}`
    case "undated":
      return "its time is unknown"
    case "uncounted":
      return "its number of records is unknown"
    default:
      return shrink === undefined ? undefined : shrinkText(shrink)
  }
}

const dateOf = (at: DateTime.Utc | undefined): string => at === undefined ? "" : `, ${DateTime.formatIsoDateUtc(at)}`

const shrinkText = ({ isCertain, median, value, what }: Copies.Shrink): string => {
  const show = what === "bytes" ? Format.bytes : (count: number) => `${Format.count(count)} ${what}`
  const has = value === undefined ? `its number of ${what} is unknown` : `it has ${show(value)}`
  const before = median === undefined
    ? `those before it do not all say how many ${what} they have`
    : `the median before it is ${show(Math.round(median))}`
  return `it ${isCertain ? "is" : "may be"} shrunk: ${has}, and ${before}`
}

/** Whether a backup may be one to restore from: it is over, or of an unknown status, and has not failed. */
export const mayBeCopy = ({ status }: { readonly status: string }): boolean =>
  !["Scheduled", "Initializing", "InitializationFailed", "Failed"].includes(status)
