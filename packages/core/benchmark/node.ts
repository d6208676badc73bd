/** This library with the client of Node and its global agents. */
import { identity } from "effect/Function"
import { transport } from "./agents.ts"
import type { Contender } from "./contender.ts"
import { makeWith } from "./library.ts"

export const make = (host: string): Contender => makeWith(host, transport, identity)
