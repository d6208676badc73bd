/** Parts of the schemas of the JSON that the command line prints. */
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as String from "effect/String"

/** A string with known values. More may be added. */
export const open = (...known: readonly [string, ...ReadonlyArray<string>]) =>
  Schema.String.annotate({ examples: known })

export const optionalText = Schema.optionalKey(Schema.String)

export const nullableText = Schema.NullOr(Schema.String)

export const nullableTime = Schema.NullOr(Schema.String)

export const nullableCount = Schema.NullOr(Schema.Finite)

export const texts = Schema.Array(Schema.String)

/** A struct with snake case keys, like those of the API. */
export const withSnakeKeys = (fields: Schema.Struct.Fields) =>
  Schema.Struct(fields).pipe(Schema.encodeKeys(Record.map(fields, (_, key) => String.camelToSnake(key))))

/** The remedy of a finding. The keys depend on the type. */
export const RemedyJson = Schema.Struct({
  type: Schema.String.annotate({ examples: Remedy.Remedy.discriminants }),
  index_name: optionalText,
  target_index_name: optionalText,
  schedule_id: optionalText,
  schedule_name: Schema.optionalKey(Schema.NullOr(Schema.String)),
  backup_id: optionalText,
  restore_job_id: optionalText,
  frequency: optionalText,
  retention_days: Schema.optionalKey(Schema.Finite),
  is_deleted: Schema.optionalKey(Schema.Boolean)
})
