/**
 * Schemas of all JSON that the command line prints. The JSON Schemas in `schemas` are generated from them. Not loaded
 * when a command runs.
 *
 * New keys and values may be added, so objects are open and strings are not limited to the known values.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as String from "effect/String"

/** A string with known values. More may be added. */
const open = (...known: readonly [string, ...ReadonlyArray<string>]) => Schema.String.annotate({ examples: known })

const optionalText = Schema.optionalKey(Schema.String)

/** A list in the API's envelope. A complete list has `pagination: null`; an incomplete one has no `pagination`. */
const list = <S extends Schema.Constraint>(row: S) =>
  Schema.Struct({ data: Schema.Array(row), pagination: Schema.optionalKey(Schema.Null) })

/** The ID of an operation started before a failure. */
const startedId = (what: string) =>
  Schema.optionalKey(
    Schema.String.annotate({ description: `ID of the ${what} that was awaited, or started before the failure` })
  )

/** An error on standard error. */
export const ErrorLine = Schema.Struct({
  error: Schema.Struct({
    code: open("NOT_FOUND", "USAGE", "NO_API_KEY", "NOT_CONFIRMED", "WAIT_TIMED_OUT"),
    message: Schema.String,
    details: Schema.optionalKey(
      Schema.Array(Schema.String).annotate({ description: "Candidates to choose from, or individual errors" })
    ),
    hint: optionalText,
    status: Schema.optionalKey(Schema.Int),
    request_id: optionalText,
    retry_after: Schema.optionalKey(Schema.Finite.annotate({ description: "Delay before a retry, in seconds" })),
    in_doubt: Schema.optionalKey(
      Schema.Boolean.annotate({ description: "true if the failed request may have taken effect; otherwise omitted" })
    ),
    restore_job_id: startedId("restore"),
    backup_id: startedId("backup"),
    schedule_id: startedId("schedule"),
    exit_code: Schema.Int
  })
})

/** The common fields of wait lines. */
const line = <const Type extends string>(type: Type) => ({
  type: Schema.Literal(type),
  name: Schema.String,
  status: Schema.String,
  detail: optionalText,
  percent_complete: Schema.optionalKey(Schema.Finite),
  elapsed_ms: Schema.Int
})

/** The progress of an awaited operation. */
export const Progress = Schema.Union([
  Schema.Struct({ ...line("progress"), backup_id: Schema.String }),
  Schema.Struct({ ...line("progress"), restore_job_id: Schema.String })
])

const outcome = open("ready", "failed", "timed_out", "error")

/** The result of an awaited operation, with the backup or restore job if it is ready. */
export const Result = Schema.Union([
  Schema.Struct({ ...line("result"), backup_id: Schema.String, outcome, backup: Schema.optionalKey(Backup.FromWire) }),
  Schema.Struct({
    ...line("result"),
    restore_job_id: Schema.String,
    outcome,
    restore_job: Schema.optionalKey(RestoreJob.FromWire)
  })
])

/** A struct with snake case keys, like those of the API. */
const withSnakeKeys = (fields: Schema.Struct.Fields) =>
  Schema.Struct(fields).pipe(Schema.encodeKeys(Record.map(fields, (_, key) => String.camelToSnake(key))))

const optionalTime = Schema.optionalKey(Schema.NullOr(Schema.String))

/** The latest runs of a schedule, newest last. */
const RecentRuns = Schema.Array(Schema.Struct({
  at: Schema.String,
  outcome: open("ready", "failed", "missed", "late", "running"),
  backup_id: Schema.NullOr(Schema.String)
}))

/**
 * A schedule, with the name of its index, which the API does not return, and facts from its history if the history was
 * read.
 */
const Schedule = withSnakeKeys({
  ...BackupSchedule.BackupSchedule.fields,
  indexName: Schema.String,
  lastBackupAt: optionalTime,
  recentRuns: Schema.optionalKey(RecentRuns)
})

/** A run, with its planned time. If the service does not report the time, it is taken from the name. */
const Run = withSnakeKeys({
  ...BackupRun.BackupRun.fields,
  // Missed runs are not in the history. Their status is `Missed`.
  backupId: Schema.NullOr(Schema.String).annotate({ description: "null for a missed run" }),
  sourceIndexId: optionalText,
  plannedFor: optionalTime
})

/** A backup, with the time when it was taken. For a scheduled backup, this is the time of the run. */
const BackupRow = withSnakeKeys({ ...Backup.Backup.fields, takenAt: optionalTime })

/** A change in the history of a schedule. */
export const Change = Schema.Struct({
  type: Schema.Literal("change"),
  change: open("appeared", "changed", "finished", "failed"),
  previous_status: Schema.NullOr(Schema.String),
  run: BackupRun.FromWire
})

