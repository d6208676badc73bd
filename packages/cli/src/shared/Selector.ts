/**
 * What a command is about, as people name it: by id, by the beginning of one, by name.
 *
 * An id in the form of a UUID is used as it is. Other texts cost a list; what fits nothing is tried as an id.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import type * as Copies from "@pinecone-backups/core/health/Copies"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as Name from "@pinecone-backups/core/Name"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Flags from "../input/Flags.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as Note from "../output/Note.ts"
import * as PartialFailure from "../output/PartialFailure.ts"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as BackupView from "./BackupView.ts"
import * as CopyView from "./CopyView.ts"
import * as Listing from "./Listing.ts"
import * as Missing from "./Missing.ts"

/** Several things fit what was typed. */
const ambiguous = (message: string, candidates: ReadonlyArray<string>, hint = "say more of it") =>
  new CliFailure({ code: "AMBIGUOUS", message, details: candidates, hint, exitCode: ExitCode.usage })

/** Nothing fits what was typed. */
const nothingFits = (message: string, hint: string | undefined, details?: ReadonlyArray<string>) =>
  new CliFailure({ code: "NOT_FOUND", message, hint, details, exitCode: ExitCode.notFound })

/** Whether a text is an id for certain, so that it need not be looked up. */
const isUuid = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)

const isPrefix = (selector: string, id: string): boolean => selector.length >= 4 && id.startsWith(selector)

/**
 * What each of several texts names, to delete all of it or nothing. Fails with what one of them does not name; where that
 * goes for several of them, reports each and fails with the worst.
 */
export const each = Effect.fnUntraced(function*<A, E, R>(
  selectors: ReadonlyArray<string>,
  find: (selector: string) => Effect.Effect<A, E, R>
) {
  const [found, failures] = yield* Effect.partition(selectors, find, { concurrency: 4 })
  const [failure] = failures
  if (failure === undefined) return found
  if (selectors.length > 1) yield* Note.info("Nothing was deleted, since not all that was named can be found")
  if (failures.length > 1) yield* PartialFailure.finish(failures, Effect.void)
  return yield* Effect.fail(failure)
})

/** Something that may be meant, by what it can be named. */
type Candidate<A> = readonly [value: A, id: string, name: string | null | undefined]

/** The one thing that fits, by its whole id, else its name, else the beginning of its id; `undefined` if none does. */
const only = <A>(
  kind: string,
  selector: string,
  all: ReadonlyArray<Candidate<A>>
): Effect.Effect<A | undefined, CliFailure> => {
  const byId = all.find(([, id]) => id === selector)
  if (byId !== undefined) return Effect.succeed(byId[0])
  const named = all.filter(([, , name]) => Name.isSame(name, selector))
  const fitting = named.length > 0 ? named : all.filter(([, id]) => isPrefix(selector, id))
  return fitting.length <= 1 ? Effect.succeed(fitting[0]?.[0]) : Effect.fail(
    ambiguous(
      `${Format.plain(selector)} fits ${fitting.length} ${kind}s`,
      fitting.map(([, id, name]) => Format.plain(`${id}  ${name ?? ""}`).trimEnd())
    )
  )
}

const describeScheduled = ({ indexName, schedule }: Listing.Scheduled): string =>
  Format.plain(`${schedule.scheduleId}  ${schedule.name ?? "without a name"}, of index ${indexName}`)

/** The schedule of an index: the enabled one, if it has several. */
const ofIndex = Effect.fnUntraced(function*(indexName: PineconeIndex.IndexName, own: ReadonlyArray<Listing.Scheduled>) {
  const enabled = own.filter(({ schedule }) => schedule.enabled !== false)
  const [found, second] = enabled.length > 0 ? enabled : own
  if (found === undefined) {
    return yield* nothingFits(
      `Index ${indexName} has no schedule`,
      CommandLine.make`pcb schedule create ${indexName} --every daily --keep 30`
    )
  }
  if (second === undefined) return found
  return yield* ambiguous(
    `Index ${indexName} has ${own.length} schedules, and ${
      enabled.length === 0 ? "none" : `${enabled.length}`
    } of them ${enabled.length === 0 ? "is" : "are"} enabled`,
    own.map(describeScheduled),
    "name it by its id"
  )
})

