/** `pcb restore` */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
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
    Flags.optional("A tag of the new index, instead of those in the backup; may be repeated")
  ),
  deletionProtection: Flags.toggle("deletion-protection", "Protect the new index from being deleted"),
  wait: Flags.wait,
  timeout: Flags.timeout,
  yes: Flags.yes,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate((input) => Effect.andThen(Target.check("backup", input.target), Flags.checkTimeout(input))),
  Documentation.of("Start a restore: a new index, made from a backup", {
    "pcb restore start docs@latest --name docs-restored --wait":
      "Restore the newest good backup of docs, and wait until the index is ready",
    "pcb restore start docs@2026-11-20 --name docs-old --dry-run": "See which backup that is"
  })
)

const wait = Command.make("wait", { target: Target.several("job", selectors), timeout: Flags.timeout }).pipe(
  Command.validate(({ target }) => Target.check("job", target)),
  Documentation.of("Wait until restored indexes are ready; the exit code says whether they are", {
    "pcb restore wait docs-restored": "Go on with a wait that was left",
    "pcb restore wait 9857add2 --timeout 2h -o ndjson": "With a JSON object for every change"
  })
)

const list = Command.make("list", { active: Flags.toggle("active", "Only those that are not over") }).pipe(
  Command.withAlias("ls"),
  Documentation.of("List restore jobs, the newest first; those whose index was deleted drop out", {
    "pcb restore list --active": "What is under way",
    "pcb restore wait $(pcb restore list --active -o id)": "Wait for all of it",
    "pcb restore list -o ndjson": "One a line, in the order in which they arrive"
  })
)

const describe = Command.make("describe", { target: Target.one("job", selectors) }).pipe(
  Command.validate(({ target }) => Target.check("job", target)),
  Command.withAlias("show"),
  Documentation.of("Describe a restore job", {
    "pcb restore describe docs-restored": "Where a restore stands",
    "pcb restore describe 9857add2-99d4-4399-870e-aa7f15d8d326 -o json | jq -r .status": "Just its status"
  })
)

const run = Handler.connected(() => import("./handler.ts"), "restore")

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
