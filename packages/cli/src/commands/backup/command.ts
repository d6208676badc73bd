/** `pcb backup` */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"

const create = Command.make("create", {
  target: Target.one("index", "Name of the index to back up"),
  name: Flag.String("name").pipe(
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

const run = Handler.connected(() => import("./handler.ts"), "backup")

/** `pcb backup` */
export const command = Command.make("backup").pipe(
  Command.withDescription("Create and manage backups of indexes"),
  Command.withSubcommands([
    run(create, (_) => _.create),
    run(list, (_) => _.list),
    run(describe, (_) => _.describe),
    run(remove, (_) => _.remove),
    run(wait, (_) => _.wait)
  ])
)