const texts = Schema.Array(Schema.String)

/** The output of `--dry-run`. The schema name changes when a field is removed. */
export const DryRun = Schema.Struct({
  schema: Schema.Literal("pcb.dry-run/v1"),
  requests: Schema.Array(Schema.Struct({
    method: open("POST", "PATCH", "DELETE"),
    path: Schema.String.annotate({ description: "Path below the host" }),
    body: Schema.Json
  })).annotate({ description: "Requests that would be sent; empty if nothing would change" }),
  lost: Schema.Struct({
    is_known: Schema.Boolean.annotate({ description: "Whether all losses are known" }),
    indexes: texts,
    schedules: texts.annotate({ description: "Schedule IDs" }),
    backups: texts.annotate({ description: "Backup IDs" }),
    left_without_backup: texts.annotate({ description: "Names of indexes that would be left without a good backup" })
  }),
  questions: Schema.Array(Schema.Struct({
    action: Schema.String,
    typed: Schema.NullOr(Schema.String.annotate({ description: "Text to type instead of \"yes\"" })),
    flags: Schema.String.annotate({ description: "Flags that give this confirmation" })
  })).annotate({ description: "Confirmations that are still required with the given flags" })
})

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

/** The result of `policy apply`. The schema name changes when a field is removed. */
export const Applied = Schema.Struct({
  schema: Schema.Literal("pcb.apply/v1"),
  verdict: open("in-step", "drift", "unknown"),
  steps: Schema.Array(AppliedStep),
  left: Schema.NullOr(Schema.Struct({
    steps: Schema.Array(ScheduleStep.Step),
    blocked: Schema.Array(ScheduleStep.Blocked),
    unknown: Schema.Array(ScheduleStep.Unknown),
    extra: Schema.Array(ScheduleStep.Extra)
  })).annotate({ description: "A new plan for the indexes of the steps; null if it could not be made" })
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
  notes: texts.annotate({ description: "Facts that the file does not describe, and why" })
})

/** A setting and its source. */
export const Setting = Schema.Struct({
  setting: Schema.String,
  value: Schema.NullOr(Schema.String),
  source: Schema.String
})

/** The remedy of a finding. The keys depend on the type. */
const RemedyJson = Schema.Struct({
  type: Schema.String.annotate({ examples: Remedy.Remedy.discriminants }),
  index_name: optionalText,
  target_index_name: optionalText,
  schedule_id: optionalText,
  schedule_name: Schema.optionalKey(Schema.NullOr(Schema.String)),
  backup_id: optionalText,
  restore_job_id: optionalText,
  frequency: optionalText,
  retention_days: Schema.optionalKey(Schema.Finite),
  is_deleted: Schema.optionalKey(Schema.Boolean)
})

const { evidence, remedy: _, ...finding } = BackupHealth.Finding.from.fields

/** A finding. */
export const Finding = Schema.Struct({
  ...finding,
  fix: Schema.NullOr(
    Schema.String.annotate({ description: "Remedy as a command line, safe to paste into a shell" })
  ),
  remedy: Schema.NullOr(RemedyJson),
  evidence
})

/** The backup health of an index. */
export const IndexHealth = Schema.Struct({
  ...BackupHealth.IndexHealth.from.fields,
  findings: Schema.Array(Finding)
})

/** The backup health of a project. */
export const Report = Schema.Struct({
  ...BackupHealth.BackupHealth.fields,
  project: Schema.Array(Finding),
  indexes: Schema.Array(IndexHealth),
  ignored: Schema.Array(Schema.Struct({ ...BackupHealth.Ignored.fields, finding: Finding }))
})

/** The result of an audit. The schema name changes when a field is removed. */
export const Audit = Schema.Struct({ schema: Schema.Literal("pcb.audit/v1"), ...Report.fields })

const profile = Schema.optionalKey(
  Schema.String.annotate({ description: "Profile of the project, if the command reads several projects" })
)

/** A finding, and its project if the command reads several. */
export const FindingLine = Schema.Struct({ profile, ...Finding.fields })

/** Fields that `status` shares with the report. */
const { at, project, quota, status, totals } = Report.fields

/** The backup health of an index, with the latest runs of its schedule. */
export const IndexStatus = Schema.Struct({
  ...IndexHealth.fields,
  last_backup_at: optionalTime,
  retention_expire_after_days: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  recent_runs: RecentRuns
})

/** A running backup or restore. */
export const Operation = Schema.Struct({
  kind: open("backup", "restore"),
  id: Schema.String,
  index_name: Schema.String,
  status: Schema.String,
  started_at: Schema.NullOr(Schema.String),
  elapsed_seconds: Schema.NullOr(Schema.Int),
  percent_complete: Schema.NullOr(Schema.Finite)
})

