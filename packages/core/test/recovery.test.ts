import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import * as Backup from "../src/Backup.ts"
import * as Backups from "../src/Backups.ts"
import * as BackupSchedules from "../src/BackupSchedules.ts"
import * as Indexes from "../src/Indexes.ts"
import type * as PineconeClient from "../src/PineconeClient.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import {
  assertTag,
  backup,
  backupId,
  backups,
  type Call,
  collectSpans,
  envelope,
  fastForward,
  index,
  indexes,
  indexName,
  job,
  json,
  noneBefore,
  schedule,
  scheduleId,
  schedules,
  type Script,
  scriptWith,
  services,
  unnamed
} from "./support.ts"

// Writes whose response is lost. The rest is tested with the emulator, in packages/testing.

const list = (...data: ReadonlyArray<Schema.JsonObject>) =>
  json({ data: data.map((row, index) => ({ backup_id: `backup-${index}`, ...row })), pagination: null })

const { backup_id: _, ...withoutId } = backup

const made = (createdAt: string, rest: Schema.JsonObject = {}): Schema.JsonObject => ({
  ...withoutId,
  name: "once",
  description: null,
  created_at: createdAt,
  ...rest
})

const lost = (headers: Record<string, string> = {}) => json(envelope("UNKNOWN", "lost"), { status: 500, headers })

/**
 * A service with the responses to writes, in order, and the responses to lookups before the first write and after it.
 */
const service = (
  writes: ReadonlyArray<Response>,
  look: (index: number) => Response,
  before: () => Response = noneBefore
) => {
  let looked = 0
  let written = 0
  const http = scriptWith(({ method }) =>
    (method === "POST" ? writes[written++]! : written === 0 ? before() : look(looked++)).clone()
  )
  return { ...http, count: (method: string) => http.requests.filter((sent) => sent.method === method).length }
}

/** A backup with the given options, by default named "once". */
const create = (
  http: Pick<Script, "layer">,
  options?: Partial<PineconeClient.Options>,
  of: Backups.CreateOptions = { name: "once" }
) =>
  fastForward(
    Effect.provide(
      Backups.Backups.use((backups) => backups.create(indexName, of)),
      services(http, { retry: undefined, ...options })
    )
  )

/** Returns a response for a backup with a generated name. */
const ownName = "backup-ssssssssssssssss"

const withOneChance = Effect.provideService(Random.Random, {
  nextDoubleUnsafe: () => 0.5,
  nextIntUnsafe: () => 0.5
})

/** Clocks of the service and of this machine that differ arbitrarily. */
const oddTimes = [
  "2026-08-02T12:00:00.5Z",
  "2026-08-02T11:59:59.999Z",
  "2026-08-02T11:50:00Z",
  "2026-08-02T12:10:00Z",
  "1970-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "soon",
  null
]

const oddDates = [undefined, "Sun, 02 Aug 2026 11:50:00 GMT", "Sun, 02 Aug 2026 12:10:00 GMT", "yesterday"]

