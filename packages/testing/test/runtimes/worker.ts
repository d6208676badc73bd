/** Entry points for workerd, which calls the `test` function of each. */
import * as Effect from "effect/Effect"
import * as Programs from "./programs.ts"

interface Environment {
  readonly HOST: string
}

export const history = {
  test: (_: unknown, { HOST }: Environment) => Effect.runPromise(Effect.asVoid(Programs.history(HOST)))
}

export const memory = {
  test: () => Effect.runPromise(Effect.asVoid(Programs.memory))
}
