import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { assertTag, json, operations, script, services } from "./support.ts"

const lists = operations.filter(({ method }) => /\.(list|history)/.test(method))

/** What is sent instead of an array of rows. */
const others: ReadonlyArray<Schema.Json> = [null, {}, "", "[]", 0, false, { "0": {} }]

describe.each(lists)("$method", ({ call, method, operation, success = {} }) => {
  const key = method.startsWith("Indexes.") ? "indexes" : "data"
  const { [key]: rows = null, ...rest } = success

  const fail = Effect.fnUntraced(function*(body: Schema.Json) {
    const error = yield* Effect.flip(Effect.provide(call, services(script(json(body)))))
    assertTag(error, "PineconeMalformedResponse")
    assert.strictEqual(error.operation, operation)
    assert.isFalse(error.isRetryable)
    return error
  })

  it.effect("reads its own answer", () => Effect.provide(call, services(script(json(success)))))

  it.effect.each<[Schema.Json]>([
    [{}],
    [rest],
    [{ ...rest, rows }],
    [{ pagination: null }],
    [{ pagination: {} }],
    [{ pagination: { next: null } }],
    [{ pagination: { next: "" } }],
    ...others.map((other): [Schema.Json] => [{ ...rest, [key]: other }])
  ])(`fails without an array: %j`, ([body]) =>
    Effect.map(fail(body), ({ field, message }) => {
      assert.strictEqual(field, key)
      assert.isTrue(message.startsWith(`${key}: `), message)
    }))

  it.effect.each<[Schema.Json]>([[null], ["data"], [[]], [rows], [0], [true]])(
    "fails on an answer that is not an object: %j",
    ([body]) => Effect.map(fail(body), ({ field }) => assert.isUndefined(field))
  )
})
