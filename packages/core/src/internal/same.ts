/**
 * Returns `true` if an ID or index name in a response matches the request. Case-insensitive, because IDs are
 * hexadecimal and index names are lowercase.
 */
export const isSame = (answered: unknown, asked: string): boolean =>
  typeof answered === "string" && answered.toLowerCase() === asked.toLowerCase()
