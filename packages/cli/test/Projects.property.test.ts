import { assert, describe, it } from "@effect/vitest"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as CliOutput from "effect/cli/CliOutput"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import parsePrometheus from "parse-prometheus-text-format"
import * as Long from "../../core/test/long.ts"
import * as ExitStatus from "../src/commands/audit/ExitStatus.ts"
import * as FailOn from "../src/commands/audit/FailOn.ts"
import * as GithubFormat from "../src/commands/audit/GithubFormat.ts"
import * as MachineFormats from "../src/commands/audit/MachineFormats.ts"
import * as MarkdownFormat from "../src/commands/audit/MarkdownFormat.ts"
import * as NagiosFormat from "../src/commands/audit/NagiosFormat.ts"
import type * as ProjectReport from "../src/commands/audit/ProjectReport.ts"
import * as PrometheusFormat from "../src/commands/audit/PrometheusFormat.ts"
import * as TextFormat from "../src/commands/audit/TextFormat.ts"
import * as Unmade from "../src/commands/audit/Unmade.ts"
import * as CommandLine from "../src/output/CommandLine.ts"
import * as Projects from "../src/shared/Projects.ts"
import * as Format from "../src/terminal/Format.ts"
import * as Health from "./health.ts"
import { plainScreen } from "./screens.ts"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

/** Names from other people. */
const Name = Schema.Union([
  Schema.Literals(["prod", "staging", "a|b", "'x'=1;2", "a\tb\nc", "::error::", "名前", "\u202e", "<b>`@x`"]),
  Schema.NonEmptyString
])

const Finding = Schema.Struct({
  check: Schema.Literals(["stale", "unprotected", "paused", "untested", "quota"]),
  severity: HealthCheck.Severity,
  sentence: Schema.NonEmptyString
})

const Project = Schema.Struct({
  profile: Name,
  error: Schema.OptionFromNullOr(Schema.NonEmptyString),
  project: Schema.Array(Finding).check(Schema.isMaxLength(2)),
  indexes: Schema.Array(Schema.Struct({
    name: Name,
    findings: Schema.Array(Finding).check(Schema.isMaxLength(3))
  })).check(Schema.isMaxLength(3))
})

const World = Schema.Array(Project).check(Schema.isMinLength(1), Schema.isMaxLength(5))

const bySeverity = (self: typeof Finding.Type, that: typeof Finding.Type) =>
  HealthCheck.Severity.literals.indexOf(self.severity) - HealthCheck.Severity.literals.indexOf(that.severity)

/** The reports of a world, worst first. Profiles are keys of a file, so they are unique. */
const reportsOf = (world: typeof World.Type): ReadonlyArray<ProjectReport.ProjectReport> => {
  const unique = [...new Map(world.map((project) => [Format.plain(project.profile), project])).values()]
  const reports = unique.map(({ error, indexes, profile, project }): ProjectReport.ProjectReport => {
    const findings = (all: ReadonlyArray<typeof Finding.Type>, name: string | null) =>
      [...all].sort(bySeverity).map(({ check, sentence, severity }) =>
        Health.finding(check, severity, name, sentence, name === null ? null : Health.createBackup(name))
      )
    const reason = error._tag === "Some" ? error.value : undefined
    const flags = CommandLine.words` --profile ${profile}`
    return {
      profile,
      others: [],
      projectId: undefined,
      connection: { text: flags, shared: flags },
      health: reason === undefined
        ? Health.health({
          project: findings(project, null),
          indexes: indexes.map((index) => Health.index(index.name, findings(index.findings, index.name)))
        })
        : Unmade.report(reason, now),
      error: reason === undefined ? undefined : { code: "NO", message: reason, exitCode: 3 },
      limits: { failOn: "warning", policy: BackupPolicy.empty, allowEmpty: false }
    }
  })
  return Projects.worstFirst(reports, ({ health }) => Projects.rankOf(health.status))
}

const options = (runs: number) => ({
  arbitrary: { runs: Long.soak(runs, 50_000) },
  timeout: Long.soak(120_000, 3_600_000)
})

/** Removes an expected line from the actual lines. Fails if it is missing. */
const take = (actual: Array<string>, expected: string) => {
  const at = actual.indexOf(expected)
  assert.isAtLeast(at, 0, `${JSON.stringify(expected)} is missing`)
  actual.splice(at, 1)
}

