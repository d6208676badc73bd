/** Writes under faults: compares the results reported to clients with the actual changes. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import type * as WaitError from "@pinecone-backups/core/WaitError"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Arbitrary from "effect/Arbitrary"
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { fastForward } from "../../core/test/support.ts"
import type * as Simulation from "../src/internal/simulation.ts"
import { element, indexName, int, stateOf } from "./support.ts"

// ============================================================================
// Calls
// ============================================================================

const indexes = Schema.Literals(["docs", "wiki", "news"])
const frequency = Schema.Literals(["daily", "weekly"])
const expireAfterDays = Schema.Literals([7, 30])
const schedules = Schema.Literals(["nightly", "weekly"])
const enabled = Schema.Boolean

/** Few names and values, so that calls conflict. */
const Call = Schema.TaggedUnion({
  CreateBackup: {
    index: Schema.Literals(["docs", "wiki"]),
    name: Schema.optionalKey(Schema.Literals(["a", "b"])),
    description: Schema.optionalKey(Schema.Literal("Mine")),
    idempotencyKey: Schema.optionalKey(Schema.Literals(["k1", "k2"]))
  },
  DeleteBackup: { id: Schema.Literals(["spare-1", "spare-2"]) },
  Restore: { id: Schema.Literals(["source-1", "source-2"]), name: Schema.Literals(["copy-1", "copy-2"]) },
  CreateSchedule: { index: indexes, name: Schema.Literals(["a", "nightly"]), frequency, expireAfterDays },
  Ensure: {
    index: indexes,
    name: Schema.Literals(["a", "nightly", "weekly"]),
    frequency,
    expireAfterDays,
    enabled: Schema.optionalKey(enabled)
  },
  Update: {
    id: schedules,
    frequency: Schema.optionalKey(frequency),
    expireAfterDays: Schema.optionalKey(expireAfterDays),
    enabled: Schema.optionalKey(enabled)
  },
  Pause: { id: schedules },
  Resume: { id: schedules },
  DeleteSchedule: { id: schedules },
  Configure: {
    name: Schema.Literals(["docs", "spare-1"]),
    deletionProtection: Schema.optionalKey(Schema.Literals(["enabled", "disabled"])),
    tags: Schema.optionalKey(Schema.Struct({ team: Schema.Literals(["a", "b", ""]) }))
  },
  DeleteIndex: { name: Schema.Literals(["spare-1", "spare-2"]) }
})

type Call = typeof Call.Type

const start = DateTime.makeUnsafe("2026-04-23T16:36:51.250Z")

/** Old backups: more than one page in version 2026-04. */
const backupIds = ["source-1", "source-2", "spare-1", "spare-2", ...Array.makeBy(8, (number) => `old-${number}`)]

/** Initial state at a time of the service. */
const seedsAt = (now: DateTime.Utc) => ({
  indexes: [{ name: "docs" }, { name: "wiki" }, { name: "news" }, { name: "spare-1" }, { name: "spare-2" }],
  schedules: [{ id: "nightly", indexName: "docs" }, { id: "weekly", indexName: "news", enabled: false }],
  backups: backupIds.map((id) => ({
    backupId: Backup.BackupId.make(id),
    indexName: "docs",
    createdAt: DateTime.subtract(now, { days: 2 })
  }))
})

type Failure = PineconeError.ListError | WaitError.Unfinished<WaitError.StartedSchedule>

/** Makes a call. Returns the ID of the created resource, if any. */
const perform = (call: Call): Effect.Effect<string | undefined, Failure, Pinecone.Services> =>
  Effect.gen(function*() {
    const backups = yield* Backups.Backups
    const schedules = yield* BackupSchedules.BackupSchedules
    const indexes = yield* Indexes.Indexes
    const scheduleId = (id: string) => BackupSchedule.ScheduleId.make(id)
    return yield* Call.match(call, {
      CreateBackup: ({ index, ...options }) =>
        Effect.map(backups.create(indexName(index), options), ({ backupId }) => backupId),
      DeleteBackup: ({ id }) => Effect.as(backups.delete(Backup.BackupId.make(id)), undefined),
      Restore: ({ id, name }) =>
        Effect.map(backups.restore(Backup.BackupId.make(id), { name }), ({ restoreJobId }) => restoreJobId),
      CreateSchedule: ({ index, ...options }) =>
        Effect.map(schedules.create(indexName(index), options), ({ scheduleId }) => scheduleId),
      Ensure: ({ index, ...options }): Effect.Effect<string | undefined, Failure> =>
        Effect.map(schedules.ensure(indexName(index), options), ({ schedule }) => schedule.scheduleId),
      Update: ({ id, ...options }) => Effect.as(schedules.update(scheduleId(id), options), undefined),
      Pause: ({ id }) => Effect.as(schedules.pause(scheduleId(id)), undefined),
      Resume: ({ id }) => Effect.as(schedules.resume(scheduleId(id)), undefined),
      DeleteSchedule: ({ id }) => Effect.as(schedules.delete(scheduleId(id)), undefined),
      Configure: ({ name, ...options }) => Effect.as(indexes.configure(indexName(name), options), undefined),
      DeleteIndex: ({ name }) => Effect.as(indexes.delete(indexName(name)), undefined)
    })
  })

