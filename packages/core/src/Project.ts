/**
 * Multiple Pinecone projects in one application: a service for each project, so that the types distinguish them.
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
 * The services of this library for one project.
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
 * Connection options of a project, as values or as `Config` values. The API key has no default, so that two projects do
 * not share a key by accident.
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
   * Layer that provides the project with options from `Config`. Omitted options, except for the API key, are read from
   * the variables of `PineconeClient.config`.
   */
  readonly layerConfig: (
    options: ConfigOptions
  ) => Layer.Layer<Self, Config.ConfigError | PineconeError.InvalidInput, HttpClient.HttpClient>
  /** Layer that provides the project with existing services, for example those of a test. */
  readonly layerNoDeps: Layer.Layer<Self, never, Pinecone.Services>
  /**
   * Layer that provides the services of the project under their usual names: for `HealthChecks`, and for code written
   * for a single project.
   */
  readonly layerServices: Layer.Layer<Pinecone.Services, never, Self>
}

/**
 * Creates the class of a project.
 *
 * **Details**
 *
 * Every project has separate services and a separate connection. Projects share only what is passed to their layers:
 * the `HttpClient`, and a `rateLimit` that is used in the options of several projects. Two projects with the same host
 * and API key are the same project to the service, so their concurrent identical writes run one after another.
 *
 * **Gotchas**
 *
 * The identifier identifies the project at runtime, so every class needs a different identifier. Effect builds a layer
 * only once, so if two projects use the same application layer, such as `HealthChecks.layer`, wrap it in `Layer.fresh`
 * for each.
 *
 * **Example** (Using two projects)
 *
 * ```ts
 * import * as Project from "@pinecone-backups/core/Project"
 * import * as Config from "effect/Config"
 * import * as Console from "effect/Console"
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
 * const counts = Effect.gen(function*() {
 *   const billing = yield* Billing
 *   const search = yield* Search
 *   return [yield* Stream.runCount(billing.backups.list()), yield* Stream.runCount(search.backups.list())]
 * })
 *
 * // For tests, provide both projects with the same services.
 * export const program = counts.pipe(
 *   Effect.flatMap(([billing, search]) => Console.log(billing, search)), // => 6 6
 *   Effect.provide([Billing.layerNoDeps, Search.layerNoDeps])
 * )
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