describe("a backup whose response is lost", () => {
  it.effect("is the backup that did not exist before, with its original JSON", () =>
    Effect.gen(function*() {
      const row = made("2026-08-02T12:00:00.000001Z", { unheard_of: 1 })
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z", { name: "other" }), row))
      const created = yield* create(http)
      assert.isTrue(created.recovered)
      assert.deepStrictEqual(Backup.toJson(created), { backup_id: "backup-1", ...row })
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 2])
    }))

  it.effect("is found regardless of any clock", () =>
    Effect.gen(function*() {
      for (const date of oddDates) {
        for (const createdAt of oddTimes) {
          const headers: Record<string, string> = date === undefined ? {} : { date }
          const old = made(createdAt ?? "", { backup_id: "old", created_at: createdAt })
          const own = made(createdAt ?? "", { backup_id: "own", created_at: createdAt })
          const http = service([lost(headers)], () => list(old, own), () => list(old))
          const created = yield* create(http)
          assert.deepStrictEqual([String(created.backupId), created.recovered], ["own", true])
          assert.strictEqual(http.count("POST"), 1)
        }
      }
    }))

  it.effect("is not found if all candidates existed before, or have a different name or description", () =>
    Effect.gen(function*() {
      const old = made("2026-08-02T12:00:01Z", { backup_id: "old" })
      const http = service([lost(), json({ ...unnamed, backup_id: "new" })], () =>
        list(
          old,
          made("2026-08-02T12:00:01Z", { name: "onc" }),
          made("2026-08-02T12:00:01Z", { name: "once " }),
          made("2026-08-02T12:00:01Z", { name: null }),
          made("2026-08-02T12:00:01Z", { description: "other" })
        ), () => list(old))
      const created = yield* create(http)
      assert.deepStrictEqual([String(created.backupId), created.recovered], ["new", false])
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [2, 4])
    }))

  it.effect("is in doubt if there are two new candidates", () =>
    Effect.gen(function*() {
      const http = service([lost()], () => list(made("2026-08-02T12:00:01Z"), made("2026-08-02T12:00:02Z")))
      const error = yield* Effect.flip(create(http))
      assertTag(error, "PineconeUnknown")
      assert.isTrue(error.inDoubt)
      assert.isFalse(error.isRetryable)
      assert.strictEqual(http.count("POST"), 1)
    }))

  it.effect("is in doubt if a candidate has no name or no description", () =>
    Effect.gen(function*() {
      const { name: _, ...nameless } = made("2026-08-02T12:00:01Z")
      const { description: _1, ...undescribed } = made("2026-08-02T12:00:01Z")
      for (
        const [of, row] of [
          [{ name: "once" }, nameless],
          [{ name: "once" }, undescribed],
          [{}, nameless],
          [{ idempotencyKey: "deploy-42" }, undescribed]
        ] as const
      ) {
        const http = service([lost()], () => list({ ...row, backup_id: "it" }))
        const error = yield* Effect.flip(create(http, {}, of))
        assertTag(error, "PineconeUnknown")
        assert.isTrue(error.inDoubt)
        assert.strictEqual(http.count("POST"), 1)
      }
    }))

  it.effect("is identified by its unique name, even if other backups have no name", () =>
    Effect.gen(function*() {
      const { name: _, ...nameless } = made("2026-08-02T12:00:01Z")
      const http = service([lost()], () =>
        list(nameless, made("2026-08-02T12:00:00Z", { name: ownName, backup_id: "it" })))
      const created = yield* withOneChance(create(http, {}, {}))
      assert.deepStrictEqual([String(created.backupId), created.recovered], ["it", true])
    }))

  it.effect("is not a backup that existed before or that another call created, regardless of the response", () =>
    Effect.gen(function*() {
      const old = made("2026-08-02T12:00:01Z", { backup_id: "old" })
      const known = service([json(old)], () => list(old), () => list(old))
      const error = yield* Effect.flip(create(known))
      assertTag(error, "PineconeMalformedResponse")
      assert.deepInclude({ ...error }, { field: "backup_id", inDoubt: true })

      for (const options of [{ name: "once" }, {}]) {
        const http = scriptWith(({ method }) => method === "POST" ? json({ ...unnamed, backup_id: "same" }) : list())
        const both = yield* Effect.gen(function*() {
          const service = yield* Backups.Backups
          const call = Effect.result(service.create(indexName, options))
          return [yield* call, yield* call]
        }).pipe(Effect.provide(services(http)), fastForward)
        assert.deepStrictEqual(both.map(({ _tag }) => _tag), ["Success", "Failure"])
      }
    }))

  it.effect("is in doubt if the backups that existed before are unknown", () =>
    Effect.gen(function*() {
      for (
        const before of [
          () => new Response("no", { status: 503 }),
          () => new Response("no", { status: 403 }),
          () => json({}),
          () => json({ data: null, pagination: { next: "t2" } }),
          () => json({ data: [], pagination: null }, { headers: { age: "3" } })
        ]
      ) {
        const http = service([lost()], () => list(made("2026-08-02T12:00:01Z")), before)
        const error = yield* Effect.flip(create(http))
        assertTag(error, "PineconeUnknown")
        assert.isTrue(error.inDoubt)
        assert.strictEqual(http.count("POST"), 1)
      }
    }))

  it.effect("is still retried if no candidate exists now", () =>
    Effect.gen(function*() {
      const http = service([lost(), json(unnamed)], () => list(), () => new Response("no", { status: 503 }))
      assert.isFalse((yield* create(http)).recovered)
      assert.strictEqual(http.count("POST"), 2)
    }))

  it.effect("is not the backup of an earlier call that appears late in the list", () =>
    Effect.gen(function*() {
      const row = (id: string) => ({ ...backup, name: "once", backup_id: id })
      const answers = [json(row("first")), lost(), json(row("second"))]
      let posts = 0
      const http = scriptWith(({ method }) =>
        method === "POST" ? answers[posts++]! : json({ data: posts < 2 ? [] : [row("first")] })
      )
      const [first, second] = yield* Effect.gen(function*() {
        const service = yield* Backups.Backups
        const options = { name: "once", description: "Taken before the autumn re-index" }
        return [yield* service.create(indexName, options), yield* service.create(indexName, options)] as const
      }).pipe(Effect.provide(services(http, { retry: undefined })), fastForward)
      assert.deepStrictEqual([String(first.backupId), String(second.backupId)], ["first", "second"])
      assert.strictEqual(posts, 3)
    }))

  it.effect("is not the backup of a concurrent call on another connection of the process", () =>
    Effect.gen(function*() {
      const rows: Array<Schema.JsonObject> = []
      const http = scriptWith(({ method }) => {
        if (method !== "POST") return json({ data: [...rows] })
        rows.push({ ...backup, name: "twin", description: null, backup_id: `backup-${rows.length}` })
        return rows.length === 2 ? json(rows[1]!) : lost()
      })
      const call = Effect.provide(
        Backups.Backups.use((service) => service.create(indexName, { name: "twin" })),
        services(http, { retry: undefined }),
        { local: true }
      )
      const both = yield* fastForward(Effect.all([call, call], { concurrency: 2 }))
      assert.deepStrictEqual(both.map(({ backupId }) => String(backupId)), ["backup-0", "backup-1"])
      assert.deepStrictEqual(both.map(({ recovered }) => recovered), [true, false])
    }))

  it.effect("is identified by its generated name", () =>
    Effect.gen(function*() {
      const row = made("1970-01-01T00:00:00Z", { name: ownName })
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z", { name: "other" }), row))
      const created = yield* withOneChance(create(http, {}, {}))
      assert.deepStrictEqual([String(created.backupId), created.recovered], ["backup-1", true])
      // The backups that existed before do not matter.
      assert.deepStrictEqual(http.requests.map(({ method }) => method), ["POST", "GET"])
    }))

  it.effect("has a different generated name each time", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => json(unnamed))
      for (let count = 0; count < 20; count++) yield* create(http, {}, {})
      const names = http.requests.map(({ body }) => String(JSON.parse(body!).name))
      assert.strictEqual(new Set(names).size, 20)
      for (const name of names) assert.match(name, /^backup-[a-z0-9]{16}$/)
    }))

  it.effect("is looked up three times in four seconds", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const http = scriptWith(({ method }) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          times.push(now)
          return method === "POST" ? lost() : list()
        })
      )
      const error = yield* Effect.flip(create(http, { retry: RetryPolicy.none }, {}))
      assertTag(error, "PineconeUnknown")
      assert.deepStrictEqual(times, [0, 0, 1_000, 4_000])
    }))

  it.effect("is looked up by clients without retries, too", () =>
    Effect.gen(function*() {
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z")))
      assert.isTrue((yield* create(http, { retry: RetryPolicy.none })).recovered)
    }))
})

