/**
 * Health checks for the backups of a project: a service that gathers the facts, and a pure function that assesses them.
 *
 * @since 0.1.0
 */

import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Backups from "../Backups.ts"
import * as BackupSchedules from "../BackupSchedules.ts"
import type * as DrillLog from "../drill/DrillLog.ts"
import * as Indexes from "../Indexes.ts"
import * as CircuitBreaker from "../internal/circuit-breaker.ts"
import type * as Pinecone from "../Pinecone.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import * as RestoreJobs from "../RestoreJobs.ts"
import type * as BackupHealth from "./BackupHealth.ts"
import type * as Clocks from "./Clocks.ts"
import * as Identity from "./internal/identity.ts"
import * as Report from "./internal/report.ts"

/**
 * Assesses the facts about a project.
 *
 * **Details**
 *
 * A pure function: the same facts and options give the same report. `BackupHealth` has an example.
 *
 * @category assessing
 * @since 0.1.0
 */
export const assess: (
  facts: BackupHealth.Facts,
  options: BackupHealth.AssessOptions
) => BackupHealth.BackupHealth = Report.assess

/**
 * Progress of `gather`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  /** Number of indexes that were read. */
  readonly done: number
  /** Total number of indexes to read. */
  readonly total: number
}

/**
 * Options of `gather`.
 *
 * @category options
 * @since 0.1.0
 */
export interface GatherOptions {
  /** Indexes to check. @default all indexes of the project */
  readonly indexes?: ReadonlyArray<PineconeIndex.IndexName> | undefined
  /**
   * Number of indexes to read concurrently. The `rateLimit` and `retry` options of the connection limit the load.
   *
   * @default 8
   */
  readonly concurrency?: number | undefined
  /** Reads the log of restore drills: `list` of a `DrillLog`. @default no log */
  readonly drills?: Effect.Effect<ReadonlyArray<DrillLog.DrillEntry>, DrillLog.DrillLogError> | undefined
  /** Called after each index was read. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/**
 * Options of `check`.
 *
 * @category options
 * @since 0.1.0
 */
export interface CheckOptions extends GatherOptions, Omit<BackupHealth.AssessOptions, "now" | "clocks"> {
  /**
   * Verdict of the clocks of the connection, evaluated after all facts were read: `verdict` of `Clocks.make`.
   *
   * @default only the `Clock`
   */
  readonly clocks?: Effect.Effect<Clocks.Verdict> | undefined
}

/**
 * Operations of {@link HealthChecks}.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Reads everything the checks need.
   *
   * **Details**
   *
   * Reads the indexes, then the schedules of each with their full histories, then the backups and restore jobs of the
   * project: about 200 requests for 100 indexes with one daily schedule each. Then reads the backups of each index that
   * has neither an ID nor a schedule, if the project has backups with its name: one more request per index and 100
   * backups. Only they tell its backups from those of a deleted index with the same name. Failed reads become part of
   * the facts. After five consecutive retryable failures, no more schedules (or histories, or backups) are requested. If the rows of an index
   * or a schedule fail with `NotFound`, the index or schedule is read again. It is omitted if it was deleted in the
   * meantime, unless the index was requested in `indexes`, and counts as unreadable if it still exists. Fails only if the
   * indexes cannot be listed, or with `NotFound` if a requested index does not exist.
   */
  readonly gather: (options?: GatherOptions) => Effect.Effect<BackupHealth.Facts, PineconeError.PineconeError>

  /** Gathers the facts and assesses them at the current time of the `Clock`, or of `clocks`. Fails as `gather` does. */
  readonly check: (
    options?: CheckOptions
  ) => Effect.Effect<BackupHealth.BackupHealth, PineconeError.PineconeError>
}

