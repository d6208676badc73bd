/** The untyped floor of this library with the client of Node and its global agents. */
import { transport } from "./agents.ts"
import { makeUntyped } from "./client.ts"
import type { Contender } from "./contender.ts"

export const make = (host: string): Contender => makeUntyped(host, transport)
