/** Converts reports of core to JSON, and adds `fix` to every finding: its remedy as a command line. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Schema from "effect/Schema"
import type * as Json from "./Json.ts"
import * as RemedyCommand from "./RemedyCommand.ts"

const encodeFinding = Schema.encodeSync(BackupHealth.Finding)
const encodeIndex = Schema.encodeSync(BackupHealth.IndexHealth)
const encodeIgnored = Schema.encodeSync(BackupHealth.Ignored)
const encodeReport = Schema.encodeSync(BackupHealth.BackupHealth)

/** The JSON of a finding. */
export const ofFinding = (self: BackupHealth.Finding): typeof Json.Finding.Encoded => {
  const { evidence, remedy, ...finding } = encodeFinding(self)
  return { ...finding, fix: RemedyCommand.fixOf(self), remedy, evidence }
}

/** The JSON of an index. */
export const ofIndex = (self: BackupHealth.IndexHealth): typeof Json.IndexHealth.Encoded => ({
  ...encodeIndex({ ...self, findings: [] }),
  findings: self.findings.map(ofFinding)
})

/** The JSON of a report. */
export const ofReport = (self: BackupHealth.BackupHealth): typeof Json.Report.Encoded => ({
  ...encodeReport({ ...self, project: [], indexes: [], ignored: [] }),
  project: self.project.map(ofFinding),
  indexes: self.indexes.map(ofIndex),
  ignored: self.ignored.map((ignored) => ({ ...encodeIgnored(ignored), finding: ofFinding(ignored.finding) }))
})
