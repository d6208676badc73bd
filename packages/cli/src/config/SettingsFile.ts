/** Schema and validation of the configuration file. Loaded only if the file exists. */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as Globals from "../input/Globals.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as SchemaIssues from "../output/SchemaIssues.ts"
import * as SettingNames from "./SettingNames.ts"

const fields = {
  "host": Schema.optionalKey(Schema.NonEmptyString),
  "insecure-http": Schema.optionalKey(Schema.Boolean),
  "api-version": Schema.optionalKey(PineconeApi.ApiVersion),
  "output": Schema.optionalKey(Schema.Literals(Globals.formats)),
  "time": Schema.optionalKey(Schema.Literals(Globals.times)),
  "store": Schema.optionalKey(Schema.NonEmptyString),
  "api-key": Schema.optionalKey(Schema.NonEmptyString),
  "api-key-file": Schema.optionalKey(Schema.NonEmptyString)
} satisfies Record<SettingNames.Name, unknown>

const Profile = Schema.Struct(fields)

/** Schema for the configuration file. Profiles inherit top-level settings. */
const File = Schema.Struct({
  ...fields,
  profile: Schema.optionalKey(Schema.NonEmptyString),
  profiles: Schema.optionalKey(Schema.Record(Schema.String, Profile))
})

/** The configuration file. */
export type File = typeof File.Type

/** A validation error. */
export interface Wrong {
  readonly message: string
  /** The command to run first, if a missing setting is the problem. */
  readonly first?: string | undefined
}

const allowance = `${SettingNames.variables["insecure-http"]}=true`

/** Validates host and key with core's own rules, which are not exported. */
const checkConnection = (
  profile: string | undefined,
  { "api-key": key, host, "insecure-http": allowsInsecure = false }: typeof Profile.Type
) =>
  PineconeClient.config.parse(ConfigProvider.fromUnknown({
    PINECONE_API_KEY: key ?? "none",
    // The permission applies to the host in the same part of the file.
    [SettingNames.variables["insecure-http"]]: String(allowsInsecure),
    ...(host !== undefined && { PINECONE_CONTROLLER_HOST: host })
  })).pipe(Effect.mapError(({ cause }): Wrong => {
    const [found] = cause._tag === "SchemaError" ? SchemaIssues.flatten(cause.issue) : []
    const name = found?.path[0] === "PINECONE_API_KEY" ? "api-key" : "host"
    const text = found === undefined ? cause.message : SchemaIssues.text(found)
    const message = `${name}: ${text.replace(allowance, "insecure-http")}`
    const first = profile === undefined
      ? "pcb config set insecure-http true"
      : CommandLine.make`pcb config set insecure-http true --profile ${profile}`
    return {
      message: profile === undefined ? message : `profiles.${profile}.${message}`,
      ...(text.includes(allowance) && { first })
    }
  }))

const wrongValue = (issue: SchemaIssue.Issue): string => {
  const [found] = SchemaIssues.flatten(issue)
  if (found === undefined) return "is invalid"
  const at = found.path.map(String).join(".")
  const wrong = found.issue._tag === "UnexpectedKey"
    ? "is not a setting"
    : at.endsWith("api-key")
    ? "must be a string"
    : SchemaIssues.text(found)
  return `${at === "" ? "" : `${at}: `}${wrong}`
}

const decodeJson = Schema.decodeEffect(Schema.fromJsonString(Schema.Unknown))

/** Decodes the file. Errors never contain values, which may be the API key. */
export const decode = Effect.fnUntraced(function*(text: string) {
  const json = yield* Effect.mapError(decodeJson(text), (): Wrong => ({ message: "is not JSON" }))
  const file = yield* Schema.decodeUnknownEffect(File)(json, { onExcessProperty: "error" }).pipe(
    Effect.mapError(({ issue }): Wrong => ({ message: wrongValue(issue) }))
  )
  yield* checkConnection(undefined, file)
  for (const [name, profile] of Object.entries(file.profiles ?? {})) {
    yield* checkConnection(name, profile)
  }
  return file
})
