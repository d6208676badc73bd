import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import * as Guard from "@pinecone-backups/core/plan/Guard"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "tstyche"

class Database extends Context.Service<Database, { readonly name: string }>()("Database") {}

const guard = Guard.guard(IndexName.make("docs"), { maxAge: "6 hours" })

describe("Guard.guard", () => {
  it("keeps the result, wraps the error, and adds its own", () => {
    const guarded = Effect.fail<"wrong type">("wrong type").pipe(Effect.as(7), guard)
    expect(guarded).type.toBe<
      Effect.Effect<number, Guard.NoNet | Guard.GuardedFailure<"wrong type">, Guard.Services>
    >()
  })

  it("has the same type with the effect as its first argument", () => {
    const effect = Effect.fail<"wrong type">("wrong type").pipe(Effect.as(7))
    expect(Guard.guard(effect, IndexName.make("docs"))).type.toBe<
      Effect.Effect<number, Guard.NoNet | Guard.GuardedFailure<"wrong type">, Guard.Services>
    >()
    expect(Guard.guard).type.not.toBeCallableWith(effect, { maxAge: "6 hours" })
  })

  it("provides the net, and keeps the other requirements", () => {
    const migration = Effect.gen(function*() {
      const { name } = yield* Database
      const { backup } = yield* Guard.CurrentNet
      return [name, backup.backupId] as const
    })
    expect(guard(migration)).type.toBeAssignableTo<
      Effect.Effect<unknown, Guard.NoNet | Guard.GuardedFailure<never>, Database | Guard.Services>
    >()
  })

  it("has a failure whose cause is the error of the effect", () => {
    const handled = Effect.fail<"wrong type">("wrong type").pipe(
      guard,
      Effect.catchTag("PineconeGuardedFailure", ({ cause }) => Effect.succeed(cause))
    )
    expect(handled).type.toBe<Effect.Effect<"wrong type", Guard.NoNet, Guard.Services>>()
  })
})
