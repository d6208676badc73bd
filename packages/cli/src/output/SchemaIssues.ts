/** Flattens schema issues and describes them. */
import * as Predicate from "effect/Predicate"
import * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"

/** An issue and its path. */
export interface Found {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: SchemaIssue.Leaf | SchemaIssue.AnyOf
  /** The message from the schema. */
  readonly message: string | undefined
}

const firstText = (...values: ReadonlyArray<unknown>) => values.find(Predicate.isString)

const mustBe = (expected: unknown) => Predicate.isString(expected) ? `must be ${expected}` : undefined

const ownMessage = (issue: SchemaIssue.Issue): string | undefined => {
  switch (issue._tag) {
    case "Filter": {
      const { filter: { annotations: own }, issue: inner } = issue
      return firstText(own?.message, inner._tag === "InvalidValue" && ownMessage(inner), mustBe(own?.expected))
    }
    case "InvalidValue":
      return firstText(issue.annotations?.message, mustBe(issue.annotations?.expected))
    case "InvalidType":
    case "AnyOf":
      return firstText(issue.ast.annotations?.message)
    default:
      return undefined
  }
}

/** Flattens an issue into single issues with paths. */
export const flatten = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey> = [],
  message = ownMessage(issue)
): ReadonlyArray<Found> => {
  if ("issue" in issue) return flatten(issue.issue, issue._tag === "Pointer" ? [...path, ...issue.path] : path, message)
  return issue._tag === "Composite" || (issue._tag === "AnyOf" && issue.issues.length > 0)
    ? issue.issues.flatMap((inner) => flatten(inner, path, ownMessage(inner) ?? message))
    : [{ path, issue, message }]
}

/** The expected types of an issue. */
export const expectedTypes = ({ issue }: Found): ReadonlyArray<SchemaAST.AST> => {
  const typesOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
    ast._tag === "Union" ? ast.types.flatMap((type) => typesOf(type)) : [SchemaAST.toEncoded(ast)]
  return issue._tag === "InvalidType" || issue._tag === "AnyOf" ? typesOf(issue.ast) : []
}

const names: { readonly [Tag in SchemaAST.AST["_tag"]]?: string } = { Arrays: "array", Objects: "object" }

const nameOf = (ast: SchemaAST.AST): string =>
  SchemaAST.isLiteral(ast) ? JSON.stringify(ast.literal) : names[ast._tag] ?? ast._tag.toLowerCase()

/** Describes an issue. */
export const text = (found: Found): string => {
  const types = expectedTypes(found).map(nameOf)
  return found.message ?? (types.length === 0 ? "is invalid" : `must be ${types.join(" | ")}`)
}
