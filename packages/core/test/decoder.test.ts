import { assert, describe, it, vi } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as SchemaCompiler from "effect/schema/SchemaCompiler"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaGetter from "effect/SchemaGetter"
import { snakeToCamel } from "effect/String"
import * as Fs from "node:fs"
import * as Util from "node:util"
import * as BackupRun from "../src/BackupRun.ts"
import type { Endpoint } from "../src/internal/contract/endpoint.ts"
import { firstIssue } from "../src/internal/transport/response.ts"
import * as Long from "./long.ts"
import { element, index, mutations, oneOf } from "./support.ts"

// ============================================================================
// Schemas with and without readers
// ============================================================================

type Codec = Schema.Codec<unknown>

/** The schemas that decode responses, and the public schemas, each created again. */
const load = Effect.promise(() => {
  vi.resetModules()
  return Promise.all([
    import("../src/internal/codec/decoder.ts"),
    import("../src/internal/codec/wire.ts"),
    import("../src/internal/contract/groups.ts"),
    import("../src/Backup.ts"),
    import("../src/BackupRun.ts"),
    import("../src/BackupSchedule.ts"),
    import("../src/PineconeIndex.ts"),
    import("../src/RestoreJob.ts")
  ])
}).pipe(Effect.map(([Decoder, Wire, { groups }, Backup, BackupRun, BackupSchedule, PineconeIndex, RestoreJob]) => {
  // An endpoint promises only that a response can be decoded.
  const schemas: Readonly<Record<string, Codec>> = {
    ...Object.fromEntries(
      Object.entries(groups).flatMap(([group, endpoints]) =>
        Object.entries<Endpoint>(endpoints).flatMap(([name, { success }]) =>
          success === undefined ? [] : [[`${group}.${name}`, success as Codec]]
        )
      )
    ),
    "Backup.Backup": Backup.Backup,
    "Backup.FromWire": Backup.FromWire,
    "BackupRun.BackupRun": BackupRun.BackupRun,
    "BackupRun.FromWire": BackupRun.FromWire,
    "BackupSchedule.BackupSchedule": BackupSchedule.BackupSchedule,
    "BackupSchedule.FromWire": BackupSchedule.FromWire,
    "PineconeIndex.FromWire": PineconeIndex.FromWire,
    "PineconeIndex.PineconeIndex": PineconeIndex.PineconeIndex,
    "RestoreJob.FromWire": RestoreJob.FromWire,
    "RestoreJob.RestoreJob": RestoreJob.RestoreJob,
    "RestoreJob.Started": RestoreJob.Started,
    "RestoreJob.StartedFromWire": RestoreJob.StartedFromWire
  }
  return { Decoder, Wire, schemas }
}))

const { Decoder, Wire, schemas } = await Effect.runPromise(load)

/** The same schemas without readers. */
const { schemas: general } = await Effect.runPromise(load)

// ============================================================================
// Inputs
// ============================================================================

const folder = new URL("fixtures/", import.meta.url)

const recorded: ReadonlyArray<Schema.Json> = Fs.readdirSync(folder).flatMap((file) => {
  const { body } = JSON.parse(Fs.readFileSync(new URL(file, folder), "utf8")).response
  return body === undefined ? [] : [body]
})

const camelKeys = (row: object) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [snakeToCamel(key), value]))

const rows = recorded.flatMap((body): ReadonlyArray<object> => {
  const { data } = body as { readonly data?: ReadonlyArray<object> }
  return data === undefined ? [body as object] : data.slice(0, 1)
})

/** The recorded responses, and lists of indexes, which are not recorded. */
const bodies: ReadonlyArray<Schema.Json> = [
  ...recorded,
  { indexes: [index] },
  ...[...rows, index as object].flatMap((row): ReadonlyArray<Schema.JsonObject> => [
    row as Schema.JsonObject,
    camelKeys(row) as Schema.JsonObject
  ])
]

/** Values that a field can have. */
const values = oneOf<Schema.Json | undefined>(
  Arbitrary.schema(Schema.Json),
  element<Schema.Json | undefined>(
    undefined,
    null,
    "",
    "\ud800",
    "next Tuesday",
    "2026-02-29T00:00:00Z",
    "2026-08-03 06:00:00.9+0000",
    -0,
    Infinity
  ),
  element([], {}, [null], [[]], { data: [] }, JSON.parse(`{"__proto__":{"a":1}}`), JSON.parse(`{"__proto__":"a"}`)),
  element<Schema.Json>(
    { filterable: true },
    { type: "dense_vector", dimension: "768" },
    { type: "semantic_text", write_parameters: { deep: [Infinity] } },
    { type: "string", full_text_search: { ngram: { min_gram: 2, max_gram: null } } },
    { fields: { constructor: { type: "float", filterable: null }, toString: { type: "legacy" } } }
  )
)