// ============================================================================
// Faults
// ============================================================================

const parts = ["id", "name", "index", "backup"] as const
const identifiers = ["backup_id", "schedule_id", "restore_job_id", "id", "name"]

/** Faults of a response, whether or not the request was carried out. */
export const answers = [
  Fault.reset,
  Fault.hang,
  Fault.html(),
  Fault.html({ status: 504 }),
  Fault.html({ status: 200 }),
  Fault.respond({ status: 500 }),
  Fault.respond({ status: 503, headers: { "retry-after": "1" } }),
  Fault.respond({ status: 200, body: {} }),
  Fault.respond({ status: 200, body: "" }),
  Fault.delay("3 seconds"),
  Fault.delay("40 seconds"),
  Fault.truncated,
  Fault.unknownValues(),
  Fault.withoutFields(["created_at"]),
  Fault.withoutFields(identifiers),
  Fault.withoutFields(["data"]),
  Fault.wrongObject(),
  ...parts.map((part) => Fault.wrongObject({ parts: [part] })),
  Fault.missingData(),
  Fault.missingData({ data: "null" }),
  Fault.missingData({ pagination: "null" }),
  Fault.missingData({ pagination: "kept" }),
  Fault.unreadableTimes(),
  Fault.unreadableTimes({ form: "number" }),
  Fault.unreadableTimes({ form: "null" }),
  Fault.futureDated(),
  Fault.futureDated({ by: "1 second" })
]

/** Refusals. All guarantees assume that a refused request was not carried out. */
export const refusals = [
  Fault.rateLimited(),
  Fault.rateLimited({ retryAfter: "30 seconds" }),
  Fault.notFound,
  Fault.respond({ status: 403 }),
  Fault.respond({ status: 409 })
]

export const lies = (["asked", "before", "empty", "page"] as const).map((answer) => Fault.lyingSuccess({ answer }))

/** Clocks that are wrong by up to 10 minutes. */
export const skews = [
  ...(["-10 minutes", "-90 seconds", "-1 second", "-500 millis", "500 millis", "30 seconds", "10 minutes"] as const)
    .flatMap((by) => [
      Fault.clockSkew({ date: by }),
      Fault.clockSkew({ createdAt: by }),
      Fault.clockSkew({ date: "missing", createdAt: by })
    ]),
  Fault.clockSkew({ date: "missing" }),
  Fault.clockSkew({ date: "-5 minutes", age: "5 minutes" }),
  Fault.clockSkew({ date: "10 minutes", createdAt: "-10 minutes" }),
  Fault.clockSkew({ date: "-10 minutes", createdAt: "10 minutes" })
]

const isWrite = (operation: Fault.Operation): boolean => /\.(create|update|delete|restore|configure)$/.test(operation)

/** Returns `true` if a fault changes the rows of a list undetectably. No client can handle that. */
const isPerfectList = (operation: Fault.Operation, fault: Fault.Fault): boolean =>
  /\.(list|listByIndex)$/.test(operation) && fault._tag === "WrongObject" &&
  !(operation === "Backups.listByIndex" && (fault.parts ?? parts).includes("index"))

