/** Decisions about the backups of an index by retention rules: pure functions. `Retention.ts` documents the rules. */
import * as Array from "effect/Array"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import * as Backup from "../../Backup.ts"
import type * as BackupHealth from "../../health/BackupHealth.ts"
import * as BackupPolicy from "../../health/BackupPolicy.ts"
import * as Copies from "../../health/Copies.ts"
import * as Groups from "../../health/internal/groups.ts"
import * as LiveId from "../../health/LiveId.ts"
import { isId, isSame } from "../../internal/same.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJob from "../../RestoreJob.ts"

// ============================================================================
// Rules
// ============================================================================

/** Rules for the good manual backups of an index. A backup is kept if any rule keeps it. At least one rule is required. */
export interface Rules {
  /** Keeps the newest backups: this many. */
  readonly last?: number | undefined
  /** Keeps the newest backup of each of this many days. */
  readonly daily?: number | undefined
  /** Keeps the newest backup of each of this many weeks. */
  readonly weekly?: number | undefined
  /** Keeps the newest backup of each of this many months. */
  readonly monthly?: number | undefined
  /** Keeps all backups, good or not, that are at most this much older than the newest good manual backup. */
  readonly within?: Duration.Input | undefined
}

/** No rule was given. */
export class NoRules extends Data.TaggedError("RetentionNoRules")<{}> {
  override get message(): string {
    return "Expected at least one rule"
  }
}

/** A count that is not an integer of 1 or more, or a duration that is not positive and finite. */
export class InvalidRule extends Data.TaggedError("RetentionInvalidRule")<{ readonly rule: keyof Rules }> {
  override get message(): string {
    return `${this.rule} must be ${this.rule === "within" ? "a positive duration" : "an integer of 1 or more"}`
  }
}

interface Counted {
  readonly rule: "last" | "daily" | "weekly" | "monthly"
  readonly count: number
  /** The period of a time. `undefined` if every backup counts. */
  readonly periodOf: ((at: DateTime.Utc) => number) | undefined
}

interface CheckedRules {
  readonly counted: ReadonlyArray<Counted>
  readonly withinMillis: number | undefined
}

const dayOf = (at: DateTime.Utc): number => Math.floor(millis(at) / dayMillis)

const periods: Readonly<Record<Counted["rule"], Counted["periodOf"]>> = {
  last: undefined,
  daily: dayOf,
  // 1 January 1970 was a Thursday.
  weekly: (at) => Math.floor((dayOf(at) + 3) / 7),
  monthly: (at) => DateTime.getPartUtc(at, "year") * 12 + DateTime.getPartUtc(at, "month")
}

const checkRules = (rules: Rules): Result.Result<CheckedRules, NoRules | InvalidRule> => {
  const counted: globalThis.Array<Counted> = []
  for (const rule of ["last", "daily", "weekly", "monthly"] as const) {
    const count = rules[rule]
    if (count === undefined) continue
    if (!Number.isInteger(count) || count < 1) return Result.fail(new InvalidRule({ rule }))
    counted.push({ rule, count, periodOf: periods[rule] })
  }
  if (rules.within === undefined) {
    return counted.length === 0 ? Result.fail(new NoRules()) : Result.succeed({ counted, withinMillis: undefined })
  }
  const within = Option.getOrUndefined(Duration.fromInput(rules.within))
  return within === undefined || !Duration.isFinite(within) || !Duration.isPositive(within)
    ? Result.fail(new InvalidRule({ rule: "within" }))
    : Result.succeed({ counted, withinMillis: Duration.toMillis(within) })
}

// ============================================================================
// Facts
// ============================================================================

/** Facts about the indexes that have, or had, a name. */
export interface IndexFacts {
  readonly indexName: PineconeIndex.IndexName
  /** The index that has the name; `undefined` if it does not exist. */
  readonly index: PineconeIndex.PineconeIndex | undefined
  /** Schedules of the index, with their full histories. */
  readonly schedules: BackupHealth.Read<BackupHealth.ScheduleFacts>
  /** Backups of the index: `Backups.listByIndex`. */
  readonly backups: BackupHealth.Read<Backup.Backup>
  /** Backups of every index that ever had the name; `undefined` if they were not requested. */
  readonly allBackups: BackupHealth.Read<Backup.Backup> | undefined
}

/** Facts for a plan. */
export interface Facts {
  /** The time at which the facts were read. */
  readonly at: DateTime.Utc
  readonly indexes: BackupHealth.Read<IndexFacts>
  /** Restore jobs of the project. */
  readonly restoreJobs: BackupHealth.Read<RestoreJob.RestoreJob>
}

/** The list of indexes or the list of restore jobs could not be read. */
export class Unreadable extends Data.TaggedError("RetentionUnreadable")<{
  readonly what: "indexes" | "restore-jobs"
  readonly error: PineconeError.ListError
}> {
  override get message(): string {
    return this.error.message
  }
}

