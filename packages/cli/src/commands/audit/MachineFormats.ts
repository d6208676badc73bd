/** Formats an audit for programs. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthJson from "../../output/HealthJson.ts"
import type * as Json from "../../output/Json.ts"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as Format from "../../terminal/Format.ts"

/** The report as one document. */
export const json = (health: BackupHealth.BackupHealth): typeof Json.Audit.Encoded => ({
  schema: "pcb.audit/v1",
  ...HealthJson.ofReport(health)
})

/** One finding per line, as JSON. */
export const ndjson = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  BackupHealth.findings(health).map((finding) => Format.json(HealthJson.ofFinding(finding)))

/** One line per finding: severity, check, index, schedule, sentence and fix, separated by tabs. */
export const tsv = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  BackupHealth.findings(health).map((finding) => {
    const { check, indexName, scheduleName, sentence, severity } = finding
    const fix = RemedyCommand.fixOf(finding)
    return [severity, check, indexName ?? "", scheduleName ?? "", sentence, fix ?? ""].map(Format.plain).join("\t")
  })

/** The names of the indexes that are not ok, worst first. */
export const names = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  health.indexes.filter(({ status }) => status !== "ok").map(({ indexName }) => Format.plain(indexName))
