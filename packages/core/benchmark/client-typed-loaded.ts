/** The typed floor in a process that also loads this library and creates its layer, which shows what that takes. */
import * as Typed from "./client-typed.ts"
import type { Contender } from "./contender.ts"
import * as Library from "./library.ts"

export const make = (host: string): Contender => ({ ...Library.make(host), ...Typed.make(host) })
