import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Otlp from "effect/observability/Otlp"
import * as Stream from "effect/Stream"

// One layer sends the spans, metrics and logs of every operation to an OpenTelemetry collector.
const Observability = Layer.unwrap(
  Effect.map(
    Config.String("OTEL_EXPORTER_OTLP_ENDPOINT"),
    (baseUrl) => Otlp.layerJson({ baseUrl, resource: { serviceName: "backups" } })
  )
).pipe(Layer.provide(FetchHttpClient.layer))

export const main = Effect.gen(function*() {
  const schedules = yield* BackupSchedules.BackupSchedules
  return yield* Stream.runCount(schedules.list(PineconeIndex.IndexName.make("docs")))
}).pipe(Effect.provide(Layer.provideMerge(Pinecone.layerFetch, Observability)))
