import { assert, describe, it } from "@effect/vitest"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

describe("BackupPolicy.decode", () => {
  it.effect("reads a file", () =>
    Effect.gen(function*() {
      const policy = yield* BackupPolicy.decode({
        version: 1,
        backupQuota: 1_000,
        defaults: { minRetentionDays: 14, maxDuration: "90m" },
        rules: [
          {
            index: "prod-*",
            rpo: "26h",
            minFrequency: "daily",
            minCopies: 7,
            maxShrink: "30%",
            restoreTestedWithin: "4w",
            requireDeletionProtection: true,
            ignore: [{ check: "paused", reason: "frozen for the migration", until: "2027-01-31" }]
          },
          { index: "docs", rpo: "2 days", maxShrink: 0.25 }
        ]
      })
      assert.deepStrictEqual(policy, {
        version: 1,
        backupQuota: 1_000,
        defaults: { minRetentionDays: 14, maxDuration: Duration.minutes(90) },
        rules: [
          {
            index: "prod-*",
            rpo: Duration.hours(26),
            minFrequency: "daily",
            minCopies: 7,
            maxShrink: 0.3,
            restoreTestedWithin: Duration.weeks(4),
            requireDeletionProtection: true,
            ignore: [{
              check: "paused",
              reason: "frozen for the migration",
              until: DateTime.makeUnsafe("2027-01-31T23:59:59.999Z")
            }]
          },
          { index: "docs", rpo: Duration.days(2), maxShrink: 0.25 }
        ]
      })
    }))

  it.effect.each<[what: string, json: unknown, expected: string]>([
    ["an unknown key", { defaults: { rpoo: "26h" } }, "rpoo"],
    ["a duration without a unit", { defaults: { rpo: "26" } }, "must be a duration such as 26h, 7d or 4w"],
    ["a duration of 0", { defaults: { rpo: "0h" } }, "must be a duration"],
    ["an infinite duration", { defaults: { rpo: "Infinity" } }, "must be a duration"],
    ["a share above 100%", { defaults: { maxShrink: "101%" } }, "50%"],
    [
      "an unknown check",
      { defaults: { ignore: [{ check: "x", reason: "r", until: "2027-01-01" }] } },
      "check"
    ],
    [
      "an exception without a reason",
      { defaults: { ignore: [{ check: "*", reason: "", until: "2027-01-01" }] } },
      "reason"
    ],
    ["an exception without an end", { defaults: { ignore: [{ check: "*", reason: "r" }] } }, "until"],
    ["an invalid date", { defaults: { ignore: [{ check: "*", reason: "r", until: "2027-02-30" }] } }, "until"],
    ["a rule without an index", { rules: [{ rpo: "1h" }] }, "index"],
    ["a number below 1", { defaults: { minCopies: 0 } }, "minCopies"],
    ["another version", { version: 2 }, "version"]
  ])("rejects %s with its path", ([, json, expected]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(BackupPolicy.decode(json))
      assert.include(error.message, expected)
    }))

  it.prop(
    "round-trips a policy",
    [Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1e13 })))],
    ([millis]) => {
      const policy: BackupPolicy.BackupPolicy = {
        defaults: {
          rpo: Duration.millis(millis),
          ignore: [{ check: "*", reason: "r", until: DateTime.makeUnsafe(millis) }]
        }
      }
      const json = Schema.encodeSync(BackupPolicy.BackupPolicy)(policy)
      assert.deepStrictEqual(Effect.runSync(BackupPolicy.decode(JSON.parse(JSON.stringify(json)))), policy)
    }
  )
})

describe("BackupPolicy.matches", () => {
  it.each<[pattern: string, name: string, expected: boolean]>([
    ["docs", "docs", true],
    ["docs", "docs-2", false],
    ["*", "anything", true],
    ["prod-*", "prod-docs", true],
    ["prod-*", "prod-", true],
    ["prod-*", "my-prod-docs", false],
    ["*-eu", "docs-eu", true],
    ["*-eu", "docs-eu-2", false],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "acb", false],
    ["ab*ba", "aba", false],
    ["a*a", "a", false],
    ["a.c", "abc", false],
    [`${"a*".repeat(40)}b`, "a".repeat(45), false]
  ])("%s and %s", (pattern, name, expected) => {
    assert.strictEqual(BackupPolicy.matches(pattern, name), expected)
  })
})

describe("BackupPolicy.requirementsOf", () => {
  it("merges defaults and matching rules, later rules last, and combines exceptions", () => {
    const exception = (reason: string): BackupPolicy.Exception => ({
      check: "paused",
      reason,
      until: DateTime.makeUnsafe("2027-01-01")
    })
    const policy: BackupPolicy.BackupPolicy = {
      defaults: { rpo: Duration.hours(48), minCopies: 3, ignore: [exception("a")] },
      rules: [
        { index: "prod-*", rpo: Duration.hours(26), ignore: [exception("b")] },
        { index: "prod-docs", rpo: Duration.hours(12) },
        { index: "test-*", minCopies: 1 }
      ]
    }
    assert.deepStrictEqual(BackupPolicy.requirementsOf(policy, "prod-docs"), {
      rpo: Duration.hours(12),
      minCopies: 3,
      ignore: [exception("a"), exception("b")]
    })
    assert.deepStrictEqual(BackupPolicy.requirementsOf(BackupPolicy.empty, "docs"), { ignore: [] })
    assert.deepStrictEqual(BackupPolicy.namesOf(policy), ["prod-docs"])
  })
})

describe("BackupPolicy.ofProfiles", () => {
  const shared: BackupPolicy.BackupPolicy = {
    defaults: { minCopies: 1 },
    rules: [
      { index: "docs", minCopies: 2, profiles: ["staging"] },
      { index: "*", minCopies: 3 },
      { index: "images", minCopies: 4, profiles: ["prod", "eu"] }
    ]
  }

  it.each<
    [names: ReadonlyArray<string>, copies: readonly [docs: number, images: number], required: ReadonlyArray<string>]
  >([
    [[], [3, 3], []],
    [["prod"], [3, 4], ["images"]],
    [["eu"], [3, 4], ["images"]],
    [["staging"], [3, 3], ["docs"]],
    [["staging", "prod"], [3, 4], ["docs", "images"]],
    [["Prod"], [3, 3], []]
  ])("selects the rules of %s", (names, copies, required) => {
    const policy = BackupPolicy.ofProfiles(shared, names)
    const of = (index: string) => BackupPolicy.requirementsOf(policy, index).minCopies
    assert.deepStrictEqual([of("docs"), of("images")], [...copies])
    assert.deepStrictEqual(BackupPolicy.namesOf(policy), [...required])
    // Errors and notices refer to rules by their positions.
    assert.deepStrictEqual(policy.rules?.map(({ index }) => index), ["docs", "*", "images"])
  })

  it("applies rules for profiles to no index before that", () => {
    assert.strictEqual(BackupPolicy.requirementsOf(shared, "images").minCopies, 3)
    assert.deepStrictEqual(BackupPolicy.namesOf(shared), [])
  })

  it.effect("reads the profiles of a rule", () =>
    Effect.gen(function*() {
      const policy = yield* BackupPolicy.decode({ rules: [{ index: "docs", profiles: ["a", "b"] }] })
      assert.deepStrictEqual(policy, { rules: [{ index: "docs", profiles: ["a", "b"] }] })
      for (const profiles of [[], [""], "a"]) {
        yield* Effect.flip(BackupPolicy.decode({ rules: [{ index: "docs", profiles }] }))
      }
    }))
})
