/**
 * What the command line prints as JSON, kind by kind. The JSON Schemas in `schemas` are made of this, and nothing of it
 * is loaded when a command runs.
 *
 * New keys and new values may appear in all of it, so no object is closed and no text is limited to those known.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as String from "effect/String"

/** A text with values that are known, to which others may be added. */
const open = (...known: readonly [string, ...ReadonlyArray<string>]) => Schema.String.annotate({ examples: known })

const optionalText = Schema.optionalKey(Schema.String)

/** A list, in the envelope of the API. It is complete if it has the key `pagination`, which then is `null`. */
const list = <S extends Schema.Constraint>(row: S) =>
  Schema.Struct({ data: Schema.Array(row), pagination: Schema.optionalKey(Schema.Null) })

/** The id of what was started before a failure. */
const startedId = (what: string) =>
  Schema.optionalKey(
    Schema.String.annotate({ description: `The ${what} that was waited for, or started before the failure` })
  )

/** A failure, on standard error. */
export const ErrorLine = Schema.Struct({
  error: Schema.Struct({
    code: open("NOT_FOUND", "USAGE", "NO_API_KEY", "NOT_CONFIRMED", "WAIT_TIMED_OUT"),
    message: Schema.String,
    details: Schema.optionalKey(
      Schema.Array(Schema.String).annotate({ description: "What there is to choose from, or every mistake" })
    ),
    hint: optionalText,
    status: Schema.optionalKey(Schema.Int),
    request_id: optionalText,
    retry_after: Schema.optionalKey(Schema.Finite.annotate({ description: "In seconds" })),
    in_doubt: Schema.optionalKey(
      Schema.Boolean.annotate({ description: "Whether it may have been done although it failed; left out if not" })
    ),
    restore_job_id: startedId("restore"),
    backup_id: startedId("backup"),
    schedule_id: startedId("schedule"),
    exit_code: Schema.Int
  })
})

/** What every line of a wait has. */
const line = <const Type extends string>(type: Type) => ({
  type: Schema.Literal(type),
  name: Schema.String,
  status: Schema.String,
  detail: optionalText,
  percent_complete: Schema.optionalKey(Schema.Finite),
  elapsed_ms: Schema.Int
})

/** How something stands that is waited for. */
export const Progress = Schema.Union([
  Schema.Struct({ ...line("progress"), backup_id: Schema.String }),
  Schema.Struct({ ...line("progress"), restore_job_id: Schema.String })
])

const outcome = open("ready", "failed", "timed_out", "error")

/** What came of something that was waited for: with the backup or the restore job itself, if that is ready. */
export const Result = Schema.Union([
  Schema.Struct({ ...line("result"), backup_id: Schema.String, outcome, backup: Schema.optionalKey(Backup.FromWire) }),
  Schema.Struct({
    ...line("result"),
    restore_job_id: Schema.String,
    outcome,
    restore_job: Schema.optionalKey(RestoreJob.FromWire)
  })
])

/** The fields of a model of core and others, in the API's way to write keys. */
const withSnakeKeys = (fields: Schema.Struct.Fields) =>
  Schema.Struct(fields).pipe(Schema.encodeKeys(Record.map(fields, (_, key) => String.camelToSnake(key))))

const optionalTime = Schema.optionalKey(Schema.NullOr(Schema.String))

/** The latest runs of a schedule, the newest last. */
const RecentRuns = Schema.Array(Schema.Struct({
  at: Schema.String,
  outcome: open("ready", "failed", "missed", "late", "running"),
  backup_id: Schema.NullOr(Schema.String)
}))

/**
 * A schedule, with the name of its index, which the API does not tell, and with what its history tells, where that is
 * read.
 */
const Schedule = withSnakeKeys({
  ...BackupSchedule.BackupSchedule.fields,
  indexName: Schema.String,
  lastBackupAt: optionalTime,
  recentRuns: Schema.optionalKey(RecentRuns)
})

/** A run, with the time it was planned for, which is in its name where the service does not tell it. */
const Run = withSnakeKeys({
  ...BackupRun.BackupRun.fields,
  // The history has no row of a run that was missed: its status is `Missed`.
  backupId: Schema.NullOr(Schema.String).annotate({ description: "null for a run that was missed" }),
  sourceIndexId: optionalText,
  plannedFor: optionalTime
})