/** A schedule by its id. `indexName` is the id of the index where nothing tells its name. */
export const scheduleById = Effect.fnUntraced(function*(id: BackupSchedule.ScheduleId) {
  const indexes = yield* Indexes.Indexes
  const schedules = yield* BackupSchedules.BackupSchedules
  const schedule = yield* schedules.describe(id)
  const index = (yield* indexes.list).find(({ id }) => id === schedule.indexId)
  const scheduled: Listing.Scheduled = {
    schedule,
    indexName: index?.name ?? PineconeIndex.IndexName.make(schedule.indexId)
  }
  return scheduled
})

const findSchedule = Effect.fnUntraced(function*(selector: string, isStrict: boolean) {
  const indexes = yield* Indexes.Indexes
  const byId = scheduleById(BackupSchedule.ScheduleId.make(selector))
  if (isUuid(selector)) return yield* byId
  const all = yield* indexes.list
  const index = all.find(({ name }) => name === selector)
  const asked = index !== undefined && !isStrict ? [index] : all
  const known = yield* Listing.schedulesOf(asked.map(({ name }) => name))
  if (index !== undefined) {
    const found = yield* ofIndex(index.name, known.filter(({ indexName }) => indexName === index.name))
    const namesakes = known.filter(({ schedule }) =>
      Name.isSame(schedule.name, selector) && schedule.scheduleId !== found.schedule.scheduleId
    )
    if (!isStrict || namesakes.length === 0) return found
    return yield* ambiguous(
      `${Format.plain(selector)} is the name of an index and of a schedule that is not the one of that index`,
      [found, ...namesakes].map(describeScheduled),
      "name it by its id"
    )
  }
  const candidates = known.map((one) => [one, one.schedule.scheduleId, one.schedule.name] as const)
  const found = yield* only("schedule", selector, candidates)
  return found ??
    (yield* Effect.catchTag(
      byId,
      "PineconeNotFound",
      () =>
        Effect.flatMap(
          Missing.advice(selector, known.flatMap(({ schedule }) => schedule.name ?? [])),
          (advice) =>
            nothingFits(
              `No schedule fits ${Format.plain(selector)}, and no index has that name`,
              advice?.hint ?? "pcb schedule list",
              advice?.details
            )
        )
    ))
})

/**
 * A schedule by its id, its name, the beginning of its id, or the name of its index: the enabled one there, if it
 * has several. `indexName` is the id of the index where nothing tells its name.
 */
export const schedule = (selector: string) => findSchedule(selector, false)

/** The same for what is to be changed: a name that an index and a schedule of another have may be meant either way. */
export const scheduleToChange = (selector: string) => findSchedule(selector, true)

/** A schedule where the name of its index does not matter, with one request if it is named by a UUID. */
export const scheduleAlone = Effect.fnUntraced(function*(selector: string) {
  const schedules = yield* BackupSchedules.BackupSchedules
  return isUuid(selector)
    ? yield* schedules.describe(BackupSchedule.ScheduleId.make(selector))
    : (yield* schedule(selector)).schedule
})

/** The end of a day, or the instant, that a text says. */
const until = (text: string): Option.Option<DateTime.Utc> =>
  Option.map(Flags.instantOf(text), (instant) => text.includes(":") ? instant : DateTime.endOf(instant, "day"))

/** How many backups that were skipped are named. */
const mostSkipped = 3

/** Says which backups that seem to be newer were not chosen, and why. */
const saySkipped = Effect.fnUntraced(function*(selector: string, skipped: ReadonlyArray<Copies.Copy>) {
  if (skipped.length === 0) return
  const screen = yield* Screen.Screen
  const more = skipped.length - mostSkipped
  yield* Note.info(
    ...skipped.toReversed().slice(0, mostSkipped).map((copy) =>
      Format.plain(
        `${Symbols.note(screen, "warning")} ${selector} skips ${BackupView.nameOf(copy.backup)}: ${
          CopyView.flawOf(copy)
        }`
      )
    ),
    ...(more > 0 ? [`  and ${more} more`] : [])
  )
})

