import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as Backup from "../src/Backup.ts"
import type * as Backups from "../src/Backups.ts"
import * as BackupSchedule from "../src/BackupSchedule.ts"
import type * as Page from "../src/Page.ts"
import type * as PineconeError from "../src/PineconeError.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import {
  apiKey,
  backups,
  type Call,
  indexes,
  json,
  type Method,
  noneBefore,
  restoreJobs,
  row,
  schedule,
  schedules,
  script,
  services
} from "./support.ts"

const docs = PineconeIndex.IndexName.make("docs")
const sch = BackupSchedule.ScheduleId.make("sch")
const bkp = Backup.BackupId.make("bkp")
const job = RestoreJob.RestoreJobId.make("job")

/** A call and its request: method, path with query, and the bytes of the body, if any. */
interface Golden {
  readonly when: string
  readonly call: Call
  readonly sends: ReadonlyArray<readonly [line: string, body?: string]>
  /** The responses to all of its requests except the last. */
  readonly answers?: ReadonlyArray<Response>
  /** The number of initial requests that are lookups. */
  readonly lookups?: number
}

/** The body with a generated backup name: every random number in these tests is one half. */
const ownName = "{\"name\":\"backup-ssssssssssssssss\"}"

const golden = (when: string, call: Call, line: string, body?: string): Golden => ({
  when,
  call,
  sends: [body === undefined ? [line] : [line, body]]
})

/** A call of `create` that first looks for an existing backup. */
const afterLookup = (when: string, call: Call, body: string): Golden => ({
  when,
  call,
  answers: [noneBefore()],
  lookups: 1,
  sends: [["GET /indexes/docs/backups?limit=100"], ["POST /indexes/docs/backups", body]]
})

/** The effect of page options on the request. */
const pages = (path: string, call: (options?: { limit?: number; paginationToken?: string }) => Call): Array<Golden> => [
  golden("without options", call(), `GET ${path}`),
  golden("with empty options", call({}), `GET ${path}`),
  golden("with a limit", call({ limit: 1 }), `GET ${path}?limit=1`),
  golden("with a large limit", call({ limit: 1_000_000 }), `GET ${path}?limit=1000000`),
  golden("with a token", call({ paginationToken: "eyJh/+=" }), `GET ${path}?paginationToken=eyJh%2F%2B%3D`),
  golden(
    "with special characters in the token",
    call({ paginationToken: "a&b=c d" }),
    `GET ${path}?paginationToken=a%26b%3Dc+d`
  ),
  golden("with both", call({ limit: 2, paginationToken: "t" }), `GET ${path}?limit=2&paginationToken=t`)
]

const firstPage = (data: Schema.JsonObject = { ...row("a"), source_index_name: "docs" }) =>
  json({ data: [data], pagination: { next: "t2" } })

const stream = (
  path: string,
  call: (options?: Page.StreamOptions) => Call,
  answer: () => Response = firstPage
): Array<Golden> => [
  {
    when: "on two pages",
    call: call(),
    answers: [answer()],
    sends: [[`GET ${path}?limit=100`], [`GET ${path}?paginationToken=t2`]]
  },
  {
    when: "on two pages of a given size",
    call: call({ pageSize: 7 }),
    answers: [answer()],
    sends: [[`GET ${path}?limit=7`], [`GET ${path}?paginationToken=t2`]]
  },
  {
    when: "from a token",
    call: call({ pageSize: 7, paginationToken: "t1" }),
    answers: [answer()],
    sends: [[`GET ${path}?paginationToken=t1`], [`GET ${path}?paginationToken=t2`]]
  }
]

const restoreJob = { restore_job_id: "j", backup_id: "b", target_index_name: "t", target_index_id: "i" }

const ofIndex = (
  use: (
    backups: Backups.Service,
    options: Backups.IncludeDeleted
  ) => Stream.Stream<unknown, PineconeError.ListError>
) =>
(includeDeleted: boolean | undefined, query: string): Golden => ({
  when: `on two pages with includeDeleted ${includeDeleted}`,
  call: backups((_) => use(_, { includeDeleted })),
  answers: [firstPage()],
  sends: [[`GET /indexes/docs/backups?limit=100${query}`], [`GET /indexes/docs/backups?paginationToken=t2${query}`]]
})

const byIndex = ofIndex((_, options) => _.listByIndex(docs, options))
const byIndexPages = ofIndex((_, options) => _.listByIndexPages(docs, options))

