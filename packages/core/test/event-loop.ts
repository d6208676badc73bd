import * as Effect from "effect/Effect"

/** A turn of the event loop, in which sockets and files are read, and other fibers run. */
export const turn = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})