describe("a page of several projects", () => {
  it.effect.prop(
    "has the worst status: critical, else unknown, else warning, else ok",
    { world: World, failOn: Schema.Literals(FailOn.names) },
    ({ failOn, world }) =>
      Effect.sync(() => {
        const statuses = reportsOf(world).map(({ health }) => ExitStatus.of(health, failOn))
        const worst = Projects.worstOf(statuses)
        const code = statuses.includes("critical")
          ? 2
          : statuses.includes("unknown")
          ? 3
          : statuses.includes("warning")
          ? 1
          : 0
        assert.strictEqual(ExitStatus.exitCodes[worst], code)
        assert.strictEqual(Projects.worstOf(statuses.toReversed()), worst)
        // Another project can only make it worse.
        for (const more of ["ok", "warning", "unknown", "critical"] as const) {
          assert.isAtMost(Projects.rankOf(Projects.worstOf([...statuses, more])), Projects.rankOf(worst))
        }
      }),
    options(2_000)
  )

  it.effect.prop(
    "says everything that the reports of its projects say",
    { world: World },
    ({ world }) =>
      Effect.sync(() => {
        const reports = reportsOf(world)
        const profiles = reports.map(({ profile }) => Format.plain(profile))
        const all = (of: (report: ProjectReport.ProjectReport) => ReadonlyArray<string>) =>
          reports.flatMap((report) => of(report).map((line) => [Format.plain(report.profile), line] as const))

        const text = [...TextFormat.several(reports, [], plainScreen(Infinity))]
        for (const { connection, error, health } of reports) {
          // The head of a report is in the table of projects.
          const [, ...lines] = error === undefined ? TextFormat.lines(health, plainScreen(Infinity), connection) : [""]
          for (const line of lines) {
            if (line !== "") take(text, line)
          }
          if (error !== undefined) {
            const [{ sentence = "" } = {}] = health.project
            take(text, `  ? unreadable  ${Format.plain(sentence)}`)
          }
        }
        for (const profile of profiles) {
          take(text, `━━ ${profile}`)
          assert.isTrue(text.some((line) => line.startsWith(`${profile} `)), profile)
        }

        const tsv = reports.flatMap(({ connection, health, profile }) =>
          MachineFormats.tsv(health, connection, profile)
        )
        assert.deepStrictEqual(
          tsv,
          all(({ connection, health }) => MachineFormats.tsv(health, connection)).map(([profile, line]) =>
            `${profile}\t${line}`
          )
        )

        const ndjson = reports.flatMap(({ connection, health, profile }) =>
          MachineFormats.ndjson(health, connection, profile)
        )
        assert.deepStrictEqual(
          ndjson.map((line) => JSON.parse(line)),
          reports.flatMap(({ connection, health, profile }) =>
            MachineFormats.ndjson(health, connection).map((line) => ({ profile, ...JSON.parse(line) }))
          )
        )

        const findings = reports.reduce(
          (sum, { health }) => sum + MachineFormats.tsv(health, Health.connection).length,
          0
        )
        assert.lengthOf(GithubFormat.several(reports, [], "ok"), findings + 1)
        const rows = MarkdownFormat.several(reports, [], "ok").filter((line) => line.startsWith("| "))
        const single = reports.flatMap(({ health }) =>
          MarkdownFormat.lines(health, "ok", Health.connection).filter((line) =>
            /^\| (?!---|Severity|Index)/.test(line)
          )
        )
        const headers = rows.filter((line) => /^\| (?:Project|---) /.test(line))
        assert.lengthOf(rows, headers.length + reports.length + single.length)

        const names = reports.flatMap(MachineFormats.severalNames).map((line) => line.split("\t")[0])
        for (const { health, profile } of reports) {
          assert.strictEqual(
            names.includes(Format.plain(profile)),
            health.status !== "ok" ||
              health.indexes.some(({ status }) => status !== "ok")
          )
        }
      }),
    options(1_000)
  )

  it.effect.prop(
    "is one line for Nagios, with the values of every project",
    { world: World },
    ({ world }) =>
      Effect.sync(() => {
        const reports = reportsOf(world)
        const [line = "", ...more] = NagiosFormat.several(reports, ["a note"], "critical")
        assert.deepStrictEqual(more, [])
        assert.notMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u)
        const [text = "", performance = "", ...rest] = line.split("|")
        assert.deepStrictEqual(rest, [])
        assert.isTrue(text.trimEnd().endsWith("; a note"))
        const labels = [...performance.matchAll(/(?:'((?:[^']|'')*)'|([^\s'=]+))=(U|[\d.]+s?);/g)].map(
          ([, quoted, plain]) => quoted?.replaceAll("''", "'") ?? plain ?? ""
        )
        assert.lengthOf(labels, 8 * reports.length)
        for (const { health, profile } of reports) {
          const shown = Format.plain(profile).replaceAll("|", "/")
          assert.include(labels, `${shown.replaceAll("=", "_")}::stale`)
          if (MachineFormats.tsv(health, Health.connection).length > 0) assert.include(text, `${shown}: `)
        }
      }),
    options(500)
  )

  it.effect.prop(
    "fits narrow screens",
    { world: World, columns: Schema.Literals([40, 80]) },
    ({ columns, world }) =>
      Effect.sync(() => {
        for (const line of TextFormat.several(reportsOf(world), ["a note"], plainScreen(columns))) {
          assert.isAtMost(CliOutput.displayWidth(line), columns, line)
          assert.notMatch(line, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
        }
      }),
    options(500)
  )

  it.effect.prop(
    "has the metrics of every project, with its profile",
    { world: World },
    ({ world }) =>
      Effect.gen(function*() {
        const reports = reportsOf(world)
        const samples = (text: string) =>
          parsePrometheus(text).flatMap(({ metrics, name }) =>
            metrics.map(({ labels = {}, value }) => JSON.stringify([name, Object.entries(labels).sort(), value]))
          )
        const expected = yield* Effect.forEach(reports, ({ error, health, profile }) =>
          Effect.map(
            error === undefined ? PrometheusFormat.text(health) : PrometheusFormat.failed(health),
            (text) =>
              parsePrometheus(text).flatMap(({ metrics, name }) =>
                metrics.map(({ labels = {}, value }) =>
                  JSON.stringify([name, Object.entries({ ...labels, profile: labelOf(profile) }).sort(), value])
                )
              )
          ))
        assert.sameMembers(samples(yield* PrometheusFormat.several(reports)), expected.flat())
      }),
    options(200)
  )
})

/** The value of a label as Prometheus reads it. */
const labelOf = (text: string): string =>
  [...text].map((character) => character === "\n" ? "\n" : Format.visible(character)).join("")
