import * as Config from "effect/Config"
import * as Effect from "effect/Effect"

/** Whether long tests run in full, as they do in `.ci/run`: `PCB_LONG_TESTS=1`. */
export const isLong = Effect.runSync(Config.withDefault(Config.Boolean("PCB_LONG_TESTS"), false))

/** How many runs a long property has: by default a fifth. */
export const runs = (all: number): number => isLong ? all : Math.ceil(all / 5)

/** The cases of a long table: by default every third. */
export const cases = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
  isLong ? all : all.filter((_, row) => row % 3 === 0)