const goldens: { readonly [Name in Method]: ReadonlyArray<Golden> } = {
  "BackupSchedules.create": [
    golden(
      "every day",
      schedules((_) => _.create(docs, { name: "nightly", frequency: "daily", expireAfterDays: 30 })),
      "POST /indexes/docs/backup-schedules",
      "{\"name\":\"nightly\",\"schedule\":{\"type\":\"time-based\",\"frequency\":\"daily\"},\"retention\":{\"expire_after_days\":30}}"
    ),
    golden(
      "with a monthly frequency and special characters in the name",
      schedules((_) => _.create(docs, { name: "Ü \"1\"", frequency: "monthly", expireAfterDays: 1 })),
      "POST /indexes/docs/backup-schedules",
      "{\"name\":\"Ü \\\"1\\\"\",\"schedule\":{\"type\":\"time-based\",\"frequency\":\"monthly\"},\"retention\":{\"expire_after_days\":1}}"
    )
  ],
  "BackupSchedules.listPage": pages(
    "/indexes/docs/backup-schedules",
    (options) => schedules((_) => _.listPage(docs, options))
  ),
  "BackupSchedules.list": stream(
    "/indexes/docs/backup-schedules",
    (options) => schedules((_) => _.list(docs, options)),
    () => firstPage(schedule)
  ),
  "BackupSchedules.listPages": stream(
    "/indexes/docs/backup-schedules",
    (options) => schedules((_) => _.listPages(docs, options)),
    () => firstPage(schedule)
  ),
  "BackupSchedules.describe": [
    golden("", schedules((_) => _.describe(sch)), "GET /backup-schedules/sch")
  ],
  "BackupSchedules.update": [
    golden("without options", schedules((_) => _.update(sch, {})), "PATCH /backup-schedules/sch", "{}"),
    golden(
      "with undefined options",
      schedules((_) => _.update(sch, { frequency: undefined, expireAfterDays: undefined, enabled: undefined })),
      "PATCH /backup-schedules/sch",
      "{}"
    ),
    golden(
      "with a frequency",
      schedules((_) => _.update(sch, { frequency: "weekly" })),
      "PATCH /backup-schedules/sch",
      "{\"frequency\":\"weekly\"}"
    ),
    golden(
      "with a retention",
      schedules((_) => _.update(sch, { expireAfterDays: 14 })),
      "PATCH /backup-schedules/sch",
      "{\"retention\":{\"expire_after_days\":14}}"
    ),
    golden(
      "with all options",
      schedules((_) => _.update(sch, { enabled: false, expireAfterDays: 60, frequency: "monthly" })),
      "PATCH /backup-schedules/sch",
      "{\"frequency\":\"monthly\",\"retention\":{\"expire_after_days\":60},\"enabled\":false}"
    )
  ],
  "BackupSchedules.pause": [
    golden("", schedules((_) => _.pause(sch)), "PATCH /backup-schedules/sch", "{\"enabled\":false}")
  ],
  "BackupSchedules.resume": [
    golden("", schedules((_) => _.resume(sch)), "PATCH /backup-schedules/sch", "{\"enabled\":true}")
  ],
  "BackupSchedules.delete": [
    golden("", schedules((_) => _.delete(sch)), "DELETE /backup-schedules/sch")
  ],
  "BackupSchedules.historyPage": pages(
    "/backup-schedules/sch/history",
    (options) => schedules((_) => _.historyPage(sch, options))
  ),
  "BackupSchedules.history": stream(
    "/backup-schedules/sch/history",
    (options) => schedules((_) => _.history(sch, options))
  ),
  "BackupSchedules.historyPages": stream(
    "/backup-schedules/sch/history",
    (options) => schedules((_) => _.historyPages(sch, options))
  ),
  "Backups.create": [
    golden("without options", backups((_) => _.create(docs)), "POST /indexes/docs/backups", ownName),
    golden("with empty options", backups((_) => _.create(docs, {})), "POST /indexes/docs/backups", ownName),
    golden(
      "with undefined options",
      backups((_) => _.create(docs, { name: undefined, description: undefined, idempotencyKey: undefined })),
      "POST /indexes/docs/backups",
      ownName
    ),
    afterLookup(
      "with a name",
      backups((_) => _.create(docs, { name: "before-reindex" })),
      "{\"name\":\"before-reindex\"}"
    ),
    golden(
      "with an empty description",
      backups((_) => _.create(docs, { description: "" })),
      "POST /indexes/docs/backups",
      ownName.replace("}", ",\"description\":\"\"}")
    ),
    afterLookup(
      "with a name and a description",
      backups((_) => _.create(docs, { description: "Taken \"before\" ü\n", name: "b" })),
      "{\"name\":\"b\",\"description\":\"Taken \\\"before\\\" ü\\n\"}"
    ),
    afterLookup(
      "with a key",
      backups((_) => _.create(docs, { idempotencyKey: "deploy-42" })),
      ownName.replace("}", ",\"description\":\"[key deploy-42]\"}")
    ),
    afterLookup(
      "with all options",
      backups((_) => _.create(docs, { idempotencyKey: "a.B:9_-", description: "Before", name: "b" })),
      "{\"name\":\"b\",\"description\":\"Before [key a.B:9_-]\"}"
    )
  ],
  "Backups.describe": [
    golden("", backups((_) => _.describe(bkp)), "GET /backups/bkp")
  ],
  "Backups.delete": [
    golden("", backups((_) => _.delete(bkp)), "DELETE /backups/bkp")
  ],
  "Backups.listPage": pages("/backups", (options) => backups((_) => _.listPage(options))),
  "Backups.list": stream("/backups", (options) => backups((_) => _.list(options))),
  "Backups.listPages": stream("/backups", (options) => backups((_) => _.listPages(options))),
  "Backups.listByIndexPage": [
    ...pages("/indexes/docs/backups", (options) => backups((_) => _.listByIndexPage(docs, options))),
    golden(
      "with deleted indexes",
      backups((_) => _.listByIndexPage(docs, { includeDeleted: true })),
      "GET /indexes/docs/backups?include_deleted=true"
    ),
    golden(
      "without deleted indexes",
      backups((_) => _.listByIndexPage(docs, { includeDeleted: false })),
      "GET /indexes/docs/backups?include_deleted=false"
    ),
    golden(
      "with all options",
      backups((_) => _.listByIndexPage(docs, { limit: 2, paginationToken: "t", includeDeleted: true })),
      "GET /indexes/docs/backups?limit=2&paginationToken=t&include_deleted=true"
    )
  ],
  "Backups.listByIndex": [
    ...stream("/indexes/docs/backups", (options) => backups((_) => _.listByIndex(docs, options))),
    byIndex(true, "&include_deleted=true"),
    byIndex(false, "&include_deleted=false"),
    byIndex(undefined, "")
  ],
  "Backups.listByIndexPages": [
    ...stream("/indexes/docs/backups", (options) => backups((_) => _.listByIndexPages(docs, options))),
    byIndexPages(true, "&include_deleted=true"),
    byIndexPages(undefined, "")
  ],
  "Backups.restore": [
    golden(
      "with a name",
      backups((_) => _.restore(bkp, { name: "docs-restored" })),
      "POST /backups/bkp/create-index",
      "{\"name\":\"docs-restored\"}"
    ),
    golden(
      "with empty tags",
      backups((_) => _.restore(bkp, { name: "d", tags: {} })),
      "POST /backups/bkp/create-index",
      "{\"name\":\"d\",\"tags\":{}}"
    ),
    golden(
      "with all options, on demand",
      backups((_) =>
        _.restore(bkp, {
          readCapacity: { mode: "OnDemand" },
          deletionProtection: "enabled",
          tags: { team: "search", stage: "" },
          name: "d"
        })
      ),
      "POST /backups/bkp/create-index",
      "{\"name\":\"d\",\"tags\":{\"team\":\"search\",\"stage\":\"\"},\"deletion_protection\":\"enabled\",\"read_capacity\":{\"mode\":\"OnDemand\"}}"
    ),
    golden(
      "with dedicated nodes, without replicas",
      backups((_) =>
        _.restore(bkp, {
          name: "d",
          deletionProtection: "disabled",
          readCapacity: {
            mode: "Dedicated",
            dedicated: { node_type: "t1", scaling: "Manual", manual: { replicas: 0, shards: 2 } }
          }
        })
      ),
      "POST /backups/bkp/create-index",
      "{\"name\":\"d\",\"deletion_protection\":\"disabled\",\"read_capacity\":{\"mode\":\"Dedicated\",\"dedicated\":{\"node_type\":\"t1\",\"scaling\":\"Manual\",\"manual\":{\"replicas\":0,\"shards\":2}}}}"
    )
  ],
  "RestoreJobs.describe": [
    golden("", restoreJobs((_) => _.describe(job)), "GET /restore-jobs/job")
  ],
  "RestoreJobs.listPage": pages("/restore-jobs", (options) => restoreJobs((_) => _.listPage(options))),
  "RestoreJobs.list": stream(
    "/restore-jobs",
    (options) => restoreJobs((_) => _.list(options)),
    () => firstPage(restoreJob)
  ),
  "RestoreJobs.listPages": stream(
    "/restore-jobs",
    (options) => restoreJobs((_) => _.listPages(options)),
    () => firstPage(restoreJob)
  ),
  "Indexes.list": [
    golden("", indexes((_) => _.list), "GET /indexes")
  ],
  "Indexes.describe": [
    golden("", indexes((_) => _.describe(docs)), "GET /indexes/docs")
  ],
  "Indexes.configure": [
    golden("without options", indexes((_) => _.configure(docs, {})), "GET /indexes/docs"),
    golden(
      "with undefined options",
      indexes((_) => _.configure(docs, { deletionProtection: undefined, tags: undefined })),
      "GET /indexes/docs"
    ),
    golden("with empty tags", indexes((_) => _.configure(docs, { tags: {} })), "GET /indexes/docs"),
    golden(
      "with deletion protection and empty tags",
      indexes((_) => _.configure(docs, { deletionProtection: "disabled", tags: {} })),
      "PATCH /indexes/docs",
      "{\"deletion_protection\":\"disabled\"}"
    ),
    golden(
      "with tags to set and to remove",
      indexes((_) => _.configure(docs, { tags: { team: "search", stage: "" } })),
      "PATCH /indexes/docs",
      "{\"tags\":{\"team\":\"search\",\"stage\":\"\"}}"
    ),
    golden(
      "with all options",
      indexes((_) => _.configure(docs, { tags: { team: "search" }, deletionProtection: "enabled" })),
      "PATCH /indexes/docs",
      "{\"deletion_protection\":\"enabled\",\"tags\":{\"team\":\"search\"}}"
    )
  ],
  "Indexes.delete": [
    golden("", indexes((_) => _.delete(docs)), "DELETE /indexes/docs")
  ]
}

