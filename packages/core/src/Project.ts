/**
 * Several projects of Pinecone in one application: a service for each, so that types keep them apart.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Backups from "./Backups.ts"
import * as BackupSchedules from "./BackupSchedules.ts"
import * as Indexes from "./Indexes.ts"
import * as Pinecone from "./Pinecone.ts"
import type * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import * as RestoreJobs from "./RestoreJobs.ts"

/**
 * The services of this library on one project.
 *
 * @category models
 * @since 0.1.0
 */
export interface Project {
  readonly schedules: BackupSchedules.Service
  readonly backups: Backups.Service
  readonly restoreJobs: RestoreJobs.Service
  readonly indexes: Indexes.Service
}

/**
 * Options of the connection of a project, as values or as `Config` values. The key has no default: two projects must not
 * share one by accident.
 *
 * @category options
 * @since 0.1.0
 */
export type ConfigOptions = PineconeClient.ConfigOptions & Required<Pick<PineconeClient.ConfigOptions, "apiKey">>

/**
 * The class of a project: its service, and the layers that provide it.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProjectClass<in out Self, in out Id extends string> extends Context.ServiceClass<Self, Id, Project> {
  /** Layer that provides the project with the given options. Fails like `Pinecone.layer`. */
  readonly layer: (
    options: PineconeClient.Options
  ) => Layer.Layer<Self, PineconeError.InvalidInput, HttpClient.HttpClient>
  /**
   * Layer that provides the project with options from the configuration. Those that are omitted, except the key, are read
   * from the variables of `PineconeClient.config`.
   */
  readonly layerConfig: (
    options: ConfigOptions
  ) => Layer.Layer<Self, Config.ConfigError | PineconeError.InvalidInput, HttpClient.HttpClient>
  /** Layer that provides the project on services that are already there, for example those of a test. */
  readonly layerNoDeps: Layer.Layer<Self, never, Pinecone.Services>
  /**
   * Layer that provides the services of the project under their usual names: for code that is written for one project,
   * and for `HealthChecks`.
   */
  readonly layerServices: Layer.Layer<Pinecone.Services, never, Self>
}

/**
 * Makes the class of a project.
 *
 * **Details**
 *
 * Every project has a connection and services of its own. Nothing is shared with other projects except what the layers
 * are given: the `HttpClient`, and a `rateLimit` if the options of several name the same.
 *
 * **Gotchas**
 *
 * The identifier is the identity of the project at run time, so no two classes may have the same. Effect builds a layer
 * once, so a layer of the application that two projects use, such as `HealthChecks.layer`, needs a `Layer.fresh` for each.
 *
 * **Example** (Two projects)
 *
 * ```ts
 * import * as Project from "@pinecone-backups/core/Project"
 * import * as Config from "effect/Config"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Stream from "effect/Stream"
 *
 * class Billing extends Project.Service<Billing>()("app/Billing") {}
 * class Search extends Project.Service<Search>()("app/Search") {}
 *
 * export const layer = Layer.mergeAll(
 *   Billing.layerConfig({ apiKey: Config.Redacted("BILLING_PINECONE_KEY") }),
 *   Search.layerConfig({ apiKey: Config.Redacted("SEARCH_PINECONE_KEY") })
 * )
 *
 * export const counts = Effect.gen(function*() {
 *   const billing = yield* Billing
 *   const search = yield* Search
 *   return [yield* Stream.runCount(billing.backups.list()), yield* Stream.runCount(search.backups.list())]
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export const Service = <Self>() => <const Id extends string>(id: Id): ProjectClass<Self, Id> => {
  const tag = Context.Service<Self, Project>()(id)
  const layerNoDeps = Layer.effect(
    tag,
    Effect.all({
      schedules: BackupSchedules.BackupSchedules,
      backups: Backups.Backups,
      restoreJobs: RestoreJobs.RestoreJobs,
      indexes: Indexes.Indexes
    })
  )
  const provided = <E, R>(services: Layer.Layer<Pinecone.Services, E, R>) =>
    Layer.provide(Layer.fresh(layerNoDeps), services)
  return Object.assign(tag, {
    layer: (options: PineconeClient.Options) => provided(Pinecone.layer(options)),
    layerConfig: (options: ConfigOptions) => provided(Pinecone.layerConfig(options)),
    layerNoDeps,
    layerServices: Layer.effectContext(
      Effect.map(
        tag,
        ({ backups, indexes, restoreJobs, schedules }) =>
          Context.make(BackupSchedules.BackupSchedules, schedules).pipe(
            Context.add(Backups.Backups, backups),
            Context.add(RestoreJobs.RestoreJobs, restoreJobs),
            Context.add(Indexes.Indexes, indexes)
          )
      )
    )
  })
}