describe("a backup with an idempotency key", () => {
  const key = { idempotencyKey: "deploy-42" }
  const keyed = (rest: Schema.JsonObject = {}) =>
    made("1970-01-01T00:00:00Z", { description: "[key deploy-42]", ...rest })

  it.effect("is returned if it already exists, and nothing is sent", () =>
    Effect.gen(function*() {
      for (
        const row of [
          keyed(),
          keyed({ description: "Before the deploy [key deploy-42]" }),
          keyed({ status: "InitializationFailed" })
        ]
      ) {
        const http = service([], () => list(), () => list(made("", { description: "[key deploy-4]" }), row))
        const found = yield* create(http, {}, { ...key, description: "Again" })
        assert.deepStrictEqual([String(found.backupId), found.recovered], ["backup-1", true])
        assert.strictEqual(http.count("POST"), 0)
      }
    }))

  it.effect("is also found by findCreated", () =>
    Effect.gen(function*() {
      const { description: _, ...undescribed } = keyed({ backup_id: "other" })
      const find = (
        of: { readonly name?: string; readonly idempotencyKey?: string },
        ...rows: ReadonlyArray<Schema.JsonObject>
      ) => {
        const http = scriptWith(({ url }) => url.endsWith("/backups/other") ? json(undescribed) : list(...rows))
        return Effect.map(
          fastForward(Effect.result(Effect.provide(
            Backups.Backups.use((backups) => backups.findCreated(indexName, { ...key, ...of })),
            services(http)
          ))),
          (result) => ({ result, requests: http.requests })
        )
      }

      const found = yield* find({ name: "once" }, undescribed, keyed({ backup_id: "it" }))
      assert.isTrue(found.result._tag === "Success" && String(found.result.success?.backupId) === "it")
      assert.strictEqual(found.requests[0]?.headers["cache-control"], "no-cache")

      const none = yield* find({}, undescribed, keyed({ description: "[key deploy-421]" }))
      assert.isTrue(none.result._tag === "Success" && none.result.success === undefined)
      assert.isTrue(none.requests.every(({ method }) => method === "GET"))

      for (const  of of[{ name: "twice" }, { idempotencyKey: "a b" }]) {
        const { result } = yield* find(of, keyed())
        assert.isTrue(result._tag === "Failure" && result.failure._tag === "PineconeInvalidInput")
        assert.isTrue(
          result._tag === "Failure" && "field" in result.failure && result.failure.field === "idempotencyKey"
        )
      }
    }))

  it.effect("is not a backup with a similar key", () =>
    Effect.gen(function*() {
      const http = service([json(unnamed)], () => list(), () =>
        list(
          keyed({ description: "[key deploy-4]" }),
          keyed({ description: "[key deploy-421]" }),
          keyed({ description: "[key Deploy-42]" }),
          keyed({ description: "[key deploy-42] too" }),
          keyed({ description: "a[key deploy-42]" }),
          keyed({ description: null, name: "deploy-42" })
        ))
      assert.isFalse((yield* create(http, {}, key)).recovered)
      assert.strictEqual(http.count("POST"), 1)
    }))

  it.effect("is the backup that did not fail if there are two", () =>
    Effect.gen(function*() {
      for (const ids of [["good", "bad"], ["bad", "good"]]) {
        const rows = ids.map((id) => keyed({ backup_id: id, status: id === "bad" ? "InitializationFailed" : "Ready" }))
        const found = yield* create(service([], () => list(), () => list(...rows)), {}, key)
        assert.strictEqual(String(found.backupId), "good")
      }
    }))

  it.effect("is not in doubt because of an earlier backup without a description", () =>
    Effect.gen(function*() {
      const { description: _, ...undescribed } = keyed({ backup_id: "old" })
      let posts = 0
      const http = scriptWith(({ method, url }) =>
        method === "POST"
          ? ++posts === 1 ? lost() : json({ ...unnamed, backup_id: "new" })
          : url.endsWith("/backups/old")
          ? json(undescribed)
          : list(undescribed)
      )
      assert.isFalse((yield* create(http, {}, key)).recovered)
      assert.strictEqual(posts, 2)
    }))

  it.effect("is described if the list omits its description", () =>
    Effect.gen(function*() {
      const { description: _, ...undescribed } = keyed({ backup_id: "it" })
      for (const [description, posts] of [["[key deploy-42]", 0], ["other", 1], [undefined, 1]] as const) {
        const http = scriptWith(({ method, url }) =>
          method === "POST"
            ? json({ ...unnamed, backup_id: "new" })
            : url.endsWith("/backups/it")
            ? json({ ...undescribed, ...(description !== undefined && { description }) })
            : list(undescribed)
        )
        const found = yield* create(http, {}, key)
        assert.strictEqual(String(found.backupId), posts === 0 ? "it" : "new")
        assert.strictEqual(http.requests.filter(({ method }) => method === "POST").length, posts)
      }
    }))

  it.effect("is identified by its generated name, too", () =>
    Effect.gen(function*() {
      const row = made("1970-01-01T00:00:00Z", { name: ownName, description: null, backup_id: "it" })
      const http = service([lost()], () => list(row))
      const created = yield* withOneChance(create(http, {}, key))
      assert.deepStrictEqual([String(created.backupId), created.recovered], ["it", true])
    }))

  it.effect("is found after a lost response, even if other backups have the same name", () =>
    Effect.gen(function*() {
      const http = service([lost()], () =>
        list(keyed({ description: "other" }), keyed()), () =>
        list(keyed({ description: "" })))
      const found = yield* create(http, {}, { ...key, name: "once" })
      assert.deepStrictEqual([String(found.backupId), found.recovered], ["backup-1", true])
    }))

  it.effect("is rejected if the existing backup has a different name", () =>
    Effect.gen(function*() {
      const http = service([], () => list(), () => list(keyed()))
      const error = yield* Effect.flip(create(http, {}, { ...key, name: "twice" }))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.message, "idempotencyKey: belongs to backup backup-0, which has a different name")
    }))

  it.effect("is not created if the lookup fails", () =>
    Effect.gen(function*() {
      for (
        const [before, tag] of [
          [() => new Response("no", { status: 403 }), "PineconePermissionDenied"],
          [() => json({ data: null, pagination: { next: "t2" } }), "PineconeMalformedResponse"]
        ] as const
      ) {
        const http = service([], () => list(), before)
        const error = yield* Effect.flip(create(http, {}, key))
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(http.count("POST"), 0)
      }
    }))

  it.effect("is looked up first, with the retries of any list", () =>
    Effect.gen(function*() {
      let looked = 0
      const http = service([json(unnamed)], () =>
        list(), () =>
        ++looked < 3 ? new Response("no", { status: 503 }) : list())
      assert.isFalse((yield* create(http, {}, key)).recovered)
      assert.strictEqual(looked, 3)
    }))

  it.effect("is created once by two concurrent calls", () =>
    Effect.gen(function*() {
      const rows: Array<Schema.JsonObject> = []
      const http = scriptWith(({ body, method }) => {
        if (method !== "POST") return json({ data: [...rows] })
        rows.push({ ...backup, ...JSON.parse(body!), backup_id: `backup-${rows.length}` })
        return lost()
      })
      const call = Effect.provide(
        Backups.Backups.use((service) => service.create(indexName, key)),
        services(http, { retry: undefined })
      )
      const both = yield* fastForward(Effect.all([call, call], { concurrency: 2 }))
      assert.deepStrictEqual(both.map(({ backupId }) => String(backupId)), ["backup-0", "backup-0"])
      assert.strictEqual(rows.length, 1)
    }))
})

