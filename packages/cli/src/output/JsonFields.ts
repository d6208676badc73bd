/** The fields that `--json=name,status` can ask for. Loaded only when somebody asks for some. */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Json from "./Json.ts"

/** The kinds of JSON out of which fields are picked: the rows of lists, and what is no list. */
const picked = [
  "schedule",
  "run",
  "change",
  "backup",
  "restore-job",
  "started-restore",
  "drill",
  "drill-leftover",
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

/** The keys of an object as it is printed, optional ones included. */
export const ofSchema = (schema: Schema.Constraint): ReadonlyArray<string> => keysOf(SchemaAST.toEncoded(schema.ast))

/** The fields of what a command prints, `"schedule list"`; none if fields of it cannot be picked. */
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
