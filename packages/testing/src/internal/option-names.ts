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

/**
 * Throws an `InvalidValue` for an unknown option of a simulated service. Options of the client are not unknown: a program may
 * use the same options for the layer in memory. `others` are the names of further options.
 */
export const check = (options: object, ...others: ReadonlyArray<string>): void =>
  Inputs.checkKeys(options, [...Object.keys({ ...plane, ...client }), ...others])

/** Throws an `InvalidValue` for an unknown option of the layer in memory, which sets the key and the host. */
export const checkInMemory = (options: object): void =>
  Inputs.checkKeys(
    options,
    Object.keys({ ...plane, ...client }).filter((name) => name !== "apiKey" && name !== "host")
  )
