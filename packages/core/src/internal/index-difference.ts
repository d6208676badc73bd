import type * as PineconeIndex from "../PineconeIndex.ts"

/** The desired settings of an index. */
export interface Wanted {
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /** An empty value removes a tag. */
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** Returns the first field of an index that differs from the settings, in the API's spelling. */
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
