/** Which backups belong to which index. A name can be reused, so the ID of the index that currently has it decides. */
import type * as Array from "effect/Array"
import * as Result from "effect/Result"
import type * as Backup from "../../Backup.ts"
import { isId, isSame, knownId } from "../../internal/same.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import * as LiveId from "../LiveId.ts"
import * as Groups from "./groups.ts"

/**
 * Returns the ID of an index of the facts. If only schedules name it, and backups with the name of the index have another ID,
 * the backups of the index itself must decide: those backups are of a deleted index, or the schedules are wrong.
 */
const liveIds = (facts: Pick<BackupHealth.Facts, "backups">) => {
  let unmarked: ReadonlyMap<string, ReadonlyArray<Backup.Backup>> | undefined
  /** Backups with the name of an index, unless marked as those of a deleted index. */
  const unmarkedOf = (name: string): ReadonlyArray<Backup.Backup> => {
    unmarked ??= Groups.by(
      Result.getOrElse(facts.backups, () => []).filter(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt == null),
      ({ sourceIndexName }) => sourceIndexName
    )
    return unmarked.get(name) ?? []
  }
  return ({ backups, index, ...one }: BackupHealth.IndexFacts): LiveId.LiveId => {
    const schedules = Result.map(one.schedules, (all) => all.map(({ schedule }) => schedule))
    if (isId(index.id)) return LiveId.of({ index, schedules, backups })
    const named = unmarkedOf(index.name)
    const live = LiveId.of({
      index,
      schedules,
      // Without a backup with the name in the project, the index has none either.
      backups: backups ?? (Result.isSuccess(facts.backups) && named.length === 0 ? Result.succeed([]) : undefined)
    })
    const isConfirmed = backups !== undefined || live._tag !== "Known" ||
      named.every(({ sourceIndexId }) => isSame(sourceIndexId, live.indexId))
    return isConfirmed ? live : { _tag: "Unread", error: undefined }
  }
}

/**
 * Returns `true` if only the backups that the service lists for the name of an index can tell whether the backups with that
 * name belong to it.
 */
export const needsBackups = (facts: Pick<BackupHealth.Facts, "backups">) => {
  const liveId = liveIds(facts)
  return (one: BackupHealth.IndexFacts): boolean => {
    const live = liveId(one)
    return Result.isSuccess(facts.backups) && live._tag === "Unread" && live.error === undefined
  }
}

/** Possible IDs of an index whose ID is uncertain: the ID of the index, and the IDs in its schedules and their runs. */
const likelyIdsOf = ({ index: { id }, schedules }: BackupHealth.IndexFacts): ReadonlyArray<string> =>
  [
    id,
    ...Result.match(schedules, {
      onFailure: () => [],
      onSuccess: (all) =>
        all.flatMap(({ runs, schedule }) => [
          schedule.indexId,
          ...(Result.getOrUndefined(runs) ?? []).map(({ sourceIndexId }) => sourceIndexId)
        ])
    })
  ].filter(isId)

/** Groups backups by index ID, or by index name if the ID of the index with that name is uncertain. */
export const backupsBy = (facts: BackupHealth.Facts) => {
  const liveId = liveIds(facts)
  const live = new Map<string, LiveId.LiveId>(facts.indexes.map((one) => [one.index.name, liveId(one)]))
  const isUncertain = ({ id, name }: Pick<PineconeIndex.PineconeIndex, "id" | "name">): boolean => {
    const found = live.get(name)?._tag
    return found === undefined ? !isId(id) : found === "Contradictory" || found === "Unread"
  }
  const idOf = ({ id, name }: PineconeIndex.PineconeIndex): string | undefined => {
    const found = live.get(name)
    return found === undefined ? knownId(id) : found._tag === "Known" ? found.indexId : undefined
  }
  const nameless = new Set<string>(
    [...facts.all, ...facts.indexes.map(({ index }) => index)].filter(isUncertain).map(({ name }) => name)
  )
  const certain = new Set<string>(facts.all.flatMap((index) => nameless.has(index.name) ? [] : idOf(index) ?? []))
  // If a backup has the ID of an index but another name, the ID takes precedence.
  const nameOf = new Map<string, string>(
    facts.indexes.filter(({ index }) => nameless.has(index.name))
      .flatMap((one) => likelyIdsOf(one).map((id) => [id, one.index.name] as const))
      .filter(([id]) => !certain.has(id))
  )
  const nameFor = ({ sourceIndexId, sourceIndexName }: Backup.Backup): string | undefined =>
    nameOf.get(sourceIndexId) ??
      (!isId(sourceIndexId) || nameless.has(sourceIndexName) ? sourceIndexName : undefined)
  const byId = new Map<string, Array.NonEmptyArray<Backup.Backup>>()
  const byName = new Map<string, Array.NonEmptyArray<Backup.Backup>>()
  for (const backup of Result.getOrElse(facts.backups, () => [])) {
    const name = nameFor(backup)
    if (name === undefined) Groups.add(byId, backup.sourceIndexId, backup)
    else Groups.add(byName, name, backup)
  }
  const groupOf = (index: PineconeIndex.PineconeIndex) => {
    const id = idOf(index)
    return nameless.has(index.name) ? byName.get(index.name) : id === undefined ? undefined : byId.get(id)
  }
  return {
    of: (index: PineconeIndex.PineconeIndex) => Result.isSuccess(facts.backups) ? groupOf(index) ?? [] : undefined,
    liveIdOf: ({ name }: PineconeIndex.PineconeIndex): LiveId.LiveId =>
      live.get(name) ?? { _tag: "Unread", error: undefined },
    orphans: () => {
      const there = new Set(facts.all.map(groupOf))
      return [...byId.values(), ...byName.values()].filter((group) => !there.has(group))
    }
  }
}
