import { assert, describe, it } from "@effect/vitest"
import * as Backups from "@pinecone-backups/core/Backups"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Seed from "@pinecone-backups/testing/Seed"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

// Options, settings, seeds and faults: instants and durations in all forms, and invalid values.

const at = DateTime.makeUnsafe("2026-04-20T06:00:00Z")

/** The same instant in every form. */
const forms: ReadonlyArray<DateTime.DateTime.Input> = [
  at,
  DateTime.makeZonedUnsafe(at, { timeZone: "Europe/Berlin" }),
  "2026-04-20T06:00:00Z",
  "2026-04-20T08:00:00+02:00",
  DateTime.toEpochMillis(at),
  DateTime.toDateUtc(at),
  { year: 2026, month: 4, day: 20, hour: 6 },
  { epochMilliseconds: DateTime.toEpochMillis(at) },
  { epochMilliseconds: DateTime.toEpochMillis(at), timeZoneId: "Europe/Berlin" }
]

const now = "2026-04-23T16:00:00Z"

/** A service in which every time is the given time. */
const plane = (at: DateTime.DateTime.Input) =>
  ControlPlane.make({
    now,
    indexes: [
      { name: "old", deletedAt: at, readyAt: at },
      { name: "docs", readyAt: at }
    ],
    schedules: [{
      indexName: "docs",
      createdAt: at,
      nextScheduledRun: at,
      runs: [{ plannedFor: at }, { createdAt: at }, { scheduledExecutionAt: at, status: "Scheduled" }]
    }],
    backups: [{ createdAt: at, sourceIndexDeletedAt: at }],
    restoreJobs: [{ createdAt: at, completedAt: at }]
  })

/** The defect of an effect. */
const defect = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.exit(effect), (exit) => Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined)

describe("an instant of a seed", () => {
  it.effect("is the same in every form", () =>
    Effect.gen(function*() {
      const expected = yield* Effect.flatMap(plane(at), ({ dump }) => dump)
      for (const form of forms) {
        assert.deepStrictEqual(yield* Effect.flatMap(plane(form), ({ dump }) => dump), expected)
      }
      const { seedBackup } = yield* ControlPlane.make({ now: Date.parse(now) })
      const { createdAt } = yield* seedBackup({ createdAt: "2026-04-20T06:00:00Z" })
      assert.deepStrictEqual(createdAt, at)
    }))
})

describe("a duration of the project", () => {
  it.effect("is the same in every form", () =>
    Effect.gen(function*() {
      const dumpOf = (backupDuration: Duration.Input) =>
        Effect.flatMap(ControlPlane.make({ now, project: { backupDuration } }), ({ dump }) => dump)
      const expected = yield* dumpOf(Duration.minutes(3))
      assert.deepStrictEqual(yield* dumpOf("3 minutes"), expected)
      assert.deepStrictEqual(yield* dumpOf(180_000), expected)
      assert.deepStrictEqual(yield* dumpOf({ minutes: 2, seconds: 60, hours: undefined }), expected)
      const later = yield* ControlPlane.make({ now })
      yield* later.configure({ project: { backupDuration: "3 minutes" } })
      assert.deepStrictEqual(yield* later.dump, expected)
    }))
})

/** A duration with inherited properties, like those of `Temporal`. */
const inherited = (parts: { readonly months: number; readonly minutes: number }): Duration.DurationObject =>
  Object.create(parts)

describe("a duration whose properties are inherited", () => {
  it.effect("is read, unless it has a unit without a fixed length", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ now, speed: 0 })
      yield* plane.advance(inherited({ months: 0, minutes: 5 }))
      assert.deepStrictEqual(yield* plane.now, DateTime.makeUnsafe("2026-04-23T16:05:00Z"))
      const error = yield* defect(plane.advance(inherited({ months: 1, minutes: 5 })))
      assertInvalid(error, "duration", "Expected a duration such as ")
    }))
})

