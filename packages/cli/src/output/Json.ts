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
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Schema from "effect/Schema"
import { open, optionalText, RemedyJson, texts, withSnakeKeys } from "./JsonParts.ts"
import * as PlanJson from "./PlanJson.ts"

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
  })).annotate({ description: "Confirmations that are still required with the given flags" }),
  plan: Schema.optionalKey(Schema.Union([PlanJson.RecoveryPlan, PlanJson.Prune, PlanJson.Changes])).annotate({
    description: "The decisions that lead to the requests, for recover, backup prune and policy apply"
  })
})

/** A setting and its source. */
export const Setting = Schema.Struct({
  setting: Schema.String,
  value: Schema.NullOr(Schema.String),
  source: Schema.String
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
  "prune": kind("Result of pruning backups", PlanJson.Prune, "backup prune"),
  "prune-line": kind("Decision about a backup", PlanJson.PruneLine, "backup prune"),
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
  "recovery": kind("Result of a recovery", PlanJson.Recovery, "recover"),
  "recovery-event": kind("An event of a recovery", PlanJson.RecoveryLine, "recover"),
  "guard": kind("Report of a guarded command", PlanJson.Guard, "guard"),
  "dry-run": kind("Output of a dry run", DryRun, ...writing),
  "plan": kind("Comparison of a policy with a project; also the format of saved plans", PlanJson.Plan, "policy plan"),
  "apply": kind("Result of applying a policy", PlanJson.Applied, "policy apply"),
  "pull": kind("Result of writing the state of a project into a policy file", PlanJson.Pulled, "policy pull"),
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
