/** `pcb drill` */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Listen from "../../input/Listen.ts"
import * as Target from "../../input/Target.ts"

const invalid = (message: string) => Effect.fail(new CliError.ValidationError({ message }))

// ============================================================================
// Flags
// ============================================================================

/** `latest`, or `random:30d`. */
const pick = Flag.String("pick").pipe(
  Flag.withMetavar("<latest|random:duration>"),
  Flag.filterMap(
    (text) => {
      const [, span] = /^random:(.+)$/.exec(text) ?? []
      return text === "latest"
        ? Option.some(undefined)
        : Option.flatMap(Option.fromUndefinedOr(span), Flags.durationOf)
    },
    () => "Expected latest, or random:30d"
  ),
  Flags.optional("Backup to restore: the newest good backup, or a random good backup of this period [latest]")
)

const unitBytes: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** `50GB`, or `none`. */
const maxSize = Flag.String("max-size").pipe(
  Flag.withMetavar("<size|none>"),
  Flag.filterMap(
    (text): Option.Option<number | null> => {
      const [, digits, unit = ""] = /^(\d{1,6})(kB|MB|GB|TB)$/.exec(text) ?? []
      return text === "none" ? Option.some(null) : Option.map(
        Option.fromUndefinedOr(unitBytes[unit]),
        (bytes) => Number(digits) * bytes
      )
    },
    () => "Expected a size such as 500MB or 50GB, or none"
  ),
  Flags.optional("Maximum backup size, because restored copies are billed [10GiB]")
)

/** A number of indexes, or `none`. */
const indexQuota = Flag.String("index-quota").pipe(
  Flag.withMetavar("<count|none>"),
  Flag.filterMap(
    (text): Option.Option<number | null> =>
      text === "none"
        ? Option.some(null)
        : /^[1-9]\d{0,5}$/.test(text)
        ? Option.some(Number(text))
        : Option.none(),
    () => "Expected a number of indexes, or none"
  ),
  Flags.optional("Index quota of the project; a drill that would exceed it is refused [20]")
)