// ============================================================================
// Plan
// ============================================================================

/** Reason for a decision. */
export type Reason =
  | "scheduled"
  | "unknown-origin"
  | "orphaned"
  | "running"
  | "undated"
  | "future"
  | "uncounted"
  | "restoring"
  | "newest-good"
  | "newer"
  | "no-good-copy"
  | keyof Rules
  | "suspicious"
  | "unlisted"
  | "failed"
  | "empty"
  | "unneeded"

/** Decision about a backup. */
export interface Decision {
  readonly action: "keep" | "delete"
  /** At least one reason. */
  readonly reasons: ReadonlyArray<Reason>
  readonly backup: Backup.Backup
  readonly copy: Copies.Copy
}

/** Decisions about the backups of one index ID. */
export interface Group {
  readonly indexName: PineconeIndex.IndexName
  readonly indexId: PineconeIndex.IndexId
  /** Whether the index was deleted. */
  readonly isOrphaned: boolean
  /** Decisions, newest backup first. Backups without a time come last. Excludes backups hidden by `name`. */
  readonly decisions: ReadonlyArray<Decision>
  /** The newest ready copy, if it is empty or shrunk. */
  readonly suspect: Copies.Copy | undefined
  /** The copies among which the newest was checked for being empty or shrunk, newest first. */
  readonly judged: ReadonlyArray<Backup.BackupId>
}

/** Reason for not planning anything for an index name. */
export type Problem =
  | {
    readonly _tag: "Unreadable"
    readonly what: "index" | "schedules" | "history" | "backups" | "restore-jobs" | "service"
    readonly error: PineconeError.ListError | undefined
  }
  | { readonly _tag: "Contradictory"; readonly indexIds: ReadonlyArray<PineconeIndex.IndexId> }
  | { readonly _tag: "NotFound" }

/** An index name for which nothing is planned. */
export interface Refused {
  readonly indexName: PineconeIndex.IndexName
  readonly problem: Problem
}

/** Options of a plan. */
export interface PlanOptions {
  /**
   * Whether backups of deleted indexes can be deleted, each index ID by the same rules.
   *
   * @default false
   */
  readonly orphans?: boolean | undefined
  /**
   * Name, or a pattern such as `guard-*`, where `*` matches any characters. Backups with other names neither count nor are
   * deleted.
   *
   * @default all backups
   */
  readonly name?: string | undefined
  /**
   * Whether to continue if the newest ready copy is empty or shrunk. Only after looking at it.
   *
   * @default false
   */
  readonly evenIfShrunk?: boolean | undefined
  /** `maxShrink` sets the share by which a copy may be smaller than the copies before it. @default BackupPolicy.empty */
  readonly policy?: BackupPolicy.BackupPolicy | undefined
}

/** Plan of the backups to keep and to delete. */
export interface RetentionPlan {
  /** The time for which the plan was made. */
  readonly at: DateTime.Utc
  readonly rules: Rules
  readonly options: PlanOptions
  /** Sorted by index name. The existing index comes before deleted indexes with its name. */
  readonly groups: ReadonlyArray<Group>
  readonly refused: ReadonlyArray<Refused>
}

/** Facts about one index ID. */
interface GroupFacts {
  readonly indexName: PineconeIndex.IndexName
  readonly indexId: PineconeIndex.IndexId
  readonly isOrphaned: boolean
  readonly backups: ReadonlyArray<Backup.Backup>
  readonly histories: ReadonlyArray<ReadonlyArray<Pick<Backup.Backup, "backupId">>>
}

/** What all groups have in common. */
interface Context {
  readonly rules: CheckedRules
  readonly options: PlanOptions
  readonly at: DateTime.Utc
  readonly restoring: ReadonlySet<string>
}

/** The newest ready copy, if it is empty or shrunk. A missing number counts as shrunk if it may be. */
const suspectOf = (ready: ReadonlyArray<Copies.Copy>): Copies.Copy | undefined => {
  const [newest] = ready
  return newest !== undefined && (newest.state === "empty" || newest.shrink !== undefined) ? newest : undefined
}

/** Returns `true` if the newest copy was judged before, and no copy has been added. */
const isJudged = (before: Group, judged: Group["judged"]): boolean =>
  before.judged[0] === judged[0] && judged.every((id) => before.judged.includes(id))

