/**
 * The same done to several things: what fails for one keeps none of the others from being done, and the worst failure
 * has the exit code.
 *
 * `Effect.partition` does it to each, and {@link finish} makes one failure of those that failed.
 */
import * as Effect from "effect/Effect"
import * as Report from "./Report.ts"

/** Reports what failed, prints what did not, and ends with the exit code of the worst, whoever reads the result. */
export const finish = Effect.fnUntraced(
  function*<E, R>(failures: ReadonlyArray<unknown>, print: Effect.Effect<void, E, R>) {
    if (failures.length === 0) return yield* print
    // What there is to know of failures knows of waits, which end here.
    const Failure = yield* Effect.promise(() => import("./Failure.ts"))
    const atOnce = yield* Failure.atOnce
    const reported = yield* Effect.forEach(failures, (failure) => Effect.flip(atOnce(Effect.fail(failure))))
    const worst = new Report.Reported({ exitCode: Failure.worst(reported) })
    yield* Report.decide(worst.exitCode)
    yield* print
    return yield* worst
  }
)
