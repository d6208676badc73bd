/**
 * What is known of this program from its package.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * What is known of this program.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  readonly version: string
  /** The versions of Node it runs on: `>=20.19`. */
  readonly engines: string
}

/**
 * What is known of this program. Nothing, if nobody says.
 *
 * @category services
 * @since 0.1.0
 */
export const Program = Context.Reference<Service>("@pinecone-backups/cli/Program", {
  defaultValue: () => ({ version: "0.0.0", engines: ">=0" })
})
