import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/** Maximum delay of a JavaScript timer. */
const maxTimerMillis = 2 ** 31 - 1

/**
 * Calls a function after a delay, unless it is stopped. With the live clock, uses a timer of the engine, which does not
 * need a fiber.
 */
const startTimer = (context: Context.Context<never>, millis: number, onEnd: () => void): () => void => {
  const clock = Context.get(context, Clock.Clock)
  if (clock === Context.get(Context.empty(), Clock.Clock) && millis <= maxTimerMillis) {
    // @effect-diagnostics-next-line globalTimers:off
    const timer = setTimeout(onEnd, millis)
    return () => clearTimeout(timer)
  }
  const sleeping = Effect.runForkWith(context)(clock.sleep(Duration.millis(millis)))
  sleeping.addObserver((exit) => {
    if (Exit.isSuccess(exit)) onEnd()
  })
  return () => sleeping.interruptUnsafe()
}

/**
 * Runs an effect in a context with a time limit, and runs `orElse` when the time is up.
 *
 * Like `Effect.timeoutOrElse`, but with one fiber and one timer instead of two racing fibers. Interruption interrupts
 * the effect and waits for it; a timeout interrupts it without waiting.
 */
export const within = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  context: Context.Context<R>,
  millis: number,
  orElse: () => Effect.Effect<never, E2>
): Effect.Effect<A, E | E2> =>
  Effect.callback<A, E | E2>((resume) => {
    const fiber = Effect.runForkWith(context)(self)
    let stop = () => {}
    fiber.addObserver((exit) => {
      stop()
      resume(exit)
    })
    if (fiber.pollUnsafe() === undefined) {
      stop = startTimer(context, millis, () => {
        resume(orElse())
        fiber.interruptUnsafe()
      })
    }
    return Effect.suspend(() => {
      stop()
      return Fiber.interrupt(fiber)
    })
  })
