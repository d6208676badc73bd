import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Long from "./long.ts"
import { instants, int, oneOf } from "./support.ts"

// ============================================================================
// Invalid facts
// ============================================================================

const element = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(int(0, values.length - 1), (index) => values[index]!)

/** An optional or nullable field. */
const maybe = <A>(arbitrary: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | null | undefined> =>
  oneOf<A | null | undefined>(arbitrary, arbitrary, arbitrary, element(null, undefined))

type Present<A> =
  & { readonly [Key in keyof A as undefined extends A[Key] ? never : Key]: A[Key] }
  & { readonly [Key in keyof A as undefined extends A[Key] ? Key : never]?: Exclude<A[Key], undefined> }

/** A row with arbitrary fields, except `undefined` fields. */
const rows = <Fields extends Record<string, unknown>>(
  fields: { readonly [Key in keyof Fields]: Arbitrary.Arbitrary<Fields[Key]> }
): Arbitrary.Arbitrary<Present<Fields>> =>
  Arbitrary.map(
    Arbitrary.all(fields),
    // The remaining fields keep their types.
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Present<Fields>
  )

const numbers = oneOf(
  int(0, 400),
  element(0, -1, 0.5, 1e9, 1e15, 1e300, -1e300, Number.MAX_VALUE, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER)
)

/** Few values, so that they collide. */
const ids = element("a", "b", "c", "", "__proto__", "constructor", "--yes", "it's; rm -rf", "\u{1b}[2J", "\u{d800}")

/** Similar times, and any valid timestamp, including the first and the last. */
const times = oneOf(
  Arbitrary.map(int(0, 400 * 24), (hours) => DateTime.makeUnsafe(1_764_547_200_000 + hours * 3_600_000)),
  instants,
  element("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2028-02-29T06:00:00Z").pipe(
    Arbitrary.map((text) => DateTime.makeUnsafe(text))
  )
)

const names = oneOf<string>(
  ids,
  Arbitrary.map(times, (at) => `nightly-${DateTime.formatIso(at).replace(/[-:]|\.\d+/g, "")}`),
  element("nightly-99999999T999999Z", "nightly-00000000T000000Z", "x".repeat(10_000))
)

const statuses = element(
  "Scheduled",
  "Initializing",
  "Ready",
  "Ready",
  "Failed",
  "InitializationFailed",
  "Unheard",
  "",
  "Unknown",
  "Pending",
  "Completed",
  "Cancelled"
)

const indexNames = Arbitrary.map(ids, (name) => PineconeIndex.IndexName.make(name))
const indexIds = Arbitrary.map(ids, (id) => PineconeIndex.IndexId.make(id))
const backupIds = Arbitrary.map(ids, (id) => Backup.BackupId.make(id))

const indexes: Arbitrary.Arbitrary<PineconeIndex.PineconeIndex> = rows({
  name: indexNames,
  id: maybe(indexIds)
})

const runs: Arbitrary.Arbitrary<BackupRun.BackupRun> = rows({
  backupId: backupIds,
  sourceIndexId: indexIds,
  sourceIndexName: indexNames,
  name: maybe(names),
  status: statuses,
  recordCount: maybe(numbers),
  sizeBytes: maybe(numbers),
  createdAt: maybe(times),
  scheduledExecutionAt: maybe(times)
})

const backups: Arbitrary.Arbitrary<Backup.Backup> = Arbitrary.map(
  Arbitrary.all([runs, rows({ sourceIndexDeletedAt: maybe(times) })]),
  ([run, deleted]) => ({ ...run, ...deleted })
)

const schedules: Arbitrary.Arbitrary<BackupSchedule.BackupSchedule> = rows({
  scheduleId: Arbitrary.map(ids, (id) => BackupSchedule.ScheduleId.make(id)),
  name: maybe(names),
  indexId: indexIds,
  frequency: element("daily", "daily", "weekly", "monthly", "hourly", "", "constructor"),
  retentionExpireAfterDays: maybe(numbers),
  enabled: maybe(element(true, true, false)),
  nextScheduledRun: maybe(times),
  createdAt: maybe(times)
})

const restoreJobs: Arbitrary.Arbitrary<RestoreJob.RestoreJob> = rows({
  restoreJobId: Arbitrary.map(ids, (id) => RestoreJob.RestoreJobId.make(id)),
  backupId: backupIds,
  targetIndexName: indexNames,
  targetIndexId: indexIds,
  status: statuses,
  createdAt: maybe(times),
  completedAt: maybe(times),
  percentComplete: maybe(numbers)
})

const failure = new PineconeError.ConnectionFailed({
  operation: "Backups.list",
  message: "broken\u{1b}[2J\npipe",
  attempts: 4
})

/** A successful read with up to `max` entries, or a failed read. */
const read = <A>(entries: Arbitrary.Arbitrary<A>, maxLength: number): Arbitrary.Arbitrary<BackupHealth.Read<A>> => {
  const list = Arbitrary.map(Arbitrary.array(entries, { minLength: 0, maxLength }), (list) => Result.succeed(list))
  return oneOf<BackupHealth.Read<A>>(list, list, list, list, element(Result.fail(failure)))
}

const facts: Arbitrary.Arbitrary<BackupHealth.Facts> = Arbitrary.all({
  all: Arbitrary.array(indexes, { minLength: 0, maxLength: 3 }),
  indexes: Arbitrary.array(
    Arbitrary.all({
      index: indexes,
      schedules: read(Arbitrary.all({ schedule: schedules, runs: read(runs, 12) }), 3)
    }),
    { minLength: 0, maxLength: 3 }
  ),
  backups: read(backups, 20),
  restoreJobs: read(restoreJobs, 6)
})

const periods = oneOf(
  Arbitrary.map(int(0, 100_000), (hours) => Duration.hours(hours)),
  element(Duration.zero, Duration.infinity, Duration.millis(Number.MAX_SAFE_INTEGER), Duration.days(-3))
)

const requirements: Arbitrary.Arbitrary<BackupPolicy.Requirements> = Arbitrary.map(
  Arbitrary.all({
    rpo: periods,
    maxDuration: periods,
    restoreTestedWithin: periods,
    minFrequency: element<BackupSchedule.Frequency>("daily", "weekly", "monthly"),
    minCopies: int(0, 9),
    minRetentionDays: int(0, 400),
    maxShrink: element(0, 0.3, 1),
    requireDeletionProtection: element(true, false),
    until: times,
    wanted: int(0, 255)
  }),
  ({ until, wanted, ...all }) => ({
    ...Object.fromEntries(Object.entries(all).filter((_, position) => (wanted & (1 << position)) !== 0)),
    ...(wanted % 3 === 0 && { ignore: [{ check: "*" as const, reason: "no reason", until }] })
  })
)

const options: Arbitrary.Arbitrary<BackupHealth.AssessOptions> = Arbitrary.all({
  now: times,
  since: oneOf<Duration.Duration | undefined>(periods, element(undefined)),
  policy: Arbitrary.map(
    Arbitrary.all([int(0, 30), requirements, requirements, ids]),
    ([backupQuota, defaults, rule, index]): BackupPolicy.BackupPolicy => ({
      ...(backupQuota > 0 && { backupQuota }),
      defaults,
      rules: [{ index: index === "" ? "*" : index, ...rule }]
    })
  ),
  only: element<ReadonlyArray<HealthCheck.HealthCheck> | undefined>(undefined, undefined, [], ["stale", "missed"]),
  skip: element<ReadonlyArray<HealthCheck.HealthCheck> | undefined>(undefined, [], HealthCheck.ids)
})

const toJson = Schema.encodeUnknownSync(BackupHealth.BackupHealth)
const fromJson = Schema.decodeUnknownSync(BackupHealth.BackupHealth)

/** Maximum length of a sentence. */
const patience = 2_000

const assertAnswers = (facts: BackupHealth.Facts, options: BackupHealth.AssessOptions) => {
  const start = performance.now()
  const health = HealthChecks.assess(facts, options)
  assert.isBelow(performance.now() - start, patience)
  const json = JSON.stringify(toJson(health))
  assert.deepStrictEqual(fromJson(JSON.parse(json)), health)
  for (const { sentence } of BackupHealth.findings(health)) {
    assert.notMatch(sentence, /\p{Cc}/u)
    assert.notMatch(sentence, /NaN|Infinity|undefined|Invalid|\[object/)
  }
  return health
}

describe("HealthChecks.assess with nonsensical facts", () => {
  it.prop(
    "returns a report that encodes to JSON",
    { facts, options },
    ({ facts, options }) => {
      assertAnswers(facts, options)
    },
    { arbitrary: { runs: Long.runs(400) }, timeout: 30_000 }
  )

  const end = DateTime.makeUnsafe("9999-12-31T23:59:59Z")
  const docs: PineconeIndex.PineconeIndex = {
    name: PineconeIndex.IndexName.make("docs"),
    id: PineconeIndex.IndexId.make("docs")
  }
  const run = (number: number, at: DateTime.Utc): Backup.Backup => ({
    backupId: Backup.BackupId.make(`run-${number}`),
    sourceIndexId: PineconeIndex.IndexId.make("docs"),
    sourceIndexName: docs.name,
    status: "Ready",
    recordCount: 1,
    createdAt: at
  })

  it.each(["daily", "weekly", "monthly"])("looks back to the year 1 quickly: %s", (frequency) => {
    for (
      const years of [["0001"], ["0001", "9998"], Array.from({ length: 5_000 }, (_, year) => String(year + 1_000))]
    ) {
      const runs = years.map((year, number) => run(number, DateTime.makeUnsafe(`${year}-01-31T06:00:00Z`)))
      const health = assertAnswers({
        all: [docs],
        indexes: [{
          index: docs,
          schedules: Result.succeed([{
            schedule: {
              scheduleId: BackupSchedule.ScheduleId.make("nightly"),
              indexId: PineconeIndex.IndexId.make("docs"),
              frequency,
              retentionExpireAfterDays: null
            },
            runs: Result.succeed(runs)
          }])
        }],
        backups: Result.succeed(runs),
        restoreJobs: Result.succeed([])
      }, { now: end, since: Duration.infinity })
      assert.isAbove(health.totals.critical, 0)
    }
  })
})
