/** The options of a connection as the configuration says. */
import * as Config from "effect/Config"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type * as Redacted from "effect/Redacted"
import * as Contract from "./transport/contract.ts"
import * as TransportOptions from "./transport/options.ts"

/** The options of which each has a variable of its own. */
const variables = {
  apiKey: Config.schema(TransportOptions.ApiKey, "PINECONE_API_KEY"),
  apiVersion: Config.schema(Contract.ApiVersion, "PINECONE_API_VERSION").pipe(Config.withDefault(undefined))
}

const allowInsecureHost = Config.Boolean("PINECONE_ALLOW_INSECURE_HOST").pipe(Config.withDefault(undefined))

/** The host, and whether it may be insecure, which is read only where it is. A host that is an option is left to `make`. */
const addressOf = (allowance: Config.Config<unknown>, option?: Config.Config<unknown>) =>
  (option ?? Config.String("PINECONE_CONTROLLER_HOST").pipe(Config.withDefault(undefined))).pipe(
    Config.flatMap((host) =>
      Predicate.isString(host) && TransportOptions.isInsecure(host) ? allowance : Config.succeed(undefined)
    ),
    Config.flatMap((allowInsecureHost) =>
      Config.all({
        host: option ?? Config.schema(
          TransportOptions.makeHost(allowInsecureHost === true, "PINECONE_ALLOW_INSECURE_HOST=true"),
          "PINECONE_CONTROLLER_HOST"
        ).pipe(Config.withDefault(undefined)),
        allowInsecureHost: Config.succeed(allowInsecureHost)
      })
    )
  )

/** What the configuration says, beside options that are given: `make` checks these. */
interface Read {
  readonly apiKey: Redacted.Redacted<string>
  readonly apiVersion: typeof Contract.ApiVersion.Type | undefined
  readonly host?: string | undefined
  readonly allowInsecureHost?: boolean | undefined
}

const fromOption = (option: unknown): Config.Config<unknown> =>
  Config.isConfig(option) ? option : Config.succeed(option)

/** The options of a connection: as they are given, as values or as `Config`, and as variables say what is left out. */
export const make = (options: Readonly<Record<string, unknown>>): Config.Config<Read> => {
  const { allowInsecureHost: allowance = allowInsecureHost, host, ...given } = Record.map(
    Record.filter(options, Predicate.isNotUndefined),
    fromOption
  )
  // The names and types of what is given are those of the options; here the names are only looked up.
  const all = Config.all({ ...variables, ...given, address: addressOf(allowance, host) })
  return Config.map(all, ({ address, ...options }) => ({ ...options, ...address }) as Read)
}
