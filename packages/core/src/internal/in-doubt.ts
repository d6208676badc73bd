import type * as PineconeError from "../PineconeError.ts"

/** Marks an error as in doubt. */
export const inDoubt = (error: PineconeError.PineconeError): PineconeError.PineconeError =>
  Object.assign(error, { inDoubt: true })
