import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Backup from "../src/Backup.ts"
import * as BackupRun from "../src/BackupRun.ts"
import * as Backups from "../src/Backups.ts"
import * as BackupSchedule from "../src/BackupSchedule.ts"
import * as Indexes from "../src/Indexes.ts"
import * as IndexSchema from "../src/IndexSchema.ts"
import type * as Page from "../src/Page.ts"
import type * as PineconeError from "../src/PineconeError.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import * as Long from "./long.ts"
import {
  assertTag,
  backup,
  backupId,
  backups,
  type Call,
  historyPage,
  index,
  indexes,
  indexName,
  instants,
  job,
  jobId,
  json,
  restoreJobs,
  run,
  schedule,
  scheduleId,
  schedules,
  script,
  services
} from "./support.ts"

const snakeCase = (text: string) => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const without = (object: Schema.JsonObject, key: string): Schema.JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))

/** The common part of the models, as far as these tests use it. */
interface Model {
  readonly name: string
  readonly fields: Schema.Struct.Fields
  readonly codec: Schema.Codec<Row, Schema.JsonObject>
  /** Decodes an object as a caller gets it: from a response of the service. */
  readonly receive: (json: Schema.Json) => Effect.Effect<Row, PineconeError.ListError>
  readonly toJson: (row: Row) => Schema.JsonObject
  /** An object with every key of the contract, in its order. */
  readonly full: Schema.JsonObject
  readonly keys: ReadonlyArray<string>
  readonly required: ReadonlyArray<string>
  /** The key with an open set of values, and "Unknown" if it is missing. */
  readonly open: string | undefined
  readonly pathOf: (key: string) => string
}

type Row = Readonly<Record<string, unknown>>

const model = <A extends object>(
  { codec, receive, schema, toJson, ...model }:
    & Pick<Model, "name" | "full" | "keys" | "required" | "open">
    & Partial<Pick<Model, "pathOf">>
    & {
      readonly schema: { readonly fields: Schema.Struct.Fields }
      readonly codec: Schema.Codec<A, Schema.JsonObject>
      readonly receive: (json: Schema.Json) => Effect.Effect<A, PineconeError.ListError>
      readonly toJson: (value: A) => Schema.JsonObject
    }
): Model => ({
  pathOf: (key) => key,
  ...model,
  fields: schema.fields,
  // The tests iterate over the fields and need only their names.
  codec: codec as {} as Model["codec"],
  receive: receive as {} as Model["receive"],
  toJson: toJson as {} as Model["toJson"]
})

/** A number that `JSON.stringify` cannot write, such as `1e999`, for {@link received}. */
const written = (number: string): string => `number:${number}`

const received = (call: Call) => (body: Schema.Json) => {
  const text = JSON.stringify(body).replaceAll(/"number:([^"]+)"/g, "$1")
  return Effect.provide(call, services(script(new Response(text)))) as never
}

