/** `pcb recover` */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"

const invalid = (message: string) => Effect.fail(new CliError.ValidationError({ message }))

const recover = Command.make("recover", {
  target: Target.one("index", "Name of the index, which may have been deleted"),
  at: Flags.text("at", "<time>").pipe(
    Flag.filterMap(Flags.untilOf, () => "Expected a date such as 2026-11-20, or a time such as 2026-11-20T18:00:00Z"),
    Flags.optional("Use the newest good backup taken by the end of this day, or by this time [now]")
  ),
  backup: Flags.text("backup", "<backup>").pipe(
    Flags.optional("Backup ID, ID prefix or name [the newest good backup]")
  ),
  to: Flags.newIndex("to").pipe(
    Flags.optional("Restore next to the index, into a side copy with this name [with --replace: INDEX-from-BACKUP]")
  ),
  // `--json` takes its value in the same way.
  replace: Flag.String("replace").pipe(
    Flag.withOptionalValue(""),
    Flag.withMetavar("<index>"),
    Flags.optional("Replace the existing index, after its side copy is verified; --replace=INDEX also confirms it")
  ),
  indexId: Flags.text("index-id", "<id>").pipe(
    Flags.optional("ID of the index whose backups are used, if several indexes had the name [the last one]")
  ),
  every: Flags.every.pipe(Flags.optional("Frequency of the schedule [as before]")),
  keep: Flags.keep.pipe(Flags.optional("Retention of the schedule in days [as before]")),
  scheduleName: Flags.text("schedule-name", "<name>").pipe(Flags.optional("Name of the schedule [as before]")),
  noSchedule: Flags.toggle("no-schedule", "Create no schedule"),
  protect: Flag.Boolean("protect").pipe(
    Flags.optional("Protect the recovered index from deletion, or not [as before; if unknown, protected]")
  ),
  policy: Flags.text("policy", "<file>").pipe(
    Flags.optional("Policy with the schedule and settings of the index [the file that pcb audit uses]")
  ),
  verify: Flag.Literals("verify", ["count", "sample", "none"]).pipe(
    Flags.optional(
      "Count records and namespaces, also read 20 records, or do not verify; an index with a typed schema can only be counted [sample]"
    )
  ),
  recountAfter: Flags.durationOrZero("recount-after").pipe(
    Flags.optional("Delay before an index under its old name is counted again [3m]")
  ),
  noBackup: Flags.toggle("no-backup", "With --replace, do not back up the index before deleting it"),
  timeout: Flags.timeout,
  yes: Flags.yes,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(Effect.fnUntraced(function*(input) {
    const { every, keep, noBackup, noSchedule, replace, scheduleName, target, verify } = input
    yield* Target.check("index", target)
    if (Target.of(target) === "") return yield* invalid("Expected the name of an index, got an empty string")
    const name = Option.getOrElse(replace, () => "")
    if (name !== "" && name !== Target.of(target)) {
      return yield* invalid(`--replace=${name} does not confirm the replacement of ${Target.of(target)}`)
    }
    if (noSchedule && [every, keep, scheduleName].some((flag) => Option.isSome<unknown>(flag))) {
      return yield* invalid("--no-schedule cannot be combined with --every, --keep or --schedule-name")
    }
    if (noBackup && Option.isNone(replace)) return yield* invalid("--no-backup requires --replace")
    if (Option.isSome(replace) && Option.contains(verify, "none")) {
      return yield* invalid("--replace requires a verification, because it deletes the index")
    }
  })),
  Command.withShortDescription("Bring back an index that was deleted or damaged"),
  Documentation.of(
    "Bring back an index that was deleted or damaged, and verify it. The same command continues after an interruption",
    {
      "pcb recover docs": "Restore a deleted index under its name, with its schedule and settings",
      "pcb recover docs --dry-run": "Preview the backup, the settings and every request",
      "pcb recover docs --at 2026-11-20 --to docs-before": "Restore the state of a day next to the index",
      "pcb recover docs --at 2026-11-20 --replace": "Replace a damaged index, once its side copy is verified"
    }
  )
)

/** `pcb recover` */
export const command = Handler.connected(() => import("./handler.ts"))(recover, (_) => _.run)
