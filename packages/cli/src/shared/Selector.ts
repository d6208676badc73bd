/**
 * Finds resources by ID, ID prefix or name.
 *
 * A UUID needs no lookup. Other selectors need a list; without a match, the selector is tried as an ID.
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

/** Several resources match the selector. */
const ambiguous = (message: string, candidates: ReadonlyArray<string>, hint = "use the ID or a longer prefix") =>
  new CliFailure({ code: "AMBIGUOUS", message, details: candidates, hint, exitCode: ExitCode.usage })

/** No resource matches the selector. */
const nothingFits = (message: string, hint: CommandLine.Hint | undefined, details?: ReadonlyArray<string>) =>
  new CliFailure({ code: "NOT_FOUND", message, hint, details, exitCode: ExitCode.notFound })

/** Returns `true` if a selector is certainly an ID, so that no lookup is needed. */
const isUuid = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)

const isPrefix = (selector: string, id: string): boolean => selector.length >= 4 && id.startsWith(selector)

/**
 * Finds the resource of every selector before anything is deleted. Fails if a selector has no match. If several
 * selectors have no match, reports each of them and fails with the worst failure.
 */
export const each = Effect.fnUntraced(function*<A, E, R>(
  selectors: ReadonlyArray<string>,
  find: (selector: string) => Effect.Effect<A, E, R>
) {
  const [found, failures] = yield* Effect.partition(selectors, find, { concurrency: 4 })
  const [failure] = failures
  if (failure === undefined) return found
  if (selectors.length > 1) yield* Note.info("Nothing was deleted, because not all targets were found")
  if (failures.length > 1) yield* PartialFailure.finish(failures, Effect.void)
  return yield* Effect.fail(failure)
})

/** A resource with its ID and name. */
type Candidate<A> = readonly [value: A, id: string, name: string | null | undefined]

/** The only match, by full ID, else by name, else by ID prefix. `undefined` without a match. */
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
      `"${Format.plain(selector)}" matches ${fitting.length} ${kind}s`,
      fitting.map(([, id, name]) => Format.plain(`${id}  ${name ?? ""}`).trimEnd())
    )
  )
}

const describeScheduled = ({ indexName, schedule }: Listing.Scheduled): string =>
  Format.plain(`${schedule.scheduleId}  ${schedule.name ?? "unnamed"}, of index ${indexName}`)

/** The schedule of an index. If the index has several schedules, the enabled schedule. */
const ofIndex = Effect.fnUntraced(function*(indexName: PineconeIndex.IndexName, own: ReadonlyArray<Listing.Scheduled>) {
  const enabled = own.filter(({ schedule }) => schedule.enabled !== false)
  const [found, second] = enabled.length > 0 ? enabled : own
  if (found === undefined) {
    return yield* nothingFits(
      `Index "${indexName}" has no schedule`,
      CommandLine.make`pcb schedule create ${indexName} --every daily --keep 30`
    )
  }
  if (second === undefined) return found
  return yield* ambiguous(
    `Index "${indexName}" has ${own.length} schedules, ${
      enabled.length === 0 ? "none" : `${enabled.length}`
    } of them enabled`,
    own.map(describeScheduled),
    "use the ID of the schedule"
  )
})

/** Finds a schedule by ID. `indexName` is the ID of the index if its name is unknown. */
export const scheduleById = Effect.fnUntraced(function*(id: BackupSchedule.ScheduleId) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const schedule = yield* schedules.describe(id)
  const scheduled: Listing.Scheduled = {
    schedule,
    indexName: (yield* nameInHistory(schedule)) ?? (yield* nameInLists(schedule)) ??
      PineconeIndex.IndexName.make(schedule.indexId)
  }
  return scheduled
})

/** The name of the index of a schedule in its history; `undefined` if it has no run of that index, or cannot be read. */
const nameInHistory = Effect.fnUntraced(function*({ indexId, scheduleId }: BackupSchedule.BackupSchedule) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const run = yield* Effect.option(Stream.runHead(schedules.history(scheduleId)))
  return Option.getOrUndefined(
    Option.filter(Option.flatten(run), ({ sourceIndexId }) => sourceIndexId === indexId)
  )?.sourceIndexName
})

/** The name of the index that lists a schedule. Needs a request for each index, because indexes have no ID. */
const nameInLists = ({ scheduleId }: BackupSchedule.BackupSchedule) =>
  Effect.map(
    Listing.allSchedules,
    (all) => all.find(({ schedule }) => schedule.scheduleId === scheduleId)?.indexName
  )

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
      `"${Format.plain(selector)}" is the name of an index and of a schedule of another index`,
      [found, ...namesakes].map(describeScheduled),
      "use the ID of the schedule"
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
              `No schedule or index matches "${Format.plain(selector)}"`,
              advice?.hint ?? CommandLine.make`pcb schedule list`,
              advice?.details
            )
        )
    ))
})

