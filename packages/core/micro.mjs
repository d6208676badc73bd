import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"
const root = process.argv[2]
const { Pinecone, BackupSchedules, RestoreJobs } = await import(`${root}/packages/core/dist/index.js`)
const run = (i) => ({ backup_id: `9a63c1d5-e807-4f2b-8c14-${String(i).padStart(12,"0")}`, source_index_id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084", source_index_name: "product-catalog", tags: { team: "search" }, name: "catalog-nightly-20260803T060000Z", description: "Nightly", status: "Ready", scheduled_execution_at: "2026-08-03T06:00:00.244035Z", cloud: "aws", region: "us-east-1", dimension: 768, schema: { fields: { embedding: { type: "dense_vector", dimension: 768, metric: "cosine" } } }, record_count: 181990, namespace_count: 4, size_bytes: 587001344, created_at: "2026-08-02T06:00:01.244035Z" })
const pages = Number(process.argv[3] ?? 300)
const texts = Array.from({ length: pages }, (_, p) => JSON.stringify({ data: Array.from({ length: 100 }, (_, i) => run(p * 100 + i)), pagination: p + 1 < pages ? { next: `t${p + 1}` } : null }))
const job = JSON.stringify({ restore_job_id: "9857add2-99d4-4399-870e-aa7f15d8d326", backup_id: "b", target_index_name: "t", target_index_id: "i", status: "Completed", created_at: "2026-04-24T06:00:00.244035Z", completed_at: "2026-04-24T06:00:06.244035Z", percent_complete: 100 })
const client = HttpClient.make((request, url) => Effect.sync(() => {
  const m = /paginationToken=t(\d+)/.exec(url.href)
  const text = url.href.includes("restore-jobs") ? job : texts[m ? Number(m[1]) : 0]
  return HttpClientResponse.fromWeb(request, new Response(text, { headers: { "content-length": String(text.length) } }))
}))
const layer = Layer.provide(Pinecone.layer({ apiKey: Redacted.make("x".repeat(20)) }), Layer.succeed(HttpClient.HttpClient, client))
const time = async (name, n, effect) => {
  const best = []
  for (let r = 0; r < 5; r++) {
    globalThis.gc?.()
    const c0 = process.cpuUsage()
    await Effect.runPromise(effect)
    const c = process.cpuUsage(c0)
    best.push((c.user + c.system) / 1000)
  }
  best.sort((a, b) => a - b)
  console.log(name, "cpu ms min/med", best[0].toFixed(0), best[2].toFixed(0), "per", (best[0] * 1000 / n).toFixed(1), "µs")
}
const program = Effect.gen(function*() {
  const schedules = yield* BackupSchedules.BackupSchedules
  const jobs = yield* RestoreJobs.RestoreJobs
  yield* Effect.promise(() => time("drain", pages, Stream.runDrain(schedules.history("c41f7a2e-96d8-4b03-8a5f-1e7d2c90b364"))))
  const one = jobs.describe("9857add2-99d4-4399-870e-aa7f15d8d326")
  yield* Effect.promise(() => time("describe", 3000, Effect.gen(function*() { for (let i = 0; i < 3000; i++) yield* one })))
})
const bare = performance.now()
for (let r = 0; r < 3; r++) { const c0 = process.cpuUsage(); for (const t of texts) JSON.parse(t); const c = process.cpuUsage(c0); console.log("JSON.parse", ((c.user + c.system) / 1000).toFixed(0)) }
await Effect.runPromise(Effect.provide(program, layer))
