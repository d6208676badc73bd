import { assert, describe, it } from "@effect/vitest"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import type * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Long from "../../../core/test/long.ts"
import { fastForward } from "../../../core/test/support.ts"
import { element, int, sendTo, stateOf } from "../support.ts"
import * as Writes from "../writes.ts"
import * as Apply from "./apply.ts"

const { policy } = Apply

const readPlan = ({ now }: ControlPlane.Service) =>
  Effect.map(SchedulePlan.read(policy, { now }), (facts) => ({
    facts,
    plan: SchedulePlan.make(policy, facts, { deleteExtra: true })
  }))

const schema = "test.plan/v1"

/** Carries out a plan, or the plan as it was saved. */
const streamOf = Effect.fnUntraced(function*(plane: ControlPlane.Service, form: "plan" | "saved") {
  const { facts, plan } = yield* readPlan(plane)
  const saved = yield* SavedPlan.make(plan, facts, { schema, host: "memory", apiVersion: "2026-07" })
  const { now } = plane
  const apply = form === "plan" ? SchedulePlan.apply(plan, { wanted: policy, now }) : SavedPlan.apply(saved, { now })
  return { plan, apply }
})

// ============================================================================
// A second actor
// ============================================================================

type Action = (plane: ControlPlane.Service) => Effect.Effect<unknown>

const send = (method: "POST" | "PATCH" | "DELETE", path: string, body?: Schema.JsonObject): Action => (plane) =>
  sendTo(plane, method, path, body)

const retention = (days: number) => ({ retention: { expire_after_days: days } })

const schedule = (name: string) => ({
  name,
  schedule: { type: "time-based", frequency: "daily" },
  ...retention(14)
})

/** What somebody else may do at the same time. Some of it is refused, depending on the moment. */
const actions: ReadonlyArray<Action> = [
  send("PATCH", "/backup-schedules/docs-daily", retention(3)),
  send("PATCH", "/backup-schedules/docs-daily", retention(90)),
  send("PATCH", "/backup-schedules/docs-daily", { enabled: false }),
  send("DELETE", "/backup-schedules/docs-daily"),
  send("DELETE", "/backup-schedules/docs-spare"),
  send("PATCH", "/backup-schedules/orders-old", { enabled: false }),
  send("PATCH", "/backup-schedules/orders-old", { enabled: true }),
  send("POST", "/indexes/orders/backup-schedules", schedule("orders-daily")),
  send("POST", "/indexes/orders/backup-schedules", schedule("other")),
  send("PATCH", "/indexes/docs", { deletion_protection: "disabled", tags: { tier: "silver" } }),
  send("DELETE", "/indexes/carts"),
  send("POST", "/indexes/docs/backups", { name: "manual" }),
  send("DELETE", "/backup-schedules/legacy-monthly"),
  send("PATCH", "/backup-schedules/carts", { frequency: "monthly", enabled: false }),
  (plane) => plane.advance("2 hours"),
  (plane) => plane.advance("30 hours"),
  // Replaces an index.
  (plane) =>
    Effect.andThen(sendTo(plane, "DELETE", "/indexes/orders"), Effect.ignore(plane.seedIndex({ name: "orders" }))),
  (plane) =>
    Effect.andThen(
      sendTo(plane, "PATCH", "/indexes/docs", { deletion_protection: "disabled" }),
      Effect.andThen(sendTo(plane, "DELETE", "/indexes/docs"), Effect.ignore(plane.seedIndex({ name: "docs" })))
    )
]

const scheduleIds = (plane: ControlPlane.Service) =>
  Effect.map(stateOf(plane), ({ schedules }) => new Set<string>(schedules.keys()))

const deletedBy = (steps: ReadonlyArray<ScheduleStep.Step>): ReadonlySet<string> =>
  new Set(
    steps.flatMap((step) =>
      step._tag === "DeleteSchedule" || (step._tag === "MakeWay" && step.after === null) ? [step.scheduleId] : []
    )
  )

