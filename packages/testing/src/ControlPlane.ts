/**
 * The simulated service as something to hold on to: seed it, and see what it was asked.
 *
 * @since 0.1.0
 */
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as PlatformError from "effect/PlatformError"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Struct from "effect/Struct"
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
  /** The beginning of the body, as it was sent: 4,000 characters at most; `undefined`, if there was none. */
  readonly body: string | undefined
  /** What was answered; `undefined`, as long as nothing was, or if nothing ever is. */
  readonly status: number | undefined
  /** The operation it asks for; `undefined`, if there is none at this address. */
  readonly operation: Route.Operation | undefined
  /** Path and query, as they were sent. */
  readonly url: string
  /** The value of the version header, if it was sent. */
  readonly version: string | undefined
}

const list = <S extends Schema.Constraint>(seed: S) => Schema.optional(Schema.Array(seed))

/**
 * Schema for what there is to begin with, or to add later.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Seeds = Schema.Struct({
  indexes: list(Simulation.IndexSeed),
  schedules: list(Simulation.ScheduleSeed),
  backups: list(Simulation.BackupSeed),
  restoreJobs: list(Simulation.RestoreJobSeed)
})

/**
 * What there is to begin with, or to add later.
 *
 * @category options
 * @since 0.1.0
 */
export interface Seeds extends Schema.Schema.Type<typeof Seeds> {}

/**
 * Schema for settings: the project, its plan and how long things take, and how the service behaves where
 * sources disagree.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Settings = Schema.Struct({
  /** Standard, if left out. */
  project: Schema.optional(Schema.Struct(Struct.map(Simulation.Project.fields, Schema.optional))),
  switches: Schema.optional(Schema.Struct(Struct.map(Simulation.Switches.fields, Schema.optional)))
})

/**
 * The project and the switches, as far as they are not the usual ones.
 *
 * @category options
 * @since 0.1.0
 */
export interface Settings extends Schema.Schema.Type<typeof Settings> {}

