import { assert, describe, it } from "@effect/vitest"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Long from "../../../core/test/long.ts"
import { fastForward } from "../../../core/test/support.ts"
import { sendTo } from "../support.ts"
import * as Apply from "./apply.ts"

const { policy } = Apply

const schema = "test.plan/v1"

/** Reads the facts and makes a plan, at the time of the service. */
const readPlan = ({ now }: ControlPlane.Service, deleteExtra = true) =>
  Effect.map(SchedulePlan.read(policy, { now }), (facts) => ({
    facts,
    plan: SchedulePlan.make(policy, facts, { deleteExtra })
  }))

/** The ways to carry out a plan, and to continue after an interruption. */
const forms = {
  "a plan": (plane: ControlPlane.Service) => {
    const apply = ({ plan }: { readonly plan: SchedulePlan.SchedulePlan }) =>
      SchedulePlan.apply(plan, { wanted: policy, now: plane.now })
    return Effect.map(readPlan(plane), (read) => ({
      plan: read.plan,
      apply: apply(read),
      again: Effect.map(readPlan(plane), apply)
    }))
  },
  "a saved plan": Effect.fnUntraced(function*(plane: ControlPlane.Service) {
    const { facts, plan } = yield* readPlan(plane)
    const text = SavedPlan.encode(yield* SavedPlan.make(plan, facts, { schema, host: "memory", apiVersion: "2026-07" }))
    const saved = yield* Effect.orDie(SavedPlan.decode(text, schema))
    const apply = SavedPlan.apply(saved, { now: plane.now })
    return { plan, apply, again: Effect.succeed(apply) }
  })
}

type Form = (typeof forms)[keyof typeof forms]

const eachForm = Object.entries<Form>(forms)

/** The wanted state, and the number of requests until then. */
const undisturbed = (form: Form) =>
  Apply.onProject(({ count, counted, plane }) =>
    Effect.gen(function*() {
      const { apply } = yield* form(plane)
      count()
      yield* Stream.runDrain(apply)
      return { requests: counted(), end: yield* Apply.wishable(plane) }
    })
  )

const writesOf = (plane: ControlPlane.Service) =>
  Effect.map(plane.requests, (requests) => requests.filter(Apply.isWrite))

