/** The pager: a program that shows long output page by page. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** A running pager. */
export interface Pager {
  /** Writes text, as fast as the pager reads. Drops the text if the pager has ended. */
  readonly write: (text: string) => Effect.Effect<void>
  /** Adds text after everything that is written so far. */
  readonly add: (text: string) => void
  /** Waits until the pager stops reading, because the user has quit it. */
  readonly gone: Effect.Effect<void>
  /** Ends the text and waits until the user quits the pager. Ctrl-C belongs to the pager during this time. */
  readonly end: Effect.Effect<void>
}

/** Starts the user's pager. Returns `undefined`, the default, if no pager is used. */
export const Start = Context.Reference<Effect.Effect<Pager | undefined>>(
  "@pinecone-backups/cli/terminal/Pager/Start",
  { defaultValue: () => Effect.undefined }
)
