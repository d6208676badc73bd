/** Generated policy files and projects. */
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Pull from "../../src/commands/policy/Pull.ts"

/** Few names, so that rules and indexes meet. */
export const names = ["docs", "docs-old", "wiki", "wiki-restored", "true"] as const

const Name = Schema.Literals(names)
const Every = Schema.Literals(["daily", "weekly", "monthly"])
const Keep = Schema.Literals([5, 30, 90, 400])
const ScheduleName = Schema.Literals(["a", "b", "null"])

const TagValue = Schema.Literals(["gold", "1", "yes # no", "a: b", "'"])

const Dedicated = Schema.Struct({
  mode: Schema.Literal("Dedicated"),
  dedicated: Schema.Struct({
    node_type: Schema.Literal("b1"),
    scaling: Schema.Literal("Manual"),
    manual: Schema.Struct({ replicas: Schema.Literals([1, 2]), shards: Schema.Literal(1) })
  })
})

const Rule = Schema.Struct({
  index: Schema.Literals([...names, ...names, "docs*", "*", "wiki-*", "nothing"]),
  rpo: Schema.optionalKey(Schema.Literals(["26h", "9d"])),
  minFrequency: Schema.optionalKey(Every),
  minRetentionDays: Schema.optionalKey(Schema.Literals([7, 60])),
  requireDeletionProtection: Schema.optionalKey(Schema.Boolean),
  schedule: Schema.optionalKey(Schema.Union([
    Schema.Literals(["none", "ignore"]),
    Schema.Struct({
      every: Schema.optionalKey(Every),
      keep: Schema.optionalKey(Keep),
      name: Schema.optionalKey(ScheduleName),
      paused: Schema.optionalKey(Schema.Boolean)
    })
  ])),
  settings: Schema.optionalKey(Schema.Struct({
    deletionProtection: Schema.optionalKey(Schema.Literals(["enabled", "disabled"])),
    readCapacity: Schema.optionalKey(Schema.Union([Schema.Struct({ mode: Schema.Literal("OnDemand") }), Dedicated])),
    tags: Schema.optionalKey(Schema.Struct({
      team: Schema.optionalKey(Schema.NullOr(TagValue)),
      tier: Schema.optionalKey(Schema.NullOr(TagValue)),
      constructor: Schema.optionalKey(Schema.NullOr(TagValue))
    }))
  })),
  allowLoss: Schema.optionalKey(Schema.Boolean)
})

/** A policy as JSON. It may be invalid, because rules can contradict themselves. */
export const policies = Arbitrary.schema(Schema.Struct({
  defaults: Schema.optionalKey(Schema.Struct({
    rpo: Schema.optionalKey(Schema.Literal("26h")),
    schedule: Schema.optionalKey(Schema.Struct({ keep: Schema.optionalKey(Keep), every: Schema.optionalKey(Every) })),
    settings: Schema.optionalKey(Schema.Struct({
      tags: Schema.optionalKey(Schema.Struct({ team: Schema.optionalKey(TagValue) }))
    }))
  })),
  rules: Schema.optionalKey(Schema.Array(Rule).check(Schema.isMaxLength(5)))
}))

/** How a file is written. */
export const styles = Arbitrary.schema(Schema.Struct({
  format: Schema.Literals(["block", "indented", "flow", "json", "compact"]),
  hasComments: Schema.Boolean,
  isWindows: Schema.Boolean,
  hasFinalBreak: Schema.Boolean,
  isAfterRules: Schema.Boolean
}))

type Style = typeof styles extends Arbitrary.Arbitrary<infer A> ? A : never

type Json = Schema.Json

const scalar = (value: Json): string =>
  typeof value === "string"
    ? /^[a-z][a-z-]*$/.test(value) && !/^(true|false|null|yes|no)$/.test(value) ? value : JSON.stringify(value)
    : String(value)

