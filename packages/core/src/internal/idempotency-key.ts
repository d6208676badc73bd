/** Storage of idempotency keys: at the end of the description of a backup, as `[key deploy-42]`. */

const form = "[A-Za-z0-9._:-]{1,64}"

const valid = new RegExp(`^${form}$`)
const atEnd = new RegExp(`(?:^| )\\[key (${form})\\]$`)

export const isValid = (key: string): boolean => valid.test(key)

/** Appends a key to a description. */
export const append = (description: string | undefined, key: string): string =>
  `${description ? `${description} ` : ""}[key ${key}]`

/** Returns the key at the end of a description, if any. */
export const read = (description: string | null | undefined): string | undefined => description?.match(atEnd)?.[1]