const models: ReadonlyArray<Model> = [
  model({
    name: "BackupRun",
    schema: BackupRun.BackupRun,
    codec: BackupRun.FromWire,
    receive: (row) =>
      Effect.map(received(historyPage())({ data: [row] }), (page: Page.Page<BackupRun.BackupRun>) => page.data[0]!),
    toJson: BackupRun.toJson,
    full: run,
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
    open: "status",
    pathOf: (key) => `data[0].${key}`
  }),
  model({
    name: "Backup",
    schema: Backup.Backup,
    codec: Backup.FromWire,
    receive: received(backups((_) => _.describe(backupId))),
    toJson: Backup.toJson,
    full: backup,
    // In the order of the samples.
    keys: [
      "backup_id",
      "source_index_id",
      "source_index_name",
      "tags",
      "name",
      "description",
      "status",
      "cloud",
      "region",
      "dimension",
      "schema",
      "record_count",
      "namespace_count",
      "size_bytes",
      "metric",
      "created_at",
      "source_index_deleted_at"
    ],
    required: ["backup_id", "source_index_id", "source_index_name"],
    open: "status"
  }),
  model({
    name: "BackupSchedule",
    schema: BackupSchedule.BackupSchedule,
    codec: BackupSchedule.FromWire,
    receive: received(schedules((_) => _.describe(scheduleId))),
    toJson: BackupSchedule.toJson,
    full: schedule,
    keys: [
      "schedule_id",
      "name",
      "index_id",
      "project_id",
      "schedule_type",
      "frequency",
      "retention_expire_after_days",
      "enabled",
      "next_scheduled_run",
      "created_at"
    ],
    required: ["schedule_id", "index_id"],
    open: "frequency"
  }),
  model({
    name: "RestoreJob",
    schema: RestoreJob.RestoreJob,
    codec: RestoreJob.FromWire,
    receive: received(restoreJobs((_) => _.describe(jobId))),
    toJson: RestoreJob.toJson,
    full: job,
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
    open: "status"
  }),
  model({
    name: "PineconeIndex",
    schema: PineconeIndex.PineconeIndex,
    codec: PineconeIndex.FromWire,
    receive: received(indexes((_) => _.describe(indexName))),
    toJson: PineconeIndex.toJson,
    full: without(index, "vector_type"),
    keys: [
      "name",
      "id",
      "status",
      "host",
      "private_host",
      "deletion_protection",
      "tags",
      "read_capacity",
      "source_backup_id"
    ],
    required: ["name"],
    open: undefined
  })
]

