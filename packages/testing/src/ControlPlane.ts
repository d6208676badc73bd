/**
 * The simulated service as something to hold on to: seed it, and see what it was asked.
 *
 * @since 0.1.0
 */
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Fault from "./Fault.ts"
import * as Application from "./internal/app.ts"
import * as Engine from "./internal/engine.ts"
import * as Seeding from "./internal/seeding.ts"
import type { Settings } from "./internal/settings.ts"
import * as Simulation from "./internal/simulation.ts"
import * as OwnedFile from "./OwnedFile.ts"
import type * as Seed from "./Seed.ts"

export {
  /**
   * A request that reached the service. Its key is not kept.
   *
   * @category models
   * @since 0.1.0
   */
  type ReceivedRequest
} from "./internal/engine.ts"

export {
  /**
   * Schema for the project, and its type: its plan, what its key may do, and how long things take. As JSON, a duration
   * is a text such as `"10 minutes"`.
   *
   * @category models
   * @since 0.1.0
   */
  Project,
  /**
   * Schema for settings, and their type: the project and the switches, as far as they are not the usual ones.
   *
   * @category options
   * @since 0.1.0
   */
  Settings,
  /**
   * Schema for the switches, and their type: what the service does where sources say different things of it, and how
   * what it does ends.
   *
   * @category models
   * @since 0.1.0
   */
  Switches
} from "./internal/settings.ts"

/**
 * What to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Seed.Seeds, Settings, Engine.Options {
  /** The time at which the service begins; it goes on by the `Clock`, whose time it is if left out. */
  readonly now?: DateTime.DateTime.Input | undefined
}

/**
 * The service as an HTTP application: what answers a request.
 *
 * @category models
 * @since 0.1.0
 */
export interface App extends
  Effect.Effect<
    HttpServerResponse.HttpServerResponse,
    Fault.ConnectionReset,
    HttpServerRequest.HttpServerRequest | Scope.Scope
  >
{}

/**
 * The simulated service.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service extends Engine.Controls {
  /** Adds an index. */
  readonly seedIndex: (seed?: Seed.Index) => Effect.Effect<{
    readonly id: PineconeIndex.IndexId
    readonly name: PineconeIndex.IndexName
  }>
  /** Adds a schedule and its runs, and gives back those that were asked for. */
  readonly seedSchedule: (seed?: Seed.Schedule) => Effect.Effect<{
    readonly id: BackupSchedule.ScheduleId
    readonly runs: ReadonlyArray<BackupRun.BackupRun>
  }>
  /** Adds a backup that was made by hand. */
  readonly seedBackup: (seed?: Seed.Backup) => Effect.Effect<BackupRun.BackupRun>
  /** Adds a restore job, and the index it makes. */
  readonly seedRestoreJob: (seed?: Seed.RestoreJob) => Effect.Effect<RestoreJob.RestoreJob>
  /** Adds many things: all of them or, if one contradicts what is there, none. */
  readonly seed: (seeds: Seed.Seeds) => Effect.Effect<void>
  /** Changes settings from now on. What is left out stays. */
  readonly configure: (settings: Settings) => Effect.Effect<void>
  /** What the service holds and the time, as JSON. */
  readonly dump: Effect.Effect<Schema.Json>
  /** Goes back to what `dump` said, time included. Fails with what is wrong with it, and changes nothing then. */
  readonly load: (dump: unknown) => Effect.Effect<void, Schema.SchemaError>
  /** The file in which it is kept, if it is. */
  readonly path: string | undefined
  /** The HTTP application that answers requests: `Emulator.app`. */
  readonly app: Effect.Effect<App, never, Scope.Scope>
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

/** The time at which to begin, if that is said. */
const nowOf = ({ now }: Options): DateTime.Utc | undefined =>
  now === undefined ? undefined : Seeding.instantOf("now", now)

/** What there is to begin with. */
const begin = (options: Options, now: DateTime.Utc): Simulation.Dump => ({
  version: 1,
  now,
  state: Seeding.addAll(Simulation.make(options), now, options)
})