const versionOf = (profile: "2026-04" | "2026-07", method: string) =>
  profile === "2026-04" && method.startsWith("BackupSchedules.") ? "unstable" : profile

for (const profile of ["2026-04", "2026-07"] as const) {
  describe(`a request of version ${profile}`, () => {
    for (const [method, rows] of Object.entries(goldens)) {
      for (const { answers = [], call, lookups = 0, sends, when } of rows) {
        it.effect(`${method} ${when}`.trim(), () =>
          Effect.gen(function*() {
            const http = script(...answers.map((answer) => answer.clone()), new Response(null, { status: 404 }))
            yield* Effect.flip(Effect.provide(call, services(http, { apiVersion: profile }))).pipe(
              Effect.provideService(Random.Random, { nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 0.5 })
            )

            assert.deepStrictEqual(
              http.requests,
              sends.map(([line, body], index) => ({
                method: line.split(" ")[0]!,
                url: `https://api.pinecone.io${line.slice(line.indexOf(" ") + 1)}`,
                headers: {
                  "accept": "application/json",
                  "api-key": apiKey,
                  "x-pinecone-api-version": versionOf(profile, method),
                  ...(index < lookups && { "cache-control": "no-cache" }),
                  ...(body !== undefined && {
                    "content-type": "application/json",
                    "content-length": String(new TextEncoder().encode(body).length)
                  })
                },
                ...(body !== undefined && { body })
              }))
            )
          }))
      }
    }
  })
}