/** A backup, with the time it was taken, which is that of the run where a schedule made it. */
const BackupRow = withSnakeKeys({ ...Backup.Backup.fields, takenAt: optionalTime })

/** A change in the history of a schedule. */
export const Change = Schema.Struct({
  type: Schema.Literal("change"),
  change: open("appeared", "changed", "finished", "failed"),
  previous_status: Schema.NullOr(Schema.String),
  run: BackupRun.FromWire
})

const texts = Schema.Array(Schema.String)

/** What `--dry-run` says. The schema name changes when a field is removed. */
export const DryRun = Schema.Struct({
  schema: Schema.Literal("pcb.dry-run/v1"),
  requests: Schema.Array(Schema.Struct({
    method: open("POST", "PATCH", "DELETE"),
    path: Schema.String.annotate({ description: "Below the host" }),
    body: Schema.Json
  })).annotate({ description: "What would be sent; none, if nothing would be changed" }),
  lost: Schema.Struct({
    is_known: Schema.Boolean.annotate({ description: "Whether all that would be lost is known" }),
    indexes: texts,
    schedules: texts.annotate({ description: "Their ids" }),
    backups: texts.annotate({ description: "Their ids" }),
    left_without_backup: texts.annotate({ description: "The indexes that would be left without a good backup" })
  }),
  questions: Schema.Array(Schema.Struct({
    action: Schema.String,
    typed: Schema.NullOr(Schema.String.annotate({ description: "What has to be typed instead of a yes" })),
    flags: Schema.String.annotate({ description: "The flags that answer it beforehand" })
  })).annotate({ description: "What would be asked first, by the flags that were given" })
})

/** A setting, and where it comes from. */
export const Setting = Schema.Struct({
  setting: Schema.String,
  value: Schema.NullOr(Schema.String),
  source: Schema.String
})

/** What to do about a finding. The keys depend on the type. */
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

/** Something that was found. */
export const Finding = Schema.Struct({
  ...finding,
  fix: Schema.NullOr(
    Schema.String.annotate({ description: "The remedy as a command line, safe to paste into a shell" })
  ),
  remedy: Schema.NullOr(RemedyJson),
  evidence
})

/** How the backups of an index are. */
export const IndexHealth = Schema.Struct({
  ...BackupHealth.IndexHealth.from.fields,
  findings: Schema.Array(Finding)
})

/** How the backups of a project are. */
export const Report = Schema.Struct({
  ...BackupHealth.BackupHealth.fields,
  project: Schema.Array(Finding),
  indexes: Schema.Array(IndexHealth),
  ignored: Schema.Array(Schema.Struct({ ...BackupHealth.Ignored.fields, finding: Finding }))
})

/** What an audit has found. The schema name changes when a field is removed. */
export const Audit = Schema.Struct({ schema: Schema.Literal("pcb.audit/v1"), ...Report.fields })

/** The findings of a project, and what they come to. */
const { at, project, quota, status, totals } = Report.fields

/** How the backups of an index are, and the latest runs of its schedule. */
export const IndexStatus = Schema.Struct({
  ...IndexHealth.fields,
  last_backup_at: optionalTime,
  retention_expire_after_days: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  recent_runs: RecentRuns
})

/** A backup or a restore that is under way. */
export const Operation = Schema.Struct({
  kind: open("backup", "restore"),
  id: Schema.String,
  index_name: Schema.String,
  status: Schema.String,
  started_at: Schema.NullOr(Schema.String),
  elapsed_seconds: Schema.NullOr(Schema.Int),
  percent_complete: Schema.NullOr(Schema.Finite)
})

/** How a project is. The schema name changes when a field is removed. */
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

/** How an index is, or something that is under way or was. */
export const StatusLine = Schema.Union([
  Schema.Struct({ type: Schema.Literal("index"), ...IndexStatus.fields }),
  Schema.Struct({ type: Schema.Literal("operation"), ...Operation.fields, is_over: Schema.Boolean })
])

/** What a doctor has seen of one thing. */
export const Check = Schema.Struct({
  check: Schema.String,
  status: open("ok", "warning", "failed", "skipped"),
  found: Schema.String,
  try: optionalText,
  exit_code: Schema.optionalKey(Schema.Int)
})

