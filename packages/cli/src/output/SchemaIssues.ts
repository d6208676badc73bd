/** The issues that a schema finds in a value, one by one, and as text for whoever wrote the value. */
import * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"

/** An issue, and where it is. */
export interface Found {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: SchemaIssue.Leaf | SchemaIssue.AnyOf
  /** What the schema itself says of it. */
  readonly message: string | undefined
}

const annotation = (key: "message" | "expected", ...places: ReadonlyArray<object | undefined>): string | undefined => {
  const values = places.map((place): unknown => place === undefined ? undefined : Reflect.get(place, key))
  return values.find((value) => typeof value === "string")
}

const ownMessage = (issue: Found["issue"]): string | undefined => {
  switch (issue._tag) {
    case "InvalidValue": {
      const expected = annotation("expected", issue.annotations)
      return annotation("message", issue.annotations) ?? (expected === undefined ? undefined : `must be ${expected}`)
    }
    case "InvalidType":
    case "AnyOf":
      return annotation("message", issue.ast.annotations)
    default:
      return undefined
  }
}

/** The issues in one, each where it is. */
export const flatten = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey> = [],
  message?: string
): ReadonlyArray<Found> => {
  switch (issue._tag) {
    case "Pointer":
      return flatten(issue.issue, [...path, ...issue.path], message)
    case "Encoding":
      return flatten(issue.issue, path, message)
    case "Filter": {
      const { annotations } = issue.filter
      const expected = annotation("expected", annotations)
      const own = annotation("message", annotations) ??
        (issue.issue._tag === "InvalidValue" ? ownMessage(issue.issue) : undefined) ??
        (expected === undefined ? undefined : `must be ${expected}`)
      return flatten(issue.issue, path, message ?? own)
    }
    case "Composite":
      return issue.issues.flatMap((inner) => flatten(inner, path, message))
    case "AnyOf":
      return issue.issues.length > 0
        ? issue.issues.flatMap((inner) => flatten(inner, path, message))
        : [{ path, issue, message: message ?? ownMessage(issue) }]
    default:
      return [{ path, issue, message: message ?? ownMessage(issue) }]
  }
}

/** The types that an issue says a value should have had. */
export const expectedTypes = ({ issue }: Found): ReadonlyArray<SchemaAST.AST> => {
  const typesOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
    ast._tag === "Union" ? ast.types.flatMap((type) => typesOf(type)) : [SchemaAST.toEncoded(ast)]
  return issue._tag === "InvalidType" || issue._tag === "AnyOf" ? typesOf(issue.ast) : []
}

const nameOf = (ast: SchemaAST.AST): string =>
  SchemaAST.isLiteral(ast)
    ? JSON.stringify(ast.literal)
    : ast._tag === "Arrays"
    ? "array"
    : ast._tag === "Objects"
    ? "object"
    : ast._tag.toLowerCase()

/** What is wrong, in words. */
export const text = (found: Found): string => {
  const types = expectedTypes(found).map(nameOf)
  return found.message ?? (types.length === 0 ? "is wrong" : `must be ${types.join(" | ")}`)
}
