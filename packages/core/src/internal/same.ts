/**
 * Returns `true` if an ID or index name in a response matches the request. Case-insensitive, because IDs are
 * hexadecimal and index names are lowercase.
 */
export const isSame = (answered: unknown, asked: string): boolean =>
  typeof answered === "string" && answered.toLowerCase() === asked.toLowerCase()

/** Returns `true` if a response has an ID. A blank ID identifies nothing. */
export const isId = <Id extends string>(id: Id | null | undefined): id is Id => id != null && id.trim() !== ""

/** Returns the ID, or `undefined` if it is missing or blank. */
export const knownId = <Id extends string>(id: Id | null | undefined): Id | undefined => isId(id) ? id : undefined
