/** The states of an index that a saved plan allows: its facts, with the first steps carried out. */
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { ScheduleId } from "../../BackupSchedule.ts"
import * as Copies from "../../health/Copies.ts"
import * as LiveId from "../../health/LiveId.ts"
import * as Wire from "../../internal/codec/wire.ts"
import { knownId } from "../../internal/same.ts"
import { IndexId, IndexName } from "../../PineconeIndex.ts"
import type * as ScheduleStep from "../ScheduleStep.ts"
import * as Comparing from "./comparing.ts"
import type { IndexFacts } from "./facts.ts"
import * as SchedulePlanning from "./schedule-planning.ts"
import * as SettingsPlanning from "./settings-planning.ts"

const ScheduleFields = {
  name: Schema.NullOr(Schema.String),
  frequency: Schema.String,
  retentionExpireAfterDays: Schema.NullOr(Schema.Finite),
  enabled: Schema.NullOr(Schema.Boolean)
}

/** The facts about an index that its steps depend on. Everything else may change without affecting the plan. */
export const fields = {
  indexName: IndexName,
  indexId: Schema.NullOr(IndexId),
  /** The host of the index, which identifies an index without an ID. */
  indexHost: Schema.NullOr(Schema.String),
  /** The schedules, by ID; `null` if no step is about schedules. */
  schedules: Schema.NullOr(Schema.Array(Wire.snakeStruct({ scheduleId: ScheduleId, ...ScheduleFields }))),
  /** The settings that a step changes. */
  deletionProtection: Schema.optionalKey(Schema.NullOr(Schema.String)),
  tags: Schema.optionalKey(Schema.Record(Schema.String, Schema.NullOr(Schema.String))),
  readCapacity: Schema.optionalKey(Schema.Json)
}

export const Image = Wire.snakeStruct(fields)

export interface Image extends Schema.Schema.Type<typeof Image> {}

/** A schedule, also one that a step has created, whose ID is not known. */
type Schedule = Omit<NonNullable<Image["schedules"]>[number], "scheduleId"> & { readonly scheduleId: ScheduleId | null }

interface World extends Omit<Image, "schedules"> {
  readonly schedules: ReadonlyArray<Schedule> | null
}

/** The image of an index, limited to what its steps depend on. */
export const imageOf = (facts: IndexFacts, steps: ReadonlyArray<ScheduleStep.Step>): Image => {
  const { index, schedules } = facts
  const live = LiveId.of({ index, schedules, backups: facts.backups })
  const configured = steps.find((step) => step._tag === "ConfigureIndex")
  const { deletionProtection, readCapacity, tags } = configured?.before ?? {}
  return {
    indexName: index.name,
    indexId: live._tag === "Known" ? live.indexId : null,
    indexHost: knownId(index.host) ?? null,
    schedules: steps.every((step) => step === configured) || schedules === undefined
      ? null
      : [...Result.getOrElse(schedules, () => [])]
        .sort((self, that) => self.scheduleId < that.scheduleId ? -1 : 1)
        .map((schedule) => ({
          scheduleId: schedule.scheduleId,
          name: schedule.name ?? null,
          frequency: schedule.frequency,
          retentionExpireAfterDays: schedule.retentionExpireAfterDays ?? null,
          enabled: schedule.enabled ?? null
        })),
    ...(deletionProtection !== undefined && { deletionProtection: index.deletionProtection ?? null }),
    ...(tags !== undefined && {
      tags: Object.fromEntries(Object.keys(tags).map((key) => [key, SettingsPlanning.tagOf(index.tags ?? {}, key)]))
    }),
    ...(readCapacity !== undefined && {
      readCapacity: index.readCapacity == null ? null : SettingsPlanning.shownCapacity(index.readCapacity)
    })
  }
}

/** The world after a step. */
const after = (world: World, step: ScheduleStep.Step): World => {
  const others = (id: ScheduleId) => (world.schedules ?? []).filter(({ scheduleId }) => scheduleId !== id)
  const changed = (id: ScheduleId, { enabled, frequency, retentionDays }: ScheduleStep.ScheduleChange): World => ({
    ...world,
    schedules: (world.schedules ?? []).map((schedule) =>
      schedule.scheduleId === id
        ? {
          ...schedule,
          frequency: frequency ?? schedule.frequency,
          retentionExpireAfterDays: retentionDays ?? schedule.retentionExpireAfterDays,
          enabled: enabled ?? schedule.enabled
        }
        : schedule
    )
  })
  switch (step._tag) {
    case "ConfigureIndex":
      return { ...world, ...step.after }
    case "CreateSchedule": {
      const { frequency, name, retentionDays } = step.after
      return {
        ...world,
        schedules: [...(world.schedules ?? []), {
          scheduleId: null,
          name,
          frequency,
          retentionExpireAfterDays: retentionDays,
          enabled: true
        }]
      }
    }
    case "UpdateSchedule":
      return changed(step.scheduleId, step.after)
    case "MakeWay":
      return step.after === null
        ? { ...world, schedules: others(step.scheduleId) }
        : changed(step.scheduleId, step.after)
    case "DeleteSchedule":
      return { ...world, schedules: others(step.scheduleId) }
  }
}

