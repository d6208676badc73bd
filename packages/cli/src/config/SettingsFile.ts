/** What stands in the configuration file. Loaded only when there is one. */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Globals from "../input/Globals.ts"
import * as SettingNames from "./SettingNames.ts"

const fields = {
  "host": Schema.optionalKey(Schema.NonEmptyString),
  "api-version": Schema.optionalKey(PineconeApi.ApiVersion),
  "output": Schema.optionalKey(Schema.Literals(Globals.formats)),
  "time": Schema.optionalKey(Schema.Literals(Globals.times)),
  "api-key": Schema.optionalKey(Schema.NonEmptyString),
  "api-key-file": Schema.optionalKey(Schema.NonEmptyString)
} satisfies Record<SettingNames.Name, unknown>

const Profile = Schema.Struct(fields)

/** Schema for the configuration file. What a profile leaves out is that of all. */
export const File = Schema.Struct({
  ...fields,
  profile: Schema.optionalKey(Schema.NonEmptyString),
  profiles: Schema.optionalKey(Schema.Record(Schema.String, Profile))
})

/** The configuration file. */
export type File = typeof File.Type

const issues = SchemaIssue.makeFormatterStandardSchemaV1()

/** Host and key by core's own rules, which it keeps to itself. */
const checkConnection = (path: string, at: string, { "api-key": key, host }: typeof Profile.Type) =>
  PineconeClient.config.parse(ConfigProvider.fromUnknown({
    PINECONE_API_KEY: key ?? "none",
    ...(host !== undefined && { PINECONE_CONTROLLER_HOST: host })
  })).pipe(Effect.mapError(({ cause }) => {
    const [issue] = cause._tag === "SchemaError" ? issues(cause.issue).issues : []
    const name = issue?.path?.[0] === "PINECONE_API_KEY" ? "api-key" : "host"
    return SettingNames.damaged(path, `${at}${name}: ${issue?.message ?? cause.message}`)
  }))

/** Reads the text of the file. No message repeats a value of it: that may be the key. */
export const decode = Effect.fnUntraced(function*(path: string, text: string) {
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => SettingNames.damaged(path, "is not JSON")
  })
  const file = yield* Schema.decodeUnknownEffect(File)(json, { onExcessProperty: "error" }).pipe(
    Effect.mapError(({ issue }) => {
      const [first] = issues(issue).issues
      const at = (first?.path ?? []).map(String).join(".")
      const wrong = (first?.message ?? "is wrong").replace(/, got .*$/s, "").replace(/^Expected /, "must be ")
        .replace("must be no excess property", "is no setting")
      const isKey = at.endsWith("api-key")
      return SettingNames.damaged(path, `${at === "" ? "" : `${at}: `}${isKey ? "must be a text" : wrong}`)
    })
  )
  yield* checkConnection(path, "", file)
  for (const [name, profile] of Object.entries(file.profiles ?? {})) {
    yield* checkConnection(path, `profiles.${name}.`, profile)
  }
  return file
})
