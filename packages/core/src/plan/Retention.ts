/**
 * Retention of manual backups: rules that decide which backups of an index to keep, and a stream that deletes the others.
 *
 * The service deletes scheduled backups itself, but never deletes manual backups, which fill the backup quota.
 *
 * **Example** (Keeping the newest manual backup)
 *
 * ```ts
 * import * as Retention from "@pinecone-backups/core/plan/Retention"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function*() {
 *   const facts = yield* Retention.read()
 *   const plan = yield* Effect.fromResult(Retention.plan({ last: 1 }, facts))
 *   yield* Console.log(Retention.deletions(plan).map(({ backup }) => backup.name)) // => [ 'before-reindex' ]
 *   yield* Stream.runForEach(Retention.run(plan), ({ _tag, backup }) => Console.log(_tag, backup.name))
 *   // => Deleted before-reindex
 * }).pipe(Effect.provide(PineconeMemory.layer({
 *   indexes: [{ name: "docs" }],
 *   backups: [{ name: "before-reindex" }, { name: "after-reindex" }]
 * })))
 * ```
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Backup from "../Backup.ts"
import * as Backups from "../Backups.ts"
import type * as BackupHealth from "../health/BackupHealth.ts"
import * as Indexes from "../Indexes.ts"
import { isSame } from "../internal/same.ts"
import type * as Pinecone from "../Pinecone.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import * as Keeping from "./internal/keeping.ts"
import * as ReadFacts from "./internal/retention-facts.ts"

// ============================================================================
// Rules, facts, plans
// ============================================================================

export {
  /**
   * Decision about a backup.
   *
   * @category models
   * @since 0.1.0
   */
  type Decision,
  /**
   * Facts for a plan.
   *
   * @category facts
   * @since 0.1.0
   */
  type Facts,
  /**
   * Decisions about the backups of one index ID.
   *
   * @category models
   * @since 0.1.0
   */
  type Group,
  /**
   * Facts about the indexes that have, or had, a name.
   *
   * @category facts
   * @since 0.1.0
   */
  type IndexFacts,
  /**
   * A count that is not an integer of 1 or more, or a duration that is not positive and finite.
   *
   * @category errors
   * @since 0.1.0
   */
  InvalidRule,
  /**
   * No rule was given.
   *
   * @category errors
   * @since 0.1.0
   */
  NoRules,
  /**
   * Options of a plan.
   *
   * @category options
   * @since 0.1.0
   */
  type PlanOptions,
  /**
   * Reason for not planning anything for an index name.
   *
   * **Details**
   *
   * - `Unreadable`: the facts could not be read. `error` is `undefined` if they were not requested, or if the service returned
   *   backups or schedules of the index without an index ID. With `service`, nothing was requested, because earlier requests
   *   failed.
   * - `Contradictory`: it is not clear which ID the index has. It may have been replaced while the facts were read.
   * - `NotFound`: no index has the name, and no backups of deleted indexes with the name were found or requested.
   *
   * @category models
   * @since 0.1.0
   */
  type Problem,
  /**
   * Reason for a decision.
   *
   * **Details**
   *
   * Reasons to keep a backup, by priority of their cause:
   *
   * - `scheduled`: a schedule created it, so the service deletes it after its retention
   * - `unknown-origin`: it has no name, or a name whose time cannot be verified, so a schedule may have created it
   * - `orphaned`: its index was deleted, and `orphans` is not set
   * - `running`: not finished, or with a status that this version does not know
   * - `undated`, `future`: without a time of creation, or dated in the future
   * - `uncounted`: ready, but without a record count
   * - `restoring`: an index is being restored from it
   * - `newest-good`: the newest good copy
   * - `newer`: newer than the newest good copy
   * - `no-good-copy`: the index has no good copy
   * - `last`, `daily`, `weekly`, `monthly`, `within`: the rule that keeps it
   * - `suspicious`: no rule keeps it, but the newest ready copy of the index is empty or shrunk
   * - `unlisted`: it exists, but is no longer listed for its index. Only from {@link run}.
   *
   * Reasons to delete a backup:
   *
   * - `failed`: it failed, and a newer copy is good
   * - `empty`: it has no records, and a newer copy is good
   * - `unneeded`: it is good, and no rule keeps it
   *
   * @category models
   * @since 0.1.0
   */
  type Reason,
  /**
   * An index name for which nothing is planned.
   *
   * @category models
   * @since 0.1.0
   */
  type Refused,
  /**
   * Plan of the backups to keep and to delete.
   *
   * @category models
   * @since 0.1.0
   */
  type RetentionPlan,
  /**
   * Rules for the good manual backups of an index. A backup is kept if any rule keeps it. At least one rule is required.
   *
   * **Details**
   *
   * Days, weeks and months are those of UTC. Weeks start on Monday. A period without a good backup does not count, so
   * `daily: 7` keeps backups of the latest seven days that have one, however long ago that is.
   *
   * @category models
   * @since 0.1.0
   */
  type Rules,
  /**
   * The list of indexes or the list of restore jobs could not be read.
   *
   * @category errors
   * @since 0.1.0
   */
  Unreadable
} from "./internal/keeping.ts"