describe("a restore whose response is lost", () => {
  const row: Schema.JsonObject = { ...job, backup_id: backupId, target_index_name: "copy", target_index_id: "copy-id" }
  const copy: Schema.JsonObject = { ...index, name: "copy", id: "copy-id", source_backup_id: backupId }

  /** A service with these jobs and this index. */
  const world = (
    writes: ReadonlyArray<Response>,
    jobs: ReadonlyArray<Schema.JsonObject>,
    target: Schema.JsonObject | undefined
  ) => {
    let written = 0
    return scriptWith(({ method, url }) =>
      method === "POST"
        ? writes[written++]!.clone()
        : url.includes("/restore-jobs")
        ? list(...jobs)
        : target === undefined
        ? json(envelope("NOT_FOUND", "no"), { status: 404 })
        : json(target)
    )
  }

  const restore = (http: Pick<Script, "layer">, options?: Partial<Backups.RestoreOptions>) =>
    fastForward(
      Effect.provide(
        Backups.Backups.use((_) => _.restore(backupId, { name: "copy", ...options })),
        services(http, { retry: undefined })
      )
    )

  const others = [
    { ...row, target_index_name: "other" },
    { ...row, restore_job_id: "theirs", backup_id: "other" },
    { ...row, restore_job_id: "old", target_index_id: "old-id" }
  ]

  it.effect("is the job with the backup that created the index of that name, regardless of any clock", () =>
    Effect.gen(function*() {
      for (const createdAt of oddTimes) {
        const http = world([lost()], [...others, { ...row, restore_job_id: "it", created_at: createdAt }], copy)
        assert.deepStrictEqual(yield* restore(http), {
          restoreJobId: RestoreJob.RestoreJobId.make("it"),
          indexId: PineconeIndex.IndexId.make("copy-id"),
          recovered: true
        })
      }
    }))

  it.effect("is identified by its only job if the index has neither an ID nor a source", () =>
    Effect.gen(function*() {
      const anonymous = { ...copy, id: null, source_backup_id: null }
      const found = yield* restore(world([lost()], [row], anonymous))
      assert.isTrue(found.recovered)
      assert.strictEqual(found.restoreJobId, row.restore_job_id)

      const two = yield* Effect.flip(restore(world([lost()], [row, { ...row, restore_job_id: "second" }], anonymous)))
      assertTag(two, "PineconeUnknown")
      assert.isTrue(two.inDoubt)

      // The service lists one job at most for an index, so it is unknown whose the index is.
      const theirs = { ...row, restore_job_id: "theirs", backup_id: "other" }
      const shared = yield* Effect.flip(restore(world([lost()], [theirs, row], anonymous)))
      assertTag(shared, "PineconeUnknown")
      assert.isTrue(shared.inDoubt)
    }))

  it.effect("is identified by its source and its only job with that source if the index has no ID", () =>
    Effect.gen(function*() {
      const documented = { ...copy, id: null }
      const theirs = { ...row, restore_job_id: "theirs", backup_id: "other" }
      for (const jobs of [[row], [theirs, row]]) {
        const found = yield* restore(world([lost()], jobs, documented))
        assert.isTrue(found.recovered)
        assert.strictEqual(found.restoreJobId, row.restore_job_id)
      }
      for (const jobs of [[], [theirs], [row, { ...row, restore_job_id: "second" }]]) {
        const error = yield* Effect.flip(restore(world([lost()], jobs, documented)))
        assertTag(error, "PineconeUnknown")
        assert.isTrue(error.inDoubt)
      }
    }))

  it.effect("is in doubt if its only job is gone once an index without an ID and source was read", () =>
    Effect.gen(function*() {
      const anonymous = { ...copy, id: null, source_backup_id: null }
      let isReplaced = false
      const http = scriptWith(({ method, url }) => {
        if (method === "POST") return lost()
        if (url.includes("/restore-jobs")) {
          return isReplaced
            ? url.endsWith("/restore-jobs") ? list() : json(envelope("NOT_FOUND", "deleted"), { status: 404 })
            : list(row)
        }
        isReplaced = true
        return json(anonymous)
      })
      const error = yield* Effect.flip(restore(http))
      assertTag(error, "PineconeUnknown")
      assert.isTrue(error.inDoubt)
    }))

  it.effect("is retried if there is neither a running job nor an index", () =>
    Effect.gen(function*() {
      const started = json({ restore_job_id: "new", index_id: "new-id" })
      for (const jobs of [[], [{ ...row, status: "Completed" }], [{ ...row, status: "Failed" }]]) {
        const made = yield* restore(world([lost(), started], jobs, undefined))
        assert.isFalse(made.recovered)
      }
    }))

  it.effect("is in doubt if a job or index may be its result", () =>
    Effect.gen(function*() {
      const worlds: ReadonlyArray<readonly [ReadonlyArray<Schema.JsonObject>, Schema.JsonObject | undefined]> = [
        // A job without its index, and an index without its job.
        [[{ ...row, status: "Pending" }], undefined],
        [[{ ...row, status: null }], undefined],
        [[], copy],
        [others, copy],
        // Older versions do not return the source of an index.
        [[], { ...copy, source_backup_id: undefined as never }]
      ]
      for (const [jobs, target] of worlds) {
        const error = yield* Effect.flip(restore(world([lost()], jobs, target)))
        assertTag(error, "PineconeUnknown")
        assert.isTrue(error.inDoubt)
      }
    }))

  it.effect("is in doubt if the index has different settings than requested", () =>
    Effect.gen(function*() {
      const own = { ...copy, deletion_protection: "disabled", tags: { team: "search" } }
      for (const options of [{ deletionProtection: "enabled" }, { tags: { team: "other" } }] as const) {
        const error = yield* Effect.flip(restore(world([lost()], [row], own), options))
        assertTag(error, "PineconeUnknown")
        assert.isTrue(error.inDoubt)
      }
      const same = yield* restore(world([lost()], [row], own), {
        deletionProtection: "disabled",
        tags: { team: "search" }
      })
      assert.isTrue(same.recovered)
    }))

  it.effect("is looked up after a conflict, which is the error only if nothing is found", () =>
    Effect.gen(function*() {
      const refused = json(envelope("ALREADY_EXISTS", "taken"), { status: 409 })
      let posts = 0
      const late = scriptWith(({ method, url }) =>
        method === "POST"
          ? ++posts === 1 ? lost() : refused.clone()
          : posts < 2
          ? url.includes("/restore-jobs") ? list() : json(envelope("NOT_FOUND", "no"), { status: 404 })
          : url.includes("/restore-jobs")
          ? list(row)
          : json(copy)
      )
      assert.isTrue((yield* restore(late)).recovered)

      for (const id of ["their-id", null]) {
        const theirs = { ...copy, id, source_backup_id: "other" }
        const error = yield* Effect.flip(restore(world([lost(), refused], [row], theirs)))
        assertTag(error, "PineconeAlreadyExists")
        assert.isUndefined(error.inDoubt)
      }
    }))
})

const notFound = () => json(envelope("NOT_FOUND", "no"), { status: 404 })

/** Every write with a recovery lookup, and the responses with which the lookup finds nothing. */
const writes: ReadonlyArray<
  readonly [name: string, call: Call, lookup: (url: string) => Response]
> = [
  ["Backups.create", backups((_) => _.create(indexName)), () => list()],
  [
    "Backups.restore",
    backups((_) => _.restore(backupId, { name: "copy" })),
    (url) => url.includes("/restore-jobs") ? list() : notFound()
  ],
  [
    "BackupSchedules.create",
    schedules((_) => _.create(indexName, { name: "n", frequency: "daily", expireAfterDays: 3 })),
    () => list()
  ],
  ["BackupSchedules.update", schedules((_) => _.update(scheduleId, { enabled: false })), () => json(schedule)],
  ["Indexes.configure", indexes((_) => _.configure(indexName, { deletionProtection: "disabled" })), () => json(index)]
]

/** A response with any status, including those that `Response` does not accept. */
const withStatus = (status: number): Response => Object.defineProperty(new Response("no"), "status", { value: status })

const count = (http: Script, isRead: boolean): number =>
  http.requests.filter(({ method }) => (method === "GET") === isRead).length

