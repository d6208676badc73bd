/** What is known of this program from its package. */
import * as Context from "effect/Context"

/** What is known of this program. */
export interface Service {
  readonly version: string
}

/** What is known of this program. Nothing, if nobody says. */
export const Program = Context.Reference<Service>("@pinecone-backups/cli/shared/Program", {
  defaultValue: () => ({ version: "0.0.0" })
})
