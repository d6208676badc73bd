/** `pcb restore` */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"

const selectors = "Restore job ID, ID prefix, or name of its index"

const start = Command.make("start", {
  target: Target.one("backup", "Backup ID, ID prefix, name, INDEX@latest or INDEX@2026-11-20"),
  name: Flags.newIndex("name").pipe(
    Flag.withDescription("Name of the new index: up to 45 lowercase letters, digits and hyphens")
  ),
  tags: Flag.KeyValuePair("tag").pipe(
    Flags.optional("Tag of the new index, replacing the tags in the backup (repeatable)")
  ),
  deletionProtection: Flags.toggle("deletion-protection", "Protect the new index from deletion"),
  wait: Flags.wait,
  timeout: Flags.timeout,
  yes: Flags.yes,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate((input) =>
    Target.check("backup", input.target).pipe(
      Effect.andThen(Flags.checkTags(input.tags)),
      Effect.andThen(Flags.checkTimeout(input))
    )
  ),
  Documentation.of("Start restoring a backup into a new index", {
    "pcb restore start docs@latest --name docs-restored --wait":
      "Restore the newest good backup of docs, and wait until the index is ready",
    "pcb restore start docs@2026-11-20 --name docs-old --dry-run": "Preview which backup would be restored"
  })
)

const wait = Command.make("wait", { target: Target.several("job", selectors), timeout: Flags.timeout }).pipe(
  Command.validate(({ target }) => Target.check("job", target)),
  Documentation.of("Wait until restored indexes are ready (exit code 0 only if all are)", {
    "pcb restore wait docs-restored": "Resume an interrupted wait",
    "pcb restore wait 9857add2 --timeout 2h -o ndjson": "Wait, printing a JSON object for each change"
  })
)

const list = Command.make("list", { active: Flags.toggle("active", "Only show running restore jobs") }).pipe(
  Command.withAlias("ls"),
  Documentation.of("List restore jobs, newest first (jobs of deleted indexes are not listed)", {
    "pcb restore list --active": "List running restores",
    "pcb restore wait $(pcb restore list --active -o id)": "Wait for all running restores",
    "pcb restore list -o ndjson": "Print one JSON object per line, in the order received"
  })
)

const describe = Command.make("describe", { target: Target.one("job", selectors) }).pipe(
  Command.validate(({ target }) => Target.check("job", target)),
  Command.withAlias("show"),
  Documentation.of("Describe a restore job", {
    "pcb restore describe docs-restored": "Show the progress of a restore",
    "pcb restore describe 9857add2-99d4-4399-870e-aa7f15d8d326 -o json | jq -r .status":
      "Print only the status of a restore job"
  })
)

const run = Handler.connected(() => import("./handler.ts"), "restore")

/** `pcb restore` */
export const command = Command.make("restore").pipe(
  Command.withDescription("Restore indexes from backups"),
  Command.withSubcommands([
    run(start, (_) => _.start),
    run(list, (_) => _.list, () => true),
    run(describe, (_) => _.describe),
    run(wait, (_) => _.wait)
  ])
)
