/** Deletions of backups and schedules: what they leave behind, the question before them, and how they went. */
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

/** What commands take that delete. */
export interface Input {
  readonly target: Target.Several
  readonly yes: boolean
  readonly dryRun: boolean
}

/** What stands above the things that go, one a line. */
export const heading = (isDryRun: boolean): string => isDryRun ? "Would delete for good:" : "To be deleted for good:"

/** The action of a question, and of what is refused: `delete backup before-reindex`, `delete 2 schedules`. */
export const action = (noun: "backup" | "schedule", names: ReadonlyArray<string>): string =>
  names.length === 1 ? `delete ${noun} ${names[0]}` : `delete ${names.length} ${noun}s`

// ============================================================================
// Impact
// ============================================================================

/** A backup that is deleted, or the run that made it. */
type Affected = Pick<Backup.Backup, "backupId" | "sourceIndexId" | "sourceIndexName" | "status">

/** What a deletion of backups leaves behind. */
export interface DeletionImpact {
  /** The ids of the backups that go. */
  readonly backups: ReadonlyArray<string>
  /** What to tell people, one a line. */
  readonly consequences: ReadonlyArray<string>
  /** The indexes that would be left with nothing good to restore them from, each by the name it has or had. */
  readonly leftWithoutBackup: ReadonlyArray<PineconeIndex.IndexName>
}

/**
 * How much a copy is worth that goes: 2 for one that nothing speaks against, or of which that is unknown; 1 for one that
 * is worse for certain.
 */
const worthGone = (copy: Copies.Copy | undefined): number => {
  if (copy === undefined) return 2
  const isWorse = copy.state === "empty" || copy.state === "running" || copy.shrink?.isCertain === true
  return isWorse ? 1 : 2
}

/** How much a copy is worth that stays: what is unknown is worth nothing. */
const worthLeft = (copy: Copies.Copy): number => Copies.isSound(copy) ? 2 : Copies.isGood(copy) ? 1 : 0

/**
 * What the deletion of some backups leaves behind. `lines` say what is deleted; that an index loses its last good backup
 * is said after them. Fails if the backups that are left cannot be listed.
 */
export const impactOf = Effect.fnUntraced(function*(affected: ReadonlyArray<Affected>, lines: ReadonlyArray<string>) {
  const screen = yield* Screen.Screen
  const ids = new Set<string>(affected.map(({ backupId }) => backupId))
  // One that failed is worth nothing.
  const going = affected.filter((backup) => !Backup.isFailed(backup))
  const names = Array.dedupe(going.map(({ sourceIndexName }) => sourceIndexName))
  // Those of an index that is gone count, and those of another index that bore its name do not.
  const listed = yield* Listing.backupsEverOfAny(names)
  const copies = CopyView.judge(Array.dedupeWith(listed, sameId), yield* Time.now)
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
        return `${warning} Nothing ${poor === 0 ? "" : "good "}will be left to restore ${
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

/** What a command line says beforehand. */
export interface Consent {
  /** `--yes` */
  readonly yes: boolean
  /** `--allow-last-copy` */
  readonly allowLastCopy: boolean
}

/** The flags that answer beforehand where an index loses its last good backup. */
export const lastCopyFlags = "--yes --allow-last-copy"

/** What is asked about, and what is asked about each index that loses its last good backup. */
interface Actions {
  /** As in a `Confirmation.Subject`. */
  readonly action: string
  readonly lastAction: (index: string) => string
}

/**
 * The questions that have not been answered beforehand. Whoever is asked types the name of every index that loses its last
 * good backup; `--yes` alone does not answer that.
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

/** Says what is lost, and asks the questions that have not been answered beforehand. */
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
 * Deletes things one after the other, and says of each whether it is. Gives back those that are, and reports the
 * failures of the others.
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
      // Alone, the error says it.
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
