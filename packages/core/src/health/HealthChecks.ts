/**
 * Asks the service what `BackupHealth` rests on, and says whether the backups of a project are good.
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
import * as Indexes from "../Indexes.ts"
import type * as Pinecone from "../Pinecone.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import * as RestoreJobs from "../RestoreJobs.ts"
import type * as BackupHealth from "./BackupHealth.ts"
import type * as Clocks from "./Clocks.ts"
import * as Report from "./internal/report.ts"

/**
 * Says how the backups of a project are. Without effects: the same facts, time and policy make the same answer.
 *
 * @category assessing
 * @since 0.1.0
 */
export const assess: (
  facts: BackupHealth.Facts,
  options: BackupHealth.AssessOptions
) => BackupHealth.BackupHealth = Report.assess

/**
 * How far the asking has come.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  /** How many indexes have been looked at. */
  readonly done: number
  /** How many there are to look at. */
  readonly total: number
}

/**
 * What to ask.
 *
 * @category options
 * @since 0.1.0
 */
export interface GatherOptions {
  /** Only these indexes. All of the project, if left out. */
  readonly indexes?: ReadonlyArray<PineconeIndex.IndexName> | undefined
  /**
   * How many indexes are checked at the same time. What many requests at once may cost is for the `rateLimit` and the `retry`
   * of the connection to say.
   *
   * @default 8
   */
  readonly concurrency?: number | undefined
  /** What to do whenever another index was looked at. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/**
 * What to ask, and what to look for.
 *
 * @category options
 * @since 0.1.0
 */
export interface CheckOptions extends GatherOptions, Omit<BackupHealth.AssessOptions, "now" | "clocks"> {
  /**
   * What the clocks of the connection say once everything was read: `verdict` of `Clocks.make`.
   *
   * @default the `Clock` alone
   */
  readonly clocks?: Effect.Effect<Clocks.Verdict> | undefined
}

/**
 * Whether the backups of a project are good.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Asks what there is to know: the indexes, then the schedules of each and their whole histories, then the backups and
   * the restore jobs of the project. A project of 100 indexes with a daily schedule each takes some 200 requests.
   *
   * What could not be read becomes part of the facts. An index or a schedule whose rows answer `NotFound` is described
   * again: it is left out if it was deleted meanwhile, unless it was asked for, and could not be read if it still exists. After five failures in a row that may pass, and have not, no more
   * schedules are asked for, or no more histories. Fails only if the indexes could not be listed, or with `NotFound`
   * if one that was asked for is not there.
   */
  readonly gather: (options?: GatherOptions) => Effect.Effect<BackupHealth.Facts, PineconeError.PineconeError>

  /** Asks as `gather` does, and says how the backups are by the time of the `Clock`, and by the `clocks`. */
  readonly check: (
    options?: CheckOptions
  ) => Effect.Effect<BackupHealth.BackupHealth, PineconeError.PineconeError>
}

/**
 * Whether the backups of a project are good.
 *
 * **Example** (Saying what is wrong with the backups of a project)
 *
 * ```ts
 * import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
 * import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 * import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
 * import * as Pinecone from "@pinecone-backups/core/Pinecone"
 * import * as Duration from "effect/Duration"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const policy: BackupPolicy.BackupPolicy = {
 *   rules: [{ index: "prod-*", rpo: Duration.hours(26), minCopies: 7 }]
 * }
 *
 * export const program = Effect.gen(function*() {
 *   const checks = yield* HealthChecks.HealthChecks
 *   const health = yield* checks.check({ policy })
 *   for (const { indexName, sentence, severity } of BackupHealth.findings(health)) {
 *     yield* Effect.logWarning(`${indexName ?? "project"}: ${sentence}`, severity)
 *   }
 *   return health.status
 * }).pipe(Effect.provide(Layer.provide(HealthChecks.layer, Pinecone.layerFetch)))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class HealthChecks
  extends Context.Service<HealthChecks, Service>()("@pinecone-backups/core/health/HealthChecks")
{}

const defaultConcurrency = 8

/** How many retryable failures in a row open a circuit breaker. */
const outageFailures = 5

