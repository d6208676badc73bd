import { assert, describe, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import parsePrometheus from "parse-prometheus-text-format"
import * as ExitStatus from "../../src/commands/audit/ExitStatus.ts"
import type * as FailOn from "../../src/commands/audit/FailOn.ts"
import * as GithubFormat from "../../src/commands/audit/GithubFormat.ts"
import type { Limits } from "../../src/commands/audit/Limits.ts"
import * as MachineFormats from "../../src/commands/audit/MachineFormats.ts"
import * as MarkdownFormat from "../../src/commands/audit/MarkdownFormat.ts"
import * as NagiosFormat from "../../src/commands/audit/NagiosFormat.ts"
import * as PrometheusFormat from "../../src/commands/audit/PrometheusFormat.ts"
import * as Unmade from "../../src/commands/audit/Unmade.ts"
import * as Format from "../../src/terminal/Format.ts"
import * as Health from "../health.ts"

/** The name of an index on a malicious server. */
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

/** Characters that must not appear in any format. */
const moving = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

/** The report of a failed audit, with a malicious error message. */
const unmade = Unmade.report(
  "no | key || pcsk_abc\n::error::a,b:c%0A | <b>@team</b> \tx \u001b]0;t\u0007 `y` **z** https://evil.example.",
  DateTime.makeUnsafe("2026-11-21T20:00:00Z")
)

describe("ExitStatus", () => {
  const severities: ReadonlyArray<HealthCheck.Severity | undefined> = [
    undefined,
    "notice",
    "warning",
    "critical",
    "unknown"
  ]

  it.each<[FailOn.FailOn, codes: ReadonlyArray<number>]>([
    ["critical", [0, 0, 0, 2, 3]],
    ["warning", [0, 0, 1, 2, 3]],
    ["notice", [0, 1, 1, 2, 3]]
  ])("fails on %s or worse", (failOn, codes) => {
    const reports = severities.map((severity) =>
      severity === undefined
        ? good
        : Health.health({ indexes: [Health.index("docs", [Health.finding("stale", severity, "docs", "old")])] })
    )
    assert.deepStrictEqual(reports.map((health) => ExitStatus.exitCodes[ExitStatus.of(health, failOn)]), codes)
    // The worst finding decides.
    const all = Health.health({
      indexes: severities.slice(1).toReversed().map((severity = "notice") =>
        Health.index(severity, [Health.finding("stale", severity, severity, "old")])
      )
    })
    assert.strictEqual(ExitStatus.of(all, failOn), "unknown")
    assert.strictEqual(ExitStatus.of(unmade, failOn), "unknown")
  })
})

describe("nagios", () => {
  it("prints the worst finding with performance data, then all findings", () =>
    assert.deepStrictEqual(NagiosFormat.lines(Health.project, "critical", Health.connection), [
      "PINECONE_BACKUP CRITICAL - product-catalog stale: the newest usable backup is 2d14h old; a daily schedule allows " +
      "26h (+1 critical, 2 warnings, 1 notice) | critical=2;0;0;0 warning=2;0;~:;0 unknown=0;0;0;0 " +
      "notice=1;~:;~:;0 indexes=4;1:;1:;0 backups=76;449;499;0;500 oldest_age=U;93600;93600;0",
      "[warning] project quota: 480 of 500 backups used; full on 2026-12-10 at this rate - fix: pcb backup list --manual",
      "[critical] product-catalog stale: the newest usable backup is 2d14h old; a daily schedule allows 26h - fix: " +
      "pcb backup create product-catalog --wait",
      "[critical] product-catalog failed: the run of 2026-11-20 06:00 UTC failed (InitializationFailed, backup 5d0c71aa) - " +
      "fix: pcb backup create product-catalog --wait",
      "[notice] product-catalog untested: no completed restore in the last 90d, among the restore jobs still listed - " +
      "fix: pcb drill run product-catalog",
      "[warning] support-tickets retention-gap: weekly backups are kept for 5 days; no usable backup on 2 days of " +
      "every 7 - fix: pcb schedule update tickets-weekly --keep 14 | 'product-catalog age'=223200s;93600;93600;0 " +
      "'support-tickets age'=51300s;626400;626400;0 'docs age'=51300s;93600;93600;0 'wiki age'=U;~:;~:;0"
    ]))

  it("reports a healthy project and an empty one", () => {
    assert.deepStrictEqual(NagiosFormat.lines(good, "ok", Health.connection), [
      "PINECONE_BACKUP OK - 1 index ok | critical=0;0;0;0 warning=0;0;~:;0 unknown=0;0;0;0 notice=0;~:;~:;0 " +
      "indexes=1;1:;1:;0 backups=76;449;499;0;500 oldest_age=51300s;93600;93600;0",
      "1 index checked | 'docs age'=51300s;93600;93600;0"
    ])
    assert.deepStrictEqual(
      NagiosFormat.lines({ ...nothing, quota: { used: null, limit: null } }, "ok", Health.connection),
      [
        "PINECONE_BACKUP OK - 0 indexes ok | critical=0;0;0;0 warning=0;0;~:;0 unknown=0;0;0;0 notice=0;~:;~:;0 " +
        "indexes=0;1:;1:;0 backups=U;~:;~:;0 oldest_age=U;~:;~:;0",
        "0 indexes checked"
      ]
    )
  })

  it("explains an unknown status by an unknown finding, even beside critical ones", () => {
    const health = Health.health({
      project: [Health.finding("unreadable", "unknown", null, "the backups of the project could not be read")],
      indexes: [Health.index("docs", [Health.finding("stale", "critical", "docs", "old")])]
    })
    assert.match(
      NagiosFormat.lines(health, "unknown", Health.connection)[0] ?? "",
      /^PINECONE_BACKUP UNKNOWN - project unreadable: .* \(\+1 critical\) \| /
    )
  })

  it("has limits from the policy and --fail-on", () => {
    const limits = (args: Partial<Limits>, health = good) => {
      const [first = "", ...rest] = NagiosFormat.lines(health, "ok", Health.connection, {
        failOn: "warning",
        policy: {},
        allowEmpty: false,
        ...args
      })
      return `${first}\n${rest.at(-1)}`
    }
    assert.include(limits({ failOn: "critical" }), " warning=0;~:;~:;0 ")
    assert.include(limits({ failOn: "notice" }), " notice=0;0;~:;0 ")
    assert.include(limits({ allowEmpty: true }), " indexes=1;~:;~:;0 ")
    const policy = { rules: [{ index: "docs", rpo: Duration.hours(10) }] }
    assert.match(limits({ policy }), / oldest_age=51300s;36000;36000;0\n.* 'docs age'=51300s;36000;36000;0$/)
    // The quota limits are those of its check: 9 of 10 is a warning, and 10 is critical.
    assert.include(limits({}, { ...good, quota: { used: 8, limit: 10 } }), " backups=8;8;9;0;10 ")
    // A schedule that is paused or has an unknown frequency has no limit.
    for (const more of [{ enabled: false }, { frequency: "hourly" }]) {
      const health = Health.health({
        indexes: [Health.index("docs", [], { schedules: [Health.schedule("docs-daily", more)] })]
      })
      assert.match(limits({}, health), / 'docs age'=51300s;~:;~:;0$/)
    }
  })

  it("has an unknown oldest age if an index could not be read", () => {
    const health = Health.health({
      indexes: [Health.index("docs", []), Health.index("wiki", [], { copies: null, ageSeconds: null, dataUntil: null })]
    })
    assert.match(NagiosFormat.lines(health, "unknown", Health.connection)[0] ?? "", / oldest_age=U;/)
  })

  it("has an unknown oldest age if an index has no backup", () => {
    const health = Health.health({
      indexes: [Health.index("docs", []), Health.index("wiki", [], { copies: 0, ageSeconds: null, dataUntil: null })]
    })
    const lines = NagiosFormat.lines(health, "critical", Health.connection)
    assert.match(lines[0] ?? "", / oldest_age=U;/)
    assert.include(lines.at(-1), "'wiki age'=U;")
  })

  it("has valid performance data with every limit, for any index name", () => {
    const label = String.raw`(?:[^\s'=|]+|'(?:[^'=|]|'')+')`
    const range = String.raw`(?:~:|\d+:?)`
    const item = new RegExp(`^${label}=(?:U|\\d+s?);${range};${range};0(?:;\\d+)?$`)
    for (const health of [Health.project, hostile, nothing, good, unmade]) {
      const lines = health === unmade
        ? NagiosFormat.failed(health)
        : NagiosFormat.lines(health, "critical", Health.connection)
      for (const [index, line] of lines.entries()) {
        assert.notMatch(line, moving)
        const [text, performance, ...more] = line.split(" | ")
        assert.notInclude(text ?? "", "|")
        assert.deepStrictEqual(more, [])
        assert.isTrue(performance === undefined || index === 0 || index === lines.length - 1)
        for (const [one] of (performance ?? "").matchAll(/(?:[^\s']|'(?:[^']|'')+')+/g)) assert.match(one, item)
      }
    }
    assert.include(
      NagiosFormat.lines(hostile, "critical", Health.connection).join("\n"),
      `'a/b_1;2;3 ''x''_9 age'=51300s;93600;93600;0`
    )
  })
})

describe("prometheus", () => {
  const parsed = (health: BackupHealth.BackupHealth) => Effect.map(PrometheusFormat.text(health), parsePrometheus)

  it.effect("is parsed correctly by another parser", () =>
    Effect.gen(function*() {
      const families = yield* parsed(Health.project)
      const at = DateTime.makeUnsafe("2026-11-21T06:00:00Z")
      const drill = { endedAt: at, outcome: "SUCCESSFUL", lastSuccessAt: at, restoreSeconds: 581 } as const
      const drilled = { ...Health.project, indexes: Health.project.indexes.map((index) => ({ ...index, drill })) }
      assert.deepStrictEqual(
        (yield* parsed(drilled)).map(({ help, name, type }) => [name, help, type]).sort(),
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

  it.effect("keeps names, except for control characters", () =>
    Effect.gen(function*() {
      for (const line of (yield* PrometheusFormat.text(hostile)).split("\n")) assert.notMatch(line, moving)
      const families = yield* parsed(hostile)
      const shown = names.map((name) => name.split("\n").map(Format.plain).join("\n"))
      for (
        const { metrics, name } of families.filter(({ name }) => !/quota|check|backup_status/.test(name))
      ) {
        assert.deepStrictEqual(metrics.map(({ labels }) => labels?.index), shown, name)
      }
      assert.deepStrictEqual(
        families.find(({ name }) => name === "pinecone_backup_missed_runs")?.metrics.map(({ labels }) =>
          labels?.schedule
        ),
        shown
      )
    }))

  it.effect("contains only metrics of the project, and does not change metrics of the process", () =>
    Effect.gen(function*() {
      yield* Metric.update(Metric.gauge("process_starts"), 1)
      const before = yield* Metric.snapshot
      assert.deepStrictEqual(
        parsePrometheus(yield* PrometheusFormat.text({ ...nothing, quota: { used: null, limit: null } }))
          .map(({ metrics, name }) => [name, metrics]),
        [
          ["pinecone_backup_check_timestamp_seconds", [{ value: "1795291200" }]],
          ["pinecone_backup_status", [{ value: "0" }]]
        ]
      )
      assert.notInclude(yield* PrometheusFormat.text(Health.project), "process_starts")
      assert.deepStrictEqual(yield* Metric.snapshot, before)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))
})

describe("github", () => {
  it("prints an annotation for each finding", () =>
    assert.deepStrictEqual(GithubFormat.lines(Health.project, "critical", Health.connection), [
      "::warning title=project%3A quota::480 of 500 backups used; full on 2026-12-10 at this rate%0Afix: pcb backup " +
      "list --manual",
      "::error title=product-catalog%3A stale::the newest usable backup is 2d14h old; a daily schedule allows 26h%0A" +
      "fix: pcb backup create product-catalog --wait",
      "::error title=product-catalog%3A failed::the run of 2026-11-20 06:00 UTC failed (InitializationFailed, backup 5d0c71aa)" +
      "%0Afix: pcb backup create product-catalog --wait",
      "::notice title=product-catalog%3A untested::no completed restore in the last 90d, among the restore jobs still " +
      "listed%0Afix: pcb drill run product-catalog",
      "::warning title=support-tickets%3A retention-gap::weekly backups are kept for 5 days; no usable backup on 2 " +
      "days of every 7%0Afix: pcb schedule update tickets-weekly --keep 14",
      "critical: 2 critical, 2 warnings, 1 notice, 4 indexes"
    ]))

  it("prints a summary that depends on --fail-on", () =>
    assert.deepStrictEqual(GithubFormat.lines(good, "warning", Health.connection), ["warning: 1 index"]))

  it("prevents workflow commands in names", () => {
    const lines = GithubFormat.lines(hostile, "critical", Health.connection)
    assert.lengthOf(lines, names.length + 1)
    for (const line of lines.slice(0, -1)) {
      assert.notMatch(line, moving)
      assert.match(line, /^::error title=[^:,]*::[^]*$/)
    }
  })
})

describe("markdown", () => {
  it("prints a table, and collapses healthy indexes", () =>
    assert.strictEqual(
      MarkdownFormat.lines(Health.project, "critical", Health.connection).join("\n"),
      `### Backups: critical

2 critical · 2 warnings · 1 notice · 4 indexes · 2026-11-21 20:00 UTC

| Severity | Index | Check | Finding | Fix |
| --- | --- | --- | --- | --- |
| 🟡 warning | (project) | quota | 480 of 500 backups used; full on 2026-12-10 at this rate | \`pcb backup list --manual\` |
| 🔴 critical | \`product-catalog\` | stale | the newest usable backup is 2d14h old; a daily schedule allows 26h | \`pcb backup create product-catalog --wait\` |
| 🔴 critical | \`product-catalog\` | failed | the run of 2026-11-20 06:00 UTC failed (InitializationFailed, backup 5d0c71aa) | \`pcb backup create product-catalog --wait\` |
| ⚪ notice | \`product-catalog\` | untested | no completed restore in the last 90d, among the restore jobs still listed | \`pcb drill run product-catalog\` |
| 🟡 warning | \`support-tickets\` | retention-gap | weekly backups are kept for 5 days; no usable backup on 2 days of every 7 | \`pcb schedule update tickets-weekly --keep 14\` |

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

  it("escapes any index name", () => {
    const lines = MarkdownFormat.lines(hostile, "critical", Health.connection)
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
  it("json prints the report with a schema name", () => {
    const json = JSON.parse(JSON.stringify(MachineFormats.json(Health.project, Health.connection)))
    assert.strictEqual(Object.keys(json)[0], "schema")
    assert.strictEqual(json.schema, "pcb.audit/v1")
    assert.deepStrictEqual(Schema.decodeUnknownSync(BackupHealth.BackupHealth)(json), Health.project)
  })

  it("ndjson prints one finding per line", () => {
    const lines = MachineFormats.ndjson(hostile, Health.connection)
    for (const line of lines) assert.notMatch(line, moving)
    assert.deepStrictEqual(
      lines.map((line) => Schema.decodeUnknownSync(BackupHealth.Finding)(JSON.parse(line))),
      BackupHealth.findings(hostile)
    )
  })

  it("tsv prints one finding per line", () => {
    assert.deepStrictEqual(MachineFormats.tsv(Health.project, Health.connection).slice(0, 2), [
      "warning\tquota\t\t\t480 of 500 backups used; full on 2026-12-10 at this rate\tpcb backup list --manual",
      "critical\tstale\tproduct-catalog\tcatalog-daily\tthe newest usable backup is 2d14h old; a daily schedule allows " +
      "26h\tpcb backup create product-catalog --wait"
    ])
    for (const line of MachineFormats.tsv(hostile, Health.connection)) {
      assert.lengthOf(line.split("\t"), 6)
      assert.notMatch(line.replaceAll("\t", ""), moving)
    }
  })

  it("id prints the names of indexes that are not ok", () =>
    assert.deepStrictEqual(MachineFormats.names(Health.project), ["product-catalog", "support-tickets"]))
})

describe("a failed audit", () => {
  const sentence = "the audit failed: no "

  it.effect("is unknown in every format, without broken lines", () =>
    Effect.gen(function*() {
      const nagios = NagiosFormat.failed(unmade)
      const github = GithubFormat.failed(unmade, Health.connection)
      const markdown = MarkdownFormat.failed(unmade)
      const tsv = MachineFormats.tsv(unmade, Health.connection)
      const ndjson = MachineFormats.ndjson(unmade, Health.connection)
      const prometheus = yield* PrometheusFormat.failed(unmade)
      for (const line of [nagios, github, markdown, ndjson, prometheus.split("\n")].flat()) {
        assert.notMatch(line, moving)
        assert.notInclude(line, "pcsk_abc")
      }
      assert.lengthOf(nagios, 1)
      assert.match(nagios[0] ?? "", /^PINECONE_BACKUP UNKNOWN - the audit failed: no \/ key \/\/ /)
      assert.include(
        nagios[0] ?? "",
        " | critical=U;0;0;0 warning=U;0;~:;0 unknown=U;0;0;0 notice=U;~:;~:;0 indexes=U;1:;1:;0 backups=U;~:;~:;0 " +
          "oldest_age=U;~:;~:;0"
      )
      assert.strictEqual(github[1], "unknown: 1 unknown")
      assert.match(github[0] ?? "", /^::error title=project%3A unreadable::the audit failed: no /)
      assert.deepStrictEqual(markdown.slice(0, 2), ["### Backups: unknown", ""])
      assert.notMatch((markdown[2] ?? "").replace(/\\./g, ""), /[|`*]|@t|https:/)
      assert.lengthOf(tsv, 1)
      assert.deepStrictEqual(tsv[0]?.split("\t").slice(0, 4), ["unknown", "unreadable", "", ""])
      assert.lengthOf(tsv[0]?.split("\t") ?? [], 6)
      assert.include(tsv[0] ?? "", sentence)
      assert.deepInclude(JSON.parse(ndjson[0] ?? ""), { check: "unreadable", severity: "unknown" })
      assert.strictEqual(MachineFormats.json(unmade, Health.connection).status, "unknown")
      assert.deepStrictEqual(
        parsePrometheus(prometheus).map(({ metrics, name }) => [name, metrics]).sort(),
        [
          ["pinecone_backup_findings", [{ value: "1", labels: { check: "unreadable", severity: "unknown" } }]],
          ["pinecone_backup_status", [{ value: "3" }]]
        ]
      )
    }))

  it.effect("keeps earlier findings with an unknown status", () =>
    Effect.gen(function*() {
      for (const health of [Health.project, good, nothing]) {
        const after = Unmade.after(health, "gone")
        assert.strictEqual(after.status, "unknown")
        assert.strictEqual(after.totals.unknown, health.totals.unknown + 1)
        assert.deepStrictEqual(BackupHealth.findings(after).slice(1), BackupHealth.findings(health))
        const text = yield* PrometheusFormat.text(after)
        assert.include(text, "\npinecone_backup_status 3\n")
        assert.include(text, "\npinecone_backup_check_timestamp_seconds 1795291200\n")
      }
    }))
})

describe("repeated special characters", () => {
  /** Every special character of every format, three times in a row and three times separately. */
  const specials = [
    "|",
    "=",
    "'",
    "%",
    "\r",
    "\n",
    ":",
    ",",
    "\t",
    "&",
    "<",
    ">",
    "\\",
    "`",
    "*",
    "_",
    "{",
    "}",
    "[",
    "]",
    "+",
    "!",
    "~",
    "$",
    "@",
    "#",
    "\"",
    "\u001b",
    "\u202e",
    "HTTPS://",
    "http://",
    "www.",
    "%0A"
  ]

  const cases = specials.map((special) =>
    [JSON.stringify(special), `${special.repeat(3)}p${special}q${special}s`] as const
  )

  const reportOf = (name: string) =>
    Health.health({
      indexes: [
        Health.index(name, [
          Health.finding("stale", "critical", name, `say ${name}`, Health.createBackup(name), { scheduleName: name })
        ], { schedules: [Health.schedule(name)] })
      ],
      ignored: [{
        finding: Health.finding("paused", "warning", name, name),
        reason: name,
        until: DateTime.makeUnsafe("2027-01-31T23:59:59Z")
      }]
    })

  /** Decodes the escapes of a format. */
  const unescaped = (text: string) =>
    text.replace(
      /\\(?:x([\da-f]{2})|u\{([\da-f]+)\})/g,
      (_, short?: string, long?: string) => String.fromCodePoint(Number.parseInt(short ?? long ?? "", 16))
    )

  it.each(cases)("nagios: %s", (_, name) => {
    const lines = NagiosFormat.lines(reportOf(name), "critical", Health.connection)
    assert.lengthOf(lines, 2)
    // One line with performance data before it, and one after.
    for (const line of lines) assert.lengthOf(line.split("|"), 2)
    const shown = Format.plain(name).replaceAll("|", "/")
    assert.isTrue(lines[0]?.startsWith(`PINECONE_BACKUP CRITICAL - ${shown} stale: say ${shown} | `), lines[0])
    const label = shown.replaceAll("=", "_").replaceAll("'", "''")
    assert.isTrue(lines[1]?.endsWith(` | '${label} age'=51300s;93600;93600;0`), lines[1])
  })

  it.each(cases)("github: %s", (_, name) => {
    const [line = "", ...more] = GithubFormat.lines(reportOf(name), "critical", Health.connection)
    assert.lengthOf(more, 1)
    const [, title = "", message = ""] = /^::error title=([^:,\r\n]*)::([^\r\n]*)$/.exec(line) ?? []
    const read = (text: string) =>
      text.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%0A", "\n").replaceAll("%0D", "\r")
        .replaceAll("%25", "%")
    // A percent sign outside of an escape could start one.
    for (const text of [title, message]) assert.notMatch(text, /%(?!25|2C|3A|0A|0D)/)
    assert.strictEqual(unescaped(read(title)), `${name}: stale`)
    assert.isTrue(unescaped(read(message)).startsWith(`say ${name}`), message)
  })

  it.each(cases)("markdown: %s", (_, name) => {
    const lines = MarkdownFormat.lines(reportOf(name), "critical", Health.connection)
    const [row = "", ignored = ""] = lines.filter((line) => /^\| (?:🔴|.*2027)/u.test(line))
    const cells = (line: string) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
    assert.deepStrictEqual([cells(row).length, cells(ignored).length], [5, 4])
    const references = { "&lt;": "<", "&gt;": ">", "&amp;": "&" }
    /** The text that a browser shows. */
    const shown = (text: string) =>
      unescaped(
        text.replaceAll("<!-- -->", "")
          .replace(/\\([\\`*_{}[\]+!|~$])/g, "$1")
          .replace(/&(?:lt|gt|amp);/g, (reference) => references[reference as keyof typeof references])
      )
    assert.strictEqual(shown(cells(row)[3] ?? ""), `say ${name}`)
    assert.strictEqual(shown(cells(ignored)[2] ?? ""), name)
    // Outside of code, no character is special.
    for (const cell of [cells(row)[3] ?? "", cells(ignored)[2] ?? ""]) {
      const open = cell.replaceAll("<!-- -->", "").replace(/\\[\\`*_{}[\]+!|~$]/g, "").replace(/&(?:lt|gt|amp);/g, "")
      assert.notMatch(open.replace(/\\?x[\da-f]{2,4}/g, ""), /[<>&`*_{}[\]!|~$]/)
      assert.notMatch(cell, /[@#](?!<!-- -->)|\bhttps?:|\bwww\./i)
    }
  })

  it.effect.each(cases)("prometheus: %s", ([, name]) =>
    Effect.gen(function*() {
      const families = parsePrometheus(yield* PrometheusFormat.text(reportOf(name)))
      const labels = families.flatMap(({ metrics }) => metrics.flatMap(({ labels }) => labels?.index ?? []))
      assert.isAtLeast(labels.length, 10)
      for (const label of labels) assert.strictEqual(label.split("\n").map(unescaped).join("\n"), name)
    }))

  it.each(cases)("tsv and ndjson: %s", (_, name) => {
    const [line = "", ...more] = MachineFormats.tsv(reportOf(name), Health.connection)
    assert.deepStrictEqual(more, [])
    const fields = line.split("\t")
    assert.lengthOf(fields, 6)
    assert.deepStrictEqual(fields.slice(0, 5).map(unescaped), ["critical", "stale", name, name, `say ${name}`])
    const [json = ""] = MachineFormats.ndjson(reportOf(name), Health.connection)
    assert.notMatch(json, moving)
    assert.deepInclude(JSON.parse(json), { index_name: name, sentence: `say ${name}` })
  })
})
