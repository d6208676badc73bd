import { assert, describe, it } from "@effect/vitest"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const rule = (fields: object) => ({ rules: [{ index: "docs", ...fields }] })

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
    ["another version", { version: 2 }, "version"],
    ["a schedule that is neither a map nor a known word", rule({ schedule: "never" }), "none"],
    ["an unknown key of a schedule", rule({ schedule: { evry: "daily" } }), "evry"],
    ["a retention of 0 days", rule({ schedule: { keep: 0 } }), "keep"],
    ["a schedule name without characters", rule({ schedule: { name: "" } }), "name"],
    ["schedule: none in the defaults", { defaults: { schedule: "none" } }, "schedule"],
    ["an unknown protection", rule({ settings: { deletionProtection: "on" } }), "deletionProtection"],
    ["an unknown key of the settings", rule({ settings: { tag: {} } }), "tag"],
    ["an invalid tag key", rule({ settings: { tags: { "a b": "x" } } }), "must have a key of 1 to 80 letters"],
    ["an invalid tag value", rule({ settings: { tags: { a: "caf\u00e9" } } }), "printable ASCII"],
    ["an empty tag value", rule({ settings: { tags: { a: "" } } }), "use null if the index must not have the tag"],
    ["a number as a tag value", rule({ settings: { tags: { a: 1 } } }), "must be a tag value in quotes"],
    ["a boolean as a tag value", rule({ settings: { tags: { a: true } } }), "must be a tag value in quotes"],
    [
      "21 tags",
      rule({ settings: { tags: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`t${n}`, "x"])) } }),
      "must not have more than 20 tags"
    ],
    ["an empty project", { project: "" }, "project"],
    [
      "a schedule below the minimum frequency",
      rule({ minFrequency: "daily", schedule: { every: "weekly" } }),
      "weekly is less frequent than minFrequency: daily"
    ],
    [
      "a schedule below the minimum retention",
      rule({ minRetentionDays: 14, schedule: { keep: 7 } }),
      "7 is less than minRetentionDays: 14"
    ],
    [
      "a retention shorter than the interval",
      rule({ schedule: { every: "monthly", keep: 30 } }),
      "30 is less than the 31 days between two monthly backups"
    ],
    ["a paused schedule with an RPO", rule({ rpo: "26h", schedule: { paused: true } }), "contradicts the rpo"],
    [
      "a disabled protection that is required",
      rule({ requireDeletionProtection: true, settings: { deletionProtection: "disabled" } }),
      "contradicts requireDeletionProtection: true"
    ]
  ])("rejects %s with its path", ([, json, expected]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(BackupPolicy.decode(json))
      assert.include(error.message, expected)
    }))

  it.effect.each<[json: object, message: string]>([
    [{ rule: [] }, `Unknown key. Expected version, project, backupQuota, defaults, rules\n  at ["rule"]`],
    [{ rules: [{ index: "docs", rp: "26h" }] }, `Unknown key. Expected index, profiles, `],
    [rule({ schedule: { evry: "daily" } }), `Unknown key. Expected every, `],
    [
      rule({ settings: { tag: {} } }),
      `Unknown key. Expected deletionProtection, tags, readCapacity\n  at ["rules"][0]`
    ],
    [
      { defaults: { rpo: "soon" }, defults: {} },
      `Unknown key. Expected version, project, backupQuota, defaults, rules\n  at ["defults"]\n`
    ]
  ])("names unknown keys and lists the known ones: %j", ([json, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(BackupPolicy.decode(json))
      assert.strictEqual(error._tag, "SchemaError")
      assert.include(error.message, message)
      assert.notInclude(error.message, "excess")
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

  it("selects wishes, and notices about rules of the project only", () => {
    const wishes: BackupPolicy.BackupPolicy = {
      rules: [
        { index: "docs", schedule: { keep: 30 }, profiles: ["prod"] },
        { index: "*", schedule: { keep: 7 }, profiles: ["prod"] },
        { index: "*", schedule: "none", profiles: ["staging"] }
      ]
    }
    const of = (...names: ReadonlyArray<string>) => {
      const policy = BackupPolicy.ofProfiles(wishes, names)
      return [BackupPolicy.wishOf(policy, "docs").schedule, BackupPolicy.noticesOf(policy).length]
    }
    assert.deepStrictEqual(of("prod"), [{ keep: 7 }, 1])
    assert.deepStrictEqual(of("staging"), ["none", 0])
    assert.deepStrictEqual(of("eu"), [undefined, 0])
    assert.isFalse(BackupPolicy.isManaged(wishes, "docs"))
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

describe("BackupPolicy.wishOf", () => {
  const policy: BackupPolicy.BackupPolicy = {
    defaults: {
      rpo: Duration.hours(26),
      schedule: { keep: 30 },
      settings: { tags: { team: "search", tier: "silver" } }
    },
    rules: [
      { index: "prod-*", allowLoss: false, schedule: { every: "daily" }, settings: { tags: { tier: "gold" } } },
      { index: "prod-scratch", schedule: "ignore" },
      { index: "prod-wiki", schedule: { keep: 7, paused: false }, allowLoss: true },
      { index: "prod-old", schedule: "none" },
      { index: "prod-old", schedule: { every: "weekly" } },
      { index: "docs", settings: { tags: { tier: null } } },
      { index: "notes", minCopies: 3 }
    ]
  }

  it("merges rules field by field, and tags key by key", () => {
    assert.deepStrictEqual(BackupPolicy.wishOf(policy, "prod-wiki"), {
      schedule: { keep: 7, every: "daily", paused: false },
      settings: { tags: { team: "search", tier: "gold" } },
      allowLoss: true
    })
  })

  it("discards earlier schedules at none and ignore, and starts from the defaults after them", () => {
    assert.strictEqual(BackupPolicy.wishOf(policy, "prod-scratch").schedule, "ignore")
    assert.deepStrictEqual(BackupPolicy.wishOf(policy, "prod-old").schedule, { keep: 30, every: "weekly" })
  })

  it("does not use defaults where no rule has a wish", () => {
    assert.deepStrictEqual(BackupPolicy.wishOf(policy, "docs"), {
      schedule: undefined,
      settings: { tags: { team: "search", tier: null } },
      allowLoss: true
    })
    assert.deepStrictEqual(BackupPolicy.wishOf(policy, "notes"), {
      schedule: undefined,
      settings: undefined,
      allowLoss: true
    })
  })

  it("does not match copies with patterns", () => {
    assert.isUndefined(BackupPolicy.wishOf(policy, "prod-docs", { isCopy: true }).schedule)
    assert.deepStrictEqual(BackupPolicy.wishOf(policy, "prod-wiki", { isCopy: true }).schedule, {
      keep: 7,
      paused: false
    })
  })

  it("manages indexes with a schedule or settings in a rule", () => {
    const managed = ["prod-docs", "prod-old", "docs", "notes", "wiki"].filter((name) =>
      BackupPolicy.isManaged(policy, name)
    )
    assert.deepStrictEqual(managed, ["prod-docs", "prod-old", "docs"])
    assert.isFalse(BackupPolicy.isManaged({ rules: [{ index: "*", schedule: "ignore" }] }, "docs"))
    assert.isFalse(BackupPolicy.isManaged({ defaults: { schedule: { every: "daily", keep: 7 } } }, "docs"))
  })

  it("does not change requirements", () => {
    assert.deepStrictEqual(BackupPolicy.requirementsOf(policy, "prod-wiki"), { rpo: Duration.hours(26), ignore: [] })
  })
})

describe("BackupPolicy.contradictionsOf", () => {
  const sentences = (policy: BackupPolicy.BackupPolicy) =>
    BackupPolicy.contradictionsOf(policy, "docs").map(({ path, sentence }) => `${path.join(".")} ${sentence}`)

  it("compares merged wishes with merged requirements", () => {
    assert.deepStrictEqual(
      sentences({
        defaults: { minRetentionDays: 14 },
        rules: [{ index: "*", rpo: Duration.hours(26) }, { index: "docs", schedule: { keep: 7, paused: true } }]
      }),
      ["schedule.keep 7 is less than minRetentionDays: 14", "schedule.paused a paused schedule contradicts the rpo"]
    )
  })

  it("accepts a paused schedule if only the defaults have an RPO", () => {
    assert.deepStrictEqual(
      sentences({ defaults: { rpo: Duration.hours(26) }, rules: [{ index: "docs", schedule: { paused: true } }] }),
      []
    )
  })
})

describe("BackupPolicy.noticesOf", () => {
  it("returns patterns that override an earlier exact rule", () => {
    const trap = (field: string, pattern: number) => ({
      _tag: "OrderTrap" as const,
      exact: 0,
      pattern,
      indexName: "docs",
      field
    })
    const noticesOf = (...rules: ReadonlyArray<Omit<BackupPolicy.Rule, "index">>) =>
      BackupPolicy.noticesOf({ rules: rules.map((rule, n) => ({ index: n === 0 ? "docs" : "d*", ...rule })) })
    assert.deepStrictEqual(
      noticesOf({ schedule: { keep: 7 } }, { schedule: { keep: 7 } }, { schedule: { keep: 30 } }),
      [
        trap("schedule.keep", 2)
      ]
    )
    assert.deepStrictEqual(noticesOf({ schedule: { keep: 7 } }, { schedule: "none" }), [trap("schedule", 1)])
    assert.deepStrictEqual(noticesOf({ schedule: "none" }, { schedule: { keep: 7 } }), [trap("schedule", 1)])
    assert.deepStrictEqual(noticesOf({ allowLoss: false }, { allowLoss: true }), [trap("allowLoss", 1)])
    assert.deepStrictEqual(
      noticesOf({ settings: { tags: { a: "1" } } }, { settings: { tags: { b: "1" } } }, {
        settings: { tags: { a: null } }
      }),
      [trap("settings.tags.a", 2)]
    )
    assert.deepStrictEqual(noticesOf({ schedule: { every: "daily" } }, { schedule: { keep: 7 } }), [])
  })

  it("returns no notice for a pattern before an exact rule", () => {
    assert.deepStrictEqual(
      BackupPolicy.noticesOf({
        rules: [{ index: "d*", schedule: { keep: 7 } }, { index: "docs", schedule: { keep: 30 } }]
      }),
      []
    )
  })

  it("returns retentions above 365 days", () => {
    assert.deepStrictEqual(
      BackupPolicy.noticesOf({
        defaults: { schedule: { keep: 366 } },
        rules: [{ index: "docs", schedule: { keep: 365 } }, { index: "wiki", schedule: { keep: 400 } }]
      }),
      [
        { _tag: "LongRetention", path: ["defaults", "schedule", "keep"], days: 366 },
        { _tag: "LongRetention", path: ["rules", 1, "schedule", "keep"], days: 400 }
      ]
    )
  })
})
