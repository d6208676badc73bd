/** What runs `pcb backup`. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as CommandLine from "@pinecone-backups/core/health/CommandLine"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Handler from "../../Handler.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as PartialFailure from "../../output/PartialFailure.ts"
import * as Time from "../../output/Time.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as DeletionImpact from "../../shared/DeletionImpact.ts"
import * as Select from "../../shared/Select.ts"
import * as Waiting from "../../shared/Waiting.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/Symbols.ts"
import type { definitions } from "./command.ts"

// ============================================================================
// How backups are printed
// ============================================================================

const raw = Format.orElse("")

const phaseOf = (backup: Backup.Backup) =>
  Backup.isReady(backup) ? "done" : Backup.isFailed(backup) ? "failed" : "underWay"

/** How lists of backups are printed: the columns by which one is chosen to be restored. */
const backupView = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)

  const view: Output.View<Backup.Backup> = {
    toJson: Backup.toJson,
    id: (backup) => backup.backupId,
    columns: [
      {
        header: "INDEX",
        shrinkTo: 12,
        show: ({ sourceIndexDeletedAt, sourceIndexName }) =>
          `${Format.plain(sourceIndexName)}${sourceIndexDeletedAt ? " (deleted)" : ""}`,
        raw: (backup) => backup.sourceIndexName
      },
      {
        header: "BACKUP",
        dropAt: 3,
        show: (backup) => known(backup.name, Format.plain),
        raw: (backup) => raw(backup.name, String)
      },
      {
        header: "STATUS",
        show: (backup) => Symbols.status(screen, phaseOf(backup), backup.status),
        raw: (backup) => backup.status
      },
      {
        header: "TAKEN",
        show: (backup) => known(BackupRun.takenAt(backup), when),
        wide: (backup) => known(BackupRun.takenAt(backup), exactly),
        raw: (backup) => raw(BackupRun.takenAt(backup), Format.iso)
      },
      {
        header: "RECORDS",
        align: "right",
        dropAt: 2,
        show: (backup) => known(backup.recordCount, Format.count),
        raw: (backup) => raw(backup.recordCount, String)
      },
      {
        header: "SIZE",
        align: "right",
        dropAt: 4,
        show: (backup) => known(backup.sizeBytes, Format.bytes),
        raw: (backup) => raw(backup.sizeBytes, String)
      },
      {
        header: "ID",
        dropAt: 1,
        show: (backup) => screen.style("dim", Format.plain(Format.shortId(backup.backupId))),
        wide: (backup) => Format.plain(backup.backupId),
        raw: (backup) => backup.backupId
      }
    ]
  }
  return view
})

/** How one backup is printed: all that is known of it. */
const detailView = Effect.gen(function*() {
  const view = yield* backupView
  const screen = yield* Screen.Screen
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)
  const tags = (backup: Backup.Backup) =>
    backup.tags && Object.entries(backup.tags).map(([key, value]) => `${key}=${value}`).join(" ") || undefined

  const columns: typeof view.columns = [
    ...view.columns,
    {
      header: "DESCRIPTION",
      show: (backup) => known(backup.description, Format.plain),
      raw: (backup) => raw(backup.description, String)
    },
    {
      header: "TAGS",
      show: (backup) => known(tags(backup), Format.plain),
      raw: (backup) => tags(backup) ?? ""
    },
    {
      header: "NAMESPACES",
      show: (backup) => known(backup.namespaceCount, Format.count),
      raw: (backup) => raw(backup.namespaceCount, String)
    },
    {
      header: "DIMENSION",
      show: (backup) => known(backup.dimension, String),
      raw: (backup) => raw(backup.dimension, String)
    },
    {
      header: "PLACE",
      show: ({ cloud, region }) => known(cloud && region, () => Format.plain(`${cloud} ${region}`)),
      raw: ({ cloud, region }) => [cloud, region].filter(Boolean).join(" ")
    },
    {
      header: "INDEX ID",
      show: (backup) => Format.plain(backup.sourceIndexId),
      raw: (backup) => backup.sourceIndexId
    },
    {
      header: "INDEX GONE",
      show: (backup) => known(backup.sourceIndexDeletedAt, exactly),
      raw: (backup) => raw(backup.sourceIndexDeletedAt, Format.iso)
    }
  ]
  return { ...view, columns }
})

