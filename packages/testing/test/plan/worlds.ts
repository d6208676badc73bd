/** Projects and policies at random, and the requests of steps, on the simulation without effects. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import type * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as RequestRules from "../../src/internal/request-rules.ts"
import * as Seeding from "../../src/internal/seeding.ts"
import * as TimeRules from "../../src/internal/time-rules.ts"
import { element, int, World } from "../support.ts"

// ============================================================================
// Generators
// ============================================================================

const maybe = <A>(arbitrary: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | undefined> =>
  Arbitrary.flatMap(
    element(true, true, true, false),
    (isGiven): Arbitrary.Arbitrary<A | undefined> => isGiven ? arbitrary : Arbitrary.Constant(undefined)
  )

/** Removes fields that are undefined. */
const given = <A extends object>(fields: A) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof A]?: Exclude<A[Key], undefined>
  }

const frequency = element<BackupSchedule.Frequency>("daily", "weekly", "monthly")
const days = element(1, 3, 7, 30, 40)
const names = element("x", "y", "z")
const indexNames = ["a", "b", "c"] as const

const Schedule = Arbitrary.all({
  name: names,
  frequency,
  expireAfterDays: days,
  /** Ages of its backups in days. */
  ages: Arbitrary.array(element(0, 1, 2, 5, 6, 8, 20, 29, 31, 39), { minLength: 1, maxLength: 4 })
})

const Index = Arbitrary.all({
  schedules: Arbitrary.flatMap(
    int(0, 3),
    (length) => Arbitrary.array(Schedule, { minLength: length, maxLength: length })
  ),
  /** Position of the enabled schedule. */
  enabled: int(0, 3),
  deletionProtection: element<"enabled" | "disabled">("enabled", "disabled"),
  tags: element<Readonly<Record<string, string>>>({}, { tier: "gold" }, { tier: "silver", team: "search" }),
  /** Ages of its manual backups in days. */
  manual: Arbitrary.array(element(1, 10), { maxLength: 1 })
})

/** A project with up to three indexes. */
export const Project = Arbitrary.array(Index, { minLength: 1, maxLength: 3 })

export type Project = typeof Project extends Arbitrary.Arbitrary<infer A> ? A : never

const ScheduleWish = Arbitrary.map(
  Arbitrary.all({
    every: maybe(frequency),
    keep: maybe(days),
    name: maybe(names),
    paused: element(undefined, undefined, true, false)
  }),
  given
)

const SettingsWish = Arbitrary.map(
  Arbitrary.all({
    deletionProtection: maybe(element<"enabled" | "disabled">("enabled", "disabled")),
    tags: maybe(
      element<Readonly<Record<string, string | null>>>({}, { tier: "gold" }, { tier: null }, { team: "x", tier: null })
    )
  }),
  given
)

const Rule = Arbitrary.map(
  Arbitrary.all({
    index: element("a", "b", "c", "*", "*", "a*", "*", "d"),
    schedule: Arbitrary.flatMap(
      int(0, 6),
      (number): Arbitrary.Arbitrary<BackupPolicy.Wish["schedule"]> =>
        number < 2
          ? Arbitrary.Constant(undefined)
          : number < 3
          ? element<"none" | "ignore">("none", "ignore")
          : ScheduleWish
    ),
    settings: maybe(SettingsWish),
    allowLoss: element(undefined, undefined, undefined, true, false)
  }),
  ({ index, ...fields }) => ({ index, ...given(fields) })
)

/** A policy with up to four rules. */
export const Policy: Arbitrary.Arbitrary<BackupPolicy.BackupPolicy> = Arbitrary.map(
  Arbitrary.all({
    defaults: maybe(
      Arbitrary.map(Arbitrary.all({ schedule: maybe(ScheduleWish), settings: maybe(SettingsWish) }), given)
    ),
    rules: Arbitrary.array(Rule, { minLength: 1, maxLength: 4 })
  }),
  ({ defaults, rules }) => ({ rules, ...given({ defaults }) })
)

/** A policy that shortens retentions. */
export const ShorteningPolicy: Arbitrary.Arbitrary<BackupPolicy.BackupPolicy> = Arbitrary.map(
  Arbitrary.all({
    policy: Policy,
    keep: element(1, 2, 3, 7),
    index: element("*", "a"),
    allowLoss: element(undefined, false)
  }),
  ({ allowLoss, index, keep, policy }) => ({
    ...policy,
    rules: [...(policy.rules ?? []), { index, schedule: { keep }, ...given({ allowLoss }) }]
  })
)

