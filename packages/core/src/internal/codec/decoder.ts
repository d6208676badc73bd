/**
 * Decodes responses several times as fast as `Schema` does: in one pass, where `Schema` walks a struct once for its
 * keys and once for its fields. {@link of} registers a reader with `Schema`, so that there is only one way to decode a
 * schema. The simulated service encodes the same models, so they have writers too, which are registered with them.
 *
 * This module depends on undocumented parts of Effect, because the structure of a schema is not documented:
 *
 * - the nodes of `SchemaAST`: `_tag`, `checks`, `encoding` and `encodingChecks` of each; `propertySignatures` and
 *   `indexSignatures` of objects, `elements` and `rest` of arrays, `types` and `options.mode` of unions, `literal`
 * - `_tag`, `run` and `checks` of checks
 * - that `Schema.Finite`, `Schema.Json` and `SchemaAST.string` are the same node wherever they are used
 * - `SchemaCompiler.set`, which Effect calls unstable, and that an annotated copy of a schema is a different node
 * - `SchemaAST.flip`: `Schema` encodes by decoding with the flipped node, and a node without transformations is its own
 *
 * `decoder.test.ts` fails when an Effect release changes any of this, or adds properties to nodes.
 */
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { memoize } from "effect/Function"
import * as Schema from "effect/Schema"
import * as SchemaCompiler from "effect/schema/SchemaCompiler"
import * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"

/**
 * Decodes one value. An `undefined` argument means a missing key, and an `undefined` result a rejection: JSON has no
 * such value. The schema accepts every value that a reader accepts, with the same result. A reader may reject values
 * that the schema accepts.
 */
export type Read = (input: unknown) => unknown

/** Encodes one value. The rules of {@link Read} apply. */
export type Write = Read

const makers = /* @__PURE__ */ new WeakMap<SchemaAST.AST, () => Read>()

const writeMakers = /* @__PURE__ */ new WeakMap<SchemaAST.AST, () => Write>()

/**
 * Assigns a reader, and maybe a writer, to a schema that {@link of} cannot analyze: one with a transformation. `Schema`
 * itself encodes values without a writer.
 */
export const assign = <S extends Schema.Constraint>(schema: S, make: () => Read, makeWrite?: () => Write): S => {
  makers.set(schema.ast, make)
  if (makeWrite !== undefined) writeMakers.set(schema.ast, makeWrite)
  return schema
}

/** Returns a copy of a schema without a reader. The copy is a different node, which is not in Effect's registry. */
const unread = (ast: SchemaAST.AST) => Schema.make<Schema.Codec<unknown>>(ast).annotate({})

/** Decodes with the schema itself. */
const slow = (ast: SchemaAST.AST): Read => {
  const decode = SchemaParser.decodeUnknownExit(unread(ast))
  return (input) => {
    const exit = decode(input)
    return Exit.isSuccess(exit) ? exit.value : undefined
  }
}

const leaf = (is: (input: unknown) => boolean): Read => (input) => is(input) ? input : undefined

const text: Read = leaf((input) => typeof input === "string")
const textOrNull: Read = leaf((input) => typeof input === "string" || input === null)

/** Returns `true` for a string schema without checks. */
const isText = (ast: SchemaAST.AST): boolean =>
  ast._tag === "String" && ast.checks === undefined && ast.encoding === undefined

const isNull = (ast: SchemaAST.AST): boolean => ast._tag === "Null" && ast.encoding === undefined

const isRecord = (input: unknown): input is Readonly<Record<string, unknown>> =>
  typeof input === "object" && input !== null && !Array.isArray(input)

/** Kinds of fields that are read without calling their reader. */
const Kind = { text: 0, textOrNull: 1, other: 2 } as const

/** The readers of the fields of a struct. Each returns `undefined` for a value that the field does not accept. */
export type Readers<Fields extends Schema.Struct.Fields> = {
  readonly [Key in keyof Schema.Struct.Type<Fields>]-?: (
    input: unknown
  ) => Exclude<Schema.Struct.Type<Fields>[Key], undefined> | undefined
}

/**
 * Reads a struct with the names of its fields written out. Engines compile this to direct property accesses, and a loop
 * over names to lookups, which take most of the time of decoding a long list. Returns `undefined` if a value is
 * rejected or a required key is missing. The loop over names then reads the struct again.
 */