describe("a write with a status that is neither a success nor an error", () => {
  // 0 is a redirect in a browser.
  const statuses = [0, 100, 101, 103, 199, 300, 301, 302, 303, 304, 307, 308, 399, 600, 999]

  for (const [name, call, lookup] of writes) {
    it.effect.each(statuses)(
      `is looked up, never sent again and then in doubt: ${name} with status %s`,
      (status) =>
        Effect.gen(function*() {
          const http = scriptWith(({ method, url }) => method === "GET" ? lookup(url) : withStatus(status))
          const error = yield* Effect.flip(fastForward(Effect.provide(call, services(http, { retry: undefined }))))
          assertTag(error, "PineconeUnrecognizedError")
          assert.deepStrictEqual([error.status, error.inDoubt, error.isRetryable], [status, true, false])
          assert.strictEqual(count(http, false), 1)
          assert.isAbove(count(http, true), 2)
        })
    )
  }

  it.effect.each(statuses)("is recovered if the lookup finds the result: %s", (status) =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) =>
        method === "POST" ? withStatus(status) : list(made("2026-08-02T12:00:00Z", { name: ownName }))
      )
      assert.isTrue((yield* withOneChance(create(http, {}, {}))).recovered)
      assert.deepStrictEqual([count(http, false), count(http, true)], [1, 1])
    }))

  it.effect.each(statuses)("is in doubt without a lookup if it has none: %s", (status) =>
    Effect.gen(function*() {
      for (const call of [backups((_) => _.delete(backupId)), schedules((_) => _.delete(scheduleId))]) {
        const http = scriptWith(() => withStatus(status))
        const error = yield* Effect.flip(fastForward(Effect.provide(call, services(http, { retry: undefined }))))
        assert.isTrue("inDoubt" in error && error.inDoubt)
        assert.strictEqual(http.requests.length, 1)
      }
    }))

  it.effect("is in doubt if the lookup is redirected, too", () =>
    Effect.gen(function*() {
      const http = scriptWith(() =>
        new Response(null, { status: 302, headers: { location: "https://login.example/" } })
      )
      const error = yield* Effect.flip(create(http, {}, {}))
      assertTag(error, "PineconeUnrecognizedError")
      assert.isTrue(error.inDoubt)
      assert.strictEqual(count(http, false), 1)
    }))
})

describe("a write with an unusual error response", () => {
  it.effect("is looked up if the body has a number out of range", () =>
    Effect.gen(function*() {
      const body = "{\"error\":{\"code\":\"INTERNAL\",\"message\":\"no\",\"details\":[1e999]}}"
      const http = service([new Response(body, { status: 500 })], () => list(made("2026-08-02T12:00:00Z")))
      assert.isTrue((yield* create(http)).recovered)
      assert.strictEqual(http.count("POST"), 1)
    }))
})

/** The beginning of a body, and then nothing, or the error of a closed connection. */
const cutBody = (status: number, text: string, error?: Error) =>
  new Response(
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text))
        if (error !== undefined) controller.error(error)
      }
    }),
    { status }
  )

const withCode = (code: string) =>
  Object.assign(new Error("terminated"), { cause: Object.assign(new Error(code), { code, syscall: "read" }) })

describe("a write that succeeded, with a lost body", () => {
  const bodies: ReadonlyArray<readonly [what: string, body: (status: number) => Response]> = [
    [
      "a connection closed in the middle",
      (status) => cutBody(status, "{\"backup_id\":\"b", withCode("UND_ERR_SOCKET"))
    ],
    ["a connection reset before the body", (status) => cutBody(status, "", withCode("ECONNRESET"))],
    ["a route lost in the middle", (status) => cutBody(status, "{", withCode("EHOSTUNREACH"))],
    ["a body that ends too early", (status) => cutBody(status, "{", new Error("terminated"))],
    [
      "a compressed body that ends early",
      (status) => new Response("{\"backup_id\":\"b", { status, headers: { "content-encoding": "gzip" } })
    ],
    ["an empty compressed body", (status) => new Response("", { status, headers: { "content-encoding": "gzip" } })],
    ["a body that never ends", (status) => cutBody(status, "{\"backup_id\":\"b")]
  ]

  for (const [name, call, lookup] of writes) {
    it.effect.each(bodies)(`is looked up and never sent again: ${name} with %s`, ([_, body]) =>
      Effect.gen(function*() {
        for (const status of [200, 201, 202]) {
          const http = scriptWith(({ method, url }) => method === "GET" ? lookup(url) : body(status))
          const error = yield* Effect.flip(fastForward(Effect.provide(call, services(http, { retry: undefined }))))
          assert.isTrue("inDoubt" in error && error.inDoubt, error._tag)
          assert.isFalse(error.isRetryable)
          const sent = http.requests.map(({ method }) => method)
          assert.strictEqual(sent.filter((method) => method !== "GET").length, 1)
          assert.isAbove(sent.filter((method) => method === "GET").length, 2)
        }
      }))
  }

  it.effect.each(bodies)("is recovered if the result appears late: %s", ([_, body]) =>
    Effect.gen(function*() {
      const http = service([body(201)], (index) => list(...(index < 5 ? [] : [made("2026-08-02T12:00:00Z")])))
      assert.isTrue((yield* create(http)).recovered)
      assert.strictEqual(http.count("POST"), 1)
    }))

  it.effect("is known to have succeeded if a client read the response itself", () =>
    Effect.gen(function*() {
      const http = service([json(unnamed, { status: 201 })], () => list())
      const transformClient = HttpClient.transformResponse(Effect.flatMap((response) =>
        response.request.method === "GET" ? Effect.succeed(response) : Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.DecodeError({ request: response.request, response })
          })
        )
      ))
      const error = yield* Effect.flip(create(http, { transformClient }, {}))
      assertTag(error, "PineconeConnectionFailed")
      assert.isTrue(error.inDoubt)
      assert.strictEqual(http.count("POST"), 1)
    }))

  it.effect("is sent again after an error response with a lost body only if nothing is found", () =>
    Effect.gen(function*() {
      for (const [_, body] of bodies.slice(0, 4)) {
        const http = service([body(503), json(unnamed)], () => list())
        assert.isFalse((yield* create(http, {}, {})).recovered)
        assert.deepStrictEqual([http.count("POST"), http.count("GET")], [2, 3])
      }
    }))
})

