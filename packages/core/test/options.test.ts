import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Options from "../src/internal/transport/options.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { apiKey } from "./support.ts"

/** The documented defaults. */
const defaults = {
  host: "https://api.pinecone.io",
  allowInsecureHost: false,
  indexDomains: [],
  apiVersion: "2026-04",
  requestTimeout: "30 seconds",
  retry: RetryPolicy.defaultPolicy
}

/** Validates options. The function that removes the key cannot be compared. */
const validate = (options: Parameters<typeof Options.validate>[0]) =>
  Effect.map(
    Options.validate({ apiKey: Redacted.make(apiKey), ...options }),
    ({ scrub, url, ...settings }) => ({ ...settings, url: url.href, scrubbed: scrub(apiKey) })
  )

describe("the options of a connection", () => {
  // Defaults are not validated when a connection is made.
  it.effect("have valid defaults", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* validate({}), yield* validate(defaults))
    }))

  it.effect.each(Object.keys(defaults))("use the default if %s is undefined", (name) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* validate({ [name]: undefined }), yield* validate({}))
    }))

  // A missing variable that was replaced by `null` must not lead to the default host.
  it.effect.each(Object.keys(defaults))(
    "reject %s if it has another type or is null",
    (name) =>
      Effect.gen(function*() {
        for (const value of [null, Symbol("odd")]) {
          const error = yield* Effect.flip(validate({ [name]: value }))
          assert.strictEqual(error._tag, "PineconeInvalidInput")
          assert.strictEqual(error.field.split(".")[0], name)
        }
      })
  )
})
