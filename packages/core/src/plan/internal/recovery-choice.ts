/** Choice of the backup that a recovery restores: by the ID of the index, the time and the state. Names decide nothing. */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import * as Backup from "../../Backup.ts"
import * as Choosing from "../../drill/internal/choosing.ts"
import * as Copies from "../../health/Copies.ts"
import { lagMillis, maxShrink as usualMaxShrink } from "../../health/internal/limits.ts"
import { isId, isSame } from "../../internal/same.ts"
import { millis } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"

/** Start of the idempotency key of a backup of a damaged index. Unlike its name, users do not choose it. */
export const damagedKey = "before-replace"

/** Returns `true` if a replacement made the backup before it deleted the index. */
export const isOfDamaged = (backup: Backup.Backup): boolean =>
  Backup.idempotencyKey(backup)?.startsWith(`${damagedKey}.`) === true

/** An index that has or had the name, and its backups. */
export interface Generation {
  readonly indexId: PineconeIndex.IndexId
  readonly isLive: boolean
  readonly deletedAt: DateTime.Utc | undefined
  /** Oldest first. */
  readonly copies: ReadonlyArray<Copies.Copy>
}

const newestOf = ({ copies }: Generation): number => Math.max(...copies.map(({ at }) => at ? millis(at) : -Infinity))

/**
 * Returns the generations of a name, the latest first: the index that exists, then by time of deletion. Without that time,
 * the newest backup decides.
 */
export const generations = (
  { at: now, backups }: Pick<RecoveryPlan.Facts, "at" | "backups">,
  liveId: PineconeIndex.IndexId | undefined,
  maxShrink: number | undefined
): ReadonlyArray<Generation> => {
  const byId = new Map<string, Array<Backup.Backup>>()
  for (const backup of backups) {
    const key = backup.sourceIndexId.toLowerCase()
    const found = byId.get(key)
    if (found === undefined) byId.set(key, [backup])
    else found.push(backup)
  }
  const all = [...byId.values()].flatMap((own): ReadonlyArray<Generation> => {
    const [first] = own
    if (first === undefined) return []
    const deletedAt = own.flatMap(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt ?? [])
    return [{
      indexId: first.sourceIndexId,
      isLive: liveId !== undefined && isSame(first.sourceIndexId, liveId),
      deletedAt: deletedAt.length === 0 ? undefined : deletedAt.reduce(DateTime.max),
      copies: Copies.of(own, { now, maxShrink })
    }]
  })
  const endOf = (generation: Generation): number =>
    generation.isLive
      ? Infinity
      : generation.deletedAt
      ? millis(generation.deletedAt)
      : newestOf(generation)
  // The ID decides between equal times, so that the order of the list does not.
  const compare = (one: number, other: number): number => one === other ? 0 : other - one
  return all.toSorted((one, other) =>
    compare(endOf(one), endOf(other)) || compare(newestOf(one), newestOf(other)) ||
    (one.indexId < other.indexId ? 1 : -1)
  )
}

/** Returns the newest copy that a recovery may choose by itself. */
const soundOf = (
  { copies }: Generation,
  until: DateTime.Utc | undefined
): Copies.Copy | undefined =>
  copies.findLast((copy) => Copies.isSound(copy) && !isOfDamaged(copy.backup) && isInReach(copy, until))

const isInReach = ({ at }: Copies.Copy, until: DateTime.Utc | undefined): boolean =>
  until === undefined || (at !== undefined && DateTime.isLessThanOrEqualTo(at, until))

/** Sorts copies of several indexes, the newest first. Copies without a time are last. */
const newestFirst = (copies: ReadonlyArray<Copies.Copy>): ReadonlyArray<Copies.Copy> =>
  Array.sort(copies, Order.mapInput(Order.flip(Order.Number), ({ at }: Copies.Copy) => at ? millis(at) : -Infinity))

/** Why a copy is not chosen automatically. `undefined` if it can be. */
const doubtOf = (copy: Copies.Copy): RecoveryPlan.Skipped["reason"] | undefined =>
  copy.state !== "good"
    ? copy.state
    : isOfDamaged(copy.backup)
    ? "before-replace"
    : !isId(copy.backup.sourceIndexId)
    ? "unidentified"
    : Copies.isSound(copy)
    ? undefined
    : "shrunk"

