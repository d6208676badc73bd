/** The fields available to `--json=name,status`. Loaded on demand. */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Json from "./Json.ts"

/** The kinds of JSON that support field selection: rows of lists, and single objects. */
const picked = [
  "schedule",
  "run",
  "change",
  "backup",
  "restore-job",
  "started-restore",
  "drill",
  "drill-leftover",
  "plan",
  "apply",
  "pull",
  "setting",
  "audit",
  "status-line",
  "check"
]

const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isUnion(ast)
    ? ast.types.flatMap(keysOf)
    : SchemaAST.isObjects(ast)
    ? ast.propertySignatures.map(({ name }) => String(name))
    : []

/** The printed keys of an object, including optional keys. */
export const ofSchema = (schema: Schema.Constraint): ReadonlyArray<string> => keysOf(SchemaAST.toEncoded(schema.ast))

/** The fields in the output of a command such as `"schedule list"`. Empty if fields cannot be selected. */
export const of = (command: string): ReadonlyArray<string> => [
  ...new Set(
    picked.flatMap((name) => {
      const kind = Json.kinds[name]
      return kind?.printedBy.some((start) => `${command} `.startsWith(`${start} `)) === true
        ? ofSchema(kind.schema)
        : []
    })
  )
]
