/** Everything that drills need beside the service: engine, workflows, log and rounds of a store. */
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
import type * as OwnerLock from "./OwnerLock.ts"
import * as Provided from "./Provided.ts"
import * as Rounds from "./Rounds.ts"
import * as Store from "./Store.ts"
import * as StoreLayout from "./StoreLayout.ts"

/** What a store has, without an engine. */
export type StoreServices = DrillLog.DrillLog | Rounds.Rounds

/** What a command on drills gets. */
export type Services =
  | StoreServices
  | DrillTarget.DrillTarget
  | DrillProgress.DrillProgress
  | WorkflowEngine.WorkflowEngine
  | Sharding.Sharding
  | MessageStorage.MessageStorage

/** A failure of the store, as it is displayed. */
export const storeFailure = (store: Store.Store) => (error: unknown): CliFailure => {
  if (error instanceof CliFailure) return error
  const isSql = error instanceof SqlError.SqlError
  const cause = isSql ? error.reason.cause : error
  const why = Predicate.hasProperty(cause, "message") ? String(cause.message) : String(cause)
  return new CliFailure({
    code: isSql && error.reason._tag === "LockTimeoutError" ? "STORE_BUSY" : "STORE_FAILED",
    message: `The store of drills, ${Store.describe(store)}, cannot be used`,
    why,
    hint: store._tag === "File"
      ? "the file must be on a local disk, and this user must be able to write it"
      : "check the URL, and that the database accepts connections",
    exitCode: ExitCode.unexpected
  })
}

/** Log and rounds of the database below, whose layout is checked first. */
const tables = Layer.merge(DrillLog.layerSql, Rounds.layerSql).pipe(
  Layer.provide(Layer.effectDiscard(StoreLayout.check))
)

/** Layer that fails as a store fails. */
const describeFailures = (store: Store.Store) => <A, E, R>(self: Layer.Layer<A, E, R>): Layer.Layer<A, CliFailure, R> =>
  Layer.catchCause(self, (cause) => Layer.effectContext(Effect.failCause(Cause.map(cause, storeFailure(store)))))

/** Layer of the log and the rounds alone, for commands that only read. */
export const layerStore = (store: Store.Store): Layer.Layer<StoreServices, CliFailure> =>
  Layer.unwrap(Effect.gen(function*() {
    if (store._tag === "File") {
      const NodeSqlite = yield* Effect.promise(() => import("./NodeSqlite.ts"))
      return Layer.provide(tables, NodeSqlite.layer(store.path))
    }
    const PostgresEngine = yield* Effect.promise(() => import("./PostgresEngine.ts"))
    return Layer.provide(tables, PostgresEngine.layerClient(store.url))
  })).pipe(describeFailures(store))

/** How this process takes part in a store. */
export interface Part {
  readonly role: OwnerLock.Role
  /** The address of a runner in a cluster. */
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
 * Refuses to run the drills of a store that has open rounds of another version, whose workflows this one does not have. The
 * engine would take their messages, and could neither continue nor pass them on.
 */
const checkWorkflows = Effect.gen(function*() {
  const rounds = yield* Rounds.Rounds
  const unknown = [...yield* rounds.openWorkflows].filter((name) => !Rounds.workflows.includes(name))
  if (unknown.length === 0) return
  return yield* new CliFailure({
    code: "OTHER_VERSION",
    message: `The store has drills of another version of pcb, which this one cannot continue: ${unknown.join(", ")}`,
    hint: "run them with that version until pcb drill list shows none as queued or running",
    exitCode: ExitCode.refused
  })
})

/** The workflows, which every runner must have. */
const workflows = Layer.merge(RestoreDrill.layer, DrillRound.layer)

/** Layer of everything, on a store. A client has no workflows of its own. */
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

/** Layer of everything in memory, for the demo project. Every step of a drill is carried out `around` something. */
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
