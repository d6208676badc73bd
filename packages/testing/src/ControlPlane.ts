/**
 * Control of the simulated service: seeds, settings, time, faults, and the requests it received.
 *
 * **Example** (Inspecting the requests of a program)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const plane = yield* ControlPlane.ControlPlane
 *   const backups = yield* Backups.Backups
 *   const { name } = yield* plane.seedIndex({ name: "docs" })
 *   yield* backups.create(IndexName.make(name), { name: "before-upgrade" })
 *   const last = (yield* plane.requests).at(-1)
 *   yield* Console.log(last?.method, last?.url, last?.status) // => POST /indexes/docs/backups 200
 * }).pipe(Effect.provide(PineconeMemory.layer()))
 * ```
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
import * as Inputs from "./internal/inputs.ts"
import * as OptionNames from "./internal/option-names.ts"
import * as Seeding from "./internal/seeding.ts"
import type { Settings } from "./internal/settings.ts"
import * as Simulation from "./internal/simulation.ts"
import * as OwnedFile from "./OwnedFile.ts"
import type * as Seed from "./Seed.ts"

export {
  /**
   * A request that reached the service, without its API key.
   *
   * @category models
   * @since 0.1.0
   */
  type ReceivedRequest
} from "./internal/engine.ts"

export {
  /**
   * Error for an invalid value given to the simulated service: an option, a setting, a fault or a dump. The message names the
   * value, what is allowed, and the path of the value. Nothing has changed.
   *
   * **Details**
   *
   * It is thrown, or a defect, because it is a bug in the setup of a test, not a result of it. Only `load` fails with it.
   * Invalid seeds have their own error, `Seed.SeedError`. If `chooseFault` returns an invalid fault, the request dies with it
   * in memory. A server responds with 500 and its message.
   *
   * @category errors
   * @since 0.1.0
   */
  InvalidValue
} from "./internal/inputs.ts"

export {
  /**
   * Schema for the simulated project, and its type: its plan, the permissions of its key, and the durations of operations.
   * In JSON, a duration is a string such as `"10 minutes"`.
   *
   * @category models
   * @since 0.1.0
   */
  Project,
  /**
   * Schema for settings, and their type: changes of the default project and switches.
   *
   * @category options
   * @since 0.1.0
   */
  Settings,
  /**
   * Schema for the switches, and their type: the behavior of the service where sources disagree, and the outcomes of its
   * operations.
   *
   * @category models
   * @since 0.1.0
   */
  Switches
} from "./internal/settings.ts"

/**
 * Options of a simulated service: the initial state and time, settings and faults.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Seed.Seeds, Settings, Engine.Options {
  /** Initial time of the service. Advances with the `Clock`. @default the current time of the `Clock` */
  readonly now?: DateTime.DateTime.Input | undefined
}

/**
 * The service as an HTTP application.
 *
 * @category models
 * @since 0.1.0
 */
export interface App extends
  Effect.Effect<
    HttpServerResponse.HttpServerResponse,
    Fault.ConnectionReset,
    HttpServerRequest.HttpServerRequest
  >
{}

/**
 * Operations of {@link ControlPlane}.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service extends Engine.Controls {
  /** Adds an index. Dies with a `Seed.SeedError` if the seed is invalid, like every operation that adds a seed. */
  readonly seedIndex: (seed?: Seed.Index) => Effect.Effect<{
    readonly id: PineconeIndex.IndexId
    readonly name: PineconeIndex.IndexName
  }>
  /** Adds a schedule and its runs. Returns the runs of the seed. */
  readonly seedSchedule: (seed?: Seed.Schedule) => Effect.Effect<{
    readonly id: BackupSchedule.ScheduleId
    readonly runs: ReadonlyArray<BackupRun.BackupRun>
  }>
  /** Adds a manual backup. */
  readonly seedBackup: (seed?: Seed.Backup) => Effect.Effect<BackupRun.BackupRun>
  /** Adds a restore job and its target index. */
  readonly seedRestoreJob: (seed?: Seed.RestoreJob) => Effect.Effect<RestoreJob.RestoreJob>
  /** Adds several seeds: all, or none if any is invalid. */
  readonly seed: (seeds: Seed.Seeds) => Effect.Effect<void>
  /**
   * Changes settings. Omitted settings keep their values. Dies with an `InvalidValue`, and changes nothing, if a value is
   * invalid or a key is unknown.
   */
  readonly configure: (settings: Settings) => Effect.Effect<void>
  /** The state and the time of the service, as JSON. */
  readonly dump: Effect.Effect<Schema.Json>
  /** Restores a dump, including the time. Fails with an `InvalidValue`, and changes nothing, if the dump is invalid. */
  readonly load: (dump: unknown) => Effect.Effect<void, Inputs.InvalidValue>
  /** Path of the state file, if any. */
  readonly path: string | undefined
  /** The HTTP application, as in `Emulator.app`. */
  readonly app: Effect.Effect<App>
}

