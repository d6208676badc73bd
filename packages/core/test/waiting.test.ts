import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Backup from "../src/Backup.ts"
import * as BackupRun from "../src/BackupRun.ts"
import * as Backups from "../src/Backups.ts"
import * as BackupSchedules from "../src/BackupSchedules.ts"
import * as Follow from "../src/internal/stream/follow.ts"
import type * as Step from "../src/internal/stream/step.ts"
import type * as Page from "../src/Page.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import type * as Polling from "../src/Polling.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import * as RestoreJobs from "../src/RestoreJobs.ts"
import * as Long from "./long.ts"
import {
  assertTag,
  backup,
  backupId,
  envelope,
  fastForward,
  index,
  indexName,
  int,
  job,
  jobId,
  json,
  row,
  scheduleId,
  type Script,
  script,
  scriptWith,
  services
} from "./support.ts"

// How waits and followers process responses. Their interaction with the service is tested with the emulator, in
// packages/testing.

const run = <A, E>(
  http: Pick<Script, "layer">,
  effect: Effect.Effect<A, E, Backups.Backups | BackupSchedules.BackupSchedules | RestoreJobs.RestoreJobs>
) => fastForward(Effect.provide(effect, services(http)))

/** The target index of the job. */
const restored: Schema.JsonObject = { ...index, name: job.target_index_name ?? null, id: job.target_index_id ?? null }

const pending = (rest: Schema.JsonObject = {}) => json({ ...job, status: "Pending", percent_complete: null, ...rest })

const refusal = (status: number) => new Response("no", { status })

const watch = RestoreJobs.RestoreJobs.use((jobs) => Stream.runCollect(jobs.watch(jobId)))

const complete = (options?: RestoreJobs.AwaitOptions<RestoreJob.RestoreJob>) =>
  RestoreJobs.RestoreJobs.use((jobs) => jobs.awaitCompletion(jobId, options))

const ready = (options?: Polling.WaitOptions<Backup.Backup>) =>
  Backups.Backups.use((backups) => backups.awaitReady(backupId, options))

describe("RestoreJobs.watch", () => {
  it.effect("emits each state and progress once, up to the final state", () =>
    Effect.gen(function*() {
      const http = script(
        pending(),
        pending(),
        pending({ percent_complete: 12.5 }),
        pending({ percent_complete: 12.5 }),
        pending({ percent_complete: 80 }),
        pending({ status: "Verifying", percent_complete: 80 }),
        json(job)
      )
      const states = yield* run(http, watch)
      assert.deepStrictEqual(states.map(({ percentComplete, status }) => [status, percentComplete]), [
        ["Pending", null],
        ["Pending", 12.5],
        ["Pending", 80],
        ["Verifying", 80],
        ["Completed", 100]
      ])
    }))

  it.effect("never treats a percentage as the end", () =>
    Effect.gen(function*() {
      const http = script(
        pending({ percent_complete: 100 }),
        json({ ...job, status: "Failed", percent_complete: null })
      )
      const states = yield* run(http, watch)
      assert.isTrue(RestoreJob.isFailed(states[1]!))
    }))
})