/** The status of a project. The schema name changes when a field is removed. */
const Status = Schema.Struct({
  schema: Schema.Literal("pcb.status/v1"),
  at,
  status,
  totals,
  quota,
  project,
  data: Schema.Array(IndexStatus),
  operations: Schema.Array(Operation)
})

/** The status of an index, or a running or finished operation. */
export const StatusLine = Schema.Union([
  Schema.Struct({ profile, type: Schema.Literal("index"), ...IndexStatus.fields }),
  Schema.Struct({ profile, type: Schema.Literal("operation"), ...Operation.fields, is_over: Schema.Boolean }),
  Schema.Struct({
    profile,
    type: Schema.Literal("project"),
    status: Schema.String,
    error: Schema.NullOr(ErrorLine.fields.error)
  })
])

/**
 * The results of several projects, worst first. The schema name changes when a field is removed. The result has the
 * schema of the command for one project. With `--json=…`, it has only these fields.
 */
export const Projects = Schema.Struct({
  schema: Schema.Literal("pcb.projects/v1"),
  status: open("critical", "unknown", "warning", "ok", "drift", "in-step").annotate({
    description: "The worst status; for a plan, the worst verdict"
  }),
  projects: Schema.Array(Schema.Struct({
    profile: Schema.String,
    other_profiles: Schema.optionalKey(
      Schema.Array(Schema.String).annotate({ description: "Other profiles of the same project" })
    ),
    project_id: Schema.NullOr(
      Schema.String.annotate({ description: "null if no schedule that was read has the ID" })
    ),
    result: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.Json).annotate({ description: "The result; omitted after an error" })
    ),
    error: Schema.optionalKey(ErrorLine.fields.error)
  })),
  skipped: Schema.Array(Schema.Struct({ profile: Schema.String, reason: open("no-key") })).annotate({
    description: "Profiles that --all-profiles omits"
  }),
  error: Schema.optionalKey(ErrorLine.fields.error)
})

/** The result of one doctor check. */
export const Check = Schema.Struct({
  check: Schema.String,
  status: open("ok", "warning", "failed", "skipped"),
  found: Schema.String,
  try: optionalText,
  exit_code: Schema.optionalKey(Schema.Int)
})

/** The result of the doctor. The schema name changes when a field is removed. */
const Doctor = Schema.Struct({
  schema: Schema.Literal("pcb.doctor/v1"),
  exit_code: Schema.Int,
  checks: Schema.Array(Check)
})

/** A restore drill. The report is `null` until the drill has ended, and if it is unreadable. */
export const Drill = Schema.Struct({
  ...DrillLog.DrillEntry.from.fields,
  started_at: Schema.NullOr(Schema.String).annotate({ description: "null while the drill is queued" }),
  deadline_at: Schema.NullOr(Schema.String),
  report: Schema.NullOr(DrillReport.DrillReport),
  state: open("queued", "canceled", "running", "ended", "unreadable")
})

/** What every line of a wait for drills has. */
const drillLine = <const Type extends string>(type: Type) => ({
  type: Schema.Literal(type),
  execution_id: Schema.String,
  drill_id: Schema.String,
  index_name: Schema.String,
  status: Schema.String.annotate({ description: "The state, or the step that the drill is at" }),
  elapsed_ms: Schema.Int
})

/** The state of a drill that is waited for. */
export const DrillProgress = Schema.Struct(drillLine("drill-progress"))

/** The end of a drill that was waited for. */
export const DrillResult = Schema.Struct({
  ...drillLine("drill-result"),
  outcome: open("SUCCESSFUL", "UNVERIFIED", "FAILED", "TIMED_OUT", "CANCELLED"),
  report: DrillReport.DrillReport
})

const sourced = <S extends Schema.Constraint>(value: S) =>
  Schema.Struct({ value, source: open("options", "index", "side-copy", "backup", "inferred", "default") })

const nullableTime = Schema.NullOr(Schema.String)

const nullableCount = Schema.NullOr(Schema.Finite)

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
  warnings: Schema.Array(open("ExpiresSoon", "NoSchedule")),
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

/** A temporary index of a drill. */
export const DrillLeftover = Schema.Struct({
  name: Schema.String,
  execution_id: Schema.String,
  state: open("running", "leftover", "unknown"),
  since: Schema.NullOr(Schema.String)
})

const nullableText = Schema.NullOr(Schema.String)

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

const choices = Schema.optionalKey(Schema.Array(Schema.String))

const HelpFlag = Schema.Struct({
  name: Schema.String,
  aliases: Schema.Array(Schema.String),
  type: Schema.String,
  description: Schema.String,
  required: Schema.Boolean,
  default: optionalText,
  environment: Schema.optionalKey(Schema.Array(Schema.String)),
  choices
})