for (const { codec, fields: schemaFields, full, keys, name, open, pathOf, receive, required, toJson } of models) {
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

    it("requires IDs and index names, and no other keys", () => {
      assert.deepStrictEqual(fields.filter((field) => !field.isOptional).map((field) => field.wireKey), required)
    })

    it("decodes every key to a different value", () => {
      const value = decode(full)
      for (const { key } of fields) {
        assert.isDefined(value[key], key)
        assert.isNotNull(value[key], key)
      }
      assert.sameMembers(Object.keys(value), fields.map((field) => field.key))
    })

    // Generated instants include years that a timestamp cannot represent.
    const values = Arbitrary.map(
      Arbitrary.all({ value: Arbitrary.schema(Schema.toType(codec)), instant: instants }),
      ({ value, instant }) =>
        Object.fromEntries(
          Object.entries(value).map(([key, part]) => [key, DateTime.isDateTime(part) ? instant : part])
        )
    )

    it.prop("survives encoding and decoding", [values], ([value]) => {
      const encoded = encode(value)
      assert.sameMembers(Object.keys(encoded), Object.keys(value).map(snakeCase))
      assert.deepStrictEqual(decode(encoded), value)
    }, { arbitrary: { runs: Long.runs(300) } })

    it.prop("encodes to plain JSON", [values], ([value]) => {
      const text = JSON.stringify(encode(value))
      assert.strictEqual(JSON.stringify(encode(decode(JSON.parse(text)))), text)
    }, { arbitrary: { runs: Long.runs(300) } })

    for (const { key, wireKey } of optional) {
      it(`accepts ${wireKey} missing, null and present`, () => {
        const present = decode(full)
        const missing = decode(without(full, wireKey))
        const isNull = decode({ ...full, [wireKey]: null })
        if (key === open) {
          assert.strictEqual(missing[key], "Unknown")
          assert.strictEqual(isNull[key], "Unknown")
        } else {
          assert.notProperty(missing, key)
          assert.strictEqual(isNull[key], null)
        }
        // An invalid field does not affect other fields.
        assert.deepStrictEqual({ ...missing, [key]: present[key] }, present)
        assert.deepStrictEqual({ ...isNull, [key]: present[key] }, present)
      })
    }

    it("accepts all optional fields missing at once, and all null at once", () => {
      const ids = Object.fromEntries(required.map((key) => [key, full[key]!]))
      const unknown = open === undefined ? {} : { [open]: "Unknown" }
      assert.deepStrictEqual(encode(decode(ids)), { ...ids, ...unknown })
      const nulls = { ...ids, ...Object.fromEntries(optional.map(({ wireKey }) => [wireKey, null])) }
      assert.deepStrictEqual(encode(decode(nulls)), { ...nulls, ...unknown })
    })

    if (open !== undefined) {
      it(`accepts an unknown ${open}`, () => {
        assert.strictEqual(decode({ ...full, [open]: "hibernating" })[open], "hibernating")
        assert.strictEqual(decode({ ...full, [open]: "" })[open], "")
      })
    }

    it("accepts unknown keys", () => {
      assert.deepStrictEqual(decode({ ...full, added_later: "new", nested: { deep: [1, null] } }), decode(full))
    })

    for (const { key, wireKey } of optional.filter(({ wireKey }) => /_at$|_run$/.test(wireKey))) {
      it.effect(`decodes an unreadable ${wireKey} to null and keeps its string`, () =>
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

    for (const { key, wireKey } of optional) {
      it.effect.each(["1e999", "-1e999", "9".repeat(400)])(
        `decodes ${wireKey} to null if it is a number out of range: %s`,
        (number) =>
          Effect.gen(function*() {
            const value = yield* receive({ ...full, [wireKey]: written(number), added_later: [written(number)] })
            assert.deepStrictEqual(value[key], decode({ ...full, [wireKey]: null })[key])
            assert.deepStrictEqual(toJson(value), { ...full, [wireKey]: null, added_later: [null] })
          })
      )
    }

    for (const key of required) {
      it.effect.each<[string, Schema.JsonObject]>([
        ["missing", without(full, key)],
        ["null", { ...full, [key]: null }],
        ["a number", { ...full, [key]: 5 }],
        ["an object", { ...full, [key]: {} }]
      ])(`reports ${key} if it is %s`, ([_, body]) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(receive(body))
          assertTag(error, "PineconeMalformedResponse")
          assert.strictEqual(error.field, pathOf(key))
          assert.isTrue(error.message.startsWith(`${pathOf(key)}: `), error.message)
        }))
    }

    it.effect("returns its original object, including unknown keys", () =>
      Effect.gen(function*() {
        const body = { ...full, tags: null, added_later: { by: ["the service", 1, null] } }
        const value = yield* receive(body)
        assert.deepStrictEqual(toJson(value), body)
      }))

    it.effect("encodes a changed copy from its fields", () =>
      Effect.gen(function*() {
        const value = yield* receive({ ...full, added_later: true })
        const first = keys[0]!
        const copy = { ...value, [fields[0]!.key]: "changed" }
        assert.deepStrictEqual(toJson(copy), { ...encode(value), [first]: "changed" })
      }))

    it("encodes timestamps with six digits and Z", () => {
      for (const { key, wireKey } of optional.filter(({ wireKey }) => /_at$|_run$/.test(wireKey))) {
        const encoded = encode({ ...decode(full), [key]: DateTime.makeUnsafe("2026-01-02T03:04:05.006Z") })
        assert.strictEqual(encoded[wireKey], "2026-01-02T03:04:05.006000Z")
      }
    })

    it.prop("encodes a manually created value", [values], ([value]) => {
      assert.deepStrictEqual(toJson(value), encode(value))
    })
  })
}

