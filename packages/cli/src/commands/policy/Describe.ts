/** Describes the parts of a plan in words, for every output format. */
import * as Copies from "@pinecone-backups/core/health/Copies"
import type * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as DateTime from "effect/DateTime"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Format from "../../terminal/Format.ts"

/** Whether a step adds, changes or removes something. */
export type Sign = "+" | "~" | "-"

/** A consequence in words. A loss is shown as a warning. */
export interface Consequence {
  readonly isLoss: boolean
  readonly text: string
}

const days = (number: number | null): string => number === null ? "an unknown period" : Format.countOf(number, "day")

/** The name of a schedule, or its short ID. */
const scheduleOf = (
  { scheduleId, scheduleName }: { readonly scheduleId: string; readonly scheduleName: string | null }
): string =>
  scheduleName === null || scheduleName === "" ? Format.plain(Format.shortId(scheduleId)) : Format.plain(scheduleName)

/** The tags to set: `tier=gold, team=search`. */
const tagsOf = (tags: ReadonlyArray<readonly [key: string, value: string]>): string =>
  tags.map(([key, value]) => `${Format.plain(key)}=${Format.plain(value)}`).join(", ")

/** A read capacity: `on demand`, `dedicated (b1, 2 replicas, 1 shard)`. */
const capacityOf = (capacity: NonNullable<SettingsChange["readCapacity"]>): string => {
  if (capacity.mode === "OnDemand") return "on demand"
  const { manual: { replicas, shards }, node_type } = capacity.dedicated
  return `dedicated (${Format.plain(node_type)}, ${Format.countOf(replicas, "replica")}, ${
    Format.countOf(shards, "shard")
  })`
}

type SettingsChange = Extract<ScheduleStep.Step, { readonly _tag: "ConfigureIndex" }>["after"]

const settingsOf = ({ deletionProtection, readCapacity, tags = {} }: SettingsChange): ReadonlyArray<string> => {
  const set = Object.entries(tags).flatMap(([key, value]) => value === null ? [] : [[key, value] as const])
  const removed = Object.entries(tags).flatMap(([key, value]) => value === null ? [Format.plain(key)] : [])
  return [
    ...(deletionProtection === undefined
      ? []
      : [`${deletionProtection === "enabled" ? "enable" : "disable"} deletion protection`]),
    ...(readCapacity === undefined ? [] : [`set read capacity to ${capacityOf(readCapacity)}`]),
    ...(set.length === 0 ? [] : [`set ${set.length === 1 ? "tag" : "tags"} ${tagsOf(set)}`]),
    ...(removed.length === 0 ? [] : [`remove ${removed.length === 1 ? "tag" : "tags"} ${removed.join(", ")}`])
  ]
}

/** The changed fields of a schedule. */
const changesOf = (before: ScheduleStep.ScheduleImage, after: ScheduleStep.ScheduleImage): ReadonlyArray<string> => [
  ...(after.frequency === undefined
    ? []
    : [
      `run ${Format.plain(after.frequency)}${
        before.frequency === undefined ? "" : ` instead of ${Format.plain(before.frequency)}`
      }`
    ]),
  ...(after.retentionDays === undefined ? [] : [
    `keep ${days(after.retentionDays)}${before.retentionDays == null ? "" : ` instead of ${before.retentionDays}`}`
  ]),
  ...(after.enabled === undefined ? [] : [after.enabled ? "resume" : "pause"])
]

/** A step in words: `create docs-daily: daily, kept 30 days`. */
export const step = (step: ScheduleStep.Step): { readonly sign: Sign; readonly text: string } => {
  switch (step._tag) {
    case "ConfigureIndex":
      return { sign: "~", text: settingsOf(step.after).join(", ") }
    case "CreateSchedule": {
      const { frequency, name, retentionDays } = step.after
      return { sign: "+", text: `create ${Format.plain(name)}: ${frequency}, kept ${days(retentionDays)}` }
    }
    case "UpdateSchedule":
      return { sign: "~", text: `${scheduleOf(step)}: ${changesOf(step.before, step.after).join(", ")}` }
    case "MakeWay":
      return {
        sign: step.after === null ? "-" : "~",
        text: `${step.after === null ? "delete" : "pause"} ${scheduleOf(step)} to make way for the next step`
      }
    case "DeleteSchedule":
      return { sign: "-", text: `delete ${scheduleOf(step)}, which is not in the policy` }
  }
}

/** A step that was carried out, in words: `docs-daily created: daily, kept 30 days`. */
export const done = (step: ScheduleStep.Step): string => {
  switch (step._tag) {
    case "ConfigureIndex": {
      const { deletionProtection, readCapacity, tags } = step.after
      return [
        ...(deletionProtection === undefined ? [] : [`deletion protection ${deletionProtection}`]),
        ...(readCapacity === undefined ? [] : [`read capacity ${capacityOf(readCapacity)}`]),
        ...(tags === undefined ? [] : [`${Format.countOf(Object.keys(tags).length, "tag")} changed`])
      ].join(", ")
    }
    case "CreateSchedule":
      return `${Format.plain(step.after.name)} created: ${step.after.frequency}, kept ${days(step.after.retentionDays)}`
    case "UpdateSchedule": {
      const { enabled, frequency, retentionDays } = step.after
      return `${scheduleOf(step)} ${
        [
          ...(enabled === undefined ? [] : [enabled ? "resumed" : "paused"]),
          ...(frequency === undefined ? [] : [`runs ${Format.plain(frequency)}`]),
          ...(retentionDays === undefined ? [] : [`keeps backups for ${days(retentionDays)}`])
        ].join(", ")
      }`
    }
    case "MakeWay":
      return `${scheduleOf(step)} ${step.after === null ? "deleted" : "paused"}`
    case "DeleteSchedule":
      return `${scheduleOf(step)} deleted`
  }
}

