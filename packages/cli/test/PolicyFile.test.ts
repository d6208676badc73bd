import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import * as PolicyFile from "../src/shared/PolicyFile.ts"
import { home } from "./harness.ts"

const within = <A, E, R>(
  name: string,
  text: string | undefined,
  use: (path: string) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const directory = yield* home(text === undefined ? {} : { [name]: text })
    return yield* use(join(directory, name))
  }).pipe(Effect.provide(NodeServices.layer))

const read = (name: string, text: string) => within(name, text, PolicyFile.read)

/** The errors of a file, without its directory. */
const mistakes = (text: string | undefined, name = "policy.yaml") =>
  within(
    name,
    text,
    (path) =>
      Effect.map(Effect.flip(PolicyFile.read(path)), ({ report: { code, details = [], hint, message } }) => {
        assert.strictEqual(code, "INVALID_POLICY")
        const local = (text: string) => text.replaceAll(path, name)
        return [local(message), ...details.map(local), ...(hint === undefined ? [] : [`try ${hint}`])]
      })
  )

const policy: BackupPolicy.BackupPolicy = {
  version: 1,
  backupQuota: 1000,
  defaults: { rpo: Duration.hours(26), maxShrink: 0.3 },
  rules: [{
    index: "prod-*",
    minFrequency: "daily",
    ignore: [{ check: "*", reason: "moving", until: DateTime.makeUnsafe("2027-01-31T23:59:59.999Z") }]
  }]
}