const skip = (copy: Copies.Copy): RecoveryPlan.Skipped => ({
  backupId: copy.backup.backupId,
  name: copy.backup.name ?? null,
  takenAt: copy.at ?? null,
  recordCount: copy.backup.recordCount ?? null,
  reason: doubtOf(copy) ?? "shrunk"
})

/** Preference among copies that are not chosen automatically, the best first. Others cannot be restored. */
const preference: ReadonlyArray<RecoveryPlan.Skipped["reason"]> = [
  "shrunk",
  "unidentified",
  "uncounted",
  "undated",
  "before-replace",
  "future",
  "empty"
]

const bestOf = (skipped: ReadonlyArray<RecoveryPlan.Skipped>): RecoveryPlan.Skipped | null =>
  preference.flatMap((wanted) => skipped.find(({ reason }) => reason === wanted) ?? [])[0] ?? null

/** Summaries of the generations except one. */
const othersOf = (
  all: ReadonlyArray<Generation>,
  chosen: Generation | undefined
): ReadonlyArray<RecoveryPlan.OtherIndex> =>
  all.filter((generation) => generation !== chosen).map((generation) => {
    const good = generation.copies.filter((copy) => Copies.isGood(copy) && !isOfDamaged(copy.backup))
    return {
      indexId: generation.indexId,
      deletedAt: generation.deletedAt ?? null,
      goodCopies: good.length,
      newestAt: good.at(-1)?.at ?? null
    }
  })

/** A chosen backup, and the rest. */
export interface Choice {
  readonly copy: RecoveryPlan.Copy
  readonly generation: Generation | undefined
  /** Whether the backup no longer exists, but an index was restored from it. */
  readonly isVanished: boolean
  readonly skipped: ReadonlyArray<RecoveryPlan.Skipped>
  readonly others: ReadonlyArray<RecoveryPlan.OtherIndex>
}

const describe = (copy: Copies.Copy, expiresAt: DateTime.Utc | undefined): RecoveryPlan.Copy => ({
  ...Choosing.describe(copy),
  dataUntil: copy.at ? DateTime.makeUnsafe(millis(copy.at) - lagMillis) : null,
  expiresAt: expiresAt ?? null,
  tags: copy.backup.tags ?? null
})

/** A backup of which only the ID is known: it no longer exists, but an index was restored from it. */
export const vanished = (backupId: Backup.BackupId, indexId: PineconeIndex.IndexId): RecoveryPlan.Copy => ({
  backupId,
  name: null,
  sourceIndexId: indexId,
  takenAt: null,
  recordCount: null,
  namespaceCount: null,
  sizeBytes: null,
  dimension: null,
  hasTypedSchema: false,
  dataUntil: null,
  expiresAt: null,
  tags: null
})

interface Request extends Pick<RecoveryPlan.Options, "at" | "backupId" | "indexId"> {
  /** Returns when the retention of a copy ends. */
  readonly expiryOf: (copy: Copies.Copy, generation: Generation) => DateTime.Utc | undefined
  /**
   * Copies without an index ID. They may be of any index with the name, so they are only chosen by their own
   * ID, but never passed over in silence.
   */
  readonly unidentified: ReadonlyArray<Copies.Copy>
}

