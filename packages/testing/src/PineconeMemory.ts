/**
 * Layer for unit tests: all services of core on a simulated Pinecone in memory.
 *
 * @since 0.1.0
 */

import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as ControlPlane from "./ControlPlane.ts"
import * as Emulator from "./Emulator.ts"
import * as OptionNames from "./internal/option-names.ts"

/**
 * Layer options: the initial state, and the client options except `apiKey` and `host`.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options
  extends Omit<ControlPlane.Options, "apiKey">, Omit<PineconeClient.Options, "apiKey" | "host">
{}

/**
 * Layer for the services of `Pinecone.layer`, the client below them, and the simulated service.
 *
 * **When to use**
 *
 * In tests that do not need a server. The services are those of core: requests are encoded, responses decoded and
 * errors mapped as in production.
 *
 * **Gotchas**
 *
 * Every call creates a separate simulated service. To share one, assign the layer to a constant.
 *
 * **Example** (Restoring a backup on virtual time)
 *
 * ```ts
 * import * as Backup from "@pinecone-backups/core/Backup"
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * const layer = PineconeMemory.layer({ backups: [{ backupId: Backup.BackupId.make("backup-1"), indexName: "docs" }] })
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const { index, job } = yield* backups.restoreAndAwait(Backup.BackupId.make("backup-1"), { name: "docs-restored" })
 *   yield* Console.log(job.status, index.name) // => Completed docs-restored
 * }).pipe(Effect.provide(layer))
 * // In a test, TestClock.adjust lets the restore finish without waiting.
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Pinecone.Services | PineconeClient.PineconeClient | ControlPlane.ControlPlane> =>
  Layer.suspend(() => {
    OptionNames.checkInMemory(options)
    count++
    // Layers are shared by reference, and these must belong to one simulated service.
    return Layer.fresh(Pinecone.layerServices).pipe(
      Layer.provideMerge(
        PineconeClient.layer({
          ...options,
          apiKey: Redacted.make("memory"),
          indexDomains: [...(options.indexDomains ?? []), "invalid"],
          // Writes to one host take turns, so each simulated service has its own host.
          host: `http://memory${count === 1 ? "" : `-${count}`}.localhost`
        })
      ),
      // Key and host are valid. An invalid option is a bug in the test, so it becomes a defect.
      Layer.orDie,
      Layer.provide(Layer.fresh(Emulator.layerMemory)),
      Layer.provideMerge(ControlPlane.layer(options))
    )
  })

/** Number of simulated services so far. */
let count = 0