describe("PolicyFile.read", () => {
  it.effect("reads YAML", () =>
    Effect.gen(function*() {
      const text = `# What we want
version: 1
backupQuota: 1000
defaults: &all
  rpo: 26h
  maxShrink: 30%
rules:
  - index: prod-*
    minFrequency: daily
    ignore:
      - { check: "*", reason: moving, until: 2027-01-31 }
`
      assert.deepStrictEqual(yield* read("policy.yaml", text), policy)
      assert.deepStrictEqual(yield* read("policy.yml", `\u{FEFF}${text.replaceAll("\n", "\r\n")}`), policy)
    }))

  it.effect("reads JSON, including tabs and escapes", () =>
    Effect.gen(function*() {
      const text = JSON.stringify(
        {
          version: 1,
          backupQuota: 1000,
          defaults: { rpo: "26h", maxShrink: "30%" },
          rules: [{
            index: "prod-*",
            minFrequency: "daily",
            ignore: [{ check: "*", reason: "moving", until: "2027-01-31" }]
          }]
        },
        null,
        "\t"
      ).replace("prod", "\\u0070\\u0072od")
      assert.deepStrictEqual(yield* read("policy.json", text), policy)
      assert.deepStrictEqual(yield* read("policy.json", "{}"), {})
    }))

  it.effect("reports every error with its position, in file order", () =>
    Effect.gen(function*() {
      const text = `version: 2
defalts:
  rpo: 26
defaults:
  rpo: 26 parsecs
  minFrequency: dialy
  minCopies: 0
  maxShrink: 130%
  ignore:
    - check: stalle
      reason: ""
      until: tomorrow
      note: x
    - check: "*"
rules:
  - idnex: prod-*
    minRetentionDays: 1.5
  - index: x
    maxShrink: 3
    minFrequency: 7
    ignore: none
backupQuota: lots
`
      assert.deepStrictEqual(yield* mistakes(text), [
        "policy.yaml: 19 errors",
        "policy.yaml:1:10  version  must be 1",
        "policy.yaml:2:1  defalts  is not a valid key: did you mean defaults?",
        "policy.yaml:5:8  defaults.rpo  must be a duration such as 26h, 7d or 4w",
        "policy.yaml:6:17  defaults.minFrequency  \"dialy\" is not valid: did you mean daily?",
        "policy.yaml:7:14  defaults.minCopies  must be a value greater than or equal to 1",
        "policy.yaml:8:14  defaults.maxShrink  must be a share such as 50%",
        "policy.yaml:10:14  defaults.ignore[0].check  \"stalle\" is not valid: did you mean stale?",
        "policy.yaml:11:15  defaults.ignore[0].reason  must be a value with a length of at least 1",
        "policy.yaml:12:14  defaults.ignore[0].until  must be a day such as 2027-01-31, or an instant",
        "policy.yaml:13:7  defaults.ignore[0].note  is not a valid key: use one of check, reason, until",
        "policy.yaml:14:7  defaults.ignore[1].reason  is missing",
        "policy.yaml:14:7  defaults.ignore[1].until  is missing",
        "policy.yaml:16:5  rules[0].idnex  is not a valid key: did you mean index?",
        "policy.yaml:16:5  rules[0].index  is missing",
        "policy.yaml:17:23  rules[0].minRetentionDays  must be an integer",
        "policy.yaml:19:16  rules[1].maxShrink  must be a value between 0 and 1",
        "policy.yaml:20:19  rules[1].minFrequency  must be one of daily, weekly, monthly",
        "policy.yaml:21:13  rules[1].ignore  must be a list",
        "policy.yaml:22:14  backupQuota  must be a number"
      ])
    }))

  it.effect("reports every error in desired schedules and settings", () =>
    Effect.gen(function*() {
      const text = `rules:
  - index: a
    schedule: { evry: daily, keep: 0, name: "" }
  - index: b
    schedule: never
  - index: c
    schedule: { every: hourly, keep: thirty }
    settings:
      deletionProtection: yes
      tags: { tier: 1, "a b": x, team: "", caf: café, on: true }
      tag: x
  - index: d
    minRetentionDays: 14
    schedule: { keep: 7 }
  - index: e
    settings: { readCapacity: { mode: OnDemnd } }
    allowLoss: maybe
`
      assert.deepStrictEqual(yield* mistakes(text), [
        "policy.yaml: 15 errors",
        "policy.yaml:3:17  rules[0].schedule.evry  is not a valid key: did you mean every?",
        "policy.yaml:3:36  rules[0].schedule.keep  must be a value greater than or equal to 1",
        "policy.yaml:3:45  rules[0].schedule.name  must be a value with a length of at least 1",
        "policy.yaml:5:15  rules[1].schedule  \"never\" is not valid: use one of none, ignore",
        "policy.yaml:7:24  rules[2].schedule.every  \"hourly\" is not valid: use one of daily, weekly, monthly",
        "policy.yaml:7:38  rules[2].schedule.keep  must be a number",
        "policy.yaml:9:27  rules[2].settings.deletionProtection  \"yes\" is not valid: use one of enabled, disabled",
        "policy.yaml:10:21  rules[2].settings.tags.tier  must be a tag value in quotes, or null if the index must not have the tag",
        "policy.yaml:10:40  rules[2].settings.tags.team  must not be empty: use null if the index must not have the tag",
        "policy.yaml:10:49  rules[2].settings.tags.caf  must be a tag value of up to 120 printable ASCII characters",
        "policy.yaml:10:59  rules[2].settings.tags.on  must be a tag value in quotes, or null if the index must not have the tag",
        "policy.yaml:11:7  rules[2].settings.tag  is not a valid key: did you mean tags?",
        "policy.yaml:14:23  rules[3].schedule.keep  7 is less than minRetentionDays: 14",
        "policy.yaml:16:31  rules[4].settings.readCapacity  must be a read capacity of the API, such as { mode: OnDemand }",
        "policy.yaml:17:16  rules[4].allowLoss  must be true or false"
      ])
    }))

  it.effect("reports positions in JSON and in aliased values", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* mistakes(`{\n\t"rules": [\n\t\t{"index": "docs", "rpo": "7x"}\n\t]\n}`, "policy.json"),
        ["policy.json:3:28  rules[0].rpo  must be a duration such as 26h, 7d or 4w"]
      )
      assert.deepStrictEqual(yield* mistakes("defaults: &all\n  rpo: 7z\nrules:\n  - *all\n"), [
        "policy.yaml: 3 errors",
        "policy.yaml:2:8  defaults.rpo  must be a duration such as 26h, 7d or 4w",
        "policy.yaml:2:8  rules[0].rpo  must be a duration such as 26h, 7d or 4w",
        "policy.yaml:4:5  rules[0].index  is missing"
      ])
    }))

  it.effect.each<[what: string, text: string, said: ReadonlyArray<string>]>([
    ["a duplicate key", "version: 1\nversion: 1", ["policy.yaml:2:1  duplicate key"]],
    ["a second document", "version: 1\n---\nversion: 1", [
      "policy.yaml:2:1  a policy must be a single document"
    ]],
    ["an undefined alias", "defaults: *all", ["policy.yaml:1:11  anchor &all does not exist"]],
    ["a circular alias", "defaults: &all { ignore: *all }", [
      "policy.yaml:1:26  defaults.ignore  must be a list"
    ]],
    [
      "exponentially nested aliases",
      `a: &a [1,1,1,1,1,1,1,1,1,1]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      ["policy.yaml:1:1  has more than 100 nested aliases"]
    ],
    ["what nests deeply", "[".repeat(20_000), ["policy.yaml:1:", "  is nested too deeply"]],
    ["a tag", "defaults: !own {}", ["policy.yaml:1:11  Unresolved tag: !own"]],
    ["a YAML 1.1 merge key", "<<: { version: 1 }", [
      "policy.yaml:1:1  <<  is not a valid key: use one of version, project, backupQuota, defaults, rules"
    ]],
    ["a prototype", "__proto__: { version: 1 }", [
      "policy.yaml:1:1  __proto__  is not a valid key: use one of version, project, backupQuota, defaults, rules"
    ]],
    ["a list as a key", "? [a]\n: 1", ["policy.yaml:1:3  a key must be a string"]],
    ["a number without quotes", "project: 12", [
      "policy.yaml:1:10  project  must be a string: write it in quotes, as \"12\""
    ]],
    ["a list", "- index: docs", ["policy.yaml:1:1  must be a map of keys and values"]],
    ["a word", "strict", ["policy.yaml:1:1  must be a map of keys and values"]],
    ["what ends too early", "{ version: 1", ["policy.yaml:1:13  Flow map must end with a }"]],
    ["nothing", "", ["policy.yaml is empty"]],
    ["a comment", "\u{FEFF}# to do\n", ["policy.yaml is empty"]]
  ])("rejects %s", ([, text, said]) =>
    Effect.gen(function*() {
      const told = (yield* mistakes(text)).join("\n")
      for (const part of said) assert.include(told, part)
    }))

  it.effect("reports 20 errors and the number of others", () =>
    Effect.gen(function*() {
      const told = yield* mistakes(`rules:\n${"  - { index: a, rpo: x }\n".repeat(300)}`)
      assert.lengthOf(told, 22)
      assert.strictEqual(told[0], "policy.yaml: 300 errors")
      assert.strictEqual(told[21], "and 280 more")
    }))

  it.effect("rejects a directory, a missing file and a file that is too large", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* mistakes(undefined), ["policy.yaml does not exist"])
      assert.deepStrictEqual(yield* mistakes(undefined, ""), [
        " is a directory",
        "try use a file in YAML or JSON"
      ])
      assert.deepStrictEqual(yield* mistakes(`# ${"x".repeat(1_000_000)}`), [
        "policy.yaml is larger than 1 MB, the maximum for a policy"
      ])
    }))
})
