import * as Exit from "effect/Exit"
import { memoize } from "effect/Function"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"

/**
 * Decodes what came out of `JSON.parse`. `undefined` stands for a key that is not there when it is given, and for a
 * refusal when it is the answer: JSON has no such value.
 */
export type Read = (json: Schema.Json | undefined) => unknown

const makers = /* @__PURE__ */ new WeakMap<SchemaAST.AST, () => Read>()

/** Says how to read what a schema decodes, for schemas that {@link of} cannot see through: those that transform. */
export const assign = <S extends Schema.Constraint>(schema: S, make: () => Read): S => {
  makers.set(schema.ast, make)
  return schema
}

/** Leaves it to the schema. */
const slow = (ast: SchemaAST.AST): Read => {
  const decode = SchemaParser.decodeUnknownExit(Schema.make<Schema.Codec<unknown>>(ast))
  return (json) => {
    const exit = decode(json)
    return Exit.isSuccess(exit) ? exit.value : undefined
  }
}

const leaf = (is: (json: Schema.Json | undefined) => boolean): Read => (json) => is(json) ? json : undefined

const text: Read = leaf((json) => typeof json === "string")
const textOrNull: Read = leaf((json) => typeof json === "string" || json === null)

/** Whether a schema without checks is one of texts. */
const isText = (ast: SchemaAST.AST): boolean =>
  ast._tag === "String" && ast.checks === undefined && ast.encoding === undefined

const isNull = (ast: SchemaAST.AST): boolean => ast._tag === "Null" && ast.encoding === undefined

const isRecord = (json: Schema.Json | undefined): json is Schema.JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json)

/** What a field takes that is read without calling its reader. */
const Kind = { text: 0, textOrNull: 1, other: 2 } as const

/** The reader of a struct whose keys may have other names in JSON. */
export const struct = (ast: SchemaAST.Objects, nameOf: (key: string) => string): Read => {
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
  return (json) => {
    if (!isRecord(json)) return undefined
    const struct: Record<string, unknown> = {}
    for (const { isOptional, key, kind, name, read } of fields) {
      const part = json[name]
      if (part === undefined && isOptional) continue
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

const record = (read: Read, readOdd: Read): Read => (json) => {
  if (!isRecord(json)) return undefined
  // This key cannot be set like any other.
  if (Object.hasOwn(json, "__proto__")) return readOdd(json)
  const record: Record<string, unknown> = {}
  for (const key of Object.keys(json)) {
    const value = read(json[key])
    if (value === undefined) return undefined
    record[key] = value
  }
  return record
}

const array = (read: Read): Read => (json) => {
  if (!Array.isArray(json)) return undefined
  const array: Array<unknown> = []
  for (const part of json) {
    const value = read(part)
    if (value === undefined) return undefined
    array.push(value)
  }
  return array
}

/** The reader of a schema without its checks, if it can be seen through. */
const unchecked = (ast: SchemaAST.AST): Read | undefined => {
  switch (ast._tag) {
    case "String":
      return text
    case "Boolean":
      return leaf((json) => typeof json === "boolean")
    case "Null":
      return leaf((json) => json === null)
    case "Literal":
      return leaf((json) => json === ast.literal)
    case "Union":
      if (ast.types.length === 2 && isText(ast.types[0]!) && isNull(ast.types[1]!)) return textOrNull
      return ast.options?.mode === "oneOf" ? undefined : ast.types.map(of).reduce((first, second) => (json) => {
        const value = first(json)
        return value === undefined ? second(json) : value
      })
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

/**
 * The reader of a schema: it gives the values that the schema decodes to, several times as fast, and does not say
 * what is wrong with what it refuses.
 */
export const of: (ast: SchemaAST.AST) => Read = memoize((ast) => {
  const make = makers.get(ast)
  if (make !== undefined) return make()
  // These are read most often, or decoded most slowly.
  if (ast === Schema.Finite.ast) return leaf(Number.isFinite)
  if (ast === Schema.Json.ast) {
    const readOther = slow(ast)
    return (json) => typeof json === "string" ? json : readOther(json)
  }
  const read = ast.encoding === undefined ? unchecked(ast) : undefined
  if (read === undefined) return slow(ast)
  const { checks } = ast
  return checks === undefined ? read : (json) => {
    const value = read(json)
    return value !== undefined && checks.every((check) => passes(check, value, ast)) ? value : undefined
  }
})