const circle: Record<string, unknown> = {}
circle["circle"] = circle

class Inherited {
  get name() {
    return "from the prototype"
  }
}

/** Values from a program that JSON cannot contain. */
const odd = element<unknown>(
  undefined,
  () => "",
  Symbol("odd"),
  1n,
  Number.NaN,
  DateTime.toDateUtc(DateTime.makeUnsafe(0)),
  new Map([["a", 1]]),
  new Inherited(),
  new Proxy({}, {
    get: () => {
      throw new Error("not to be read")
    }
  }),
  // oxlint-disable-next-line no-sparse-arrays
  [, "a"],
  [undefined],
  { a: undefined },
  { [Symbol.iterator]: 1 },
  Object.create({ status: "Ready", backup_id: "inherited", name: "inherited" }),
  Object.create(null),
  circle,
  // oxlint-disable-next-line no-new-wrappers
  new String("text")
)

/** Copies JSON with a different value at a random path. */
const place = (json: unknown, at: number, value: unknown): unknown => {
  if (at === 0 || typeof json !== "object" || json === null) return value
  const keys = Object.keys(json)
  if (keys.length === 0) return value
  const copy: Record<string, unknown> = Array.isArray(json) ? [...json] as never : { ...json }
  const key = keys[at % keys.length]!
  copy[key] = place(copy[key], Math.floor(at / keys.length), value)
  return copy
}

const options: ReadonlyArray<SchemaAST.ParseOptions> = [
  {},
  { errors: "all" },
  { reportInput: true },
  { onExcessProperty: "error" },
  { onExcessProperty: "error", errors: "all" },
  { disableChecks: true },
  { concurrency: 2 },
  { concurrency: "unbounded", errors: "all" }
]

// ============================================================================
// Agreement
// ============================================================================

/** Everything observable about the result of a schema, with keys in order. */
const outcome = (schema: Codec, input: unknown, options?: SchemaAST.ParseOptions): unknown => {
  let exit: Exit.Exit<unknown, Schema.SchemaError>
  try {
    exit = Schema.decodeUnknownExit(schema)(input, options)
  } catch (error) {
    exit = Exit.die(error)
  }
  if (Exit.isSuccess(exit)) return { value: exit.value, text: Util.inspect(exit.value, { depth: 20 }) }
  const error = Cause.squash(exit.cause)
  return Schema.isSchemaError(error)
    ? { message: error.message, first: firstIssue(error.issue, (text) => text), at: error.issue._tag }
    : { defect: String(error) }
}

