/** Handlers of `pcb schedule create`, `update`, `pause`, `resume` and `delete`. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Endpoints from "@pinecone-backups/core/Endpoints"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as Name from "@pinecone-backups/core/Name"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Target from "../../input/Target.ts"
import { CliFailure, type Reported } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as PartialFailure from "../../output/PartialFailure.ts"
import * as Time from "../../output/Time.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Listing from "../../shared/Listing.ts"
import * as Missing from "../../shared/Missing.ts"
import * as Retention from "../../shared/Retention.ts"
import * as ScheduleView from "../../shared/ScheduleView.ts"
import * as Selector from "../../shared/Selector.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"

/** Prints a success note. */
const sayDone = Effect.fnUntraced(function*(...parts: ReadonlyArray<string>) {
  const screen = yield* Screen.Screen
  yield* Note.info(`${Symbols.note(screen, "done")} ${parts.join(Symbols.separator(screen))}`)
})

const shortId = ({ scheduleId }: BackupSchedule.BackupSchedule) => Format.plain(Format.shortId(scheduleId))

/**
 * Prints the impact of a shorter retention, and asks for confirmation if a backup would be deleted. Returns what is
 * lost, and the confirmations that a dry run does not ask for.
 */
const confirmRetention = Effect.fnUntraced(function*(
  scheduled: Listing.Scheduled,
  keep: number | undefined,
  input: Deletion.Consent & { readonly dryRun: boolean }
) {
  if (keep === undefined || !Retention.isShorter(scheduled, keep)) return {}
  const { count, ...impact } = yield* Retention.impactOf(scheduled, keep)
  const actions = Retention.actionsOf(count)
  if (count === 0 || input.dryRun) {
    yield* Note.info(...impact.consequences)
  } else {
    yield* Deletion.confirm(impact, actions, input)
  }
  return { lost: impact, questions: count === 0 ? [] : Deletion.questions(impact, actions, input) }
})

/** The active schedule of an index. */
const activeOf = (all: ReadonlyArray<Listing.Scheduled>) => all.find(({ schedule }) => schedule.enabled !== false)

/** The error for a second active schedule. Names the existing schedule, because the service does not. */
const refuseSecond = (
  { indexName, schedule }: Listing.Scheduled,
  { expireAfterDays, frequency }: { readonly frequency: string; readonly expireAfterDays: number },
  from: { readonly status?: number | undefined; readonly requestId?: string | undefined }
) =>
  new CliFailure({
    code: "ALREADY_EXISTS",
    message: `Index "${indexName}" already has an active schedule: ${ScheduleView.nameOf(schedule)} (${
      shortId(schedule)
    })`,
    why: `Pinecone allows one active schedule per index${from.status === undefined ? "" : " (409 ALREADY_EXISTS)"}`,
    // Select by index: a different schedule may have the same name and would be selected first.
    hint: CommandLine.within(
      CommandLine.make`pcb schedule update ${indexName} --every ${frequency} --keep ${expireAfterDays}`,
      { after: ", or use create --ensure", otherwise: "use create --ensure" }
    ),
    status: from.status,
    requestId: from.requestId,
    exitCode: ExitCode.refused
  })

interface CreateInput extends Deletion.Consent {
  readonly target: Target.One
  readonly every: BackupSchedule.Frequency
  readonly keep: number
  readonly name: Option.Option<string>
  readonly ensure: boolean
  readonly dryRun: boolean
}

