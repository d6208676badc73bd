/** The planner of recoveries: a pure function from facts and options to the steps that are left. */
import * as Result from "effect/Result"
import type * as Backup from "../../Backup.ts"
import * as LiveId from "../../health/LiveId.ts"
import * as IndexRules from "../../IndexRules.ts"
import { isId, isSame } from "../../internal/same.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import * as RecoveryPlan from "../RecoveryPlan.ts"
import * as Choice from "./recovery-choice.ts"
import * as Refusing from "./recovery-refusals.ts"
import * as Retention from "./recovery-retention.ts"
import * as Settings from "./recovery-settings.ts"
import * as Steps from "./recovery-steps.ts"
import * as Tags from "./recovery-tags.ts"
import * as Target from "./recovery-target.ts"
import * as SideCopy from "./side-copy.ts"

type Plan = Result.Result<RecoveryPlan.RecoveryPlan, RecoveryPlan.Refusal>

// ============================================================================
// Interrupted replacements
// ============================================================================

/**
 * Returns `true` if a replacement cannot have deleted an index: it deletes the index as soon as it has backed it up, so the
 * earlier replacement was given up.
 */
const isGivenUp = ({ copies, deletedAt }: Choice.Generation): boolean => {
  const backedUp = copies.findLast(({ at, backup }) => at !== undefined && Choice.isOfDamaged(backup))?.at
  return deletedAt !== undefined && backedUp !== undefined && millis(deletedAt) - millis(backedUp) > dayMillis
}

/** Returns the side copy of a replacement that deleted the latest index with the name and did not restore it yet. */
const interruptedBy = (
  facts: RecoveryPlan.Facts,
  name: PineconeIndex.IndexName,
  backupId: Backup.BackupId | undefined,
  generations: ReadonlyArray<Choice.Generation>
): PineconeIndex.PineconeIndex | undefined => {
  const [generation] = generations
  if (generation === undefined || isGivenUp(generation)) return undefined
  const { indexId: latest } = generation
  const [first] = facts.indexes.filter((index) =>
    !isSame(index.name, name) && !Target.isTerminating(index) && index.tags != null &&
    isSame(index.tags[RecoveryPlan.tags.recover], name) && isSame(index.tags[RecoveryPlan.tags.replace], latest) &&
    (backupId === undefined || isSame(Target.sourceOf(facts, index), backupId))
  ).toSorted((one, other) => one.name < other.name ? -1 : 1)
  return first
}

// ============================================================================
// Plans
// ============================================================================

/** Everything that the planner derives before it decides. */
interface Draft {
  readonly facts: RecoveryPlan.Facts
  readonly options: RecoveryPlan.Options
  readonly live: PineconeIndex.PineconeIndex | undefined
  readonly liveId: PineconeIndex.IndexId | undefined
  readonly generations: ReadonlyArray<Choice.Generation>
  readonly choice: Choice.Choice
  /** Whether the backup is that of an interrupted replacement, and the caller has not given it. */
  readonly isBackupInferred: boolean
  readonly side: PineconeIndex.PineconeIndex | undefined
  readonly approved: RecoveryPlan.PlannedSchedule | null | undefined
}

const settingsOf = (
  { approved, choice: { copy, generation }, facts, live, options }: Draft,
  from: {
    /** Whether the settings of the existing index count. */
    readonly isLive: boolean
    readonly sideTags?: Readonly<Record<string, string>> | undefined
    /** The index that was deleted for a replacement. */
    readonly replacedId?: string | undefined
  }
): RecoveryPlan.Settings =>
  Settings.plan({
    index: options.index,
    options,
    approved,
    now: facts.at,
    live: from.isLive ? live : undefined,
    schedules: from.isLive ? facts.schedules : [],
    sideTags: from.sideTags,
    copies: generation?.copies ?? [],
    tags: copy.tags,
    isReplaced: from.replacedId !== undefined,
    damagedTags: facts.backups.find((backup) =>
      Choice.isOfDamaged(backup) && from.replacedId !== undefined && isSame(backup.sourceIndexId, from.replacedId)
    )?.tags ?? undefined
  })