for (const [name, schema] of Object.entries(schemas)) {
  describe(`the reader of ${name}`, () => {
    const read = Decoder.of(schema.ast)

    const assertAgrees = (input: unknown, options?: SchemaAST.ParseOptions) => {
      assert.deepStrictEqual(outcome(schema, input, options), outcome(general[name]!, input, options))
    }

    /** Accepts what the schema accepts, with the same result. */
    const assertReads = (json: Schema.Json) => {
      const exit = Schema.decodeUnknownExit(general[name]!)(json)
      assert.deepStrictEqual(read(json), Exit.isSuccess(exit) ? exit.value : undefined)
      assertAgrees(json)
    }

    it("agrees with the schema on every recorded response", () => {
      for (const body of bodies) assertReads(body)
      assert.isTrue(bodies.some((body) => read(body) !== undefined))
    })

    it.prop(
      "agrees with the schema on every other response",
      [
        Arbitrary.flatMap(element(...bodies), (body) => mutations(body, values)),
        element(...options)
      ],
      ([json, options]) => {
        assertReads(json)
        assertAgrees(json, options)
      },
      { arbitrary: { runs: Long.runs(1_000) } }
    )

    it.prop(
      "rejects values that are not JSON unless the schema accepts them",
      [element(...bodies), Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))), odd],
      ([body, at, value]) => assertAgrees(place(body, at, value)),
      { arbitrary: { runs: Long.runs(500) } }
    )

    it("agrees with the schema if it is nested in another schema", () => {
      const within = (schema: Codec) =>
        Schema.Struct({ one: schema, maybe: Schema.optionalKey(schema), many: Schema.Array(schema) })
      const good = bodies.find((body) => read(body) !== undefined)
      for (
        const input of [
          { one: good, many: [good, good] },
          { one: good, maybe: good, many: [] },
          { one: good, maybe: undefined, many: [] },
          { many: [] },
          { one: undefined, many: [] },
          { one: good, many: [good, {}] },
          { one: good, many: [good, undefined] }
        ]
      ) {
        assert.deepStrictEqual(outcome(within(schema), input), outcome(within(general[name]!), input))
      }
    })

    it("does not change what the schema accepts as a value", () => {
      const value = read(bodies.find((body) => read(body) !== undefined))
      assert.deepStrictEqual(Schema.encodeUnknownSync(schema)(value), Schema.encodeUnknownSync(general[name]!)(value))
      assert.isTrue(Schema.is(schema)(value))
      assert.isFalse(Schema.is(schema)({}))
    })
  })

  describe(`the writer of ${name}`, () => {
    const read = Decoder.of(schema.ast)
    const decoded = bodies.map(read).filter((value) => value !== undefined)

    const assertAgrees = (value: unknown, options?: SchemaAST.ParseOptions) => {
      assert.deepStrictEqual(
        outcome(Schema.flip(schema), value, options),
        outcome(Schema.flip(general[name]!), value, options)
      )
    }

    it("agrees with the schema on every recorded response", () => {
      for (const value of decoded) assertAgrees(value)
      assert.isNotEmpty(decoded)
    })

    it.prop(
      "agrees with the schema on every other value",
      [
        element(...decoded),
        Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))),
        oneOf<unknown>(
          values,
          odd,
          element<unknown>(DateTime.makeUnsafe(0.5), DateTime.makeZonedUnsafe(0, { timeZone: "Europe/Berlin" }))
        ),
        element(...options)
      ],
      ([value, at, part, options]) => {
        assertAgrees(value, options)
        assertAgrees(place(value, at, part), options)
      },
      { arbitrary: { runs: Long.runs(1_000) } }
    )
  })
}

const text = Schema.String

describe("Schema", () => {
  /** `Schema` accesses keys before it reads them, and a reader does not. */
  const hasReader = (schema: Codec): boolean => {
    const asked: Array<string | symbol> = []
    const has = (body: object, key: string | symbol) => {
      asked.push(key)
      return key in body
    }
    const body = bodies.find((body) => Exit.isSuccess(Schema.decodeUnknownExit(schema)(body))) as object
    Schema.decodeUnknownSync(schema)(new Proxy(body, { has }))
    return !asked.some((key) => key in body)
  }

  it.each(Object.keys(schemas))("decodes %s with its reader, if it has one", (name) => {
    const schema = schemas[name]!
    Decoder.of(schema.ast)
    // Schemas that decode to their input stay unchanged.
    assert.strictEqual(hasReader(schema), name !== "RestoreJob.Started")
    assert.isFalse(hasReader(general[name]!))
  })

  it.each(["Backup", "BackupRun", "BackupSchedule", "RestoreJob"])("encodes a %s with its writer", (model) => {
    const [schema, other] = [schemas[`${model}.FromWire`]!, general[`${model}.FromWire`]!]
    Decoder.of(schema.ast)
    const value = bodies.map(Decoder.of(schema.ast)).find((value) => value !== undefined) as object
    const hasWriter = (schema: Codec): boolean => {
      let isAsked = false
      const has = (value: object, key: string | symbol) => {
        isAsked ||= key in value
        return key in value
      }
      Schema.encodeUnknownSync(schema)(new Proxy(value, { has }))
      return !isAsked
    }
    assert.isTrue(hasWriter(schema))
    assert.isFalse(hasWriter(other))
  })

  it("decodes runs with all fields and with missing fields alike", () => {
    const name = "BackupRun.FromWire"
    const whole: Schema.JsonObject = {
      backup_id: "backup",
      source_index_id: "index",
      source_index_name: "docs",
      tags: { team: "search" },
      name: "nightly",
      description: null,
      status: "Ready",
      scheduled_execution_at: "2026-08-03T06:00:00Z",
      cloud: "aws",
      region: "us-east-1",
      dimension: 768,
      schema: { fields: { embedding: { type: "dense_vector", dimension: 768, metric: "cosine" } } },
      record_count: 1,
      namespace_count: 2,
      size_bytes: 3,
      created_at: "2026-08-03T06:00:00.912377Z"
    }
    const keys = Object.keys(whole)
    const inputs = keys.flatMap((key) => [
      Object.fromEntries(Object.entries(whole).filter(([other]) => other !== key)),
      ...[undefined, null, {}, [], 1, "text"].map((value) => ({ ...whole, [key]: value }))
    ])
    assert.strictEqual(keys.length, Object.keys(BackupRun.BackupRun.fields).length)
    // Some versions of the API omit several fields.
    const short = ["tags", "description", "dimension", "scheduled_execution_at"].map((_, index, missing) =>
      Object.fromEntries(Object.entries(whole).filter(([key]) => !missing.slice(index).includes(key)))
    )
    for (const input of [whole, ...short, ...inputs]) {
      assert.deepStrictEqual(outcome(schemas[name]!, input), outcome(general[name]!, input))
    }
  })

  it("uses defaults for missing keys, and nowhere else", () => {
    const status = Wire.openEnum(["Ready"])
    assert.deepStrictEqual(Decoder.of(Schema.Struct({ status }).ast)({}), { status: "Unknown" })
    for (
      const [{ ast }, input] of [
        [Schema.Array(status), [undefined]],
        [Schema.Struct({ status: Schema.Union([status, Schema.Boolean]) }), {}]
      ] as const
    ) {
      const schema = Schema.make<Codec>(ast)
      assert.isTrue(Exit.isFailure(Schema.decodeUnknownExit(schema)(input)))
      assert.isUndefined(Decoder.of(ast)(input))
    }
  })

  it("reports an invalid response on every attempt", () => {
    const schema = schemas["Backups.list"]!
    Decoder.of(schema.ast)
    const messages = [1, 2].map(() => outcome(schema, { data: [{ backup_id: 1 }] }))
    assert.deepStrictEqual(messages[0], messages[1])
    assert.deepInclude(messages[0], { first: { field: "data[0].backup_id", message: "Expected string" } })
  })
})

