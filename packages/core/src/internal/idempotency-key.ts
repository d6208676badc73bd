/** How a backup bears an idempotency key: at the end of its description, as `[key deploy-42]`. */

const form = "[A-Za-z0-9._:-]{1,64}"

const valid = new RegExp(`^${form}$`)
const atEnd = new RegExp(`(?:^| )\\[key (${form})\\]$`)

export const isValid = (key: string): boolean => valid.test(key)

/** The description that bears a key. */
export const append = (description: string | undefined, key: string): string =>
  `${description ? `${description} ` : ""}[key ${key}]`

/** The key that a description bears, if it does. */
export const read = (description: string | null | undefined): string | undefined => description?.match(atEnd)?.[1]
