/** `pcb backup` */
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

const create = Command.make("create", {
  target: Target.one("index", "Name of the index to back up"),
  name: Flags.text("name", "<string>").pipe(
    Flags.optional("Name of the backup: up to 45 lowercase letters, digits and hyphens [generated]")
  ),
  description: Flag.String("description").pipe(Flags.optional("Description of the backup")),
  idempotencyKey: Flag.String("idempotency-key").pipe(
    Flags.optional("Create the backup only if no backup of the index has this key yet")
  ),
  wait: Flags.wait,
  timeout: Flags.timeout,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate((input) => Effect.andThen(Target.check("index", input.target), Flags.checkTimeout(input))),
  Documentation.of("Start a backup of an index", {
    "pcb backup create docs --name before-reindex --wait": "Create a backup and wait until it is ready",
    "id=$(pcb backup create docs -o id)": "Start a backup and save its ID",
    "pcb backup create docs --idempotency-key deploy-42": "Start a backup only once, even if the command is repeated"
  })
)

const wait = Command.make("wait", {
  target: Target.several("backup", "Backup ID, ID prefix, name, or INDEX@latest"),
  timeout: Flags.timeout
}).pipe(
  Command.validate(({ target }) => Target.check("backup", target)),
  Documentation.of("Wait until backups are ready (exit code 0 only if all are)", {
    "pcb backup wait 5d0c71aa --timeout 30m": "Resume an interrupted wait",
    "pcb backup wait $a $b -o ndjson": "Wait for two backups, printing a JSON object for each change"
  })
)

/** Values of `--status`, with the statuses they select. */
const statuses = new Map<string, "ready" | "initializing" | "failed">([
  ["ready", "ready"],
  ["initializing", "initializing"],
  ["failed", "failed"],
  // The name of the status from API version 2026-07 on.
  ["initializationfailed", "failed"]
])

const list = Command.make("list", {
  index: Target.indexFlag.pipe(Flags.optional("Only show backups of this index")),
  status: Flag.String("status").pipe(
    Flag.withMetavar("<status>"),
    Flag.withDescription("Only show backups with this status: ready, initializing or failed"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(statuses.get(text.toLowerCase())),
      () => "Expected ready, initializing or failed"
    ),
    Flag.optional
  ),
  since: Flag.optional(Flags.since),
  schedule: Flag.String("schedule").pipe(
    Flags.optional("Only show backups from the history of this schedule (ID, name or index)")
  ),
  manual: Flags.toggle(
    "manual",
    "Only show manual backups (no schedule timestamp in the name)"
  ),
  includeDeleted: Flags.toggle(
    "include-deleted",
    "With --index, include backups of deleted indexes with that name; always included without --index"
  ),
  limit: Flags.limit.pipe(
    Flags.optional(`Maximum number of backups to print, newest first [${Flags.rowsInTable} in a table, else all]`)
  ),
  all: Flags.toggle("all", "Print all backups")
}).pipe(
  Command.validate(({ all, limit, manual, schedule }) =>
    manual && Option.isSome(schedule)
      ? Effect.fail(new CliError.ValidationError({ message: "--schedule cannot be combined with --manual" }))
      : all && Option.isSome(limit)
      ? Effect.fail(new CliError.ValidationError({ message: "--limit cannot be combined with --all" }))
      : Effect.void
  ),
  Command.withAlias("ls"),
  Documentation.of("List backups, newest first", {
    "pcb backup list --index docs --status ready": "List the backups that docs can be restored from",
    "pcb backup list --since 7d --status failed": "List the backups that failed in the last 7 days",
    "pcb backup list --manual -o id": "Print the IDs of manual backups",
    "pcb backup list -o ndjson": "Print one JSON object per line, in the order received"
  })
)

const describe = Command.make("describe", {
  target: Target.one("backup", "Backup ID, ID prefix, name, INDEX@latest or INDEX@2026-11-20")
}).pipe(
  Command.validate(({ target }) => Target.check("backup", target)),
  Command.withAlias("show"),
  Documentation.of("Describe a backup", {
    "pcb backup describe docs@latest": "Describe the newest good backup of docs",
    "pcb backup describe docs@2026-11-20 -o id": "Print the ID of the newest good backup as of a date"
  })
)

const remove = Command.make("delete", {
  target: Target.several("backup", "Backup ID, ID prefix or name"),
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(({ target }) => Target.check("backup", target)),
  Command.withAlias("rm"),
  Documentation.of("Delete backups, after showing what will be lost", {
    "pcb backup delete before-reindex": "Delete a backup after confirmation",
    "pcb backup list --manual --status failed -o id | xargs pcb backup delete --yes":
      "Delete failed manual backups without confirmation"
  })
)

const unitHours: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 }

const keep = (rule: string, description: string) => Flags.count(`keep-${rule}`).pipe(Flags.optional(description))

const prune = Command.make("prune", {
  target: Target.several("index", "Name of an index"),
  all: Flags.toggle("all", "Prune the backups of every index"),
  keepLast: keep("last", "Keep this many of the newest backups"),
  keepDaily: keep("daily", "Keep the newest backup of each of this many days"),
  keepWeekly: keep("weekly", "Keep the newest backup of each of this many weeks"),
  keepMonthly: keep("monthly", "Keep the newest backup of each of this many months"),
  keepWithin: Flag.String("keep-within").pipe(
    Flag.withMetavar("<period>"),
    Flag.filterMap(
      (text) => {
        const [, digits, unit = ""] = /^(\d{1,6})([hdw])$/.exec(text) ?? []
        const hours = Number(digits) * (unitHours[unit] ?? NaN)
        return hours > 0 ? Option.some(Duration.hours(hours)) : Option.none()
      },
      // "m" could mean months.
      () => "Expected hours, days or weeks, such as 12h, 30d or 8w"
    ),
    Flags.optional("Keep backups that are at most this much older than the newest good backup: 12h, 30d, 8w")
  ),
  name: Flag.String("name").pipe(
    Flag.withMetavar("<pattern>"),
    Flags.optional("Only consider backups with this name, or names that match a pattern such as guard-*")
  ),
  orphans: Flags.toggle("orphans", "Also prune backups of deleted indexes"),
  evenIfShrunk: Flags.toggle("even-if-shrunk", "Prune even if the newest backup is empty or much smaller than before"),
  yes: Flags.yes,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(Effect.fnUntraced(function*(input) {
    const { all, keepDaily, keepLast, keepMonthly, keepWeekly, keepWithin, target } = input
    const invalid = (message: string) => new CliError.ValidationError({ message })
    if (all && Target.all(target).length > 0) return yield* invalid("--all cannot be combined with an index")
    if (!all && Target.all(target).length === 0) return yield* invalid("Expected the name of an index, or --all")
    if (Target.all(target).includes("")) {
      return yield* invalid("Expected the name of an index, got an empty string")
    }
    if (Option.contains(input.name, "")) return yield* invalid("--name must not be empty")
    if ([keepLast, keepDaily, keepWeekly, keepMonthly].every(Option.isNone) && Option.isNone(keepWithin)) {
      return yield* invalid(
        "Expected at least one of --keep-last, --keep-daily, --keep-weekly, --keep-monthly and --keep-within"
      )
    }
  })),
  Documentation.of("Delete manual backups that no rule keeps (scheduled backups expire by themselves)", {
    "pcb backup prune docs --keep-last 3 --keep-monthly 6 --dry-run": "Show what would be kept and deleted, and why",
    "pcb backup prune docs --keep-last 3 --keep-monthly 6": "Delete the backups after confirmation",
    "pcb backup prune --all --name 'guard-*' --keep-within 14d --yes":
      "Delete guard backups that are more than 14 days older than the newest one of their index",
    "pcb backup prune old-docs --orphans --keep-last 1": "Keep one backup of a deleted index"
  })
)

const run = Handler.connected(() => import("./handler.ts"), "backup")
const runPrune = Handler.connected(() => import("./prune-handler.ts"), "backup")

/** `pcb backup` */
export const command = Command.make("backup").pipe(
  Command.withDescription("Create and manage backups of indexes"),
  Command.withSubcommands([
    run(create, (_) => _.create),
    run(list, (_) => _.list, () => true),
    run(describe, (_) => _.describe),
    run(remove, (_) => _.remove),
    runPrune(prune, (_) => _.prune),
    run(wait, (_) => _.wait)
  ])
)