describe("an invalid seed", () => {
  it.effect.each<[seeds: object, message: string]>([
    [{ indexs: [] }, "indexs: Unknown key. Expected indexes, schedules, backups, restoreJobs"],
    [{ indexes: { name: "docs" } }, `indexes: Expected an array, got {"name":"docs"}`],
    [{ indexes: [null] }, "indexes[0]: Expected object, got null"],
    [{ schedules: [null] }, "schedules[0]: Expected object, got null"],
    [{ backups: [undefined] }, "backups[0]: Expected object, got undefined"],
    [{ restoreJobs: [[]] }, "restoreJobs[0]: Expected object, got []"],
    [{ indexes: [new Map()] }, "indexes[0]: Expected an object"],
    [{ indexes: [{}, { nme: "x" }] }, "indexes[1].nme: Unknown key. Expected id, name, terminatesAt, "],
    [{ indexes: [{ flaws: { mising: 1 } }] }, "indexes[0].flaws.mising: Unknown key. Expected empty, "],
    [{ indexes: [{ id: 5 }] }, "indexes[0].id: Expected string | undefined, got 5"],
    [
      { indexes: [{ kind: "pods" }] },
      `indexes[0].kind: Expected "serverless" | "byoc" | "pod" | "encrypted", got "pods"`
    ],
    [{ indexes: [{ dimension: -1 }] }, "indexes[0].dimension: Expected a value greater than or equal to 0, got -1"],
    [{ indexes: [{ recordCount: Number.NaN }] }, "indexes[0].recordCount: Expected an integer, got NaN"],
    [{ indexes: [{ tags: { team: 5 } }] }, "indexes[0].tags.team: Expected string, got 5"],
    [
      { indexes: [{ deletedAt: Number.NaN }] },
      "indexes[0].deletedAt: Expected an instant such as \"2026-04-24T06:00:00Z\", got NaN"
    ],
    [
      { schedules: [{ frequency: "hourly" }] },
      `schedules[0].frequency: Expected "daily" | "weekly" | "monthly", got "hourly"`
    ],
    [
      { schedules: [{ expireAfterDay: 3 }] },
      "schedules[0].expireAfterDay: Unknown key. Expected id, name, indexName, "
    ],
    [
      { indexes: [{ readyAt: { year: 2020, month: 99 } }] },
      "indexes[0].readyAt: Expected an instant such as \"2026-04-24T06:00:00Z\", got {\"year\":2020,\"month\":99}"
    ],
    [{ backups: [{ createdAt: { yeer: 2026 } }] }, "backups[0].createdAt.yeer: Unknown key. Expected year, month, "],
    [{ schedules: [{ runs: -1 }] }, "schedules[0].runs: Expected a value between 0 and 1000000, got -1"],
    [{ schedules: [{ runs: ["mising"] }] }, `schedules[0].runs[0]: Expected "missing" | object, got "mising"`],
    [{ schedules: [{ runs: [{}, { stats: "x" }] }] }, "schedules[0].runs[1].stats: Unknown key. Expected backupId, "],
    [{ schedules: [{ runs: [{ plannedFor: "" }] }] }, "schedules[0].runs[0].plannedFor: Expected an instant such as "],
    [{ backups: [{ index: "docs" }] }, "backups[0].index: Unknown key. Expected backupId, "],
    [{ backups: [{ createdAt: "soon" }] }, "backups[0].createdAt: Expected an instant such as "],
    [
      { restoreJobs: [{ percentComplete: 101 }] },
      "restoreJobs[0].percentComplete: Expected a value between 0 and 100, got 101"
    ],
    [{ restoreJobs: [{ completedAt: "never" }] }, "restoreJobs[0].completedAt: Expected an instant such as "]
  ])("is a SeedError, and adds nothing: %j", ([seeds, message]) =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ now })
      const before = yield* plane.dump
      const valid: Seed.Seeds = { indexes: [{ name: "first" }] }
      for (
        const make of [
          plane.seed({ ...valid, ...seeds }),
          plane.seed(seeds),
          ...("indexs" in seeds ? [] : [ControlPlane.make({ now, ...seeds })])
        ]
      ) {
        const error = yield* defect(make)
        assert.instanceOf(error, Seed.SeedError)
        assert.strictEqual(error.reason, "InvalidArgument")
        assert.strictEqual(error.message.slice(0, message.length), message)
      }
      assert.deepStrictEqual(yield* plane.dump, before)
    }))

  it.effect("is named without a path if it is the only seed", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ now })
      const unknown: object = { nme: "docs" }
      const seeds: ReadonlyArray<Effect.Effect<unknown>> = [
        plane.seedIndex(unknown),
        plane.seedSchedule(unknown),
        plane.seedBackup(unknown),
        plane.seedRestoreJob(unknown)
      ]
      for (const seed of seeds) {
        const error = yield* defect(seed)
        assert.instanceOf(error, Seed.SeedError)
        assert.match(error.message, /^nme: Unknown key\. Expected \w+, /)
      }
      const { state } = yield* Effect.map(plane.dump, Object)
      assert.deepStrictEqual([state.indexes, state.schedules, state.records, state.restores], [[], [], [], []])
    }))
})