/**
 * Service that checks the health of the backups of a project.
 *
 * **Example** (Logging the findings of a project)
 *
 * ```ts
 * import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
 * import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 * import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Duration from "effect/Duration"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const policy: BackupPolicy.BackupPolicy = {
 *   rules: [{ index: "prod-*", rpo: Duration.hours(26), minCopies: 7 }]
 * }
 *
 * // Connects to Pinecone with `Pinecone.layerFetch` instead.
 * const pinecone = PineconeMemory.layer({ indexes: [{ name: "prod-docs" }] })
 *
 * export const program = Effect.gen(function*() {
 *   const checks = yield* HealthChecks.HealthChecks
 *   const health = yield* checks.check({ policy, only: ["unprotected", "stale"] })
 *   for (const { indexName, sentence, severity } of BackupHealth.findings(health)) {
 *     yield* Console.log(`${severity}: ${indexName ?? "project"}: ${sentence}`)
 *   }
 * }).pipe(Effect.provide(Layer.provide(HealthChecks.layer, pinecone)))
 * // => critical: prod-docs: no backup schedule and no usable backup
 * // => critical: prod-docs: no usable backup; the policy allows an age of 26h
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class HealthChecks
  extends Context.Service<HealthChecks, Service>()("@pinecone-backups/core/health/HealthChecks")
{}

const defaultConcurrency = 8

/** State of a reading of a project. */
interface Reading {
  readonly breakers: {
    readonly schedules: CircuitBreaker.CircuitBreaker
    readonly history: CircuitBreaker.CircuitBreaker
    readonly backups: CircuitBreaker.CircuitBreaker
  }
  /** Whether the caller requested the indexes by name. */
  readonly isRequested: boolean
  /** Names of indexes that are listed although they cannot be found. */
  readonly contradicted: Set<string>
}

/**
 * Reads rows of an owner that was listed before; `None` if the owner was deleted in the meantime. A read that fails
 * with `NotFound` is not proof of a deletion, because a route may be missing, so `owner` is described again. If that
 * also fails with `NotFound`, `isListed` decides: an owner that is still listed was not deleted.
 */
const unlessDeleted = <A>(
  read: Effect.Effect<A, PineconeError.ListError>,
  owner: Effect.Effect<unknown, PineconeError.PineconeError>,
  isListed: Effect.Effect<boolean, PineconeError.ListError>
): Effect.Effect<Option.Option<A>, PineconeError.ListError> =>
  Effect.catchTag(
    Effect.asSome(read),
    "PineconeNotFound",
    (error) =>
      Effect.matchEffect(owner, {
        onSuccess: () => Effect.fail(error),
        onFailure: (again) =>
          again._tag === "PineconeNotFound"
            ? Effect.flatMap(isListed, (isThere) => isThere ? Effect.fail(error) : Effect.succeedNone)
            : Effect.fail(again)
      })
  )