/**
 * Finds a schedule by ID, name, ID prefix, or the name of its index. If the index has several schedules, the enabled
 * schedule is used. `indexName` is the ID of the index if its name is unknown.
 */
export const schedule = (selector: string) => findSchedule(selector, false)

/**
 * Like {@link schedule}, for a schedule to change. A name shared by an index and another index's schedule is ambiguous.
 */
export const scheduleToChange = (selector: string) => findSchedule(selector, true)

/** Like {@link schedule}, without the name of the index. Needs only one request for a UUID. */
export const scheduleAlone = Effect.fnUntraced(function*(selector: string) {
  const schedules = yield* BackupSchedules.BackupSchedules
  return isUuid(selector)
    ? yield* schedules.describe(BackupSchedule.ScheduleId.make(selector))
    : (yield* schedule(selector)).schedule
})

/** Maximum number of skipped backups to name. */
const mostSkipped = 3

/** Notes newer backups that were not chosen, and the reasons. */
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

/** The newest good backup of an index, optionally taken by the end of a day or by an instant. */
const newest = Effect.fnUntraced(
  function*(selector: string, index: PineconeIndex.IndexName, by: Option.Option<DateTime.Utc>) {
    const backups = yield* Backups.Backups
    // Restores matter most if the index was deleted. Only then search earlier indexes with its name.
    const all = yield* Effect.catchTag(
      Stream.runCollect(backups.listByIndex(index)),
      "PineconeNotFound",
      () => Listing.backupsEverOf(index).pipe(Missing.explained(index))
    )
    // The list may contain backups of other indexes.
    const copies = yield* CopyView.judge(
      all.filter(({ sourceIndexName }) => sourceIndexName === index),
      yield* Time.now
    )
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
      `Index "${Format.plain(index)}" has no good backup${
        Option.match(by, { onNone: () => "", onSome: () => ` from ${selector.slice(index.length + 1)} or earlier` })
      }`,
      skipped.length === 0
        ? hint
        : CommandLine.within(hint, { after: ", then use the ID of a backup", otherwise: "use the ID of a backup" })
    )
  }
)

/**
 * Finds a backup by ID, name or ID prefix; with `INDEX@latest`, the newest good backup of an index; with
 * `INDEX@2026-11-20`, the newest good backup as of the end of a day or an instant. Notes newer backups that are not
 * good, and the reasons.
 */
export const backup = Effect.fnUntraced(function*(selector: string) {
  const backups = yield* Backups.Backups
  const byId = backups.describe(Backup.BackupId.make(selector))
  if (isUuid(selector)) return yield* byId
  const at = selector.lastIndexOf("@")
  const index = PineconeIndex.IndexName.make(selector.slice(0, Math.max(0, at)))
  const text = selector.slice(at + 1)
  const limit = Flags.untilOf(text)
  if (at > 0 && (text === "latest" || Option.isSome(limit))) return yield* newest(selector, index, limit)
  const all = yield* Stream.runCollect(backups.list())
  const found = yield* only("backup", selector, all.map((one) => [one, one.backupId, one.name]))
  if (found !== undefined || at < 0) return found ?? (yield* byId)
  const name = at === 0 ? "INDEX" : index
  return yield* new CliFailure({
    code: "USAGE",
    message: `${
      at === 0
        ? `"${Format.plain(selector)}" has no index name before @`
        : `"${Format.plain(text)}" is neither "latest" nor a date`
    }, and no backup is named "${Format.plain(selector)}"`,
    hint: `use ${name}@latest, ${name}@2026-11-20 or ${name}@2026-11-20T18:00:00Z`,
    exitCode: ExitCode.usage
  })
})

/** The ID of a backup, without a request for a UUID. */
export const backupId = (selector: string) =>
  isUuid(selector)
    ? Effect.succeed(Backup.BackupId.make(selector))
    : Effect.map(backup(selector), ({ backupId }) => backupId)

/** The ID of a restore job, by ID, ID prefix, or the name of its target index. */
export const jobId = Effect.fnUntraced(function*(selector: string) {
  const jobs = yield* RestoreJobs.RestoreJobs
  const asId = RestoreJob.RestoreJobId.make(selector)
  if (isUuid(selector)) return asId
  const all = yield* Stream.runCollect(jobs.list())
  const job = yield* only("restore job", selector, all.map((one) => [one, one.restoreJobId, one.targetIndexName]))
  // A wait tolerates a job that does not exist yet, but a mistyped ID will never exist.
  return (job ?? (yield* jobs.describe(asId))).restoreJobId
})
