/** Readable messages for unknown keys. Effect's own message is "Expected no excess property". */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

/** Lists the known keys where a key is unknown. */
const explain = (issue: SchemaIssue.Issue): SchemaIssue.Issue => {
  switch (issue._tag) {
    case "UnexpectedKey": {
      if (!SchemaAST.isObjects(issue.ast)) return issue
      const { indexSignatures, propertySignatures } = issue.ast
      const known = propertySignatures.map(({ name }) => String(name))
      // Without checks, because an annotation would belong to the last check.
      return new SchemaIssue.UnexpectedKey(
        new SchemaAST.Objects(propertySignatures, indexSignatures, {
          messageUnexpectedKey: `Unknown key. Expected ${known.join(", ")}`
        })
      )
    }
    case "Pointer":
      return new SchemaIssue.Pointer(issue.path, explain(issue.issue))
    case "Encoding":
      return new SchemaIssue.Encoding(issue.ast, explain(issue.issue))
    case "Composite": {
      const [first, ...others] = issue.issues
      return new SchemaIssue.Composite(issue.ast, [explain(first), ...others.map(explain)])
    }
    case "AnyOf":
      return new SchemaIssue.AnyOf(issue.ast, issue.issues.map(explain))
    default:
      return issue
  }
}

/** Copies an error with a message that lists the known keys where a key is unknown. */
export const explained = ({ issue }: Schema.SchemaError): Schema.SchemaError => new Schema.SchemaError(explain(issue))
