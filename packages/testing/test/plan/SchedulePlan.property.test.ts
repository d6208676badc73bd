import { assert, describe, it } from "@effect/vitest"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import type * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Long from "../../../core/test/long.ts"
import * as Simulation from "../../src/internal/simulation.ts"
import { element, int, type World } from "../support.ts"
import * as Worlds from "./worlds.ts"

const options = {
  arbitrary: { runs: Long.soak(2_000, 50_000) },
  timeout: Long.soak(240_000, 3_600_000)
}

const given = {
  project: Worlds.Project,
  policy: Worlds.Policy,
  deleteExtra: element(false, true),
  validFor: element<Duration.Input>("0 millis", "24 hours", "7 days")
}

type Given = {
  readonly [Key in keyof typeof given]: (typeof given)[Key] extends Arbitrary.Arbitrary<infer A> ? A : never
}

const planOf = (world: World, { deleteExtra, policy, validFor }: Pick<Given, "deleteExtra" | "policy" | "validFor">) =>
  SchedulePlan.make(policy, Worlds.factsOf(world, policy), { deleteExtra, validFor })

/** Carries out the steps of a plan, and calls `after` after each. */
const carryOut = (
  world: World,
  steps: ReadonlyArray<ScheduleStep.Step>,
  after: (step: ScheduleStep.Step, position: number) => void = () => {}
) => {
  for (const [position, step] of steps.entries()) {
    const sent = Worlds.send(world, step)
    assert.isTrue(Result.isSuccess(sent), `${step._tag}: ${JSON.stringify(sent)}`)
    after(step, position)
  }
}

const objectOf = (step: ScheduleStep.Step): string =>
  "scheduleId" in step ? step.scheduleId : `${step._tag === "ConfigureIndex" ? "index" : "new"} ${step.indexName}`

/** The names of indexes with an enabled schedule. */
const coveredIn = ({ state }: World): ReadonlySet<string> =>
  new Set(
    Simulation.activeIndexes(state).filter(({ id }) => Simulation.hasEnabledSchedule(state, id)).map(({ name }) => name)
  )

/** A step without the ID of its index, which only a schedule shows. */
const withoutId = ({ indexId: _, ...step }: ScheduleStep.Step) => step

/** The kinds of the blocked wishes: new backups can be lost, too. */
const blockedIn = ({ blocked }: SchedulePlan.SchedulePlan) =>
  blocked.map(({ _tag, indexName }) => `${_tag} ${indexName}`)

/** The facts in another order, without what the plan does not need. */
const leastFacts = (facts: SchedulePlan.Facts, policy: BackupPolicy.BackupPolicy): SchedulePlan.Facts => {
  const needed = new Set(SchedulePlan.needs(policy, facts))
  return {
    ...facts,
    indexes: facts.indexes.toReversed().map((index) => {
      const histories = new Map([...index.histories].filter(([id]) => needed.has(id)))
      return {
        ...index,
        schedules: index.schedules && Result.map(index.schedules, (all) => all.toReversed()),
        histories,
        backups: histories.size === 0
          ? undefined
          : index.backups && Result.map(index.backups, (all) => all.toReversed())
      }
    })
  }
}

/** Writes at most once to each object. */
const assertOneWriteEach = ({ steps }: SchedulePlan.SchedulePlan) => {
  const objects = steps.map(objectOf)
  assert.strictEqual(new Set(objects).size, objects.length, objects.join())
}

/** Deletes only the schedules of steps that say so, and none without the option. */
const assertDeletions = (before: Simulation.State, { state }: World, plan: SchedulePlan.SchedulePlan) => {
  const deleted = [...before.schedules.keys()].filter((id) => !state.schedules.has(id)).sort()
  const expected = plan.steps.flatMap((step) =>
    step._tag === "DeleteSchedule" || (step._tag === "MakeWay" && step.after === null) ? [step.scheduleId] : []
  )
  assert.deepStrictEqual(deleted, [...expected].sort())
  if (!plan.deleteExtra) assert.deepStrictEqual(deleted, [])
}

/** Changes only what the policy has. */
const assertOnlyWished = (before: Simulation.State, { state }: World, policy: BackupPolicy.BackupPolicy) => {
  for (const { deletionProtection, id, name, tags } of before.indexes.values()) {
    const { schedule, settings } = BackupPolicy.wishOf(policy, name)
    const now = state.indexes.get(id)
    if (settings?.deletionProtection === undefined) assert.strictEqual(now?.deletionProtection, deletionProtection)
    for (const key of Object.keys({ ...tags, ...now?.tags })) {
      if (settings?.tags?.[key] === undefined) assert.strictEqual(now?.tags[key], tags[key])
    }
    const own = Simulation.schedulesOf(before, id)
    if (schedule === undefined || schedule === "ignore") {
      assert.deepStrictEqual(Simulation.schedulesOf(state, id), own)
    }
    if (typeof schedule !== "object") continue
    for (const { expireAfterDays, frequency, id } of own) {
      const now = state.schedules.get(id)
      if (now === undefined) continue
      if (now.frequency !== frequency) assert.strictEqual(now.frequency, schedule.every)
      if (now.expireAfterDays !== expireAfterDays) assert.strictEqual(now.expireAfterDays, schedule.keep)
    }
  }
}

