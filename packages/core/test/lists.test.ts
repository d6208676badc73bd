import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Text from "effect/String"
import * as BackupRun from "../src/BackupRun.ts"
import { assertTag, historyPage, json, operations, row, script, services } from "./support.ts"

const lists = operations.filter(({ method }) => /\.(list|history)/.test(method))

/** Values that are sent instead of an array of rows. */
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

  it.effect("decodes a valid response", () => Effect.provide(call, services(script(json(success)))))

  it.effect.each<[Schema.Json]>([
    [{}],
    [rest],
    [{ ...rest, rows }],
    [{ pagination: null }],
    [{ pagination: {} }],
    [{ pagination: { next: null } }],
    [{ pagination: { next: "" } }],
    ...others.map((other): [Schema.Json] => [{ ...rest, [key]: other }])
  ])(`fails on a response without an array: %j`, ([body]) =>
    Effect.map(fail(body), ({ field, message }) => {
      assert.strictEqual(field, key)
      assert.isTrue(message.startsWith(`${key}: `), message)
    }))

  it.effect.each<[Schema.Json]>([[null], ["data"], [[]], [rows], [0], [true]])(
    "fails on a response that is not an object: %j",
    ([body]) => Effect.map(fail(body), ({ field }) => assert.isUndefined(field))
  )
})

describe("an invalid field in a row", () => {
  const big = "123456789012"

  it.effect.each<[field: string, value: Schema.Json, expected: unknown]>([
    ...(["created_at", "scheduled_execution_at"] as const).flatMap((field) =>
      [1_795_000_000, true, {}, [], "", "soon"].map((value): [string, Schema.Json, unknown] => [field, value, null])
    ),
    ...(["dimension", "record_count", "namespace_count", "size_bytes"] as const).flatMap((field) =>
      ([
        [big, 123_456_789_012],
        ["0", 0],
        ["1.5", 1.5],
        ["9223372036854775807", 2 ** 63],
        ["9".repeat(20), 1e20],
        ["-1", -1],
        ["9".repeat(400), null],
        ...["many", "", "1e3", "0x10", " 1", true, {}, []].map((odd) => [odd, null] as const)
      ] as const).map(([value, expected]): [string, Schema.Json, unknown] => [field, value, expected])
    )
  ])("does not fail the list: %s %j", ([field, value, expected]) =>
    Effect.gen(function*() {
      const rows = [row("a"), { ...row("b"), [field]: value }, row("c")]
      const { data } = yield* Effect.provide(historyPage(), services(script(json({ data: rows }))))
      assert.deepStrictEqual(data.map(({ backupId }) => String(backupId)), ["a", "b", "c"])
      const key = Text.snakeToCamel(field)
      assert.deepStrictEqual(Object.entries(data[1]!).find(([name]) => name === key)?.[1], expected)
      // The original JSON is kept.
      assert.deepStrictEqual(BackupRun.toJson(data[1]!), rows[1])
    }))
})
