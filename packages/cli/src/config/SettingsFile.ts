/** Schema and validation of the configuration file. Loaded only if the file exists. */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Result from "effect/Result"
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
  "policy": Schema.optionalKey(Schema.NonEmptyString),
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
  readonly first?: CommandLine.Command | undefined
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
      ? CommandLine.unconnected`pcb config set insecure-http true`
      : CommandLine.unconnected`pcb config set insecure-http true --profile ${profile}`
    return {
      message: profile === undefined ? message : `profiles.${profile}.${message}`,
      ...(text.includes(allowance) && { first })
    }
  }))

/** The first invalid value. `inside` is the path of the decoded part in the file. */
const wrongValue = (issue: SchemaIssue.Issue, ...inside: ReadonlyArray<string>): string => {
  const [found] = SchemaIssues.flatten(issue)
  if (found === undefined) return "is invalid"
  const at = [...inside, ...found.path.map(String)].join(".")
  const wrong = found.issue._tag === "UnexpectedKey"
    ? "is not a setting"
    : at.endsWith("api-key")
    ? "must be a string"
    : SchemaIssues.text(found)
  return `${at === "" ? "" : `${at}: `}${wrong}`
}

const decodeJson = Schema.decodeEffect(Schema.fromJsonString(Schema.Unknown))

const parse = (text: string) => Effect.mapError(decodeJson(text), (): Wrong => ({ message: "is not JSON" }))

/** Decodes the file. Errors never contain values, which may be the API key. */
export const decode = Effect.fnUntraced(function*(text: string) {
  const json = yield* parse(text)
  const file = yield* Schema.decodeUnknownEffect(File)(json, { onExcessProperty: "error" }).pipe(
    Effect.mapError(({ issue }): Wrong => ({ message: wrongValue(issue) }))
  )
  yield* checkConnection(undefined, file)
  for (const [name, profile] of Object.entries(file.profiles ?? {})) {
    yield* checkConnection(name, profile)
  }
  return file
})

/** The top level of the file, and its profiles, each on its own. */
export interface Parts {
  readonly top: Omit<File, "profiles">
  readonly profiles: ReadonlyMap<string, Result.Result<typeof Profile.Type, Wrong>>
}

const Top = Schema.Struct({
  ...File.fields,
  profiles: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
})

const decodeProfile = Effect.fnUntraced(function*(name: string, json: unknown) {
  const profile = yield* Schema.decodeUnknownEffect(Profile)(json, { onExcessProperty: "error" }).pipe(
    Effect.mapError(({ issue }): Wrong => ({ message: wrongValue(issue, "profiles", name) }))
  )
  yield* checkConnection(name, profile)
  return profile
})

/** Decodes the file like {@link decode}, but an invalid profile does not affect the others. */
export const decodeParts = Effect.fnUntraced(function*(text: string): Effect.fn.Return<Parts, Wrong> {
  const json = yield* parse(text)
  const { profiles: _, ...top } = yield* Schema.decodeUnknownEffect(Top)(json, { onExcessProperty: "error" }).pipe(
    Effect.mapError(({ issue }): Wrong => ({ message: wrongValue(issue) }))
  )
  yield* checkConnection(undefined, top)
  // From the JSON itself, whose keys may be names such as `__proto__`.
  const profiles = Predicate.hasProperty(json, "profiles") && Predicate.isObject(json.profiles) ? json.profiles : {}
  const each = yield* Effect.forEach(
    Object.entries(profiles),
    ([name, profile]) => Effect.map(Effect.result(decodeProfile(name, profile)), (result) => [name, result] as const)
  )
  return { top, profiles: new Map(each) }
})