const tolerance = Flag.String("tolerance").pipe(
  Flag.withMetavar("<share>"),
  Flag.filterMap(
    (text) => {
      const [, digits, percent] = /^(\d{1,2}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? []
      const share = Number(digits) / (percent === "%" ? 100 : 1)
      return share < 1 ? Option.some(share) : Option.none()
    },
    () => "Expected a share such as 1% or 0.01"
  ),
  Flags.optional("Tolerated difference between the record counts of the backup and the copy [0]")
)

const recountAfter = Flags.durationOrZero("recount-after").pipe(
  Flags.optional("Delay before the copy is counted again, in real time even on a fast emulator; 0 counts once [5m]")
)

/** Flags for choosing backups and verifying copies. */
const settings = {
  pick,
  verify: Flag.Literals("verify", ["count", "sample"]).pipe(
    Flags.optional("Count records and namespaces, or also read a sample of records [sample]")
  ),
  sample: Flag.Int("sample").pipe(
    Flag.filter((count) => count >= 1 && count <= 200, (count) => `Expected 1 to 200, got ${count}`),
    Flags.optional("Number of records to read [20]")
  ),
  tolerance,
  grace: Flags.durationOrZero("grace").pipe(
    Flags.optional("Period after the restore within which the counts must match, because counts lag [10m]")
  ),
  recountAfter,
  timeout: Flags.duration("timeout").pipe(
    Flags.optional("Time limit for each drill, from its start to the end of the verification [6h]")
  ),
  maxSize,
  indexQuota,
  concurrency: Flag.Int("concurrency").pipe(
    Flag.filter((count) => count >= 1 && count <= 100, (count) => `Expected 1 to 100, got ${count}`),
    Flags.optional("Maximum number of concurrent drills, each with its own temporary index [1]")
  ),
  probe: Flags.toggle(
    "probe",
    "Also run the command after --, without a shell; it passes by exiting with 0"
  )
}

/** Arguments and flags that select indexes. */
const selection = {
  target: Target.several("index", "Name of the index"),
  all: Flags.toggle("all", "Every index of the project"),
  due: Flags.toggle(
    "due",
    "Indexes without a successful drill within the drillWithin of the policy or, without a policy, 30d"
  ),
  within: Flags.duration("within").pipe(Flags.optional("Period for --due, for every index [from the policy]")),
  policy: Flag.String("policy").pipe(
    Flag.withMetavar("<file>"),
    Flags.optional("Policy for --due, in YAML or JSON [the file that pcb audit uses]")
  )
}

interface Selected {
  readonly target: Target.Several
  readonly all: boolean
  readonly due: boolean
  readonly within: Option.Option<unknown>
  readonly policy: Option.Option<string>
  readonly verify: Option.Option<"count" | "sample">
  readonly sample: Option.Option<number>
}

const check = Effect.fnUntraced(function*(input: Selected, isRequired: boolean) {
  const { all, due, policy, sample, target, verify, within } = input
  const given = [Target.all(target).length > 0, all, due].filter((isGiven) => isGiven).length
  if (isRequired && given === 0) {
    return yield* invalid("Expected index names, --all or --due")
  }
  if (given > 1) return yield* invalid("Expected only one of: index names, --all, --due")
  if (Option.isSome(within) && !due && isRequired) return yield* invalid("--within requires --due")
  if (Option.isSome(policy) && (Option.isSome(within) || all || Target.all(target).length > 0)) {
    return yield* invalid(
      "--policy sets the periods for --due and cannot be combined with --within, --all or index names"
    )
  }
  if (Option.isSome(sample) && Option.contains(verify, "count")) {
    return yield* invalid("--sample cannot be combined with --verify count, which reads no records")
  }
})

// ============================================================================
// Commands
// ============================================================================

const run = Command.make("run", {
  ...selection,
  ...settings,
  detach: Flags.toggle("detach", "Return immediately (requires another process that runs the drills)"),
  dryRun: Flags.dryRun
}).pipe(
  Command.validate((input) => check(input, true)),
  Command.withShortDescription("Test that backups can be restored"),
  Documentation.of(
    "Restore backups into temporary indexes, verify the copies, and remove them. Exit codes: 0 all successful, 5 failed, 9 unverified, 124 timed out",
    {
      "pcb drill run docs": "Restore the newest good backup of docs, verify the copy, and remove it",
      "pcb drill run --due --within 30d": "Drill every index without a successful drill in the last 30 days",
      "pcb drill run docs --pick random:30d --sample 100":
        "Restore a random backup of the last 30 days and read 100 records",
      "pcb drill run docs --probe -- ./queries.sh": "Also run your own check on the copy",
      "pcb drill run --all --dry-run": "Print which backups would be restored"
    }
  )
)

const list = Command.make("list", {
  index: Target.indexFlag.pipe(Flags.optional("Only show drills of this index")),
  limit: Flags.limit.pipe(Flags.optional(`Maximum number of rows [${Flags.rowsInTable} in a table, else all]`))
}).pipe(
  Command.withAlias("ls"),
  Documentation.of("List drills, newest first", {
    "pcb drill list": "List all drills and their outcomes",
    "pcb drill list --index docs -o json": "Print the reports of one index as JSON"
  })
)

const selector = "Drill ID or ID prefix, or an index name for the last drill of the index"

const show = Command.make("show", { target: Target.one("drill", `${selector} [the last drill of the store]`) }).pipe(
  Command.validate(({ target }) => Target.all(target).length === 0 ? Effect.void : Target.check("drill", target)),
  Command.withAlias("describe"),
  Documentation.of("Show the report of a drill", {
    "pcb drill show": "Show the drill that started last",
    "pcb drill show docs": "Show the last drill of an index",
    "pcb drill show docs -o json | jq .report.checks": "Print the result of every check"
  })
)

const cancel = Command.make("cancel", { target: Target.several("drill", selector) }).pipe(
  Command.validate(({ target }) => Target.check("drill", target)),
  Documentation.of("Cancel drills and wait until their temporary indexes are removed", {
    "pcb drill cancel docs": "Cancel the running drill of an index"
  })
)

const clean = Command.make("clean", {
  unknown: Flags.toggle(
    "include-unknown",
    "Also delete indexes of drills that are not in this store, regardless of age"
  ),
  yes: Flags.yes,
  dryRun: Flags.dryRun
}).pipe(
  Documentation.of("Delete temporary indexes that drills left behind", {
    "pcb drill clean --dry-run": "List the indexes to delete, and those to keep",
    "pcb drill clean --include-unknown": "Clean up after losing the store, while no drill is running"
  })
)

const serve = Command.make("serve", {
  ...selection,
  ...settings,
  cron: Flag.String("cron").pipe(
    Flag.withMetavar("<expression>"),
    Flags.optional("Also start drills on this schedule, in UTC: minute, hour, day, month, weekday")
  ),
  listen: Listen.address(
    7433,
    "Address at which runners on other machines reach this runner (requires a Postgres store)"
  )
}).pipe(
  Command.validate((input) =>
    Effect.andThen(
      check(input, false),
      Option.isSome(input.listen) && input.listen.value.port === 0
        ? invalid("--listen requires a port other than 0, because other machines connect to it")
        : Effect.void
    )
  ),
  Documentation.of("Run drills until interrupted, and optionally start them on a schedule", {
    "pcb drill serve --cron \"0 3 * * *\"": "Every night, drill the indexes without a successful drill in 30 days",
    "pcb drill serve --cron \"0 3 * * 0\" --all": "Every Sunday, drill every index",
    "PCB_STORE=postgres://db/drills pcb drill serve --listen 10.0.0.5:7433": "Start a runner on one of several machines"
  })
)

/** Commands that only read the store. */
const read = Handler.from(() => import("./read-handler.ts"), "drill")

/** `pcb drill` */
export const command = Command.make("drill").pipe(
  Command.withDescription("Run restore drills, which prove that backups can be restored"),
  Command.withSubcommands([
    Handler.connected(() => import("./run-handler.ts"), "drill")(run, (_) => _.run),
    read(list, (_) => _.list, () => true),
    read(show, (_) => _.show),
    Handler.connected(() => import("./cancel-handler.ts"), "drill")(cancel, (_) => _.cancel),
    Handler.connected(() => import("./clean-handler.ts"), "drill")(clean, (_) => _.clean),
    Handler.connected(() => import("./serve-handler.ts"), "drill")(serve, (_) => _.serve)
  ])
)
