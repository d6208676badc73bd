/**
 * Layers for applications: every service of this library on one connection.
 *
 * **Example** (Running a program against Pinecone)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Pinecone from "@pinecone-backups/core/Pinecone"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   yield* Console.log(yield* Stream.runCount(backups.list())) // => 6
 * })
 *
 * // Reads PINECONE_API_KEY.
 * export const main = program.pipe(Effect.provide(Pinecone.layerFetch))
 * ```
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
 * All services of this library.
 *
 * @category models
 * @since 0.1.0
 */
export type Services = BackupSchedules.BackupSchedules | Backups.Backups | RestoreJobs.RestoreJobs | Indexes.Indexes

/**
 * Layer that provides every service on an existing connection.
 *
 * **Gotchas**
 *
 * Effect builds a layer only once, even if it is provided to different layers. If two connections are built together,
 * provide each of them to `Layer.fresh(Pinecone.layerServices)`. Otherwise both get the services of the first
 * connection. The other layers of this module already do this.
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

/** Provides every service on a separate connection. */
const onConnection = <E, R>(
  connection: Layer.Layer<PineconeClient.PineconeClient, E, R>
): Layer.Layer<Services, E, R> => Layer.provide(Layer.fresh(layerServices), connection)

/**
 * Layer that provides every service with the given options, over any `HttpClient`.
 *
 * **Details**
 *
 * Fails with `InvalidInput` if an option is invalid, for example the API key or the host.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: PineconeClient.Options
): Layer.Layer<Services, PineconeError.InvalidInput, HttpClient.HttpClient> =>
  onConnection(PineconeClient.layer(options))

/**
 * Layer that provides every service with options from `Config`, over any `HttpClient`.
 *
 * **Details**
 *
 * Reads `PINECONE_API_KEY`, `PINECONE_CONTROLLER_HOST`, `PINECONE_ALLOW_INSECURE_HOST` and `PINECONE_API_VERSION`: see
 * `PineconeClient.config`. Accepts options as values and as `Config` values, like `PineconeClient.layerConfig`.
 *
 * **Example** (Reading the API key from a different variable)
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
 * Layer that provides every service with options from `Config`, using `fetch`. Has no requirements.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFetch: Layer.Layer<Services, Config.ConfigError> = Layer.provide(layerConfig(), FetchHttpClient.layer)
