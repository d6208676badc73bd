/**
 * Schemas of the JSON about plans and their results: pruning, policies, recoveries and guards. Not loaded when a command
 * runs.
 */
import * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as Schema from "effect/Schema"
import {
  nullableCount,
  nullableText,
  nullableTime,
  open,
  optionalText,
  RemedyJson,
  texts,
  withSnakeKeys
} from "./JsonParts.ts"

/** The decision about a backup. */
const Pruned = Schema.Struct({
  backup_id: Schema.String,
  name: Schema.NullOr(Schema.String),
  status: Schema.String,
  taken_at: Schema.NullOr(Schema.String),
  record_count: Schema.NullOr(Schema.Finite),
  size_bytes: Schema.NullOr(Schema.Finite),
  decision: open("keep", "delete"),
  reasons: Schema.Array(
    open("last", "daily", "weekly", "monthly", "within", "scheduled", "unneeded", "empty", "failed")
  )
    .annotate({ description: "Reasons for the decision" }),
  outcome: Schema.NullOr(open("deleted", "gone", "kept", "failed", "not_tried")).annotate({
    description: "null if the backup was not to be deleted, or if nothing was confirmed"
  }),
  outcome_reasons: Schema.Array(Schema.String).annotate({ description: "New reasons, if the outcome is kept" })
})

/** The decision about a backup, with its index. */
export const PruneLine = Schema.Struct({
  index_name: Schema.String,
  index_id: Schema.String,
  ...Pruned.fields
})

/** The result of pruning. The schema name changes when a field is removed. */
export const Prune = Schema.Struct({
  schema: Schema.Literal("pcb.prune/v1"),
  at: Schema.String.annotate({ description: "Time of the decisions" }),
  applied: Schema.Boolean.annotate({ description: "Whether the deletions were confirmed and sent" }),
  rules: Schema.Struct({
    last: Schema.NullOr(Schema.Int),
    daily: Schema.NullOr(Schema.Int),
    weekly: Schema.NullOr(Schema.Int),
    monthly: Schema.NullOr(Schema.Int),
    within_seconds: Schema.NullOr(Schema.Finite)
  }),
  quota: Schema.NullOr(Schema.Struct({
    limit: Schema.Int,
    left: Schema.Int.annotate({ description: "Backups of the project after the deletions" })
  })).annotate({ description: "null if the policy does not set backupQuota" }),
  indexes: Schema.Array(Schema.Struct({
    index_name: Schema.String,
    index_id: Schema.String,
    is_deleted: Schema.Boolean,
    scheduled: Schema.Int.annotate({ description: "Number of scheduled backups, which are never deleted" }),
    suspect_backup_id: Schema.NullOr(Schema.String).annotate({
      description: "The newest ready backup, if it is empty or much smaller than the backups before it"
    }),
    backups: Schema.Array(Pruned)
  })),
  refused: Schema.Array(Schema.Struct({
    index_name: Schema.String,
    problem: open("unreadable", "contradictory", "not_found")
  })).annotate({ description: "Indexes that could not be judged; nothing of them is deleted" })
})

/** The plan of `policy plan`: the saved plan, and the verdict. The schema name changes when a field is removed. */
export const Plan = withSnakeKeys({
  ...SavedPlan.SavedPlan.to.fields,
  schema: Schema.Literal("pcb.plan/v1"),
  verdict: Schema.optionalKey(open("in-step", "drift", "unknown")).annotate({ description: "Omitted in saved plans" })
})

/** A step of a plan, and its outcome. The keys of `before` and `after` depend on the type. */
const AppliedStep = Schema.Struct({
  type: Schema.String.annotate({ examples: ScheduleStep.Step.discriminants }),
  index_name: Schema.String,
  index_id: Schema.NullOr(Schema.String),
  schedule_id: optionalText,
  schedule_name: Schema.optionalKey(Schema.NullOr(Schema.String)),
  before: Schema.Json,
  after: Schema.Json,
  consequences: Schema.Array(ScheduleStep.Consequence),
  consent: open("free", "yes", "typed"),
  outcome: open("done", "already", "failed", "moved", "not_reached"),
  moved: Schema.optionalKey(ScheduleStep.Moved),
  error: optionalText
})