const finish = (
  draft: Draft,
  rest:
    & Pick<RecoveryPlan.RecoveryPlan, "goal" | "settings" | "state" | "steps" | "target" | "warnings">
    & Partial<Pick<RecoveryPlan.RecoveryPlan, "replaced" | "restoreJobId" | "sideCopy">>
): Plan => {
  const { choice: { copy, isVanished, others, skipped }, facts, options } = draft
  const starts = rest.steps.some(({ _tag }) => _tag === "Restore")
  if (starts && isVanished) return refuse(draft, { _tag: "UnknownBackup", backupId: copy.backupId })
  const ofCopy = starts
    ? [...Choice.warningsOf(draft.choice, options.maxShrink), ...Retention.warningsOf(draft.choice, facts, options)]
    : []
  const warnings = [...ofCopy, ...rest.warnings]
  return Result.succeed({
    options: { ...options, at: undefined, backupId: copy.backupId },
    copy,
    skipped,
    others,
    consent: rest.steps.some(({ _tag }) => _tag === "Delete")
      ? "typed"
      : warnings.some(({ _tag }) => _tag === "NewerBackups" || (_tag === "ExpiresSoon" && rest.goal === "side-copy"))
      ? "yes"
      : "free",
    restoreJobId: null,
    restoreDuration: Retention.durationsOf(facts),
    replaced: null,
    sideCopy: null,
    ...rest,
    warnings
  })
}

const refuse = ({ options }: Pick<Draft, "options">, reason: RecoveryPlan.RefusalReason): Plan =>
  Result.fail(Refusing.make(options.index, reason))

const refuseFailed = (
  draft: Draft,
  name: PineconeIndex.IndexName,
  { job }: Target.Target,
  isRemovable: boolean
): Plan =>
  refuse(draft, {
    _tag: "RestoreFailed",
    indexName: name,
    copy: draft.choice.copy,
    restoreJobId: job?.restoreJobId ?? null,
    isRemovable,
    older: Choice.olderThan(draft.choice)
  })

/** Returns the refusal if the project has no room for one more index. */
const overQuota = ({ facts, options }: Draft): RecoveryPlan.RefusalReason | undefined =>
  options.indexQuota !== undefined && facts.indexes.length >= options.indexQuota
    ? { _tag: "IndexQuota", count: facts.indexes.length, quota: options.indexQuota }
    : undefined

/** Plans a side copy. */
const planSideCopy = (draft: Draft, name: PineconeIndex.IndexName): Plan => {
  const { choice: { copy }, facts, live, options } = draft
  const target = Target.targetOf(facts, name, copy.backupId)
  if (target.index !== undefined && target.state !== "deleting" && !target.isOurs) {
    return refuse(draft, { _tag: "NameTaken", indexName: name })
  }
  if (target.state === "failed") return refuseFailed(draft, name, target, false)
  const full = target.state === "absent" ? overQuota(draft) : undefined
  if (full !== undefined) return refuse(draft, full)
  const settings = settingsOf(draft, { isLive: live !== undefined })
  const main = settings.schedule
  const isKnown = (source: RecoveryPlan.Source) => source === "index" || source === "options"
  const stored = Tags.encode(options.index, {
    schedule: main === null
      ? live === undefined ? undefined : null
      : isKnown(main.frequency.source) || isKnown(main.retentionDays.source)
      ? {
        name: main.name.value,
        frequency: main.frequency.value,
        retentionDays: main.retentionDays.value,
        isPaused: main.isPaused
      }
      : undefined,
    deletionProtection: isKnown(settings.deletionProtection.source) ? settings.deletionProtection.value : undefined
  })
  // Leaves room for the tag of a replacement.
  const { leftOut, tags } = Tags.combine(copy.tags ?? {}, stored.tags, IndexRules.maxTags - 1)
  const notStored = [...stored.notStored, ...leftOut.map((key) => `the tag ${key}`)]
  return finish(draft, {
    goal: "side-copy",
    state: target.state,
    target: name,
    settings,
    restoreJobId: target.job?.restoreJobId ?? null,
    steps: Steps.restoreSteps(
      name,
      target,
      {
        _tag: "Restore",
        indexName: name,
        backupId: copy.backupId,
        tags,
        deletionProtection: "disabled",
        readCapacity: undefined
      },
      false
    ),
    warnings: notStored.length === 0 || target.state === "restored" || target.state === "restoring"
      ? []
      : [{ _tag: "NotStored", indexName: name, what: notStored }]
  })
}