/** The reasons to keep good copies, newest first, by the rules that count. */
const countedReasons = (
  { counted }: CheckedRules,
  good: ReadonlyArray<Copies.Copy>
): Map<Copies.Copy, ReadonlyArray<Reason>> => {
  const reasons = new Map<Copies.Copy, ReadonlyArray<Reason>>()
  for (const { count, periodOf, rule } of counted) {
    const used = new Set<unknown>()
    for (const copy of good) {
      if (used.size >= count) break
      if (copy.at === undefined) continue
      const period = periodOf === undefined ? copy : periodOf(copy.at)
      if (used.has(period)) continue
      used.add(period)
      reasons.set(copy, [...reasons.get(copy) ?? [], rule])
    }
  }
  return reasons
}

/**
 * Decides about the backups of one index ID. `approved` is the group that was agreed to: its suspicious copy is not judged
 * again, unless a copy was added.
 */
export const decide = (
  { at, options, restoring, rules }: Context,
  { backups, histories, indexId, indexName, isOrphaned }: GroupFacts,
  approved?: Group
): Group => {
  const { evenIfShrunk = false, name, orphans = false, policy = BackupPolicy.empty } = options
  const { maxShrink } = BackupPolicy.requirementsOf(policy, indexName)
  const all = Copies.of(backups, { now: at, histories, isComplete: true, maxShrink }).toReversed()
  const isReadyNow = (copy: Copies.Copy) =>
    Backup.isReady(copy.backup) && copy.at !== undefined && !Copies.isFuture(copy.at, at)
  const ready = all.filter(isReadyNow)
  const suspect = suspectOf(ready)
  const judged = ready.map(({ backup }) => backup.backupId)
  const isHeld = suspect !== undefined && (approved === undefined ? !evenIfShrunk : !isJudged(approved, judged))

  const visible = all.filter(({ backup }) => name === undefined || BackupPolicy.matches(name, backup.name ?? ""))
  const newestGood = visible.findIndex(Copies.isGood)
  const counting = visible.filter((copy) => Copies.isGood(copy) && copy.origin === "on-demand")
  const byCount = countedReasons(rules, counting)
  const [anchor] = counting
  const since = rules.withinMillis === undefined || anchor?.at === undefined
    ? Infinity
    : millis(anchor.at) - rules.withinMillis
  const reasonsToKeep = (copy: Copies.Copy, position: number): ReadonlyArray<Reason> => {
    const { at: taken, backup, origin, state } = copy
    const isFuture = taken !== undefined && Copies.isFuture(taken, at)
    const held: ReadonlyArray<readonly [Reason, boolean]> = [
      ["scheduled", origin === "scheduled"],
      ["unknown-origin", origin === "unknown"],
      ["running", state === "running"],
      ["undated", taken === undefined],
      ["future", isFuture],
      ["uncounted", state === "uncounted"],
      ["restoring", restoring.has(backup.backupId)],
      ["newest-good", position === newestGood],
      ["newer", position < newestGood && !isFuture],
      ["no-good-copy", newestGood === -1]
    ]
    return [
      ...held.flatMap(([reason, isTrue]) => isTrue ? [reason] : []),
      ...byCount.get(copy) ?? [],
      ...(taken !== undefined && millis(taken) >= since ? ["within" as const] : [])
    ]
  }
  const decisions = visible.map((copy, position): Decision => {
    const { backup } = copy
    const keep: ReadonlyArray<Reason> = isOrphaned && !orphans ? ["orphaned"] : reasonsToKeep(copy, position)
    if (keep.length > 0) return { action: "keep", reasons: keep, backup, copy }
    if (isHeld) return { action: "keep", reasons: ["suspicious"], backup, copy }
    const reason = copy.state === "failed" || copy.state === "empty" ? copy.state : "unneeded"
    return { action: "delete", reasons: [reason], backup, copy }
  })
  return { indexName, indexId, isOrphaned, decisions, suspect, judged }
}

const unique = (backups: ReadonlyArray<Backup.Backup>): ReadonlyArray<Backup.Backup> => [
  ...new Map(backups.map((backup) => [backup.backupId, backup])).values()
]

const byId = (self: Pick<Group, "indexId">, that: Pick<Group, "indexId">): number =>
  self.indexId < that.indexId ? -1 : self.indexId > that.indexId ? 1 : 0