/** What people call a backup. */
const nameOf = (backup: Backup.Backup): string => backup.name || Format.shortId(backup.backupId)

/**
 * What there is in a backup and how old it is, for the sentence that says what becomes of it:
 * `8c85e612, 98,214 records, taken 14h ago`.
 */
export const facts = (backup: Backup.Backup, now: DateTime.Utc): string => {
  const taken = BackupRun.takenAt(backup)
  return [
    Format.shortId(backup.backupId),
    ...(backup.recordCount == null ? [] : [`${Format.count(backup.recordCount)} records`]),
    ...(Backup.isReady(backup) ? [] : [backup.status]),
    ...(taken ? [`taken ${Format.relative(taken, now)}`] : [])
  ].join(", ")
}

// ============================================================================
// create, wait
// ============================================================================

const waitKind = Effect.gen(function*() {
  const backups = yield* Backups.Backups
  return {
    noun: "backup",
    field: "backup",
    toJson: Backup.toJson,
    view: backupView,
    run: (id: string, options: Parameters<Backups.Service["awaitReady"]>[1]) =>
      backups.awaitReady(Backup.BackupId.make(id), options),
    nameOf,
    statusOf: (backup: Backup.Backup) => backup.status,
    detailOf: () => undefined,
    isFinal: Backup.isFinal,
    percentOf: () => undefined,
    summaryOf: (backup: Backup.Backup) => {
      const { recordCount, sizeBytes } = backup
      return recordCount == null
        ? undefined
        : `${Format.count(recordCount)} records${sizeBytes == null ? "" : `, ${Format.bytes(sizeBytes)}`}`
    },
    // The service does not say when a backup was ready, so nothing is known of earlier ones.
    estimate: Effect.as(Effect.void, undefined)
  } as const
})

/** `pcb backup create` */
export const create = Effect.fnUntraced(
  function*({ description, dryRun, name, target, timeout, wait }: Handler.Input<typeof definitions.create>) {
    const backups = yield* Backups.Backups
    const index = PineconeIndex.IndexName.make(Target.of(target))
    const options = { name: Option.getOrUndefined(name), description: Option.getOrUndefined(description) }
    if (dryRun) {
      yield* backups.checkCreate(index, options)
      const { name: found } = yield* (yield* Indexes.Indexes).describe(index)
      const named = Option.match(name, { onNone: () => "", onSome: (name) => `, named ${Format.plain(name)}` })
      return yield* Note.info(`Would start a backup of ${Format.plain(found)}${named}`)
    }
    const backup = yield* backups.create(index, options).pipe(
      Note.onInDoubt("backup", CommandLine.make`pcb backup list --index ${index}`)
    )
    yield* Note.info(
      `Started backup ${Format.plain(backup.backupId)} of ${Format.plain(index)}${Note.recovered(backup)}`
    )
    if (wait) {
      return yield* Waiting.all(yield* waitKind, [backup.backupId], { timeout, isFresh: true, name: nameOf(backup) })
    }
    yield* Output.made(yield* backupView, [backup])
    yield* Note.nextStep(CommandLine.make`pcb backup wait ${backup.backupId}`)
  },
  Effect.asVoid
)

/** `pcb backup wait` */
export const wait = Effect.fnUntraced(function*({ target, timeout }: Handler.Input<typeof definitions.wait>) {
  const ids = Array.dedupe(yield* Effect.forEach(Target.all(target), Select.backupId))
  if (Array.isReadonlyArrayNonEmpty(ids)) yield* Waiting.all(yield* waitKind, ids, { timeout, isFresh: false })
})

// ============================================================================
// list, describe
// ============================================================================

const statuses: Readonly<Record<"ready" | "initializing" | "failed", (backup: Backup.Backup) => boolean>> = {
  ready: Backup.isReady,
  initializing: (backup) => backup.status === "Initializing",
  failed: Backup.isFailed
}

