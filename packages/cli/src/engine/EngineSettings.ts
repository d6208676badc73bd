/**
 * Settings of the cluster engine. All of them are set here: Effect's own layers would read the rest from variables without a
 * prefix, such as `PORT` and `HOST`, which mean something else to every other program.
 */
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as StoreLayout from "./StoreLayout.ts"

/** The address of a runner that no other process talks to. */
export const unusedAddress = RunnerAddress.make("localhost", 34431)

/** Layer of the settings: of a runner with an address, or of a client without one. */
export const layer = (address: RunnerAddress.RunnerAddress | undefined): Layer.Layer<ShardingConfig.ShardingConfig> =>
  ShardingConfig.layer({
    runnerAddress: Option.fromUndefinedOr(address),
    shardsPerGroup: StoreLayout.shardsPerGroup,
    // Wake-ups of drills are as precise as this.
    entityMessagePollInterval: "500 millis",
    // A runner that does not know the workflow of a drill, because it is still starting or is of an older version, would end
    // the drill after this, without removing its index. The drill waits for a better one instead.
    entityRegistrationTimeout: "30 days",
    // How long a dead runner keeps its drills from the others. One runner alone checks the others, so that the locks have to
    // expire soon as well: it may be the one that died.
    runnerHealthCheckInterval: "3 seconds",
    shardLockRefreshInterval: "2 seconds",
    shardLockExpiration: "6 seconds",
    refreshAssignmentsInterval: "1 second"
  })