/** The changes that `policy apply` would make, and what it cannot change. */
export const Changes = Schema.Struct({
  steps: Schema.Array(ScheduleStep.Step),
  blocked: Schema.Array(ScheduleStep.Blocked),
  unknown: Schema.Array(ScheduleStep.Unknown),
  extra: Schema.Array(ScheduleStep.Extra)
})

/** The result of `policy apply`. The schema name changes when a field is removed. */
export const Applied = Schema.Struct({
  schema: Schema.Literal("pcb.apply/v1"),
  verdict: open("in-step", "drift", "unknown"),
  steps: Schema.Array(AppliedStep),
  left: Schema.NullOr(Changes).annotate({
    description: "A new plan for the indexes of the steps; null if it could not be made"
  })
})

/** The result of `policy pull`. The schema name changes when a field is removed. */
export const Pulled = Schema.Struct({
  schema: Schema.Literal("pcb.pull/v1"),
  file: Schema.String,
  is_new: Schema.Boolean,
  is_written: Schema.Boolean,
  rules: Schema.Array(Schema.Struct({
    index_name: Schema.String,
    action: open("added", "changed"),
    schedule: Schema.Json.annotate({ description: "Written fields of the schedule, or none; null if not written" }),
    settings: Schema.Json.annotate({ description: "Written settings; null if not written" })
  })),
  skipped: Schema.Array(Schema.Struct({
    index_name: Schema.String,
    part: open("index", "schedule", "settings"),
    reason: Schema.String
  })).annotate({
    description: "Parts of indexes that are not known, or that a file cannot describe. The file keeps its content"
  }),
  notes: texts.annotate({ description: "The skipped parts, and rules of indexes that do not exist, in words" })
})

const sourced = <S extends Schema.Constraint>(value: S) =>
  Schema.Struct({ value, source: open("options", "index", "side-copy", "backup", "inferred", "default") })

