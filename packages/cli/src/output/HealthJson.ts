/** Converts reports of core to JSON, and adds `fix` to every finding: its remedy as a command line. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Schema from "effect/Schema"
import type * as Json from "./Json.ts"
import * as RemedyCommand from "./RemedyCommand.ts"
import type * as SameConnection from "./SameConnection.ts"

const encodeFinding = Schema.encodeSync(BackupHealth.Finding)
const encodeIndex = Schema.encodeSync(BackupHealth.IndexHealth)
const encodeIgnored = Schema.encodeSync(BackupHealth.Ignored)
const encodeReport = Schema.encodeSync(BackupHealth.BackupHealth)

/** The JSON of a finding of the project of a connection. */
export const ofFinding = (
  self: BackupHealth.Finding,
  connection: SameConnection.Flags
): typeof Json.Finding.Encoded => {
  const { evidence, remedy, ...finding } = encodeFinding(self)
  return { ...finding, fix: RemedyCommand.fixOf(self, connection), remedy, evidence }
}

/** The JSON of an index. */
export const ofIndex = (
  self: BackupHealth.IndexHealth,
  connection: SameConnection.Flags
): typeof Json.IndexHealth.Encoded => ({
  ...encodeIndex({ ...self, findings: [] }),
  findings: self.findings.map((finding) => ofFinding(finding, connection))
})

/** The JSON of a report. */
export const ofReport = (
  self: BackupHealth.BackupHealth,
  connection: SameConnection.Flags
): typeof Json.Report.Encoded => ({
  ...encodeReport({ ...self, project: [], indexes: [], ignored: [] }),
  project: self.project.map((finding) => ofFinding(finding, connection)),
  indexes: self.indexes.map((index) => ofIndex(index, connection)),
  ignored: self.ignored.map((ignored) => ({
    ...encodeIgnored(ignored),
    finding: ofFinding(ignored.finding, connection)
  }))
})
