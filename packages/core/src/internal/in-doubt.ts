import type * as PineconeError from "../PineconeError.ts"

/** The same error, of a request that is in doubt. */
export const inDoubt = (error: PineconeError.PineconeError): PineconeError.PineconeError =>
  Object.assign(error, { inDoubt: true })
