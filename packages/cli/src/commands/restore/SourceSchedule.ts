/** Finds the schedule of a backup's source index, to suggest the same schedule for the restored index. */
import type * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Listing from "../../shared/Listing.ts"
import * as Format from "../../terminal/Format.ts"

const isFrequency = Schema.is(BackupSchedule.Frequency)

/** Returns the schedule of the index, if both exist. A new index with the same name has other schedules. */
const ofSchedule = Effect.fnUntraced(function*({ sourceIndexId, sourceIndexName }: Backup.Backup) {
  const own = (yield* Listing.schedulesOf([sourceIndexName])).filter(({ schedule }) =>
    schedule.indexId === sourceIndexId
  )
  const { schedule } = own.find(({ schedule }) => schedule.enabled !== false) ?? own[0] ?? {}
  return schedule?.retentionExpireAfterDays != null && isFrequency(schedule.frequency)
    ? { frequency: schedule.frequency, keep: schedule.retentionExpireAfterDays }
    : undefined
})

/** Infers the schedule from the times in backup names: the median interval, and the span they cover. */
const ofNames = Effect.fnUntraced(function*({ sourceIndexId, sourceIndexName }: Backup.Backup) {
  const all = yield* Listing.backupsEverOf(sourceIndexName)
  const days = all.filter((backup) => backup.sourceIndexId === sourceIndexId)
    .flatMap((backup) => BackupRun.plannedFor(backup) ?? [])
    .map((at) => DateTime.toEpochMillis(at) / Format.dayMillis)
    .sort((a, b) => a - b)
  const steps = Array.zipWith(days, days.slice(1), (before, after) => after - before).sort((a, b) => a - b)
  const step = steps[Math.floor(steps.length / 2)]
  const [oldest, newest] = [days[0], days.at(-1)]
  if (step === undefined || oldest === undefined || newest === undefined) return undefined
  const frequency = step < 4 ? "daily" : step < 18 ? "weekly" : "monthly"
  return { frequency, keep: Math.max(1, Math.round(newest - oldest + step)) } as const
})

/** The actual or inferred schedule of a backup's source index. `undefined` if it is unknown. */
export const of = (backup: Backup.Backup) =>
  ofSchedule(backup).pipe(
    Effect.orElseSucceed(() => undefined),
    Effect.flatMap((found) => found === undefined ? ofNames(backup) : Effect.succeed(found)),
    Effect.option,
    Effect.map(Option.getOrUndefined)
  )
