import { assert, describe, it } from "@effect/vitest"
import * as yaml from "yaml"
import * as PolicyEditor from "../../src/commands/policy/PolicyEditor.ts"

const edit = (text: string, ...edits: ReadonlyArray<PolicyEditor.RuleEdit>) =>
  PolicyEditor.edit(yaml, text, yaml.parseDocument(text), edits)

const docs: PolicyEditor.RuleEdit = {
  position: undefined,
  index: "docs",
  schedule: { name: "docs-daily", every: "daily", keep: 30 },
  settings: { deletionProtection: "enabled" }
}

const wiki: PolicyEditor.RuleEdit = {
  position: undefined,
  index: "wiki",
  settings: { deletionProtection: "disabled", tags: { team: "1" } },
  isUnscheduled: true
}

describe("PolicyEditor.edit adds rules", () => {
  it.each<[where: string, before: string, after: string]>([
    [
      "after the last rule and its comments",
      `rules:
  - index: prod-*   # all of them
    rpo: 26h
    # to do: staging

# end
backupQuota: 80
`,
      `rules:
  - index: prod-*   # all of them
    rpo: 26h
    # to do: staging
  - index: docs
    schedule: { name: docs-daily, every: daily, keep: 30 }
    settings: { deletionProtection: enabled }
  - index: wiki
    # nothing backs this index up:
    # schedule: { every: daily, keep: 30 }
    settings: { deletionProtection: disabled, tags: { team: "1" } }

# end
backupQuota: 80
`
    ],
    [
      "in a list that is not indented",
      "rules:\n- index: a\n  rpo: 26h # note\n# about the quota\nbackupQuota: 80\n",
      `rules:
- index: a
  rpo: 26h # note
- index: docs
  schedule: { name: docs-daily, every: daily, keep: 30 }
  settings: { deletionProtection: enabled }
- index: wiki
  # nothing backs this index up:
  # schedule: { every: daily, keep: 30 }
  settings: { deletionProtection: disabled, tags: { team: "1" } }
# about the quota
backupQuota: 80
`
    ],
    [
      "in a file without rules, keeping its line breaks",
      "# policy\r\nversion: 1",
      `# policy
version: 1
rules:
  - index: docs
    schedule: { name: docs-daily, every: daily, keep: 30 }
    settings: { deletionProtection: enabled }
  - index: wiki
    # nothing backs this index up:
    # schedule: { every: daily, keep: 30 }
    settings: { deletionProtection: disabled, tags: { team: "1" } }`.replaceAll("\n", "\r\n")
    ],
    [
      "in an empty list",
      "version: 1\nrules: []\n",
      `version: 1
rules:
  - index: docs
    schedule: { name: docs-daily, every: daily, keep: 30 }
    settings: { deletionProtection: enabled }
  - index: wiki
    # nothing backs this index up:
    # schedule: { every: daily, keep: 30 }
    settings: { deletionProtection: disabled, tags: { team: "1" } }
`
    ],
    [
      "in a list in brackets",
      "rules: [\n  { index: a }, # first\n  { index: b }\n]\n",
      `rules: [
  { index: a }, # first
  { index: b },
  { index: docs, schedule: { name: docs-daily, every: daily, keep: 30 }, settings: { deletionProtection: enabled } },
  { index: wiki, settings: { deletionProtection: disabled, tags: { team: "1" } } }
]
`
    ],
    [
      "in JSON",
      `{
\t"version": 1,
\t"rules": [
\t\t{
\t\t\t"index": "a"
\t\t}
\t]
}
`,
      `{
\t"version": 1,
\t"rules": [
\t\t{
\t\t\t"index": "a"
\t\t},
\t\t{
\t\t\t"index": "docs",
\t\t\t"schedule": { "name": "docs-daily", "every": "daily", "keep": 30 },
\t\t\t"settings": { "deletionProtection": "enabled" }
\t\t},
\t\t{
\t\t\t"index": "wiki",
\t\t\t"settings": { "deletionProtection": "disabled", "tags": { "team": "1" } }
\t\t}
\t]
}
`
    ],
    [
      "in JSON on one line",
      `{"rules":[{"index":"a"}]}`,
      `{"rules":[{"index":"a"}, { "index": "docs", "schedule": { "name": "docs-daily", "every": "daily", "keep": 30 }, "settings": { "deletionProtection": "enabled" } }, { "index": "wiki", "settings": { "deletionProtection": "disabled", "tags": { "team": "1" } } }]}`
    ]
  ])("%s", (_, before, after) => {
    assert.strictEqual(edit(before, docs, wiki), after)
    assert.deepStrictEqual(
      Object.keys(yaml.parse(after)).sort(),
      [...new Set([...Object.keys(yaml.parse(before)), "rules"])].sort()
    )
  })
})

