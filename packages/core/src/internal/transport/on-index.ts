/** Connections to the hosts of indexes, which serve their data. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as PineconeError from "../../PineconeError.ts"
import * as IndexHost from "./index-host.ts"
import * as Options from "./options.ts"

/**
 * Maximum number of connections to keep, so that a program that creates an index every night does not keep all of their
 * hosts in memory.
 */
const maxHosts = 100

/**
 * Creates a function that returns the connection to the host of an index, or fails with `HostRefused` if the key must
 * not be sent there. `connect` creates a connection with the given settings.
 */
export const make = <Run>(
  settings: Options.Settings,
  connect: (settings: Options.Settings) => Effect.Effect<Run>
) => {
  const runs = new Map<string, Run>()
  return Effect.fnUntraced(function*(operation: string, index: IndexHost.Address): Effect.fn.Return<
    Run,
    PineconeError.HostRefused
  > {
    const address = IndexHost.resolve(index, settings)
    if (Result.isFailure(address)) {
      const { host, problem: message } = address.failure
      return yield* new PineconeError.HostRefused({ operation, message, ...(host !== undefined && { host }) })
    }
    const url = address.success
    const base = Options.baseOf(url)
    const run = runs.get(base) ?? (yield* connect({ ...settings, url, base }))
    const [oldest] = runs.keys()
    if (oldest !== undefined && runs.size >= maxHosts && !runs.has(base)) runs.delete(oldest)
    runs.set(base, run)
    return run
  })
}