/** `pcb backup list` */
export const list = Effect.fnUntraced(
  function*(
    { all, includeDeleted, index, limit, manual, schedule, since, status }: Handler.Input<typeof definitions.list>
  ) {
    const backups = yield* Backups.Backups
    const scheduled = Option.isNone(schedule) ? undefined : yield* runsOf(schedule.value)
    const indexName = Option.match(index, {
      onNone: () => scheduled?.indexName,
      onSome: (name) => PineconeIndex.IndexName.make(name)
    })
    // The service promises no order, so all of them have to be there before the first can be printed.
    const found = yield* indexName !== undefined && includeDeleted
      ? Select.backupsEverOf(indexName)
      : Stream.runCollect(indexName === undefined ? backups.list() : backups.listByIndex(indexName))
    const oldest = Option.isNone(since)
      ? Number.NEGATIVE_INFINITY
      : DateTime.toEpochMillis(since.value(yield* Time.now))
    const isWanted = (backup: Backup.Backup) =>
      (Option.isNone(status) || statuses[status.value](backup)) &&
      (Option.isNone(since) || Select.takenAtMillis(backup) >= oldest) &&
      (scheduled === undefined || scheduled.ids.has(backup.backupId)) &&
      (!manual || !Select.isScheduled(backup))
    const rows = found.filter(isWanted)
      .sort((self, that) => Select.takenAtMillis(that) - Select.takenAtMillis(self))

    const isTable = (yield* Output.chosenFormat) === "table"
    const limitOrDefault = all
      ? Option.none()
      : Option.orElse(limit, () => isTable ? Option.some(Flags.rowsInTable) : Option.none())
    yield* Output.list(yield* backupView, Stream.fromIterable(rows), { limit: limitOrDefault, empty: "No backups" })
    if (isTable && Option.isNone(limit) && !all && rows.length > Flags.rowsInTable) {
      yield* Note.dim(`(the newest ${Flags.rowsInTable} of ${Format.count(rows.length)}; --all shows the rest)`)
    }
  }
)

/** The index of a schedule, and the ids of the backups it has made. */
const runsOf = Effect.fnUntraced(function*(selector: string) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const { indexName, schedule } = yield* Select.schedule(selector)
  const runs = yield* Stream.runCollect(schedules.history(schedule.scheduleId))
  return { indexName, ids: new Set(runs.map(({ backupId }) => backupId)) }
})

/** `pcb backup describe` */
export const describe = Effect.fnUntraced(function*({ target }: Handler.Input<typeof definitions.describe>) {
  yield* Output.one(yield* detailView, yield* Select.backup(Target.of(target)))
})

// ============================================================================
// delete
// ============================================================================

/** `pcb backup delete` */
export const remove = Effect.fnUntraced(function*({ dryRun, target, yes }: Handler.Input<typeof definitions.remove>) {
  const backups = yield* Backups.Backups
  const selectors = Target.all(target)
  if (!dryRun) yield* Confirmation.demand(Deletion.action("backup", selectors), yes)
  const found = yield* Effect.forEach(selectors, Select.backup, { concurrency: 4 })
  const doomed = Array.dedupeWith(found, (self, that) => self.backupId === that.backupId)
  const now = yield* Time.now
  const lines = doomed.map((backup) =>
    Format.plain(
      `  ${nameOf(backup)} of ${backup.sourceIndexName} (${facts(backup, now)}${
        backup.sizeBytes == null ? "" : `, ${Format.bytes(backup.sizeBytes)}`
      })`
    )
  )
  const loss = yield* DeletionImpact.of(doomed, [Deletion.heading(dryRun), ...lines])
  if (dryRun) return yield* Note.info(...loss.consequences)
  yield* DeletionImpact.confirm(loss, {
    action: Deletion.action("backup", doomed.map(nameOf)),
    lastAction: (index) => `delete the last backup of ${index}`
  }, yes)

  const { deleted, failures } = yield* Deletion.each(doomed, nameOf, ({ backupId }) => backups.delete(backupId))
  yield* PartialFailure.finish(failures, Output.made(yield* backupView, deleted, doomed.length > 1))
})
