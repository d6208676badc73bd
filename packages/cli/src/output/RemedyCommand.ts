/**
 * Renders remedies as command lines. `RemedyCommand.test.ts` parses each command line with the parser of this program.
 */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import * as CommandLine from "./CommandLine.ts"
import * as SameConnection from "./SameConnection.ts"

/** The name of the schedule if it needs no quotes and does not look like a flag, else its ID. */
const scheduleOf = (
  { scheduleId, scheduleName }: { readonly scheduleId: string; readonly scheduleName: string | null }
): string => scheduleName !== null && /^[A-Za-z\d][\w.-]*$/.test(scheduleName) ? scheduleName : scheduleId

/** The command of a remedy. `undefined` if a name in it cannot be part of a command line. */
export const render: (remedy: Remedy.Remedy) => CommandLine.Command | undefined = Remedy.Remedy.match({
  CreateSchedule: ({ frequency, indexName, retentionDays }) =>
    CommandLine.make`pcb schedule create ${indexName} --every ${frequency} --keep ${retentionDays}`,
  UpdateSchedule: ({ frequency, retentionDays, ...schedule }) => {
    const every = frequency === undefined ? "" : ` --every ${frequency}`
    const keep = retentionDays === undefined ? "" : ` --keep ${retentionDays}`
    return CommandLine.join([CommandLine.words`pcb schedule update ${scheduleOf(schedule)}`, every, keep])
  },
  ResumeSchedule: (schedule) => CommandLine.make`pcb schedule resume ${scheduleOf(schedule)}`,
  CreateBackup: ({ indexName }) => CommandLine.make`pcb backup create ${indexName} --wait`,
  RecoverIndex: ({ backupId, indexName, targetIndexName }) =>
    CommandLine.join([
      CommandLine.words`pcb recover ${indexName}`,
      backupId === undefined ? "" : CommandLine.words` --backup ${backupId}`,
      targetIndexName === undefined ? "" : CommandLine.words` --to ${targetIndexName}`
    ]),
  ProtectIndex: ({ indexName }) =>
    CommandLine.words`${indexName}` === undefined || /\p{Surrogate}/u.test(indexName)
      ? undefined
      : CommandLine.make`pcb api PATCH ${`/indexes/${
        encodeURIComponent(indexName)
      }`} --field deletion_protection=enabled`,
  RunDrill: ({ indexName }) => CommandLine.make`pcb drill run ${indexName}`,
  CleanUpDrills: () => CommandLine.make`pcb drill clean`,
  InspectSchedule: (schedule) => CommandLine.make`pcb schedule describe ${scheduleOf(schedule)}`,
  InspectBackup: ({ backupId }) => CommandLine.make`pcb backup describe ${backupId}`,
  InspectRestoreJob: ({ restoreJobId }) => CommandLine.make`pcb restore describe ${restoreJobId}`,
  InspectRecovery: ({ indexName }) => CommandLine.make`pcb recover ${indexName} --dry-run`,
  InspectIndexBackups: ({ indexName, isDeleted }) =>
    isDeleted
      ? CommandLine.make`pcb backup list --index ${indexName} --include-deleted`
      : CommandLine.make`pcb backup list --index ${indexName}`,
  InspectScheduleBackups: (schedule) => CommandLine.make`pcb backup list --schedule ${scheduleOf(schedule)}`,
  InspectManualBackups: () => CommandLine.make`pcb backup list --manual`
})

/** The command line that fixes a finding of the project of a connection, or `null`. */
export const fixOf = ({ remedy }: BackupHealth.Finding, connection: SameConnection.Flags): string | null =>
  remedy === null ? null : SameConnection.line(render(remedy), connection) ?? null
