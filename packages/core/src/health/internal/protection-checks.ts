import * as Backup from "../../Backup.ts"
import * as Name from "../../Name.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import type * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
import * as Text from "./text.ts"

/** States of an index that cannot be backed up for now: it has no records yet, or is about to be gone. */
const unusableStates: ReadonlyArray<string> = ["Initializing", "Terminating"]

/** Returns `true` if an index is a side copy whose recovery may be unfinished, without schedules and backups of its own. */
export const isFreshSideCopy = (
  { copies, restored, restoresInto, schedules, sideCopy }: Facts.Subject
): boolean =>
  sideCopy !== undefined && schedules?.length === 0 && copies?.length === 0 &&
  (restored !== undefined || restoresInto?.some((job) => !RestoreJob.isFinal(job)) === true)

/** Reports a side copy. Its recovery continues with the same command. */
const sideCopied = (subject: Facts.Subject, { isSourceMissing, source }: Facts.SideCopy): Findings.Candidate => {
  const { copies = [], index, restoresInto } = subject
  const name = Text.plain(source)
  const isFresh = isFreshSideCopy(subject)
  const running = restoresInto?.find((job) => !RestoreJob.isFinal(job))
  return {
    check: "unprotected",
    severity: isFresh && !isSourceMissing ? "notice" : copies.length === 0 ? "critical" : "warning",
    sentence: isSourceMissing
      ? `no backup schedule; the index is a side copy of ${name}, which was deleted to be replaced and is not restored yet`
      : `no backup schedule; the index is a side copy of ${name}${
        running === undefined ? "" : ", and is being restored"
      }`,
    remedy: isSourceMissing
      ? { _tag: "RecoverIndex", indexName: source }
      : running !== undefined
      ? { _tag: "InspectRestoreJob", restoreJobId: running.restoreJobId }
      : isFresh
      ? undefined
      : { _tag: "CreateSchedule", indexName: index.name, frequency: "daily", retentionDays: 30 },
    restoreJobs: running === undefined ? [] : [running],
    backups: copies.map(({ backup }) => backup)
  }
}

/** A recent restore of a backup of the index with the same name that was deleted. */
const recoveredFrom = ({ index, now, restored }: Facts.Subject) =>
  restored?.backup !== undefined && Backup.isReady(restored.backup) &&
    Name.isSame(restored.backup.sourceIndexName, index.name)
    ? { backup: restored.backup, job: restored.job, ago: Text.length(now - restored.at) }
    : undefined

/** Reports an index without a schedule. */
export const unprotected: Findings.Check = (subject) => {
  const { copies, index, restoresInto, schedules, sideCopy } = subject
  if (schedules === undefined || schedules.length > 0 || copies === undefined) return []
  if (sideCopy !== undefined) return [sideCopied(subject, sideCopy)]
  const { ready, state } = index.status ?? {}
  if (copies.length === 0 && ready === false && unusableStates.includes(state ?? "")) {
    const job = restoresInto?.find((job) => !RestoreJob.isFinal(job))
    return [{
      check: "unprotected",
      severity: "warning",
      sentence: `no backup schedule and no usable backup yet; the index is ${
        job === undefined ? `not ready (${Text.plain(state ?? "")})` : "being restored"
      }`,
      // A schedule can be created once the index is ready.
      remedy: job === undefined ? undefined : { _tag: "InspectRestoreJob", restoreJobId: job.restoreJobId },
      restoreJobs: job === undefined ? [] : [job]
    }]
  }
  const recovered = copies.length === 0 ? recoveredFrom(subject) : undefined
  if (recovered !== undefined) {
    const { ago, backup: { backupId }, job } = recovered
    return [{
      check: "unprotected",
      severity: "critical",
      sentence: `no backup schedule and no usable backup; the index was restored ${ago} ago from backup ${
        Text.shortId(backupId)
      }`,
      // Verifies the index, and creates the schedule and the deletion protection that it had.
      remedy: { _tag: "RecoverIndex", indexName: index.name, backupId },
      restoreJobs: [job]
    }]
  }
  return [{
    check: "unprotected",
    severity: copies.length === 0 ? "critical" : "warning",
    sentence: copies.length === 0
      ? "no backup schedule and no usable backup"
      : `no backup schedule; ${Text.count(copies.length, "usable backup")}, manual or from a deleted schedule`,
    remedy: { _tag: "CreateSchedule", indexName: index.name, frequency: "daily", retentionDays: 30 },
    backups: copies.map(({ backup }) => backup)
  }]
}

/** Only `"enabled"` counts as protection, not a missing or unknown value. */
export const noDeletionProtection: Findings.Check = (
  { index: { deletionProtection, name }, requirements: { requireDeletionProtection } }
) =>
  deletionProtection === "enabled" ? [] : [{
    check: "no-deletion-protection",
    severity: requireDeletionProtection === true ? "warning" : "notice",
    sentence: deletionProtection === "disabled"
      ? "deletion protection is disabled"
      : deletionProtection == null
      ? "the service does not report deletion protection"
      : `deletion protection is ${Text.plain(deletionProtection)}, not enabled`,
    remedy: { _tag: "ProtectIndex", indexName: name }
  }]
