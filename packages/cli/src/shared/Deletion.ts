/** Deletion of backups and schedules: its impact, its confirmation, and its results. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Copies from "@pinecone-backups/core/health/Copies"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Target from "../input/Target.ts"
import * as DescribeError from "../output/DescribeError.ts"
import * as Note from "../output/Note.ts"
import * as PartialFailure from "../output/PartialFailure.ts"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as Confirmation from "./Confirmation.ts"
import * as CopyView from "./CopyView.ts"
import * as Listing from "./Listing.ts"

/** Input of commands that delete. */
export interface Input {
  readonly target: Target.Several
  readonly yes: boolean
  readonly dryRun: boolean
}

/** The heading above the list of resources to delete. */
export const heading = (isDryRun: boolean): string =>
  isDryRun ? "Would permanently delete:" : "Will permanently delete:"

/** The action of a confirmation: `delete backup before-reindex`, `delete 2 schedules`. */
export const action = (noun: "backup" | "schedule", names: ReadonlyArray<string>): string =>
  names.length === 1 ? `delete ${noun} ${names[0]}` : `delete ${names.length} ${noun}s`

// ============================================================================
// Impact
// ============================================================================

/** A backup to delete, or its run. */
type Affected = Pick<Backup.Backup, "backupId" | "sourceIndexId" | "sourceIndexName" | "status">

/** The impact of deleting backups. */
export interface DeletionImpact {
  /** The IDs of the deleted backups. */
  readonly backups: ReadonlyArray<string>
  /** Lines to print before the prompt. */
  readonly consequences: ReadonlyArray<string>
  /** The current or former names of indexes that would be left without a good backup. */
  readonly leftWithoutBackup: ReadonlyArray<PineconeIndex.IndexName>
}

/** The value of a copy to delete: 2 for a sound copy or an unknown one, 1 for one with a certain flaw. */
const worthGone = (copy: Copies.Copy | undefined): number => {
  if (copy === undefined) return 2
  const isWorse = copy.state === "empty" || copy.state === "running" || copy.shrink?.isCertain === true
  return isWorse ? 1 : 2
}

/** The value of a remaining copy. Unknown copies are worth nothing. */
const worthLeft = (copy: Copies.Copy): number => Copies.isSound(copy) ? 2 : Copies.isGood(copy) ? 1 : 0

/**
 * Determines the impact of deleting backups. `lines` list the deletions; warnings about indexes that lose their last
 * good backup follow them. Fails if the remaining backups cannot be listed.
 */
export const impactOf = Effect.fnUntraced(function*(affected: ReadonlyArray<Affected>, lines: ReadonlyArray<string>) {
  const screen = yield* Screen.Screen
  const ids = new Set<string>(affected.map(({ backupId }) => backupId))
  // Failed backups are worth nothing.
  const going = affected.filter((backup) => !Backup.isFailed(backup))
  const names = Array.dedupe(going.map(({ sourceIndexName }) => sourceIndexName))
  // Include backups of the deleted index; exclude backups of other indexes that had the same name.
  const listed = yield* Listing.backupsEverOfAny(names)
  const copies = yield* CopyView.judge(Array.dedupeWith(listed, sameId), yield* Time.now)
  const byId = new Map<string, Copies.Copy>(copies.map((copy) => [copy.backup.backupId, copy]))
  const rest = copies.filter(({ backup }) => !ids.has(backup.backupId))
  const restOf = (id: PineconeIndex.IndexId) => rest.filter(({ backup }) => backup.sourceIndexId === id)
  const last = going.filter(({ backupId, sourceIndexId }) =>
    Math.max(0, ...restOf(sourceIndexId).map(worthLeft)) < worthGone(byId.get(backupId))
  )
  const warning = Symbols.note(screen, "warning")
  const impact: DeletionImpact = {
    backups: affected.map(({ backupId }) => backupId),
    consequences: [
      ...lines,
      ...Array.dedupeWith(last, (self, that) => self.sourceIndexId === that.sourceIndexId).map((
        { sourceIndexId, sourceIndexName }
      ) => {
        const poor = restOf(sourceIndexId).filter(({ backup }) => Backup.isReady(backup)).length
        return `${warning} No ${poor === 0 ? "" : "good "}backup will be left to restore ${
          Format.plain(sourceIndexName)
        } from${poor === 0 ? "" : `: the other ${plural(poor, "backup")} may be empty, incomplete or undated`}`
      })
    ],
    leftWithoutBackup: Array.dedupe(last.map(({ sourceIndexName }) => sourceIndexName))
  }
  return impact
})

const sameId = (self: Backup.Backup, that: Backup.Backup): boolean => self.backupId === that.backupId

const plural = (count: number, noun: string): string =>
  `${count === 1 ? "" : `${count} `}${noun}${count === 1 ? "" : "s"}`

/** The confirmations given by flags. */
export interface Consent {
  /** `--yes` */
  readonly yes: boolean
  /** `--allow-last-copy` */
  readonly allowLastCopy: boolean
}

/** The flags that confirm the loss of the last good backup of an index. */
export const lastCopyFlags = "--yes --allow-last-copy"

/** Descriptions of the actions to confirm, also for each index that loses its last good backup. */
interface Actions {
  /** The action of a `Confirmation.Subject`. */
  readonly action: string
  readonly lastAction: (index: string) => string
}

/**
 * The confirmations that flags have not given. For every index that loses its last good backup, its name must be typed;
 * `--yes` alone does not confirm that.
 */
export const questions = (
  { leftWithoutBackup }: Pick<DeletionImpact, "leftWithoutBackup">,
  { action, lastAction }: Actions,
  { allowLastCopy, yes }: Consent
): ReadonlyArray<Confirmation.Subject> =>
  leftWithoutBackup.length === 0
    ? yes ? [] : [{ action }]
    : yes && allowLastCopy
    ? []
    : leftWithoutBackup.map((name) => ({ action: lastAction(name), typed: name, flags: lastCopyFlags }))

/** Prints the consequences and asks for the confirmations that flags have not given. */
export const confirm = (
  impact: Pick<DeletionImpact, "consequences" | "leftWithoutBackup">,
  actions: Actions,
  consent: Consent
) => {
  const open = questions(impact, actions, consent)
  const { consequences } = impact
  return open.length === 0
    ? Confirmation.ask({ consequences, action: actions.action }, true)
    : Effect.forEach(
      open,
      (subject, position) => Confirmation.ask({ ...subject, consequences: position === 0 ? consequences : [] }, false),
      { discard: true }
    )
}

// ============================================================================
// Deletion
// ============================================================================

/**
 * Deletes resources one after the other and reports each result. Returns the deleted resources and the reported
 * failures.
 */
export const each = Effect.fnUntraced(function*<A, E, R>(
  affected: ReadonlyArray<A>,
  nameOf: (value: A) => string,
  remove: (value: A) => Effect.Effect<void, E, R>
) {
  const screen = yield* Screen.Screen
  const atOnce = yield* PartialFailure.atOnce
  const say = (sign: "done" | "failed", value: A, what: string) =>
    Note.info(`${Symbols.note(screen, sign)} ${Format.plain(nameOf(value))} ${what}`)
  const [deleted, failures] = yield* Effect.partition(affected, (value) =>
    remove(value).pipe(
      Effect.andThen(say("done", value, "deleted")),
      // With a single resource, the error is enough.
      Effect.tapError((error) =>
        affected.length === 1
          ? Effect.void
          : say("failed", value, DescribeError.isInDoubt(error) ? "may have been deleted" : "not deleted")
      ),
      atOnce,
      Effect.as(value)
    ))
  return { deleted, failures }
})