describe("a retry after a recovery lookup", () => {
  it.effect("is sent only if the policy allows", () =>
    Effect.gen(function*() {
      const http = service([lost(), lost(), lost(), lost(), lost()], () => list())
      const error = yield* Effect.flip(create(http))
      assertTag(error, "PineconeUnknown")
      assert.strictEqual(error.attempts, 4)
      assert.isUndefined(error.inDoubt)
      assert.isTrue(error.isRetryable)
      // Three lookups after each attempt, and one before the first.
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [4, 13])
    }))

  it.effect("is not sent after the deadline, regardless of the duration of the lookup", () =>
    Effect.gen(function*() {
      const http = service([lost(), lost()], () => list())
      const error = yield* Effect.flip(create(http, { retry: { ...RetryPolicy.defaultPolicy, deadline: "3 seconds" } }))
      assertTag(error, "PineconeUnknown")
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 4])
    }))

  it.effect("is not sent after a success that is unreadable or contradicts the request", () =>
    Effect.gen(function*() {
      for (
        const [answer, field] of [
          [{ backup_id: 5 }, "backup_id"],
          [{ ...unnamed, backup_id: "" }, "backup_id"],
          [{ ...unnamed, source_index_name: "other" }, "source_index_name"],
          [{ ...unnamed, name: "other" }, "name"],
          [{ ...unnamed, description: "other" }, "description"]
        ] as const
      ) {
        const http = service([json(answer)], () => list())
        const error = yield* Effect.flip(create(http))
        assertTag(error, "PineconeMalformedResponse")
        assert.deepInclude({ ...error }, { field, inDoubt: true })
        assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 4])
      }
    }))

  it.effect("is not sent while the lookup fails, but after it succeeds", () =>
    Effect.gen(function*() {
      const http = service(
        [lost(), json(unnamed)],
        (index) => index === 0 ? json(envelope("FORBIDDEN", "no"), { status: 403 }) : list()
      )
      assert.isFalse((yield* create(http)).recovered)
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [2, 5])
    }))

  it.effect("is not sent after an inconclusive lookup", () =>
    Effect.gen(function*() {
      for (
        const look of [
          () => json({}),
          () => json({ data: null, pagination: { next: "t2" } }),
          () => json({ data: [] }, { headers: { age: "1" } })
        ]
      ) {
        const http = service([lost()], look)
        const error = yield* Effect.flip(create(http))
        assertTag(error, "PineconeUnknown")
        assert.isTrue(error.inDoubt)
        assert.strictEqual(http.count("POST"), 1)
      }
    }))

  it.effect("is not sent while the service may still be processing the request, unless the request is exclusive", () =>
    Effect.gen(function*() {
      const deadline = () => json(envelope("DEADLINE_EXCEEDED", "no"), { status: 500 })
      for (
        const answer of [
          ...[408, 504, 505, 522, 524, 598, 599].map((status) => () => new Response("no", { status })),
          deadline
        ]
      ) {
        const http = service([answer()], () => list())
        const error = yield* Effect.flip(create(http))
        assert.isTrue("inDoubt" in error && error.inDoubt)
        assert.strictEqual(http.count("POST"), 1)
      }
      let posts = 0
      const silent = scriptWith(({ method }) => method === "POST" ? (posts++, Effect.never) : list())
      const error = yield* Effect.flip(create(silent))
      assertTag(error, "PineconeRequestTimedOut")
      assert.isTrue(error.inDoubt)
      assert.strictEqual(posts, 1)

      let creations = 0
      const slow = scriptWith(({ method }) =>
        method === "GET" ? json({ data: [] }) : ++creations === 1 ? Effect.never : json(schedule)
      )
      const options = { name: "catalog-nightly", frequency: "daily", expireAfterDays: 30 } as const
      const made = yield* fastForward(
        Effect.provide(
          BackupSchedules.BackupSchedules.use((schedules) => schedules.create(indexName, options)),
          services(slow, { retry: undefined })
        )
      )
      assert.isFalse(made.recovered)
      assert.strictEqual(creations, 2)
    }))

  it.effect("is not sent if the result appears late", () =>
    Effect.gen(function*() {
      const start = yield* Clock.currentTimeMillis
      const http = scriptWith(({ method }) =>
        Effect.map(Clock.currentTimeMillis, (now) =>
          method === "POST"
            ? new Response("slow", { status: 504 })
            : list(...(now - start > 5_000 ? [made("2026-08-02T12:00:00Z")] : [])))
      )
      assert.isTrue((yield* create(http)).recovered)
      assert.strictEqual(http.requests.filter(({ method }) => method === "POST").length, 1)
    }))
})

describe("a recovery lookup", () => {
  it.effect("concludes that the result does not exist only if no attempt finds it", () =>
    Effect.gen(function*() {
      const { description: _, ...undescribed } = made("2026-08-02T12:00:01Z")
      for (
        const odd of [
          () => list({ ...undescribed, backup_id: "it" }),
          () => new Response("no", { status: 503 })
        ]
      ) {
        for (const at of [0, 1, 2]) {
          const http = service([lost(), lost()], (index) => index % 3 === at ? odd() : list())
          const error = yield* Effect.flip(create(http))
          assertTag(error, "PineconeUnknown")
          assert.isTrue(error.inDoubt)
          assert.strictEqual(http.count("POST"), 1)
        }
      }
    }))

  it.effect("leaves the call in doubt if it fails, without a retry", () =>
    Effect.gen(function*() {
      const http = service([lost()], () => new Response("no", { status: 503 }))
      const error = yield* Effect.flip(create(http))
      assertTag(error, "PineconeUnknown")
      assert.strictEqual(error.message, "lost")
      assert.isTrue(error.inDoubt)
      assert.isFalse(error.isRetryable)
      // Three lookups for each allowed retry, although no retry is sent, and one before the first attempt.
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 10])
    }))

  it.effect("exceeds the deadline by up to one request", () =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) => method === "POST" ? lost() : Effect.never)
      const error = yield* Effect.flip(
        create(http, { retry: { ...RetryPolicy.defaultPolicy, deadline: "1 minute" } }, {})
      )
      assertTag(error, "PineconeUnknown")
      assert.isTrue(error.inDoubt)
      assert.isAtMost(yield* Clock.currentTimeMillis, 90_000)
    }))

  it.effect("continues after a transient failure", () =>
    Effect.gen(function*() {
      const http = service([lost()], (index) =>
        index === 0 ? new Response("no", { status: 503 }) : list(made("2026-08-02T12:00:00Z")))
      assert.isTrue((yield* create(http, { retry: RetryPolicy.none })).recovered)
    }))

  it.effect("bypasses every cache, unlike other requests", () =>
    Effect.gen(function*() {
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z")))
      yield* create(http)
      assert.deepStrictEqual(
        http.requests.map(({ headers, method }) => [method, headers["cache-control"]]),
        [["GET", "no-cache"], ["POST", undefined], ["GET", "no-cache"]]
      )
    }))
})

describe("a changed system time or a suspended machine", () => {
  it.effect("does not affect deadlines, and causes no duplicates", () =>
    Effect.gen(function*() {
      // The monotonic clock stops while a machine is suspended.
      for (const jump of [-3_600_000, 2_000, 3_600_000]) {
        let shift = 0
        const http = service([lost(), lost(), json(unnamed)], () => {
          shift += jump
          return list()
        })
        const created = yield* Clock.clockWith((clock) => {
          const millis = () => clock.currentTimeMillisUnsafe() + shift
          return Effect.provideService(
            Effect.provide(
              Backups.Backups.use((backups) => backups.create(indexName)),
              services(http, { retry: undefined })
            ),
            Clock.Clock,
            { ...clock, currentTimeMillis: Effect.sync(millis), currentTimeMillisUnsafe: millis }
          )
        }).pipe(fastForward)
        assert.isFalse(created.recovered)
        assert.deepStrictEqual([http.count("POST"), http.count("GET")], [3, 6])
      }
    }))
})

