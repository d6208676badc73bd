/**
 * The same done to several things: what fails for one keeps none of the others from being done, and the worst failure
 * has the exit code.
 *
 * `Effect.partition` does it to each, and {@link finish} makes one failure of those that failed.
 */
import * as Effect from "effect/Effect"
import * as Globals from "../input/Globals.ts"
import { Reported } from "./CliFailure.ts"
import * as DescribeError from "./DescribeError.ts"
import * as ExitCode from "./ExitCode.ts"
import * as Output from "./Output.ts"

/** A way to report the failure of one of several things before the others are done. */
export const atOnce = Effect.map(Output.chosenFormat, (format) => {
  const asJson = Globals.isJson(format)
  return <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.catch(self, (error) => DescribeError.report(error, asJson))
})

/** Reports what failed, prints what did not, and ends with the exit code of the worst, whoever reads the result. */
export const finish = Effect.fnUntraced(
  function*<E, R>(failures: ReadonlyArray<unknown>, print: Effect.Effect<void, E, R>) {
    if (failures.length === 0) return yield* print
    const report = yield* atOnce
    const reported = yield* Effect.forEach(failures, (failure) => Effect.flip(report(Effect.fail(failure))))
    const worst = new Reported({ exitCode: ExitCode.worst(reported.map(({ exitCode }) => exitCode)) })
    yield* ExitCode.decide(worst.exitCode)
    yield* print
    return yield* worst
  }
)
