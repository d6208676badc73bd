/**
 * HTTP routes that control an emulator, under `/_emulator`.
 *
 * The routes do not require an API key. They accept only programs on the same machine, unless the server has
 * `allowControl`. The route `health` accepts every client.
 *
 * **Example** (Listing the routes)
 *
 * ```ts
 * import * as ControlApi from "@pinecone-backups/testing/ControlApi"
 *
 * const { health, seed } = ControlApi.ControlApi.groups.Emulator.endpoints
 *
 * console.log(health.method, health.path) // => GET /_emulator/health
 * console.log(seed.method, seed.path) // => POST /_emulator/seed
 * ```
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
import * as Inputs from "./internal/inputs.ts"
import * as Settings from "./internal/settings.ts"
import * as Seed from "./Seed.ts"

/** Current time of the service. */
const Time = Schema.Struct({ now: Schema.DateTimeUtcFromString })

const Advance = Schema.Struct({ duration: Settings.Period })

const SetSpeed = Schema.Struct({ speed: Settings.Speed })

const NewFault = Schema.Struct({
  ...Struct.omit(Fault.Rule.fields, ["until"]),
  for: Schema.optionalKey(Settings.PositivePeriod)
})

const contradiction = PineconeApi.ErrorEnvelope(409)

const error = [PineconeApi.ErrorEnvelope(400), PineconeApi.ErrorEnvelope(403)]

/** Errors of requests with a body. */
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
 * The routes. Fields and values have the names of `ControlPlane`. A duration is a string such as `"7 days"`.
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
      .annotate(
        OpenApi.Description,
        "Reports that the emulator is running, also to other machines. For health checks."
      ),
    HttpApiEndpoint.post("seed", "/_emulator/seed", { payload: Seed.Seeds, error: [...bodyError, contradiction] })
      .annotate(OpenApi.Description, "Adds indexes, schedules, backups and restore jobs: all or none."),
    HttpApiEndpoint.patch("configure", "/_emulator/settings", { payload: Settings.Settings, error: bodyError })
      .annotate(OpenApi.Description, "Changes the project and the switches. Omitted settings keep their values."),
    HttpApiEndpoint.get("now", "/_emulator/clock", { success: Time, error })
      .annotate(OpenApi.Description, "Returns the current time of the service."),
    HttpApiEndpoint.post("advance", "/_emulator/clock/advance", { payload: Advance, success: Time, error: bodyError })
      .annotate(OpenApi.Description, "Advances the time of the service."),
    HttpApiEndpoint.put("setSpeed", "/_emulator/clock/speed", { payload: SetSpeed, success: Time, error: bodyError })
      .annotate(
        OpenApi.Description,
        "Sets the speed of time: 1 is real time, 0 stops it, 1000000 is the maximum."
      ),
    HttpApiEndpoint.get("faults", "/_emulator/faults", { success: Schema.Array(Fault.Rule), error })
      .annotate(OpenApi.Description, "Returns the remaining faults."),
    HttpApiEndpoint.post("fault", "/_emulator/faults", { payload: NewFault, error: bodyError })
      .annotate(OpenApi.Description, "Adds a fault for future requests."),
    HttpApiEndpoint.delete("clearFaults", "/_emulator/faults", { error })
      .annotate(OpenApi.Description, "Removes all faults."),
    HttpApiEndpoint.get("requests", "/_emulator/requests", { success: Requests, error })
      .annotate(OpenApi.Description, "Returns the received requests, oldest first, with the status of the response."),
    HttpApiEndpoint.delete("clearRequests", "/_emulator/requests", { error })
      .annotate(OpenApi.Description, "Discards the received requests."),
    HttpApiEndpoint.get("dump", "/_emulator/state", { success: Schema.Json, error })
      .annotate(OpenApi.Description, "Returns the state and the time of the service."),
    HttpApiEndpoint.put("load", "/_emulator/state", { payload: Schema.Json, error: bodyError })
      .annotate(OpenApi.Description, "Restores a dumped state, including the time.")
  )
)
  .annotate(OpenApi.Title, "Emulator of Pinecone's backups")
  .annotate(HttpApi.PayloadParseOptions, Inputs.strict)
