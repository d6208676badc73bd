import { assert, describe, it } from "@effect/vitest"
import * as CliOutput from "effect/cli/CliOutput"
import * as DateTime from "effect/DateTime"
import { spawnSync } from "node:child_process"
import { styleText } from "node:util"
import * as TextFormat from "../../src/commands/audit/TextFormat.ts"
import * as Text from "../../src/terminal/Text.ts"
import * as Health from "../health.ts"

const screen = (columns: number, isUnicode = true, isColourful = false) => ({
  isTerminal: true,
  columns,
  isErrorTerminal: true,
  errorColumns: columns,
  canAsk: false,
  isUnicode,
  style: (style: Parameters<typeof styleText>[0], text: string) =>
    isColourful ? styleText(style, text, { validateStream: false }) : text,
  errorStyle: (_: unknown, text: string) => text
})

const page = (health: Parameters<typeof TextFormat.lines>[0], ...on: Parameters<typeof screen>) =>
  TextFormat.lines(health, screen(...on), Health.connection).join("\n")

describe("Page", () => {
  it("prints a summary, then findings with fixes, worst first", () =>
    assert.strictEqual(
      page(Health.project, 100),
      `✗ 2 critical   ▲ 2 warnings   • 1 notice   ✓ 2 indexes ok   4 indexes · 2026-11-21 20:00 UTC

product-catalog    CRITICAL
  ✗ stale          the newest usable backup is 2d14h old; a daily schedule allows 26h
  ✗ failed         the run of 2026-11-20 06:00 UTC failed (InitializationFailed, backup 5d0c71aa)
    fix  pcb backup create product-catalog --wait
  • untested       no completed restore in the last 90d, among the restore jobs still listed
    fix  pcb drill run product-catalog

project            WARNING
  ▲ quota          480 of 500 backups used; full on 2026-12-10 at this rate
    fix  pcb backup list --manual

support-tickets    WARNING
  ▲ retention-gap  weekly backups are kept for 5 days; no usable backup on 2 days of every 7
    fix  pcb schedule update tickets-weekly --keep 14

docs               OK  14h ago · 30 restorable · next in 10h
wiki               OK  1 restorable

ignored
  • paused of legacy-embeddings: replaced by product-catalog, until 2027-01-31`
    ))

  it("fits a narrow screen without UTF-8", () =>
    assert.strictEqual(
      page(Health.project, 40, false),
      `x 2 critical   ! 2 warnings   - 1 notice
+ 2 indexes ok
4 indexes - 2026-11-21 20:00 UTC

product-catalog  CRITICAL
  x stale
    the newest usable backup is 2d14h
    old; a daily schedule allows 26h
  x failed
    the run of 2026-11-20 06:00 UTC
    failed (InitializationFailed, backup
    5d0c71aa)
    fix  pcb backup create \\
      product-catalog --wait
  - untested
    no completed restore in the last
    90d, among the restore jobs still
    listed
    fix  pcb drill run product-catalog

project          WARNING
  ! quota
    480 of 500 backups used; full on
    2026-12-10 at this rate
    fix  pcb backup list --manual

support-tickets  WARNING
  ! retention-gap
    weekly backups are kept for 5 days;
    no usable backup on 2 days of every
    7
    fix  pcb schedule update \\
      tickets-weekly --keep 14

docs             OK
  14h ago - 30 restorable - next in 10h
wiki             OK  1 restorable

ignored
  - paused of legacy-embeddings:
    replaced by product-catalog, until
    2027-01-31`
    ))

  it("reports an empty project, and names the schedule if there are several", () => {
    assert.strictEqual(page(Health.health(), 80), "0 indexes · 2026-11-21 20:00 UTC")
    const missed = Health.finding("missed", "critical", "docs", "today's run did not happen", null, {
      scheduleName: "docs-old"
    })
    const schedules = [Health.schedule("docs-daily"), Health.schedule("docs-old", { nextRunAt: null })]
    assert.include(
      page(Health.health({ indexes: [Health.index("docs", [missed], { schedules })] }), 80),
      "  ✗ missed  docs-old: today's run did not happen"
    )
    assert.notInclude(
      page(Health.health({ indexes: [Health.index("docs", [missed], { schedules: schedules.slice(0, 1) })] }), 80),
      "docs-old"
    )
  })

  it("lists the remaining backups of a deleted index without counting it", () => {
    const orphan = Health.finding("orphan", "notice", "old", "the index was deleted, and 3 backups of it are left")
    const health = Health.health({ indexes: [Health.index("old", [orphan], { isDeleted: true, copies: 3 })] })
    assert.strictEqual(
      page(health, 80),
      `• 1 notice   0 indexes · 2026-11-21 20:00 UTC

old         DELETED  14h ago · 3 restorable
  • orphan  the index was deleted, and 3 backups of it are left`
    )
  })

  describe("on a terminal of 24 rows", () => {
    const notice = Health.finding("no-deletion-protection", "notice", "docs", "deletion protection is disabled")
    const size = { columns: 80, rows: 24 }

    it("repeats the summary as the last line of a longer report, worst first", () => {
      const long = TextFormat.lines(Health.project, screen(80), Health.connection, { size: { ...size, rows: 20 } })
      assert.deepStrictEqual([long.at(-2), long.at(-1)], ["", long[0]])
      const narrow = TextFormat.lines(Health.project, screen(40), Health.connection, {
        size: { columns: 40, rows: 24 }
      })
      assert.strictEqual(narrow.at(-1), "✗ 2 critical   ▲ 2 warnings   • 1 notice")
      assert.deepStrictEqual(
        TextFormat.lines(Health.project, screen(80), Health.connection, { size: { ...size, rows: 28 } }),
        TextFormat.lines(Health.project, screen(80), Health.connection)
      )
    })

    it("counts the rows of lines that are wider than the terminal", () => {
      const wide = (columns: number) =>
        TextFormat.lines(Health.project, screen(Infinity), Health.connection, { size: { columns, rows: 24 } }).length
      assert.deepStrictEqual([wide(100), wide(50)], [22, 24])
    })

    it("folds notices of indexes without other findings", () => {
      const stale = Health.finding("stale", "critical", "wiki", "too old", null)
      const health = Health.health({
        indexes: [
          Health.index("wiki", [stale, notice]),
          Health.index("docs", [notice, notice]),
          Health.index("faq", [notice])
        ],
        project: [Health.finding("untested", "notice", null, "never restored", null)]
      })
      const folded = TextFormat.lines(health, screen(80), Health.connection, { foldNotices: true }).join("\n")
      assert.strictEqual(folded.match(/deletion protection is disabled/g)?.length, 1)
      assert.include(folded, "never restored")
      assert.include(
        folded,
        `docs                        OK  14h ago · 30 restorable
faq                         OK  14h ago · 30 restorable
… and 3 notices; -o wide shows all`
      )
      assert.strictEqual(page(health, 80).match(/deletion protection is disabled/g)?.length, 4)
    })

    it.each(["critical", "unknown", "warning"] as const)(
      "never folds an index with a finding that is %s",
      (severity) => {
        const health = Health.health({
          indexes: [Health.index("docs", [Health.finding("stale", severity, "docs", "too old", null), notice])]
        })
        assert.deepStrictEqual(
          TextFormat.lines(health, screen(80), Health.connection, { foldNotices: true }),
          TextFormat.lines(health, screen(80), Health.connection)
        )
      }
    )
  })

  it("adds colors without changing the text", () => {
    const dressed = page(Health.project, 72, true, true)
    assert.include(dressed, styleText("red", "✗ 2 critical", { validateStream: false }))
    // eslint-disable-next-line no-control-regex
    assert.strictEqual(dressed.replace(/\u001b\[\d+m/g, ""), page(Health.project, 72))
  })

  const hostile = [
    "a".repeat(45),
    "名前".repeat(30),
    "it's a | \"name\" $(reboot) `x`; \\",
    "\u001b[2J\u202edrowssap\nnext",
    "👩‍👩‍👧‍👦".repeat(12)
  ]

  const hostileHealth = Health.health({
    indexes: hostile.map((name) =>
      Health.index(name, [
        Health.finding("last-copy-expiring", "critical", name, `there is ${name}, and more of it`, {
          _tag: "InspectManualBackups"
        }, {
          scheduleName: name
        }),
        Health.finding("name-too-long", "warning", name, "too long", Health.createBackup(name))
      ], { schedules: [Health.schedule(name), Health.schedule("other")] })
    ),
    ignored: hostile.map((name) => ({
      finding: Health.finding("stale", "critical", name, "old"),
      reason: name,
      until: DateTime.makeUnsafe("2027-01-31T00:00:00Z")
    }))
  })

  it("fits the screen and contains no control characters", () => {
    for (let columns = 40; columns <= 200; columns++) {
      for (const health of [Health.project, hostileHealth]) {
        for (const line of TextFormat.lines(health, screen(columns), Health.connection)) {
          assert.isAtMost(CliOutput.displayWidth(line), columns, line)
          assert.notMatch(line, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
        }
      }
    }
  })

  it("is fast for 1,000 indexes", () => {
    const many = Health.health({
      indexes: Array.from(
        { length: 1000 },
        (_, at) => Health.index(`index-${at}`, Health.project.indexes[0]?.findings ?? [])
      )
    })
    const start = performance.now()
    assert.isAbove(TextFormat.lines(many, screen(100), Health.connection).length, 5000)
    assert.isBelow(performance.now() - start, 1000)
  })
})

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

describe("Wrap.command", () => {
  const words = [
    "docs",
    "product-catalog-backup",
    "a".repeat(120),
    "it's",
    "a b  c",
    "$(reboot) `x` \"y\" \\ | & ; * ~",
    "名前のとても長い索引".repeat(6),
    "'".repeat(40),
    ""
  ]

  it("prints a command that can be pasted at every width", () => {
    const commands = words.flatMap((word) =>
      [20, 31, 40, 80, 200].map((columns) => {
        const command = `pcb backup create ${shellQuoted(word)} --name ${shellQuoted(word)} --wait`
        const lines = Text.wrapCommand(command, { columns, first: columns - 9, indent: "      " })
        for (const line of lines) assert.isAtMost(CliOutput.displayWidth(line), columns, line)
        return { lines: lines.map((line, index) => index === 0 ? `         ${line}` : line).join("\n"), word }
      })
    )
    const { stderr, stdout } = spawnSync("bash", ["--norc"], {
      encoding: "utf8",
      input: `pcb() { printf '%s\\0' "$@"; }\n${commands.map(({ lines }) => `${lines}\n`).join("")}`
    })
    assert.strictEqual(stderr, "")
    assert.deepStrictEqual(
      stdout.split("\0").slice(0, -1),
      commands.flatMap(({ word }) => ["backup", "create", word, "--name", word, "--wait"])
    )
  })
})