/**
 * Creates the service from the services of `Pinecone.layer`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, Pinecone.Services> = Effect.gen(function*() {
  const indexes = yield* Indexes.Indexes
  const schedules = yield* BackupSchedules.BackupSchedules
  const backups = yield* Backups.Backups
  const restoreJobs = yield* RestoreJobs.RestoreJobs

  /** Rows of an index, unless it was deleted in the meantime. An index that the caller requested is never omitted. */
  const rowsOf = <A>(
    name: PineconeIndex.IndexName,
    read: Effect.Effect<A, PineconeError.ListError>,
    { contradicted, isRequested }: Reading
  ): Effect.Effect<Option.Option<A>, PineconeError.ListError> =>
    isRequested ? Effect.asSome(read) : unlessDeleted(
      read,
      indexes.describe(name),
      Effect.tap(
        Effect.map(indexes.list, (all) => all.some((index) => index.name === name)),
        (isListed) => Effect.sync(() => isListed && contradicted.add(name))
      )
    )

  const gatherIndex = Effect.fnUntraced(function*(
    index: PineconeIndex.PineconeIndex,
    reading: Reading
  ): Effect.fn.Return<Option.Option<BackupHealth.IndexFacts>> {
    const { breakers } = reading
    const list = Stream.runCollect(schedules.list(index.name))
    const listed = yield* breakers.schedules(rowsOf(index.name, list, reading))
    if (Result.isFailure(listed)) return Option.some({ index, schedules: Result.fail(listed.failure) })
    if (Option.isNone(listed.success)) return Option.none()
    const withRuns = yield* Effect.forEach(listed.success.value, (schedule) => {
      const id = schedule.scheduleId
      return Effect.map(
        breakers.history(unlessDeleted(
          Stream.runCollect(schedules.history(id)),
          schedules.describe(id),
          Effect.catchTag(
            Effect.map(list, (again) => again.some(({ scheduleId }) => scheduleId === id)),
            "PineconeNotFound",
            () => Effect.succeed(false)
          )
        )),
        (runs): ReadonlyArray<BackupHealth.ScheduleFacts> =>
          Result.isFailure(runs)
            ? [{ schedule, runs: Result.fail(runs.failure) }]
            : Option.toArray(runs.success).map((runs) => ({ schedule, runs: Result.succeed(runs) }))
      )
    })
    return Option.some({ index, schedules: Result.succeed(withRuns.flat()) })
  })

  /** Adds the backups that identify an index. */
  const identify = Effect.fnUntraced(function*(
    one: BackupHealth.IndexFacts,
    reading: Reading
  ): Effect.fn.Return<Option.Option<BackupHealth.IndexFacts>> {
    const { name } = one.index
    const own = yield* reading.breakers.backups(rowsOf(name, Stream.runCollect(backups.listByIndex(name)), reading))
    return Result.match(own, {
      onFailure: (error) => Option.some({ ...one, backups: Result.fail(error) }),
      onSuccess: Option.map((backups) => ({ ...one, backups: Result.succeed(backups) }))
    })
  })

  const gather: Service["gather"] = Effect.fn("HealthChecks.gather")(function*(options = {}) {
    // Before the indexes: a drill that ends in between has removed its index, and is not taken for a leftover.
    const drills = options.drills && (yield* Effect.result(options.drills))
    const all = yield* indexes.list
    const wanted = options.indexes === undefined ? all : yield* Effect.forEach(
      [...new Set(options.indexes)],
      // An index that is not listed may be new. If it does not exist, `describe` fails with `NotFound`.
      (name) => {
        const listed = all.find((index) => index.name === name)
        return listed === undefined ? indexes.describe(name) : Effect.succeed(listed)
      }
    )
    const reading: Reading = {
      breakers: {
        schedules: CircuitBreaker.make(),
        history: CircuitBreaker.make(),
        backups: CircuitBreaker.make()
      },
      isRequested: options.indexes !== undefined,
      contradicted: new Set()
    }
    const concurrently = { concurrency: options.concurrency ?? defaultConcurrency }
    let done = 0
    const found = yield* Effect.forEach(
      wanted,
      (index) =>
        Effect.tap(
          gatherIndex(index, reading),
          () => options.onProgress?.({ done: ++done, total: wanted.length }) ?? Effect.void
        ),
      concurrently
    )
    // Read backups after histories so that backups that became ready in between are included.
    const ofProject = yield* Effect.result(Stream.runCollect(backups.list()))
    const needsBackups = Identity.needsBackups({ backups: ofProject })
    const identified = yield* Effect.forEach(
      found.flatMap(Option.toArray),
      (one) => needsBackups(one) ? identify(one, reading) : Effect.succeedSome(one),
      concurrently
    )
    const existing = identified.flatMap(Option.toArray)
    return {
      indexes: existing,
      // If every index was deleted in the meantime, a non-empty `all` would look like a checked project.
      all: existing.length > 0 ? all : all.filter(({ name }) => wanted.every((index) => index.name !== name)),
      isListContradicted: reading.contradicted.size > 0,
      backups: ofProject,
      restoreJobs: yield* Effect.result(Stream.runCollect(restoreJobs.list())),
      ...(drills !== undefined && { drills })
    }
  })

  return HealthChecks.of({
    gather,
    check: Effect.fn("HealthChecks.check")(function*(options: CheckOptions = {}) {
      const facts = yield* gather(options)
      const now = yield* DateTime.now
      const clocks = yield* options.clocks ?? Effect.undefined
      return assess(facts, { ...options, now: clocks?.now ?? now, clocks })
    })
  })
})

/**
 * Layer for the service. Requires the services of `Pinecone.layer`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<HealthChecks, never, Pinecone.Services> = Layer.effect(HealthChecks, make)
