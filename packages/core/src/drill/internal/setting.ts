/** Settings of the payloads that a workflow engine stores. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * Makes a setting optional, for callers and in stored payloads: an engine can resume a request that was stored before the
 * setting existed. Without a default, the engine ends such a drill without its compensation.
 */
export const orDefault = <S extends Schema.Constraint & Schema.WithoutConstructorDefault>(
  setting: S,
  byDefault: S["Type"]
) =>
  Schema.withDecodingDefaultTypeKey<S>(Effect.succeed(byDefault))(setting).pipe(
    Schema.withConstructorDefault<Schema.withDecodingDefaultTypeKey<S>>(Effect.succeed(byDefault))
  )