// ============================================================================
// Assumptions of the readers
// ============================================================================

describe("Effect", () => {
  const common = ["_tag", "annotations", "checks", "context", "encoding", "~effect/Schema"]

  it.each<[string, Schema.Top, ReadonlyArray<string>]>([
    ["String", text, []],
    ["Boolean", Schema.Boolean, []],
    ["Null", Schema.Null, []],
    ["Literal", Schema.Literal("a"), ["literal"]],
    ["Union", Schema.NullOr(text), ["encodingChecks", "options", "types"]],
    ["Arrays", Schema.Array(text), ["elements", "encodingChecks", "isMutable", "rest"]],
    ["Objects", Schema.Struct({ a: text }), ["encodingChecks", "indexSignatures", "propertySignatures"]],
    ["Objects", Schema.Record(text, text), ["encodingChecks", "indexSignatures", "propertySignatures"]]
  ])("has nodes with the properties that the readers expect: %s", (tag, { ast }, fields) => {
    assert.strictEqual(ast._tag, tag)
    assert.sameMembers(Object.keys(ast), [...common, ...fields])
  })

  it("composes schemas in the form that the readers expect", () => {
    const { ast: struct } = Schema.Struct({ a: text, b: Schema.optionalKey(text) })
    assert.deepStrictEqual(
      struct.propertySignatures.map((property) => [Object.keys(property), property.name]),
      [[["name", "type"], "a"], [["name", "type"], "b"]]
    )
    assert.strictEqual(struct.propertySignatures[0]!.type, text.ast)
    assert.deepStrictEqual(struct.propertySignatures.map(({ type }) => SchemaAST.isOptional(type)), [false, true])
    assert.deepStrictEqual(struct.indexSignatures, [])

    const { ast: record } = Schema.Record(text, text)
    assert.deepStrictEqual(record.propertySignatures, [])
    assert.deepStrictEqual(record.indexSignatures.map((index) => Object.keys(index)), [["parameter", "type"]])
    assert.strictEqual(record.indexSignatures[0]!.parameter, SchemaAST.string)
    assert.strictEqual(record.indexSignatures[0]!.type, text.ast)

    const { ast: array } = Schema.Array(text)
    assert.deepStrictEqual([array.elements, array.rest], [[], [text.ast]])

    const { ast: union } = Schema.Union([text, Schema.Boolean])
    assert.deepStrictEqual([union.types, union.options?.mode], [[text.ast, Schema.Boolean.ast], undefined])
    assert.strictEqual(Schema.Union([text], { mode: "oneOf" }).ast.options?.mode, "oneOf")

    assert.strictEqual(Schema.Literal("a").ast.literal, "a")
    assert.strictEqual(Schema.Array(Schema.Finite).ast.rest[0], Schema.Finite.ast)
    assert.strictEqual(Schema.Array(Schema.Json).ast.rest[0], Schema.Json.ast)
  })

  it("keeps checks and transformations where the readers look for them", () => {
    assert.deepStrictEqual([text.ast.checks, text.ast.encoding], [undefined, undefined])

    const { ast } = text.check(Schema.isNonEmpty(), Schema.isMaxLength(3))
    const [first] = ast.checks!
    assert.isTrue(first._tag === "Filter" && first.run("a", ast, {}) === undefined)
    assert.isTrue(first._tag === "Filter" && first.run("", ast, {}) !== undefined)
    const group = Schema.makeFilterGroup([Schema.isNonEmpty(), Schema.isMaxLength(3)])
    assert.isTrue(group._tag === "FilterGroup" && group.checks.every(({ _tag }) => _tag === "Filter"))

    const decoded = text.pipe(
      Schema.decodeTo(Schema.Finite, { decode: SchemaGetter.Number(), encode: SchemaGetter.String() })
    )
    assert.strictEqual(decoded.ast.encoding?.length, 1)
    assert.strictEqual(decoded.ast.encoding?.[0].to, text.ast)

    const flipped = Schema.flip(
      Schema.Struct({ a: decoded }).check(Schema.makeFilter(() => "never"))
    )
    assert.isDefined((flipped.ast as SchemaAST.Objects).encodingChecks)
    assert.isUndefined(Decoder.of(flipped.ast)({ a: 1 }))
  })

  it("looks up the exact node in the registry, with options and for missing keys", () => {
    const schema = Schema.Struct({ count: Schema.FiniteFromString })
    const copy = schema.annotate({})
    const calls: Array<unknown> = []
    SchemaCompiler.set(schema.ast, {
      decodeEffect: (input, options) => {
        calls.push([input, options])
        return Exit.succeed(input === SchemaCompiler.missing ? input : "registered")
      }
    })
    // The registry trusts its entries.
    const registered = "registered" as never
    assert.strictEqual(Schema.decodeUnknownSync(schema)(1, { errors: "all" }), registered)
    assert.deepStrictEqual(Schema.decodeUnknownExit(schema)(2), Exit.succeed(registered))
    assert.deepStrictEqual(Schema.decodeUnknownSync(Schema.Array(schema))([3]), [registered])
    const within = Schema.Struct({ key: schema })
    assert.deepStrictEqual(outcome(within, {}), outcome(Schema.Struct({ key: copy }), {}))
    assert.deepStrictEqual(calls, [[1, { errors: "all" }], [2, {}], [3, {}], [SchemaCompiler.missing, {}]])

    assert.notStrictEqual<unknown>(copy.ast, schema.ast)
    assert.deepStrictEqual(Schema.decodeUnknownSync(copy)({ count: "1" }), { count: 1 })
    assert.deepStrictEqual(Schema.encodeUnknownSync(schema)({ count: 1 }), { count: "1" })
  })

  it("encodes by decoding with the flipped node, which is the same without a transformation", () => {
    const plain = Schema.Struct({ a: Schema.optionalKey(Schema.NullOr(text.check(Schema.isNonEmpty()))) })
    assert.strictEqual(SchemaAST.flip(plain.ast), plain.ast)
    for (const { type } of plain.ast.propertySignatures) assert.strictEqual(SchemaAST.flip(type), type)

    const schema = Schema.Struct({ count: Schema.FiniteFromString })
    const flipped = SchemaAST.flip(schema.ast)
    assert.notStrictEqual<SchemaAST.AST>(flipped, schema.ast)
    assert.strictEqual(SchemaAST.flip(schema.ast), flipped)
    SchemaCompiler.set(flipped, { decodeEffect: () => Exit.succeed("registered") })
    assert.strictEqual(Schema.encodeUnknownSync(schema)({ count: 1 }), "registered" as never)
    assert.deepStrictEqual(Schema.encodeUnknownSync(Schema.Array(schema))([{ count: 1 }]), ["registered" as never])
    assert.deepStrictEqual(Schema.decodeUnknownSync(schema)({ count: "1" }), { count: 1 })
  })
})
