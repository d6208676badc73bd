/** Handlers of `pcb backup`. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Endpoints from "@pinecone-backups/core/Endpoints"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as PartialFailure from "../../output/PartialFailure.ts"
import * as Time from "../../output/Time.ts"
import * as BackupView from "../../shared/BackupView.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Listing from "../../shared/Listing.ts"
import * as Missing from "../../shared/Missing.ts"
import * as Selector from "../../shared/Selector.ts"
import * as Waiting from "../../shared/Waiting.ts"
import * as Format from "../../terminal/Format.ts"

// ============================================================================
// create, wait
// ============================================================================

/** For manual backups, which no history has. */
const noRuns: Listing.Ran = new Set()

const waitKind = Effect.gen(function*() {
  const backups = yield* Backups.Backups
  return {
    noun: "backup",
    toJson: Backup.toJson,
    view: BackupView.list(noRuns),
    run: (id: string, options: Parameters<Backups.Service["awaitReady"]>[1]) =>
      backups.awaitReady(Backup.BackupId.make(id), options),
    stateOf: (backup: Backup.Backup) => ({ name: BackupView.nameOf(backup), status: backup.status }),
    isFinal: Backup.isFinal,
    summaryOf: ({ recordCount, sizeBytes }: Backup.Backup) =>
      recordCount == null
        ? undefined
        : `${Format.countOf(recordCount, "record")}${sizeBytes == null ? "" : `, ${Format.bytes(sizeBytes)}`}`,
    // The service does not report when a backup became ready, so the durations of earlier backups are unknown.
    estimate: Effect.undefined
  } as const
})

interface CreateInput {
  readonly target: Target.One
  readonly name: Option.Option<string>
  readonly description: Option.Option<string>
  readonly idempotencyKey: Option.Option<string>
  readonly wait: boolean
  readonly timeout: Option.Option<Duration.Duration>
  readonly dryRun: boolean
}

/** Plans `create`. Sends nothing if the idempotency key already has a backup; fails if that backup has another name. */
const planCreate = Effect.fnUntraced(function*(index: PineconeIndex.IndexName, options: Backups.CreateOptions) {
  const { idempotencyKey, name } = options
  const backups = yield* Backups.Backups
  const request = yield* backups.checkCreate(index, options)
  const { name: found } = yield* (yield* Indexes.Indexes).describe(index).pipe(Missing.explained(index))
  const existing = idempotencyKey === undefined
    ? undefined
    : yield* backups.findCreated(index, { ...options, idempotencyKey })
  if (existing === undefined) {
    const named = name === undefined ? "" : ` named ${Format.plain(name)}`
    yield* Note.info(`Would start a backup of ${Format.plain(found)}${named}`)
    return yield* DryRun.print({ requests: [request] })
  }
  yield* Note.info(
    `Would send nothing: backup ${Format.plain(existing.backupId)} of ${Format.plain(found)} already has this key`
  )
  yield* DryRun.print({ requests: [] })
})

/** `pcb backup create` */
export const create = Effect.fnUntraced(function*(input: CreateInput) {
  const { description, dryRun, idempotencyKey, name, target, timeout, wait } = input
  const backups = yield* Backups.Backups
  const index = PineconeIndex.IndexName.make(Target.of(target))
  const options = {
    name: Option.getOrUndefined(name),
    description: Option.getOrUndefined(description),
    idempotencyKey: Option.getOrUndefined(idempotencyKey)
  }
  if (dryRun) return yield* planCreate(index, options)
  const backup = yield* backups.create(index, options).pipe(
    Note.onInDoubt("backup", CommandLine.make`pcb backup list --index ${index}`),
    Missing.explained(index)
  )
  const what = `backup ${Format.plain(backup.backupId)} of ${Format.plain(index)}`
  yield* Note.info(
    backup.recovered && Option.isSome(idempotencyKey)
      ? `Found ${what} with this idempotency key`
      : `Started ${what}${Note.recovered(backup)}`
  )
  if (wait) {
    return yield* Waiting.all(yield* waitKind, [backup.backupId], {
      timeout,
      isFresh: true,
      name: BackupView.nameOf(backup)
    })
  }
  yield* Output.made(yield* BackupView.list(noRuns), [backup])
  yield* Note.nextStep(CommandLine.make`pcb backup wait ${backup.backupId}`)
})

/** `pcb backup wait` */
export const wait = Effect.fnUntraced(function*({ target, timeout }: Waiting.Input) {
  const ids = yield* Effect.forEach(Target.all(target), Selector.backupId)
  yield* Waiting.all(yield* waitKind, Array.dedupe(ids), { timeout, isFresh: false })
})

// ============================================================================
// list, describe
// ============================================================================

type Status = "ready" | "initializing" | "failed"

const statuses: Readonly<Record<Status, (backup: Backup.Backup) => boolean>> = {
  ready: Backup.isReady,
  initializing: (backup) => backup.status === "Initializing",
  failed: Backup.isFailed
}

/**
 * Returns `true` if no schedule created the backup: its name does not end in the time of a planned run.
 *
 * From API version 2026-07 on, manual names cannot end in a timestamp, because capital letters are not allowed.
 * Histories would be more reliable, but they are deleted with their schedules, while backups are kept.
 */
const isManual = (backup: Backup.Backup): boolean => BackupRun.plannedFor(backup) === undefined

interface ListInput {
  readonly index: Option.Option<string>
  readonly status: Option.Option<Status>
  readonly since: Option.Option<Flags.SeenFrom>
  readonly schedule: Option.Option<string>
  readonly manual: boolean
  readonly includeDeleted: boolean
  readonly limit: Option.Option<number>
  readonly all: boolean
}

