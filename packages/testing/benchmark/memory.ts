/** Duration of a call in a unit test, including the first call, because a test process is always cold. */
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"

const program = Effect.gen(function*() {
  const jobs = yield* RestoreJobs.RestoreJobs
  const id = RestoreJob.RestoreJobId.make("restore")
  const calls = (times: number) => Effect.repeat(jobs.describe(id), { times: times - 1 })
  const size = Number(process.argv[2])
  const cpu = process.cpuUsage()
  const start = performance.now()
  yield* calls(size)
  const millis = performance.now() - start
  const { system, user } = process.cpuUsage(cpu)
  console.log(JSON.stringify({
    millis,
    cpuMillis: (system + user) / 1000,
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
    count: size
  }))
})

await Effect.runPromise(Effect.provide(program, PineconeMemory.layer({ restoreJobs: [{ id: "restore" }] })))