const flow = (value: Json): string =>
  Array.isArray(value)
    ? value.length === 0 ? "[]" : `[ ${value.map(flow).join(", ")} ]`
    : typeof value === "object" && value !== null
    ? Object.keys(value).length === 0
      ? "{}"
      : `{ ${Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`).join(", ")} }`
    : scalar(value)

/** Writes a policy as text. */
export const write = (policy: Schema.JsonObject, style: Style): string => {
  let number = 0
  const note = () => style.hasComments ? ` # note ${++number}` : ""
  const line = (indent: string) => style.hasComments ? [`${indent}# line ${++number}`] : []
  const step = style.format === "indented" ? "    " : "  "
  const map = (value: Schema.JsonObject, indent: string): ReadonlyArray<string> =>
    Object.entries(value).flatMap(([key, inner]) => {
      if (Array.isArray(inner) && inner.length > 0 && style.format !== "flow") {
        return [`${indent}${key}:${note()}`, ...list(inner, style.format === "indented" ? indent + step : indent)]
      }
      if (Array.isArray(inner) && inner.length > 0) {
        return [
          `${indent}${key}: [`,
          ...inner.map((item, index) => `${indent}${step}${flow(item)}${index < inner.length - 1 ? "," : ""}`),
          `${indent}]`
        ]
      }
      return typeof inner === "object" && inner !== null && !Array.isArray(inner) && Object.keys(inner).length > 0 &&
          number % 3 !== 1
        ? [`${indent}${key}:${note()}`, ...map(inner as Schema.JsonObject, indent + step)]
        : [...line(indent), `${indent}${key}: ${flow(inner ?? null)}${note()}`]
    })
  const list = (items: ReadonlyArray<Json>, indent: string): ReadonlyArray<string> =>
    items.flatMap((item) => {
      const [first = "", ...rest] = map(item as Schema.JsonObject, `${indent}  `).filter((text, index) =>
        index > 0 || !text.trimStart().startsWith("#")
      )
      return [...line(indent), `${indent}- ${first.trimStart()}`, ...rest, ...line(`${indent}  `)]
    })
  const { defaults, rules } = policy
  const ordered: Schema.JsonObject = {
    version: 1,
    ...(defaults !== undefined && { defaults }),
    ...(rules !== undefined && { rules }),
    ...(style.isAfterRules && { backupQuota: 80 })
  }
  const text = style.format === "json"
    ? JSON.stringify(ordered, null, 4)
    : style.format === "compact"
    ? JSON.stringify(ordered)
    : [...line(""), ...map(ordered, ""), ...line("")].join("\n")
  const whole = style.hasFinalBreak ? `${text}\n` : text
  return style.isWindows ? whole.replaceAll("\n", "\r\n") : whole
}

const Schedule = Schema.Struct({
  name: Schema.NullOr(Schema.Literals(["a", "b", "c", "null", "a", "b"])),
  frequency: Schema.Literals(["daily", "weekly", "monthly", "hourly", "daily"]),
  keep: Schema.NullOr(Keep),
  isNewest: Schema.Boolean
})

const unreadable = new PineconeError.InvalidArgument({
  operation: "BackupSchedules.list",
  message: "Pod indexes have no schedules.",
  attempts: 1,
  status: 400
})

/** A project with at most one enabled schedule per index. */
export const projects = Arbitrary.map(
  Arbitrary.schema(
    Schema.Array(Schema.Struct({
      name: Name,
      // The state of most indexes is `Ready`.
      state: Schema.Literals(["Ready", "Ready", "Ready", "Ready", "Initializing", "Terminating", ""]),
      isReadable: Schema.Literals([true, true, true, true, false]),
      enabled: Schema.Literals([0, 0, 1, -1, -2]),
      schedules: Schema.Array(Schedule).check(Schema.isMaxLength(3)),
      deletionProtection: Schema.optionalKey(Schema.Literals(["enabled", "disabled", "sealed"])),
      capacity: Schema.optionalKey(Schema.Literals([0, 1, 2, -1])),
      tags: Schema.optionalKey(Schema.Struct({
        team: Schema.optionalKey(TagValue),
        tier: Schema.optionalKey(TagValue),
        constructor: Schema.optionalKey(TagValue),
        "bad key": Schema.optionalKey(Schema.Literal("x"))
      }))
    })).check(Schema.isMaxLength(5))
  ),
  (all) =>
    all.filter(({ name }, position) => all.findIndex((other) => other.name === name) === position).map((
      { capacity, deletionProtection, enabled, isReadable, name, schedules, state, tags }
    ): Pull.State => ({
      isCopy: false,
      index: {
        name: PineconeIndex.IndexName.make(name),
        ...(state !== "" && { status: { ready: state !== "Initializing", state } }),
        ...(deletionProtection !== undefined && { deletionProtection }),
        ...(capacity !== undefined && {
          readCapacity: capacity === -1
            ? null
            : capacity === 0
            ? { mode: "OnDemand" }
            : {
              mode: "Dedicated",
              dedicated: { nodeType: "b1", scaling: "Manual", manual: { replicas: capacity, shards: 1 } }
            }
        }),
        ...(tags !== undefined && { tags: { ...tags } as Record<string, string> })
      },
      schedules: isReadable ?
        Result.succeed(schedules.map(({ frequency, isNewest, keep, name: scheduleName }, position) => ({
          scheduleId: BackupSchedule.ScheduleId.make(`${name}-${position}`),
          indexId: PineconeIndex.IndexId.make(name),
          name: scheduleName,
          frequency,
          retentionExpireAfterDays: keep,
          // Whether the first schedule is enabled may be unknown.
          enabled: enabled === -2 && position === 0 ? null : position === enabled,
          ...(isNewest && { createdAt: null })
        }))) :
        Result.fail(unreadable)
    }))
)

/** The facts of a plan of a project. */
export const factsOf = (states: ReadonlyArray<Pull.State>): SchedulePlan.Facts => ({
  at: DateTime.makeUnsafe("2026-11-21T20:00:00Z"),
  indexes: states.map(({ index, schedules }) => ({ index, schedules, histories: new Map(), backups: undefined }))
})
