/** Information about this program from its package. */
import * as Context from "effect/Context"

/** Information about this program. */
export interface Service {
  readonly version: string
}

/** Information about this program. Defaults to version 0.0.0. */
export const Program = Context.Reference<Service>("@pinecone-backups/cli/shared/Program", {
  defaultValue: () => ({ version: "0.0.0" })
})
