/**
 * Decodes answers several times as fast as `Schema` would: in one pass, where `Schema` takes a struct apart once for its
 * keys and once for its fields. {@link of} makes it what `Schema` itself decodes with, so that there is one way to
 * decode a schema, whoever asks.
 *
 * It reads what Effect does not document, since nothing documented says what a schema is made of:
 *
 * - the nodes of `SchemaAST`: `_tag`, `checks`, `encoding` and `encodingChecks` of each; `propertySignatures` and
 *   `indexSignatures` of objects, `elements` and `rest` of arrays, `types` and `options.mode` of unions, `literal`
 * - `_tag`, `run` and `checks` of checks
 * - that `Schema.Finite`, `Schema.Json` and `SchemaAST.string` are one node each, wherever they are used
 * - `SchemaCompiler.set`, which Effect calls unstable, and that an annotated copy of a schema is another node
 *
 * `decoder.test.ts` fails when an Effect release changes any of this, or adds to what a node may hold.
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
 * Decodes one value. `undefined` stands for a key that is not there when it is given, and for a refusal when it is the
 * answer: JSON has no such value. What it takes, the schema takes, too, and makes the same of it; it may refuse what the
 * schema takes.
 */
export type Read = (input: unknown) => unknown

const makers = /* @__PURE__ */ new WeakMap<SchemaAST.AST, () => Read>()

/** Says how to read what a schema decodes, for schemas that {@link of} cannot see through: those that transform. */
export const assign = <S extends Schema.Constraint>(schema: S, make: () => Read): S => {
  makers.set(schema.ast, make)
  return schema
}

/** The same schema without a reader: a copy is another node, of which Effect's registry knows nothing. */
const unread = (ast: SchemaAST.AST) => Schema.make<Schema.Codec<unknown>>(ast).annotate({})

/** Leaves it to the schema. */
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

/** Whether a schema without checks is one of texts. */
const isText = (ast: SchemaAST.AST): boolean =>
  ast._tag === "String" && ast.checks === undefined && ast.encoding === undefined

const isNull = (ast: SchemaAST.AST): boolean => ast._tag === "Null" && ast.encoding === undefined

const isRecord = (input: unknown): input is Readonly<Record<string, unknown>> =>
  typeof input === "object" && input !== null && !Array.isArray(input)

/** What a field takes that is read without calling its reader. */
const Kind = { text: 0, textOrNull: 1, other: 2 } as const

/** The readers of the fields of a struct. Each returns `undefined` for a value that the field does not take. */
export type Readers<Fields extends Schema.Struct.Fields> = {
  readonly [Key in keyof Schema.Struct.Type<Fields>]-?: (
    input: unknown
  ) => Exclude<Schema.Struct.Type<Fields>[Key], undefined> | undefined
}

/**
 * Reads a struct field by field, with the names written out. Engines compile such code to direct accesses, and a loop over
 * names to lookups: for rows that come by the hundred thousand that is a third of the time of decoding. Returns `undefined`
 * if a key is missing or a value is refused; the loop decides about those. The types check that no field is left out.
 */
export type ByName<Fields extends Schema.Struct.Fields> = (
  readers: Readers<Fields>
) => (json: Readonly<Record<string, unknown>>) => Required<Schema.Struct.Type<Fields>> | undefined

/** The same reader, which leaves a key that is missing to the loop: some make a value of it. */
const ofPresent = (read: Read): Read =>
  read(undefined) === undefined ? read : (input) => input === undefined ? undefined : read(input)

/** The reader of a struct whose keys may have other names in JSON. */
export const struct = <Fields extends Schema.Struct.Fields>(
  ast: SchemaAST.Objects,
  nameOf: (key: string) => string,
  byName?: ByName<Fields>
): Read => {
  const fields = ast.propertySignatures.map(({ name, type }) => {
    const read = of(type)
    return {
      key: String(name),
      name: nameOf(String(name)),
      isOptional: SchemaAST.isOptional(type),
      read,
      kind: read === text ? Kind.text : read === textOrNull ? Kind.textOrNull : Kind.other
    }
  })
  const readAll = byName?.(Object.fromEntries(fields.map(({ key, read }) => [key, ofPresent(read)])) as Readers<Fields>)
  return (input) => {
    if (!isRecord(input)) return undefined
    const all = readAll?.(input)
    if (all !== undefined) return all
    const struct: Record<string, unknown> = {}
    // A loop without an iterator is a good part of the time of code that is not compiled yet.
    for (let index = 0; index < fields.length; index++) {
      const { isOptional, key, kind, name, read } = fields[index]!
      const part = input[name]
      if (part === undefined) {
        if (name in input) return undefined
        if (isOptional) continue
      }
      // Most fields are texts, and are told apart sooner than a function is called.
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
    // This key cannot be set like any other.
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

/** The reader of a schema without its checks, if it can be seen through. */
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

/** The reader of a schema without a place in Effect. */
const make = (ast: SchemaAST.AST): Read => {
  const make = makers.get(ast)
  if (make !== undefined) return make()
  // These are read most often, or decoded most slowly.
  if (ast === Schema.Finite.ast) return leaf(Number.isFinite)
  if (ast === Schema.Json.ast) {
    const readOther = slow(ast)
    return (input) => typeof input === "string" ? input : readOther(input)
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

/** Whether nothing is asked of a decoder beyond what a reader does. */
const isPlain = (options: SchemaAST.ParseOptions): boolean => {
  for (const key in options) {
    // These change what is said of a refusal, and not what is refused.
    if (key !== "errors" && key !== "reportInput") return false
  }
  return true
}

/** Makes `Schema` decode with a reader, wherever this very schema is used: alone, or as a part of another. */
const install = (ast: SchemaAST.Objects, read: Read): void => {
  let decode:
    | ((input: unknown, options: SchemaAST.ParseOptions) => Effect.Effect<unknown, SchemaIssue.Issue>)
    | undefined
  SchemaCompiler.set(ast, {
    decodeEffect: (input, options) => {
      // No schema of objects makes anything of a key that is not there.
      if (input === SchemaCompiler.missing) return Exit.succeed(input)
      if (isPlain(options)) {
        try {
          const value = read(input)
          if (value !== undefined) return Exit.succeed(value)
        } catch {
          // Accessors may throw, and nesting has no end: what comes of that, the schema knows.
        }
      }
      decode ??= SchemaParser.decodeUnknownEffect(unread(ast))
      return decode(input, options)
    }
  })
}

/**
 * The reader of a schema. From now on `Schema` decodes with it where the schema is one of objects, and with those of the
 * objects in it. What a reader refuses, `Schema` decodes as it always does, and says what is wrong with it; also where
 * options ask for more than readers know of. Encoding stays what it is.
 *
 * Not to be called while modules load: that would be work for whoever only imports them, and bundlers drop it.
 */
export const of: (ast: SchemaAST.AST) => Read = memoize((ast) => {
  const read = make(ast)
  // One that decodes to what it is given is used for decoded values as well.
  if (ast._tag === "Objects" && SchemaAST.toType(ast) !== ast) install(ast, read)
  return read
})
