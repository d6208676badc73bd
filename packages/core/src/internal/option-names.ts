/** What is wrong with a call, in the names of the options that its caller wrote. */
import * as Effect from "effect/Effect"
import * as PineconeClient from "../PineconeClient.ts"
import * as PineconeError from "../PineconeError.ts"

/** The names of options, by those of the contract's fields. */
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

/** Makes a call fail with the names of its options, where it fails with those of the contract. */
export const renamed =
  (names: Readonly<Record<string, string>>) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.mapError(self, (error) =>
      // The same class as before.
      error instanceof PineconeError.InvalidInput ? rename(error, names) as E & PineconeError.InvalidInput : error)

const asWritten = renamed(names)

/** The connection, for services whose options have names of their own. */
export const client: Effect.Effect<PineconeClient.Service, never, PineconeClient.PineconeClient> = Effect.map(
  PineconeClient.PineconeClient,
  (client): PineconeClient.Service => ({
    ...client,
    check: (group, endpoint, request) => asWritten(client.check(group, endpoint, request)),
    execute: (group, endpoint, request) => asWritten(client.execute(group, endpoint, request)),
    executeIdempotently: (group, endpoint, request, recovery) =>
      asWritten(client.executeIdempotently(group, endpoint, request, recovery))
  })
)
