/** What an audit has found, in the Static Analysis Results Interchange Format, version 2.1.0. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import type * as Schema from "effect/Schema"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as Format from "../../terminal/Format.ts"

const levels: Readonly<Record<HealthCheck.Severity, string>> = {
  critical: "error",
  unknown: "error",
  warning: "warning",
  notice: "note"
}

/** The index and the schedule, as a place that is no file. */
const locationOf = ({ indexName, scheduleName }: BackupHealth.Finding): Schema.JsonObject | undefined => {
  const index = indexName === null ? [] : [{ name: indexName, kind: "index" }]
  const schedule = scheduleName === null ? [] : [{ name: scheduleName, kind: "schedule" }]
  const places = [...index, ...schedule]
  const last = places.at(-1)
  return last &&
    { ...last, fullyQualifiedName: places.map(({ name }) => encodeURIComponent(wellFormed(name))).join("/") }
}

/** Half a character cannot be escaped. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\uFFFD")

const resultOf = (finding: BackupHealth.Finding, suppression?: string): Schema.JsonObject => {
  const { check, indexName, scheduleName, sentence, severity } = finding
  const fix = RemedyCommand.fixOf(finding)
  const location = locationOf(finding)
  const text = `${indexName === null ? "" : `${Format.plain(indexName)}: `}${Format.plain(sentence)}`
  return {
    ruleId: check,
    ruleIndex: HealthCheck.ids.indexOf(check),
    level: levels[severity],
    message: { text: fix === null ? text : `${text}\nfix: ${Format.plain(fix)}` },
    ...(location !== undefined && { locations: [{ logicalLocations: [location] }] }),
    // By this a later report has the same finding, whatever its sentence says by then.
    partialFingerprints: { "finding/v1": JSON.stringify([check, indexName, scheduleName]) },
    ...(suppression !== undefined && { suppressions: [{ kind: "external", justification: suppression }] }),
    properties: { severity, ...(fix !== null && { fix }) }
  }
}

/** A log with one run. What the policy ignores is in it, and marked so. */
export const log = (health: BackupHealth.BackupHealth): Schema.JsonObject => ({
  $schema: "https://json.schemastore.org/sarif-2.1.0.json",
  version: "2.1.0",
  runs: [{
    tool: {
      driver: {
        name: "pcb audit",
        rules: HealthCheck.ids.map((id) => ({ id, shortDescription: { text: HealthCheck.checks[id] } }))
      }
    },
    invocations: [{
      executionSuccessful: health.status !== "unknown",
      endTimeUtc: Format.iso(health.at)
    }],
    results: [
      ...BackupHealth.findings(health).map((finding) => resultOf(finding)),
      ...health.ignored.map(({ finding, reason }) => resultOf(finding, reason))
    ]
  }]
})
