/** Names and settings of indexes, as requests have them. */
import * as Schema from "effect/Schema"
import * as IndexRules from "../../IndexRules.ts"
import { atLeast1 } from "./endpoint.ts"

export const NewTags = Schema.Record(Schema.String, Schema.String).check(
  Schema.makeFilter((tags: Readonly<Record<string, string>>) => IndexRules.wrongTags(tags))
)

/** Tags to set, and tags to remove, which have an empty value. */
export const TagChanges = Schema.Record(Schema.String, Schema.String).check(
  Schema.makeFilter((tags: Readonly<Record<string, string>>) =>
    IndexRules.wrongTags(tags, Object.values(tags).filter((value) => value !== "").length)
  )
)

export const DeletionProtection = Schema.Literals(["enabled", "disabled"])

export const ReadCapacity = Schema.Union([
  Schema.Struct({ mode: Schema.Literal("OnDemand") }),
  Schema.Struct({
    mode: Schema.Literal("Dedicated"),
    dedicated: Schema.Struct({
      node_type: Schema.NonEmptyString,
      scaling: Schema.Literal("Manual"),
      manual: Schema.Struct({
        replicas: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { message: "must be a whole number, 0 or more" })),
        shards: atLeast1
      })
    })
  })
])
