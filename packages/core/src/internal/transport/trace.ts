/** Spans of calls. */
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"

/** Runs a call in its own span. The span is not yet the parent of other spans. */
export const traced = <A, E>(name: string, use: (span: Tracer.Span) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    let value: A | undefined
    return Effect.map(
      Effect.useSpan(name, { kind: "client" }, (span) =>
        // A span keeps its exit value, and so would keep a page for as long as the span lives.
        Effect.map(use(span), (result) => {
          value = result
        })),
      () => {
        const result = value as A
        // The transport may keep closures of a request for a while. They must not keep the page.
        value = undefined
        return result
      }
    )
  })