/** What a doctor has seen. The schema name changes when a field is removed. */
const Doctor = Schema.Struct({
  schema: Schema.Literal("pcb.doctor/v1"),
  exit_code: Schema.Int,
  checks: Schema.Array(Check)
})

/** A restore drill. The report is `null` until the drill has ended. */
export const Drill = Schema.Struct({
  ...DrillLog.DrillEntry.from.fields,
  started_at: Schema.NullOr(Schema.String).annotate({ description: "null while the drill waits for its turn" }),
  deadline_at: Schema.NullOr(Schema.String),
  report: Schema.NullOr(DrillReport.DrillReport),
  state: open("queued", "running", "ended")
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

/** A temporary index of a drill. */
export const DrillLeftover = Schema.Struct({
  name: Schema.String,
  execution_id: Schema.String,
  state: open("running", "leftover", "unknown"),
  since: Schema.NullOr(Schema.String)
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

/** A kind of JSON, and how the commands begin that print it: `schedule` for every one of the group. */
const kind = (description: string, schema: Schema.Constraint, ...printedBy: ReadonlyArray<string>) => ({
  description,
  schema,
  printedBy
})

const scheduleCommands = ["list", "describe", "create", "update", "pause", "resume", "delete"].map((verb) =>
  `schedule ${verb}`
)

/** The commands that take `--dry-run`. */
const writing = [
  ...["create", "update", "pause", "resume", "delete"].map((verb) => `schedule ${verb}`),
  "backup create",
  "backup delete",
  "restore start",
  "drill run",
  "drill clean",
  "api"
]

/** Every kind, by the name of its schema. `-o ndjson` prints the rows of a list one a line. */
export const kinds: Readonly<Record<string, ReturnType<typeof kind>>> = {
  "schedule": kind("A backup schedule", Schedule, ...scheduleCommands),
  "schedule-list": kind("Backup schedules", list(Schedule), ...scheduleCommands),
  "run": kind("A run of a backup schedule", Run, "schedule history"),
  "run-list": kind("Runs of a backup schedule", list(Run), "schedule history"),
  "change": kind("A change in the history of a schedule", Change, "schedule history"),
  "backup": kind("A backup", BackupRow, "backup"),
  "backup-list": kind("Backups", list(BackupRow), "backup"),
  "restore-job": kind("A restore job", RestoreJob.FromWire, "restore"),
  "restore-job-list": kind("Restore jobs", list(RestoreJob.FromWire), "restore"),
  "started-restore": kind("A restore that was started", RestoreJob.StartedFromWire, "restore start"),
  "progress": kind("How something stands that is waited for", Progress, "backup create", "backup wait", "restore"),
  "result": kind("What came of something that was waited for", Result, "backup create", "backup wait", "restore"),
  "drill": kind("A restore drill", Drill, "drill run", "drill list", "drill show", "drill describe", "drill cancel"),
  "drill-list": kind("Restore drills", list(Drill), "drill run", "drill list", "drill ls", "drill cancel"),
  "drill-progress": kind("The state of a drill that is waited for", DrillProgress, "drill run"),
  "drill-result": kind("The end of a drill that was waited for", DrillResult, "drill run"),
  "drill-leftover": kind("A temporary index of a drill", DrillLeftover, "drill clean"),
  "drill-leftover-list": kind("Temporary indexes of drills", list(DrillLeftover), "drill clean"),
  "dry-run": kind("What a dry run says", DryRun, ...writing),
  "setting": kind("A setting and where it comes from", Setting, "config"),
  "setting-list": kind("Settings and where they come from", list(Setting), "config"),
  "audit": kind("What an audit has found", Audit, "audit", "check"),
  "finding": kind("Something that an audit has found", Finding, "audit", "check"),
  "status": kind("How a project is", Status, "status"),
  "status-line": kind("How an index is, or something that is under way", StatusLine, "status"),
  "doctor": kind("What a doctor has seen", Doctor, "doctor"),
  "check": kind("What a doctor has seen of one thing", Check, "doctor"),
  "help": kind("The help page of a command", HelpPage, ""),
  "error": kind("A failure, on standard error", ErrorLine, "")
}
