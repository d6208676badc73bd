/**
 * The simulated service as something to hold on to: seed it, and see what it was asked.
 *
 * @since 0.1.0
 */
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Fault from "./Fault.ts"
import type * as Route from "./Route.ts"
import type * as SimulatedApi from "./SimulatedApi.ts"
import * as Simulation from "./Simulation.ts"

/**
 * A request that reached the service. Its key is not kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly url: string
  /** The value of the version header, if it was sent. */
  readonly version: string | undefined
}

/**
 * What to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The project and its plan. Standard, if left out. */
  readonly project?: Partial<Simulation.Project> | undefined
  readonly indexes?: ReadonlyArray<Simulation.IndexSeed> | undefined
  readonly schedules?: ReadonlyArray<Simulation.ScheduleSeed> | undefined
  readonly backups?: ReadonlyArray<Simulation.BackupSeed> | undefined
  readonly restoreJobs?: ReadonlyArray<Simulation.RestoreJobSeed> | undefined
  /** What goes wrong, in this order. */
  readonly faults?: ReadonlyArray<Fault.Rule> | undefined
  /** The time at which the service stands still. It goes by the `Clock`, if left out. */
  readonly now?: DateTime.Utc | undefined
  /** The one key that is accepted. Any key is, if left out. */
  readonly apiKey?: string | undefined
}

/**
 * The simulated service.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** Adds an index. */
  readonly seedIndex: (seed?: Simulation.IndexSeed) => Effect.Effect<Simulation.Index>
  /** Adds a schedule and its runs. */
  readonly seedSchedule: (seed?: Simulation.ScheduleSeed) => Effect.Effect<{
    readonly id: BackupSchedule.ScheduleId
    readonly runs: ReadonlyArray<BackupRun.BackupRun>
  }>
  /** Adds a backup that was made by hand. */
  readonly seedBackup: (seed?: Simulation.BackupSeed) => Effect.Effect<BackupRun.BackupRun>
  /** Adds a restore job, and the index it makes. */
  readonly seedRestoreJob: (seed?: Simulation.RestoreJobSeed) => Effect.Effect<RestoreJob.RestoreJob>
  /**
   * Lets a fault happen to the next request for an operation, or to any with `"*"`. Faults that were told
   * earlier happen first, so two of them in a row are a script.
   */
  readonly fault: (operation: Fault.Rule["operation"], fault: Fault.Fault, options?: {
    /** How many requests it happens to. @default 1 */
    readonly times?: Fault.Rule["times"]
    /** How many requests go past it before. @default 0 */
    readonly skip?: number | undefined
  }) => Effect.Effect<void>
  /** The faults that are still to happen, in order, with what is left of each. */
  readonly faults: Effect.Effect<ReadonlyArray<Fault.Rule>>
  /** Lets no fault happen any more. */
  readonly clearFaults: Effect.Effect<void>
  /** The fault that happens to a request, which is then used up. */
  readonly nextFault: (operation: Route.Operation | undefined) => Effect.Effect<Fault.Fault | undefined>
  /** Answers a request, after everything that is due by now has happened. */
  readonly run: <A>(operation: SimulatedApi.Operation<A>) => Effect.Effect<A, SimulatedApi.Refusal>
  /** What the service holds now. */
  readonly state: Effect.Effect<Simulation.State>
  /** The requests that came in, oldest first: the latest 1,000. */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** Notes a request and gives it an id: `"request-1"`, counting up. */
  readonly received: (request: ReceivedRequest) => Effect.Effect<string>
  /** Whether a key is accepted. */
  readonly acceptsKey: (key: string | undefined) => boolean
}

/**
 * The simulated service.
 *
 * @category services
 * @since 0.1.0
 */
export class ControlPlane extends Context.Service<ControlPlane, Service>()("@pinecone-backups/testing/ControlPlane") {}

const keptRequests = 1_000

/**
 * Creates a simulated service. Two of them share nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: Options): Effect.fn.Return<Service> {
  const state = yield* Ref.make(Simulation.make(options.project))
  const faults = yield* Ref.make<ReadonlyArray<Fault.Rule>>(options.faults ?? [])
  let received = 0
  const requests: Array<ReceivedRequest> = []

  /** Changes the state, after everything that is due by now has happened. */
  const modify = <A>(
    f: (state: Simulation.State, now: DateTime.Utc) => readonly [Simulation.State, A]
  ): Effect.Effect<A> =>
    Effect.flatMap(
      options.now === undefined ? DateTime.now : Effect.succeed(options.now),
      (now) =>
        Ref.modify(state, (current) => {
          const [next, value] = f(Simulation.advance(current, now), now)
          return [value, next]
        })
    )

  const seed = <Seed, A>(
    f: (state: Simulation.State, now: DateTime.Utc, seed: Seed) => readonly [Simulation.State, A]
  ) =>
  (seed: Seed) => modify((state, now) => f(state, now, seed))
  const seedIndex = seed(Simulation.seedIndex)
  const seedSchedule = seed(Simulation.seedSchedule)
  const seedBackup = seed(Simulation.seedBackup)
  const seedRestoreJob = seed(Simulation.seedRestoreJob)

  yield* Effect.forEach(options.indexes ?? [], seedIndex)
  yield* Effect.forEach(options.schedules ?? [], seedSchedule)
  yield* Effect.forEach(options.backups ?? [], seedBackup)
  yield* Effect.forEach(options.restoreJobs ?? [], seedRestoreJob)

  return ControlPlane.of({
    seedIndex: (seed = {}) => seedIndex(seed),
    seedSchedule: (seed = {}) => Effect.map(seedSchedule(seed), ({ runs, schedule }) => ({ id: schedule.id, runs })),
    seedBackup: (seed = {}) => seedBackup(seed),
    seedRestoreJob: (seed = {}) => seedRestoreJob(seed),
    fault: (operation, fault, { skip, times } = {}) =>
      Ref.update(faults, (rules) => [
        ...rules,
        // A count that makes no sense is a mistake in the test.
        Fault.Rule.make({
          operation,
          fault,
          ...(times !== undefined && { times }),
          ...(skip !== undefined && { skip })
        })
      ]),
    faults: Ref.get(faults),
    clearFaults: Ref.set(faults, []),
    nextFault: (operation) => Ref.modify(faults, (rules) => Fault.next(rules, operation)),
    run: (operation) => Effect.flatMap(modify(operation), Effect.fromResult),
    state: modify((state) => [state, state]),
    requests: Effect.sync(() => requests.slice()),
    received: (request) =>
      Effect.sync(() => {
        // A server may run for days, so only the latest are kept.
        if (requests.push(request) > keptRequests) requests.shift()
        return `request-${++received}`
      }),
    acceptsKey: (key) => key !== undefined && key !== "" && (options.apiKey === undefined || key === options.apiKey)
  })
})

/**
 * Layer that provides a simulated service.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<ControlPlane> => Layer.effect(ControlPlane, make(options))