/** The groups of an index name: the existing index, then deleted indexes by ID. */
export const groupFactsOf = (
  { allBackups, backups, index, indexName, schedules }: IndexFacts,
  { orphans = false }: PlanOptions
): Result.Result<ReadonlyArray<GroupFacts>, Problem> => {
  const unreadable = (what: "schedules" | "history" | "backups", error: PineconeError.ListError | undefined) =>
    Result.fail<Problem>({ _tag: "Unreadable", what, error })
  if (orphans && allBackups === undefined) return unreadable("backups", undefined)
  if (allBackups !== undefined && Result.isFailure(allBackups)) return unreadable("backups", allBackups.failure)
  // A backup without an index ID may belong to the index that exists.
  const ever = (allBackups === undefined ? [] : allBackups.success).filter(({ sourceIndexId, sourceIndexName }) =>
    isSame(sourceIndexName, indexName) && isId(sourceIndexId)
  )
  const groups: globalThis.Array<GroupFacts> = []
  let liveId: PineconeIndex.IndexId | undefined
  if (index !== undefined) {
    if (Result.isFailure(backups)) return unreadable("backups", backups.failure)
    if (Result.isFailure(schedules)) return unreadable("schedules", schedules.failure)
    const live = LiveId.of({
      index,
      schedules: Result.map(schedules, (all) => all.map(({ schedule }) => schedule)),
      backups
    })
    if (live._tag === "Unread") return unreadable("backups", live.error)
    if (live._tag === "Contradictory") return Result.fail(live)
    // A backup without an index ID may be the newest of the index, so the other rows do not show what may be deleted.
    if (!backups.success.every(({ sourceIndexId }) => isId(sourceIndexId))) return unreadable("backups", undefined)
    const histories: globalThis.Array<ReadonlyArray<Pick<Backup.Backup, "backupId">>> = []
    for (const { runs } of schedules.success) {
      // Without the history of a schedule, its backups are not known.
      if (Result.isFailure(runs)) return unreadable("history", runs.failure)
      histories.push(runs.success)
    }
    if (live._tag === "NoEvidence") {
      // A backup that is listed here but not for the index may have been created or listed between the two reads.
      const unmarked = ever.filter(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt == null)
      if (unmarked.length > 0) {
        const indexIds = Array.dedupe(unmarked.map(({ sourceIndexId }) => sourceIndexId))
        return Result.fail({ _tag: "Contradictory", indexIds })
      }
    }
    if (live._tag === "Known") {
      const { indexId } = live
      liveId = indexId
      const own = backups.success.filter(({ sourceIndexId }) => isSame(sourceIndexId, indexId))
      groups.push({ indexName, indexId, isOrphaned: false, backups: unique(own), histories })
    }
  }
  const former = [
    ...Groups.by(
      unique(ever.filter(({ sourceIndexId }) => liveId === undefined || !isSame(sourceIndexId, liveId))),
      ({ sourceIndexId }) => sourceIndexId.toLowerCase()
    ).values()
  ].map((own): GroupFacts => {
    const [{ sourceIndexId: indexId }] = own
    return { indexName, indexId, isOrphaned: true, backups: own, histories: [] }
  })
  groups.push(...former.sort(byId))
  return index === undefined && groups.length === 0 ? Result.fail({ _tag: "NotFound" }) : Result.succeed(groups)
}

/** Checks the rules and prepares what all groups have in common. */
export const contextOf = (
  rules: Rules,
  { at, restoreJobs }: Pick<Facts, "at" | "restoreJobs">,
  options: PlanOptions
): Result.Result<Context, NoRules | InvalidRule | Unreadable> => {
  const checked = checkRules(rules)
  if (Result.isFailure(checked)) return Result.fail(checked.failure)
  if (Result.isFailure(restoreJobs)) {
    return Result.fail(new Unreadable({ what: "restore-jobs", error: restoreJobs.failure }))
  }
  const running = restoreJobs.success.filter((job) => !RestoreJob.isFinal(job))
  return Result.succeed({
    rules: checked.success,
    options,
    at,
    restoring: new Set(running.map(({ backupId }) => backupId))
  })
}

/** Decides which backups to keep and which to delete. */
export const plan = (
  rules: Rules,
  facts: Facts,
  options: PlanOptions = {}
): Result.Result<RetentionPlan, NoRules | InvalidRule | Unreadable> => {
  const context = contextOf(rules, facts, options)
  if (Result.isFailure(context)) return Result.fail(context.failure)
  if (Result.isFailure(facts.indexes)) {
    return Result.fail(new Unreadable({ what: "indexes", error: facts.indexes.failure }))
  }
  const groups: globalThis.Array<Group> = []
  const refused: globalThis.Array<Refused> = []
  for (const index of Array.sortWith(facts.indexes.success, ({ indexName }) => indexName, Order.String)) {
    const { indexName } = index
    const found = groupFactsOf(index, options)
    if (Result.isFailure(found)) refused.push({ indexName, problem: found.failure })
    else groups.push(...found.success.map((group) => decide(context.success, group)))
  }
  return Result.succeed({ at: facts.at, rules, options, groups, refused })
}

/** Returns the decisions to delete, in the order of `run`: by group, oldest backup first. */
export const deletions = ({ groups }: Pick<RetentionPlan, "groups">): ReadonlyArray<Decision> =>
  groups.flatMap(deletionsOf)

/** The decisions to delete, oldest backup first. */
export const deletionsOf = ({ decisions }: Group): ReadonlyArray<Decision> =>
  decisions.filter(({ action }) => action === "delete").toReversed()