/** Options that no TypeScript program has by accident. */
const invalidOptions: ReadonlyArray<[options: object, field: string, rest: string]> = [
  [{ indexs: [] }, "indexs", "Unknown key. Expected "],
  [{ now: "yesterday" }, "now", "Expected an instant such as "],
  [{ now: { yeer: 2026 } }, "now.yeer", "Unknown key. Expected year, month, day, hour, minute, second, millisecond"],
  [{ now: { year: 2020, month: 99 } }, "now", "Expected an instant such as "],
  [{ now: { year: 2026, month: 2, day: 29 } }, "now", "Expected an instant such as "],
  [{ now: { year: 2026, hour: 24 } }, "now", "Expected an instant such as "],
  [{ now: { year: "2026" } }, "now", "Expected an instant such as "],
  [{ now: { year: 2026.5 } }, "now", "Expected an instant such as "],
  [{ now: "2026-02-29T06:00:00Z" }, "now", "Expected an instant such as "],
  [{ now: {} }, "now", "Expected an instant such as "],
  [{ now: [2026] }, "now", "Expected an instant such as "],
  [{ now: true }, "now", "Expected an instant such as "],
  [{ now: null }, "now", "Expected an instant such as "],
  [{ now: { epochMilliseconds: "0" } }, "now", "Expected an instant such as "],
  [{ now: { epochMilliseconds: 0, year: 2026 } }, "now.year", "Unknown key. Expected epochMilliseconds, timeZoneId"],
  [{ now: "+020000-01-01T00:00:00Z" }, "now", "Expected an instant in the years 0 to 9999, got \"+020000-"],
  [{ now: { year: 10_000 } }, "now", "Expected an instant in the years 0 to 9999, got "],
  [{ now: { year: -1 } }, "now", "Expected an instant in the years 0 to 9999, got "],
  [{ now: DateTime.makeUnsafe({ year: 10_000 }) }, "now", "Expected an instant in the years 0 to 9999, got "],
  [{ speed: -1 }, "speed", "Expected a value between 0 and 1000000, got -1"],
  [{ keptRequests: Number.NaN }, "keptRequests", "Expected an integer, got NaN"],
  [{ chooseFault: "always" }, "chooseFault", "Expected a function"],
  [{ project: { backupQuotas: 1 } }, "project.backupQuotas", "Unknown key. Expected id, hasBackups, "],
  [{ project: { backupQuota: -1 } }, "project.backupQuota", "Expected a value greater than or equal to 0, got -1"],
  [
    { project: { restoreDuration: -1 } },
    "project.restoreDuration",
    "Expected a duration of 0 to 36525 days, got -1 millis"
  ],
  [
    { project: { restoreDuration: "101000 days" } },
    "project.restoreDuration",
    "Expected a duration of 0 to 36525 days, got "
  ],
  [
    { project: { restoreDuration: "soon" } },
    "project.restoreDuration",
    "Expected a duration such as \"10 minutes\", got \"soon\""
  ],
  [
    { project: { restoreDuration: Number.NaN } },
    "project.restoreDuration",
    "Expected a duration such as \"10 minutes\", got NaN"
  ],
  [
    { project: { restoreDuration: { minute: 5 } } },
    "project.restoreDuration.minute",
    "Unknown key. Expected weeks, days, hours, minutes, seconds, milliseconds, microseconds, nanoseconds"
  ],
  [
    { project: { restoreDuration: { minutes: "5" } } },
    "project.restoreDuration",
    "Expected a duration such as \"10 minutes\", got {\"minutes\":\"5\"}"
  ],
  [{ project: { restoreDuration: {} } }, "project.restoreDuration", "Expected a duration such as "],
  [{ project: { restoreDuration: DateTime.toDateUtc(at) } }, "project.restoreDuration", "Expected a duration such as "],
  [{ project: [] }, "project", "Expected an object"],
  [{ project: null }, "project", "Expected an object"],
  [{ switches: new Map() }, "switches", "Expected an object"],
  [{ switches: { backupEnd: "x" } }, "switches.backupEnd", "Unknown key. Expected createStatus, "],
  [{ switches: { backupsEnd: "x" } }, "switches.backupsEnd", `Expected "Ready" | "InitializationFailed", got "x"`],
  [
    { faults: [{ operation: "*", fault: Fault.hang }, { operation: "Backups.lst", fault: Fault.hang }] },
    "faults[1].operation",
    `Expected "*" | "BackupSchedules.create" | `
  ],
  [
    { faults: [{ operation: "*", fault: Fault.hang, times: 0 }] },
    "faults[0].times",
    "Expected a value greater than or "
  ]
]