/** The newest good backup of an index, or the newest that was taken by the end of a day, or by an instant. */
const newest = Effect.fnUntraced(
  function*(selector: string, index: PineconeIndex.IndexName, by: Option.Option<DateTime.Utc>) {
    const backups = yield* Backups.Backups
    // A restore is needed most where the index is gone; only then is one of its name that was before looked for.
    const all = yield* Effect.catchTag(
      Stream.runCollect(backups.listByIndex(index)),
      "PineconeNotFound",
      () => Listing.backupsEverOf(index).pipe(Missing.explained(index))
    )
    // What the list has of other indexes is not asked for.
    const copies = CopyView.judge(all.filter(({ sourceIndexName }) => sourceIndexName === index), yield* Time.now)
    const last = Option.match(by, { onNone: () => Infinity, onSome: DateTime.toEpochMillis })
    const inTime = copies.filter(({ at }) => at === undefined || DateTime.toEpochMillis(at) <= last)
    const chosen = CopyView.best(inTime)
    const isNewer = ({ at }: Copies.Copy) =>
      at === undefined || chosen?.at === undefined || DateTime.isGreaterThan(at, chosen.at)
    const skipped = inTime.filter((copy) =>
      Backup.isReady(copy.backup) && CopyView.flawOf(copy) !== undefined && isNewer(copy)
    )
    yield* saySkipped(selector, skipped)
    if (chosen !== undefined) return chosen.backup
    const hint = CommandLine.make`pcb backup list --index ${index} --include-deleted`
    return yield* nothingFits(
      `Index ${Format.plain(index)} has no good backup${
        Option.match(by, { onNone: () => "", onSome: () => ` of ${selector.slice(index.length + 1)} or before` })
      }`,
      skipped.length === 0 ? hint : [hint, "choose one by its id"].filter(Predicate.isNotUndefined).join(", then ")
    )
  }
)

/**
 * A backup by its id, its name or the beginning of its id; as `INDEX@latest`, the newest good one of an index; or as
 * `INDEX@2026-11-20`, the newest good one taken by then: by the end of that day, or by that instant. Says which newer
 * ones are not good, and why.
 */
export const backup = Effect.fnUntraced(function*(selector: string) {
  const backups = yield* Backups.Backups
  const byId = backups.describe(Backup.BackupId.make(selector))
  if (isUuid(selector)) return yield* byId
  const at = selector.lastIndexOf("@")
  const index = PineconeIndex.IndexName.make(selector.slice(0, Math.max(0, at)))
  const text = selector.slice(at + 1)
  const limit = until(text)
  if (at > 0 && (text === "latest" || Option.isSome(limit))) return yield* newest(selector, index, limit)
  const all = yield* Stream.runCollect(backups.list())
  const found = yield* only("backup", selector, all.map((one) => [one, one.backupId, one.name]))
  if (found !== undefined || at < 0) return found ?? (yield* byId)
  const name = at === 0 ? "INDEX" : index
  return yield* new CliFailure({
    code: "USAGE",
    message: `${
      at === 0 ? `${Format.plain(selector)} names no index` : `${Format.plain(text)} is neither "latest" nor a date`
    }, and no backup has the name ${Format.plain(selector)}`,
    hint: `${name}@latest, ${name}@2026-11-20 or ${name}@2026-11-20T18:00:00Z`,
    exitCode: ExitCode.usage
  })
})

/** The id of a backup, without a request if it is a UUID. */
export const backupId = (selector: string) =>
  isUuid(selector)
    ? Effect.succeed(Backup.BackupId.make(selector))
    : Effect.map(backup(selector), ({ backupId }) => backupId)

/** The id of a restore job, by that, by the beginning of it, or by the name of the index it makes. */
export const jobId = Effect.fnUntraced(function*(selector: string) {
  const jobs = yield* RestoreJobs.RestoreJobs
  const asId = RestoreJob.RestoreJobId.make(selector)
  if (isUuid(selector)) return asId
  const all = yield* Stream.runCollect(jobs.list())
  const job = yield* only("restore job", selector, all.map((one) => [one, one.restoreJobId, one.targetIndexName]))
  // A wait puts up with a job that is not there yet. What was mistyped never will be.
  return (job ?? (yield* jobs.describe(asId))).restoreJobId
})
