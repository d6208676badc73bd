import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
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
  collectSpans,
  envelope,
  fastForward,
  index,
  indexName,
  job,
  json,
  schedule,
  scheduleId,
  type Script,
  scriptWith,
  services
} from "./support.ts"

// What becomes of a write whose answer is lost. The rest is tested on the emulator, in packages/testing.

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

/** A service: what it says to writes, one after the other, and to whoever looks. */
const service = (writes: ReadonlyArray<Response>, look: (index: number) => Response) => {
  let looked = 0
  let written = 0
  const http = scriptWith(({ method }) => (method === "POST" ? writes[written++]! : look(looked++)).clone())
  return { ...http, count: (method: string) => http.requests.filter((sent) => sent.method === method).length }
}

const lost = (headers: Record<string, string> = {}) => json(envelope("UNKNOWN", "lost"), { status: 500, headers })

const noon = DateTime.toEpochMillis(DateTime.makeUnsafe("2026-08-02T12:00:00Z"))

/** A backup named "once", that begins at noon by our clock. */
const create = (http: Pick<Script, "layer">, options?: Partial<PineconeClient.Options>) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(noon)
    return yield* fastForward(
      Effect.provide(
        Backups.Backups.use((backups) => backups.create(indexName, { name: "once" })),
        services(http, { retry: undefined, ...options })
      )
    )
  })

