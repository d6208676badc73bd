import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as BackupRun from "../src/BackupRun.ts"
import type * as PineconeError from "../src/PineconeError.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import { assertTag, describeJob, historyPage, instants, job, json, run, script, services } from "./support.ts"

const snakeCase = (text: string) => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const without = (object: Schema.JsonObject, key: string): Schema.JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))

/** Decodes a row the way a caller gets it: from an answer of the service. */
const runOf = (row: Schema.Json) =>
  historyPage().pipe(
    Effect.map((page) => page.data[0]!),
    Effect.provide(services(script(json({ data: [row], pagination: null }))))
  )

const jobOf = (body: Schema.Json) => Effect.provide(describeJob(), services(script(json(body))))

/** What the two models have in common, as far as these tests look at them. */
interface Model {
  readonly name: string
  readonly fields: Schema.Struct.Fields
  readonly codec: Schema.Codec<Row, Schema.JsonObject>
  readonly receive: (json: Schema.Json) => Effect.Effect<Row, PineconeError.PineconeError>
  readonly toJson: (row: Row) => Schema.JsonObject
  readonly full: Schema.JsonObject
  /** The keys of the contract, in its order. */
  readonly keys: ReadonlyArray<string>
  readonly required: ReadonlyArray<string>
  readonly pathOf: (key: string) => string
}

type Row = Readonly<Record<string, unknown>>

const backupRun: Model = {
  name: "BackupRun",
  fields: BackupRun.BackupRun.fields,
  codec: BackupRun.FromWire as Schema.Codec<{}, Schema.JsonObject>,
  receive: runOf,
  toJson: BackupRun.toJson as (row: {}) => Schema.JsonObject,
  full: run,
  // Section 4.2.
  keys: [
    "backup_id",
    "source_index_id",
    "source_index_name",
    "tags",
    "name",
    "description",
    "status",
    "scheduled_execution_at",
    "cloud",
    "region",
    "dimension",
    "schema",
    "record_count",
    "namespace_count",
    "size_bytes",
    "created_at"
  ],
  required: ["backup_id", "source_index_id", "source_index_name"],
  pathOf: (key) => `data[0].${key}`
}

const restoreJob: Model = {
  name: "RestoreJob",
  fields: RestoreJob.RestoreJob.fields,
  codec: RestoreJob.FromWire as Schema.Codec<{}, Schema.JsonObject>,
  receive: jobOf,
  toJson: RestoreJob.toJson as (row: {}) => Schema.JsonObject,
  full: job,
  // Section 4.4.
  keys: [
    "restore_job_id",
    "backup_id",
    "target_index_name",
    "target_index_id",
    "status",
    "created_at",
    "completed_at",
    "percent_complete"
  ],
  required: ["restore_job_id", "backup_id", "target_index_name", "target_index_id"],
  pathOf: (key) => key
}