const assertInvalid = (error: unknown, field: string, rest: string) => {
  assert.instanceOf(error, ControlPlane.InvalidValue)
  assert.strictEqual(error.field, field)
  const message = field === "" ? rest : `${field}: ${rest}`
  assert.strictEqual(error.message.slice(0, message.length), message)
}

describe("an invalid option", () => {
  it.effect.each(invalidOptions)("is an InvalidValue: %j", ([options, field, rest]) =>
    Effect.gen(function*() {
      assertInvalid(yield* defect(ControlPlane.make(options)), field, rest)
      assertInvalid(yield* defect(Effect.provide(Effect.void, PineconeMemory.layer(options))), field, rest)
    }))

  it.effect.each<[apiKey: unknown]>([
    [""],
    [" "],
    ["a-secret\nkey"],
    [5],
    [null],
    [{}],
    [["a-secret-key"]],
    [Redacted.make("")],
    [Redacted.make(5)]
  ])("is an InvalidValue without the value: the key %#", ([apiKey]) =>
    Effect.gen(function*() {
      const options = { apiKey: apiKey as string }
      const error = yield* defect(ControlPlane.make(options))
      assertInvalid(error, "apiKey", "Expected a key of visible ASCII characters, as a string or `Redacted`")
      assert.notInclude(String(error), "secret")
    }))

  it.effect("is an InvalidValue: a key of the layer in memory", () =>
    Effect.gen(function*() {
      const options: object = { apiKey: "a-secret-key" }
      const error = yield* defect(Effect.provide(Effect.void, PineconeMemory.layer(options)))
      assertInvalid(error, "apiKey", "Unknown key. Expected ")
      assert.notInclude(String(error), "a-secret-key")
    }))

  it.effect("is an InvalidValue and changes nothing: settings", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ now })
      const before = yield* plane.dump
      for (const [options, field, rest] of invalidOptions) {
        if (!/^(project|switches)/.test(field)) continue
        assertInvalid(yield* defect(plane.configure({ project: { backupQuota: 7 }, ...options })), field, rest)
      }
      const misspelled: object = { projects: {} }
      assertInvalid(yield* defect(plane.configure(misspelled)), "projects", "Unknown key. Expected project, switches")
      assert.deepStrictEqual(yield* plane.dump, before)
    }))

  it.effect("is an InvalidValue and changes nothing: time", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ now, speed: 0 })
      const before = yield* plane.now
      const invalid: ReadonlyArray<[Duration.Input, string]> = [
        [Number.NaN, "Expected a duration such as \"10 minutes\", got NaN"],
        [{ hours: Number.NaN }, "Expected a duration such as "],
        [{}, "Expected a duration such as "],
        [[1, Number.NaN], "Expected a duration such as "],
        ["soon" as never, "Expected a duration such as "],
        ["-1 days", "Expected a duration of 0 or more, got "]
      ]
      for (const [duration, rest] of invalid) assertInvalid(yield* defect(plane.advance(duration)), "duration", rest)
      const misspelled: object = { minute: 5 }
      assertInvalid(yield* defect(plane.advance(misspelled)), "duration.minute", "Unknown key. Expected weeks, days, ")
      assertInvalid(yield* defect(plane.setSpeed(Number.NaN)), "speed", "Expected a finite number, got NaN")
      assert.deepStrictEqual(yield* plane.now, before)
    }))
})