describe("a client without a version option", () => {
  it.effect("uses 2026-04", () =>
    Effect.gen(function*() {
      const http = script(new Response(null, { status: 404 }), new Response(null, { status: 404 }))
      yield* Effect.gen(function*() {
        yield* Effect.flip(schedules((_) => _.describe(sch)))
        yield* Effect.flip(backups((_) => _.describe(bkp)))
      }).pipe(Effect.provide(services(http)))
      assert.deepStrictEqual(http.requests.map((sent) => sent.headers["x-pinecone-api-version"]), [
        "unstable",
        "2026-04"
      ])
    }))
})

describe("an ID in a path", () => {
  it.effect.each<[string, string]>([
    ["a/b", "a%2Fb"],
    ["ü", "%C3%BC"],
    ["%", "%25"],
    ["%2e%2e", "%252e%252e"],
    ["a?b#c", "a%3Fb%23c"],
    ["a b", "a%20b"],
    ["../x", "..%2Fx"],
    ["..\\x", "..%5Cx"],
    ["...", "..."],
    ["😀", "%F0%9F%98%80"],
    [":schedule_id", "%3Aschedule_id"],
    ["$&", "%24%26"]
  ])("is encoded: %j as %s", ([id, encoded]) =>
    Effect.gen(function*() {
      const calls: ReadonlyArray<Call> = [
        schedules((_) => _.historyPage(BackupSchedule.ScheduleId.make(id))),
        restoreJobs((_) => _.describe(RestoreJob.RestoreJobId.make(id))),
        backups((_) => _.restore(Backup.BackupId.make(id), { name: "d" })),
        backups((_) => _.listByIndexPage(PineconeIndex.IndexName.make(id)))
      ]
      const http = script(...calls.map(() => new Response(null, { status: 404 })))
      yield* Effect.provide(Effect.forEach(calls, Effect.flip), services(http))

      assert.deepStrictEqual(http.requests.map((sent) => sent.url), [
        `https://api.pinecone.io/backup-schedules/${encoded}/history`,
        `https://api.pinecone.io/restore-jobs/${encoded}`,
        `https://api.pinecone.io/backups/${encoded}/create-index`,
        `https://api.pinecone.io/indexes/${encoded}/backups`
      ])
    }))
})