for (
  const { codec, fields: schemaFields, full, keys, name, pathOf, receive, required, toJson } of [backupRun, restoreJob]
) {
  describe(name, () => {
    const decode = Schema.decodeUnknownSync(codec)
    const encode = Schema.encodeSync(codec)

    const fields = Object.entries(schemaFields).map(([key, field]) => ({
      key,
      wireKey: snakeCase(key),
      isOptional: SchemaAST.isOptional(SchemaAST.toEncoded(field.ast))
    }))
    const optional = fields.filter((field) => field.isOptional)

    it("has the keys of the contract, in snake_case", () => {
      assert.deepStrictEqual(fields.map((field) => field.wireKey), keys)
      assert.deepStrictEqual(Object.keys(encode(decode(full))), keys)
    })

    it("requires ids and index names, and nothing else", () => {
      assert.deepStrictEqual(fields.filter((field) => !field.isOptional).map((field) => field.wireKey), required)
    })

    it("decodes every key to a value of its own", () => {
      const value = decode(full)
      for (const { key } of fields) {
        assert.isDefined(value[key], key)
        assert.isNotNull(value[key], key)
      }
      assert.sameMembers(Object.keys(value), fields.map((field) => field.key))
    })

    // Generated instants reach years that no timestamp can spell.
    const values = Arbitrary.map(
      Arbitrary.all({ value: Arbitrary.schema(Schema.toType(codec)), instant: instants }),
      ({ value, instant }) =>
        Object.fromEntries(
          Object.entries(value).map(([key, part]) => [key, DateTime.isDateTime(part) ? instant : part])
        )
    )

    it.prop("survives the wire", [values], ([value]) => {
      const encoded = encode(value)
      assert.sameMembers(Object.keys(encoded), Object.keys(value).map(snakeCase))
      assert.deepStrictEqual(decode(encoded), value)
    }, { arbitrary: { runs: 300 } })

    it.prop("is plain JSON on the wire", [values], ([value]) => {
      const text = JSON.stringify(encode(value))
      assert.strictEqual(JSON.stringify(encode(decode(JSON.parse(text)))), text)
    }, { arbitrary: { runs: 300 } })

    for (const { key, wireKey } of optional) {
      it(`takes ${wireKey} missing, null and present`, () => {
        const present = decode(full)
        const missing = decode(without(full, wireKey))
        const isNull = decode({ ...full, [wireKey]: null })
        if (key === "status") {
          assert.strictEqual(missing[key], "Unknown")
          assert.strictEqual(isNull[key], "Unknown")
        } else {
          assert.notProperty(missing, key)
          assert.strictEqual(isNull[key], null)
        }
        // One field does not cost the others.
        assert.deepStrictEqual({ ...missing, [key]: present[key] }, present)
        assert.deepStrictEqual({ ...isNull, [key]: present[key] }, present)
      })
    }

    it("takes all optional fields missing at once, and all null at once", () => {
      const ids = Object.fromEntries(required.map((key) => [key, full[key]!]))
      assert.deepStrictEqual(encode(decode(ids)), { ...ids, status: "Unknown" })
      const nulls = { ...ids, ...Object.fromEntries(optional.map(({ wireKey }) => [wireKey, null])) }
      assert.deepStrictEqual(encode(decode(nulls)), { ...nulls, status: "Unknown" })
    })

    it("takes a status it does not know", () => {
      assert.strictEqual(decode({ ...full, status: "Hibernating" })["status"], "Hibernating")
      assert.strictEqual(decode({ ...full, status: "" })["status"], "")
    })

    it("takes keys it does not know", () => {
      assert.deepStrictEqual(decode({ ...full, schedule_id: "new", nested: { deep: [1, null] } }), decode(full))
    })

    for (const { key, wireKey } of optional.filter(({ wireKey }) => wireKey.endsWith("_at"))) {
      it.effect(`reads an unparsable ${wireKey} as null and keeps its text`, () =>
        Effect.gen(function*() {
          const body = { ...full, [wireKey]: "next Tuesday" }
          const value = yield* receive(body)
          assert.strictEqual(value[key], null)
          assert.deepStrictEqual(toJson(value), body)
        }))

      it.effect(`keeps the spelling of ${wireKey}`, () =>
        Effect.gen(function*() {
          const body = { ...full, [wireKey]: "2025-05-15 00:52:10.809305882+0000" }
          const value = yield* receive(body)
          assert.deepStrictEqual(value[key], DateTime.makeUnsafe("2025-05-15T00:52:10.809Z"))
          assert.deepStrictEqual(toJson(value), body)
        }))
    }

    for (const key of required) {
      it.effect.each<[string, Schema.JsonObject]>([
        ["missing", without(full, key)],
        ["null", { ...full, [key]: null }],
        ["a number", { ...full, [key]: 5 }],
        ["an object", { ...full, [key]: {} }]
      ])(`names ${key} when it is %s`, ([_, body]) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(receive(body))
          assertTag(error, "MalformedResponse")
          assert.strictEqual(error.field, pathOf(key))
          assert.isTrue(error.message.startsWith(`${pathOf(key)}: `), error.message)
        }))
    }

    it.effect("gives back the object it came from, unknown keys and all", () =>
      Effect.gen(function*() {
        const body = { ...full, status: null, added_later: { by: ["the service", 1, null] } }
        const value = yield* receive(body)
        assert.deepStrictEqual(toJson(value), body)
      }))

    it.effect("encodes a changed copy from what it says", () =>
      Effect.gen(function*() {
        const value = yield* receive({ ...full, added_later: true })
        const copy = { ...value, status: "Ready", createdAt: DateTime.makeUnsafe("2026-01-02T03:04:05.006Z") }
        assert.deepStrictEqual(toJson(copy), {
          ...encode(value),
          status: "Ready",
          created_at: "2026-01-02T03:04:05.006000Z"
        })
      }))

    it.prop("encodes what was made by hand", [values], ([value]) => {
      assert.deepStrictEqual(toJson(value), encode(value))
    })
  })
}

