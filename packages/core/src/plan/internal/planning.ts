/** The plan for a project: the steps for all indexes, in the order in which they are safe. */
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as BackupPolicy from "../../health/BackupPolicy.ts"
import * as Copies from "../../health/Copies.ts"
import * as LiveId from "../../health/LiveId.ts"
import { isId } from "../../internal/same.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import type * as ScheduleStep from "../ScheduleStep.ts"
import { type Facts, type IndexFacts, isCopy } from "./facts.ts"
import * as SchedulePlanning from "./schedule-planning.ts"
import * as SettingsPlanning from "./settings-planning.ts"

// SchedulePlan.ts documents these types.

export interface Plan {
  /** The time of the facts. */
  readonly at: DateTime.Utc
  /** The end of the validity. Losses are computed for this time, so that no earlier time loses more. */
  readonly validUntil: DateTime.Utc
  /** The ID of the project, from its schedules; `null` if no schedule was read. */
  readonly projectId: string | null
  /** `false` if the policy has a `project`, and no schedule shows the ID of the project. */
  readonly isProjectConfirmed: boolean
  /** Whether schedules that the policy does not have are deleted. */
  readonly deleteExtra: boolean
  readonly steps: ReadonlyArray<ScheduleStep.Step>
  /** Wishes that cannot be met. */
  readonly blocked: ReadonlyArray<ScheduleStep.Blocked>
  /** Facts that could not be read, or that contradict each other. */
  readonly unknown: ReadonlyArray<ScheduleStep.Unknown>
  /** Schedules of managed indexes that the policy does not have, and that no step deletes. */
  readonly extra: ReadonlyArray<ScheduleStep.Extra>
  /** Managed indexes that need no step. */
  readonly inStep: ReadonlyArray<PineconeIndex.IndexName>
}

export interface MakeOptions {
  readonly deleteExtra?: boolean | undefined
  readonly validFor?: Duration.Input | undefined
}

// ============================================================================
// One index
// ============================================================================

const isLost = (index: PineconeIndex.PineconeIndex): boolean =>
  PineconeIndex.isFinal(index) && !PineconeIndex.isReady(index)

const wishFor = (wanted: BackupPolicy.BackupPolicy, index: PineconeIndex.PineconeIndex) => {
  const options = { isCopy: isCopy(index) }
  return {
    wish: BackupPolicy.wishOf(wanted, index.name, options),
    isManaged: BackupPolicy.isManaged(wanted, index.name, options),
    contradictions: BackupPolicy.contradictionsOf(wanted, index.name, options)
  }
}

const planIndex = (
  wanted: BackupPolicy.BackupPolicy,
  facts: IndexFacts,
  options: Pick<SchedulePlanning.Subject, "at" | "deleteExtra" | "validUntil">
): SchedulePlanning.Part => {
  const { index, schedules } = facts
  const { contradictions, wish } = wishFor(wanted, index)
  const unknown = (what: ScheduleStep.Unknown["what"], reason: string): SchedulePlanning.Part => ({
    ...SchedulePlanning.nothing,
    unknown: [{ indexName: index.name, what, reason }]
  })
  if (schedules === undefined) return unknown("schedules", "the schedules were not read")
  if (Result.isFailure(schedules)) {
    return unknown("schedules", `the schedules are unreadable: ${schedules.failure.message}`)
  }
  const live = LiveId.of({ index, schedules, backups: facts.backups })
  if (live._tag === "Contradictory") return unknown("index", "the service returned different IDs for the index")
  // The rows that could show the ID were read, and show none.
  const isUnidentified = live._tag === "Unread" &&
    (schedules.success.length > 0 || (facts.backups !== undefined && Result.isSuccess(facts.backups)))
  if (isUnidentified) return unknown("index", "the service returned no ID for the index")
  if (isLost(index)) {
    return {
      ...SchedulePlanning.nothing,
      blocked: [{ _tag: "NotReady", indexName: index.name, state: index.status?.state ?? null }]
    }
  }
  const indexId = live._tag === "Known" ? live.indexId : null
  const subject = { facts, indexId, schedules: schedules.success, wish, ...options }
  const isContradicted = (part: string) => contradictions.some(({ path: [first] }) => first === part)
  const parts = [
    isContradicted("settings") ? SchedulePlanning.nothing : SettingsPlanning.plan(subject),
    isContradicted("schedule") ? SchedulePlanning.nothing : SchedulePlanning.plan(subject)
  ]
  const doubts = parts.flatMap(({ unknown }) => unknown)
  // What is known of the rest of such an index proves nothing.
  if (doubts.length > 0) return { ...SchedulePlanning.nothing, unknown: doubts }
  return {
    ...SchedulePlanning.join(...parts),
    blocked: [
      ...contradictions.map(({ path, sentence }): ScheduleStep.Blocked => ({
        _tag: "Contradiction",
        indexName: index.name,
        field: path.join("."),
        sentence
      })),
      ...parts.flatMap(({ blocked }) => blocked)
    ]
  }
}

// ============================================================================
// Order
// ============================================================================

/** What protects comes first, then switches and frequencies, then what loosens, then deletions. */
const phaseOf = (step: ScheduleStep.Step): number => {
  switch (step._tag) {
    case "ConfigureIndex":
      return (step.after.deletionProtection ?? "enabled") === "enabled" ? 1 : 3
    case "MakeWay":
    case "CreateSchedule":
      return 2
    case "DeleteSchedule":
      return 4
    case "UpdateSchedule": {
      const { after, before } = step
      // Whatever else it changes: whether another schedule is in the way must not decide when it runs.
      if (after.enabled === true) return 2
      const isLowered = after.retentionDays != null && after.retentionDays < (before.retentionDays ?? Infinity)
      return after.enabled === false || isLowered ? 3 : after.frequency === undefined ? 1 : 2
    }
  }
}