describe("BackupRun", () => {
  it("encodes non-string tag values as JSON", () => {
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

  it.effect("decodes a whole page with a number out of range, at any depth of any row", () =>
    Effect.gen(function*() {
      const odd = written("1e400")
      const rows: ReadonlyArray<Schema.JsonObject> = [
        { ...run, backup_id: "a", record_count: odd },
        { ...run, backup_id: "b", tags: { a: odd, b: { c: [odd, "d"] }, e: "f" } },
        {
          ...run,
          backup_id: "c",
          schema: { fields: { a: { type: "dense_vector", dimension: odd, metric: "cosine" } } }
        },
        { ...run, backup_id: "d", schema: { fields: { a: { type: "new", depth: [{ b: odd }] } } } },
        { ...run, backup_id: "e", created_at: odd }
      ]
      const receive: (json: Schema.Json) => Effect.Effect<Page.Page<BackupRun.BackupRun>, PineconeError.ListError> =
        received(historyPage())
      const known: Schema.JsonObject = JSON.parse(
        JSON.stringify({ data: rows }).replaceAll(JSON.stringify(odd), "null")
      )
      const expected = yield* receive(known)
      const page = yield* receive({ data: rows })
      assert.lengthOf(page.data, rows.length)
      assert.deepStrictEqual(page, expected)
      assert.deepStrictEqual(page.data.map(BackupRun.toJson), known.data)
      assert.deepStrictEqual(page.data.map(({ recordCount }) => recordCount), [
        null,
        ...rows.slice(1).map(() => 181_990)
      ])
      assert.deepStrictEqual(page.data[1]!.tags, { a: "null", b: "{\"c\":[null,\"d\"]}", e: "f" })
    }))

  it("accepts tags with the names of members of Object", () => {
    const { tags } = Schema.decodeSync(BackupRun.FromWire)({
      ...run,
      tags: JSON.parse("{\"__proto__\":\"a\",\"constructor\":\"b\"}")
    })
    assert.deepStrictEqual(Object.entries(tags ?? {}), [["__proto__", "a"], ["constructor", "b"]])
  })

  it.effect("remembers the original object of each row of a page", () =>
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
  ])("with status %s: isReady %s, isFailed %s", (status, isReady, isFailed) => {
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
  ])("with status %s: isCompleted %s, isFailed %s", (status, isCompleted, isFailed) => {
    const value = Schema.decodeSync(RestoreJob.FromWire)({ ...job, status })
    assert.strictEqual(RestoreJob.isCompleted(value), isCompleted)
    assert.strictEqual(RestoreJob.isFailed(value), isFailed)
    assert.strictEqual(RestoreJob.isFinal(value), isCompleted || isFailed)
  })

  it("keeps a fractional percent_complete", () => {
    const value = Schema.decodeSync(RestoreJob.FromWire)({ ...job, percent_complete: 42.2 })
    assert.strictEqual(value.percentComplete, 42.2)
  })
})

describe("Backup", () => {
  it.each([
    ["Initializing", false, false],
    ["Pending", false, false],
    ["Scheduled", false, false],
    ["Unknown", false, false],
    ["Ready", true, false],
    ["InitializationFailed", false, true],
    ["Failed", false, true]
  ])("with status %s: isReady %s, isFailed %s", (status, isReady, isFailed) => {
    const value = Schema.decodeSync(Backup.FromWire)({ ...backup, status })
    assert.strictEqual(Backup.isReady(value), isReady)
    assert.strictEqual(Backup.isFailed(value), isFailed)
    assert.strictEqual(Backup.isFinal(value), isReady || isFailed)
  })

  it.effect("remembers the original object of each row of a page", () =>
    Effect.gen(function*() {
      const rows = [{ ...backup, extra: 1 }, { ...backup, backup_id: "other", extra: 2 }]
      const page = yield* Backups.Backups.use((backups) => backups.listPage()).pipe(
        Effect.provide(services(script(json({ data: rows, extra: 3 }))))
      )
      assert.deepStrictEqual(page.data.map(Backup.toJson), rows)
    }))
})

describe("PineconeIndex", () => {
  const decode = Schema.decodeSync(PineconeIndex.FromWire)

  it.each([
    [{ ready: true, state: "Ready" }, true],
    [{ ready: false, state: "Initializing" }, false],
    [{ state: "Ready" }, false],
    [{ ready: null }, false],
    [{}, false],
    [null, false]
  ])("with status %j: isReady %s", (status, isReady) => {
    assert.strictEqual(PineconeIndex.isReady(decode({ ...index, status })), isReady)
  })

  it.effect("remembers the original object of each index in a list", () =>
    Effect.gen(function*() {
      const list = [index, { ...index, name: "other", extra: 2 }]
      const values = yield* Indexes.Indexes.use((indexes) => indexes.list).pipe(
        Effect.provide(services(script(json({ indexes: list, extra: 3 }))))
      )
      assert.deepStrictEqual(values.map(PineconeIndex.toJson), list)
    }))

  it.effect("returns an empty list for a project without indexes", () =>
    Effect.gen(function*() {
      const values = yield* Effect.provide(indexes((_) => _.list), services(script(json({ indexes: [] }))))
      assert.deepStrictEqual(values, [])
    }))
})

// ============================================================================
// Index schemas
// ============================================================================

describe("IndexSchema", () => {
  const decode = Schema.decodeSync(IndexSchema.Field)
  const encode = Schema.encodeSync(IndexSchema.Field)

  const opaque = (json: Schema.Json) => [json, { type: "opaque", json }] as const

  const fields: ReadonlyArray<readonly [json: Schema.Json, field: unknown]> = [
    [
      { type: "dense_vector", description: "Embedding", dimension: 768, metric: "cosine" },
      { type: "dense_vector", description: "Embedding", dimension: 768, metric: "cosine" }
    ],
    [{ type: "dense_vector", dimension: 3, metric: "manhattan" }, {
      type: "dense_vector",
      dimension: 3,
      metric: "manhattan"
    }],
    [{ type: "dense_vector" }, { type: "dense_vector" }],
    [
      { type: "dense_vector", description: null, dimension: null, metric: null },
      { type: "dense_vector", description: null, dimension: null, metric: null }
    ],
    [{ type: "sparse_vector", description: "Terms" }, { type: "sparse_vector", description: "Terms" }],
    [{ type: "sparse_vector" }, { type: "sparse_vector" }],
    [
      {
        type: "semantic_text",
        description: "Body",
        model: "multilingual-e5-large",
        dimension: 1024,
        metric: "cosine",
        write_parameters: { input_type: "passage", nested: { deep: [1, null] } },
        read_parameters: { input_type: "query" }
      },
      {
        type: "semantic_text",
        description: "Body",
        model: "multilingual-e5-large",
        dimension: 1024,
        metric: "cosine",
        writeParameters: { input_type: "passage", nested: { deep: [1, null] } },
        readParameters: { input_type: "query" }
      }
    ],
    [
      {
        type: "semantic_text",
        model: "pinecone-sparse",
        dimension: null,
        write_parameters: null,
        read_parameters: null
      },
      { type: "semantic_text", model: "pinecone-sparse", dimension: null, writeParameters: null, readParameters: null }
    ],
    [{ type: "semantic_text" }, { type: "semantic_text" }],
    [{ type: "string" }, { type: "string" }],
    [{ type: "string", filterable: true, full_text_search: null }, {
      type: "string",
      filterable: true,
      fullTextSearch: null
    }],
    [{ type: "string", full_text_search: {} }, { type: "string", fullTextSearch: {} }],
    [{ type: "string", full_text_search: { language: "en" } }, { type: "string", fullTextSearch: { language: "en" } }],
    [
      {
        type: "string",
        description: "Title",
        full_text_search: {
          language: "de",
          stemming: true,
          stop_words: false,
          ngram: { min_gram: 2, max_gram: 4, prefix_only: true }
        },
        filterable: false
      },
      {
        type: "string",
        description: "Title",
        fullTextSearch: {
          language: "de",
          stemming: true,
          stopWords: false,
          ngram: { minGram: 2, maxGram: 4, prefixOnly: true }
        },
        filterable: false
      }
    ],
    [{ type: "string", full_text_search: { ngram: {} } }, { type: "string", fullTextSearch: { ngram: {} } }],
    [{ type: "string", full_text_search: { ngram: null } }, { type: "string", fullTextSearch: { ngram: null } }],
    [
      { type: "string", full_text_search: { stop_words: null, ngram: { max_gram: 3 } } },
      { type: "string", fullTextSearch: { stopWords: null, ngram: { maxGram: 3 } } }
    ],
    [{ type: "string_list", filterable: true }, { type: "string_list", filterable: true }],
    [{ type: "float", filterable: true, description: "Price" }, {
      type: "float",
      filterable: true,
      description: "Price"
    }],
    [{ type: "integer", filterable: false }, { type: "integer", filterable: false }],
    [{ type: "boolean" }, { type: "boolean" }],
    [{ filterable: true }, { type: "legacy", filterable: true }],
    [{ filterable: false }, { type: "legacy", filterable: false }],
    // Unknown types, and a known type in a different spelling.
    opaque({ type: "geo_point", precision: 7 }),
    opaque({ type: "number", filterable: true }),
    // Fields that do not match their type.
    opaque({ type: "dense_vector", dimension: "768" }),
    opaque({ type: "semantic_text", write_parameters: [] }),
    opaque({ type: "string", filterable: "yes" }),
    opaque({ type: "string", full_text_search: "en" }),
    opaque({ type: "string", full_text_search: { ngram: { min_gram: "two" } } }),
    opaque({ type: "boolean", description: 5 }),
    // Fields that have neither a type nor the legacy form.
    opaque({}),
    opaque({ filterable: "yes" }),
    opaque({ filterable: null }),
    opaque({ type: null, filterable: true }),
    opaque({ type: 5 }),
    opaque(null),
    opaque("string"),
    opaque(7),
    opaque([{ type: "string" }]),
    // Types that exist only in this library.
    opaque({ type: "legacy", filterable: true }),
    opaque({ type: "opaque", json: 1 })
  ]

  it.each(fields.map(([json, field]) => ({ text: JSON.stringify(json), json, field })))(
    "decodes and encodes the field $text",
    ({ field, json }) => {
      assert.deepStrictEqual(decode(json), field)
      assert.deepStrictEqual(encode(decode(json)), json)
    }
  )

  it("accepts unknown keys", () => {
    assert.deepStrictEqual(decode({ type: "sparse_vector", added_later: 1 }), { type: "sparse_vector" })
    assert.deepStrictEqual(decode({ filterable: true, added_later: 1 }), { type: "legacy", filterable: true })
  })

  it.effect("keeps the fields around an invalid field", () =>
    Effect.gen(function*() {
      const schema = {
        fields: {
          _values: { type: "dense_vector", dimension: 3, metric: "cosine" },
          broken: { type: "dense_vector", dimension: "3" },
          genre: { filterable: true }
        }
      }
      const body = { ...backup, schema }
      const value = yield* Backups.Backups.use((backups) => backups.describe(backupId)).pipe(
        Effect.provide(services(script(json(body))))
      )
      assert.deepStrictEqual(value.schema?.fields, {
        _values: { type: "dense_vector", dimension: 3, metric: "cosine" },
        broken: { type: "opaque", json: schema.fields.broken },
        genre: { type: "legacy", filterable: true }
      })
      assert.deepStrictEqual(Backup.toJson(value), body)
      assert.deepStrictEqual(Schema.encodeSync(Backup.FromWire)({ ...value })["schema"], schema)
    }))

  it.each<[Schema.JsonObject]>([[{ fields: {} }], [{ fields: null }], [{}]])(
    "accepts a missing list of fields: %j",
    (schema) => {
      const codec = Schema.decodeSync(Backup.FromWire)
      assert.deepStrictEqual(codec({ ...backup, schema }).schema, schema)
    }
  )

  it("accepts fields with the names of members of Object", () => {
    const { schema } = Schema.decodeSync(Backup.FromWire)({
      ...backup,
      schema: JSON.parse("{\"fields\":{\"__proto__\":{\"filterable\":true},\"constructor\":{\"type\":\"float\"}}}")
    })
    assert.deepStrictEqual(Object.entries(schema?.fields ?? {}), [
      ["__proto__", { type: "legacy", filterable: true }],
      ["constructor", { type: "float" }]
    ])
  })
})