/** Plans a restore under the name of the index, which does not exist or is the result of this recovery. */
const planRestore = (draft: Draft, target: Target.Target, isInterrupted: boolean): Plan => {
  const { choice: { copy }, facts, options, side } = draft
  const name = options.index
  if (target.state === "failed" && options.replace !== true) return refuseFailed(draft, name, target, true)
  const full = target.state === "absent" ? overQuota(draft) : undefined
  if (full !== undefined) return refuse(draft, full)
  const replacedId = side?.tags?.[RecoveryPlan.tags.replace]
  const hasReplaced = replacedId !== undefined
  const settings = settingsOf(draft, {
    isLive: false,
    sideTags: hasReplaced ? side?.tags ?? undefined : undefined,
    replacedId
  })
  const isReady = target.state === "restored"
  const scheduled = Steps.scheduleSteps(name, isReady ? facts.schedules : [], settings)
  const configured = isReady ? Steps.configureSteps(name, target.index, settings, options) : []
  const rest = [...configured, ...scheduled.steps]
  const isContinued = target.state === "absent" && isInterrupted
  // A schedule is created after the verification. One that somebody else has created proves nothing, but an index that is in use
  // has other records than its backup, so it cannot be verified again.
  const isComplete = isReady && rest.length === 0 && facts.schedules.length > 0
  const hasOurTags = copy.tags !== null && Object.keys(Tags.ownOf(copy.tags)).length < Object.keys(copy.tags).length
  const isExplicit = settings.tags.source !== "backup" || hasOurTags
  return finish(draft, {
    goal: hasReplaced || options.replace === true ? "replace" : "restore",
    state: isComplete ? "complete" : isContinued ? "interrupted" : target.state,
    target: name,
    sideCopy: side?.name ?? null,
    settings,
    restoreJobId: target.job?.restoreJobId ?? null,
    steps: isComplete ? [] : [
      ...Steps.restoreSteps(
        name,
        target,
        {
          _tag: "Restore",
          indexName: name,
          backupId: copy.backupId,
          tags: isExplicit ? settings.tags.value ?? undefined : undefined,
          deletionProtection: settings.deletionProtection.value,
          readCapacity: settings.readCapacity.value ?? undefined
        },
        true
      ),
      ...rest
    ],
    warnings: [
      ...(isContinued && draft.isBackupInferred
        ? draft.generations.filter(({ indexId }) => isSame(indexId, replacedId ?? "")).flatMap((replaced) =>
          Choice.newerWarningsOf(replaced, copy)
        )
        : []),
      ...scheduled.warnings
    ]
  })
}

