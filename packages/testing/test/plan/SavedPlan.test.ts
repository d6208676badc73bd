import { assert, describe, it } from "@effect/vitest"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Long from "../../../core/test/long.ts"
import * as RequestRules from "../../src/internal/request-rules.ts"
import * as Seeding from "../../src/internal/seeding.ts"
import { element, World } from "../support.ts"
import * as Worlds from "./worlds.ts"

const schema = "test.plan/v1"

const save = (plan: SchedulePlan.SchedulePlan, facts: SchedulePlan.Facts) =>
  SavedPlan.make(plan, facts, {
    schema,
    host: "https://api.pinecone.io",
    apiVersion: "2026-07",
    file: { name: "policy.yaml", sha256: "abc" }
  })

const policy: BackupPolicy.BackupPolicy = {
  rules: [{
    index: "docs",
    schedule: { name: "nightly", keep: 7 },
    settings: { deletionProtection: "enabled", tags: { tier: "gold" } }
  }]
}

/** An index with a daily schedule that keeps 30 days, and 20 backups. */
const worldOf = () => {
  const world = new World()
  world.seed(Seeding.addIndex, { name: "docs", tags: { team: "search" } })
  world.ask(
    RequestRules.createSchedule({ indexName: "docs", name: "nightly", frequency: "daily", expireAfterDays: 30 })
  )
  return world.pass("20 days")
}

const savedOf = (world: World) => {
  const facts = Worlds.factsOf(world)
  return save(SchedulePlan.make(policy, facts), facts)
}

const scheduleId = (world: World) => [...world.state.schedules.keys()][0] ?? ""

const firstMoved = (saved: SavedPlan.SavedPlan, world: World) =>
  Result.match(SavedPlan.rest(saved, Worlds.factsOf(world)), {
    onFailure: ([{ field, found, planned, reason }]) => ({ field, found, planned, reason }),
    onSuccess: ({ steps }) => assert.fail(`${steps.length} steps are left`)
  })