/** `pcb schedule create` */
export const create = Effect.fnUntraced(function*(input: CreateInput) {
  const { dryRun, ensure, every: frequency, keep: expireAfterDays } = input
  const schedules = yield* BackupSchedules.BackupSchedules
  const indexName = PineconeIndex.IndexName.make(Target.of(input.target))
  const existing = ensure || dryRun
    ? yield* Listing.schedulesOf([indexName]).pipe(Missing.explained(indexName))
    : []
  const active = activeOf(existing)
  const name = Option.getOrElse(
    input.name,
    // `--ensure` applies to the active schedule, regardless of its name.
    () => (ensure ? active?.schedule.name : undefined) ?? `${indexName}-${frequency}`
  )
  const options = { name, frequency, expireAfterDays }
  const request = yield* schedules.checkCreate(indexName, options)
  if (name.length > BackupSchedule.maxNameLength) {
    yield* Note.info(
      `note: schedule names over ${BackupSchedule.maxNameLength} characters lead to backup names over ${PineconeIndex.maxNameLength} characters`
    )
  }
  yield* Retention.sayGap({ frequency, retentionExpireAfterDays: expireAfterDays })

  const own = existing.filter(({ schedule }) => Name.isSame(schedule.name, name))
  const current = ensure ? activeOf(own) ?? own[0] : undefined
  const asked = current === undefined ? {} : yield* confirmRetention(current, expireAfterDays, input)
  if (dryRun) {
    if (active !== undefined && (!ensure || !Name.isSame(active.schedule.name, name))) {
      return yield* refuseSecond(active, options, {})
    }
    const isSame = current?.schedule.frequency === frequency &&
      current.schedule.retentionExpireAfterDays === expireAfterDays
    const what = `${Format.plain(name)}: ${frequency} backups of ${Format.plain(indexName)}, kept ${
      Format.countOf(expireAfterDays, "day")
    }`
    yield* Note.info(
      `Would ${current === undefined ? "create" : isSame ? "not change" : "update"} ${what}`
    )
    if (current === undefined) return yield* DryRun.print({ requests: [request] })
    const change = { expireAfterDays, frequency }
    return yield* DryRun.print({
      ...asked,
      requests: isSame ? [] : [yield* schedules.checkUpdate(current.schedule.scheduleId, changesOf(current, change))]
    })
  }
  const made = ensure
    ? schedules.ensure(indexName, options)
    : Effect.map(schedules.create(indexName, options), (schedule) => ({ schedule, action: "created" as const }))
  const { action, schedule } = yield* made.pipe(
    Missing.explained(indexName),
    Effect.catchTag("PineconeAlreadyExists", (error) =>
      Effect.gen(function*() {
        const other = activeOf(yield* Listing.schedulesOf([indexName]))
        return yield* other === undefined ? error : refuseSecond(other, options, error)
      }))
  )
  yield* sayDone(
    `${ScheduleView.nameOf(schedule)} (${shortId(schedule)}) ${action}`,
    ...(yield* ScheduleView.summary(schedule))
  )
  yield* ScheduleView.print([{ schedule, indexName }], false)
})

/** The requested fields that differ from the current schedule. */
const changesOf = (
  { schedule }: Listing.Scheduled,
  { expireAfterDays, frequency }: {
    readonly frequency: BackupSchedule.Frequency | undefined
    readonly expireAfterDays: number | undefined
  }
) => ({
  frequency: frequency === schedule.frequency ? undefined : frequency,
  expireAfterDays: expireAfterDays === schedule.retentionExpireAfterDays ? undefined : expireAfterDays
})

interface UpdateInput extends Deletion.Consent {
  readonly target: Target.One
  readonly every: Option.Option<BackupSchedule.Frequency>
  readonly keep: Option.Option<number>
  readonly dryRun: boolean
}