const scheduleKeys = [
  ["name", "name"],
  ["frequency", "frequency"],
  ["retentionExpireAfterDays", "retention_days"],
  ["enabled", "enabled"]
] as const

/** The differences between a world and the current image of an index. */
const differences = (world: World, found: Image): ReadonlyArray<ScheduleStep.Moved> => {
  const { indexName } = found
  const moved: Array<ScheduleStep.Moved> = []
  const add = (details: Parameters<typeof Comparing.moved>[2]) =>
    moved.push(Comparing.moved(indexName, "changed", details))
  const replaced = Comparing.replacedBy(indexName, world, found)
  if (replaced !== undefined) moved.push(replaced)
  if (world.deletionProtection !== undefined && world.deletionProtection !== found.deletionProtection) {
    add({ field: "deletion_protection", planned: world.deletionProtection, found: found.deletionProtection ?? null })
  }
  for (const [key, planned] of Object.entries(world.tags ?? {})) {
    const own = found.tags?.[key] ?? null
    if (planned !== own) add({ field: `tags.${key}`, planned, found: own })
  }
  if (world.readCapacity !== undefined && !Equal.equals(world.readCapacity, found.readCapacity)) {
    add({ field: "read_capacity", planned: world.readCapacity, found: found.readCapacity ?? null })
  }
  if (world.schedules === null) return moved
  const others = new Map((found.schedules ?? []).map((schedule) => [schedule.scheduleId, schedule]))
  for (const planned of world.schedules) {
    const own: Schedule | undefined = planned.scheduleId === null
      ? [...others.values()].find((other) => scheduleKeys.every(([key]) => other[key] === planned[key]))
      : others.get(planned.scheduleId)
    if (own?.scheduleId == null) {
      add({ scheduleId: planned.scheduleId, field: "schedules", planned: planned.name ?? planned.scheduleId })
      continue
    }
    others.delete(own.scheduleId)
    for (const [key, field] of scheduleKeys) {
      if (planned[key] !== own[key]) {
        add({ scheduleId: planned.scheduleId, field, planned: planned[key], found: own[key] })
      }
    }
  }
  for (const { name, scheduleId } of others.values()) add({ scheduleId, field: "schedules", found: name ?? scheduleId })
  return moved
}

/** Returns the steps of an index that are not carried out yet, or the differences from the closest allowed state. */
export const rest = (
  image: Image,
  steps: ReadonlyArray<ScheduleStep.Step>,
  facts: IndexFacts
): Result.Result<ReadonlyArray<ScheduleStep.Step>, ReadonlyArray<ScheduleStep.Moved>> => {
  const found = imageOf(facts, steps)
  let world: World = image
  let closest = differences(world, found)
  let done = closest.length === 0 ? 0 : undefined
  for (const [position, step] of steps.entries()) {
    world = after(world, step)
    const next = differences(world, found)
    if (next.length === 0) done = position + 1
    if (next.length < closest.length) closest = next
  }
  return done === undefined ? Result.fail(closest) : Result.succeed(steps.slice(done))
}

/** The schedules whose retention a step shortens, and which still have the longer retention. */
export const shortened = (
  steps: ReadonlyArray<ScheduleStep.Step>,
  { index, schedules }: Pick<IndexFacts, "index" | "schedules">
): ReadonlyArray<ScheduleId> => {
  const all = schedules === undefined ? [] : Result.getOrElse(schedules, () => [])
  return steps.flatMap((step) => {
    if (step._tag !== "UpdateSchedule" || step.indexName !== index.name) return []
    const { scheduleId } = step
    const kept = all.find((schedule) => schedule.scheduleId === scheduleId)?.retentionExpireAfterDays
    const days = step.after.retentionDays
    return days !== undefined && kept != null && days < kept ? [scheduleId] : []
  })
}

/** A step with the losses of now, or the reason why they are unknown. */
export const withLosses = (
  step: ScheduleStep.Step,
  facts: IndexFacts,
  at: DateTime.Utc
): Result.Result<ScheduleStep.Step, ScheduleStep.Unknown> => {
  if (step._tag !== "UpdateSchedule" || !shortened([step], facts).includes(step.scheduleId)) return Result.succeed(step)
  const { scheduleId } = step
  const schedule = facts.schedules &&
    Result.getOrElse(facts.schedules, () => []).find((schedule) => schedule.scheduleId === scheduleId)
  const days = step.after.retentionDays
  if (schedule === undefined || days === undefined) return Result.succeed(step)
  const validUntil = DateTime.addDuration(at, Copies.futureTolerance)
  return Result.map(SchedulePlanning.lossesOf({ at, facts, validUntil }, schedule, days), ({ expires, isLast }) => ({
    ...step,
    consequences: [
      ...(expires === undefined ? [] : [expires]),
      ...step.consequences.filter(({ _tag }) => _tag !== "Expires")
    ],
    consent: isLast ? "typed" : step.consent === "typed" ? "yes" : step.consent
  }))
}
