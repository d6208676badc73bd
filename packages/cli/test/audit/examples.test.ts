import { assert, describe, it } from "@effect/vitest"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { parse } from "yaml"
import * as FormatNames from "../../src/commands/audit/FormatNames.ts"
import { run as pcb } from "../harness.ts"

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

const guide = read("docs/audit.md")

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description?: string }
}

/** What is in a unit of systemd: the values of a key, by section and key. */
const unit = (text: string): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, Array<string>>()
  let section = ""
  for (const line of text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? []
    if (name !== undefined) {
      section = name
      continue
    }
    const [, key, value] = /^(\w+)=(.+)$/.exec(line) ?? []
    assert.isDefined(key, line)
    const at = `${section}.${key}`
    found.set(at, [...(found.get(at) ?? []), value ?? ""])
  }
  return found
}

describe("the examples of pcb audit", () => {
  it("alert on every relevant severity and on missing results, and use only existing metrics", () => {
    const { groups } = parse(read("examples/prometheus-alerts.yaml"))
    const rules: ReadonlyArray<Rule> = groups.flatMap(({ rules }: { readonly rules: ReadonlyArray<Rule> }) => rules)
    assert.isAtLeast(rules.length, 4)
    assert.strictEqual(new Set(rules.map(({ alert }) => alert)).size, rules.length)
    for (const { annotations, expr, labels, ...rule } of rules) {
      assert.include(["critical", "warning"], labels.severity)
      assert.isString(annotations.summary)
      assert.match(rule.for ?? "1m", /^\d+[smh]$/)
      const names = expr.match(/pinecone_\w+/g) ?? []
      assert.isNotEmpty(names)
      for (const name of names) assert.property(BackupMetrics.metrics, name)
    }
    const all = rules.map(({ expr }) => expr).join("\n")
    for (const severity of HealthCheck.Severity.literals.filter((severity) => severity !== "notice")) {
      assert.include(all, `pinecone_backup_findings{severity="${severity}"}`)
    }
    assert.include(all, "absent(pinecone_backup_check_timestamp_seconds)")
  })

  it.effect("run a valid command line on a timer", () =>
    Effect.gen(function*() {
      const service = unit(read("examples/pinecone-backups-audit.service"))
      assert.deepStrictEqual(service.get("Service.Type"), ["oneshot"])
      const [command = ""] = service.get("Service.ExecStart") ?? []
      const credentials = (service.get("Service.LoadCredential") ?? []).map((text) => text.replace(/:.*/, ""))
      assert.deepStrictEqual([...command.matchAll(/%d\/(\S+)/g)].map(([, name]) => name), credentials)
      const [, args = ""] = /^\/usr\/bin\/env pcb (.*)$/.exec(command) ?? []
      const { exitCode, stderr } = yield* pcb(args.replaceAll("%d", "/nowhere"))
      // Only the files are missing. Everything else is valid.
      assert.deepStrictEqual([exitCode, stderr], [3, "error: /nowhere/policy.yaml does not exist\n"])

      const timer = unit(read("examples/pinecone-backups-audit.timer"))
      assert.deepStrictEqual(timer.get("Timer.OnCalendar"), ["hourly"])
      assert.deepStrictEqual(timer.get("Install.WantedBy"), ["timers.target"])
    }))

  it("are published and mentioned in the guide", () => {
    assert.include(JSON.parse(read("package.json")).files, "examples")
    for (const file of readdirSync(new URL("../../examples", import.meta.url))) {
      assert.include(guide, `(../examples/${file})`)
    }
  })
})

describe("guides", () => {
  it.effect("contain a valid policy, and a row for each of its keys", () =>
    Effect.gen(function*() {
      const policies = read("docs/policies.md")
      for (
        const key of Object.keys({ ...BackupPolicy.BackupPolicy.fields, ...BackupPolicy.Requirements.fields })
      ) {
        if (key !== "version") assert.include(policies, `| \`${key}\` `)
      }
      const [, text = ""] = /^```yaml\n([^]*?)^```$/m.exec(policies) ?? []
      const policy = yield* BackupPolicy.decode(parse(text))
      assert.deepStrictEqual(policy.rules?.map(({ index }) => index), ["prod-*", "prod-archive"])
      const { minCopies, rpo } = BackupPolicy.requirementsOf(policy, "prod-archive")
      assert.deepStrictEqual([minCopies, rpo && Duration.toDays(rpo)], [7, 28])
    }))

  it.effect("list every flag and format", () =>
    Effect.gen(function*() {
      const { stdout } = yield* pcb("audit --help -o json")
      const { flags }: { readonly flags: ReadonlyArray<{ readonly name: string }> } = JSON.parse(stdout)
      for (const { name } of flags.filter(({ name }) => name !== "index" && name !== "output")) {
        assert.include(guide, `\`--${name}`)
      }
      for (const format of FormatNames.names) assert.include(guide, `\`${format}\``)
    }))
})
