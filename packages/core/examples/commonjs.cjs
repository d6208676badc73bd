const Pinecone = require("@pinecone-backups/core/Pinecone")
const RestoreJob = require("@pinecone-backups/core/RestoreJob")
const RestoreJobs = require("@pinecone-backups/core/RestoreJobs")
const Effect = require("effect/Effect")
const ManagedRuntime = require("effect/ManagedRuntime")

/** For NestJS: add `@Injectable()` to the class, or `pineconeProvider` to the providers of a module. */
class PineconeBackups {
  runtime = ManagedRuntime.make(Pinecone.layerFetch)

  restoreJob(id) {
    return this.runtime.runPromise(
      Effect.flatMap(RestoreJobs.RestoreJobs, (jobs) => jobs.describe(RestoreJob.RestoreJobId.make(id)))
    )
  }

  /** NestJS calls this method at shutdown if the application has called `app.enableShutdownHooks()`. */
  onModuleDestroy() {
    return this.runtime.dispose()
  }
}

const pineconeProvider = { provide: PineconeBackups, useFactory: () => new PineconeBackups() }

module.exports = { PineconeBackups, pineconeProvider }