describe("SavedPlan.decode", () => {
  it.effect("reads what encode writes", () =>
    Effect.gen(function*() {
      const saved = yield* savedOf(worldOf())
      const text = SavedPlan.encode(saved)
      assert.deepStrictEqual(yield* SavedPlan.decode(text, schema), saved)
      assert.deepStrictEqual(Object.keys(JSON.parse(text)), Object.keys(JSON.parse(text)).toSorted())
      assert.notInclude(text, "pcsk")
    }))

  it.effect("has the same text for the same facts", () =>
    Effect.gen(function*() {
      const [first, second] = [yield* savedOf(worldOf()), yield* savedOf(worldOf())]
      assert.strictEqual(SavedPlan.encode(first), SavedPlan.encode(second))
    }))

  it.effect.each<[change: (text: string) => string, message: string]>([
    [(text) => text.replace(/"host": "[^"]*",/, ""), "host: Missing key"],
    [(text) => text.replace("{", `{"more": true,`), "more: Unknown key. Expected schema, "],
    [(text) => text.replace(/("facts": \[\s*\{)/, `$1"more": true,`), "facts[0].more: Unknown key. Expected "]
  ])("says what is invalid: %s", ([change, message]) =>
    Effect.gen(function*() {
      const text = change(SavedPlan.encode(yield* savedOf(worldOf())))
      const error = yield* Effect.flip(SavedPlan.decode(text, schema))
      assert.strictEqual(error.message.slice(0, message.length), message)
    }))

  it.effect.each<[what: string, change: (text: string) => string, reason: SavedPlan.SavedPlanError["reason"]]>([
    ["text that is not JSON", (text) => text.slice(1), "not-json"],
    ["another format", (text) => text.replace(schema, "test.plan/v2"), "other-format"],
    ["a list", () => "[]", "other-format"],
    ["a missing field", (text) => text.replace(/"host": "[^"]*",/, ""), "invalid"],
    ["an unknown field", (text) => text.replace("{", `{"more": true,`), "invalid"],
    ["another retention", (text) => text.replace(`"retention_days": 7`, `"retention_days": 1`), "damaged"],
    [
      "another fact",
      (text) => text.replace(`"retention_expire_after_days": 30`, `"retention_expire_after_days": 7`),
      "damaged"
    ],
    ["another validity", (text) => text.replace(/"valid_until": "20\d\d/, `"valid_until": "2099`), "damaged"],
    ["another consent", (text) => text.replace(`"consent": "yes"`, `"consent": "free"`), "damaged"],
    ["a changed checksum", (text) => text.replace(/"sha256": "([0-9a-f]{60})/g, `"sha256": "f$1`), "damaged"]
  ])("rejects %s", ([, change, reason]) =>
    Effect.gen(function*() {
      const text = SavedPlan.encode(yield* savedOf(worldOf()))
      const changed = change(text)
      assert.notStrictEqual(changed, text)
      const error = yield* Effect.flip(SavedPlan.decode(changed, schema))
      assert.strictEqual(error.reason, reason, error.message)
    }))
})

describe("SavedPlan.rest", () => {
  it.effect.prop(
    "is exactly the other steps after any number of them",
    { project: Worlds.Project, policy: Worlds.Policy, deleteExtra: element(false, true) },
    ({ deleteExtra, policy, project }) =>
      Effect.gen(function*() {
        const world = Worlds.worldOf(project)
        const facts = Worlds.factsOf(world)
        const plan = SchedulePlan.make(policy, facts, { deleteExtra })
        const saved = yield* save(plan, facts)
        const steps = () =>
          Result.match(SavedPlan.rest(saved, Worlds.factsOf(world)), {
            onFailure: (moved) => assert.fail(JSON.stringify(moved)),
            onSuccess: ({ steps }) =>
              steps.map(({ _tag, after, before, indexName }) => ({ _tag, after, before, indexName }))
          })
        const planned = plan.steps.map(({ _tag, after, before, indexName }) => ({ _tag, after, before, indexName }))
        assert.deepStrictEqual(steps(), planned)
        for (const [position, step] of plan.steps.entries()) {
          Worlds.send(world, step)
          assert.deepStrictEqual(steps(), planned.slice(position + 1))
        }
      }),
    { arbitrary: { runs: Long.soak(200, 50_000) }, timeout: Long.soak(60_000, 3_600_000) }
  )

  it.effect("does not depend on backups that come and go, or on other tags", () =>
    Effect.gen(function*() {
      const world = worldOf()
      const saved = yield* savedOf(world)
      world.pass("1 day")
      world.ask(RequestRules.createBackup({ indexName: "docs" }))
      world.ask(RequestRules.configureIndex("docs", { tags: { team: "other" } }))
      const rest = SavedPlan.rest(saved, Worlds.factsOf(world))
      assert.strictEqual(Result.isSuccess(rest) && rest.success.steps.length, saved.steps.length)
    }))

  it.effect("names the field that has changed, with both values", () =>
    Effect.gen(function*() {
      const after = Effect.fnUntraced(function*(change: (world: World) => unknown) {
        const world = worldOf()
        const saved = yield* savedOf(world)
        change(world)
        return firstMoved(saved, world)
      })
      const changed = { reason: "changed" as const }
      assert.deepStrictEqual(
        yield* after((world) => world.ask(RequestRules.updateSchedule(scheduleId(world), { expireAfterDays: 14 }))),
        { ...changed, field: "retention_days", planned: 30, found: 14 }
      )
      assert.deepStrictEqual(
        yield* after((world) => world.ask(RequestRules.updateSchedule(scheduleId(world), { enabled: false }))),
        { ...changed, field: "enabled", planned: true, found: false }
      )
      assert.deepStrictEqual(
        yield* after((world) => world.ask(RequestRules.configureIndex("docs", { tags: { tier: "silver" } }))),
        { ...changed, field: "tags.tier", planned: null, found: "silver" }
      )
      assert.deepStrictEqual(
        yield* after((world) => world.ask(RequestRules.deleteSchedule(scheduleId(world)))),
        { ...changed, field: "schedules", planned: "nightly", found: null }
      )
      assert.deepStrictEqual(
        yield* after((world) => world.ask(RequestRules.deleteIndex("docs"))),
        { reason: "gone", field: null, planned: null, found: null }
      )
      assert.strictEqual(
        (yield* after((world) => {
          world.ask(RequestRules.deleteIndex("docs"))
          world.seed(Seeding.addIndex, { name: "docs" })
          world.ask(
            RequestRules.createSchedule({ indexName: "docs", name: "nightly", frequency: "daily", expireAfterDays: 30 })
          )
        })).reason,
        "replaced"
      )
    }))

  it.effect("rejects the loss of a backup that the plan does not list", () =>
    Effect.gen(function*() {
      const world = worldOf()
      const saved = yield* savedOf(world)
      // Long after the end of the validity.
      world.pass("10 days")
      assert.deepInclude(firstMoved(saved, world), { reason: "loses-more", field: "backup_ids" })
    }))
})

describe("SavedPlan.projectOf", () => {
  /** A project whose index has no schedule, and so nothing that shows the ID of the index or the project. */
  const emptyWorld = () => {
    const world = new World()
    world.seed(Seeding.addIndex, { name: "docs" })
    return world
  }
  const wanted: BackupPolicy.BackupPolicy = {
    rules: [{ index: "docs", schedule: { every: "daily", keep: 7 }, settings: { tags: { tier: "gold" } } }]
  }
  const saveEmpty = (world: World) => {
    const facts = Worlds.factsOf(world)
    return save(SchedulePlan.make(wanted, facts), facts)
  }
  /** The facts of a project whose index has another host. */
  const onHost = (facts: SchedulePlan.Facts, host: string | null): SchedulePlan.Facts => ({
    ...facts,
    indexes: facts.indexes.map((one) => ({ ...one, index: { ...one.index, host } }))
  })

  it.effect("is the same for a first plan of an empty project, before and after each step", () =>
    Effect.gen(function*() {
      const world = emptyWorld()
      const saved = yield* saveEmpty(world)
      assert.isNull(saved.projectId)
      for (const step of [undefined, ...saved.steps]) {
        if (step !== undefined) Worlds.send(world, step)
        const facts = Worlds.factsOf(world)
        assert.strictEqual(SavedPlan.projectOf(saved, facts), "same")
        assert.isTrue(Result.getOrThrow(SavedPlan.rest(saved, facts)).isProjectConfirmed)
      }
    }))

  it.effect("is unknown for an index with another host or without one, and no step is left for it", () =>
    Effect.gen(function*() {
      const world = emptyWorld()
      const saved = yield* saveEmpty(world)
      for (const host of ["docs-other.svc.invalid", null]) {
        const facts = onHost(Worlds.factsOf(world), host)
        assert.strictEqual(SavedPlan.projectOf(saved, facts), "unknown")
        assert.deepInclude(Result.getOrThrow(Result.flip(SavedPlan.rest(saved, facts)))[0], {
          reason: "replaced",
          field: "index_host"
        })
      }
    }))

  it.effect("is another one if the schedules show its ID", () =>
    Effect.gen(function*() {
      const world = worldOf()
      const saved: SavedPlan.SavedPlan = { ...(yield* savedOf(world)), projectId: "other" }
      const facts = Worlds.factsOf(world)
      assert.strictEqual(SavedPlan.projectOf(saved, facts), "other")
      assert.deepInclude(Result.getOrThrow(Result.flip(SavedPlan.rest(saved, facts)))[0], {
        reason: "replaced",
        field: "project_id",
        planned: "other"
      })
    }))
})

describe("SavedPlan.validityOf", () => {
  it("is 7 days without losses, and 24 hours with losses", () => {
    const facts = Worlds.factsOf(worldOf())
    const validity = (keep: number) => SavedPlan.validityOf({ rules: [{ index: "docs", schedule: { keep } }] }, facts)
    assert.strictEqual(validity(60), "7 days")
    assert.strictEqual(validity(28), "7 days")
    assert.strictEqual(validity(20), "24 hours")
    assert.strictEqual(validity(7), "24 hours")
  })
})

describe("SavedPlan.isExpired", () => {
  it.effect("is true after the end of the validity", () =>
    Effect.gen(function*() {
      const saved = yield* savedOf(worldOf())
      assert.isFalse(SavedPlan.isExpired(saved, saved.validUntil))
      assert.isTrue(SavedPlan.isExpired(saved, DateTime.add(saved.validUntil, { seconds: 1 })))
    }))
})
