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

const selectors = "Name of the schedule or of its index, its id, or the beginning of one"

const one = Target.one("schedule", selectors)

const several = Target.several("schedule", selectors)

const every = Flag.Literals("every", ["daily", "weekly", "monthly"]).pipe(
  Flag.withDescription("How often it runs; the service chooses the time of day")
)

/** `30`, or `30d`, as lists print it. */
const keep = Flag.String("keep").pipe(
  Flag.withMetavar("<days>"),
  Flag.filterMap(
    (text) => {
      const days = Number(/^(\d{1,4})d?$/.exec(text)?.[1])
      return days >= 1 ? Option.some(days) : Option.none()
    },
    () => `Expected a number of days like 30, and 1 at least`
  ),
  Flag.withDescription("For how many days each backup is kept")
)

const create = Command.make("create", {
  target: Target.one("index", "Name of the index"),
  every,
  keep,
  name: Flag.String("name").pipe(
    Flag.withMetavar("<name>"),
    Flags.optional("Name of the schedule, and the beginning of the names of its backups [<index>-<every>]")
  ),
  ensure: Flags.toggle("ensure", "Create it, update it or leave it alone, whatever it takes: safe to run again"),
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(({ target }) => Target.check("index", target)),
  Documentation.of("Create a backup schedule", {
    "pcb schedule create docs --every daily --keep 30": "Every day, each kept for 30 days",
    "pcb schedule create docs --every daily --keep 30 --ensure":
      "The same, as often as you like: from cron, CI or Terraform",
    "pcb schedule create docs --every weekly --keep 60 --dry-run": "Say what would be done"
  })
)

const list = Command.make("list", {
  target: Target.several("index", "Name of the index"),
  paused: Flags.toggle("paused", "Only those that are paused")
}).pipe(
  Command.withAlias("ls"),
  Documentation.of("List the backup schedules of the project, or of some indexes, and how they are doing", {
    "pcb schedule list": "Every schedule, its last backup, its next run, its latest runs",
    "pcb schedule list docs product-catalog": "Those of two indexes",
    "pcb schedule list --paused -o id | xargs pcb schedule resume": "Resume what is paused"
  })
)

const describe = Command.make("describe", { target: one }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Command.withAlias("show"),
  Documentation.of("Describe a backup schedule", {
    "pcb schedule describe docs": "The schedule of an index",
    "pcb schedule describe c688ed12 --json=name,frequency": "Two fields of it, by short id"
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
      return yield* new CliError.ValidationError({ message: "Nothing to update: give --every, --keep or both" })
    }
  })),
  Documentation.of("Change how often a schedule runs, or for how long its backups are kept", {
    "pcb schedule update docs --keep 60": "Keep them longer, those already taken too",
    "pcb schedule update docs-daily --keep 7 --dry-run": "Show which backups would become due for deletion",
    "pcb schedule update c688ed12 --every weekly": "Run less often"
  })
)

const pause = Command.make("pause", { target: several, dryRun: Flags.dryRun }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Documentation.of("Pause backup schedules", {
    "pcb schedule pause legacy-embeddings": "Make no more backups of an index",
    "pcb schedule pause docs-daily catalog-daily": "Several at once"
  })
)

const resume = Command.make("resume", { target: several, dryRun: Flags.dryRun }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Documentation.of("Resume backup schedules: each makes a backup right away", {
    "pcb schedule resume legacy-monthly": "Make backups again, the first one now",
    "pcb schedule resume legacy-monthly --dry-run": "Say what that means, and do nothing"
  })
)

const remove = Command.make("delete", { target: several, yes: Flags.yes, dryRun: Flags.dryRun }).pipe(
  Command.validate(({ target }) => Target.check("schedule", target)),
  Command.withAlias("rm"),
  Documentation.of("Delete backup schedules; the backups they made stay", {
    "pcb schedule delete docs-daily": "Ask first",
    "pcb schedule delete docs-daily tickets-weekly --yes": "Several, from a script"
  })
)

const history = Command.make("history", {
  target: one,
  since: Flags.since.pipe(
    Flags.optional(
      "Only runs since then: 7d, 2026-11-20 or 2026-11-20T18:00:00Z; a calendar shows 90d and a strip a year, if not given"
    )
  ),
  status: Flag.Literals("status", ["scheduled", "running", "ready", "failed", "missed"]).pipe(
    Flags.optional("Only runs that stand so, as a list")
  ),
  limit: Flags.limit.pipe(Flags.optional("How many runs to print, at most, as a list [all]")),
  calendar: Flags.toggle(
    "calendar",
    "A calendar, or a strip if it runs weekly or monthly; on a terminal, if nothing else is asked for"
  ),
  list: Flags.toggle("list", "One line a run; in a pipe, if nothing else is asked for").pipe(Flag.withAlias("l")),
  follow: Flags.toggle("follow", "One line for each change from now on, until Ctrl-C; -o json prints ndjson").pipe(
    Flag.withAlias("f")
  ),
  interval: Flags.duration("interval").pipe(
    Flag.withDescription("How long --follow waits before it looks again [1m]"),
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
        message: `--calendar shows every run, and does not go with ${others.join(" and ")}`
      })
    }
    if (input.follow && (Option.isSome(input.since) || Option.isSome(input.status))) {
      return yield* new CliError.ValidationError({ message: "--follow goes with neither --since nor --status" })
    }
  })),
  Documentation.of("Show the runs of a backup schedule: planned, under way, ready, failed and missed", {
    "pcb schedule history docs": "Ninety days of the schedule of an index, at a glance",
    "pcb schedule history docs-daily --limit 14": "The latest runs, one a line",
    "pcb schedule history docs --status failed --since 30d": "What went wrong in a month",
    "pcb schedule history docs -o ndjson | jq .status": "One JSON object a line, with what the API says of each run",
    "pcb schedule history docs --follow": "Every change, as it happens"
  })
)

const read = Handler.connected(() => import("./read-handler.ts"), "schedule")
const write = Handler.connected(() => import("./write-handler.ts"), "schedule")
const show = Handler.connected(() => import("./history-handler.ts"), "schedule")

/** `pcb schedule` */
export const command = Command.make("schedule").pipe(
  Command.withDescription("Backup schedules and their runs"),
  Command.withSubcommands([
    write(create, (_) => _.create),
    read(list, (_) => _.list),
    read(describe, (_) => _.describe),
    write(update, (_) => _.update),
    write(pause, (_) => _.pause),
    write(resume, (_) => _.resume),
    write(remove, (_) => _.remove),
    show(history, (_) => _.history)
  ])
)
