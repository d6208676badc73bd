/** Drill session of a command: on the store of the project, or in memory for the demo project. */
import * as Backups from "@pinecone-backups/core/Backups"
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import type * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import * as SettingNames from "../../config/SettingNames.ts"
import * as Connection from "../../Connection.ts"
import * as Attachment from "../../engine/Attachment.ts"
import * as DrillEngine from "../../engine/DrillEngine.ts"
import * as Provided from "../../engine/Provided.ts"
import * as Rounds from "../../engine/Rounds.ts"
import * as Store from "../../engine/Store.ts"
import * as Globals from "../../input/Globals.ts"
import * as Operands from "../../input/Operands.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"

/**
 * Refuses a store with drills of another project, before any drill continues with the wrong API key. Compares index IDs, which
 * are unique: those that indexes and backups have. Reads backups only until a known ID is found. A project with indexes whose
 * backups were all replaced since the last command is refused too, which is rare.
 */
const checkProject = Effect.gen(function*() {
  const rounds = yield* Rounds.Rounds
  const backups = yield* Backups.Backups
  const all = yield* Effect.flatMap(Indexes.Indexes, (indexes) => indexes.list)
  const own = all.filter((index) => DrillIndex.of(index) === undefined)
  const known = yield* rounds.knownIndexes
  const pages = yield* Stream.make(own.flatMap(({ id }) => id ?? [])).pipe(
    Stream.concat(Stream.map(backups.listPages(), ({ data }) => data.map(({ sourceIndexId }) => sourceIndexId))),
    Stream.takeUntil((ids) => ids.some((id) => known.has(id))),
    Stream.runCollect
  )
  const ids = Array.dedupe(pages.flat())
  if (known.size > 0 && own.length > 0 && !ids.some((id) => known.has(id))) return yield* otherProject
  yield* rounds.noteIndexes(ids.filter((id) => !known.has(id)))
})

const otherProject = new CliFailure({
  code: "OTHER_PROJECT",
  message:
    "The store has the drills of another project: the API key can access no index or backup of an index that the store knows",
  hint: `use a profile for each project, or set ${SettingNames.variables.store} to another store`,
  exitCode: ExitCode.refused
})

/** The configured store, checked against the project. Creates it if it does not exist. */
export const store = Effect.gen(function*() {
  const store = yield* Store.resolve
  yield* Store.prepare(store)
  yield* Provided.by(DrillEngine.layerStore(store))(checkProject)
  return store
})

/** The probe given after `--`, if any. */
export const probe = Effect.gen(function*() {
  const operands = yield* Operands.Operands
  return operands.length === 0 ? undefined : (yield* Effect.promise(() => import("./Probe.ts"))).make(operands)
})

/** Provides a layer that depends on the services of core with those of this connection, which lack the data of indexes. */
export const onConnection = <A, E>(
  layer: Layer.Layer<A, E, DrillTarget.Dependencies>
): Layer.Layer<A, E, Exclude<DrillTarget.Dependencies, IndexData.IndexData> | PineconeClient.PineconeClient> =>
  Layer.provide(layer, IndexData.layer)

/** Provides a layer of drills on the connection of this command. Hides log messages of the engine unless debugging. */
export const provide = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  drills: Layer.Layer<DrillEngine.Services, E2, DrillTarget.Dependencies>
) =>
  Effect.gen(function*() {
    const isDebugging = yield* Globals.isDebugging
    return yield* Provided.by(onConnection(drills))(self).pipe(
      Effect.provideService(References.MinimumLogLevel, isDebugging ? "Debug" : "Error")
    )
  })

/** Error for a probe given to a client: the process that runs the drill also runs the probe. */
export const foreignProbe = new CliFailure({
  code: "FOREIGN_PROBE",
  message: "Another process runs the drills of this store and would not run this probe",
  hint:
    "start that process with the probe (pcb drill serve --probe -- COMMAND), and use --probe without a command here",
  exitCode: ExitCode.refused
})

/**
 * Runs an effect in the drill session of this command, as a runner or as a client. The effect may run several times: see
 * `Attachment.attach`.
 */
export const attach = Effect.fnUntraced(function*<A, E, R>(
  run: (part: DrillEngine.Part) => Effect.Effect<A, E, R>
) {
  const ownProbe = yield* probe
  if (yield* Connection.isDemo) {
    const Demo = yield* Effect.promise(() => import("./DemoDrills.ts"))
    return yield* provide(run({ role: "runner" }), yield* Demo.layer(ownProbe))
  }
  const ours = yield* store
  return yield* Attachment.attach(ours, (part) => {
    if (part.role === "client" && ownProbe !== undefined) return Effect.fail(foreignProbe)
    return provide(run(part), DrillEngine.layer(ours, part, ownProbe))
  })
})
