/** The names of options. A key with another name may be misspelled, and would have no effect. */
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import type * as Seed from "../Seed.ts"
import type * as Engine from "./engine.ts"
import * as Inputs from "./inputs.ts"
import type * as Settings from "./settings.ts"

/** Objects instead of lists, because their types ensure that no name is missing. */
const plane: Readonly<Record<keyof (Seed.Seeds & Settings.Settings & Engine.Options) | "now", true>> = {
  apiKey: true,
  backups: true,
  chooseFault: true,
  faults: true,
  indexes: true,
  keptRequests: true,
  now: true,
  project: true,
  restoreJobs: true,
  schedules: true,
  speed: true,
  switches: true
}

const client: Readonly<Record<keyof PineconeClient.Options, true>> = {
  allowInsecureHost: true,
  apiKey: true,
  apiVersion: true,
  host: true,
  indexDomains: true,
  onRetry: true,
  rateLimit: true,
  requestTimeout: true,
  retry: true,
  tracePropagation: true,
  transformClient: true
}

/** Throws an `InvalidValue` for an unknown option of a simulated service. `others` are the names of further options. */
export const check = (options: object, ...others: ReadonlyArray<string>): void =>
  Inputs.checkKeys(options, [...Object.keys(plane), ...others])

/**
 * Returns the options of the simulated service among those of the layer in memory, which sets the key and the host. Throws
 * an `InvalidValue` for an unknown option.
 */
export const ofPlane = <A extends object>(options: A): Omit<A, keyof typeof client> => {
  const known = Object.keys({ ...plane, ...client }).filter((name) => name !== "apiKey" && name !== "host")
  Inputs.checkKeys(options, known)
  // The remaining keys and values keep their types.
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(plane, name))) as Omit<
    A,
    keyof typeof client
  >
}
