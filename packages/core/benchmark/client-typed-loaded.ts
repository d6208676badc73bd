/** The typed floor in a process that also loads this library, which shows what that takes. The tasks of this library never run. */
import * as Typed from "./client-typed.ts"
import type { Contender } from "./contender.ts"
import * as Library from "./library.ts"

export const make = (host: string): Contender => ({ ...Library.make(host), ...Typed.make(host) })