/** The plan of a recovery. */
export const RecoveryPlan = Schema.Struct({
  index_name: Schema.String,
  target_index_name: Schema.String.annotate({ description: "The index that exists at the end" }),
  side_copy: Schema.NullOr(Schema.String),
  goal: open("restore", "side-copy", "replace"),
  state: open("absent", "deleting", "failed", "restoring", "restored", "complete", "replacing", "interrupted"),
  consent: open("free", "yes", "typed"),
  backup: Schema.Struct({
    backup_id: Schema.String,
    name: Schema.NullOr(Schema.String),
    source_index_id: Schema.String,
    taken_at: nullableTime,
    data_until: nullableTime.annotate({ description: "Time up to which no record can be missing" }),
    expires_at: nullableTime,
    record_count: nullableCount,
    size_bytes: nullableCount
  }),
  skipped: Schema.Array(Schema.Struct({
    backup_id: Schema.String,
    name: Schema.NullOr(Schema.String),
    taken_at: nullableTime,
    record_count: nullableCount,
    reason: Schema.String
  })),
  other_indexes: Schema.Array(Schema.Struct({
    index_id: Schema.String,
    deleted_at: nullableTime,
    good_backups: Schema.Int,
    newest_at: nullableTime
  })),
  settings: Schema.NullOr(Schema.Struct({
    schedule: Schema.NullOr(Schema.Struct({
      name: sourced(Schema.String),
      frequency: sourced(Schema.String),
      retention_days: sourced(Schema.Finite),
      is_paused: Schema.Boolean
    })),
    deletion_protection: sourced(open("enabled", "disabled")),
    tags: sourced(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
  })).annotate({ description: "null for a side copy" }),
  steps: Schema.Array(Schema.Struct({ step: open("Restore", "Verify", "CreateSchedule"), index_name: Schema.String })),
  warnings: Schema.Array(open("ExpiresSoon", "FewerRecords", "DoubtfulBackup", "NewerBackups", "NoSchedule")),
  restore_job_id: Schema.NullOr(Schema.String),
  replaced: Schema.NullOr(Schema.Struct({
    index_id: Schema.NullOr(Schema.String),
    host: Schema.NullOr(Schema.String),
    record_count: nullableCount
  }))
})

/** The verification of a recovered index. */
const Verification = Schema.Struct({
  index_name: Schema.String,
  verdict: open("verified", "unverified"),
  reason: Schema.NullOr(DrillReport.Reason),
  counted: Schema.NullOr(DrillReport.Counted),
  recounted: Schema.NullOr(DrillReport.Counted),
  sampled: Schema.NullOr(DrillReport.Sampled)
})

/** The result of a recovery. The schema name changes when a field is removed. */
export const Recovery = Schema.Struct({
  schema: Schema.Literal("pcb.recovery/v1"),
  index_name: Schema.String,
  host: Schema.NullOr(Schema.String),
  plan: RecoveryPlan,
  restore_job_id: Schema.NullOr(Schema.String),
  damaged_backup_id: Schema.NullOr(Schema.String).annotate({ description: "Backup of the index that was replaced" }),
  verification: Schema.NullOr(Verification).annotate({
    description: "null if the index was complete before this command"
  }),
  schedule: Schema.NullOr(Schema.Struct({
    schedule_id: Schema.String,
    name: Schema.NullOr(Schema.String),
    action: open("created", "updated", "unchanged"),
    next_scheduled_run: nullableTime
  })),
  side_copy: Schema.NullOr(Schema.String).annotate({ description: "Side copy that is no longer needed" })
})

/** What every line of a recovery has. */
const recoveryLine = <const Type extends string>(type: Type) => ({
  type: Schema.Literal(type),
  elapsed_ms: Schema.Int
})

/** An event of a recovery. */
export const RecoveryLine = Schema.Union([
  Schema.Struct({ ...recoveryLine("recovery-plan"), plan: RecoveryPlan }),
  Schema.Struct({ ...recoveryLine("recovery-step"), step: Schema.String, index_name: Schema.String }),
  Schema.Struct({
    ...recoveryLine("recovery-started"),
    target_index_name: Schema.String,
    backup_id: Schema.String,
    restore_job_id: Schema.NullOr(Schema.String),
    is_own: Schema.Boolean.annotate({ description: "Whether this command started the restore" })
  }),
  Schema.Struct({
    ...recoveryLine("recovery-progress"),
    subject: open("restore", "index", "backup", "deletion"),
    status: Schema.String,
    percent_complete: nullableCount
  }),
  Schema.Struct({
    ...recoveryLine("recovery-counted"),
    index_name: Schema.String,
    expected: nullableCount,
    counted: DrillReport.Counted
  }),
  Schema.Struct({ ...recoveryLine("recovery-verified"), verification: Verification }),
  Schema.Struct({ ...recoveryLine("recovery-result"), result: Recovery })
])

/** The report of a guarded command, which `pcb guard --report` writes to a file. */
export const Guard = Schema.Struct({
  schema: Schema.Literal("pcb.guard/v1"),
  index_name: Schema.String,
  program: Schema.String.annotate({ description: "Name of the program, without its folder and arguments" }),
  outcome: open("succeeded", "failed", "signaled", "not_started", "not_run"),
  exit_code: Schema.Int,
  signal: nullableText.annotate({ description: "The signal that ended the command" }),
  backup_id: nullableText.annotate({
    description: "The backup that was started or used, even if the command was not run"
  }),
  net: Schema.NullOr(Schema.Struct({
    backup_id: Schema.String,
    name: nullableText,
    index_id: Schema.String,
    created_at: nullableText,
    data_until: Schema.String.annotate({ description: "Time up to which the backup has the data of the index" }),
    record_count: Schema.NullOr(Schema.Finite),
    size_bytes: Schema.NullOr(Schema.Finite),
    is_reused: Schema.Boolean.annotate({ description: "true if the backup existed before" })
  })).annotate({ description: "The backup that can undo the command; null if the command was not run" }),
  error: Schema.NullOr(Schema.Struct({ code: Schema.String, message: Schema.String })).annotate({
    description: "Why the command was not run or not started"
  }),
  remedy: Schema.NullOr(RemedyJson).annotate({ description: "What to do after a failed command" }),
  next: nullableText.annotate({ description: "The remedy as a command line" })
})