const kinds = ["ConfigureIndex", "MakeWay", "CreateSchedule", "UpdateSchedule", "DeleteSchedule"]

const objectOf = (step: ScheduleStep.Step): string => "scheduleId" in step ? step.scheduleId : ""

const compare = (self: string, that: string): number => self < that ? -1 : self > that ? 1 : 0

const inOrder = (self: ScheduleStep.Step, that: ScheduleStep.Step): number =>
  phaseOf(self) - phaseOf(that) ||
  compare(self.indexName, that.indexName) ||
  kinds.indexOf(self._tag) - kinds.indexOf(that._tag) ||
  compare(objectOf(self), objectOf(that))

// ============================================================================
// The project
// ============================================================================

/** The indexes of the facts that the policy manages. */
export const managed = (
  wanted: BackupPolicy.BackupPolicy,
  { indexes, scope }: Pick<Facts, "scope"> & { readonly indexes: ReadonlyArray<PineconeIndex.PineconeIndex> }
): ReadonlyArray<PineconeIndex.IndexName> =>
  [...new Set(indexes.filter((index) => wishFor(wanted, index).isManaged).map(({ name }) => name))]
    .filter((name) => scope === undefined || scope.includes(name))

/** Names in rules and in the scope for which an index must exist, and does not. */
export const absent = (
  wanted: BackupPolicy.BackupPolicy,
  { indexes, scope }: Pick<Facts, "scope"> & { readonly indexes: ReadonlyArray<PineconeIndex.PineconeIndex> }
): ReadonlyArray<PineconeIndex.IndexName> => {
  const existing = new Set<string>(indexes.map(({ name }) => name))
  const names = scope ?? BackupPolicy.namesOf(wanted).map((name) => PineconeIndex.IndexName.make(name))
  return [...new Set(names)].filter((name) => {
    const { schedule, settings } = BackupPolicy.wishOf(wanted, name)
    return !existing.has(name) && (settings !== undefined || typeof schedule === "object")
  })
}

/** The schedules whose histories must be read before an index can be planned. */
export const needsOf = (
  wanted: BackupPolicy.BackupPolicy,
  { index, schedules }: Pick<IndexFacts, "index" | "schedules">
): ReadonlyArray<BackupSchedule.ScheduleId> =>
  SchedulePlanning.shortened(
    schedules === undefined ? [] : Result.getOrElse(schedules, () => []),
    wishFor(wanted, index).wish.schedule
  )

export const make = (wanted: BackupPolicy.BackupPolicy, facts: Facts, options: MakeOptions = {}): Plan => {
  const { deleteExtra = false, validFor = "24 hours" } = options
  const validUntil = DateTime.addDuration(facts.at, validFor)
  const all = facts.indexes.map(({ index }) => index)
  const inScope = { indexes: all, scope: facts.scope }
  const names = managed(wanted, inScope)
  const parts = names.map((name): readonly [PineconeIndex.IndexName, SchedulePlanning.Part] => {
    const [own, ...others] = facts.indexes.filter(({ index }) => index.name === name)
    return [
      name,
      own === undefined || others.length > 0
        ? {
          ...SchedulePlanning.nothing,
          unknown: [{ indexName: name, what: "index", reason: "the service returned several indexes with this name" }]
        }
        : planIndex(wanted, own, { at: facts.at, deleteExtra, validUntil })
    ]
  })
  const projectIds = new Set(
    facts.indexes.flatMap(({ schedules }) => schedules === undefined ? [] : Result.getOrElse(schedules, () => []))
      .map(({ projectId }) => projectId).filter(isId)
  )
  const [projectId = null] = projectIds
  const wrongProject = [...projectIds].find((id) => id !== (wanted.project ?? projectId))
  const whole = SchedulePlanning.join(...parts.map(([, part]) => part))
  const unknown: ReadonlyArray<ScheduleStep.Unknown> = wrongProject === undefined ? whole.unknown : [{
    indexName: null,
    what: "project",
    reason: wanted.project === undefined
      ? `the schedules belong to different projects: ${[...projectIds].join(", ")}`
      : `the policy is for the project ${wanted.project}, but the schedules belong to ${wrongProject}`
  }, ...whole.unknown]
  return {
    at: facts.at,
    validUntil,
    projectId,
    isProjectConfirmed: wanted.project === undefined || projectId === wanted.project,
    deleteExtra,
    steps: wrongProject === undefined ? [...whole.steps].sort(inOrder) : [],
    blocked: [
      ...absent(wanted, inScope).map((name): ScheduleStep.Blocked => {
        const backups = facts.deleted?.get(name)
        const { backups: all, usable } = backups === undefined || Result.isFailure(backups)
          ? { backups: null, usable: null }
          : Copies.remaining(Copies.of(backups.success, { now: facts.at }))
        return { _tag: "NoSuchIndex", indexName: name, backups: all, usable }
      }),
      ...whole.blocked
    ],
    unknown,
    extra: whole.extra,
    inStep: parts.flatMap(([name, { blocked, steps, unknown }]) =>
      blocked.length + steps.length + unknown.length === 0 ? [name] : []
    )
  }
}
