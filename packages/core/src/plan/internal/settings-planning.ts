/** The step for the settings of one index. */
import type * as Schema from "effect/Schema"
import type * as Types from "effect/Types"
import * as IndexRules from "../../IndexRules.ts"
import * as IndexDifference from "../../internal/index-difference.ts"
import { knownId } from "../../internal/same.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as ScheduleStep from "../ScheduleStep.ts"
import { nothing, type Part, type Subject } from "./schedule-planning.ts"

export const tagOf = (tags: Readonly<Record<string, string>>, key: string): string | null =>
  Object.hasOwn(tags, key) ? tags[key] ?? null : null

/** The read capacity that the service reports, in the format of a request. */
export const shownCapacity = ({ dedicated, mode }: PineconeIndex.ReadCapacity): Schema.Json => ({
  mode: mode ?? null,
  ...(dedicated != null && {
    dedicated: {
      node_type: dedicated.nodeType ?? null,
      scaling: dedicated.scaling ?? null,
      manual: { replicas: dedicated.manual?.replicas ?? null, shards: dedicated.manual?.shards ?? null }
    }
  })
})

/** Plans the settings of an index. */
export const plan = ({ facts: { index }, indexId, wish: { settings } }: Subject): Part => {
  if (settings === undefined) return nothing
  const { deletionProtection, readCapacity, tags = {} } = settings
  const missing = deletionProtection !== undefined && index.deletionProtection == null
    ? "deletion protection"
    : readCapacity !== undefined && index.readCapacity == null
    ? "read capacity"
    : undefined
  if (missing !== undefined) {
    return {
      ...nothing,
      unknown: [{ indexName: index.name, what: "settings", reason: `the service did not return the ${missing}` }]
    }
  }
  const blocked: Array<ScheduleStep.Blocked> = []
  const before: Types.Mutable<ScheduleStep.SettingsImage> = {}
  const after: Types.Mutable<ScheduleStep.SettingsChange> = {}
  const own = index.tags ?? {}
  const changed = Object.entries(tags).filter(([key, value]) => tagOf(own, key) !== value)
  const count = new Set([
    ...Object.keys(own).filter((key) => !Object.hasOwn(tags, key)),
    ...Object.keys(tags).filter((key) => tags[key] !== null)
  ]).size
  if (changed.some(([, value]) => value !== null) && count > IndexRules.maxTags) {
    blocked.push({ _tag: "TooManyTags", indexName: index.name, count })
  } else if (changed.length > 0) {
    before.tags = Object.fromEntries(changed.map(([key]) => [key, tagOf(own, key)]))
    after.tags = Object.fromEntries(changed)
  }
  if (readCapacity !== undefined && index.readCapacity != null) {
    if (IndexDifference.ofReadCapacity(index.readCapacity, readCapacity) !== undefined) {
      before.readCapacity = shownCapacity(index.readCapacity)
      after.readCapacity = readCapacity
    }
  }
  if (deletionProtection !== undefined && index.deletionProtection != null) {
    if (deletionProtection !== index.deletionProtection) {
      before.deletionProtection = index.deletionProtection
      after.deletionProtection = deletionProtection
    }
  }
  if (Object.keys(after).length === 0) return { ...nothing, blocked }
  const removed = Object.entries(after.tags ?? {}).flatMap(([key, value]) => value === null ? [key] : []).sort()
  const consequences: ReadonlyArray<ScheduleStep.Consequence> = [
    ...(after.deletionProtection === "disabled" ? [{ _tag: "Unprotects" as const }] : []),
    ...(removed.length > 0 ? [{ _tag: "RemovesTags" as const, keys: removed }] : []),
    ...(after.readCapacity === undefined ? [] : [{ _tag: "ChangesCapacity" as const }])
  ]
  return {
    ...nothing,
    blocked,
    steps: [{
      _tag: "ConfigureIndex",
      indexName: index.name,
      indexId,
      indexHost: knownId(index.host) ?? null,
      before,
      after,
      consequences,
      consent: consequences.length > 0 ? "yes" : "free"
    }]
  }
}
