import * as Config from "effect/Config"
import * as Effect from "effect/Effect"

/**
 * The length of long tests: `PCB_LONG_TESTS=1` runs them in full, as in `.ci/run`, and `PCB_LONG_TESTS=soak` runs them
 * as long as necessary, as in `pnpm soak`.
 */
const length = Effect.runSync(Config.withDefault(Config.Literals(["0", "1", "soak"], "PCB_LONG_TESTS"), "0"))

/** Whether long tests run in full. */
export const isLong = length !== "0"

/** The number of runs of a long property; by default a fifth. */
export const runs = (all: number): number => isLong ? all : Math.ceil(all / 5)

/** The number of runs of an open-ended property: `all` in `pnpm soak`, and `some` otherwise. */
export const soak = (some: number, all: number): number => length === "soak" ? all : some

/** The cases of a long table; by default every third. */
export const cases = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
  isLong ? all : all.filter((_, row) => row % 3 === 0)
