/**
 * Renders remedies as command lines. `RemedyCommand.test.ts` parses each command line with the parser of this program.
 */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import * as CommandLine from "./CommandLine.ts"

/** The name of the schedule if it needs no quotes and does not look like a flag, else its ID. */
const scheduleOf = (
  { scheduleId, scheduleName }: { readonly scheduleId: string; readonly scheduleName: string | null }
): string => scheduleName !== null && /^[A-Za-z\d][\w.-]*$/.test(scheduleName) ? scheduleName : scheduleId

/** The command line of a remedy. `undefined` if a name in it cannot be part of a command line. */
export const render: (remedy: Remedy.Remedy) => string | undefined = Remedy.Remedy.match({
  CreateSchedule: ({ frequency, indexName, retentionDays }) =>
    CommandLine.make`pcb schedule create ${indexName} --every ${frequency} --keep ${retentionDays}`,
  UpdateSchedule: ({ frequency, retentionDays, ...schedule }) => {
    const command = CommandLine.make`pcb schedule update ${scheduleOf(schedule)}`
    const every = frequency === undefined ? "" : ` --every ${frequency}`
    const keep = retentionDays === undefined ? "" : ` --keep ${retentionDays}`
    return command === undefined ? undefined : `${command}${every}${keep}`
  },
  ResumeSchedule: (schedule) => CommandLine.make`pcb schedule resume ${scheduleOf(schedule)}`,
  CreateBackup: ({ indexName }) => CommandLine.make`pcb backup create ${indexName} --wait`,
  RecoverIndex: ({ backupId, indexName, targetIndexName }) => {
    const parts = [
      CommandLine.make`pcb recover ${indexName}`,
      backupId === undefined ? "" : CommandLine.make` --backup ${backupId}`,
      targetIndexName === undefined ? "" : CommandLine.make` --to ${targetIndexName}`
    ]
    return parts.includes(undefined) ? undefined : parts.join("")
  },
  ProtectIndex: ({ indexName }) =>
    CommandLine.make`${indexName}` === undefined || /\p{Surrogate}/u.test(indexName)
      ? undefined
      : CommandLine.make`pcb api PATCH ${`/indexes/${
        encodeURIComponent(indexName)
      }`} --field deletion_protection=enabled`,
  RunDrill: ({ indexName }) => CommandLine.make`pcb drill run ${indexName}`,
  CleanUpDrills: () => "pcb drill clean",
  InspectSchedule: (schedule) => CommandLine.make`pcb schedule describe ${scheduleOf(schedule)}`,
  InspectBackup: ({ backupId }) => CommandLine.make`pcb backup describe ${backupId}`,
  InspectRestoreJob: ({ restoreJobId }) => CommandLine.make`pcb restore describe ${restoreJobId}`,
  InspectIndexBackups: ({ indexName, isDeleted }) =>
    isDeleted
      ? CommandLine.make`pcb backup list --index ${indexName} --include-deleted`
      : CommandLine.make`pcb backup list --index ${indexName}`,
  InspectScheduleBackups: (schedule) => CommandLine.make`pcb backup list --schedule ${scheduleOf(schedule)}`,
  InspectManualBackups: () => CommandLine.make`pcb backup list --manual`
})

/**
 * The command line of a remedy for a project. `profile` is that of its project, if the command reads several: without it,
 * the command line would change another project.
 */
export const renderFor = (remedy: Remedy.Remedy, profile?: string): string | undefined => {
  const command = render(remedy)
  const flag = profile === undefined ? "" : CommandLine.make` --profile ${profile}`
  return command === undefined || flag === undefined ? undefined : `${command}${flag}`
}

/** The command line that fixes a finding, or `null`. `profile` is as in {@link renderFor}. */
export const fixOf = ({ remedy }: BackupHealth.Finding, profile?: string): string | null =>
  remedy === null ? null : renderFor(remedy, profile) ?? null