/** `pcb schedule update` */
export const update = Effect.fnUntraced(function*(input: UpdateInput) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const { indexName, schedule } = yield* Selector.scheduleToChange(Target.of(input.target))
  const { frequency: oldFrequency, retentionExpireAfterDays: oldKeep } = schedule
  const { expireAfterDays, frequency } = changesOf({ indexName, schedule }, {
    frequency: Option.getOrUndefined(input.every),
    expireAfterDays: Option.getOrUndefined(input.keep)
  })
  const name = ScheduleView.nameOf(schedule)
  if (frequency === undefined && expireAfterDays === undefined) {
    yield* sayDone(`${name} unchanged`, ...(yield* ScheduleView.summary(schedule)))
    return yield* input.dryRun
      ? DryRun.print({ requests: [] })
      : ScheduleView.print([{ indexName, schedule }], false)
  }
  yield* Retention.sayGap({
    frequency: frequency ?? oldFrequency,
    retentionExpireAfterDays: expireAfterDays ?? oldKeep
  })
  const asked = yield* confirmRetention({ indexName, schedule }, expireAfterDays, input)
  if (input.dryRun) {
    const changes = [
      ...(frequency === undefined ? [] : [`frequency from ${Format.plain(oldFrequency)} to ${frequency}`]),
      ...(expireAfterDays === undefined
        ? []
        : [`retention from ${oldKeep ?? "?"} to ${Format.countOf(expireAfterDays, "day")}`])
    ]
    yield* Note.info(`Would change ${name}: ${changes.join(", ")}`)
    const request = yield* schedules.checkUpdate(schedule.scheduleId, { frequency, expireAfterDays })
    return yield* DryRun.print({ ...asked, requests: [request] })
  }
  const changed = yield* schedules.update(schedule.scheduleId, { frequency, expireAfterDays })
  yield* sayDone(`${name} updated`, ...(yield* ScheduleView.summary(changed)))
  yield* ScheduleView.print([{ indexName, schedule: changed }], false)
})

/** Input of `pause` and `resume`. */
interface SwitchInput {
  readonly target: Target.Several
  readonly dryRun: boolean
}

/**
 * Enables or disables schedules one after the other. `change` returns the resulting schedule, changed or not. A dry run
 * prints the requests instead of the schedules.
 */
const switchEach = Effect.fnUntraced(function*<E, R>(
  { dryRun, target }: SwitchInput,
  isOn: boolean,
  change: (scheduled: Listing.Scheduled) => Effect.Effect<Listing.Scheduled, E, R>
) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const selectors = Target.all(target)
  const atOnce = yield* PartialFailure.atOnce
  const [changed, failures] = yield* Effect.partition(
    selectors,
    (selector) => atOnce(Effect.flatMap(Selector.scheduleToChange(selector), change))
  )
  if (!dryRun) return yield* finish(failures, changed, selectors.length > 1)
  const requests = yield* Effect.forEach(
    // A schedule that was named twice is changed once.
    byId(changed).filter(({ schedule }) => schedule.enabled !== isOn),
    ({ schedule }) => schedules.checkUpdate(schedule.scheduleId, { enabled: isOn })
  )
  yield* PartialFailure.finish(failures, changed.length === 0 ? Effect.void : DryRun.print({ requests }))
})

const byId = (all: ReadonlyArray<Listing.Scheduled>) =>
  Array.dedupeWith(all, (self, that) => self.schedule.scheduleId === that.schedule.scheduleId)

/** `pcb schedule pause` */
export const pause = (input: SwitchInput) =>
  switchEach(
    input,
    false,
    Effect.fnUntraced(function*({ indexName, schedule }) {
      const name = ScheduleView.nameOf(schedule)
      if (schedule.enabled === false) {
        yield* sayDone(`${name} is already paused`)
        return { indexName, schedule }
      }
      if (input.dryRun) {
        yield* Note.info(`Would pause ${name} and stop its backups of ${Format.plain(indexName)}`)
        return { indexName, schedule }
      }
      const schedules = yield* BackupSchedules.BackupSchedules
      const paused = yield* schedules.pause(schedule.scheduleId)
      yield* sayDone(
        `${name} paused`,
        `no new backups of ${Format.plain(indexName)}; existing backups expire as before`
      )
      return { indexName, schedule: paused }
    })
  )

/** Prints the changed schedules, and fails with the worst failure. */
const finish = (
  failures: ReadonlyArray<Reported>,
  changed: ReadonlyArray<Listing.Scheduled>,
  isMany: boolean
) => PartialFailure.finish(failures, ScheduleView.print(changed, isMany))