describe("a property with the value undefined", () => {
  it.effect("counts as omitted, whatever its name and depth", () =>
    Effect.gen(function*() {
      const given = <A extends object>(value: A): A => ({ ...value, typo: undefined })
      const seeds = given({
        indexes: [given({ name: "docs", dimension: undefined, flaws: given({ empty: undefined, missing: 1 }) })],
        schedules: [given({ name: undefined, runs: [given({ status: undefined, plannedFor: undefined })] })],
        backups: undefined
      })
      const options = given({
        ...seeds,
        now,
        apiKey: undefined,
        host: undefined,
        project: given({ backupQuota: undefined, restoreDuration: given({ minutes: 5, hours: undefined }) }),
        switches: given({ oldRows: undefined }),
        faults: [given({ operation: "*", fault: given({ ...Fault.hang }), times: undefined, skip: undefined } as const)]
      }) as object
      const expected = yield* ControlPlane.make({
        now,
        indexes: [{ name: "docs", flaws: { missing: 1 } }],
        schedules: [{ runs: [{}] }],
        project: { restoreDuration: "5 minutes" }
      })
      const inMemory = yield* Effect.provide(
        Effect.flatMap(ControlPlane.ControlPlane, ({ dump }) => dump),
        PineconeMemory.layer(options)
      )
      assert.deepStrictEqual(inMemory, yield* expected.dump)
      const plane = yield* ControlPlane.make(options)
      assert.deepStrictEqual(yield* plane.dump, yield* expected.dump)
      assert.deepStrictEqual(yield* plane.faults, [{ operation: "*", fault: Fault.hang }])
      yield* plane.clearFaults
      yield* plane.fault("*", Fault.hang, given({ times: 2, skip: undefined, for: undefined }))
      assert.deepStrictEqual(yield* plane.faults, [{ operation: "*", fault: Fault.hang, times: 2 }])
      const later = yield* ControlPlane.make({ now })
      yield* later.configure(given({ project: given({ restoreDuration: "5 minutes" as const }), switches: undefined }))
      yield* later.seed(Object(seeds))
      assert.deepStrictEqual(yield* later.dump, yield* expected.dump)
      assert.deepStrictEqual(Fault.respond(given({ status: 503, body: undefined })), Fault.respond({ status: 503 }))
      assert.deepStrictEqual(Fault.html(given({ status: undefined })), Fault.html())
      assert.deepStrictEqual(Fault.flawedRestore(given({ empty: undefined })), Fault.flawedRestore({}))
    }))
})

describe("a whole value of a wrong type", () => {
  const wrong: ReadonlyArray<unknown> = [null, "", "text", 5, true, [], new Map(), DateTime.toDateUtc(at)]

  it.effect.each(wrong.map((value) => [value]))(
    "is an InvalidValue or a SeedError: %s",
    ([value]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.make({ now })
        const before = yield* plane.dump
        const any = value as object
        for (
          const effect of [
            ControlPlane.make(any),
            Effect.provide(Effect.void, PineconeMemory.layer(any)),
            plane.configure(any),
            plane.fault("*", Fault.hang, any)
          ]
        ) assertInvalid(yield* defect(effect), "", "Expected an object")
        for (
          const effect of [
            plane.seed(any),
            plane.seedIndex(any),
            plane.seedSchedule(any),
            plane.seedBackup(any),
            plane.seedRestoreJob(any)
          ]
        ) {
          const error = yield* defect<unknown, never>(effect)
          assert.instanceOf(error, Seed.SeedError)
          assert.match(error.message, /^Expected (an )?object/)
        }
        assert.deepStrictEqual(yield* plane.dump, before)
        assert.deepStrictEqual(yield* plane.faults, [])
      })
  )

  it.each<[name: string, make: (options: never) => Fault.Fault]>([
    ["respond", Fault.respond],
    ["rateLimited", Fault.rateLimited],
    ["html", Fault.html],
    ["unknownValues", Fault.unknownValues],
    ["clockSkew", Fault.clockSkew],
    ["wrongObject", Fault.wrongObject],
    ["missingData", Fault.missingData],
    ["unreadableTimes", Fault.unreadableTimes],
    ["futureDated", Fault.futureDated],
    ["lyingSuccess", Fault.lyingSuccess],
    ["flawedRestore", Fault.flawedRestore]
  ])("is an InvalidValue: Fault.%s", (name, make) => {
    for (const value of wrong) {
      const error = Option.getOrUndefined(Result.getFailure(Result.try(() => make(value as never))))
      assertInvalid(error, name, "Expected an object")
    }
  })
})