/** Plans the replacement of an index that exists by the backup that its side copy was restored from. */
const planReplacement = (draft: Draft, live: PineconeIndex.PineconeIndex): Plan => {
  const { choice: { copy }, facts, generations, liveId, options } = draft
  const sideCopy = options.to ?? SideCopy.name(options.index, copy.backupId)
  const target = Target.targetOf(facts, sideCopy, copy.backupId)
  const { index: side } = target
  if (side === undefined || target.state === "deleting") {
    return refuse(draft, { _tag: "NoSideCopy", copy, sideCopy })
  }
  if (!target.isOurs) return refuse(draft, { _tag: "NameTaken", indexName: sideCopy })
  if (target.state === "failed") return refuseFailed(draft, sideCopy, target, false)
  if (copy.hasTypedSchema && options.acceptCounts !== true) {
    return refuse(draft, { _tag: "OnlyCounts", copy, sideCopy })
  }

  const settings = settingsOf(draft, { isLive: true, sideTags: side?.tags ?? undefined })
  const main = Settings.mainOf(facts.schedules)
  const stored = Tags.encode(options.index, {
    schedule: settings.schedule && {
      name: settings.schedule.name.value,
      frequency: settings.schedule.frequency.value,
      retentionDays: settings.schedule.retentionDays.value,
      isPaused: settings.schedule.isPaused
    },
    deletionProtection: settings.deletionProtection.value
  })
  // After the deletion, only backups show the ID of the index. Without any, the latest index that has backups counts.
  const latest = [generations[0]?.indexId, liveId, copy.sourceIndexId].find(isId)
  // A blank marker would not find an interrupted replacement.
  if (latest === undefined) return refuse(draft, { _tag: "ContradictoryId" })
  const ours = { ...stored.tags, [RecoveryPlan.tags.replace]: latest }
  // The tags of the side copy replace those of the index, so that an interrupted replacement can restore them.
  const wished = settings.tags.value ?? Tags.ownOf(side?.tags ?? {})
  const { leftOut, tags } = Tags.combine(wished, ours)
  const changes = Tags.changes(side?.tags ?? {}, tags)
  const notStored = [
    ...stored.notStored,
    ...leftOut.map((key) => `the tag ${key}`),
    ...(settings.readCapacity.value === null ? [] : ["the read capacity"])
  ]
  const lost = facts.schedules.filter((schedule) => schedule !== main).flatMap(({ name }) => name ?? [])
  const { steps: scheduled, warnings } = Steps.scheduleSteps(options.index, [], settings)
  const wait: ReadonlyArray<RecoveryPlan.Step> = target.state === "restoring"
    ? [{ _tag: "AwaitRestore", indexName: sideCopy, restoreJobId: target.job?.restoreJobId ?? null }]
    : []
  return finish(draft, {
    goal: "replace",
    state: "replacing",
    target: options.index,
    sideCopy,
    settings,
    replaced: { indexId: liveId ?? null, host: live.host ?? null, records: facts.records },
    steps: [
      ...wait,
      { _tag: "Verify", indexName: sideCopy, isRepeated: false },
      ...Steps.backUpSteps(facts, options, liveId),
      ...(Object.keys(changes).length === 0
        ? []
        : [{ _tag: "SaveSettings" as const, indexName: sideCopy, tags: changes }]),
      ...(live.deletionProtection === "disabled" ? [] : [{ _tag: "Unprotect" as const, indexName: options.index }]),
      { _tag: "Delete", indexName: options.index },
      { _tag: "AwaitDeletion", indexName: options.index },
      {
        _tag: "Restore",
        indexName: options.index,
        backupId: copy.backupId,
        tags: settings.tags.value ?? undefined,
        deletionProtection: settings.deletionProtection.value,
        readCapacity: settings.readCapacity.value ?? undefined
      },
      { _tag: "AwaitRestore", indexName: options.index, restoreJobId: null },
      { _tag: "Verify", indexName: options.index, isRepeated: true },
      ...scheduled
    ],
    warnings: [
      ...warnings,
      ...(notStored.length === 0 ? [] : [{ _tag: "NotStored" as const, indexName: sideCopy, what: notStored }]),
      ...(lost.length === 0 ? [] : [{ _tag: "LosesSchedules" as const, names: lost }])
    ]
  })
}

/** Returns the choice of a backup that no longer exists, if an index was restored from it. */
const vanishedChoice = (
  facts: RecoveryPlan.Facts,
  { index: name, backupId, to }: RecoveryPlan.Options,
  generations: ReadonlyArray<Choice.Generation>
): Choice.Choice | undefined => {
  const target = Target.indexOf(facts, to ?? name)
  const latest = generations[0]?.indexId
  return backupId !== undefined && target !== undefined && isSame(Target.sourceOf(facts, target), backupId)
    ? {
      copy: Choice.vanished(backupId, latest ?? PineconeIndex.IndexId.make("")),
      // The backup was one of these, as far as anything shows it.
      generation: generations.find(({ isLive }) => !isLive),
      isVanished: true,
      skipped: [],
      others: []
    }
    : undefined
}