const fromEngine = (engine: Engine.Engine, path?: string): Service => {
  const { modify } = engine
  return ControlPlane.of({
    ...engine.controls,
    seedIndex: (seed = {}) =>
      Effect.map(modify((state, now) => Seeding.addIndex(state, now, seed)), ({ id, name }) => ({ id, name })),
    seedSchedule: (seed = {}) =>
      Effect.map(
        modify((state, now) => Seeding.addSchedule(state, now, seed)),
        ({ runs, schedule: { id } }) => ({ id, runs })
      ),
    seedBackup: (seed = {}) => modify((state, now) => Seeding.addBackup(state, now, seed)),
    seedRestoreJob: (seed = {}) => modify((state, now) => Seeding.addRestoreJob(state, now, seed)),
    seed: (seeds) => modify((state, now) => [Seeding.addAll(state, now, seeds), undefined]),
    configure: (settings) => modify((state) => [Simulation.configure(state, settings), undefined]),
    dump: Effect.flatMap(
      modify((state, now) => [state, { version: 1 as const, now, state }]),
      // Everything in a state has a JSON form.
      (dump) => Effect.orDie(Schema.encodeEffect(DumpFromJson)(dump))
    ),
    load: (json) => Effect.flatMap(Schema.decodeUnknownEffect(DumpFromJson, exact)(json), engine.load),
    path,
    app: Application.make(engine)
  })
}

/**
 * Creates a simulated service. Two of them share nothing. Seeds that contradict each other are a defect: a
 * `Seed.SeedError`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Service> =>
  Effect.flatMap(
    DateTime.now,
    (clock) => Effect.map(Engine.make(options, begin(options, nowOf(options) ?? clock)), (engine) => fromEngine(engine))
  )

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

/**
 * Creates a simulated service that is kept in a file: loaded at the start, if the file is there, and written
 * after every change, before the answer to who made it; the start itself writes nothing. A write replaces the file
 * or leaves it: what is there is whole. Time goes on from where it was at the latest change, or from `now`, or that
 * of the `Clock`, if that is later.
 *
 * With a file to load, seeds are left aside, and settings that are given replace those that were kept.
 *
 * One service at a time has the file, until its scope ends: `OwnedFile.open` says how, and with what it fails where there
 * is no such file to have. A change that cannot be written is a defect, so that nobody is told that it is kept.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeFile = Effect.fnUntraced(function*(
  options: Options & { readonly path: string }
): Effect.fn.Return<
  Service,
  DamagedStateFile | OwnedFile.OwnedFileError,
  FileSystem.FileSystem | Scope.Scope
> {
  const { path } = options
  const file = yield* OwnedFile.open(path)
  const text = yield* file.read
  const kept = text === undefined ? undefined : yield* Effect.mapError(
    Schema.decodeUnknownEffect(DumpFromText, exact)(text),
    ({ message }) => new DamagedStateFile({ path, reason: message })
  )
  const now = nowOf(options) ?? (yield* DateTime.now)
  // Contradicting seeds leave no file behind, which would be taken for what was kept.
  const initial = kept === undefined ? begin(options, now) : {
    ...kept,
    now: DateTime.max(now, kept.now),
    state: Simulation.configure(kept.state, options)
  }
  // Nothing is written before something changes: who starts, and never serves, leaves things as they were.
  const write = (dump: Simulation.Dump) =>
    Effect.orDie(Effect.flatMap(Schema.encodeEffect(DumpFromText)(dump), file.replace))
  return fromEngine(yield* Engine.make(options, initial, write), path)
})

/**
 * Layer that provides a simulated service which is kept in a file.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (
  options: Options & { readonly path: string }
): Layer.Layer<ControlPlane, DamagedStateFile | OwnedFile.OwnedFileError, FileSystem.FileSystem> =>
  Layer.effect(ControlPlane, makeFile(options))

/**
 * Layer that provides a simulated service.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<ControlPlane> => Layer.effect(ControlPlane, make(options))
