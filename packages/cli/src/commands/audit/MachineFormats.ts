/** What an audit has found, for programs. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Schema from "effect/Schema"
import type * as Json from "../../output/Json.ts"
import * as Format from "../../terminal/Format.ts"

const encodeHealth = Schema.encodeSync(BackupHealth.BackupHealth)

/** The report as one document. */
export const json = (health: BackupHealth.BackupHealth): typeof Json.Audit.Encoded => ({
  schema: "pcb.audit/v1",
  ...encodeHealth(health)
})

const encodeFinding = Schema.encodeSync(BackupHealth.Finding)

/** Every finding as an object on a line of its own. */
export const ndjson = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  BackupHealth.findings(health).map((finding) => Format.json(encodeFinding(finding)))

/** Every finding on a line of its own, with tabs between severity, check, index, schedule, sentence and fix. */
export const tsv = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  BackupHealth.findings(health).map(({ check, fix, indexName, scheduleName, sentence, severity }) =>
    [severity, check, indexName ?? "", scheduleName ?? "", sentence, fix ?? ""].map(Format.plain).join("\t")
  )

/** The names of the indexes that are not ok, the worst first. */
export const names = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  health.indexes.filter(({ status }) => status !== "ok").map(({ indexName }) => Format.plain(indexName))