describe("what was made", () => {
  it.effect("is the answer, with the JSON it came from", () =>
    Effect.gen(function*() {
      const row = made("2026-08-02T12:00:00.000001Z", { unheard_of: 1 })
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z", { name: "other" }), row))
      const created = yield* create(http)
      assert.isTrue(created.recovered)
      assert.deepStrictEqual(Backup.toJson(created), { backup_id: "backup-1", ...row })
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 1])
    }))

  it.effect("is not what was made before, or has another name or description", () =>
    Effect.gen(function*() {
      const http = service([lost(), json(backup)], () =>
        list(
          made("2026-08-02T11:59:59.999Z"),
          made("2026-08-02T12:00:01Z", { name: "other" }),
          made("2026-08-02T12:00:01Z", { name: null }),
          made("2026-08-02T12:00:01Z", { description: "other" })
        ))
      const created = yield* create(http)
      assert.isFalse(created.recovered)
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [2, 3])
    }))

  it.effect("is in doubt when there is one of which nobody knows when it was made", () =>
    Effect.gen(function*() {
      for (const createdAt of [null, "soon"]) {
        const http = service([lost()], () => list(made("", { created_at: createdAt })))
        const error = yield* Effect.flip(create(http))
        assertTag(error, "PineconeUnknown")
        assert.isTrue(error.inDoubt)
        assert.isFalse(error.isRetryable)
        assert.strictEqual(http.count("POST"), 1)
      }
    }))

  it.effect("is not what another call has made within the same second", () =>
    Effect.gen(function*() {
      let posts = 0
      const row = (id: string) => ({ ...backup, name: "once", backup_id: id, created_at: "2026-08-02T12:00:00.5Z" })
      const http = scriptWith(({ method }) =>
        method === "GET"
          ? json({ data: [row("first")] })
          : ++posts === 2
          ? lost()
          : json(row(posts === 1 ? "first" : "second"))
      )
      yield* TestClock.setTime(noon)
      const [first, second] = yield* Effect.gen(function*() {
        const service = yield* Backups.Backups
        const options = { name: "once", description: "Taken before the autumn re-index" }
        return [yield* service.create(indexName, options), yield* service.create(indexName, options)] as const
      }).pipe(Effect.provide(services(http, { retry: undefined })), fastForward)
      assert.deepStrictEqual([String(first.backupId), String(second.backupId)], ["first", "second"])
      assert.strictEqual(posts, 3)
    }))

  it.effect("is found although our clock was set back meanwhile", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(noon)
      const clock = yield* Clock.Clock
      let isSetBack = false
      const millis = () => clock.currentTimeMillisUnsafe() - (isSetBack ? 60_000 : 0)
      const http = service([lost({ date: "Sun, 02 Aug 2026 12:00:00 GMT" })], () => {
        isSetBack = true
        return json({ data: [{ ...backup, ...made("2026-08-02T12:00:00.5Z") }] }, {
          headers: { date: "Sun, 02 Aug 2026 12:00:01 GMT" }
        })
      })
      const created = yield* create(http).pipe(
        Effect.provideService(Clock.Clock, {
          ...clock,
          currentTimeMillis: Effect.sync(millis),
          currentTimeMillisUnsafe: millis
        })
      )
      assert.isTrue(created.recovered)
    }))

  it.effect("is told by the clock of the service", () =>
    Effect.gen(function*() {
      for (
        const [date, createdAt, isFound] of [
          // Five minutes behind, and in whole seconds.
          ["Sun, 02 Aug 2026 11:55:00 GMT", "2026-08-02T11:55:00.3Z", true],
          ["Sun, 02 Aug 2026 11:55:00 GMT", "2026-08-02T11:54:59Z", false],
          // Five minutes ahead.
          ["Sun, 02 Aug 2026 12:05:00 GMT", "2026-08-02T12:05:00Z", true],
          ["Sun, 02 Aug 2026 12:05:00 GMT", "2026-08-02T12:04:00Z", false],
          // No date at all.
          ["yesterday", "2026-08-02T12:00:00Z", true]
        ] as const
      ) {
        const http = service([lost({ date }), json(backup)], () => list(made(createdAt)))
        assert.strictEqual((yield* create(http)).recovered, isFound, `${date} ${createdAt}`)
      }
    }))

  it.effect("is told by the clock of the service even if only the list tells it", () =>
    Effect.gen(function*() {
      const http = service([new Response("gone", { status: 502 })], () =>
        json({ data: [{ ...backup, ...made("2026-08-02T11:55:00.5Z") }] }, {
          headers: { date: "Sun, 02 Aug 2026 11:55:00 GMT" }
        }))
      assert.isTrue((yield* create(http)).recovered)
    }))

  it.effect("is looked for three times in four seconds", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const http = scriptWith(({ method }) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          times.push(now - noon)
          return method === "POST" ? lost() : list()
        })
      )
      const error = yield* Effect.flip(create(http, { retry: RetryPolicy.none }))
      assertTag(error, "PineconeUnknown")
      assert.deepStrictEqual(times, [0, 0, 1_000, 4_000])
    }))

  it.effect("is looked for by clients that send nothing again, too", () =>
    Effect.gen(function*() {
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z")))
      assert.isTrue((yield* create(http, { retry: RetryPolicy.none })).recovered)
    }))

  it.effect("without a name is another backup without one", () =>
    Effect.gen(function*() {
      const http = service([lost()], () =>
        list(made("1970-01-01T00:00:00Z"), made("1970-01-01T00:00:01Z", { name: null })))
      const created = yield* fastForward(
        Effect.provide(
          Backups.Backups.use((_) =>
            _.create(indexName)
          ),
          services(http, { retry: undefined })
        )
      )
      assert.strictEqual(DateTime.formatIso(created.createdAt!), "1970-01-01T00:00:01.000Z")
    }))

  it.effect("by a restore is the job with that backup and that index", () =>
    Effect.gen(function*() {
      const row = { ...job, backup_id: backupId, target_index_name: "copy" }
      const http = service([lost()], () =>
        list(
          { ...row, target_index_name: "other" },
          { ...row, restore_job_id: "theirs", backup_id: "other" },
          { ...row, restore_job_id: "old", created_at: "1969-12-31T00:00:00Z" },
          { ...row, restore_job_id: "it", created_at: null }
        ))
      const started = yield* fastForward(
        Effect.provide(
          Backups.Backups.use((_) => _.restore(backupId, { name: "copy" })),
          services(http, { retry: undefined })
        )
      )
      assert.deepStrictEqual(started, {
        restoreJobId: RestoreJob.RestoreJobId.make("it"),
        indexId: started.indexId,
        recovered: true
      })
    }))
})

