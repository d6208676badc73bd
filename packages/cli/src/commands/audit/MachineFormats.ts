/** Formats an audit for programs. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthJson from "../../output/HealthJson.ts"
import type * as Json from "../../output/Json.ts"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import type * as SameConnection from "../../output/SameConnection.ts"
import * as Format from "../../terminal/Format.ts"

/** The report as one document. `connection` has the flags of the fixes. */
export const json = (
  health: BackupHealth.BackupHealth,
  connection: SameConnection.Flags
): typeof Json.Audit.Encoded => ({
  schema: "pcb.audit/v1",
  ...HealthJson.ofReport(health, connection)
})

/** The document of a failed audit of several projects. */
export const severalFailed = (health: BackupHealth.BackupHealth): typeof Json.Projects.Encoded => ({
  schema: "pcb.projects/v1",
  status: health.status,
  projects: [],
  skipped: [],
  error: { code: "AUDIT_FAILED", message: health.project.map(({ sentence }) => sentence).join("; "), exit_code: 3 }
})

/**
 * One finding per line, as JSON. The lines of several projects name their profiles. `connection` has the flags of the
 * fixes.
 */
export const ndjson = (
  health: BackupHealth.BackupHealth,
  connection: SameConnection.Flags,
  profile?: string
): ReadonlyArray<string> =>
  BackupHealth.findings(health).map((finding) => {
    const line: typeof Json.FindingLine.Encoded = {
      ...(profile !== undefined && { profile }),
      ...HealthJson.ofFinding(finding, connection)
    }
    return Format.json(line)
  })

/**
 * One line per finding: severity, check, index, schedule, sentence and fix, separated by tabs. The lines of several
 * projects start with their profiles. `connection` has the flags of the fixes.
 */
export const tsv = (
  health: BackupHealth.BackupHealth,
  connection: SameConnection.Flags,
  profile?: string
): ReadonlyArray<string> =>
  BackupHealth.findings(health).map((finding) => {
    const { check, indexName, scheduleName, sentence, severity } = finding
    const fix = RemedyCommand.fixOf(finding, connection)
    const project = profile === undefined ? [] : [profile]
    return [...project, severity, check, indexName ?? "", scheduleName ?? "", sentence, fix ?? ""].map(Format.plain)
      .join("\t")
  })

/** The names of the indexes that are not ok, worst first. */
export const names = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  health.indexes.filter(({ status }) => status !== "ok").map(({ indexName }) => Format.plain(indexName))

/**
 * The profile and the names of its indexes that are not ok, separated by a tab. A project that is not ok itself, for
 * example because it could not be read, has a line with an empty name.
 */
export const severalNames = (
  { health, profile }: { readonly health: BackupHealth.BackupHealth; readonly profile: string }
): ReadonlyArray<string> => {
  const all = names(health)
  const lines = health.status !== "ok" && all.length === 0 ? [""] : all
  return lines.map((name) => `${Format.plain(profile)}\t${name}`)
}