/**
 * Returns `true` if a backup was taken since a time, relative to the service's clock. Includes backups with an unknown
 * time.
 */
const isSince = (since: Flags.SeenFrom, ran: Listing.Ran) => (backup: Backup.Backup) => {
  const at = BackupView.takenAt(backup, ran)
  return Effect.map(Time.now, (now) => at === undefined || DateTime.isGreaterThanOrEqualTo(at, since(now)))
}

/** `pcb backup list` */
export const list = Effect.fnUntraced(function*(input: ListInput) {
  const { all, includeDeleted, index, limit, manual, schedule, since, status } = input
  const backups = yield* Backups.Backups
  const scheduled = Option.isNone(schedule) ? undefined : yield* runsOf(schedule.value)
  const indexName = Option.match(index, {
    onNone: () => scheduled?.indexName,
    onSome: (name) => PineconeIndex.IndexName.make(name)
  })
  const found = indexName === undefined
    ? backups.list()
    : includeDeleted
    ? Listing.streamBackupsEverOf(indexName)
    : backups.listByIndex(indexName).pipe(
      // Only replaces the error. It emits no rows.
      Stream.catchTag(
        "PineconeNotFound",
        (error) => Stream.fromEffect(Missing.explained(indexName)(Effect.fail(error)))
      )
    )
  const isWanted = (backup: Backup.Backup) =>
    (Option.isNone(status) || statuses[status.value](backup)) &&
    (scheduled === undefined || scheduled.ids.has(backup.backupId)) &&
    (!manual || isManual(backup))
  const ranOf = yield* Listing.makeRan
  const ran = yield* ranOf([])
  const rows = found.pipe(
    Stream.filter(isWanted),
    Stream.mapArrayEffect((rows) => Effect.as(ranOf(rows), rows)),
    Option.isNone(since) ? identity : Stream.filterEffect(isSince(since.value, ran))
  )

  const isTable = (yield* Output.chosenFormat) === "table"
  const isShort = isTable && Option.isNone(limit) && !all
  const count = yield* Output.newest(BackupView.list(ran), rows, {
    limit: isShort ? Option.some(Flags.rowsInTable) : limit,
    empty: "No backups",
    at: (backup) => Listing.takenAtMillis(backup, ran.has(backup.backupId))
  })
  if (isShort && count > Flags.rowsInTable) {
    yield* Note.dim(`(newest ${Flags.rowsInTable} of ${Format.count(count)}; use --all to show the rest)`)
  }
})

/** The index of a schedule, and the IDs of its backups. */
const runsOf = Effect.fnUntraced(function*(selector: string) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const { indexName, schedule } = yield* Selector.schedule(selector)
  const runs = yield* Stream.runCollect(schedules.history(schedule.scheduleId))
  return { indexName, ids: new Set(runs.map(({ backupId }) => backupId)) }
})

/** `pcb backup describe` */
export const describe = Effect.fnUntraced(function*({ target }: { readonly target: Target.One }) {
  const backup = yield* Selector.backup(Target.of(target))
  yield* Output.one(yield* BackupView.detail(yield* Listing.ranOf([backup])), backup)
})

// ============================================================================
// delete
// ============================================================================

/** The backups to delete, the impact of deleting them, and which of them are in histories. */
const impactOfRemoval = Effect.fnUntraced(function*(selectors: ReadonlyArray<string>, dryRun: boolean) {
  const found = yield* Selector.each(selectors, Selector.backup)
  const affected = Array.dedupeWith(found, (self, that) => self.backupId === that.backupId)
  const now = yield* Time.now
  const ran = yield* Listing.ranOf(affected)
  const lines = affected.map((backup) =>
    Format.plain(
      `  ${BackupView.nameOf(backup)} of ${backup.sourceIndexName} (${BackupView.summary(backup, now, ran)}${
        backup.sizeBytes == null ? "" : `, ${Format.bytes(backup.sizeBytes)}`
      })`
    )
  )
  const impact = yield* Deletion.impactOf(affected, [Deletion.heading(dryRun), ...lines])
  return { affected, impact, ran }
})

/** `pcb backup delete` */
export const remove = Effect.fnUntraced(function*(input: Deletion.Input & Deletion.Consent) {
  const { dryRun, target, yes } = input
  const backups = yield* Backups.Backups
  const selectors = Target.all(target)
  const { affected, impact, ran } = yield* impactOfRemoval(selectors, dryRun).pipe(
    Confirmation.lookFor(Deletion.action("backup", selectors), yes || dryRun)
  )
  const actions = {
    action: Deletion.action("backup", affected.map(BackupView.nameOf)),
    lastAction: (index: string) => `delete the last good backup of ${index}`
  }
  if (dryRun) {
    yield* Note.info(...impact.consequences)
    const client = yield* PineconeClient.PineconeClient
    return yield* DryRun.print({
      requests: yield* Effect.forEach(
        affected,
        ({ backupId }) => client.check(Endpoints.Backups.delete, { params: { backup_id: backupId } })
      ),
      lost: impact,
      questions: Deletion.questions(impact, actions, input)
    })
  }
  yield* Deletion.confirm(impact, actions, input)

  const { deleted, failures } = yield* Deletion.each(
    affected,
    BackupView.nameOf,
    ({ backupId }) => backups.delete(backupId)
  )
  yield* PartialFailure.finish(failures, Output.made(yield* BackupView.list(ran), deleted, affected.length > 1))
})