describe("a wait", () => {
  it.effect("polls after 2 seconds, then with increasing delays of up to 15 seconds, randomized by 20%", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const http = scriptWith((_, index) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          times.push(now)
          return index < 12 ? pending() : json(job)
        })
      )
      yield* run(http, complete())
      const delays = times.slice(1).map((time, index) => time - times[index]!)
      for (const [index, delay] of delays.entries()) {
        const expected = Math.min(15_000, 2_000 * 1.5 ** index)
        assert.isTrue(delay >= 0.8 * expected - 1 && delay <= 1.2 * expected + 1, `${index}: ${delay}`)
      }
      assert.lengthOf(delays, 12)
    }))

  it.effect.each<[string, RestoreJobs.AwaitOptions<RestoreJob.RestoreJob>]>([
    ["timeout", { timeout: Number.NaN }],
    ["timeout", { timeout: -1 }],
    ["timeout", { timeout: "soon" as Duration.Input }],
    ["maxOutage", { maxOutage: Number.NaN }],
    ["maxAbsence", { maxAbsence: "-1 second" }]
  ])(
    "rejects an invalid %s with InvalidInput without sending anything: %j",
    ([field, options]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(run(script(), complete(options)))
        assertTag(error, "PineconeInvalidInput")
        assert.strictEqual(error.field, field)
        assert.strictEqual(error.message, `${field}: Expected a duration such as "10 minutes"`)
      })
  )

  it.effect("fails immediately with errors of the call or the API key", () =>
    Effect.gen(function*() {
      for (const status of [400, 401, 403]) {
        const http = script(pending(), refusal(status))
        yield* Effect.flip(run(http, complete()))
        assert.lengthOf(http.requests, 2)
      }
    }))

  it.effect("tolerates unreadable responses like an outage", () =>
    Effect.gen(function*() {
      const http = script(pending(), json([]), new Response("<html>Sign in</html>"), json(job))
      assert.strictEqual((yield* run(http, complete())).status, "Completed")
      const proxy = scriptWith(() => new Response("<html>Sign in</html>"))
      assertTag(yield* Effect.flip(run(proxy, complete())), "PineconeMalformedResponse")
      assert.isTrue((yield* Clock.currentTimeMillis) >= 15 * 60_000)
    }))

  it.effect("does not count the time between two polls as an outage", () =>
    Effect.gen(function*() {
      const http = script(pending(), refusal(503), json(job))
      assert.strictEqual((yield* run(http, complete({ schedule: Schedule.spaced("1 hour") }))).status, "Completed")
    }))

  it.effect("accepts a cron expression if it is valid", () =>
    Effect.gen(function*() {
      const http = script(pending(), pending(), json(job))
      yield* run(http, complete({ schedule: Schedule.cron("*/5 * * * *") }))
      assert.strictEqual(yield* Clock.currentTimeMillis, 10 * 60_000)
      const error = yield* Effect.flip(run(script(pending()), complete({ schedule: Schedule.cron("often") })))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.field, "schedule")
    }))

  it.effect("tolerates NotFound for one minute after every response", () =>
    Effect.gen(function*() {
      const every = { schedule: Schedule.spaced("20 seconds") }
      const http = script(
        refusal(404),
        refusal(404),
        pending(),
        refusal(404),
        refusal(404),
        refusal(404),
        json(job)
      )
      assert.strictEqual((yield* run(http, complete(every))).status, "Completed")
      const absent = scriptWith(() => refusal(404))
      assertTag(yield* Effect.flip(run(absent, complete(every))), "PineconeNotFound")
      assert.lengthOf(absent.requests, 4)
    }))

  it.effect("measures an absence from the first NotFound, and an outage from the first failure", () =>
    Effect.gen(function*() {
      const every = { schedule: Schedule.spaced("1 minute"), maxAbsence: "90 seconds" } as const
      // Seven minutes without a response, with NotFound in the last two.
      const http = scriptWith((_, index) =>
        index === 0 ? pending() : index < 6 ? refusal(503) : index < 8 ? refusal(404) : json(job)
      )
      assert.strictEqual((yield* run(http, complete(every))).status, "Completed")
      const changing = scriptWith((_, index) => refusal(index % 2 === 0 ? 503 : 404))
      yield* Effect.flip(run(changing, complete({ ...every, maxOutage: "10 minutes" })))
      assert.lengthOf(changing.requests, 11)
      // An absence is not an outage.
      const absent = script(refusal(404), json(job))
      assert.strictEqual((yield* run(absent, complete({ ...every, maxOutage: 0 }))).status, "Completed")
    }))

  it.effect("calls onState with every state", () =>
    Effect.gen(function*() {
      const states: Array<string> = []
      const note = (state: RestoreJob.RestoreJob | PineconeIndex.PineconeIndex) =>
        Effect.sync(() => void states.push("restoreJobId" in state ? state.status : state.status?.state ?? ""))
      const http = script(
        pending(),
        pending(),
        json(job),
        json({ ...restored, status: { ready: false, state: "Initializing" } }),
        json(restored)
      )
      const wait = RestoreJobs.RestoreJobs.use((jobs) => jobs.awaitReady(jobId, { onState: note }))
      assert.strictEqual((yield* run(http, wait)).index.name, "catalog-probe")
      assert.deepStrictEqual(states, ["Pending", "Completed", "Initializing", "Ready"])
    }))

  it.effect("reports that no state was seen", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run(scriptWith(() => refusal(503)), ready({ timeout: "1 minute" })))
      assertTag(error, "PineconeWaitTimedOut")
      assert.isUndefined(error.last)
      assert.strictEqual(error.message, `Backup ${backupId} still had no known status after 1m`)
    }))

  it.effect("continues for days with an infinite timeout", () =>
    Effect.gen(function*() {
      const every = { schedule: Schedule.spaced("1 day"), timeout: Infinity }
      const http = scriptWith((_, index) => index < 400 ? pending() : json(job))
      assert.strictEqual((yield* run(http, complete(every))).status, "Completed")
    }))

  it.effect("polls once if the schedule has no second poll", () =>
    Effect.gen(function*() {
      const http = script(json(backup))
      assert.strictEqual((yield* run(http, ready({ schedule: Schedule.recurs(0) }))).status, "Ready")
    }))
})