export type ByName<A, Fields extends Schema.Struct.Fields> = (
  readers: Readers<Fields>
) => (json: Readonly<Record<string, unknown>>) => A | undefined

/** Returns the reader without a default for a missing key, which the loop over names handles. */
const ofPresent = (read: Read): Read =>
  read(undefined) === undefined ? read : (input) => input === undefined ? undefined : read(input)

interface Field {
  /** Name in the result. */
  readonly key: string
  /** Name in the input. */
  readonly name: string
  readonly isOptional: boolean
  readonly read: Read
}

/** Creates the reader of a struct whose keys may have other names in JSON. */
export const struct = <A, Fields extends Schema.Struct.Fields>(
  ast: SchemaAST.Objects,
  nameOf: (key: string) => string,
  byName?: ByName<A, Fields>
): Read => {
  const fields = ast.propertySignatures.map(({ name, type }): Field => ({
    key: String(name),
    name: nameOf(String(name)),
    isOptional: SchemaAST.isOptional(type),
    read: of(type)
  }))
  const readAll = byName?.(Object.fromEntries(fields.map(({ key, read }) => [key, ofPresent(read)])) as Readers<Fields>)
  const readFields = ofFields(fields)
  return readAll === undefined
    ? readFields
    : (input) => (isRecord(input) ? readAll(input) : undefined) ?? readFields(input)
}

/** Creates the writer of a struct whose keys may have other names in JSON. */
export const structWriter = (ast: SchemaAST.Objects, nameOf: (key: string) => string): Write =>
  ofFields(ast.propertySignatures.map(({ name, type }) => ({
    key: nameOf(String(name)),
    name: String(name),
    isOptional: SchemaAST.isOptional(type),
    read: writerOf(type)
  })))

const writerOf = (ast: SchemaAST.AST): Write => {
  const flipped = SchemaAST.flip(ast)
  return flipped === ast ? of(ast) : writeMakers.get(ast)?.() ?? slow(flipped)
}

const ofFields = (parts: ReadonlyArray<Field>): Read => {
  const fields = parts.map((field) => ({
    ...field,
    kind: field.read === text ? Kind.text : field.read === textOrNull ? Kind.textOrNull : Kind.other
  }))
  return (input) => {
    if (!isRecord(input)) return undefined
    const struct: Record<string, unknown> = {}
    // Before code is compiled, an iterator would be a large part of its time.
    for (let index = 0; index < fields.length; index++) {
      const { isOptional, key, kind, name, read } = fields[index]!
      const part = input[name]
      if (part === undefined) {
        if (name in input) return undefined
        if (isOptional) continue
      }
      // Most fields are strings, and checking that is faster than calling a function.
      if (kind !== Kind.other && (typeof part === "string" || (part === null && kind === Kind.textOrNull))) {
        struct[key] = part
        continue
      }
      const value = read(part)
      if (value === undefined) return undefined
      struct[key] = value
    }
    return struct
  }
}

const record = (read: Read, readOdd: Read): Read => (input) => {
  if (!isRecord(input)) return undefined
  const record: Record<string, unknown> = {}
  for (const key of Object.keys(input)) {
    // This key cannot be assigned like others.
    if (key === "__proto__") return readOdd(input)
    const value = read(input[key])
    if (value === undefined) return undefined
    record[key] = value
  }
  return record
}

const array = (read: Read): Read => (input) => {
  if (!Array.isArray(input)) return undefined
  const array: Array<unknown> = []
  for (let index = 0; index < input.length; index++) {
    const part = input[index]
    const value = part === undefined ? undefined : read(part)
    if (value === undefined) return undefined
    array.push(value)
  }
  return array
}

const anyOf = (reads: ReadonlyArray<Read>): Read => (input) => {
  if (input === undefined) return undefined
  for (let index = 0; index < reads.length; index++) {
    const value = reads[index]!(input)
    if (value !== undefined) return value
  }
  return undefined
}

