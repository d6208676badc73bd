/**
 * Settings of the cluster engine. All of them are set here, because Effect's own layers read unset ones from variables without
 * a prefix, such as `PORT` and `HOST`, which other programs use for other purposes.
 */
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as StoreLayout from "./StoreLayout.ts"

/** Role of a process on a store: it runs the drills, or is a client of the runner. */
export type Role = "runner" | "client"

/** Placeholder address of a runner that no other process connects to. */
export const unusedAddress = RunnerAddress.make("localhost", 34431)

/** Layer of the settings. A runner has an address, a client has none. */
export const layer = (address: RunnerAddress.RunnerAddress | undefined): Layer.Layer<ShardingConfig.ShardingConfig> =>
  ShardingConfig.layer({
    runnerAddress: Option.fromUndefinedOr(address),
    shardsPerGroup: StoreLayout.shardsPerGroup,
    // Precision of the wake-ups of drills.
    entityMessagePollInterval: "500 millis",
    // After this timeout, a runner ends a drill whose workflow it does not know, without removing the index. It may just be
    // starting, or have an older version, so the drill waits for another runner instead.
    entityRegistrationTimeout: "30 days",
    // Limits how long the drills of a dead runner stay blocked. Only one runner checks the health of the others, so locks must
    // expire soon, too: that runner may be the dead one.
    runnerHealthCheckInterval: "3 seconds",
    shardLockRefreshInterval: "2 seconds",
    shardLockExpiration: "6 seconds",
    refreshAssignmentsInterval: "1 second"
  })