describe("the from option of followHistory", () => {
  it.effect.each(["yesterday", "", 0, null, [], ["a"], { a: 1 }, { a: null }, new Map([["a", "Ready"]])])(
    "rejects an invalid checkpoint: %j",
    (from) =>
      Effect.gen(function*() {
        const http = script()
        const error = yield* Effect.flip(run(
          http,
          BackupSchedules.BackupSchedules.use((_) =>
            Stream.runDrain(_.followHistory(scheduleId, { from: from as never }))
          )
        ))
        assertTag(error, "PineconeInvalidInput")
        assert.deepStrictEqual([error.operation, error.field], ["BackupSchedules.followHistory", "from"])
        assert.strictEqual(error.message, "from: must be \"beginning\", \"now\" or a checkpoint")
        assert.lengthOf(http.requests, 0)
      })
  )
})

describe("an outage", () => {
  it.effect("is measured from the first consecutive failure", () =>
    Effect.gen(function*() {
      const start = yield* Clock.currentTimeMillis
      // Fails for ten of every eleven minutes.
      const http = scriptWith(() =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const minute = Math.floor((now - start) / 60_000)
          return minute >= 60 ? json(job) : minute % 11 === 0 ? pending() : refusal(503)
        })
      )
      assert.strictEqual((yield* run(http, complete())).status, "Completed")
    }))
})

describe("a restore that was started", () => {
  const restore = (wait: RestoreJobs.AwaitOptions<RestoreJob.RestoreJob | PineconeIndex.PineconeIndex>) =>
    Backups.Backups.use((backups) => backups.restoreAndAwait(backupId, { name: "catalog-probe" }, wait))

  const started = () => json({ restore_job_id: jobId, index_id: restored.id ?? null })

  it.effect.each<[name: string, answer: () => Response, wait: Polling.Options, tag: string]>([
    ["an outage", () => refusal(503), { maxOutage: "10 minutes" }, "PineconeServiceUnavailable"],
    ["a revoked API key", () => refusal(401), {}, "PineconeUnauthenticated"],
    ["a deleted job", () => refusal(404), {}, "PineconeNotFound"],
    [
      "a schedule that fails",
      () => pending(),
      { schedule: Schedule.cron("soon") },
      "PineconeInvalidInput"
    ]
  ])("is in the error of a wait that ends with %s", ([, answer, wait, tag]) =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) => method === "POST" ? started() : answer())
      const error = yield* Effect.flip(run(http, restore(wait)))
      assertTag(error, "PineconeUnfinished")
      assert.deepStrictEqual(error.started, { restoreJobId: jobId })
      assert.strictEqual(error.operation, "Backups.restoreAndAwait")
      assert.strictEqual(error.cause._tag, tag)
      assert.strictEqual(
        error.message,
        `Restore job ${jobId} was started, but waiting for it failed: ${error.cause.message}`
      )
      assert.lengthOf(http.requests.filter(({ method }) => method === "POST"), 1)
    }))

  it.effect("is in the error of a wait that timed out or whose restore failed", () =>
    Effect.gen(function*() {
      const endings = [
        ["PineconeWaitTimedOut", () => pending()],
        ["PineconeRestoreFailed", () => pending({ status: "Failed" })],
        ["PineconeRestoreCancelled", () => pending({ status: "Cancelled" })]
      ] as const
      for (const [tag, answer] of endings) {
        const http = scriptWith(({ method }) => method === "POST" ? started() : answer())
        const error = yield* Effect.flip(run(http, restore({ timeout: "1 hour" })))
        assertTag(error, tag)
        assert.deepStrictEqual(error.started, { restoreJobId: jobId })
      }
    }))

  it.effect("is not in the error of a request that started nothing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run(scriptWith(() => refusal(412)), restore({})))
      assertTag(error, "PineconeFailedPrecondition")
    }))
})