/**
 * Decides which backups to keep and which to delete.
 *
 * **Details**
 *
 * A pure function. Only manual backups are deleted: a failed or empty backup if a newer copy is good, and a good copy that
 * no rule keeps. Everything that is uncertain is kept, and so is the newest good copy, whatever the rules. If the newest
 * ready copy of an index is empty or shrunk, nothing of that index is deleted unless `evenIfShrunk` is set, because the
 * older copies may be the last complete ones.
 *
 * Nothing is planned for an index whose facts are unreadable or contradictory: see `refused`. Fails with `NoRules`,
 * `InvalidRule`, or `Unreadable`, if the indexes or the restore jobs could not be read.
 *
 * @category planning
 * @since 0.1.0
 */
export const plan: (
  rules: Keeping.Rules,
  facts: Keeping.Facts,
  options?: Keeping.PlanOptions
) => Result.Result<Keeping.RetentionPlan, Keeping.NoRules | Keeping.InvalidRule | Keeping.Unreadable> = Keeping.plan

/**
 * Returns the decisions to delete, in the order of `run`: by group, oldest backup first.
 *
 * @category getters
 * @since 0.1.0
 */
export const deletions: (plan: Pick<Keeping.RetentionPlan, "groups">) => ReadonlyArray<Keeping.Decision> =
  Keeping.deletions

// ============================================================================
// Reading
// ============================================================================

/**
 * Options of {@link read}.
 *
 * @category options
 * @since 0.1.0
 */
export interface ReadOptions {
  /** Names of indexes. @default every index of the project and, with `orphans`, every deleted index that has backups */
  readonly indexes?: ReadonlyArray<PineconeIndex.IndexName> | undefined
  /** Whether to read the backups of deleted indexes. Required for a plan with `orphans`. @default false */
  readonly orphans?: boolean | undefined
  /** Number of indexes to read concurrently. @default 8 */
  readonly concurrency?: number | undefined
  /** The current time of the service. @default the time of the `Clock` */
  readonly now?: Effect.Effect<DateTime.Utc> | undefined
}

/**
 * Reads the facts for a plan.
 *
 * **Details**
 *
 * Reads the indexes, then for each index its schedules, their full histories and its backups, and the restore jobs of the
 * project. Failed reads become part of the facts.
 *
 * @category reading
 * @since 0.1.0
 */
export const read: (options?: ReadOptions) => Effect.Effect<Keeping.Facts, never, Pinecone.Services> = Effect.fn(
  "Retention.read"
)(function*(options: ReadOptions = {}) {
  const { concurrency = 8, now = DateTime.now, orphans = false } = options
  const { list } = yield* Indexes.Indexes
  const indexes = yield* Effect.result(Effect.gen(function*() {
    const listed = yield* list
    return yield* Effect.forEach(
      yield* ReadFacts.namesOf(listed, options),
      Effect.fnUntraced(function*(
        indexName
      ): Effect.fn.Return<Keeping.IndexFacts, PineconeError.PineconeError, Pinecone.Services> {
        const allBackups = orphans ? yield* ReadFacts.readAllBackups(indexName) : undefined
        // An index that is not listed may be new.
        const index = listed.find(({ name }) => name === indexName) ?? (yield* ReadFacts.findIndex(indexName))
        const named = { index, indexName }
        // Before the histories, so that they have every scheduled backup that was listed.
        const backups = yield* ReadFacts.readBackups(named)
        return { ...named, allBackups, backups, schedules: yield* ReadFacts.readSchedules(named) }
      }),
      { concurrency }
    )
  }))
  const restoreJobs = yield* ReadFacts.readJobs
  return { at: yield* now, indexes, restoreJobs }
})