/** Adds what disappears while an effect runs. */
const without = Effect.fnUntraced(function*<A>(
  read: Effect.Effect<ReadonlySet<A>>,
  lost: Set<A>,
  effect: Effect.Effect<unknown>
) {
  const before = yield* read
  yield* effect
  const after = yield* read
  for (const id of before) if (!after.has(id)) lost.add(id)
})

const faults: ReadonlyArray<Fault.Fault> = [
  ...Writes.answers,
  ...Writes.afterCommit,
  ...Writes.refusals,
  ...Writes.lies,
  ...Writes.skews
]

/** More than the requests of an undisturbed run. */
const mostRequests = 45

describe("SchedulePlan.apply", () => {
  it.effect.prop(
    "loses nothing that no step lists, whoever else changes the project between two requests",
    {
      form: element("plan", "saved"),
      action: int(0, actions.length - 1),
      number: int(1, mostRequests)
    },
    ({ action, form, number }) =>
      Apply.onProject(({ count, plane }) =>
        Effect.gen(function*() {
          const { apply, plan } = yield* streamOf(plane, form)
          const backups = yield* Apply.backupIds(plane)
          const schedules = yield* scheduleIds(plane)
          const gone = { backups: new Set<string>(), schedules: new Set<string>() }
          let hasActed = false
          count((current, _, plane) =>
            Effect.as(
              Effect.suspend(() => {
                if (current !== number || hasActed) return Effect.void
                hasActed = true
                return without(
                  Apply.backupIds(plane),
                  gone.backups,
                  without(scheduleIds(plane), gone.schedules, actions[action]?.(plane) ?? Effect.void)
                )
              }),
              undefined
            )
          )
          const events = yield* fastForward(Stream.runCollect(apply))
          count()
          const listed = new Set<string>(plan.steps.flatMap(ScheduleStep.lossesOf))
          const left = yield* Apply.backupIds(plane)
          for (const id of backups) {
            if (!left.has(id) && !gone.backups.has(id)) assert.isTrue(listed.has(id), `loses ${id}`)
          }
          const leftSchedules = yield* scheduleIds(plane)
          const deleted = deletedBy(plan.steps)
          for (const id of schedules) {
            if (!leftSchedules.has(id) && !gone.schedules.has(id)) assert.isTrue(deleted.has(id), `deletes ${id}`)
          }
          // One event for each step.
          assert.lengthOf(events.filter(({ _tag }) => _tag !== "Left"), plan.steps.length)
        })
      ),
    { arbitrary: { runs: Long.soak(20, 2_000) }, timeout: Long.soak(120_000, 3_600_000) }
  )

  it.effect.prop(
    "ends in the wanted state after a fault, when it is repeated",
    {
      form: element("plan", "saved"),
      fault: int(0, faults.length - 1),
      number: int(1, mostRequests),
      times: element(1, 1, 3)
    },
    ({ fault, form, number, times }) =>
      Apply.onProject(({ count, plane }) =>
        Effect.gen(function*() {
          const { apply, plan } = yield* streamOf(plane, form)
          const backups = yield* Apply.backupIds(plane)
          count((current) => Effect.succeed(current >= number && current < number + times ? faults[fault] : undefined))
          yield* fastForward(Effect.exit(Stream.runDrain(apply)))
          count()
          yield* fastForward(Stream.runDrain(form === "saved" ? apply : (yield* streamOf(plane, "plan")).apply))
          const again = yield* fastForward(readPlan(plane))
          assert.deepStrictEqual(again.plan.unknown, [])
          assert.deepStrictEqual(again.plan.steps, [], faults[fault]?._tag)
          const listed = new Set<string>(plan.steps.flatMap(ScheduleStep.lossesOf))
          const left = yield* Apply.backupIds(plane)
          for (const id of backups) if (!left.has(id)) assert.isTrue(listed.has(id), `loses ${id}`)
          const orders = (yield* Apply.wishable(plane)).find(({ name }) => name === "orders")
          assert.lengthOf(orders?.schedules ?? [], 1)
        })
      ),
    { arbitrary: { runs: Long.soak(20, 2_000) }, timeout: Long.soak(120_000, 3_600_000) }
  )
})
