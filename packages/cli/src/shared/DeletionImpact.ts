/** Backups that are to go, and what that leaves: whatever makes them go says so, and asks. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/Symbols.ts"
import * as Confirmation from "./Confirmation.ts"
import * as Select from "./Select.ts"

/** A backup that is to go, or the run that made it. */
type Doomed = Pick<Backup.Backup, "backupId" | "sourceIndexId" | "sourceIndexName" | "status">

/** What is lost. */
interface Loss {
  /** What to tell people, one a line. */
  readonly consequences: ReadonlyArray<string>
  /** The indexes that would be left with nothing to restore them from, each by the name it has or had. */
  readonly bare: ReadonlyArray<PineconeIndex.IndexName>
}

/** What is lost with some backups. `lines` say what it is; that an index loses its last one is said after them. */
export const of = Effect.fnUntraced(function*(doomed: ReadonlyArray<Doomed>, lines: ReadonlyArray<string>) {
  const screen = yield* Screen.Screen
  const ids = new Set(doomed.map(({ backupId }) => backupId))
  const ready = doomed.filter(Backup.isReady)
  const names = Array.dedupe(ready.map(({ sourceIndexName }) => sourceIndexName))
  const rest = yield* Effect.forEach(names, (name) =>
    // Those of an index that is gone count, and those of another index that bore its name do not.
    Select.backupsEverOf(name).pipe(
      Effect.catchTag("PineconeNotFound", () => Effect.succeed([])),
      Effect.map((rows) => rows.filter((backup) => Backup.isReady(backup) && !ids.has(backup.backupId)))
    ), { concurrency: 4 })
  const restorable = new Set(rest.flat().map(({ sourceIndexId }) => sourceIndexId))
  const bare = Array.dedupe(
    ready.filter(({ sourceIndexId }) => !restorable.has(sourceIndexId)).map(({ sourceIndexName }) => sourceIndexName)
  )
  const warning = Symbols.note(screen, "warning")
  const loss: Loss = {
    consequences: [
      ...lines,
      ...bare.map((name) => `${warning} Nothing will be left to restore ${Format.plain(name)} from`)
    ],
    bare
  }
  return loss
})

/**
 * Says what is lost, and asks. Who is asked types the name of every index that loses its last backup. Whoever wrote
 * `--yes` has said it, terminal or not. `action` and `lastAction` are as in a `Consent.Question`.
 */
export const confirm = (
  { bare, consequences }: Loss,
  { action, lastAction }: { readonly action: string; readonly lastAction: (index: string) => string },
  isYes: boolean
) =>
  bare.length === 0 || isYes
    ? Confirmation.ask({ consequences, action }, isYes)
    : Effect.forEach(bare, (name, position) =>
      Confirmation.ask({
        consequences: position === 0 ? consequences : [],
        action: lastAction(name),
        typed: name
      }, isYes), { discard: true })