describe("a key as a Redacted", () => {
  it.effect("is accepted, without its surrounding white space", () =>
    Effect.gen(function*() {
      for (const apiKey of ["pcsk_one", Redacted.make("pcsk_one"), "pcsk_one\n"]) {
        const plane = yield* ControlPlane.make({ apiKey })
        const statusOf = (key: string) =>
          HttpClient.get("http://localhost/backups", { headers: { "api-key": key } }).pipe(
            Effect.map(({ status }) => status),
            Effect.provide(Emulator.layerMemory),
            Effect.provideService(ControlPlane.ControlPlane, plane)
          )
        assert.deepStrictEqual([yield* statusOf("pcsk_one"), yield* statusOf("pcsk_two")], [200, 401])
      }
    }))
})

describe("an invalid option of a drill engine", () => {
  it.effect.each<[duration: Duration.Input, step: Duration.Input | undefined, field: string]>([
    [Number.NaN, undefined, "duration"],
    ["-1 minute", undefined, "duration"],
    ["Infinity", undefined, "duration"],
    ["1 minute", 0, "step"],
    ["1 minute", "-1 second", "step"],
    ["1 minute", Number.NaN, "step"]
  ])("is an InvalidValue: advance(%j, %j)", ([duration, step, field]) =>
    Effect.gen(function*() {
      assertInvalid(yield* defect(DrillEngine.advance(duration, step)), field, "Expected a duration ")
    }))

  it.effect.each([-1, 1.5, Number.NaN])(
    "is an InvalidValue: a power supply that fails before write %s",
    (write) =>
      Effect.gen(function*() {
        const storage = yield* DrillEngine.makeStorage
        const error = yield* defect(Effect.sync(() => DrillEngine.powered(storage, write)))
        assertInvalid(error, "failsBefore", "Expected a")
      })
  )
})

