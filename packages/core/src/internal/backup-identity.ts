/** Rules that identify the backup that a call created. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Backup from "../Backup.ts"
import * as Name from "../Name.ts"
import * as IdempotencyKey from "./idempotency-key.ts"
import type * as Reconcile from "./transport/reconcile.ts"

/** Whether a backup is the result of a call; `"maybe"` if a required field is missing. */
export type Likeness = "yes" | "maybe" | "no"

export interface Candidate {
  readonly backup: Backup.Backup
  readonly likeness: Likeness
}

export const likenessOf = (text: string | null | undefined, wanted: string): Likeness =>
  text === undefined ? "maybe" : Name.isSame(text, wanted) ? "yes" : "no"

export const both = (a: Likeness, b: Likeness): Likeness =>
  a === "no" || b === "no" ? "no" : a === "yes" && b === "yes" ? "yes" : "maybe"

export const either = (a: Likeness, b: Likeness): Likeness =>
  a === "yes" || b === "yes" ? "yes" : a === "no" && b === "no" ? "no" : "maybe"

export const isKeyed = (description: string | null | undefined, key: string): Likeness =>
  description === undefined ? "maybe" : IdempotencyKey.read(description) === key ? "yes" : "no"

/** The backup with a key. If two processes each created a backup, prefers one that did not fail. */
export const preferred = (all: ReadonlyArray<Candidate>): Backup.Backup | undefined => {
  const own = all.filter(({ likeness }) => likeness === "yes").map(({ backup }) => backup)
  return own.find((backup) => !Backup.isFailed(backup)) ?? own[0]
}

/** The IDs of the candidates. */
export const idsOf = (all: ReadonlyArray<Candidate>): ReadonlySet<Backup.BackupId> =>
  new Set(all.map(({ backup }) => backup.backupId))

/** The only candidate, if its identity is certain. */
export const theOnly = (
  [first, ...others]: ReadonlyArray<Candidate>
): Effect.Effect<Backup.Backup | undefined, Reconcile.Unclear> =>
  first === undefined
    ? Effect.undefined
    : first.likeness === "yes" && others.length === 0
    ? Effect.succeed(first.backup)
    : Effect.fail("unclear")

/** The candidate whose identity is certain; otherwise the only new candidate, if its identity is certain. */
export const known = (
  all: ReadonlyArray<Candidate>,
  isNew: (candidate: Candidate) => boolean
): Effect.Effect<Backup.Backup | undefined, Reconcile.Unclear> => {
  const found = preferred(all)
  return found === undefined ? theOnly(all.filter(isNew)) : Effect.succeed(found)
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

/** Generates a unique backup name. */
export const uniqueName: Effect.Effect<string> = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, letters.length - 1), 16),
  (indices) => `backup-${indices.map((index) => letters[index]).join("")}`
)

/** The first field of a backup that contradicts its request. A missing field is not a contradiction. */
export const mismatchOf = (
  backup: Backup.Backup,
  asked: { readonly name?: string; readonly description?: string }
): string | undefined =>
  backup.name && !Name.isSame(backup.name, asked.name)
    ? "name"
    : backup.description && !Name.isSame(backup.description, asked.description)
    ? "description"
    : undefined
