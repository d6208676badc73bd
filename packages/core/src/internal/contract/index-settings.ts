/** Names and settings of indexes, as requests have them. */
import * as Schema from "effect/Schema"
import { maxNameLength } from "../../PineconeIndex.ts"
import { atLeast1 } from "./endpoint.ts"

export const wrongName = (name: string): string | undefined =>
  name.length <= maxNameLength && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
    ? undefined
    : `must be 1 to ${maxNameLength} lower-case letters, digits and hyphens, with a letter or digit at both ends`

/** Maximum number of tags of an index. */
export const maxTags = 20

export const isTagKey = (key: string): boolean => /^[A-Za-z0-9_-]{1,80}$/.test(key)

/** An empty value removes a tag. */
export const isTagValue = (value: string): boolean => /^[\x20-\x7e]{0,120}$/.test(value)

const wrongTags = (tags: Readonly<Record<string, string>>, count: number): string | undefined => {
  if (count > maxTags) return `must not be more than ${maxTags}`
  const areValid = Object.entries(tags).every(([key, value]) => isTagKey(key) && isTagValue(value))
  return areValid
    ? undefined
    : "must have keys of 1 to 80 letters, digits, _ and -, and values of up to 120 printable ASCII characters"
}

export const NewTags = Schema.Record(Schema.String, Schema.String).check(
  Schema.makeFilter((tags: Readonly<Record<string, string>>) => wrongTags(tags, Object.keys(tags).length))
)

/** Tags to set, and tags to remove, which have an empty value. */
export const TagChanges = Schema.Record(Schema.String, Schema.String).check(
  Schema.makeFilter((tags: Readonly<Record<string, string>>) =>
    wrongTags(tags, Object.values(tags).filter((value) => value !== "").length)
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
