import { assert, describe, it } from "@effect/vitest"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Long from "../../../core/test/long.ts"
import * as Apply from "./apply.ts"

const { policy } = Apply

const readPlan = Effect.map(SchedulePlan.read(policy), (facts) => {
  const plan = SchedulePlan.make(policy, facts, { deleteExtra: true })
  return { facts, plan }
})

const schema = "test.plan/v1"

/** The ways to carry out a plan, and to make a new one after an interruption. */
const forms = {
  "a plan": Effect.map(readPlan, ({ plan }) => ({
    plan,
    apply: SchedulePlan.apply(plan, { wanted: policy }),
    again: Effect.map(readPlan, ({ plan }) => SchedulePlan.apply(plan, { wanted: policy }))
  })),
  "a saved plan": Effect.gen(function*() {
    const { facts, plan } = yield* readPlan
    const text = SavedPlan.encode(yield* SavedPlan.make(plan, facts, { schema, host: "memory", apiVersion: "2026-07" }))
    const saved = yield* Effect.orDie(SavedPlan.decode(text, schema))
    return { plan, apply: SavedPlan.apply(saved), again: Effect.succeed(SavedPlan.apply(saved)) }
  })
}

const eachForm = Object.entries(forms)

/** The wanted state, and the number of requests until then. */
const undisturbed = Effect.fnUntraced(function*(form: (typeof forms)["a plan"] | (typeof forms)["a saved plan"]) {
  return yield* Apply.onProject(({ count, counted, plane }) =>
    Effect.gen(function*() {
      const { apply } = yield* form
      count()
      yield* Stream.runDrain(apply)
      return { requests: counted(), end: yield* Apply.wishable(plane) }
    })
  )
})

const writesOf = (plane: ControlPlane.Service) =>
  Effect.map(plane.requests, (requests) => requests.filter(Apply.isWrite))

describe("SchedulePlan.apply", () => {
  it.effect.each(eachForm)(
    "carries out every step of %s once, in order, and nothing the second time",
    ([, form]) =>
      Apply.onProject(({ plane }) =>
        Effect.gen(function*() {
          const { again, apply, plan } = yield* form
          assert.deepStrictEqual(plan.unknown, [])
          assert.deepStrictEqual(plan.steps.map(({ _tag, consent, indexName }) => `${indexName} ${_tag} ${consent}`), [
            "docs ConfigureIndex yes",
            "carts UpdateSchedule free",
            "legacy UpdateSchedule free",
            "orders MakeWay yes",
            "orders CreateSchedule free",
            "docs UpdateSchedule yes",
            "legacy ConfigureIndex yes",
            "docs DeleteSchedule yes",
            "wiki DeleteSchedule yes"
          ])
          yield* plane.clearRequests
          const events = yield* Stream.runCollect(apply)
          assert.deepStrictEqual(Apply.tagsOf(events), [...plan.steps.map(() => "Done"), "Left"])
          const last = events.at(-1)
          assert.deepStrictEqual(last?._tag === "Left" && last.plan.steps, [])
          const writes = yield* writesOf(plane)
          assert.lengthOf(writes, plan.steps.length)
          assert.isTrue(writes.every(({ status }) => status !== undefined && status < 300))

          yield* plane.clearRequests
          const second = yield* Stream.runCollect(apply)
          assert.deepStrictEqual(Apply.tagsOf(second), [...plan.steps.map(() => "Already"), "Left"])
          yield* Stream.runDrain(yield* again)
          assert.deepStrictEqual(yield* writesOf(plane), [])
        })
      )
  )

  it.effect.each(eachForm)(
    "ends in the wanted state with the fewest writes after %s was killed before or after any request",
    ([, form]) =>
      Effect.gen(function*() {
        const { end, requests } = yield* undisturbed(form)
        assert.isAbove(requests, 20)
        for (const fault of [Fault.hang, Fault.afterCommit(Fault.hang)]) {
          for (const number of Long.cases(Array.makeBy(requests, (position) => position + 1))) {
            yield* Apply.onProject(({ count, plane }) =>
              Effect.gen(function*() {
                const { again, apply, plan } = yield* form
                yield* plane.clearRequests
                yield* Apply.killed(apply, count, number, fault)
                const unfinished = (yield* writesOf(plane)).filter(({ status }) => status === undefined)
                yield* Stream.runDrain(yield* again)
                assert.deepStrictEqual(yield* Apply.wishable(plane), end, `${fault._tag} ${number}`)
                // A request that hangs before it is carried out is sent again.
                const lost = fault._tag === "Hang" ? unfinished.length : 0
                assert.lengthOf(yield* writesOf(plane), plan.steps.length + lost, `${fault._tag} ${number}`)
              })
            )
          }
        }
      }),
    120_000
  )
})