/**
 * The simulated service, and its controls.
 *
 * @category services
 * @since 0.1.0
 */
export class ControlPlane extends Context.Service<ControlPlane, Service>()("@pinecone-backups/testing/ControlPlane") {}

const DumpFromJson = Schema.toCodecJson(Simulation.Dump)

/** The initial time, if given. */
const nowOf = ({ now }: Options): DateTime.Utc | undefined =>
  now === undefined ? undefined : Inputs.instant(now, ["now"])

const settingsIn = ({ project, switches }: Options): Settings => ({ project, switches })

/** The initial state. */
const begin = (options: Options, now: DateTime.Utc): Simulation.Dump => {
  const { backups, indexes, restoreJobs, schedules } = options
  const seeds = { backups, indexes, restoreJobs, schedules }
  return { version: 1, now, state: Seeding.addAll(Simulation.make(settingsIn(options)), now, seeds) }
}

/** Decodes a dump. Rejects unknown keys, because this version would lose them. */
const decode = (schema: Schema.Decoder<Simulation.Dump>) => {
  const decode = Schema.decodeUnknownEffect(schema, Inputs.strict)
  return (dump: unknown) => Effect.mapError(decode(dump), ({ issue }) => Inputs.errorOf(issue, Inputs.invalid))
}

const decodeJson = decode(DumpFromJson)

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
      // Every state can be encoded.
      (dump) => Effect.orDie(Schema.encodeEffect(DumpFromJson)(dump))
    ),
    load: (json) => Effect.flatMap(decodeJson(json), engine.load),
    path,
    app: Effect.succeed(Application.make(engine))
  })
}

/**
 * Creates a simulated service, which shares nothing with others.
 *
 * **Details**
 *
 * Dies with a `Seed.SeedError` if seeds are invalid or contradict each other, and with an `InvalidValue` if another option is
 * invalid or unknown.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Service> =>
  Effect.flatMap(DateTime.now, (clock) => {
    OptionNames.check(options)
    return Effect.map(Engine.make(options, begin(options, nowOf(options) ?? clock)), (engine) => fromEngine(engine))
  })

/**
 * Error for a state file with invalid content. The file is not changed.
 *
 * @category errors
 * @since 0.1.0
 */
export class DamagedStateFile extends Data.TaggedError("DamagedStateFile")<{
  readonly path: string
  /** Description of the problem. */
  readonly reason: string
}> {
  override get message(): string {
    return `${this.path} is not a valid state file of an emulator, and was not changed: ${this.reason}`
  }
}

const DumpFromText = Schema.fromJsonString(DumpFromJson)

const decodeText = decode(DumpFromText)

/**
 * Creates a simulated service whose state is kept in a file.
 *
 * **Details**
 *
 * Loads the file if it exists. Writes the file after every change, before the response is sent. Writes are atomic. The
 * time continues from the latest change, or from `now` or the `Clock` if that is later. If the file exists, seeds are
 * ignored, and given settings override the saved settings.
 *
 * One service at a time owns the file, until its scope ends. `OwnedFile.open` describes the lock and its errors. Fails with
 * `DamagedStateFile` if the content is invalid.
 *
 * **Gotchas**
 *
 * Starting a service does not write the file. A change that cannot be written is a defect, so that no response confirms an
 * unsaved change.
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
  OptionNames.check(options, "path")
  const { path } = options
  const file = yield* OwnedFile.open(path)
  const text = yield* file.read
  const kept = text === undefined ? undefined : yield* Effect.mapError(
    decodeText(text),
    ({ message }) => new DamagedStateFile({ path, reason: message })
  )
  const now = nowOf(options) ?? (yield* DateTime.now)
  // Fails on invalid seeds before a file exists, because the next start would load it.
  const initial = kept === undefined ? begin(options, now) : {
    ...kept,
    now: DateTime.max(now, kept.now),
    state: Simulation.configure(kept.state, settingsIn(options))
  }
  // Writes nothing before the first change, so that a service that never serves changes no file.
  const write = (dump: Simulation.Dump) =>
    Effect.orDie(Effect.flatMap(Schema.encodeEffect(DumpFromText)(dump), file.replace))
  return fromEngine(yield* Engine.make(options, initial, write), path)
})

/**
 * Layer for a simulated service whose state is kept in a file, as in {@link makeFile}.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (
  options: Options & { readonly path: string }
): Layer.Layer<ControlPlane, DamagedStateFile | OwnedFile.OwnedFileError, FileSystem.FileSystem> =>
  Layer.effect(ControlPlane, makeFile(options))

/**
 * Layer for a simulated service.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<ControlPlane> => Layer.effect(ControlPlane, make(options))
