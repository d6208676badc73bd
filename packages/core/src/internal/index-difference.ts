import type * as PineconeIndex from "../PineconeIndex.ts"

/** What can be set about an index. */
export interface Wanted {
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /** An empty text removes a tag. */
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** The first field of an index, in the API's own names, that is not as it should be. */
export const of = (
  index: PineconeIndex.PineconeIndex,
  { deletionProtection, tags = {} }: Wanted
): string | undefined => {
  const own = index.tags ?? {}
  return deletionProtection !== undefined && index.deletionProtection !== deletionProtection
    ? "deletion_protection"
    : Object.entries(tags)
      .map(([key, value]) => (Object.hasOwn(own, key) ? own[key] : "") === value ? undefined : `tags.${key}`)
      .find((field) => field !== undefined)
}
