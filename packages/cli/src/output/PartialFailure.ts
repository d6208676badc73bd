/**
 * Applies an operation to several targets: one failure does not stop the others, and the worst failure sets the exit
 * code.
 *
 * Use `Effect.partition` to run the operation, then {@link finish} to combine the failures.
 */
import * as Effect from "effect/Effect"
import * as Globals from "../input/Globals.ts"
import { Reported } from "./CliFailure.ts"
import * as DescribeError from "./DescribeError.ts"
import * as ExitCode from "./ExitCode.ts"
import * as Output from "./Output.ts"

/** Makes a function that reports a failure immediately, before the other targets are finished. */
export const atOnce = Effect.map(Output.chosenFormat, (format) => {
  const asJson = Globals.isJson(format)
  return <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.catch(self, (error) => DescribeError.report(error, asJson))
})

/**
 * Reports the failures, prints the results, and fails with the exit code of the worst failure, even if the result
 * cannot be written.
 */
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
