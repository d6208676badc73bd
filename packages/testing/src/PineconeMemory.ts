/**
 * The layer for unit tests: every service of core, on a simulated Pinecone in memory.
 *
 * @since 0.1.0
 */
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as ControlPlane from "./ControlPlane.ts"
import * as Emulator from "./Emulator.ts"

/**
 * Options of the layer: what to begin with, and the settings of the client except its address and key.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options
  extends Omit<ControlPlane.Options, "apiKey">, Omit<PineconeClient.Options, "apiKey" | "host">
{}

/**
 * Layer that provides the services `Pinecone.layer` provides, the client under them, and the simulated service it
 * talks to. The services are core's own: requests are encoded, answers decoded and errors mapped as in production.
 *
 * Every call makes a service of its own, so bind the layer to a name to share one.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Pinecone.Services | PineconeClient.PineconeClient | ControlPlane.ControlPlane> =>
  Layer.suspend(() => {
    count++
    // Layers are built once for all that share them, and each of these belongs to one service.
    return Layer.fresh(Pinecone.layerServices).pipe(
      Layer.provideMerge(
        PineconeClient.layer({
          ...options,
          apiKey: Redacted.make("memory"),
          indexDomains: [...(options.indexDomains ?? []), "invalid"],
          // Writes to one host take turns. Those to different services have nothing to do with each other.
          host: `http://memory${count === 1 ? "" : `-${count}`}.localhost`
        })
      ),
      // Key and host are good. An option of the caller's that is not is a mistake in the test.
      Layer.orDie,
      Layer.provide(Layer.fresh(Emulator.layerMemory)),
      Layer.provideMerge(ControlPlane.layer(options))
    )
  })

/** How many services there have been. */
let count = 0
