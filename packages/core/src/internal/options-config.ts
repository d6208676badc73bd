/** Connection options from the configuration. */
import * as Config from "effect/Config"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type * as Redacted from "effect/Redacted"
import * as Versions from "./contract/versions.ts"
import * as TransportOptions from "./transport/options.ts"

/** The options that have a variable. */
const makeVariables = () => ({
  apiKey: Config.schema(TransportOptions.makeConfigKey(), "PINECONE_API_KEY"),
  apiVersion: Config.schema(Versions.ApiVersion, "PINECONE_API_VERSION").pipe(Config.withDefault(undefined))
})

const makeAllowance = () => Config.Boolean("PINECONE_ALLOW_INSECURE_HOST").pipe(Config.withDefault(undefined))

/**
 * Reads the host, and whether it may be insecure.
 *
 * **Details**
 *
 * The variable for insecure hosts is read only if the host is insecure, and applies only to the host variable. The
 * options `host` and `allowInsecureHost` are validated by `make`.
 */
const addressOf = (
  option: Config.Config<unknown> | undefined,
  allowance: Config.Config<unknown> = option === undefined ? makeAllowance() : Config.succeed(undefined)
) =>
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

/** The configuration combined with the given options, which `make` validates. */
interface Read {
  readonly apiKey: Redacted.Redacted<string>
  readonly apiVersion: typeof Versions.ApiVersion.Type | undefined
  readonly host?: string | undefined
  readonly allowInsecureHost?: boolean | undefined
}

const fromOption = (option: unknown): Config.Config<unknown> =>
  Config.isConfig(option) ? option : Config.succeed(option)

const combine = (options: Readonly<Record<string, unknown>>): Config.Config<Read> => {
  const { allowInsecureHost: allowance, host, ...given } = Record.map(
    Record.filter(options, Predicate.isNotUndefined),
    fromOption
  )
  // The options have the right names and types. Here the names are only looked up.
  const all = Config.all({ ...makeVariables(), ...given, address: addressOf(host, allowance) })
  return Config.map(all, ({ address, ...options }) => ({ ...options, ...address }) as Read)
}

/**
 * Reads the connection options: the given options, as values or as `Config` values, and variables for omitted options.
 *
 * **Details**
 *
 * The `Config` values are created when the configuration is read, so that importing this library does not create them.
 */
export const make = (options: Readonly<Record<string, unknown>>): Config.Config<Read> =>
  // Copied, because the caller may change the object before the configuration is read.
  Config.flatMap(Config.succeed({ ...options }), combine)
