/** Reads the facts of a plan. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Backups from "../../Backups.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as BackupSchedules from "../../BackupSchedules.ts"
import type * as BackupPolicy from "../../health/BackupPolicy.ts"
import * as Indexes from "../../Indexes.ts"
import * as CircuitBreaker from "../../internal/circuit-breaker.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type { Facts, IndexFacts } from "./facts.ts"
import * as Planning from "./planning.ts"

// SchedulePlan.ts documents these types.

export interface ReadOptions {
  readonly indexes?: ReadonlyArray<PineconeIndex.IndexName> | undefined
  readonly concurrency?: number | undefined
  readonly now?: Effect.Effect<DateTime.Utc> | undefined
}

const defaultConcurrency = 8

/** The histories that must be read before an index can be planned. */
export type Needs = (facts: Pick<IndexFacts, "index" | "schedules">) => ReadonlyArray<BackupSchedule.ScheduleId>

export interface Services {
  readonly indexes: Indexes.Service
  readonly schedules: BackupSchedules.Service
  readonly backups: Backups.Service
}

export const services = Effect.gen(function*() {
  return {
    indexes: yield* Indexes.Indexes,
    schedules: yield* BackupSchedules.BackupSchedules,
    backups: yield* Backups.Backups
  }
})

/** An index whose schedules were not read. */
const unread = (index: PineconeIndex.PineconeIndex): IndexFacts => ({
  index,
  schedules: undefined,
  histories: new Map(),
  backups: undefined
})

/** Reads the schedules of an index, and the histories and backups if they are needed. */
const readIndex = Effect.fnUntraced(function*(
  { backups, schedules }: Services,
  breaker: CircuitBreaker.CircuitBreaker,
  index: PineconeIndex.PineconeIndex,
  needs: Needs
): Effect.fn.Return<IndexFacts> {
  const listed = yield* breaker(Stream.runCollect(schedules.list(index.name)))
  const known = { ...unread(index), schedules: listed }
  const ids = needs(known)
  if (ids.length === 0) return known
  const histories = new Map<BackupSchedule.ScheduleId, NonNullable<ReturnType<IndexFacts["histories"]["get"]>>>()
  for (const id of ids) histories.set(id, yield* breaker(Stream.runCollect(schedules.history(id))))
  return { ...known, histories, backups: yield* breaker(Stream.runCollect(backups.listByIndex(index.name))) }
})

const describe = ({ indexes }: Services, name: PineconeIndex.IndexName) =>
  Effect.catchTag(Effect.asSome(indexes.describe(name)), "PineconeNotFound", () => Effect.succeedNone)

/** Reads all indexes of the project, and describes the requested indexes that are not listed. */
const listIndexes = Effect.fnUntraced(function*(
  all: Services,
  requested: (listed: ReadonlyArray<PineconeIndex.PineconeIndex>) => ReadonlyArray<PineconeIndex.IndexName>,
  concurrency: number
) {
  const listed = yield* all.indexes.list
  const found = yield* Effect.forEach(
    requested(listed),
    // An index that is not listed may be new.
    (name) => describe(all, name),
    { concurrency }
  )
  return [...listed, ...found.flatMap(Option.toArray)]
})

export const read = Effect.fn("SchedulePlan.read")(function*(
  wanted: BackupPolicy.BackupPolicy,
  { concurrency = defaultConcurrency, indexes: scope, now = DateTime.now }: ReadOptions = {}
): Effect.fn.Return<
  Facts,
  PineconeError.PineconeError,
  Backups.Backups | BackupSchedules.BackupSchedules | Indexes.Indexes
> {
  const all = yield* services
  const indexes = yield* listIndexes(
    all,
    (listed) => Planning.absent(wanted, { indexes: listed, scope }),
    concurrency
  )
  const breaker = CircuitBreaker.make()
  const managed = new Set<string>(Planning.managed(wanted, { indexes, scope }))
  const facts = yield* Effect.forEach(
    indexes,
    (index) =>
      managed.has(index.name)
        ? readIndex(all, breaker, index, (known) => Planning.needsOf(wanted, known))
        : Effect.succeed(unread(index)),
    { concurrency }
  )
  const deleted = yield* Effect.forEach(
    Planning.absent(wanted, { indexes, scope }),
    (name) =>
      Effect.map(
        // There was never an index with this name.
        breaker(Effect.catchTag(
          Stream.runCollect(all.backups.listByIndex(name, { includeDeleted: true })),
          "PineconeNotFound",
          () => Effect.succeed([])
        )),
        (backups) => [name, backups] as const
      ),
    { concurrency }
  )
  // The time of the last response: a backup that is too old then may not have been too old before.
  return { at: yield* now, indexes: facts, scope, deleted: new Map(deleted) }
})

/** Reads some indexes, without the list of all indexes. Omits indexes that do not exist. */
export const reread = Effect.fnUntraced(function*(
  all: Services,
  names: ReadonlyArray<PineconeIndex.IndexName>,
  needs: Needs,
  { concurrency = defaultConcurrency, now = DateTime.now }: Pick<ReadOptions, "concurrency" | "now">
): Effect.fn.Return<Facts, PineconeError.PineconeError> {
  const breaker = CircuitBreaker.make()
  const found = yield* Effect.forEach(
    names,
    Effect.fnUntraced(function*(name): Effect.fn.Return<ReadonlyArray<IndexFacts>, PineconeError.PineconeError> {
      const index = yield* describe(all, name)
      return Option.isNone(index) ? [] : [yield* readIndex(all, breaker, index.value, needs)]
    }),
    { concurrency }
  )
  return { at: yield* now, indexes: found.flat(), scope: names }
})
