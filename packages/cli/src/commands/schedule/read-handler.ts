/** Handlers of `pcb schedule list` and `pcb schedule describe`. */
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Globals from "../../input/Globals.ts"
import * as Target from "../../input/Target.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Listing from "../../shared/Listing.ts"
import * as Missing from "../../shared/Missing.ts"
import * as Retention from "../../shared/Retention.ts"
import * as ScheduleView from "../../shared/ScheduleView.ts"
import * as Selector from "../../shared/Selector.ts"

/** Enough runs for the strip if the service lists the newest first, as it seems to. */
const pageSize = 20

/** Maximum number of histories read concurrently. */
const concurrency = 8

/** Adds the latest runs to schedules if the output needs them. */
const withRuns = Effect.fnUntraced(function*(scheduled: ReadonlyArray<Listing.Scheduled>) {
  const format = yield* Output.chosenFormat
  const fields = Globals.fieldNames(yield* Globals.Json)
  const isWithoutRuns = fields.length > 0 && !fields.some((name) => ScheduleView.runFields.includes(name))
  if (format === "id" || isWithoutRuns) {
    return scheduled.map((scheduled): ScheduleView.Row => ({ ...scheduled, runs: undefined }))
  }
  const schedules = yield* BackupSchedules.BackupSchedules
  if (scheduled.length > concurrency) yield* Note.info(`Reading the latest runs of ${scheduled.length} schedules …`)
  return yield* Effect.forEach(
    scheduled,
    (scheduled) =>
      schedules.historyPage(scheduled.schedule.scheduleId, { limit: pageSize }).pipe(
        Effect.map((page): ScheduleView.Row => ({ ...scheduled, runs: page.data })),
        // The schedule was deleted after it was listed.
        Effect.catchTag("PineconeNotFound", () => Effect.succeed<ScheduleView.Row>({ ...scheduled, runs: [] }))
      ),
    { concurrency }
  )
})

/** Prints the schedules of the named indexes, or of all indexes. */
export const showList = Effect.fnUntraced(function*(names: ReadonlyArray<string>, isPausedOnly: boolean) {
  const all = yield* names.length === 0
    ? Listing.allSchedules
    : Effect.map(
      Effect.forEach(
        Array.dedupe(names),
        (name) => Listing.schedulesOf([PineconeIndex.IndexName.make(name)]).pipe(Missing.explained(name)),
        { concurrency }
      ),
      (lists) => lists.flat()
    )
  const rows = yield* withRuns(all.filter(({ schedule }) => !isPausedOnly || schedule.enabled === false))
  yield* Output.list(yield* ScheduleView.list, Stream.fromIterable(rows), {
    limit: Option.none(),
    empty: isPausedOnly ? "No paused schedules" : "No schedules yet"
  })
  if (all.length === 0) {
    yield* Note.nextStep(
      names[0] === undefined
        ? CommandLine.make`pcb schedule create <index> --every daily --keep 30`
        : CommandLine.make`pcb schedule create ${names[0]} --every daily --keep 30`
    )
  }
})

interface ListInput {
  readonly target: Target.Several
  readonly paused: boolean
}

/** `pcb schedule list` */
export const list = ({ paused, target }: ListInput) => showList(Target.all(target), paused)

/** `pcb schedule describe` */
export const describe = Effect.fnUntraced(function*({ target }: { readonly target: Target.One }) {
  const scheduled = yield* Selector.schedule(Target.of(target))
  for (const row of yield* withRuns([scheduled])) yield* Output.one(yield* ScheduleView.list, row)
  yield* Retention.sayGap(scheduled.schedule, scheduled.schedule)
})