describe("SchedulePlan.apply", () => {
  it.effect.each(eachForm)(
    "carries out every step of %s once, in order, and nothing the second time",
    ([, form]) =>
      Apply.onProject(({ plane }) =>
        Effect.gen(function*() {
          const { again, apply, plan } = yield* form(plane)
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
                const { again, apply, plan } = yield* form(plane)
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
    240_000
  )

  it.effect("ends the chain of an index with a failed step, and of no other index", () =>
    Effect.gen(function*() {
      const { left, results } = yield* applyWith(
        "Indexes.configure",
        Fault.respond({ status: 400, body: { error: { code: "INVALID_ARGUMENT", message: "no" }, status: 400 } })
      )
      assert.deepStrictEqual(results, [
        "docs ConfigureIndex Failed",
        "carts UpdateSchedule Done",
        "legacy UpdateSchedule Done",
        "orders MakeWay Done",
        "orders CreateSchedule Done",
        "docs UpdateSchedule NotReached",
        "legacy ConfigureIndex Failed",
        "docs DeleteSchedule NotReached",
        "wiki DeleteSchedule Done"
      ])
      assert.deepStrictEqual(left, ["ConfigureIndex", "UpdateSchedule", "ConfigureIndex", "DeleteSchedule"])
    }))

  /** Applies the plan while the requests of an operation fail. Returns the results, by step. */
  const applyWith = (operation: Fault.Operation, fault: Fault.Fault) =>
    Apply.onProject(({ plane }) =>
      Effect.gen(function*() {
        const { plan } = yield* readPlan(plane)
        yield* plane.fault(operation, fault, { times: "always" })
        const events: Array<SchedulePlan.Event> = []
        const exit = yield* SchedulePlan.apply(plan, { wanted: policy, now: plane.now }).pipe(
          Stream.runForEach((event) => Effect.sync(() => events.push(event))),
          Effect.result,
          fastForward
        )
        return {
          exit,
          left: events.flatMap((event) => event._tag === "Left" ? event.plan.steps.map(({ _tag }) => _tag) : []),
          results: events.flatMap((event) =>
            event._tag === "Left" ? [] : [`${event.step.indexName} ${event.step._tag} ${event._tag}`]
          )
        }
      })
    )

  it.effect("ends the chain of an index whose step fails, and continues with the others", () =>
    Effect.gen(function*() {
      const { exit, left, results } = yield* applyWith("BackupSchedules.create", Fault.respond({ status: 409 }))
      assert.isTrue(Result.isSuccess(exit))
      assert.deepStrictEqual(results, [
        "docs ConfigureIndex Done",
        "carts UpdateSchedule Done",
        "legacy UpdateSchedule Done",
        "orders MakeWay Done",
        "orders CreateSchedule Failed",
        "docs UpdateSchedule Done",
        "legacy ConfigureIndex Done",
        "docs DeleteSchedule Done",
        "wiki DeleteSchedule Done"
      ])
      assert.deepStrictEqual(left, ["CreateSchedule"])
    }))

  it.effect.each<[what: string, fault: Fault.Fault, tag: PineconeError.PineconeError["_tag"]]>([
    ["the key is invalid", Fault.respond({ status: 401 }), "PineconeUnauthenticated"],
    ["a permission is missing", Fault.respond({ status: 403 }), "PineconePermissionDenied"],
    ["the service cannot be reached", Fault.reset, "PineconeConnectionFailed"],
    ["the service is unavailable", Fault.respond({ status: 503 }), "PineconeServiceUnavailable"]
  ])("sends nothing more once %s", ([, fault, tag]) =>
    Effect.gen(function*() {
      const { exit, results } = yield* applyWith("BackupSchedules.update", fault)
      assert.strictEqual(Result.isFailure(exit) && exit.failure._tag, tag)
      assert.deepStrictEqual(results.slice(0, 4), [
        "docs ConfigureIndex Done",
        "carts UpdateSchedule Failed",
        "legacy UpdateSchedule NotReached",
        "orders MakeWay NotReached"
      ])
      assert.lengthOf(results, 9)
    }))

  it.effect.each(["2026-04", "2026-07"] as const)(
    "has no step for the schedule of a pod-based index, which is blocked (%s)",
    (apiVersion) =>
      Effect.gen(function*() {
        const wanted: BackupPolicy.BackupPolicy = { rules: [{ index: "pods", schedule: { every: "daily", keep: 7 } }] }
        const plan = SchedulePlan.make(wanted, yield* SchedulePlan.read(wanted))
        assert.deepStrictEqual(plan.blocked, [{ _tag: "PodIndex", indexName: IndexName.make("pods") }])
        assert.deepStrictEqual(plan.steps, [])
        assert.strictEqual(SchedulePlan.verdict(plan), "drift")
      }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "pods", kind: "pod" }], apiVersion })))
  )

  it.effect("changes no index that has moved, and says why", () =>
    Apply.onProject(({ plane }) =>
      Effect.gen(function*() {
        const { plan } = yield* readPlan(plane)
        yield* sendTo(plane, "PATCH", "/backup-schedules/docs-daily", { retention: { expire_after_days: 14 } })
        yield* sendTo(plane, "DELETE", "/indexes/wiki")
        yield* sendTo(plane, "POST", "/indexes/legacy/backup-schedules", {
          name: "other",
          schedule: { type: "time-based", frequency: "daily" },
          retention: { expire_after_days: 7 }
        })
        yield* plane.clearRequests
        const events = yield* Stream.runCollect(SchedulePlan.apply(plan, { wanted: policy, now: plane.now }))
        const moved = events.flatMap((event) =>
          event._tag === "Moved"
            ? [[event.moved.indexName, event.moved.reason, event.moved.field, event.moved.planned, event.moved.found]]
            : []
        )
        assert.deepStrictEqual(moved, [
          ["docs", "changed", "retention_days", 30, 14],
          ["legacy", "new-step", null, null, "DeleteSchedule"],
          ["wiki", "gone", null, null, null]
        ])
        const writes = yield* writesOf(plane)
        assert.deepStrictEqual(writes.map(({ method, url }) => `${method} ${url}`), [
          "PATCH /backup-schedules/carts",
          "DELETE /backup-schedules/orders-old",
          "POST /indexes/orders/backup-schedules"
        ])
      })
    ))

  it.effect("changes nothing after the end of the validity, or if a fact is unknown", () =>
    Apply.onProject(({ plane }) =>
      Effect.gen(function*() {
        const { plan } = yield* readPlan(plane)
        const unknown = { indexName: null, what: "project" as const, reason: "unread" }
        const results = (plan: SchedulePlan.SchedulePlan) =>
          Effect.map(
            Stream.runCollect(SchedulePlan.apply(plan, { wanted: policy, now: plane.now })),
            (events) => [...new Set(events.map((event) => event._tag === "Moved" ? event.moved.reason : event._tag))]
          )
        yield* plane.clearRequests
        assert.deepStrictEqual(yield* results({ ...plan, unknown: [unknown] }), ["NotReached", "Left"])
        yield* plane.advance("25 hours")
        assert.deepStrictEqual(yield* results(plan), ["expired", "NotReached", "Left"])
        assert.deepStrictEqual(yield* writesOf(plane), [])
      })
    ))

  it.effect("does not remove the protection of an index that may be another one", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const wanted: BackupPolicy.BackupPolicy = {
        rules: [{ index: "docs", settings: { deletionProtection: "disabled" } }]
      }
      const { now } = plane
      const plan = SchedulePlan.make(wanted, yield* SchedulePlan.read(wanted, { now }))
      assert.deepStrictEqual(plan.steps.map(({ _tag, indexId }) => `${_tag} ${indexId}`), ["ConfigureIndex index-1"])
      yield* sendTo(plane, "PATCH", "/indexes/docs", { deletion_protection: "disabled" })
      yield* sendTo(plane, "DELETE", "/indexes/docs")
      yield* plane.seedIndex({ name: "docs", deletionProtection: "enabled" })
      const [event] = yield* Stream.runCollect(SchedulePlan.apply(plan, { wanted, now }))
      assert.deepInclude(event?._tag === "Moved" && event.moved, {
        reason: "replaced",
        planned: "index-1",
        found: null
      })
    }).pipe(Effect.provide(PineconeMemory.layer({
      indexes: [{ id: "index-1", name: "docs", deletionProtection: "enabled" }],
      schedules: [{ indexName: "docs" }]
    }))))

  it.effect("carries out the rest of a step whose loss is blocked, also before that loss is due", () =>
    Effect.gen(function*() {
      const { advance, now } = yield* ControlPlane.ControlPlane
      yield* advance("162 hours")
      const wanted: BackupPolicy.BackupPolicy = {
        rules: [{ index: "docs", allowLoss: false, schedule: { every: "weekly", keep: 7 } }]
      }
      const plan = SchedulePlan.make(wanted, yield* SchedulePlan.read(wanted, { now }))
      assert.deepStrictEqual(plan.blocked.map(({ _tag }) => _tag), ["WouldLose"])
      assert.deepStrictEqual(plan.steps.map(({ after }) => after), [{ frequency: "weekly" }])
      const events = yield* Stream.runCollect(SchedulePlan.apply(plan, { wanted, now }))
      assert.deepStrictEqual(Apply.tagsOf(events), ["Done", "Left"])
    }).pipe(Effect.provide(PineconeMemory.layer({
      now: "2026-10-20T12:00:00Z",
      indexes: [{ name: "docs" }],
      schedules: [{ indexName: "docs", runs: [{ plannedFor: "2026-10-20T11:00:00Z" }] }]
    }))))

  it.effect("does not repeat a step that another client has undone", () =>
    Apply.onProject(({ plane }) =>
      Effect.gen(function*() {
        const { plan } = yield* readPlan(plane, false)
        const reasons: Array<string> = []
        yield* SchedulePlan.apply(plan, { wanted: policy, now: plane.now }).pipe(
          Stream.runForEach((event) => {
            if (event._tag === "Moved") reasons.push(`${event.step._tag} ${event.moved.reason}`)
            return event._tag === "Done" && event.step._tag === "MakeWay"
              ? sendTo(plane, "PATCH", "/backup-schedules/orders-old", { enabled: true })
              : Effect.void
          })
        )
        assert.deepStrictEqual(reasons, ["CreateSchedule undone"])
      })
    ))

  it.effect("does not take a step for done if its wish can no longer be met", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const wanted: BackupPolicy.BackupPolicy = { rules: [{ index: "docs", schedule: { name: "nightly", keep: 60 } }] }
      const { now } = plane
      const plan = SchedulePlan.make(wanted, yield* SchedulePlan.read(wanted, { now }))
      yield* plane.seedSchedule({ id: "other", name: "nightly", indexName: "docs", enabled: false })
      const [event] = yield* Stream.runCollect(SchedulePlan.apply(plan, { wanted, now }))
      assert.deepInclude(event?._tag === "Moved" && event.moved, { reason: "blocked", found: "Ambiguous" })
    }).pipe(Effect.provide(PineconeMemory.layer({
      schedules: [{ id: "nightly", indexName: "docs", enabled: false }]
    }))))
})
