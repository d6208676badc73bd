import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** One step of a stream: what it brings, and the step after it, if there is one. */
export interface Step<A, E> {
  readonly run: Effect.Effect<readonly [elements: ReadonlyArray<A>, rest: Option.Option<Step<A, E>>], E>
}

/** The only step of a stream of one element. */
export const once = <A, E>(element: Effect.Effect<A, E>): Step<A, E> => ({
  run: Effect.map(element, (element) => [[element], Option.none()] as const)
})
