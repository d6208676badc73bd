/** Layers for running drills on a store: workflow engine, workflows, drill log and rounds. */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillProbe from "@pinecone-backups/core/drill/DrillProbe"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import type * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Cause from "effect/Cause"
import type * as MessageStorage from "effect/cluster/MessageStorage"
import type * as RunnerAddress from "effect/cluster/RunnerAddress"
import type * as Sharding from "effect/cluster/Sharding"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as SqlError from "effect/sql/SqlError"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as DrillProgress from "./DrillProgress.ts"
import type * as EngineSettings from "./EngineSettings.ts"
import * as Provided from "./Provided.ts"
import * as Rounds from "./Rounds.ts"
import * as Store from "./Store.ts"
import * as StoreLayout from "./StoreLayout.ts"

/** Services that read and write the store without an engine. */
export type StoreServices = DrillLog.DrillLog | Rounds.Rounds

/** Services available to drill commands. */
export type Services =
  | StoreServices
  | DrillTarget.DrillTarget
  | DrillProgress.DrillProgress
  | WorkflowEngine.WorkflowEngine
  | Sharding.Sharding
  | MessageStorage.MessageStorage

/** Converts an error of the store to a CLI error. */
export const storeFailure = (store: Store.Store) => (error: unknown): CliFailure => {
  if (error instanceof CliFailure) return error
  const isSql = error instanceof SqlError.SqlError
  const cause = isSql ? error.reason.cause : error
  const why = Predicate.hasProperty(cause, "message") ? String(cause.message) : String(cause)
  return new CliFailure({
    code: isSql && error.reason._tag === "LockTimeoutError" ? "STORE_BUSY" : "STORE_FAILED",
    message: `Cannot use the drill store ${Store.describe(store)}`,
    why,
    hint: store._tag === "File"
      ? "the file must be on a local disk and writable by this user"
      : "check the URL and that the database accepts connections",
    exitCode: ExitCode.unexpected
  })
}

/** Layer of the drill log and the rounds. Checks the store layout first. */
const tables = Layer.merge(DrillLog.layerSql, Rounds.layerSql).pipe(
  Layer.provide(Layer.effectDiscard(StoreLayout.check))
)

/** Converts every failure and defect of a layer to a CLI error. */
const describeFailures = (store: Store.Store) => <A, E, R>(self: Layer.Layer<A, E, R>): Layer.Layer<A, CliFailure, R> =>
  Layer.catchCause(self, (cause) => Layer.effectContext(Effect.failCause(Cause.map(cause, storeFailure(store)))))

/** Layer of the drill log and the rounds without an engine, for commands that only read. */
export const layerStore = (store: Store.Store): Layer.Layer<StoreServices, CliFailure> =>
  Layer.unwrap(Effect.gen(function*() {
    if (store._tag === "File") {
      const NodeSqlite = yield* Effect.promise(() => import("./NodeSqlite.ts"))
      return Layer.provide(tables, NodeSqlite.layer(store.path))
    }
    const PostgresEngine = yield* Effect.promise(() => import("./PostgresEngine.ts"))
    return Layer.provide(tables, PostgresEngine.layerClient(store.url))
  })).pipe(describeFailures(store))

/** The role of this process on a store, and its address. */
export interface Part {
  readonly role: EngineSettings.Role
  /** Address at which other runners of the cluster reach this runner. */
  readonly address?: RunnerAddress.RunnerAddress | undefined
}

const layerOf = (store: Store.Store, { address, role }: Part) =>
  Layer.unwrap(Effect.gen(function*() {
    if (store._tag === "File") {
      const EmbeddedEngine = yield* Effect.promise(() => import("./EmbeddedEngine.ts"))
      return Layer.provideMerge(tables, EmbeddedEngine.layer(store.path, role))
    }
    const PostgresEngine = yield* Effect.promise(() => import("./PostgresEngine.ts"))
    return Layer.provideMerge(
      tables,
      role === "runner" && address !== undefined
        ? PostgresEngine.layerRunner(store.url, address)
        : PostgresEngine.layerOfClient(store.url)
    )
  }))

/**
 * Refuses to run the drills of a store whose open rounds need workflows that this version does not have. The engine would
 * take their messages, and could neither process them nor pass them on.
 */
const checkWorkflows = Effect.gen(function*() {
  const rounds = yield* Rounds.Rounds
  const unknown = [...yield* rounds.openWorkflows].filter((name) => !Rounds.workflows.includes(name))
  if (unknown.length === 0) return
  return yield* new CliFailure({
    code: "OTHER_VERSION",
    message: `The store has drills of another version of pcb, which this version cannot continue: ${
      unknown.join(", ")
    }`,
    hint: "run them with that version until pcb drill list shows none as queued or running",
    exitCode: ExitCode.refused
  })
})

/** The workflows. Every runner must register all of them, because a runner ends drills whose workflow it does not know. */
const workflows = Layer.merge(RestoreDrill.layer, DrillRound.layer)

/** Layer of all services on a store. Only runners register the workflows. */
export const layer = (
  store: Store.Store,
  part: Part,
  probe: DrillProbe.Probe | undefined
): Layer.Layer<Services, CliFailure, DrillTarget.Dependencies> => {
  const engine = Layer.provideMerge(
    DrillProgress.layerTarget(),
    Layer.merge(layerOf(store, part), DrillProgress.layer)
  )
  const runner = probe === undefined ? workflows : Layer.provide(workflows, DrillProbe.layer(probe))
  if (part.role === "client") return describeFailures(store)(engine)
  // Checked on a connection of its own, before the engine takes any message.
  const check = Layer.effectDiscard(Provided.by(layerStore(store))(checkWorkflows))
  return describeFailures(store)(Layer.unwrap(Effect.as(Layer.build(check), Layer.provideMerge(runner, engine))))
}

/** Layer of all services in memory, for the demo project. Wraps every step of a drill in `around`. */
export const layerMemory = (
  probe: DrillProbe.Probe | undefined,
  around: DrillProgress.Around
): Layer.Layer<Services, never, DrillTarget.Dependencies> => {
  const memory = Layer.unwrap(
    Effect.map(Effect.promise(() => import("./MemoryEngine.ts")), (MemoryEngine) => MemoryEngine.layer)
  )
  const engine = Layer.provideMerge(
    DrillProgress.layerTarget(around),
    Layer.mergeAll(memory, DrillProgress.layer, DrillLog.layerMemory, Rounds.layerMemory)
  )
  return Layer.provideMerge(
    probe === undefined ? workflows : Layer.provide(workflows, DrillProbe.layer(probe)),
    engine
  )
}
