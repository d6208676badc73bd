import type * as PineconeApi from "../PineconeApi.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"

/** The desired settings of an index. */
export interface Wanted {
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /** An empty value removes a tag. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
}

/** The first part of a read capacity that differs from the requested one. The status, which follows later, does not count. */
export const ofReadCapacity = (
  own: PineconeIndex.ReadCapacity | null | undefined,
  wanted: PineconeApi.ReadCapacity
): string | undefined => {
  const { dedicated, mode } = own ?? {}
  if (mode !== wanted.mode) return "read_capacity.mode"
  if (wanted.mode === "OnDemand") return undefined
  const { manual, node_type, scaling } = wanted.dedicated
  const differences: ReadonlyArray<readonly [field: string, isSame: boolean]> = [
    ["node_type", dedicated?.nodeType === node_type],
    ["scaling", dedicated?.scaling === scaling],
    ["manual.replicas", dedicated?.manual?.replicas === manual.replicas],
    ["manual.shards", dedicated?.manual?.shards === manual.shards]
  ]
  const [field] = differences.find(([, isSame]) => !isSame) ?? []
  return field && `read_capacity.dedicated.${field}`
}

/** Returns the first field of an index that differs from the settings, in the API's spelling. */
export const of = (
  index: PineconeIndex.PineconeIndex,
  { deletionProtection, readCapacity, tags = {} }: Wanted
): string | undefined => {
  const own = index.tags ?? {}
  return deletionProtection !== undefined && index.deletionProtection !== deletionProtection
    ? "deletion_protection"
    : Object.entries(tags)
      .map(([key, value]) => (Object.hasOwn(own, key) ? own[key] : "") === value ? undefined : `tags.${key}`)
      .find((field) => field !== undefined) ??
      (readCapacity && ofReadCapacity(index.readCapacity, readCapacity))
}