/** The help page of a command. */
export const HelpPage = Schema.Struct({
  command: Schema.Array(Schema.String),
  description: Schema.String,
  usage: Schema.String,
  examples: Schema.Array(Schema.Struct({ command: Schema.String, description: optionalText })),
  arguments: Schema.Array(Schema.Struct({
    name: Schema.String,
    type: Schema.String,
    description: Schema.String,
    required: Schema.Boolean,
    variadic: Schema.Boolean,
    choices
  })),
  flags: Schema.Array(HelpFlag),
  subcommands: Schema.Array(Schema.Struct({
    name: Schema.String,
    alias: optionalText,
    group: optionalText,
    description: Schema.String
  })),
  global_flags: Schema.Array(HelpFlag)
})

/** A kind of JSON, and the commands that print it, by prefix: `schedule` for the whole group. */
const kind = (description: string, schema: Schema.Constraint, ...printedBy: ReadonlyArray<string>) => ({
  description,
  schema,
  printedBy
})

const scheduleCommands = ["list", "describe", "create", "update", "pause", "resume", "delete"].map((verb) =>
  `schedule ${verb}`
)

/** The commands with `--dry-run`. */
const writing = [
  ...["create", "update", "pause", "resume", "delete"].map((verb) => `schedule ${verb}`),
  "backup create",
  "backup delete",
  "backup prune",
  "restore start",
  "recover",
  "drill run",
  "drill clean",
  "guard",
  "policy apply",
  "api"
]

/** All kinds of JSON, by schema name. `-o ndjson` prints the rows of a list, one per line. */
export const kinds: Readonly<Record<string, ReturnType<typeof kind>>> = {
  "schedule": kind("A backup schedule", Schedule, ...scheduleCommands),
  "schedule-list": kind("Backup schedules", list(Schedule), ...scheduleCommands),
  "run": kind("A run of a backup schedule", Run, "schedule history"),
  "run-list": kind("Runs of a backup schedule", list(Run), "schedule history"),
  "change": kind("A change in the history of a schedule", Change, "schedule history"),
  "backup": kind("A backup", BackupRow, "backup"),
  "backup-list": kind("Backups", list(BackupRow), "backup"),
  "prune": kind("Result of pruning backups", Prune, "backup prune"),
  "prune-line": kind("Decision about a backup", PruneLine, "backup prune"),
  "restore-job": kind("A restore job", RestoreJob.FromWire, "restore"),
  "restore-job-list": kind("Restore jobs", list(RestoreJob.FromWire), "restore"),
  "started-restore": kind("A started restore", RestoreJob.StartedFromWire, "restore start"),
  "progress": kind("Progress of an awaited operation", Progress, "backup create", "backup wait", "restore"),
  "result": kind("Result of an awaited operation", Result, "backup create", "backup wait", "restore"),
  "drill": kind("A restore drill", Drill, "drill run", "drill list", "drill show", "drill describe", "drill cancel"),
  "drill-list": kind("Restore drills", list(Drill), "drill run", "drill list", "drill ls", "drill cancel"),
  "drill-progress": kind("State of an awaited drill", DrillProgress, "drill run"),
  "drill-result": kind("Result of an awaited drill", DrillResult, "drill run"),
  "drill-leftover": kind("A temporary index of a drill", DrillLeftover, "drill clean"),
  "drill-leftover-list": kind("Temporary indexes of drills", list(DrillLeftover), "drill clean"),
  "recovery": kind("Result of a recovery", Recovery, "recover"),
  "recovery-event": kind("An event of a recovery", RecoveryLine, "recover"),
  "guard": kind("Report of a guarded command", Guard, "guard"),
  "dry-run": kind("Output of a dry run", DryRun, ...writing),
  "plan": kind("Comparison of a policy with a project; also the format of saved plans", Plan, "policy plan"),
  "apply": kind("Result of applying a policy", Applied, "policy apply"),
  "pull": kind("Result of writing the state of a project into a policy file", Pulled, "policy pull"),
  "setting": kind("A setting and its source", Setting, "config"),
  "setting-list": kind("Settings and their sources", list(Setting), "config"),
  "audit": kind("Result of an audit", Audit, "audit", "check"),
  "finding": kind("A finding of an audit", FindingLine, "audit", "check"),
  "status": kind("Status of a project", Status, "status"),
  "status-line": kind("Status of an index, or a running operation", StatusLine, "status"),
  "projects": kind("Results of several projects", Projects, "audit", "check", "status", "policy plan"),
  "doctor": kind("Result of the doctor", Doctor, "doctor"),
  "check": kind("Result of one doctor check", Check, "doctor"),
  "help": kind("Help page of a command", HelpPage, ""),
  "error": kind("An error on standard error", ErrorLine, "")
}