/** Losses in words. Until a plan is applied, the number of backups that would expire grows. */
const expires = (
  { backupIds, bytes, of, oldest, until }: Extract<ScheduleStep.Consequence, { _tag: "Expires" }>,
  isNow: boolean
): string => {
  const facts = [
    ...(oldest === null ? [] : [`oldest ${DateTime.formatIsoDateUtc(oldest)}`]),
    ...(bytes === null ? [] : [Format.bytes(bytes)])
  ]
  return `${isNow ? "" : "up to "}${Format.count(backupIds.length)} of ${Format.countOf(of, "backup")} ${
    backupIds.length === 1 ? "expires" : "expire"
  }${facts.length === 0 ? "" : ` (${facts.join(", ")})`}${isNow ? "" : `, if applied by ${Format.minute(until)}`}`
}

/** The consequences of a step in words, losses first. `isNow` for a plan that is about to be applied. */
export const consequences = (step: ScheduleStep.Step, isNow = false): ReadonlyArray<Consequence> => {
  const all = step.consequences.flatMap((consequence): ReadonlyArray<Consequence> => {
    switch (consequence._tag) {
      case "Expires":
        return [{ isLoss: true, text: expires(consequence, isNow) }]
      case "RunsNow":
        return [{ isLoss: false, text: "takes a backup immediately" }]
      case "RhythmMoves":
        return [{ isLoss: false, text: "the service chooses the time of the next run" }]
      case "Uncovered":
        return [{ isLoss: false, text: "no schedule is enabled until the next step" }]
      case "StopsBackups":
        return [{ isLoss: true, text: "no schedule backs the index up any more" }]
      case "KeepsLonger":
        return [{ isLoss: false, text: "existing backups are also kept longer" }]
      case "Unprotects":
        return [{ isLoss: true, text: "the index can then be deleted" }]
      case "LosesHistory":
        return [{ isLoss: true, text: "its history is deleted; its backups are kept until they expire" }]
      case "RemovesTags":
        return []
      case "ChangesCapacity":
        return [{ isLoss: true, text: "costs and performance change; a change can take 30 minutes" }]
    }
  })
  const last = step.consent === "typed"
    ? [{ isLoss: true, text: `no good backup of ${Format.plain(step.indexName)} will be left` }]
    : []
  return [...last, ...all.filter(({ isLoss }) => isLoss), ...all.filter(({ isLoss }) => !isLoss)]
}

/** A wish that cannot be met, in words. */
export const blocked = (blocked: ScheduleStep.Blocked): string => {
  switch (blocked._tag) {
    case "NoSuchIndex": {
      const { backups, usable } = blocked
      const left = backups === null || usable === null
        ? "; its backups cannot be read"
        : backups === 0
        ? ""
        : `; ${Copies.remainingText({ backups, usable })}`
      return `the index does not exist${left}`
    }
    case "NotReady":
      return `the index is not ready${blocked.state === null ? "" : ` (${Format.plain(blocked.state)})`}`
    case "PodIndex":
      return "the service does not back up pod-based indexes"
    case "NeedsFields":
      return `no schedule to change, and the policy lacks ${blocked.fields.join(" and ")} to create one`
    case "Ambiguous":
      return `${blocked.scheduleIds.length} schedules match the policy${
        blocked.scheduleName === null ? "; add the name of one" : ` by the name ${Format.plain(blocked.scheduleName)}`
      } (${blocked.scheduleIds.map((id) => Format.plain(Format.shortId(id))).join(", ")})`
    case "Contradiction":
      return `the policy contradicts itself: ${Format.plain(blocked.field)}: ${Format.plain(blocked.sentence)}`
    case "WouldLose":
      return `a retention of ${days(blocked.retentionDays)} for ${scheduleOf(blocked)} would let ${
        Format.countOf(blocked.backupIds.length, "backup")
      } expire, and the policy has allowLoss: false`
    case "TooManyTags":
      return `the index would have ${blocked.count} tags, more than the service allows`
  }
}

/** The command that helps with a wish that cannot be met, if any. */
export const fixOf = (blocked: ScheduleStep.Blocked, connection: SameConnection.Flags): string | undefined =>
  blocked._tag === "NoSuchIndex" && blocked.backups !== null && blocked.backups > 0
    ? SameConnection.line(RemedyCommand.render({ _tag: "RecoverIndex", indexName: blocked.indexName }), connection)
    : undefined

/** Facts that could not be read, in words. */
export const unknown = ({ reason, what }: ScheduleStep.Unknown): string => `${what}: ${Format.plain(reason)}`

/** A schedule that is not in the policy, in words. */
export const extra = (extra: ScheduleStep.Extra): string =>
  `${scheduleOf(extra)} of ${Format.plain(extra.indexName)}${extra.enabled ? "" : " (paused)"}`
