/**
 * What a server lets others do to the simulated service: the routes under `/_emulator`. They need no key, and
 * are for programs on the same machine, unless the server has `allowControl`; `health` is for all.
 *
 * @since 0.1.0
 */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Fault from "./Fault.ts"
import * as Settings from "./internal/settings.ts"
import * as Seed from "./Seed.ts"

/** What time it is for the service now. */
const Time = Schema.Struct({ now: Schema.DateTimeUtcFromString })

const Advance = Schema.Struct({ duration: Settings.Period })

const SetSpeed = Schema.Struct({ speed: Settings.Speed })

const NewFault = Schema.Struct({
  ...Struct.omit(Fault.Rule.fields, ["until"]),
  for: Schema.optionalKey(Settings.Period)
})

const contradiction = PineconeApi.ErrorEnvelope(409)

const error = [PineconeApi.ErrorEnvelope(400), PineconeApi.ErrorEnvelope(403)]

/** The errors of what has a body. */
const bodyError = [...error, PineconeApi.ErrorEnvelope(413)]

const Requests = Schema.Array(Schema.Struct({
  method: Schema.String,
  operation: Schema.NullOr(Settings.Operation),
  url: Schema.String,
  version: Schema.NullOr(Schema.String),
  body: Schema.NullOr(Schema.String),
  status: Schema.NullOr(Schema.Int)
}))

/**
 * The routes. Names of fields and values are those of `ControlPlane`; a duration is a text such as `"7 days"`.
 *
 * @category models
 * @since 0.1.0
 */
export const ControlApi = HttpApi.make("Emulator").add(
  HttpApiGroup.make("Emulator").add(
    HttpApiEndpoint.get("health", "/_emulator/health", {
      success: Schema.Struct({ status: Schema.Literal("ok") }),
      error
    })
      .annotate(OpenApi.Description, "Says that the emulator runs, to other machines as well. For health checks."),
    HttpApiEndpoint.post("seed", "/_emulator/seed", { payload: Seed.Seeds, error: [...bodyError, contradiction] })
      .annotate(OpenApi.Description, "Adds indexes, schedules, backups and restore jobs: all of them or none."),
    HttpApiEndpoint.patch("configure", "/_emulator/settings", { payload: Settings.Settings, error: bodyError })
      .annotate(OpenApi.Description, "Changes the project and the switches. What is left out stays."),
    HttpApiEndpoint.get("now", "/_emulator/clock", { success: Time, error })
      .annotate(OpenApi.Description, "What time it is for the service."),
    HttpApiEndpoint.post("advance", "/_emulator/clock/advance", { payload: Advance, success: Time, error: bodyError })
      .annotate(OpenApi.Description, "Lets time pass at once."),
    HttpApiEndpoint.put("setSpeed", "/_emulator/clock/speed", { payload: SetSpeed, success: Time, error: bodyError })
      .annotate(
        OpenApi.Description,
        "Lets time pass so many times as fast as real time, up to a million; at 0 it stands still."
      ),
    HttpApiEndpoint.get("faults", "/_emulator/faults", { success: Schema.Array(Fault.Rule), error })
      .annotate(OpenApi.Description, "The faults that are still to happen."),
    HttpApiEndpoint.post("fault", "/_emulator/faults", { payload: NewFault, error: bodyError })
      .annotate(OpenApi.Description, "Lets a fault happen to requests that come."),
    HttpApiEndpoint.delete("clearFaults", "/_emulator/faults", { error })
      .annotate(OpenApi.Description, "Lets no fault happen any more."),
    HttpApiEndpoint.get("requests", "/_emulator/requests", { success: Requests, error })
      .annotate(OpenApi.Description, "The requests that came in, oldest first, and what was answered."),
    HttpApiEndpoint.delete("clearRequests", "/_emulator/requests", { error })
      .annotate(OpenApi.Description, "Forgets the requests that came in."),
    HttpApiEndpoint.get("dump", "/_emulator/state", { success: Schema.Json, error })
      .annotate(OpenApi.Description, "What the service holds, and the time."),
    HttpApiEndpoint.put("load", "/_emulator/state", { payload: Schema.Json, error: bodyError })
      .annotate(OpenApi.Description, "Goes back to what was dumped, the time included.")
  )
)
  .annotate(OpenApi.Title, "Emulator of Pinecone's backups")
  // A key that is misspelt would change nothing, and nobody would know.
  .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error" })