describe("the index of a completed job", () => {
  const restore = (...states: ReadonlyArray<Schema.JsonObject>) =>
    Effect.flip(run(
      script(
        json({ restore_job_id: jobId, index_id: restored.id ?? null }),
        json(job),
        ...states.map((state) => json({ ...restored, ...state }))
      ),
      Backups.Backups.use((backups) => backups.restoreAndAwait(backupId, { name: "catalog-probe" }))
    ))

  it.effect.each<[string, { readonly ready: boolean; readonly state: string }]>([
    ["could not be created", { ready: false, state: "InitializationFailed" }],
    ["could not be created, but is reported as ready", { ready: true, state: "InitializationFailed" }],
    ["is being deleted, but is reported as ready", { ready: true, state: "Terminating" }]
  ])("fails the restore if it %s", ([, status]) =>
    Effect.gen(function*() {
      const error = yield* restore({ status: { ready: false, state: "Initializing" } }, { status })
      assertTag(error, "PineconeRestoreFailed")
      assert.strictEqual(
        error.message,
        `Restore job ${jobId} is completed, but index "catalog-probe" has status ${status.state}`
      )
      assert.strictEqual(error.index?.name, "catalog-probe")
      assert.strictEqual(error.job.status, "Completed")
    }))

  it.effect.each<[string, Schema.JsonObject, string]>([
    ["a different ID", { id: "other" }, "has ID other"],
    [
      "a different ID, and is not ready",
      { id: "other", status: { ready: false, state: "Initializing" } },
      "has ID other"
    ],
    ["no ID and a different source", { id: null, source_backup_id: "other" }, "was restored from backup other"]
  ])("is not the target of the job if it has %s", ([, state, reason]) =>
    Effect.gen(function*() {
      const error = yield* restore(state)
      assertTag(error, "PineconeRestoreFailed")
      assert.strictEqual(
        error.message,
        `Restore job ${jobId} is completed, but did not create index "catalog-probe": the index ${reason}`
      )
    }))

  it.effect("is identified by the job if it has neither an ID nor a source", () =>
    Effect.gen(function*() {
      const anonymous = { ...restored, id: null, source_backup_id: null }
      const wait = RestoreJobs.RestoreJobs.use((jobs) => jobs.awaitReady(jobId))
      const http = script(json(job), json(anonymous), json(job))
      assert.strictEqual((yield* run(http, wait)).index.name, "catalog-probe")

      let jobReads = 0
      const deleted = scriptWith(({ url }) =>
        url.includes("/restore-jobs/")
          ? (jobReads++ === 0 ? json(job) : json(envelope("NOT_FOUND", "deleted"), { status: 404 }))
          : json(anonymous)
      )
      const error = yield* Effect.flip(run(deleted, wait))
      assertTag(error, "PineconeNotFound")
      assert.strictEqual(error.operation, "RestoreJobs.describe")
    }))

  it.effect("is identified by its ID in any spelling", () =>
    Effect.gen(function*() {
      const http = script(json(job), json({ ...restored, id: String(restored.id).toUpperCase() }))
      const { index } = yield* run(http, RestoreJobs.RestoreJobs.use((jobs) => jobs.awaitReady(jobId)))
      assert.strictEqual(index.name, "catalog-probe")
    }))

  it.effect("is identified by its source if it has no ID", () =>
    Effect.gen(function*() {
      const http = script(json(job), json({ ...restored, id: null, source_backup_id: job.backup_id ?? null }))
      const { index } = yield* run(http, RestoreJobs.RestoreJobs.use((jobs) => jobs.awaitReady(jobId)))
      assert.strictEqual(index.name, "catalog-probe")
    }))
})

