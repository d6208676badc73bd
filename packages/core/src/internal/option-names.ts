/** Names of options in errors: the names that the caller uses, instead of the names of the contract. */
import * as Effect from "effect/Effect"
import * as PineconeClient from "../PineconeClient.ts"
import * as PineconeError from "../PineconeError.ts"

/** The names of options, by the names of the fields in the contract. */
const names: Readonly<Record<string, string>> = {
  "schedule.frequency": "frequency",
  "retention.expire_after_days": "expireAfterDays",
  deletion_protection: "deletionProtection",
  read_capacity: "readCapacity",
  include_deleted: "includeDeleted"
}

const rename = (error: PineconeError.InvalidInput, names: Readonly<Record<string, string>>) => {
  const { field, message, operation } = error
  const found = Object.keys(names).find((name) => field === name || field.startsWith(`${name}.`))
  if (found === undefined) return error
  const option = `${names[found]}${field.slice(found.length)}`
  return PineconeError.invalidInput(operation, option, message.slice(`${field}: `.length))
}

/** Renames the fields in the errors of a call from the names of the contract to the names of its options. */
export const renamed =
  (names: Readonly<Record<string, string>>) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.mapError(self, (error) =>
      // The renamed error has the same class.
      error instanceof PineconeError.InvalidInput ? rename(error, names) as E & PineconeError.InvalidInput : error)

const asWritten = renamed(names)

/** The connection, with renamed fields in errors, for services that have their own options. */
export const client: Effect.Effect<PineconeClient.Service, never, PineconeClient.PineconeClient> = Effect.map(
  PineconeClient.PineconeClient,
  (client): PineconeClient.Service => ({
    ...client,
    check: (endpoint, request) => asWritten(client.check(endpoint, request)),
    execute: (endpoint, request) => asWritten(client.execute(endpoint, request)),
    executeIdempotently: (endpoint, request, recovery) =>
      asWritten(client.executeIdempotently(endpoint, request, recovery))
  })
)