/** The backup started by resuming a schedule, if it can be found. */
const begun = (id: BackupSchedule.ScheduleId) =>
  Effect.gen(function*() {
    const schedules = yield* BackupSchedules.BackupSchedules
    const now = yield* Time.now
    const { data } = yield* schedules.historyPage(id, { limit: 5 })
    return data.find((run) => {
      const at = Copies.takenAt(run, true)
      // Runs planned earlier have a later time.
      return !BackupRun.isFinal(run) && at !== undefined &&
        DateTime.isLessThanOrEqualTo(at, DateTime.add(now, { minutes: 5 }))
    })
    // The schedule is resumed even if this lookup fails.
  }).pipe(Effect.orElseSucceed(() => undefined))

/** The name of the cadence that restarts when a schedule is resumed. */
const frequencyClock = (schedule: BackupSchedule.BackupSchedule): string => {
  const frequency = ScheduleView.frequencyOf(schedule)
  return frequency === undefined ? "its cadence" : `the ${frequency} cadence`
}

/** `pcb schedule resume` */
export const resume = (input: SwitchInput) =>
  switchEach(
    input,
    true,
    Effect.fnUntraced(function*({ indexName, schedule }) {
      const name = ScheduleView.nameOf(schedule)
      // A schedule without `enabled` may be paused.
      if (schedule.enabled === true) {
        yield* sayDone(`${name} is already active`, ...(yield* ScheduleView.summary(schedule)))
        return { indexName, schedule }
      }
      yield* Note.info(
        `Resuming takes a backup of ${Format.plain(indexName)} immediately and restarts ${
          Format.plain(frequencyClock(schedule))
        } from now.`
      )
      if (input.dryRun) {
        yield* Note.info(`Would resume ${name}`)
        return { indexName, schedule }
      }
      const schedules = yield* BackupSchedules.BackupSchedules
      const resumed = yield* schedules.resume(schedule.scheduleId)
      const first = yield* begun(schedule.scheduleId)
      yield* sayDone(
        `${name} resumed`,
        ...(first === undefined
          ? []
          : [`first backup ${Format.plain(Format.shortId(first.backupId))} ${Format.plain(first.status)}`]),
        ...(yield* ScheduleView.summary(resumed)).slice(-1)
      )
      return { indexName, schedule: resumed }
    })
  )

/** `pcb schedule delete` */
export const remove = Effect.fnUntraced(function*(input: Deletion.Input) {
  const { dryRun, target, yes } = input
  const schedules = yield* BackupSchedules.BackupSchedules
  const typed = Target.all(target)
  if (!dryRun) yield* Confirmation.demand(Deletion.action("schedule", typed), yes)
  const affected = byId(yield* Selector.each(typed, Selector.scheduleToChange))
  const consequences = [
    Deletion.heading(dryRun),
    ...affected.map(({ indexName, schedule }) =>
      `  ${ScheduleView.nameOf(schedule)} of ${Format.plain(indexName)} (${shortId(schedule)}, ${
        Format.plain(schedule.frequency)
      }${schedule.enabled === false ? ", paused" : ""})`
    ),
    `${affected.length === 1 ? "Its" : "Their"} backups are kept until they expire.`
  ]
  const action = Deletion.action("schedule", affected.map(({ schedule }) => ScheduleView.nameOf(schedule)))
  if (dryRun) {
    yield* Note.info(...consequences)
    const client = yield* PineconeClient.PineconeClient
    return yield* DryRun.print({
      requests: yield* Effect.forEach(
        affected,
        ({ schedule }) =>
          client.check(Endpoints.BackupSchedules.delete, { params: { schedule_id: schedule.scheduleId } })
      ),
      lost: { schedules: affected.map(({ schedule }) => schedule.scheduleId) },
      questions: yes ? [] : [{ action }]
    })
  }
  yield* Confirmation.ask({ consequences, action }, yes)
  const { deleted, failures } = yield* Deletion.each(
    affected,
    ({ schedule }) => ScheduleView.nameOf(schedule),
    ({ schedule }) => schedules.delete(schedule.scheduleId)
  )
  yield* finish(failures, deleted, typed.length > 1)
})