// ============================================================================
// Execution
// ============================================================================

/**
 * Outcome for a backup that was to be deleted.
 *
 * **Details**
 *
 * - `Deleted`: the service accepted the deletion, which takes effect with a delay.
 * - `Gone`: the backup no longer exists.
 * - `Kept`: the backup was not deleted, because the facts have changed. `reasons` are those of the new plan.
 * - `Failed`: the deletion failed. If `error.inDoubt` is `true`, the backup may have been deleted.
 * - `NotTried`: no deletion was sent, because of `problem`.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome =
  | { readonly _tag: "Deleted" }
  | { readonly _tag: "Gone" }
  | { readonly _tag: "Kept"; readonly reasons: ReadonlyArray<Keeping.Reason> }
  | { readonly _tag: "Failed"; readonly error: PineconeError.PineconeError }
  | { readonly _tag: "NotTried"; readonly problem: Keeping.Problem }

/**
 * A backup that was to be deleted, and its outcome.
 *
 * @category models
 * @since 0.1.0
 */
export type Event = Outcome & {
  readonly indexName: PineconeIndex.IndexName
  readonly backup: Backup.Backup
}

/**
 * Options of {@link run}.
 *
 * @category options
 * @since 0.1.0
 */
export interface RunOptions extends Pick<ReadOptions, "now"> {}

/** Number of consecutive retryable failures after which no more requests are sent. */
const outageFailures = 5

/** Facts about the index of a group that are read once. */
interface Base extends Pick<Keeping.IndexFacts, "index" | "indexName" | "schedules"> {
  readonly restoreJobs: Keeping.Facts["restoreJobs"]
}