describe("BackupRun", () => {
  it("writes tag values that are not texts as their JSON", () => {
    const { tags } = Schema.decodeSync(BackupRun.FromWire)({
      ...run,
      tags: { text: "a", number: 5, flag: true, nothing: null, list: [1, "b"], object: { c: 2 }, empty: "" }
    })
    assert.deepStrictEqual(tags, {
      text: "a",
      number: "5",
      flag: "true",
      nothing: "null",
      list: "[1,\"b\"]",
      object: "{\"c\":2}",
      empty: ""
    })
  })

  it("takes tags named like members of Object", () => {
    const { tags } = Schema.decodeSync(BackupRun.FromWire)({
      ...run,
      tags: JSON.parse("{\"__proto__\":\"a\",\"constructor\":\"b\"}")
    })
    assert.deepStrictEqual(Object.entries(tags ?? {}), [["__proto__", "a"], ["constructor", "b"]])
  })

  it.effect("remembers each row of a page by itself", () =>
    Effect.gen(function*() {
      const rows = [{ ...run, extra: 1 }, { ...run, backup_id: "other", extra: 2 }]
      const page = yield* Effect.provide(historyPage(), services(script(json({ data: rows, extra: 3 }))))
      assert.deepStrictEqual(page.data.map(BackupRun.toJson), rows)
    }))

  it.each([
    ["Scheduled", false, false],
    ["Initializing", false, false],
    ["Pending", false, false],
    ["Unknown", false, false],
    ["Ready", true, false],
    ["InitializationFailed", false, true],
    ["Failed", false, true]
  ])("%s: ready %s, failed %s", (status, isReady, isFailed) => {
    const value = Schema.decodeSync(BackupRun.FromWire)({ ...run, status })
    assert.strictEqual(BackupRun.isReady(value), isReady)
    assert.strictEqual(BackupRun.isFailed(value), isFailed)
    assert.strictEqual(BackupRun.isFinal(value), isReady || isFailed)
  })
})

describe("RestoreJob", () => {
  it.each([
    ["Pending", false, false],
    ["Running", false, false],
    ["Unknown", false, false],
    ["Completed", true, false],
    ["Failed", false, true],
    ["Cancelled", false, true]
  ])("%s: completed %s, failed %s", (status, isCompleted, isFailed) => {
    const value = Schema.decodeSync(RestoreJob.FromWire)({ ...job, status })
    assert.strictEqual(RestoreJob.isCompleted(value), isCompleted)
    assert.strictEqual(RestoreJob.isFailed(value), isFailed)
    assert.strictEqual(RestoreJob.isFinal(value), isCompleted || isFailed)
  })

  it("keeps a fraction of percent_complete", () => {
    const value = Schema.decodeSync(RestoreJob.FromWire)({ ...job, percent_complete: 42.2 })
    assert.strictEqual(value.percentComplete, 42.2)
  })
})
