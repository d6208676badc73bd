/** Facts for tests of `Retention`: backups from labels such as `21`, `2 Oct` or `21 18:00`. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Retention from "@pinecone-backups/core/plan/Retention"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"

export const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

export const docs = PineconeIndex.IndexName.make("docs")
export const live = PineconeIndex.IndexId.make("live")
export const former = PineconeIndex.IndexId.make("former")

const months: Readonly<Record<string, string>> = {
  Jul: "07",
  Aug: "08",
  Sep: "09",
  Oct: "10",
  Nov: "11"
}

const timeOf = (label: string): DateTime.Utc => {
  const [, day = "", month = "Nov", time = "12:00"] = /^(\d+)(?: ([A-Z][a-z]{2}))?(?: (\d\d:\d\d))?/.exec(label) ?? []
  return DateTime.makeUnsafe(`2026-${months[month]}-${day.padStart(2, "0")}T${time}:00Z`)
}

/** A ready manual backup with 100 records, whose ID and name are the label. */
export const backup = (label: string, more: Partial<Backup.Backup> = {}): Backup.Backup => ({
  backupId: Backup.BackupId.make(label),
  sourceIndexId: live,
  sourceIndexName: docs,
  name: `backup of ${label}`,
  status: "Ready",
  recordCount: 100,
  ...more,
  ...("createdAt" in more ? {} : { createdAt: timeOf(label) })
})

/** Facts that can differ from those of an index with a schedule and without restore jobs. */
export interface Shape {
  /** The IDs in the history of the schedule. */
  readonly scheduled?: ReadonlyArray<string>
  /** Backups of deleted indexes with the same name. */
  readonly former?: ReadonlyArray<Backup.Backup>
  /** The IDs of backups that are being restored. */
  readonly restoring?: ReadonlyArray<string>
  readonly at?: DateTime.Utc
}

export const indexFacts = (
  backups: ReadonlyArray<Backup.Backup>,
  { former = [], scheduled = [] }: Omit<Shape, "restoring" | "at"> = {}
): Retention.IndexFacts => ({
  indexName: docs,
  index: { name: docs },
  schedules: Result.succeed([{
    schedule: {
      scheduleId: BackupSchedule.ScheduleId.make("schedule"),
      indexId: live,
      frequency: "daily",
      enabled: true
    },
    runs: Result.succeed(scheduled.map((id) => ({ ...backup("1"), backupId: Backup.BackupId.make(id) })))
  }]),
  backups: Result.succeed(backups),
  allBackups: Result.succeed([...backups, ...former])
})

export const facts = (backups: ReadonlyArray<Backup.Backup>, shape: Shape = {}): Retention.Facts => ({
  at: shape.at ?? now,
  indexes: Result.succeed([indexFacts(backups, shape)]),
  restoreJobs: Result.succeed((shape.restoring ?? []).map((id) => ({
    restoreJobId: RestoreJob.RestoreJobId.make(`restore of ${id}`),
    backupId: Backup.BackupId.make(id),
    targetIndexName: PineconeIndex.IndexName.make("copy"),
    targetIndexId: PineconeIndex.IndexId.make("copy"),
    status: "Pending" as const
  })))
})

export const planOf = (
  rules: Retention.Rules,
  facts: Retention.Facts,
  options?: Retention.PlanOptions
): Retention.RetentionPlan => Result.getOrThrow(Retention.plan(rules, facts, options))

/** The IDs of the backups with a decision, newest first. */
export const idsOf = (plan: Retention.RetentionPlan, action: Retention.Decision["action"]): ReadonlyArray<string> =>
  plan.groups.flatMap(({ decisions }) => decisions)
    .filter((decision) => decision.action === action)
    .map(({ backup }) => backup.backupId)

/** The reasons for a decision. */
export const reasonsFor = (plan: Retention.RetentionPlan, id: string): ReadonlyArray<Retention.Reason> =>
  plan.groups.flatMap(({ decisions }) => decisions).find(({ backup }) => backup.backupId === id)?.reasons ?? []
