/** Provides layers that depend on the flags and settings of a command. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** Builds a layer, runs an effect with it, and releases the layer afterwards. */
export const by =
  <A2, E2, R2>(layer: Layer.Layer<A2, E2, R2>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R2 | Exclude<Exclude<R, A2>, Scope.Scope>> =>
    Effect.scoped(
      Effect.flatMap(Layer.build(layer), (services) => Effect.provideContext(self, services))
    ) as Effect.Effect<A, E | E2, R2 | Exclude<Exclude<R, A2>, Scope.Scope>>