/** What was read, or why it could not be. */
type Outcome<A> = Result.Result<A, PineconeError.ListError>

type CircuitBreaker = <A>(self: Effect.Effect<A, PineconeError.ListError>) => Effect.Effect<Outcome<A>>

/**
 * Reads what belongs to something that was listed before; `None` if that was deleted since. A read that answers
 * `NotFound` is no proof of it, since a route may be missing: `owner` describes it again. Where both say that it is not
 * there, `isListed` lists it again, and has the last word: a row that stays contradicts them.
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
 * Circuit breaker: after five consecutive retryable failures, runs nothing more and returns the last one. Each of them
 * has exhausted the retries of the client, so a thousand indexes would take hours otherwise.
 */
const makeCircuitBreaker = (): CircuitBreaker => {
  let failures: ReadonlyArray<PineconeError.ListError> = []
  return Effect.fnUntraced(function*<A>(self: Effect.Effect<A, PineconeError.ListError>): Effect.fn.Return<Outcome<A>> {
    const last = failures.at(-1)
    if (last !== undefined && failures.length >= outageFailures) return Result.fail(last)
    const result = yield* Effect.result(self)
    failures = Result.isFailure(result) && result.failure.isRetryable ? [...failures, result.failure] : []
    return result
  })
}

/**
 * Creates the service on others.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, Pinecone.Services> = Effect.gen(function*() {
  const indexes = yield* Indexes.Indexes
  const schedules = yield* BackupSchedules.BackupSchedules
  const backups = yield* Backups.Backups
  const restoreJobs = yield* RestoreJobs.RestoreJobs

  const gatherIndex = Effect.fnUntraced(function*(
    breakers: { readonly schedules: CircuitBreaker; readonly history: CircuitBreaker },
    index: PineconeIndex.PineconeIndex,
    isAskedFor: boolean,
    contradicted: Set<string>
  ): Effect.fn.Return<Option.Option<BackupHealth.IndexFacts>> {
    const list = Stream.runCollect(schedules.list(index.name))
    const listed = yield* breakers.schedules(
      isAskedFor ? Effect.asSome(list) : unlessDeleted(
        list,
        indexes.describe(index.name),
        Effect.tap(
          Effect.map(indexes.list, (all) => all.some(({ name }) => name === index.name)),
          (isListed) => Effect.sync(() => isListed && contradicted.add(index.name))
        )
      )
    )
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

  const gather: Service["gather"] = Effect.fn("HealthChecks.gather")(function*(options = {}) {
    const all = yield* indexes.list
    const wanted = options.indexes === undefined ? all : yield* Effect.forEach(
      [...new Set(options.indexes)],
      // One that is not in the list may have come since; if it has not, this says so.
      (name) => {
        const listed = all.find((index) => index.name === name)
        return listed === undefined ? indexes.describe(name) : Effect.succeed(listed)
      }
    )
    const breakers = { schedules: makeCircuitBreaker(), history: makeCircuitBreaker() }
    const contradicted = new Set<string>()
    let done = 0
    const found = yield* Effect.forEach(
      wanted,
      (index) =>
        Effect.tap(
          gatherIndex(breakers, index, options.indexes !== undefined, contradicted),
          () => options.onProgress?.({ done: ++done, total: wanted.length }) ?? Effect.void
        ),
      { concurrency: options.concurrency ?? defaultConcurrency }
    )
    const left = found.flatMap(Option.toArray)
    return {
      indexes: left,
      // Where nothing is left to look at, nothing must look as if it had been looked at.
      all: left.length > 0 ? all : all.filter(({ name }) => wanted.every((index) => index.name !== name)),
      isListContradicted: contradicted.size > 0,
      // After the histories: a backup that became ready meanwhile is there.
      backups: yield* Effect.result(Stream.runCollect(backups.list())),
      restoreJobs: yield* Effect.result(Stream.runCollect(restoreJobs.list()))
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
 * Layer that provides the service on those of `Pinecone.layer`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<HealthChecks, never, Pinecone.Services> = Layer.effect(HealthChecks, make)