describe("BackupSchedules.followHistory", () => {
  const historyOf = (...runs: ReadonlyArray<Schema.JsonObject>) => json({ data: runs, pagination: null })

  const follow = (changes: number, options?: BackupSchedules.FollowOptions) =>
    BackupSchedules.BackupSchedules.use((schedules) =>
      Stream.runCollect(Stream.take(schedules.followHistory(scheduleId, options), changes))
    )

  const at = (id: string, status: string, day = 6): Schema.JsonObject => ({
    ...row(id),
    status,
    created_at: `2026-08-0${day}T06:00:00Z`
  })

  it.effect("emits a run that appears and finishes between two polls as finished", () =>
    Effect.gen(function*() {
      const http = script(
        historyOf(at("a", "Scheduled")),
        historyOf(at("c", "Scheduled", 8), at("b", "Failed", 7), at("a", "Ready"))
      )
      const changes = yield* run(http, follow(4))
      assert.deepStrictEqual(changes.map(({ _tag, previousStatus, run }) => [run.backupId, _tag, previousStatus]), [
        ["a", "Appeared", undefined],
        ["a", "Finished", "Scheduled"],
        ["b", "Failed", undefined],
        ["c", "Appeared", undefined]
      ] as ReadonlyArray<unknown>)
      assert.deepStrictEqual(changes.map(({ checkpoint }) => checkpoint), [
        { a: "Scheduled" },
        { a: "Scheduled" },
        { a: "Scheduled" },
        { a: "Ready", b: "Failed", c: "Scheduled" }
      ])
    }))

  it.effect("does not repeat a run that was hidden for one or two polls", () =>
    Effect.gen(function*() {
      const http = script(
        historyOf(at("a", "Ready"), at("b", "Ready", 7)),
        historyOf(at("b", "Ready", 7)),
        historyOf(at("b", "Ready", 7)),
        historyOf(at("a", "Ready"), at("b", "Ready", 7)),
        historyOf(at("b", "Ready", 7), at("c", "Ready", 8))
      )
      const changes = yield* run(http, follow(3))
      assert.deepStrictEqual(changes.map(({ run }) => String(run.backupId)), ["a", "b", "c"])
    }))

  it.effect("does not repeat a finished run after a stray response", () =>
    Effect.gen(function*() {
      const { status: _, ...without } = at("a", "Failed")
      const http = script(
        historyOf(at("a", "Failed")),
        historyOf(without),
        historyOf({ ...without, status: "Unheard" }),
        historyOf(at("a", "Failed"), at("b", "Ready", 7))
      )
      const changes = yield* run(http, follow(2))
      assert.deepStrictEqual(changes.map(({ _tag }) => _tag), ["Failed", "Finished"])
    }))

  it.effect("resumes from a checkpoint of a history", () =>
    Effect.gen(function*() {
      const runs = [at("a", "Ready"), at("b", "Scheduled", 7)]
      const http = script(historyOf(...runs), historyOf(...runs), historyOf(at("b", "Failed", 7)))
      const from = yield* run(
        http,
        Effect.map(
          BackupSchedules.BackupSchedules.use((schedules) => schedules.historyPage(scheduleId)),
          ({ data }) => BackupRun.checkpoint(data)
        )
      )
      assert.deepStrictEqual(from, { a: "Ready", b: "Scheduled" })
      const [change] = yield* run(http, follow(1, { from }))
      assert.deepStrictEqual([change!._tag, change!.previousStatus], ["Failed", "Scheduled"])
    }))

  it.effect("ends if a known schedule is deleted, and fails for an unknown schedule", () =>
    Effect.gen(function*() {
      for (const from of [{}, "beginning", "now"] as const) {
        const gone = scriptWith(() => refusal(404))
        assertTag(yield* Effect.flip(run(gone, follow(1, { from, endWhenDeleted: true }))), "PineconeNotFound")
      }
      const gone = scriptWith(() => refusal(404))
      assert.lengthOf(yield* run(gone, follow(1, { from: { a: "Ready" }, endWhenDeleted: true })), 0)
    }))

  it.effect("forgets a deleted run", () =>
    Effect.gen(function*() {
      const b = at("b", "Ready", 7)
      const http = script(
        historyOf(at("a", "Ready"), b),
        historyOf(b),
        historyOf(b),
        historyOf(b),
        historyOf(b, at("c", "Ready", 8))
      )
      const changes = yield* run(http, follow(3))
      assert.deepStrictEqual(changes[2]!.checkpoint, { b: "Ready", c: "Ready" })
    }))

  it.effect("keeps IDs that are names of members of Object", () =>
    Effect.gen(function*() {
      const http = script(historyOf(at("__proto__", "Ready"), at("constructor", "Ready", 7)))
      const changes = yield* run(http, follow(2))
      const checkpoint = JSON.parse(JSON.stringify(changes[1]!.checkpoint))
      assert.deepStrictEqual(Object.entries(checkpoint), [["__proto__", "Ready"], ["constructor", "Ready"]])
      assert.isTrue(Schema.is(BackupRun.Checkpoint)(checkpoint))
    }))

  const start = Date.parse("2026-08-01T06:00:00Z")

  /** A run that is the given number of days older than the newest run. */
  const daily = (age: number, status = "Ready"): Schema.JsonObject => ({
    ...row(`run-${age}`),
    status,
    created_at: DateTime.formatIso(DateTime.makeUnsafe(start - age * 86_400_000))
  })

  /** A service with a history of many pages that changes. */
  const longHistory = (rows: Array<Schema.JsonObject>) =>
    scriptWith(({ url }) => {
      const { searchParams } = new URL(url)
      const offset = Number(searchParams.get("paginationToken") ?? 0)
      const next = offset + 100 < rows.length ? String(offset + 100) : null
      return json({ data: rows.slice(offset, offset + 100), pagination: { next } })
    })

  const thousand = () => Array.from({ length: 1_000 }, (_, age) => daily(age))

  const idsOf = (changes: ReadonlyArray<BackupRun.Change>) => changes.map(({ run }) => String(run.backupId))

  it.effect("reads a thousand runs once, and then one page per minute", () =>
    Effect.gen(function*() {
      const rows = thousand()
      const http = longHistory(rows)
      const changes = yield* run(
        http,
        BackupSchedules.BackupSchedules.use((schedules) =>
          Stream.runCollect(
            schedules.followHistory(scheduleId, {
              from: "now",
              schedule: Schedule.tap(Schedule.upTo(Schedule.spaced("1 minute"), { times: 60 }), () =>
                Effect.sync(() => {
                  if (http.requests.length === 40) rows.unshift(daily(-1, "Scheduled"))
                  if (http.requests.length === 50) {
                    rows[0] = daily(-1)
                  }
                }))
            })
          )
        )
      )
      assert.deepStrictEqual(changes.map(({ _tag, run }) => [run.backupId, _tag]), [
        ["run--1", "Appeared"],
        ["run--1", "Finished"]
      ] as ReadonlyArray<unknown>)
      // One more page follows the page with the new run.
      assert.lengthOf(http.requests, 10 + 60 + 1)
    }))

  it.effect("emits existing runs page by page, and resumes at any of them", () =>
    Effect.gen(function*() {
      const http = longHistory(thousand())
      const first = yield* run(http, follow(150))
      assert.lengthOf(http.requests, 2)
      assert.strictEqual(first[0]!.run.backupId, "run-99")
      const from = JSON.parse(JSON.stringify(first.at(-1)!.checkpoint))
      // The checkpoint is in the middle of the second page, so some runs are repeated.
      const rest = yield* run(longHistory(thousand()), follow(900, { from }))
      assert.deepStrictEqual(
        new Set([...idsOf(first), ...idsOf(rest)]),
        new Set(thousand().map(({ backup_id }) => String(backup_id)))
      )
      assert.lengthOf(Object.keys(rest.at(-1)!.checkpoint), 1_000)
      const whole = yield* run(longHistory([daily(-1), ...thousand()]), follow(1, { from: rest.at(-1)!.checkpoint }))
      assert.deepStrictEqual(idsOf(whole), ["run--1"])
    }))

  /** The number of requests of the second poll, and its changes. */
  const secondReading = (
    rows: Array<Schema.JsonObject>,
    change: (rows: Array<Schema.JsonObject>) => void,
    options?: BackupSchedules.FollowOptions
  ) =>
    Effect.gen(function*() {
      const http = longHistory(rows)
      let before = 0
      const changes = yield* run(
        http,
        BackupSchedules.BackupSchedules.use((schedules) =>
          Stream.runCollect(schedules.followHistory(scheduleId, {
            from: "now",
            schedule: Schedule.tap(Schedule.recurs(1), () =>
              Effect.sync(() => {
                before = http.requests.length
                change(rows)
              })),
            ...options
          }))
        )
      )
      return [http.requests.length - before, idsOf(changes).length] as const
    })

  const nothing = () => {}

  it.effect.each<[
    name: string,
    rows: () => Array<Schema.JsonObject>,
    change: (rows: Array<Schema.JsonObject>) => void,
    lookback: Duration.Input | undefined,
    expected: readonly [requests: number, changes: number]
  ]>([
    ["one page if nothing is new", thousand, nothing, undefined, [1, 0]],
    ["as far back as the lookback", thousand, nothing, "250 days", [3, 0]],
    ["to the end with an infinite lookback", thousand, nothing, "Infinity", [10, 0]],
    ["to the end if it is not sorted newest first", () => thousand().toReversed(), nothing, undefined, [10, 0]],
    [
      "to the end, where no time is known",
      () => thousand().map(({ created_at: _, ...rest }) => rest),
      nothing,
      undefined,
      [10, 0]
    ],
    [
      "as far as a run that is not over",
      () => thousand().with(450, daily(450, "Initializing")),
      (rows) => void (rows[450] = daily(450)),
      undefined,
      [5, 1]
    ],
    [
      "as far as there is something new",
      thousand,
      (rows) => void rows.unshift(...Array.from({ length: 250 }, (_, age) => daily(age - 250))),
      undefined,
      [4, 250]
    ],
    [
      "to the end, where what is new is not newest first",
      thousand,
      (rows) => void rows.splice(50, 0, daily(-1)),
      undefined,
      [11, 1]
    ]
  ])("reads %s", ([, rows, change, lookback, expected]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* secondReading(rows(), change, { lookback }), expected)
    }))

  /** Follows until the schedule is deleted, and returns the changes, the time and the end. */
  const followAll = (http: Script, options: BackupSchedules.FollowOptions) =>
    Effect.gen(function*() {
      const changes: Array<BackupRun.Change> = []
      const start = yield* Clock.currentTimeMillis
      const end = yield* run(
        http,
        BackupSchedules.BackupSchedules.use((schedules) =>
          Stream.runForEach(
            schedules.followHistory(scheduleId, options),
            (change) => Effect.sync(() => void changes.push(change))
          )
        ).pipe(Effect.timeoutOption("2 hours"), Effect.result)
      )
      return {
        changes,
        told: changes.map(({ _tag, run }) => `${run.backupId} ${_tag}`),
        minutes: ((yield* Clock.currentTimeMillis) - start) / 60_000,
        error: end._tag === "Failure" ? end.failure._tag : undefined
      }
    })

  /** A service with these pages by token. */
  const paged = (answer: (token: string, request: number) => Response) =>
    scriptWith(({ url }, request) => answer(new URL(url).searchParams.get("paginationToken") ?? "", request))

  const first = (next: string, ...runs: ReadonlyArray<Schema.JsonObject>) => json({ data: runs, pagination: { next } })

  it.effect.each<[name: string, second: () => Response, tag: string]>([
    ["fails", () => refusal(503), "PineconeServiceUnavailable"],
    ["is unreadable", () => json([]), "PineconeMalformedResponse"],
    ["leads back to itself", () => first("2", at("b", "Ready", 5)), "PineconePaginationLoop"]
  ])(
    "fails if a second page %s for too long, although the first page always arrives",
    ([, second, tag]) =>
      Effect.gen(function*() {
        const http = paged((token) => token === "" ? first("2", at("a", "Ready")) : second())
        const { error, minutes } = yield* followAll(http, { maxOutage: "10 minutes" })
        assert.strictEqual(error, tag)
        assert.strictEqual(minutes, 10)
      })
  )

  it.effect("resumes after an outage that ended at the end of a poll, even if that poll omitted later pages", () =>
    Effect.gen(function*() {
      const rows = thousand()
      let readings = 0
      const http = paged((token) => {
        if (token === "") readings++
        // One of seven polls succeeds, and reads one page.
        if (readings > 1 && readings % 7 !== 1) return refusal(503)
        const offset = Number(token)
        return json({
          data: rows.slice(offset, offset + 100),
          pagination: { next: offset + 100 < rows.length ? String(offset + 100) : null }
        })
      })
      const schedule = Schedule.upTo(Schedule.spaced("1 minute"), { times: 60 })
      assert.isUndefined((yield* followAll(http, { schedule, from: "now", maxOutage: "10 minutes" })).error)
      assert.isBelow(http.requests.length, 80)
    }))

  it.effect("emits the changes since the first page if it starts from now, even if later pages fail for a long time", () =>
    Effect.gen(function*() {
      const old = at("old", "Ready", 3)
      const newer = [at("c", "Ready", 8), at("b", "Ready", 7), at("a", "Failed", 6)]
      let readings = 0
      const http = paged((token) => {
        if (token === "") readings++
        return token !== ""
          ? readings < 6 ? refusal(503) : historyOf(at("older", "Ready", 2))
          : readings === 1
          ? first("2", at("b", "Scheduled", 7), at("a", "Ready", 6))
          // A run on the second page moves up when another run is deleted, and one run has no time.
          : first("2", ...newer, old, { ...at("when", "Ready"), created_at: null })
      })
      const { changes, told } = yield* followAll(http, { schedule: Schedule.recurs(8), from: "now" })
      assert.deepStrictEqual(told, ["a Failed", "b Finished", "c Finished"])
      assert.deepStrictEqual(changes.map(({ previousStatus }) => previousStatus), ["Ready", "Scheduled", undefined])
      const others = { old: "Ready", older: "Ready", when: "Ready" }
      assert.deepStrictEqual(changes.map(({ checkpoint }) => checkpoint), [
        { b: "Scheduled", a: "Ready", ...others },
        { b: "Scheduled", a: "Ready", ...others },
        { a: "Failed", b: "Ready", c: "Ready", ...others }
      ])
    }))

  it.effect("emits no run that may have existed if it starts from now and the pages are not newest first", () =>
    Effect.gen(function*() {
      let readings = 0
      const http = paged((token) => {
        if (token === "") readings++
        return token !== ""
          ? readings < 4 ? refusal(503) : historyOf(at("c", "Ready", 6))
          : readings === 1
          ? first("2", at("a", "Ready", 3), at("b", "Ready", 4))
          : first("2", at("b", "Ready", 4), at("d", "Ready", 5))
      })
      assert.deepStrictEqual((yield* followAll(http, { schedule: Schedule.recurs(6), from: "now" })).told, [])
    }))

  const steps = (total: number, from = 0): Step.Step<Page.Page<BackupRun.BackupRun>, never> => ({
    run: Effect.sync(() => {
      const data = Array.from({ length: 100 }, (_, index): BackupRun.BackupRun => ({
        backupId: Backup.BackupId.make(`run-${from + index}`),
        sourceIndexId: PineconeIndex.IndexId.make("index"),
        sourceIndexName: indexName,
        status: "Ready",
        createdAt: DateTime.makeUnsafe(start - (from + index) * 60_000)
      }))
      const next = from + 100
      return next < total
        ? [[{ data, next: String(next) }], Option.some(steps(total, next))] as const
        : [[{ data, next: undefined }], Option.none()] as const
    })
  })

  // Half a second; ten seconds if the cost of a page grew with all previous pages.
  it.effect(
    "uses time and memory in proportion to the length of a history",
    () =>
      Effect.gen(function*() {
        const total = 40_000
        const changes = yield* Stream.runCollect(
          Stream.take(Follow.follow("followHistory", () => steps(total), {}), total)
        )
        assert.lengthOf(changes, total)
        assert.lengthOf(Object.keys(changes[19_999]!.checkpoint), 20_000)
        assert.lengthOf(Object.keys(changes.at(-1)!.checkpoint), total)
      }),
    5_000
  )

  it.effect("reads the whole history once a day", () =>
    Effect.gen(function*() {
      const rows = thousand()
      const http = longHistory(rows)
      const begin = yield* Clock.currentTimeMillis
      const fiber = run(
        http,
        follow(1, {
          from: "now",
          schedule: Schedule.tap(Schedule.spaced("1 hour"), () =>
            Effect.sync(() => void (rows[900] = daily(900, "Failed"))))
        })
      )
      const [change] = yield* fiber
      assert.deepStrictEqual([change!._tag, change!.previousStatus], ["Failed", "Ready"])
      assert.strictEqual((yield* Clock.currentTimeMillis) - begin, 24 * 3_600_000)
      assert.lengthOf(http.requests, 10 + 23 + 10)
    }))

  it.effect("rejects a lookback that is not a duration", () =>
    Effect.gen(function*() {
      const http = script()
      const error = yield* Effect.flip(run(http, follow(1, { lookback: Number.NaN })))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.field, "lookback")
    }))

  const statuses = ["Scheduled", "Initializing", "Ready", "Failed", "Unheard"] as const

  it.effect.prop(
    "keeps checkpoints unchanged, regardless of when they are read and of later changes",
    [Arbitrary.array(Arbitrary.array(int(0, 5), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 10 })],
    ([readings]) =>
      Effect.gen(function*() {
        const pages = readings.map((reading) =>
          // A run without a status does not exist.
          reading.flatMap((status, index) => status === 5 ? [] : [at(`run-${index}`, statuses[status]!)])
        )
        const follower = <A>(note: (change: BackupRun.Change) => A) =>
          run(
            script(...pages.flatMap((page) => [
              json({ data: page.slice(0, 2), pagination: { next: "2" } }),
              historyOf(...page.slice(2))
            ])),
            BackupSchedules.BackupSchedules.use((schedules) =>
              Stream.runCollect(
                Stream.map(
                  schedules.followHistory(scheduleId, { schedule: Schedule.recurs(pages.length - 1) }),
                  note
                )
              )
            )
          )
        const atOnce = yield* follower(({ checkpoint }) => ({ ...checkpoint }))
        const changes = yield* follower((change) => change)
        const later = changes.toReversed().map(({ checkpoint }) => checkpoint).toReversed()
        assert.deepStrictEqual(later, atOnce)
        assert.deepStrictEqual(changes.map(({ checkpoint }) => checkpoint), atOnce)
      }),
    { arbitrary: { runs: Long.runs(100) } }
  )

  it.effect.prop(
    "emits every change to a consumer that stops at a change and resumes from its checkpoint",
    [
      Arbitrary.array(Arbitrary.array(int(0, 4), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
      int(0, 40)
    ],
    ([readings, part]) =>
      Effect.gen(function*() {
        const pages = readings.map((reading) => reading.map((status, index) => at(`run-${index}`, statuses[status]!)))
        const schedule = Schedule.recurs(pages.length - 1)
        const follower = (from: BackupSchedules.FollowOptions["from"]) =>
          run(
            script(...pages.map((page) => historyOf(...page))),
            BackupSchedules.BackupSchedules.use((schedules) =>
              Stream.runCollect(schedules.followHistory(scheduleId, { schedule, from }))
            )
          )
        const changes = yield* follower("beginning")
        // A finished run stays finished unless it gets a different final status.
        const last: Record<string, unknown> = {}
        for (const { backup_id, status } of pages.flat()) {
          const id = String(backup_id)
          const isOver = (status: unknown) => status === "Ready" || status === "Failed"
          if (!isOver(last[id]) || isOver(status)) last[id] = status
        }
        assert.deepStrictEqual<unknown>(changes.at(-1)!.checkpoint, last)

        const seen = new Map<string, string>()
        const note = ({ run }: BackupRun.Change) => void seen.set(run.backupId, run.status)
        const until = part % changes.length
        changes.slice(0, until + 1).forEach(note)
        const rest = yield* follower(changes[until]!.checkpoint)
        rest.forEach(note)
        assert.deepStrictEqual<unknown>(Object.fromEntries(seen), last)
      }),
    { arbitrary: { runs: Long.runs(100) } }
  )
})
