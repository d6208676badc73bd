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
    Flags.optional("What to call the backup: lower-case letters, digits and hyphens, at most 45 [a name of its own]")
  ),
  description: Flag.String("description").pipe(Flags.optional("What it is for, in your own words")),
  idempotencyKey: Flag.String("idempotency-key").pipe(
    Flags.optional("Do nothing if a backup of the index bears this key already, else give it to the new one")
  ),
  wait: Flags.wait,
  timeout: Flags.timeout,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate((input) => Effect.andThen(Target.check("index", input.target), Flags.checkTimeout(input))),
  Documentation.of("Start a backup of an index", {
    "pcb backup create docs --name before-reindex --wait": "Back up, and wait until it is ready",
    "id=$(pcb backup create docs -o id)": "Start it, and keep its id",
    "pcb backup create docs --idempotency-key deploy-42": "Start it once, however often this is run"
  })
)

const wait = Command.make("wait", {
  target: Target.several("backup", "Backup: id, beginning of one, name, or INDEX@latest"),
  timeout: Flags.timeout
}).pipe(
  Command.validate(({ target }) => Target.check("backup", target)),
  Documentation.of("Wait until backups are ready; the exit code says whether they are", {
    "pcb backup wait 5d0c71aa --timeout 30m": "Go on with a wait that was left",
    "pcb backup wait $a $b -o ndjson": "Wait for two, with a JSON object for every change"
  })
)

/** What `--status` takes, and what it stands for. */
const statuses = new Map<string, "ready" | "initializing" | "failed">([
  ["ready", "ready"],
  ["initializing", "initializing"],
  ["failed", "failed"],
  // What versions from 2026-07 on call it.
  ["initializationfailed", "failed"]
])

const list = Command.make("list", {
  index: Target.indexFlag.pipe(Flags.optional("Only backups of this index")),
  status: Flag.String("status").pipe(
    Flag.withMetavar("<status>"),
    Flag.withDescription("Only backups that stand like this: ready, initializing, failed"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(statuses.get(text.toLowerCase())),
      () => "Expected ready, initializing or failed"
    ),
    Flag.optional
  ),
  since: Flag.optional(Flags.since),
  schedule: Flag.String("schedule").pipe(
    Flags.optional("Only backups in the history of this schedule: its id, its name, or its index")
  ),
  manual: Flags.toggle(
    "manual",
    "Only backups made by hand: those whose name does not end in the time of a planned run"
  ),
  includeDeleted: Flags.toggle(
    "include-deleted",
    "With --index: those of deleted indexes of that name, too. Without it they are there anyway"
  ),
  limit: Flags.limit.pipe(
    Flags.optional(`How many to print, at most: the newest [${Flags.rowsInTable} in a table, else all]`)
  ),
  all: Flags.toggle("all", "Print all of them")
}).pipe(
  Command.validate(({ all, limit, manual, schedule }) =>
    manual && Option.isSome(schedule)
      ? Effect.fail(new CliError.ValidationError({ message: "--schedule and --manual exclude each other" }))
      : all && Option.isSome(limit)
      ? Effect.fail(new CliError.ValidationError({ message: "--limit and --all exclude each other" }))
      : Effect.void
  ),
  Command.withAlias("ls"),
  Documentation.of("List backups, the newest first", {
    "pcb backup list --index docs --status ready": "What docs can be restored from",
    "pcb backup list --since 7d --status failed": "What went wrong this week",
    "pcb backup list --manual -o id": "The ids of those made by hand",
    "pcb backup list -o ndjson": "One a line, in the order in which they arrive"
  })
)

const describe = Command.make("describe", {
  target: Target.one("backup", "Backup: id, beginning of one, name, INDEX@latest or INDEX@2026-11-20")
}).pipe(
  Command.validate(({ target }) => Target.check("backup", target)),
  Command.withAlias("show"),
  Documentation.of("Describe a backup", {
    "pcb backup describe docs@latest": "The newest good backup of docs",
    "pcb backup describe docs@2026-11-20 -o id": "The id of the one to go back to"
  })
)

const remove = Command.make("delete", {
  target: Target.several("backup", "Backup: id, beginning of one, or name"),
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(({ target }) => Target.check("backup", target)),
  Command.withAlias("rm"),
  Documentation.of("Delete backups, after saying what will be lost", {
    "pcb backup delete before-reindex": "Ask, then delete",
    "pcb backup list --manual --status failed -o id | xargs pcb backup delete --yes":
      "Delete what did not work out, without a question"
  })
)

const run = Handler.connected(() => import("./handler.ts"), "backup")

/** `pcb backup` */
export const command = Command.make("backup").pipe(
  Command.withDescription("Backups of indexes"),
  Command.withSubcommands([
    run(create, (_) => _.create),
    run(list, (_) => _.list),
    run(describe, (_) => _.describe),
    run(remove, (_) => _.remove),
    run(wait, (_) => _.wait)
  ])
)
