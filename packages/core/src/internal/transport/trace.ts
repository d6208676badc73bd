/** The spans of calls. */
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"

/** Runs a call in a span of its own. */
export const traced = <A, E>(name: string, use: (span: Tracer.Span) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    let value: A | undefined
    return Effect.flatMap(Effect.orDie(Effect.currentSpan), use).pipe(
      // A span keeps what it ends with: a page would live as long as whatever becomes of the span.
      Effect.map((result) => {
        value = result
      }),
      // The place in the code that it would name is always this one.
      Effect.withSpan(name, { kind: "client" }, { captureStackTrace: false }),
      Effect.map(() => {
        const result = value as A
        // What a transport keeps of the request for a while must not keep the page.
        value = undefined
        return result
      })
    )
  })