/** Returns `true` if a fault changes the response of a write undetectably. The result of such a call does not count. */
const isPerfectLie = (operation: Fault.Operation, fault: Fault.Fault, call: Call): boolean => {
  const isDelete = operation.endsWith(".delete")
  switch (fault._tag) {
    case "AfterCommit":
      return isPerfectLie(operation, fault.fault, call)
    case "LyingSuccess": {
      const { answer = "asked" } = fault
      return answer === "asked" || (answer === "before" && !/\.(update|configure)$/.test(operation)) ||
        (answer === "empty" && isDelete)
    }
    case "FlatNotFound":
      return isDelete
    case "Respond":
      return isDelete && fault.status === 200
    case "WrongObject": {
      const { parts: wrong = parts } = fault
      if (operation === "Backups.restore") return true
      if (operation === "BackupSchedules.create") return !wrong.includes("name")
      return operation === "Backups.create" && !wrong.includes("index") &&
        !(wrong.includes("name") && call._tag === "CreateBackup" && call.name !== undefined)
    }
    default:
      return false
  }
}

// ============================================================================
// Sequences
// ============================================================================

const maybe = <A>(arbitrary: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | undefined> =>
  Arbitrary.flatMap(
    int(0, 3),
    (number): Arbitrary.Arbitrary<A | undefined> => number === 0 ? Arbitrary.Constant(undefined) : arbitrary
  )

export const afterCommit = answers.map((fault) => Fault.afterCommit(fault))

/** Faults of the writes and reads of a call, in order. Later requests have no faults. */
const Script = Arbitrary.all({
  writes: Arbitrary.array(
    maybe(element<Fault.Fault>(...answers, ...afterCommit, ...refusals, ...lies, ...skews)),
    { maxLength: 4 }
  ),
  reads: Arbitrary.array(maybe(element<Fault.Fault>(...answers, ...refusals, ...skews)), { maxLength: 6 })
})

const Step = Arbitrary.all({
  /** In milliseconds, before it begins. */
  pause: element(0, 300, 2_000, 1_200_000),
  /** Age in milliseconds of a foreign backup like those of this step. */
  rival: element(undefined, 0, 400, 2_000, 300_000),
  calls: Arbitrary.array(Arbitrary.all({ call: Arbitrary.schema(Call), script: Script }), {
    minLength: 1,
    maxLength: 3
  }),
  /** Whether every call is the first one. */
  isSame: element(false, true)
})

/** A few steps of one to three concurrent calls, with a service whose clocks may be wrong throughout. */
export const Sequence = Arbitrary.all({
  apiVersion: element("2026-07", "2026-04"),
  skew: element<Fault.Fault | undefined>(undefined, ...skews),
  speed: element(1, 60),
  /** Offset of the service from this machine, in milliseconds. */
  offset: element(0, -600_000, 600_000, 86_400_000),
  /** Time until a new restore job can be read, in seconds. */
  restoreJobDelay: element(0, 5),
  steps: Arbitrary.array(Step, { minLength: 1, maxLength: 4 })
})

export type Sequence = typeof Sequence extends Arbitrary.Arbitrary<infer A> ? A : never

/** A call in progress. */
interface Running {
  readonly call: Call
  readonly writes: Array<Fault.Fault | undefined>
  readonly reads: Array<Fault.Fault | undefined>
  isDeceived: boolean
}

/** The call to which a request belongs. In memory a request is answered in the fiber that sends it. */
const CurrentCall = Context.Reference<Running | undefined>("@pinecone-backups/testing/test/CurrentCall", {
  defaultValue: () => undefined
})

const chooseFault = (skew: Fault.Fault | undefined): ControlPlane.Options["chooseFault"] => (operation) =>
  Effect.map(CurrentCall, (running) => {
    if (running === undefined || operation === undefined) return undefined
    if (!isWrite(operation)) {
      const fault = running.reads.shift() ?? skew
      return fault !== undefined && isPerfectList(operation, fault) ? skew : fault
    }
    const fault = running.writes.shift() ?? skew
    running.isDeceived ||= fault !== undefined && isPerfectLie(operation, fault, running.call)
    return fault
  })

// ============================================================================
// Verdict
// ============================================================================

/** Outcome of a call. The result of an undetectably deceived call does not count. */
interface Outcome {
  readonly call: Call
  readonly end: "done" | "failed" | "inDoubt" | "deceived"
  readonly id: string | undefined
}

/** A violation: a wrong change, or a wrong result. */
export interface Violation {
  /** Kind of the violation. */
  readonly kind: string
  readonly details: unknown
}

const added = <A extends { readonly id: string }>(before: ReadonlyMap<string, A>, after: ReadonlyMap<string, A>) =>
  [...after.values()].filter(({ id }) => !before.has(id))

const is = (end: Outcome["end"], ...others: ReadonlyArray<Outcome["end"]>) => (outcome: Outcome) =>
  outcome.end === end || others.includes(outcome.end)

const isTag = <Tag extends Call["_tag"]>(...tags: ReadonlyArray<Tag>) =>
(
  outcome: Outcome
): outcome is Outcome & { readonly call: Extract<Call, { readonly _tag: Tag }> } =>
  tags.some((tag) => tag === outcome.call._tag)

type Value = boolean | number | string | undefined

/** Changes of a schedule by a call. */
type Changes = Pick<Extract<Call, { readonly _tag: "Update" }>, "enabled" | "expireAfterDays" | "frequency">

const changesOf = (call: Call): Changes | undefined => {
  switch (call._tag) {
    case "Update":
    case "Ensure":
      return call
    case "Pause":
    case "Resume":
      return { enabled: call._tag === "Resume" }
    default:
      return undefined
  }
}

const isDeepEqual = (a: Call, b: Call): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Finds violations in a step, from the states before and after and the outcomes of its calls. */
const judge = (
  before: Simulation.State,
  after: Simulation.State,
  outcomes: ReadonlyArray<Outcome>,
  claimed: Set<string>
): ReadonlyArray<Violation> => {
  const violations: Array<Violation> = []
  const unless = (isRight: boolean, kind: string, details: unknown) => {
    if (!isRight) violations.push({ kind, details })
  }
  const indexId = (name: string) => [...before.indexes.values()].find((index) => index.name === name)?.id

  /** Compares created resources with the calls that could have created them. */
  const account = (
    what: string,
    made: ReadonlyArray<{ readonly id: string }>,
    calls: ReadonlyArray<Outcome>,
    most = calls.filter(is("done", "inDoubt", "deceived")).length
  ) => {
    const isExcused = calls.every(is("failed"))
    unless(
      made.length <= most,
      isExcused ? `${what} is made although the call failed without doubt` : `${what} is made twice`,
      {
        made,
        calls
      }
    )
  }

  // Backups.
  const backups = added(before.records, after.records).filter(({ scheduleId }) => scheduleId === undefined)
  const creations = outcomes.filter(isTag("CreateBackup"))
  const likeBackup = ({ call }: (typeof creations)[number]) => {
    const key = call.idempotencyKey === undefined ? [] : [`[key ${call.idempotencyKey}]`]
    const description = [...(call.description === undefined ? [] : [call.description]), ...key].join(" ")
    return (record: Simulation.Record) =>
      record.indexId === indexId(call.index) && (record.description ?? "") === description &&
      // A backup without a given name gets a unique name.
      (call.name === undefined ? /^backup-[a-z0-9]{16}$/.test(record.name ?? "") : record.name === call.name)
  }
  for (const outcome of creations) {
    const { index, idempotencyKey } = outcome.call
    const made = backups.filter(likeBackup(outcome))
    const [rivals, existing] = idempotencyKey === undefined
      ? [creations.filter((other) => isDeepEqual(other.call, outcome.call)), []]
      // Calls with the same key request the same backup, now and later.
      : [
        creations.filter(({ call }) => call.index === index && call.idempotencyKey === idempotencyKey),
        [...after.records.values()].filter((record) =>
          record.indexId === indexId(index) && record.description?.endsWith(`[key ${idempotencyKey}]`)
        )
      ]
    account("a backup", made, rivals)
    unless(existing.length <= 1, "a key has two backups", existing)
    if (outcome.end !== "done") continue
    unless(
      [...made, ...existing].some(({ id }) => id === outcome.id),
      "a call reports a backup that it did not create",
      { outcome, made, existing }
    )
    if (idempotencyKey !== undefined) continue
    unless(outcome.id === undefined || !claimed.has(outcome.id), "a backup answers two calls", { outcome })
    if (outcome.id !== undefined) claimed.add(outcome.id)
  }
  unless(
    backups.every((record) => creations.some((outcome) => likeBackup(outcome)(record))),
    "a backup exists that no call requested",
    backups
  )

  // Restores: calls for the same index from the same backup request the same restore.
  const restores = added(before.restores, after.restores)
  const restorations = outcomes.filter(isTag("Restore"))
  const likeRestore = ({ call }: (typeof restorations)[number]) => ({ backupId, indexName }: Simulation.Restore) =>
    backupId === call.id && indexName === call.name
  for (const outcome of restorations) {
    const made = restores.filter(likeRestore(outcome))
    const rivals = restorations.filter(({ call }) => call.id === outcome.call.id && call.name === outcome.call.name)
    account("a restore", made, rivals, Math.min(1, rivals.filter(is("done", "inDoubt", "deceived")).length))
    unless(
      outcome.end !== "done" ||
        [...after.restores.values()].some((restore) => restore.id === outcome.id && likeRestore(outcome)(restore)),
      "a call reports a restore that does not exist",
      { outcome, made }
    )
  }
  unless(
    restores.every((restore) => restorations.some((outcome) => likeRestore(outcome)(restore))),
    "a restore exists that no call requested",
    restores
  )

  // Created schedules. Only one can be enabled, so creating the same schedule twice is the same request.
  const schedules = added(before.schedules, after.schedules)
  const makers = outcomes.filter(isTag("CreateSchedule", "Ensure"))
  const likeSchedule = ({ call }: (typeof makers)[number]) => ({ indexId: id, name }: Simulation.Schedule) =>
    id === indexId(call.index) && name === call.name
  for (const outcome of makers) {
    const made = schedules.filter(likeSchedule(outcome))
    const rivals = makers.filter(({ call }) => call.index === outcome.call.index && call.name === outcome.call.name)
    const possible = rivals.filter(is("done", "inDoubt", "deceived"))
    const existed = [...before.schedules.values()].some((schedule) =>
      likeSchedule(outcome)(schedule) && after.schedules.has(schedule.id)
    )
    const ensures = possible.filter(isTag("Ensure")).length
    account("a schedule", made, rivals, possible.length - ensures + (existed ? 0 : Math.min(1, ensures)))
    const found = [...after.schedules.values()].filter(likeSchedule(outcome))
    unless(
      outcome.end !== "done" || found.some(({ id }) => id === outcome.id) ||
        outcomes.some(isTag("DeleteSchedule", "DeleteIndex")),
      "a call reports a schedule that does not exist",
      { outcome, found }
    )
    // Other calls of the step may change it.
    const isAlone = outcomes.filter(({ call }) => call._tag !== "CreateBackup").length === 1
    const { call } = outcome
    unless(
      outcome.end !== "done" || !isAlone ||
        found.some((schedule) =>
          schedule.id === outcome.id && schedule.frequency === call.frequency &&
          schedule.expireAfterDays === call.expireAfterDays &&
          (call._tag === "Ensure" && call.enabled === undefined && existed ||
            (schedule.nextRun !== undefined) === (call._tag === "CreateSchedule" || call.enabled !== false))
        ),
      "a call reports a schedule that differs from the request",
      { outcome, found }
    )
  }
  unless(
    schedules.every((schedule) => makers.some((outcome) => likeSchedule(outcome)(schedule))),
    "a schedule exists that no call requested",
    schedules
  )

  /** Compares a value with the requested values. */
  const hold = (what: string, was: Value, value: Value, asked: ReadonlyArray<readonly [Outcome["end"], Value]>) => {
    const of = (...ends: ReadonlyArray<Outcome["end"]>) =>
      asked.filter(([end]) => ends.includes(end)).map(([_, value]) => value)
    const [done, possible] = [of("done"), of("inDoubt", "deceived")]
    unless(
      [...done, ...possible, ...(done.length > 0 ? [] : [was])].includes(value),
      done.length > 0
        ? `${what} is believed to be changed and is not`
        : `${what} is changed although the call failed without doubt`,
      { was, value, asked }
    )
  }

  /** Compares the existence of a resource with the calls that delete it. */
  const holdGone = (what: string, was: boolean, isThere: boolean, deletions: ReadonlyArray<Outcome>) => {
    if (!was) return
    unless(!isThere || !deletions.some(is("done")), `${what} is believed to be deleted and is not`, deletions)
    unless(
      isThere || deletions.some(is("done", "inDoubt", "deceived")),
      `${what} is deleted although the call failed without doubt`,
      deletions
    )
  }

  // Changed schedules.
  for (const [id, schedule] of before.schedules) {
    const deletions = outcomes.filter(isTag("DeleteSchedule")).filter(({ call }) => call.id === id)
    const now = after.schedules.get(id)
    holdGone("a schedule", true, now !== undefined, deletions)
    if (now === undefined) continue
    const asked = outcomes.flatMap((outcome): ReadonlyArray<readonly [Outcome["end"], Changes]> => {
      const { call, end } = outcome
      // A successful call refers to the schedule that it returned, of several with the name.
      const isMeant = call._tag === "Ensure"
        ? indexId(call.index) === schedule.indexId && call.name === schedule.name &&
          (end !== "done" || outcome.id === id)
        : "id" in call && call.id === id
      const changes = isMeant ? changesOf(call) : undefined
      return changes === undefined ? [] : [[end, changes]]
    })
    const of = (key: keyof Changes) =>
      asked.flatMap(([end, { [key]: value }]) => value === undefined ? [] : [[end, value] as const])
    hold("a state", schedule.nextRun !== undefined, now.nextRun !== undefined, of("enabled"))
    hold("a retention", schedule.expireAfterDays, now.expireAfterDays, of("expireAfterDays"))
    hold("a frequency", schedule.frequency, now.frequency, of("frequency"))
  }

  // Deleted backups.
  const isKept = (state: Simulation.State, id: string) => state.records.get(id)?.isDeleted === false
  for (const id of before.records.keys()) {
    const deletions = outcomes.filter(isTag("DeleteBackup")).filter(({ call }) => call.id === id)
    if (before.records.get(id)?.scheduleId !== undefined) continue
    holdGone("a backup", isKept(before, id), isKept(after, id), deletions)
  }

  // Indexes.
  for (const [id, index] of before.indexes) {
    const now = after.indexes.get(id)
    const isThere = (index: Simulation.Index | undefined) => index !== undefined && index.deletedAt === undefined
    const deletions = outcomes.filter(isTag("DeleteIndex")).filter(({ call }) => call.name === index.name)
    holdGone("an index", isThere(index), isThere(now), deletions)
    if (!isThere(index) || now === undefined || !isThere(now)) continue
    const asked = outcomes.filter(isTag("Configure")).filter(({ call }) => call.name === index.name)
    hold(
      "deletion protection",
      index.deletionProtection,
      now.deletionProtection,
      asked.flatMap(({ call: { deletionProtection }, end }) =>
        deletionProtection === undefined ? [] : [[end, deletionProtection]]
      )
    )
    hold(
      "a tag",
      index.tags["team"],
      now.tags["team"],
      asked.flatMap(({ call: { tags }, end }) => tags === undefined ? [] : [[end, tags.team || undefined]])
    )
  }
  return violations
}

// ============================================================================
// Running
// ============================================================================

const isInDoubt = (error: Failure): boolean =>
  error._tag === "PineconeUnfinished" || ("inDoubt" in error && error.inDoubt === true)

/** Violations of a sequence. */
export const violationsOf = Effect.fnUntraced(
  function*({ apiVersion, offset, restoreJobDelay, skew, speed, steps }: Sequence) {
    const now = DateTime.addDuration(start, offset)
    yield* TestClock.setTime(DateTime.toEpochMillis(start))
    const claimed = new Set<string>()
    const services = PineconeMemory.layer({
      ...seedsAt(now),
      apiVersion,
      now,
      speed,
      project: { restoreJobDelay: Duration.seconds(restoreJobDelay) },
      chooseFault: chooseFault(skew)
    })
    return yield* Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      for (const { calls, isSame, pause, rival } of steps) {
        yield* TestClock.setTime((yield* Clock.currentTimeMillis) + pause)
        const running = calls.map(({ call, script }): Running => ({
          call: isSame ? calls[0]!.call : call,
          writes: [...script.writes],
          reads: [...script.reads],
          isDeceived: false
        }))
        for (const { call } of rival === undefined ? [] : running) {
          if (call._tag !== "CreateBackup") continue
          yield* plane.seedBackup({
            indexName: call.index,
            name: call.name ?? null,
            description: call.description ?? null,
            createdAt: DateTime.addDuration(yield* plane.now, -(rival ?? 0))
          })
        }
        const before = yield* stateOf(plane)
        const results = yield* fastForward(Effect.forEach(
          running,
          (running) => Effect.provideService(Effect.result(perform(running.call)), CurrentCall, running),
          { concurrency: "unbounded" }
        ))
        const after = yield* stateOf(plane)
        const violations = judge(
          before,
          after,
          running.map(({ call, isDeceived }, index) => {
            const result = results[index]!
            return {
              call,
              end: isDeceived
                ? "deceived"
                : Result.isSuccess(result)
                ? "done"
                : isInDoubt(result.failure)
                ? "inDoubt"
                : "failed",
              id: Result.getOrUndefined(result)
            }
          }),
          claimed
        )
        if (violations.length > 0) return violations
      }
      return []
    }).pipe(Effect.provide(services))
  },
  Effect.provide(TestClock.layer()),
  Random.withSeed("writes")
)
