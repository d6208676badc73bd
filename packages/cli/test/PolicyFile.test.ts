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

/** What is said of a file that is called so, without where it is. */
const mistakes = (text: string | undefined, name = "policy.yaml") =>
  within(
    name,
    text,
    (path) =>
      Effect.map(Effect.flip(PolicyFile.read(path)), ({ code, details = [], hint, message }) => {
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

  it.effect("reads JSON, tabs and escapes included", () =>
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

  it.effect("tells every mistake and where it is, in the order of the file", () =>
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
        "policy.yaml: 19 mistakes",
        "policy.yaml:1:10  version  must be 1",
        "policy.yaml:2:1  defalts  is no key here: did you mean defaults?",
        "policy.yaml:5:8  defaults.rpo  must be a duration such as 26h, 7d or 4w",
        "policy.yaml:6:17  defaults.minFrequency  dialy is none of them: did you mean daily?",
        "policy.yaml:7:14  defaults.minCopies  must be a value greater than or equal to 1",
        "policy.yaml:8:14  defaults.maxShrink  must be a share such as 50%",
        "policy.yaml:10:14  defaults.ignore[0].check  stalle is none of them: did you mean stale?",
        "policy.yaml:11:15  defaults.ignore[0].reason  must be a value with a length of at least 1",
        "policy.yaml:12:14  defaults.ignore[0].until  must be a day such as 2027-01-31, or an instant",
        "policy.yaml:13:7  defaults.ignore[0].note  is no key here: there are check, reason, until",
        "policy.yaml:14:7  defaults.ignore[1].reason  is missing",
        "policy.yaml:14:7  defaults.ignore[1].until  is missing",
        "policy.yaml:16:5  rules[0].idnex  is no key here: did you mean index?",
        "policy.yaml:16:5  rules[0].index  is missing",
        "policy.yaml:17:23  rules[0].minRetentionDays  must be an integer",
        "policy.yaml:19:16  rules[1].maxShrink  must be a value between 0 and 1",
        "policy.yaml:20:19  rules[1].minFrequency  must be one of daily, weekly, monthly",
        "policy.yaml:21:13  rules[1].ignore  must be a list",
        "policy.yaml:22:14  backupQuota  must be a number"
      ])
    }))

  it.effect("tells where a mistake is in JSON, and in what an alias stands for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* mistakes(`{\n\t"rules": [\n\t\t{"index": "docs", "rpo": "7x"}\n\t]\n}`, "policy.json"),
        ["policy.json:3:28  rules[0].rpo  must be a duration such as 26h, 7d or 4w"]
      )
      assert.deepStrictEqual(yield* mistakes("defaults: &all\n  rpo: 7z\nrules:\n  - *all\n"), [
        "policy.yaml: 3 mistakes",
        "policy.yaml:2:8  defaults.rpo  must be a duration such as 26h, 7d or 4w",
        "policy.yaml:2:8  rules[0].rpo  must be a duration such as 26h, 7d or 4w",
        "policy.yaml:4:5  rules[0].index  is missing"
      ])
    }))

  it.effect.each<[what: string, text: string, said: ReadonlyArray<string>]>([
    ["a key that is there twice", "version: 1\nversion: 1", ["policy.yaml:2:1  this key is here twice"]],
    ["a second document", "version: 1\n---\nversion: 1", [
      "policy.yaml:2:1  a second document begins, and a policy is one"
    ]],
    ["an alias of nothing", "defaults: *all", ["policy.yaml:1:11  there is no anchor &all"]],
    ["an alias of what it is in", "defaults: &all { ignore: *all }", [
      "policy.yaml:1:26  defaults.ignore  must be a list"
    ]],
    [
      "aliases that grow",
      `a: &a [1,1,1,1,1,1,1,1,1,1]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      ["policy.yaml:1:1  has more than 100 aliases of aliases"]
    ],
    ["what nests deeply", "[".repeat(20_000), ["policy.yaml:1:", "  is nested too deeply"]],
    ["a tag", "defaults: !own {}", ["policy.yaml:1:11  Unresolved tag: !own"]],
    ["a merge, which YAML no longer has", "<<: { version: 1 }", [
      "policy.yaml:1:1  <<  is no key here: there are version, backupQuota, defaults, rules"
    ]],
    ["a prototype", "__proto__: { version: 1 }", [
      "policy.yaml:1:1  __proto__  is no key here: there are version, backupQuota, defaults, rules"
    ]],
    ["a key that is a list", "? [a]\n: 1", ["policy.yaml:1:3  a key must be a text"]],
    ["a list", "- index: docs", ["policy.yaml:1:1  must be a map of keys and values"]],
    ["a word", "strict", ["policy.yaml:1:1  must be a map of keys and values"]],
    ["what ends too early", "{ version: 1", ["policy.yaml:1:13  Flow map must end with a }"]],
    ["nothing", "", ["policy.yaml is empty"]],
    ["a comment", "\u{FEFF}# to do\n", ["policy.yaml is empty"]]
  ])("refuses %s", ([, text, said]) =>
    Effect.gen(function*() {
      const told = (yield* mistakes(text)).join("\n")
      for (const part of said) assert.include(told, part)
    }))

  it.effect("tells twenty mistakes, and how many more there are", () =>
    Effect.gen(function*() {
      const told = yield* mistakes(`rules:\n${"  - { index: a, rpo: x }\n".repeat(300)}`)
      assert.lengthOf(told, 22)
      assert.strictEqual(told[0], "policy.yaml: 300 mistakes")
      assert.strictEqual(told[21], "and 280 more")
    }))

  it.effect("refuses what is no file, or no policy by its size", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* mistakes(undefined), ["policy.yaml does not exist"])
      assert.deepStrictEqual(yield* mistakes(undefined, ""), [
        " is a directory",
        "try name a file in YAML or JSON"
      ])
      assert.deepStrictEqual(yield* mistakes(`# ${"x".repeat(1_000_000)}`), [
        "policy.yaml is larger than 1 MB, which no policy is"
      ])
    }))
})
