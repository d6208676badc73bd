/**
 * The layers of an application: every service of this library on one connection.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Backups from "./Backups.ts"
import * as BackupSchedules from "./BackupSchedules.ts"
import * as Indexes from "./Indexes.ts"
import * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import * as RestoreJobs from "./RestoreJobs.ts"

/**
 * Every service of this library.
 *
 * @category models
 * @since 0.1.0
 */
export type Services = BackupSchedules.BackupSchedules | Backups.Backups | RestoreJobs.RestoreJobs | Indexes.Indexes

/**
 * Layer that provides every service on a connection that is already there.
 *
 * **Gotchas**
 *
 * Effect builds a layer once, whatever is provided to it. Where two connections are built together, provide each to
 * `Layer.fresh(Pinecone.layerServices)`, or both get the services of the first. The other layers of this module do so.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerServices: Layer.Layer<Services, never, PineconeClient.PineconeClient> = Layer.mergeAll(
  BackupSchedules.layer,
  Backups.layer,
  RestoreJobs.layer,
  Indexes.layer
)

/** Every service, on a connection of its own. */
const onConnection = <E, R>(
  connection: Layer.Layer<PineconeClient.PineconeClient, E, R>
): Layer.Layer<Services, E, R> => Layer.provide(Layer.fresh(layerServices), connection)

/**
 * Layer that provides every service with the given options, over any `HttpClient`. Fails with
 * `InvalidInput` when the key or the host cannot be used.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: PineconeClient.Options
): Layer.Layer<Services, PineconeError.InvalidInput, HttpClient.HttpClient> =>
  onConnection(PineconeClient.layer(options))

/**
 * Layer that provides every service as the configuration says (`PINECONE_API_KEY`,
 * `PINECONE_CONTROLLER_HOST`, `PINECONE_API_VERSION`), over any `HttpClient`.
 *
 * **Details**
 *
 * Takes options as values and as `Config` values, like `PineconeClient.layerConfig`.
 *
 * **Example** (A key of another name)
 *
 * ```ts
 * import * as Pinecone from "@pinecone-backups/core/Pinecone"
 * import * as Config from "effect/Config"
 *
 * export const BillingPinecone = Pinecone.layerConfig({ apiKey: Config.Redacted("BILLING_PINECONE_KEY") })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export function layerConfig(): Layer.Layer<Services, Config.ConfigError, HttpClient.HttpClient>
export function layerConfig(
  options: PineconeClient.ConfigOptions
): Layer.Layer<Services, Config.ConfigError | PineconeError.InvalidInput, HttpClient.HttpClient>
export function layerConfig(
  options?: PineconeClient.ConfigOptions
): Layer.Layer<Services, Config.ConfigError | PineconeError.InvalidInput, HttpClient.HttpClient> {
  return onConnection(
    options === undefined ? PineconeClient.layerConfig() : PineconeClient.layerConfig(options)
  )
}

/**
 * Layer that provides every service as the configuration says, with `fetch`. Needs nothing more.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFetch: Layer.Layer<Services, Config.ConfigError> = Layer.provide(layerConfig(), FetchHttpClient.layer)
