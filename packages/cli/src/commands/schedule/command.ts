/** `pcb schedule` */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"

const selectors = "Schedule ID, ID prefix, name, or name of its index"

const one = Target.one("schedule", selectors)

const several = Target.several("schedule", selectors)

const { every, keep } = Flags

const create = Command.make("create", {
  target: Target.one("index", "Name of the index"),
  every,
  keep,
  name: Flags.text("name", "<name>").pipe(
    Flags.optional("Name of the schedule, and prefix of its backup names [<index>-<every>]")
  ),
  ensure: Flags.toggle("ensure", "Create or update the schedule if needed (idempotent)"),
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(({ target }) => Target.check("index", target)),
  Documentation.of("Create a backup schedule", {
    "pcb schedule create docs --every daily --keep 30": "Back up every day and keep each backup for 30 days",
    "pcb schedule create docs --every daily --keep 30 --ensure":
      "Create or update the schedule from cron, CI or Terraform",
    "pcb schedule create docs --every weekly --keep 60 --dry-run": "Preview a new schedule"
  })
)

const list = Command.make("list", {
  target: Target.several("index", "Name of an index; omit to list all schedules"),
  paused: Flags.toggle("paused", "Only show paused schedules")
}).pipe(
  Command.withAlias("ls"),
  Documentation.of("List backup schedules with their latest runs", {
    "pcb schedule list": "List all schedules, with last backup, next run and latest runs",
    "pcb schedule list docs product-catalog": "List the schedules of two indexes",
    "pcb schedule list --paused -o id | xargs pcb schedule resume": "Resume all paused schedules"
  })
)

const describe = Command.make("describe", { target: one }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Command.withAlias("show"),
  Documentation.of("Describe a backup schedule", {
    "pcb schedule describe docs": "Describe the schedule of an index",
    "pcb schedule describe c688ed12 --json=name,frequency": "Print two fields of a schedule, by ID prefix"
  })
)

const update = Command.make("update", {
  target: one,
  every: Flag.optional(every),
  keep: Flag.optional(keep),
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(Effect.fnUntraced(function*(input) {
    yield* Target.check("schedule", input.target)
    if (Option.isNone(input.every) && Option.isNone(input.keep)) {
      return yield* new CliError.ValidationError({ message: "Nothing to update: use --every, --keep or both" })
    }
  })),
  Documentation.of("Change the frequency or retention of a schedule", {
    "pcb schedule update docs --keep 60": "Keep backups longer, including existing backups",
    "pcb schedule update docs-daily --keep 7 --dry-run": "Show which backups would become due for deletion",
    "pcb schedule update c688ed12 --every weekly": "Run weekly"
  })
)

const pause = Command.make("pause", { target: several, dryRun: Flags.dryRun }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Documentation.of("Pause backup schedules", {
    "pcb schedule pause legacy-embeddings": "Stop scheduled backups of an index",
    "pcb schedule pause docs-daily catalog-daily": "Pause several schedules"
  })
)

const resume = Command.make("resume", { target: several, dryRun: Flags.dryRun }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Documentation.of("Resume backup schedules; each takes a backup immediately", {
    "pcb schedule resume legacy-monthly": "Resume a schedule, taking a backup now",
    "pcb schedule resume legacy-monthly --dry-run": "Preview the effect of resuming"
  })
)

const remove = Command.make("delete", { target: several, yes: Flags.yes, dryRun: Flags.dryRun }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Command.withAlias("rm"),
  Documentation.of("Delete backup schedules, keeping their backups", {
    "pcb schedule delete docs-daily": "Delete a schedule after confirmation",
    "pcb schedule delete docs-daily tickets-weekly --yes": "Delete several schedules without confirmation"
  })
)

const history = Command.make("history", {
  target: one,
  since: Flags.since.pipe(
    Flags.optional(
      "Only show runs since this time: 7d, 2026-11-20 or 2026-11-20T18:00:00Z [90d in a calendar, a year in a strip, else all]"
    )
  ),
  status: Flag.Literals("status", ["scheduled", "running", "ready", "failed", "missed"]).pipe(
    Flags.optional("Only show runs with this status (implies --list)")
  ),
  limit: Flags.limit.pipe(Flags.optional("Maximum number of runs to print (implies --list) [all]")),
  calendar: Flags.toggle(
    "calendar",
    "Show a calendar, or a strip for weekly and monthly schedules (default on a terminal)"
  ),
  list: Flags.toggle("list", "Print one run per line (default in a pipe)").pipe(Flag.withAlias("l")),
  follow: Flags.toggle("follow", "Print one line per change from now on, until Ctrl-C; -o json prints ndjson").pipe(
    Flag.withAlias("f")
  ),
  interval: Flags.duration("interval").pipe(
    Flag.withDescription("Polling interval for --follow [1m]"),
    Flag.withDefault(Duration.minutes(1))
  )
}).pipe(
  Command.validate(Effect.fnUntraced(function*(input) {
    yield* Target.check("schedule", input.target)
    const others = [
      ...(input.list ? ["--list"] : []),
      ...(input.follow ? ["--follow"] : []),
      ...(Option.isSome(input.status) ? ["--status"] : []),
      ...(Option.isSome(input.limit) ? ["--limit"] : [])
    ]
    if (input.calendar && others.length > 0) {
      return yield* new CliError.ValidationError({
        message: `--calendar cannot be combined with ${others.join(" and ")}`
      })
    }
    if (input.follow && (Option.isSome(input.since) || Option.isSome(input.status))) {
      return yield* new CliError.ValidationError({ message: "--follow cannot be combined with --since or --status" })
    }
  })),
  Documentation.of("Show the runs of a backup schedule: planned, running, ready, failed and missed", {
    "pcb schedule history docs": "Show the last 90 days of an index's schedule",
    "pcb schedule history docs-daily --limit 14": "List the latest 14 runs",
    "pcb schedule history docs --status failed --since 30d": "List the runs that failed in the last 30 days",
    "pcb schedule history docs -o ndjson | jq .status": "Print one JSON object per run",
    "pcb schedule history docs --follow": "Follow changes as they happen"
  })
)

const read = Handler.connected(() => import("./read-handler.ts"), "schedule")
const write = Handler.connected(() => import("./write-handler.ts"), "schedule")
const show = Handler.connected(() => import("./history-handler.ts"), "schedule")

/** `pcb schedule` */
export const command = Command.make("schedule").pipe(
  Command.withDescription("Manage backup schedules and show their runs"),
  Command.withSubcommands([
    write(create, (_) => _.create),
    read(list, (_) => _.list, () => true),
    read(describe, (_) => _.describe),
    write(update, (_) => _.update),
    write(pause, (_) => _.pause),
    write(resume, (_) => _.resume),
    write(remove, (_) => _.remove),
    show(history, (_) => _.history, ({ follow }) => !follow)
  ])
)