describe("an update whose response is lost", () => {
  const change = (http: Pick<Script, "layer">) =>
    fastForward(
      Effect.provide(
        BackupSchedules.BackupSchedules.use((schedules) => schedules.update(scheduleId, { expireAfterDays: 60 })),
        services(http, { retry: undefined })
      )
    )

  it.effect("is retried only if it has not taken effect", () =>
    Effect.gen(function*() {
      for (const [days, patches, recovered] of [[60, 1, true], [30, 2, false]] as const) {
        let sent = 0
        const http = scriptWith(({ method }) =>
          method === "PATCH" && ++sent === 1
            ? lost()
            : json({ ...schedule, retention_expire_after_days: method === "PATCH" ? 60 : days })
        )
        assert.strictEqual((yield* change(http)).recovered, recovered)
        assert.strictEqual(sent, patches)
      }
    }))
})

describe("a schedule whose response is lost", () => {
  const options = { name: "catalog-nightly", frequency: "daily", expireAfterDays: 30 } as const

  const create = (now: Schema.JsonObject) => {
    let posts = 0
    const http = scriptWith(({ method }) =>
      method === "GET" ? json({ data: [now] }) : ++posts === 1 ? lost() : json(schedule)
    )
    return Effect.map(
      fastForward(Effect.result(Effect.provide(
        BackupSchedules.BackupSchedules.use((schedules) => schedules.create(indexName, options)),
        services(http, { retry: undefined })
      ))),
      (result) => ({ result, posts })
    )
  }

  it.effect("is the schedule with the requested values", () =>
    Effect.gen(function*() {
      const { posts, result } = yield* create(schedule)
      assert.isTrue(result._tag === "Success" && result.success.recovered)
      assert.strictEqual(posts, 1)
    }))

  it.effect.each<[Schema.JsonObject]>([
    [{ name: null }],
    [{ frequency: null }],
    [{ retention_expire_after_days: null }],
    [{ retention_expire_after_days: "soon" }],
    [{ enabled: null }],
    [{ name: null, frequency: null, retention_expire_after_days: null, enabled: null }]
  ])("is in doubt if a schedule with missing fields is a candidate: %j", ([odd]) =>
    Effect.gen(function*() {
      const { posts, result } = yield* create({ ...schedule, ...odd })
      assert.isTrue(result._tag === "Failure" && "inDoubt" in result.failure && result.failure.inDoubt)
      assert.strictEqual(posts, 1)
    }))

  it.effect.each<[Schema.JsonObject]>([
    [{ name: "other" }],
    [{ frequency: "weekly" }],
    [{ retention_expire_after_days: 31 }],
    [{ enabled: false }],
    [{ name: "other", frequency: null, retention_expire_after_days: null, enabled: null }],
    [{ name: null, frequency: "weekly" }],
    [{ name: null, retention_expire_after_days: 31 }]
  ])("is retried if there is only a different schedule: %j", ([odd]) =>
    Effect.gen(function*() {
      const { posts, result } = yield* create({ ...schedule, ...odd })
      assert.isTrue(result._tag === "Success" && !result.success.recovered)
      assert.strictEqual(posts, 2)
    }))
})

describe("BackupSchedules.ensure", () => {
  it.effect("does not create a schedule after an inconclusive list", () =>
    Effect.gen(function*() {
      const wanted = { name: "catalog-nightly", frequency: "daily", expireAfterDays: 30, enabled: false } as const
      for (
        const answer of [
          () => json({ data: [] }, { headers: { age: "3600" } }),
          () => json({ pagination: { next: "t2" } }),
          () => json({})
        ]
      ) {
        const http = scriptWith(answer)
        const error = yield* Effect.flip(fastForward(
          Effect.provide(
            BackupSchedules.BackupSchedules.use((schedules) => schedules.ensure(indexName, wanted)),
            services(http)
          )
        ))
        assertTag(error, "PineconeMalformedResponse")
        assert.isTrue(http.requests.every(({ method }) => method === "GET"))
      }
    }))
})

describe("BackupSchedules.ensure with enabled false", () => {
  it.effect("has the schedule in the error if pausing it fails", () =>
    Effect.gen(function*() {
      const wanted = { name: "catalog-nightly", frequency: "daily", expireAfterDays: 30, enabled: false } as const
      const made: Array<Schema.JsonObject> = []
      const http = scriptWith(({ method }) => {
        if (method === "PATCH") return json(envelope("NOT_FOUND", "no"), { status: 404 })
        if (method === "POST") made.push(schedule)
        return method === "POST" ? json(schedule) : json({ data: made })
      })
      const error = yield* Effect.flip(fastForward(
        Effect.provide(
          BackupSchedules.BackupSchedules.use((schedules) => schedules.ensure(indexName, wanted)),
          services(http)
        )
      ))
      assertTag(error, "PineconeUnfinished")
      assert.deepStrictEqual(error.started, { scheduleId })
      assert.strictEqual(
        error.message,
        `Schedule ${scheduleId} was created and is enabled, because pausing it failed: no`
      )
      assert.strictEqual(error.cause._tag, "PineconeNotFound")
      assert.lengthOf(made, 1)
    }))
})