describe("the request is sent again", () => {
  it.effect("only where the policy allows", () =>
    Effect.gen(function*() {
      const http = service([lost(), lost(), lost(), lost(), lost()], () => list())
      const error = yield* Effect.flip(create(http))
      assertTag(error, "PineconeUnknown")
      assert.strictEqual(error.attempts, 4)
      assert.isUndefined(error.inDoubt)
      assert.isTrue(error.isRetryable)
      // Three times after each.
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [4, 12])
    }))

  it.effect("not after the deadline, however long the looking took", () =>
    Effect.gen(function*() {
      const http = service([lost(), lost()], () => list())
      const error = yield* Effect.flip(create(http, { retry: { ...RetryPolicy.defaultPolicy, deadline: "3 seconds" } }))
      assertTag(error, "PineconeUnknown")
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 3])
    }))

  it.effect("not after a success that cannot be read", () =>
    Effect.gen(function*() {
      const http = service([json({ backup_id: 5 })], () => list())
      const error = yield* Effect.flip(create(http))
      assertTag(error, "PineconeMalformedResponse")
      assert.isTrue(error.inDoubt)
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 3])
    }))

  it.effect("not while what was made cannot be looked for, but when it can be", () =>
    Effect.gen(function*() {
      const http = service(
        [lost(), json(backup)],
        (index) => index === 0 ? json(envelope("FORBIDDEN", "no"), { status: 403 }) : list()
      )
      assert.isFalse((yield* create(http)).recovered)
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [2, 4])
    }))
})

describe("looking", () => {
  it.effect("that fails leaves the caller in doubt, who must not send it again", () =>
    Effect.gen(function*() {
      const http = service([lost()], () => new Response("no", { status: 503 }))
      const error = yield* Effect.flip(create(http))
      assertTag(error, "PineconeUnknown")
      assert.strictEqual(error.message, "lost")
      assert.isTrue(error.inDoubt)
      assert.isFalse(error.isRetryable)
      // Three times before each repetition that is allowed, none of which comes about.
      assert.deepStrictEqual([http.count("POST"), http.count("GET")], [1, 9])
    }))

  it.effect("takes no longer than one request beyond the deadline", () =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) => method === "POST" ? lost() : Effect.never)
      const error = yield* Effect.flip(create(http, { retry: { ...RetryPolicy.defaultPolicy, deadline: "1 minute" } }))
      assertTag(error, "PineconeUnknown")
      assert.isTrue(error.inDoubt)
      assert.isAtMost((yield* Clock.currentTimeMillis) - noon, 90_000)
    }))

  it.effect("goes on after a failure that passes", () =>
    Effect.gen(function*() {
      const http = service([lost()], (index) =>
        index === 0 ? new Response("no", { status: 503 }) : list(made("2026-08-02T12:00:00Z")))
      assert.isTrue((yield* create(http, { retry: RetryPolicy.none })).recovered)
    }))
})

describe("a change whose answer is lost", () => {
  const change = (http: Pick<Script, "layer">) =>
    fastForward(
      Effect.provide(
        BackupSchedules.BackupSchedules.use((schedules) => schedules.update(scheduleId, { expireAfterDays: 60 })),
        services(http, { retry: undefined })
      )
    )

  it.effect("is sent again only if it was not made", () =>
    Effect.gen(function*() {
      for (const [days, patches, recovered] of [[60, 1, true], [30, 2, false]] as const) {
        let sent = 0
        const http = scriptWith(({ method }) =>
          method === "PATCH" && ++sent === 1 ? lost() : json({ ...schedule, retention_expire_after_days: days })
        )
        assert.strictEqual((yield* change(http)).recovered, recovered)
        assert.strictEqual(sent, patches)
      }
    }))
})

describe("a change of an index", () => {
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

  it.effect("whose answer is lost is sent again only if it was not made", () =>
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

  it.effect("is made if the index shows it a little later", () =>
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

  it.effect("fails if the index never shows it, or cannot be described", () =>
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

describe("nobody looks", () => {
  it.effect("after an answer that leaves nothing open", () =>
    Effect.gen(function*() {
      for (const status of [400, 401, 403, 404, 409, 412, 422, 501]) {
        const http = service([new Response("no", { status })], () => list())
        yield* Effect.flip(create(http))
        assert.strictEqual(http.requests.length, 1, String(status))
      }
    }))
})

describe("the span", () => {
  it.effect("says that what was made was found", () =>
    Effect.gen(function*() {
      const { spans, tracer } = collectSpans()
      const http = service([lost()], () => list(made("2026-08-02T12:00:00Z")))
      yield* Effect.provideService(create(http), Tracer.Tracer, tracer)
      assert.deepStrictEqual(spans.map(({ name }) => name), ["Backups.create", "Backups.listByIndex"])
      assert.strictEqual(spans[0]!.attributes.get("pinecone.recovered"), true)
    }))
})
