/**
 * Whether an id or the name of an index in an answer is the one that was asked for. Ids are hexadecimal, which can be
 * spelled in two ways, and names of indexes are in lower case.
 */
export const isSame = (answered: unknown, asked: string): boolean =>
  typeof answered === "string" && answered.toLowerCase() === asked.toLowerCase()
