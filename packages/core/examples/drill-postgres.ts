import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as DrillSchedule from "@pinecone-backups/core/drill/DrillSchedule"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import * as SqlRunnerStorage from "effect/cluster/SqlRunnerStorage"
import * as Cron from "effect/Cron"
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

// One runner. The state of the drills is in the database, where a second process that starts this layer waits its turn.
const Engine = ClusterWorkflowEngine.layer.pipe(
  Layer.provideMerge(Sharding.layer),
  Layer.provide(Runners.layerNoop),
  Layer.provideMerge(SqlMessageStorage.layer),
  Layer.provide([SqlRunnerStorage.layer, RunnerHealth.layerNoop, Digest.layerWebCrypto]),
  Layer.provide(ShardingConfig.layer({
    // Never change this number while the database has drills.
    shardsPerGroup: 64,
    // How exact delays are. The default is 10 seconds.
    entityMessagePollInterval: "1 second"
  }))
)

// Drills every index at 3 o'clock, one after the other.
const Nightly = DrillSchedule.layer({
  cron: Cron.parseUnsafe("0 3 * * *", "UTC"),
  round: Effect.fnUntraced(function*() {
    const indexes = yield* Indexes.Indexes
    const all = yield* indexes.list
    // The copy of another drill is not to be drilled itself.
    return { indexes: all.filter((index) => DrillIndex.of(index) === undefined).map(({ name }) => name) }
  })
})

// Needs the services of `Pinecone.layer`, the client under them, and a SQL client: `PgClient.layer({ url })` of
// `@effect/sql-pg`.
export const Drills = Nightly.pipe(
  Layer.provideMerge(Layer.merge(RestoreDrill.layer, DrillRound.layer)),
  Layer.provide(Layer.provide(DrillTarget.layer, IndexData.layer)),
  Layer.provideMerge(DrillLog.layerSql),
  Layer.provideMerge(Engine)
)