/** Makes a plan. While an approved plan is carried out, its schedule is known. */
export const plan = (
  facts: RecoveryPlan.Facts,
  requested: RecoveryPlan.Options,
  approved?: RecoveryPlan.PlannedSchedule | null
): Plan => {
  // An index is not its own side copy.
  const to = requested.to !== undefined && isSame(requested.to, requested.index) ? undefined : requested.to
  const given = { ...requested, to }
  const isSide = to !== undefined && given.replace !== true
  const named = Target.indexOf(facts, given.index)
  const live = named && Target.isTerminating(named) ? undefined : named
  const evidence = live && LiveId.of({
    index: live,
    schedules: Result.succeed(facts.schedules),
    backups: Result.succeed(facts.liveBackups)
  })
  // Everything was read, so an index without evidence has rows without an ID.
  if (evidence?._tag === "Contradictory" || evidence?._tag === "Unread") {
    return refuse({ options: given }, { _tag: "ContradictoryId" })
  }
  const liveId = evidence?._tag === "Known" ? evidence.indexId : undefined
  const all = Choice.generations(facts, liveId, given.maxShrink)
  const identified = all.filter(({ indexId }) => isId(indexId))
  const unidentified = all.filter(({ indexId }) => !isId(indexId)).flatMap(({ copies }) => copies)

  const interrupted = isSide || live !== undefined || given.indexId !== undefined
    ? undefined
    : interruptedBy(facts, given.index, given.backupId, identified)
  const source = interrupted && Target.sourceOf(facts, interrupted)
  const isInterrupted = source !== undefined
  const options = isInterrupted ? { ...given, backupId: source as Backup.BackupId, at: undefined } : given

  const { backupId } = options
  // Only the caller and a side copy can tell to which index a backup without an index ID belongs.
  const generations = all.filter(({ copies, indexId }) =>
    isId(indexId) || (backupId !== undefined && copies.some(({ backup }) => isSame(backup.backupId, backupId)))
  )
  const expiryOf = Retention.expiryOf(facts, options)
  const chosen = Choice.choose(generations, { ...options, expiryOf, unidentified })
  const isUnknown = "_tag" in chosen && (chosen._tag === "UnknownBackup" || chosen._tag === "NoBackups")
  const vanished = isUnknown ? vanishedChoice(facts, options, generations) : undefined
  const choice = vanished ?? chosen
  if ("_tag" in choice) {
    return refuse(
      { options },
      isInterrupted && choice._tag === "UnknownBackup" && interrupted !== undefined
        ? { _tag: "BackupDeleted", backupId: choice.backupId, sideCopy: interrupted.name }
        : choice
    )
  }
  const sideName = given.replace === true ? given.to : undefined
  const found = interrupted ?? Target.indexOf(facts, sideName ?? SideCopy.name(options.index, choice.copy.backupId))
  const isOwnSide = found !== undefined && isSame(Target.sourceOf(facts, found), choice.copy.backupId)
  const draft: Draft = {
    facts,
    options,
    live,
    liveId,
    generations,
    choice,
    isBackupInferred: isInterrupted && given.backupId === undefined,
    side: isOwnSide ? found : undefined,
    approved
  }
  if (isSide) return planSideCopy(draft, to)

  const target = Target.targetOf(facts, options.index, choice.copy.backupId, liveId)
  if (live === undefined) return planRestore(draft, target, isInterrupted)
  const { side } = draft
  const replaces = side?.tags?.[RecoveryPlan.tags.replace]
  // An earlier attempt may have replaced the index already.
  const isPending = given.replace === true && side !== undefined &&
    (replaces === undefined || (liveId !== undefined && isSame(replaces, liveId)))
  if (target.isOurs && !isPending) return planRestore(draft, target, false)
  if (given.replace === true) return planReplacement(draft, live)
  return refuse(draft, {
    _tag: "IndexExists",
    copy: choice.copy,
    sideCopy: SideCopy.name(options.index, choice.copy.backupId),
    hasSideCopy: side !== undefined
  })
}

/** Returns the steps of a plan in a form that can be compared. */
export const stepsOf = ({ steps }: RecoveryPlan.RecoveryPlan): string => JSON.stringify(steps)