// ============================================================================
// Worlds
// ============================================================================

/** Creates the project. Backups expire, unlike those of seeds. */
export const worldOf = (project: Project): World => {
  const world = new World()
  const before = (age: number) => DateTime.subtract(world.now, { days: age, hours: 1 })
  for (const [position, index] of project.entries()) {
    const indexName = indexNames[position] ?? "a"
    const { deletionProtection, manual, schedules, tags } = index
    world.seed(Seeding.addIndex, { name: indexName, deletionProtection, tags })
    for (const [place, { ages, ...schedule }] of schedules.entries()) {
      const kept = ages.filter((age) => age < schedule.expireAfterDays)
      world.seed(Seeding.addSchedule, {
        ...schedule,
        indexName,
        enabled: place === index.enabled,
        runs: kept.map((age) => ({ plannedFor: before(age) }))
      })
    }
    for (const age of manual) {
      world.state = Seeding.addBackup(world.state, world.now, { indexName, createdAt: before(age) })[0]
    }
  }
  world.state = {
    ...world.state,
    records: new Map([...world.state.records].map(([id, record]) => {
      const schedule = record.scheduleId && world.state.schedules.get(record.scheduleId)
      return [
        id,
        schedule ? { ...record, expireAt: DateTime.add(record.startAt, { days: schedule.expireAfterDays }) } : record
      ]
    }))
  }
  return world
}

const all = { limit: 100 }

/**
 * The facts about a project, with the histories that a policy needs, or all. No document has an ID for an index.
 */
export const factsOf = (world: World, policy?: BackupPolicy.BackupPolicy): SchedulePlan.Facts => {
  const facts: SchedulePlan.Facts = {
    at: world.now,
    indexes: world.indexes.map(({ id: _, ...index }) => ({
      index,
      schedules: Result.succeed(world.ask(RequestRules.listSchedules({ ...all, indexName: index.name })).data),
      histories: new Map(),
      backups: undefined
    }))
  }
  const needed = policy && new Set(SchedulePlan.needs(policy, facts))
  return {
    ...facts,
    indexes: facts.indexes.map((index) => {
      const ids = (index.schedules === undefined ? [] : Result.getOrElse(index.schedules, () => []))
        .map(({ scheduleId }) => scheduleId)
        .filter((id) => needed === undefined || needed.has(id))
      return needed !== undefined && ids.length === 0 ? index : {
        ...index,
        histories: new Map(ids.map((id) => [id, Result.succeed(world.history(id, "2026-07"))])),
        backups: Result.succeed(
          world.ask(RequestRules.listBackupsByIndex({ ...all, indexName: index.index.name })).data
        )
      }
    })
  }
}

/** Carries out a step. */
export const send = (world: World, step: ScheduleStep.Step): Result.Result<unknown, RequestRules.Refusal> => {
  const update = (id: string, { enabled, frequency, retentionDays }: ScheduleStep.ScheduleChange) =>
    world.send(RequestRules.updateSchedule(id, { enabled, frequency, expireAfterDays: retentionDays }))
  const sent = (): Result.Result<unknown, RequestRules.Refusal> => {
    switch (step._tag) {
      case "ConfigureIndex": {
        const { deletionProtection, tags = {} } = step.after
        return world.send(RequestRules.configureIndex(step.indexName, {
          deletionProtection,
          tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, value ?? ""]))
        }))
      }
      case "CreateSchedule": {
        const { frequency, name, retentionDays } = step.after
        return world.send(RequestRules.createSchedule({
          indexName: step.indexName,
          name,
          frequency,
          expireAfterDays: retentionDays
        }))
      }
      case "UpdateSchedule":
        return update(step.scheduleId, step.after)
      case "MakeWay":
        return step.after === null
          ? world.send(RequestRules.deleteSchedule(step.scheduleId))
          : update(step.scheduleId, step.after)
      case "DeleteSchedule":
        return world.send(RequestRules.deleteSchedule(step.scheduleId))
    }
  }
  const result = sent()
  world.state = TimeRules.advance(world.state, world.now)
  return result
}

/** The backups that exist: not those that are only planned. */
export const backupsOf = (world: World): ReadonlyMap<Backup.BackupId, string> =>
  new Map(
    [...world.state.records.values()]
      .filter((record) => !record.isExpired && TimeRules.statusOf(record, world.now) !== "Scheduled")
      .map(({ id, indexId }) => [Backup.BackupId.make(id), world.state.indexes.get(indexId)?.name ?? ""])
  )