/** Returns the reader of a schema without its checks, if the schema can be analyzed. */
const unchecked = (ast: SchemaAST.AST): Read | undefined => {
  switch (ast._tag) {
    case "String":
      return text
    case "Boolean":
      return leaf((input) => typeof input === "boolean")
    case "Null":
      return leaf((input) => input === null)
    case "Literal":
      return leaf((input) => input === ast.literal)
    case "Union":
      if (ast.types.length === 2 && isText(ast.types[0]!) && isNull(ast.types[1]!)) return textOrNull
      return ast.options?.mode === "oneOf" ? undefined : anyOf(ast.types.map(of))
    case "Arrays":
      return ast.elements.length === 0 && ast.rest.length === 1 ? array(of(ast.rest[0]!)) : undefined
    case "Objects": {
      const { indexSignatures: [index], propertySignatures } = ast
      if (index === undefined) return propertySignatures.length === 0 ? undefined : struct(ast, (key) => key)
      return propertySignatures.length === 0 && ast.indexSignatures.length === 1 &&
          index.parameter === SchemaAST.string
        ? record(of(index.type), slow(ast))
        : undefined
    }
    default:
      return undefined
  }
}

const passes = (check: SchemaAST.Check<unknown>, value: unknown, ast: SchemaAST.AST): boolean =>
  check._tag === "Filter"
    ? check.run(value, ast, {}) === undefined
    : check.checks.every((check) => passes(check, value, ast))

/** Creates the reader of a schema, without registering it. */
const make = (ast: SchemaAST.AST): Read => {
  const make = makers.get(ast)
  if (make !== undefined) return make()
  // These are the most frequent schemas, or the slowest to decode.
  if (ast === Schema.Finite.ast) return leaf(Number.isFinite)
  if (ast === Schema.Json.ast) {
    const readOther = slow(ast)
    return (input) => typeof input === "string" ? input : input === undefined ? undefined : readOther(input)
  }
  const isOneStep = ast.encoding === undefined && !("encodingChecks" in ast && ast.encodingChecks !== undefined)
  const read = isOneStep ? unchecked(ast) : undefined
  if (read === undefined) return slow(ast)
  const { checks } = ast
  return checks === undefined ? read : (input) => {
    const value = read(input)
    return value !== undefined && checks.every((check) => passes(check, value, ast)) ? value : undefined
  }
}

/** Returns `true` if readers support all of the options. */
const isPlain = (options: SchemaAST.ParseOptions): boolean => {
  for (const key in options) {
    // These change the description of a rejection, not what is rejected.
    if (key !== "errors" && key !== "reportInput") return false
  }
  return true
}

/** Makes `Schema` decode this exact schema with a reader, alone or as part of another schema. */
const install = (ast: SchemaAST.AST, read: Read): void => {
  let decode:
    | ((input: unknown, options: SchemaAST.ParseOptions) => Effect.Effect<unknown, SchemaIssue.Issue>)
    | undefined
  SchemaCompiler.set(ast, {
    decodeEffect: (input, options) => {
      // No object schema has a default for a missing key.
      if (input === SchemaCompiler.missing) return Exit.succeed(input)
      if (isPlain(options)) {
        try {
          const value = read(input)
          if (value !== undefined) return Exit.succeed(value)
        } catch {
          // Accessors may throw, and deep nesting may overflow the stack. The schema then decodes the value.
        }
      }
      decode ??= SchemaParser.decodeUnknownEffect(unread(ast))
      return decode(input, options)
    }
  })
}

/**
 * Returns the reader of a schema, and registers it and the readers of its parts with `Schema` for object schemas.
 *
 * If a reader rejects a value, `Schema` itself decodes it and describes the issue. `Schema` also decodes if readers do
 * not support the options. The same applies to encoding a schema with a writer.
 *
 * Do not call this while modules load. It would slow down every import, and bundlers would drop the call.
 */
export const of: (ast: SchemaAST.AST) => Read = memoize((ast) => {
  const read = make(ast)
  // A schema that decodes to its input is also used for decoded values.
  if (ast._tag === "Objects" && SchemaAST.toType(ast) !== ast) {
    install(ast, read)
    const makeWrite = writeMakers.get(ast)
    let write: Write | undefined
    // Clients rarely encode models.
    if (makeWrite !== undefined) install(SchemaAST.flip(ast), (input) => (write ??= makeWrite())(input))
  }
  return read
})
