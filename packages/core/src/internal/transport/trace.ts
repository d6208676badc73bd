/** The spans of calls. */
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"

/** Runs a call in a span of its own, which is not yet the parent of what runs. */
export const traced = <A, E>(name: string, use: (span: Tracer.Span) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    let value: A | undefined
    return Effect.map(
      Effect.useSpan(name, { kind: "client" }, (span) =>
        // A span keeps what it ends with: a page would live as long as whatever becomes of the span.
        Effect.map(use(span), (result) => {
          value = result
        })),
      () => {
        const result = value as A
        // What a transport keeps of the request for a while must not keep the page.
        value = undefined
        return result
      }
    )
  })
