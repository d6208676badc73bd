import { assert, describe, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import parsePrometheus from "parse-prometheus-text-format"
import * as ExitStatus from "../../src/commands/audit/ExitStatus.ts"
import * as GithubFormat from "../../src/commands/audit/GithubFormat.ts"
import * as MachineFormats from "../../src/commands/audit/MachineFormats.ts"
import * as MarkdownFormat from "../../src/commands/audit/MarkdownFormat.ts"
import * as NagiosFormat from "../../src/commands/audit/NagiosFormat.ts"
import * as PrometheusFormat from "../../src/commands/audit/PrometheusFormat.ts"
import * as Format from "../../src/terminal/Format.ts"
import * as Health from "../health.ts"

/** What a server that means no good calls an index. */
const names = [
  `a"b\\c`,
  "line\nbreak\r\n::error::pwned",
  "a|b=1;2;3 'x'=9",
  "` | <b>@team</b> [x](https://evil.example) ``` *_~",
  "\u001b]0;title\u0007\u202e\u2028",
  "{index=\"x\"} 1",
  "名前 %0A , : ;",
  "\ud800half",
  "#7 team/docs#7"
]

const hostile = Health.health({
  indexes: names.map((name) =>
    Health.index(name, [
      Health.finding("stale", "critical", name, `${name} is old`, Health.createBackup(name), { scheduleName: name })
    ], { schedules: [Health.schedule(name)] })
  ),
  ignored: names.map((name) => ({
    finding: Health.finding("paused", "warning", name, name, Health.createBackup(name), { scheduleName: name }),
    reason: name,
    until: DateTime.makeUnsafe("2027-01-31T23:59:59Z")
  }))
})

const nothing = Health.health()

const good = Health.health({ indexes: [Health.index("docs", [], { schedules: [Health.schedule("docs-daily")] })] })

/** What no line of any format has. */
const moving = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

describe("Verdict", () => {
  it.each<[BackupHealth.Status, HealthCheck.Severity | undefined, strict: BackupHealth.Status, exitCode: number]>([
    ["ok", undefined, "ok", 0],
    ["ok", "notice", "warning", 0],
    ["warning", "warning", "critical", 1],
    ["critical", "critical", "critical", 2],
    ["unknown", "unknown", "unknown", 3]
  ])("of %s, by a finding that is %s, is %s to the strict", (status, severity, strict, exitCode) => {
    const health = severity === undefined
      ? good
      : Health.health({ indexes: [Health.index("docs", [Health.finding("stale", severity, "docs", "old")])] })
    assert.strictEqual(health.status, status)
    assert.strictEqual(ExitStatus.of(health, false), status)
    assert.strictEqual(ExitStatus.of(health, true), strict)
    assert.strictEqual(ExitStatus.exitCodes[ExitStatus.of(health, false)], exitCode)
  })
})

describe("nagios", () => {
  it("says the worst in a line, with performance data, then everything", () =>
    assert.deepStrictEqual(NagiosFormat.lines(Health.project, "critical"), [
      "PINECONE_BACKUP CRITICAL - product-catalog stale: the newest usable backup is 2d14h old; a daily schedule allows " +
      "26h (+1 critical, 2 warnings, 1 notice) | critical=2;;0;0 warning=2;0;;0 unknown=0;;;0 notice=1;;;0 " +
      "indexes=4;;;0 backups=76;;;0;500 oldest_age=223200s;;93600;0",
      "[warning] project quota: 480 of 500 backups used; full on 2026-12-10 at this rate - fix: pcb backup list --manual",
      "[critical] product-catalog stale: the newest usable backup is 2d14h old; a daily schedule allows 26h - fix: " +
      "pcb backup create product-catalog --wait",
      "[critical] product-catalog failed: the run of 2026-11-20 06:00 UTC ended InitializationFailed (5d0c71aa) - " +
      "fix: pcb backup create product-catalog --wait",
      "[notice] product-catalog untested: no restore of it was completed in 90d, as far as jobs are still listed - " +
      "fix: pcb restore start product-catalog-backup --name product-catalog-restore --wait",
      "[warning] support-tickets retention-gap: weekly backups kept 5 days: nothing to restore from on 2 days of every " +
      "7 - fix: pcb schedule update tickets-weekly --keep 14 | 'product-catalog age'=223200s;;93600;0 " +
      "'support-tickets age'=51300s;;;0 'docs age'=51300s;;;0"
    ]))

  it("says that all is well, and that there is nothing", () => {
    assert.deepStrictEqual(NagiosFormat.lines(good, "ok"), [
      "PINECONE_BACKUP OK - 1 index ok | critical=0;;0;0 warning=0;0;;0 unknown=0;;;0 notice=0;;;0 indexes=1;;;0 " +
      "backups=76;;;0;500 oldest_age=51300s;;;0",
      "1 index looked at | 'docs age'=51300s;;;0"
    ])
    assert.deepStrictEqual(NagiosFormat.lines({ ...nothing, quota: { used: null, limit: null } }, "ok"), [
      "PINECONE_BACKUP OK - 0 indexes ok | critical=0;;0;0 warning=0;0;;0 unknown=0;;;0 notice=0;;;0 indexes=0;;;0",
      "0 indexes looked at"
    ])
    assert.strictEqual(NagiosFormat.failed("no |\nkey"), "PINECONE_BACKUP UNKNOWN - no /\\x0akey")
  })

  it("explains an unknown status by what is unknown, however bad the rest is", () => {
    const health = Health.health({
      project: [Health.finding("unreadable", "unknown", null, "the backups of the project could not be read")],
      indexes: [Health.index("docs", [Health.finding("stale", "critical", "docs", "old")])]
    })
    assert.match(
      NagiosFormat.lines(health, "unknown")[0] ?? "",
      /^PINECONE_BACKUP UNKNOWN - project unreadable: .* \(\+1 critical\) \| /
    )
  })

  it("is performance data by the guidelines, whatever indexes are called", () => {
    const label = String.raw`(?:[^\s'=|]+|'(?:[^'=|]|'')+')`
    const range = String.raw`(?:\d+(?:\.\d+)?)?`
    const item = new RegExp(`^${label}=\\d+s?;${range};${range};${range}(?:;${range})?$`)
    for (const health of [Health.project, hostile, nothing, good]) {
      const lines = NagiosFormat.lines(health, "critical")
      for (const [index, line] of lines.entries()) {
        assert.notMatch(line, moving)
        const [text, performance, ...more] = line.split(" | ")
        assert.notInclude(text ?? "", "|")
        assert.deepStrictEqual(more, [])
        assert.isTrue(performance === undefined || index === 0 || index === lines.length - 1)
        for (const [one] of (performance ?? "").matchAll(/(?:[^\s']|'(?:[^']|'')+')+/g)) assert.match(one, item)
      }
    }
    assert.include(NagiosFormat.lines(hostile, "critical").join("\n"), `'a/b_1;2;3 ''x''_9 age'=51300s;;;0`)
  })
})

describe("prometheus", () => {
  const parsed = (health: BackupHealth.BackupHealth) => Effect.map(PrometheusFormat.text(health), parsePrometheus)

  it.effect("is read by another parser as it was meant", () =>
    Effect.gen(function*() {
      const families = yield* parsed(Health.project)
      assert.deepStrictEqual(
        families.map(({ help, name, type }) => [name, help, type]).sort(),
        Object.entries(BackupMetrics.metrics).map(([name, help]) => [name, help, "GAUGE"]).sort()
      )
      const samples = (name: string) => families.find((family) => family.name === name)?.metrics
      assert.deepStrictEqual(samples("pinecone_backup_health"), [
        { value: "2", labels: { index: "product-catalog" } },
        { value: "1", labels: { index: "support-tickets" } },
        { value: "0", labels: { index: "docs" } },
        { value: "0", labels: { index: "wiki" } }
      ])
      assert.deepStrictEqual(samples("pinecone_backup_last_success_timestamp_seconds")?.[0], {
        value: "1795240800",
        labels: { index: "product-catalog", schedule: "catalog-daily" }
      })
    }))

  it.effect("keeps names whole, whatever they are, but for what moves a cursor", () =>
    Effect.gen(function*() {
      for (const line of (yield* PrometheusFormat.text(hostile)).split("\n")) assert.notMatch(line, moving)
      const families = yield* parsed(hostile)
      const shown = names.map((name) => name.split("\n").map(Format.plain).join("\n"))
      for (const { metrics, name } of families.filter(({ name }) => !/quota|check/.test(name))) {
        assert.deepStrictEqual(metrics.map(({ labels }) => labels?.index), shown, name)
      }
      assert.deepStrictEqual(
        families.find(({ name }) => name === "pinecone_backup_missed_runs")?.metrics.map(({ labels }) =>
          labels?.schedule
        ),
        shown
      )
    }))

  it.effect("is about the project alone, and leaves the metrics of the process as they are", () =>
    Effect.gen(function*() {
      yield* Metric.update(Metric.gauge("process_starts"), 1)
      const before = yield* Metric.snapshot
      assert.deepStrictEqual(
        parsePrometheus(yield* PrometheusFormat.text({ ...nothing, quota: { used: null, limit: null } }))
          .map(({ metrics, name }) => [name, metrics]),
        [["pinecone_backup_check_timestamp_seconds", [{ value: "1795291200" }]]]
      )
      assert.notInclude(yield* PrometheusFormat.text(Health.project), "process_starts")
      assert.deepStrictEqual(yield* Metric.snapshot, before)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))
})

describe("github", () => {
  it("is an annotation for each finding", () =>
    assert.deepStrictEqual(GithubFormat.lines(Health.project, "critical"), [
      "::warning title=project%3A quota::480 of 500 backups used; full on 2026-12-10 at this rate%0Afix: pcb backup " +
      "list --manual",
      "::error title=product-catalog%3A stale::the newest usable backup is 2d14h old; a daily schedule allows 26h%0A" +
      "fix: pcb backup create product-catalog --wait",
      "::error title=product-catalog%3A failed::the run of 2026-11-20 06:00 UTC ended InitializationFailed (5d0c71aa)" +
      "%0Afix: pcb backup create product-catalog --wait",
      "::notice title=product-catalog%3A untested::no restore of it was completed in 90d, as far as jobs are still " +
      "listed%0Afix: pcb restore start product-catalog-backup --name product-catalog-restore --wait",
      "::warning title=support-tickets%3A retention-gap::weekly backups kept 5 days: nothing to restore from on 2 days " +
      "of every 7%0Afix: pcb schedule update tickets-weekly --keep 14",
      "critical: 2 critical, 2 warnings, 1 notice, 4 indexes"
    ]))

  it("sums up what it comes to, by whoever is strict", () =>
    assert.deepStrictEqual(GithubFormat.lines(good, "warning"), ["warning: 1 index"]))

  it("gives no name a command of its own", () => {
    const lines = GithubFormat.lines(hostile, "critical")
    assert.lengthOf(lines, names.length + 1)
    for (const line of lines.slice(0, -1)) {
      assert.notMatch(line, moving)
      assert.match(line, /^::error title=[^:,]*::[^]*$/)
    }
  })
})

describe("markdown", () => {
  it("is a table, with what is well folded away", () =>
    assert.strictEqual(
      MarkdownFormat.lines(Health.project, "critical").join("\n"),
      `### Backups: critical

2 critical · 2 warnings · 1 notice · 4 indexes · 2026-11-21 20:00 UTC

| Severity | Index | Check | Finding | Fix |
| --- | --- | --- | --- | --- |
| 🟡 warning | (project) | quota | 480 of 500 backups used; full on 2026-12-10 at this rate | \`pcb backup list --manual\` |
| 🔴 critical | \`product-catalog\` | stale | the newest usable backup is 2d14h old; a daily schedule allows 26h | \`pcb backup create product-catalog --wait\` |
| 🔴 critical | \`product-catalog\` | failed | the run of 2026-11-20 06:00 UTC ended InitializationFailed (5d0c71aa) | \`pcb backup create product-catalog --wait\` |
| ⚪ notice | \`product-catalog\` | untested | no restore of it was completed in 90d, as far as jobs are still listed | \`pcb restore start product-catalog-backup --name product-catalog-restore --wait\` |
| 🟡 warning | \`support-tickets\` | retention-gap | weekly backups kept 5 days: nothing to restore from on 2 days of every 7 | \`pcb schedule update tickets-weekly --keep 14\` |

<details><summary>2 indexes ok</summary>

| Index | Age | Restorable |
| --- | --- | --- |
| \`docs\` | 14h ago | 30 |
| \`wiki\` |  | 1 |

</details>

<details><summary>1 ignored</summary>

| Index | Check | Reason | Until |
| --- | --- | --- | --- |
| \`legacy-embeddings\` | paused | replaced by product-catalog | 2027-01-31 |

</details>`
    ))

  it("is text alone, whatever indexes are called", () => {
    const lines = MarkdownFormat.lines(hostile, "critical")
    assert.deepStrictEqual(
      lines.filter((line) => line.startsWith("| ")).map((line) => line.split(/(?<!\\)\|/).length),
      [...Array.from({ length: names.length + 2 }, () => 7), ...Array.from({ length: names.length + 2 }, () => 6)]
    )
    for (const line of lines) {
      assert.notMatch(line, moving)
      const open = line.replace(/\\./g, "").replace(/`[^`]*`/g, "").replace(/<\/?(?:code|details|summary)>/g, "")
      assert.notMatch(open.replaceAll("<!-- -->", ""), /[<*_[\]~`\\]/)
      assert.notMatch(open.replace(/&#\d+;/g, ""), /[@#]\w|https?:\/\//)
    }
  })
})

describe("json, ndjson, tsv and id", () => {
  it("json is the report, in a form with a name", () => {
    const json = JSON.parse(JSON.stringify(MachineFormats.json(Health.project)))
    assert.strictEqual(Object.keys(json)[0], "schema")
    assert.strictEqual(json.schema, "pcb.audit/v1")
    assert.deepStrictEqual(Schema.decodeUnknownSync(BackupHealth.BackupHealth)(json), Health.project)
  })

  it("ndjson is a finding a line", () => {
    const lines = MachineFormats.ndjson(hostile)
    for (const line of lines) assert.notMatch(line, moving)
    assert.deepStrictEqual(
      lines.map((line) => Schema.decodeUnknownSync(BackupHealth.Finding)(JSON.parse(line))),
      BackupHealth.findings(hostile)
    )
  })

  it("tsv is a finding a line", () => {
    assert.deepStrictEqual(MachineFormats.tsv(Health.project).slice(0, 2), [
      "warning\tquota\t\t\t480 of 500 backups used; full on 2026-12-10 at this rate\tpcb backup list --manual",
      "critical\tstale\tproduct-catalog\tcatalog-daily\tthe newest usable backup is 2d14h old; a daily schedule allows " +
      "26h\tpcb backup create product-catalog --wait"
    ])
    for (const line of MachineFormats.tsv(hostile)) {
      assert.lengthOf(line.split("\t"), 6)
      assert.notMatch(line.replaceAll("\t", ""), moving)
    }
  })

  it("id is the names of those that are not ok", () =>
    assert.deepStrictEqual(MachineFormats.names(Health.project), ["product-catalog", "support-tickets"]))
})
