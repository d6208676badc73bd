const Pinecone = require("@pinecone-backups/core/Pinecone")
const RestoreJob = require("@pinecone-backups/core/RestoreJob")
const RestoreJobs = require("@pinecone-backups/core/RestoreJobs")
const Effect = require("effect/Effect")
const ManagedRuntime = require("effect/ManagedRuntime")

/** For NestJS: `@Injectable()` in front of it, or `pineconeProvider` among the providers of a module. */
class PineconeBackups {
  runtime = ManagedRuntime.make(Pinecone.layerFetch)

  restoreJob(id) {
    return this.runtime.runPromise(
      Effect.flatMap(RestoreJobs.RestoreJobs, (jobs) => jobs.describe(RestoreJob.RestoreJobId.make(id)))
    )
  }

  /** NestJS calls it when the application ends, if it has called `app.enableShutdownHooks()`. */
  onModuleDestroy() {
    return this.runtime.dispose()
  }
}

const pineconeProvider = { provide: PineconeBackups, useFactory: () => new PineconeBackups() }

module.exports = { PineconeBackups, pineconeProvider }
