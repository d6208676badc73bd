/** Deletions of backups and schedules: what they leave behind, the question before them, and how they went. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Target from "../input/Target.ts"
import * as Note from "../output/Note.ts"
import * as PartialFailure from "../output/PartialFailure.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as Confirmation from "./Confirmation.ts"
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
interface DeletionImpact {
  /** What to tell people, one a line. */
  readonly consequences: ReadonlyArray<string>
  /** The indexes that would be left with nothing to restore them from, each by the name it has or had. */
  readonly leftWithoutBackup: ReadonlyArray<PineconeIndex.IndexName>
}

/**
 * What the deletion of some backups leaves behind. `lines` say what is deleted; that an index loses its last backup is
 * said after them.
 */
export const impactOf = Effect.fnUntraced(function*(affected: ReadonlyArray<Affected>, lines: ReadonlyArray<string>) {
  const screen = yield* Screen.Screen
  const ids = new Set(affected.map(({ backupId }) => backupId))
  const ready = affected.filter(Backup.isReady)
  const names = Array.dedupe(ready.map(({ sourceIndexName }) => sourceIndexName))
  const rest = yield* Effect.forEach(names, (name) =>
    // Those of an index that is gone count, and those of another index that bore its name do not.
    Listing.backupsEverOf(name).pipe(
      Effect.catchTag("PineconeNotFound", () => Effect.succeed([])),
      Effect.map((rows) => rows.filter((backup) => Backup.isReady(backup) && !ids.has(backup.backupId)))
    ), { concurrency: 4 })
  const restorable = new Set(rest.flat().map(({ sourceIndexId }) => sourceIndexId))
  const leftWithoutBackup = Array.dedupe(
    ready.filter(({ sourceIndexId }) => !restorable.has(sourceIndexId)).map(({ sourceIndexName }) => sourceIndexName)
  )
  const warning = Symbols.note(screen, "warning")
  const impact: DeletionImpact = {
    consequences: [
      ...lines,
      ...leftWithoutBackup.map((name) => `${warning} Nothing will be left to restore ${Format.plain(name)} from`)
    ],
    leftWithoutBackup
  }
  return impact
})

/**
 * Says what is lost, and asks. Who is asked types the name of every index that loses its last backup. Whoever wrote
 * `--yes` has said it, terminal or not. `action` and `lastAction` are as in a `Confirmation.Question`.
 */
export const confirm = (
  { consequences, leftWithoutBackup }: DeletionImpact,
  { action, lastAction }: { readonly action: string; readonly lastAction: (index: string) => string },
  isYes: boolean
) =>
  leftWithoutBackup.length === 0 || isYes
    ? Confirmation.ask({ consequences, action }, isYes)
    : Effect.forEach(leftWithoutBackup, (name, position) =>
      Confirmation.ask({
        consequences: position === 0 ? consequences : [],
        action: lastAction(name),
        typed: name
      }, isYes), { discard: true })

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
      Effect.tapError(() => affected.length === 1 ? Effect.void : say("failed", value, "not deleted")),
      atOnce,
      Effect.as(value)
    ))
  return { deleted, failures }
})