describe("SchedulePlan.make", () => {
  it.prop("has no refused step, and after k steps a new plan is exactly the others", given, (given) => {
    const world = Worlds.worldOf(given.project)
    const plan = planOf(world, given)
    assert.deepStrictEqual(plan.unknown, [])
    carryOut(world, plan.steps, (_, position) => {
      const rest = planOf(world, given)
      assert.deepStrictEqual(rest.steps.map(withoutId), plan.steps.slice(position + 1).map(withoutId))
      assert.deepStrictEqual(blockedIn(rest), blockedIn(plan))
      assert.isTrue(Result.isSuccess(SchedulePlan.allows(plan, rest)))
    })
    const isDone = plan.blocked.length === 0
    assert.strictEqual(SchedulePlan.verdict(planOf(world, given)), isDone ? "in-step" : "drift")
  }, options)

  it.prop(
    "loses no backup that no step lists, at any time of its validity",
    { ...given, policy: Worlds.ShorteningPolicy, hundredths: int(0, 100) },
    ({ hundredths, ...given }) => {
      const world = Worlds.worldOf(given.project)
      const plan = planOf(world, given)
      const wishes = new Map(
        world.indexes.map(({ name }) => [name as string, BackupPolicy.wishOf(given.policy, name)])
      )
      const planned = Worlds.backupsOf(world)
      world.pass(Duration.times(Duration.fromInputUnsafe(given.validFor), hundredths / 100))
      const start = Worlds.backupsOf(world)
      // Other backups may have expired since.
      const again = planOf(world, { ...given, validFor: 0 })
      let before = start
      carryOut(world, plan.steps, (step) => {
        const after = Worlds.backupsOf(world)
        const listed = new Set(ScheduleStep.lossesOf(step))
        for (const [id, name] of before) {
          // `apply` does not lose later backups either, because it plans each step again.
          if (after.has(id) || !planned.has(id)) continue
          assert.isTrue(listed.has(id), `${step._tag} loses ${id}`)
          assert.isTrue(wishes.get(name)?.allowLoss, `${step._tag} loses ${id} despite allowLoss: false`)
          assert.notStrictEqual(step.consent, "free")
        }
        before = after
      })
      // Without typed consent, an index keeps a backup that it had before.
      const typed = new Set(again.steps.filter(({ consent }) => consent === "typed").map(({ indexName }) => indexName))
      const left = new Set([...before].filter(([id]) => start.has(id)).map(([, name]) => name))
      for (const { name } of world.indexes) {
        if ([...start.values()].includes(name) && !left.has(name)) {
          assert.isTrue(typed.has(name), `${name} has no backup left`)
        }
      }
    },
    options
  )

  it.prop("changes little, in a safe order", given, (given) => {
    const world = Worlds.worldOf(given.project)
    const facts = Worlds.factsOf(world)
    const { deleteExtra, policy, validFor } = given
    const plan = SchedulePlan.make(policy, facts, { deleteExtra, validFor })
    const least = SchedulePlan.make(policy, leastFacts(facts, policy), { deleteExtra, validFor })
    assert.deepStrictEqual(
      least.steps.map(withoutId),
      plan.steps.map(withoutId),
      "depends on the order of lists, or on facts that it does not need"
    )
    assertOneWriteEach(plan)
    const { state } = world
    const start = coveredIn(world)
    const without = new Map<string, number>()
    carryOut(world, plan.steps, () => {
      const covered = coveredIn(world)
      for (const name of start) without.set(name, (without.get(name) ?? 0) + (covered.has(name) ? 0 : 1))
    })
    assertDeletions(state, world, plan)
    assertOnlyWished(state, world, policy)
    const end = coveredIn(world)
    for (const name of start) {
      if (end.has(name)) assert.isAtMost(without.get(name) ?? 0, 1, `${name} has no enabled schedule`)
      else {
        const stops = plan.steps.some(({ consequences, indexName }) =>
          indexName === name && consequences.some(({ _tag }) => _tag === "StopsBackups")
        )
        assert.isTrue(stops, `${name} has no schedule, and no step says so`)
      }
    }
  }, options)
})
