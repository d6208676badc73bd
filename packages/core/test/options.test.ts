import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Options from "../src/internal/transport/options.ts"
import type * as PineconeClient from "../src/PineconeClient.ts"
import * as RateLimit from "../src/RateLimit.ts"
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

/** A value of another type for every option. */
const wrongType: Readonly<Record<keyof PineconeClient.Options, unknown>> = {
  apiKey,
  host: 1,
  allowInsecureHost: "yes",
  indexDomains: "example.com",
  apiVersion: 2026,
  requestTimeout: Symbol("odd"),
  retry: 3,
  onRetry: Effect.void,
  rateLimit: 5,
  tracePropagation: "yes",
  transformClient: "proxy"
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
  it.effect.each(Object.entries(wrongType))(
    "reject %s if it has another type or is null",
    ([name, value]) =>
      Effect.gen(function*() {
        for (const wrong of [null, value]) {
          const error = yield* Effect.flip(validate({ [name]: wrong }))
          assert.strictEqual(error._tag, "PineconeInvalidInput")
          assert.strictEqual(error.field.split(".")[0], name)
        }
      })
  )

  it.effect("accept any object with a `take` method as the rate limit", () => {
    class Unlimited implements RateLimit.RateLimit {
      take() {
        return Effect.succeed(() => Effect.void)
      }
    }
    return validate({ rateLimit: new Unlimited() })
  })

  it.effect.each(
    [
      ["apiKey", apiKey, "apiKey: Expected a Redacted value that contains a string"],
      ["apiKey", Redacted.make(undefined), "apiKey: Expected a Redacted value that contains a string"],
      ["requestTimeout", "soon", "requestTimeout: Expected a duration such as \"10 minutes\""],
      ["rateLimit", 5, "rateLimit: Expected a rate limit, as created by RateLimit.make"],
      [
        "rateLimit",
        RateLimit.make({ limit: 5, window: "1 second" }),
        "rateLimit: Expected a rate limit, as created by RateLimit.make"
      ],
      ["transformClient", "proxy", "transformClient: Expected a function"],
      ["onRetry", Effect.void, "onRetry: Expected a function"],
      ["tracePropagation", "yes", "tracePropagation: Expected boolean"]
    ] as const
  )("explain what %s must be", ([name, value, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(validate({ [name]: value }))
      assert.strictEqual(error.message, message)
    }))
})