/** Deletes the backups of a plan one by one. Keeps the state of one run. */
const makeExecutor = Effect.fnUntraced(
  function*({ options, rules }: Keeping.RetentionPlan, now: Effect.Effect<DateTime.Utc>) {
    const backups = yield* Backups.Backups
    const { orphans = false } = options
    /** Backups whose deletion was requested. They may still be listed, but must not count as copies. */
    const requested = new Set<string>()
    let failures = 0
    let stoppedBy: PineconeError.ListError | undefined

    const unreadable = (
      what: (Keeping.Problem & { readonly _tag: "Unreadable" })["what"],
      error: PineconeError.ListError | undefined
    ): Keeping.Problem => ({ _tag: "Unreadable", what, error })

    /** Stops if no later request can succeed. */
    const onFailure = (error: PineconeError.ListError | undefined): void => {
      failures = error?.isRetryable === true ? failures + 1 : 0
      const isDenied = error?.category === "auth" || error?.category === "permission"
      if (isDenied || failures >= outageFailures) stoppedBy = error
    }

    const notTried = (problem: Keeping.Problem): Outcome => {
      onFailure(problem._tag === "Unreadable" ? problem.error : undefined)
      return { _tag: "NotTried", problem }
    }

    const remaining = (read: BackupHealth.Read<Backup.Backup>) =>
      Result.map(read, (rows) => rows.filter(({ backupId }) => !requested.has(backupId)))

    const readBase = Effect.fnUntraced(
      function*(
        indexName: PineconeIndex.IndexName
      ): Effect.fn.Return<Base, PineconeError.ListError, Pinecone.Services> {
        const index = yield* ReadFacts.findIndex(indexName)
        return {
          index,
          indexName,
          schedules: yield* ReadFacts.readSchedules({ index, indexName }),
          restoreJobs: yield* ReadFacts.readJobs
        }
      }
    )

    /** A backup that is not listed may belong to an index that was deleted since. */
    const ifUnlisted = (id: Backup.BackupId) =>
      Effect.match(backups.describe(id), {
        onSuccess: (): Outcome => ({ _tag: "Kept", reasons: ["unlisted"] }),
        onFailure: (error): Outcome =>
          error._tag === "PineconeNotFound" ? { _tag: "Gone" } : notTried(unreadable("backups", error))
      })

    const remove = (id: Backup.BackupId) => {
      requested.add(id)
      return Effect.match(backups.delete(id), {
        onSuccess: (): Outcome => {
          failures = 0
          return { _tag: "Deleted" }
        },
        onFailure: (error): Outcome => {
          if (error._tag === "PineconeNotFound") return { _tag: "Gone" }
          if (error._tag === "PineconeFailedPrecondition") return { _tag: "Kept", reasons: ["restoring"] }
          onFailure(error)
          return { _tag: "Failed", error }
        }
      })
    }

    const outcomeOf = Effect.fnUntraced(function*(
      approved: Keeping.Group,
      { restoreJobs, ...base }: Base,
      { backup: { backupId } }: Keeping.Decision
    ): Effect.fn.Return<Outcome, never, Pinecone.Services> {
      // The list of the group is the last request before the deletion, so that it is as new as possible.
      const isOrphaned = orphans && approved.isOrphaned
      const allBackups = isOrphaned ? yield* ReadFacts.readAllBackups(base.indexName) : undefined
      const own = yield* ReadFacts.readBackups(base)
      const context = Keeping.contextOf(rules, { at: yield* now, restoreJobs }, options)
      if (Result.isFailure(context)) {
        const { failure } = context
        return notTried(unreadable("restore-jobs", failure._tag === "RetentionUnreadable" ? failure.error : undefined))
      }
      const groups = Keeping.groupFactsOf({
        ...base,
        backups: remaining(own),
        allBackups: allBackups && remaining(allBackups)
      }, { ...options, orphans: isOrphaned })
      if (Result.isFailure(groups)) return notTried(groups.failure)
      const group = groups.success.find(({ indexId }) => isSame(indexId, approved.indexId))
      const decision = group &&
        Keeping.decide(context.success, group, approved).decisions.find(({ backup }) => backup.backupId === backupId)
      if (decision === undefined) return yield* ifUnlisted(backupId)
      return decision.action === "keep" ? { _tag: "Kept", reasons: decision.reasons } : yield* remove(backupId)
    })

    return (group: Keeping.Group): Stream.Stream<Event, never, Pinecone.Services> => {
      const { indexName } = group
      const attempt = (outcome: (decision: Keeping.Decision) => Effect.Effect<Outcome, never, Pinecone.Services>) =>
        Stream.mapEffect(Stream.fromIterable(Keeping.deletionsOf(group)), (decision) =>
          Effect.map(
            Effect.suspend(() =>
              stoppedBy === undefined
                ? outcome(decision)
                : Effect.succeed<Outcome>({ _tag: "NotTried", problem: unreadable("service", stoppedBy) })
            ),
            (outcome): Event => ({ ...outcome, indexName, backup: decision.backup })
          ))
      return Stream.unwrap(
        Effect.match(Effect.suspend(() => stoppedBy === undefined ? readBase(indexName) : Effect.fail(stoppedBy)), {
          onSuccess: (base) => attempt((decision) => outcomeOf(group, base, decision)),
          onFailure: (error) => {
            const outcome = notTried(unreadable("index", error))
            return attempt(() => Effect.succeed(outcome))
          }
        })
      )
    }
  }
)

/**
 * Deletes the backups of a plan, and emits an event for each: by group, oldest backup first.
 *
 * **Details**
 *
 * Before each deletion, the backups of the index are listed again and planned again. Only a backup that both plans delete is
 * deleted, so a backup that has become the newest good copy is kept. Whether the newest ready copy is empty or shrunk is
 * only judged again if a copy was added, or if the newest copy changed.
 *
 * A failure does not stop the other deletions, except if the API key lacks the permission, or after five consecutive
 * retryable failures. A backup from which an index is being restored is kept. Interrupting the stream stops before the
 * next deletion; running the same plan again continues.
 *
 * **Gotchas**
 *
 * Deletions are permanent. Backups that are deleted at the same time by another program can be the copies that this plan
 * kept.
 *
 * @category executing
 * @since 0.1.0
 */
export const run = (
  approved: Keeping.RetentionPlan,
  { now = DateTime.now }: RunOptions = {}
): Stream.Stream<Event, never, Pinecone.Services> =>
  Stream.unwrap(Effect.map(makeExecutor(approved, now), (execute) =>
    Stream.flatMap(
      Stream.fromIterable(approved.groups.filter((group) => Keeping.deletionsOf(group).length > 0)),
      execute
    )))