/** Chooses a backup, or returns why none can be chosen. */
export const choose = (
  all: ReadonlyArray<Generation>,
  { at, backupId, expiryOf, indexId, unidentified }: Request
): Choice | RecoveryPlan.RefusalReason => {
  if (all.length === 0 && unidentified.length === 0) return { _tag: "NoBackups" }
  if (indexId !== undefined && !all.some((generation) => isSame(generation.indexId, indexId))) {
    return { _tag: "UnknownIndexId", indexId }
  }
  const eligible = indexId === undefined ? all : all.filter((generation) => isSame(generation.indexId, indexId))
  const generation = backupId === undefined
    ? eligible.find((generation) => soundOf(generation, at) !== undefined)
    : eligible.find(({ copies }) => copies.some(({ backup }) => isSame(backup.backupId, backupId)))
  const copy = generation && (backupId === undefined
    ? soundOf(generation, at)
    : generation.copies.find(({ backup }) => isSame(backup.backupId, backupId)))
  if (generation === undefined || copy === undefined) {
    if (backupId !== undefined) return { _tag: "UnknownBackup", backupId }
    const skipped = newestFirst([...eligible[0]?.copies ?? [], ...unidentified])
      .filter((copy) => isInReach(copy, at))
      .map(skip)
    return { _tag: "NoGoodCopy", best: bestOf(skipped), skipped, others: othersOf(all, eligible[0]) }
  }
  if (!Backup.isReady(copy.backup)) {
    return { _tag: "BackupNotReady", backupId: copy.backup.backupId, status: copy.backup.status }
  }
  const place = generation.copies.indexOf(copy)
  // A backup without a time may be newer than any.
  const newer = backupId !== undefined ? [] : [
    ...unidentified.filter((other) =>
      other.at === undefined || copy.at === undefined ||
      (DateTime.isGreaterThan(other.at, copy.at) && isInReach(other, at))
    ),
    ...generation.copies.filter((other, position) =>
      other.at === undefined ? other !== copy : position > place && isInReach(other, at)
    )
  ]
  return {
    copy: describe(copy, expiryOf(copy, generation)),
    generation,
    isVanished: false,
    skipped: newestFirst(newer).map(skip),
    others: othersOf(all, generation)
  }
}

/**
 * Warns of an earlier backup with far more records. Whether a copy is shrunk is judged by several backups before it, and
 * the index may have lost its records when there was only one.
 */
const fewerRecords = (
  { copy, generation, isVanished }: Choice,
  maxShrink: number = usualMaxShrink
): ReadonlyArray<RecoveryPlan.Warning> => {
  const { recordCount, takenAt } = copy
  if (recordCount === null || takenAt === null || isVanished) return []
  const earlier = generation?.copies.findLast((other) =>
    Copies.isGood(other) && !isOfDamaged(other.backup) && other.at !== undefined &&
    DateTime.isLessThan(other.at, takenAt) && recordCount < (1 - maxShrink) * (other.backup.recordCount ?? 0)
  )
  return earlier === undefined
    ? []
    : [{ _tag: "FewerRecords", recordCount, earlier: describe(earlier, undefined) }]
}

/** Warnings about the chosen backup: that an earlier one has far more records, or that only its ID can choose it. */
export const warningsOf = (choice: Choice, maxShrink?: number): ReadonlyArray<RecoveryPlan.Warning> => {
  const { copy: { backupId }, generation, isVanished } = choice
  const fewer = fewerRecords(choice, maxShrink)
  const copy = isVanished ? undefined : generation?.copies.find(({ backup }) => isSame(backup.backupId, backupId))
  const reason = copy && doubtOf(copy)
  // `FewerRecords` already says that it has few records.
  const isSaid = fewer.length > 0 && (reason === "empty" || reason === "shrunk")
  return reason === undefined || isSaid ? fewer : [...fewer, { _tag: "DoubtfulBackup", backupId, reason }]
}

/**
 * Warns of good backups that show that a replaced index was still in use after it was backed up to be replaced or, without such
 * a backup, after the chosen backup was taken.
 */
export const newerWarningsOf = (
  { copies }: Generation,
  { takenAt }: RecoveryPlan.Copy
): ReadonlyArray<RecoveryPlan.Warning> => {
  const since = copies.findLast(({ at, backup }) => at !== undefined && isOfDamaged(backup))?.at ?? takenAt
  const newer = copies.filter((other) =>
    Copies.isSound(other) && !isOfDamaged(other.backup) && other.at !== undefined &&
    (since === null || DateTime.isGreaterThan(other.at, since))
  )
  const newest = newer.at(-1)
  return newest === undefined
    ? []
    : [{ _tag: "NewerBackups", count: newer.length, newest: describe(newest, undefined) }]
}

/** Returns the next older copy that could be chosen instead. */
export const olderThan = (
  { copy, generation }: Pick<Choice, "copy" | "generation">,
  isUsable: (copy: Copies.Copy) => boolean = () => true
): Backup.BackupId | null => {
  const copies = generation?.copies ?? []
  const place = copies.findIndex(({ backup }) => isSame(backup.backupId, copy.backupId))
  return copies.slice(0, Math.max(0, place)).findLast((copy) =>
    Copies.isSound(copy) && !isOfDamaged(copy.backup) && isUsable(copy)
  )?.backup.backupId ?? null
}
