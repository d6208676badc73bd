import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as BackupSchedules from "../src/BackupSchedules.ts"
import * as Name from "../src/Name.ts"
import {
  assertTag,
  backup,
  backups,
  envelope,
  fastForward,
  indexName,
  json,
  schedule,
  scriptWith,
  services
} from "./support.ts"

const composed = "caf\u00e9-nightly"
const decomposed = "cafe\u0301-nightly"

describe("Name.isSame", () => {
  it.each<[a: string | null | undefined, b: string | null | undefined, isSame: boolean]>([
    [composed, decomposed, true],
    ["\u212b", "\u00c5", true],
    ["", "", true],
    ["cafe-nightly", composed, false],
    ["A", "a", false],
    // Ligatures are equivalent only in NFKC.
    ["\ufb01", "fi", false],
    [null, "", false],
    [undefined, undefined, false],
    [null, null, false]
  ])("compares %j and %j: %s", (a, b, isSame) => {
    assert.strictEqual(Name.isSame(a, b), isSame)
    assert.strictEqual(Name.isSame(b, a), isSame)
  })
})

describe("a name in a different Unicode form", () => {
  it.effect("matches an existing schedule in ensure", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => json({ data: [{ ...schedule, name: decomposed }], pagination: null }))
      const { action } = yield* BackupSchedules.BackupSchedules.use((schedules) =>
        schedules.ensure(indexName, { name: composed, frequency: "daily", expireAfterDays: 30 })
      ).pipe(Effect.provide(services(http)))
      assert.strictEqual(action, "unchanged")
      assert.deepStrictEqual(http.requests.map(({ method }) => method), ["GET"])
    }))

  it.effect("matches the response to create", () =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) =>
        json(
          method === "GET"
            ? { data: [], pagination: null }
            : { ...backup, name: decomposed, description: "Vor der \u00dcbergabe" }
        )
      )
      yield* backups((_) => _.create(indexName, { name: composed, description: "Vor der U\u0308bergabe" })).pipe(
        Effect.provide(services(http))
      )
    }))

  it.effect("matches in a recovery lookup", () =>
    Effect.gen(function*() {
      let isMade = false
      const http = scriptWith(({ method }) => {
        if (method === "GET") {
          const made = { ...backup, name: decomposed, description: null }
          return json({ data: isMade ? [made] : [], pagination: null })
        }
        isMade = true
        return json(envelope("UNKNOWN", "lost"), { status: 500 })
      })
      const made = yield* fastForward(
        backups((_) => _.create(indexName, { name: composed })).pipe(Effect.provide(services(http)))
      )
      assert.propertyVal(made, "recovered", true)
    }))

  it.effect("does not match a different name", () =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) =>
        json(method === "GET" ? { data: [], pagination: null } : { ...backup, name: "cafe-nightly", description: null })
      )
      const error = yield* Effect.flip(
        fastForward(backups((_) => _.create(indexName, { name: composed })).pipe(Effect.provide(services(http))))
      )
      assertTag(error, "PineconeMalformedResponse")
      assert.strictEqual(error.field, "name")
    }))
})