describe("Indexes.configure", () => {
  const options = { deletionProtection: "enabled", tags: { team: "search", old: "" } } as const
  const changed = { ...index, deletion_protection: "enabled", tags: { team: "search", kept: "yes" } }

  const change = (http: Pick<Script, "layer">) =>
    fastForward(
      Effect.provide(
        Indexes.Indexes.use((indexes) => indexes.configure(indexName, options)),
        services(http, { retry: undefined })
      )
    )

  /** An index that lacks one part of the change. */
  const others: ReadonlyArray<readonly [field: string, Schema.JsonObject]> = [
    ["deletion_protection", { ...changed, deletion_protection: "disabled" }],
    ["deletion_protection", { ...changed, deletion_protection: null }],
    ["deletion_protection", { ...changed, deletion_protection: "pending" }],
    ["tags.team", { ...changed, tags: { team: "other" } }],
    ["tags.team", { ...changed, tags: null }],
    ["tags.team", { ...changed, tags: {} }],
    ["tags.old", { ...changed, tags: { team: "search", old: "still" } }]
  ]

  const { read_capacity: _, ...plain } = index
  const dedicated = { node_type: "b1", scaling: "Manual", manual: { replicas: 2, shards: 1 } } as const
  const status = { state: "Migrating", current_replicas: null, current_shards: null }

  it.effect.each<[field: string | undefined, own: Schema.Json | undefined]>([
    [undefined, { mode: "Dedicated", dedicated, status }],
    [undefined, { mode: "Dedicated", dedicated: { ...dedicated, manual: { replicas: "2", shards: 1 } } }],
    ["read_capacity.mode", undefined],
    ["read_capacity.mode", null],
    ["read_capacity.mode", "Dedicated"],
    ["read_capacity.mode", {}],
    ["read_capacity.mode", { mode: 1 }],
    ["read_capacity.mode", { mode: "OnDemand", status }],
    ["read_capacity.mode", { mode: "OnDemand", dedicated, status }],
    ["read_capacity.dedicated.node_type", { mode: "Dedicated", status }],
    ["read_capacity.dedicated.node_type", { mode: "Dedicated", dedicated: { ...dedicated, node_type: "t1" } }],
    ["read_capacity.dedicated.scaling", { mode: "Dedicated", dedicated: { ...dedicated, scaling: "Auto" } }],
    ["read_capacity.dedicated.manual.replicas", {
      mode: "Dedicated",
      dedicated: { ...dedicated, manual: { replicas: 1, shards: 1 } }
    }],
    ["read_capacity.dedicated.manual.shards", {
      mode: "Dedicated",
      dedicated: { ...dedicated, manual: { replicas: 2 } }
    }]
  ])("verifies the requested read capacity, not the nodes in use: %s for %j", ([field, own]) =>
    Effect.gen(function*() {
      const http = scriptWith(() => json({ ...plain, ...(own !== undefined && { read_capacity: own }) }))
      const result = yield* fastForward(Effect.result(
        Effect.provide(
          Indexes.Indexes.use((indexes) =>
            indexes.configure(indexName, { readCapacity: { mode: "Dedicated", dedicated } })
          ),
          services(http, { apiVersion: "2026-07", retry: undefined })
        )
      ))
      assert.deepStrictEqual(JSON.parse(http.requests.find(({ method }) => method === "PATCH")?.body ?? ""), {
        read_capacity: { mode: "Dedicated", dedicated }
      })
      if (Result.isSuccess(result)) return assert.deepStrictEqual([result.success.recovered, undefined], [false, field])
      assertTag(result.failure, "PineconeMalformedResponse")
      assert.strictEqual(result.failure.field, field)
    }))

  it.effect("removes tags with any name", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => json({ ...changed, tags: { team: "search" } }))
      const made = yield* fastForward(
        Effect.provide(
          Indexes.Indexes.use((indexes) => indexes.configure(indexName, { tags: { constructor: "", toString: "" } })),
          services(http)
        )
      )
      assert.isFalse(made.recovered)
    }))

  it.effect("retries after a lost response only if the change has not taken effect", () =>
    Effect.gen(function*() {
      for (
        const [now, patches, recovered] of [
          [changed, 1, true],
          ...others.map(([, now]) => [now, 2, false] as const)
        ] as const
      ) {
        let sent = 0
        const http = scriptWith(({ method }) =>
          method === "PATCH" ? (++sent === 1 ? lost() : json(changed)) : json(now)
        )
        assert.strictEqual((yield* change(http)).recovered, recovered)
        assert.strictEqual(sent, patches, JSON.stringify(now))
      }
    }))

  it.effect("succeeds if the index shows the change after a delay", () =>
    Effect.gen(function*() {
      for (const [, answer] of others) {
        let looked = 0
        const http = scriptWith(({ method }) => json(method === "PATCH" || ++looked < 3 ? answer : changed))
        const made = yield* change(http)
        assert.strictEqual(made.deletionProtection, "enabled")
        assert.deepStrictEqual(PineconeIndex.toJson(made), changed)
        assert.strictEqual(looked, 3)
      }
    }))

  it.effect("fails if the index never shows the change, or cannot be described", () =>
    Effect.gen(function*() {
      for (const [field, answer] of others) {
        for (const look of [() => json(answer), () => new Response("no", { status: 403 })]) {
          const http = scriptWith(({ method }) => method === "PATCH" ? json(answer) : look())
          const error = yield* Effect.flip(change(http))
          assertTag(error, "PineconeMalformedResponse")
          assert.deepInclude({ ...error }, { operation: "Indexes.configure", field, inDoubt: true })
          assert.strictEqual(http.requests.filter(({ method }) => method === "PATCH").length, 1)
        }
      }
    }))
})

describe("an unambiguous error response", () => {
  it.effect("does not cause a recovery lookup", () =>
    Effect.gen(function*() {
      const statuses = [...Array.from({ length: 100 }, (_, index) => 400 + index), 501]
      // The service may still work on a request after a 408. A request with a 429 is retried.
      for (const status of statuses.filter((status) => status !== 408 && status !== 429)) {
        const http = service([new Response("no", { status })], () => list())
        const error = yield* Effect.flip(create(http, {}, {}))
        assert.isUndefined("inDoubt" in error ? error.inDoubt : undefined)
        assert.strictEqual(http.requests.length, 1, String(status))
      }
    }))
})

describe("the span of a call", () => {
  it.effect("records that the result was recovered", () =>
    Effect.gen(function*() {
      const { spans, tracer } = collectSpans()
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z", { name: ownName })))
      yield* withOneChance(Effect.provideService(create(http, {}, {}), Tracer.Tracer, tracer))
      assert.deepStrictEqual(spans.map(({ name }) => name), ["Backups.create", "Backups.listByIndex"])
      assert.strictEqual(spans[0]!.attributes.get("pinecone.recovered"), true)
    }))
})

describe("calls for the same resource", () => {
  it.effect("never run concurrently, and do not delay other calls", () =>
    Effect.gen(function*() {
      let posts = 0
      let most = 0
      let made = 0
      const http = scriptWith(({ method }) =>
        method === "GET" ? json({ data: [] }) : Effect.gen(function*() {
          most = Math.max(most, ++posts)
          yield* Effect.sleep("1 second")
          posts--
          return json({ ...unnamed, backup_id: `backup-${made++}` })
        })
      )
      const start = yield* Clock.currentTimeMillis
      yield* fastForward(
        Effect.gen(function*() {
          const service = yield* Backups.Backups
          const call = service.create(indexName, { name: "once" })
          // The second call starts during the first, and the third between the end of the first and the end of the
          // second.
          yield* Effect.all([call, call, Effect.delay(call, "1500 millis")], { concurrency: 3 })
          assert.strictEqual(most, 1)
          assert.strictEqual((yield* Clock.currentTimeMillis) - start, 3_000)

          const others = [{ name: "twice" }, { name: "once", description: "Other" }, {}, {}]
          yield* Effect.forEach(others, (options) => service.create(indexName, options), { concurrency: 4 })
          assert.strictEqual((yield* Clock.currentTimeMillis) - start, 4_000)
        }).pipe(Effect.provide(services(http)))
      )
    }))

  it.effect("continue after an interrupted call", () =>
    Effect.gen(function*() {
      let posts = 0
      const http = scriptWith(({ method }) =>
        method === "GET" ? json({ data: [] }) : ++posts === 1 ? Effect.never : json(unnamed)
      )
      yield* fastForward(
        Effect.gen(function*() {
          const service = yield* Backups.Backups
          const call = service.create(indexName, { name: "once" })
          const [first] = yield* Effect.all([Effect.option(Effect.timeout(call, "1 second")), call], { concurrency: 2 })
          assert.isTrue(Option.isNone(first))
          assert.strictEqual(posts, 2)
        }).pipe(Effect.provide(services(http)))
      )
    }))
})
