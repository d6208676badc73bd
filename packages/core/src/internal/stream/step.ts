import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** One step of a stream: its elements, and the next step, if any. */
export interface Step<A, E> {
  readonly run: Effect.Effect<readonly [elements: ReadonlyArray<A>, rest: Option.Option<Step<A, E>>], E>
}

/** The only step of a stream with one element. */
export const once = <A, E>(element: Effect.Effect<A, E>): Step<A, E> => ({
  run: Effect.map(element, (element) => [[element], Option.none()] as const)
})