describe("an invalid fault", () => {
  it.effect.each<[operation: string, fault: object, options: object, field: string, rest: string]>([
    ["Backups.lst", Fault.hang, {}, "operation", `Expected "*" | `],
    ["*", { _tag: "Rest" }, {}, "fault", "Expected an object whose _tag is one of Respond, "],
    ["*", Fault.rateLimited, {}, "fault", "Expected an object whose _tag is one of Respond, "],
    ["*", { _tag: "Reset", x: 1 }, {}, "fault.x", "Unknown key. No key is allowed here"],
    ["*", { _tag: "Respond", status: 99 }, {}, "fault.status", "Expected a value between 200 and 599, got 99"],
    ["*", Fault.hang, { times: 0 }, "times", "Expected a value greater than or equal to 1, got 0"],
    ["*", Fault.hang, { times: 1.5 }, "times", "Expected an integer, got 1.5"],
    ["*", Fault.hang, { times: "twice" }, "times", `Expected `],
    ["*", Fault.hang, { skip: -1 }, "skip", "Expected a value greater than or equal to 0, got -1"],
    ["*", Fault.hang, { for: 0 }, "for", "Expected a duration of more than 0, got 0 millis"],
    ["*", Fault.hang, { for: "-1 minute" }, "for", "Expected a duration of 0 to 36525 days, got -60000 millis"],
    ["*", Fault.hang, { for: "Infinity" }, "for", "Expected a duration of 0 to 36525 days, got Infinity"],
    ["*", Fault.hang, { for: Number.NaN }, "for", "Expected a duration such as \"10 minutes\", got NaN"],
    ["*", Fault.hang, { time: 3 }, "time", "Unknown key. Expected times, skip, for"],
    ["*", Fault.hang, { until: now }, "until", "Unknown key. Expected times, skip, for"]
  ])(
    "is an InvalidValue, and is not added: %s %j %j",
    ([operation, fault, options, field, rest]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.make({ now })
        yield* plane.fault("*", Fault.reset)
        assertInvalid(yield* defect(plane.fault(operation as "*", fault as typeof Fault.hang, options)), field, rest)
        assert.deepStrictEqual(yield* plane.faults, [{ operation: "*", fault: Fault.reset }])
      })
  )

  it.effect.each<[choose: () => unknown, field: string, rest: string]>([
    [() => Effect.succeed({ _tag: "Respnd" }), "chooseFault", "Expected an object whose _tag is one of Respond, "],
    [() => Effect.succeed({ _tag: "Respond", status: 99 }), "chooseFault.status", "Expected a value between 200 and "],
    [() => Effect.succeed(null), "chooseFault", "Expected an object whose _tag is one of Respond, "],
    [() => Fault.hang, "chooseFault", "Expected a function that returns an Effect"]
  ])(
    "is a defect of the request, which is not retried, if a program chose it: %#",
    ([choose, field, rest]) =>
      Effect.gen(function*() {
        const backups = yield* Backups.Backups
        const plane = yield* ControlPlane.ControlPlane
        assertInvalid(yield* defect(backups.listPage()), field, rest)
        assert.deepStrictEqual((yield* plane.requests).map(({ status }) => status), [undefined])
      }).pipe(Effect.provide(PineconeMemory.layer({ chooseFault: choose as () => Effect.Effect<Fault.Fault> })))
  )

  it.each<[make: () => Fault.Fault, field: string, rest: string]>([
    [() => Fault.respond({ status: 999 }), "respond.status", "Expected a value between 200 and 599, got 999"],
    [() => Fault.respond({ status: 200, body: Number.NaN }), "respond.body", "Expected JSON value, got NaN"],
    [
      () => Fault.respond({ status: 200, headers: { "not a name": "x" } }),
      "respond.headers",
      "must have names of headers"
    ],
    [
      () => Fault.respond(Object({ status: 200, boddy: "" })),
      "respond.boddy",
      "Unknown key. Expected status, body, headers"
    ],
    [
      () => {
        const body: Record<string, unknown> = {}
        return Fault.respond(Object({ status: 200, body: Object.assign(body, { body }) }))
      },
      "respond.body",
      "Expected JSON value, got "
    ],
    [() => Fault.delay(Object({ second: 5 })), "delay.duration.second", "Unknown key. Expected weeks, "],
    [() => Fault.html({ status: 1 }), "html.status", "Expected a value between 200 and 599, got 1"],
    [
      () => Fault.rateLimited({ retryAfter: -1 }),
      "rateLimited.retryAfter",
      "Expected a duration of 0 to 36525 days, got "
    ],
    [() => Fault.rateLimited({ retryAfter: Number.NaN }), "rateLimited.retryAfter", "Expected a duration such as "],
    [
      () => Fault.rateLimited(Object({ retry_after: 1 })),
      "rateLimited.retry_after",
      "Unknown key. Expected retryAfter"
    ],
    [() => Fault.delay(-1), "delay.duration", "Expected a duration of 0 to 36525 days, got -1 millis"],
    [() => Fault.delay(Number.NaN), "delay.duration", "Expected a duration such as "],
    [
      () => Fault.withoutFields([""]),
      "withoutFields.fields[0]",
      "Expected a value with a length of at least 1, got \"\""
    ],
    [
      () => Fault.clockSkew({ date: "-40000 days" }),
      "clockSkew.date",
      "Expected a duration of -36525 to 36525 days, got "
    ],
    [() => Fault.clockSkew(Object({ dates: 1 })), "clockSkew.dates", "Unknown key. Expected date, createdAt, age"],
    [() => Fault.futureDated({ by: "-1 days" }), "futureDated.by", "Expected a duration of 0 to 36525 days, got "],
    [
      () => Fault.flawedRestore({ missing: -1 }),
      "flawedRestore.missing",
      "Expected a value greater than or equal to 0"
    ],
    [
      () => Fault.flawedRestore({ vanish: { records: 1, after: Number.NaN } }),
      "flawedRestore.vanish.after",
      "Expected a duration such as "
    ],
    [() => Fault.flawedRestore(Object({ mising: 1 })), "flawedRestore.mising", "Unknown key. Expected empty, "],
    [
      () => Fault.afterCommit(Object(Fault.oldRows)),
      "afterCommit.fault",
      "Expected an object whose _tag is one of Respond, "
    ]
  ])("is an InvalidValue: %s", (make, field, rest) => {
    assertInvalid(Option.getOrUndefined(Result.getFailure(Result.try(make))), field, rest)
  })
})