/**
 * Schema for how fast time passes: how many seconds for the service in a second of the `Clock`. At a million, ten
 * years pass in about five minutes.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Speed = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))

/**
 * What to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Seeds, Settings {
  /** What goes wrong, in this order. */
  readonly faults?: ReadonlyArray<Fault.Rule> | undefined
  /** The time at which the service begins; it goes on by the `Clock`, whose time it is if left out. */
  readonly now?: DateTime.Utc | undefined
  /**
   * How many seconds pass for the service in a second of the `Clock`, at most a million. At 0 time stands still.
   *
   * @default 1
   */
  readonly speed?: number | undefined
  /** The one key that is accepted. Any key is, if left out. */
  readonly apiKey?: string | undefined
  /** How many requests are remembered. @default 10_000 */
  readonly keptRequests?: number | undefined
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
  /** Adds a schedule and its runs, and gives back those that were asked for. */
  readonly seedSchedule: (seed?: Simulation.ScheduleSeed) => Effect.Effect<{
    readonly id: BackupSchedule.ScheduleId
    readonly runs: ReadonlyArray<BackupRun.BackupRun>
  }>
  /** Adds a backup that was made by hand. */
  readonly seedBackup: (seed?: Simulation.BackupSeed) => Effect.Effect<BackupRun.BackupRun>
  /** Adds a restore job, and the index it makes. */
  readonly seedRestoreJob: (seed?: Simulation.RestoreJobSeed) => Effect.Effect<RestoreJob.RestoreJob>
  /** Adds many things: all of them or, if one contradicts what is there, none. */
  readonly seed: (seeds: Seeds) => Effect.Effect<void>
  /** Changes settings from now on. What is left out stays. */
  readonly configure: (settings: Settings) => Effect.Effect<void>
  /** What time it is for the service. */
  readonly now: Effect.Effect<DateTime.Utc>
  /**
   * Lets time pass for the service, on top of what passes anyway. Takes no time itself. Never goes back, and never
   * past the year 9999.
   */
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
  /** Lets time pass so many times as fast as that of the `Clock`: at 0 it stands still, at most a million. */
  readonly setSpeed: (speed: number) => Effect.Effect<void>
  /** What the service holds and the time, as JSON. */
  readonly dump: Effect.Effect<Schema.Json>
  /** Goes back to what `dump` said, time included. Fails with what is wrong with it, and changes nothing then. */
  readonly load: (dump: unknown) => Effect.Effect<void, Schema.SchemaError>
  /**
   * Lets a fault happen to the next request for an operation, or to any with `"*"`. Faults that were told
   * earlier happen first, so two of them in a row are a script.
   */
  readonly fault: (operation: Fault.Rule["operation"], fault: Fault.Fault, options?: {
    /** How many requests it happens to. @default 1, or all of them in the time that `for` says */
    readonly times?: Fault.Rule["times"]
    /** How many requests go past it before. @default 0 */
    readonly skip?: number | undefined
    /** How long it lasts from now on, by the time of the service. As long as it takes, if left out. */
    readonly for?: Duration.Input | undefined
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
  /** The requests that came in, oldest first: the latest 10,000, unless told otherwise. */
  readonly requests: Effect.Effect<ReadonlyArray<ReceivedRequest>>
  /** Forgets the requests that came in. */
  readonly clearRequests: Effect.Effect<void>
  /** Notes a request and gives it an id: `"request-1"`, counting up. What is answered is noted later. */
  readonly received: (request: Omit<ReceivedRequest, "status">) => Effect.Effect<{
    readonly id: string
    readonly answered: (status: number) => Effect.Effect<void>
  }>
  /** The file in which it is kept, if it is. */
  readonly path: string | undefined
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

const DumpFromJson = Schema.toCodecJson(Simulation.Dump)

/** What this version does not know, it would lose. */
const exact = { onExcessProperty: "error" } as const

/** Since when time passes, and how fast. */
interface Time {
  /** The time of the `Clock` then. */
  readonly clock: DateTime.Utc
  /** The time of the service then. */
  readonly service: DateTime.Utc
  readonly speed: number
}

/** Years have four digits on the wire. Time goes no further. */
const endOfTime = DateTime.makeUnsafe("9999-12-31T23:59:59Z")

/** What time it is so many milliseconds later. What is no way forward leaves it as it is. */
const later = (time: DateTime.Utc, millis: number): DateTime.Utc =>
  DateTime.makeUnsafe(Math.min(
    DateTime.toEpochMillis(time) + (millis > 0 ? Math.round(millis) : 0),
    DateTime.toEpochMillis(endOfTime)
  ))

const timeAt = ({ clock, service, speed }: Time, now: DateTime.Utc): DateTime.Utc =>
  later(service, (DateTime.toEpochMillis(now) - DateTime.toEpochMillis(clock)) * speed)

const seedAll = (state: Simulation.State, now: DateTime.Utc, seeds: Seeds): Simulation.State => {
  let current = state
  const add = <Seed>(
    list: ReadonlyArray<Seed> = [],
    f: (state: Simulation.State, now: DateTime.Utc, seed: Seed) => readonly [Simulation.State, unknown]
  ) => {
    for (const seed of list) current = f(current, now, seed)[0]
  }
  add(seeds.indexes, Simulation.seedIndex)
  add(seeds.schedules, Simulation.seedSchedule)
  add(seeds.backups, Simulation.seedBackup)
  add(seeds.restoreJobs, Simulation.seedRestoreJob)
  return current
}

/** What there is to begin with. */
const begin = (options: Options, now: DateTime.Utc): Simulation.Dump => ({
  version: 1,
  now,
  state: seedAll(Simulation.make(options.project, options.switches), now, options)
})

/** `write` keeps a state beside memory, where `initial` is kept already. */
const makeWith = Effect.fnUntraced(function*(
  options: Options,
  initial: Simulation.Dump,
  write?: (dump: Simulation.Dump) => Effect.Effect<void>,
  path?: string
): Effect.fn.Return<Service> {
  const time = yield* Ref.make<Time>({
    clock: yield* DateTime.now,
    service: initial.now,
    // A speed that makes no sense is a mistake in the test.
    speed: Speed.make(options.speed ?? 1)
  })
  const state = yield* Ref.make(initial.state)
  const faults = yield* Ref.make<ReadonlyArray<Fault.Rule>>(options.faults ?? [])
  let received = 0
  let requests: Array<ReceivedRequest> = []

  const now = Effect.map(Effect.all([Ref.get(time), DateTime.now]), ([time, now]) => timeAt(time, now))

  let saved = yield* Effect.all([Ref.get(state), Ref.get(time)])
  const saving = yield* Semaphore.make(1)
  /** Keeps the latest state. Of many that wait, one writes for all. */
  const save = write === undefined ? Effect.void : saving.withPermit(
    Effect.gen(function*() {
      const current = yield* Effect.all([Ref.get(state), Ref.get(time)])
      // Time that was moved has to be kept, time that passes by itself has not.
      if (current[0] === saved[0] && current[1] === saved[1]) return
      yield* write({ version: 1, now: yield* now, state: current[0] })
      saved = current
    })
  ).pipe(Effect.uninterruptible)
  const saveAfter: <A>(effect: Effect.Effect<A>) => Effect.Effect<A> = write === undefined ? identity : Effect.tap(save)

  /** Changes the state, after everything that is due by now has happened. What is kept has changed with it. */
  const modify = <A>(
    f: (state: Simulation.State, now: DateTime.Utc) => readonly [Simulation.State, A]
  ): Effect.Effect<A> =>
    Effect.flatMap(now, (now) =>
      Effect.flatten(Ref.modify(state, (current) => {
        const [next, value] = f(Simulation.advance(current, now), now)
        return [next === current ? Effect.succeed(value) : saveAfter(Effect.succeed(value)), next]
      })))

  /** Begins to count time anew. */
  const retime = (f: (now: DateTime.Utc, speed: number) => Partial<Time>) =>
    Effect.flatMap(DateTime.now, (clock) =>
      Ref.update(time, (time) => {
        const service = timeAt(time, clock)
        return { clock, service, speed: time.speed, ...f(service, time.speed) }
      }))

  return ControlPlane.of({
    seedIndex: (seed = {}) => modify((state, now) => Simulation.seedIndex(state, now, seed)),
    seedSchedule: (seed = {}) =>
      Effect.map(
        modify((state, now) => Simulation.seedSchedule(state, now, seed)),
        ({ runs, schedule }) => ({ id: schedule.id, runs })
      ),
    seedBackup: (seed = {}) => modify((state, now) => Simulation.seedBackup(state, now, seed)),
    seedRestoreJob: (seed = {}) => modify((state, now) => Simulation.seedRestoreJob(state, now, seed)),
    seed: (seeds) => modify((state, now) => [seedAll(state, now, seeds), undefined]),
    configure: ({ project, switches }) =>
      modify((state) => [Simulation.configure(state, project, switches), undefined]),
    now,
    advance: (duration) =>
      saveAfter(retime((now) => ({ service: later(now, Duration.toMillis(Duration.fromInputUnsafe(duration))) }))),
    setSpeed: (speed) => saveAfter(retime(() => ({ speed: Speed.make(speed) }))),
    dump: Effect.flatMap(
      modify((state, now) => [state, { version: 1 as const, now, state }]),
      // Everything in a state has a JSON form.
      (dump) => Effect.orDie(Schema.encodeEffect(DumpFromJson)(dump))
    ),
    load: (json) =>
      Effect.flatMap(
        Schema.decodeUnknownEffect(DumpFromJson, exact)(json),
        (dump) =>
          retime(() => ({ service: dump.now })).pipe(
            Effect.andThen(Ref.set(state, dump.state)),
            saveAfter
          )
      ),
    fault: (operation, fault, { for: lasting, skip, times } = {}) =>
      Effect.flatMap(now, (now) =>
        Ref.update(faults, (rules) => [
          ...rules,
          // A count that makes no sense is a mistake in the test.
          Fault.Rule.make({
            operation,
            fault,
            ...(times !== undefined && { times }),
            ...(skip !== undefined && { skip }),
            ...(lasting !== undefined && {
              until: later(now, Duration.toMillis(Duration.fromInputUnsafe(lasting)))
            })
          })
        ])),
    faults: Effect.map(Effect.all([Ref.get(faults), now]), ([rules, now]) => Fault.left(rules, now)),
    clearFaults: Ref.set(faults, []),
    nextFault: (operation) =>
      Effect.flatMap(now, (now) => Ref.modify(faults, (rules) => Fault.next(rules, operation, now))),
    run: (operation) => Effect.flatMap(modify(operation), Effect.fromResult),
    state: modify((state) => [state, state]),
    requests: Effect.sync(() => requests.map((request) => ({ ...request }))),
    clearRequests: Effect.sync(() => {
      requests = []
    }),
    received: (request) =>
      Effect.sync(() => {
        const noted: { -readonly [Key in keyof ReceivedRequest]: ReceivedRequest[Key] } = {
          ...request,
          status: undefined
        }
        // A server may run for days, so only the latest are kept.
        if (requests.push(noted) > (options.keptRequests ?? 10_000)) requests.shift()
        return {
          id: `request-${++received}`,
          answered: (status: number) =>
            Effect.sync(() => {
              noted.status = status
            })
        }
      }),
    path,
    acceptsKey: (key) => key !== undefined && key !== "" && (options.apiKey === undefined || key === options.apiKey)
  })
})

/**
 * Creates a simulated service. Two of them share nothing. Seeds that contradict each other are a defect: a
 * `Simulation.SeedError`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Service> =>
  Effect.flatMap(DateTime.now, (clock) => makeWith(options, begin(options, options.now ?? clock)))

/**
 * A file that should hold the state of a simulated service, and does not. It was not touched.
 *
 * @category errors
 * @since 0.1.0
 */
export class DamagedStateFile extends Data.TaggedError("DamagedStateFile")<{
  readonly path: string
  /** What is wrong with it. */
  readonly reason: string
}> {
  override get message(): string {
    return `${this.path} does not hold the state of an emulator, and was left as it is: ${this.reason}`
  }
}

const DumpFromText = Schema.fromJsonString(DumpFromJson)

/** Where a file is. */
const directoryOf = (path: string): string => path.replace(/[^/\\]*$/, "") || "."

/**
 * Creates a simulated service that is kept in a file: loaded at the start, if the file is there, and written
 * after every change, before the answer to who made it; the start itself writes nothing. A write replaces the file
 * or leaves it: what is there is whole. Time goes on from where it was at the latest change, or from `now`, or that
 * of the `Clock`, if that is later.
 *
 * With a file to load, seeds are left aside, and settings that are given replace those that were kept. One
 * service at a time has the file.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeFile = Effect.fnUntraced(function*(
  options: Options & { readonly path: string }
): Effect.fn.Return<Service, DamagedStateFile | PlatformError.PlatformError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const { path } = options
  const text = yield* fs.readFileString(path).pipe(
    Effect.catchIf((error) => error.reason._tag === "NotFound", () => Effect.undefined)
  )
  const kept = text === undefined ? undefined : yield* Effect.mapError(
    Schema.decodeUnknownEffect(DumpFromText, exact)(text),
    ({ message }) => new DamagedStateFile({ path, reason: message })
  )
  const now = options.now ?? (yield* DateTime.now)
  // Contradicting seeds leave no file behind, which would be taken for what was kept.
  const initial = kept === undefined ? begin(options, now) : {
    ...kept,
    now: DateTime.max(now, kept.now),
    state: Simulation.configure(kept.state, options.project, options.switches)
  }
  const write = Effect.fnUntraced(function*(dump: Simulation.Dump) {
    // Beside the file, since only within a file system does a new name take no time.
    const temporary = `${path}.tmp`
    const text = yield* Effect.orDie(Schema.encodeEffect(DumpFromText)(dump))
    yield* Effect.scoped(Effect.gen(function*() {
      const file = yield* fs.open(temporary, { flag: "w", mode: 0o600 })
      yield* file.writeAll(new TextEncoder().encode(text))
      yield* file.sync
    }))
    yield* fs.rename(temporary, path)
  })
  // That there is a place for the file is known before anybody relies on it. Nothing is written before something
  // changes: who starts, and never serves, leaves things as they were.
  yield* fs.access(directoryOf(path), { writable: true })
  return yield* makeWith(options, initial, (dump) => Effect.orDie(write(dump)), path)
})

/**
 * Layer that provides a simulated service which is kept in a file.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (
  options: Options & { readonly path: string }
): Layer.Layer<ControlPlane, DamagedStateFile | PlatformError.PlatformError, FileSystem.FileSystem> =>
  Layer.effect(ControlPlane, makeFile(options))

/**
 * Layer that provides a simulated service.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<ControlPlane> => Layer.effect(ControlPlane, make(options))