describe("PolicyEditor.edit changes rules", () => {
  it.each<[what: string, before: string, change: Partial<PolicyEditor.RuleEdit>, after: string]>([
    [
      "field by field, keeping comments",
      `rules:
  # the documents
  - index:   docs   # main
    rpo:     26h    # agreed
    schedule:
      every: daily  # at night
      keep: 30      # contract
      # end of schedule
    minCopies: 7
`,
      { schedule: { keep: 14, paused: true } },
      `rules:
  # the documents
  - index:   docs   # main
    rpo:     26h    # agreed
    schedule:
      every: daily # at night
      keep: 14 # contract
      paused: true
      # end of schedule
    minCopies: 7
`
    ],
    [
      "in braces",
      "rules:\n  - { index: docs, schedule: { every: daily, keep: 30 }, rpo: 26h } # x\n",
      { schedule: { keep: 14 }, settings: { tags: { team: null } } },
      "rules:\n  - { index: docs, schedule: { every: daily, keep: 14 }, rpo: 26h, settings: { tags: { team: null } } } # x\n"
    ],
    [
      "by adding fields in the usual order",
      "rules:\n  - index: docs # main\n    # protected\n    settings: { deletionProtection: enabled }\n    rpo: 26h\n",
      { schedule: { every: "daily" } },
      "rules:\n  - index: docs # main\n    schedule: { every: daily }\n    # protected\n    settings: { deletionProtection: enabled }\n    rpo: 26h\n"
    ],
    [
      "by replacing none",
      "rules:\n  - index: docs\n    schedule: none # for now\n",
      { schedule: { every: "daily", keep: 30 } },
      "rules:\n  - index: docs\n    schedule: { every: daily, keep: 30 } # for now\n"
    ],
    [
      "by removing keys",
      "rules:\n  - index: docs\n    settings:\n      tags:\n        team: x\n        tier: gold\n    schedule:\n      name: a\n",
      { settings: { tags: { team: undefined } }, schedule: { name: undefined } },
      "rules:\n  - index: docs\n    settings:\n      tags:\n        tier: gold\n    schedule: {}\n"
    ],
    [
      "and removes the comment about the missing schedule",
      `rules:
  - index: docs
    # nothing backs this index up:
    # schedule: { every: daily, keep: 30 }
    settings: { deletionProtection: enabled }
`,
      { schedule: { every: "daily", keep: 7 }, removesHint: true },
      `rules:
  - index: docs
    schedule: { every: daily, keep: 7 }
    settings: { deletionProtection: enabled }
`
    ],
    [
      "and keeps a suggestion that was changed",
      `rules:
  - index: docs
    settings: { deletionProtection: enabled }
    # nothing backs this index up:
    # schedule: { every: daily, keep: 14 }
# nothing backs this index up:
`,
      { removesHint: true },
      `rules:
  - index: docs
    settings: { deletionProtection: enabled }
    # schedule: { every: daily, keep: 14 }
# nothing backs this index up:
`
    ],
    [
      "in JSON",
      `{
  "rules": [
    { "index": "docs" },
    {
      "index": "wiki",
      "schedule": {
        "every": "daily",
        "keep": 30
      }
    }
  ]
}`,
      { position: 1, schedule: { keep: 14 }, settings: { deletionProtection: "enabled" } },
      `{
  "rules": [
    { "index": "docs" },
    {
      "index": "wiki",
      "schedule": { "every": "daily", "keep": 14 },
      "settings": { "deletionProtection": "enabled" }
    }
  ]
}`
    ]
  ])("%s", (_, before, change, after) => {
    assert.strictEqual(edit(before, { position: 0, index: "docs", ...change }), after)
  })

  it("and adds rules at once", () => {
    assert.strictEqual(
      edit(
        "rules:\n  - index: docs\n    schedule: { every: daily }\n",
        { position: 0, index: "docs", schedule: { every: "weekly" } },
        { position: undefined, index: "wiki", schedule: "none" }
      ),
      "rules:\n  - index: docs\n    schedule: { every: weekly }\n  - index: wiki\n    schedule: none\n"
    )
  })
})

describe("PolicyEditor.canChange", () => {
  const canChange = (text: string) => PolicyEditor.canChange(yaml, text, yaml.parseDocument(text), 0)

  it.each<[what: string, text: string, isPossible: boolean]>([
    ["a rule", "rules:\n  - index: docs\n    schedule: { every: daily }\n", true],
    ["a rule with an alias elsewhere", "rules:\n  - index: docs\n    ignore: *x\n", true],
    ["a rule with an anchor", "rules:\n  - &docs\n    index: docs\n", false],
    ["a schedule with an anchor", "rules:\n  - index: docs\n    schedule: &daily { every: daily }\n", false],
    ["a tag with an anchor", "rules:\n  - index: docs\n    settings: { tags: { team: &team x } }\n", false],
    ["a schedule that is an alias", "rules:\n  - index: docs\n    schedule: *daily\n", false]
  ])("for %s", (_, text, isPossible) => {
    assert.strictEqual(canChange(text), isPossible)
  })

  it("has no result for rules that are an alias", () => {
    assert.isUndefined(edit("defaults: { ignore: &none [] }\nrules: *none\n", docs))
  })
})
