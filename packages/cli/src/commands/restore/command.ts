/** `pcb restore` */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Handler from "../../Handler.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"

const selectors = "Restore job: id, beginning of one, or the name of its index"

const start = Command.make("start", {
  target: Target.one("backup", "Backup: id, beginning of one, name, INDEX@latest or INDEX@2026-11-20"),
  name: Flag.String("name").pipe(
    Flag.withMetavar("<new-index>"),
    Flag.withDescription("Name of the index to make: lower-case letters, digits and hyphens, at most 45")
  ),
  tags: Flag.KeyValuePair("tag").pipe(
    Flag.withDescription("A tag of the new index, instead of those in the backup; may be repeated"),
    Flag.optional
  ),
  deletionProtection: Flag.Boolean("deletion-protection").pipe(
    Flag.withDescription("Protect the new index from being deleted"),
    Flag.withDefault(false)
  ),
  wait: Flags.wait,
  timeout: Flags.timeout,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate((input) => Effect.andThen(Target.check("backup", input.target), Flags.checkTimeout(input))),
  Command.withDescription("Start a restore: a new index, made from a backup"),
  Command.withExamples([
    {
      command: "pcb restore start docs@latest --name docs-restored --wait",
      description: "Restore the newest backup of docs, and wait until the index is ready"
    },
    {
      command: "pcb restore start docs@2026-11-20 --name docs-old --dry-run",
      description: "See which backup that is"
    }
  ])
)

const wait = Command.make("wait", {
  target: Target.several("job", selectors),
  timeout: Flags.timeout
}).pipe(
  Command.validate(({ target }) => Target.check("job", target)),
  Command.withDescription("Wait until restored indexes are ready; the exit code says whether they are"),
  Command.withExamples([
    { command: "pcb restore wait docs-restored", description: "Go on with a wait that was left" },
    {
      command: "pcb restore wait 9857add2 --timeout 2h -o ndjson",
      description: "With a JSON object for every change"
    }
  ])
)

const list = Command.make("list", {
  active: Flag.Boolean("active").pipe(
    Flag.withDescription("Only those that are not over"),
    Flag.withDefault(false)
  )
}).pipe(
  Command.withDescription("List restore jobs, the newest first; those whose index was deleted drop out"),
  Command.withAlias("ls"),
  Command.withExamples([
    { command: "pcb restore list --active", description: "What is under way" },
    { command: "pcb restore wait $(pcb restore list --active -o id)", description: "Wait for all of it" }
  ])
)

const describe = Command.make("describe", { target: Target.one("job", selectors) }).pipe(
  Command.validate(({ target }) => Target.check("job", target)),
  Command.withDescription("Describe a restore job"),
  Command.withAlias("show"),
  Command.withExamples([
    { command: "pcb restore describe docs-restored", description: "Where a restore stands" },
    {
      command: "pcb restore describe 9857add2-99d4-4399-870e-aa7f15d8d326 -o json | jq -r .status",
      description: "Just its status"
    }
  ])
)

const run = Handler.connected(() => import("./handler.ts"))

/** `pcb restore` */
export const command = Command.make("restore").pipe(
  Command.withDescription("Indexes made from backups"),
  Command.withSubcommands([
    run(start, (_) => _.start),
    run(list, (_) => _.list),
    run(describe, (_) => _.describe),
    run(wait, (_) => _.wait)
  ])
)
